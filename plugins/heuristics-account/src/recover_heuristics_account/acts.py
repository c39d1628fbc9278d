"""What one transaction did: who sent it, and what each address gained and lost in it, exact.

Only chosen transactions are read into objects; the choosing is done in columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ledger, amounts
from recover_heuristics_account.sweeps import join

_NO_TIME = datetime.min.replace(tzinfo=UTC)
_NEVER = ("failed", "contradicted")
Order = tuple[datetime, int, int, str]
"""Where a transaction stands: time, height, place in the block, id; what an exhibit does not show comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One movement inside a transaction; `amount` in base units, above zero."""

    src: str | None
    dst: str | None
    asset: str
    amount: int
    excluded: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One transaction that neither failed nor is contradicted. `sender` is None where nothing shows who sent it.

    `to` is what it called, None where that is not shown. `moves` leave out fees and movements without value.
    """

    chain: str
    tx: str
    sender: str | None
    to: str | None
    whole: bool
    order: Order
    moves: tuple[Move, ...]

    def nets(self) -> dict[str, dict[str, int]]:
        """Address -> asset -> gain (positive) or loss (negative); what evens out is not there."""
        found: dict[str, dict[str, int]] = {}
        for move in self.moves:
            for name, value in ((move.src, -move.amount), (move.dst, move.amount)):
                if name is not None:
                    held = found.setdefault(name, {})
                    held[move.asset] = held.get(move.asset, 0) + value
        evened = {name: {a: v for a, v in sorted(held.items()) if v} for name, held in sorted(found.items())}
        return {name: held for name, held in evened.items() if held}


def same(one: str | None, two: str | None) -> bool:
    """Whether two texts name one address: letter case is a checksum in hexadecimal addresses, and nowhere else."""
    if one is None or two is None:
        return False
    return one == two or (one[:2] == two[:2] == "0x" and one.casefold() == two.casefold())


def plain(address: str) -> str:
    """One text for every spelling of an address: see `same`."""
    return address.casefold() if address[:2] == "0x" else address


def contract(asset: str) -> str | None:
    """The contract of a token, in one spelling; None for a chain's own coin."""
    kind, _, reference = asset.split("/", 1)[1].partition(":")
    return None if kind == "slip44" else plain(reference)


def inferred(event: Mapping[str, Any]) -> bool:
    """Whether a `spend` was read from a log alone: then somebody else sent it, and who moved it is not shown."""
    return bool(json.loads(event["facts"]).get("shown") == "log")


def keys(table: pa.Table, name: str = "tx") -> pa.ChunkedArray:
    """Chain and transaction of each row as one text."""
    return join(table["chain"], table[name])


def acts(ledger: Ledger, wanted: pa.Array | pa.ChunkedArray) -> list[Act]:
    """The transactions whose `keys` are in `wanted`, in order."""
    moved, made = ledger.transfers(), ledger.transactions()
    wanted = pc.unique(wanted)
    if not len(wanted):
        return []  # as nearly always: no text is made of a million rows for it
    rows: dict[str, list[dict[str, Any]]] = {}
    part = moved.filter(pc.is_in(keys(moved), value_set=wanted)).sort_by("seq")
    exact = amounts.exact(part) if part.num_rows else []
    columns = part.select(["chain", "tx", "src", "dst", "asset", "kind", "excluded"]).to_pylist()
    for row, amount in zip(columns, exact, strict=True):
        rows.setdefault(f"{row['chain']}:{row['tx']}", []).append({**row, "amount": amount})
    known = made.filter(pc.is_in(keys(made, "id"), value_set=wanted)).to_pylist()
    found = [_act(row, rows.get(f"{row['chain']}:{row['id']}", [])) for row in known if not row["failed"]]
    return sorted((act for act in found if act is not None), key=lambda act: act.order)


def _act(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> Act | None:
    if any(r["excluded"] in _NEVER for r in rows):
        return None
    facts = json.loads(row["facts"])
    payers = {r["src"] for r in rows if r["kind"] == "fee" and r["src"] is not None}
    sender = facts.get("from") or (payers.pop() if len(payers) == 1 else None)
    names = sorted({n for r in rows for n in (r["src"], r["dst"]) if n is not None})
    return Act(
        chain=row["chain"],
        tx=row["id"],
        sender=next((n for n in names if same(n, sender)), sender),
        to=facts.get("to"),
        whole=bool(row["whole"]),
        order=order(row),
        moves=tuple(
            Move(src=r["src"], dst=r["dst"], asset=r["asset"], amount=r["amount"], excluded=r["excluded"])
            for r in rows
            if r["kind"] != "fee" and r["amount"]
        ),
    )


def order(row: Mapping[str, Any]) -> Order:
    """Where a row of the ledger's transactions stands among them."""
    height, index = (-1 if row[name] is None else row[name] for name in ("height", "index"))
    return row["time"] or _NO_TIME, height, index, row["id"]


def people(ledger: Ledger) -> set[tuple[str, str]]:
    """(chain, address) of those that an exhibit shows to be no contract at some block."""
    rows = ledger.states().select(["kind", "chain", "address", "amount"]).to_pylist()
    return {(r["chain"], plain(r["address"])) for r in rows if r["kind"] == "code" and r["amount"] == 0}


def contracts(ledger: Ledger) -> set[tuple[str, str]]:
    """(chain, address) of those that an exhibit shows to be contracts: by their code, or by their creation."""
    rows = ledger.states().select(["kind", "chain", "address", "amount"]).to_pylist()
    made = ledger.events().select(["kind", "chain", "other"]).to_pylist()
    found = {(r["chain"], plain(r["address"])) for r in rows if r["kind"] == "code" and r["amount"]}
    return found | {(r["chain"], plain(r["other"])) for r in made if r["kind"] == "create" and r["other"]}


def labelled(ledger: Ledger, roles: Iterable[str]) -> set[tuple[str, str]]:
    """(chain, address) of those that a label gives one of `roles`, or a service's name."""
    chosen = frozenset(roles)
    rows = ledger.labels().select(["chain", "address", "role", "service"]).to_pylist()
    return {(r["chain"], plain(r["address"])) for r in rows if r["role"] in chosen or r["service"]}
