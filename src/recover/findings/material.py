"""Material: derived tables in memory, and what findings look up in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.credits import Credits, coins_of, credits_of, deposits_of
from recover.findings.payments import Holding, Paid, Target, payments
from recover.findings.sequences import Ordered
from recover.ledger.coverage import Covered
from recover.ledger.paying import Back, back, begun, payers
from recover.linking import habits
from recover.linking.labels import POSSIBLE
from recover.linking.members import KIND as MEMBER
from recover.linking.resolve import DISPUTED, endings, surest
from recover.linking.stops import Place, stops
from recover.sdk import amounts, kinds
from recover.sdk.ends import RECORDED, recorded
from recover.sdk.records import Grade
from recover.tracing import rules

NEARLY = 900_000
"""Of all that left an address, in parts per million: who pays a service less is not called a deposit address."""

_KINDS = ("label", habits.KIND, "hub", "shape", MEMBER)
"""The assertions that off-ramps stand on; what ties addresses to each other is summed up in members."""

_CLAIMS = frozenset(rule.id for rule in rules.RULES.values() if rule.claim)
"""Rules that may back a figure: no measure of exposure, as poison is, which counts each loss in a coin whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What a heuristic says of an address's sweeps to one service, or to hubs (`service` empty), at `wallets`."""

    service: str
    grade: Grade
    sweeps: int
    basis: str
    share_ppm: int | None = None
    wallets: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()

    @property
    def nearly(self) -> bool:
        """Whether nearly all that left went there."""
        return self.share_ppm is None or self.share_ppm >= NEARLY

    @property
    def suffices(self) -> bool:
        """Whether an address is called a deposit address by it: several sweeps took nearly all that left."""
        return self.sweeps > 1 and self.nearly


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Derived tables in memory, and what is looked up in them. Amounts are exact.

    `ends` are those of every rule, `kept` what ended under the declared one in the order used.
    `arrived`: by holding, target and memo (None where it does not matter), what lots carried there, by (rule,
    loss) in the order used; `orders` says how figures differ in the other orders that were tried. `targets` are
    the wallets of services and the hubs at which a trace stops, `halts` these and mixers and bridges; `memos`
    those at which a memo says whose a deposit is, and `deposits` what traced value credited there, by memo;
    `labels` have what ended them, and whether another service's label has `lowered` their grade;
    `told` is every label, also where a surer one says something else, with whether it `counts` and what
    `ended` it. `deposit_places` are what sources call deposit addresses, at which customers are credited.
    `onward` is what these paid on to wallets of services, theirs or another's: it is followed under no rule.
    `spent` is what a trace left at holdings though transactions are shown to spend it, by all of these; `coins`
    are the outputs of traced value that no exhibit shows spent.
    `settled` is, by address and service, the surest habit in any asset that lets it be called a deposit address.
    `words` are, by address and service, the grades at which a habit in any asset calls it a deposit address.
    `payers` are the addresses out of which losses by transaction were paid, with their names, and `came_home` what
    came back to these.
    """

    rule: str
    ran: tuple[str, ...]
    orders: Ordered
    chains: Mapping[str, str]
    assets: Mapping[str, tuple[str, int | None]]
    transfers: pa.Table
    ends: pa.Table
    kept: Sequence[Mapping[str, Any]]
    targets: Mapping[Place, Target]
    halts: frozenset[Place]
    arrived: Mapping[tuple[Holding, Target, str | None], Mapping[tuple[str, str], int]]
    memos: frozenset[Place]
    deposits: Mapping[tuple[Holding, str], Credits]
    deposit_places: frozenset[Place]
    credits: Mapping[Holding, Credits]
    payments: Mapping[Holding, Mapping[Target, Paid]]
    onward: Mapping[Holding, Mapping[Target, Paid]]
    habits: Mapping[tuple[str, str, str], Habit]
    settled: Mapping[tuple[Place, str], Habit]
    words: Mapping[Place, Mapping[str, str]]
    labels: Mapping[Place, Mapping[str, Any]]
    hints: Mapping[Place, Mapping[str, Any]]
    members: Mapping[Place, Mapping[str, Any]]
    hubs: Mapping[Place, Mapping[str, Any]]
    shapes: Sequence[Mapping[str, Any]]
    told: Sequence[Mapping[str, Any]]
    covered: Covered
    starts: Mapping[tuple[str, str], int]
    came: Mapping[tuple[str, str], int]
    payers: Mapping[Place, tuple[str, ...]]
    came_home: Mapping[Holding, Back]
    spent: Mapping[Holding, Mapping[tuple[str, ...], int]]
    coins: Mapping[Holding, Sequence[int]]
    exhibits_of: Mapping[Place, tuple[int, ...]]

    @classmethod
    def of(cls, case: Case) -> Material:
        """Read all of it for one case. Raises Error naming the stage to run when a table is not there."""
        transfers = derived.read(case, "transfers")
        ends, rule = derived.read(case, "ends"), case.settings.rule
        seen = derived.read(case, "assets").to_pylist()
        said, resolved = derived.read(case, "assertions"), derived.read(case, "labels")
        # Assertions that tie addresses together can be millions; those from an exhibit are labels, which are few.
        used = pc.or_(
            pc.is_in(said.column("kind"), value_set=pa.array(_KINDS)), pc.greater(said.column("exhibit"), 0)
        )
        asserted = said.filter(used).to_pylist()
        labels = {_place(r): r for r in resolved.to_pylist() if r["service"] and r["role"] != POSSIBLE}
        hints = {_place(r): r for r in resolved.to_pylist() if r["service"] and r["role"] == POSSIBLE}
        # Labels of one grade that name different services: whose it is, is as open as after a hint.
        hints |= {_place(r): {**r, "service": r["label"]} for r in resolved.to_pylist() if r["role"] == DISPUTED}
        ends_of = endings([*labels.values()], transfers)
        members = {_place(r): r for r in asserted if r["kind"] == MEMBER}
        halted = _halts(case, resolved, said)
        targets = _targets(halted, labels, members)
        deposits = frozenset(place for place, r in labels.items() if r["role"] == "deposit")
        flows, exchanges = derived.read(case, "flows"), derived.read(case, "exchanges")
        shared = derived.read(case, "shares")
        credited, starts = credits_of(flows, transfers, shared)
        spent, coins = coins_of(flows, transfers)
        memos = frozenset(_place(r) for r in derived.read(case, "memos").to_pylist())
        told = _told(asserted, transfers)
        best = surest(told)
        paid = payers(begun(flows, exchanges), transfers, {x.id for x in case.settings.losses if x.tx})
        return cls(
            rule=rule,
            ran=tuple(sorted({*ends.column("rule").unique().to_pylist()} & _CLAIMS)),
            orders=Ordered.of(
                {n: derived.read(case, n) for n in ("orders", "ties", "parts")}, targets, memos, rule
            ),
            chains={r["asset"]: r["asset"].split("/", 1)[0] for r in seen},
            assets={r["asset"]: (r["symbol"], r["decimals"]) for r in seen},
            transfers=transfers,
            ends=ends,
            kept=_exact(recorded(ends, rule)),
            targets=targets,
            halts=frozenset(halted),
            arrived=_arrived(derived.read(case, "arrivals"), targets),
            memos=memos,
            deposits=deposits_of(flows, transfers, memos) if memos else {},
            credits=credited,
            payments=payments(transfers, {asset for _, asset in starts}, targets, deposits),
            onward=_onward(transfers, {asset for _, asset in starts}, targets, deposits, credited),
            deposit_places=deposits,
            habits=(found := _habits(asserted, {r["asset"]: r["symbol"] for r in seen})),
            settled=_settled(found),
            words=habits.words(asserted),
            labels={
                place: {**r, "ended": why, "lowered": r["grade"] > best.get((place, r["service"]), "E")}
                for (place, r), (_, why) in zip(labels.items(), ends_of, strict=True)
            },
            hints=hints,
            members=members,
            hubs={_place(r): r for r in asserted if r["kind"] == "hub"},
            shapes=[r for r in asserted if r["kind"] == "shape"],
            told=told,
            covered=Covered.of(case),
            starts=starts,
            came=_came(exchanges, transfers),
            spent=spent,
            coins=coins,
            payers=paid,
            came_home=back(flows, transfers, paid) if paid else {},
            exhibits_of=_label_exhibits(asserted),
        )

    def declared(self) -> list[Mapping[str, Any]]:
        """What ended under the declared rule, in the order used."""
        return [*self.kept]

    def under_claims(self) -> pa.Table:
        """The same under every rule that may back a claim, as rows of the table."""
        mine = pc.is_in(self.ends.column("rule"), value_set=pa.array(self.ran, pa.string()))
        return self.ends.filter(pc.and_(mine, pc.equal(self.ends.column("ties"), RECORDED)))

    def habit(self, place: Place) -> tuple[str, str]:
        """The service of which an address is called a deposit address by all its habits, and how surely."""
        return habits.named(self.words.get(place, {}))

    def rivals(self, place: Place, service: str) -> list[Habit]:
        """The habits that call an address a deposit address of other services, in any asset."""
        names = habits.rivals(self.words.get(place, {}), service)
        mine = ((key, one) for key, one in self.habits.items() if names and at(*key[:2]) == place)
        return [one for key, one in sorted(mine, key=lambda pair: pair[0]) if one.service in names]

    def returned(self) -> dict[Holding, tuple[int, int]]:
        """What of a loss was left where it was paid from, and what was left there in all."""
        found: dict[Holding, tuple[int, int]] = {}
        for end in self.declared():
            holding = end["address"], end["asset"]
            losses = self.payers.get(at(*holding), ())
            if losses and end["reason"] in ("rest", "uncollected"):
                back, whole = found.get(holding, (0, 0))
                mine = end["amount"] if end["loss"] in losses else 0
                found[holding] = back + mine, whole + end["amount"]
        return {holding: sums for holding, sums in found.items() if sums[0]}

    def fees(self) -> dict[Holding, int]:
        """What each holding's traced value paid as fees under the declared rule, on whichever kind of chain."""
        found = {holding: came.fees for holding, came in self.credits.items() if came.fees}
        for holding, paid in self.left("fee").items():
            if holding[0]:  # of coins nobody is named there: a transaction may have many payers
                found[holding] = found.get(holding, 0) + paid
        return found

    def left(self, *reasons: str) -> dict[Holding, int]:
        """What was left where it arrived under the declared rule, for one of `reasons`."""
        found: dict[Holding, int] = {}
        for end in self.declared():
            if end["reason"] in reasons:
                holding = end["address"], end["asset"]
                found[holding] = found.get(holding, 0) + end["amount"]
        return found


def at(address: str, asset: str) -> Place:
    """An address on the chain of an asset."""
    return asset.split("/", 1)[0], address


def _place(row: Mapping[str, Any]) -> Place:
    return row["chain"], row["address"]


def _exact(table: pa.Table) -> list[dict[str, Any]]:
    values = amounts.exact(table)
    rows = table.drop_columns(["amount", "wide"]).to_pylist()
    return [{**row, "amount": value} for row, value in zip(rows, values, strict=True)]


def _halts(case: Case, resolved: pa.Table, asserted: pa.Table) -> dict[Place, str]:
    """Every address at which a trace stops, and why."""
    first: dict[Place, str] = {}
    for chain, name, reason in stops(case, resolved, asserted):
        first.setdefault((chain, name), reason)
    return first


def _targets(
    first: Mapping[Place, str],
    labels: Mapping[Place, Mapping[str, Any]],
    members: Mapping[Place, Mapping[str, Any]],
) -> dict[Place, Target]:
    """The wallets at which a trace stops because a service, or a hub, has them."""
    found: dict[Place, Target] = {}
    for place, reason in first.items():
        if reason == "SERVICE":
            found[place] = (labels[place]["service"] if place in labels else members[place]["service"], "")
        elif reason == "HUB":
            found[place] = ("", place[1])
    return found


def _habits(
    asserted: Sequence[Mapping[str, Any]], symbols: Mapping[str, str]
) -> dict[tuple[str, str, str], Habit]:
    """By address, asset and service, the best of what heuristics say of its sweeps."""
    found: dict[tuple[str, str, str], Habit] = {}
    for row in asserted:
        if row["kind"] != habits.KIND:
            continue
        key = row["address"], row["asset"], row["service"]
        said = kinds.read(kinds.Deposit, row["params"])
        made = Habit(
            service=row["service"],
            grade=row["grade"],
            sweeps=len(row["transactions"]) if said.sweeps is None else said.sweeps,
            basis=f"{row['method']} {row['version']}: {habits.told(row['note'], symbols.get(key[1]) or key[1])}",
            share_ppm=said.share_ppm,
            wallets=said.hot_wallets,
            transactions=tuple(row["transactions"]),
        )
        if key not in found or made.grade < found[key].grade:
            found[key] = made
    return found


def _settled(found: Mapping[tuple[str, str, str], Habit]) -> dict[tuple[Place, str], Habit]:
    """By address and service the surest habit that suffices, of whatever asset."""
    best: dict[tuple[Place, str], Habit] = {}
    for (address, asset, service), one in sorted(found.items(), key=lambda pair: (pair[1].grade, pair[0])):
        if one.suffices:
            best.setdefault((at(address, asset), service), one)
    return best


def _arrived(
    arrivals: pa.Table, targets: Mapping[Place, Target]
) -> dict[tuple[Holding, Target, str | None], dict[tuple[str, str], int]]:
    found: dict[tuple[Holding, Target, str | None], dict[tuple[str, str], int]] = {}
    arrivals = arrivals.filter(pc.equal(arrivals.column("ties"), RECORDED))
    cells = shared(arrivals, "through", "asset", "address", "memo", "rule", "loss")
    for (through, asset, address, memo, *key), amount in zip(cells, amounts.exact(arrivals), strict=True):
        sums = found.setdefault(((through, asset), targets[at(address, asset)], memo), {})
        rule, loss = key
        sums[rule, loss] = sums.get((rule, loss), 0) + amount
    return found


def shared(table: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    """Cells of text row by row, each text once in memory: ten thousand victims have a million ends."""
    columns = []
    for name in names:
        texts = table.column(name).unique()
        here = texts.to_pylist()
        columns.append([here[n] for n in pc.index_in(table.column(name), value_set=texts).to_pylist()])
    return zip(*columns, strict=True)


def _told(asserted: Sequence[Mapping[str, Any]], transfers: pa.Table) -> list[Mapping[str, Any]]:
    rows = [r for r in asserted if r["kind"] == "label" and r["role"] != POSSIBLE]
    judged = zip(rows, endings(rows, transfers), strict=True)
    return [{**row, "counts": counts, "ended": why} for row, (counts, why) in judged]


def _label_exhibits(asserted: Sequence[Mapping[str, Any]]) -> dict[Place, tuple[int, ...]]:
    found: dict[Place, set[int]] = {}
    for row in asserted:
        if row["exhibit"]:
            found.setdefault(_place(row), set()).add(row["exhibit"])
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


def _onward(
    transfers: pa.Table,
    assets: Collection[str],
    targets: Mapping[Place, Target],
    deposits: Collection[Place],
    credited: Collection[Holding],
) -> dict[Holding, Mapping[Target, Paid]]:
    """What deposit addresses paid to services, and wallets of one that pass nearly all on to another's."""
    own = {at(*holding) for holding in credited if targets.get(at(*holding), ("", ""))[0]} - {*deposits}
    if not deposits and not own:
        return {}
    found = payments(transfers, assets, targets, deposits, {*deposits, *own})
    gone = _gone(transfers, {holding for holding in found if at(*holding) in own})
    return {
        holding: paid
        for holding, paid in found.items()
        if at(*holding) in deposits or (holding in gone and _passes(targets[at(*holding)], paid, gone[holding]))
    }


def _gone(transfers: pa.Table, holdings: Collection[Holding]) -> dict[Holding, int]:
    """All that the ledger shows leaving these holdings."""
    names = pa.array(sorted({address for address, _ in holdings}), pa.string())
    mine = transfers.filter(
        pc.and_(pc.is_null(transfers["excluded"]), pc.is_in(transfers["src"], value_set=names))
    )
    out: dict[Holding, int] = {}
    sides = zip(*(mine[name].to_pylist() for name in ("src", "dst", "asset")), amounts.exact(mine), strict=True)
    for src, dst, asset, amount in sides:
        if (src, asset) in holdings and src != dst:
            out[src, asset] = out.get((src, asset), 0) + amount
    return out


def _passes(mine: Target, paid: Mapping[Target, Paid], gone: int) -> bool:
    """Whether nearly all that left went to one other service, in several payments: a service pays many places."""
    most = max((one for target, one in paid.items() if target[0] not in ("", mine[0])), key=_least, default=None)
    return most is not None and len(most.transactions) > 1 and most.least * 1_000_000 >= NEARLY * gone


def _least(one: Paid) -> int:
    return one.least
