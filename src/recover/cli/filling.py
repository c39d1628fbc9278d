"""How much of the register is filled: by kind and field, and what no source says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recover.cli import screen
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.sdk.addressee import Addressee


def kinds(entries: Sequence[Addressee]) -> dict[str, dict[str, int]]:
    """By kind: how many entries, and how many say something in each field."""
    from recover.registers import addressees

    known = sorted({entry.kind for entry in entries})
    rows = {kind: [entry for entry in entries if entry.kind == kind] for kind in known}
    return {kind: {"entries": len(mine), **addressees.filled(mine)} for kind, mine in rows.items()}


def show(entries: Sequence[Addressee]) -> None:
    """The same as a table, and of how many nobody knows how deposits are told apart."""
    from recover.registers.addressees import FIELDS

    columns = (Column(title="Kind"), Column(title="Entries", right=True))
    columns += tuple(Column(title=f"with {name}", right=True) for name in FIELDS)  # type: ignore[assignment]
    rows = [
        [
            kind,
            str(found["entries"]),
            *(f"{found[name]} ({found[name] * 100 // found['entries']} %)" for name in FIELDS),
        ]
        for kind, found in kinds(entries).items()
    ]
    screen.table(columns, rows, "no entries")
    unsaid(entries)


def unsaid(entries: Sequence[Addressee]) -> None:
    """Says of how many services no source was found that tells how they know whose a deposit is."""
    from recover.registers import addressees

    unknown, of = len(addressees.unsaid(entries)), sum(entry.kind in addressees.NAMED for entry in entries)
    if unknown:
        which = "this service" if of == 1 else f"{unknown} of these {of} services that take deposits"
        screen.remark(
            f"Whether deposits are told apart by memo or by address is not known of {which}. There, and on chains "
            "that an entry does not name, what is usual on the chain counts."
        )
