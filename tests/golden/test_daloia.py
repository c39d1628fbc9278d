"""The D'Aloia-shaped case: the rules disagree about one credit, some give nothing, and the summary says so."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.laws import simulator
from tests.laws.simulator import Ledger

from recover.case import open_for_writing
from recover.cli import recipe
from recover.declared import losses
from recover.findings import stored
from recover.plugins import registry
from recover.sdk import Finding, OffRamp
from recover.stages import collect, open, run

EXAMPLE = Path(__file__).parents[2] / "casefiles" / "daloia-shaped-example"
EXPECTED: dict[str, Any] = tomllib.loads((EXAMPLE / "expected.toml").read_text("utf-8"))
RULES = sorted(EXPECTED["by_rule"])
GRAIN = 100 * 10**6
"""The simulator has a token for each 100 whole tokens of the case: every share is a whole number of them."""


@dataclass(frozen=True)
class Worked:
    ramps: tuple[OffRamp, ...]
    findings: tuple[Finding, ...]
    report: str


@dataclass(frozen=True)
class Told:
    """The case as the files alone tell it: its ledger, and by number each address and transaction."""

    ledger: Ledger
    addresses: list[str]
    transactions: list[str]


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    plugins = registry.load()
    chosen = recipe.read(EXAMPLE / "demo.toml")
    path = tmp_path_factory.mktemp("daloia") / "case"
    open.create(path, title=chosen.title, examiner=chosen.examiner, agency=chosen.agency, rule=chosen.rule)
    with open_for_writing(path, "test") as case:
        for file in chosen.files:
            collect.files(case, plugins, [file.path], file.sources, quiet)
        for loss in chosen.losses:
            losses.declare(case, plugins, tx=loss.tx, amount_text=loss.amount, assets=loss.assets)
        run.everything(case, plugins, quiet)
        return Worked(stored.offramps(case), stored.findings(case), (case.out / "report.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def told() -> Told:
    """Read with nothing of the project: the rows of both files, each transfer once."""
    rows = list(csv.DictReader(_table("transfers.csv")))
    hot = {row["address"] for row in csv.DictReader(_table("labels.csv"))}
    once = list({row["tx"]: row for row in rows}.values())
    addresses = sorted({row[end] for row in rows for end in ("from", "to")})
    number = {address: place for place, address in enumerate(addresses)}
    transactions = [row["tx"] for row in once]
    loss = transactions.index(tomllib.loads((EXAMPLE / "demo.toml").read_text("utf-8"))["loss"][0]["tx"])
    assert all(int(row["amount"]) % GRAIN == 0 for row in once)
    assert [row["time"] for row in once] == sorted({row["time"] for row in once})
    ledger = Ledger(
        moves=[(number[r["from"]], number[r["to"]], int(r["amount"]) // GRAIN, False) for r in once],
        stop=[int(address in hot) for address in addresses],
        known=[address in {row["view"] for row in rows} for address in addresses],
        by_move=[(loss, 0, EXPECTED["loss"] // GRAIN)],
    )
    return Told(ledger, addresses, transactions)


def _table(name: str) -> list[str]:
    return [x for x in (EXAMPLE / name).read_text("utf-8").splitlines() if not x.startswith("#")]


@pytest.mark.parametrize("name", ["transfers", "labels"])
def test_the_case_is_made_again_to_the_byte(name: str) -> None:
    made = subprocess.run([sys.executable, "-B", EXAMPLE / "build.py", name], capture_output=True, check=True)
    assert made.stdout == (EXAMPLE / f"{name}.csv").read_bytes()


def test_the_one_endpoint_is_the_deposit_address(worked: Worked) -> None:
    (ramp,) = worked.ramps
    assert (ramp.address, ramp.service, ramp.asset) == (
        EXPECTED["endpoint"]["address"],
        EXPECTED["service"],
        EXPECTED["asset"],
    )
    assert (ramp.swept, ramp.sweeps) == (EXPECTED["endpoint"]["swept"], EXPECTED["endpoint"]["sweeps"])
    assert ramp.amount == EXPECTED["by_rule"]["fifo"]


def test_every_rule_gives_its_figure(worked: Worked) -> None:
    (ramp,) = worked.ramps
    assert dict(ramp.by_rule) == EXPECTED["by_rule"]


@pytest.mark.parametrize("rule", RULES)
def test_the_simulator_gives_the_same_figure(rule: str, told: Told, worked: Worked) -> None:
    found = simulator.simulate(told.ledger, rule)
    deposit = told.addresses.index(EXPECTED["endpoint"]["address"])
    credits = [n for n, move in enumerate(told.ledger.moves) if move[1] == deposit]
    at_exchange = GRAIN * sum(found.carried[n, 0] for n in credits)
    assert at_exchange == EXPECTED["by_rule"][rule] == worked.ramps[0].by_rule[rule]
    assert at_exchange == GRAIN * sum(n for (_, _, reason), n in found.ends.items() if reason == "1")
    assert GRAIN * sum(found.ends.values()) == EXPECTED["loss"]


def test_no_figure_hangs_on_the_grain_of_the_simulator(told: Told) -> None:
    """Every share of the rolling pro rata is whole, so that a finer grain gives the same figures."""
    carried, _ = simulator.exact(told.ledger)
    assert {share.denominator for share in carried.values()} == {1}
    assert not any(simulator.openings(told.ledger)[n] for n, known in enumerate(told.ledger.known) if known)


def test_one_credit_carries_it_all(told: Told, worked: Worked) -> None:
    """The other deposits, before and after, carry nothing under any rule."""
    (credit,) = worked.ramps[0].transactions
    place = told.transactions.index(credit)
    assert told.ledger.moves[place][2] * GRAIN == EXPECTED["endpoint"]["credit"]
    for rule in RULES:
        carried = simulator.simulate(told.ledger, rule).carried
        assert carried[place, 0] * GRAIN == EXPECTED["by_rule"][rule]


def test_the_rules_disagree_and_some_give_nothing(worked: Worked) -> None:
    (ramp,) = worked.ramps
    assert len(set(ramp.by_rule.values())) == 5
    assert sorted(rule for rule, amount in ramp.by_rule.items() if amount == 0) == ["libr", "libr-fifo"]


def test_a_finding_says_that_a_rule_gives_nothing(worked: Worked) -> None:
    (zero,) = [f for f in worked.findings if f.kind == "zero-under-rule"]
    assert zero.subject == EXPECTED["endpoint"]["address"]
    assert zero.slots["rules"] == ("libr", "libr-fifo")
    assert zero.slots["amount"] == EXPECTED["by_rule"]["fifo"]


def test_the_executive_summary_says_that_a_rule_gives_nothing(worked: Worked) -> None:
    """R2 itself, not a schedule behind it, with the least and the most beside the declared figure."""
    said = _summary(worked.report)
    assert "One rule or more gives zero for what reached a service or hub through an address that pays it" in said
    assert "Example Exchange in MADEUPUSD at 1 of 1 address (libr and libr-fifo)." in said
    for rule in ("libr", "libr-fifo"):
        zero = f"Under rule {rule} the whole of the figure for Example Exchange in MADEUPUSD is zero"
        assert f"{zero}; but under it" in said, "what went where no history is, is no proof of a zero"
    assert "0.000000 MADEUPUSD (libr) to 120,000.000000 MADEUPUSD (tainted_first)" in said
    assert "20,000.000000 MADEUPUSD" in said


def _summary(report: str) -> str:
    """The words between the headings of R2 and R3."""
    found = re.search(r'<a href="#R2">R2</a>[^<]*</h2>(.*?)<h2><a href="#R3">R3</a>', report, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", "", found[1]).split())


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("README.md", "**Everything here is synthetic.**"),
        ("demo.toml", 'note = "SYNTHETIC: '),
        ("transfers.csv", "#note: SYNTHETIC: "),
        ("labels.csv", "#source: SYNTHETIC, "),
    ],
)
def test_every_file_says_that_it_is_synthetic(name: str, begins: str) -> None:
    assert any(line.startswith(begins) for line in (EXAMPLE / name).read_text("utf-8").splitlines())
