"""Versions: what reaches services if a person settled for what one exhibit shows, and for what another does.

Exhibits that disagree on a transaction leave it unfollowed. Each choice that a person could make of them is
traced, so that a reader sees how far a figure hangs on it. The choice stays a person's.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover.case import Case, looked
from recover.findings.contradicted import kept, readings
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material
from recover.findings.versioned import Sums, Tx, choices, instead, key, met, settled
from recover.findings.versioned import rows as told
from recover.ledger import parts
from recover.ledger.about import contradictions
from recover.plugins.registry import Plugins
from recover.sdk.values import TxId
from recover.stages.supposed import sums, work

MOST = 16
"""At most so many choices are traced: all combinations, or each exhibit's version of each transaction alone."""

WORK = 1_000_000
"""Fewer of a large ledger: movements times choices stay below this, so that a run ends."""


def rows(case: Case, plugins: Plugins, material: Material) -> Iterator[Row]:
    """One finding for each asset and service that any version gives something else than the figures here do."""
    found: dict[tuple[tuple[Tx, int], ...], Sums | None] = {}
    known: dict[Tx, tuple[int, ...]] = {}
    wanted, whole = met(case, material), True
    most = min(MOST, WORK // max(1, material.transfers.num_rows))
    while wanted - set(known):
        known |= {one: _readings(case, plugins, one) for one in sorted(wanted - set(known))}
        listed, whole = choices(known, most)
        for choice in (one for one in listed if key(one) not in found):
            look = looked.at(case)
            bodies = [{"chain": c, "tx": tx, "exhibit": n, "reason": ""} for (c, tx), n in choice.items()]
            looked.suppose(look, "decision", bodies)
            made = work(look, plugins)
            found[key(choice)] = None if made is None else sums(made)
            # By one version value can come to where exhibits disagree again.
            wanted |= set() if made is None else met(look, made)
        found = {one: made for one, made in found.items() if one in {key(choice) for choice in listed}}
    here = sums(material)
    yield from told(here, [one for one in found.values() if one is not None], known, whole)
    for entry, one in settled(case, material):
        disputed = contradictions(case, plugins, TxId(chain=one[0], text=one[1]))
        shown, body = _shown(case, plugins, one) if disputed else (), entry.body  # else it settles nothing
        slots: Slots = {"transaction": one[1], "entry": entry.number, "reason": body["reason"]}
        slots["exhibit"] = body["exhibit"]
        slots["kept"] = kept(material, parts.parts(case, plugins), one, body["exhibit"])
        if len(shown) > 1:
            yield "settled", one[1], "", {**slots, "exhibits_shown": tuple(map(str, shown))}, shown
        for other in [n for n in shown if n != body["exhibit"]][:most]:
            yield from _otherwise(case, plugins, here, one, entry.number, other)


def _otherwise(case: Case, plugins: Plugins, here: Sums, one: Tx, entry: int, other: int) -> Iterator[Row]:
    """What services would get if another exhibit were relied on for a transaction, where that differs."""
    look = looked.at(case)
    looked.suppose(look, "decision", [{"chain": one[0], "tx": one[1], "exhibit": other, "reason": ""}])
    made = work(look, plugins)
    if made is None:
        return
    about: Slots = {"transaction": one[1], "entry": entry, "exhibit": other}
    yield from instead(here, sums(made), about, other)


def _shown(case: Case, plugins: Plugins, one: Tx) -> tuple[int, ...]:
    return tuple(sorted(parts.showing(case, plugins, TxId(chain=one[0], text=one[1]))))


def _readings(case: Case, plugins: Plugins, one: Tx) -> tuple[int, ...]:
    """The exhibits by which a person can settle it: those that say of it what no other says more of."""
    return readings(parts.parts(case, plugins), one[1], _shown(case, plugins, one))
