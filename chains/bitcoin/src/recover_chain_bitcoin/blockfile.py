"""One raw block, or raw transactions, as a file: binary, or hexadecimal text as `bitcoin-cli` prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recover.sdk import Ask, Batch, Error, Exhibit, Gap, NotRecognised, Recorder, SourceInfo
from recover_chain_bitcoin import decode, frames, networks, origin, transaction
from recover_chain_bitcoin.records import Columns
from recover_chain_bitcoin.transaction import Tx
from recover_chain_bitcoin.wire import CUT, malformed, named

HEAD = 65_536
MAINNET, LITECOIN = "mainnet", "litecoin"
_LEAST = 60  # bytes that a transaction has at least
_HEX = re.compile(rb"[ \t\r\n]*[0-9a-fA-F]{2}[0-9a-fA-F \t\r\n]*")
_LINE = re.compile(rb"[0-9a-fA-F]+")


class BlockFile:
    """A raw block or transaction by itself. `place` is the byte of the file at which a transaction begins.

    A block's network is found by its proof of work (`origin`); a transaction by itself shows none and is read as
    Bitcoin's. Hexadecimal text holds a block, or one transaction a line.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="bitcoin-block",
            version="1",
            title="Raw block or raw transactions",
            chains=tuple(each.id for each in networks.every()),
            place="byte",
            media="one raw block, or raw transactions, binary or as hexadecimal text",
            terms="Public block data",
            limits="What inputs spend is not shown; a lone transaction has no time and is read as Bitcoin's.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if frames.begins(head):
            return False
        if not _HEX.fullmatch(head):
            return _begins(head, cut=len(head) >= HEAD)
        first = next(_LINE.finditer(head))
        return _begins(bytes.fromhex(_even(first[0])), cut=first.end() >= HEAD)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: it reads files."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming the byte that cannot be read, or what does not hold (see `block.check`)."""
        with named(exhibit.name):
            if _HEX.fullmatch(exhibit.data):
                yield _lines(exhibit.data, exhibit.chain)
            elif frames.begins(exhibit.data) and not origin.is_block(exhibit.data):
                (only,) = _single(exhibit.data)
                network, at, data = only
                yield _block(network, data, at, 1)
            elif origin.is_block(exhibit.data):
                yield _block(origin.of_block(exhibit.data), exhibit.data, 0, 1)
            else:
                yield _transactions([(0, 1, exhibit.data)], exhibit.chain)


def _single(data: bytes) -> list[tuple[networks.Network, int, bytes]]:
    found = list(frames.split(data))
    if len(found) != 1:
        raise NotRecognised(
            "several-blocks",
            f"It holds {len(found)} blocks.",
            "This source reads one block a file.",
            "Name the source bitcoin-blkfile with --as.",
        )
    return [(each.network, each.at, each.data) for each in found]


def _lines(text: bytes, chain: str) -> Batch:
    lines = [(found.start(), found[0]) for found in _LINE.finditer(text)]
    odd = [at for at, line in lines if len(line) % 2]
    if odd:
        raise malformed(odd[0], "a line of hexadecimal digits ends in half a byte")
    parts = [(at, 2, bytes.fromhex(line.decode())) for at, line in lines]
    if origin.is_block(parts[0][2]):
        joined = bytes.fromhex(b"".join(line for _, line in lines).decode())
        # Broken over several lines, a byte's place in the text is known for the first line only.
        return _block(origin.of_block(joined), joined, parts[0][0], 2 if len(parts) == 1 else 1)
    return _transactions(parts, chain)


def _block(network: networks.Network, data: bytes, at: int, step: int) -> Batch:
    found = decode.parse(network, data)
    columns = Columns(network)
    places = [at + step * tx.at for tx in found.transactions]
    decode.add(columns, found, places=places, place=at)
    return columns.batch()


def _transactions(parts: list[tuple[int, int, bytes]], chain: str) -> Batch:
    """Transactions one after another in each part; one that comes again says nothing new and is left out."""
    found: list[tuple[Tx, int]] = []
    seen: set[str] = set()
    problems: list[Error] = []
    for start, step, data in parts:
        at = 0
        try:
            while at < len(data):
                tx = transaction.read(data, at)
                at += len(tx.raw)
                if tx.id not in seen:
                    found.append((tx, start + step * tx.at))
                seen.add(tx.id)
        except Error as error:
            problems.append(malformed(start, error.why[0].lower() + error.why[1:].rstrip(".")))
    _report(problems)
    integrating = any(tx.is_integrating for tx, _ in found)
    litecoin = networks.of(LITECOIN).id
    if integrating and chain not in ("", litecoin):
        raise Error(
            "chain-differs",
            "A transaction here is of Litecoin's form alone, with the mark of its extension block.",
            f"The chain that was said is {chain}, which has no such transactions.",
            f"Import it with --chain {litecoin}, or without --chain.",
        )
    columns = Columns(networks.of(LITECOIN if integrating else chain or MAINNET))
    for tx, place in found:
        _add(columns, tx, place)
    if found and not integrating and not chain:
        columns.gap(_assumed(columns.network, *found[0]))
    return columns.batch()


def _assumed(network: networks.Network, tx: Tx, place: int) -> Gap:
    return Gap(
        code="chain-assumed",
        subject=tx.id,
        why=f"A transaction by itself shows no chain, and was taken to be of {network.title}.",
        effect="If it is of another chain, its coin and its addresses are others; importing it with --chain"
        " settles it.",
        place=place,
    )


def _add(columns: Columns, tx: Tx, place: int) -> None:
    columns.add(tx, place=place)
    if tx.is_integrating:
        columns.gap(
            Gap(
                code="extension-block",
                subject=tx.id,
                why="It stands for what a MimbleWimble extension block moved, which is hidden (LIP 2 and 3).",
                effect="Value that enters the extension block cannot be followed through it.",
                place=place,
            )
        )
    if tx.is_coinbase:
        columns.gap(
            Gap(
                code="coinbase-alone",
                subject=tx.id,
                why="A coinbase was given without its block.",
                effect="Anyone can write one: nothing shows that these coins exist.",
                place=place,
            )
        )


def _report(problems: list[Error]) -> None:
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0]
    raise Error(
        "bytes-unreadable",
        f"{len(problems)} transactions cannot be read.",
        " ".join(each.why for each in problems[:20]),
        problems[0].todo,
    )


def _begins(head: bytes, *, cut: bool) -> bool:
    if origin.is_block(head):
        return True
    if len(head) < _LEAST or int.from_bytes(head[:4], "little") not in (1, 2, 3):
        return False
    try:
        return transaction.read(head).id != ""
    except Error as error:
        return cut and error.code == CUT


def _even(digits: bytes) -> str:
    return digits[: len(digits) // 2 * 2].decode()
