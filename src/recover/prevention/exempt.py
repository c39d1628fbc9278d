"""Withheld: addresses that leave a case in no feed and no meeting, each with the reason, which stays in the case.

Whoever a rule may hit wrongly is left out rather than named: an address that stands in a feed is blocked by people
who cannot ask back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger import forms, paying
from recover.plugins.registry import Plugins
from recover.recognise.names import candidates
from recover.sdk.errors import NotRecognised
from recover.sdk.values import Address
from recover.victims import cues, known

VICTIM = "it may be a victim's"
SERVICE = "it is a service's, a contract's or a hot wallet"
WORKER = "it may be a forced person's"

_ROLES = frozenset({"mixer", "bridge", "contract", "hot-wallet", "deposit"})
_SHAPES: Mapping[str, str] = {
    "hub": "others empty into it, or a crowd uses it: an unlabelled hub",
    "member": "its cluster belongs to a service",
    "deposit-address": "it sweeps to a service, as a deposit address does",
    "shape": "it moves value as a business does",
    "mix": "it takes part in a mix",
}
_WORD = re.compile(r"[0-9A-Za-z]+")
_LONG = 20
"""Characters: a shorter name can be a word of any text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """By (namespace, address), why it is not named: one key opens an address on all chains of its namespace."""

    places: Mapping[tuple[str, str], str]

    def why(self, chain: str, address: str) -> str:
        """Why it is not named; empty where nothing is known against it."""
        return self.places.get(key(chain, address), "")

    def inside(self, text: str) -> str:
        """Why a text is not told: an address stands in it that is not named, as in a link to an explorer."""
        words = {*_WORD.findall(text)}
        plain = {one.casefold() for one in words}
        for (_, address), why in self.places.items():
            if address in words or (address.casefold() in plain and len(address) >= _LONG):
                return why
        return ""


def key(chain: str, address: str) -> tuple[str, str]:
    """What two chains of one kind share: the same text there is the same key's."""
    return chain.partition(":")[0], address


def addresses(case: Case, plugins: Plugins, wallets: Collection[str] = ()) -> Withheld:
    """All of them, out of what the last run found; `wallets` are what victims' sealed records say is theirs.

    Raises Error where the stages have not run.
    """
    found: dict[tuple[str, str], str] = {}
    of = _Forms(plugins)
    # The first reason of an address counts: a victim's is never told as a service's.
    for chain, text, why in (
        *_victims(case, plugins, wallets),
        *_services(case),
        *_contracts(case, plugins),
        *_workers(case),
    ):
        for place in (text, *of(chain, text)):
            found.setdefault(key(chain, place), why)
    return Withheld(places=found)


class _Forms:
    """The other addresses that the key of one opens, as its chain says."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins

    def __call__(self, chain: str, text: str) -> tuple[str, ...]:
        asked = forms.asked(self._plugins, chain)
        return asked(text) if asked else ()


_Row = tuple[str, str, str]


def _victims(case: Case, plugins: Plugins, wallets: Collection[str]) -> Iterator[_Row]:
    """Who paid a loss or what a victim claims, what victims say is theirs, and what is of one owner with these."""
    losses = [loss.id for loss in case.settings.losses]
    moved = derived.read(case, "transfers", ["chain", "tx", "kind", "src", "dst"])
    flows = derived.read(case, "flows")
    begun = paying.begun(flows, derived.read(case, "exchanges"))
    found = {
        place: f"{VICTIM}: it paid {', '.join(names[:3])}"
        for place, names in paying.payers(begun, moved, losses).items()
    }
    for place in _alongside(flows, moved):
        found.setdefault(place, f"{VICTIM}: it paid where victims paid, and no traced value came to it")
    paid = {
        (one.chain, one.tx): one.id for victim in known.every(case).values() for one in victim.payments if one.tx
    }
    mine = moved.filter(pc.is_in(moved["tx"], value_set=pa.array(sorted({tx for _, tx in paid}), pa.string())))
    for row in mine.to_pylist():
        if row["src"] and (payment := paid.get((row["chain"], row["tx"]))):
            found.setdefault((row["chain"], row["src"]), f"{VICTIM}: it paid {payment}")
    for text in wallets:
        for one in _read(plugins, text):
            found.setdefault((one.chain, one.text), f"{VICTIM}: a sealed record says so")
    for row in derived.read(case, "entities", ["kind", "chain", "addresses"]).to_pylist():
        if row["kind"] == "cluster" and any((row["chain"], one) in found for one in row["addresses"]):
            for one in row["addresses"]:
                found.setdefault((row["chain"], one), f"{VICTIM}: it is of one owner with an address that may be")
    yield from ((chain, text, why) for (chain, text), why in found.items())


def _alongside(flows: pa.Table, moved: pa.Table) -> list[tuple[str, str]]:
    """Who paid where a loss begins, and got no traced value: perhaps a victim of whom nobody knows."""
    went = flows.filter(pc.not_equal(flows["event"], "end"))
    begun = moved.take(went.filter(pc.equal(went["event"], "start"))["seq"]).to_pylist()
    first = {(row["chain"], row["dst"]) for row in begun if row["dst"]}
    reached = {(row["chain"], row["dst"]) for row in moved.take(went["seq"]).to_pylist() if row["dst"]}
    into = moved.filter(
        pc.is_in(moved["dst"], value_set=pa.array(sorted({text for _, text in first}), pa.string()))
    )
    coins = {(row["chain"], row["tx"]) for row in into.to_pylist() if (row["chain"], row["dst"]) in first}
    paid = moved.filter(pc.is_in(moved["tx"], value_set=pa.array(sorted({tx for _, tx in coins}), pa.string())))
    rows = paid.to_pylist()
    return sorted(
        {
            (row["chain"], row["src"])
            for row in rows
            if row["src"] and (row["chain"], row["tx"]) in coins and (row["chain"], row["src"]) not in reached
        }
    )


def _read(plugins: Plugins, text: str) -> Iterable[Address]:
    try:
        return [one for one in candidates(plugins, text.strip()) if isinstance(one, Address)]
    except NotRecognised:
        return ()


def _services(case: Case) -> Iterator[_Row]:
    for row in derived.read(case, "labels").to_pylist():
        if row["service"] or row["role"] in _ROLES:
            whose = row["service"] or row["label"] or row["role"]
            yield row["chain"], row["address"], f"{SERVICE}: {row['source']} calls it {whose}'s ({row['role']})"
    for row in derived.read(case, "assertions").to_pylist():
        if row["kind"] in _SHAPES:
            yield row["chain"], row["address"], f"{SERVICE}: {_SHAPES[row['kind']]}"
        elif row["role"] in _ROLES or (row["kind"] == "label" and row["service"]):
            yield row["chain"], row["address"], f"{SERVICE}: {row['source']} says so"
    for row in derived.read(case, "entities", ["kind", "chain", "service", "addresses"]).to_pylist():
        if row["kind"] != "cluster":
            yield from (
                (row["chain"], one, f"{SERVICE}: it is joined with {row['service'] or 'a hub'}")
                for one in row["addresses"]
            )


def _contracts(case: Case, plugins: Plugins) -> Iterator[_Row]:
    """What acted as a contract in the exhibits, and what issues an asset that moves in them."""
    why = f"{SERVICE}: it is a contract"
    for name in ("events", "logs"):
        table = derived.read(case, name, ["chain", "contract"])
        yield from sorted({(row["chain"], row["contract"], why) for row in table.to_pylist() if row["contract"]})
    for asset in derived.read(case, "assets", ["asset"])["asset"].unique().to_pylist():
        chain, _, rest = asset.partition("/")
        reference = rest.partition(":")[2]
        if reference and chain in plugins.chains:
            try:
                yield chain, plugins.chains[chain].parse(reference).text, why
            except NotRecognised:
                continue


def _workers(case: Case) -> Iterator[_Row]:
    """Who may be forced to work, by a cue on the chain: never listed as who had the money.

    Also where payments come at no regular times, and after a trained person lifted the cue for letters: whoever
    blocks an address out of a feed cannot ask back.
    """
    for one in cues.found(case):
        why = f"one payer alone paid it and {one.near - 1} others alike again and again; screen before naming it"
        yield one.chain, one.address, f"{WORKER}: {why}"
    for goes in cues.held(case):
        if goes.along:
            yield goes.chain, goes.address, f"{WORKER}: an address alone paid it that has to be screened first"


def texts(records: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[str, ...]:
    """The wallets that sealed records say are a person's, victims' and screened persons' alike."""
    found: dict[str, None] = {}
    for _, record in records:
        for one in (record, record.get("also", {})):
            said = one.get("wallet", ())
            found |= dict.fromkeys([said] if isinstance(said, str) else said)
    return tuple(text for text in found if text)
