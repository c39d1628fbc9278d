"""Labels of several sources for one address, resolved into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.ownership import KINDS
from recover.linking.policy import TABLE
from recover.registers import categories
from recover.sdk.records import Gap


def resolve(said: pa.Table) -> tuple[pa.Table, list[Gap]]:
    """One label an address: the best grade wins, and an equal contradiction between services names none.

    Where labels of one grade call an address a service's and a mixer's, a market's or a scam's, the trace stops
    there as at the service, the conflict is a gap, and no letter is drafted until a person decides. What a source
    says of two addresses' one owner is no label of either.
    """
    said = said.filter(pc.invert(pc.is_in(said.column("kind"), value_set=pa.array(KINDS))))
    best: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in said.to_pylist():
        kept = best.setdefault((row["chain"], row["address"]), [])
        # A surer one begins anew: what weaker labels disagreed on no longer matters.
        if kept and row["grade"] < kept[0]["grade"]:
            kept.clear()
        if not kept or row["grade"] == kept[0]["grade"]:
            kept.append(row)
    gaps: list[Gap] = []
    rows = [_one(key, best[key], gaps) for key in sorted(best)]
    return pa.Table.from_pylist(rows, schema=TABLE), gaps


def _one(key: tuple[str, str], rows: Sequence[dict[str, Any]], gaps: list[Gap]) -> dict[str, Any]:
    """One label out of several of one grade; the first in order where they agree, and a named service first."""
    shady = [row for row in rows if categories.words(row) & categories.NO_LETTER]
    named = [row for row in rows if row["service"] and row not in shady]
    names = sorted({row["service"] for row in (named or shady) if row["service"]})
    kept = next((row for row in named or shady if row["service"]), rows[0])
    if len(names) > 1:
        gaps.append(_conflict(*key, names))
        return {**kept, "service": "", "note": "sources disagree: " + ", ".join(names)}
    if named and shady:
        words = sorted({min(categories.words(row) & categories.NO_LETTER) for row in shady})
        gaps.append(_opposed(*key, names[0], words))
        return {**kept, "note": f"sources disagree: {names[0]}, or {', '.join(words)}"}
    return kept


def _opposed(chain: str, address: str, service: str, words: Sequence[str]) -> Gap:
    return Gap(
        code="label-conflict",
        subject=f"{chain}:{address}",
        why=f"Labels of one grade call it a wallet of {service}, and {', '.join(words)}.",
        effect="The trace stops there, and no letter is drafted to that service until a person decides.",
    )


def _conflict(chain: str, address: str, names: Sequence[str]) -> Gap:
    return Gap(
        code="label-conflict",
        subject=f"{chain}:{address}",
        why=f"Labels of one grade name different services: {', '.join(names)}.",
        effect="It is treated as unlabelled.",
    )


def swept_elsewhere(resolved: pa.Table, asserted: pa.Table) -> list[Gap]:
    """Addresses that a label gives to one service, and whose own payments go to the wallets of another."""
    named = {(r["chain"], r["address"]): r["service"] for r in resolved.to_pylist() if r["role"] == "deposit"}
    habits = asserted.filter(pc.equal(asserted.column("kind"), "deposit-address"))
    found = {
        (row["chain"], row["address"], named[row["chain"], row["address"]], row["service"])
        for row in habits.select(["chain", "address", "service"]).to_pylist()
        if row["service"] and named.get((row["chain"], row["address"])) not in (None, "", row["service"])
    }
    return [
        Gap(
            code="label-habit-conflict",
            subject=f"{chain}:{address}",
            why=f"A source calls this a deposit address of {label}, and what left it went to wallets of {habit}.",
            effect=f"The trace stops there, as at {label}, at grade D at best; which of the two it is, is open.",
        )
        for chain, address, label, habit in sorted(found)
    ]
