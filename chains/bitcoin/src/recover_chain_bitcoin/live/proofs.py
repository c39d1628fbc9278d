"""Transactions from a batch: ids recomputed, what they spend taken from the bytes that made it, places proved.

The same for a node and for an Electrum server, which differ only in how they hand out a Merkle proof. Purposes:
`raw` is a transaction that was asked for, `spent` one whose outputs it spends, `proof` and `header` its place.
An id covers no witness (BIP 141): what signatures look like is the server's word, and moves no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from recover.sdk import Block, Error, Gap
from recover.sdk.counts import counted
from recover.sdk.records import Proof
from recover_chain_bitcoin import header, merkle, transaction
from recover_chain_bitcoin.header import Header
from recover_chain_bitcoin.live import calls, fields
from recover_chain_bitcoin.live.calls import Answer, Answers
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.records import Columns
from recover_chain_bitcoin.transaction import Output, Tx

Known: TypeAlias = Mapping[str, Tx]
Told: TypeAlias = Mapping[str, Sequence[Output | None]]
"""Transaction -> what its inputs spend by the server's word alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a transaction stands. `path` says that a Merkle path to `head` was recomputed.

    `head` is None where only its id is known. `tip` is the height of the server's chain, `stale` that the server
    calls the block no part of it.
    """

    block: str
    head: Header | None = None
    index: int | None = None
    height: int | None = None
    time: int | None = None
    tip: int | None = None
    stale: bool = False
    path: bool = False


def parse(network: Network, answer: Answer, data: bytes) -> Tx:
    """The transaction that was asked for. Raises Error when these bytes are another one's: the server lies."""
    found = transaction.parse(data, witness=network.segwit)
    if found.id != answer.call.subject:
        raise Error(
            "id-differs",
            f"The server did not give transaction {answer.call.subject}.",
            f"The id recomputed from the bytes that it gave is {found.id}.",
            "Ask another server; this one is damaged or lies, and nothing of its answer is used.",
        )
    return found


def of_core(answer: Answer, tx: Tx) -> Place:
    """The place that `gettxoutproof` shows: a partial Merkle tree under a header (BIP 37)."""
    proof = merkle.parse(fields.data(answer, answer.result, "the proof"))
    wanted = answer.call.params[1] if len(answer.call.params) > 1 else proof.header.id
    index = next((index for index, tx_id in proof.matches if tx_id == tx.id), None)
    if index is None or proof.header.id != wanted:
        raise fields.odd(answer, f"it does not prove {tx.id} in block {wanted}")
    return Place(block=proof.header.id, head=proof.header, index=index, time=proof.header.time, path=_provable(tx))


def of_electrum(answer: Answer, head: Answer, tx: Tx) -> Place:
    """The place that `get_merkle` shows, under the header that `block.header` gave for the same height."""
    found = header.parse(fields.data(head, head.result, "the header"))
    if len(found.raw) * 2 != len(head.result):
        raise fields.odd(head, "it is longer than a header")
    listed = fields.listed(answer, fields.named(answer, answer.result, "merkle"), "merkle")
    path = [fields.tx_id(answer, each, "a node of the path") for each in listed]
    index = fields.number(answer, fields.named(answer, answer.result, "pos"), "pos")
    height = fields.number(answer, fields.named(answer, answer.result, "block_height"), "block_height")
    if merkle.climb(tx.id, index, path) != found.root or head.call.params[:1] != (height,):
        raise fields.odd(answer, f"its path does not lead from {tx.id} to the header at height {height}")
    return Place(block=found.id, head=found, index=index, height=height, time=found.time, path=_provable(tx))


def fill(
    columns: Columns, raws: Sequence[tuple[Answer, Tx]], known: Known, told: Told, places: Mapping[str, Place]
) -> None:
    """Rows of the transactions of `raws` at their places, their inputs as `known` and then `told` say."""
    shown: set[str] = set()
    for answer, tx in raws:
        place = places.get(tx.id)
        spent = _spent(tx, known, told.get(tx.id, ()))
        proof: Proof = "included" if place is not None and place.path else "self-authenticating"
        columns.add(
            tx,
            place=answer.place,
            spent=spent,
            block=None if place is None else place.block,
            height=None if place is None else place.height,
            index=None if place is None else place.index,
            time=None if place is None else place.time,
            proof=proof,
        )
        if place is not None and place.block not in shown:
            shown.add(place.block)
            _block(columns, place, answer.place)


def refusals(columns: Columns, answers: Answers) -> None:
    """A gap for each call that the server refused."""
    for each in answers.refused:
        columns.gap(calls.gap(each))


def unproved(columns: Columns, answer: Answer, transactions: int) -> None:
    """A gap for amounts that rest on the server's word, because the bytes that made them could not be had."""
    columns.gap(
        Gap(
            code="inputs-reported",
            subject=answer.call.subject,
            why=f"What the inputs of {counted(transactions, 'transaction')} spend is what the server says: it "
            "keeps no index of transactions, so the bytes that made those outputs could not be had.",
            effect="The amounts and addresses of these inputs, and so the fees, are not proved.",
            place=answer.place,
        )
    )


def _spent(tx: Tx, known: Known, told: Sequence[Output | None]) -> list[Output | None] | None:
    if tx.is_coinbase:
        return None
    found: list[Output | None] = []
    for number, each in enumerate(tx.inputs):
        made = known.get(each.tx)
        if made is None:
            found.append(told[number] if number < len(told) else None)
        elif each.vout < len(made.outputs):
            found.append(made.outputs[each.vout])
        else:
            raise Error(
                "output-missing",
                f"Transaction {tx.id} spends output {each.vout} of {each.tx}, which has {len(made.outputs)}.",
                "Both ids were recomputed from the bytes that the server gave.",
                "No node accepts such a transaction: ask another server.",
            )
    return found


def _block(columns: Columns, place: Place, at: int) -> None:
    head = place.head
    sealed = head is not None and columns.network.proves(head)
    columns.block(
        Block(
            chain=columns.network.id,
            id=place.block,
            place=at,
            parent=None if head is None else head.parent,
            height=place.height,
            time=None if head is None else datetime.fromtimestamp(head.time, UTC),
            sealed=sealed,
            stale=place.stale,
            tip=place.tip,
            work=header.work(head.bits) if head is not None and sealed else None,
        )
    )


def _provable(tx: Tx) -> bool:
    try:
        merkle.check_leaf(tx)
    except Error:
        return False
    return True
