"""Undone: whether recent transactions still stand in the blocks in which they stood."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from recover.capture.asking import answers
from recover.capture.collector import Collector
from recover.capture.tries import Done
from recover.case import Case, derived
from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.sdk.values import Details, TxId

RECENT = timedelta(hours=3)
"""Blocks older than this are replaced on no chain that has ever been worked with here."""

_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A transaction that is no longer where it stood; `block` is where it stands now, empty for nowhere."""

    tx: TxId
    before: str
    block: str

    @property
    def said(self) -> str:
        """The same in words."""
        now = f"It stands in block {self.block} now" if self.block else "Its source shows it in no block now"
        return (
            f"{self.tx.text} stood in block {self.before or '(not named)'}. {now}: the chain was reorganised, or "
            "the source has lost it. What it moved stays in the figures until an exhibit shows the block that "
            "took the place of the old one."
        )


def relied(case: Case, places: Collection[str]) -> dict[TxId, str]:
    """Recent transactions to or from these addresses, the latest first, each with its block."""
    rows = derived.read(case, "transfers", ["chain", "tx", "src", "dst", "time", "excluded"]).to_pylist()
    # By the chain's own clock: the newest moment that is known of it.
    newest: dict[str, datetime] = {}
    for row in rows:
        if row["time"] is not None:
            newest[row["chain"]] = max(row["time"], newest.get(row["chain"], row["time"]))
    near = [
        row
        for row in rows
        if row["time"] is not None
        and row["time"] >= newest[row["chain"]] - RECENT
        and row["excluded"] is None
        and {row["src"], row["dst"]} & set(places)
    ]
    near.sort(key=lambda row: row["time"], reverse=True)
    wanted = dict.fromkeys((row["chain"], row["tx"]) for row in near)
    made = derived.read(case, "transactions", ["chain", "id", "block"]).to_pylist()
    blocks = {(row["chain"], row["id"]): row["block"] or "" for row in made}
    return {TxId(chain=chain, text=tx): blocks.get((chain, tx), "") for chain, tx in list(wanted)[:_MOST]}


def looked(asking: Collector, plugins: Plugins, stood: dict[TxId, str]) -> Iterator[Undone]:
    """Ask where each of them stands now. What a source only failed to answer is undone by nothing."""
    asks = [Details(tx=tx) for tx in stood if any(answers(one, Details(tx=tx)) for one, _ in asking.places)]
    for done in asking.round(asks, lambda count: None):
        assert isinstance(done.wanted, Details)
        tx = done.wanted.tx
        if not done.answered and not any(one.absent for one in done.tried):
            continue
        now = _block(done, plugins, tx)
        if now != stood[tx] and (stood[tx] or not now):
            yield Undone(tx=tx, before=stood[tx], block=now)


def _block(done: Done, plugins: Plugins, tx: TxId) -> str:
    """The block in which the answers show a transaction; empty where they show it in none."""
    for exhibit in done.exhibits:
        for name in exhibit.sources:
            source = plugins.source(name)
            for batch in call.batches(name, lambda source=source, exhibit=exhibit: source.decode(exhibit)):  # type: ignore[misc]
                table = batch.tables().get("transactions")
                for row in table.select(["id", "block"]).to_pylist() if table is not None else ():
                    if row["id"] == tx.text and row["block"]:
                        return str(row["block"])
    return ""
