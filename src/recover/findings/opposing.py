"""What the payments of an address speak against: a label that gives it to a service, or a habit of paying one."""

from __future__ import annotations

from collections.abc import Iterator

from recover.findings.material import Material, at
from recover.linking.habits import rivals
from recover.linking.stops import Place
from recover.sdk import amounts
from recover.sdk.records import Gap


def against(material: Material, place: Place, asset: str, service: str) -> str:
    """What speaks against a label that calls an address this service's deposit address: that more of what it paid
    to services in this asset went to others; where it paid none of it, what it paid in other assets.

    Empty where nothing does. Where coins of others paid with its own, others had no more than theirs leave over.
    """
    here = {of: paid for (name, of), paid in material.onward.items() if at(name, of) == place}
    told, kept = [], False
    for of, paid in sorted({asset: here[asset]}.items() if asset in here else here.items()):
        mine = [one for (name, _), one in paid.items() if name == service and one.total]
        others = sorted((name, one) for (name, _), one in paid.items() if name not in ("", service))
        own = sum(one.total for one in mine)
        symbol, decimals = material.assets[of]
        kept = kept or (own > 0 and own >= sum(one.least for _, one in others))
        named = [*others, *((service, one) for one in mine)] if others else []
        for name, one in named:
            most = "" if one.least == one.total else "at most "
            told.append(f"{most}{_units(one.total, decimals)} {symbol or of} went to wallets of {name}")
        told += [f"none of its {symbol or of} to {service}"] if others and not own else []
    return "of what left it, " + ", ".join(told) if told and not kept else ""


def _units(amount: int, decimals: int | None) -> str:
    return f"{amount} base units of" if decimals is None else amounts.decimal(amount, decimals)


def gaps(material: Material) -> Iterator[Gap]:
    """One for each labelled address of traced value of which something speaks against its label."""
    told: dict[Place, dict[str, None]] = {}
    for address, asset in sorted(material.credits):
        place = at(address, asset)
        service = material.targets.get(place, ("", ""))[0]
        if service and (said := against(material, place, asset, service)):
            told.setdefault(place, {})[said] = None
    for (chain, address), found in told.items():
        service, said = material.targets[chain, address][0], "; ".join(found)
        if service:
            what = "deposit address" if (chain, address) in material.deposit_places else "wallet"
            yield Gap(
                code="label-habit-conflict",
                subject=f"{chain}:{address}",
                why=f"A source calls this a {what} of {service}, and {said}.",
                effect=f"The trace stops there, as at {service}, at grade D at best; whose it is, is open.",
            )
    seen = {at(*holding) for holding in material.credits}
    for (chain, address), by in sorted(material.words.items()):
        if (chain, address) in seen - {*material.labels} and len(services := rivals(by, "")) > 1:
            yield Gap(
                code="habits-conflict",
                subject=f"{chain}:{address}",
                why=f"By what it paid, methods call this a deposit address of {' and of '.join(services)}.",
                effect="It can be one of one service alone: where they are as sure of each, it is called one of "
                "none, else of the surest at the grade of the weaker. Whose it is, is open.",
            )
