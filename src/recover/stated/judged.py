"""Stated flows held against the ledger: shown, contradicted, or not in the exhibits, with what stands there.

A flow is *shown* where one movement of the joined exhibits is as stated in all that is stated, or where those that
are sum to it. It is *contradicted* only where exhibits could not hold back what is stated: the transaction is here
whole, a history that is whole at that moment lacks it, the transaction failed, or it had another moment. All else
is *not in the exhibits*: nobody can say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger import forms
from recover.ledger.coverage import Covered
from recover.sdk import amounts
from recover.stated.flow import Flow

Verdict: TypeAlias = Literal["shown", "contradicted", "not in the exhibits", "unreadable"]

Row: TypeAlias = dict[str, Any]
"""A movement of the ledger, its amount as one integer."""

Sides: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""The forms of a stated payer and of a stated receiver; none where nobody is stated."""

REASONS: Mapping[str, tuple[Verdict, str]] = {
    "movement": ("shown", "A movement of the transaction is as stated."),
    "sum": ("shown", "Several movements are as stated, and sum to the amount."),
    "net": ("shown", "It is what the payer's inputs hold less what came back to the payer; the fee is in it."),
    "fee": ("shown", "It is the fee of the transaction."),
    "shared": ("shown", "It is as stated; the transaction spends from others too, and no chain records for whom."),
    "transaction": ("shown", "The exhibits hold the transaction; nothing is stated of what it moved."),
    "several": ("shown", "Several movements are as stated, each alone; which one is meant is not stated."),
    "failed": ("contradicted", "The transaction failed and moved nothing but its fee."),
    "moment": ("contradicted", "The transaction has another moment."),
    "disputed": ("contradicted", "Exhibits contradict each other about this transaction: not all show it so."),
    "whole": ("contradicted", "The exhibits hold the transaction whole, and no movement of it is as stated."),
    "history": ("contradicted", "A history that is whole at that moment holds no movement as stated."),
    "unknown": ("not in the exhibits", "No exhibit holds the transaction."),
    "part": (
        "not in the exhibits",
        "What the exhibits hold of the transaction is not as stated, and is a part of it.",
    ),
    "outcome": ("not in the exhibits", "No exhibit says whether the transaction succeeded."),
    "reorganised": ("not in the exhibits", "The block that the exhibits show it in is no part of its chain."),
    "undated": ("not in the exhibits", "No exhibit gives the transaction a time that could be compared."),
    "spender": ("not in the exhibits", "No exhibit shows whom the transaction spends from."),
    "absent": ("not in the exhibits", "No movement in the exhibits is as stated."),
    "grouped": (
        "unreadable",
        "The amount can be read in two ways; with its point as a mark of thousands it would be shown.",
    ),
    "timeless": (
        "not in the exhibits",
        "A history that is whole as far as it reaches holds no movement as stated, and no time is stated.",
    ),
}
"""Why a verdict is what it is."""

_COLUMNS = (
    *("chain", "tx", "time", "leg", "kind", "src", "dst", "asset", "amount", "wide", "spends_index"),
    *("excluded", "exhibit", "place"),
)
_COINS = ("input", "output")
_VOID = ("failed", "reorganised", "outcome unknown", "contradicted")
"""Why a movement took place in no transaction that counts; other reasons are the trace's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the exhibits say of one flow. `reason` is a key of `REASONS`; `rows` are the movements that show it, or
    those that stand in its place; `exhibits` are all that the verdict rests on. `history` is whose is whole.
    """

    flow: Flow
    reason: str
    rows: tuple[Row, ...] = ()
    exhibits: tuple[int, ...] = ()
    history: str = ""
    time: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        return REASONS[self.reason][0]

    @property
    def why(self) -> str:
        return REASONS[self.reason][1]


class Held:
    """The movements of a case that flows could mean, read once for all of them."""

    def __init__(self, case: Case, flows: Collection[Flow]) -> None:
        txs = pa.array(sorted({one.tx for one in flows if one.tx}), pa.string())
        open_ = [one for one in flows if not one.tx]
        self._forms = forms.read(derived.read(case, "forms"))
        places = pa.array(
            sorted({at for one in open_ for at in (*self._who(one)[0], *self._who(one)[1])}), pa.string()
        )
        moved = derived.read(case, "transfers", list(_COLUMNS))
        near = pc.or_(*(pc.fill_null(pc.is_in(moved[side], value_set=places), False) for side in ("src", "dst")))
        # Of a transaction on a chain of coins all rows are read: who paid stands in others than who was paid.
        also = pc.unique(moved.filter(near)["tx"])
        wanted = pc.or_(pc.is_in(moved["tx"], value_set=txs), pc.is_in(moved["tx"], value_set=also))
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._at: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
        for row in moved.filter(wanted).to_pylist():
            unknown = row["amount"] is None and row["wide"] is None
            row["amount"] = None if unknown else amounts.join(row["amount"], row.pop("wide"))
            key = (row["chain"], row["tx"])
            self._rows.setdefault(key, []).append(row)
            for side in dict.fromkeys(filter(None, (row["src"], row["dst"]))):
                self._at.setdefault((row["chain"], side), {})[key] = None
        made = derived.read(case, "transactions")
        listed = made.filter(pc.is_in(made["id"], value_set=txs)).to_pylist()
        self._made = {(row["chain"], row["id"]): row for row in listed}
        self._covered = Covered.of(case)
        self._histories = _histories(case, made)
        self._assets = _assets(moved)

    def _who(self, flow: Flow) -> Sides:
        """Payer and receiver as the ledger can have them: who opens one form of an address opens the others."""
        src, dst = ((at, *self._forms.get((flow.chain, at), ())) if at else () for at in (flow.src, flow.dst))
        return src, dst

    def judged(self, flow: Flow) -> Judged:
        """What the exhibits say of a flow."""
        found = self._judged(flow)
        if flow.grouped is not None and found.verdict != "shown":
            other = self._judged(replace(flow, amount=flow.grouped))
            return replace(other, flow=flow, reason="grouped") if other.verdict == "shown" else found
        return found

    def _judged(self, flow: Flow) -> Judged:
        return self._of(flow) if flow.tx else self._anywhere(flow)

    def _of(self, flow: Flow) -> Judged:
        """A flow that names its transaction."""
        made, rows = self._made.get((flow.chain, flow.tx)), self._rows.get((flow.chain, flow.tx), [])
        if made is None:
            # A history that is whole at the moment that is stated would hold it, whichever its id.
            of = self._history(flow, flow.since, None) if flow.since and flow.until else None
            if of is None:
                return Judged(flow=flow, reason="unknown")
            return Judged(flow=flow, reason="history", history=of[0], exhibits=tuple(sorted(of[1])))

        def said(reason: str, shown: Sequence[Row] = (), history: str = "", more: Iterable[int] = ()) -> Judged:
            exhibits = tuple(sorted({*made["exhibits"], *more}))
            return Judged(
                flow=flow,
                reason=reason,
                rows=tuple(shown),
                exhibits=exhibits,
                history=history,
                time=made["time"],
            )

        if made["reorganised"]:
            return said("reorganised")
        if flow.since and flow.until:
            if made["time"] is None:
                return said("undated")
            if not flow.since <= made["time"] < flow.until:
                return said("moment")
        if not (flow.src or flow.dst or flow.asset) and flow.amount is None and flow.output is None:
            return said("transaction")
        reason, shown = _matching(flow, self._who(flow), rows)
        if made["failed"] and not (shown and reason == "fee"):
            return said("failed")
        if made["contradicted"] or any(row["excluded"] == "contradicted" for row in rows):
            return said("disputed", shown or rows)
        if shown and any(row["excluded"] == "outcome unknown" for row in shown):
            return said("outcome", shown)
        if shown:
            return said(reason, shown)
        if flow.src and any(row["kind"] == "input" and row["src"] is None for row in rows):
            return said("spender", rows)
        if made["whole"]:
            return said("whole", rows)
        if of := self._history(flow, made["time"], made["height"]):
            return said("history", rows, *of)
        return said("part", rows)

    def _anywhere(self, flow: Flow) -> Judged:
        """A flow that names no transaction: any of those that its addresses are in."""
        src, dst = self._who(flow)
        keys = [key for at in (*src, *dst) for key in self._at.get((flow.chain, at), ())]
        counted: list[tuple[str, list[Row]]] = []
        for key in dict.fromkeys(keys):
            rows = [row for row in self._rows[key] if row["excluded"] not in _VOID]
            if rows and (not flow.since or _within(rows[0]["time"], flow)):
                reason, shown = _matching(flow, self._who(flow), rows)
                counted += [(reason, shown)] if shown and reason in ("movement", "shared", "sum") else []
        if counted:
            rows = [row for _, shown in counted for row in shown]
            reason = counted[0][0] if len(counted) == 1 else "several"
            return _judged(flow, reason, rows)
        if flow.src and flow.dst and flow.amount is not None and (rows := self._all(flow, keys)):
            return _judged(flow, "sum", rows)
        time, named = flow.since, bool(flow.since and flow.until)
        if of := self._history(flow, time, None):
            history, exhibits = of
            reason = "history" if named else "timeless"
            return Judged(flow=flow, reason=reason, history=history, exhibits=tuple(sorted(exhibits)))
        return Judged(flow=flow, reason="absent")

    def _all(self, flow: Flow, keys: Iterable[tuple[str, str]]) -> list[Row]:
        """All movements from one to the other, where they sum to the amount."""
        rows = [
            row
            for key in dict.fromkeys(keys)
            for row in self._rows[key]
            if row["excluded"] not in _VOID and row["kind"] != "fee" and _sides(flow, self._who(flow), row)
            if not flow.since or _within(row["time"], flow)
        ]
        return rows if _sum(rows) == flow.amount else []

    def _history(self, flow: Flow, time: datetime | None, height: int | None) -> tuple[str, set[int]] | None:
        """Whose whole history reaches over this moment, and the exhibits that claim it; None for nobody's."""
        for at in filter(None, (flow.src, flow.dst)):
            asset = flow.asset.id if flow.asset else ""
            if asset and not self._covered.whole(at, asset):
                continue
            if not asset and not self._covered.claimed(flow.chain, at):
                continue
            claims = [*self._histories.get((flow.chain, at), ()), *self._histories.get((flow.chain, ""), ())]
            found = {
                claim.exhibit
                for claim in claims
                if (claim.asset == asset if claim.asset else self._holds(claim.exhibit, flow.chain, asset))
                and claim.reaches(time, height)
            }
            if found:
                return at, found
        return None

    def _holds(self, exhibit: int, chain: str, asset: str) -> bool:
        """Whether an exhibit shows that it would hold a movement of this asset, or of any where none is stated.

        A claim that names no asset is of all that its source lists: lists of tokens hold no coin of the chain, and
        an exhibit that shows no movement of an asset may be of a source that lists none.
        """
        mine = self._assets.get((exhibit, chain), frozenset())
        return asset in mine if asset else any("/slip44:" in one for one in mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """A claim of one exhibit to hold a history. One that names no end reaches to the last moment seen in it: what
    came after its export it cannot hold, whenever it was imported."""

    exhibit: int
    asset: str
    since: datetime | None
    until: datetime | None
    since_height: int | None
    until_height: int | None

    def reaches(self, time: datetime | None, height: int | None) -> bool:
        high = self.since_height is not None or self.until_height is not None
        if high:
            return height is not None and (self.since_height or 0) <= height <= (self.until_height or height)
        if time is None:
            return height is None and self.until is not None
        return self.until is not None and time <= self.until and (self.since is None or self.since <= time)


def _histories(case: Case, made: pa.Table) -> dict[tuple[str, str], list[_History]]:
    """The claims by place; sub-accounts are left out, whose histories are each of a part."""
    rows = [row for row in derived.read(case, "coverage").to_pylist() if row["account"] is None]
    last = _last(made) if rows else {}
    found: dict[tuple[str, str], list[_History]] = {}
    for row in rows:
        claim = _History(
            exhibit=row["exhibit"],
            asset=row["asset"] or "",
            since=row["since"],
            until=row["until"] or last.get(row["exhibit"]),
            since_height=row["since_height"],
            until_height=row["until_height"],
        )
        found.setdefault((row["chain"], row["address"] or ""), []).append(claim)
    return found


def _assets(moved: pa.Table) -> dict[tuple[int, str], frozenset[str]]:
    """(exhibit, chain) -> the assets of the movements in it."""
    rows = moved.group_by(["exhibit", "chain", "asset"], use_threads=False).aggregate([]).to_pylist()
    found: dict[tuple[int, str], set[str]] = {}
    for row in rows:
        found.setdefault((row["exhibit"], row["chain"]), set()).add(row["asset"])
    return {key: frozenset(assets) for key, assets in found.items()}


def _last(made: pa.Table) -> dict[int, datetime]:
    """Exhibit -> the last moment of a transaction in it."""
    at = pa.table(
        {
            "exhibit": pc.list_flatten(made["exhibits"]),
            "time": made["time"].take(pc.list_parent_indices(made["exhibits"])),
        }
    )
    rows = at.group_by("exhibit", use_threads=False).aggregate([("time", "max")]).to_pylist()
    return {row["exhibit"]: row["time_max"] for row in rows if row["time_max"] is not None}


def _within(time: datetime | None, flow: Flow) -> bool:
    return (
        time is not None and flow.since is not None and flow.until is not None and flow.since <= time < flow.until
    )


def _judged(flow: Flow, reason: str, rows: Sequence[Row]) -> Judged:
    exhibits = tuple(sorted({row["exhibit"] for row in rows}))
    return Judged(flow=flow, reason=reason, rows=tuple(rows), exhibits=exhibits, time=rows[0]["time"])


def _sides(flow: Flow, who: Sides, row: Row) -> bool:
    """Whether payer, receiver and asset of a movement are as stated."""
    return (
        (not flow.src or row["src"] in who[0])
        and (not flow.dst or row["dst"] in who[1])
        and (flow.asset is None or row["asset"] == flow.asset.id)
    )


def _sum(rows: Sequence[Row]) -> int | None:
    """The sum of movements of one asset; None where there are none, or an amount is not shown."""
    known = [row["amount"] for row in rows if row["amount"] is not None]
    one = len({row["asset"] for row in rows}) == 1 and len(known) == len(rows)
    return sum(known) if one else None


def _matching(flow: Flow, who: Sides, rows: Sequence[Row]) -> tuple[str, list[Row]]:
    """(reason, the movements of one transaction that are as stated); none where nothing is."""
    if any(row["kind"] in _COINS for row in rows):
        return _coins(flow, who, rows)
    found = [row for row in rows if row["kind"] != "fee" and _sides(flow, who, row)]
    reason, same = _amounting(flow.amount, found)
    if same or flow.dst:
        return reason, same
    fees = [row for row in rows if row["kind"] == "fee" and _sides(flow, who, row)]
    same = _amounting(flow.amount, fees)[1] if flow.amount is not None else []
    return "fee", same


def _amounting(amount: int | None, rows: list[Row]) -> tuple[str, list[Row]]:
    if amount is None:
        return "movement", rows
    if same := [row for row in rows if row["amount"] == amount]:
        return "movement", same
    return "sum", rows if _sum(rows) == amount else []


def _coins(flow: Flow, who: Sides, rows: Sequence[Row]) -> tuple[str, list[Row]]:
    """On a chain of coins: inputs are the payer's, outputs the receiver's; which paid which, no chain records."""
    if flow.asset is not None and any(row["asset"] != flow.asset.id for row in rows):
        return "movement", []
    src, dst = who
    inputs = [row for row in rows if row["kind"] == "input" and (not src or row["src"] in src)]
    outputs = [row for row in rows if row["kind"] == "output" and (not dst or row["dst"] in dst)]
    if flow.output is not None:
        outputs = [row for row in outputs if row["leg"] == flow.output]
    if (flow.src and not inputs) or ((flow.dst or flow.output is not None) and not outputs):
        return "movement", []
    if flow.dst or flow.output is not None or not flow.src:
        reason, paid = _amounting(flow.amount, outputs)
        if not paid or not flow.src:
            return reason, paid
        alone = all(row["src"] in src for row in rows if row["kind"] == "input")
        return reason if alone else "shared", [*inputs, *paid]
    reason, spent = _amounting(flow.amount, inputs)
    back = [row for row in rows if row["kind"] == "output" and row["dst"] in src]
    held = _sum(inputs)
    if not spent and held is not None and held - (_sum(back) or 0) == flow.amount:
        return "net", [*inputs, *back]
    # An output of that amount is as stated too: to whom is not.
    if not spent and (one := [row for row in outputs if row["amount"] == flow.amount]):
        alone = all(row["src"] in src for row in rows if row["kind"] == "input")
        return "movement" if alone else "shared", [*inputs, *one]
    return reason, spent
