"""The way before the coin is recorded: bank and platform are addressees; accounts stand in a schedule alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.core.test_statements import USDT, tool, tx
from tests.core.test_victims import Desk, desk

from recover.cli import main as program

__all__ = ["desk", "tool"]

HEAD = "name,country,tx,asset,amount,bank,bank_kind,bank_time"
HEAD += ",bank_account,bank_beneficiary,bank_amount,bank_reference"
NAME = "Somsri Tuayangying"
SEALED = ("Tuayangying", "99-8-77665-5", "Boonmee Numma", "REF 778899", "412,000.00")


def rows(*cells: tuple[int, str]) -> str:
    return "".join(
        f"{NAME},TH,{tx(n) if n else ''},{USDT if n else ''},{'20' if n else ''},{rest}\n" for n, rest in cells
    )


@pytest.fixture
def ways(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, str]:
    monkeypatch.setattr("tests.core.test_victims.HEAD", f"{HEAD}\n")
    full = "Kasikornbank,,2022-02-27T20:00:00+07:00,99-8-77665-5,Boonmee Numma 11-2-33333-4,412000 THB,REF 778899"
    seller = "Binance P2P,p2p,2022-02-28T09:00:00+07:00,,trader77,,"
    taken = desk.take(rows((1, full), (1, seller), (2, "Kasikornbank,,,,,,")))
    return desk, taken["new"][0]


def drafted(desk: Desk, *words: str) -> tuple[int, dict[str, Any]]:
    code = program.main(["letter", "draft", str(desk.tool.case), *words, "--json"])
    return code, json.loads(desk.tool.capsys.readouterr().out)


def text(path: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_each_bank_and_platform_is_an_addressee_with_what_to_do_first(ways: tuple[Desk, str]) -> None:
    desk, name = ways
    found = desk.show("ways", name)
    assert [(w["id"], w["bank"], w["kind"], w["when"], w["payment"]) for w in found["ways"]] == [
        (f"{name}.B1", "Kasikornbank", "bank", "2022-02-27 13:00:00", f"{name}.1"),
        (f"{name}.B2", "Binance P2P", "p2p", "2022-02-28 02:00:00", f"{name}.1"),
        (f"{name}.B3", "Kasikornbank", "bank", None, f"{name}.2"),
    ]
    assert found["do_now"][0]["id"] == "bank"
    # Once the bank was told, its clock comes first.
    desk.show("add", "--victim", name, "--set", "bank_alert_time=2022-03-01T09:00:00+07:00", *desk.opens)
    first = desk.show("ways", name)["do_now"][0]
    assert (first["id"], first["due"], first["late"]) == ("police-72h", "2022-03-04 02:00:00", True)


def test_a_letter_to_the_bank_holds_no_account_and_its_schedule_holds_it(
    ways: tuple[Desk, str], tmp_path: Path
) -> None:
    desk, name = ways
    desk.tool("run", "--until", "find")
    code, letter = drafted(
        desk, "--kind", "preserve", "--to", f"{name}.B1", "--as", "counsel", "--language", "en+th"
    )
    assert code == 0, letter
    assert (letter["kind"], letter["to"]) == ("bank", "Kasikornbank")
    files = {Path(file).suffix: desk.tool.case / file for file in letter["files"] if "delivery" not in file}
    said = text(files[".pdf"])
    assert f"under {name}.B1 in the schedule" in said
    assert "2022-02-27" in said
    assert "The schedule goes with this letter" in said
    assert "อยู่ในบัญชีแนบ" in said.replace("\u200b", "")
    sheet = next(desk.tool.case / file for file in letter["files"] if "delivery" in file)
    assert f"recover victim ways CASE {name}" in sheet.read_text()
    assert desk.show("check", *desk.opens) == [], "nothing of the account is in the case"
    made = desk.show("ways", name, "--out", str(tmp_path / "for"), "--language", "en+th", *desk.opens)
    assert len(made["files"]) == 4, "one for each addressee and language"
    shown = text(Path(made["files"][0]))
    assert all(
        one in shown for one in (f"{name}.B1", NAME, "99-8-77665-5", "Boonmee Numma 11-2-33333-4", "REF 778899")
    )
    assert "trader77" not in shown, "of one addressee no other is told"
    assert desk.do("ways", name, "--out", str(desk.tool.case / "out"), *desk.opens)[0] == 2
    assert desk.do("ways", name, "--out", str(tmp_path / "no"))[0] == 2, "locked"
    journal = (desk.tool.case / "journal.jsonl").read_text()
    assert not any(one in journal for one in SEALED)


def test_gates_stand_before_a_letter_to_a_bank(ways: tuple[Desk, str]) -> None:
    desk, name = ways
    desk.tool("run", "--until", "find")
    said = ("--kind", "preserve", "--as", "counsel")
    for to, code in ((f"{name}.B3", "way-undated"), (f"{name}.B9", "no-way"), ("V-222222.B1", "no-way")):
        found, out = drafted(desk, *said, "--to", to)
        assert (found, out["error"]["code"]) == (2, code)
    found, out = drafted(desk, *said, "--to", f"{name}.B1", "--basis", "us.2703f")
    assert (found, out["error"]["code"]) == (2, "letter-refused")
    found, out = drafted(desk, *said, "--to", f"{name}.B2")
    assert (found, out["kind"]) == (0, "bank")
    # The day comes later, and fills the way in.
    more = ("--set", "bank=Kasikornbank", "--set", "bank_time=2022-03-02T01:00:00+07:00")
    desk.show("add", "--victim", name, *more, *desk.opens)
    assert [w["when"] for w in desk.show("ways", name)["ways"]][2] == "2022-03-01 18:00:00"
    found, out = drafted(desk, *said, "--to", f"{name}.B3")
    text_ = next(desk.tool.case / file for file in out["files"] if file.endswith("v1.txt"))
    assert (found, "2022-03-02" in text_.read_text()) == (0, True), (
        "the bank's day, which began there before UTC's"
    )


def test_a_word_that_is_no_kind_of_way_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.core.test_victims.HEAD", f"{HEAD}\n")
    code, out, _ = desk.bare(rows((1, "A,branch,,,,,")))
    assert (code, json.loads(out)["error"]["code"]) == (2, "intake-bank-kind")
