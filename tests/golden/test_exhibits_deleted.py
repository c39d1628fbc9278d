"""Delete any exhibit: each figure of page 1 changes, or a gap names what is missing, or it does not rest on it.

Of every shipped case, with the history of each wallet, or each run of blocks, in an exhibit of its own, and the
labels in one more. The D'Aloia-shaped case in part here, and everything of all four among the slow tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from recover.case import open_for_reading, open_for_writing
from recover.cli import recipe
from recover.declared import losses
from recover.findings import view as views
from recover.linking import installed
from recover.plugins import registry
from recover.report import arrived, brief
from recover.report.elements import strings
from recover.report.texts import Texts
from recover.sdk import View
from recover.stages import collect, open, run

FILES = Path(__file__).parents[2] / "casefiles"
LABELS = "labels"
BASE = "the installed base of labels"
PARTS = 5
Exhibits = Mapping[str, tuple[bytes, str]]


def wallets(example: str, labels: str = "") -> Exhibits:
    """The transfers of a case, an exhibit for each wallet whose history they are; then the labels."""
    lines = (FILES / example / "transfers.csv").read_text("utf-8").splitlines()
    notes = [line for line in lines if line.startswith("#")]
    head, *rows = (line for line in lines if not line.startswith("#"))
    names = dict.fromkeys(row.split(",", 1)[0] for row in rows)
    parts = {w: "\n".join([*notes, head, *(r for r in rows if r.startswith(f"{w},"))]) + "\n" for w in names}
    found = {name: (text.encode(), "transfers") for name, text in parts.items()}
    return {**found, LABELS: ((FILES / example / labels).read_bytes(), "labels-csv")} if labels else found


def blocks(example: str) -> Exhibits:
    """The blocks of a case in so many runs."""
    data = (FILES / example / "blocks.dat").read_bytes()
    ends, at = [0], 0
    while at < len(data):
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        ends.append(at)
    cuts = [ends[len(ends) * n // PARTS] for n in range(PARTS)] + [len(data)]
    return {f"blocks-{n}": (data[cuts[n] : cuts[n + 1]], "bitcoin-blkfile") for n in range(PARTS)}


EXAMPLES: Mapping[str, Callable[[], Exhibits]] = {
    "daloia-shaped-example": cache(lambda: wallets("daloia-shaped-example", "labels.csv")),
    "bitcoin-first-payments-example": cache(lambda: blocks("bitcoin-first-payments-example")),
    "tron-seizure-orders-example": cache(
        lambda: {**wallets("tron-seizure-orders-example"), BASE: (b"", "")},
    ),
    "many-victims-example": cache(lambda: wallets("many-victims-example", "labels.csv")),
}


def lost(example: str) -> Iterator[dict[str, object]]:
    """The losses of a case's recipe; where an intake declares them, the first and largest wallets paid into."""
    path = FILES / example / "demo.toml"
    if path.is_file():
        for one in recipe.read(path).losses:
            yield {"tx": one.tx, "address": one.address, "amount_text": one.amount, "assets": one.assets}
        return
    names = [name for name in EXAMPLES[example]() if name != LABELS]
    for name in names[:4]:
        yield {"address": name, "assets": ()}


Figure = tuple[object, object, tuple[tuple[str, int], ...]]
"""An amount, at how many addresses, and by rule."""


@dataclass(frozen=True)
class State:
    """What page 1 says, by what each figure is of; the gaps; and what is printed."""

    view: View
    figures: Mapping[tuple[str, str], Figure]
    gaps: frozenset[tuple[str, str]]
    printed: str


def work(path: Path, example: str, without: str = "") -> State:
    plugins = registry.load()
    open.create(path / "case", title="t", examiner="e", agency="a", rule="fifo")
    with open_for_writing(path / "case", "test") as case:
        for name, (data, source) in EXAMPLES[example]().items():
            if name not in (without, BASE):
                (path / name).write_bytes(data)
                collect.files(case, plugins, [path / name], (source,), lambda *_: None)
        if BASE in EXAMPLES[example]() and without != BASE:
            for known in installed.installed(plugins.templates):
                installed.take(case, plugins, known)
        for loss in lost(example):
            losses.declare(case, plugins, **loss)  # type: ignore[arg-type]
        run.everything(case, plugins, lambda *_: None, "find")
    view = views.load(open_for_reading(path / "case"), plugins)
    found: dict[tuple[str, str], Figure] = {}
    for row in arrived.told(view):
        kind = next(key for key in ("amount", "credited", "stake") if key in row)
        by_rule = row.get("by_rule")
        rules = tuple(sorted(by_rule.items())) if isinstance(by_rule, dict) else ()
        found[str(row["to"]), kind] = (row[kind], row.get("addresses"), rules)
    gaps = frozenset((g["code"], str(g["subject"])) for g in view.tables["gaps"]().to_pylist())
    texts = Texts.load(plugins.templates["report"].folder, "en")
    return State(view, found, gaps, "\n".join(strings(brief.report(view, texts))))


_WHOLE: dict[str, State] = {}


@pytest.fixture
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> State:
    example: str = request.param
    if example not in _WHOLE:
        _WHOLE[example] = work(tmp_path_factory.mktemp("whole"), example)
    return _WHOLE[example]


_KINDS = {
    "": ("loss",),
    "uncollected": ("open-end",),
    "spent": ("spent",),
    "came back": ("came-back",),
}
"""The findings that give a figure of page 1, by what it is of; a service's otherwise, and what is left there."""
_SERVICE = ("service-total", "off-ramp", "at-rest", "not-seen-leaving")


def cited(state: State, figure: tuple[str, str]) -> set[int]:
    """The exhibits that the report gives for a figure, by its findings."""
    kinds = _KINDS.get(figure[0], _SERVICE)
    return {n for f in state.view.findings if f.kind in kinds for n in f.exhibits}


QUICK = (LABELS, "TWpxp8gWfioKvKXGrqPQGHXW7xnAW7YCGe", "TATN33RFPPU4sFs9w7DXWkrvfnV33ea4fJ", "blocks-2")
EACH = [
    pytest.param(example, name, marks=[] if name in QUICK and "many" not in example else pytest.mark.slow)
    for example, exhibits in EXAMPLES.items()
    for name in exhibits()
]


@pytest.mark.parametrize(("whole", "gone"), EACH, indirect=["whole"])
def test_no_figure_of_page_1_stays_in_silence(
    whole: State, gone: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    example = request.node.callspec.params["whole"]
    number = {e.name: e.number for e in whole.view.exhibits}.get(gone, len(whole.view.exhibits))
    left = work(tmp_path, example, gone)
    new = left.gaps - whole.gaps
    wallet = EXAMPLES[example]()[gone][1] == "transfers"
    named = [code for code, subject in new if not wallet or gone in subject]
    changed = {name for name, figure in whole.figures.items() if left.figures.get(name) != figure}
    apart = {name for name in whole.figures if number not in cited(whole, name)}
    assert changed or named or len(apart) == len(whole.figures), "nobody misses it, and figures rest on it"
    for name in whole.figures.keys() - changed - apart:
        assert named, f"{name} rests on exhibit {number}, stays as it was without it, and no gap says so"
    for name in changed:
        # What changed rests on the exhibit by what the report cites, or the gap says why it moved.
        assert name not in apart or named or new, name
    assert all(code in left.printed for code in named), "and the gap is printed"


@pytest.mark.parametrize("whole", ["daloia-shaped-example"], indirect=True)
def test_what_is_tested_is_all_of_page_1_and_every_exhibit(whole: State) -> None:
    exhibits = EXAMPLES["daloia-shaped-example"]()
    assert {e.name for e in whole.view.exhibits} == set(exhibits)
    assert len(exhibits) == 11
    assert {to for to, _ in whole.figures} == {"", "besides", "uncollected", "Example Exchange"}
    assert whole.figures["Example Exchange", "amount"][0] == 20_000 * 10**6
    assert cited(whole, ("", "amount")) == {1}, "what began rests on one exhibit, and no other can move it"
    shipped = {folder.name for folder in FILES.iterdir() if (folder / "README.md").is_file()}
    assert set(EXAMPLES) == shipped, "of every case that is shipped"
