"""What is said of an address that pays several services: as one row has it, never as another has."""

from __future__ import annotations

from tests.core.test_opposed import listed, row
from tests.core.test_statements import CHAIN, EXCHANGE, OTHER, USDT, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

KRAKEN = ("two", "Kraken", "hot-wallet", "exchange")


def started(tool: Tool, *losses: int) -> None:
    for number in losses:
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")


def test_one_services_deposit_address_is_none_of_another_that_it_pays(tool: Tool) -> None:
    moves = [("victim", "w", 1000), ("w", "hot", 500), ("w", "hot", 480), ("w", "two", 20)]
    tool.open(export(moves, ["w"]), labels(EXCHANGE, KRAKEN))
    started(tool, 1)
    assert {r["service"]: r["deposit"] for r in tool.show("offramps")} == {"Binance": True, "Kraken": False}
    first, page = tool.first(), tool.text("report.html")
    assert "through 1 deposit address; 1 of them stands in another row too 980.000000 USDT" in first
    assert "through 1 address; 1 of them stands in another row too 20.000000 USDT" in first
    assert "20.000000 USDT went through 1 address into wallets attributed to Kraken" in page
    theirs, others = (tool.text(f"letters/{name}-preserve-v1.txt") for name in ("kraken", "binance"))
    assert "went through 1 deposit address into wallets attributed to Binance" in others
    assert "went through 1 address into wallets attributed to Kraken" in theirs
    assert "1 deposit address" not in theirs
    assert "records of 1 address" in first


def two_assets(last: str) -> str:
    """1,000 USDT go to one exchange in two payments, and 500 of another token to `last` in two."""
    moves = [("victim", "d", 1000), ("d", "hot", 400), ("d", "hot", 600)]
    text = listed(*(row("d", n, f"0{n}T10:00:00", *move) for n, move in enumerate(moves, 1)))
    other = [("victim", "d", 500), ("d", last, 250), ("d", last, 250)]
    rows = [row("d", 10 + n, f"0{n}T11:00:00", *move) for n, move in enumerate(other, 1)]
    return text + "\n".join(one.replace(USDT, OTHER).replace("USDT", "ABC") for one in rows) + "\n"


def test_habits_that_name_two_services_name_neither(tool: Tool) -> None:
    tool.open(two_assets("two"), labels(EXCHANGE, KRAKEN))
    tool("loss", "--tx", tx(11), "--asset", OTHER)
    started(tool, 1)
    found = {r["service"]: (r["deposit"], r["grade"], r["basis"]) for r in tool.show("offramps")}
    one = "100.00% of its outflow in USDT went to wallets labelled Binance in 2 transfers"
    two = "100.00% of its outflow in ABC went to wallets labelled Kraken in 2 transfers"
    assert found["Binance"] == (False, "D", f"deposit-address 1: {one}. But: deposit-address 1: {two}")
    assert found["Kraken"] == (False, "D", f"deposit-address 1: {two}. But: deposit-address 1: {one}")
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "habits-conflict"]
    assert gap["subject"] == f"{CHAIN}:{who('d')}"
    for name in ("binance", "kraken"):
        letter = tool.text(f"letters/{name}-preserve-v1.txt")
        assert "a deposit address of each of several services (Binance and Kraken)" in letter
        assert "1 deposit address" not in letter
    page = tool.text("report.html")
    assert "what speaks for Kraken speaks against Binance" in page
    assert "what speaks for Binance speaks against Kraken" in page
    said = tool("why", f"{CHAIN}:{who('d')}")[1]
    assert "no name" in said
    assert "Words of one grade name different services: Binance, Kraken. It is named by none." in said
    assert "now it is C" not in said


def test_habits_of_one_service_in_two_assets_stand_together(tool: Tool) -> None:
    tool.open(two_assets("hot"), labels(EXCHANGE))
    tool("loss", "--tx", tx(11), "--asset", OTHER)
    started(tool, 1)
    assert {(r["deposit"], r["grade"]) for r in tool.show("offramps")} == {(True, "C")}
    assert "speaks against" not in tool.text("report.html")
    assert "several services" not in tool.text("letters/binance-preserve-v1.txt")
    assert "habits-conflict" not in {g["code"] for g in tool.show("gaps")}


def test_a_weaker_habit_lowers_the_surer_and_names_nothing(tool: Tool) -> None:
    """One payment of the other token: grade D."""
    text = two_assets("two")
    text = (
        "\n".join(line for line in text.splitlines() if tx(13) not in line).replace(",250000000,", ",500000000,")
        + "\n"
    )
    tool.open(text, labels(EXCHANGE, KRAKEN))
    tool("loss", "--tx", tx(11), "--asset", OTHER)
    started(tool, 1)
    found = {r["service"]: (r["deposit"], r["grade"]) for r in tool.show("offramps")}
    assert found == {"Binance": (True, "D"), "Kraken": (False, "D")}
    said = tool("why", f"{CHAIN}:{who('d')}")[1]
    assert "A word of grade D names Kraken: the contradiction lowers Binance to D." in said


def test_a_row_by_which_nothing_went_is_not_counted_and_grades_nothing(tool: Tool) -> None:
    """One transaction pays 600 to a wallet and 400 to the exchange; the wallet pays 100 back, 200 to another's."""
    lines = [row("w", 1, "01T10:00:00", "victim", "w", 600), row("w", 2, "02T10:00:00", "w", "victim", 100)]
    lines += [row("w", 3, "03T10:00:00", "w", "two", 200)]
    beside = row("victim", 1, "01T10:00:00", "victim", "hot", 400)
    tool.open(listed(lines[0], beside.replace(who("victim"), "", 1), *lines[1:]), labels(EXCHANGE, KRAKEN))
    started(tool, 1)
    assert {(r["service"], r["through"]) for r in tool.show("offramps")} == {
        ("Binance", who("hot")),
        ("Kraken", who("w")),
    }, "what came back to a payer is on no way to whom it paid"
    first, page = tool.first(), tool.text("report.html")
    assert "Binance directly at 1 address 400.000000 USDT 40.0% B (strong)" in first
    assert "arrived directly at wallets attributed to Binance (1 address), grade B (strong) at the weakest" in page
    (total,) = [f for f in tool.show("findings") if f["kind"] == "service-total" and f["subject"] == "Binance"]
    assert total["grade"] == "B"


def test_what_is_unswept_at_a_payer_does_not_grade_what_came_directly(tool: Tool) -> None:
    """400 arrive directly; an address that once paid the exchange holds 600 of the loss still."""
    lines = [row("w", 1, "01T09:00:00", "bank", "w", 50), row("w", 2, "01T09:30:00", "w", "hot", 50)]
    lines += [row("w", 3, "02T10:00:00", "victim", "w", 600)]
    beside = row("victim", 3, "02T10:00:00", "victim", "hot", 400)
    tool.open(listed(*lines, beside.replace(who("victim"), "", 1)), labels(EXCHANGE))
    started(tool, 3)
    assert len(tool.show("offramps")) == 2
    first, letter = tool.first(), tool.text("letters/binance-preserve-v1.txt")
    assert "Binance directly at 1 address 400.000000 USDT 40.0% B (strong)" in first
    assert (
        "400.000000 USDT of traced value arrived directly at wallets attributed to Binance (1 address)" in letter
    )
    assert "600.000000 USDT of traced value came in at 1 address" in letter


def test_that_nothing_is_left_is_said_of_a_rule(tool: Tool) -> None:
    """Last in, first out: the loss goes on and back whole, and under other rules 500 of it are left."""
    moves = [("bank", "w", 500), ("victim", "w", 1000), ("w", "victim", 300), ("w", "hot", 700)]
    tool.open(export(moves, ["w"]), labels(EXCHANGE))
    settings = tool.case / "case.toml"
    settings.write_text(settings.read_text().replace('rule = "fifo"', 'rule = "lifo"'))
    started(tool, 2)
    said = (
        "Under rule lifo, none but what came back to where a loss was paid from, as said above; under another rule"
    )
    assert said in tool.first()


def test_that_nothing_is_left_under_any_rule_is_said_so(tool: Tool) -> None:
    tool.open(export([("victim", "w", 1000), ("w", "victim", 300), ("w", "hot", 700)], ["w"]), labels(EXCHANGE))
    started(tool, 1)
    said = "None but what came back to where a loss was paid from, as said above, under any rule"
    assert said in tool.first()
