"""A list of victims as CSV or XLSX: a header with the names of fields, and one row a payment."""

from __future__ import annotations

from recover.recognise import handed
from recover.sdk.errors import Error
from recover.victims.questions import checked

Said = list[tuple[str, dict[str, str]]]
"""(where it stands, what was said), row by row."""


def read(name: str, data: bytes) -> Said:
    """Every row that says something. Raises Error naming the line that cannot be read."""
    found: Said = []
    for line, said in handed.rows(name, data, _unreadable):
        where = f"{name}, line {line}"
        found.append((where, checked(said, where)))
    return found


def _unreadable(name: str, why: str) -> Error:
    return Error(
        "intake-unreadable",
        f"{name} is not taken in.",
        f"{why[0].upper()}{why[1:]}.",
        "Nothing of it was stored. Save it as CSV, with amounts and ids as text, and import it again.",
    )
