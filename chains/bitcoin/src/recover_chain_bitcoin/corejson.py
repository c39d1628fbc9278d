"""The JSON of Bitcoin Core and Knots: `getblock` at every verbosity, `getrawtransaction`, and their kin.

Where the JSON has raw bytes (`hex`) they are parsed; else the bytes are built again from the fields. Either way
the id is recomputed. A block's header is built again too, and the Merkle root is recomputed from the ids, so a
block at verbosity 2 proves as much as its raw bytes. Values of spent outputs (verbosity 3) are the node's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recover.sdk import Batch, Error, Gap, NotRecognised
from recover.sdk.counts import counted
from recover_chain_bitcoin import block as blocks
from recover_chain_bitcoin import decode, esplora, header, networks, origin, transaction
from recover_chain_bitcoin.block import Block
from recover_chain_bitcoin.esplora import check_id
from recover_chain_bitcoin.header import Header
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.node import Node
from recover_chain_bitcoin.records import Columns
from recover_chain_bitcoin.transaction import NULL, Input, Output, Tx


def result(top: Node) -> Node:
    """What a JSON-RPC answer holds, or the value itself where it is no answer. Raises Error for a refusal."""
    if not isinstance(top.value, dict) or not ({"result", "error"} & top.value.keys()):
        return top
    refused = top.value.get("error")
    if refused is not None:
        raise Error(
            "rpc-refused",
            "The node refused.",
            f"It says: {_said(refused)!a}.",
            "See what the node says; ask again when it is mended. Nothing is known of what was asked.",
        )
    return top.at("result")


def is_block(top: Node) -> bool:
    """Whether a value is a block as `getblock` writes it."""
    return top.has("hash", "merkleroot", "tx", "time", "bits")


def is_transaction(top: Node) -> bool:
    """Whether a value is a transaction as `getrawtransaction` writes it."""
    return top.has("txid", "vin", "vout") and any(each.has("scriptPubKey") for each in _each(top, "vout"))


def network_of(top: Node) -> Network:
    """The network of a block by its proof of work, of a transaction by its addresses; Bitcoin where none shows."""
    if is_block(top):
        first = next(_each(top, "tx"), None)
        coinbase = None if first is None or not is_transaction(first) else read(first)
        found = origin.of_header(head(top), coinbase)
        texts = [text for each in _each(top, "tx") for text in _addresses(each)]
    else:
        found, texts = None, _addresses(top)
    return found or origin.of_text(texts) or networks.of("mainnet")


def batch(network: Network, top: Node, *, tip: int | None = None) -> Batch:
    """A block or a transaction as records; `place` is the number in the block.

    `tip` is the height of the node's chain; without it, it follows from `confirmations`. Raises Error naming what
    cannot be read, an id, a header or a Merkle root that is not that of the content.
    """
    if is_block(top):
        return _block(network, top, tip)
    if is_transaction(top):
        return _lone(network, top)
    raise NotRecognised(
        "json-unknown",
        "It is no block and no transaction.",
        "It has not the members that getblock or getrawtransaction give.",
        "Name the source that it came from with --as.",
    )


def head(top: Node) -> Header:
    """A block's header built again. Raises Error when its hash is not the one that is stated."""
    built = header.build(
        version=top.at("version").number(-(2**31), 2**31 - 1),
        parent=top.at("previousblockhash").hash() if top.has("previousblockhash") else NULL,
        root=top.at("merkleroot").hash(),
        time=top.at("time").number(0, 2**32 - 1),
        bits=int.from_bytes(top.at("bits").bytes()[:4], "big"),
        nonce=top.at("nonce").number(0, 2**32 - 1),
    )
    if built.id != top.at("hash").hash():
        raise Error(
            "block-hash-differs",
            f"Block {top.at('hash').hash()} is not what the node says it is.",
            f"The header that is listed has the hash {built.id}.",
            "Do not rely on this node or file; ask another.",
        )
    return built


def read(each: Node) -> Tx:
    """A transaction from its `hex`, or built again from its fields. Raises Error when its id is another."""
    tx = transaction.parse(each.at("hex").bytes()) if each.has("hex") else _built(each)
    check_id(tx, each.at("txid"))
    return tx


def spent(each: Node) -> list[Output | None]:
    """What a transaction's inputs spend, as far as it is shown (`prevout`, verbosity 3)."""
    shown = [vin.at("prevout") if vin.has("prevout") else None for vin in each.at("vin").items()]
    return [None if prevout is None else _output(prevout) for prevout in shown]


def _block(network: Network, top: Node, tip: int | None) -> Batch:
    built = head(top)
    listed = list(top.at("tx").items())
    columns = Columns(network)
    height = top.at("height").number(0, 2**31 - 1) if top.has("height") else None
    deep = top.at("confirmations").number(-1, 2**31) if top.has("confirmations") else None
    if tip is None and deep is not None and deep > 0 and height is not None:
        tip = height + deep - 1
    if all(isinstance(each.value, str) for each in listed):
        blocks.check_root(built, [each.hash() for each in listed])
        columns.gap(_unread(built, len(listed)))
        found = Block(header=built, transactions=(), size=0)
        decode.row(columns, found, height=height, tip=tip, stale=deep == -1)
    else:
        _whole(columns, built, listed, height, tip, stale=deep == -1)
    return columns.batch()


def _whole(
    columns: Columns, built: Header, listed: list[Node], height: int | None, tip: int | None, *, stale: bool
) -> None:
    problems: list[Error] = []
    found: list[Tx] = []
    for each in listed:
        try:
            found.append(read(each))
        except Error as error:
            problems.append(error)
    esplora.report(problems)
    whole = Block(header=built, transactions=tuple(found), size=0)
    blocks.check(whole)
    shown = [() if tx.is_coinbase else spent(each) for each, tx in zip(listed, found, strict=True)]
    places = range(len(found))
    decode.add(columns, whole, prevouts=shown, height=height, tip=tip, stale=stale, places=places)


def _lone(network: Network, top: Node) -> Batch:
    columns = Columns(network)
    tx = read(top)
    columns.add(
        tx,
        place=0,
        spent=None if tx.is_coinbase else spent(top),
        block=top.at("blockhash").hash() if top.has("blockhash") else None,
        time=top.at("blocktime").number(0, 2**32 - 1) if top.has("blocktime") else None,
    )
    return columns.batch()


def _built(each: Node) -> Tx:
    return transaction.build(
        each.at("version").number(-(2**31), 2**32 - 1),
        [_input(vin) for vin in each.at("vin").items()],
        [_output(vout) for vout in each.at("vout").items()],
        each.at("locktime").number(0, 2**32 - 1),
    )


def _input(vin: Node) -> Input:
    witness = vin.at("txinwitness").items() if vin.has("txinwitness") else ()
    items = tuple(item.bytes() for item in witness)
    sequence = vin.at("sequence").number(0, 2**32 - 1)
    if vin.has("coinbase"):
        return Input(NULL, 0xFFFFFFFF, vin.at("coinbase").bytes(), sequence, items)
    number = vin.at("vout").number(0, 2**32 - 1)
    return Input(vin.at("txid").hash(), number, vin.at("scriptSig").at("hex").bytes(), sequence, items)


def _output(vout: Node) -> Output:
    return Output(vout.at("value").coins(), vout.at("scriptPubKey").at("hex").bytes())


def _unread(built: Header, count: int) -> Gap:
    return Gap(
        code="transactions-not-shown",
        subject=built.id,
        why=f"The exhibit lists what this block holds by ids only ({counted(count, 'transaction')}; verbosity 1).",
        effect="What they moved is not known from this exhibit.",
    )


def _each(top: Node, name: str) -> Iterator[Node]:
    if top.has(name) and isinstance(top.value[name], list):
        yield from top.at(name).items()


def _addresses(tx: Node) -> list[str]:
    found: list[str] = []
    for vout in _each(tx, "vout"):
        if not vout.has("scriptPubKey"):
            continue
        lock: Any = vout.value["scriptPubKey"]
        if not isinstance(lock, dict):
            continue
        several = lock.get("addresses")
        named = [lock.get("address"), *(several if isinstance(several, list) else ())]
        found += [each for each in named if isinstance(each, str)]
    return found


def _said(refused: Any) -> str:
    message = refused.get("message") if isinstance(refused, dict) else refused
    return str(message)[:200]
