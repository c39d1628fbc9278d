"""Event logs of TRON blocks as JSON lines, in the columns in which the GraphSense tools hand tables on.

The columns are those of an Ethereum export. What tells TRON's is the block's hash: its first eight bytes are the
block's height (TRON developer documentation, "Block"). Addresses stand there without the 41 in front of them.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recover.sdk import (
    Ask,
    Batch,
    Error,
    Exhibit,
    Gap,
    Leg,
    NotRecognised,
    Recorder,
    SourceInfo,
    Transaction,
    sheet,
)
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN, asset

TRANSFER = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
"""Keccak-256 of `Transfer(address,address,uint256)`: the same event as ERC-20's (TRC-20)."""

NEEDS = ("block_id", "block_hash", "log_index", "address", "data", "topics", "tx_hash")
_INNER = ("caller_address", "transferto_address")
_HEIGHT = 8
_BOM = b"\xef\xbb\xbf"


class Logs:
    """TRC-20 transfers out of tables of event logs. `place` is the line."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="tron-logs",
            version="1",
            title="Event logs of TRON blocks",
            chains=(CHAIN,),
            place="line",
            media="JSON lines of logs of TRON, as the tools of GraphSense write them",
            terms="those of whoever exported the file; the facts are the chain's",
            limits="TRC-20 transfers only: no TRX, no fees; a log shows no time.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        """By a block's hash that begins with its height. TRON's other tables are taken to be refused."""
        return _first(head) is not None

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises NotRecognised where it is another table, Error naming up to 20 unreadable lines."""
        first = _first(exhibit.data)
        if first is None or not all(name in first for name in NEEDS):
            raise _no_logs(exhibit.name, tron=first is not None)
        problems: list[str] = []
        made: dict[str, list[_Log]] = {}
        for place, line in sheet.written(exhibit.data):
            try:
                log = _log(place, _row(line))
                made.setdefault(log.tx, []).append(log)
            except KeyError as error:
                problems.append(f"line {place}: {error.args[0]} is missing")
            except (ValueError, RecursionError) as error:
                problems.append(f"line {place}: {str(error)[:120]}")
            if len(problems) == sheet.HOPELESS:
                break  # the file is refused in any case; reading on would only take time
        if problems:
            raise _unreadable(exhibit.name, problems)
        yield Batch.of(*(_transaction(logs) for logs in made.values()), *_others(made))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """`ends` are sender and receiver where the log is a transfer of a TRC-20 token; None where it is another's."""

    place: int
    tx: str
    height: int
    position: int | None
    block: str
    index: int
    contract: str
    ends: tuple[str, str] | None
    amount: int
    named: bool


def _row(line: bytes) -> Mapping[str, Any]:
    """One line, under its columns in small letters, however they are written. Raises ValueError."""
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("it is no JSON object")
    names = {_camel(name): name for name in (*NEEDS, *_INNER, "transaction_index")}
    return {names.get(str(key), str(key)): value for key, value in row.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _first(data: bytes) -> Mapping[str, Any] | None:
    """The first row, if it is TRON's: by its block's hash, or by the columns of internal transactions."""
    line = data.removeprefix(_BOM).lstrip(b" \t\r\n").split(b"\n", 1)[0]
    try:
        row = _row(line)
        return row if all(name in row for name in _INNER) or _is_tron(row) else None
    except (KeyError, ValueError, RecursionError):
        return None


def _is_tron(row: Mapping[str, Any]) -> bool:
    block = _bytes(row, "block_hash", 32)
    return block[:_HEIGHT] == _number(row, "block_id").to_bytes(_HEIGHT, "big") and any(block[_HEIGHT:])


def _log(place: int, row: Mapping[str, Any]) -> _Log:
    if not _is_tron(row):
        raise ValueError("its block's hash does not begin with its height, as TRON's do")
    topics, data = row["topics"], _bytes(row, "data")
    if not isinstance(topics, list) or len(topics) > 4:
        raise ValueError("topics is no list of up to four")
    words = [_bytes({"topic": topic}, "topic", 32) for topic in topics]
    named = words[:1] == [TRANSFER]
    plain = named and len(words) == 3 and len(data) == 32 and not any(words[1][:12] + words[2][:12])
    return _Log(
        place=place,
        tx=_bytes(row, "tx_hash", 32).hex(),
        height=_number(row, "block_id"),
        position=None if row.get("transaction_index") is None else _number(row, "transaction_index"),
        block=_bytes(row, "block_hash", 32).hex(),
        index=_number(row, "log_index"),
        contract=_account(_bytes(row, "address", 20)),
        ends=(_account(words[1][12:]), _account(words[2][12:])) if plain else None,
        amount=int.from_bytes(data, "big") if plain else 0,
        named=named,
    )


def _account(payload: bytes) -> str:
    return address.encode(bytes([address.PREFIX]) + payload)


def _transaction(logs: list[_Log]) -> Transaction:
    return Transaction(
        chain=CHAIN,
        id=logs[0].tx,
        place=logs[0].place,
        legs=tuple(leg for log in logs for leg in _legs(log)),
        height=logs[0].height,
        index=logs[0].position,
        block=logs[0].block,
    )


def _legs(log: _Log) -> Iterator[Leg]:
    if log.ends is None or set(log.ends) == {address.ZERO}:
        return
    src, dst = log.ends
    kind: Any = "mint" if src == address.ZERO else "burn" if dst == address.ZERO else "transfer"
    for party, amount, out in ((src, -log.amount, True), (dst, log.amount, False)):
        yield Leg(
            kind=kind,
            address=None if party == address.ZERO else party,
            asset=asset(log.contract),
            amount=amount,
            pair=log.place,
            index=log.index,
            out=out,
        )


def _others(made: Mapping[str, list[_Log]]) -> list[Gap]:
    """One gap for all transfers that are not in TRC-20's shape: single tokens (TRC-721), perhaps."""
    other = [log for logs in made.values() for log in logs if log.named and log.ends is None]
    if not other:
        return []
    return [
        Gap(
            code="token-standard",
            subject=other[0].tx,
            why=f"Logs named Transfer are not in the shape of TRC-20 ({len(other)} here; this is the first).",
            effect="They are left out: what they move is no amount.",
            place=other[0].place,
        )
    ]


def _number(row: Mapping[str, Any], key: str) -> int:
    value = row[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError(f"{key} is no whole number below 2^63")
    return value


def _bytes(row: Mapping[str, Any], key: str, size: int | None = None) -> bytes:
    """Bytes written as 0x and hexadecimal digits, or as base64. Raises ValueError."""
    text = row[key]
    if text is None and size is None:
        return b""
    if not isinstance(text, str):
        raise ValueError(f"{key} is no text")
    try:
        found = bytes.fromhex(text[2:]) if text.startswith("0x") else b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"{key} is neither 0x and hexadecimal digits nor base64") from None
    if size is not None and len(found) != size:
        raise ValueError(f"{key} has {len(found)} bytes and not {size}")
    return found


def _no_logs(name: str, *, tron: bool) -> NotRecognised:
    return NotRecognised(
        "tron-table-unread" if tron else "tron-logs",
        f"{name} is a table of TRON, and not of its event logs."
        if tron
        else f"{name} is no table of TRON's logs.",
        "Of such tables only logs are read, for TRC-20 transfers: blocks, transactions and traces are not."
        if tron
        else "No block's hash in its first line begins with the block's height, as TRON's do.",
        f"Export the logs of the blocks, with {', '.join(NEEDS)}.",
    )


def _unreadable(name: str, problems: list[str]) -> Error:
    more = len(problems) - sheet.LISTED
    told = [*problems[: sheet.LISTED], *([f"and {more} more"] if more > 0 else [])]
    return Error(
        "rows-unreadable",
        f"{len(problems)} {'lines' if len(problems) > 1 else 'line'} of {name} cannot be read.",
        "; ".join(told) + ".",
        "Export it again, and give it as it comes.",
    )
