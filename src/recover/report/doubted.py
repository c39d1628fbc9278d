"""Histories that an exhibit claims to hold whole, and that are not believed: another shows what it lacks.

Nothing is followed from there, as if no exhibit held it; but none has to be obtained that is not here. Which of
the exhibits is right has to be settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recover.report import figures
from recover.report.texts import Texts
from recover.sdk import View

Holding = tuple[str, str]
"""An address and an asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim that is not believed: its exhibit lacks transaction `tx` of address `at`, which `other` shows."""

    asset: str | None
    exhibit: int
    at: str
    tx: str
    other: int


@figures.settled
def _fallen(view: View) -> Mapping[figures.Spot, Sequence[Claim]]:
    found: dict[figures.Spot, list[Claim]] = {}
    for row in view.tables["fallen"]().to_pylist() if "fallen" in view.tables else ():
        one = Claim(**{name: row[name] for name in Claim.__slots__})
        found.setdefault((row["chain"], row["address"] or ""), []).append(one)
    return found


def claims(view: View, address: str, asset: str) -> list[Claim]:
    """The claims to the history of an address in an asset that are not believed."""
    chain = asset.split("/", 1)[0]
    places = (chain, address), (chain, "")
    return [one for place in places for one in _fallen(view).get(place, ()) if one.asset in (None, asset)]


def phrases(view: View, t: Texts, places: Iterable[Holding], called: str = "") -> dict[str, str]:
    """What is lacking at places from which value is not followed: after their name, and as a clause of its own.

    `called`: of which services a source calls one of them or more a deposit address, where the trace stops so.
    """
    found = {bool(claims(view, *place)) for place in places}
    how = "" if True not in found else "_both" if False in found else "_doubted"
    if called and not found:
        return {name: t.say(f"lacking.{name}_called", service=called) for name in ("whose", "history")}
    whose = t.say(f"lacking.whose{how}")
    whose = t.say("lacking.whose_or", whose=whose, service=called) if called else whose
    return {"whose": whose, "history": t.say(f"lacking.history{how}")}
