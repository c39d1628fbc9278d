"""Which blocks are part of the chain: heights by their links, and branches that lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from recover.ledger import sql
from recover.sdk.records import Gap


@dataclass(slots=True, kw_only=True)
class _Header:
    chain: str
    id: str
    parent: str | None
    height: int | None
    stale: bool
    work: int | None = None
    reach: int = -1
    """The height of the highest block that descends from it."""
    total: int = 0
    """Its own work and that of the descendants on which most was done."""


def settle(db: duckdb.DuckDBPyConnection, *, some: bool) -> list[Gap]:
    """Makes the table `headers`, and takes the position from transactions in blocks that are not on the chain.

    `some`: whether any exhibit holds a block.

    Of two blocks at one height, that one counts on and after which more work was done, where their headers prove
    any: a longer branch can be made of easy blocks. Where none proves any, the one from which the higher tip
    descends. Where both are equal and no node called one stale, neither counts, and the gap says so.
    """
    # Before anything is joined: what stands in a block that lost would contradict, on its place in the chain, an
    # exhibit that shows the block that won.
    db.execute(sql.HEADERS)
    if not some:
        return []
    # In the order of content: where links do not fit each other, the outcome is the same whatever came first.
    rows = db.execute("select chain, id, parent, height, stale, work from headers order by all").fetchall()
    headers = [
        _Header(chain=c, id=i, parent=p, height=h, stale=s, work=None if w is None else int(w))
        for c, i, p, h, s, w in rows
    ]
    _heights(headers)
    gaps = list(_branches(headers))
    _write(db, headers)
    db.execute(sql.UNSETTLED)
    return gaps


def _heights(headers: Sequence[_Header]) -> None:
    """Heights along the links, from blocks that say theirs, first upward and then downward."""
    known = {(h.chain, h.id): h for h in headers}
    children: dict[tuple[str, str], list[_Header]] = {}
    for header in headers:
        if header.parent is not None:
            children.setdefault((header.chain, header.parent), []).append(header)
    work = [h for h in headers if h.height is not None]
    # A loop, not a recursion: a run of headers is longer than Python's stack is deep.
    while work:
        header = work.pop()
        assert header.height is not None
        near = [(child, header.height + 1) for child in children.get((header.chain, header.id), ())]
        before = known.get((header.chain, header.parent)) if header.parent else None
        if before is not None and header.height > 0:
            near.append((before, header.height - 1))
        for other, height in near:
            if other.height is None:
                other.height = height
                work.append(other)


def _branches(headers: Sequence[_Header]) -> Iterator[Gap]:
    """Marks what lost as stale. Yields a gap where it is not settled which did."""
    # From the top down, so that what a block reaches is known before its parent is looked at.
    placed = sorted((h for h in headers if h.height is not None), key=lambda h: -(h.height or 0))
    known = {(h.chain, h.id): h for h in placed}
    by_height: dict[tuple[str, int], list[_Header]] = {}
    for header in placed:
        # A block that a node called stale adds no height of its own to its branch.
        if not header.stale:
            header.reach = max(header.reach, header.height or 0)
            header.total += header.work or 0
        before = known.get((header.chain, header.parent)) if header.parent else None
        if before is not None:
            before.reach = max(before.reach, header.reach)
            before.total = max(before.total, header.total)
        by_height.setdefault((header.chain, header.height or 0), []).append(header)
    for (chain, height), rivals in sorted(by_height.items()):
        live = [h for h in rivals if not h.stale]
        if len(live) < 2:
            continue
        best = _best(live)
        for header in live:
            # Equal tips: the next block will decide, and no exhibit has it. To pick one would be a guess.
            header.stale = header not in best or len(best) > 1
        if len(best) > 1:
            yield Gap(
                code="reorganised",
                subject=f"{chain}:{best[0].id}",
                why=f"Exhibits hold {len(best)} blocks at height {height}; none shows which the chain kept.",
                effect="Transactions that stand only in these blocks are not followed.",
            )
        elif best[0].reach < max(h.reach for h in live):
            yield Gap(
                code="reorganised",
                subject=f"{chain}:{best[0].id}",
                why=f"Exhibits hold {len(live)} blocks at height {height}. The one on which most work was done "
                "counts, though another reaches higher.",
                effect="Transactions that stand only in the longer branch are not followed.",
            )


def _best(rivals: Sequence[_Header]) -> list[_Header]:
    """Those of one height for which most speaks: work where it is proved, and of equal work the height reached.

    A branch that proves no work and is longer than one that does may be anybody's: then nothing is settled.
    """
    proved = [h for h in rivals if h.total] or list(rivals)
    most = max((h.total, h.reach) for h in proved)
    if any(h.reach > most[1] for h in rivals if not h.total and most[0]):
        return list(rivals)
    return [h for h in proved if (h.total, h.reach) == most]


def _write(db: duckdb.DuckDBPyConnection, headers: Sequence[_Header]) -> None:
    columns = {
        "chain": [h.chain for h in headers],
        "id": [h.id for h in headers],
        "height": pa.array([h.height for h in headers], pa.int64()),
        "stale": [h.stale for h in headers],
    }
    db.register("settled", pa.table(columns))
    db.execute(
        "update headers set height = s.height, stale = s.stale from settled s "
        "where s.chain = headers.chain and s.id = headers.id"
    )
