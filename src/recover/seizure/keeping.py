"""Custody: what came to the agency from the chain itself, what is attested, what went on, and what is unexpected.

Units and money are two accounts that are never added: a conversion takes units out of one and puts money into the
other, at the price that was had, and is an event with its own evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow.compute as pc

from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.recognise.assets import Units, shown_as, told
from recover.recognise.names import here, recognise
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.values import Address, TxId
from recover.seizure import minor, plans

KIND = "custody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of custody. Units are base units of `asset`; `money` is minor units of `currency`."""

    id: str
    act: str
    address: str
    asset: str
    units: int
    by: str
    at: datetime
    body: Mapping[str, Any]


def late(event: Event) -> tuple[datetime, datetime] | None:
    """When a seizure was, and since when its plan stands, where that came later; an older entry does not say."""
    said = [str(event.body.get(name, "")) for name in ("time", "plan_at")]
    if not all(said):
        return None
    seized, planned = map(datetime.fromisoformat, said)
    return (seized, planned) if planned > seized else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What should be held: units that came less units that went, of one asset at one agency address."""

    address: str
    asset: str
    source: str
    received: int = 0
    handed: int = 0
    converted: int = 0

    @property
    def held(self) -> int:
        return self.received - self.handed - self.converted


def every(case: Case) -> list[Event]:
    """All events, in order."""
    found = []
    for entry in case.entries:
        if entry.kind == KIND:
            body = entry.body
            texts = {name: str(body.get(name, "")) for name in ("id", "act", "address", "asset", "by")}
            found.append(Event(**texts, units=int(body["units"]), at=entry.time, body=body))
    return found


def accounts(case: Case) -> list[Account]:
    """The unit accounts, by agency address and asset."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    sources: dict[tuple[str, str], str] = {}
    names = {"record": "received", "hand-over": "handed", "convert": "converted"}
    for event in every(case):
        key = event.address, event.asset
        if event.act in names:
            line = sums.setdefault(key, {})
            line[names[event.act]] = line.get(names[event.act], 0) + event.units
        if event.act == "record":
            sources.setdefault(key, str(event.body.get("source", "")))
    return [Account(address=a, asset=s, source=sources.get((a, s), ""), **line) for (a, s), line in sums.items()]


def purses(case: Case) -> dict[str, tuple[int, int]]:
    """The money accounts, by currency, in minor units: what conversions brought, and what was paid out of it."""
    found: dict[str, tuple[int, int]] = {}
    for event in every(case):
        if event.body.get("currency"):
            currency, amount = str(event.body["currency"]), int(event.body["money"])
            brought, paid = found.get(currency, (0, 0))
            out = event.act == "hand-over"
            found[currency] = (brought, paid + amount) if out else (brought + amount, paid)
    return found


def money(case: Case) -> dict[str, int]:
    """What each money account holds, in minor units."""
    return {currency: brought - paid for currency, (brought, paid) in purses(case).items()}


def record(
    case: Case,
    plugins: Plugins,
    *,
    tx: str,
    target: str,
    authority: str,
    by: str,
    roles: Mapping[str, str],
    value: str,
) -> list[Event]:
    """Journal a seizure as the chain itself shows it: one event for each agency address and asset that it paid.

    Raises Error where no exhibit shows the transaction, where it failed, pays no destination of the plan, or is
    recorded already.
    """
    plans.refuse_secret(tx if " " in tx else "")
    chain, found = recognise(plugins, tx, here(case))
    if not isinstance(found, TxId):
        raise Error("custody-tx", f"{tx} is an address.", "A seizure is a transaction.", "Name its id with --tx.")
    if not by.strip():
        raise _nameless()
    row = _transaction(case, found)
    moved = _moved(case, found)
    wanted = {one.to: one for one in plans.every(case).values() if one.to and (not target or one.id == target)}
    paid: dict[tuple[str, str], int] = {}
    for one in moved:
        if f"{chain}:{one['dst']}" in wanted:
            key = f"{chain}:{one['dst']}", one["asset"]
            paid[key] = paid.get(key, 0) + one["exact"]
    if not paid:
        raise Error(
            "custody-elsewhere",
            f"Transaction {found.text} pays no destination of the plan.",
            f"Destinations: {', '.join(wanted) or 'none that two persons have entered'}.",
            "See with `recover show CASE tx` where it went; a wrong address needs the team at once.",
        )
    before = {(e.body.get("tx"), e.address, e.asset) for e in every(case) if e.act == "record"}
    if any((found.text, *key) in before for key in paid):
        raise Error(
            "custody-twice", f"{found.text} is recorded already.", "It came once.", "Nothing is to be done."
        )
    payers = sorted({one["src"] for one in moved if one["src"] and one["kind"] != "fee"})
    about = {"tx": found.text, "chain": chain, "height": row["height"], "block": row["block"] or ""}
    about |= {"time": row["time"].isoformat() if row["time"] else "", "proof": row["proof"] or ""}
    about |= {"confirmations": _confirmations(case, chain, row["height"]), "exhibits": list(row["exhibits"])}
    fees = [one["exact"] for one in moved if one["kind"] == "fee"]
    # An export of a token shows no fee: that is not a fee of nought.
    about |= {"fee": str(sum(fees)) if fees else "", "value": value}
    bodies = []
    for n, ((address, asset), units) in enumerate(sorted(paid.items()), len(every(case)) + 1):
        plan = wanted[address]
        body: dict[str, Any] = {"id": f"K{n}", "act": "record", "address": address, "asset": asset}
        body |= {
            "units": str(units),
            "by": by.strip(),
            "authority": authority or plan.authority,
            "target": plan.id,
        }
        source = plan.source.rpartition(":")[2]
        body |= {
            "source": plan.source,
            "planned": asset == plan.asset and set(payers) <= {source},
            "payers": payers,
            "plan_at": plan.since.isoformat(),
        }
        bodies.append({**body, **about, "roles": dict(roles or plan.roles)})
    case.note_each(KIND, bodies)
    return every(case)[-len(bodies) :]


def attest(
    case: Case, plugins: Plugins, *, address: str, asset: str, units: int, height: int | None, by: str, note: str
) -> tuple[Event, str]:
    """Journal that a person saw a balance; and one sentence where it is not what the account says."""
    if not by.strip():
        raise _nameless()
    place = _place(case, plugins, address)
    body = {"id": _next(case), "act": "attest", "address": place, "asset": asset, "units": str(units)}
    case.note(KIND, {**body, "by": by.strip(), "height": height, "note": note})
    held = {(one.address, one.asset): one.held for one in accounts(case)}.get((place, asset), 0)
    off, known = units - held, shown_as(case, plugins)
    return every(case)[-1], (
        ""
        if not off
        else f"{told(asset, abs(off), known)} {'more' if off > 0 else 'fewer'} than the account says "
        f"({told(asset, held, known)})."
    )


def part(
    case: Case,
    plugins: Plugins,
    *,
    act: str,
    address: str,
    asset: str,
    units: int,
    by: str,
    body: Mapping[str, Any],
) -> Event:
    """Journal that units were handed over, or converted into money. Raises Error for more than is held."""
    if not by.strip():
        raise _nameless()
    place = _place(case, plugins, address)
    held = {(one.address, one.asset): one.held for one in accounts(case)}.get((place, asset), 0)
    if units < 0 or units > held or (act == "convert" and not units):
        raise Error(
            "custody-too-much",
            f"{told(asset, units, shown_as(case, plugins))} cannot leave {place}.",
            f"The account holds {told(asset, held, shown_as(case, plugins))}.",
            "Record first what came; or correct the amount.",
        )
    if (
        body.get("currency")
        and act == "hand-over"
        and int(body["money"]) > money(case).get(str(body["currency"]), 0)
    ):
        raise Error(
            "custody-too-much",
            f"{minor.said(int(body['money']), str(body['currency']))} cannot be handed over.",
            f"The account holds {minor.said(money(case).get(str(body['currency']), 0), str(body['currency']))}.",
            "Record the conversion first; or correct the amount.",
        )
    said = {"id": _next(case), "act": act, "address": place, "asset": asset, "units": str(units), "by": by.strip()}
    case.note(KIND, {**said, **body})
    return every(case)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something at an agency address that custody does not account for."""

    address: str
    asset: str
    said: str
    tx: str = ""


def alerts(case: Case, units: Units) -> Iterator[Alert]:
    """Movements at agency addresses that no event names, balances that differ, and sources that were mixed."""
    events = every(case)
    own = {event.address for event in events}
    named = {str(event.body.get("tx", "")) for event in events}
    if own and case.files.size("derived/ledger/transfers.parquet") is not None:
        table = derived.read(case, "transfers", ["chain", "tx", "src", "dst", "asset", "amount", "wide", "kind"])
        bare = {address.rpartition(":")[2] for address in own}
        mask = pc.or_(pc.is_in(table.column("src"), _set(bare)), pc.is_in(table.column("dst"), _set(bare)))
        table = table.filter(mask)
        for row, amount in zip(table.to_pylist(), amounts.exact(table), strict=True):
            if row["tx"] not in named and row["kind"] != "fee":
                for side, word in (("src", "left"), ("dst", "came to")):
                    place = f"{row['chain']}:{row[side]}"
                    if place in own:
                        said = f"{told(row['asset'], amount, units)} {word} {place}, and no event says why."
                        yield Alert(address=place, asset=row["asset"], tx=row["tx"], said=said)
    for event in events:
        if event.act == "record" and not event.body.get("planned"):
            yield Alert(
                address=event.address,
                asset=event.asset,
                tx=str(event.body.get("tx", "")),
                said="What came is another asset, or from another address, than was planned.",
            )
    for event in events:
        if event.act == "record" and (times := late(event)):
            said = "It was seized at {:%Y-%m-%d %H:%M} UTC; the plan stands only since {:%Y-%m-%d %H:%M} UTC."
            where = {"address": event.address, "asset": event.asset, "tx": str(event.body.get("tx", ""))}
            yield Alert(said=said.format(*times), **where)
    yield from _attested(case, events, units)


def _attested(case: Case, events: Sequence[Event], units: Units) -> Iterator[Alert]:
    for one in accounts(case):
        mine = [event for event in events if (event.address, event.asset) == (one.address, one.asset)]
        last = max((n for n, event in enumerate(mine) if event.act == "attest"), default=None)
        if last is None:
            yield Alert(address=one.address, asset=one.asset, said="Nobody has attested its balance yet.")
            continue
        # What came before it was attested may be recorded later; what is handed over later was still there.
        seen, then = mine[last], sum(map(_signed, mine[:last]))
        late = sum(event.units for event in mine[last:] if event.act == "record")
        if seen.units not in (then, then + late):
            said = (
                f"{told(one.asset, seen.units, units)} attested on {seen.at:%Y-%m-%d}, when the account said "
                f"{told(one.asset, then, units)}."
            )
            yield Alert(address=one.address, asset=one.asset, said=said)


def _signed(event: Event) -> int:
    """What an event adds to its account."""
    return {"record": event.units, "attest": 0}.get(event.act, -event.units)


def _set(texts: set[str]) -> Any:
    import pyarrow as pa

    return pa.array(sorted(texts), pa.string())


def _transaction(case: Case, found: TxId) -> dict[str, Any]:
    table = derived.read(case, "transactions")
    mine = pc.and_(pc.equal(table.column("chain"), found.chain), pc.equal(table.column("id"), found.text))
    rows: list[dict[str, Any]] = table.filter(mine).to_pylist()
    if not rows or rows[0]["failed"]:
        raise Error(
            "custody-unseen" if not rows else "custody-failed",
            f"No exhibit shows transaction {found.text}."
            if not rows
            else f"Transaction {found.text} failed: it moved nothing.",
            "A certificate rests on what the chain itself shows, and not on what somebody says."
            if not rows
            else "The chain says so.",
            "Collect or import it, and run the case: `recover run CASE --until decode`.",
        )
    return rows[0]


def _moved(case: Case, found: TxId) -> list[dict[str, Any]]:
    columns = ["chain", "tx", "src", "dst", "asset", "amount", "wide", "kind", "excluded"]
    table = derived.read(case, "transfers", columns)
    mine = pc.and_(pc.equal(table.column("chain"), found.chain), pc.equal(table.column("tx"), found.text))
    table = table.filter(mine)
    return [{**row, "exact": n} for row, n in zip(table.to_pylist(), amounts.exact(table), strict=True)]


def _confirmations(case: Case, chain: str, height: int | None) -> int | None:
    """Blocks from the one of the transaction to the last that the exhibits hold; None where they do not say."""
    if height is None or case.files.size("derived/ledger/blocks.parquet") is None:
        return None
    table = derived.read(case, "blocks", ["chain", "height"])
    last = pc.max(table.filter(pc.equal(table.column("chain"), chain)).column("height")).as_py()
    return None if last is None else last - height + 1


def _place(case: Case, plugins: Plugins, text: str) -> str:
    _, found = recognise(plugins, text, here(case))
    if not isinstance(found, Address) or found.caip10 not in {event.address for event in every(case)}:
        raise Error(
            "custody-address",
            f"{text} is no agency address of this case.",
            "Custody begins with the seizure that came to it.",
            "`recover custody record CASE --tx ID` records it.",
        )
    return found.caip10


def _next(case: Case) -> str:
    return f"K{len(every(case)) + 1}"


def _nameless() -> Error:
    return Error(
        "custody-nameless",
        "An event of custody needs the name of who enters it.",
        "It is evidence of who had what when.",
        "Say it with --by.",
    )
