"""Answered: what a person settled of what exhibits leave open, and what another answer would have given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from recover.case import Case, looked
from recover.case.journal import Entry
from recover.findings import overruled
from recover.findings.contradicted import kept, sides
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material
from recover.findings.undecided import Tx
from recover.findings.versioned import Figures, Worked, instead, settled
from recover.findings.versioned import rows as told
from recover.ledger import parts
from recover.ledger.about import contradictions
from recover.plugins.registry import Plugins
from recover.sdk.values import TxId
from recover.stages.supposed import work
from recover.stages.versions import MOST


def relied(case: Case, plugins: Plugins, material: Material) -> Material:
    """The same, where no claim to a history counts whose exhibit shows there what a person did not rely on."""
    over = overruled.places(case, parts.parts(case, plugins), partial(parts.read, case))
    return replace(material, covered=replace(material.covered, overruled=over))


def rows(case: Case, plugins: Plugins, made: Worked) -> Iterator[Row]:
    """What each answer would change, and what those that a person gave did."""
    here, material = Figures.of(made.material), made.material
    yield from told(here, made)
    never = {rival for e in case.entries if e.kind == "decision" for rival in e.body.get("rivals", ())}
    for entry in settled(case, material, sides(parts.parts(case, plugins), partial(parts.read, case), never)):
        one: Tx = str(entry.body.get("chain")), entry.body["tx"]
        if contradictions(case, plugins, TxId(chain=one[0], text=one[1])):  # else it settles nothing
            yield from _settled(case, plugins, material, entry, one)
            yield from _otherwise(case, plugins, here, entry, one)


def _settled(case: Case, plugins: Plugins, material: Material, entry: Entry, one: Tx) -> Iterator[Row]:
    body, against = entry.body, tuple(entry.body.get("rivals", ()))
    every = (one, *((one[0], rival) for rival in against))
    shown = tuple(sorted({number for tx in every for number in parts.shown(case, plugins, *tx)}))
    slots: Slots = {"transaction": one[1], "entry": entry.number, "reason": body["reason"]}
    slots["exhibit"] = body["exhibit"]
    slots["kept"] = kept(material, parts.parts(case, plugins), partial(parts.read, case), one, body["exhibit"])
    if against:
        slots["rivals"] = against
    if len(shown) > 1:
        yield "settled", one[1], "", {**slots, "exhibits_shown": tuple(map(str, shown))}, shown


def _otherwise(case: Case, plugins: Plugins, here: Figures, entry: Entry, one: Tx) -> Iterator[Row]:
    """What services would get if another exhibit were relied on, or another of the transactions that spend one
    coin had taken place, where that differs."""
    rivals = tuple(entry.body.get("rivals", ()))
    others = [n for n in parts.shown(case, plugins, *one) if n != entry.body["exhibit"]]
    supposed: list[tuple[int, str, tuple[str, ...]]] = [(n, one[1], rivals) for n in others]
    for rival in rivals:
        supposed += [(n, rival, (one[1],)) for n in parts.shown(case, plugins, one[0], rival)]
    for number, tx, never in supposed[:MOST]:
        look = looked.at(case)
        body = {"chain": one[0], "tx": tx, "exhibit": number, "rivals": never, "reason": ""}
        looked.suppose(look, "decision", [body])
        if (made := work(look, plugins)) is not None:
            about: Slots = {"transaction": one[1], "entry": entry.number, "exhibit": number}
            about |= {} if tx == one[1] else {"rival": tx}
            yield from instead(here.reached, Figures.of(made).reached, about, number)
