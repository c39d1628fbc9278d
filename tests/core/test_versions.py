"""What exhibits disagree on, each version followed in turn; and what a choice made after results changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.core.test_statements import EXCHANGE, USDT, Move, Tool, export, labels, tool, tx, who

from recover.case import open_for_reading
from recover.pursuit import freezing, reached

__all__ = ["tool"]

KRAKEN = ("desk", "Kraken", "hot-wallet", "exchange")
M = 10**6


def begun(tool: Tool, *exhibits: list[Move]) -> None:
    tool.open(*(export(moves, ["own", "mid"]) for moves in exhibits), labels(EXCHANGE, KRAKEN))
    lost = next(n for n, move in enumerate(exhibits[0], 1) if move[0] == "victim")
    tool("loss", "--tx", tx(lost), "--asset", "USDT")
    tool("run")


def totals(tool: Tool) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in tool.show("offramps"):
        found[row["service"]] = found.get(row["service"], 0) + int(row["amount"])
    return {name: n for name, n in found.items() if n}


def slots(tool: Tool, kind: str) -> list[dict[str, Any]]:
    return [f["slots"] for f in tool.show("findings") if f["kind"] == kind]


def number(value: Any) -> int:
    return int(value["int"] if isinstance(value, dict) else value)


CASES: dict[str, tuple[list[Move], list[Move]]] = {
    # Out of an address, straight to a service; the rest goes to another.
    "out": (
        [("victim", "own", 1000), ("own", "hot", 600), ("own", "desk", 400)],
        [("victim", "own", 1000), ("own", "hot", 200), ("own", "desk", 400)],
    ),
    # Into an address beside traced value: less or more of what it pays on is of the loss.
    "in": (
        [("clean", "own", 700), ("victim", "own", 1000), ("own", "hot", 1100)],
        [("clean", "own", 200), ("victim", "own", 1000), ("own", "hot", 1100)],
    ),
    # The receiver, and what is behind it.
    "beyond": (
        [("victim", "own", 1000), ("own", "mid", 1000), ("mid", "hot", 1000)],
        [("victim", "own", 1000), ("own", "mid", 900), ("mid", "hot", 1000)],
    ),
    # The loss itself.
    "loss": (
        [("victim", "own", 1000), ("own", "hot", 1000)],
        [("victim", "own", 700), ("own", "hot", 1000)],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CASES))
def test_the_range_is_what_each_decision_gives(name: str, tool: Tool) -> None:
    begun(tool, *CASES[name])
    told = {row["service"]: row for row in slots(tool, "by-version")}
    assert told, "nothing is said of what the versions come to"
    page = tool.text("report.md")
    assert "If for each of these transactions one exhibit is followed" in page
    assert "None follows from the figures" not in page
    assert "No traced value is shown to reach a service or a hub" not in page
    ((transaction,),) = {tuple(row["transactions"]) for row in told.values()}
    settled, otherwise = [], []
    for exhibit in (1, 2):
        tool("decide", transaction, "--exhibit", str(exhibit), "--reason", "tried")
        tool("run")
        settled.append(totals(tool))
        otherwise.append({one["service"]: number(one["otherwise"]) for one in slots(tool, "settled-otherwise")})
        assert {one["exhibit"] for one in slots(tool, "settled-otherwise")} <= {str(3 - exhibit), 3 - exhibit}
        assert "If exhibit" in tool.text("report.md").split("## R1 ")[0] or not otherwise[-1], "on page 1"
        assert slots(tool, "by-version") == [], "nothing is open any more"
        (one,) = slots(tool, "settled")
        assert (one["transaction"], number(one["exhibit"])) == (transaction, exhibit)
        assert one["exhibits_shown"] == ["1", "2"]
    for service, row in told.items():
        values = [one.get(service, 0) for one in settled]
        assert (number(row["least"]), number(row["most"])) == (min(values), max(values)), service
    moved = {s for s in {*settled[0], *settled[1]} if len({one.get(s, 0) for one in settled}) > 1}
    assert moved <= set(told)
    for here, there, said in zip(settled, reversed(settled), otherwise, strict=True):
        assert said == {name: there.get(name, 0) for name in moved}, "what the other exhibit gives"
        assert here != there or not said


def test_a_failed_payment_is_shown_by_no_exhibit_as_leaving(tool: Tool) -> None:
    moves: list[Move] = [("victim", "own", 1000), ("own", "hot", 1000)]
    good = export(moves, ["own"])
    rows = good.splitlines()
    failed = "\n".join([*rows[:-1], rows[-1].replace(",ok", ",failed")]) + "\n"
    tool.open(good, failed, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (row,) = slots(tool, "contradicted")
    assert row["versions"] == [f"1|{1000 * M}|Binance={1000 * M}", "2|0"]
    assert [number(row[n]) for n in ("to_least", "to_most", "left_least", "left_most")] == [
        0,
        1000 * M,
        0,
        1000 * M,
    ]
    assert "exhibit 2 shows 0.000000 USDT leaving" in tool.text("report.md")


def test_an_exhibit_that_contradicts_itself_has_two_versions(tool: Tool) -> None:
    moves: list[Move] = [("victim", "own", 1000), ("own", "mid", 300), ("mid", "hot", 300)]
    rows = export(moves, ["own", "mid"]).splitlines()
    twice = next(n for n, line in enumerate(rows) if line.startswith(who("own")) and tx(2) in line)
    tool.open("\n".join([*rows[:twice], rows[twice], *rows[twice:]]) + "\n", labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    (row,) = slots(tool, "contradicted")
    assert row["versions"] == [f"1|{600 * M}", f"1|{300 * M}"]
    assert (number(row["left_least"]), number(row["left_most"])) == (400 * M, 700 * M)


def test_what_is_left_where_exhibits_disagree_is_not_summed_with_what_is_not_shown_leaving(tool: Tool) -> None:
    begun(tool, *CASES["out"])
    (row,) = slots(tool, "conservation")
    assert number(row["disputed"]) == 600 * M
    assert "not_seen_leaving" not in row
    assert "left where exhibits disagree on what left" in tool.text("report.md")
    (held,) = (h for h in freezing.freezable(open_for_reading(tool.case), plugins()) if h.address == who("own"))
    assert held.disputed == (tx(2),)
    assert "600.000000 USDT in all rests at 1 address," in freezing.in_all([held], "c")
    assert "that is not settled" in freezing.in_all([held], "c")


@pytest.mark.slow
def test_more_contradictions_than_are_combined_are_said_to_be_some(tool: Tool) -> None:
    def moves(n: int) -> list[Move]:
        return [("victim", "own", 1000), *(("own", "hot", 10 * k + n) for k in range(1, 7))]

    begun(tool, moves(0), moves(1))
    (row,) = slots(tool, "by-version")
    assert (row["tried"], number(row["runs"])) == ("some", 12)
    assert "12 were worked out, and by others the figure can lie outside" in tool.text("report.md")


# A choice after results.


def test_the_annex_says_what_services_had_before_each_choice(tool: Tool) -> None:
    moves: list[Move] = [("victim", "own", 1000), ("own", "hot", 600), ("own", "desk", 400)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "700")
    tool("run")
    first = totals(tool)
    assert slots(tool, "before-change") == []
    path = tool.folder / "more.csv"
    path.write_text(labels(KRAKEN))
    tool("import", str(path))
    tool("run")
    second = totals(tool)
    tool("loss", "--drop", "L1")
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    third = totals(tool)
    assert (first, second, third) == (
        {"Binance": 600 * M},
        {"Binance": 600 * M, "Kraken": 100 * M},
        {"Binance": 600 * M, "Kraken": 400 * M},
    )
    rows = [
        (r["what"], r.get("service"), number(r["before"]), number(r["amount"]))
        for r in slots(tool, "before-change")
        if r.get("asset")
    ]
    assert (["exhibits"], "Kraken", 0, 400 * M) in rows, "without the list of labels"
    # Two entries changed the losses: without either there is no loss, or one of 700 beside none.
    assert [r for r in rows if r[0] == ["losses"]]
    page = tool.text("report.md")
    assert "What services had without each change" in page
    listed = json.loads((tool.case / "out/result.json").read_text())
    assert "before-change" in {f["kind"] for f in listed["findings"]}
    assert tool("verify")[0] == 0


def plugins() -> Any:
    from recover.plugins import registry

    return registry.load()


@pytest.mark.parametrize(("until", "rest"), [("", 0), ("\n#until: 2022-04-01T00:00:00Z", 60)])
def test_value_that_is_only_last_seen_somewhere_is_not_resolved(until: str, rest: int, tool: Tool) -> None:
    whole = export([("victim", "own", 100), ("own", "hot", 40)], ["own"])
    tool.open(whole.replace("#history: complete", f"#history: complete{until}"), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    (row,) = reached.resolved(open_for_reading(tool.case))
    assert (row["asset"], row["resolved"]) == (USDT, str((40 + rest) * M))
    assert int(row["open"]) == (60 - rest) * M
