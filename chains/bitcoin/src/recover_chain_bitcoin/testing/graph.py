"""Blocks full of transactions without a signing key: each pays to P2WSH scripts that anyone can open.

A coin pays to the script `<n> DROP TRUE`: every n has an address of its own, and is spent with the script alone
as its witness. So thousands of valid transactions cost a node milliseconds each, and their truth is a seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from recover_chain_bitcoin.testing.node import Node
from recover_chain_bitcoin.wire import internal, sized

FEE = 1_000
"""What each transaction pays, in base units: more than the least rate that a node relays."""

_BATCH = 20
_BLOCK = 400
"""Transactions to a block: chains of unconfirmed ones stay under a node's limits on descendants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One spendable output: its transaction (internal byte order), number, amount in base units and script's n."""

    tx: bytes
    index: int
    amount: int
    n: int


@dataclass(slots=True, kw_only=True)
class Graph:
    """What was made so far: `coins` are unspent, `made` counts transactions, `n` is the next script's number."""

    node: Node
    coins: list[Coin] = field(default_factory=list)
    made: int = 0
    n: int = 1


def script(n: int) -> bytes:
    """`<4 bytes of n> DROP TRUE`."""
    return b"\x04" + n.to_bytes(4, "little") + b"\x75\x51"


def program(n: int) -> bytes:
    """The output script that pays to `script(n)`: P2WSH, BIP 141."""
    return b"\x00\x20" + sha256(script(n)).digest()


def begin(node: Node, coins: int = 20) -> Graph:
    """A graph with `coins` mature coinbases."""
    graph = Graph(node=node)
    for _ in range(coins):
        descriptor = f"raw({program(graph.n).hex()})"
        sealed = node.rpc("getdescriptorinfo", descriptor)["descriptor"]
        (block,) = node.rpc("generatetodescriptor", 1, sealed)
        coinbase = node.rpc("getblock", block, 2)["tx"][0]
        whole, _, part = coinbase["vout"][0]["value"].partition(".")
        amount = int(whole) * 10**8 + int(part.ljust(8, "0"))
        graph.coins.append(Coin(tx=internal(coinbase["txid"]), index=0, amount=amount, n=graph.n))
        graph.n += 1
    node.mine(100)
    return graph


def grow(graph: Graph, count: int, seed: int = 1) -> list[str]:
    """`count` more transactions of one to three inputs and one to four outputs, mined; the ids of the blocks."""
    picked = random.Random(seed)
    blocks: list[str] = []
    waiting: list[bytes] = []
    fresh: list[Coin] = []
    for number in range(1, count + 1):
        if not graph.coins or (len(waiting) >= _BLOCK and number <= count):
            blocks += _settle(graph, waiting, fresh)
        raw, made = _spend(graph, picked)
        waiting.append(raw)
        fresh += made
    return blocks + _settle(graph, waiting, fresh)


def pay(graph: Graph, outputs: Sequence[tuple[bytes, int]]) -> str:
    """One transaction from the first coin that suffices, mined; its id. What is left over is its fee.

    Outputs are (script, base units).
    """
    needed = sum(amount for _, amount in outputs) + FEE
    large = next(each for each in graph.coins if each.amount >= needed)
    graph.coins.remove(large)
    raw, tx = serialise([large], list(outputs))
    graph.node.rpc("sendrawtransaction", raw.hex(), 0)
    graph.node.mine()
    return tx[::-1].hex()


def coin(tx: str, index: int, amount: int, n: int) -> Coin:
    """A coin by its transaction's id as displayed."""
    return Coin(tx=internal(tx), index=index, amount=amount, n=n)


def serialise(inputs: Sequence[Coin], outputs: Sequence[tuple[bytes, int]]) -> tuple[bytes, bytes]:
    """A whole segwit transaction that spends `inputs`, and its id in internal byte order (BIP 144)."""
    spent = b"".join(each.tx + each.index.to_bytes(4, "little") + b"\x00" + b"\xfd\xff\xff\xff" for each in inputs)
    paid = b"".join(amount.to_bytes(8, "little") + bytes([len(to)]) + to for to, amount in outputs)
    body = sized(len(inputs)) + spent + sized(len(outputs)) + paid
    witness = b"".join(b"\x01" + bytes([len(script(each.n))]) + script(each.n) for each in inputs)
    version, locktime = b"\x02\x00\x00\x00", b"\x00\x00\x00\x00"
    tx = sha256(sha256(version + body + locktime).digest()).digest()
    return version + b"\x00\x01" + body + witness + locktime, tx


def _spend(graph: Graph, picked: random.Random) -> tuple[bytes, list[Coin]]:
    count = min(picked.randint(1, 3), len(graph.coins))
    inputs = [graph.coins.pop(picked.randrange(len(graph.coins))) for _ in range(count)]
    total = sum(each.amount for each in inputs) - FEE
    parts = picked.randint(1, 4) if total > 8_000 else 1
    shares = [total // parts] * (parts - 1)
    shares.append(total - sum(shares))
    numbers = range(graph.n, graph.n + parts)
    graph.n += parts
    raw, tx = serialise(inputs, [(program(n), share) for n, share in zip(numbers, shares, strict=True)])
    graph.made += 1
    made = [
        Coin(tx=tx, index=index, amount=share, n=n)
        for index, (n, share) in enumerate(zip(numbers, shares, strict=True))
    ]
    return raw, made


def _settle(graph: Graph, waiting: list[bytes], fresh: list[Coin]) -> list[str]:
    """Send and mine what waits; only then may its outputs be spent, so chains in the memory pool stay short."""
    for at in range(0, len(waiting), _BATCH):
        graph.node.batch([("sendrawtransaction", (raw.hex(), 0)) for raw in waiting[at : at + _BATCH]])
    waiting.clear()
    graph.coins += fresh
    fresh.clear()
    return graph.node.mine()
