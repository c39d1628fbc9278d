"""Histories and spends on a node without an address index: its block filters name the blocks, which are then read.

Block filters: BIP 157 and 158. A filter names a block too many now and then, never one too few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from recover.sdk import Error
from recover_chain_bitcoin import decode
from recover_chain_bitcoin.block import Block
from recover_chain_bitcoin.live import calls, fields
from recover_chain_bitcoin.live.asking import NAME, Asking, State
from recover_chain_bitcoin.live.calls import Answer, Call

WINDOW: Final = 20_000
"""Blocks to a scan: seconds of a node's work, within the time that a recorder waits."""

SHORT: Final = 2_000
"""A chain with no more blocks is read whole where the node has no filters."""

_TOGETHER: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One time that a script received or spent: the transaction and its block; for a spend, what was spent."""

    tx: str
    block: str
    spends: tuple[str, int] | None = None


def history(asking: Asking, address: str, arrived: int = 0) -> None:
    """Every transaction of an address, with proofs; the last exhibit claims the history, if it is whole.

    Where the node has filters, the blocks from the one in which value `arrived` are read first, and claimed by
    themselves: a scan of all before them takes minutes.
    """
    state = asking.state()
    descriptor = asking.descriptor(address)
    begin = arrived if state.filters and arrived <= state.height else 0
    whole = _part(asking, state, address, descriptor, begin, state.height)
    _close(asking, state, address, "since" if begin else "whole" if whole else "part", begin)
    if begin:
        _part(asking, state, address, descriptor, 0, begin - 1)
        _close(asking, state, address, "whole")


def _part(asking: Asking, state: State, address: str, descriptor: str, first: int, last: int) -> bool:
    """What an address did in these blocks, with proofs; whether none of them can be missing."""
    blocks, whole = _blocks(asking, state, address, descriptor, first, last)
    acts = _acts(asking, state, address, descriptor, blocks)
    where = {act.tx: act.block for act in acts}
    asking.prove(asking.raws(list(where.items())), state)
    return whole


def spend(asking: Asking, tx: str, index: int) -> None:
    """The transaction that spent an output; an unspent one is shown by the node's answer alone."""
    state = asking.state()
    coin = Call(purpose="coin", subject=f"{tx}:{index}", method="gettxout", params=(tx, index, False))
    made, block, answers = asking.locate(tx, coin)
    if answers.listed[1].result is not None:
        return
    if index >= len(made.outputs) or block is None:
        raise Error(
            "no-such-output",
            f"Transaction {tx} has no confirmed output {index}.",
            f"It has {len(made.outputs)} outputs{'' if block else ', and is not confirmed'}.",
            "Correct the ask, or wait until it is confirmed.",
        )
    (head,) = asking.put(
        Call(purpose="header", subject=f"{tx} {block}", method="getblockheader", params=(block, True))
    ).listed
    height = fields.number(head, fields.named(head, head.result, "height"), "height")
    descriptor = f"raw({made.outputs[index].script.hex()})"
    blocks, _ = _blocks(asking, state, f"{tx}:{index}", descriptor, height, state.height)
    acts = _acts(asking, state, f"{tx}:{index}", descriptor, blocks)
    where = {act.tx: act.block for act in acts if act.spends == (tx, index)}
    if not where:
        raise Error(
            "spend-not-found",
            f"The node says that output {index} of {tx} is spent, and does not show by what.",
            "No block that it names holds such a transaction.",
            "Ask an Electrum or an Esplora server.",
        )
    asking.prove(asking.raws(list(where.items())), state)


def _blocks(
    asking: Asking, state: State, subject: str, descriptor: str, start: int, last: int
) -> tuple[list[str], bool]:
    """Ids of the blocks to read, lowest first, and whether none can be missing."""
    if state.filters:
        return _filtered(asking, subject, descriptor, start, last), True
    if state.height - start < SHORT:
        return _every(asking, state, start), True
    return _unspent(asking, subject, descriptor), False


def _filtered(asking: Asking, subject: str, descriptor: str, start: int, last: int) -> list[str]:
    found: list[str] = []
    for low in range(start, last + 1, WINDOW):
        high = min(low + WINDOW - 1, last)
        answers = asking.put(
            Call(purpose="scan", subject=subject, method="scanblocks", params=("start", [descriptor], low, high)),
            Call(purpose="hash", subject=str(high), method="getblockhash", params=(high,)),
        )
        scan = answers.listed[0]
        reached = fields.number(scan, fields.named(scan, scan.result, "to_height"), "to_height")
        if fields.named(scan, scan.result, "completed") is not True or reached != high:
            raise fields.odd(scan, f"it stopped at height {reached} of {high}")
        listed = fields.listed(scan, fields.named(scan, scan.result, "relevant_blocks"), "relevant_blocks")
        found += [fields.tx_id(scan, each, "a relevant block") for each in listed]
    return found


def _every(asking: Asking, state: State, start: int) -> list[str]:
    heights = range(start, state.height + 1)
    found: list[str] = []
    for at in range(0, len(heights), 500):
        answers = asking.put(
            *(
                Call(purpose="hash", subject=str(height), method="getblockhash", params=(height,))
                for height in heights[at : at + 500]
            )
        )
        found += [fields.tx_id(each, each.result, "a block") for each in answers.listed]
    return found


def _unspent(asking: Asking, subject: str, descriptor: str) -> list[str]:
    (answer,) = asking.put(
        Call(purpose="balance", subject=subject, method="scantxoutset", params=("start", [descriptor]))
    ).listed
    coins = fields.listed(answer, fields.named(answer, answer.result, "unspents"), "unspents")
    blocks = [
        (
            fields.number(answer, fields.named(answer, coin, "height"), "height"),
            fields.tx_id(answer, fields.named(answer, coin, "blockhash"), "blockhash"),
        )
        for coin in coins
    ]
    return [block for _, block in sorted(set(blocks))]


def _acts(asking: Asking, state: State, subject: str, descriptor: str, blocks: Sequence[str]) -> list[Act]:
    """What the script did in these blocks: as the node tells it, else read from the blocks themselves."""
    found: list[Act] = []
    for at in range(0, len(blocks), _TOGETHER):
        part = list(blocks[at : at + _TOGETHER])
        answers = asking.put(
            Call(
                purpose="activity",
                subject=subject,
                method="getdescriptoractivity",
                params=(part, [descriptor], False),
            ),
            refusals=True,
        )
        (answer,) = answers.listed
        if "(code -32601)" in answer.refusal:  # the call came with Bitcoin Core 29
            return _read(asking, descriptor, blocks)
        if answer.refusal and state.least:
            raise _pruned(state, answer)
        calls.require(answers, NAME)
        listed = fields.listed(answer, fields.named(answer, answer.result, "activity"), "activity")
        found += [_act(answer, each) for each in listed]
    return found


def _act(answer: Answer, each: calls.Json) -> Act:
    def named(name: str) -> str:
        return fields.tx_id(answer, fields.named(answer, each, name), name)

    if fields.named(answer, each, "type") == "receive":
        return Act(tx=named("txid"), block=named("blockhash"))
    number = fields.number(answer, fields.named(answer, each, "prevout_vout"), "prevout_vout")
    return Act(tx=named("spend_txid"), block=named("blockhash"), spends=(named("prevout_txid"), number))


def _read(asking: Asking, descriptor: str, blocks: Sequence[str]) -> list[Act]:
    """The same from whole blocks, lowest first, so that every coin is seen before it is spent."""
    wanted = bytes.fromhex(descriptor[4:-1])
    coins: set[tuple[str, int]] = set()
    found: list[Act] = []
    for each in blocks:
        for tx in _block(asking, each).transactions:
            spent = [(i.tx, i.vout) for i in tx.inputs if (i.tx, i.vout) in coins]
            found += [Act(tx=tx.id, block=each, spends=coin) for coin in spent]
            paid = [(tx.id, number) for number, out in enumerate(tx.outputs) if out.script == wanted]
            found += [Act(tx=tx.id, block=each)] if paid else []
            coins.update(paid)
    return found


def _block(asking: Asking, block: str) -> Block:
    """A whole block by REST, which is quickest, else by RPC."""
    try:
        data = asking.fetch(f"block/{block}.bin").data
    except Error as error:
        if error.code != "no-answer":
            raise
        call = Call(purpose="block", subject=block, method="getblock", params=(block, 0))
        (answer,) = asking.put(call).listed
        data = fields.data(answer, answer.result, "the block")
    return decode.parse(asking.network, data)


def _close(asking: Asking, state: State, address: str, claim: str, since: int = 0) -> None:
    """The last question of a `whole` history, of one `since` a height, or of a `part`: does the chain still hold
    the tip up to which was read?"""
    answers = asking.put(
        Call(purpose="node", subject="", method="getblockchaininfo"),
        Call(
            purpose=f"history-{claim}",
            subject=f"{address} {state.best}{f' {since}' if since else ''}",
            method="getblockhash",
            params=(state.height,),
        ),
    )
    if answers.listed[1].result != state.best:
        raise Error(
            "reorganised",
            f"The chain was reorganised while the history of {address} was read.",
            f"At height {state.height}, {state.best} was replaced by {answers.listed[1].result}.",
            "Run again; what was read is kept, and is not claimed to be whole.",
        )


def _pruned(state: State, answer: Answer) -> Error:
    return Error(
        "history-pruned",
        f"The node no longer has all blocks in which {answer.call.subject} occurs.",
        f"It is pruned below height {state.least}. It says: {answer.refusal}",
        "Ask a node that keeps all blocks, or another server; this history is not taken to be empty.",
    )
