"""What of a case may leave for colleagues: places that traced value reached, their names, and what moved there.

A format for colleagues is made of this and of nothing else. It holds no payer by whom a loss began: that is a
victim's side, and an address with an amount and a moment tells who somebody is. It calls nobody a suspect: a place
has parts in what moved, and who kept it, or was made to, no chain shows. What is left out is counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts
from recover.sdk.records import Grade
from recover.sdk.view import View

Place = tuple[str, str]
"""(chain, address)."""

PARTS = ("loss", "carried", "credited", "service", "hub")
"""The parts that a place has in a case: a loss was declared there by address, traced value came to it, it was
credited as the address of an off-ramp, it is a wallet of a named service, or of a hub that nobody names."""

_NAMING = ("label", "deposit-address")
_HAND = "person"
_UNLISTED = "no entry in the register"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of one address: who says it (`source`, from `origin`), by which method, and where it stands.

    `until` is the last day on which it was true, empty where nobody ends it.
    """

    kind: str
    label: str
    service: str
    role: str
    category: str
    grade: Grade
    method: str
    source: str
    origin: str
    asserted: str
    exhibit: int
    place: int
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One address with its parts in the case, in the order of `PARTS`, and its names."""

    chain: str
    address: str
    parts: tuple[str, ...]
    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One movement that carried traced value under the declared rule. Amounts in base units of `asset`.

    `amount` is all that moved and `traced` what of it was traced. `src` and `dst` are None for nobody, and for
    who is left out. On a coin chain `payers` are the addresses among the inputs that may be shown.
    """

    seq: int
    chain: str
    tx: str
    time: datetime | None
    height: int | None
    leg: int | None
    kind: str
    src: str | None
    dst: str | None
    payers: tuple[str, ...]
    asset: str
    amount: int
    traced: int
    exhibit: int
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shareable:
    """`left_out`: what does not leave, in words, and how often."""

    holders: tuple[Holder, ...]
    moves: tuple[Move, ...]
    left_out: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class _Taken:
    """What is found while movements are read."""

    parts: dict[Place, set[str]] = field(default_factory=dict)
    victims: set[Place] = field(default_factory=set)
    left: Counter[str] = field(default_factory=Counter)

    def put(self, chain: str, address: str | None, part: str) -> None:
        if address:
            self.parts.setdefault((chain, address), set()).add(part)


def shareable(view: View) -> Shareable:
    """Pure: the same view gives the same, in the order of the ledger and of (chain, address)."""
    taken = _Taken()
    flows = _flows(view)
    rows = _rows(view.tables["transfers"](), flows)
    paying = _paying(view.tables["transfers"](), rows)
    _walked(view, rows, flows, paying, taken)
    _ramps(view, taken)
    told = _names(view, taken)
    known = {r for r in taken.parts if "service" in taken.parts[r]}
    hidden = taken.victims - known
    shown = {
        place: parts for place, parts in sorted(taken.parts.items()) if _plain(place[1]) and place not in hidden
    }
    taken.left["addresses by which losses began (a victim's side)"] += len(hidden)
    taken.left["addresses that are no text of a chain"] += sum(not _plain(a) for _, a in taken.parts)
    holders = tuple(
        Holder(
            chain=place[0],
            address=place[1],
            parts=tuple(part for part in PARTS if part in parts),
            names=told.get(place, ()),
        )
        for place, parts in shown.items()
    )
    moves = tuple(_move(row, flows[row["seq"]], paying, shown) for row in rows)
    return Shareable(
        holders=holders, moves=moves, left_out=tuple(sorted((k, n) for k, n in taken.left.items() if n))
    )


def _plain(text: str) -> bool:
    """Whether a text can be an address: what an edition puts in place of a name has spaces."""
    return text.isascii() and text.isprintable() and " " not in text


def _flows(view: View) -> dict[int, dict[str, dict[str, int]]]:
    """By movement, by loss: base units that began there, that its payer passed on, and that an exchange or a
    bridge brought: of a loss that began before."""
    table = view.tables["flows"]()
    found: dict[int, dict[str, dict[str, int]]] = {}
    keys = zip(*(table.column(name).to_pylist() for name in ("seq", "loss", "event")), strict=True)
    for (seq, loss, event), amount in zip(keys, amounts.exact(table), strict=True):
        if event in ("start", "move"):
            here = found.setdefault(seq, {}).setdefault(loss, {"start": 0, "move": 0, "had": 0})
            here[event] += amount
    had = view.tables["exchanges"]() if "exchanges" in view.tables else table.slice(0, 0)
    for seq, loss, amount in zip(had["seq"].to_pylist(), had["loss"].to_pylist(), amounts.exact(had), strict=True):
        found[seq][loss]["start"] -= amount
        found[seq][loss]["had"] += amount
    return found


_COLUMNS = (
    *("seq", "chain", "tx", "time", "height", "leg", "kind", "src", "dst", "asset", "amount", "wide", "exhibit"),
    "place",
)


def _rows(table: pa.Table, wanted: Mapping[int, object]) -> list[dict[str, Any]]:
    kept = table.filter(pc.is_in(table["seq"], value_set=pa.array(sorted(wanted), pa.int64())))
    found: list[dict[str, Any]] = kept.select([n for n in _COLUMNS if n in kept.schema.names]).to_pylist()
    return found


def _paying(table: pa.Table, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Of coin transactions, by (chain, id), the addresses of their inputs."""
    ids = pa.array(sorted({row["tx"] for row in rows if row["kind"] in ("output", "fee")}), pa.string())
    inputs = table.filter(pc.and_(pc.equal(table["kind"], "input"), pc.is_in(table["tx"], value_set=ids)))
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in inputs.select(["chain", "tx", "src"]).to_pylist():
        if row["src"]:
            found.setdefault((row["chain"], row["tx"]), {})[row["src"]] = None
    return {key: tuple(names) for key, names in found.items()}


def _walked(
    view: View,
    rows: Iterable[Mapping[str, Any]],
    flows: Mapping[int, Mapping[str, Mapping[str, int]]],
    paying: Mapping[tuple[str, str], tuple[str, ...]],
    taken: _Taken,
) -> None:
    by_payment = {loss.id for loss in view.case.losses if not loss.address}
    for declared in view.case.losses:
        taken.put(declared.chain, declared.address, "loss")
    for row in rows:
        taken.put(row["chain"], row["dst"], "carried")
        payers = (row["src"], *paying.get((row["chain"], row["tx"]), ()))
        for loss, amount in flows[row["seq"]].items():
            if amount["move"]:
                taken.put(row["chain"], row["src"], "carried")
            if amount["start"]:
                taken.left["payers by whom a loss began"] += 1
            if amount["start"] and loss in by_payment:
                taken.victims |= {(row["chain"], payer) for payer in payers if payer}


def _ramps(view: View, taken: _Taken) -> None:
    for ramp in view.offramps:
        taken.put(ramp.chain, ramp.through or ramp.address, "credited")
        for wallet in ramp.hot_wallets:
            taken.put(ramp.chain, wallet, "service" if ramp.service else "hub")


def _names(view: View, taken: _Taken) -> dict[Place, tuple[Name, ...]]:
    """The names of the places, in the order of the table; wallets that a source calls a service's are noted."""
    table = view.tables["assertions"]()
    found: dict[Place, list[Name]] = {}
    listed = {name for name, entry in view.services.items() if entry.source != _UNLISTED}
    for row in table.to_pylist():
        place = row["chain"], row["address"]
        ends = _ends(row)
        if any(ends.get(name) for name in ("withdrawn", "against", "ahead")):
            taken.left["names that were taken back, or that the case shows otherwise"] += place in taken.parts
            continue
        if row["kind"] == "label" and row["role"] == "hot-wallet" and place in taken.victims:
            taken.put(*place, "service")
        if place not in taken.parts:
            continue
        if row["kind"] not in _NAMING or not (row["label"] or row["service"]):
            taken.left["attributions that name nobody (change, shared control, shapes)"] += 1
        elif row["method"] == _HAND and view.edition not in ("V0", "V1") and row["service"] not in listed:
            taken.left["names that a person of the case gave, of nobody in a register"] += 1
        else:
            found.setdefault(place, []).append(_name(row, str(ends.get("until") or "")))
    return {place: tuple(dict.fromkeys(names)) for place, names in found.items()}


def _ends(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a label's `params` say of its end, and of what speaks against it."""
    try:
        found = json.loads(row["params"] or "{}") if row["kind"] == "label" else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _name(row: Mapping[str, Any], until: str) -> Name:
    deposit = row["kind"] == "deposit-address"
    return Name(
        kind=row["kind"],
        label=row["label"] or (f"{row['service']} deposit address" if deposit else row["service"]),
        service=row["service"],
        role="deposit" if deposit else row["role"],
        category=row["category"],
        grade=row["grade"],
        method=row["method"],
        source=row["source"] or row["method"],
        origin=row["origin"] or row["source"] or row["method"],
        asserted=row["asserted"],
        exhibit=row["exhibit"] or 0,
        place=row["place"],
        until=until,
    )


def _move(
    row: Mapping[str, Any],
    carried: Mapping[str, Mapping[str, int]],
    paying: Mapping[tuple[str, str], tuple[str, ...]],
    shown: Mapping[Place, object],
) -> Move:
    chain = row["chain"]
    began = any(amount["start"] for amount in carried.values())
    passed = any(amount["move"] for amount in carried.values())
    src = row["src"] if (chain, row["src"]) in shown and (passed or not began) else None
    payers = () if began else paying.get((chain, row["tx"]), ())
    return Move(
        seq=row["seq"],
        chain=chain,
        tx=row["tx"],
        time=row["time"],
        height=row.get("height"),
        leg=row.get("leg"),
        kind=row["kind"],
        src=src,
        dst=row["dst"] if (chain, row["dst"]) in shown else None,
        payers=tuple(one for one in payers if (chain, one) in shown),
        asset=row["asset"],
        amount=amounts.join(row["amount"], row["wide"]),
        traced=sum(sum(amount.values()) for amount in carried.values()),
        exhibit=row["exhibit"],
        place=row["place"],
    )


def moments(moves: Iterable[Move]) -> Iterator[datetime]:
    """The moments of movements that have one."""
    yield from (move.time for move in moves if move.time is not None)
