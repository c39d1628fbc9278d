"""What a person decided on exhibits that disagree, as letters tell it: none says more than what is relied on."""

from __future__ import annotations

from collections.abc import Sequence

from tests.core.test_contradicted_order import BLOCKS, begun, listing
from tests.core.test_opposed import listed, row
from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, labels, tool, tx

__all__ = ["tool"]

KRAKEN = ("desk", "Kraken", "hot-wallet", "exchange")


def letter(tool: Tool, name: str) -> str:
    return (tool.case / f"out/letters/{name}-preserve-v1.txt").read_text("utf-8")


def relied(tool: Tool, on: str) -> None:
    """Exhibit 1 shows a payment to a service after the value came, exhibit 2 shows it before; one is relied on."""
    came = row("w", 1, "02T10:00:00", "victim", "w", 100)
    paid = row("w", 2, "02T12:00:00", "w", "hot", 60)
    # Of it this one alone shows another asset, which the other does not dispute.
    other = f"{CHAIN}/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
    beside = paid.replace(USDT, other).replace("USDT", "USDC")
    late = listed(came, paid, beside, row("w", 3, "02T13:00:00", "w", "desk", 40))
    early = listed(row("w", 2, "02T09:00:00", "w", "hot", 60), came)
    tool.open(late, early, labels(EXCHANGE, KRAKEN))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert tool("decide", tx(2), "--exhibit", on, "--reason", "the node's own list")[0] == 0
    tool("run")


def exhibits(text: str) -> Sequence[str]:
    part = text.split("Exhibits on which the identifiers rest")[1]
    return [line.split(" | ")[1].split(";")[0] for line in part.splitlines() if line.count(" | ") == 2][1:]


def test_a_letter_says_on_which_exhibit_it_relies_where_another_shows_value_leaving(tool: Tool) -> None:
    relied(tool, "2")
    code, *refused = tool("decide", tx(3), "--exhibit", "1", "--reason", "tried")
    assert (code, "decision-of-nothing" in str(refused)) == (2, True), (
        "exhibits do not contradict each other on it"
    )
    for name in ("binance", "kraken"):
        text = letter(tool, name)
        assert "no exhibit shows it leaving" not in text
        assert "of 60.000000 USDT no exhibit that is relied on shows it leaving" in text
        against = text.split("What is known against it")[1].split("Why now")[0]
        assert f"Exhibits 1, 2 show transaction {tx(2)}" in against
        assert "relies on exhibit 2 alone" in against
        assert "What exhibit 1 shows of it in USDC" in against
        assert "Value of other origins" not in against, (
            "the other exhibit shows that the value itself was paid out"
        )
        assert "the node's own list" not in text, "what a person wrote may name somebody"
        assert exhibits(text)[:2] == ["0.csv", "1.csv"]
    said = f"If exhibit 1 were relied on for transaction {tx(2)} instead"
    assert said in letter(tool, "binance")
    assert said not in letter(tool, "kraken"), "an addressee learns of its own figures only"
    assert "no exhibit shows it leaving" not in tool.text("report.md")
    assert "What exhibit 1 shows of it in USDC" in tool.first()


def test_a_letter_that_no_decision_bears_on_says_nothing_of_one(tool: Tool) -> None:
    came = row("w", 1, "02T10:00:00", "victim", "w", 100)
    other = row("o", 4, "01T10:00:00", "else", "o", 5)
    one = listed(
        came, row("w", 3, "02T13:00:00", "w", "desk", 40), other, row("o", 5, "03T10:00:00", "o", "hot", 5)
    )
    tool.open(one, listed(other.replace("2022-03-01", "2022-03-04")), labels(EXCHANGE, KRAKEN))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("loss", "--tx", tx(5), "--asset", "USDT")
    tool("run")
    assert tool("decide", tx(4), "--exhibit", "1", "--reason", "tried")[0] == 0
    tool("run")
    assert "relies on exhibit" not in letter(tool, "kraken")


def test_two_sequences_are_told_with_both_figures_wherever_one_stands(tool: Tool) -> None:
    begun(tool, listing(BLOCKS, ("d", "own")))
    (f,) = (f for f in tool.show("findings") if f["kind"] == "order-otherwise")
    low, high = sorted(int(f["slots"][name]) for name in ("amount", "otherwise"))
    page = tool.text("report.md")
    concluded = page.split("R15 Conclusions")[1].split("## R16")[0]
    assert "stand in one order by their blocks, and in another by their times" in concluded
    assert "Settle the sequence of movements that stand in one order by their blocks" in page.split("## R1 ")[0]
    said = next(n for n in letter(tool, "binance").splitlines() if "in the other it would be" in n)
    assert f"{low / 10**6:.6f}" in said
    assert f"{high / 10**6:.6f}" in said
