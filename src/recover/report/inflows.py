"""Where the inflow with which losses begin came from, gross and net, in the instructions (section R3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger import paying
from recover.report import figures, identifiers
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts
from recover.sdk import Finding, OffRamp, View
from recover.sdk.amounts import join
from recover.sdk.outside import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflow:
    """Inflow with which losses begin in one asset: what of it came from services and hubs, what came after traced
    value had reached the place that it came from, and what of that may be the same `twice`; `turned` is what else
    came from where traced value of another asset or chain had ended. `kept` came in too and begins nothing: it
    carries another loss already, and is counted there. `placed`: all of it is of losses by address.
    """

    asset: str
    placed: bool
    gross: int
    came: int
    after: int
    twice: int
    turned: int
    kept: int

    @property
    def net(self) -> int:
        return self.gross - self.twice

    @property
    def others(self) -> int:
        return self.gross - self.came

    @property
    def sums(self) -> str:
        """Which sentence states gross inflow: of losses by address it is an instruction that it is proceeds."""
        return f"origins.sums{'_kept' if self.kept else '' if self.placed else '_declared'}"

    @property
    def keys(self) -> tuple[str, ...]:
        """Which sentences say it; none where none has to."""
        if self.turned:
            return ("origins.back", "origins.turned") if self.twice else ("origins.turned",)
        if self.twice:
            return ("origins.back",)
        if self.after:
            return ("origins.apart",)
        return ("origins.came",) if self.came else ()


def sums(view: View) -> tuple[Inflow, ...]:
    """By asset, over all losses of which it is told; empty where there are none."""
    found: dict[str, list[int]] = {}
    paid, mixed = {loss.id for loss in view.case.losses if loss.tx}, set()
    for row in told(view):
        mixed |= {row["asset"]} if row["loss"] in paid else set()
        held = found.setdefault(row["asset"], [0, 0, 0, 0, 0, 0])
        held[5 if row["kind"] == KEPT else 0] += int(row["amount"])
        held[1] += int(row["amount"]) if row["kind"] in _PLACES else 0
        held[2] += int(row["after"]) if row["kind"] != KEPT else 0
        held[3] += int(row["twice"])
        held[4] += int(row["turned"])
    names = ("gross", "came", "after", "twice", "turned", "kept")
    each = ((asset, dict(zip(names, held, strict=True))) for asset, held in sorted(found.items()))
    return tuple(Inflow(asset=asset, placed=asset not in mixed, **held) for asset, held in each)


def netted(view: View, t: Texts, found: Sequence[Inflow]) -> list[Block]:
    """By asset, what of these may be the same value twice, and what is left without it."""
    out: list[Block] = []
    for one in (one for one in found if one.twice):
        asset = figures.asset(view, one.asset)
        slots = {name: t.units(getattr(one, name), asset) for name in ("net", "twice")}
        out.append(Para(text=t.say("origins.twice", symbol=visible(asset.symbol, 24), **slots)))
    return out


@figures.settled
def told(view: View) -> list[dict[str, Any]]:
    """Where the inflow came from, row by row."""
    return view.tables["origins"]().to_pylist() if "origins" in view.tables else []


def _whose(t: Texts, placed: bool) -> str:
    """Which losses begin with it, in a sentence."""
    return t.say("origins.by_address" if placed else "origins.declared")


def besides(view: View, t: Texts) -> list[Block]:
    """Beside each place that states what was traced: what of the inflow came from services, and what came back."""
    out: list[Block] = []
    for one in sums(view):
        asset = figures.asset(view, one.asset)
        names = ("gross", "came", "others", "after", "twice", "turned", "net")
        slots = {name: t.units(getattr(one, name), asset) for name in names}
        slots["losses"] = _whose(t, one.placed)
        warns = one.twice or one.turned
        out += [Para(text=t.say(key, **slots), style="warning" if warns else "note") for key in one.keys]
    return [*out, *_withdrawn(view, t)]


def _sums(found: Iterable[Finding], slot: str = "amount") -> dict[str, int]:
    paid: dict[str, int] = {}
    for f in found:
        asset_id = str(f.slots.get("asset"))
        paid[asset_id] = paid.get(asset_id, 0) + figures.number(f, slot)
    return paid


def withdrawn(view: View) -> dict[str, dict[str, int]]:
    """By service, and for all as "", what services paid to where traced value had been, by asset."""
    found = figures.of_kind(view, "withdrawn")
    names = sorted({str(f.slots.get("service")) for f in found})
    return {"": _sums(found)} | {n: _sums(f for f in found if f.slots.get("service") == n) for n in names}


def withdrawn_key(view: View) -> str:
    """Which sentence says it: whether some of it, or all, is itself what losses began with; none where none is."""
    paid = withdrawn(view)[""]
    own = _sums(figures.of_kind(view, "withdrawn"), "declared")
    how = "_declared" if own == paid else "_part" if any(own.values()) else ""
    return f"origins.withdrawn{how}" if paid else ""


def _withdrawn(view: View, t: Texts) -> list[Block]:
    if not (key := withdrawn_key(view)):
        return []
    found = figures.of_kind(view, "withdrawn")
    paid, own = withdrawn(view)[""], _sums(found, "declared")
    rest = {asset: amount - own[asset] for asset, amount in paid.items()}
    slots = {"amount": _units(view, t, paid), "declared": _units(view, t, own), "rest": _units(view, t, rest)}
    count = len({name for f in found for name in _texts(f, "begun")})
    return [Para(text=t.say(key, rule=t.rule(view.case.rule), count=f"{count:,}", **slots), style="warning")]


def _units(view: View, t: Texts, sums: Mapping[str, int]) -> str:
    """Amounts of several assets, without those of which there is nothing."""
    return t.joined(t.units(n, figures.asset(view, asset)) for asset, n in sorted(sums.items()) if n)


def _texts(f: Finding, slot: str) -> tuple[str, ...]:
    """What such a finding lists: its transactions, or the losses that began with them."""
    listed = f.slots.get(slot)
    return listed if isinstance(listed, tuple) else ()


def of_service(
    view: View, t: Texts, name: str, ramps: Sequence[OffRamp], losses: Collection[str], passed: Collection[str]
) -> list[Block]:
    """The same for the letter to one service: what came from its own wallets, and nothing of another's.

    Only what began the `losses` that reached `ramps`, those of the letter: of others it states no figure. `passed`
    are the addresses that these losses left or came to.
    """
    service = ramps[0].service
    out: list[Block] = []
    for asset_id, (came, after, twice, other, again) in sorted(_back(view, service, losses).items()):
        asset = figures.asset(view, asset_id)
        if came:
            slots = {"came": came, "after": after, "twice": twice}
            said = {key: t.units(value, asset) for key, value in slots.items()}
            out.append(
                Para(text=t.say("facts.came" if twice else "facts.came_only", name=name, **said), style="note")
            )
        if again and any(r.asset == asset_id for r in ramps):
            said = {"after": t.units(other, asset), "twice": t.units(again, asset)}
            out.append(Para(text=t.say("facts.back", **said), style="note"))
    return [*out, *_paid_back(view, t, name, paid_back(view, service, passed), losses)]


def _back(view: View, service: str | None, losses: Collection[str]) -> dict[str, list[int]]:
    """By asset, of what began these losses: what came from the service's wallets, what of that after traced value
    had reached them, and what of that may be the same twice; the last two of what came from elsewhere."""
    found: dict[str, list[int]] = {}
    for row in told(view):
        if row["loss"] not in losses or row["kind"] == KEPT:
            continue
        held = found.setdefault(row["asset"], [0, 0, 0, 0, 0])
        if row["kind"] == "service" and row["name"] == service:
            held[0] += int(row["amount"])
            held[1] += int(row["after"])
            held[2] += int(row["twice"])
        else:
            held[3] += int(row["after"])
            held[4] += int(row["twice"])
    return found


def _services(view: View, t: Texts) -> Iterator[Block]:
    """What may be counted twice in the figure of each service, as its letter says it."""
    rows = []
    for service in sorted({r.service for r in view.offramps if r.service}):
        if not (ramps := figures.at_stake(view, service)):
            continue
        name = visible(figures.name(view, service, service), 80)
        for asset_id, (_, after, twice, other, again) in sorted(
            _back(view, service, identifiers.reached(view, ramps)).items()
        ):
            if (twice or again) and any(r.asset == asset_id for r in ramps):
                rows.append(
                    (name, *(t.units(n, figures.asset(view, asset_id)) for n in (after, twice, other, again)))
                )
    if rows:
        heads = columns(t, "service", "back_own:number", "twice:number", "back_other:number", "back_twice:number")
        yield table(t.say("origins.services"), heads, rows)


def twice(view: View, losses: Collection[str]) -> dict[str, int]:
    """By asset, how much of the inflow of these losses may be the same value twice, wherever it came from."""
    found: dict[str, int] = {}
    for row in told(view):
        if row["loss"] in losses:
            found[row["asset"]] = found.get(row["asset"], 0) + int(row["twice"])
    return found


def paid_back(view: View, service: str | None, passed: Collection[str]) -> list[Finding]:
    """The findings that say of a service that it paid, after traced value had reached it, where that had been."""
    found = figures.of_kind(view, "withdrawn")
    return [f for f in found if f.slots.get("service") == service and f.subject in passed]


def declared(
    view: View, found: Sequence[Finding], losses: Collection[str]
) -> dict[tuple[str, str, str], dict[str, int]]:
    """By transaction, receiver and asset, how much of these losses began with payments of such findings."""
    begun = _by_payment(view) if any(_texts(f, "begun") for f in found) else {}
    ids = {(tx, f.subject, str(f.slots.get("asset"))) for f in found for tx in _texts(f, "transactions")}
    return {
        key: mine
        for key, held in begun.items()
        if key in ids and (mine := {name: n for name, n in held.items() if name in losses})
    }


@figures.settled
def _by_payment(view: View) -> dict[tuple[str, str, str], dict[str, int]]:
    """By transaction, receiver and asset, how much of each loss began there."""
    if not {"flows", "exchanges", "transfers"} <= set(view.tables):
        return {}
    by_move = paying.by_move(paying.begun(view.tables["flows"](), view.tables["exchanges"]()))
    moved = view.tables["transfers"]().select(["tx", "dst", "asset"]).take(pa.array([*by_move], pa.int64()))
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for row, sums_of in zip(moved.to_pylist(), by_move.values(), strict=True):
        held = found.setdefault((row["tx"], row["dst"] or "", row["asset"]), {})
        for name, amount in sums_of.items():
            held[name] = held.get(name, 0) + amount
    return found


def _paid_back(view: View, t: Texts, name: str, found: Sequence[Finding], losses: Collection[str]) -> list[Block]:
    """Each payment of them; of one that began some of these losses, which."""
    if not found:
        return []
    begun = declared(view, found, losses)
    own: dict[str, int] = {}
    for (_, _, asset_id), sums_of in begun.items():
        own[asset_id] = own.get(asset_id, 0) + sum(sums_of.values())
    rows = []
    for f in found:
        asset = figures.asset(view, str(f.slots.get("asset")))
        for tx, time, amount in _payments(view, f):
            mine = begun.get((tx, f.subject, asset.id), {})
            mark = f"\n{t.say('facts.withdrawn_began', losses=t.joined(mine))}" if mine else ""
            where = f"{visible(tx)}\n→ {visible(f.subject)}{mark}"
            rows.append((where, t.moment(time), t.units(amount, asset), t.listed(f.exhibits)))
    count = len({f.subject for f in found})
    told_of = [
        figures.counted(t, "facts.withdrawn", count, name=name, amount=_units(view, t, _sums(found))),
        *([t.say("facts.withdrawn_declared", declared=_units(view, t, own))] if own else []),
    ]
    shown = rows[:_NAMED]
    key = "facts.withdrawn_part" if len(shown) < len(rows) else "facts.withdrawn_table"
    caption = t.say(key, name=name, shown=len(shown), whole=f"{len(rows):,}")
    heads = columns(t, "tx:mono", "time:mono", "amount:number", "exhibits:exhibits")
    return [Para(text=" ".join(told_of), style="note"), table(caption, heads, shown)]


def _payments(view: View, f: Finding) -> list[tuple[str, datetime | None, int]]:
    """The payments of one such finding, each with its moment and amount."""
    if "transfers" not in view.tables:
        return []
    moved = view.tables["transfers"]()
    wanted = pc.is_in(moved.column("tx"), value_set=pa.array(_texts(f, "transactions"), pa.string()))
    mine = pc.and_(wanted, pc.equal(moved.column("dst"), f.subject))
    mine = pc.and_(mine, pc.equal(moved.column("asset"), str(f.slots.get("asset"))))
    rows = moved.filter(mine).select(["tx", "time", "amount", "wide"]).to_pylist()
    return [(row["tx"], row["time"], join(row["amount"], row["wide"])) for row in rows]


_NAMED = 30
"""So many such payments are named in a letter."""

_PLACES = ("service", "hub")
KEPT = "loss"
"""The origin of what carries another loss already."""


def blocks(view: View, t: Texts) -> list[Block]:
    """A row for each asset and origin over all these losses, then gross and net of each asset."""
    origins: dict[str, dict[tuple[str, str], list[int]]] = {}
    payerless: dict[str, int] = {}
    for row in told(view):
        name = row["name"] if row["kind"] in _PLACES else ""
        held = origins.setdefault(row["asset"], {}).setdefault((row["kind"], name), [0, 0, 0])
        for place, columns_ in enumerate((("amount",), ("after",), ("twice", "turned"))):
            held[place] += sum(int(row[column]) for column in columns_)
        payerless[row["asset"]] = payerless.get(row["asset"], 0) + int(row["payerless"])
    out: list[Block] = []
    rows = []
    for asset_id, found in sorted(origins.items()):
        asset = figures.asset(view, asset_id)
        for (kind, name), sums_of in sorted(found.items(), key=lambda x: (-x[1][0], x[0])):
            where = t.say(f"origins.{kind}", name=visible(figures.name(view, name, name), 90))
            cells = (t.both(n, asset).split("\n")[0] if n else "0" for n in sums_of)
            rows.append((where, visible(asset.symbol, 24), *cells))
        one = next(each for each in sums(view) if each.asset == asset_id)
        slots = {name: t.units(getattr(one, name), asset) for name in ("gross", "kept")}
        out.append(Para(text=t.say(one.sums, symbol=visible(asset.symbol, 24), **slots)))
        out += netted(view, t, [one])
        if unasked := payerless[asset_id]:
            out.append(Para(text=t.say("origins.payerless", amount=t.units(unasked, asset)), style="note"))
    if not rows:
        return []
    heads = columns(t, "from", "asset", "amount:number", "after:number", "twice:number")
    caption = t.say("origins.caption", losses=_whose(t, all(one.placed for one in sums(view))))
    return [table(caption, heads, rows), *out, *_services(view, t)]
