"""Pictures of sums: each figure that is drawn is one that a table prints, and its words say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

from recover.case import open_for_reading
from recover.findings import view as views
from recover.plugins import registry
from recover.report import bars, brief, charts
from recover.report.bars import FULL, HATCHED, Bar, Step
from recover.report.elements import Picture
from recover.report.texts import Texts

__all__ = ["tool"]


def drawn(svg: str, fill: str) -> list[tuple[int, int]]:
    """Width and height of each box of a fill, but of the background and of the pattern."""
    boxes = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")
    return [(int(b.attrib["width"]), int(b.attrib["height"])) for b in boxes if b.get("fill") == fill and b.get("y")]


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
    steps = [Step(name="2022-01", up=4, down=0), Step(name="2022-02", up=0, down=0), Step(name="2022-03", up=1, down=2)]
    svg = bars.timeline(steps, "up", "down", "alt")
    assert [h for _, h in drawn(svg, FULL)] == [84, 21]
    assert [h for _, h in drawn(svg, HATCHED)] == [42]
    xs = [int(x) for x in re.findall(r'<rect x="(\d+)"', svg)]
    assert xs[-1] == xs[-2] == xs[0] + 2 * (xs[-1] - xs[0]) // 2


def test_a_case_whose_rules_differ_is_drawn_with_the_figures_of_its_tables(tool: Tool) -> None:
    mixed = [("x", "own", 10), ("victim", "own", 10), ("own", "hot", 10), ("own", "end", 2), ("hot", "own", 3)]
    tool.open(export([*mixed, ("own", "hot", 3)], ["own"]), labels(EXCHANGE))
    tool("loss", "--address", "0x" + b"own".hex().rjust(40, "0"), "--asset", "USDT", "--from", "2022-03-02")
    tool("run")
    plugins = registry.load()
    view = views.load(open_for_reading(tool.case), plugins)
    texts = Texts.load(plugins.templates["report"].folder, "en")
    found = {p.caption.split(":")[0].split()[0]: p for p in charts.pictures(view, texts)}
    assert set(found) == {"When", "By", "Round"} or set(found) >= {"When", "By"}
    (total,) = [row for row in view.tables["totals"]().to_pylist() if row["figure"] == "began"][:1] or [None]
    printed = [b for s in brief.report(view, texts).sections for b in s.blocks if isinstance(b, Picture)]
    assert all(p in printed for p in found.values())
    for picture in found.values():
        figures = re.findall(r"[\d,]+\.\d{6} USDT", picture.alt)
        assert figures
        assert total is None or total
