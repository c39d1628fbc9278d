"""Affected: how much traced value each gap concerns, so that gaps are ranked by money and not by number."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.credits import coins_of
from recover.findings.material import shared
from recover.sdk import amounts
from recover.sdk.batch import ask_of, ask_text
from recover.sdk.ends import RECORDED, recorded
from recover.sdk.values import Ask
from recover.tracing import rules
from recover.trails import asks, passages, receipts
from recover.trails.crossed import OPEN
from recover.trails.flows import arriving
from recover.trails.missing import ELSEWHERE
from recover.trails.outputs import SPENT
from recover.trails.unread import HELD

WHOLE = receipts.WHOLE

UNBOUNDED = frozenset(
    {
        *("loss-not-found", "loss-begins-nothing", "loss-begins-less", "loss-failed", "loss-is-change"),
        *("unreadable", "history-ahead"),
    }
)
"""Codes whose effect no figure bounds: what is missing was never traced."""

UNMOVED = frozenset(
    {
        *("approval-unknown", "losses-overlap", "state-unknown", "block-unsealed", "inputs-reported"),
        *("deposit-without-memo", "symbol-differs-registered", "crossing-begun", "habits-conflict"),
        *("election-shared", "election-spent", "election-takes-nothing"),
    }
)
"""Codes that change no figure, whatever traced value they concern."""


def ranked(
    case: Case, gaps: pa.Table, stakes: Mapping[tuple[str, str], Mapping[str, int]] | None = None
) -> pa.Table:
    """The gaps, those that concern most traced value first.

    `affects` is JSON, by asset the most traced value that can have passed the subject under the declared rule; of
    a place that only others reach, under one of these. Where it was worked out what hangs on a gap, it is that:
    `stakes` has it by code and subject.
    `share` is the largest part of what began in an asset, in parts per million; `WHOLE` where nothing bounds it.
    """
    passed, began = _passed(case)
    codes = set(gaps.column("code").unique().to_pylist())
    others = {code: _under_others(case, code) for code in sorted({ELSEWHERE, HELD} & codes)}
    bridged, doubted, spent = _bridged(case), _doubted(case), _spent(case)
    chains = {asset.split("/", 1)[0] for asset in began}
    affects, shares = [], []
    columns = (gaps.column(name).to_pylist() for name in ("code", "subject", "fill"))
    for code, subject, fill in zip(*columns, strict=True):
        chain, name = _where(subject, fill, chains)
        if stakes and (code, subject) in stakes:
            sums: Mapping[str, int] = stakes[code, subject]
        elif code == OPEN:  # it is asked for on the other chain, and concerns what went in on this one
            sums = bridged.get(subject, {})
        elif code == SPENT:
            sums = spent.get(name, {})
        else:
            met = others.get(code, passed)
            mine = _larger(met.get(name, {}), doubted.get(name, {}) if code == "histories-differ" else {})
            sums = {a: n for a, n in mine.items() if chain in (None, a.split("/", 1)[0])}
        affects.append(json.dumps({a: str(n) for a, n in sorted(sums.items())}, separators=(",", ":")))
        # Of a loss that begins nothing all hangs on what it would begin with.
        largest = max((_part(n, began.get(a, n)) for a, n in sums.items()), default=0)
        shares.append(WHOLE if code in UNBOUNDED else largest)
    found = gaps.append_column("affects", pa.array(affects, pa.string()))
    found = found.append_column("share", pa.array(shares, pa.int64()))
    keys = [("share", "descending"), *((name, "ascending") for name in ("code", "subject", "why", "effect"))]
    return found.sort_by(keys)


def moving(gaps: pa.Table, dust: int) -> pa.Table:
    """The gaps of which what is missing can change a figure that a paper prints, by more than the case's dust."""
    still = pc.is_in(gaps.column("code"), value_set=pa.array(sorted(UNMOVED), pa.string()))
    return gaps.filter(pc.and_(pc.invert(still), pc.greater(gaps.column("share"), dust)))


def shares(case: Case) -> dict[str, int]:
    """By ask, as gaps store it: the largest part of a loss that it concerns, in parts per million."""
    found = _asking(case)
    if found is None:
        return {}
    sums: dict[str, int] = {}
    for fill, share in zip(found.column("fill").to_pylist(), found.column("share").to_pylist(), strict=True):
        sums[fill] = max(sums.get(fill, 0), share)
    sums |= {ask_text(one.ask): max(one.share, sums.get(ask_text(one.ask), 0)) for one in asks.listed(case)}
    return sums | asks.held(case)


def at_stake(case: Case, wanted: Collection[Ask]) -> list[Ask]:
    """Which of these asks can change a figure by more than the case's dust; all before anything was traced."""
    found = _asking(case)
    if found is None:
        return list(wanted)
    fills = {*moving(found, case.settings.dust).column("fill").to_pylist()}
    fills |= {ask_text(one.ask) for one in asks.listed(case)}
    return [one for one in wanted if ask_text(one) in fills]


def _asking(case: Case) -> pa.Table | None:
    """The gaps of trace and ledger that carry an ask, ranked; None where nothing was traced."""
    gaps = asks.gaps(case)
    return None if gaps is None else ranked(case, gaps.filter(pc.is_valid(gaps.column("fill"))))


def _part(amount: int, whole: int) -> int:
    return min(WHOLE, max(1, amount * WHOLE // whole)) if amount and whole else 0


def _passed(case: Case) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Traced value by address, transaction or asset that it passed; and what began, by asset."""
    flows = derived.read(case, "flows")
    flows = arriving(flows)
    moved = derived.read(case, "transfers", ["tx", "src", "dst", "asset"]).take(flows.column("seq"))
    moved = moved.append_column("event", flows.column("event"))
    came: dict[str, dict[str, int]] = {}
    went: dict[str, dict[str, int]] = {}
    began: dict[str, int] = {}
    cells = shared(moved, "tx", "src", "dst", "asset", "event")
    for (tx, src, dst, asset, event), amount in zip(cells, amounts.exact(flows), strict=True):
        if event == "start":
            began[asset] = began.get(asset, 0) + amount
        for name in filter(None, dict.fromkeys((tx, dst, asset))):
            _add(came, name, asset, amount)
        if src is not None and event == "move":
            _add(went, src, asset, amount)
    passed = {name: _larger(came.get(name, {}), went.get(name, {})) for name in dict.fromkeys((*came, *went))}
    # Value that comes back passes a place again: no more than all that began can have been there.
    bound = {name: {a: min(n, began.get(a, n)) for a, n in sums.items()} for name, sums in passed.items()}
    return bound | _unfollowed(case, came, began), began


def _under_others(case: Case, code: str) -> dict[str, dict[str, int]]:
    """By address, the most that a rule beside the declared one carried there and could not follow; or, of what was
    `HELD` there before, left there and carried on from there to services and hubs."""
    columns = ["rule", "ties", "asset", "address", "reason", "amount", "wide"]
    ends = derived.read(case, "ends", columns)
    if code == HELD:
        came = derived.read(case, "arrivals", ["through", *columns])
        on = came.filter(pc.not_equal(came["through"], came["address"])).drop_columns("address")
        ends = pa.concat_tables([ends, on.rename_columns({"through": "address"}).select(columns)])
    other = pc.and_(pc.not_equal(ends.column("rule"), case.settings.rule), pc.equal(ends.column("ties"), RECORDED))
    claims = pa.array(sorted(name for name, rule in rules.RULES.items() if rule.claim), pa.string())
    other = pc.and_(other, pc.is_in(ends.column("rule"), value_set=claims))
    ends = ends.filter(other)
    ends = ends if code == HELD else ends.filter(pc.equal(ends.column("reason"), "uncollected"))
    held: dict[tuple[str, str, str], int] = {}
    for key, amount in zip(shared(ends, "address", "asset", "rule"), amounts.exact(ends), strict=True):
        held[key] = held.get(key, 0) + amount
    found: dict[str, dict[str, int]] = {}
    for (name, asset, _), amount in held.items():
        sums = found.setdefault(name or "", {})
        sums[asset] = max(sums.get(asset, 0), amount)
    return found


def _spent(case: Case) -> dict[str, dict[str, int]]:
    """By transaction that is not followed, the traced value that it is shown to spend."""
    found: dict[str, dict[str, int]] = {}
    flows, transfers = derived.read(case, "flows"), derived.read(case, "transfers")
    for (_, asset), sums in coins_of(flows, transfers)[0].items():
        for by, amount in sums.items():
            for tx in by:
                _add(found, tx, asset, amount)
    return found


def _bridged(case: Case) -> dict[str, dict[str, int]]:
    """By transaction that paid into a bridge, the traced value of which no exhibit shows the other side."""
    found: dict[str, dict[str, int]] = {}
    for row in derived.read(case, "crossings", ["state", "tx", "asset", "traced"]).to_pylist():
        if row["state"] == passages.OPEN and int(row["traced"]):
            _add(found, row["tx"], row["asset"], int(row["traced"]))
    return found


def _doubted(case: Case) -> dict[str, dict[str, int]]:
    """By address at which histories differ, the traced value that is not followed elsewhere because an exhibit
    that is shown to lack something here is not believed there."""
    fallen = derived.read(case, "fallen").to_pylist()
    found: dict[str, dict[str, int]] = {}
    if not fallen:
        return found
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    ends = ends.filter(pc.equal(ends.column("reason"), "uncollected"))
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        chain = row["asset"].split("/", 1)[0]
        mine = (f for f in fallen if (f["chain"], f["address"] or row["address"]) == (chain, row["address"]))
        for name in sorted({f["at"] for f in mine if f["asset"] in (None, row["asset"])}):
            _add(found, name, row["asset"], amount)
    return found


def _unfollowed(
    case: Case, came: Mapping[str, Mapping[str, int]], began: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """By transaction that exhibits contradict each other about: the traced value of which it can move figures.

    Out of an address, no more than it could have moved on. Into one, all that came there: with what it pays in,
    another part of each payment out is traced value.
    """
    names = ["tx", "kind", "src", "dst", "asset", "amount", "wide", "excluded"]
    rows = derived.read(case, "transfers", names)
    rows = rows.filter(pc.equal(rows.column("excluded"), "contradicted"))
    found: dict[str, dict[str, int]] = {}
    for row, amount in zip(rows.to_pylist(), amounts.exact(rows), strict=True):
        asset = row["asset"]
        most = min(came.get(row["src"] or "", {}).get(asset, 0), amount)
        if row["kind"] != "output":  # coins do not mix at an address
            here = came.get(row["dst"] or "", {}).get(asset, 0)
            most = max(most, min(here, began.get(asset, here)))
        if most:
            sums = found.setdefault(row["tx"], {})
            sums[asset] = max(sums.get(asset, 0), most)
    return found


def _add(found: dict[str, dict[str, int]], name: str, asset: str, amount: int) -> None:
    sums = found.setdefault(name, {})
    sums[asset] = sums.get(asset, 0) + amount


def _larger(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """What came to a place passed it, and so did what left it: neither is counted twice."""
    return {asset: max(one.get(asset, 0), other.get(asset, 0)) for asset in dict.fromkeys((*one, *other))}


def _where(subject: str, fill: str | None, chains: set[str]) -> tuple[str | None, str]:
    """The chain that a gap is of, by its ask or before its subject, and the subject without it.

    An asset's id keeps its chain. None where neither says: then the subject counts on every chain that has it.
    """
    named = next((chain for chain in chains if subject.startswith(f"{chain}:")), None)
    if named:
        return named, subject[len(named) + 1 :]
    return (ask_of(fill).chain if fill else None), subject
