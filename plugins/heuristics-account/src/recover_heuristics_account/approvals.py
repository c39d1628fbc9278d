"""Approvals and what was done under them: who let whom spend, and who then moved whose tokens to whom."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ledger, amounts
from recover_heuristics_account.acts import Act, Order, acts, contract, inferred, keys, order, plain

_LIST = Path(__file__).parent / "data" / "spenders.toml"
_GIVEN = ("approve", "permit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """`owner` lets `spender` move up to `amount` of `asset`, None where the exhibit does not say how much."""

    tx: str
    order: tuple[Order, int]
    spender: str
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Tokens of `owner` that somebody else moved in `act`, under `approval`; `takers` got them."""

    act: Act
    owner: str
    asset: str
    amount: int
    takers: tuple[str, ...]
    approval: Approval


@cache
def popular() -> frozenset[tuple[str, str]]:
    """(chain or namespace, address) of the contracts of `data/spenders.toml`."""
    listed = tomllib.loads(_LIST.read_text("utf-8"))["spender"]
    return frozenset((entry["chain"], plain(entry["address"])) for entry in listed)


def known(chain: str, address: str) -> bool:
    """Whether many people approve this contract on purpose."""
    return {(chain, plain(address)), (chain.split(":")[0], plain(address))} & popular() != frozenset()


def spendings(ledger: Ledger) -> list[Spending]:
    """Every movement of somebody's tokens that another address sent, under an approval that the exhibits show.

    An approval counts from its own transaction on, until the owner gives the same spender another, or none. In
    order of the ledger. A transaction of which nothing shows who sent it is passed over.
    """
    events = ledger.events()
    given = _given(ledger, events)
    if not given:
        return []
    spenders = _spenders(events)
    return sorted(
        (s for act in acts(ledger, _touched(ledger, given)) for s in _of(act, given, spenders)),
        key=lambda s: (s.act.order, s.owner, s.asset),
    )


_Given = dict[tuple[str, str, str], list[Approval]]


def _given(ledger: Ledger, events: pa.Table) -> _Given:
    """(chain, owner, token contract) -> approvals in order."""
    part = events.filter(pc.is_in(events["kind"], value_set=pa.array(_GIVEN)))
    made = ledger.transactions()
    here = made.filter(pc.is_in(keys(made, "id"), value_set=keys(part).unique()))
    places = {(row["chain"], row["id"]): order(row) for row in here.to_pylist()}
    found: _Given = {}
    for row in part.to_pylist():
        if row["asset"] is None or row["other"] is None:
            continue
        unknown = row["amount"] is None and row["wide"] is None
        place = places.get((row["chain"], row["tx"])) or order({**row, "id": row["tx"], "index": None})
        approval = Approval(
            tx=row["tx"],
            order=(place, -1 if row["index"] is None else row["index"]),
            spender=row["other"],
            amount=None if unknown else amounts.join(row["amount"], row["wide"]),
        )
        key = (row["chain"], plain(row["address"]), contract(row["asset"]) or "")
        found.setdefault(key, []).append(approval)
    return {key: sorted(given, key=lambda a: (a.order, a.tx, a.spender)) for key, given in sorted(found.items())}


def _spenders(events: pa.Table) -> dict[tuple[str, str, str, str], set[str]]:
    """(chain, transaction, owner, token contract) -> who the exhibits show to have moved the tokens."""
    found: dict[tuple[str, str, str, str], set[str]] = {}
    for row in events.filter(pc.equal(events["kind"], "spend")).to_pylist():
        if row["other"] is not None and row["asset"] is not None and not inferred(row):
            key = (row["chain"], row["tx"], plain(row["address"]), contract(row["asset"]) or "")
            found.setdefault(key, set()).add(plain(row["other"]))
    return found


def _touched(ledger: Ledger, given: _Given) -> pa.ChunkedArray:
    """The transactions in which one of the owners pays."""
    moved = ledger.transfers()
    owners = {owner for _, owner, _ in given}
    texts = [text for text in moved["src"].unique().to_pylist() if text is not None and plain(text) in owners]
    return keys(moved.filter(pc.is_in(moved["src"], value_set=pa.array(texts, pa.string()))))


def _of(act: Act, given: _Given, spenders: dict[tuple[str, str, str, str], set[str]]) -> Iterator[Spending]:
    if act.sender is None:
        return
    paid: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for move in act.moves:
        token = contract(move.asset)
        if token is None or move.src is None or move.dst is None or plain(move.src) == plain(act.sender):
            continue
        if move.excluded is None and (act.chain, plain(move.src), token) in given:
            paid.setdefault((move.src, move.asset), []).append((move.dst, move.amount))
    for (owner, asset), parts in sorted(paid.items()):
        key = (act.chain, plain(owner), contract(asset) or "")
        said = spenders.get((act.chain, act.tx, key[1], key[2])) or {plain(n) for n in (act.sender, act.to) if n}
        approval = _in_force(given[key], act, said)
        if approval is not None:
            yield Spending(
                act=act,
                owner=owner,
                asset=asset,
                amount=sum(amount for _, amount in parts),
                takers=tuple(sorted({name for name, _ in parts})),
                approval=approval,
            )


def _in_force(given: list[Approval], act: Act, said: set[str]) -> Approval | None:
    """The latest approval, not taken back, of one of those who may have moved the tokens."""
    last: dict[str, Approval] = {}
    for approval in given:
        if approval.order[0] <= act.order and plain(approval.spender) in said:
            # What is spent to nothing is not taken back: a token may log the rest of an approval as it shrinks.
            if approval.tx == act.tx and approval.amount == 0:
                continue
            last[plain(approval.spender)] = approval
    live = [a for a in last.values() if a.amount != 0]
    return max(live, key=lambda a: (a.order, a.spender), default=None)


def row(spending: Spending) -> dict[str, Any]:
    """What an assertion's parameters say of one spending."""
    return {"amount": str(spending.amount), "takers": list(spending.takers), "transaction": spending.act.tx}
