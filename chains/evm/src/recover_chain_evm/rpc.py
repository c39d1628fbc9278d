"""A node's answers as one batch: what blocks, transactions, receipts, logs and calls say together.

Answers of one exhibit are taken together, so that a block with its receipts proves itself, and a transaction with
its receipt and its calls is whole. The same log or the same value in two answers is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Batch, Error, Gap
from recover_chain_evm import blocks, columns, events, logs, proofs, recorded, sent, traces
from recover_chain_evm.address import ZERO
from recover_chain_evm.answers import Answer, Refusal
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.gather import BLOCK, LOGS, SENT, Gathered, chain_of, gather, refused, timed
from recover_chain_evm.networks import Network
from recover_chain_evm.values import Fields, number


def batch(
    network: Network,
    found: Sequence[Answer],
    refusals: Sequence[Refusal],
    name: str,
    topics: Collection[str] = (),
) -> Batch:
    """One batch of all answers, with the logs of the first `topics`.

    Raises Error for another chain's answers, and naming up to 20 unreadable items.
    """
    _check_chain(network, shown_chain(found, name), name)
    problems = Problems(name=name.partition("?")[0], unit="item")
    all_of = Gathered(gaps=[refused(each) for each in refusals])
    for each in found:
        try:
            gather(network, each, all_of)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            problems.add(each.place, f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error))
    problems.check()
    timed(all_of)
    return _batch(network, all_of, problems, topics)


def shown_chain(found: Sequence[Answer], name: str) -> int | None:
    """As `chain_of`; a chain id that cannot be read is an Error that names the exhibit."""
    try:
        return chain_of(found)
    except ValueError as error:
        raise Error(
            "chain-unreadable",
            f"{name.partition('?')[0]} names its chain in a way that cannot be read.",
            f"{error}.",
            "Ask the node again.",
        ) from None


def _check_chain(network: Network, shown: int | None, name: str) -> None:
    if shown is not None and shown != network.number:
        raise Error(
            "other-chain",
            f"{name.partition('?')[0]} is of chain {shown}, and {network.title} is chain {network.number}.",
            "A node that answers for another chain proves nothing about this one.",
            "Correct the endpoint in your recover.toml, or name the right chain.",
        )


def _batch(network: Network, of: Gathered, problems: Problems, topics: Collection[str]) -> Batch:
    listed = list(of.blocks.values())
    framed = Frame.of([block for block, _ in listed], BLOCK, [place for _, place in listed], problems)
    rows = [{"hash": name, **row} for name, row in of.transactions.items()]
    made = sent.Sent.of(Frame.of(rows, SENT, [of.places[name] for name in of.transactions], problems), network)
    kept = [(log, place) for log, place in of.logs.values()]
    for log, _ in kept:
        log["method"] = str(of.transactions.get(log["transactionHash"], {}).get("input", ""))[:10] or None
    standing = logs.Logs.of(Frame.of([log for log, _ in kept], LOGS, [place for _, place in kept], problems))
    table = blocks.table_of(network, framed)
    problems.check()
    grades, differ = _grades(network, of)
    standing = standing.only(np.array([block not in differ for block in standing.block.to_pylist()], np.bool_))
    calls_of = [_placed(of, each) for each in (*of.traced.values(), *_operations(of))]
    credits, impossible = blocks.real(network, of.credits)
    complete = np.array([_complete(of, name) for name in of.transactions], np.bool_)
    rooted = {each.tx for each in calls_of if each.failed is not None}
    return columns.batch(
        network.id,
        moved=[
            *sent.moved(network, made, rooted),
            *logs.moved(network, standing),
            traces.moved(network, calls_of),
            blocks.moved(network, credits),
        ],
        transactions=[
            sent.transactions(network, made, [grades.get(name, "reported") for name in of.transactions], complete),
            _others(of, logs.transactions(network.id, standing)),
            _others(of, traces.transactions(network, calls_of)),
            blocks.transactions(network, credits, whole=True),
        ],
        events=[
            *events.said(network, standing),
            sent.events(network, made, rooted),
            traces.events(network, calls_of),
        ],
        gaps=[
            *of.gaps,
            *differ.values(),
            *impossible,
            *sent.gaps(network, made),
            *logs.gaps(network, standing),
            *traces.gaps(network, calls_of),
            *_pending(of),
            *_unvalued(network, of),
        ],
        blocks=table,
        states=Batch.of(*of.states).states,
        logs=recorded.wanted(network, standing, topics),
    )


def _placed(of: Gathered, each: traces.Traced) -> traces.Traced:
    """The calls with the height of their transaction, where that is here: what some of them did depends on it."""
    row = of.transactions.get(each.tx, {})
    if each.height is not None or row.get("blockNumber") is None:
        return each
    return replace(each, height=number(row["blockNumber"], "blockNumber"))


def _pending(of: Gathered) -> Iterator[Gap]:
    """A transaction in no block has moved nothing: it may never, and another can take its place."""
    for tx, place in of.pending.items():
        if tx not in of.transactions:
            yield Gap(
                code="unconfirmed",
                subject=tx,
                why="The node gave this transaction without a block: it was announced, and stood in none.",
                effect="It is kept and not followed; ask again whether a block holds it.",
                place=place,
            )


def _unvalued(network: Network, of: Gathered) -> Iterator[Gap]:
    """Receipts whose transactions are in no answer: they show logs and the fee, and not the coin that was sent.

    One for each, by which the core drops those whose transaction another exhibit shows.
    """
    for tx in of.receipts:
        if "value" not in of.transactions.get(tx, {}):
            yield Gap(
                code="value-unknown",
                subject=f"{network.id}:{tx}",
                why="The receipt of this transaction is here, and no exhibit shows the transaction itself.",
                effect="Coin that it sent, and that calls passed on in it, is missing.",
                place=of.places[tx],
            )


def _others(of: Gathered, rows: pa.Table) -> pa.Table:
    """Rows of transactions that are not here themselves: a log or a call says less of one than it does itself."""
    return rows.filter(
        pc.invert(pc.is_in(rows.column("id"), value_set=pa.array(list(of.transactions), pa.string())))
    )


def _grades(network: Network, of: Gathered) -> tuple[dict[str, Any], dict[str, Gap]]:
    """The proof of each transaction, and a gap for each block whose receipts contradict its own header."""
    grades: dict[str, Any] = {
        name: "self-authenticating" for name, row in of.transactions.items() if row.get("signed")
    }
    differ: dict[str, Gap] = {}
    for name, (block, place) in of.blocks.items():
        rooted, receipts = _rooted(network, block), of.whole.get(name)
        if receipts is not None and not proofs.has_receipts(block, _rooted_receipts(rooted, receipts)):
            if proofs.contradicts(block, _rooted_receipts(rooted, receipts)):
                differ[name] = _differs(network, name, place)
            continue
        if proofs.has_transactions(rooted):
            for tx in rooted["transactions"]:
                if grades.get(tx["hash"].lower()):
                    grades[tx["hash"].lower()] = "included"
    return grades, differ


def _rooted(network: Network, block: Fields) -> Fields:
    """The block without transactions that its roots do not cover (Polygon's state sync: nobody to nobody)."""
    listed = block.get("transactions")
    if not network.unrooted or not isinstance(listed, list):
        return block
    kept = [tx for tx in listed if not (isinstance(tx, dict) and tx["from"] == tx.get("to") == ZERO)]
    return {**block, "transactions": kept}


def _rooted_receipts(block: Fields, receipts: Sequence[Fields]) -> Sequence[Fields]:
    names = {t["hash"] if isinstance(t, dict) else t for t in block.get("transactions") or ()}
    return [each for each in receipts if each["transactionHash"] in names]


def _operations(of: Gathered) -> Iterator[traces.Traced]:
    """Otterscan's operations of transactions that are here with their outcome and without their calls.

    Some nodes put the transaction itself first, and list what a failed one tried, without saying either.
    """
    for tx, each in of.operations.items():
        row = of.transactions.get(tx, {})
        if tx in of.traced:
            continue
        if "value" not in row or "status" not in row:
            of.gaps.append(_unplaced(tx, each.place))
        elif number(row["status"], "status") == 1:
            first = next(iter(each.calls), None)
            own = (
                first is not None and first.src == row["from"].lower() and first.dst == str(row.get("to")).lower()
            )
            created = first is not None and first.kind.startswith("create") and not row.get("to")
            yield replace(each, calls=each.calls[1:] if own or created else each.calls)


def _complete(of: Gathered, name: str) -> bool:
    """Value, fee, logs and calls of a transaction are all here."""
    traced, row = of.traced.get(name), of.transactions[name]
    return name in of.receipts and traced is not None and traced.failed is not None and "value" in row


def _unplaced(tx: str, place: int) -> Gap:
    return Gap(
        code="calls-unplaced",
        subject=tx,
        why="Internal operations are listed without the transaction and its outcome, which say what they mean.",
        effect="What they moved is left out.",
        place=place,
    )


def _differs(network: Network, name: str, place: int) -> Gap:
    return Gap(
        code="receipts-differ",
        subject=f"{network.id}:{name}",
        why="The receipts of this block do not give the root in its header: a log was changed or left out.",
        effect="None of the block's logs is used.",
        place=place,
    )
