"""One set of figures: whatever number a paper prints, `totals.csv` or `result.json` holds it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from tests.core.test_catalogue import SENTENCES, found
from tests.core.test_orders import TWO, at
from tests.core.test_round_trips import ROUND
from tests.core.test_statements import EXCHANGE, Move, Tool, export, labels, tool, tx, who

from recover.case import open_for_reading
from recover.findings import view as views
from recover.letters import paper
from recover.letters.matter import Matter
from recover.letters.written import Papers
from recover.plugins import registry
from recover.report import brief, data
from recover.report.elements import Brief, strings
from recover.report.texts import Texts
from recover.sdk import View

__all__ = ["found", "tool"]

# What is no figure: addresses, ids and hashes, moments, names with digits, and the numbers of findings, exhibits,
# sections, losses and pages.
_NAMES = re.compile(
    r"\b[0-9]{4,}[A-Z][0-9A-Z]+\b|\b\d{6}-\d\b|"  # of companies in registers
    r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d{4}-\d\d-\d\d(T[\d:]+Z)?|eip155:1\S*|erc20:\S+|slip44:\S+"
    r"|[A-Za-z]+[-_]?\d[\w.-]*|\d+\.\d+\.\d+\S*|\b2\^\d+|(Exhibits?|exhibits?|section) [\d, –and]+"
)
_FIGURE = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?!\w)")


def printed(view: View) -> Iterator[str]:
    """Every string of the report and of the letters."""
    texts = Texts.load(registry.load().templates["report"].folder, "en")
    yield from strings(brief.report(view, texts))
    made: list[str] = []
    write = paper.brief

    def seen(matter: Matter) -> Brief:
        one = write(matter)
        made.extend(strings(one))
        return one

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper, "brief", seen)
        list(Papers(view, list(registry.load().templates.values())).every())
    yield from made


def figures(text: str) -> Iterator[str]:
    yield from (number.replace(",", "") for number in _FIGURE.findall(_NAMES.sub(" ", text)))


def held(view: View) -> tuple[set[int], set[str]]:
    """Amounts in base units, and every number of the result as text."""
    result = json.loads(data.result(view))
    numbers: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            numbers.add(str(len(value)))
            for inner in value:
                walk(inner)
        elif isinstance(value, str):
            numbers.update(re.findall(r"\d+", value) if not value.isdigit() else [value])
            numbers.update(re.findall(r"\d+\.\d+", value))  # shares and bounds, which are texts already

    walk(result)
    # What our own sentences say whatever the case, the number of a journal entry among the words of a heading.
    for ident in ("report", "preserve", "letters-common"):
        for text in Texts.load(registry.load().templates[ident].folder, "en").entries.values():
            numbers.update(re.findall(r"\d+", text))
    routes = {int(n) for row in result["routes"] for n in re.findall(r"\d+", json.dumps(row))}
    withdrawn = {amount for sums in result["withdrawn"].values() for amount in map(int, sums.values())}
    single = {int(n) for row in result["movements"] for n in (row["moved"], *row["by_loss"].values())}
    # What a movement carried is the sum of what it carried of each loss.
    single |= {sum(map(int, row["by_loss"].values())) for row in result["movements"]}
    # Of a coin transaction of several a letter says what an address's coins brought, and what those of others.
    for brought in (row["brought"].values() for row in result["movements"] if "brought" in row):
        single |= {n for mine in map(int, brought) for n in (mine, sum(map(int, brought)) - mine)}
    by_day = {int(row[name]) for row in result["stretches"] for name in ("began", "came")}
    return {int(row["amount"]) for row in result["totals"]} | routes | withdrawn | single | by_day, numbers


def missing(view: View) -> list[str]:
    amounts, numbers = held(view)
    wrong = []
    for text in printed(view):
        for figure in figures(text):
            whole, _, part = figure.partition(".")
            exact = int(whole + part)
            # A decimal is an amount, and stands exactly; a whole number can be a count or base units.
            known = exact in amounts if len(part) == 6 else exact in amounts or figure in numbers
            if not known and exact:
                wrong.append(f"{figure} in {text[:160]!r}")
    return wrong


@SENTENCES
@pytest.mark.slow
def test_every_figure_of_every_paper_is_held(found: list[View]) -> None:
    wrong = [line for view in found for line in missing(view)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_figures_by_sequence_and_of_round_trips_are_held(tool: Tool) -> None:
    for name, file, loss in (
        ("tied", at(TWO), ("--tx", tx(1))),
        ("round", export(ROUND, ["own"]), ("--address", who("own"))),
        ("again", export(ROUND, ["own"]), ("--tx", tx(1))),
    ):
        tool.case = tool.folder / name
        tool.open(file, labels(EXCHANGE, ("hot2", "Kraken", "hot-wallet", "exchange")))
        tool("loss", *loss, "--asset", "USDT")
        tool("run")
        assert missing(views.load(open_for_reading(tool.case), registry.load())) == []


TWO_SERVICES = [
    ("victim", "own", 100),
    ("own", "hot", 100),
    ("hot", "own", 90),
    ("own", "hot", 60),
    ("own", "hot2", 30),
]


@pytest.mark.parametrize("moves", [ROUND, TWO_SERVICES])
def test_figures_on_value_counted_twice_and_of_single_movements_are_held(moves: list[Move], tool: Tool) -> None:
    tool.open(export(moves, ["own"]), labels(EXCHANGE, ("hot2", "Kraken", "hot-wallet", "exchange")))
    for loss in (("--address", who("own")), ("--tx", tx(3), "--asset", "USDT")):
        assert tool("loss", *loss)[0] == 0
    tool("run")
    view = views.load(open_for_reading(tool.case), registry.load())
    said = [text for text in printed(view) if "may be the same value twice" in text]
    assert len(said) > 2, "the report and a letter say it"
    held_by_row, _ = held(view)
    assert {
        int(n.replace(".", "")) for text in said for n in figures(text) if len(n.partition(".")[2]) == 6
    } <= held_by_row
    assert missing(view) == [], "what single movements moved, and sums by day, too"
    assert "Not in it: what single movements carried (annex/movements.csv" in tool.text("report.html")


def test_a_figure_is_told_from_what_only_has_digits() -> None:
    assert list(figures("1,234.500000 USDT (payments: 3) at 0xab12 on 2022-03-01T10:00:00Z, F12")) == [
        "1234.500000",
        "3",
    ]
