"""Substitutes: how value came that no loss declared there: by an exchange, or over a bridge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk import amounts
from recover.trails.passages import FOLLOWED
from recover.trails.swaps import Swap


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """How value came in by a movement: `owner` gave `gave` of `asset` in `tx` for `bought` of `into`.

    `returned` is what of `gave` came back in `tx`. `given` is what of each loss was in what was given, `had` what
    of each counts as had by this movement, in base units of each. `back`: the movement is the one that gave a part
    of `asset` itself back.
    """

    tx: str
    owner: str
    asset: str
    gave: int
    returned: int
    into: str
    bought: int
    given: Mapping[str, int]
    had: Mapping[str, int]
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """How value came to a movement through a bridge: `address` sent it in `tx` on `chain`, under `key`."""

    protocol: str
    key: str
    chain: str
    tx: str
    address: str


def came(case: Case, exchanged: Sequence[Swap]) -> dict[int, Came]:
    """By movement of the ledger, the exchange that brought it, where it brought value of a loss.

    Payments out of a bridge are none: `Over` says where these came from.
    """
    table = derived.read(case, "exchanges")
    had: dict[int, dict[str, int]] = {}
    columns = (table.column(name).to_pylist() for name in ("seq", "loss"))
    for seq, loss, amount in zip(*columns, amounts.exact(table), strict=True):
        had.setdefault(seq, {})[loss] = amount
    ended = _ended(case) if had else {}
    found: dict[int, Came] = {}
    for swap in (swap for swap in exchanged if not swap.crossed):
        given: dict[str, int] = {}
        for seq in swap.out:
            for loss, amount in ended.get(seq, {}).items():
                given[loss] = given.get(loss, 0) + amount
        for seq, back in [(seq, False) for seq, _ in swap.back] + [(seq, True) for seq, _ in swap.refunds]:
            if seq in had:
                found[seq] = Came(
                    tx=swap.tx,
                    owner=swap.owner,
                    asset=swap.asset,
                    gave=swap.gross,
                    returned=swap.gross - swap.sold,
                    into=swap.asset if back else swap.into,
                    bought=swap.gross - swap.sold if back else swap.bought,
                    given=given,
                    had=had[seq],
                    back=back,
                )
    return found


def _ended(case: Case) -> dict[int, dict[str, int]]:
    """By movement, what of each loss ended with it under the declared rule."""
    flows = derived.read(case, "flows")
    part = flows.filter(pc.equal(flows.column("event"), "end"))
    found: dict[int, dict[str, int]] = {}
    columns = (part.column(name).to_pylist() for name in ("seq", "loss"))
    for seq, loss, amount in zip(*columns, amounts.exact(part), strict=True):
        found.setdefault(seq, {})[loss] = amount
    return found


def bridged(case: Case) -> dict[int, Over]:
    """By movement that paid out of a bridge what is traced on, what went in."""
    names = ("protocol", "key", "chain", "tx", "address")
    rows = derived.read(case, "crossings").to_pylist()
    paid = (row for row in rows if row["state"] == FOLLOWED)
    return {seq: Over(**{name: row[name] for name in names}) for row in paid for seq in row["to_legs"]}
