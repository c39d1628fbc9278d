"""Blocks out of a batch: roots computed again, then the transactions that were wanted, graded by what was proved.

A list of receipts or of transactions that does not give the root in the block's own header is not used, and
neither is anything that came with it: a log was changed, added or left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Batch, Error, Exhibit, Gap
from recover_chain_evm import answers as told
from recover_chain_evm import header, proofs, rpc, values
from recover_chain_evm.address import ZERO
from recover_chain_evm.live import wire
from recover_chain_evm.live.node import Moment
from recover_chain_evm.networks import DEFAULT, Network

INSIDE = frozenset({"debug_traceTransaction", "trace_transaction", "ots_getInternalOperations"})
_OTTERSCAN = "ots_getInternalOperations"


@dataclass(slots=True, kw_only=True)
class Bundle:
    """One block's part of a batch: the block, its receipts (all, or those wanted), and what was wanted of it."""

    block: wire.Answer
    all: wire.Answer | None = None
    receipts: list[wire.Answer] = field(default_factory=list)
    inside: list[wire.Answer] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)


def batches(moment: Moment, answers: Sequence[wire.Answer], exhibit: Exhibit) -> Iterator[Batch]:
    """One batch of all blocks. Raises Error for a header or a root that does not hold, KeyError or ValueError."""
    name = exhibit.name
    found: list[told.Answer] = []
    gaps: list[Gap] = []
    included: list[str] = []
    strict = moment.proved or moment.network.number == DEFAULT
    for bundle in _bundles(answers):
        lost = _lost(bundle)
        if lost:
            gaps += [_gap(moment, each) for each in lost]
            continue
        block = values.fields(bundle.block.result, "the block")
        check_header(block, name, strict=strict)
        if _holds(moment.network, block, bundle, name):
            included += bundle.wanted
        found += _told(bundle, block)
        gaps += _unseen(moment, bundle)
    if found:
        yield _graded(rpc.batch(moment.network, found, [], name, exhibit.topics), included)
    if gaps:
        yield Batch.of(*gaps)


def check_header(block: values.Fields, name: str, *, strict: bool) -> None:
    """Raises Error where a header does not give the hash that the node says its block has.

    Not on chains whose headers have fields of their own (Avalanche), or whose nodes do not show all of them: there
    nothing is proved and everything stays the node's word. It is known of Ethereum's that they are shown whole,
    and of any chain as soon as the pinned block's header gives its hash.
    """
    if strict and not header.proved(block):
        raise Error(
            "header-false",
            f"The node at {name} gives block {values.shown(block.get('number'))} a hash that its header has not.",
            "A block's hash is the hash of its header's fields, and it was computed again.",
            "Ask another node. Nothing of this answer is used.",
        )


def _bundles(answers: Sequence[wire.Answer]) -> Iterator[Bundle]:
    """Raises ValueError for items that belong to no block."""
    bundle: Bundle | None = None
    for each in answers:
        method = each.call.method
        if method == told.BLOCK:
            if bundle is not None:
                yield bundle
            bundle = Bundle(block=each)
        elif bundle is not None and method == told.RECEIPTS:
            bundle.all = each
        elif bundle is not None and method == told.RECEIPT:
            bundle.receipts.append(each)
        elif bundle is not None and method in INSIDE | {told.TRANSACTION}:
            bundle.wanted.append(values.digest(each.call.params[0], "the transaction asked for"))
            bundle.inside.append(each)
        elif method in INSIDE | {told.RECEIPT, told.RECEIPTS}:
            raise ValueError(f"{method} stands before any block")
    if bundle is not None:
        yield bundle


def _lost(bundle: Bundle) -> list[wire.Answer]:
    """What of the block itself is refused or null: then nothing of it is read."""
    own = [bundle.block, *([bundle.all] if bundle.all else []), *bundle.receipts]
    return [each for each in own if each.refused or each.result is None]


def _holds(network: Network, block: values.Fields, bundle: Bundle, name: str) -> bool:
    """Whether both roots were computed again and hold. Raises Error where one was and does not."""
    listed = _rows(block.get("transactions"))
    loose = {tx.get("hash") for tx in listed if network.unrooted and tx.get("from") == tx.get("to") == ZERO}
    rooted = [tx for tx in listed if tx.get("hash") not in loose]
    transactions = _root(proofs.transactions_root, rooted)
    _check(block, "transactionsRoot", transactions, name)
    if bundle.all is None:
        return False
    rows = [each for each in _rows(bundle.all.result) if each.get("transactionHash") not in loose]
    receipts = _root(proofs.receipts_root, rows)
    _check(block, "receiptsRoot", receipts, name)
    return header.proved(block) and not loose.intersection(bundle.wanted) and None not in (transactions, receipts)


def _root(compute: Any, rows: list[values.Fields]) -> str | None:
    """None where a kind of transaction stands in the block whose bytes are not known here."""
    try:
        return str(compute(rows))
    except (KeyError, ValueError):
        return None


def _rows(value: Any) -> list[values.Fields]:
    rows = [values.fields(each, "an item of the block") for each in values.items(value, "a list of the block")]
    return sorted(rows, key=lambda each: values.number(each["transactionIndex"], "transactionIndex"))


def _check(block: values.Fields, which: str, found: str | None, name: str) -> None:
    """Raises Error for a root that was computed and is not the header's."""
    if found is None or found == values.digest(block[which], which):
        return
    what = "receipts" if which == "receiptsRoot" else "transactions"
    raise Error(
        "root-false",
        f"The {what} that the node at {name} gives for block {values.number(block['number'])} are not its own.",
        f"They give the root {found}, and the block's header has {values.digest(block[which])}: one was changed,"
        " added or left out.",
        "Ask another node. Nothing of this answer is used.",
    )


def _told(bundle: Bundle, block: values.Fields) -> Iterator[told.Answer]:
    """The block with what was wanted of it only, as the decoder of answers takes it. Raises ValueError."""
    wanted = set(bundle.wanted)
    rows = [tx for tx in _rows(block["transactions"]) if values.digest(tx["hash"]) in wanted]
    if len(rows) != len(wanted):
        raise ValueError(
            f"block {values.number(block['number'])} does not have every transaction that was wanted of it"
        )
    yield told.Answer(
        method=told.BLOCK, params=(), result={**block, "transactions": rows}, place=bundle.block.place
    )
    listed = [(each, bundle.all.place) for each in _rows(bundle.all.result)] if bundle.all else []
    listed += [(values.fields(each.result, "a receipt"), each.place) for each in bundle.receipts]
    mine = [pair for pair in listed if values.digest(pair[0]["transactionHash"]) in wanted]
    if len(mine) != len(wanted):
        raise ValueError(
            f"the receipts of block {values.number(block['number'])} are not those of its transactions"
        )
    for receipt, place in mine:
        yield told.Answer(method=told.RECEIPT, params=(), result=receipt, place=place)
    own = {values.digest(tx["hash"]): tx for tx in rows}
    for each in bundle.inside:
        if each.call.method in INSIDE and not each.refused and each.result is not None:
            tx = own[values.digest(each.call.params[0])]
            yield told.Answer(
                method=told.PARITY if each.call.method == "trace_transaction" else each.call.method,
                params=each.call.params,
                result=_inner(each, tx),
                place=each.place,
            )


def _inner(answer: wire.Answer, tx: values.Fields) -> Any:
    """Some nodes put the transaction itself first among its inner operations, where it does not belong."""
    if answer.call.method != _OTTERSCAN:
        return answer.result
    listed = [values.fields(each, "an operation") for each in values.items(answer.result, "the operations")]
    own = (tx.get("from"), tx.get("to"), values.number(tx["value"]))
    first = [(each.get("from"), each.get("to"), values.number(each["value"])) for each in listed[:1]]
    return listed[1:] if first == [own] else listed


def _unseen(moment: Moment, bundle: Bundle) -> Iterator[Gap]:
    """A gap for each transaction whose inner calls are not known, or not known to stand."""
    for each in bundle.inside:
        tx = values.digest(each.call.params[0])
        if each.refused or each.result is None or each.call.method not in INSIDE:
            said = each.told if each.refused else "none of the ways of asking that are known"
            why = f"The node does not show the calls inside this transaction ({said})."
            yield _calls(moment, tx, why, "Coins that contracts passed on in it are missing.", each.place)
        elif each.call.method == _OTTERSCAN and each.result:
            why = "The node lists the calls inside this transaction without saying which of them were undone."
            yield _calls(moment, tx, why, "An undone payment in it would count as made.", each.place)


def _calls(moment: Moment, tx: str, why: str, effect: str, place: int) -> Gap:
    return Gap(code="calls-unseen", subject=f"{moment.network.id}:{tx}", why=why, effect=effect, place=place)


def _gap(moment: Moment, answer: wire.Answer) -> Gap:
    said = answer.told if answer.refused else f"null to {answer.call.method}"
    return Gap(
        code="block-unseen",
        subject=f"{moment.network.id}:{answer.call.params[0]}",
        why=f"The node answered {said}.",
        effect="Nothing of this block is read from this answer; no history counts as whole because of it.",
        place=answer.place,
    )


def _graded(batch: Batch, included: Sequence[str]) -> Batch:
    """The batch, with those signed transactions marked as included that both roots cover, and no others.

    Where only the transactions were proved, what the logs say was not; the grade is of everything that is read.
    """
    if batch.transactions is None:
        return batch
    rows = batch.transactions
    signed = pc.not_equal(rows.column("proof"), "reported")
    covered = pc.is_in(rows.column("id"), value_set=pa.array(included, pa.string()))
    grade = pc.if_else(signed, pc.if_else(covered, "included", "self-authenticating"), "reported")
    column = rows.schema.get_field_index("proof")
    made = rows.set_column(column, rows.schema.field("proof"), grade.cast(pa.string()))
    others = {name: getattr(batch, name) for name in Batch.__dataclass_fields__ if name != "transactions"}
    return Batch(transactions=made, **others)
