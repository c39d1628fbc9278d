"""Which address a text is: one spelling for each, the one that the chain's own `parse` gives.

What comes in under another spelling (capitals, hexadecimal digits, an older form) is the same address, and what is
no address of its chain labels nothing: it is said, and never compared as bare text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from recover.sdk.batch import Batch
from recover.sdk.errors import NotRecognised
from recover.sdk.plugin import Chain
from recover.sdk.records import Gap
from recover.sdk.values import Address

_NAMED = ("address", "other")
_LISTED = 20


def spelled(found: Sequence[Batch], chains: Mapping[str, Chain]) -> list[Batch]:
    """Batches with every label under its address's one spelling, and a gap for each text that is no address.

    Labels of chains that no plugin reads are left as they are: nothing here can tell.
    """
    made: list[Batch] = []
    known: dict[tuple[str, str], str | None] = {}
    bad: dict[tuple[str, str], tuple[str, int]] = {}
    for batch in found:
        rows = batch.assertions
        if rows is None or not rows.num_rows:
            made.append(batch)
            continue
        for name in _NAMED:
            rows = _column(rows, name, chains, known, bad)
        kept = rows.filter(pa.array([text is not None for text in rows.column("address").to_pylist()], pa.bool_()))
        tables: dict[str, Any] = {**batch.tables(), "assertions": kept}
        made.append(Batch(**tables))
    gaps = [_gap(chain, text, why, place) for (chain, text), (why, place) in list(bad.items())[:_LISTED]]
    if len(bad) > _LISTED:
        gaps.append(_more(len(bad) - _LISTED))
    return [*made, Batch.of(*gaps)] if gaps else made


def _column(
    rows: pa.Table,
    name: str,
    chains: Mapping[str, Chain],
    known: dict[tuple[str, str], str | None],
    bad: dict[tuple[str, str], tuple[str, int]],
) -> pa.Table:
    texts, of, places = (rows.column(each).to_pylist() for each in (name, "chain", "place"))
    read = []
    for text, chain, place in zip(texts, of, places, strict=True):
        if not text or chain not in chains:
            read.append(text)
            continue
        key = (chain, text)
        if key not in known:
            known[key], why = _spelling(chains[chain], chain, text)
            if why:
                bad[key] = (why, place)
        read.append(known[key])
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(name), pa.array(read, rows.schema.field(name).type))


def _spelling(chain: Chain, name: str, text: str) -> tuple[str | None, str]:
    """The one spelling, or why there is none. Asked again with the chain in front (CAIP-10), a chain may also take
    an older form that another chain has too: the label says which of them it means."""
    why = ""
    for each in (text, f"{name}:{text}"):
        try:
            found = chain.parse(each)
        except NotRecognised as error:
            why = why or error.why
            continue
        if isinstance(found, Address):
            return found.text, ""
        why = "It is a transaction's id, and no address."
    return None, why


def _gap(chain: str, text: str, why: str, place: int) -> Gap:
    return Gap(
        code="label-address",
        subject=f"{chain}:{text[:120]}",
        why=f"A label is of a text that is no address of its chain. {why}",
        effect="The label names nothing.",
        place=place,
    )


def _more(count: int) -> Gap:
    return Gap(
        code="label-address",
        subject=f"{count} more",
        why=f"{count} further labels of this exhibit are of texts that are no addresses of their chains.",
        effect="These labels name nothing.",
    )
