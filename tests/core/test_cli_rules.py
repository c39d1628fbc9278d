"""`show rules`: where the rules disagree, on a table of ends written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from tests.core.test_statements import export

from recover.case import derived
from recover.cli import main as program
from recover.sdk import UINT256, amounts
from recover.stages import open as opening
from recover.trails.flows import ENDS

COIN = "toy:1/slip44:1"
FIGURES = (
    ("fifo", "L1", "a", "service", 70),
    ("fifo", "L2", "a", "service", 5),
    ("lifo", "L1", "a", "service", 75),
    ("prorata", "L2", "a", "service", 75),
    ("poison", "L1", "a", "service", 9999),
    ("fifo", "L1", "b", "rest", 30),
    ("prorata", "L1", "b", "rest", 20),
    ("poison", "L1", "c", "rest", 9999),
    ("fifo", "L1", "d", "fee", UINT256),
    ("lifo", "L1", "d", "fee", UINT256 - 1),
    ("prorata", "L1", "d", "fee", UINT256),
)
TABLE = """\
Endpoint  Reason   Asset  fifo (declared)  lifo  prorata  Least  Most  Nothing under
b         rest     TOY               0.30  0.00     0.20   0.00  0.30  lifo
a         service  TOY               0.75  0.75     0.75   0.75  0.75  -
"""


@pytest.fixture(autouse=True)
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opening.create(Path("c"), title="T", examiner="N", agency="A", rule="fifo")
    assets = [{"asset": COIN, "symbol": "TOY", "decimals": 2, "name": ""}]
    derived.write(Path("c/derived/ledger"), "assets", pa.Table.from_pylist(assets))


def ends(*rows: tuple[str, str, str, str, int], ties: str = "as recorded") -> pa.Table:
    names = ("rule", "loss", "address", "reason")
    made = []
    for *texts, amount in rows:
        narrow, wide = amounts.split(amount)
        shared = {"ties": ties, "asset": COIN, "amount": narrow, "wide": wide, "transfers": 1}
        made.append({**shared, **dict(zip(names, texts, strict=True))})
    return pa.Table.from_pylist(made, schema=ENDS)


def keep(*parts: pa.Table) -> None:
    derived.write(Path("c/derived/trace"), "ends", pa.concat_tables(parts))


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = program.main(["show", "c", "rules", *words])
    return (code, *capsys.readouterr())


def test_the_widest_range_stands_first_and_exposure_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    keep(ends(*FIGURES[:7]), ends(("fifo", "L1", "b", "rest", 7), ties="reversed"))
    code, out, err = shown(capsys)
    assert code == 0
    assert out == TABLE
    assert "disagree at 1 of 2 endpoints" in err


def test_json_holds_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    keep(ends(*FIGURES))
    rows = {row["address"]: row for row in json.loads(shown(capsys, "--json")[1])}
    assert set(rows) == {"a", "b", "d"}
    assert rows["b"] == {
        "asset": COIN,
        "address": "b",
        "reason": "rest",
        "declared": "fifo",
        "declared_amount": "30",
        "by_rule": {"fifo": "30", "lifo": "0", "prorata": "20"},
        "least": "0",
        "most": "30",
        "agree": False,
        "open": False,
        "zero_under": ["lifo"],
    }
    assert rows["a"]["agree"] is True
    assert (rows["d"]["least"], rows["d"]["most"]) == (str(UINT256 - 1), str(UINT256))


def test_a_limit_does_not_change_what_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    keep(ends(*FIGURES))
    assert [len(json.loads(shown(capsys, "--json", "--limit", n)[1])) for n in ("1", "0")] == [1, 3]
    assert "disagree at 2 of 3 endpoints" in shown(capsys, "--limit", "1")[2]


def test_nothing_traced_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    keep(ENDS.empty_table())
    assert shown(capsys)[:2] == (0, "")
    assert json.loads(shown(capsys, "--json")[1]) == []


def test_before_a_trace_the_stage_to_run_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = shown(capsys)
    assert (code, "recover import c FILE..." in err) == (2, True), "nothing can be traced before anything is here"
    Path("p.csv").write_text(export([("a", "b", 1)], ["a"]))
    assert program.main(["import", "c", "p.csv"]) == 0
    code, _, err = shown(capsys)
    assert (code, "recover run c --until trace" in err) == (2, True)
