"""Delete any exhibit: each figure of page 1 changes, or a gap names what is missing, or it does not rest on it.

The D'Aloia-shaped case, with the history of each wallet in an exhibit of its own, and the labels in one more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from recover.case import open_for_reading, open_for_writing
from recover.cli import recipe
from recover.declared import losses
from recover.findings import view as views
from recover.plugins import registry
from recover.report import answer, brief
from recover.report.elements import strings
from recover.report.texts import Texts
from recover.sdk import View
from recover.stages import collect, open, run

EXAMPLE = Path(__file__).parents[2] / "casefiles" / "daloia-shaped-example"
LABELS = "labels.csv"


@cache
def exhibits() -> Mapping[str, str]:
    """The text of each exhibit, by the wallet whose history it is."""
    lines = (EXAMPLE / "transfers.csv").read_text("utf-8").splitlines()
    notes = [line for line in lines if line.startswith("#")]
    head, *rows = (line for line in lines if not line.startswith("#"))
    wallets = dict.fromkeys(row.split(",", 1)[0] for row in rows)
    found = {w: "\n".join([*notes, head, *(r for r in rows if r.startswith(w))]) + "\n" for w in wallets}
    return {**found, LABELS: (EXAMPLE / LABELS).read_text("utf-8")}


Figure = tuple[object, tuple[tuple[str, int], ...]]


@dataclass(frozen=True)
class State:
    """What page 1 says, by what each figure is of; the gaps; and what is printed."""

    view: View
    figures: Mapping[tuple[str, str], Figure]
    gaps: frozenset[tuple[str, str]]
    printed: str


def work(path: Path, without: str = "") -> State:
    plugins, chosen = registry.load(), recipe.read(EXAMPLE / "demo.toml")
    open.create(path / "case", title="t", examiner="e", agency="a", rule=chosen.rule)
    with open_for_writing(path / "case", "test") as case:
        for name, text in exhibits().items():
            if name != without:
                (path / name).write_text(text, "utf-8")
                source = "labels-csv" if name == LABELS else "transfers"
                collect.files(case, plugins, [path / name], (source,), lambda *_: None)
        for loss in chosen.losses:
            losses.declare(case, plugins, tx=loss.tx, amount_text=loss.amount, assets=loss.assets)
        run.everything(case, plugins, lambda *_: None, "find")
    view = views.load(open_for_reading(path / "case"), plugins)
    found: dict[tuple[str, str], Figure] = {}
    for row in answer.told(view):
        kind = next(key for key in ("amount", "credited", "stake") if key in row)
        by_rule = row.get("by_rule")
        rules = tuple(sorted(by_rule.items())) if isinstance(by_rule, dict) else ()
        found[str(row["to"]), kind] = (row[kind], rules)
    gaps = frozenset((g["code"], str(g["subject"])) for g in view.tables["gaps"]().to_pylist())
    texts = Texts.load(plugins.templates["report"].folder, "en")
    return State(view, found, gaps, "\n".join(strings(brief.report(view, texts))))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> State:
    return work(tmp_path_factory.mktemp("whole"))


def cited(state: State, figure: tuple[str, str]) -> set[int]:
    """The exhibits that the report gives for a figure, by its findings."""
    to, _ = figure
    kinds = {"": ("loss",), "uncollected": ("open-end",)}.get(to, ("service-total", "off-ramp"))
    return {n for f in state.view.findings if f.kind in kinds for n in f.exhibits}


QUICK = (LABELS, "TWpxp8gWfioKvKXGrqPQGHXW7xnAW7YCGe", "TATN33RFPPU4sFs9w7DXWkrvfnV33ea4fJ")
EACH = [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in exhibits()]


@pytest.mark.parametrize("gone", EACH)
def test_no_figure_of_page_1_stays_in_silence(gone: str, whole: State, tmp_path: Path) -> None:
    number = {e.name: e.number for e in whole.view.exhibits}[gone]
    left = work(tmp_path, gone)
    named = [code for code, subject in left.gaps - whole.gaps if gone == LABELS or gone in subject]
    changed = {name for name, figure in whole.figures.items() if left.figures.get(name) != figure}
    apart = {name for name in whole.figures if number not in cited(whole, name)}
    assert changed or named, "an exhibit that nothing rests on, and that nobody misses"
    for name in whole.figures.keys() - changed - apart:
        assert named, f"{name} rests on exhibit {number}, stays as it was without it, and no gap says so"
    for name in changed:
        # What changed rests on the exhibit by what the report cites, or the gap says why it moved.
        assert name not in apart or named or left.gaps - whole.gaps, name
    assert all(code in left.printed for code in named), "and the gap is printed"


def test_what_is_tested_is_all_of_page_1_and_every_exhibit(whole: State) -> None:
    assert {e.name for e in whole.view.exhibits} == set(exhibits())
    assert len(exhibits()) == 11
    assert {to for to, _ in whole.figures} == {"", "besides", "uncollected", "Example Exchange"}
    assert whole.figures["Example Exchange", "amount"][0] == 20_000 * 10**6
    assert cited(whole, ("", "amount")) == {1}, "what began rests on one exhibit, and no other can move it"
