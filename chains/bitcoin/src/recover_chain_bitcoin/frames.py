"""Block files: `magic, size, block` again and again, plain or obfuscated, as nodes keep them (blk*.dat).

Bitcoin Core since 28 obfuscates its block files: every byte is combined by XOR with a key of eight bytes that
repeats from the file's first byte on, kept beside them in `xor.dat`. The key needs no file: the coinbase of the
first block spends a transaction whose id is 32 zero bytes, and zeros combined with the key are the key, four times
over. It is accepted only if the file then begins with the magic of a known network. Room that a node keeps at a
file's end is zeros in the file itself, not combined with the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recover.sdk import Error
from recover_chain_bitcoin import networks, origin
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.wire import malformed

KEY = 8
_FRONT = 8  # magic and size
_NEAR = 4096  # the first coinbase begins within the first bytes, also behind a merged-mining proof
_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One block of a block file; `at` is where the block itself begins."""

    network: Network
    at: int
    data: bytes


def begins(head: bytes) -> bool:
    """Whether bytes begin as a block file does, plain or obfuscated, or as one with an unknown magic."""
    plain = cleared(head[:65536], key(head))
    if networks.by_magic(plain[:4]):
        return 81 < int.from_bytes(plain[4:8], "little") <= 0x02000000
    return len(plain) > 88 and not origin.is_block(head) and origin.is_block(head[_FRONT:])


def key(head: bytes) -> bytes:
    """The eight bytes with which a file is obfuscated, zeros where it is not or where they cannot be found."""
    for at in range(_FRONT, min(len(head) - 32, _NEAR)):
        piece = head[at : at + KEY]
        if piece * 4 == head[at : at + 32]:
            turned = piece[-at % KEY :] + piece[: -at % KEY]
            if networks.by_magic(_mix(head[:4], turned)):
                return turned
    return bytes(KEY)


def cleared(data: bytes, mask: bytes) -> bytes:
    """`data` without its obfuscation."""
    return _mix(data, mask) if any(mask) else data


def split(raw: bytes) -> Iterator[Frame]:
    """Every block of a block file, obfuscated or not; zeros at its end are room that the node has not yet used.

    Raises NotRecognised for an unknown magic, Error naming the byte for a block that is cut off.
    """
    data = cleared(raw, key(raw))
    used = min(len(raw.rstrip(b"\0")), len(data.rstrip(b"\0")))
    at = 0
    while at < used:
        magic = data[at : at + 4]
        size = int.from_bytes(data[at + 4 : at + _FRONT], "little")
        body = data[at + _FRONT : at + _FRONT + size]
        if not networks.by_magic(magic) and at:
            raise malformed(at, f"{magic.hex()} stands where the magic of the next block belongs")
        if not networks.by_magic(magic):
            origin.of_frame(magic, body)
        if len(body) != size or size <= 80:
            raise malformed(at, f"a block of {size} bytes begins, and {len(data) - at - _FRONT} bytes are left")
        yield Frame(network=origin.of_frame(magic, body), at=at + _FRONT, data=body)
        at += _FRONT + size


def report(problems: list[Error], count: int) -> None:
    """Raises one Error for all the blocks that could not be read, naming up to 20."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Error(
            problems[0].code,
            f"{len(problems)} of {count} blocks cannot be read.",
            " ".join(f"{each.what} {each.why}" for each in problems[:_LISTED]),
            problems[0].todo,
        )


def _mix(data: bytes, mask: bytes) -> bytes:
    """XOR with a repeating key, as one large number: byte by byte would take minutes for a block file."""
    full = (mask * (len(data) // len(mask) + 1))[: len(data)]
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(full, "little")
    return mixed.to_bytes(len(data), "little")
