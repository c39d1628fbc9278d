"""Files of many blocks: blk*.dat of Bitcoin Core, Knots and their family, obfuscated or not, also bzip2."""

from __future__ import annotations

from bz2 import BZ2Decompressor
from collections.abc import Iterator, Mapping, Sequence

from recover.sdk import Ask, Batch, Error, Exhibit, NotRecognised, Recorder, SourceInfo
from recover_chain_bitcoin import block, decode, frames, header, height, networks, undo
from recover_chain_bitcoin.frames import Frame
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.records import Columns
from recover_chain_bitcoin.wire import named

LARGEST = 512 * 2**20
"""Bytes that a packed file may unpack to. Nodes begin a new block file at 128 MiB."""

_BZ2 = b"BZh"
_HEAD = 2**16
_BATCH = 20_000  # transactions


class BlkFile:
    """A node's block file. `place` is the number of a transaction in the file, from 0.

    Heights: a block that states none (BIP 34) gets one where its links lead, inside the file, to a block that
    does, or to the genesis block. A block that the file holds twice is read once. Block files hold stale blocks
    too; which of two branches the chain kept is the ledger's to settle, over all exhibits.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="bitcoin-blkfile",
            version="1",
            title="Block file of a node (blk*.dat)",
            chains=tuple(each.id for each in networks.every()),
            place="item",
            media="blocks, each behind its network's magic and its size: blk*.dat, obfuscated or not, or bzip2",
            terms="Public block data",
            limits="What inputs spend is not in a block; stale blocks are there too, and not marked.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if head[:3] == _BZ2:
            try:
                shown = BZ2Decompressor().decompress(head, 65_536)
            except OSError:
                return False
            # bzip2 gives nothing before a whole piece of 900,000 bytes is there: what it is, is told at decoding.
            if not shown and len(head) >= _HEAD:
                return True
            head = shown
        # A file of what blocks spent comes beside them; it is taken in order to say what to import instead.
        return frames.begins(head) or undo.begins(name, head)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: it reads files."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 blocks that cannot be read, NotRecognised for an unknown magic
        and for a node's file of what its blocks spent."""
        if undo.begins(exhibit.name, exhibit.data[:_HEAD]):
            raise _spent(exhibit.name)
        with named(exhibit.name):
            listed = list(frames.split(_unpacked(exhibit.data)))
            if not listed:
                raise NotRecognised(
                    "no-block",
                    "It holds no block.",
                    "It is empty, or holds only zeros.",
                    "Import a block file that a node has filled.",
                )
            yield from _batches(listed)


def _batches(listed: Sequence[Frame]) -> Iterator[Batch]:
    """One batch for some thousand transactions of one network; a file of several networks gives one for each."""
    problems: list[Error] = []
    done: list[Batch] = []
    columns: dict[str, Columns] = {}
    known = _heights(listed)
    blocks: set[str] = set()
    seen: set[str] = set()
    place = 0
    for frame in listed:
        try:
            found = decode.parse(frame.network, frame.data)
            filling = columns.setdefault(frame.network.id, Columns(frame.network, seen))
            places = range(place, place + len(found.transactions))
            if found.id not in blocks:
                decode.add(filling, found, height=known.get(found.id), places=places, place=place)
        except Error as error:
            problems.append(_at(error, frame))
            continue
        blocks.add(found.id)
        place += len(found.transactions)
        if len(filling) >= _BATCH:
            done.append(columns.pop(frame.network.id).batch())
    frames.report(problems, len(listed))
    yield from done
    for each in columns.values():
        yield each.batch()


def _heights(listed: Sequence[Frame]) -> Mapping[str, int]:
    """Heights by id, from what headers and coinbases say; what cannot be read is reported when it is decoded."""
    by_network: dict[str, tuple[Network, list[header.Header], dict[str, int]]] = {}
    for frame in listed:
        network, heads, known = by_network.setdefault(
            frame.network.id, (frame.network, [], {frame.network.genesis: 0})
        )
        try:
            head = header.parse(frame.data)
            first = block.first(frame.data, witness=network.segwit, merged=network.merged)
        except Error:
            continue
        heads.append(head)
        stated = height.of(network, head, first)
        if stated is not None:
            known[head.id] = stated
    found: dict[str, int] = {}
    for _, heads, known in by_network.values():
        found |= header.heights(heads, known)
    return found


def _unpacked(data: bytes) -> bytes:
    if data[:3] != _BZ2:
        return data
    parts: list[bytes] = []
    size = 0
    try:
        while data:
            unpacker = BZ2Decompressor()
            parts.append(unpacker.decompress(data, LARGEST - size + 1))
            size += len(parts[-1])
            if size > LARGEST:
                raise _packed(f"it unpacks to more than {LARGEST} bytes")
            if not unpacker.eof:
                raise _packed("its packed data is cut off")
            data = unpacker.unused_data
    except OSError as error:
        raise _packed(str(error)) from None
    return b"".join(parts)


def _spent(name: str) -> NotRecognised:
    return NotRecognised(
        "undo-file",
        f"{name} is a node's undo file: it holds what blocks spent, without the blocks.",
        "Its records name no block and no transaction, so nothing in them can be placed.",
        "Import the block file with the same number: blk instead of rev.",
    )


def _packed(why: str) -> Error:
    return Error(
        "bzip2-unreadable",
        "It cannot be unpacked.",
        f"It is packed with bzip2, and {why}.",
        "Get the file again; it is damaged or not whole.",
    )


def _at(error: Error, frame: Frame) -> Error:
    what = f"The block at byte {frame.at}: {error.what}"
    return Error(error.code, what, error.why, error.todo)
