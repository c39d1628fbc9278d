"""Block headers: 80 bytes, their hash, their target, their proof of work, and how they link."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recover.sdk import Error
from recover_chain_bitcoin.wire import display, internal, malformed, sha256d, take

SIZE = 80
_FORM = struct.Struct("<i32s32sIII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header. Hashes are hexadecimal as displayed; `id` was computed from `raw`; `time` is Unix seconds."""

    id: str
    version: int
    parent: str
    root: str
    time: int
    bits: int
    nonce: int
    raw: bytes


def parse(data: bytes, at: int = 0) -> Header:
    """The header that begins at `at`. Raises Error when fewer than 80 bytes are left."""
    raw = take(data, at, SIZE, "a block header")
    version, parent, root, time, bits, nonce = _FORM.unpack(raw)
    return Header(
        id=display(sha256d(raw)),
        version=version,
        parent=display(parent),
        root=display(root),
        time=time,
        bits=bits,
        nonce=nonce,
        raw=raw,
    )


def build(*, version: int, parent: str, root: str, time: int, bits: int, nonce: int) -> Header:
    """A header from its fields, as a node's JSON lists them. Raises Error when one does not fit."""
    try:
        return parse(_FORM.pack(version, internal(parent), internal(root), time, bits, nonce))
    except (struct.error, ValueError):
        raise Error(
            "field-too-large",
            "A field of a block header does not fit into its bytes.",
            f"Version {version}, time {time}, bits {bits:#x}, nonce {nonce}.",
            "Check the record in the exhibit; it is damaged or not a block.",
        ) from None


def target(bits: int) -> int:
    """The number that a hash may not exceed, from the compact form. Zero when it is negative or too large.

    Source: `arith_uint256::SetCompact` in Bitcoin Core.
    """
    size, word = bits >> 24, bits & 0x007FFFFF
    if bits & 0x00800000 or size > 34 or (size > 33 and word > 0xFF) or (size > 32 and word > 0xFFFF):
        return 0
    return word >> 8 * (3 - size) if size <= 3 else word << 8 * (size - 3)


def work(bits: int) -> int:
    """How many hashes the target takes on average. Source: `GetBlockProof` in Bitcoin Core."""
    return (1 << 256) // (target(bits) + 1)


def difficulty(bits: int) -> int:
    """How many times harder than the easiest block of mainnet, in whole numbers."""
    hardest = target(bits)
    return target(0x1D00FFFF) // hardest if hardest else 0


def proves(raw: bytes, bits: int, *, limit: int, work: str = "sha256d") -> bool:
    """Whether the hash of `raw` meets the target of `bits`, which itself may not be easier than `limit`.

    `limit` is in compact form. `work` is sha256d, or scrypt as Litecoin and Dogecoin use it.
    """
    wanted = target(bits)
    if not 0 < wanted <= target(limit):
        return False
    return int.from_bytes(_worked(raw, work), "little") <= wanted


def _worked(raw: bytes, work: str) -> bytes:
    if work == "scrypt":
        return hashlib.scrypt(raw, salt=raw, n=1024, r=1, p=1, dklen=32)
    return sha256d(raw)


def heights(headers: Iterable[Header], known: Mapping[str, int]) -> dict[str, int]:
    """The height of every header that links, forward or back, to one whose height is known.

    `known` maps ids to heights, such as the genesis block's. A header's id fixes its parent, so a block whose
    parent is at height 8 is at height 9 whoever says so. Raises Error where two known heights contradict.
    """
    listed = list(headers)
    parent = {each.id: each.parent for each in listed}
    children: dict[str, list[str]] = {}
    for each in listed:
        children.setdefault(each.parent, []).append(each.id)
    found = dict(known)
    waiting = list(known)
    while waiting:
        here = waiting.pop()
        near = [(child, found[here] + 1) for child in children.get(here, ())]
        if here in parent and found[here] > 0:
            near.append((parent[here], found[here] - 1))
        for other, height in near:
            if other not in found:
                found[other] = height
                waiting.append(other)
            elif found[other] != height:
                raise _contradiction(other, found[other], height)
    return {each.id: found[each.id] for each in listed if each.id in found}


def chain(headers: Iterable[Header], parent: str | None = None) -> None:
    """Raises Error naming the first header that does not follow the one before it (or `parent`)."""
    for number, each in enumerate(headers):
        if parent is not None and each.parent != parent:
            raise malformed(
                number * SIZE,
                f"header {number} ({each.id}) follows {each.parent}, not {parent}",
                "headers-unlinked",
            )
        parent = each.id


def _contradiction(block: str, one: int, other: int) -> Error:
    return Error(
        "heights-contradict",
        f"Block {block} would be at two heights.",
        f"Its links say {one} and {other}.",
        "One of the blocks states a false height in its coinbase; import them one by one to see which.",
    )
