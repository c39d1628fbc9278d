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
from recover.findings.versioned import Figures, Worked, instead, listed, settled
from recover.findings.versioned import rows as told
from recover.ledger import about, parts
from recover.ledger.about import contradictions
from recover.ledger.parts import views
from recover.ledger.relied import Relied
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
    of: Relied = body["exhibit"], body.get("list")
    every = (one, *((one[0], rival) for rival in against))
    shown = tuple(sorted({number for tx in every for number in parts.shown(case, plugins, *tx)}))
    known = views(case, plugins, TxId(chain=one[0], text=one[1])).get(body["exhibit"], frozenset())
    lists = [f"{body['exhibit']}|{of}" for of in sorted(known)] if body.get("list") is not None else []
    told = (*lists, *(str(n) for n in shown if not (lists and n == body["exhibit"])))
    slots: Slots = {"transaction": one[1], "entry": entry.number, "reason": body["reason"]}
    slots |= {"exhibit": body["exhibit"], **listed(body.get("list"))}
    slots["kept"] = kept(material, parts.parts(case, plugins), partial(parts.read, case), one, of)
    if against:
        slots["rivals"] = against
    if len(told) > 1:
        yield "settled", one[1], "", {**slots, "exhibits_shown": told}, shown


def _otherwise(case: Case, plugins: Plugins, here: Figures, entry: Entry, one: Tx) -> Iterator[Row]:
    """What services would get if another exhibit, or list of one, were relied on, or another of the transactions
    that spend one coin had taken place, where that differs."""
    rivals, relied_on = tuple(entry.body.get("rivals", ())), (entry.body["exhibit"], entry.body.get("list"))
    supposed: list[tuple[Relied, str, tuple[str, ...]]] = []
    for tx, never in ((one[1], rivals), *((rival, (one[1],)) for rival in rivals)):
        each = about.readings(case, plugins, TxId(chain=one[0], text=tx))
        supposed += [(of, tx, never) for of in each if (of, tx) != (relied_on, one[1])]
    for (number, of), tx, never in supposed[:MOST]:
        look = looked.at(case)
        body = {"chain": one[0], "tx": tx, "exhibit": number, "list": of, "rivals": never, "reason": ""}
        looked.suppose(look, "decision", [body])
        if (made := work(look, plugins)) is not None:
            told_of: Slots = {"transaction": one[1], "entry": entry.number, "exhibit": number, **listed(of)}
            told_of |= {} if tx == one[1] else {"rival": tx}
            yield from instead(here.reached, Figures.of(made).reached, told_of, number)
