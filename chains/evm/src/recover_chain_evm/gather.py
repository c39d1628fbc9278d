"""A node's answers sorted by what they are about: each block, transaction, receipt, log and call once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from recover.sdk import Error, Gap, State
from recover_chain_evm import answers as told
from recover_chain_evm import blocks as credited
from recover_chain_evm import calls, envelope, proofs, states, traces
from recover_chain_evm.answers import Answer, Refusal
from recover_chain_evm.networks import Network
from recover_chain_evm.values import Fields, digest, fields, items, maybe, number, shown

BLOCK = {"block": "hash", "parent": "parentHash", "height": "number", "time": "timestamp"}
SENT = {
    "tx": "hash",
    "sender": "from",
    "called": "to",
    "value": "value",
    "nonce": "nonce",
    "input": "input",
    "type": "type",
    "mint": "mint",
    "height": "blockNumber",
    "position": "transactionIndex",
    "block": "blockHash",
    "time": "blockTimestamp",
    "status": "status",
    "created": "contractAddress",
    "gas_used": "gasUsed",
    "price": "effectiveGasPrice",
    "l1_fee": "l1Fee",
    "blob_gas": "blobGasUsed",
    "blob_price": "blobGasPrice",
    "base_fee": "baseFeePerGas",
    "delegates": "delegates",
}
LOGS = {
    "tx": "transactionHash",
    "contract": "address",
    "topics": "topics",
    "data": "data",
    "index": "logIndex",
    "height": "blockNumber",
    "position": "transactionIndex",
    "block": "blockHash",
    "time": "blockTimestamp",
    "removed": "removed",
    "sender": "from",
    "called": "to",
    "method": "method",
}


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Everything that the answers show, each thing once: blocks by hash, transactions and calls by id."""

    blocks: dict[str, tuple[Fields, int]] = field(default_factory=dict)
    transactions: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: dict[str, Fields] = field(default_factory=dict)
    whole: dict[str, list[Fields]] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    logs: dict[tuple[str, int], tuple[dict[str, Any], int]] = field(default_factory=dict)
    traced: dict[str, traces.Traced] = field(default_factory=dict)
    operations: dict[str, traces.Traced] = field(default_factory=dict)
    clocks: dict[str, Any] = field(default_factory=dict)
    credits: list[credited.Credit] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def gather(network: Network, each: Answer, into: Gathered) -> None:
    """Put what an answer shows into its place. Raises KeyError, ValueError or TypeError."""
    if each.result is None:
        into.gaps.append(_empty(each))
    elif each.method == told.BLOCK:
        _block(into, fields(each.result, "a block"), each.place)
    elif each.method == told.CLOCK:
        block = fields(each.result, "a block")
        into.clocks[digest(block["hash"], "hash")] = block["timestamp"]
    elif each.method == told.TRANSACTION:
        _transaction(into, fields(each.result, "a transaction"), each.place)
    elif each.method == told.RECEIPT:
        _receipt(into, fields(each.result, "a receipt"), each.place)
    elif each.method == told.RECEIPTS:
        listed = [fields(one, "a receipt") for one in items(each.result, "receipts")]
        for count, one in enumerate(listed):
            _receipt(into, one, each.place + count)
        if listed:
            into.whole[digest(listed[0]["blockHash"], "blockHash")] = listed
    elif each.method == told.LOGS:
        for count, log in enumerate(items(each.result, "logs")):
            _log(into, fields(log, "a log"), each.place + count)
    elif each.method in (told.TRACER, told.TRACERS, told.PARITY, "ots_getInternalOperations"):
        _calls(into, each)
    elif not each.method and each.result != []:
        into.gaps.append(_unread(each))
    else:
        into.states += states.read(network, each, {hash: block for hash, (block, _) in into.blocks.items()})


def timed(into: Gathered) -> None:
    """Give the time of blocks that are here by it alone to what stands in them and states no time itself."""
    for row in (*into.transactions.values(), *(log for log, _ in into.logs.values())):
        clock = into.clocks.get(str(row.get("blockHash")).lower())
        if clock is not None and row.get("blockTimestamp") is None:
            row["blockTimestamp"] = clock


def _block(into: Gathered, block: Fields, place: int) -> None:
    name = digest(block["hash"], "hash")
    into.blocks[name] = (block, place)
    shared = {"blockTimestamp": block["timestamp"], "baseFeePerGas": block.get("baseFeePerGas")}
    for count, tx in enumerate(items(block.get("transactions") or [], "transactions")):
        if isinstance(tx, dict):
            _transaction(into, {**tx, **shared}, place)
        elif not isinstance(tx, str):
            raise ValueError(f"transaction {count} of the block is neither an object nor an id")
    if block.get("withdrawals"):
        height = number(block["number"], "number")
        into.credits += credited.withdrawals(block["withdrawals"], height=height, place=place, block=name)


def _transaction(into: Gathered, tx: Fields, place: int) -> None:
    name = digest(tx["hash"], "hash")
    if tx.get("blockHash") is None and tx.get("blockNumber") is None and tx.get("blockTimestamp") is None:
        into.pending.setdefault(name, place)
        return
    kept = {key: tx[key] for key in SENT.values() if key in tx}
    if tx.get("authorizationList"):
        kept["delegates"] = envelope.authorities(tx)
    row = into.transactions.setdefault(name, {})
    row |= {"signed": proofs.signed(tx), **{key: value for key, value in kept.items() if value is not None}}
    into.places.setdefault(name, place)


def _receipt(into: Gathered, receipt: Fields, place: int) -> None:
    name = digest(receipt["transactionHash"], "transactionHash")
    listed = [fields(log, "a log") for log in items(receipt["logs"], "logs")]
    if any(log.get("removed") is True for log in listed):
        # It speaks of a block that is no part of the chain: neither its logs nor its fee stand.
        into.gaps.append(_removed(name, place))
        return
    into.receipts[name] = receipt
    row = into.transactions.setdefault(name, {})
    kept = {key: receipt[key] for key in SENT.values() if receipt.get(key) is not None}
    row |= {"hash": name, **kept}
    into.places.setdefault(name, place)
    for log in listed:
        shared = {key: receipt.get(key) for key in ("from", "to", "blockNumber", "transactionIndex", "blockHash")}
        _log(into, {**shared, **log, "transactionHash": name}, place)


def _log(into: Gathered, log: Fields, place: int) -> None:
    key = (digest(log["transactionHash"], "transactionHash"), number(log["logIndex"], "logIndex"))
    if log.get("removed") is True:
        into.gaps.append(_removed(key[0], place))
    row, first = into.logs.get(key, ({}, place))
    into.logs[key] = ({**row, **{k: v for k, v in log.items() if v is not None}}, first)


def _calls(into: Gathered, each: Answer) -> None:
    if each.method == told.PARITY:
        listed = items(each.result, "traces")
        into.credits += credited.rewards(listed, each.place)
        for tx, group in calls.by_transaction(listed).items():
            if tx:
                _traced(into, tx, list(calls.of_parity(group)), each.place, group[0])
        return
    if each.method == told.TRACERS:
        for count, one in enumerate(items(each.result, "traces")):
            row = fields(one, "a trace")
            if row.get("txHash") is None:
                into.gaps.append(_unnamed(each.place + count))
                continue
            tx = digest(row["txHash"], "txHash")
            if row.get("result") is None:
                into.gaps.append(_untraced(tx, row, each.place + count))
                continue
            _traced(into, tx, list(calls.of_tracer(row["result"])), each.place + count, {})
        return
    if not each.params:
        into.gaps.append(_unnamed(each.place))
        return
    tx = digest(each.params[0], "the transaction asked for")
    if each.method == told.TRACER:
        _traced(into, tx, list(calls.of_tracer(each.result)), each.place, {})
        return
    found = list(calls.of_otterscan(items(each.result, "operations")))
    into.operations.setdefault(tx, traces.Traced(tx=tx, calls=found, place=each.place))


def _traced(into: Gathered, tx: str, found: list[calls.Call], place: int, shown: Fields) -> None:
    if tx in into.traced:
        return
    into.traced[tx] = traces.Traced(
        tx=tx,
        calls=found,
        place=place,
        height=maybe(shown.get("blockNumber"), number, "blockNumber"),
        position=maybe(shown.get("transactionPosition"), number, "transactionPosition"),
        block=maybe(shown.get("blockHash"), digest, "blockHash"),
    )


def chain_of(found: Sequence[Answer]) -> int | None:
    """The chain id that the answers show, of `eth_chainId` or a transaction. Raises Error where they differ."""
    seen: set[int] = set()
    for each in found:
        if each.method == "eth_chainId" and isinstance(each.result, str):
            seen.add(number(each.result, "the chain id"))
        listed = each.result.get("transactions") if isinstance(each.result, dict) else None
        for tx in [*(listed if isinstance(listed, list) else []), each.result]:
            if isinstance(tx, dict) and "nonce" in tx and "input" in tx:
                seen |= {chain for chain in (envelope.chain_of(tx),) if chain is not None}
    if len(seen) > 1:
        raise Error(
            "several-chains-shown",
            f"The answers are of the chains {', '.join(str(chain) for chain in sorted(seen))}.",
            "One exhibit is read as of one chain.",
            "Ask one node at a time, and import its answers apart from another's.",
        )
    return next(iter(seen), None)


def refused(each: Refusal) -> Gap:
    """The gap that a part of a batch leaves which the node refused."""
    return Gap(
        code="node-refused",
        subject=each.method or "request",
        why=f"The node refused a part of what was asked: {each.said} (code {each.code}).",
        effect="What this part would have shown is missing.",
        place=each.place,
    )


def _empty(each: Answer) -> Gap:
    asked = ", ".join(str(value)[:80] for value in each.params if isinstance(value, str | int))
    return Gap(
        code="answer-empty",
        subject=asked or each.method or "request",
        why=f"The node answered {each.method or 'the request'} with nothing.",
        effect="What was asked for is unknown to this node, and is not taken as empty.",
        place=each.place,
    )


def _unread(each: Answer) -> Gap:
    names = ", ".join(sorted(map(str, each.result))[:8]) if isinstance(each.result, dict) else ""
    has = f" It has {shown(names)}." if names else ""
    return Gap(
        code="answer-unread",
        subject="answer",
        why=f"An answer has the shape of none that is read, and no request here says what it answers.{has}",
        effect="What it shows is not used. Import it with its request, or ask a node for the same.",
        place=each.place,
    )


def _removed(tx: str, place: int) -> Gap:
    return Gap(
        code="log-removed",
        subject=tx,
        why="The node says that it took a log of this transaction back: the chain was reorganised.",
        effect="What the log says is left out; ask for the transaction's receipt again.",
        place=place,
    )


def _untraced(tx: str, row: Fields, place: int) -> Gap:
    return Gap(
        code="calls-missing",
        subject=tx,
        why=f"The node could not trace this transaction; it says {shown(str(row.get('error') or 'nothing'))}.",
        effect="What its calls moved is unknown.",
        place=place,
    )


def _unnamed(place: int) -> Gap:
    return Gap(
        code="calls-unnamed",
        subject="trace",
        why="A trace does not name its transaction, and the request that would is not here.",
        effect="What its calls moved is left out.",
        place=place,
    )
