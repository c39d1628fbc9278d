"""Sentences that an expert of the other side found false in small cases: each whole kind, both ways."""

from __future__ import annotations

import csv
import json
import re

import pytest
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, OTHER, USDT, Tool, export, labels, tool, tx, who

from recover.sealing import recover_verify as outside

__all__ = ["tool"]

KRAKEN = ("two", "Kraken", "hot-wallet", "exchange")
DEPOSIT = ("dep", "Kraken", "deposit", "exchange")
HELD = [("victim", "own", 100), ("own", "dep", 20), *(("own", f"d{n}", 12) for n in range(2, 7))]
HELD += [("own", "pay", 10), ("pay", "two", 10), ("z", "dep", 5), ("dep", "two", 8), ("own", "hot", 2)]
KNOWN = ["own", "pay", "dep", "d2", "d3", "d4", "d5", "d6"]
SIX = labels(EXCHANGE, KRAKEN, DEPOSIT, *((f"d{n}", "Kraken", "deposit", "exchange") for n in range(2, 7)))
"""Six labelled deposit addresses, one of which paid its service, and one address that pays it unlabelled."""
MOSTLY = [("victim", "own", 100), ("own", "hot", 10), ("own", "dep", 60), ("own", "far", 30)]
"""Most of what left `own` went to another exchange's deposit address, though not most of what is traced."""


def opened(
    tool: Tool, moves: list[tuple[str, str, int]], known: list[str], *named: tuple[str, str, str, str]
) -> str:
    tool.open(export(moves, known), labels(*named))
    tool("loss", "--tx", tx(1 + [a for a, *_ in moves].index("victim")), "--asset", "USDT")
    assert tool("run")[0] in (0, 5)
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}
    return tool.text("report.md")


def explained(page: str) -> str:
    return page.split("Alternative hypotheses considered")[-1].split("Nested service")[0]


def two_assets(*other: tuple[str, str, int]) -> str:
    """What `d` got in USDT goes to an exchange in two payments; in another asset it pays as told."""
    moves = [("victim", "d", 1000), ("d", "hot", 400), ("d", "hot", 600)]
    text = listed(*(row("d", n, f"0{n}T10:00:00", *move) for n, move in enumerate(moves, 1)))
    rows = [row("d", 10 + n, f"0{n}T11:00:00", *move) for n, move in enumerate((("victim", "d", 500), *other), 1)]
    return text + "\n".join(one.replace(USDT, OTHER).replace("USDT", "ABC") for one in rows) + "\n"


@pytest.mark.parametrize("paid", [30, 0])
def test_what_else_ties_a_labelled_address_to_its_service_is_told(tool: Tool, paid: int) -> None:
    moves = [("victim", "own", 100), ("own", "dep", 80), *([("dep", "two", paid)] if paid else [])]
    said = explained(opened(tool, moves, ["own", "dep"], KRAKEN, DEPOSIT))
    assert "nothing else here ties" not in said
    assert ("paying other wallets attributed to Kraken: 30.000000 USDT in all" in said) is bool(paid)
    assert ("no payment of this wallet to others of Kraken is counted in R9" in said) is not paid


def test_whom_a_wallet_mostly_pays_goes_by_all_value_and_names_the_service(tool: Tool) -> None:
    # First in, first out: what was there before goes to the exchange's address, the traced value to the other.
    moves = [("bank", "own", 70), *MOSTLY]
    moves = [*moves[:2], ("own", "dep", 60), ("own", "hot", 10), ("own", "far", 30)]
    said = explained(opened(tool, moves, ["own"], EXCHANGE, DEPOSIT))
    assert f"and others more (most: {who('dep')}, attributed to Kraken)" in said
    assert f"most: {who('far')}" not in said


def test_whom_a_wallet_mostly_pays_is_a_place_where_nobody_is_named(tool: Tool) -> None:
    said = explained(
        opened(tool, [*MOSTLY[:2], ("own", "dep", 20), ("own", "far", 70)], ["own"], EXCHANGE, DEPOSIT)
    )
    assert f"and others more (most: {who('far')})" in said


def test_what_went_to_several_addresses_of_one_service_counts_together(tool: Tool) -> None:
    more = ("d2", "Kraken", "deposit", "exchange")
    moves = [MOSTLY[0], ("own", "hot", 10), ("own", "dep", 30), ("own", "d2", 25), ("own", "far", 35)]
    said = explained(opened(tool, moves, ["own"], EXCHANGE, DEPOSIT, more))
    assert f"(most: 2 addresses attributed to Kraken, of which {who('dep')} had most)" in said


def test_an_address_has_one_word_in_every_asset_in_which_it_pays_one_service_alone(tool: Tool) -> None:
    tool.open(two_assets(("d", "hot", 500)), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("loss", "--tx", tx(11), "--asset", OTHER)
    tool("run")
    assert [(r["deposit"], r["grade"]) for r in tool.show("offramps")] == [(True, "C")] * 2
    letter = (tool.case / "out/letters/binance-preserve-v1.txt").read_text()
    linked = letter.split("Attributions\n")[1].split("\n\n")[0]
    assert linked.count(who("d")) == 1, "one address, one row"
    assert "and called a deposit address" in linked
    assert "not called a deposit address" not in tool.text("report.md")
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}


def test_where_it_pays_others_in_one_asset_the_words_say_by_which_asset_they_go(tool: Tool) -> None:
    tool.open(two_assets(("d", "hot", 250), ("d", "far", 250)), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("loss", "--tx", tx(11), "--asset", OTHER)
    tool("run")
    assert {r["symbol"]: r["deposit"] for r in tool.show("offramps")} == {"USDT": True, "ABC": False}
    letter = tool.text("letters/binance-preserve-v1.txt")
    assert "alone ties" not in letter
    assert "paid wallets attributed to Binance in ABC too" in letter
    assert "By these payments it is not called a deposit address; by those in USDT it is." in letter
    assert "not called a deposit address by what it paid in this asset; by that in USDT it is" in tool.text(
        "report.md"
    )


def test_payments_alone_tie_a_private_wallet(tool: Tool) -> None:
    opened(tool, [("victim", "own", 100), ("own", "hot", 60), ("own", "far", 40)], ["own"], EXCHANGE)
    said = "paid wallets attributed to Binance in USDT: grade D (weak). Payments alone tie it to Binance."
    assert said in tool.text("letters/binance-preserve-v1.txt")


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        (
            [("own", "dep", 60), ("own", "pay", 40), ("pay", "two", 40)],
            "directly at 1 deposit address, and through 1 add",
        ),
        ([("own", "dep", 100)], "directly at 1 deposit address"),
        ([("own", "pay", 100), ("pay", "two", 100)], "through 1 address"),
    ],
)
def test_page_1_says_how_value_came_to_a_service(tool: Tool, moves: list[tuple[str, str, int]], said: str) -> None:
    page = opened(tool, [("victim", "own", 100), *moves], ["own", "pay", "dep"], KRAKEN, DEPOSIT)
    first = page.split("## R1 ")[0]
    assert re.search(rf"\| Kraken[^|]*{said}", first)
    assert ("and through" in first) is ("and through" in said)
    assert (f"to Kraken at {who('dep')}, where the trace stops" in page) is ("directly" in said)
    assert (f"to Kraken through {who('pay')}" in page) is ("through" in said)


def test_the_rows_of_a_letter_s_table_are_those_that_r17_names(tool: Tool) -> None:
    page = opened(tool, [("victim", "own", 100), ("own", "hot", 100)], ["own"], EXCHANGE)
    with (tool.case / "out/letters/binance-preserve-v1.csv").open(newline="") as file:
        found = {one["direction"] for one in csv.DictReader(file)}
    assert found == {"in", "out", "loss"}
    told = page.split("A letter's own table lists, each in a row")[1].split("named (named)")[0]
    assert all(f"({name})" in told for name in found), "no row of another kind than those named"


def test_paid_to_services_and_hubs_has_one_test_for_every_payer(tool: Tool) -> None:
    both = (("dep", "Binance", "deposit", "exchange"), DEPOSIT)
    moves = [("victim", "own", 100), ("own", "dep", 100), ("dep", "two", 90), ("dep", "far", 10)]
    tool.open(export(moves, ["own", "dep"]), *(labels(one, KRAKEN) for one in both))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    rows = [f["slots"] for f in tool.show("findings") if (f["kind"], f["subject"]) == ("account", who("dep"))]
    assert [(r["swept"], r["passed_on"]) for r in rows] == [("90000000", "10000000")]
    page = tool.text("report.md")
    assert "| Paid to services and hubs |" in page
    assert "to these wallets |" not in page
    # A wallet that sources give to different services is called that, and no hub without a label.
    assert f"to wallet {who('dep')}, which sources give to different services (" in page
    assert "hubs that no accepted label names" not in json.dumps(page.split("R9 Flow")[-1])
