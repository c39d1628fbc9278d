"""Origins: where the inflow with which losses begin came from, and what of it may be counted twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.material import Material, at
from recover.findings.payments import Holding, Target
from recover.ledger import paying
from recover.linking.stops import Place
from recover.sdk import amounts
from recover.sdk.view import Loss
from recover.tracing.lots import apportion

TABLE = pa.schema(
    [
        *((name, pa.string()) for name in ("loss", "asset", "kind", "name")),
        *((name, pa.string()) for name in ("amount", "after", "twice", "turned", "payerless")),
        ("transfers", pa.int64()),
    ]
)
"""One row for each loss by address, asset and origin, and the same of losses by transaction in an asset in which
some of what they began with has `twice` or `turned`: `kind` is service, hub, loss (value that carries another
loss, by a payment before or from this one on, and keeps it) or other. `after` is what came from a place that
traced value had reached before, `twice` what of that may be the same value: in the same asset, no more than had
ended there before and not come back already. `turned` is what beside that came from where traced value of another
asset, or on another chain, had ended: an exchange or bridge may have turned one into the other. `payerless` is
what movements brought that name no payer, of which neither can be said."""


def table(case: Case, material: Material) -> pa.Table:
    """The origins of the losses, the largest first within one loss and asset; exact."""
    losses = {loss.id: loss for loss in case.settings.losses}
    places: dict[Place, list[Loss]] = {}
    for loss in losses.values():
        if loss.address:
            places.setdefault((loss.chain, loss.address), []).append(loss)
    flows, inputs = _near(derived.read(case, "flows"), material, places, derived.read(case, "shares"))
    gone = _Gone(material, _ended(flows, material))
    came = _exchanged(derived.read(case, "exchanges"))
    found: dict[tuple[str, str, str, str], list[int]] = {}
    for row in _rows(flows, material.transfers):
        here = () if row["event"] == "end" else places.get(at(row["dst"] or "", row["asset"]), ())
        for mine in _into(here, row, losses) if row["src"] != row["dst"] else ():
            begins = row["event"] == "start" and row["loss"] == mine.id
            # What an exchange or a bridge brought of it is no inflow that was declared: it began before.
            brought = came.get((row["seq"], row["loss"]), 0) if begins else 0
            of = set()
            for part in inputs.parts({**row, "exact": row["exact"] - brought}):
                if not part["exact"]:
                    continue
                key = (mine.id, row["asset"], *(_origin(material, part) if begins else ("loss", row["loss"])))
                sums = found.setdefault(key, [0, 0, 0, 0, 0, 0])
                for place, amount in enumerate((part["exact"], *gone.back(part, begins))):
                    sums[place] += amount
                sums[5] += key not in of
                of.add(key)
        gone.add(row)
    # What a loss by transaction began with is its payment, and told where it may be counted twice.
    told = {key[1] for key, sums in found.items() if losses[key[0]].tx and (sums[2] or sums[3])}
    made = [
        {
            **dict(zip(("loss", "asset", "kind", "name"), key, strict=True)),
            **dict(zip(("amount", "after", "twice", "turned", "payerless"), map(str, sums[:5]), strict=True)),
            "transfers": sums[5],
        }
        for key, sums in sorted(found.items(), key=lambda x: (_place(x[0]), -x[1][0], x[0]))
        if losses[key[0]].address or key[1] in told
    ]
    return pa.Table.from_pylist(made, schema=TABLE)


def _near(
    flows: pa.Table, material: Material, places: Mapping[Place, Any], shared: pa.Table
) -> tuple[pa.Table, _Inputs]:
    """The flows with which losses begin or that come to `places`, and those that come to who paid these; with the
    coins that these spent. No other row bears on what came back, and a large case has many."""
    moved = material.transfers.select(["tx", "src", "dst"]).take(flows.column("seq"))
    into = pc.or_(pc.equal(flows.column("event"), "start"), _among(moved, {address for _, address in places}))
    first = moved.filter(into)
    bare = pc.unique(first.filter(pc.is_null(first["src"]))["tx"])
    mine = shared.filter(pc.is_in(shared["seq"], value_set=flows.filter(into)["seq"]))
    inputs = _Inputs.of(material.transfers.filter(pc.is_in(material.transfers["tx"], value_set=bare)), mine)
    payers = {*first["src"].unique().to_pylist(), *(n for held in inputs.brought.values() for n in held)}
    targets = {target for (_, address), target in material.targets.items() if address in payers}
    payers |= {address for (_, address), target in material.targets.items() if target in targets}
    return flows.filter(pc.or_(into, _among(moved, payers - {None}))), inputs


def _among(moved: pa.Table, names: Collection[str]) -> pa.ChunkedArray:
    return pc.fill_null(pc.is_in(moved.column("dst"), value_set=pa.array(sorted(names), pa.string())), False)


def _exchanged(table: pa.Table) -> dict[tuple[int, str], int]:
    """By movement and loss, what of it an exchange or a bridge brought."""
    keys = zip(table.column("seq").to_pylist(), table.column("loss").to_pylist(), strict=True)
    return dict(zip(keys, amounts.exact(table), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    """Whose coins each coin transaction spends, by chain, id and asset: an output there names no payer itself.
    Nothing of one that spends what no exhibit shows. `paid`: by movement and loss, what of it whose coins paid."""

    brought: Mapping[tuple[str, str, str], Mapping[str, int]] = field(default_factory=dict)
    paid: Mapping[tuple[int, str], Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, transfers: pa.Table, shared: pa.Table | None = None) -> _Inputs:
        spent = transfers.filter(pc.equal(transfers.column("kind"), "input"))
        unshown = pc.and_(pc.is_null(spent["amount"]), pc.is_null(spent["wide"]))
        part = pc.unique(spent.filter(unshown).column("tx"))
        spent = spent.filter(pc.invert(pc.is_in(spent["tx"], value_set=part)))
        found: dict[tuple[str, str, str], dict[str, int]] = {}
        columns = (spent.column(name).to_pylist() for name in ("chain", "tx", "asset", "src"))
        for *key, src, amount in zip(*columns, amounts.exact(spent), strict=True):
            held = found.setdefault((key[0], key[1], key[2]), {})
            held[src or ""] = held.get(src or "", 0) + amount
        paid: dict[tuple[int, str], dict[str, int]] = {}
        if shared is not None:
            shared = shared.filter(pc.invert(shared["fee"]))
            keys = (shared.column(name).to_pylist() for name in ("seq", "loss", "payer"))
            for seq, loss, payer, amount in zip(*keys, amounts.exact(shared), strict=True):
                paid.setdefault((seq, loss), {})[payer] = amount
        return cls(brought=found, paid=paid)

    def parts(self, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """A movement by payer, in whole units: of coins traced value as the rule took it of them, and value of no
        loss by what each of them brought into its transaction."""
        held = {} if row["src"] else self.brought.get((row["chain"], row["tx"], row["asset"]), {})
        if row["event"] == "move" and (paid := self.paid.get((row["seq"], row["loss"]))):
            return [{**row, "src": src, "exact": part} for src, part in paid.items()]
        if not any(held.values()):
            return [row]
        shares = apportion(row["exact"], [*held.values()])
        return [{**row, "src": src or None, "exact": part} for src, part in zip(held, shares, strict=True) if part]


class _Gone:
    """Where traced value has gone so far, as the rows of the ledger come in, and what of it may still come back.

    A place is a service or a hub, on one chain and with all its wallets, or an address that neither has: movements
    of two chains have no common order. Only what ended there can come back as value of no loss: what is followed
    from a place carries its loss on.
    """

    def __init__(self, material: Material, ended: Mapping[Target, Mapping[str, datetime | None]]) -> None:
        self.targets, self.ended = material.targets, ended
        self.reached: set[tuple[str, Target]] = set()
        self.open: dict[tuple[str, Target, str], int] = {}

    def back(self, row: Mapping[str, Any], begins: bool) -> tuple[int, int, int, int]:
        """(after, twice, turned, payerless) of what this movement brought; what may be the same counts once, and
        only of what `begins` the loss: what keeps another is counted there alone."""
        if not row["src"]:
            return 0, 0, 0, row["exact"] if begins else 0
        place = self._place(row["src"], row["asset"])
        turned = begins and self._turned(place, row)
        if place not in self.reached and not turned:
            return 0, 0, 0, 0
        if not begins:
            return row["exact"], 0, 0, 0
        key = (*place, row["asset"])
        twice = min(row["exact"], self.open.get(key, 0))
        self.open[key] = self.open.get(key, 0) - twice
        return row["exact"], twice, row["exact"] - twice if turned else 0, 0

    def _turned(self, place: tuple[str, Target], row: Mapping[str, Any]) -> bool:
        """Whether traced value of another asset or chain ended at a place before, or may have: of movements of
        which one has no moment, and of one moment, no exhibit says which was first."""
        ends = self.ended.get(place[1], {})
        times = (time for asset, time in ends.items() if asset != row["asset"])
        return any(time is None or row["time"] is None or time <= row["time"] for time in times)

    def add(self, row: Mapping[str, Any]) -> None:
        """What a movement of traced value brought to where it went."""
        if not row["dst"]:
            return
        place = self._place(row["dst"], row["asset"])
        self.reached.add(place)
        if row["event"] == "end":
            key = (*place, row["asset"])
            self.open[key] = self.open.get(key, 0) + row["exact"]

    def _place(self, address: str, asset: str) -> tuple[str, Target]:
        place = at(address, asset)
        return place[0], self.targets.get(place, (_ADDRESS, address))


def _ended(flows: pa.Table, material: Material) -> dict[Target, dict[str, datetime | None]]:
    """By place, whatever its chain, and asset, the first moment at which traced value ended there; None where one
    has no moment."""
    found: dict[Target, dict[str, datetime | None]] = {}
    for row in _rows(flows.filter(pc.equal(flows.column("event"), "end")), material.transfers):
        if row["dst"]:
            target = material.targets.get(at(row["dst"], row["asset"]), (_ADDRESS, row["dst"]))
            times = found.setdefault(target, {})
            first = times.setdefault(row["asset"], row["time"])
            times[row["asset"]] = min(first, row["time"]) if first and row["time"] else None
    return found


_ADDRESS = "address"
"""In the place of a service's name: an address that no service and no hub has, which stands for itself."""


def _place(key: tuple[str, str, str, str]) -> tuple[int, str]:
    return int(key[0][1:]) if key[0][1:].isdigit() else 0, key[1]


def _into(here: Sequence[Loss], row: Mapping[str, Any], losses: Mapping[str, Loss]) -> Iterator[Loss]:
    """The losses that a movement is inflow of: the one that it begins, and one by this address in whose period it
    came, beside a loss by transaction."""
    own = losses.get(row["loss"]) if row["event"] == "start" else None
    if own is not None and (own.tx or own in here):
        yield own
    if own is None or own not in here:
        yield from [x for x in here if _inside(x, row)][:1]


def _inside(loss: Loss, row: Mapping[str, Any]) -> bool:
    """Value that keeps another loss is told too where it came in the period of this one."""
    if (loss.assets and row["asset"] not in loss.assets) or row["loss"] == loss.id:
        return False
    time = row["time"]
    if time is None:
        return loss.since is None and loss.until is None
    return (loss.since is None or time >= loss.since) and (loss.until is None or time <= loss.until)


def _origin(material: Material, row: Mapping[str, Any]) -> tuple[str, str]:
    target = material.targets.get(at(row["src"] or "", row["asset"]))
    if target is None:
        return "other", ""
    return ("service", target[0]) if target[0] else ("hub", target[1])


def _rows(flows: pa.Table, transfers: pa.Table) -> Iterator[dict[str, Any]]:
    """Every flow with its movement, in the order of the ledger: what starts stands before what ends."""
    moved = transfers.select(["chain", "tx", "src", "dst", "asset", "time"]).take(flows.column("seq"))
    # Part by part: a large case has more flows than stand in memory as rows.
    for since in range(0, flows.num_rows, _PART):
        part = flows.slice(since, _PART)
        pairs = zip(part.to_pylist(), moved.slice(since, _PART).to_pylist(), amounts.exact(part), strict=True)
        yield from ({**one, **other, "exact": exact} for one, other, exact in pairs)


_PART = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What a service paid, after traced value had reached it, to an address that it had passed; or, after they
    began, to one out of which the `losses` were paid. With `declared` of it the losses `begun` began."""

    service: str
    address: str
    asset: str
    amount: int
    declared: int
    begun: tuple[str, ...]
    transactions: tuple[str, ...]
    exhibits: tuple[int, ...]
    losses: tuple[str, ...]


def withdrawn(case: Case, material: Material) -> list[Withdrawn]:
    """Value that left a service for where traced value had been, or where a loss was paid from, and that no loss
    by address counts as inflow."""
    flows = derived.read(case, "flows")
    reached = _reached(flows, material)
    counted = {(loss.chain, loss.address) for loss in case.settings.losses if loss.address}
    passed = {holding: min(came.seqs) for holding, came in material.credits.items() if came.seqs}
    begun = paying.begun(flows, derived.read(case, "exchanges"))
    home, declared = _home(begun, material), paying.by_move(begun)
    found: dict[tuple[str, str, str], list[Any]] = {}
    for row in _paid(material.transfers, material.targets):
        place, holding = at(row["dst"], row["asset"]), (row["dst"], row["asset"])
        target = material.targets[at(row["src"], row["asset"])]
        after = (passed.get(holding, row["seq"]), home.get(holding, row["seq"]))
        first = max(min(after), reached.get((place[0], target), row["seq"]))
        if target[0] and place not in material.targets and place not in counted and first < row["seq"]:
            held = found.setdefault((target[0], row["dst"], row["asset"]), [0, [], set(), 0, set()])
            held[0] += row["exact"]
            held[1].append(row["tx"])
            held[2].add(row["exhibit"])
            held[3] += sum(declared.get(row["seq"], {}).values())
            held[4].update(declared.get(row["seq"], ()))
    return [
        Withdrawn(
            service=service,
            address=address,
            asset=asset,
            amount=amount,
            declared=own,
            begun=tuple(sorted(names, key=lambda name: (len(name), name))),
            transactions=tuple(dict.fromkeys(txs)),
            exhibits=tuple(sorted(exhibits - {None, 0})),
            losses=material.payers.get(at(address, asset), ()) if (address, asset) in home else (),
        )
        for (service, address, asset), (amount, txs, exhibits, own, names) in sorted(found.items())
    ]


def _paid(transfers: pa.Table, targets: Mapping[Place, Target]) -> Iterator[dict[str, Any]]:
    """What wallets of services and hubs paid to others: of coins, where all that were spent were one's."""
    table = transfers.filter(pc.is_null(transfers.column("excluded")))
    names = pa.array(sorted({address for _, address in targets}), pa.string())
    columns = ["seq", "chain", "tx", "kind", "src", "dst", "asset", "exhibit"]
    mine = table.filter(pc.is_in(table.column("src"), value_set=names))
    coins = pc.equal(mine.column("kind"), "input")
    spent = pc.unique(mine.filter(coins).column("tx"))
    whole = table.filter(pc.is_in(table.column("tx"), value_set=spent))
    brought = _Inputs.of(whole).brought
    outs = whole.filter(pc.equal(whole.column("kind"), "output"))
    for part in (mine.filter(pc.invert(coins)), outs):
        for row, exact in zip(part.select(columns).to_pylist(), amounts.exact(part), strict=True):
            payers = [row["src"]] if row["src"] else [*brought.get((row["chain"], row["tx"], row["asset"]), ())]
            owners = {targets.get(at(name, row["asset"])) for name in payers}
            if row["dst"] and len(owners) == 1 and None not in owners:
                yield {**row, "src": payers[0], "exact": exact}


def _home(begun: pa.Table, material: Material) -> dict[Holding, int]:
    """By holding out of which losses were paid, the first movement by which one of them began."""
    assets = material.transfers.column("asset").take(begun.column("seq")).to_pylist()
    first: dict[str, dict[str, int]] = {}
    columns = (begun.column(name).to_pylist() for name in ("loss", "seq"))
    for (loss, seq), asset in zip(zip(*columns, strict=True), assets, strict=True):
        mine = first.setdefault(loss, {})
        mine[asset] = min(seq, mine.get(asset, seq))
    found: dict[Holding, int] = {}
    for (chain, address), names in material.payers.items():
        for asset, seq in ((asset, seq) for loss in names for asset, seq in first.get(loss, {}).items()):
            if asset.startswith(chain + "/"):
                found[address, asset] = min(seq, found.get((address, asset), seq))
    return found


def _reached(flows: pa.Table, material: Material) -> dict[tuple[str, Target], int]:
    """By chain, and service or hub there, the first movement by which traced value reached it: movements of two
    chains have no common order."""
    ended = flows.filter(pc.equal(flows.column("event"), "end"))
    moved = material.transfers.select(["dst", "asset"]).take(ended.column("seq"))
    columns: Sequence[list[Any]] = (ended.column("seq").to_pylist(), *(c.to_pylist() for c in moved.columns))
    found: dict[tuple[str, Target], int] = {}
    for seq, dst, asset in zip(*columns, strict=True):
        target = material.targets.get(at(dst or "", asset))
        if target is not None:
            key = (asset.split("/", 1)[0], target)
            found[key] = min(seq, found.get(key, seq))
    return found
