"""A letter gives the range over rules that the report gives, also where only another rule pays an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

from recover.case import open_for_reading
from recover.findings import view as views
from recover.letters import drafts
from recover.letters.life import Choice, Letter
from recover.letters.matter import Ways
from recover.plugins import registry
from recover.report import figures
from recover.sdk import View

__all__ = ["tool"]

APART = [("victim", "own", 100), ("x", "own", 40), ("own", "hot", 60), ("own", "hk", 60), ("own", "d", 20)]
APART += [("d", "hot", 10), ("d", "hk", 10)]
TOGETHER = listed(
    *(
        row("own" if "own" in (src, dst) else "d", n, f"{n:02d}T10:00:00", src, dst, amount)
        for (src, dst, amount), n in zip(APART, (1, 2, 3, 3, 3, 4, 4), strict=True)
    )
)
RANGE = re.compile(r"the figure is from ([\d.]+) USDT \([^)]*\) to ([\d.]+) USDT")


def letter(view: View, service: str, losses: Sequence[str] = ()) -> dict[str, int]:
    """By rule, the sum of a letter to a service."""
    desk = drafts.desk(list(registry.load().templates.values()))
    choice = Choice(id="x-preserve", kind="preserve", service=service, name=service, basis="none-voluntary")
    choice = replace(choice, losses=tuple(losses))
    (m,) = drafts.matters(view, desk, Ways(view), choice, Letter(choice.id))
    return dict(m.total(service, m.ramps[0].asset).by_rule)


@pytest.mark.parametrize("moves", [export(APART, ["own", "d"]), TOGETHER], ids=["apart", "of one transaction"])
def test_what_only_another_rule_pays_is_in_the_range_of_both(moves: str, tool: Tool) -> None:
    tool.open(moves, labels(EXCHANGE, ("hk", "Kraken", "hot-wallet", "exchange")))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (declared,) = {r["amount"] for r in tool.show("offramps") if r["by_rule"]["lifo"] == "10000000"}
    assert declared == "0", "the declared rule gives the second address nothing"
    report, said = tool.text("report.html"), {}
    for name in ("Binance", "Kraken"):
        text = tool.text(f"letters/{name.lower()}-preserve-v1.txt")
        said[name] = RANGE.findall(text)[0]
        assert said[name] in RANGE.findall(report)
        assert f"went through 1 address into wallets attributed to {name}" in text
    assert said == {"Binance": ("30.000000", "60.000000"), "Kraken": ("40.000000", "70.000000")}
    view = views.load(open_for_reading(tool.case), registry.load())
    for total in figures.totals(view):
        for losses in ((), ("L1",)):
            assert letter(view, total.service or "", losses) == dict(total.by_rule), "of the one loss alone too"
