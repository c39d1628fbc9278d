"""Mistakes planted in a small correct member: which of them the conformance kit finds.

The mistakes were stated before the kit was written, without a look at it; each is an edit of `planted/ledgers.py`.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from recover.sdk import Address, Error, History
from recover.testing import Cassette, Exchange, Expected, SourceKit, Stated, exhibit

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
    a, coin = answers, "plant:main/slip44:7"
    dollar, gem = (f"plant:main/token:{token}" for token in (a.DOLLAR, a.GEM))
    pages = tuple(
        Exchange(request=a.asked(a.ANN, cursor=cursor), answer=data)
        for cursor, data in (("start", a.FIRST), ("c2", a.SECOND))
    )
    first = exhibit("first.json", a.FIRST, asked=a.asked(a.ANN))
    second = exhibit("second.json", a.SECOND, asked=a.asked(a.ANN, cursor="c2"))
    side = exhibit("side.json", a.SIDE)
    paid = Stated(
        id=a.T[1],
        nets={(a.BOB, coin): -9007199254741113, (a.ANN, coin): 9007199254740993, (None, coin): 120},
        time=datetime(2022, 6, 21, 2, 28, 55, tzinfo=UTC),
        height=1201,
        index=4,
        failed=False,
    )
    spread = Stated(
        id=a.T[2],
        nets={
            (a.ANN, coin): -207,
            (a.EVE, coin): 77,
            (None, coin): 130,
            (a.ANN, dollar): -5_000_001,
            (a.BOB, dollar): 3_000_000,
            (a.EVE, dollar): 2_000_001,
            (a.ANN, gem): -250_000_000_000_000_001,
            (a.DAN, gem): 250_000_000_000_000_001,
        },
        accounts={(a.DAN, gem): a.name("DanBox"), (a.ANN, dollar): a.name("AnnBox")},
        height=1202,
    )
    reverted = Stated(id=a.T[3], nets={(a.ANN, coin): -140, (None, coin): 140}, failed=True)
    tagged = Stated(
        id=a.T[4],
        nets={(a.ANN, coin): -750, (a.SHOP, coin): 600, (None, coin): 150},
        memos={a.SHOP: "7731"},
        time=datetime(2022, 6, 21, 2, 29, 25, tzinfo=UTC),
    )
    own = "plant:side/slip44:7"
    other = Stated(id=a.T[6], nets={(a.DAN, own): -1000011, (a.EVE, own): 1000000, (None, own): 11})
    by_hand = "Added up by hand from the fields of the answer."
    return {
        "examples": (first, second, side),
        "expected": (
            Expected(example=first, taken=by_hand, transactions=(paid, spread), decimals={dollar: 6, gem: 18}),
            Expected(example=second, taken=by_hand, transactions=(reverted, tagged)),
            Expected(example=side, taken=by_hand, transactions=(other,)),
        ),
        "recorded": ((History(address=Address(chain="plant:main", text=a.ANN)), Cassette(exchanges=pages)),),
        "empty": (exhibit("empty.json", a.EMPTY, asked=a.asked(a.SHOP)),),
        "refused": (exhibit("refused.json", a.REFUSED, asked=a.asked(a.SHOP)),),
    }


def coins() -> dict[str, Any]:
    """What the author of the coin source gives to the kit."""
    a, coin = answers, "plant:coin/slip44:7"
    block = exhibit("block.json", a.BLOCK)
    spread = Stated(
        id=a.T[8],
        nets={(a.ANN, coin): -1000, (a.BOB, coin): 600, (a.DAN, coin): 390},
        outputs=((a.BOB, 600), (None, 0), (a.DAN, 390)),
        fee=10,
        index=0,
        height=77,
        time=datetime(2022, 6, 21, 2, 28, 55, tzinfo=UTC),
    )
    change = Stated(id=a.T[9], nets={(a.BOB, coin): -105, (a.EVE, coin): 100}, fee=5, index=1)
    taken = "Added up by hand from the fields of the answer."
    return {
        "examples": (block,),
        "expected": (Expected(example=block, taken=taken, transactions=(spread, change)),),
    }


def kit(made: ModuleType, source: str, *, pasted: bool = False) -> Any:
    given = {"Accounts": accounts, "Coins": coins}[source]()
    if pasted:
        given["expected"] = tuple(_pasted(each) for each in given["expected"])
    given |= {"__module__": __name__, "source": getattr(made, source)(), "chains": made.CHAINS}
    return type("TestSpoiled", (SourceKit,), given)()


def _pasted(each: Expected) -> Expected:
    """An expectation of somebody who wrote down what the spoiled decoder gave."""
    told = tuple(replace(one, nets={party: -net for party, net in one.nets.items()}) for one in each.transactions)
    return replace(each, transactions=told)


def failures(subject: Any) -> Iterator[tuple[str, str]]:
    """(test, what it said) of each test of the kit that the subject fails."""
    # The slowest last: it starts two processes, and most mistakes are found without.
    for name in sorted((n for n in dir(subject) if n.startswith("test_")), key=lambda n: ("fresh" in n, n)):
        try:
            getattr(subject, name)()
        except Exception as error:
            yield name, str(error)


@pytest.mark.parametrize("source", ["Accounts", "Coins"])
def test_the_correct_member_passes(source: str) -> None:
    assert list(failures(kit(module("planted_ledgers", HERE / "ledgers.py"), source))) == []


@pytest.mark.parametrize("bug", [*BUGS["bug"], *BUGS["extra"]], ids=lambda bug: bug["id"])
def test_a_mistake_is_found(bug: dict[str, Any], tmp_path: Path) -> None:
    subject = kit(spoiled(bug, tmp_path), bug["source"], pasted=bug.get("pasted", False))
    if bug["id"] in BUGS["unseen"]:
        assert list(failures(subject)) == [], "it is found now: take it out of `unseen`"
    else:
        with pytest.raises((AssertionError, Error)):
            getattr(subject, bug["by"])()


def test_of_the_26_so_many_are_found() -> None:
    assert len(BUGS["bug"]) == 26
    assert len([bug for bug in BUGS["bug"] if bug["id"] not in BUGS["unseen"]]) == 26
