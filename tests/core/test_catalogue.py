"""Every sentence of the catalogue stands exactly where its condition holds, and was seen both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.core.test_statements import EXCHANGE, SWEEPS, Tool, export, labels, tx, who

from recover.case import open_for_reading
from recover.findings import view as views
from recover.letters import paper
from recover.letters.matter import Matter
from recover.letters.written import papers
from recover.plugins import registry
from recover.report import brief, catalogue, figures
from recover.report.texts import Texts
from recover.sdk import View

OKX = ("two", "OKX", "hot-wallet", "exchange")
BRIDGE = ("bridge", "Wormhole", "bridge", "defi_bridge")


def cases(tool: Tool) -> Iterator[View]:
    """Small cases that differ in what their papers may say."""
    simple = [("victim", "own", 50), ("own", "hot", 50)]
    yield worked(tool, "plain", export(simple, ["own"]), labels(EXCHANGE), loss=("--tx", tx(1)))
    yield worked(tool, "nowhere", export([("victim", "own", 50)], ["own"]), loss=("--tx", tx(1)))
    yield worked(
        tool, "unswept", export([*SWEEPS, ("v", "dep", 5)], ["dep"]), labels(EXCHANGE), loss=("--tx", tx(5))
    )
    mixed = [("x", "own", 10), ("victim", "own", 10), ("own", "hot", 10), ("own", "two", 4), ("own", "end", 2)]
    yield worked(tool, "rules", export(mixed, ["own"]), labels(EXCHANGE, OKX), loss=("--tx", tx(2)))
    yield worked(tool, "partial", export([("victim", "own", 50)], []), loss=("--address", who("own")))
    yield worked(tool, "direct", export([("victim", "hot", 50)], []), labels(EXCHANGE), loss=("--tx", tx(1)))
    over = [("victim", "own", 50), ("own", "bridge", 20)]
    yield worked(tool, "bridge", export(over, ["own"]), labels(BRIDGE), loss=("--tx", tx(1)))
    sweepers = [m for n in "abcd" for m in ((f"x{n}", f"s{n}", 5), (f"s{n}", "pool", 5), (f"x{n}", f"s{n}", 5))]
    sweepers += [(f"s{n}", "pool", 5) for n in "abcd"]
    known = [f"s{n}" for n in "abcd"]
    yield worked(tool, "hub", export(sweepers, known), loss=("--address", who("sa")), said="1")
    yield worked(tool, "changed", export(mixed, ["own"]), labels(EXCHANGE, OKX), loss=("--tx", tx(2)), rule="lifo")
    both = ("--tx", tx(2))
    yield worked(tool, "added", export(mixed, ["own"]), labels(EXCHANGE), loss=both, more=("--tx", tx(1)))
    shared = [("v1", "own", 10), ("v2", "own", 10), ("own", "hot", 10), ("own", "end", 10)]
    first = ("--tx", tx(1))
    yield worked(tool, "losses", export(shared, ["own"]), labels(EXCHANGE), loss=first, more=both)
    later = [("victim", "own", 10), ("own", "hot", 5), ("own", "mid", 5), ("x", "mid", 5)]
    later += [("mid", "e1", 5), ("mid", "e2", 5)]
    yield worked(
        tool, "unknown", export([("victim", "own", 9), ("own", "hot", 9)], ["hot"]), labels(EXCHANGE), loss=first
    )
    one, two = (export([("victim", "own", 50), ("own", "end", n)], ["own"]) for n in (20, 30))
    yield worked(tool, "disputed", one, two, loss=first)
    yield worked(tool, "later", export(later, ["own", "mid"]), labels(EXCHANGE), loss=first)


def worked(
    tool: Tool,
    name: str,
    *files: str,
    loss: tuple[str, str],
    rule: str = "",
    more: tuple[str, ...] = (),
    said: str = "",
) -> View:
    tool.case = tool.folder / name
    tool.open(*files)
    tool("loss", *loss, "--asset", "USDT")
    if said:
        tool("import", "--exhibit", said, "--by", "Officer B")
    tool("run")
    if rule:
        toml = tool.case / "case.toml"
        toml.write_text(toml.read_text().replace('rule = "fifo"', f'rule = "{rule}"'))
    if more:
        tool("loss", *more, "--asset", "USDT")
    if rule or more:
        tool("run")
    return views.load(open_for_reading(tool.case), registry.load())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[View]:
    """The views of all cases, worked once."""

    class Silent:
        def readouterr(self) -> tuple[str, str]:
            return "", ""

    tool = Tool(tmp_path_factory.mktemp("cases"), Silent())  # type: ignore[arg-type]
    return list(cases(tool))


def test_every_sentence_of_the_report_stands_where_its_condition_holds(found: list[View]) -> None:
    folder = registry.load().templates["report"].folder
    stood: dict[str, set[bool]] = {}
    for view in found:
        texts = Texts.load(folder, "en")
        brief.report(view, texts)
        for sentence in catalogue.report(view):
            holds = sentence.holds(view)
            assert (sentence.key in texts.used) == holds, (sentence.key, sentence.when, view.case.losses)
            stood.setdefault(sentence.key, set()).add(holds)
        said = {key for key in texts.used if key.startswith("findings.") and key.endswith(".text")}
        assert said <= {sentence.key for sentence in catalogue.report(view)}
    one_way = sorted(key for key, ways in stood.items() if len(ways) < 2 and not key.startswith("findings."))
    assert not one_way, f"never tried both ways: {', '.join(one_way)}"


def test_every_sentence_of_a_letter_stands_where_its_condition_holds(
    found: list[View], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[View, str, set[str]]] = []
    write = paper.brief

    def seen(matter: Matter) -> object:
        made_of = write(matter)
        made.append((matter.view, matter.key, set(matter.texts.used)))
        return made_of

    monkeypatch.setattr(paper, "brief", seen)
    stood: dict[str, set[bool]] = {}
    for view in found:
        list(papers(view, list(registry.load().templates.values())))
    for view, service, used in made:
        for sentence in catalogue.letter(service):
            holds = sentence.holds(view)
            assert (sentence.key in used) == holds, (sentence.key, service)
            stood.setdefault(sentence.key, set()).add(holds)
    assert all(len(ways) == 2 for ways in stood.values())
    assert any(not figures.at_stake(view, "Binance") for view in found)


def test_claims_of_the_texts_are_in_the_catalogue() -> None:
    texts = Texts.load(registry.load().templates["report"].folder, "en")
    known = {sentence.key for sentence in catalogue.REPORT}
    claims = {key for key in texts.entries if key.startswith(("conclusions.", "alternatives.edge"))}
    assert claims - known == {"conclusions.title", "conclusions.todo"}


def test_the_state_of_review_is_printed(found: list[View], tmp_path: Path) -> None:
    texts = Texts.load(registry.load().templates["report"].folder, "en")
    brief.report(found[0], texts)
    assert "review.state" in texts.used
