"""Pictures of sums: each figure that is drawn is one that a table prints, and its words say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, who

from recover.case import open_for_reading
from recover.findings import view as views
from recover.plugins import registry
from recover.report import bars, brief, charts, figures
from recover.report.bars import FULL, HATCHED, Bar, Step
from recover.report.elements import Picture
from recover.report.texts import Texts

__all__ = ["tool"]


def drawn(svg: str, fill: str) -> list[tuple[int, int]]:
    """Width and height of each box of a fill, but of the background and of the pattern."""
    boxes = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")
    return [
        (int(b.attrib["width"]), int(b.attrib["height"])) for b in boxes if b.get("fill") == fill and b.get("y")
    ]


@pytest.mark.parametrize("amounts", [(1, 2, 4), (0, 10**30, 1), (5,)])
def test_a_bar_is_as_long_as_its_amount_and_none_vanishes(amounts: Sequence[int]) -> None:
    rows = [Bar(name=f"<{n}>", amount=n, figure=f"{n} X") for n in amounts]
    svg = bars.bars([("a & b", rows)], 'said "so"')
    wide = [w for w, _ in drawn(svg, FULL)]
    assert len(wide) == sum(n > 0 for n in amounts)
    assert max(wide) == 270
    assert wide == [max(n * 270 // max(amounts), 1) for n in amounts if n]
    assert all(f">{n} X</text>" in svg for n in amounts), "each figure stands in words"


def test_a_timeline_keeps_every_stretch_in_its_place_on_one_scale() -> None:
    steps = [
        Step(name="2022-01", up=4, down=0),
        Step(name="2022-02", up=0, down=0),
        Step(name="2022-03", up=1, down=2),
    ]
    svg = bars.timeline(steps, "up", "down", "alt")
    assert [h for _, h in drawn(svg, FULL)] == [84, 21]
    assert [h for _, h in drawn(svg, HATCHED)] == [42]
    xs = [int(x) for x in re.findall(r'<rect x="(\d+)"', svg)]
    assert xs[-1] == xs[-2] == xs[0] + 2 * (xs[-1] - xs[0]) // 2


def test_a_case_whose_rules_differ_is_drawn_with_the_figures_of_its_tables(tool: Tool) -> None:
    mixed = [("x", "own", 10), ("victim", "own", 10), ("own", "hot", 12), ("own", "end", 2), ("hot", "own", 3)]
    tool.open(export([*mixed, ("own", "hot", 3)], ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT", "--from", "2022-03-02")
    tool("run")
    plugins = registry.load()
    view = views.load(open_for_reading(tool.case), plugins)
    texts = Texts.load(plugins.templates["report"].folder, "en")
    found = {" ".join(p.caption.split()[:2]).rstrip(":"): p for p in charts.pictures(view, texts)}
    assert set(found) == {"When USDT", "By service", "By rule", "Round trips"}
    pictures = [b for s in brief.report(view, texts).sections for b in s.blocks if isinstance(b, Picture)]
    assert all(p in pictures for p in found.values())

    def units(text: list[str]) -> list[int]:
        return [int(n.replace(",", "").replace(".", "")) for n in text]

    began = sum(rest.amount for rest in figures.rests(view))
    went = sum(x.amount for x in figures.totals(view))
    assert sum(units(re.findall(r"([\d,.]+) USDT began", found["When USDT"].alt))) == began
    assert sum(units(re.findall(r"([\d,.]+) USDT went on to services", found["When USDT"].alt))) == went
    by_rule = dict(figures.totals(view)[0].by_rule)
    assert len(set(by_rule.values())) > 1
    assert sorted(units(re.findall(r" ([\d,.]+) USDT", found["By rule"].alt))) == sorted(by_rule.values())
    came = [row for row in view.tables["origins"]().to_pylist() if row["kind"] == "service"]
    said = units(re.findall(r"([\d,.]+) USDT", found["Round trips"].alt))
    assert said == [sum(int(row[name]) for row in came) for name in ("after", "twice")]
