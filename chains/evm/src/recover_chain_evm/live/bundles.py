"""Blocks, whole enough to prove what stands in them: header, all transactions, all receipts, and the calls wanted.

One batch holds several blocks. A block's items follow each other in it: the block, its receipts, then one item for
each transaction that is wanted of it, which says how its calls were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recover.sdk import Error, Exhibit
from recover_chain_evm import values
from recover_chain_evm.live import wire
from recover_chain_evm.live.node import Node
from recover_chain_evm.live.session import Session, Tracer

BLOCKS = 8
CALLS = 96
"""How many blocks and calls one batch holds at most. Public nodes take batches of 100; a full block of Ethereum
with its receipts is about a mebibyte."""

Wanted = tuple[int, tuple[str, ...]]


def fetch(
    node: Node, session: Session, wanted: Sequence[Wanted], receipts: list[values.Fields], blocks: int = BLOCKS
) -> Iterator[Exhibit]:
    """The blocks at these heights with the transactions wanted of each, in batches; `receipts` gets theirs.

    A batch whose answers are too large for the node is asked for again with half its blocks. A way of asking for
    calls that the node does not have is given up for the next best, down to none: then the value that moved inside
    is a gap. Raises Error where a block or its receipts are not to be had.
    """
    start = 0
    while start < len(wanted):
        part = _part(wanted[start:], min(blocks, session.blocks or blocks))
        answers = node.ask([call for each in part for call in _calls(each, session)])
        yield from node.take()
        if len(part) > 1 and any(answer.refused and answer.why == "capped" for answer in answers):
            session.blocks = len(part) // 2
        elif _settled(answers, node, session):
            names = {tx for _, transactions in part for tx in transactions}
            receipts += [each for each in _receipts(answers) if each.get("transactionHash") in names]
            start += len(part)


def _receipts(answers: Sequence[wire.Answer]) -> Iterator[values.Fields]:
    for answer in answers:
        if answer.call.method == "eth_getBlockReceipts":
            yield from (values.fields(each, "a receipt") for each in values.items(answer.result, "the receipts"))
        elif answer.call.method == "eth_getTransactionReceipt" and isinstance(answer.result, dict):
            yield answer.result


def _settled(answers: Sequence[wire.Answer], node: Node, session: Session) -> bool:
    """Whether every item is there; else the session has learnt what this node does not answer."""
    for answer in answers:
        method = answer.call.method
        if not answer.refused and answer.result is not None:
            continue
        if answer.refused and answer.why == "limited":
            raise wire.refused(answer, node.recorder.endpoint)
        if method == session.tracer:
            session.next_tracer()
            return False
        if method == "eth_getBlockReceipts" and answer.refused and session.receipts:
            session.receipts = False
            return False
        if answer.refused:
            raise wire.refused(answer, node.recorder.endpoint)
        raise missing(answer, node.recorder.endpoint)
    return True


def _calls(wanted: Wanted, session: Session) -> list[wire.Call]:
    height, transactions = wanted
    calls = [wire.Call(method="eth_getBlockByNumber", params=(hex(height), True))]
    if session.receipts:
        calls.append(wire.Call(method="eth_getBlockReceipts", params=(hex(height),)))
    else:
        calls += [wire.Call(method="eth_getTransactionReceipt", params=(tx,)) for tx in transactions]
    return calls + [_inside(tx, session.tracer) for tx in transactions]


def _inside(tx: str, tracer: Tracer) -> wire.Call:
    if tracer == "debug_traceTransaction":
        return wire.Call(method=tracer, params=(tx, {"tracer": "callTracer"}))
    return wire.Call(method=tracer or "eth_getTransactionByHash", params=(tx,))


def _part(wanted: Sequence[Wanted], blocks: int) -> Sequence[Wanted]:
    """As many of the first as one batch takes, and one at the least."""
    calls = 0
    for count, (_, transactions) in enumerate(wanted[:blocks]):
        calls += 2 + 2 * len(transactions)
        if count and calls > CALLS:
            return wanted[:count]
    return wanted[:blocks]


def missing(answer: wire.Answer, name: str) -> Error:
    """The error for an answer that is null where the chain has something."""
    what = f"{answer.call.method}({', '.join(map(str, answer.call.params))})"
    return Error(
        "answer-null",
        f"The node at {name} answers null to {what}.",
        "It has not this block, this transaction or its receipts, though it said or implied that they exist.",
        "Ask a node that keeps them (an archive node); no history counts as whole because of this answer.",
    )
