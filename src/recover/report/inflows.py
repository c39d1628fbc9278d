"""Where the inflow of losses by address came from, gross and net, in the instructions (section R3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures, identifiers
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts
from recover.sdk import Finding, OffRamp, View
from recover.sdk.amounts import join
from recover.sdk.outside import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflow:
    """Inflow of losses by address in one asset: what begins them, what of it came from services and hubs, what
    came after traced value had reached the place that it came from, and what of that may be the same `twice`;
    `turned` is what else came from where traced value of another asset or chain had ended.
    `kept` came in too and begins nothing: it carries another loss already, and is counted there.
    """

    asset: str
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
    """By asset, over all losses by address; empty where there are none."""
    if "origins" not in view.tables:
        return ()
    found: dict[str, list[int]] = {}
    for row in view.tables["origins"]().to_pylist():
        held = found.setdefault(row["asset"], [0, 0, 0, 0, 0, 0])
        held[5 if row["kind"] == KEPT else 0] += int(row["amount"])
        held[1] += int(row["amount"]) if row["kind"] in _PLACES else 0
        held[2] += int(row["after"]) if row["kind"] != KEPT else 0
        held[3] += int(row["twice"])
        held[4] += int(row["turned"])
    names = ("gross", "came", "after", "twice", "turned", "kept")
    return tuple(Inflow(asset=a, **dict(zip(names, n, strict=True))) for a, n in sorted(found.items()))


def besides(view: View, t: Texts) -> list[Block]:
    """Beside each place that states what was traced: what of the inflow came from services, and what came back."""
    out: list[Block] = []
    for one in sums(view):
        asset = figures.asset(view, one.asset)
        names = ("gross", "came", "others", "after", "twice", "turned", "net")
        slots = {name: t.units(getattr(one, name), asset) for name in names}
        warns = one.twice or one.turned
        out += [Para(text=t.say(key, **slots), style="warning" if warns else "note") for key in one.keys]
    return [*out, *_withdrawn(view, t)]


def _sums(found: Iterable[Finding]) -> dict[str, int]:
    paid: dict[str, int] = {}
    for f in found:
        asset_id = str(f.slots.get("asset"))
        paid[asset_id] = paid.get(asset_id, 0) + figures.number(f, "amount")
    return paid


def withdrawn(view: View) -> dict[str, dict[str, int]]:
    """By service, and for all as "", what services paid to where traced value had been, by asset."""
    found = figures.of_kind(view, "withdrawn")
    names = sorted({str(f.slots.get("service")) for f in found})
    return {"": _sums(found)} | {n: _sums(f for f in found if f.slots.get("service") == n) for n in names}


def _withdrawn(view: View, t: Texts) -> list[Block]:
    paid = withdrawn(view)[""]
    said = t.joined(t.units(amount, figures.asset(view, a)) for a, amount in sorted(paid.items()))
    return (
        [Para(text=t.say("origins.withdrawn", rule=t.rule(view.case.rule), amount=said), style="warning")]
        if paid
        else []
    )


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
    return [*out, *_paid_back(view, t, name, paid_back(view, service, passed))]


def _back(view: View, service: str | None, losses: Collection[str]) -> dict[str, list[int]]:
    """By asset, of what began these losses: what came from the service's wallets, what of that after traced value
    had reached them, and what of that may be the same twice; the last two of what came from elsewhere."""
    found: dict[str, list[int]] = {}
    for row in view.tables["origins"]().to_pylist() if "origins" in view.tables else ():
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
    for row in view.tables["origins"]().to_pylist() if "origins" in view.tables else ():
        if row["loss"] in losses:
            found[row["asset"]] = found.get(row["asset"], 0) + int(row["twice"])
    return found


def paid_back(view: View, service: str | None, passed: Collection[str]) -> list[Finding]:
    """The findings that say of a service that it paid, after traced value had reached it, where that had been."""
    found = figures.of_kind(view, "withdrawn")
    return [f for f in found if f.slots.get("service") == service and f.subject in passed]


def _paid_back(view: View, t: Texts, name: str, found: Sequence[Finding]) -> list[Block]:
    """Each payment of them."""
    if not found:
        return []
    sums = _sums(found)
    count = figures.counted(
        t,
        "facts.withdrawn",
        len({f.subject for f in found}),
        name=name,
        amount=t.joined(t.units(n, figures.asset(view, a)) for a, n in sorted(sums.items())),
    )
    rows = [
        (f"{visible(tx)}\n→ {visible(f.subject)}", t.moment(time), t.units(amount, asset), t.listed(f.exhibits))
        for f in found
        for asset in (figures.asset(view, str(f.slots.get("asset"))),)
        for tx, time, amount in _payments(view, f)
    ]
    shown = rows[:_NAMED]
    key = "facts.withdrawn_part" if len(shown) < len(rows) else "facts.withdrawn_table"
    caption = t.say(key, name=name, shown=len(shown), whole=f"{len(rows):,}")
    heads = columns(t, "tx:mono", "time:mono", "amount:number", "exhibits:exhibits")
    return [Para(text=count, style="note"), table(caption, heads, shown)]


def _payments(view: View, f: Finding) -> list[tuple[str, datetime | None, int]]:
    """The payments of one such finding, each with its moment and amount."""
    txs = f.slots.get("transactions")
    if not isinstance(txs, tuple) or "transfers" not in view.tables:
        return []
    moved = view.tables["transfers"]()
    wanted = pc.is_in(moved.column("tx"), value_set=pa.array(txs, pa.string()))
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
    """A row for each asset and origin over all losses by address, then gross and net of each asset."""
    if "origins" not in view.tables:
        return []
    origins: dict[str, dict[tuple[str, str], list[int]]] = {}
    payerless: dict[str, int] = {}
    for row in view.tables["origins"]().to_pylist():
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
        slots = {name: t.units(getattr(one, name), asset) for name in ("gross", "net", "kept")}
        slots |= {"twice": t.units(one.twice, asset), "symbol": visible(asset.symbol, 24)}
        out.append(Para(text=t.say("origins.sums_kept" if one.kept else "origins.sums", **slots)))
        if one.twice:
            out.append(Para(text=t.say("origins.twice", **slots)))
        if unasked := payerless[asset_id]:
            out.append(Para(text=t.say("origins.payerless", amount=t.units(unasked, asset)), style="note"))
    if not rows:
        return []
    heads = columns(t, "from", "asset", "amount:number", "after:number", "twice:number")
    return [table(t.say("origins.caption"), heads, rows), *out, *_services(view, t)]
