"""A policy of merging at work: what a trace stops at, what is left without a rule, why two addresses are one.

The case has toy payments, a list of labels, and a heuristic that says who paid `toy-joint`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recover_chain_toy.chain import CHAIN, Toy
from recover_chain_toy.source import Payments

from recover.cli import main as program
from recover.plugins import registry
from recover.plugins.registry import load
from recover.sdk import (
    Ask,
    Assertion,
    Batch,
    Chain,
    Coverage,
    Exhibit,
    Heuristic,
    HeuristicInfo,
    Ledger,
    Recorder,
    Scope,
    Source,
    SourceInfo,
    plugin,
)

PAYMENTS = """# toy payments
1 toy-own toy-pal 5000
2 toy-pal toy-joint 100
3 toy-hot toy-joint 100
4 toy-own toy-pal 100
5 toy-pal toy-far 100
"""
CALLS: list[str] = []


class Whole(Payments):
    """The toy payments with the whole history of every address."""

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield from super().decode(exhibit)
        yield Batch.of(Coverage(chain=CHAIN, address=None))


class Labels:
    info = SourceInfo(
        id="toy-labels",
        version="1",
        title="Labels",
        chains=(CHAIN,),
        place="line",
        media="text",
        terms="Made for tests.",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith(b"# toy labels\n")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        for line in exhibit.data.decode().splitlines()[1:]:
            address, service, grade = line.split()
            about = {"kind": "label", "chain": CHAIN, "address": address, "service": service, "grade": grade}
            yield Batch.of(
                Assertion(method="toy-labels", version="1", label=service, role="hot-wallet", **about)  # type: ignore[arg-type]
            )


class Joint:
    info = HeuristicInfo(
        id="paid-together",
        version="1",
        title="Paid together",
        models=("account",),
        asserts=("same-owner",),
        citation="made for tests",
        fails=("always",),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        CALLS.append("asked")
        rows = [row for row in ledger.transfers().to_pylist() if row["dst"] == "toy-joint"]
        yield Batch.of(*(self._pair(rows[0], row) for row in rows[1:]))

    def _pair(self, one: dict[str, Any], two: dict[str, Any]) -> Assertion:
        return Assertion(
            kind="same-owner",
            chain=CHAIN,
            address=one["src"],
            other=two["src"],
            grade="B",
            method=self.info.id,
            version="1",
            transactions=(one["tx"], two["tx"]),
        )


class Plugin:
    @plugin
    def recover_chains(self) -> list[Chain]:
        return [Toy()]

    @plugin
    def recover_sources(self) -> list[Source]:
        return [Whole(), Labels()]

    @plugin
    def recover_heuristics(self) -> list[Heuristic]:
        return [Joint()]


def policy(case: Path, chosen: str) -> None:
    """The text of `[link]` in a case's settings."""
    place = case / "case.toml"
    head, _, tail = place.read_text().partition("[link]")
    place.write_text(f"{head}[link]\n{chosen}\n\n[parameters]{tail.partition('[parameters]')[2]}")


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    here = load(extra=[Plugin()])
    alone = replace(here, heuristics={Joint.info.id: here.heuristics[Joint.info.id]})
    monkeypatch.setattr(registry, "load", lambda: alone)
    monkeypatch.chdir(tmp_path)
    Path("p.txt").write_text(PAYMENTS)
    Path("l.txt").write_text("# toy labels\ntoy-hot Kraken-Toy B\n")
    facts = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    assert program.main(["open", "c", *facts]) == 0
    policy(Path("c"), 'merge = ["paid-together"]')
    assert program.main(["import", "c", "p.txt", "l.txt"]) == 0
    assert program.main(["loss", "c", "--tx", "1"]) == 0
    CALLS.clear()
    assert program.main(["run", "c", "--until", "find"]) in (0, 5)
    capsys.readouterr()
    return Path("c")


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert program.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_trace_stops_at_what_a_cluster_adds_to_a_service(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (entity,) = [e for e in shown(capsys, "show", "c", "entities") if e["service"]]
    assert (entity["id"], entity["addresses"]) == ("toy-hot", ["toy-hot", "toy-pal"])
    assert [(a["heuristic"], a["version"], a["transactions"], a["grade"]) for a in entity["assertions"]] == [
        ("toy-labels", "1", [], "B"),
        ("paid-together", "1", ["2", "3"], "B"),
    ]
    (ramp,) = shown(capsys, "show", "c", "offramps")
    assert (ramp["service"], ramp["address"], ramp["amount"], ramp["grade"]) == (
        entity["service"],
        "toy-pal",
        "5000",
        "C",
    )
    assert ramp["exhibits"] == [1, 2]
    assert "Of one owner with toy-hot, by paid-together 1." in ramp["basis"]


def test_and_without_that_rule_is_answered_without_storing_anything(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in case.rglob("*") if path.is_file()}
    found = shown(capsys, "show", "c", "entities", "--without", "paid-together")
    assert [e["addresses"] for e in found] == [["toy-hot"]]
    assert {path: path.read_bytes() for path in case.rglob("*") if path.is_file()} == before
    assert CALLS == ["asked"]
    assert program.main(["show", "c", "entities", "--without", "change-x"]) == 2
    assert "It merges by: paid-together" in capsys.readouterr().err
    assert program.main(["show", "c", "gaps", "--without", "paid-together"]) == 2


def test_without_a_heuristic_is_asked_by_the_policy_and_no_heuristic_runs_again(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert CALLS == ["asked"]
    policy(case, "merge = []")
    assert program.main(["run", "c", "--until", "link"]) in (0, 5)
    assert CALLS == ["asked"]
    # What papers say of a changed policy is what the former one would give: of what was asserted, joined again.
    assert program.main(["run", "c", "--until", "find"]) in (0, 5)
    assert CALLS == ["asked"]
    assert [e["addresses"] for e in shown(capsys, "show", "c", "entities")] == [["toy-hot"]]
    assert shown(capsys, "show", "c", "offramps") == []
    (answer,) = shown(capsys, "explain", "c", "toy-hot", "toy-pal")
    assert (answer["joined"], answer["entity"]) == (False, None)
    assert answer["why"] == "Not joined: step 1 of the shortest chain does not count."
    assert [step["why"] for step in answer["steps"]] == ["the case does not merge by this heuristic"]
    assert program.main(["verify", "c"]) == 0
    assert CALLS == ["asked", "asked"], "verify asserts all again, once for both policies"


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        ('merge = ["common-inputs"]', "common-inputs"),
        ('least = "F"', "`link.least` is not a grade"),
        ("merge = 3", "`link.merge` is not a list"),
        ('merge = ["a", "a"]', "`link.merge` names a heuristic twice"),
        ("most = 3", "`link.most` is not a setting"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(
    case: Path, capsys: pytest.CaptureFixture[str], chosen: str, named: str
) -> None:
    policy(case, chosen)
    assert program.main(["run", "c", "--until", "link"]) == 2
    assert named in capsys.readouterr().err


def test_two_addresses_may_have_their_chain_in_front(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (plain,) = shown(capsys, "explain", "c", "toy-hot", "toy-pal")
    for one, two in ((f"{CHAIN}:toy-hot", f"{CHAIN}:toy-pal"), (f"{CHAIN}:toy-hot", "toy-pal")):
        assert shown(capsys, "explain", "c", one, two) == [plain]
    assert program.main(["explain", "c", "toy:2:toy-hot", "toy-pal"]) == 2
    assert "address-unknown" in capsys.readouterr().err


def test_explain_of_two_addresses_prints_each_step(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["explain", "c", "toy-pal", "toy-hot"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\ntoy-pal and toy-hot, on toy:1\nEntity toy-hot, Kraken-Toy.\n")
    assert (
        "Step 1 of 1: toy-pal - toy-hot\n  same-owner by paid-together 1, grade B\n  Transactions: 2, 3\n" in out
    )


def test_explain_says_when_nothing_joins_them(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (answer,) = shown(capsys, "explain", "c", "toy-own", "toy-hot")
    assert (answer["joined"], answer["entity"], answer["steps"]) == (False, None, [])
    assert answer["why"] == "Nothing is asserted that would join them, however weak."
    assert program.main(["explain", "c", "toy-own", "toy-hott"]) == 2
    assert "toy-hot" in capsys.readouterr().err
