"""What a collecting run learns of a node and keeps from ask to ask: its newest block, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recover_chain_evm.live import wire
from recover_chain_evm.live.node import Tip

Tracer = Literal["debug_traceTransaction", "trace_transaction", "ots_getInternalOperations", ""]
Index = Literal["ots_searchTransactionsBefore", "trace_filter", ""]

TRACERS: tuple[Tracer, ...] = ("debug_traceTransaction", "trace_transaction", "ots_getInternalOperations", "")
"""How calls inside a transaction are asked for, best first; "" where no way is answered."""

INDEXES: tuple[Index, ...] = ("ots_searchTransactionsBefore", "trace_filter", "")
"""How the transactions of an address are found that leave no log, best first."""


PROBE = "probe:"
"""What the ids of calls begin with that are made only to see whether the node has the method."""

SEEK = "seek:"
"""What the ids of calls begin with that are made only to find the block of a moment."""


def probes() -> list[wire.Call]:
    """A call about nothing for each method that nodes may lack: any answer but one shows that it is there."""
    nothing, nobody = "0x" + "0" * 64, "0x" + "0" * 40
    about: dict[str, tuple[object, ...]] = {
        "debug_traceTransaction": (nothing, {"tracer": "callTracer"}),
        "trace_transaction": (nothing,),
        "ots_getInternalOperations": (nothing,),
        "ots_searchTransactionsBefore": (nobody, 1, 1),
        "trace_filter": ({"fromBlock": "0x0", "toBlock": "0x0", "toAddress": [nobody]},),
        "eth_getBlockReceipts": ("0x0",),
    }
    return [wire.Call(method=name, params=params, note=f"{PROBE}{name}") for name, params in about.items()]


@dataclass(slots=True, kw_only=True)
class Session:
    """One node and chain in one run. Nothing of it is evidence: every answer is asked for again by every ask.

    `span` is the largest range of blocks to search at once, and `blocks` how many blocks to ask for in one batch;
    None while the node has refused none.
    """

    tip: Tip | None = None
    span: int | None = None
    blocks: int | None = None
    tracer: Tracer = TRACERS[0]
    index: Index = INDEXES[0]
    receipts: bool = True

    def learn(self, answers: Sequence[wire.Answer]) -> None:
        """Take the best way of asking that the answers to `probes` show to be there."""
        there = {a.call.method for a in answers if not (a.refused and a.why == "missing")}
        self.tracer = next(each for each in TRACERS if each in there or not each)
        self.index = next(each for each in INDEXES if each in there or not each)
        self.receipts = "eth_getBlockReceipts" in there

    def next_tracer(self) -> None:
        self.tracer = TRACERS[min(TRACERS.index(self.tracer) + 1, len(TRACERS) - 1)]

    def next_index(self) -> None:
        self.index = INDEXES[min(INDEXES.index(self.index) + 1, len(INDEXES) - 1)]
