"""Credits: what traced value credited an address under the declared rule, and what that paid on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.payments import Holding
from recover.linking.stops import Place
from recover.sdk import amounts
from recover.trails.flows import arriving


@dataclass(slots=True, kw_only=True)
class Credits:
    """Traced movements under the declared rule that credited one address in one asset, and what it paid on.

    `began` are those by which a loss begins here; `by_loss` counts both. `paid` is by receiver. What comes back to
    the address out of its own coins is change: it credits nobody, and is paid to nobody. `fees` are what its coins
    paid as fees, on coin chains.
    """

    seqs: list[int] = field(default_factory=list)
    began: list[int] = field(default_factory=list)
    by_loss: dict[str, int] = field(default_factory=dict)
    began_by_loss: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    fees: int = 0

    def add(self, seq: int, loss: str, amount: int, began: bool) -> None:
        """Count what one movement brought of one loss."""
        self.by_loss[loss] = self.by_loss.get(loss, 0) + amount
        if not self.seqs or self.seqs[-1] != seq:
            self.seqs.append(seq)
        if began:
            self.began_by_loss[loss] = self.began_by_loss.get(loss, 0) + amount
            if not self.began or self.began[-1] != seq:
                self.began.append(seq)


def credits_of(
    flows: pa.Table, transfers: pa.Table, shares: pa.Table
) -> tuple[dict[Holding, Credits], dict[tuple[str, str], int]]:
    """By holding, what credited it and what it paid on; per (loss, asset): what began."""
    found: dict[Holding, Credits] = {}
    started: dict[tuple[str, str], int] = {}
    change = _shared(found, transfers, shares)
    took = arriving(flows)
    moved = transfers.select(["src", "dst", "asset"]).take(took.column("seq"))
    columns = (*(took.column(name) for name in ("seq", "loss", "event")), *moved.columns)
    rows = zip(*(c.to_pylist() for c in columns), amounts.exact(took), strict=True)
    for seq, loss, event, src, dst, asset, amount in rows:
        if event == "start":
            started[loss, asset] = started.get((loss, asset), 0) + amount
        came = amount - (change.get((seq, loss), 0) if event == "move" else 0)
        if dst is not None and came:
            found.setdefault((dst, asset), Credits()).add(seq, loss, came, event == "start")
        if event == "move" and src is not None and dst is not None:
            paid = found.setdefault((src, asset), Credits()).paid
            paid[dst] = paid.get(dst, 0) + amount
    return found, started


def _shared(found: dict[Holding, Credits], transfers: pa.Table, shares: pa.Table) -> dict[tuple[int, str], int]:
    """Note what each address's coins paid; by movement and loss, what of it was change."""
    change: dict[tuple[int, str], int] = {}
    moved = transfers.select(["dst", "asset"]).take(shares.column("seq"))
    columns = (*(shares.column(name) for name in ("seq", "loss", "payer", "fee")), *moved.columns)
    rows = zip(*(c.to_pylist() for c in columns), amounts.exact(shares), strict=True)
    for seq, loss, payer, fee, dst, asset, amount in rows:
        here = found.setdefault((payer, asset), Credits())
        if fee:
            here.fees += amount
        elif dst == payer:
            change[seq, loss] = amount
        elif dst is not None:
            here.paid[dst] = here.paid.get(dst, 0) + amount
    return change


def deposits_of(
    flows: pa.Table, transfers: pa.Table, memos: Collection[Place]
) -> dict[tuple[Holding, str], Credits]:
    """What traced value credited wallets at which a memo says whose a deposit is, by holding and memo."""
    found: dict[tuple[Holding, str], Credits] = {}
    took = arriving(flows)
    moved = transfers.select(["dst", "asset", "memo"]).take(took.column("seq"))
    columns = (*(took.column(name) for name in ("seq", "loss", "event")), *moved.columns)
    rows = zip(*(c.to_pylist() for c in columns), amounts.exact(took), strict=True)
    for seq, loss, event, dst, asset, memo, amount in rows:
        if dst is not None and (asset.split("/", 1)[0], dst) in memos:
            found.setdefault(((dst, asset), memo or ""), Credits()).add(seq, loss, amount, event == "start")
    return found


def coins_of(
    flows: pa.Table, transfers: pa.Table
) -> tuple[dict[Holding, dict[tuple[str, ...], int]], dict[Holding, list[int]]]:
    """Coins of traced value by whose they are: what a trace left in those that an exhibit shows spent,
    contradicted or not, by all that spend them; and those that none shows spent, in order."""
    spent, left = dict[Holding, dict[tuple[str, ...], int]](), dict[Holding, list[int]]()
    inputs = transfers.filter(pc.equal(transfers["kind"], "input"))
    if not inputs.num_rows:
        return spent, left
    spends: dict[tuple[str, str, int], set[str]] = {}
    for r in inputs.select(["chain", "tx", "spends_tx", "spends_index"]).to_pylist():
        spends.setdefault((r["chain"], r["spends_tx"], r["spends_index"]), set()).add(r["tx"])
    rows = transfers.select(["seq", "chain", "tx", "kind", "leg", "dst", "asset"])

    def outputs(seqs: pa.ChunkedArray) -> Iterator[tuple[int, dict[str, Any], tuple[str, ...]]]:
        """Which of the movements make a coin of somebody, with what spends it."""
        for n, row in enumerate(rows.take(seqs).to_pylist()):
            if row["kind"] == "output" and row["dst"]:
                yield n, row, tuple(sorted(spends.get((row["chain"], row["tx"], row["leg"]), ())))

    ended = flows.filter(pc.equal(flows["event"], "end"))
    exact = amounts.exact(ended)
    for n, row, by in outputs(ended["seq"]):
        if by:
            here = spent.setdefault((row["dst"], row["asset"]), {})
            here[by] = here.get(by, 0) + exact[n]
    came = pc.unique(arriving(flows)["seq"])
    for _, row, by in outputs(came.take(pc.sort_indices(came))):
        if not by:
            left.setdefault((row["dst"], row["asset"]), []).append(row["seq"])
    return spent, left
