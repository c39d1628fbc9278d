"""Every stop of a trace: a finding with name, amount and transactions, and an act on page 1."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import GOLD, SILVER, START, THERE, Coverage, World, cross, pay, swap

from recover.findings import view as views
from recover.report import brief
from recover.report.elements import strings
from recover.report.texts import Texts
from recover.sdk import Assertion, Asset, Event, Leg, Transaction
from recover.sdk.batch import Record
from recover.tracing import Reason

KNOWN = Coverage(chain="bank:1", address=None)
NEW = Asset(id="bank:1/token:new", symbol="NEW", decimals=0)


def label(role: str, name: str, category: str = "") -> Assertion:
    made = Assertion(kind="label", chain="bank:1", address="aplace", grade="A", method="told", version="1")
    return replace(made, label=name, service=name if category else "", role=role, category=category)


OUT = pay("tout", ("athief", "aplace", 60, GOLD), minute=3)
HUB = Assertion(
    kind="hub", chain="bank:1", address="aplace", grade="C", method="m", version="1", note="Many pay it."
)
KRAKEN = label("hot-wallet", "Kraken", "exchange")
BOTH = pay("tout", ("athief", "aplace", 60, GOLD), ("aplace", "athief", 70, SILVER), minute=3)
TRADED = Event(kind="swap", chain="bank:1", tx="tout", contract="aplace", address="athief")
UNPAID = Transaction(
    chain="bank:1", id="tout", time=START.replace(minute=9), height=9, index=0, whole=False, place=1,
    legs=(Leg(kind="transfer", address="athief", asset=GOLD.id, amount=-60),),
)  # fmt: skip

Stop = tuple[list[Record], list[Assertion], str, str, str]
STOPS: dict[Reason, Stop] = {
    # what exhibits show, what is asserted; the kind of the finding, its subject, and what its act says
    Reason.REST: ([OUT, KNOWN], [], "not-seen-leaving", "aplace", "history of aplace to the present"),
    Reason.SERVICE: ([OUT, KRAKEN, KNOWN], [], "off-ramp", "athief", "asks Kraken"),
    Reason.HUB: ([OUT, KNOWN], [HUB], "hub", "aplace", "Identify the owner of aplace"),
    Reason.MIXER: ([OUT, label("mixer", "Blender"), KNOWN], [], "stopped", "aplace", "Look for the ways out"),
    Reason.BRIDGE: ([OUT, label("bridge", "Span"), KNOWN], [], "stopped", "aplace", "labelled Span, a bridge"),
    Reason.UNCOLLECTED: (
        [OUT, Coverage(chain="bank:1", address="athief")], [], "open-end", GOLD.id, "whole history of aplace",
    ),
    Reason.BURN: (
        [pay("tout", ("athief", None, 60, GOLD), minute=3), KNOWN], [], "stopped", "athief", "at athief: tout",
    ),
    Reason.SWAP: ([BOTH, TRADED, KNOWN], [], "swap-stopped", "aplace", "Obtain tout whole, with all that moved"),
    Reason.OPEN: ([UNPAID, KNOWN], [], "stopped", "athief", "Obtain tout whole: 60 GOLD"),
}  # fmt: skip
NO_STOP = {
    Reason.LIMIT: "only in the pass from the other end",
    Reason.FEE: "paid to the chain, and told with what a movement cost",
    Reason.CROSSED: "it goes on, on the other chain",
    Reason.BRIDGE_FEE: "what a bridge kept for a passage that is followed",
}


def stopped(folder: Path, records: list[Record], said: list[Assertion]) -> tuple[World, Any, str]:
    theft = pay("ttheft", ("avictim", "athief", 60, GOLD), minute=2)
    found = World(folder, [theft, *records], said=said)
    found.lose(tx="bank:1:ttheft", amount=60, assets=(GOLD.id,)).run().run("write")
    seen = views.load(found.case(), found.plugins)
    return found, seen, (found.path / "out/report.md").read_text("utf-8")


def acts(report: str) -> str:
    """The rows of the table of acts."""
    at = report.find("| Act |")
    return report[at:].split("\n\n")[0] if at >= 0 else ""


def test_every_reason_to_stop_is_walked_or_is_no_stop() -> None:
    assert {*STOPS} | {*NO_STOP} == {*Reason}
    assert not {*STOPS} & {*NO_STOP}


@pytest.mark.parametrize("reason", STOPS, ids=lambda reason: reason.name.lower())
def test_a_stop_has_a_finding_with_its_amount_and_transactions_and_an_act(tmp_path: Path, reason: Reason) -> None:
    records, said, kind, subject, act = STOPS[reason]
    found, seen, report = stopped(tmp_path, records, said)
    assert sum(n for (_, _, why), n in found.ends().items() if why == reason.name.lower()) == 60
    assert [f.subject for f in seen.findings if f.kind == kind] == [subject]
    assert act in acts(report)
    assert "60 GOLD" in acts(report)
    # What only waits for a history is told of its address, and its movements stand in the annex.
    beside = "".join(path.read_text("utf-8") for path in sorted((found.path / "out/annex").glob("*.csv")))
    assert "tout" in (beside if reason in (Reason.REST, Reason.UNCOLLECTED) else report)


@pytest.mark.parametrize("language", ["en", "th"])
def test_the_findings_of_stops_are_said_in_both_languages(tmp_path: Path, language: str) -> None:
    for reason in (Reason.OPEN, Reason.BURN, Reason.SWAP):
        records, said, *_ = STOPS[reason]
        found, seen, _ = stopped(tmp_path / reason.name, records, said)
        texts = Texts.load(found.plugins.templates["report"].folder, language)
        told = "\n".join(strings(brief.report(seen, texts)))
        assert "tout" in told
        assert "60 GOLD" in told


def test_a_payment_into_a_bridge_by_a_key_has_its_act(tmp_path: Path) -> None:
    said = cross("tout", "athief", (GOLD, 60), "", "afar", (THERE, 0))
    found, _, report = stopped(tmp_path, [OUT, KNOWN], [said])
    assert found.ends() == {("gold", "aplace", "bridge"): 60}
    assert "Ask toy for the other side of 1 payment" in acts(report)


def test_an_exchange_into_an_asset_that_is_not_traced_says_so(tmp_path: Path) -> None:
    moved = pay("tout", ("athief", "aplace", 60, GOLD), ("aplace", "athief", 9, NEW), minute=3)
    found, _, _ = stopped(tmp_path, [moved, KNOWN], [swap("tout", "athief", (GOLD, 60), (NEW, 9))])
    (gap,) = [g for g in found.gaps() if g["code"] == "swap-uneven"]
    assert gap["why"].startswith("What was given or had in this exchange is an asset that no register lists")
    found, _, _ = stopped(tmp_path / "uneven", [moved, KNOWN], [swap("tout", "athief", (GOLD, 61), (NEW, 9))])
    (gap,) = [g for g in found.gaps() if g["code"] == "swap-uneven"]
    assert gap["why"] == "What was given and had in this exchange is not what the ledger shows."
