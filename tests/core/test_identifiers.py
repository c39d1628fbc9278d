"""What a letter lists first: what its service credited; and how well that is tied to the service."""

from __future__ import annotations

import csv
import io

import pytest
from tests.core.test_statements import EXCHANGE, SWEEPS, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

KRAKEN = ("dep", "Kraken", "deposit", "exchange")
THROUGH = [("victim", "own", 50), ("own", "dep", 30), ("own", "end", 20)]


def sheet(tool: Tool, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((tool.case / f"out/letters/{name}-preserve-v1.csv").read_text())))


@pytest.mark.parametrize("known", [["own"], ["own", "dep"]])
def test_a_labelled_deposit_address_is_the_first_identifier(known: list[str], tool: Tool) -> None:
    tool.open(export([*THROUGH, ("dep", "hot", 30)], known), labels(KRAKEN))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (row,) = tool.show("offramps")
    assert (row["through"], row["address"], row["deposit"]) == (who("dep"), who("dep"), True)
    assert (row["amount"], row["credited"], row["elsewhere"]) == ("30000000", "30000000", "0")
    # All of it was swept, by the address's own history; where no exhibit has that, nothing says what is there.
    assert row["unswept"] == ("0" if "dep" in known else None)
    assert row["transactions"] == [tx(2)], "the crediting transaction, and not the theft"
    first = sheet(tool, "kraken")[0]
    assert (first["address"], first["tx_hash"], first["direction"]) == (who("dep"), tx(2), "in")
    assert who("own") not in {r["address"] for r in sheet(tool, "kraken")}
    assert "1 deposit address" in tool.text("letters/kraken-preserve-v1.txt")


def test_two_payers_of_one_deposit_address_are_one_credited_place(tool: Tool) -> None:
    moves = [("v", "one", 50), ("v", "two", 40), ("one", "dep", 50), ("two", "dep", 40)]
    tool.open(export(moves, ["one", "two"]), labels(KRAKEN))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    (row,) = tool.show("offramps")
    assert (row["through"], row["credited"], row["by_loss"]) == (
        who("dep"),
        "90000000",
        {"L1": "50000000", "L2": "40000000"},
    )
    assert row["transactions"] == [tx(3), tx(4)]


def test_what_pays_a_deposit_address_and_a_wallet_of_one_service_has_both_told(tool: Tool) -> None:
    moves = [("victim", "own", 50), ("own", "dep", 30), ("own", "hot", 20)]
    tool.open(export(moves, ["own"]), labels(("dep", "Binance", "deposit", "exchange"), EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    found = {r["through"]: r for r in tool.show("offramps")}
    assert (found[who("dep")]["amount"], found[who("own")]["amount"]) == ("30000000", "20000000")
    assert found[who("own")]["elsewhere_at"] == {who("dep"): "30000000"}
    assert found[who("own")]["swept"] == "20000000"


def test_the_grade_never_rises_with_ambiguity(tool: Tool) -> None:
    okx = ("two", "OKX", "hot-wallet", "exchange")
    shapes = {
        "deposit": [*SWEEPS, ("victim", "dep", 50), ("dep", "hot", 50)],
        "once": [("victim", "dep", 50), ("dep", "hot", 50)],
        "mostly elsewhere": [("victim", "dep", 50), ("dep", "hot", 5), ("dep", "end", 45)],
        "several": [("victim", "dep", 50), ("dep", "hot", 25), ("dep", "two", 25)],
    }
    grades = []
    for name, moves in shapes.items():
        tool.case = tool.folder / name.replace(" ", "-")
        tool.open(export(moves, ["dep"]), labels(EXCHANGE, okx, grade="B"))
        tool("loss", "--tx", tx(moves.index(("victim", "dep", 50)) + 1), "--asset", "USDT")
        tool("run")
        grades.append(max(r["grade"] for r in tool.show("offramps")))
    assert grades == sorted(grades), dict(zip(shapes, grades, strict=True))
    assert grades[1:] == ["D", "D", "D"]


def test_a_payer_is_no_better_tied_than_the_wallet_it_pays(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE, grade="E"))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (row,) = tool.show("offramps")
    assert row["grade"] == "E"


def test_a_label_and_the_payments_of_an_address_that_name_two_services_are_both_told(tool: Tool) -> None:
    okx = ("dep", "OKX", "deposit", "exchange")
    sweeps = [("x", "dep", 9), ("dep", "hot", 9), ("x", "dep", 5), ("dep", "hot", 5)]
    moves = [*sweeps, ("victim", "own", 60), ("own", "dep", 60), ("dep", "hot", 60)]
    tool.open(export(moves, ["own", "dep"]), labels(okx, EXCHANGE))
    tool("loss", "--tx", tx(5), "--asset", "USDT")
    assert tool("run")[0] == 5
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "label-habit-conflict"]
    said = "of what left it, 74.000000 USDT went to wallets of Binance, none of its USDT to OKX"
    assert f"deposit address of OKX, and {said}" in gap["why"]
    (row,) = tool.show("offramps")
    assert (row["service"], row["grade"]) == ("OKX", "D")
    assert f"But: {said}" in row["basis"]
    (found,) = [f for f in tool.show("findings") if f["kind"] == "label-against"]
    assert (found["subject"], found["slots"]["other"]) == (who("dep"), "Binance")
    assert "74.000000 USDT going to wallets attributed to Binance, and 0.000000 USDT to wallets" in tool.text(
        "report.html"
    )


def test_a_letter_lists_no_payment_that_carried_no_traced_value(tool: Tool) -> None:
    early = [("boss", "own", 10), ("own", "hot", 10), ("boss", "own", 7), ("own", "hot", 7)]
    moves = [*early, ("victim", "own", 100), ("own", "hot", 60), ("own", "end", 40), ("boss", "own", 5)]
    tool.open(export([*moves, ("own", "hot", 5)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(5), "--asset", "USDT")
    tool("run")
    rows = sheet(tool, "binance")
    assert [(r["tx_hash"], r["direction"]) for r in rows] == [(tx(5), "in"), (tx(6), "out"), (tx(5), "loss")]
    assert all(int(r["traced_amount"]) for r in rows)
    (row,) = tool.show("offramps")
    assert row["sweeps"] == 4, "the address's own payments are still counted"
    assert "(loss): 3 rows" in letter_words(tool)


def letter_words(tool: Tool) -> str:
    from pypdf import PdfReader

    pages = PdfReader(tool.case / "out/letters/binance-preserve-v1.pdf").pages
    return " ".join("".join(p.extract_text() for p in pages).split())
