"""Letters to operators of bridges and swappers: by what they are asked for the other side that is not followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import GOLD, THERE, World, cross, pay
from tests.core.test_crossings import SAME, over, world
from tests.core.test_letters import SENDER
from tests.core.test_statements import SWEEPS, Tool, export, labels, tx, who

from recover.case import open_for_reading, open_for_writing
from recover.declared import losses
from recover.findings import view
from recover.letters import acts, profile
from recover.letters.life import Choice
from recover.plugins import registry
from recover.report import operators
from recover.sdk import Error, Transaction

AUTHORITY = {"role": "authority", "basis": "none-disclosure", "offence": "Fraud, s. 1"}
OPEN = cross("tout", "athief", (GOLD, 100), "", "afar", (THERE, 0), expected="98")


@pytest.fixture(autouse=True)
def sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "recover.toml").write_text(SENDER)
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))


def draft(found: World, to: str = "toy", kind: str = "disclose", **asked: Any) -> Choice:
    with open_for_writing(found.path, "test") as case:
        return acts.draft(case, found.plugins, profile.load(), kind, to, {**AUTHORITY, **asked})


def paper(found: World, name: str) -> str:
    return (found.path / "out" / name).read_text("utf-8")


def test_the_operator_is_asked_by_key_contract_amount_time_and_what_the_deposit_says(tmp_path: Path) -> None:
    (out, *more) = over()
    assert isinstance(out, Transaction)
    out = replace(out, legs=tuple(replace(leg, memo="order 7") for leg in out.legs))
    found = world(tmp_path, out, *more, said=[OPEN])
    command = "‘recover letter draft CASE --kind disclose --to toy’"
    found.run("write")
    assert command in paper(found, "report.md")
    concluded = "60 GOLD of traced value went into the bridge toy, and is not followed to its other side."
    assert concluded in paper(found, "report.md")
    choice = draft(found)
    assert (choice.id, choice.service, choice.addressee) == ("toy-disclose", "toy", "bridge")
    found.run("write")
    text = paper(found, "letters/toy-disclose-v1.txt")
    listed = (
        "tout; athief; → abridge; toy; id or key 0x746f7574; memo order 7; 2026-01-01T00:03:00Z block 3 | "
        "100 GOLD; 100 | 60 GOLD; 60 | Far (bank:2); afar; promised there: 98 GILT | 1"
    )
    assert listed in text
    assert "Please disclose the records listed below for 1 payment into toy, and state the other side" in text
    for asked in ("transaction that paid out or paid back", "its chain, address, asset, amount", "account data"):
        assert asked in text
    assert "tout" in paper(found, "letters/toy-disclose-v1.csv")
    # What is drafted is named as a file, and no longer as something to draft.
    assert "‘letters/toy-disclose-v1.pdf’" in paper(found, "report.md")
    assert command not in paper(found, "report.md")


def test_what_may_be_the_other_side_is_named_on_page_1_and_in_the_letter(tmp_path: Path) -> None:
    found = world(tmp_path, *over(), said=[cross("tout", "athief", *SAME, refused="recipient")])
    found.run("write")
    assert "none of them followed: tin." in paper(found, "report.md")
    choice = draft(found)
    found.run("write")
    assert "possibly, and not established: tin" in paper(found, f"letters/{choice.id}-v1.txt")
    alone = world(tmp_path / "alone", *over(), said=[OPEN])
    choice = draft(alone)
    alone.run("write")
    assert "none of them followed" not in paper(alone, "report.md")
    assert "possibly, and not" not in paper(alone, f"letters/{choice.id}-v1.txt")


def test_it_is_written_in_thai(tmp_path: Path) -> None:
    found = world(tmp_path, *over(), said=[OPEN])
    draft(found, language="th")
    found.run("write")
    text = paper(found, "letters/toy-disclose-v1.txt")
    assert "การจ่ายที่ขอทราบอีกด้านหนึ่ง" in text
    assert "รหัสหรือกุญแจ 0x746f7574" in text
    assert "อีกด้านหนึ่งของการจ่ายแต่ละรายการที่ระบุ" in text


def test_one_partys_letter_names_its_own_part_alone(tmp_path: Path) -> None:
    records = [
        pay("tother", ("avictim2", "athief", 40, GOLD), minute=2),
        pay("tout", ("athief", "abridge", 140, GOLD), minute=3),
    ]
    found = world(tmp_path, *records, said=[replace(OPEN, params=OPEN.params.replace('"100"', '"140"'))])
    with open_for_writing(found.path, "test") as case:
        losses.declare(case, found.plugins, tx="bank:1:tother", amount=40, assets=(GOLD.id,))
    found.run()
    choice = draft(found, losses=("L2",))
    found.run("write")
    text = paper(found, f"letters/{choice.id}-v1.txt")
    assert "140 GOLD; 140 | 40 GOLD; 40 |" in text
    assert "ttheft" not in text


def test_what_is_followed_is_asked_of_nobody(tmp_path: Path) -> None:
    followed = cross("tout", "athief", *SAME, fee="1")
    found = world(tmp_path, *over(), said=[followed])
    assert not operators.opened(view.load(found.case(), found.plugins))
    with pytest.raises(Error):
        draft(found)
    found.run("write")
    assert "--kind disclose" not in paper(found, "report.md")


def test_a_letter_that_asks_for_no_other_side_does_not_go_to_a_bridge(tmp_path: Path) -> None:
    found = world(tmp_path, *over(), said=[OPEN])
    with pytest.raises(Error, match="No traced value of this case is at stake at toy"):
        draft(found, kind="preserve", basis="none-voluntary")


@pytest.mark.parametrize(("protocol", "service"), [("cctp-v2", "circle-cctp"), ("thorchain", "thorchain")])
def test_the_register_says_who_operates_a_protocol(tmp_path: Path, protocol: str, service: str) -> None:
    said = replace(OPEN, params=OPEN.params.replace('"toy"', f'"{protocol}"'))
    found = world(tmp_path, *over(), said=[said])
    assert [*operators.opened(view.load(found.case(), found.plugins))] == [service]
    # By the protocol, and by the entry of the register.
    assert draft(found, to=protocol).id == draft(found, to=service).id == f"{service}-disclose"
    found.run("write")
    assert "tout; athief" in paper(found, f"letters/{service}-disclose-v1.txt")


def test_a_swapper_is_asked_by_the_deposit_and_named_among_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = Tool(tmp_path, capsys)
    swapper = ("hot", "FixedFloat", "hot-wallet", "exchange")
    tool.open(export([*SWEEPS, ("victim", "dep", 50)], ["dep"]), labels(swapper))
    tool("loss", "--tx", tx(5), "--asset", "USDT")
    tool("run")
    report = (tool.case / "out/report.md").read_text("utf-8")
    assert "‘recover letter draft CASE --kind disclose --to fixedfloat’" in report
    assert "FixedFloat is an instant swapper by the register" in report
    with open_for_writing(tool.case, "test") as case:
        choice = acts.draft(case, registry.load(), profile.load(), "disclose", "fixedfloat", AUTHORITY)
    assert choice.addressee == "swapper"
    tool("run")
    text = (tool.case / f"out/letters/{choice.id}-v1.txt").read_text("utf-8")
    for said in (who("dep"), tx(5), "50.000000 USDT", "transaction that paid out or paid back", "The swap: pair"):
        assert said in text, said
    seen = view.load(open_for_reading(tool.case), registry.load())
    assert [*operators.swappers(seen)] == ["FixedFloat"]
    assert not operators.opened(seen)
