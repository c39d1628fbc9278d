"""What issuers did, and could do, to traced value: frozen, destroyed, left where it can be frozen.

A freeze is read twice where the exhibits allow it: from the issuer's events, and from a call at one block. Both
are said, and neither is inferred from what still arrives: the contracts of one family stop only who sends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from recover.findings import beyond
from recover.findings.evidence import Evidence, Holding, Row, Slots
from recover.findings.material import at
from recover.findings.whereabouts import Seen, Stated, after, last_seen
from recover.registers.issuers import key

_STATES = {"freeze": "frozen", "unfreeze": "free"}
_EARLY = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Status:
    """What the exhibits say of one address in one asset; the last of each counts. None where they say nothing.

    `rivals` are the balances that exhibits state at the height of the last, where these are several; `balance` is
    the largest.
    """

    event: dict[str, Any] | None = None
    call: dict[str, Any] | None = None
    balance: dict[str, Any] | None = None
    rivals: tuple[dict[str, Any], ...] = ()
    exhibits: set[int] = field(default_factory=set)

    @property
    def by_events(self) -> str:
        return _STATES[self.event["kind"]] if self.event else ""

    @property
    def by_call(self) -> str:
        return "" if self.call is None else "frozen" if self.call["exact"] else "free"

    @property
    def frozen(self) -> bool:
        """Whether either says so: where they disagree, the finding shows both."""
        return "frozen" in (self.by_events, self.by_call)


def made(evidence: Evidence, disputed: Collection[Holding] = ()) -> Iterator[Row]:
    """The findings `frozen`, `freezable` and `destroyed`, in that order.

    Nothing is asked of an issuer about a holding that exhibits show it leaving, though they disagree on how much.
    """
    known = statuses(evidence)
    yield from _frozen(evidence, known)
    yield from _freezable(evidence, known, {(address, key(asset)) for address, asset in disputed})
    yield from _destroyed(evidence)


def statuses(evidence: Evidence) -> dict[Holding, Status]:
    """What the exhibits say of each address that the case concerns, by holding."""
    found: dict[Holding, Status] = {}
    for row in sorted(evidence.rows(evidence.events, "address", "freeze", "unfreeze"), key=_when):
        status = found.setdefault(_holding(evidence, row), Status())
        # In the order of the chain, so that the last one stays: an address can be frozen and freed again.
        status.event = row
        status.exhibits.add(row["exhibit"])
    for row in sorted(evidence.rows(evidence.states, "address", "frozen", "balance"), key=_when):
        if row["asset"] is None:
            continue
        status = found.setdefault((row["address"], key(row["asset"])), Status())
        if row["kind"] == "frozen":
            status.call = row
        else:
            _stand(status, row)
        status.exhibits.add(row["exhibit"])
    return dict(sorted(found.items()))


def _stand(status: Status, row: dict[str, Any]) -> None:
    """Take a balance that is later than those before, or beside those of its own height."""
    last = status.balance
    if last is None or row["height"] is None or last["height"] != row["height"]:
        status.balance, status.rivals = row, ()
    elif row["exact"] not in {one["exact"] for one in (last, *status.rivals)}:
        status.rivals = (*(status.rivals or (last,)), row)
        status.balance = max(status.rivals, key=lambda one: one["exact"] or 0)


def _told(status: Status | None) -> Slots:
    """The balances of one height, as a slot holds them: exhibit and amount each; empty of one."""
    rivals = status.rivals if status else ()
    return {"balances": tuple(f"{one['exhibit']}|{one['exact'] or 0}" for one in rivals)} if rivals else {}


def _when(row: Mapping[str, Any]) -> tuple[int, datetime, int]:
    # Where no height is shown, the time decides.
    height, index = (-1 if row.get(name) is None else int(row[name]) for name in ("height", "index"))
    return height, row["time"] or _EARLY, index


def _holding(evidence: Evidence, row: Mapping[str, Any]) -> Holding:
    """An event names its asset, or only the contract that logged it."""
    if row["asset"] is not None:
        return row["address"], key(row["asset"])
    tail = ":" + row["contract"].casefold()
    own = (a for a in evidence.material.assets if a.startswith(row["chain"] + "/") and a.casefold().endswith(tail))
    return row["address"], key(next(own, f"{row['chain']}/{row['contract']}"))


def _frozen(evidence: Evidence, known: Mapping[Holding, Status]) -> Iterator[Row]:
    resting = evidence.ended("rest")
    for (address, asset), status in known.items():
        if not status.frozen:
            continue
        event, call, balance = status.event or {}, status.call or {}, status.balance or {}
        slots: Slots = {
            "asset": evidence.spelt(asset),
            "issuer": evidence.issuer(asset),
            "by_events": status.by_events,
            "transaction": event.get("tx"),
            "event_height": event.get("height"),
            "by_call": status.by_call,
            "call_height": call.get("height"),
            "call_proof": call.get("proof"),
            "amount": resting.get((address, asset), 0),
            "balance": balance.get("exact"),
            "balance_height": balance.get("height"),
            **_told(status),
        }
        yield "frozen", address, "", slots, tuple(sorted(status.exhibits))


def _freezable(
    evidence: Evidence, known: Mapping[Holding, Status], disputed: Collection[Holding]
) -> Iterator[Row]:
    material = evidence.material
    returned, unread = material.returned(), material.left("uncollected")
    # What lies at a service's deposit address its issuer can stop too, whosever it is called.
    called = beyond.kept(material)
    ended = material.left("rest", "uncollected") | called
    last = last_seen(material, ended)
    for (address, asset), amount in sorted(ended.items(), key=lambda one: (one[0][0], key(one[0][1]))):
        # By what the register says that the contract can do. Whether the issuer would is its own policy, which the
        # finding quotes and does not judge.
        holding = address, key(asset)
        issuer, status = evidence.issuers.match(asset), known.get(holding)
        # An issuer is not asked to stop what came back to where a loss was paid from.
        back, whole = returned.get((address, asset), (0, 1))
        if holding in disputed or back == whole or (address, asset) in material.spent:
            continue
        if issuer is None or "freeze" not in issuer.powers or (status is not None and status.frozen):
            continue
        held, seen, history = _stated(status), last[address, asset], (address, asset) in unread
        upto = _upto(amount, held, seen, history)
        if not upto:
            continue
        slots: Slots = {
            "asset": evidence.spelt(asset),
            "amount": amount,
            "issuer": issuer.name,
            "powers": issuer.powers,
            "terms": issuer.terms,
            "register": issuer.as_of,
            "verified_by": issuer.verified_by,
            "by_call": status.by_call if status else "",
            "call_height": status.call["height"] if status and status.call else None,
        }
        if held:
            slots |= {"balance": held.amount, "balance_height": held.height, "upto": upto, **_told(status)}
        if history:
            slots["history"] = "open"
        if (address, asset) in called:
            slots["service"] = material.targets[at(address, asset)][0]
        # Those of the movements too; where nothing was stated `cited` finds them.
        yield "freezable", address, "", slots, tuple(sorted({*status.exhibits, *seen.exhibits})) if status else ()


def _stated(status: Status | None) -> Stated | None:
    """The last balance that exhibits state of a holding, where they name its block."""
    row = (status.balance if status else None) or {}
    if row.get("height") is None:
        return None
    return Stated(height=row["height"], time=row["time"], amount=row["exact"] or 0, exhibit=row["exhibit"])


def _upto(amount: int, held: Stated | None, seen: Seen, history: bool) -> int:
    """How much of the traced value an issuer can be asked about: no more than a balance of afterwards leaves.

    Where value came whose `history` is in no exhibit, nothing but such a balance shows that anything lies there.
    """
    later = after(held, seen.time, seen.height) if held else False
    if held is None or later is False or (later is None and not history):
        return 0 if history else amount
    return min(amount, held.amount)


def _destroyed(evidence: Evidence) -> Iterator[Row]:
    # Some contracts destroy without recording a transfer, so the event and the ledger's own figure are both
    # stated.
    burnt = evidence.ended("burn")
    for row in sorted(
        evidence.rows(evidence.events, "address", "destroy"), key=lambda r: (r["address"], _when(r))
    ):
        holding = _holding(evidence, row)
        slots: Slots = {
            "asset": evidence.spelt(holding[1]),
            "issuer": evidence.issuer(holding[1]),
            "destroyed": row["exact"],
            "amount": burnt.get(holding, 0),
            "transaction": row["tx"],
            "event_height": row["height"],
        }
        yield "destroyed", row["address"], "", slots, (row["exhibit"],)
