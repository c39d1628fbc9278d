"""What a victim, and whoever takes the report, does now: the most urgent first, with the clocks that run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from recover.victims.known import Victim


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do. `due` is when its clock ends, None where no clock runs; `late` where it has ended."""

    id: str
    says: Mapping[str, str]
    source: str
    as_of: str
    due: datetime | None = None
    late: bool = False
    zone: str = ""

    @property
    def local(self) -> str:
        """When its clock ends where the victim is, with the zone; empty without a clock or a known zone."""
        if self.due is None or not self.zone:
            return ""
        return _there(self.due, self.zone)


def _there(moment: datetime, zone: str) -> str:
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%Y-%m-%d %H:%M} (UTC{there:%z})"


ZONES: Mapping[str, str] = {"TH": "Asia/Bangkok"}
"""Countries with a clock here, and their time."""


def told(time: str, victim: Victim) -> str:
    """A moment of a victim as a bank there has it in its books; in UTC where its zone is not known here."""
    zone = ZONES.get(victim.facts.get("country", ""), "")
    moment = datetime.fromisoformat(time) if time else None
    return "" if moment is None else _there(moment, zone) if zone else f"{moment:%Y-%m-%d %H:%M} UTC"


def steps(victim: Victim, now: datetime) -> list[Step]:
    """What is still to do, those with a clock first, each by when it ends."""
    facts = dict(victim.facts)
    if victim.banks:
        facts["bank"] = "yes"
    if any(payment.service for payment in victim.payments):
        facts["service"] = "yes"
    found = [step for said in _listed() if (step := _step(said, facts, now)) is not None]
    ids = {step.id for step in found}
    # The general step says less than the one with a clock.
    found = [step for step in found if step.id != "police" or "police-72h" not in ids]
    return sorted(found, key=lambda step: (step.due is None, step.due or now))


def _step(said: Mapping[str, Any], facts: Mapping[str, str], now: datetime) -> Step | None:
    if said.get("country", facts.get("country")) != facts.get("country"):
        return None
    if (said.get("if") and said["if"] not in facts) or any(one in facts for one in said.get("unless", ())):
        return None
    due = (
        datetime.fromisoformat(facts[said["from"]]) + timedelta(hours=said["hours"]) if said.get("from") else None
    )
    return Step(
        id=said["id"],
        says={language: said[language] for language in ("en", "th")},
        source=said["source"],
        as_of=said["as_of"],
        due=due,
        late=due is not None and due < now,
        zone=ZONES.get(facts.get("country", ""), ""),
    )


@cache
def _listed() -> tuple[Mapping[str, Any], ...]:
    return tuple(tomllib.loads(files(__package__).joinpath("steps.toml").read_text("utf-8"))["step"])
