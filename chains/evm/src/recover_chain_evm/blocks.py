"""Blocks, and what they credit without any transaction: withdrawals, block rewards, the first balances.

Such credits stand under ids of their own, the same from every exhibit: `withdrawals:HEIGHT`, `rewards:HEIGHT` and
`genesis`. They come after every transaction of their block, so they are given positions that none can have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from recover.sdk import SCHEMAS, Gap, table
from recover_chain_evm import columns, words
from recover_chain_evm.frame import Frame
from recover_chain_evm.networks import Network
from recover_chain_evm.values import account, fields, items, number

Column = Any  # pyarrow has no types to name

GWEI = 10**9
_AFTER = {"withdrawals": 1_000_000, "rewards": 1_000_001, "genesis": 1_000_002}
"""Positions behind every transaction: a block of 10**9 gas has room for fewer than 50,000 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One credit. `what` is withdrawals, rewards or genesis; `index` its number."""

    what: str
    height: int
    address: str
    amount: int
    index: int
    place: int
    block: str | None = None
    time: datetime | None = None

    @property
    def tx(self) -> str:
        return self.what if self.what == "genesis" else f"{self.what}:{self.height}"


def table_of(network: Network, frame: Frame) -> pa.Table:
    """BLOCKS rows from a frame with block, parent, height, time. Not sealed: a header has no proof of work."""
    size = len(frame)
    known = {
        "id": frame.hashes("block"),
        "parent": frame.hashes("parent", optional=True),
        "height": frame.numbers("height"),
        "time": frame.times("time"),
    }
    if frame.problems.places:
        return SCHEMAS["blocks"].empty_table()
    made: pa.Table = table(
        "blocks",
        {
            **known,
            "chain": pa.repeat(network.id, size),
            "sealed": pa.array(np.zeros(size, np.bool_)),
            "stale": pa.array(np.zeros(size, np.bool_)),
            "place": pa.array(frame.places),
        },
    )
    return made


def _index(value: Any) -> int:
    """A withdrawal's number, below 2^63. Raises ValueError."""
    found = number(value, "index")
    if found >= 1 << 63:
        raise ValueError(f"index {str(found)[:20]}... is no number of a withdrawal")
    return found


def withdrawals(listed: Any, *, height: int, place: int, block: str | None = None) -> list[Credit]:
    """A block's withdrawals (EIP-4895), whose amounts are in gwei. Raises KeyError or ValueError."""
    return [
        Credit(
            what="withdrawals",
            height=height,
            address=account(fields(each, "a withdrawal")["address"], "address"),
            amount=number(each["amount"], "amount") * GWEI,
            index=_index(each["index"]),
            place=place,
            block=block,
        )
        for each in items(listed, "withdrawals")
    ]


def rewards(traces: Sequence[Any], place: int) -> list[Credit]:
    """The rewards among `trace_*` entries, in their order. Raises KeyError or ValueError."""
    found: list[Credit] = []
    for value in traces:
        trace = fields(value, "a trace")
        if trace.get("type") == "reward":
            action = fields(trace["action"], "action")
            amount = number(action["value"], "value")
            if not amount:
                continue  # since the Merge some nodes list a reward of nothing
            made = Credit(
                what="rewards",
                height=number(trace["blockNumber"], "blockNumber"),
                address=account(action["author"], "author"),
                amount=amount,
                index=len(found),
                place=place,
            )
            found.append(made)
    return found


def real(network: Network, credits: Sequence[Credit]) -> tuple[list[Credit], list[Gap]]:
    """The credits that the chain's rules allow, and a gap for those that they do not.

    Some nodes still list a block reward in traces of blocks that were made by stake; no such coin came into being.
    """
    limit = network.rewards_below
    false = [c for c in credits if c.what == "rewards" and limit is not None and c.height >= limit]
    if not false:
        return list(credits), []
    gap = Gap(
        code="reward-impossible",
        subject=false[0].tx,
        why=f"Block rewards are listed from height {limit} on, where there are none ({len(false)} here).",
        effect="They are left out: they credit nobody.",
        place=false[0].place,
    )
    return [c for c in credits if c not in false], [gap]


def moved(network: Network, credits: Sequence[Credit]) -> pa.Table:
    """A table of `columns.MOVES`: rewards out of nothing."""
    return columns.moves(
        tx=pa.array([each.tx for each in credits], pa.string()),
        kind="reward",
        src=None,
        dst=pa.array([each.address for each in credits], pa.string()),
        asset=network.native,
        value=words.of_numbers([each.amount for each in credits]),
        index=pa.array([each.index for each in credits], pa.int64()),
        place=pa.array([each.place for each in credits], pa.int64()),
    )


def transactions(network: Network, credits: Iterable[Credit], *, whole: bool) -> pa.Table:
    """A row for each id that credits stand under; `whole` where the exhibit lists all credits of such an id."""
    first: dict[str, Credit] = {}
    for each in credits:
        first.setdefault(each.tx, each)
    rows = list(first.values())
    return columns.transactions(
        network.id,
        len(rows),
        id=pa.array([each.tx for each in rows], pa.string()),
        time=pa.array([each.time for each in rows], pa.timestamp("us", tz="UTC")),
        height=pa.array([each.height for each in rows], pa.int64()),
        index=pa.array([_AFTER[each.what] for each in rows], pa.int64()),
        failed=pa.array(np.zeros(len(rows), np.bool_)),
        whole=pa.array(np.full(len(rows), whole)),
        block=pa.array([each.block for each in rows], pa.string()),
        place=pa.array([each.place for each in rows], pa.int64()),
    )
