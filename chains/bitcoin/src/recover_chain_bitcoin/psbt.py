"""Proposed transactions: PSBT of both versions (BIP 174, BIP 370), or the bare unsigned bytes, read and never
signed.

What an input is worth is not covered by the bytes of the transaction. A PSBT says it beside them: a whole former
transaction is held against its id, so that its amount is certain; a bare former output is only what the file says.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from recover.sdk import Error, Moved, NotRecognised, Proposal, other_form
from recover_chain_bitcoin import script, transaction, wire
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.transaction import Input, Output, Tx

MAGIC = b"psbt\xff"
_LARGEST = 4 << 20
_UNSIGNED, _TX_VERSION, _LOCKTIME, _INPUTS, _OUTPUTS, _VERSION = 0x00, 0x02, 0x03, 0x04, 0x05, 0xFB
_WHOLE, _BARE, _SIGHASH, _TXID, _VOUT, _SEQUENCE = 0x00, 0x01, 0x03, 0x0E, 0x0F, 0x10
_SIGNED = frozenset({0x02, 0x07, 0x08, 0x13, 0x14})  # partial signatures, final scripts, Taproot signatures
_AMOUNT, _SCRIPT = 0x03, 0x04
_RBF = 0xFFFFFFFE
_ALL = (0, 1)  # SIGHASH_DEFAULT and SIGHASH_ALL: everything is covered
_DAYS = 500_000_000  # a lock time from here on is a moment, below it a height

Map = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    tx: Tx
    inputs: Sequence[Map]
    form: str


def proposed(network: Network, data: bytes) -> Proposal:
    """What a proposed transaction does on a network. Raises NotRecognised for bytes that are none."""
    raw = _bytes(data)
    try:
        read = _psbt(raw) if raw.startswith(MAGIC) else _bare(raw)
        return _told(network, read)
    except (Error, ValueError, IndexError) as error:
        if isinstance(error, NotRecognised):
            raise
        why = error.why if isinstance(error, Error) else str(error) or "a part of it is missing"
        raise other_form(f"no transaction of {network.title} that can be read", why) from error


def _bytes(data: bytes) -> bytes:
    """The bytes themselves, of a file in binary, Base64 or hexadecimal."""
    if len(data) > _LARGEST:
        raise other_form(f"a file of {len(data):,} bytes", "no transaction is so large")
    if data.startswith(MAGIC):
        return data
    text = b"".join(data.split())
    try:
        return bytes.fromhex(text.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        pass
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return data


def _bare(raw: bytes) -> _Read:
    tx = transaction.parse(raw)
    return _Read(tx=tx, inputs=[{} for _ in tx.inputs], form="raw transaction")


def _psbt(raw: bytes) -> _Read:
    head, at = _map(raw, len(MAGIC))
    version = int.from_bytes(head.get(bytes([_VERSION]), b""), "little")
    if version not in (0, 2):
        raise ValueError(f"it is a PSBT of version {version}, and versions 0 and 2 are read")
    if version == 0:
        if bytes([_UNSIGNED]) not in head:
            raise ValueError("it holds no unsigned transaction")
        # BIP 174: it has empty scripts and no witnesses, so a leading nought is a count of inputs.
        tx = transaction.parse(head[bytes([_UNSIGNED])], witness=False)
        counts = len(tx.inputs), len(tx.outputs)
    else:
        counts = _count(head, _INPUTS), _count(head, _OUTPUTS)
    if max(counts) > len(raw):
        raise ValueError(f"it says {max(counts)} inputs or outputs, which cannot fit")
    inputs, outputs = [], []
    for _ in range(counts[0]):
        one, at = _map(raw, at)
        inputs.append(one)
    for _ in range(counts[1]):
        one, at = _map(raw, at)
        outputs.append(one)
    if at != len(raw):
        raise ValueError(f"{len(raw) - at} bytes follow its end")
    if version == 2:
        tx = _second(head, inputs, outputs)
    return _Read(tx=tx, inputs=inputs, form=f"PSBT version {version}")


def _count(head: Map, key: int) -> int:
    if bytes([key]) not in head:
        raise ValueError("it does not say how many inputs and outputs it has")
    count, _ = wire.compact(head[bytes([key])], 0)
    return count


def _second(head: Map, inputs: Sequence[Map], outputs: Sequence[Map]) -> Tx:
    """The transaction of a PSBT of version 2, which says each part for itself."""
    spent = [
        Input(
            tx=wire.display(wire.take(one[bytes([_TXID])], 0, 32, "an id")),
            vout=int.from_bytes(one[bytes([_VOUT])], "little"),
            script=b"",
            sequence=int.from_bytes(one.get(bytes([_SEQUENCE]), b"\xff\xff\xff\xff"), "little"),
        )
        for one in map(_needs(_TXID, _VOUT), inputs)
    ]
    made = [
        Output(value=int.from_bytes(one[bytes([_AMOUNT])], "little", signed=True), script=one[bytes([_SCRIPT])])
        for one in map(_needs(_AMOUNT, _SCRIPT), outputs)
    ]
    if not spent or not made or any(one.value < 0 for one in made):
        raise ValueError("it has no input or no output, or an amount below nought")
    version = int.from_bytes(head.get(bytes([_TX_VERSION]), b"\x02\0\0\0"), "little")
    locktime = int.from_bytes(head.get(bytes([_LOCKTIME]), b""), "little")
    return Tx(id="", version=version, inputs=tuple(spent), outputs=tuple(made), locktime=locktime, raw=b"", base=0)


def _needs(*keys: int) -> Callable[[Map], Map]:
    def check(one: Map) -> Map:
        if any(bytes([key]) not in one for key in keys):
            raise ValueError("an input or an output lacks what version 2 needs of it")
        return one

    return check


def _map(raw: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """One map of keys and values, and where the next begins. A key twice is refused, as BIP 174 says."""
    found: dict[bytes, bytes] = {}
    while True:
        size, at = wire.compact(raw, at)
        if not size:
            return found, at
        key = wire.take(raw, at, size, "a key")
        length, at = wire.compact(raw, at + size)
        if key in found:
            raise ValueError(f"it says the key {key[:8].hex()} twice")
        found[key] = wire.take(raw, at, length, "a value")
        at += length


def _told(network: Network, read: _Read) -> Proposal:
    tx, native = read.tx, network.native.id
    unread: list[str] = []
    warns: list[str] = []
    inputs = []
    for n, (spent, said) in enumerate(zip(tx.inputs, read.inputs, strict=True)):
        out, shown = _former(network, spent, said)
        if out is None:
            unread.append(f"What input {n} ({spent.tx}:{spent.vout}) is worth is not in the file.")
            continue
        inputs.append(Moved(asset=native, amount=out.value, src=_text(network, out.script), index=n, shown=shown))
        if shown == "beside":
            warns.append(f"What input {n} is worth is only what the file says; the chain can tell.")
        kind = int.from_bytes(said.get(bytes([_SIGHASH]), b""), "little")
        if kind not in _ALL:
            unread.append(
                f"Input {n} asks for a signature of the kind {kind:#x}, which leaves parts open to change."
            )
    moves = tuple(
        Moved(asset=native, amount=out.value, dst=_text(network, out.script), index=n)
        for n, out in enumerate(tx.outputs)
    )
    unread += [f"Output {one.index} pays to no address that can be named." for one in moves if not one.dst]
    fee = None if len(inputs) < len(tx.inputs) else sum(i.amount for i in inputs) - sum(m.amount for m in moves)
    if fee is not None and fee < 0:
        unread.append("It pays out more than its inputs are worth: no node takes it.")
    says = []
    if tx.locktime:
        when = "block" if tx.locktime < _DAYS else "moment (seconds since 1970)"
        says.append(f"It is valid only after {when} {tx.locktime:,}.")
    if any(one.sequence < _RBF for one in tx.inputs):
        says.append("It can be replaced by another with a higher fee until it is in a block (BIP 125).")
    signed = any(key[0] in _SIGNED for one in read.inputs for key in one if key)
    signed = signed or any(one.script or one.witness for one in tx.inputs)
    return Proposal(
        chain=network.id,
        form=read.form,
        # Without scripts of its own, as all Segwit inputs are, the id stays as it is when it is signed.
        id=tx.id if read.inputs and all(bytes([_BARE]) in one for one in read.inputs) else "",
        moves=moves,
        inputs=tuple(inputs),
        spends=tuple(f"{one.tx}:{one.vout}" for one in tx.inputs),
        fee=fee,
        says=tuple(says),
        warns=tuple(warns),
        unread=tuple(unread),
        signed=signed,
    )


def _former(network: Network, spent: Input, said: Map) -> tuple[Output | None, str]:
    """The output that an input spends, and on what it rests. Raises ValueError where the file contradicts
    itself."""
    whole, bare = said.get(bytes([_WHOLE])), said.get(bytes([_BARE]))
    if whole is not None:
        former = transaction.parse(whole, witness=network.segwit)
        if former.id != spent.tx:
            raise ValueError(f"the former transaction beside an input is {former.id}, and it spends {spent.tx}")
        if spent.vout >= len(former.outputs):
            raise ValueError(f"{spent.tx} has no output {spent.vout}")
        return former.outputs[spent.vout], "bytes"
    if bare is None:
        return None, ""
    value = int.from_bytes(wire.take(bare, 0, 8, "an amount"), "little", signed=True)
    size, at = wire.compact(bare, 8)
    return Output(value=value, script=wire.take(bare, at, size, "a script")), "beside"


def _text(network: Network, lock: bytes) -> str:
    return script.lock(network, lock).address or ""
