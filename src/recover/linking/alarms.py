"""Signs that addresses of different owners were joined, or nearly: each a gap that names the transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.linking.clustering import Numbers, cuts
from recover.linking.members import Owner
from recover.linking.ownership import LETTERS, REFUSED, Web, flattened
from recover.sdk.records import Gap

# One wrong edge is enough: where it joins two owners of 1,000 addresses each, half of all pairs in the cluster are
# wrong.
LARGE = 1_000
"""So many addresses make a cluster large: then one transaction alone should not double it."""

SHARE = 100
"""A large cluster with more than one in so many of all addresses is more likely a wrong merge than an owner."""

_NAMED = 20


def alarms(web: Web, found: Mapping[int, Owner], addresses: int) -> list[Gap]:
    """What looks wrong in one web; `addresses` is how many the ledger of its chain has. In order of subject."""
    gaps = [*_refused(web), *_rivals(web, found), *_cut(web), *_largest(web, addresses)]
    return sorted(gaps, key=lambda gap: (gap.code, gap.subject, gap.why))


def _refused(web: Web) -> Iterator[Gap]:
    """One gap for each two clusters that were kept apart."""
    rows = np.flatnonzero(web.state == REFUSED)
    pairs: dict[tuple[int, int], list[int]] = {}
    for row in rows.tolist():
        ends = sorted((int(web.root[web.one[row]]), int(web.root[web.two[row]])))
        pairs.setdefault((ends[0], ends[1]), []).append(row)
    # Reversed, so that of several labels in one cluster the first is the one that is named.
    sure = {int(web.root[m.number]): m for m in reversed(web.marks) if m.grade <= LETTERS.index("B")}
    for pair, between in sorted(pairs.items()):
        known = [sure[root] for root in pair]
        names = [f"{_name(web, m.number)} (a label of grade {LETTERS[m.grade]} says {m.service})" for m in known]
        first = between[0]
        yield Gap(
            code="merge-refused",
            subject=_name(web, known[0].number),
            why=f"{_name(web, int(web.one[first]))} and {_name(web, int(web.two[first]))} are asserted to have "
            f"one owner, which would join {names[0]} and {names[1]}: {_transactions(web, between)}.",
            effect="The two are kept apart. What lies between them stands on the side that the surer assertion, "
            "then the smaller address, put it on, and is given to a service with grade D at best.",
        )


def _rivals(web: Web, found: Mapping[int, Owner]) -> Iterator[Gap]:
    for root, owner in found.items():
        if len(owner.named) < 2:
            continue
        said = ", ".join(f"{service} ({LETTERS[grade]})" for service, grade in owner.named.items())
        yield Gap(
            code="cluster-conflict",
            subject=_name(web, root),
            why=f"Addresses of one cluster are labelled with different services: {said}.",
            effect=f"Its unlabelled addresses are taken as {owner.service}'s, by the surest label."
            if owner.service
            else "Its unlabelled addresses are given to no service, and tracing does not stop there.",
        )


def _cut(web: Web) -> Iterator[Gap]:
    """Clusters of two large parts that one transaction alone holds together."""
    rows = web.counting()
    roots = web.root[web.one[rows]]
    sizes = np.bincount(web.root, minlength=len(web))
    # A smaller cluster has no two parts that are large.
    for root in np.flatnonzero(sizes > 2 * LARGE).tolist():
        mine = rows[roots == root]
        events = _events(web, mine)
        for cut in cuts(events.one, events.two, events.number, LARGE):
            yield Gap(
                code="cluster-collapse",
                subject=_name(web, root),
                why=f"{events.name(cut.event)} alone joins two parts of this cluster, of {cut.parts[0]:,} and "
                f"{cut.parts[1]:,} addresses.",
                effect="If that transaction has inputs of two owners, the entity is two.",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Events:
    """Edges once for each transaction they rest on; an assertion without any is an event of its own.

    `number` is a place in `transactions`, or behind them in `bare`, the methods of assertions without any.
    """

    one: Numbers
    two: Numbers
    number: Numbers
    transactions: pa.Array
    bare: pa.Array

    def name(self, number: int) -> str:
        if number < len(self.transactions):
            return f"transaction {self.transactions[number]}"
        return f"an assertion by {self.bare[number - len(self.transactions)]}"


def _events(web: Web, rows: NDArray[np.int64]) -> _Events:
    flat, parent = flattened(web.rows.column("transactions").take(pa.array(rows)))
    distinct = pc.unique(flat)
    bare = np.flatnonzero(np.bincount(parent, minlength=len(rows)) == 0)
    numbers = pc.index_in(flat, value_set=distinct).to_numpy()
    # Numbers from `len(distinct)` on are assertions without a transaction, each an event of its own.
    edge = rows[np.concatenate([parent, bare])]
    return _Events(
        one=web.one[edge],
        two=web.two[edge],
        number=np.concatenate([numbers, len(distinct) + np.arange(len(bare))]).astype(np.int32),
        transactions=distinct,
        bare=web.rows.column("method").take(pa.array(rows[bare])).combine_chunks(),
    )


def _largest(web: Web, addresses: int) -> Iterator[Gap]:
    sizes = np.bincount(web.root, minlength=len(web))
    for root in np.flatnonzero((sizes > LARGE) & (sizes * SHARE > addresses)).tolist():
        yield Gap(
            code="cluster-large",
            subject=_name(web, root),
            why=f"This cluster has {int(sizes[root]):,} of the {addresses:,} addresses here.",
            effect="So large a part is more often a wrong merge than one owner; look at what joins it.",
        )


def _name(web: Web, number: int) -> str:
    name: str = web.names[number].as_py()
    return name


def _transactions(web: Web, rows: Sequence[int]) -> str:
    flat, _ = flattened(web.rows.column("transactions").take(pa.array(rows)))
    found = pc.unique(flat).to_pylist()
    if not found:
        return "no transaction is named"
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    word = "transaction" if len(found) == 1 else "transactions"
    return f"{word} {', '.join(found[:_NAMED])}{more}"
