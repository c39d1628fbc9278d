"""decode: from stored bytes to batches, one set of files an exhibit and source, then the joined ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from recover.case import Case, derived
from recover.ledger import Part, joining
from recover.ledger.join import READ
from recover.ledger.parts import decided, decode, holds, looks, named, register
from recover.plugins.pins import core, pin, ran
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Outcome, Progress, since


def run(case: Case, plugins: Plugins, progress: Progress, made: joining.Joined | None = None) -> Outcome:
    """Decode what is new and join. Unreadable exhibits become gaps; other exhibits are still used.

    `made` are the tables of these exhibits, made a moment ago. Raises Error when the case holds no exhibit.
    """
    began = time.monotonic_ns()
    if not case.exhibits():
        raise Error(
            "no-exhibit",
            f"The case {case.typed} holds no exhibit.",
            "There is nothing to examine, and a result with nothing examined would mislead.",
            f"`recover import {case.typed} FILE...`",
        )
    pin(case, plugins)  # first: the journal must say which code made a result, also if this run is cut off
    parts = decode(case, plugins, progress)
    inputs = seen(case, plugins, parts)
    last = dict(derived.stamp(case, "ledger"))
    last.pop("joined", None)
    done = last != inputs
    if done:  # all exhibits at once, since each can corroborate or contradict any other
        tables, noted = made or joining.joined(case, plugins, parts, inputs)
        ran(case, "decode", derived.fill(case, "decode", tables, {**inputs, "joined": noted}))
    else:
        ran(case, "decode")
    return _outcome(case, done, began)


def seen(case: Case, plugins: Plugins, found: Sequence[Part]) -> dict[str, Any]:
    """What a join rests on: the same gives the same ledger."""
    listed = register(plugins).values()
    return {
        "core": core(),
        # An exhibit of labels alone says nothing that is joined: the ledger stands as it is.
        "parts": [[p.exhibit, p.folder.name, p.origin] for p in found if holds(case, p, *READ, "gaps")],
        "assets": sorted([a.id, a.symbol, a.decimals] for a in listed),
        "named": sorted(named(case)),
        "decided": sorted([chain or "", tx, *of] for (chain, tx), of in decided(case).items()),
        "looks": {chain: list(look) for chain, look in sorted(looks(plugins).items())},
    }


def _outcome(case: Case, done: bool, began: int) -> Outcome:
    def rows(name: str) -> int:
        return derived.rows(case, case.derived / "ledger" / f"{name}.parquet")

    counts = (
        ("exhibits", len(case.exhibits())),
        ("transactions", rows("transactions")),
        ("transfers", rows("transfers")),
    )
    return Outcome(stage="decode", done=done, counts=counts, gaps=rows("gaps"), ms=since(began))
