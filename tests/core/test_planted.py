"""Mistakes planted in a small correct member: which of them the conformance kit finds.

The mistakes were stated before the kit was written, without a look at it; each is an edit of `planted/ledgers.py`.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from recover.sdk import Address, History
from recover.testing import Cassette, Exchange, SourceKit, exhibit

HERE = Path(__file__).parent / "planted"
BUGS = tomllib.loads((HERE / "bugs.toml").read_text("utf-8"))
CORRECT = (HERE / "ledgers.py").read_text("utf-8")


def module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


answers = module("planted_answers", HERE / "answers.py")


def spoiled(bug: dict[str, Any], folder: Path) -> ModuleType:
    """The member with one mistake."""
    text = CORRECT
    for old, new in bug["edits"]:
        assert text.count(old) == 1, f"{bug['id']}: {old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    name = "planted_" + bug["id"].replace("-", "_")
    path = folder / f"{name}.py"
    path.write_text(text, "utf-8")
    return module(name, path)


def accounts() -> dict[str, Any]:
    """What the author of the account source gives to the kit."""
    who = answers.ANN
    pages = tuple(
        Exchange(request=answers.asked(who, cursor=cursor), answer=data)
        for cursor, data in (("start", answers.FIRST), ("c2", answers.SECOND))
    )
    return {
        "examples": (
            exhibit("first.json", answers.FIRST, asked=answers.asked(who)),
            exhibit("second.json", answers.SECOND, asked=answers.asked(who, cursor="c2")),
            exhibit("side.json", answers.SIDE),
            exhibit("empty.json", answers.EMPTY, asked=answers.asked(answers.SHOP)),
        ),
        "recorded": ((History(address=Address(chain="plant:main", text=who)), Cassette(exchanges=pages)),),
    }


def coins() -> dict[str, Any]:
    """What the author of the coin source gives to the kit."""
    return {"examples": (exhibit("block.json", answers.BLOCK),)}


def kit(made: ModuleType, source: str) -> Any:
    given = {"Accounts": accounts, "Coins": coins}[source]()
    given |= {"__module__": __name__, "source": getattr(made, source)()}
    return type("TestSpoiled", (SourceKit,), given)()


def failures(subject: Any) -> Iterator[tuple[str, str]]:
    """(test, what it said) of each test of the kit that the subject fails."""
    for name in sorted(n for n in dir(subject) if n.startswith("test_")):
        try:
            getattr(subject, name)()
        except Exception as error:
            yield name, str(error)


@pytest.mark.parametrize("source", ["Accounts", "Coins"])
def test_the_correct_member_passes(source: str) -> None:
    assert list(failures(kit(module("planted_ledgers", HERE / "ledgers.py"), source))) == []


@pytest.mark.parametrize("bug", [*BUGS["bug"], *BUGS["extra"]], ids=lambda bug: bug["id"])
def test_a_mistake_is_found(bug: dict[str, Any], tmp_path: Path) -> None:
    found = list(failures(kit(spoiled(bug, tmp_path), bug["source"])))
    assert bool(found) == (bug["id"] not in BUGS["unseen"]), f"{bug['what']} Found by: {found}"


def test_of_the_26_so_many_are_found() -> None:
    assert len(BUGS["bug"]) == 26
    assert len([bug for bug in BUGS["bug"] if bug["id"] not in BUGS["unseen"]]) == 2
