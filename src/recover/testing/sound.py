"""Whether decoded tables hold together: sums, pairs, numbering, ids and places. It needs no word of the author."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from recover.sdk import SCHEMAS, Exhibit, amounts
from recover.testing.kit import CAIP19

_LINE = re.compile(rb"\r\n|\n|\r")

Rows = dict[str, list[dict[str, Any]]]


def faults(found: Rows, example: Exhibit, chains: tuple[str, ...], unit: str) -> list[str]:
    """What is wrong with the tables that an exhibit gave, one sentence each."""
    wrong = [*_sums(found), *_coins(found), *_orphans(found), *_ids(found, chains)]
    return wrong + _places(found, _last_place(example.data, unit))


def _sums(found: Rows) -> list[str]:
    whole = {_tx(row, "id") for row in found["transactions"] if row["whole"]}
    coins = {_tx(leg, "tx") for leg in found["legs"] if leg["kind"] in COIN}
    totals: dict[tuple[object, ...], int] = {}
    pairs: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for leg in found["legs"]:
        key = _tx(leg, "tx")
        # Every transaction sums to zero in each asset: wrong decimals, a missed leg and a missed fee all show
        # here.
        if key in whole and key not in coins:
            totals[*key, leg["asset"]] = totals.get((*key, leg["asset"]), 0) + _amount(leg)
        if leg["pair"] is not None:
            pairs.setdefault((*key, leg["pair"]), []).append(leg)
    faults = [f"whole transaction {key[1]} sums to {total} in {key[3]}" for key, total in totals.items() if total]
    for paired, legs in pairs.items():
        if len(legs) != 2 or len({leg["asset"] for leg in legs}) != 1 or sum(_amount(leg) for leg in legs) != 0:
            faults.append(
                f"pair {paired[3]} of transaction {paired[1]} is not two legs of one asset that sum to zero"
            )
        elif sum(leg["out"] for leg in legs) != 1:
            faults.append(f"pair {paired[3]} of transaction {paired[1]} does not say which leg leaves")
    return faults


COIN = ("input", "output")
"""Kinds of legs on coin chains: there the core works out the fee, so what is listed sums to it and not to zero."""


def _coins(found: Rows) -> list[str]:
    """What is wrong with transactions that spend outputs: gaps in numbering, a fee leg, more out than in."""
    coins: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for leg in found["legs"]:
        coins.setdefault(_tx(leg, "tx"), []).append(leg)
    whole = {_tx(row, "id") for row in found["transactions"] if row["whole"]}
    faults = []
    for key, legs in coins.items():
        kinds = {leg["kind"] for leg in legs}
        unknown = [leg for leg in legs if leg["amount"] is None and leg["wide"] is None]
        if any(leg["kind"] not in ("input", "fee") for leg in unknown):
            faults.append(f"a leg of {key[1]} that is no input and no fee has no amount")
        if not kinds & set(COIN):
            continue
        if kinds - {*COIN, "reward"}:
            faults.append(
                f"{key[1]} has inputs or outputs and also {', '.join(sorted(kinds - {*COIN, 'reward'}))}"
            )
        for kind in COIN:
            numbers = sorted(leg["index"] for leg in legs if leg["kind"] == kind and leg["index"] is not None)
            if key in whole and numbers != list(range(sum(leg["kind"] == kind for leg in legs))):
                faults.append(f"the {kind}s of whole transaction {key[1]} are not numbered 0, 1, 2 ...")
        if any(leg["spends_tx"] is None or leg["spends_index"] is None for leg in legs if leg["kind"] == "input"):
            faults.append(f"an input of {key[1]} does not name the output that it spends")
        total = sum(_amount(leg) for leg in legs)
        if key in whole and not unknown and total > 0:
            faults.append(f"{key[1]} pays more than it spends")
        if key in whole and "reward" in kinds and total != 0:
            faults.append(f"{key[1]} sums to {total}: a coinbase's reward is what its outputs hold")
    return faults


def _orphans(found: Rows) -> list[str]:
    known = {_tx(row, "id") for row in found["transactions"]}
    lost = {_tx(leg, "tx") for leg in found["legs"]} - known
    return [f"legs of {key[1]} (view {key[2]}) belong to no transaction" for key in sorted(lost, key=repr)]


def _ids(found: Rows, chains: tuple[str, ...]) -> list[str]:
    faults = []
    for name in ("transactions", "legs", "blocks", "events", "states", "coverage", "assertions"):
        strange = {row["chain"] for row in found[name] if chains != ("*",) and row["chain"] not in chains}
        faults += [f"{name} on {chain}, which the source does not name" for chain in sorted(strange)]
    for name in ("legs", "assets"):
        strange = {row["asset"] for row in found[name] if not CAIP19.fullmatch(row["asset"])}
        faults += [f"{asset!r} in {name} is no CAIP-19 id" for asset in sorted(strange)]
    faults += [f"leg of {leg['asset']} on {leg['chain']}" for leg in found["legs"] if not _on_its_chain(leg)]
    return faults


def _places(found: Rows, last: int) -> list[str]:
    listed = [(name, row["place"]) for name in SCHEMAS for row in found[name]]
    return [f"a row of {name} stands at place {at} of {last}" for name, at in listed if not 0 <= at <= last]


def _last_place(data: bytes, unit: str) -> int:
    """The largest place there can be: lines are counted from 1; an item takes at least a byte."""
    return len(_LINE.findall(data)) + 1 if unit == "line" else len(data)


def _tx(row: Mapping[str, Any], name: str) -> tuple[object, object, object]:
    return row["chain"], row[name], row["view"]


def _amount(leg: Mapping[str, Any]) -> int:
    return 0 if leg["amount"] is None and leg["wide"] is None else amounts.join(leg["amount"], leg["wide"])


def _on_its_chain(leg: Mapping[str, Any]) -> bool:
    return bool(leg["asset"].startswith(leg["chain"] + "/"))
