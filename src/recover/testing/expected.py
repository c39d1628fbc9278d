"""What an example must come to, stated by its author from the protocol: the one thing that no kit can work out.

A decoder that swaps payer and payee, takes 18 decimals for 6 or loses a fee gives tables that hold together. Only
somebody who knows what really happened sees it. Take the figures from a second explorer, a node, the protocol's
own test vectors or a sheet of paper; never from the decoder, or its mistakes are stated with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from recover.sdk import Exhibit, amounts

Rows = dict[str, list[dict[str, Any]]]
Party = tuple[str | None, str]
"""(address, asset); the address is None for what nobody has: a fee, something minted or burned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What one transaction did, whole: every party that has more or less of an asset after it.

    `nets` is (address, asset) -> what the address has more (or, negative, less) in base units, fees included; an
    address None is where fees, mints and burns end. A party that is not named must come out even. A failed
    transaction has moved its fee and nothing else. `outputs` is (address, amount) in order, of a coin chain; `fee`
    is what a coin chain's transaction leaves to the miner.
    `memos` is address -> the memo of what reached it; `accounts` is (address, asset) -> the sub-account that
    moved. `view` picks one record where the example lists the transaction under several addresses. The rest as in
    `recover.sdk.Transaction`; what is None is not stated.
    """

    id: str
    nets: Mapping[Party, int]
    time: datetime | None = None
    height: int | None = None
    index: int | None = None
    failed: bool | None = None
    view: str | None = None
    outputs: tuple[tuple[str | None, int], ...] | None = None
    fee: int | None = None
    memos: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[Party, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What one example must come to, and where its author has that from.

    `decimals` is asset -> decimals as the protocol or the contract has them. `rows` is table -> rows that must be
    there, each by the columns that matter: for labels, states, events and whatever else is no movement.
    """

    example: Exhibit
    taken: str
    transactions: tuple[Stated, ...] = ()
    decimals: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)


def differences(stated: Expected, found: Rows) -> Iterator[str]:
    """One sentence for each thing that decoding gave otherwise than stated."""
    for each in stated.transactions:
        yield from _transaction(each, found)
    for asset, decimals in stated.decimals.items():
        given = sorted({row["decimals"] for row in found["assets"] if row["asset"] == asset}, key=repr)
        if given != [decimals]:
            yield f"{asset} has {decimals} decimals, and the assets table gives {given or 'none'}"
    for name, rows in stated.rows.items():
        for wanted in rows:
            if not any(_has(row, wanted) for row in found[name]):
                # The nearest row tells more than a hundred others.
                near = max(found[name], key=partial(_alike, wanted), default=None)
                shown = {k: near.get(k) for k in wanted} if near else "no rows at all"
                yield f"no row of {name} is {dict(wanted)}; the nearest: {shown}"


def unstated(expected: tuple[Expected, ...], found: Rows) -> list[str]:
    """What the examples show and no expectation states: there a mistake would go unseen."""
    told = [each for one in expected for each in one.transactions]
    rows = {name for one in expected for name, listed in one.rows.items() if listed}
    legs, made = found["legs"], found["transactions"]
    shown = {
        "the nets of a transaction": (bool(legs), any(each.nets for each in told)),
        "a transaction's time": (_any(made, "time"), any(each.time for each in told)),
        "a transaction's height": (_any(made, "height"), any(each.height is not None for each in told)),
        "a transaction's index in its block": (_any(made, "index"), any(e.index is not None for e in told)),
        "a failed transaction (failed=True)": (
            any(row["failed"] for row in made),
            any(each.failed for each in told),
        ),
        "the outputs of a transaction in order": (
            any(leg["kind"] == "output" for leg in legs),
            any(each.outputs for each in told),
        ),
        "a memo": (_any(legs, "memo"), any(each.memos for each in told)),
        "a sub-account": (_any(legs, "account"), any(each.accounts for each in told)),
        "the decimals of an asset": (_any(found["assets"], "decimals"), any(one.decimals for one in expected)),
    }
    shown |= {f"a row of {name}": (bool(found[name]), name in rows) for name in _STATED}
    return [what for what, (there, said) in shown.items() if there and not said]


_STATED = ("assertions", "states", "events", "prices")
"""Tables of which at least one row must be stated by `rows` where an example has any."""


def _any(rows: list[dict[str, Any]], column: str) -> bool:
    return any(row[column] is not None for row in rows)


def _has(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(name in row and _value(row, name) == value for name, value in wanted.items())


def _alike(wanted: Mapping[str, Any], row: Mapping[str, Any]) -> int:
    return sum(name in row and _value(row, name) == value for name, value in wanted.items())


def _value(row: Mapping[str, Any], name: str) -> Any:
    # An author states one number, whichever of the two columns holds it.
    return _exact(row) if name == "amount" and "wide" in row else row[name]


def _exact(row: Mapping[str, Any]) -> int | None:
    unknown = row["amount"] is None and row["wide"] is None
    return None if unknown else amounts.join(row["amount"], row["wide"])


def _transaction(each: Stated, found: Rows) -> Iterator[str]:
    rows = [
        row
        for row in found["transactions"]
        if row["id"] == each.id and (each.view is None or row["view"] == each.view)
    ]
    if len(rows) != 1:
        more = "; state its `view`" if len(rows) > 1 else ""
        yield f"transaction {each.id} is decoded {len(rows)} times, and stated once{more}"
        return
    row = rows[0]
    legs = [leg for leg in found["legs"] if (leg["tx"], leg["view"]) == (row["id"], row["view"])]
    for name in ("time", "height", "index", "failed"):
        wanted = getattr(each, name)
        if wanted is not None and row[name] != wanted:
            yield f"{name} of {each.id} is {wanted}, and decoded as {row[name]}"
    # Of a failed transaction the fee alone is taken: what it attempted may stand there, and never moves.
    yield from _nets(each, [leg for leg in legs if leg["kind"] == "fee"] if row["failed"] else legs)
    if each.outputs is not None:
        listed = sorted((leg for leg in legs if leg["kind"] == "output"), key=lambda leg: leg["index"] or 0)
        outputs = tuple((leg["address"], _exact(leg)) for leg in listed)
        if outputs != each.outputs:
            yield f"the outputs of {each.id} are {each.outputs}, and decoded as {outputs}"
    if each.fee is not None and (left := -sum(_exact(leg) or 0 for leg in legs)) != each.fee:
        yield f"{each.id} leaves a fee of {each.fee}, and {left} as decoded"
    got = {(leg["address"], leg["memo"]) for leg in legs if leg["memo"] is not None}
    for address, memo in each.memos.items():
        if (address, memo) not in got:
            yield f"{each.id} pays {address} with the memo {memo!r}, and the decoded memos are {sorted(got)}"
    held = {(leg["address"], leg["asset"], leg["account"]) for leg in legs if leg["account"] is not None}
    for (whose, asset), account in each.accounts.items():
        if (whose, asset, account) not in held:
            yield f"{each.id} moves {asset} of {whose} in the account {account}; decoded accounts: {sorted(held)}"


def _nets(each: Stated, legs: list[dict[str, Any]]) -> Iterator[str]:
    nets: dict[Party, int] = {}
    for leg in legs:
        party = leg["address"], leg["asset"]
        nets[party] = nets.get(party, 0) + (_exact(leg) or 0)
    for party in sorted({*nets, *each.nets}, key=repr):
        wanted, got = each.nets.get(party, 0), nets.get(party, 0)
        if wanted != got:
            who = party[0] or "nobody (fees, mints, burns)"
            yield f"in {each.id}, {who} has {wanted:+} of {party[1]}, and {got:+} as decoded"
