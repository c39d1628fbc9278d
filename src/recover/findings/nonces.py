"""Sent transactions held against their numbers: an account counts what it sends from 0, so one left out shows.

A transaction's number (`nonce` in its facts) is read where an exhibit gives it, and the account's count at a block
where a state of kind `nonce` does. Method: yellow paper 4.1 and 6.2; a failed transaction uses its number too. An
account whose key signed a delegation (EIP-7702) uses a number for it without sending anything, so that nothing
follows from a gap in its numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.stops import Place

_FROM = r'"from":"(?P<sender>[^"]+)"'
_NUMBER = r'"nonce":(?P<number>[0-9]+)'
_ROWS = 20
"""So many intervals are told one by one; of more, the last stands for all that follow."""


@dataclass(slots=True, kw_only=True)
class Sent:
    """The numbers of an address's sent transactions, each with its height and the exhibits that show it."""

    heights: dict[int, int | None] = field(default_factory=dict)
    exhibits: set[int] = field(default_factory=set)
    delegates: bool = False


def sent(transactions: pa.Table, places: set[Place]) -> Mapping[Place, Sent]:
    """What each of `places` sent, of which an exhibit gives the number."""
    facts = transactions["facts"]
    named = pc.and_(pc.match_substring(facts, '"nonce":'), pc.match_substring(facts, '"from":"'))
    rows = transactions.filter(pc.and_(named, pc.invert(transactions["reorganised"])))
    if not rows.num_rows:
        return {}
    senders = pc.struct_field(pc.extract_regex(rows["facts"], _FROM), "sender")
    wanted = pc.is_in(senders, value_set=pa.array(sorted({address for _, address in places}), pa.string()))
    signed = pc.match_substring(rows["facts"], '"delegates":')
    delegating = " ".join(rows.filter(signed)["facts"].to_pylist())
    rows, senders = rows.filter(wanted), senders.filter(wanted)
    numbers = pc.struct_field(pc.extract_regex(rows["facts"], _NUMBER), "number").cast(pa.int64())
    columns = (rows["chain"].to_pylist(), senders.to_pylist(), numbers.to_pylist(), rows["height"].to_pylist())
    found: dict[Place, Sent] = {}
    for chain, sender, number, height, exhibits in zip(*columns, rows["exhibits"].to_pylist(), strict=True):
        if (chain, sender) in places:
            mine = found.setdefault((chain, sender), Sent(delegates=sender in delegating))
            mine.heights[number] = height
            mine.exhibits.update(exhibits)
    return found


def checked(mine: Sent | None, counts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each run of numbers that no exhibit shows; else that all are here, up to the last count or the last sent.

    `counts` are states of kind `nonce`, in the order of heights: how many transactions were sent up to a block.
    """
    if mine is None and not counts:
        return
    mine = mine or Sent()
    exhibits = sorted(mine.exhibits | {row["exhibit"] for row in counts})
    count, until = max(((row["exact"], row["height"]) for row in counts), default=(0, None))
    last = max(mine.heights, default=-1)
    if last >= count:
        count, until = last + 1, mine.heights[last]
    runs = list(_runs([number for number in range(count) if number not in mine.heights])) if count else []
    if mine.delegates and runs:
        why = "its key signed delegations, which use numbers of their own: a missing number shows nothing"
        yield {"answer": "not provable", "by": "nonce", "why": why, "exhibits": exhibits}
        return
    for first, end in _told(runs):
        lacking = sum(min(b, end) - a + 1 for a, b in runs if first <= a <= end)
        which = f"number {first}" if first == end else f"{lacking} of the numbers {first} to {end}"
        yield {
            "answer": "short",
            "by": "nonce",
            "since_height": mine.heights.get(first - 1),
            "until_height": mine.heights.get(end + 1, until),
            "why": f"its sent transactions are numbered, and {which} of {count} "
            f"{'is' if first == end else 'are'} in no exhibit",
            "exhibits": exhibits,
        }
    if not runs:
        why = f"all {count} of its sent transactions are here, by their numbers"
        yield {"answer": "whole", "by": "nonce", "until_height": until, "why": why, "exhibits": exhibits}


def _runs(missing: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The missing numbers as intervals, both ends included."""
    start: int | None = None
    for place, number in enumerate(missing):
        start = number if start is None else start
        if place + 1 == len(missing) or missing[place + 1] != number + 1:
            yield start, number
            start = None


def _told(runs: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    if len(runs) <= _ROWS:
        return runs
    return [*runs[: _ROWS - 1], (runs[_ROWS - 1][0], runs[-1][1])]
