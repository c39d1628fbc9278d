"""The rows behind `recover show`: read straight from the derived tables, without the engines that made them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import repeat
from typing import TYPE_CHECKING, Any

from recover.cli import codec
from recover.cli.codec import Row

if TYPE_CHECKING:
    import pyarrow as pa

    from recover.case import Case, Stored

_JSON = frozenset(
    {
        "by_rule",
        "by_loss",
        "by_rule_and_loss",
        "by_order",
        "by_order_and_loss",
        "by_rule_and_order",
        "unswept_bounds",
        "elsewhere_at",
        "params",
        "assertions",
    }
)
"""Columns that hold JSON text."""


_ENDED = {
    "service": "at services",
    "hub": "at hubs that no accepted label names",
    "rest": "last seen there",
    "uncollected": "at addresses whose whole history is in no exhibit",
    "mixer": "in a CoinJoin or mixer",
    "bridge": "in bridges and swaps whose other side is not shown",
    "fee": "paid as network fees",
    "burn": "burnt",
    "swap": "exchanged for another asset",
    "crossed": "through a bridge",
}
"""Where value ended, in the words of the report; JSON has the word of the table."""


def subject(figure: str, name: str) -> str:
    """Whose a figure is, as a person reads it."""
    return _ENDED.get(name, name) if figure == "ended" else name


def offramps(case: Case, most: int) -> Iterator[Row]:
    """Off-ramps, one for each address, asset and service; what a wallet that may be private paid, by `booked`."""
    from recover.case import derived
    from recover.findings import stored
    from recover.pursuit.booked import booked
    from recover.trails.inpart import mixed

    checks: dict[tuple[str, str, str], list[Row]] = {}
    # An older case has none: what it says of its off-ramps can still be read.
    here = case.files.size("derived/find/completeness.parquet") is not None
    for row in _read(case, "completeness", 0) if here else ():
        place = (row.pop("chain"), row.pop("address"), row.pop("asset"))
        checks.setdefault(place, []).append(row)
    table = _cut(derived.read(case, "offramps"), most)
    whole = "credited" in table.column_names
    ramps = [stored.ramp_of(row) for row in table.to_pylist()] if whole else []
    more = zip(ramps, booked(case, ramps), strict=True) if whole else repeat(None, table.num_rows)
    partly = mixed(case) if whole else frozenset()
    for row, of in zip(codec.rows(table), more, strict=True):
        told = {name: json.loads(value) if name in _JSON and value else value for name, value in row.items()}
        told |= dict.fromkeys(("credited_address", "paid_by", "paid", "still"))
        if of is not None:
            ramp, paid = of
            told["unswept"] = None if ramp.unswept is None else str(ramp.unswept)
            still = ramp.still((ramp.through, ramp.asset) in partly)
            told["still"] = None if still is None else str(still)
            told |= (
                {"paid_by": ramp.through, "paid": asdict(paid)}
                if ramp.plain
                else {"credited_address": ramp.through}
            )
        yield {**told, "completeness": checks.get((row["chain"], row["address"], row["asset"]), [])}


def findings(case: Case, most: int) -> Iterator[Row]:
    """Findings with their slots; exact integers that are value are strings."""
    from recover.declared.deeds import every, reviewed
    from recover.sdk.view import Finding

    judged = any(act.act == "review" for act in every(case))
    for row in _read(case, "findings", most):
        made = {**row, "slots": _slots(json.loads(row["slots"]))}
        held = Finding(**{**made, "exhibits": tuple(made["exhibits"])})
        state, said = reviewed(case, held) if judged else ("", ())
        yield {**made, "review": state, "reviewers": sorted({act.by for act in said})}


def gaps(case: Case, most: int) -> Iterator[Row]:
    """What was not examined; `fill` is the ask that would close it."""
    yield from map(gap, _read(case, "gaps", most))


def gap(row: Row) -> Row:
    """One gap with its JSON read; `affects` is the traced value that passed its subject, by asset."""
    fill, affects = row["fill"], row.get("affects")
    return {**row, "affects": json.loads(affects) if affects else {}, "fill": json.loads(fill) if fill else None}


def flows(case: Case, most: int) -> Iterator[Row]:
    """Value followed under the declared rule, each with the transfer that carried it.

    A coin transaction names no payer. There a row tells what came with the coins of `src`, as the rule took it;
    of what began by a transaction of several, `src` is None. `payers` are all whose coins it spends.
    """
    from recover.case import derived
    from recover.ledger.spending import spenders

    found = _cut(derived.read(case, "flows"), most)
    columns = ["chain", "tx", "time", "src", "dst", "asset", "src_account", "dst_account", "memo", "exhibit"]
    moved = derived.read(case, "transfers", [*columns, "kind"])
    payers = spenders(moved)
    # A flow names its transfer by row number, so the facts of it are read from the ledger and kept nowhere else.
    moved = moved.take(found.column("seq"))
    for name in columns:
        found = found.append_column(name, moved.column(name))
    shared = _shared(case) if payers else {}
    for row in codec.rows(found):
        row |= {"account": row["dst_account"], "payers": list(payers.get((row["chain"], row["tx"]), ()))}
        if row["src"] or not row["payers"]:
            yield row
            continue
        left, parts = int(row["amount"]), shared.get((row["seq"], row["loss"]), {})
        for payer, part in parts.items() if row["event"] != "start" else ():
            left -= part
            yield {**row, "src": payer, "amount": str(part)}
        if left:  # it began here, in clean value of all of them
            alone = row["payers"][0] if len(row["payers"]) == 1 else None
            yield {**row, "src": alone or None, "amount": str(left)}


def payer(row: Row) -> str:
    """Who paid a flow: of what began by coins of several nobody can say who."""
    several = len(row["payers"])
    return row["src"] or (f"one or more of {several}" if several > 1 else "")


def crossings(case: Case, most: int) -> Iterator[Row]:
    """Passages through bridges that traced value came to, with both legs; amounts are base units as text."""
    for row in _read(case, "crossings", most):
        here = {name: row[name] for name in ("chain", "tx", "address", "asset", "amount", "traced")}
        there = {"chain": row["to_chain"], "tx": row["to_tx"], "address": row["to_address"], "asset": row["into"]}
        more = {"amount": row["arrived"], "promised": row["promised"], "traced": row["carried"]}
        said = ("state", "why", "protocol", "key", "level", "accepted", "refund", "fee", "grade", "method", "note")
        yield {
            **{name: row[name] for name in said},
            "source": {**here, "leg": row["legs"]},
            "destination": {**there, "leg": row["to_legs"], **more},
            "exhibits": row["exhibits"],
        }


def transfers(case: Case, most: int) -> Iterator[Row]:
    """Movements in order; `account` is the sub-account that was credited, where the chain has such."""
    for row in table(case, "transfers", most):
        yield {**row, "account": row["dst_account"]}


def _shared(case: Case) -> dict[tuple[int, str], dict[str, int]]:
    """By output and loss, what of it came with the coins of whom."""
    import pyarrow.compute as pc

    from recover.case import derived
    from recover.sdk import amounts

    table = derived.read(case, "shares")
    table = table.filter(pc.invert(table.column("fee")))
    keys = (table.column(name).to_pylist() for name in ("seq", "loss", "payer"))
    found: dict[tuple[int, str], dict[str, int]] = {}
    for seq, loss, payer, amount in zip(*keys, amounts.exact(table), strict=True):
        found.setdefault((seq, loss), {})[payer] = amount
    return found


def transactions(case: Case, most: int) -> Iterator[Row]:
    """Transactions in order: `proof` is the grade, `mix` the detector and kind or None, `transfers` what moved."""
    from recover.case import derived

    found = _cut(derived.read(case, "transactions"), most)
    mixes = _mixes(case)
    moved = derived.read(case, "transfers", _MOVED)
    # Transfers are looked up for many transactions at once, and never for all of a large case.
    for start in range(0, found.num_rows, _AT_ONCE):
        part = found.slice(start, _AT_ONCE)
        here = _moved(moved, part)
        for row in codec.rows(part):
            transfers = here.get((row["chain"], row["id"]), [])
            yield {
                **row,
                "facts": json.loads(row["facts"]),
                "mix": mixes.get((row["chain"], row["id"])),
                "transfers": transfers,
            }


_MOVED = [
    *("chain", "tx", "leg", "kind", "src", "dst", "asset", "amount", "wide", "spends_tx", "spends_index"),
    *("excluded", "exhibit"),
]
_AT_ONCE = 20_000


def _moved(moved: pa.Table, found: pa.Table) -> dict[tuple[str, str], list[Row]]:
    import pyarrow.compute as pc

    moved = moved.filter(pc.is_in(moved.column("tx"), value_set=found.column("id").combine_chunks()))
    listed: dict[tuple[str, str], list[Row]] = {}
    for row in codec.rows(moved):
        listed.setdefault((row.pop("chain"), row.pop("tx")), []).append(row)
    return listed


def _mixes(case: Case) -> dict[tuple[str, str], Row]:
    """Transaction -> the detector's answer, the surest first; empty before the stage that makes assertions."""
    import pyarrow.compute as pc

    from recover.case import derived

    if not (case.derived / f"{derived.PLACES['assertions'][1]}.parquet").is_file():
        return {}
    said = derived.read(case, "assertions")
    found: dict[tuple[str, str], Row] = {}
    rows = said.filter(pc.equal(said.column("kind"), "mix")).to_pylist()
    for row in sorted(rows, key=lambda r: (r["role"] != "definite", r["grade"], r["label"])):
        answer = {"detector": row["method"], "version": row["version"], "kind": row["label"], "role": row["role"]}
        for tx in row["transactions"]:
            found.setdefault(
                (row["chain"], tx), {**answer, "grade": row["grade"], "params": json.loads(row["params"])}
            )
    return found


def exhibits(case: Case, most: int) -> Iterator[Row]:
    """Exhibits in order of capture."""
    return map(exhibit, case.exhibits())


def exhibit(stored: Stored) -> Row:
    """One exhibit."""
    names = ("number", "digest", "name", "media", "size", "method", "captured", "sources", "file", "request")
    return {name: getattr(stored, name) for name in (*names, "obtained", "by", "origin")}


def losses(case: Case, most: int) -> Iterable[Row]:
    """Losses as declared."""
    names = ("id", "chain", "address", "tx", "output", "amount", "assets", "since", "until", "label", "memo")
    return [{name: getattr(loss, name) for name in names} for loss in case.settings.losses]


def acts(case: Case, most: int) -> Iterator[Row]:
    """What persons did by hand, in order, also what was undone."""
    from recover.declared.deeds import every

    for act in every(case):
        about = {name: value for name, value in act.body.items() if name not in ("act", "by", "reason")}
        row = {
            "id": act.id,
            "act": act.act,
            "by": act.by,
            "reason": act.reason,
            "at": act.at,
            "undone": act.undone,
        }
        yield {**row, "about": about}


def custody(case: Case, most: int) -> Iterator[Row]:
    """Who did what, entry by entry of the journal; `about` is what custody has beside it."""
    from recover.declared.handing import hands

    yield from hands(case)


def journal(case: Case, most: int) -> Iterator[Row]:
    """The journal's entries as they are chained."""
    for entry in case.entries:
        yield {
            "number": entry.number,
            "time": entry.time,
            "kind": entry.kind,
            "body": entry.body,
            "prev": entry.prev,
            "hash": entry.hash,
        }


def table(case: Case, name: str, most: int) -> Iterator[Row]:
    """Any other derived table, as it is."""
    for row in _read(case, name, most):
        yield {key: json.loads(value) if key in _JSON and value else value for key, value in row.items()}


def any_of(case: Case, name: str, most: int = 0) -> Iterable[Row]:
    """The rows of any listing by its name."""
    own: Mapping[str, Callable[[Case, int], Iterable[Row]]] = {
        "offramps": offramps,
        "findings": findings,
        "flows": flows,
        "crossings": crossings,
        "transactions": transactions,
        "transfers": transfers,
        "gaps": gaps,
        "exhibits": exhibits,
        "losses": losses,
        "acts": acts,
        "custody": custody,
        "journal": journal,
    }
    return own[name](case, most) if name in own else table(case, name, most)


def without(case: Case, heuristic: str, most: int) -> Iterator[Row]:
    """Entities as they would be without one heuristic."""
    from recover.linking.policy import without as joined

    for row in codec.rows(_cut(joined(case, heuristic), most)):
        yield {**row, "assertions": json.loads(row["assertions"])}


def assets(case: Case) -> Mapping[str, tuple[str, int | None]]:
    """Asset id -> (symbol, decimals), as the exhibits and the register say."""
    from recover.case import derived

    rows = derived.read(case, "assets", ["asset", "symbol", "decimals"]).to_pylist()
    return {row["asset"]: (row["symbol"], row["decimals"]) for row in rows}


def _read(case: Case, name: str, most: int) -> Iterator[Row]:
    from recover.case import derived

    return codec.rows(_cut(derived.read(case, name), most))


def _cut(found: pa.Table, most: int) -> pa.Table:
    # Cut before rows become objects.
    return found.slice(0, most) if most else found


def _slots(stored: Mapping[str, Any]) -> Row:
    """The stored form keeps an integer as {"int": text}."""
    return {name: int(value["int"]) if isinstance(value, dict) else value for name, value in stored.items()}
