"""Hop rows: every movement that carried traced value, once for each loss, under the declared rule.

These columns are what an expert checks in a spreadsheet. Which earlier hops funded a hop is not one of
them: lots of one loss are not told apart inside an address, so only candidates are known, and they are the earlier
rows whose `to` is this row's `from`. Balances before and after a hop are in `recover explain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.sdk import View
from recover_exports.carried import Carried, carried, contract, movements, reasons, stopped

COLUMNS = (
    *("hop_id", "seq", "chain", "block", "block_time_utc", "tx_hash", "log_index", "from", "to", "asset"),
    *("contract", "raw_amount", "decimals", "loss", "traced_amount", "began", "passed", "ended"),
    *("event_type", "stop_reason", "exhibit", "place"),
)


def rows(view: View) -> Iterator[Sequence[Any]]:
    """The heading, then one row for each (movement, loss), in the order of the ledger.

    traced_amount = began (as proceeds, by this movement) + passed (came out of the sender's traced lots); `ended`
    of it is followed no further, for `stop_reason`.
    """
    yield COLUMNS
    flows = view.tables["flows"]()
    found = carried(flows)
    seqs = sorted({seq for seq, _ in found})
    there = dict(zip(seqs, movements(view.tables["transfers"]().take(seqs)), strict=True))
    why = reasons(view)
    for (seq, loss), part in sorted(found.items(), key=lambda item: item[0][0]):
        move = there[seq]
        reason = stopped(loss, move, why) if part.ended else ""
        yield _row(view, move, loss, part, reason)


def _row(view: View, move: Mapping[str, Any], loss: str, part: Carried, reason: str) -> Sequence[Any]:
    known = view.assets.get(move["asset"])
    return (
        *(f"{move['seq']}-{loss}", move["seq"], move["chain"], move.get("height"), move["time"], move["tx"]),
        *(move.get("leg"), move["src"], move["dst"], move["asset"], contract(move["asset"]), move["moved"]),
        *(known.decimals if known else None, loss, part.traced, part.began, part.passed, part.ended),
        *(_event(move["kind"], reason), reason, move["exhibit"], move["place"]),
    )


def _event(kind: str, reason: str) -> str:
    if reason in ("", "fee", "burn"):
        return kind
    return "service_in" if reason == "service" else "stop"
