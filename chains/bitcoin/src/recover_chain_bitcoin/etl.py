"""blockchain-etl's exports of Bitcoin and its family: blocks and transactions, as JSON lines or Parquet.

Columns: `schemas` of blockchain-etl/bitcoin-etl. A transaction's columns hold every field of its bytes but the
witnesses, which are no part of its id: so the id is recomputed. A coinbase's columns lack its script; it is taken
as reported. An input's value, where the export has it, is the exporter's word.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as parquet

from recover.sdk import Ask, Batch, Block, Error, Exhibit, NotRecognised, Recorder, SourceInfo, sheet
from recover_chain_bitcoin import networks, node, origin, script, transaction
from recover_chain_bitcoin.esplora import report
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.node import Node
from recover_chain_bitcoin.records import Columns, Held
from recover_chain_bitcoin.script import Lock
from recover_chain_bitcoin.transaction import NULL, Input, Output, Tx
from recover_chain_bitcoin.wire import named

LARGEST = 4 * 2**30
"""Bytes that the columns of a Parquet file may take once unpacked."""

_TX = ("hash", "inputs", "outputs", "version", "lock_time", "is_coinbase")
_BLOCK = ("hash", "merkle_root", "timestamp", "bits", "nonce", "number")
_PARQUET = b"PAR1"
_BATCH = 20_000
_KINDS = {
    "pubkeyhash": "p2pkh",
    "scripthash": "p2sh",
    "witness_v0_keyhash": "p2wpkh",
    "witness_v0_scripthash": "p2wsh",
    "witness_v1_taproot": "p2tr",
}


class EtlLines:
    """Blocks and transactions, one JSON object a line. `place` is the line, from 1."""

    @property
    def info(self) -> SourceInfo:
        return _info("bitcoin-etl", "blockchain-etl export (JSON lines)", "line", "JSON lines")

    def recognises(self, name: str, head: bytes) -> bool:
        line = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").split(b"\n", 1)[0]
        if line[:1] != b"{":
            return False
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return all(b'"%b"' % each.encode() in line for each in (*_TX[:2], "virtual_size", "script_hex"))
        return _is(Node(value=value), _TX) or _is(Node(value=value), _BLOCK)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: it reads files."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 lines that cannot be read or whose id is not that of their content."""
        with named(exhibit.name):
            yield from _batches(_lines(exhibit.data))


class EtlParquet:
    """The same columns in Parquet. `place` is the row, from 0."""

    @property
    def info(self) -> SourceInfo:
        return _info("bitcoin-etl-parquet", "blockchain-etl export (Parquet)", "item", "Parquet")

    def recognises(self, name: str, head: bytes) -> bool:
        """By its columns when the whole file is shown, else by its name: the columns stand at a file's end."""
        if head[:4] != _PARQUET:
            return False
        try:
            columns = parquet.read_schema(io.BytesIO(head)).names
        except (pa.ArrowException, OSError, ValueError):
            return any(each in name.lower() for each in ("bitcoin", "litecoin", "dogecoin"))
        return all(each in columns for each in _TX) or all(each in columns for each in _BLOCK)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: it reads files."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 rows that cannot be read or whose id is not that of their content."""
        with named(exhibit.name):
            yield from _batches(_rows(exhibit.data))


def _info(name: str, title: str, place: str, form: str) -> SourceInfo:
    return SourceInfo(
        id=name,
        version="1",
        title=title,
        chains=tuple(each.id for each in networks.every()),
        place="line" if place == "line" else "item",
        media=f"{form} with the columns of blockchain-etl's bitcoin transactions or blocks",
        terms="Public block data; MIT for the exporter",
        limits="No parent hash, so headers prove nothing; coinbases and what inputs spend are taken as reported.",
    )


def _is(row: Node, wanted: tuple[str, ...]) -> bool:
    return isinstance(row.value, dict) and all(name in row.value for name in wanted)


def _lines(data: bytes) -> Iterator[tuple[int, Node]]:
    bad = 0
    for number, line in sheet.written(data):
        try:
            yield number, node.load(line)
        except Error as error:
            yield number, Node(value=error)
            bad += 1
        if bad == sheet.HOPELESS:
            return  # the file is refused in any case; reading on would only take time


def _rows(data: bytes) -> Iterator[tuple[int, Node]]:
    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > LARGEST:
            raise ValueError(f"its columns take more than {LARGEST} bytes")
        number = 0
        for batch in file.iter_batches(_BATCH):
            for value in batch.to_pylist():
                yield number, Node(value=value)
                number += 1
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotRecognised(
            "parquet-unreadable",
            "It cannot be read as Parquet.",
            f"{str(error).splitlines()[0][:200]}.",
            "Export the file again; it is damaged or not whole.",
        ) from None


def _batches(rows: Iterable[tuple[int, Node]]) -> Iterator[Batch]:
    listed = list(rows)
    columns = Columns(_network(listed))
    problems: list[Error] = []
    done: list[Batch] = []
    seen: set[str] = set()
    for place, row in listed:
        try:
            _add(columns, row, place, seen)
        except Error as error:
            unit = f"At {place}: {error.why[0].lower()}{error.why[1:]}"
            problems.append(type(error)(error.code, error.what, unit, error.todo))
        if len(columns) >= _BATCH:
            done.append(columns.batch())
            columns = Columns(columns.network)
    report(problems)
    yield from done
    yield columns.batch()


def _network(listed: list[tuple[int, Node]]) -> Network:
    for _, row in listed:
        if _is(row, _TX):
            texts = [text for each in _outputs(row) for text in _named(each)]
            found = origin.of_text([text for text in texts if not text.startswith("nonstandard")])
            if found is not None:
                return found
    return networks.of("mainnet")


def _outputs(row: Node) -> Iterator[Node]:
    if isinstance(row.value["outputs"], list):
        yield from row.at("outputs").items()


def _named(each: Node) -> list[str]:
    listed = each.value.get("addresses") if isinstance(each.value, dict) else None
    return [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else []


def _add(columns: Columns, row: Node, place: int, seen: set[str]) -> None:
    if isinstance(row.value, Error):
        raise row.value
    if _is(row, _TX):
        tx = _transaction(row)
        if tx.id not in seen:
            seen.add(tx.id)
            _add_transaction(columns, row, tx, place)
    elif _is(row, _BLOCK):
        columns.block(_block(columns.network, row, place))
    else:
        row.fail("has neither the columns of a transaction nor those of a block")


def _add_transaction(columns: Columns, row: Node, tx: Tx, place: int) -> None:
    columns.add(
        tx,
        place=place,
        spent=None if tx.is_coinbase else [_spent(columns.network, each) for each in row.at("inputs").items()],
        block=row.at("block_hash").hash() if row.has("block_hash") else None,
        height=row.at("block_number").number(0, 2**31 - 1) if row.has("block_number") else None,
        index=row.at("index").number(0, 2**31 - 1) if row.has("index") else None,
        time=_seconds(row.at("block_timestamp")) if row.has("block_timestamp") else None,
        proof="self-authenticating" if tx.raw else "reported",
    )


def _transaction(row: Node) -> Tx:
    """Built again from its columns; a coinbase from what is shown of it. Raises Error when its id is another."""
    version = row.at("version").number(-(2**31), 2**32 - 1)
    outputs = [Output(o.at("value").number(), o.at("script_hex").bytes()) for o in row.at("outputs").items()]
    locktime = row.at("lock_time").number(0, 2**32 - 1)
    said = row.at("hash").hash()
    if not outputs:
        row.at("outputs").fail("has no outputs")
    if row.at("is_coinbase").flag():
        empty = Input(NULL, 0xFFFFFFFF, b"", 0xFFFFFFFF)
        return Tx(said, version, (empty,), tuple(outputs), locktime, b"", 0)
    built = transaction.build(version, [_input(each) for each in row.at("inputs").items()], outputs, locktime)
    if built.id != said:
        raise Error(
            "txid-differs",
            f"Transaction {said} is not what the export says it is.",
            f"What is listed has the id {built.id}.",
            "Do not rely on this export; get the transaction's raw bytes.",
        )
    return built


def _input(each: Node) -> Input:
    return Input(
        each.at("spent_transaction_hash").hash(),
        each.at("spent_output_index").number(0, 2**32 - 1),
        each.at("script_hex").bytes() if each.has("script_hex") else b"",
        each.at("sequence").number(0, 2**32 - 1),
    )


def _spent(network: Network, each: Node) -> Held | None:
    """The spent output as far as value and address say it; None where the address does not name one script."""
    listed = _named(each)
    if not each.has("value", "type") or each.at("type").text() not in _KINDS or len(listed) != 1:
        return None
    try:
        found = script.lock(network, script.address(network, listed[0]))
    except ValueError as error:
        each.fail(f"names a spent address that cannot be read ({error})")
    return Held(each.at("value").number(), Lock(_KINDS[each.at("type").text()], found.address))


def _block(network: Network, row: Node, place: int) -> Block:
    return Block(
        chain=network.id,
        id=row.at("hash").hash(),
        place=place,
        height=row.at("number").number(0, 2**31 - 1),
        time=datetime.fromtimestamp(_seconds(row.at("timestamp")), UTC),
    )


def _seconds(moment: Node) -> int:
    """Unix seconds, from a number or from a Parquet timestamp."""
    if isinstance(moment.value, datetime):
        value = moment.value if moment.value.tzinfo else moment.value.replace(tzinfo=UTC)
        return int(value.timestamp())
    return moment.number(0, 2**32 - 1)
