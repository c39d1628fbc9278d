"""Hop rows: every movement that carried traced value, once for each loss, with the arithmetic of its payer's pool.

These columns are what an expert checks in a spreadsheet. Every row balances:
`traced_amount` = `began` + `passed`; `mixed_balance_before` - `raw_amount` = `mixed_balance_after`;
`traced_before` - `passed` = `traced_after`. `parent_hops` are all hops that brought value of this loss to the
payer since it last held none: lots of one loss are not told apart inside a pool, so nobody can say which of them
it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.sdk import View
from recover_exports.accounts import accounts
from recover_exports.carried import contract, reasons, stopped
from recover_exports.held import Hop, Ledger, follow
from recover_exports.places import payer

COLUMNS = (
    *("hop_id", "parent_hops", "seq", "chain", "block", "block_time_utc", "tx_hash", "log_index", "from", "to"),
    *("asset", "contract", "raw_amount", "decimals", "loss", "traced_amount", "began", "passed", "ended"),
    *("mixed_balance_before", "mixed_balance_after", "traced_before", "traced_after"),
    *("event_type", "stop_reason", "link_evidence", "link_grade", "exhibit", "place", "note"),
)
BY_RULE = (
    *("rule", "hop_id", "parent_hops", "seq", "tx_hash", "from", "to", "asset", "raw_amount", "loss"),
    *("traced_amount", "began", "passed", "ended", "mixed_balance_before", "mixed_balance_after"),
    *("traced_before", "traced_after"),
)


def rows(view: View) -> Iterator[Sequence[Any]]:
    """The heading, then one row for each (movement, loss) under the declared rule, in the order of the ledger."""
    yield COLUMNS
    ledger = Ledger.of(view.tables["transfers"]())
    hops = follow(ledger, view.tables["flows"]()).hops
    before = _before(ledger, hops)
    why, evidence = reasons(view), _evidence(view)
    for hop in hops:
        move = ledger.move(hop.seq)
        reason = stopped(hop.loss, move, why) if hop.part.ended else ""
        said = evidence.get((move["dst"], move["asset"]), ("", "")) if reason == "service" else ("", "")
        yield _row(view, move, hop, before.get(hop.seq), reason, said)


def by_rule(view: View) -> Iterator[Sequence[Any]]:
    """The heading, then the same for every rule that may back a claim, rule by rule as the rules are listed."""
    yield BY_RULE
    table = view.tables["hops"]()
    ledger = Ledger.of(view.tables["transfers"]())
    names = table.column("rule").to_pylist()
    for rule in view.rules:
        if rule["claim"] != "yes":
            continue
        hops = follow(ledger, table.filter([name == rule["id"] for name in names])).hops
        before = _before(ledger, hops)
        for hop in hops:
            move, held = ledger.move(hop.seq), before.get(hop.seq)
            yield (
                *(rule["id"], hop.id, hop.parent_hops(), hop.seq, move["tx"], move["src"], move["dst"]),
                *(move["asset"], move["moved"], hop.loss, hop.part.traced, hop.part.began, hop.part.passed),
                *(hop.part.ended, held, _less(held, move["moved"]), hop.before, hop.after),
            )


def _before(ledger: Ledger, hops: Sequence[Hop]) -> dict[int, int | None]:
    """By movement, what its payer held just before it, all value counted."""
    places = {hop.seq: payer(ledger.move(hop.seq), ledger.coins) for hop in hops}
    wanted = {pool for pool in places.values() if pool is not None}
    books = accounts(ledger.table, wanted)
    return {entry.seq: entry.before for book in books.values() for entry in book.entries if entry.out}


def _less(held: int | None, moved: int | None) -> int | None:
    return None if held is None or moved is None else held - moved


def _evidence(view: View) -> Mapping[tuple[str | None, str], tuple[str, str]]:
    """(deposit address, asset) -> why it is held to be a service's, and the grade of that."""
    found: dict[tuple[str | None, str], list[tuple[str, str]]] = {}
    for ramp in view.offramps:
        found.setdefault((ramp.address, ramp.asset), []).append((ramp.basis, ramp.grade))
    return {
        place: ("; ".join(dict.fromkeys(basis for basis, _ in said)), max(grade for _, grade in said))
        for place, said in found.items()
    }


def _row(
    view: View, move: Mapping[str, Any], hop: Hop, held: int | None, reason: str, said: tuple[str, str]
) -> Sequence[Any]:
    known = view.assets.get(move["asset"])
    part = hop.part
    return (
        *(hop.id, hop.parent_hops(), hop.seq, move["chain"], move.get("height"), move["time"], move["tx"]),
        *(move.get("leg"), move["src"], move["dst"], move["asset"], contract(move["asset"]), move["moved"]),
        *(known.decimals if known else None, hop.loss, part.traced, part.began, part.passed, part.ended),
        *(held, _less(held, move["moved"]), hop.before, hop.after),
        *(_event(move["kind"], reason), reason, *said, move["exhibit"], move["place"]),
        "order assumed" if move.get("tie") is not None else "",
    )


def _event(kind: str, reason: str) -> str:
    if reason in ("", "fee", "burn", "open"):
        return kind
    return "service_in" if reason == "service" else "stop"
