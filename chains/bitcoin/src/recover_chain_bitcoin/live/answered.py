"""What a node answered, as records: each exhibit alone, by the questions that it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recover.sdk import Batch, Block, Coverage, Error, Exhibit, Gap, Nothing, State
from recover_chain_bitcoin import decode as whole
from recover_chain_bitcoin import header as headers
from recover_chain_bitcoin import networks, origin
from recover_chain_bitcoin.live import calls, fields, proofs
from recover_chain_bitcoin.live.calls import Answer, Answers
from recover_chain_bitcoin.live.proofs import Place
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.records import Columns
from recover_chain_bitcoin.transaction import Output, Tx

_BLOCK: Final = re.compile(r"/rest/block/([0-9a-f]{64})\.bin$")


def is_block(name: str) -> bool:
    """Whether a URL asks the REST interface for a raw block."""
    return _BLOCK.search(name) is not None


def decode(exhibit: Exhibit) -> Iterator[Batch]:
    """Raises Error where an answer is odd or a recomputed id differs, NotRecognised for what is no answer."""
    found = _BLOCK.search(exhibit.name) if exhibit.asked is not None else None
    if found is not None:
        yield _block(origin.of_block(exhibit.data), exhibit.data, found[1])
        return
    answers = calls.read(exhibit)
    network = networks.of(answers.chain)
    columns = Columns(network)
    proofs.refusals(columns, answers)
    _transactions(columns, network, answers)
    for answer in answers.listed:
        if not answer.refusal:
            for row in _blocks(network, answer):
                columns.block(row)
    yield columns.batch()
    for answer in answers.all("block"):
        yield _block(network, fields.data(answer, answer.result, "the block"), answer.call.subject)
    yield Batch.of(*_states(network, answers), *_claims(network, answers))
    for answer in answers.all("sighted"):
        yield Batch.of(
            Gap(
                code="unconfirmed",
                subject=answer.call.subject,
                why="When it was asked, the node knew this transaction, and no block of its chain held it.",
                effect="It may never be confirmed: what it moves counts once an exhibit shows its block.",
                place=answer.place,
            )
        )
    if answers.all("waiting"):  # what it names is asked of next, and stands in that answer
        yield Batch.of(Nothing(why="It says which transactions in no block spend the outputs asked about."))


def _block(network: Network, data: bytes, wanted: str) -> Batch:
    found = headers.parse(data)
    if found.id != wanted:
        raise Error(
            "id-differs",
            f"The node did not give block {wanted}.",
            f"The id recomputed from the bytes that it gave is {found.id}.",
            "Ask another node; this one is damaged or lies, and nothing of its answer is used.",
        )
    return whole.block(network, data)


def _transactions(columns: Columns, network: Network, answers: Answers) -> None:
    raws: list[tuple[Answer, Tx]] = []
    told: dict[str, list[Output | None]] = {}
    places: dict[str, Place] = {}
    waiting: set[str] = set()
    for answer in answers.all("raw"):
        tx = proofs.parse(network, answer, _bytes(answer))
        raws.append((answer, tx))
        if isinstance(answer.result, dict):
            said = _said(columns, answer, tx)
            if said is not None:
                places[tx.id] = said
            else:
                waiting.add(tx.id)
            spent = _told(answer, tx)
            if spent:
                told[tx.id] = spent
    known = {tx.id: tx for _, tx in raws}
    for answer in answers.all("spent"):
        known[answer.call.subject] = proofs.parse(network, answer, _bytes(answer))
    for answer in answers.all("proof"):
        if answer.call.subject in known:
            places[answer.call.subject] = _placed(answers, answer, known[answer.call.subject])
    # What no block holds has moved nothing yet: it may never, and another can spend the same coin (BIP 125).
    settled = [(answer, tx) for answer, tx in raws if tx.id not in waiting or tx.id in places]
    proofs.fill(columns, settled, known, told, places)
    rows = {tx.id for _, tx in settled}
    resting = [tx for tx in told if tx in rows and any(each.tx not in known for each in known[tx].inputs)]
    if resting:
        first = next(answer for answer, tx in raws if tx.id == resting[0])
        proofs.unproved(columns, first, len(resting))


def _bytes(answer: Answer) -> bytes:
    """The raw transaction, whatever the verbosity."""
    value = fields.named(answer, answer.result, "hex") if isinstance(answer.result, dict) else answer.result
    return fields.data(answer, value, "the transaction")


def _said(columns: Columns, answer: Answer, tx: Tx) -> Place | None:
    """The block that the node names; a gap where it names none."""
    block = answer.result.get("blockhash")
    if block is not None:
        time = answer.result.get("blocktime")
        return Place(
            block=fields.tx_id(answer, block, "blockhash"),
            time=None if time is None else fields.number(answer, time, "blocktime"),
        )
    columns.gap(
        Gap(
            code="unconfirmed",
            subject=tx.id,
            why="The node knows this transaction, and no block of its chain holds it.",
            effect="It may never be confirmed: it is not followed as if it were.",
            place=answer.place,
        )
    )
    return None


def _told(answer: Answer, tx: Tx) -> list[Output | None]:
    """What the inputs spend, as the node tells it at verbosity 2; empty where it does not."""
    listed = fields.listed(answer, answer.result.get("vin", []), "vin")
    if tx.is_coinbase or not any(isinstance(each, dict) and "prevout" in each for each in listed):
        return []
    if len(listed) != len(tx.inputs):
        raise fields.odd(answer, f"it lists {len(listed)} inputs, and the bytes have {len(tx.inputs)}")
    found: list[Output | None] = []
    for each, spent in zip(listed, tx.inputs, strict=True):
        prevout = fields.named(answer, each, "prevout")
        if (each.get("txid"), each.get("vout")) != (spent.tx, spent.vout):
            raise fields.odd(answer, "its inputs are not those of its bytes")
        script = fields.named(answer, fields.named(answer, prevout, "scriptPubKey"), "hex")
        value = fields.amount(answer, fields.named(answer, prevout, "value"), "value")
        found.append(Output(value, fields.data(answer, script, "scriptPubKey")))
    return found


def _placed(answers: Answers, proof: Answer, tx: Tx) -> Place:
    """The proved place, with height and standing as the header's answer says."""
    shown = proofs.of_core(proof, tx)
    said = answers.of("header", f"{tx.id} {shown.block}")
    if said is None:
        return shown
    height, tip = _standing(said)
    return Place(
        block=shown.block,
        head=shown.head,
        index=shown.index,
        height=height,
        time=shown.time,
        tip=tip,
        stale=tip is None,
        path=shown.path,
    )


def _standing(answer: Answer) -> tuple[int, int | None]:
    """The height of a block, and that of the chain's tip; None where the chain does not hold the block."""
    height = fields.number(answer, fields.named(answer, answer.result, "height"), "height")
    deep = fields.number(answer, fields.named(answer, answer.result, "confirmations"), "confirmations", -1)
    return height, None if deep < 1 else height + deep - 1


def _blocks(network: Network, answer: Answer) -> Iterator[Block]:
    """Blocks that an answer names."""
    place = answer.place

    def row(value: calls.Json, height: int | None = None, tip: int | None = None, stale: bool = False) -> Block:
        block = fields.tx_id(answer, value, "a block")
        return Block(chain=network.id, id=block, place=place, height=height, tip=tip, stale=stale)

    match answer.call.purpose:
        case "genesis":
            yield row(answer.result, 0)
        case "node":
            height = fields.number(answer, fields.named(answer, answer.result, "blocks"), "blocks")
            yield row(fields.named(answer, answer.result, "bestblockhash"), height, height)
        case "hash" | "history-whole" | "history-since" | "history-part":
            (height,) = answer.call.params
            yield row(answer.result, fields.number(answer, height, "the height"))
        case "activity":
            for each in answer.call.params[0]:
                yield row(each)
        case "header":
            height, tip = _standing(answer)
            yield row(fields.named(answer, answer.result, "hash"), height, tip, tip is None)
        case "coin" if answer.result is not None:
            yield row(fields.named(answer, answer.result, "bestblock"))


def _states(network: Network, answers: Answers) -> Iterator[State]:
    for answer in answers.all("balance"):
        height = fields.number(answer, fields.named(answer, answer.result, "height"), "height")
        coins = fields.listed(answer, fields.named(answer, answer.result, "unspents"), "unspents")
        total = fields.amount(answer, fields.named(answer, answer.result, "total_amount"), "total_amount")
        if fields.named(answer, answer.result, "success") is not True:
            raise fields.odd(answer, "the pass over all unspent outputs was not finished")
        if total != sum(fields.amount(answer, fields.named(answer, coin, "amount"), "amount") for coin in coins):
            raise fields.odd(answer, "the total is not the sum of its coins")
        if ":" in answer.call.subject:
            continue  # asked about one output's script, not about an address
        yield State(
            kind="balance",
            chain=network.id,
            address=answer.call.subject,
            amount=total,
            asset=network.native.id,
            height=height,
            block=fields.tx_id(answer, fields.named(answer, answer.result, "bestblock"), "bestblock"),
            facts=f'{{"coins":{len(coins)}}}',
            place=answer.place,
        )


def _claims(network: Network, answers: Answers) -> Iterator[Coverage | Gap]:
    """The history that the closing question claims: only where the tip is still the one that was read up to."""
    for answer in answers.all("history-whole"):
        address, _, best = answer.call.subject.rpartition(" ")
        if answer.result == best:
            yield Coverage(chain=network.id, address=address, place=answer.place)
    for answer in answers.all("history-since"):
        before, _, since = answer.call.subject.rpartition(" ")
        address, _, best = before.rpartition(" ")
        if not since.isascii() or not since.isdigit():
            raise fields.odd(answer, "its question names no height")
        if answer.result == best:
            yield Coverage(chain=network.id, address=address, since_height=int(since), place=answer.place)
    for answer in answers.all("history-part"):
        address = answer.call.subject.rpartition(" ")[0]
        yield Gap(
            code="history-part",
            subject=address,
            why="The node keeps no block filters (blockfilterindex=1), so only the transactions that made its "
            "unspent coins were found.",
            effect="What this address received and spent before is not here.",
            place=answer.place,
        )
