"""What `show` and `export` give, on a case whose derived tables are written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from recover.case import derived as tables
from recover.case import open_for_writing
from recover.cli import main as program
from recover.findings import stored
from recover.plugins import pins, registry
from recover.plugins.registry import Plugins
from recover.sdk import UINT256, Batch, ExporterInfo, Gap, OffRamp, View
from recover.stages import open as opening
from recover.testing import sample

COIN = "toy:1/slip44:1"
RAMP = OffRamp(
    service=None,
    service_name="",
    address="toy-[red]hub[/red]",
    chain="toy:1",
    asset=COIN,
    decimals=2,
    symbol="TOY",
    amount=UINT256,
    arrived=UINT256,
    swept=12345,
    whole_in=None,
    passed_on=None,
    at_rest=0,
    transfers=3,
    sweeps=2,
    hot_wallets=("toy-hot",),
    grade="E",
    basis="many addresses send here",
    first=datetime(2024, 5, 1, tzinfo=UTC),
    last=None,
    transactions=("1", "2"),
    sweep_transactions=("3",),
    exhibits=(1,),
    by_rule={"fifo": UINT256, "lifo": 0},
    by_loss={"L1": UINT256},
    reversed_ties=5,
    through="toy-[red]hub[/red]",
    credited=UINT256,
    elsewhere_at={"toy-else": 0},
    by_rule_and_loss={"fifo": {"L1": UINT256}},
)
SLOTS = {
    "asset": COIN,
    "amount": {"int": str(UINT256)},
    "transfers": {"int": "3"},
    "basis": "12",
    "rules": ["lifo"],
}


@pytest.fixture(autouse=True)
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    opening.create(Path("c"), title="T", examiner="N", agency="A", rule="fifo")
    derived = Path("c/derived")
    assets = [{"asset": COIN, "symbol": "TOY", "decimals": 2, "name": ""}]
    tables.write(derived / "ledger", "assets", pa.Table.from_pylist(assets))
    ramps = pa.Table.from_pylist([stored.ramp_row(RAMP)], schema=stored.OFFRAMPS)
    tables.write(derived / "find", "offramps", ramps)
    finding = {
        "id": "F1",
        "kind": "off-ramp",
        "subject": "s",
        "grade": "E",
        "slots": json.dumps(SLOTS),
        "exhibits": [1],
    }
    tables.write(derived / "find", "findings", pa.Table.from_pylist([finding]))
    gaps = [Gap(code=code, subject=f"s{n}", why="w\u202e") for n, code in enumerate(["b", "a", "a"])]
    found = Batch.of(*gaps).gaps
    assert found is not None
    tables.write(derived / "find", "gaps", found)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = program.main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_off_ramps_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "show", "c", "offramps", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {
            "service": None,
            "service_name": "",
            "address": "toy-[red]hub[/red]",
            "chain": "toy:1",
            "asset": COIN,
            "symbol": "TOY",
            "decimals": 2,
            "amount": str(UINT256),
            "arrived": str(UINT256),
            "swept": "12345",
            "whole_in": None,
            "passed_on": None,
            "at_rest": "0",
            "transfers": 3,
            "sweeps": 2,
            "hot_wallets": ["toy-hot"],
            "grade": "E",
            "basis": "many addresses send here",
            "first": "2024-05-01T00:00:00+00:00",
            "last": None,
            "transactions": ["1", "2"],
            "sweep_transactions": ["3"],
            "exhibits": [1],
            "by_rule": {"fifo": str(UINT256), "lifo": "0"},
            "by_loss": {"L1": str(UINT256)},
            "reversed_ties": "5",
            "memo": "",
            "account": "",
            "by_memo": False,
            "by_order": {},
            "by_order_and_loss": {},
            "possible": "",
            "completeness": [],
            "credited_address": None,
            "paid_by": "toy-[red]hub[/red]",
            "paid": {"transactions": ["3"], "first": None, "last": None},
            "through": "toy-[red]hub[/red]",
            "deposit": False,
            "credited": str(UINT256),
            "unswept": "0",
            "elsewhere": "0",
            "fees": "0",
            "elsewhere_at": {"toy-else": "0"},
            "unfollowed": "0",
            "by_rule_and_loss": {"fifo": {"L1": str(UINT256)}},
            "by_rule_and_order": {},
            "unswept_bounds": {},
            "still": "0",
        }
    ]


def test_off_ramps_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "show", "c", "offramps")
    head, row = out.splitlines()
    assert head.split()[:3] == ["Service", "Address", "Asset"]
    assert row.startswith("unlabelled hub  toy-[red]hub[/red]  TOY")
    assert f"{UINT256 // 100:,}.{UINT256 % 100:02d}" in row
    assert "123.45" in row


def test_findings_keep_value_and_counts_apart(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "show", "c", "findings", "--json")
    slots = json.loads(out)[0]["slots"]
    assert slots == {"asset": COIN, "amount": str(UINT256), "transfers": 3, "basis": "12", "rules": ["lifo"]}
    _, out, _ = told(capsys, "show", "c", "findings")
    assert f"amount {UINT256 // 100:,}." in out
    assert "basis 12" in out
    assert "transfers 3;" in out or out.rstrip().endswith("transfers 3")


def test_gaps_are_counted_first(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "show", "c", "gaps")
    assert [line.split() for line in out.splitlines()[:3]] == [["Gaps", "Code"], ["2", "a"], ["1", "b"]]
    assert "w\\u202e" in out
    _, out, _ = told(capsys, "show", "c", "gaps", "--json")
    assert [gap["subject"] for gap in json.loads(out)] == ["s0", "s1", "s2"]


@pytest.mark.parametrize(("limit", "rows"), [("1", 1), ("2", 2), ("3", 3), ("0", 3), ("99", 3)])
def test_limit(limit: str, rows: int, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "show", "c", "gaps", "--limit", limit, "--json")
    assert len(json.loads(out)) == rows
    _, _, err = told(capsys, "show", "c", "gaps", "--limit", limit)
    assert ("--limit 0 shows all" in err) == (rows < 3)


class Sheets:
    def __init__(self, name: str, *files: tuple[str, bytes]) -> None:
        self.info = ExporterInfo(id=name, version="1", title=name, form="f")
        self.made = files

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        for name, data in self.made:
            if not name:
                raise ValueError("no \x1bname")
            yield name, data


@pytest.fixture
def exporters(monkeypatch: pytest.MonkeyPatch) -> dict[str, Sheets]:
    from recover.findings import view

    found: dict[str, Sheets] = {}
    templates = registry.load().templates
    monkeypatch.setattr(registry, "load", lambda: Plugins(exporters=dict(found), templates=templates))
    with open_for_writing(Path("c"), "test") as opened:  # what is written by hand is not older than the case
        pins.pin(opened, Plugins())
        for stage in pins.ORDER[:4]:
            opened.note("ran", {"stage": stage})
    monkeypatch.setattr(view, "load", lambda case, plugins, stale="": sample.view())
    return found


def test_one_format_goes_into_the_folder(exporters: dict[str, Sheets], capsys: pytest.CaptureFixture[str]) -> None:
    exporters["sheets"] = Sheets("sheets", ("x.csv", b"1"), ("sub/y.csv", b"2"))
    exporters["b"] = Sheets("b", ("x.csv", b"3"))
    said = '{"edition":"V1","files":["one/x.csv","one/sub/y.csv"]}\n'
    assert told(capsys, "export", "c", "--out", "one", "--json")[1] == said
    assert told(capsys, "export", "c", "--as", "b", "--out", "only")[1] == "only/x.csv\n"
    assert Path("only/x.csv").read_bytes() == b"3"


def test_an_edition_is_the_formats_own_or_what_is_named(
    exporters: dict[str, Sheets], capsys: pytest.CaptureFixture[str]
) -> None:
    exporters["b"] = Sheets("b", ("x", b"3"))
    exporters["b"].info = replace(exporters["b"].info, edition="V2")
    said = told(capsys, "export", "c", "--as", "b", "--out", "o", "--json")[1]
    assert json.loads(said)["edition"] == "V2"
    said = told(capsys, "export", "c", "--as", "b", "--out", "o", "--edition", "V0", "--json")[1]
    assert json.loads(said)["edition"] == "V0"
    code, _, err = told(capsys, "export", "c", "--as", "b", "--out", "o", "--edition", "V9")
    assert (code, "There is no edition 'V9'" in err) == (2, True)


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\b", "x\u202e", ""])
def test_a_file_that_would_leave_the_folder_stops_everything(
    name: str, exporters: dict[str, Sheets], capsys: pytest.CaptureFixture[str]
) -> None:
    exporters["b"] = Sheets("b", ("good.csv", b"1"), (name, b"2"))
    code, _, err = told(capsys, "export", "c", "--as", "b", "--out", "o")
    assert code == 4
    assert "The plugin b " in err
    assert "\x1b" not in err
    assert not Path("o").exists()


def test_export_names_what_is_wrong(exporters: dict[str, Sheets], capsys: pytest.CaptureFixture[str]) -> None:
    assert "No export format is installed" in told(capsys, "export", "c", "--out", "o")[2]
    exporters["sheets"] = Sheets("sheets", ("x", b"1"))
    assert "Did you mean sheets?" in told(capsys, "export", "c", "--out", "o", "--as", "sheet")[2]
    code, _, err = told(capsys, "export", "c", "--out", "c/out")
    assert code == 2
    assert "inside the case" in err
