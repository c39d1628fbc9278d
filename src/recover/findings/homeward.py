"""Homeward: traced value that came back to addresses out of which declared losses were paid."""

from __future__ import annotations

from collections.abc import Iterator

from recover.findings.evidence import Row, Slots
from recover.findings.material import Material, at

_LISTED = 10
"""So many transactions are named."""


def returned(material: Material) -> Iterator[Row]:
    """What is left there, or not followed from there."""
    # Where the history is not whole, exhibits can show payments on: that nothing left is then not said.
    unfollowed = material.left("uncollected")
    for (address, asset), (amount, whole) in sorted(material.returned().items()):
        losses = material.payers[at(address, asset)]
        slots: Slots = {
            "asset": asset,
            "amount": amount,
            "losses": losses,
            "all": "yes" if amount == whole else "no",
        }
        if (address, asset) in unfollowed:
            slots["history"] = "open"
        yield "returned", address, "", slots, ()


def repaid(material: Material) -> Iterator[Row]:
    """What came back and is followed on."""
    left = material.returned()
    for (address, asset), came in sorted(material.came_home.items()):
        # Where a trace stops, nothing goes on; and what is left there says `returned`.
        if at(address, asset) not in material.halts and came.amount > left.get((address, asset), (0, 0))[0]:
            slots: Slots = {"asset": asset, "amount": came.amount, "losses": came.losses}
            slots |= {"transactions": came.txs[:_LISTED]}
            slots |= {"count": len(came.txs)} if len(came.txs) > _LISTED else {}
            yield "repaid", address, "", slots, ()
