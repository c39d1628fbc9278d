"""Where the trace stops for want of a whole history: what exhibits show beyond, and what they do not."""

from __future__ import annotations

from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

OKX = ("two", "OKX", "hot-wallet", "exchange")
MIXER = ("mix", "Blender", "mixer", "mixing_service")


def first(tool: Tool) -> str:
    return tool.text("report.md").split("## R1 ")[0]


def test_the_payments_on_and_the_way_to_a_service_are_said(tool: Tool) -> None:
    moves = [("victim", "a", 10), ("a", "b", 4), ("x", "b", 1), ("b", "hot", 5), ("a", "c", 2)]
    tool.open(export(moves, ["b"]), labels(EXCHANGE, OKX))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (f,) = [f for f in tool.show("findings") if f["kind"] == "shown-beyond"]
    slots = f["slots"]
    counts = [int(slots[name]) for name in ("amount", "paid", "payments", "receivers")]
    assert (f["subject"], counts) == (who("a"), [10**7, 6 * 10**6, 2, 2])
    assert (slots["largest"], slots["largest_amounts"]) == ([who("b"), who("c")], ["4000000", "2000000"])
    assert (slots["services"], slots["wallets"], slots["transactions"]) == (["Binance"], [who("hot")], [tx(4)])
    assert f["exhibits"] == [1, 2], "the label that names the service is cited"
    page = first(tool)
    assert "At addresses whose whole history is in no exhibit" in page
    assert "Exhibits do show it paying 6.000000 USDT on" in page
    assert (
        f"wallets attributed to Binance (first {who('hot')}, which gets 5.000000 USDT in transaction {tx(4)})"
        in page
    )
    assert "lead on from there to wallets attributed to Binance (F" in page
    assert "No traced value is shown to reach a service or a hub" in page


def test_what_is_no_way_is_not_called_one(tool: Tool) -> None:
    # Payments before the value came, a way through a mixer, one of more steps than are looked for, and none.
    moves = [("a", "hot", 4), ("b", "two", 4), ("victim", "q", 30)]
    moves += [("q", "a", 10), ("a", "b", 6), ("b", "mix", 6), ("mix", "hot", 6)]
    moves += [("q", "e", 10), ("e", "f", 9), ("f", "g", 9), ("g", "h", 9), ("h", "hot", 9), ("q", "n", 10)]
    tool.open(export(moves, ["q", "b", "f", "g", "h"]), labels(EXCHANGE, OKX, MIXER))
    tool("loss", "--tx", tx(3), "--asset", "USDT")
    assert tool("run")[0] == 5
    found = {f["subject"]: f["slots"] for f in tool.show("findings") if f["kind"] == "shown-beyond"}
    assert {who(n): found[who(n)]["services"] for n in "ae"} == {who("a"): [], who("e"): []}
    assert int(found[who("a")]["paid"]) == 6 * 10**6, "what it paid before is none of it"
    assert set(found) == {who("a"), who("e")}, "of n nothing more is shown"
    assert "Exhibits do show it paying" not in first(tool), "findings, and no way to a service"
    assert "because its whole history is in no exhibit." in first(tool)
    assert "Exhibits do show it paying 6.000000 USDT on" in tool.text("report.html")
