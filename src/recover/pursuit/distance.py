"""Distance: by how many movements traced value came to an address, from where the loss arrived."""

from __future__ import annotations

from collections import deque

import pyarrow.compute as pc

from recover.case import Case, derived

Place = tuple[str, str]
"""(chain, address); or a transaction of a chain of coins, which stands between those that paid and those paid."""


def hops(case: Case) -> dict[Place, int]:
    """By (chain, address), the fewest movements under the declared rule; 0 is where the loss arrived."""
    flows = derived.read(case, "flows", ["seq", "event"])
    rows = derived.read(case, "transfers", ["seq", "chain", "tx", "src", "dst"])
    rows = rows.filter(pc.is_in(rows["seq"], value_set=pc.unique(flows["seq"])))
    began = set(flows.filter(pc.equal(flows["event"], "start"))["seq"].to_pylist())
    after: dict[Place, list[tuple[Place, int]]] = {}
    found: dict[Place, int] = {}
    for row in rows.to_pylist():
        paid = (row["chain"], row["dst"] or row["tx"])
        payer = (row["chain"], row["src"] or row["tx"])
        if row["seq"] in began:
            found[paid] = 0
        after.setdefault(payer, []).append((paid, 1 if row["dst"] else 0))
    left = deque(found)
    while left:
        place = left.popleft()
        for paid, more in after.get(place, ()):
            if found[place] + more < found.get(paid, 1 << 62):
                found[paid] = found[place] + more
                left.append(paid)
    return found
