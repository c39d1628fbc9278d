"""What a contract that is in no register says of itself as a token, and whether its logs are what arrived.

Everything is asked at a block that is named, so that it can be asked again. A token that takes a part of every
transfer, or changes balances with no log, is found by its balances round a block, beside the block's logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.sdk import AssetSeen, Exhibit, Gap
from recover_chain_evm import abi, topics, values
from recover_chain_evm.keccak import selector
from recover_chain_evm.live import wire
from recover_chain_evm.live.node import Node
from recover_chain_evm.networks import Network

SYMBOL, NAME, DECIMALS = selector("symbol()"), selector("name()"), selector("decimals()")
BALANCE = "balanceOf(address)"
_MOST = 255
TOKENS = 12
"""How many tokens one batch asks about; each takes six calls."""


def ask(node: Node, network: Network, address: str, receipts: Sequence[values.Fields]) -> Iterator[Exhibit]:
    """Ask each unlisted token that `address` moved for its symbol, name, decimals and balances round one block."""
    met = sorted(_met(network, address, receipts).items())
    for start in range(0, len(met), TOKENS):
        calls = [call for token, height in met[start : start + TOKENS] for call in _calls(token, height, address)]
        node.ask(_at(node, calls))
        yield from node.take()


def call(to: str, data: str, block: str) -> wire.Call:
    """One call of a contract at a block, changing nothing."""
    return wire.Call(method="eth_call", params=({"to": to, "data": data}, block))


def _calls(token: str, height: int, address: str) -> list[wire.Call]:
    asked = [call(token, data, "") for data in (SYMBOL, NAME, DECIMALS)]
    rounds = [call(token, abi.call(BALANCE, address), hex(block)) for block in (height - 1, height)]
    span = {"fromBlock": hex(height), "toBlock": hex(height)}
    logs = wire.Call(method="eth_getLogs", params=({**span, "address": token, "topics": [topics.TRANSFER]},))
    return [*asked, *rounds, logs]


def _at(node: Node, calls: Sequence[wire.Call]) -> list[wire.Call]:
    """The calls that name no block, at the pinned one."""
    pinned = [wire.Call(method=each.method, params=(each.params[0], node.block)) for each in calls]
    return [there if each.params[-1] == "" else each for each, there in zip(calls, pinned, strict=True)]


def _met(network: Network, address: str, receipts: Sequence[values.Fields]) -> Mapping[str, int]:
    """The contracts in no register whose Transfer logs name the address, and the block of the first of them."""
    listed = {token.contract for token in network.tokens}
    found: dict[str, int] = {}
    for log in (log for each in receipts for log in _logs(each)):
        named = [str(topic).lower() for topic in log.get("topics") or ()]
        contract = str(log.get("address")).lower()
        if len(named) != 3 or named[0] != topics.TRANSFER or contract in listed:
            continue
        if any(topic.endswith(address[2:]) for topic in named[1:]):
            height = values.number(log["blockNumber"], "blockNumber")
            found[contract] = min(height, found.get(contract, height))
    return found


def _logs(receipt: values.Fields) -> list[Any]:
    return [log for log in receipt.get("logs") or () if isinstance(log, dict)]


def number(answer: wire.Answer) -> int | None:
    """The one number that a call gave; None where it gave something else, or nothing."""
    try:
        return int.from_bytes(values.octets(answer.result, "the answer", 32), "big")
    except ValueError:
        return None


def seen(network: Network, token: str, answers: Sequence[wire.Answer]) -> Iterator[AssetSeen | Gap]:
    """What a contract says of itself, from the answers to symbol, name and decimals; a gap without decimals."""
    symbol, name, decimals = answers
    found = number(decimals)
    known = found if found is not None and found <= _MOST else None
    said = text(symbol), text(name)
    yield AssetSeen(
        asset=network.erc20 + token, symbol=said[0], name=said[1], decimals=known, place=decimals.place
    )
    if known is None:
        yield Gap(
            code="decimals-unknown",
            subject=network.erc20 + token,
            why=f"The contract does not say its decimals: {_came(decimals)}.",
            effect="Its amounts are shown in base units.",
            place=decimals.place,
        )


def held(network: Network, token: str, address: str, answers: Sequence[wire.Answer]) -> Iterator[Gap]:
    """A gap where the balances before and after a block are not what the block's logs say of them."""
    before, after, logs = answers
    then, now = 0 if before.result == "0x" else number(before), number(after)  # 0x: there was no contract yet
    if then is None or now is None:
        yield misfit(network, token, "balanceOf", after if now is None else before)
        return
    change = 0
    for log in logs.result if isinstance(logs.result, list) else ():
        change += _change(log, address)
    if logs.refused or now - then != change:
        said = "the node does not give its logs" if logs.refused else f"its logs say {change} base units"
        yield Gap(
            code="token-odd",
            subject=network.erc20 + token,
            why=f"In block {_height(after)} the balance of {address} changed by {now - then}, and {said}.",
            effect="It takes a part of transfers, or changes balances with no log: its amounts are in doubt.",
            place=after.place,
        )


def misfit(network: Network, token: str, what: str, answer: wire.Answer) -> Gap:
    """The gap that is left where a contract answers in another form than its kind of token has."""
    return Gap(
        code="abi-unfit",
        subject=network.erc20 + token,
        why=f"Asked for {what}, the contract gave {_came(answer)}.",
        effect="It is not the kind of token that it was taken for; nothing is said of its balances here.",
        place=answer.place,
    )


def text(answer: wire.Answer) -> str:
    """What a contract answered as a text; nothing where it answered something else."""
    try:
        raw = values.octets(answer.result, "the answer")
    except ValueError:
        return ""
    return abi.text(raw)


def _change(log: Any, address: str) -> int:
    named = [str(each).lower() for each in values.items(values.fields(log, "a log").get("topics"), "topics")]
    amount = values.octets(log.get("data"), "data")
    if len(named) != 3 or len(amount) != 32:
        return 0
    value = int.from_bytes(amount, "big")
    return value * (named[2].endswith(address[2:]) - named[1].endswith(address[2:]))


def _height(answer: wire.Answer) -> int:
    return values.number(answer.call.params[1], "the block")


def _came(answer: wire.Answer) -> str:
    if answer.refused:
        return f"the call was refused ({values.shown(answer.said)})"
    return f"{values.shown(answer.result)}"
