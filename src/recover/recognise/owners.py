"""Owners: whose sub-account a text names, as the exhibits show it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.recognise.names import here, recognise
from recover.sdk.errors import Error
from recover.sdk.values import Address


def owner(case: Case, named: Address) -> Address | None:
    """The owner of a sub-account, None where no exhibit shows the text as one.

    Read from what each exhibit decodes to: a loss can be declared before the ledger is joined. Raises Error where
    it had several owners, for then the text alone says nothing of whom is meant.
    """
    found = {who for rows in _legs(case) for who in _of(rows, named)} - {named.text}
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
    mine = owner(case, found)
    return (f"{mine.chain}:{mine.text}", text) if mine else (f"{found.chain}:{found.text}", "")


def _legs(case: Case) -> Iterator[pa.Table]:
    yield from derived.decoded(case, "legs", ["chain", "address", "account"])


def _of(rows: pa.Table, named: Address) -> list[str]:
    here = pc.and_(pc.equal(rows.column("chain"), named.chain), pc.equal(rows.column("account"), named.text))
    found = rows.filter(pc.fill_null(here, False)).column("address")
    return [who for who in found.unique().to_pylist() if who is not None]
