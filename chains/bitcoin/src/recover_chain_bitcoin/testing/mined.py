"""Blocks made on the spot, as easy as a regression test's: for tests of parsers, with no node."""

from __future__ import annotations

from collections.abc import Sequence

from recover_chain_bitcoin import header, merkle, transaction
from recover_chain_bitcoin.transaction import NULL, Input, Output, Tx
from recover_chain_bitcoin.wire import sized

EASY = 0x207FFFFF
START = 1_600_000_000


def pays(script: bytes, value: int = 5_000) -> Output:
    return Output(value, script)


def coinbase(height: int, *outputs: Output, witness: tuple[bytes, ...] = ()) -> Tx:
    """A coinbase that states its height (BIP 34)."""
    short = bytes([0x50 + height, 0]) if 0 < height < 17 else b""
    number = height.to_bytes(height.bit_length() // 8 + 1, "little")
    script = short or bytes([len(number)]) + number
    return transaction.build(1, [Input(NULL, 0xFFFFFFFF, script, 0xFFFFFFFF, witness)], outputs, 0)


def spends(*outpoints: tuple[str, int], outputs: Sequence[Output], witness: tuple[bytes, ...] = ()) -> Tx:
    """A transaction that spends outpoints with no signature to speak of."""
    inputs = [Input(tx, vout, b"", 0xFFFFFFFD, witness) for tx, vout in outpoints]
    return transaction.build(2, inputs, outputs, 0)


def block(*transactions: Tx, parent: str = NULL, time: int = START, bits: int = EASY, version: int = 4) -> bytes:
    """A block's bytes, its nonce searched for: two tries on the average."""
    root = merkle.root([each.id for each in transactions])
    head = next(
        found
        for nonce in range(10_000)
        if header.proves(
            (
                found := header.build(version=version, parent=parent, root=root, time=time, bits=bits, nonce=nonce)
            ).raw,
            bits,
            limit=EASY,
        )
    )
    return head.raw + sized(len(transactions)) + b"".join(each.raw for each in transactions)


def chain(count: int, first: int = 1, parent: str = NULL) -> list[bytes]:
    """Blocks that link, with nothing but coinbases, ten minutes apart."""
    found: list[bytes] = []
    for number in range(count):
        one = block(
            coinbase(first + number, pays(b"\x51", 5_000_000_000)), parent=parent, time=START + 600 * number
        )
        found.append(one)
        parent = header.parse(one).id
    return found


def framed(magic: str, *blocks: bytes) -> bytes:
    """A block file."""
    return b"".join(bytes.fromhex(magic) + len(each).to_bytes(4, "little") + each for each in blocks)
