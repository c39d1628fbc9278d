"""What one letter is about: the choice, the facts of the trace that concern this addressee, and nobody else's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.letters import narrowed
from recover.letters.folders import Kind
from recover.letters.life import Choice
from recover.registers.bases import LegalBasis
from recover.report import extent, figures, freezes, hopwise, identifiers, payers, unmoving
from recover.report.identifiers import Row
from recover.report.operators import Payment
from recover.report.texts import Texts
from recover.sdk import Finding, Loss, OffRamp, Service, View
from recover.sdk.amounts import join
from recover.sdk.outside import visible

BEFORE = timedelta(days=90)
"""Transactions and log-ins are asked for from so long before the first traced credit."""

_STEM = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One movement of a route, as a letter prints it. Of `traced`, `began` became proceeds by it as declared, and
    `came` is what an exchange of another asset, or a bridge, brought in by it."""

    seq: int
    tx: str
    time: datetime | None
    height: int | None
    src: str
    dst: str
    amount: int
    began: int
    came: int
    traced: int
    exhibit: int = 0  # whose row it is; 0 where the ledger names none
    joint: bool = False  # whether a coin transaction spends coins of others with those of `src`


class Ways:
    """The movements that carried losses under the declared rule, read once for all letters of a view."""

    def __init__(self, view: View) -> None:
        self._of: dict[tuple[str, str], list[Hop]] = {}
        self._view = view
        self._passed: dict[str, set[str]] = {}
        if "flows" not in view.tables or "transfers" not in view.tables:
            return
        flows, moved = view.tables["flows"](), view.tables["transfers"]()
        carried: dict[int, dict[str, dict[str, int]]] = {}
        columns = (flows.column(name).to_pylist() for name in ("seq", "loss", "event", "amount", "wide"))
        for seq, loss, event, amount, wide in zip(*columns, strict=True):
            if event != "end":
                carried.setdefault(seq, {}).setdefault(loss, {})[event] = join(amount, wide)
        self._passed = _passed(flows, moved)
        came = hopwise.exchanged(view)
        names = ("seq", "tx", "time", "height", "src", "dst", "asset", "amount", "wide", "exhibit")
        part = moved.filter(pc.is_in(moved.column("seq"), pa.array(sorted(carried), pa.int64()))).select(
            list(names)
        )
        listed = sorted(part.to_pylist(), key=lambda row: row["seq"])
        spent = payers.named(view, {row["tx"] for row in listed if not row["src"]})
        for row in listed:
            row["src"] = row["src"] or " ".join(spent.get((row["asset"].partition("/")[0], row["tx"]), ()))
            for loss, amounts in carried[row["seq"]].items():
                found = _step(
                    row, amounts.get("start", 0), amounts.get("move", 0), came.get((row["seq"], loss), 0)
                )
                self._of.setdefault((loss, row["asset"]), []).append(found)

    def began(self, loss: str, asset: str) -> Hop | None:
        """The first movement by which value of a loss became proceeds in an asset."""
        return next((hop for hop in self._of.get((loss, asset), ()) if hop.began), None)

    def came(self, loss: str, asset: str) -> list[Hop]:
        """The movements by which value of a loss came in by exchange or over a bridge, in the ledger's order."""
        return [hop for hop in self._of.get((loss, asset), ()) if hop.came]

    def begun(self, loss: str) -> list[tuple[str, Hop]]:
        """Every movement with which a loss began, with its asset, in the ledger's order."""
        mine = ((asset, hop) for (name, asset), rows in self._of.items() if name == loss for hop in rows)
        return sorted(((asset, hop) for asset, hop in mine if hop.began), key=lambda one: one[1].seq)

    def passed(self, losses: Collection[str]) -> frozenset[str]:
        """Every address that value of these losses left or came to."""
        return frozenset(address for loss in losses for address in self._passed.get(loss, ()))

    def starts(self, loss: str) -> dict[str, tuple[tuple[int, datetime | None], ...]]:
        """By asset, what of a loss became proceeds, movement by movement, with its moment."""
        found = {
            asset: tuple((hop.began, hop.time) for hop in rows if hop.began)
            for (name, asset), rows in self._of.items()
            if name == loss
        }
        return {asset: parts for asset, parts in sorted(found.items()) if parts}

    def sums(self, losses: Collection[str]) -> dict[str, int]:
        """By asset, what these losses began with, and what of them came in by exchange or over a bridge."""
        found: dict[str, int] = {}
        for loss in losses:
            for asset, parts in self.starts(loss).items():
                found[asset] = found.get(asset, 0) + sum(amount for amount, _ in parts)
        for (loss, asset), hops in sorted(self._of.items()):
            if loss in losses and (came := sum(hop.came for hop in hops)):
                found[asset] = found.get(asset, 0) + came
        return found

    def to(self, ramp: OffRamp, loss: str) -> tuple[tuple[Hop, ...], int]:
        """The way by an address that most value of a loss went to the addressee, and how much; or none."""
        # The report's own route, so that a letter says no other way than the report that it rests on.
        key = (ramp.service or "", ramp.through, ramp.asset, loss, hopwise.hub(ramp))
        return self._best(hopwise.ways(self._view), key)

    def rest(self, address: str, asset: str, loss: str) -> tuple[tuple[Hop, ...], int]:
        """The way by which most of what is left of a loss at an address came there, and how much; or none."""
        return self._best(hopwise.rested(self._view), ("", address, asset, loss, address))

    def _best(
        self, ways: Mapping[tuple[str, ...], Sequence[hopwise.Row]], key: tuple[str, str, str, str, str]
    ) -> tuple[tuple[Hop, ...], int]:
        for way in ("both", "largest"):
            rows = ways.get((*key, way), ())
            here = {hop.seq: hop for hop in self._of.get((key[3], key[2]), ())}
            # A way of which a movement is not among those that carried the loss is not proved, so not printed.
            if rows and all(row["seq"] in here for row in rows):
                # Of a coin transaction's payers the route names the one whose coin brought what it follows.
                hops = [(here[r["seq"]], r["src"], hopwise.kind(self._view, r) == "hop_joint") for r in rows]
                return tuple(replace(h, src=src or h.src, joint=j) for h, src, j in hops), int(rows[0]["least"])
        return (), 0


def _step(row: Mapping[str, Any], entered: int, passed: int, came: int) -> Hop:
    return Hop(
        seq=row["seq"],
        tx=row["tx"],
        time=row["time"],
        height=row["height"],
        src=row["src"] or "",
        dst=row["dst"] or "",
        amount=join(row["amount"], row["wide"]),
        began=entered - came,
        came=came,
        traced=entered + passed,
        exhibit=row["exhibit"] or 0,
    )


def _passed(flows: pa.Table, moved: pa.Table) -> dict[str, set[str]]:
    """By loss, every address that a movement of its value left or came to, where it ended too."""
    table = moved.filter(pc.is_in(moved.column("seq"), pc.unique(flows.column("seq"))))
    sides = zip(*(table.column(name).to_pylist() for name in ("src", "dst")), strict=True)
    at = dict(zip(table.column("seq").to_pylist(), sides, strict=True))
    found: dict[str, set[str]] = {}
    for seq, loss in zip(flows.column("seq").to_pylist(), flows.column("loss").to_pylist(), strict=True):
        found.setdefault(loss, set()).update(filter(None, at.get(seq, ())))
    return found


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One letter: `ramps` and `rows` are what the trace found of this addressee, none for other kinds. `ruled` are
    the off-ramps that ranges rest on: those to which only other rules give value stand among them.

    `pooled` is, by asset, what went on to it, and what stands unswept, of losses that the letter does not name.
    `holdings` are addresses with value that an issuer can freeze. `crossings` are payments into the addressee's
    bridge whose other side is asked for. `former` says what became of the letter that
    this one follows. `issued` is the moment of issue of a paper that goes out, None for a draft. `replaced` is
    the version that its addressee has, as far as anybody said, 0 where it has none. `changed` are the parts that
    differ from that, none where that is not known.
    """

    view: View
    texts: Texts
    ways: Ways
    kind: Kind
    choice: Choice
    service: Service
    basis: LegalBasis
    version: int
    ramps: tuple[OffRamp, ...] = ()
    ruled: tuple[OffRamp, ...] = ()
    rows: tuple[Row, ...] = ()
    holdings: tuple[Finding, ...] = ()
    crossings: tuple[Payment, ...] = ()
    former: tuple[tuple[str, str], ...] = ()
    issued: datetime | None = None
    changed: tuple[str, ...] = ()
    replaced: int = 0
    pooled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # name -> SHA-256 of what is attached
    signed: Mapping[str, str] = field(default_factory=dict)  # the same of the papers that were signed

    @property
    def name(self) -> str:
        return visible(self.service.name, 80)

    @property
    def traced(self) -> bool:
        """Whether it states what the trace found: only then a rule stands in it."""
        return self.kind.about in ("service", "case") or "holding" in self.kind.parts

    @property
    def key(self) -> str:
        """The service as off-ramps name it; empty where the letter is about none."""
        return self.ramps[0].service or "" if self.ramps else ""

    @property
    def file(self) -> str:
        """The letter's name without an ending."""
        return f"{self.choice.id}-v{self.version}"

    def time(self, row: Row) -> str:
        """When a movement was; what no exhibit can show, as what the exhibit says."""
        if not row.block_time_utc:
            return ""
        time = datetime.fromisoformat(row.block_time_utc)
        if extent.could(self.view, row.chain, time):
            return self.texts.dated(row.block_time_utc)
        return self.when(row.chain, time)

    def when(self, chain: str, time: datetime | None) -> str:
        """A moment on a chain, also in a table: a desk that counts years otherwise reads its own beside it."""
        return self.texts.dated(extent.when(self.view, self.texts, chain, time))

    @cached_property
    def lost(self) -> tuple[Row, ...]:
        """Each payment with which its losses began, as the tables have it: every form of the letter lists them."""
        return tuple(
            unmoving.began(
                self.view, asset, hop.tx, (hop.src, hop.dst), hop.time, (hop.amount, hop.began), hop.exhibit
            )
            for loss in self.losses
            for asset, hop in self.ways.begun(loss.id)
        )

    @cached_property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """First and last moment of what came in and of what was paid to the addressee."""
        said = [(row.chain, datetime.fromisoformat(row.block_time_utc)) for row in self.rows if row.block_time_utc]
        said += [(r.chain, time) for r in self.ramps for time in (r.first, r.last) if time]
        times = [time for chain, time in said if extent.could(self.view, chain, time)]
        return min(times, default=None), max(times, default=None)

    @cached_property
    def first(self) -> datetime | None:
        """When the first movement arrived that brought traced value."""
        came = [
            r for r in self.rows if r.direction == "in" and r.block_time_utc and r.traced_amount not in ("", "0")
        ]
        # A time that no exhibit can show bounds no period: a person must say from when on.
        times = ((r.chain, datetime.fromisoformat(r.block_time_utc)) for r in came)
        return min((time for chain, time in times if extent.could(self.view, chain, time)), default=None)

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """The losses of which value came to this addressee, as declared; all for a letter on the case."""
        if "holding" in self.kind.parts:
            rest = narrowed.resting(self.view)
            there = {loss for f in self.holdings for loss in rest.get((f.subject, str(f.slots.get("asset"))), {})}
            mine = self.choice.losses or there
            return tuple(loss for loss in self.view.case.losses if loss.id in there and loss.id in mine)
        if self.kind.about == "case":
            named = self.choice.losses
            return tuple(loss for loss in self.view.case.losses if not named or loss.id in named)
        # A letter for one sender's loss says nothing of another's: only losses that reached this addressee count.
        reached, named = self.reached(self.ramps), self.choice.losses
        reached |= {loss for one in self.crossings for loss, n in one.move.by_loss.items() if n}
        return tuple(
            loss for loss in self.view.case.losses if loss.id in reached and (not named or loss.id in named)
        )

    def reached(self, ramps: Sequence[OffRamp]) -> frozenset[str]:
        """The losses of which value came to some of the letter's off-ramps; the named ones among them only."""
        named, found = self.choice.losses, identifiers.reached(self.view, ramps)
        return frozenset(name for name in found if not named or name in named)

    def total(self, service: str | None, asset: str) -> figures.Total:
        """The letter's own sum of a service in an asset, with the range over rules that the report has of it."""
        mine = [r for r in self.ramps if (r.service, r.asset) == (service, asset)]
        return figures.total(self.view, service, asset, mine, self.ruled)

    def at(self, service: str) -> tuple[OffRamp, ...]:
        """The letter's off-ramps of one service."""
        return tuple(r for r in self.ramps if r.service == service)


def stem(service: Service) -> str:
    """The service's part of a file name: its id where that is plain, else a plain form with a digest of it."""
    if _STEM.fullmatch(service.id):
        return service.id
    mark = hashlib.sha256(service.id.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    # With a digest, as two names can have one plain form, and a letter must not overwrite another.
    named = plain(service.id)[:40]
    return f"{named}-{mark}" if named else f"service-{mark}"


def plain(text: str) -> str:
    """A text in small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def ident(service: Service, entity: str, kind: str) -> str:
    """The id of a letter: SERVICE-ENTITY-KIND, without the entity where none is chosen."""
    parts = [
        stem(service),
        *([plain(entity)[:40] or hashlib.sha256(entity.encode()).hexdigest()[:8]] if entity else []),
    ]
    return "-".join([*parts, kind])


def holdings(view: View, issuer: str, losses: Collection[str], began: Mapping[str, int]) -> tuple[Finding, ...]:
    """What is left in assets of an issuer, the largest first; with `losses`, what of these is.

    `began` is, by asset, what the losses began with: what lies below the threshold of the case is not listed.
    The slot `upto` is how much is asked about.
    """
    found, rest = [], narrowed.resting(view) if losses else {}
    for f in figures.of_kind(view, "freezable"):
        if str(f.slots.get("issuer", "")).casefold() != issuer.casefold():
            continue
        asset = str(f.slots.get("asset", ""))
        mine = rest.get((f.subject, asset), {})
        amount = sum(n for loss, n in mine.items() if loss in losses) if losses else figures.number(f, "amount")
        upto = min(amount, freezes.upto(f))
        if upto and upto * 1_000_000 > view.case.dust * began.get(asset, 0):
            found.append(replace(f, slots={**f.slots, "amount": amount, "upto": upto}))
    return tuple(sorted(found, key=lambda f: (-figures.number(f, "upto"), f.subject)))
