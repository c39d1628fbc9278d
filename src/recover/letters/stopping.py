"""Whether whom a letter asks to stop value can do so where that is: a body on its own chain, an issuer in its own
token. Nobody else can look the place up, and it shows the case to a stranger for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow.compute as pc

from recover.letters import narrowed
from recover.letters.folders import Kind
from recover.letters.gates import Refusal
from recover.letters.life import Choice
from recover.plugins.registry import Plugins
from recover.registers import issuers
from recover.registers.issuers import Issuer
from recover.report import extent
from recover.sdk import Addressee, Chain, Error, View
from recover.sdk.outside import visible


def unfit(choice: Choice, kind: Kind, view: View, plugins: Plugins, entry: Addressee | None) -> list[Refusal]:
    """PL13: each place named by hand at which the addressee can stop nothing."""
    if kind.asks != "freeze" or kind.about != "named":
        return []
    if choice.addressee == "chain":
        return list(_elsewhere(choice, view, plugins.chains, entry))
    if choice.addressee == "issuer":
        of = issuers.load(plugins.templates.get("issuers")).of.values()
        wanted = next(
            (one for one in of if choice.name.casefold() in (one.id.casefold(), one.name.casefold())), None
        )
        return list(_others(choice, view, plugins.chains, wanted)) if wanted else []
    return []


def _elsewhere(
    choice: Choice, view: View, chains: Mapping[str, Chain], entry: Addressee | None
) -> Iterator[Refusal]:
    """Places on other chains than the one whose body is written to."""
    said = (entry.brand.partition("(")[0], *entry.aliases) if entry else (choice.name,)
    names = {one.strip().casefold() for one in said}
    home = {ident for ident, chain in chains.items() if chain.info.title.casefold() in names}
    if entry is None and not home:
        return  # on which chain it acts, no register says
    for one in choice.about:
        shown = _shown(view, one)
        there = shown or _read(chains, one)
        # A chain that no plugin reads may share the addresses of those that share one form among themselves.
        alike = not shown and one[:2].casefold() == "0x"
        if there and not (there & home if home else alike):
            where = ", ".join(extent.chain(view, name) for name in sorted(there))
            how = "the exhibits show it on" if shown else "it is an address of"
            yield Refusal(
                rule="PL13",
                why=f"{visible(one, 80)} is none that {visible(choice.name, 80)} can act on: {how} {where}.",
                todo="Name what is on the addressee's own chain; who can act on the other is another addressee.",
            )


def _others(choice: Choice, view: View, chains: Mapping[str, Chain], issuer: Issuer) -> Iterator[Refusal]:
    """Places where nothing of the issuer's is left, or that are on no chain on which it has a token."""
    own = {issuers.key(asset) for asset in issuer.assets}
    home = {asset.partition("/")[0] for asset in issuer.assets}
    for one in choice.about:
        left = {end.asset for end in narrowed.ended(view) if end.address == one and end.amount}
        there = {asset.partition("/")[0] for asset in left} or _shown(view, one) or _read(chains, one)
        if left and not {issuers.key(asset) for asset in left} & own:
            what = ", ".join(visible(asset, 120) for asset in sorted(left))
            why = f"What the trace leaves at {visible(one, 80)} is {what}, and no token of {issuer.name}."
        elif there and not there & home:
            where = ", ".join(extent.chain(view, name) for name in sorted(there))
            why = f"{visible(one, 80)} is on {where}, and the register knows no token of {issuer.name} there."
        else:
            continue
        todo = "Leave it out; the issuer of what is left there is asked with a letter of its own."
        yield Refusal(rule="PL13", why=why, todo=todo)


def _shown(view: View, text: str) -> set[str]:
    """The chains on which the exhibits show it moving value."""
    if "transfers" not in view.tables:
        return set()
    moved = view.tables["transfers"]()
    sides = [pc.fill_null(pc.equal(moved.column(name), text), False) for name in ("src", "dst", "tx")]
    here = moved.filter(pc.or_(pc.or_(sides[0], sides[1]), sides[2]))
    return {*here.column("chain").to_pylist()}


def _read(chains: Mapping[str, Chain], text: str) -> set[str]:
    """The chains of whose form it is."""
    found = set[str]()
    for ident, chain in chains.items():
        try:
            chain.parse(text)
        except Error:
            continue
        found.add(ident)
    return found
