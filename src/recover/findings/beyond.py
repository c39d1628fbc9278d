"""Beyond: what exhibits show leaving an address at which the trace stopped for want of its whole history, or since
a source calls it a service's deposit address; and what of a transaction that spends value and is not followed.

That nothing is followed there is a choice of method. That exhibits show the next payments is a fact, and can be
the way to a service that can still be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case
from recover.findings.accounts import untouched
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material, at
from recover.findings.opposing import against
from recover.findings.payments import Holding
from recover.ledger.spending import spenders
from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.sdk.values import Address, History
from recover.sdk.view import Finding
from recover.trails.missing import lacking, unit

KIND = "shown-beyond"
"""The kind of the findings made here."""

PAID_ON = "deposit-paid-on"
"""The code of the gap of a labelled deposit address that is shown paying others than its service."""

UNREAD = "deposit-unread"
"""That of one that is shown paying, of which not every movement is here: what else left it is not known."""

STEPS = 3
"""Through so many payments a way to a service is looked for. With more, nearly every address leads to one."""

_NAMED = 10
"""So many receivers are named, those of most first."""

_APART = ("input", "output", "fee")
"""Rows that pay nobody, or are coins, of which every spend that an exhibit shows is followed."""


@dataclass(slots=True, kw_only=True)
class _Way:
    """What is shown beyond one address: its own payments, and by service the first payment that gets there.

    `together`: what of it was paid in the moment of the first traced value, in an order that no exhibit gives.
    """

    to: dict[str, int] = field(default_factory=dict)
    transactions: set[str] = field(default_factory=set)
    count: int = 0
    services: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    exhibits: set[int] = field(default_factory=set)
    spent: tuple[str, ...] = ()
    together: int = 0


def made(material: Material) -> Iterator[Row]:
    """One finding for each address and asset where value is not followed and exhibits show payments on."""
    held = material.left("uncollected")
    for (address, asset), way in (*_shown(material, held), *_shown(material, named := stops(material))):
        service = material.targets[at(address, asset)][0] if (address, asset) in named else ""
        first = [*way.services.items()]
        largest = sorted(way.to, key=lambda name: (-way.to[name], name))[:_NAMED]
        slots: Slots = {
            "asset": asset,
            "amount": named[address, asset] if service else held[address, asset],
            "paid": sum(way.to.values()),
            "payments": way.count,
            "receivers": len(way.to),
            "largest": tuple(largest),
            "largest_amounts": tuple(str(way.to[name]) for name in largest),
            "services": tuple(name for name, _ in first),
            "wallets": tuple(row["dst"] for _, row in first),
            "transactions": tuple(row["tx"] for _, row in first),
            "last_amounts": tuple(str(row["exact"]) for _, row in first),
            "steps": STEPS,
        }
        slots |= {"spent": way.spent} if way.spent else {}
        slots |= {"service": service} if service else {}
        slots |= {"together": way.together} if way.together else {}
        called = material.exhibits_of.get(at(address, asset), ()) if service else ()
        yield KIND, address, "", slots, tuple(sorted({*way.exhibits, *called}))


def stops(material: Material) -> dict[Holding, int]:
    """What ended at addresses that a source calls a service's deposit addresses; not where a memo says whose a
    deposit is, as such a wallet pays for all who have an account there."""
    called = material.deposit_places - material.memos
    ended = material.left("service")
    return {holding: amount for holding, amount in ended.items() if at(*holding) in called}


def kept(material: Material) -> dict[Holding, int]:
    """What of that is still there: no exhibit shows anything leaving, and the history is whole."""
    held = stops(material)
    return {holding: held[holding] for holding in sorted(untouched(material, held.keys()))}


def _unread(material: Material) -> dict[Holding, int]:
    """What of that ended where exhibits show payments, and not every movement: as much can be there still, or have
    gone elsewhere. A coin that is shown spent went where that transaction pays. Of an address of which no more is
    here the papers say that it was credited, as of any other wallet of a service."""
    shown = material.spent.keys() - material.coins.keys()
    mine = {holding: n for holding, n in sorted(stops(material).items()) if n and holding not in shown}
    mine = {holding: n for holding, n in mine.items() if not material.covered.whole(*holding)}
    paying = _paying(material, mine)
    return {holding: n for holding, n in mine.items() if holding in paying}


def _paying(material: Material, places: Iterable[Holding]) -> frozenset[Holding]:
    """Those of these that an exhibit shows paying another."""
    rows = material.transfers.select(["kind", "src", "dst", "asset", "excluded"])
    names = pa.array(sorted({address for address, _ in places}), pa.string())
    mine = pc.and_(pc.is_in(rows["src"], value_set=names), pc.is_null(rows["excluded"]))
    mine = pc.and_(mine, pc.invert(pc.is_in(rows["kind"], value_set=pa.array(_APART))))
    rows = rows.filter(mine)
    columns = (rows[name].to_pylist() for name in ("src", "dst", "asset"))
    return frozenset((src, asset) for src, dst, asset in zip(*columns, strict=True) if src != dst)


def _deposits(found: Iterable[Finding]) -> list[tuple[Holding, Finding]]:
    """The findings made here of labelled deposit addresses, asset by asset."""
    mine = [((f.subject, str(f.slots["asset"])), f) for f in found if f.kind == KIND and "service" in f.slots]
    return sorted(mine, key=lambda one: (one[0][1], one[0][0]))


def gaps(case: Case, material: Material, found: Iterable[Finding]) -> Iterator[Gap]:
    """One for each such address that exhibits show paying others than its service after traced value came, and for
    each that they show paying of which they do not show every movement.

    Where they speak against the label itself, the gap of that says it.
    """
    for (address, asset), amount in _unread(material).items():
        chain, service = at(address, asset)[0], material.targets[at(address, asset)][0]
        why_not = material.covered.why_not(chain, address, asset)
        yield Gap(
            code=UNREAD,
            subject=f"{chain}:{address}",
            why=f"A source calls this a deposit address of {service}, and so the trace stops there. And "
            f"{lacking(material.covered, address, asset)}." + (f" {why_not}" if why_not else ""),
            effect=f"Of the {unit(case, asset)(amount)} of traced value that came there, any part can be there "
            "still, or have gone to others than its service. The whole history settles it, or the service’s own "
            "records.",
            fill=History(address=Address(chain=chain, text=address), asset=asset),
        )
    for (address, asset), f in _deposits(found):
        place, service = at(address, asset), str(f.slots["service"])
        paid = unit(case, asset)(int(str(f.slots["paid"])))
        several = _several(material, address, f)
        paid, whose = (
            (f"at most {paid}", ", by transactions that spend coins of others too") if several else (paid, "")
        )
        after = "after traced value had come"
        if together := int(str(f.slots.get("together", 0))):
            after += f", or in one moment with it. Of that, {unit(case, asset)(together)} may have been paid "
            after += "before it came or after: no exhibit gives the order"
        if not against(material, place, asset, service):
            yield Gap(
                code=PAID_ON,
                subject=f"{place[0]}:{address}",
                why=f"A source calls this a deposit address of {service}, and so the trace stops there. Exhibits "
                f"show {paid} paid on from there to others than its wallets {after}{whose}.",
                effect="How much of that is traced value was not worked out: as much of what came there may have "
                "gone elsewhere. Where a receiver is the service's own, ‘recover assert’ can name it; where the "
                "label is wrong, ‘recover assert --withdraw NAME’ takes it away, and the trace goes on.",
            )


def _several(material: Material, address: str, found: Finding) -> bool:
    """Whether the transactions that spend its coins spend those of others too: they do not say who paid."""
    spent = found.slots.get("spent")
    if not isinstance(spent, tuple):
        return False
    mine = pc.is_in(material.transfers["tx"], value_set=pa.array(spent, pa.string()))
    return any({*names} - {address} for names in spenders(material.transfers.filter(mine)).values())


def stakes(material: Material, found: Iterable[Finding]) -> dict[tuple[str, str], dict[str, int]]:
    """By code and subject of such a gap, the most of the traced value that can have gone elsewhere."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for (address, asset), amount in _unread(material).items():
        sums.setdefault((UNREAD, f"{at(address, asset)[0]}:{address}"), {})[asset] = amount
    for (address, asset), f in _deposits(found):
        most = min(int(str(f.slots[name])) for name in ("amount", "paid"))
        sums.setdefault((PAID_ON, f"{at(address, asset)[0]}:{address}"), {})[asset] = most
    return sums


def _shown(material: Material, places: Iterable[Holding]) -> Iterator[tuple[Holding, _Way]]:
    """Each of these at which exhibits show payments on, asset by asset."""
    by_asset: dict[str, list[str]] = {}
    for address, asset in sorted(places):
        by_asset.setdefault(asset, []).append(address)
    for asset, names in sorted(by_asset.items()):
        for name, way in (*_ways(material, asset, names), *_spends(material, asset, names)):
            yield (name, asset), way


def _own(material: Material, asset: str, src: str, dst: str) -> bool:
    """Whether a payment stays with the service whose the payer is called."""
    service = material.targets.get(at(src, asset), ("", ""))[0]
    return service != "" and (src == dst or material.targets.get(at(dst, asset)) == (service, ""))


def _ways(material: Material, asset: str, places: list[str]) -> Iterator[tuple[str, _Way]]:
    """Each place with what is shown beyond it, in one pass over the movements in their order."""
    first = {name: min(material.credits[name, asset].seqs) for name in places if (name, asset) in material.credits}
    if not first:
        return
    since = _moments(material, first.values())
    found = {name: _Way() for name in first}
    bits = {name: 1 << number for number, name in enumerate(first)}
    # reached[n][address]: which of the places lead there in n payments, each no earlier than the one before.
    reached: list[dict[str, int]] = [{}, *({} for _ in range(STEPS))]
    shown: dict[str, set[int]] = {}
    names, told = list(first), dict[str, int]()  # by service, the places of which it was said
    for row in _rows(material, asset, min(since[seq].start for seq in first.values()), list(first)):
        src, dst = row["src"], row["dst"]
        if src in first and _own(material, asset, src, dst):
            continue
        if src in first and (row["seq"] > first[src] or since[first[src]].open(row)):
            reached[0][src] = bits[src]
            way = found[src]
            way.to[dst] = way.to.get(dst, 0) + row["exact"]
            way.transactions.add(row["tx"])
            way.count += 1
            way.together += row["exact"] if since[first[src]].open(row) else 0
            way.exhibits.add(row["exhibit"])
        target = material.targets.get(at(dst, asset))
        for step in reversed(range(STEPS)):
            mask = reached[step].get(src, 0)
            if not mask:
                continue
            shown.setdefault(dst, set()).update({row["exhibit"], *shown.get(src, ())})
            if target is not None and target[0]:
                service, label = target[0], material.exhibits_of.get(at(dst, asset), ())
                for number in _ones(mask & ~told.get(service, 0)):
                    way = found[names[number]]
                    way.services[service] = row
                    way.exhibits.update({*label, row["exhibit"], *shown.get(src, ())})
                told[service] = told.get(service, 0) | mask
            # What is inside a service, a mixer or a bridge is not on the chain: no way leads through one.
            if at(dst, asset) not in material.halts:
                reached[step + 1][dst] = reached[step + 1].get(dst, 0) | mask
    for name, way in found.items():
        if way.count:
            arrived = material.transfers.column("exhibit").take(pa.array(material.credits[name, asset].seqs))
            way.exhibits.update(arrived.to_pylist())
            yield name, way


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """A credit: its transaction, its moment if no exhibit orders that, and the first row in the ledger of that."""

    tx: str
    tie: int | None
    start: int

    def open(self, row: Mapping[str, Any]) -> bool:
        """Whether a payment can have been made before it or after: the legs of one transaction have an order."""
        return self.tie is not None and row["tie"] == self.tie and (row["leg"] is None or row["tx"] != self.tx)


def _moments(material: Material, seqs: Iterable[int]) -> dict[int, _Moment]:
    """The moment of each of these credits."""
    rows = material.transfers.select(["seq", "tx", "tie"])
    credits = rows.take(pa.array(sorted({*seqs}))).to_pylist()
    ties = pa.array([row["tie"] for row in credits if row["tie"] is not None], rows["tie"].type)
    shared = rows.filter(pc.is_in(rows["tie"], value_set=ties)).group_by("tie").aggregate([("seq", "min")])
    start = dict(zip(shared["tie"].to_pylist(), shared["seq_min"].to_pylist(), strict=True))
    return {
        row["seq"]: _Moment(tx=row["tx"], tie=row["tie"], start=start.get(row["tie"], row["seq"]))
        for row in credits
    }


def _spends(material: Material, asset: str, places: list[str]) -> Iterator[tuple[str, _Way]]:
    """Each place whose coins transactions spend that are not followed, with what these are shown to pay, and where
    transactions that spend that lead."""
    mine = [name for name in places if (name, asset) in material.spent]
    if not mine:
        return
    rows = material.transfers.filter(
        pc.and_(pc.equal(material.transfers["asset"], asset), pc.is_null(material.transfers["excluded"]))
    )
    outs: dict[str, list[dict[str, Any]]] = {}
    spenders: dict[tuple[str, int], list[str]] = {}
    paid = rows.filter(pc.and_(pc.equal(rows["kind"], "output"), pc.is_valid(rows["dst"])))
    columns = ["tx", "leg", "dst", "exhibit"]
    for row, exact in zip(paid.select(columns).to_pylist(), amounts.exact(paid), strict=True):
        outs.setdefault(row["tx"], []).append({**row, "exact": exact})
    for row in rows.filter(pc.equal(rows["kind"], "input")).to_pylist():
        spenders.setdefault((row["spends_tx"], row["spends_index"]), []).append(row["tx"])
    for name in mine:
        first = tuple(sorted({tx for by in material.spent[name, asset] for tx in by if tx in outs}))
        way = _Way(spent=first)
        met, here = {*first}, [*first]
        for row in (row for tx in first for row in outs[tx] if not _own(material, asset, name, row["dst"])):
            way.to[row["dst"]] = way.to.get(row["dst"], 0) + row["exact"]
            way.count += 1
            way.exhibits.add(row["exhibit"])
        for _ in range(STEPS):
            after = list[str]()
            for row in (row for tx in here for row in outs.get(tx, ())):
                if _own(material, asset, name, row["dst"]):
                    continue
                place = at(row["dst"], asset)
                service = material.targets.get(place, ("", ""))[0]
                if service and service not in way.services:
                    way.services[service] = row
                    way.exhibits |= {row["exhibit"], *material.exhibits_of.get(place, ())}
                if place not in material.halts:
                    after += spenders.get((row["tx"], row["leg"]), [])
            here = [tx for tx in dict.fromkeys(after) if tx not in met]
            met.update(here)
        if way.count:
            yield name, way


def _ones(mask: int) -> Iterator[int]:
    """The places of the ones of a number, from the lowest."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _rows(material: Material, asset: str, since: int, places: list[str]) -> Iterator[dict[str, Any]]:
    """The payments of an asset that count, from one place in the ledger on, with their exact amounts: of these
    places, and of whatever they lead to in so many payments."""
    rows = material.transfers.select(
        ["seq", "tie", "tx", "leg", "kind", "src", "dst", "asset", "amount", "wide", "excluded", "exhibit"]
    )
    mine = pc.and_(
        pc.equal(rows["asset"], asset), pc.and_(pc.is_null(rows["excluded"]), pc.greater_equal(rows["seq"], since))
    )
    mine = pc.and_(mine, pc.and_(pc.is_valid(rows["src"]), pc.is_valid(rows["dst"])))
    mine = pc.and_(mine, pc.invert(pc.is_in(rows["kind"], value_set=pa.array(_APART))))
    rows = rows.filter(pc.and_(mine, pc.not_equal(rows["src"], rows["dst"])))
    paying = pa.array(places, pa.string())
    for _ in range(STEPS):
        paid = rows["dst"].filter(pc.is_in(rows["src"], value_set=paying)).cast(pa.string())
        paying = pa.concat_arrays([paying, *paid.chunks]).unique()
    rows = rows.filter(pc.is_in(rows["src"], value_set=paying))
    for row, exact in zip(rows.to_pylist(), amounts.exact(rows), strict=True):
        yield {**row, "exact": exact}
