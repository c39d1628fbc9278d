"""To whom a letter goes: the addressee by the name that a person types, and what kind of addressee it is."""

from __future__ import annotations

from collections.abc import Mapping

from recover.letters import payins, served
from recover.letters.folders import Kind
from recover.plugins.registry import Plugins
from recover.registers import addressees as register
from recover.registers import issuers
from recover.report import figures
from recover.sdk import Addressee, Error, Service, View

_SUPPLY: Mapping[str, str] = {
    **dict.fromkeys(
        ("exchange", "hosted-wallet", "payment", "payment-processor", "broker", "otc", "gambling"), "vasp"
    ),
    "swapper": "swapper",
    "p2p": "p2p",
    "bridge": "bridge",
    "issuer": "issuer",
    "stablecoin": "issuer",
    "chain": "chain",
    "bank": "bank",
    "platform": "platform",
    "isp": "isp",
    "registrar": "registrar",
    "police": "police",
    "front-end": "front-end",
    "route": "police",
    "defi": "front-end",
}
"""Categories of registers, by the kind of addressee that they are."""


def kind_of(service: Service) -> str:
    """What kind of addressee a service is, by its category in the register."""
    return _SUPPLY.get(service.category, "vasp")


def named(
    seen: View, plugins: Plugins, kind: str, to: str, said: str, known: Mapping[str, Addressee]
) -> tuple[Service, str]:
    """The addressee by the name that a person types, and its kind; `known` is the register of addressees as the
    case has it. Raises Error where nobody is meant."""
    wanted = to.casefold().strip()
    reached = {service.id.casefold(): service for _, service in served.services(seen)}
    reached |= {service.name.casefold(): service for _, service in served.services(seen)}
    stopped = served.bridges(seen)
    reached = {name.casefold(): one for name, one in stopped.items()} | reached
    found = reached.get(wanted)
    if found is None:
        listed = register.services(plugins.templates)
        found = listed.match(to)
    if found is None:
        found = issuer(issuers.load(plugins.templates.get("issuers")), to)
        # A chain's own body is no place where value ends, and no name of a service: an addressee all the same.
        entry = register.meant(to, known, register.services(plugins.templates)) if found is None else None
        found = register.service(entry) if entry is not None else found
    addressee = said or (kind_of(found) if found else _guess(kind))
    if found is None and not said and addressee == "":
        raise Error(
            "addressee-unknown",
            f"No register knows {to!r}.",
            "Who it is decides what may be asked of it.",
            f"Say its kind with --addressee: {', '.join(dict.fromkeys(_SUPPLY.values()))}.",
        )
    return found or served.unlisted(to), addressee


def issuer(listed: issuers.Issuers, name: str) -> Service | None:
    """An issuer of the register of issuers, by its id or name, as an addressee."""
    wanted = name.casefold().strip()
    for one in listed.of.values():
        if wanted in (one.id.casefold(), one.name.casefold()):
            return Service(
                id=one.id,
                name=one.name,
                category="issuer",
                aliases=(),
                uri=one.uri,
                jurisdictions=(),
                legal={},
                source=one.source,
                as_of=one.as_of,
                verified_by=one.verified_by,
            )
    return None


def _guess(kind: str) -> str:
    return {"police-report": "police", **{k: k for k in ("platform", "isp", "registrar", "bank")}}.get(kind, "")


def key(seen: View, service: Service, kind: Kind) -> str:
    """The service as off-ramps name it, or a bridge's operator. Raises Error where no traced value reached it."""
    for key, one in served.services(seen):
        if one.id == service.id:
            return key
    stopped = {one.id: one for one in served.bridges(seen).values()} if payins.PART in kind.parts else {}
    if service.id in stopped:
        return service.id
    names = ", ".join(sorted(s.name for s in (*dict(served.services(seen)).values(), *stopped.values()))) or "none"
    raise Error(
        "addressee-unreached",
        f"No traced value of this case is at stake at {service.name}.",
        f"It reached: {names}.",
        "Name one of these; an enquiry with --about ADDRESS asks whether an address is theirs.",
    )


def traced_at(seen: View, service: Service) -> tuple[str, ...]:
    """What the trace found at a service, as identifiers to ask about: the addresses, and the transactions by which
    it can find them in its own books."""
    keys = [key for key, one in served.services(seen) if one.id == service.id]
    found: dict[str, None] = {}
    for r in (r for key in keys for r in figures.at_stake(seen, key)):
        mine = r.sweep_transactions if r.plain else r.transactions
        found |= dict.fromkeys((r.address, *mine[:_EACH]))
    return tuple(found)


_EACH = 3
"""So many transactions of an address are asked about, the first ones: by one an account is found."""
