"""What no cue keeps from a freeze: where a declared loss was paid to, who paid it, and what is a service's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from recover.case import Case, derived
from recover.ledger import paying

_CUSTOMERS = frozenset({"deposit", "possible"})
"""Roles that leave open whose money it is: behind a deposit address stands one customer, who may be anybody."""


Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Spared:
    """By (chain, address) why a cue holds it back from nothing: `places` for itself, `payers` for whom it paid."""

    places: Mapping[Place, str]
    payers: Mapping[Place, str]

    def why(self, place: Place, payer: Place) -> str:
        """Why, for who was paid by `payer`; empty where nothing speaks for that."""
        return self.places.get(place, "") or self.payers.get(payer, "")


def of(case: Case) -> Spared:
    """What the labels and the declared losses of a case say; nothing of what was not derived yet."""
    services = dict(_services(case))
    victims, paid = _losses(case)
    payers = {place: f"who paid it: {why}" for place, why in {**services, **victims}.items()}
    return Spared(places={**services, **victims, **paid}, payers=payers)


def _services(case: Case) -> Iterator[tuple[Place, str]]:
    if not derived.here(case, "derived/link/labels.parquet"):
        return
    for row in derived.read(case, "labels").to_pylist():
        if row.get("service") and row.get("role") not in _CUSTOMERS:
            yield (row["chain"], row["address"]), f"a label names it {row['service']}'s"


def _losses(case: Case) -> tuple[dict[Place, str], dict[Place, str]]:
    """Who paid the declared losses, and to whom; of one declared by its address is not known who paid it."""
    victims: dict[Place, str] = {}
    to: dict[Place, str] = {}
    if not derived.here(case, "derived/trace/flows.parquet"):
        return victims, to
    begun = paying.begun(derived.read(case, "flows"), derived.read(case, "exchanges"))
    by_tx = {loss.id for loss in case.settings.losses if loss.tx}
    rows = derived.read(case, "transfers", ["chain", "src", "dst"]).take(begun["seq"]).to_pylist()
    for loss, row in zip(begun["loss"].to_pylist(), rows, strict=True):
        if row["src"] and loss in by_tx:
            victims.setdefault((row["chain"], row["src"]), f"it paid the declared loss {loss}")
        if row["dst"]:
            to.setdefault((row["chain"], row["dst"]), f"the declared loss {loss} was paid to it")
    return victims, to
