"""Two pseudonyms that could be one person: a named person settles it, claims follow, and it can be taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pypdf import PdfReader
from tests.core.test_statements import USDT, tool
from tests.core.test_victims import ANNA, SOMCHAI, Desk, desk, row

from recover.case import open_for_reading
from recover.cli import main as program
from recover.victims import settled

__all__ = ["desk", "tool"]

LATIN = SOMCHAI.replace("สมชาย ตัวอย่าง", "Somchai Tuayang")
MODES = ("prorata_loss", "prorata_net", "rising_tide", "statutory_priority")


def ask(desk: Desk, *words: str, code: int = 0) -> Any:
    verb, *rest = words
    found = program.main([verb, str(desk.tool.case), *rest, "--json"])
    out, err = desk.tool.capsys.readouterr()
    assert found == code, err
    return json.loads(out)


def settle(desk: Desk, one: str, other: str, word: str, *, code: int = 0) -> Any:
    said = ("--as", word, "--by", "Cpt. B", "--reason", "saw both passports")
    found, out, err = desk.do("settle", one, other, *said)
    assert found == code, err
    return json.loads(out)


def shares(desk: Desk, pool: str = "7000001") -> dict[str, dict[str, tuple[str, ...]]]:
    found = ask(desk, "allocate", "--asset", USDT, "--pool", pool, "--mode", ",".join(MODES))
    keys = ("claimed", "received", "before", "share", "open")
    return {m["mode"]: {s["claimant"]: tuple(s[k] for k in keys) for s in m["shares"]} for m in found["modes"]}


OPEN = "L2: whose is open"

Three: TypeAlias = tuple[Desk, str, str, str]


@pytest.fixture
def three(desk: Desk) -> Three:
    """Anna, and two intakes with one telephone: the second names the payment of the first, and one without id."""
    back = row(SOMCHAI, 2, "20", ",,10,,")
    taken = desk.take(row(ANNA) + back + row(LATIN, 2, "20", ",,10,,") + row(LATIN, None, "5"))
    anna, first, second = taken["new"]
    return desk, anna, first, second


def test_one_person_of_two_intakes_counts_as_one_from_the_start(three: Three) -> None:
    desk, anna, first, second = three
    before = shares(desk)
    assert before["prorata_loss"][OPEN][0] == "20000000", "two claim one payment, and it is counted once"
    assert before["prorata_loss"][second][0] == "5000000"
    assert settle(desk, second, first, "same")["counts_as"] == {first: first, second: first}
    merged = shares(desk)
    assert {*merged["prorata_loss"]} == {anna, first}
    assert merged["prorata_loss"][first][:2] == ("25000000", "10000000"), "one payment, and what came back, once"
    assert [sum(int(s[3]) for s in given.values()) for given in merged.values()] == [7_000_001] * len(MODES)
    # The same as where one intake had named all of it.
    kept = {mode: {name: s for name, s in given.items() if name != second} for mode, given in merged.items()}
    settle(desk, first, second, "open")
    assert shares(desk) == before, "taken back, every figure is as before, to the unit"
    settle(desk, first, second, "same")
    assert shares(desk) == kept


def test_a_settlement_is_said_wherever_the_person_is_listed(three: Three, tmp_path: Path) -> None:
    desk, _, first, second = three
    recorded = ("--record", "interim", "--authority", "Order 1", "--by", "N")
    one = ("allocate", "--asset", USDT, "--pool", "7.0", "--mode", "prorata_net")
    settle(desk, first, second, "same")
    rows = {r["id"]: r for r in desk.show("list")}
    assert (rows[second]["person"], rows[second]["claimed"], rows[second]["open"]) == (
        first,
        {},
        [f"counted as {first}"],
    )
    assert (rows[first]["claimed"], rows[first]["also"]) == ({USDT: "25000000"}, [second])
    assert rows[first]["alike"] == []
    assert rows[first]["settled"][0]["by"] == "Cpt. B"
    made = ask(desk, *one, "--out", str(tmp_path / "s"), *recorded)
    assert (made["alike"], made["settled"][0]["reason"]) == ([], "saw both passports")
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "s" / "allocation.pdf").pages)
    assert (
        f"{first} and {second} are one person" in " ".join(text.split()) or f"{second} and {first} are one person"
    )
    # What an order paid to either name is the person's.
    settle(desk, first, second, "open")
    assert shares(desk)["prorata_net"][OPEN][2] != "0"
    code, _, err = desk.do("notice", second, "--out", str(tmp_path / "n"))
    assert code == 0, err
    settle(desk, second, first, "same")
    code, out, _ = desk.do("notice", second, "--out", str(tmp_path / "n"))
    assert (code, first in out) == (2, True)
    extract = ask(desk, *one, "--only", second)
    assert [s["claimant"] for s in extract["modes"][0]["shares"]] == [first, "all other claimants"]


def test_two_persons_with_one_telephone_are_asked_no_more(three: Three) -> None:
    desk, _, first, second = three
    before = shares(desk)
    settle(desk, first, second, "different")
    assert shares(desk) == before
    assert [r["alike"] for r in desk.show("list")] == [[], [], []]
    desk.take(row(LATIN, None, "6"))
    assert [r["alike"] for r in desk.show("list")] == [[], [], []], "also when they come again"


def test_settlements_do_not_contradict_each_other(three: Three) -> None:
    desk, anna, first, second = three
    settle(desk, first, second, "same")
    assert settle(desk, second, first, "different", code=2)["error"]["code"] == "settle-twice"
    settle(desk, anna, second, "different")
    assert settle(desk, anna, first, "same", code=2)["error"]["code"] == "settle-against"
    assert settle(desk, anna, anna, "same", code=2)["error"]["code"] == "settle-incomplete"
    assert settle(desk, anna, "V-222222", "same", code=2)["error"]["code"] == "no-victim"
    assert settle(desk, anna, first, "open", code=2)["error"]["code"] == "settle-none"
    assert settle(desk, anna, first, "perhaps", code=2)["error"]["code"] == "settle-word"
    assert settled.standing(open_for_reading(desk.tool.case)) == {anna: anna, first: first, second: first}


def test_nothing_is_recorded_as_paid_while_two_claimants_may_be_one(desk: Desk) -> None:
    first, second = desk.take(row(SOMCHAI) + row(LATIN, 2, "30"))["new"]
    order = ("--record", "interim", "--authority", "Order 1", "--by", "N")
    one = ("allocate", "--asset", USDT, "--pool", "7.0", "--mode", "prorata_net", *order)
    assert ask(desk, *one, code=2)["error"]["code"] == "distribution-alike"
    settle(desk, first, second, "different")
    assert ask(desk, *one)["recorded"] == "D1"
