"""Owners: whose sub-account a text names, as the exhibits show it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow.compute as pc

from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.recognise.names import here, recognise
from recover.sdk.errors import Error
from recover.sdk.values import Address

Owners = Mapping[tuple[str, str], frozenset[str]]
"""(chain, sub-account) -> everybody whom the exhibits show with it."""


def owners(case: Case) -> Owners:
    """Whose each sub-account is. Read from what each exhibit decodes to: a loss can be declared before the ledger
    is joined."""
    found: dict[tuple[str, str], set[str]] = {}
    for file in derived.decoded(case, "legs"):
        named = derived.load(case, file, "decode", ["account"]).column("account")
        if named.null_count == len(named):
            continue  # on most chains nobody has one: the other columns need not be read
        rows = derived.load(case, file, "decode", ["chain", "account", "address"])
        rows = rows.filter(pc.and_(pc.is_valid(rows.column("account")), pc.is_valid(rows.column("address"))))
        rows = rows.group_by(rows.column_names, use_threads=False).aggregate([])
        for row in rows.to_pylist():
            found.setdefault((row["chain"], row["account"]), set()).add(row["address"])
    return {place: frozenset(who) for place, who in found.items()}


def owner(known: Owners, named: Address) -> Address | None:
    """The owner of a sub-account, None where no exhibit shows the text as one.

    Raises Error where it had several owners, for then the text alone says nothing of whom is meant.
    """
    found = set(known.get((named.chain, named.text), ())) - {named.text}
    if len(found) > 1:
        raise Error(
            "several-owners",
            f"The sub-account {named.text} had {len(found)} owners.",
            f"The exhibits show it with {', '.join(sorted(found)[:5])}.",
            "Name the owner who is meant.",
        )
    return Address(chain=named.chain, text=found.pop()) if found else None


def endpoint(case: Case, plugins: Plugins, text: str) -> tuple[str, str]:
    """An endpoint as the ledger has it, with its chain in front, and the sub-account where the text named one.

    A text that no chain here knows, or that several do, is given back as it is: the trace says what there is.
    """
    try:
        _, found = recognise(plugins, text, here(case))
    except Error:
        return text, ""
    if not isinstance(found, Address):
        return text, ""
    mine = owner(owners(case), found)
    return (f"{mine.chain}:{mine.text}", text) if mine else (f"{found.chain}:{found.text}", "")
