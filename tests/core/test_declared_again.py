"""Value that came back and was declared again: counted, bounded and told alike, however losses are declared."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pytest
from tests.core.test_letter_rules import letter
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.letters import covered
from recover.report import unsettled

__all__ = ["tool"]

PONZI = [
    *(("v1", "own", 1000), ("v2", "own", 500), ("own", "v2", 200), ("own", "hot", 700)),
    *(("hot", "own", 300), ("own", "hot", 250), ("v2", "own", 200), ("hot", "v1", 60)),
]
"""By head: 700 of L1 are at hot when it pays 300, and 200 of L1 at v2 when it pays 200; both are declared."""

PAID = (1, 2, 5, 7)
LATER = [("v1", "own", 1000), ("own", "v2", 200), ("v2", "own", 500)]


def worked(tool: Tool, moves: list[tuple[str, str, int]], *losses: tuple[str, ...]) -> str:
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    for loss in losses:
        assert tool("loss", *loss, "--asset", "USDT")[0] == 0
    tool("run")
    return tool.text("report.html")


def by_tx(*numbers: int) -> list[tuple[str, ...]]:
    return [("--tx", tx(number)) for number in numbers]


@pytest.mark.parametrize("losses", [by_tx(*PAID), [("--address", who("own"))]])
def test_what_may_be_counted_twice_is_one_figure_however_losses_are_declared(
    losses: list[tuple[str, ...]], tool: Tool
) -> None:
    page = worked(tool, PONZI, *losses)
    whose = "declared losses" if len(losses) > 1 else "losses by address"
    assert f"An inflow of 2,000.000000 USDT begins {whose}: 300.000000 USDT from wallets attributed" in page
    assert "Net of that, 1,500.000000 USDT came in" in page
    row = page.split("Of this perhaps counted twice, at most: what came back from places")[1]
    assert "-500.000000" in row[:400].replace("−", "-")
    net = "at most 500.000000 USDT may be the same value twice. Net of that: 1,500.000000 USDT"
    assert page.count(net) == 2, "beside where losses began, and where they went"
    totals = {row["figure"]: row["amount"] for row in tool.show("totals") if not row["loss"]}
    assert totals["inflow that begins losses"] == "2000000000"
    assert totals["inflow that may be counted twice"] == "500000000"
    assert totals["inflow net of what may be counted twice"] == "1500000000"
    result = json.loads((tool.case / "out/result.json").read_text())
    assert [one["amount"] for one in result["answer"] if one["to"] == "came back"] == ["-500000000"]
    assert "At most 300.000000 USDT of that may be the same value twice" in tool.text(
        "letters/binance-preserve-v1.txt"
    )
    (line,) = json.loads(tool("figures", "--json")[1])["assets"].values()
    assert (line["lost"], line["twice"], line["net"]) == ("2000000000", "500000000", "1500000000")
    said = "of 2,000.000000 USDT lost at most 500.000000 USDT may be counted twice; net of that 1,500.000000 USDT"
    assert said in "".join(map(str, tool("figures")))


def test_payments_of_losses_to_where_nothing_traced_had_been_are_told_of_no_origin(tool: Tool) -> None:
    page = worked(tool, PONZI[:2], *by_tx(1, 2))
    assert tool.show("origins") == []
    assert "same value twice" not in page
    (line,) = json.loads(tool("figures", "--json")[1])["assets"].values()
    assert (line["lost"], line["twice"], line["net"]) == ("1500000000", "0", "1500000000")


@pytest.mark.parametrize(
    ("moves", "amount", "rest", "of_it"),
    [(PONZI, "300", "60", "0"), (PONZI, "100", "260", "200"), (PONZI[:-1], "300", "0", "0")],
)
def test_what_a_service_paid_is_told_apart_from_a_loss_that_began_with_it(
    moves: list[tuple[str, str, int]], amount: str, rest: str, of_it: str, tool: Tool
) -> None:
    lost = by_tx(*PAID)
    lost[2] = (*lost[2], "--amount", amount)
    page = worked(tool, moves, *lost)
    whole = "All of that" if rest == "0" else f"Of that {amount}.000000 USDT"
    began = "is itself declared: with it 1 loss began, it is followed, and counted in what began as loss."
    assert page.count(f"{whole} {began}") == 2, "summary and conclusions"
    left = f"The rest, {rest}.000000 USDT, is not followed, and no figure here is net of it."
    assert page.count(left) == (0 if rest == "0" else 2)
    whole = "All of it" if of_it == "0" else f"Of it {amount}.000000 USDT"
    assert f"{whole} is itself declared: with it L3 began" in page
    assert (f"The rest, {of_it}.000000 USDT, is not followed, and no figure is net of it." in page) is (
        of_it != "0"
    )
    assert "That is not followed, and no figure here is net of it" not in page
    paper = tool.text("letters/binance-preserve-v1.txt")
    assert f"Of that {amount}.000000 USDT is itself declared: the payments marked in the table" in paper
    assert paper.count("with it began L3") == 1


def test_what_a_service_paid_and_nobody_declared_is_told_as_before(tool: Tool) -> None:
    page = worked(tool, PONZI, *by_tx(1, 2, 7))
    assert "That is not followed, and no figure here is net of it" in page
    paper = tool.text("letters/binance-preserve-v1.txt")
    assert "360.000000 USDT in all" in paper
    assert "itself declared" not in page + paper
    assert "with it began" not in paper


def test_value_that_came_before_its_receiver_paid_a_loss_did_not_come_back(tool: Tool) -> None:
    page = worked(tool, LATER, *by_tx(1, 3))
    assert "1 of them paid declared losses only later: what came there before is value of other losses" in page
    assert "200.000000 USDT, traced from other losses, went to 1 address that paid such losses only later" in page
    assert "had paid" not in page


def test_value_that_came_after_it_did_is_said_to_have_come_to_who_had_paid(tool: Tool) -> None:
    page = worked(tool, PONZI, *by_tx(*PAID))
    assert "1 of them had paid declared losses when value came there" in page
    assert "200.000000 USDT went to 1 address that had paid such losses" in page
    assert "only later" not in page


def test_of_what_came_at_both_times_each_is_told_with_its_amount(tool: Tool) -> None:
    page = worked(tool, [*LATER, ("own", "v2", 100)], *by_tx(1, 3))
    assert "200.000000 USDT, traced from other losses, went to 1 address that paid such losses only later" in page
    assert "100.000000 USDT went to 1 address that had paid such losses" in page


@pytest.mark.parametrize("other", [400, 450])
def test_a_letter_lists_a_loss_left_where_exhibits_disagree(other: int, tool: Tool) -> None:
    files = []
    for left in (400, other):
        moves = [("v1", "own", 1000), ("v2", "own", 500), ("own", "else", left), ("own", "hot", 100)]
        files.append(export(moves, ["own"]))
    tool.open(files[0], files[1].replace("a test", "another"), labels(EXCHANGE))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    paper = (tool.case / "out/letters/binance-preserve-v1.txt").read_text("utf-8")
    told = paper[paper.index("Losses that reached you, or are left at the addresses above") :].splitlines()
    assert [row.split(" |")[0] for row in told[2:4]] == ["L1", "L2"]
    assert ("exhibits disagree on what left" in paper) is (other != 400)


@pytest.mark.parametrize("open_", [False, True])
def test_what_moved_is_not_said_to_be_known_where_exhibits_disagree(
    open_: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = letter()
    until, ramp = max(one.captured for one in m.view.exhibits), m.ramps[0]
    rows = {"chain": [ramp.chain], "address": [ramp.address], "asset": [None], "until": [until], "exhibit": [1]}
    view = replace(m.view, tables={**m.view.tables, "coverage": lambda: pa.table(rows)})
    held = {(ramp.address, ramp.asset): 1} if open_ else {}
    monkeypatch.setattr(unsettled, "meeting", lambda view: held)
    said = covered.told(replace(m, view=view), "chronology.end_shown", [(ramp.chain, ramp.address, ramp.asset)])
    assert ("is known to" in said) is not open_
