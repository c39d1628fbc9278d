"""Off-ramps: where traced value reached a service, by deposit address, with what it swept and on what basis.

`Material` holds the derived tables in memory that off-ramps and the other findings are made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger.coverage import Covered
from recover.linking.labels import POSSIBLE
from recover.linking.members import KIND as MEMBER
from recover.sdk import amounts
from recover.sdk.ends import RECORDED, REVERSED
from recover.sdk.records import Grade
from recover.sdk.view import OffRamp
from recover.tracing import rules
from recover.tracing.lots import apportion

# Ends that are off-ramps. A trace never goes on through a service: only its own books say what happened inside.
STOPPED = ("service", "hub")
_KINDS = ("label", "deposit-address", "hub", MEMBER)
"""The assertions that off-ramps stand on; what ties addresses to each other is summed up in members."""

# Poison, say, over-counts: two losses in one coin are each counted whole.
_CLAIMS = frozenset(rule.id for rule in rules.RULES.values() if rule.claim)
"""Rules that may back a figure; a measure of exposure never stands beside one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where one deposit address swept: one service, or one hub (`service` empty)."""

    service: str
    grade: Grade
    hot_wallets: tuple[str, ...]
    swept: int
    sweeps: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """The traced movements that ended at one address in one asset, under the declared rule."""

    seqs: list[int] = field(default_factory=list)
    by_loss: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Derived tables in memory, and what is looked up in them. Amounts are exact."""

    rule: str
    chains: Mapping[str, str]
    assets: Mapping[str, tuple[str, int | None]]
    transfers: pa.Table
    ends: Sequence[Mapping[str, Any]]
    arrivals: Mapping[tuple[str, str], Arrivals]
    links: Mapping[tuple[str, str], tuple[Link, ...]]
    labels: Mapping[str, Mapping[str, Any]]
    members: Mapping[str, Mapping[str, Any]]
    hubs: Mapping[str, Mapping[str, Any]]
    covered: Covered
    starts: Mapping[tuple[str, str], int]
    came: Mapping[tuple[str, str], int]
    exhibits_of: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, case: Case) -> Material:
        """Read all of it for one case. Raises Error naming the stage to run when a table is not there."""
        transfers = derived.read(case, "transfers")
        ends = _exact(derived.read(case, "ends"))
        seen = derived.read(case, "assets").to_pylist()
        said = derived.read(case, "assertions")
        # Assertions that tie addresses together can be millions; those from an exhibit are labels, of which there
        # are few.
        used = pc.or_(
            pc.is_in(said.column("kind"), value_set=pa.array(_KINDS)), pc.greater(said.column("exhibit"), 0)
        )
        asserted = said.filter(used).to_pylist()
        arrivals, starts = _arrivals(derived.read(case, "flows"), transfers, ends, case.settings.rule)
        return cls(
            rule=case.settings.rule,
            chains={r["asset"]: r["asset"].split("/", 1)[0] for r in seen},
            assets={r["asset"]: (r["symbol"], r["decimals"]) for r in seen},
            transfers=transfers,
            ends=ends,
            arrivals=arrivals,
            links=_links(asserted),
            labels={
                r["address"]: r
                for r in derived.read(case, "labels").to_pylist()
                if r["service"] and r["role"] != POSSIBLE
            },
            members={r["address"]: r for r in asserted if r["kind"] == MEMBER},
            hubs={r["address"]: r for r in asserted if r["kind"] == "hub"},
            covered=Covered.of(case),
            starts=starts,
            came=_came(derived.read(case, "exchanges"), transfers),
            exhibits_of=_label_exhibits(asserted),
        )

    def declared(self) -> list[Mapping[str, Any]]:
        """What ended under the declared rule, in the order of ties as recorded."""
        return [end for end in self.ends if end["rule"] == self.rule and end["ties"] == RECORDED]


TABLE = pa.schema(
    [
        *((n, pa.string()) for n in ("service", "service_name", "address", "chain", "asset", "symbol")),
        *((n, pa.string()) for n in ("amount", "arrived", "swept", "whole_in", "passed_on", "at_rest")),
        *((n, pa.int64()) for n in ("decimals", "transfers", "sweeps")),
        ("hot_wallets", pa.list_(pa.string())),
        ("grade", pa.string()),
        ("basis", pa.string()),
        ("first", pa.timestamp("us", tz="UTC")),
        ("last", pa.timestamp("us", tz="UTC")),
        ("transactions", pa.list_(pa.string())),
        ("sweep_transactions", pa.list_(pa.string())),
        ("exhibits", pa.list_(pa.int64())),
        ("by_rule", pa.string()),
        ("by_loss", pa.string()),
        ("reversed_ties", pa.string()),
    ]
)

_EXACT = ("amount", "arrived", "swept", "whole_in", "passed_on", "at_rest", "reversed_ties")


def to_row(ramp: OffRamp) -> dict[str, Any]:
    """As stored: exact amounts as decimal text, maps as canonical JSON."""
    row: dict[str, Any] = {f.name: getattr(ramp, f.name) for f in fields(ramp)}
    for name in _EXACT:
        row[name] = None if row[name] is None else str(row[name])
    for name in ("by_rule", "by_loss"):
        row[name] = json.dumps({k: str(v) for k, v in row[name].items()}, separators=(",", ":"))
    for name in ("hot_wallets", "transactions", "sweep_transactions", "exhibits"):
        row[name] = list(row[name])
    return row


def of_row(row: Mapping[str, Any]) -> OffRamp:
    """The inverse of `to_row`."""
    found = dict(row)
    for name in _EXACT:
        found[name] = None if found[name] is None else int(found[name])
    for name in ("by_rule", "by_loss"):
        found[name] = {k: int(v) for k, v in json.loads(found[name]).items()}
    for name in ("hot_wallets", "transactions", "sweep_transactions", "exhibits"):
        found[name] = tuple(found[name])
    return OffRamp(**found)


def find(material: Material) -> list[OffRamp]:
    """One row for each (address, asset, service or hub) at which traced value stopped."""
    totals = _totals(material)
    # A place that only the other order of ties reaches is listed too, with nothing: the order decides whether it
    # is one.
    here = sorted({key for key in totals if totals[key].get(material.rule) or totals[key].get(REVERSED)})
    rows = [ramp for key in here for ramp in _rows(material, key, totals[key])]
    return sorted(rows, key=lambda r: (r.service is None, r.service or "", -r.amount, r.address, r.asset))


def _exact(table: pa.Table) -> list[dict[str, Any]]:
    values = amounts.exact(table)
    rows = table.drop_columns(["amount", "wide"]).to_pylist()
    return [{**row, "amount": value} for row, value in zip(rows, values, strict=True)]


def _totals(material: Material) -> dict[tuple[str, str], dict[str, int]]:
    """(address, asset) -> rule -> what stopped there; `reversed` is the declared rule with ties turned round."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for end in material.ends:
        # Every rule gets a figure at each off-ramp, zero where it brings nothing there: a rule left out would hide
        # the zero.
        if end["reason"] in STOPPED:
            name = end["rule"] if end["ties"] == RECORDED else REVERSED
            sums = found.setdefault((end["address"], end["asset"]), {})
            sums[name] = sums.get(name, 0) + end["amount"]
    ran = sorted({e["rule"] for e in material.ends})
    turned = any(e["ties"] == REVERSED for e in material.ends)
    for sums in found.values():
        for name in [*ran, *([REVERSED] if turned else [])]:
            sums.setdefault(name, 0)
    return found


def _rows(material: Material, key: tuple[str, str], totals: Mapping[str, int]) -> Iterator[OffRamp]:
    address, asset = key
    links = material.links.get(key) or (_direct(material, address),)
    came = material.arrivals.get(key) or Arrivals()
    # An address can sweep to several wallets. Lots are not told apart inside it, so what stopped there is shown by
    # what went to each, and the parts add up to the whole.
    shares = {name: _share(total, links) for name, total in totals.items()}
    losses = {name: _share(total, links) for name, total in sorted(came.by_loss.items())}
    moved = material.transfers.take(pa.array(came.seqs, pa.int64()))
    times = [t for t in moved.column("time").to_pylist() if t is not None]
    symbol, decimals = material.assets[asset]
    for number, link in enumerate(links):
        turned = shares[REVERSED][number] if REVERSED in shares else None
        amount = shares[material.rule][number]
        yield OffRamp(
            service=link.service or None,
            service_name=link.service,
            address=address,
            chain=material.chains[asset],
            asset=asset,
            decimals=decimals,
            symbol=symbol,
            amount=amount,
            arrived=totals[material.rule],
            swept=link.swept,
            whole_in=None,
            passed_on=None,
            at_rest=None,
            transfers=len(came.seqs),
            sweeps=len(link.sweeps),
            hot_wallets=link.hot_wallets,
            grade=link.grade,
            basis=link.basis,
            first=min(times, default=None),
            last=max(times, default=None),
            transactions=tuple(dict.fromkeys(moved.column("tx").to_pylist())),
            sweep_transactions=link.sweeps,
            exhibits=_exhibits(material, moved, address, link),
            by_rule={name: parts[number] for name, parts in sorted(shares.items()) if name in _CLAIMS},
            by_loss={name: parts[number] for name, parts in losses.items()},
            reversed_ties=turned if turned != amount else None,
        )


def _exhibits(material: Material, moved: pa.Table, address: str, link: Link) -> tuple[int, ...]:
    found = set(moved.column("exhibit").to_pylist())
    for name in (address, _anchor(material, address), *link.hot_wallets):
        found.update(material.exhibits_of.get(name, ()))
    return tuple(sorted(found))


def _share(total: int, links: Sequence[Link]) -> list[int]:
    """The total over an address's links, by what each was swept; the first has all where nothing was."""
    swept = [link.swept for link in links]
    # Largest remainder: the parts sum to the total, to the unit.
    return apportion(total, swept) if any(swept) else [total, *[0] * (len(links) - 1)]


def _direct(material: Material, address: str) -> Link:
    """Value that reached a service's own wallet or a hub with no deposit address between."""
    label = material.labels.get(address)
    if label is not None:
        return Link(
            service=label["service"],
            grade=label["grade"],
            hot_wallets=(address,),
            swept=0,
            sweeps=(),
            basis=f"label {label['label'] or label['service']} by {label['source'] or label['method']}",
        )
    member = material.members.get(address)
    if member is not None:
        anchor = _anchor(material, address)
        known = _direct(material, anchor).basis if anchor in material.labels else "see its own assertion"
        return Link(
            service=member["service"],
            grade=member["grade"],
            hot_wallets=(address,),
            swept=0,
            sweeps=(),
            basis=f"{member['method']} {member['version']}: {member['note']} It leads to {anchor}: {known}",
        )
    # Grade E, unverified: many senders make a hub, and no source says whose it is.
    hub = material.hubs.get(address)
    note = hub["note"] if hub else "many addresses send here, and no source names it"
    return Link(service="", grade="E", hot_wallets=(address,), swept=0, sweeps=(), basis=note)


def _anchor(material: Material, address: str) -> str:
    """The labelled address, or deposit address, by which a member of a cluster belongs to its service."""
    # Each member points one step nearer to the labelled address, so this ends.
    while address in material.members:
        address = material.members[address]["other"]
    return address


def _links(asserted: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[Link, ...]]:
    found: dict[tuple[str, str], list[Link]] = {}
    for row in asserted:
        if row["kind"] != "deposit-address":
            continue
        facts = json.loads(row["params"])
        found.setdefault((row["address"], row["asset"]), []).append(
            Link(
                service=row["service"],
                grade=row["grade"],
                hot_wallets=tuple(facts["hot_wallets"]),
                swept=int(facts["swept"]),
                sweeps=tuple(row["transactions"]),
                basis=f"{row['method']} {row['version']}: {row['note']}",
            )
        )
    # Named services before hubs, so that a rest which nothing divides falls to the one that can be asked.
    return {k: tuple(sorted(v, key=lambda x: (not x.service, -x.swept, x.service))) for k, v in found.items()}


def _label_exhibits(asserted: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for row in asserted:
        if row["exhibit"]:
            found.setdefault(row["address"], set()).add(row["exhibit"])
    return {name: tuple(sorted(numbers)) for name, numbers in found.items()}


def _came(exchanges: pa.Table, transfers: pa.Table) -> dict[tuple[str, str], int]:
    """Per (loss, asset): what came in by exchange from another asset."""
    assets = transfers.column("asset").take(exchanges.column("seq")).to_pylist()
    found: dict[tuple[str, str], int] = {}
    for loss, asset, amount in zip(
        exchanges.column("loss").to_pylist(), assets, amounts.exact(exchanges), strict=True
    ):
        found[loss, asset] = found.get((loss, asset), 0) + amount
    return found


def _arrivals(
    flows: pa.Table, transfers: pa.Table, ends: Sequence[Mapping[str, Any]], rule: str
) -> tuple[dict[tuple[str, str], Arrivals], dict[tuple[str, str], int]]:
    """Per (address, asset): which movements ended there; per (loss, asset): what began."""
    stops = {(e["address"], e["asset"]) for e in ends if e["reason"] in STOPPED and e["rule"] == rule}
    came: dict[tuple[str, str], Arrivals] = {}
    started: dict[tuple[str, str], int] = {}
    took = flows.filter(pc.is_in(flows.column("event"), value_set=pa.array(["start", "end"], pa.string())))
    moved = transfers.take(took.column("seq"))
    columns = (
        took.column("seq"),
        took.column("loss"),
        took.column("event"),
        moved.column("dst"),
        moved.column("asset"),
    )
    rows = zip(*(c.to_pylist() for c in columns), amounts.exact(took), strict=True)
    for seq, loss, event, dst, asset, amount in rows:
        if event == "start":
            started[loss, asset] = started.get((loss, asset), 0) + amount
        elif (dst, asset) in stops:
            here = came.setdefault((dst, asset), Arrivals())
            here.by_loss[loss] = here.by_loss.get(loss, 0) + amount
            if not here.seqs or here.seqs[-1] != seq:
                here.seqs.append(seq)
    return came, started
