"""Explain: three hops through a mixed address, worked by hand, and the screen a judge would read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from recover_chain_toy.chain import CHAIN, Toy
from recover_chain_toy.source import Payments

from recover.case import derived, open_for_reading
from recover.cli import main as program
from recover.plugins import registry
from recover.plugins.registry import load
from recover.sdk import Batch, Chain, Coverage, Exhibit, Source, plugin, table

START = datetime(2024, 5, 1, tzinfo=UTC)
PAYMENTS = """# toy payments
1 toy-ann toy-bob 10000
2 toy-own toy-mid 3000
3 toy-bob toy-mid 10000
4 toy-mid toy-end 5000
5 toy-mid toy-far 7000
6 toy-far toy-end 7000
"""
SHORTEST = """
The shortest route: 3 hops; 20.00 TOY of L1 went all this way

Hop 1 of 3: movement 0, transaction 1
  Time (UTC): 2024-05-01 00:01:00
  toy-ann -> toy-bob: 100.00 TOY moved
  The sender has no whole history in the exhibits: what it paid counts as clean until here.
  Of the clean part, 100.00 TOY became proceeds of L1 here
  Carried of L1: 100.00 TOY of 100.00 TOY

Hop 2 of 3: movement 2, transaction 3
  Time (UTC): 2024-05-01 00:03:00
  toy-bob -> toy-mid: 100.00 TOY moved
  Just before, the sender held 100.00 TOY: 100.00 TOY L1
  The rule fifo took: 100.00 TOY L1; sum 100.00 TOY
  Left: 100.00 TOY - 100.00 TOY = 0.00 TOY: nothing
  Carried of L1: 100.00 TOY of 100.00 TOY

Hop 3 of 3: movement 3, transaction 4
  Time (UTC): 2024-05-01 00:04:00
  toy-mid -> toy-end: 50.00 TOY moved
  Just before, the sender held 130.00 TOY: 30.00 TOY clean + 100.00 TOY L1
  The rule fifo took: 30.00 TOY clean + 20.00 TOY L1; sum 50.00 TOY
  Left: 130.00 TOY - 50.00 TOY = 80.00 TOY: 80.00 TOY L1
  Carried of L1: 20.00 TOY of 50.00 TOY

The largest route: 4 hops; 70.00 TOY of L1 went all this way
"""
SUMS = "Sums: of L1, 100.00 TOY began; at toy-end ended 90.00 TOY (uncollected), by 2 movements on all routes.\n"


class Timed(Payments):
    """The toy payments one minute apart, with the whole history of all but the last address."""

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        for minute, batch in enumerate(super().decode(exhibit), start=1):
            assert batch.transactions is not None
            rows = batch.transactions.to_pylist()
            timed = [{**row, "time": START + timedelta(minutes=minute)} for row in rows]
            yield replace(batch, transactions=table("transactions", timed))
        names = ("toy-bob", "toy-mid", "toy-far")
        yield Batch.of(*(Coverage(chain=CHAIN, address=name, place=1) for name in names))


class Plugin:
    @plugin
    def recover_chains(self) -> list[Chain]:
        return [Toy()]

    @plugin
    def recover_sources(self) -> list[Source]:
        return [Timed()]


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setattr(registry, "load", lambda: load(extra=[Plugin()]))
    monkeypatch.chdir(tmp_path)
    Path("p.txt").write_text(PAYMENTS)
    facts = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    assert program.main(["open", "c", *facts]) == 0
    assert program.main(["import", "c", "p.txt"]) == 0
    assert program.main(["loss", "c", "--tx", "1"]) == 0
    assert program.main(["run", "c", "--until", "trace"]) == 5  # toy-end is not collected
    capsys.readouterr()
    return Path("c")


def test_the_arithmetic_of_each_hop_is_on_the_screen(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["explain", "c", "toy-end"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\nL1 to toy-end, under fifo\n" + SHORTEST)
    assert SUMS in out
    assert "  toy-mid -> toy-far: 70.00 TOY moved\n  Just before, the sender held 80.00 TOY: 80.00 TOY L1\n" in out


def test_as_json_amounts_are_text(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["explain", "c", "toy-end", "--asset", "TOY", "--loss", "L1", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert [hop["tx"] for hop in one["shortest"]["hops"]] == ["1", "3", "4"]
    assert [hop["tx"] for hop in one["largest"]["hops"]] == ["1", "3", "5", "6"]
    last = one["shortest"]["hops"][-1]
    assert last["taken"] == [{"amount": "3000", "loss": None}, {"amount": "2000", "loss": "L1"}]
    assert (last["held"]["balance"], last["held"]["left"], last["traced"]) == ("13000", "8000", "2000")
    assert (one["shortest"]["bottleneck"], one["largest"]["bottleneck"]) == ("2000", "7000")


def test_an_endpoint_may_have_its_chain_in_front(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for name in ("toy-end", f"{CHAIN}:toy-end"):
        assert program.main(["explain", "c", name, "--json"]) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1]
    assert said[0][0]["endpoint"] == "toy-end"


def test_value_at_rest_is_an_endpoint_too(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["explain", "c", "toy-mid", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["ended"] == [["rest", "1000"]]
    assert [hop["tx"] for hop in one["largest"]["hops"]] == ["1", "3"]


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["toy-emd"], "endpoint-unknown", "toy-end"),
        ([f"{CHAIN}:toy-emd"], "endpoint-unknown", "toy-end"),
        (["toy:2:toy-end"], "endpoint-unknown", "toy-end"),
        (["toy-end", "--loss", "L2"], "endpoint-without", "L1 in toy:1/slip44:1"),
        (["toy-end", "--asset", "USDT"], "endpoint-without", "L1 in toy:1/slip44:1"),
    ],
)
def test_what_did_not_end_there_is_refused(
    case: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str, named: str
) -> None:
    assert program.main(["explain", "c", *words]) == 2
    err = capsys.readouterr().err
    assert f"code: {code}" in err
    assert named in err


def test_stored_flows_that_tracing_again_does_not_give_are_refused(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = case / "derived" / "trace"
    rows = derived.read(open_for_reading(case), "flows")
    forged = [{**row, "amount": row["amount"] + (row["seq"] == 3)} for row in rows.to_pylist()]
    derived.write(folder, "flows", pa.Table.from_pylist(forged, schema=rows.schema))
    code = program.main(["explain", "c", "toy-end"])
    out, err = capsys.readouterr()
    # The digest that the journal holds is the first to say so: nothing is explained from a table that was changed.
    assert (code, out) == (3, "")
    assert "flows" in err
