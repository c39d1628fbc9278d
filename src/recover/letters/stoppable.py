"""Stoppable: the request to an issuer, drafted by itself where a balance at a block says what lies there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from recover.letters import folders, gates, matter, recipient
from recover.letters.life import Choice, Letter
from recover.registers import bases, issuers
from recover.report import figures
from recover.sdk import Template, View

KIND = "freeze-issuer"
"""The kind of letter that is drafted to each issuer who can stop what rests."""


def planned(
    view: View, life: Mapping[str, Letter], taken: Collection[tuple[str, str]], templates: Sequence[Template]
) -> Iterator[Choice]:
    """One to each issuer that a letter on the basis of anybody may ask; not to those of `taken`, to whom a person
    chose one, and none that was withdrawn."""
    register = {t.id: t for t in templates if t.kind == "register"}
    kind = next((k for k in folders.load(templates).values() if k.id == KIND), None)
    basis = bases.load(register["legal-bases"]).get(gates.VOLUNTARY) if "legal-bases" in register else None
    if kind is None or basis is None or kind.asks not in basis.kind or "issuer" not in basis.addressees:
        return
    names = sorted({str(f.slots.get("issuer", "")) for f in figures.of_kind(view, "freezable") if _held(f.slots)})
    listed = issuers.load(register.get("issuers"))
    began = matter.Ways(view).sums([loss.id for loss in view.case.losses]) if names else {}
    for name in names:
        service = recipient.issuer(listed, name)
        ident = matter.ident(service, "", kind.asks) if service else ""
        gone = ident in life and life[ident].gone
        if service and not gone and (name, KIND) not in taken and matter.holdings(view, name, (), began):
            yield Choice(id=ident, kind=KIND, name=name, basis=gates.VOLUNTARY, addressee="issuer")


def _held(slots: Mapping[str, object]) -> bool:
    return slots.get("balance_height") is not None
