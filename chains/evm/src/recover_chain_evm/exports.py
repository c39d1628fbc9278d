"""CSV that people export from explorers' pages: Etherscan and its kin, Blockscout.

Columns: as public parsers of these exports read them; no official page states them. Etherscan writes whole units
with thousands separators and no decimals, Blockscout base units. The wallet stands in the file's name at best.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from recover.sdk import Ask, Batch, Error, Exhibit, Gap, Recorder, SourceInfo, sheet, spreadsheet
from recover_chain_evm import assumed, networks, saved
from recover_chain_evm.frame import Problems
from recover_chain_evm.live import lists, pages
from recover_chain_evm.networks import Network

_COIN = re.compile(r"Value_IN\(([A-Z]{2,8})\)")
_BOUND = re.compile(r"Max of \d+")
_RENAMED = {"MATIC": "POL"}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?")
Cells = Mapping[str, str]
_Reader: TypeAlias = "Callable[[_Read, int, Cells, str], None]"


@dataclass(slots=True, kw_only=True)
class _Read:
    """Rows as Etherscan's API names their cells, each with its line, and what could not be used."""

    network: Network
    action: str
    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    unknown: list[tuple[str, int]] = field(default_factory=list)
    single: list[tuple[str, int]] = field(default_factory=list)


class Exports:
    """Payments, internal payments and token transfers. `place` is the line on which a row begins."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="evm-explorer-csv",
            version="1",
            title="An explorer in the manner of Etherscan, or Blockscout: CSV of an address",
            chains=networks.ids(),
            place="line",
            media="CSV of transactions, internal transactions or token transfers of Etherscan or Blockscout",
            terms="an export made by the examiner under the explorer's terms of use",
            limits="No log numbers; decimals are the register's where the file has none; at most 5,000 rows.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return _kind(_header(spreadsheet.plain(head).data)) is not None

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 unreadable lines, and where single tokens alone are listed."""
        table = spreadsheet.plain(exhibit.data)
        header = _header(table.data)
        kind = _kind(header)
        if kind is None:
            raise _columns(exhibit.name)
        network, taken = _network(exhibit, header)
        problems = Problems(name=exhibit.name, unit="line")
        read = _Read(network=network, action=kind[0])
        for line, cells in sheet.records(exhibit.name, table.data):
            if len(problems.places) == sheet.HOPELESS:
                break  # the file is refused in any case; reading on would only take time
            if len(cells) != len(header):
                problems.add(line, f"{len(cells)} cells where the header has {len(header)}")
                continue
            try:
                kind[1](read, line, dict(zip(header, cells, strict=True)), table.mark)
            except KeyError as error:
                problems.add(line, f"there is no column {error}")
            except ValueError as error:
                problems.add(line, str(error))
        problems.check()
        found = Problems(name=exhibit.name, unit="row")
        yield from lists.read(read.action, network, read.rows, found) if read.rows else ()
        yield Batch.of(*taken, *_gaps(exhibit.name, read))


def _etherscan_sent(read: _Read, line: int, row: Cells, mark: str) -> None:
    coin = next(found[1] for name in row if (found := _COIN.fullmatch(name)))
    value = max(_units(row[f"Value_{way}({coin})"], 18, mark) for way in ("IN", "OUT"))
    _add(read, line, row, to=row["To"], value=value)
    read.rows[-1] |= {
        "contractAddress": row["ContractAddress"],
        "fee": str(_units(row[f"TxnFee({coin})"], 18, mark)),
        "isError": "1" if row["Status"] or row["ErrCode"] else "0",
    }


def _etherscan_inside(read: _Read, line: int, row: Cells, mark: str) -> None:
    """Here Status is 0 for a call that stands. The parent's cells are of the transaction, not of the call."""
    coin = next(found[1] for name in row if (found := _COIN.fullmatch(name)))
    value = max(_units(row[f"Value_{way}({coin})"], 18, mark) for way in ("IN", "OUT"))
    if row["Status"] not in ("0", "1"):
        raise ValueError(f"Status {row['Status'][:20]!a} is neither 0 nor 1")
    _add(read, line, row, to=row["TxTo"], value=value)
    read.rows[-1] |= {"contractAddress": row["ContractAddress"], "isError": row["Status"], "type": row["Type"]}


def _etherscan_tokens(read: _Read, line: int, row: Cells, mark: str) -> None:
    contract = row["ContractAddress"].strip().lower()
    known = next((token for token in read.network.tokens if token.contract == contract), None)
    if known is None:
        read.unknown.append((_hash(row), line))
        return
    _add(read, line, row, to=row["To"], value=_units(row["TokenValue"], known.decimals, mark))
    read.rows[-1] |= {
        "contractAddress": contract,
        "tokenSymbol": row["TokenSymbol"],
        "tokenName": row["TokenName"],
    }
    read.rows[-1] |= {"tokenDecimal": str(known.decimals)}


def _blockscout_sent(read: _Read, line: int, row: Cells, mark: str) -> None:
    _add(read, line, row, to=row["ToAddress"], value=_base(row["Value"], "Value"))
    fee = row["Fee"].strip()
    read.rows[-1] |= {
        "contractAddress": row["ContractAddress"],
        "isError": "0" if row["Status"] == "ok" else "1",
        **({} if _BOUND.fullmatch(fee) else {"fee": str(_base(fee, "Fee"))}),
    }


def _blockscout_inside(read: _Read, line: int, row: Cells, mark: str) -> None:
    _add(read, line, row, to=row["ToAddress"], value=_base(row["Value"], "Value"))
    kind = row["CallType"] if row["Type"] == "call" and row["CallType"] else row["Type"]
    read.rows[-1] |= {"contractAddress": row["ContractAddress"], "isError": "1" if row["ErrCode"] else "0"}
    read.rows[-1] |= {"type": kind, "index": row["Index"]}


def _blockscout_tokens(read: _Read, line: int, row: Cells, mark: str) -> None:
    if not row["TokensTransferred"].strip():
        read.single.append((_hash(row), line))
        return
    if row["Status"] not in ("ok", ""):
        # A log of a failed transaction is no log: nothing moved.
        return
    _add(read, line, row, to=row["ToAddress"], value=_base(row["TokensTransferred"], "TokensTransferred"))
    read.rows[-1] |= {
        "contractAddress": row["TokenContractAddress"].lower(),
        "tokenSymbol": row["TokenSymbol"],
        "tokenName": row["TokenSymbol"],
        "tokenDecimal": row["TokenDecimals"],
    }


def _add(read: _Read, line: int, row: Cells, *, to: str, value: int) -> None:
    read.lines.append(line)
    read.rows.append(
        {
            "hash": _hash(row),
            "from": row.get("From", row.get("FromAddress", "")).strip(),
            "to": to.strip(),
            "value": str(value),
            "blockNumber": row.get("Blockno", row.get("BlockNumber", "")).strip(),
            "timeStamp": _time(row),
        }
    )


def _hash(row: Cells) -> str:
    return next(row[name] for name in ("Transaction Hash", "Txhash", "TxHash") if name in row).strip()


def _time(row: Cells) -> str:
    """Seconds where the file has them; else a date that no spreadsheet rewrote."""
    shown = row.get("UnixTimestamp", "").strip()
    if shown.isdigit():
        return shown
    text = shown or row.get("DateTime (UTC)", row.get("DateTime", "")).strip()
    if not _ISO.fullmatch(text):
        raise ValueError(
            f"the time {text[:40]!a} is not of the form 2022-06-21 02:28:55; a spreadsheet rewrites dates"
        )
    found = datetime.fromisoformat(text.removesuffix("Z").split(".")[0]).replace(tzinfo=UTC)
    return str(int(found.timestamp()))


def _units(text: str, decimals: int, mark: str) -> int:
    try:
        return spreadsheet.units(text, decimals, mark)
    except ValueError as error:
        raise ValueError(f"the amount {text[:40]!a} {error}") from None


def _base(text: str, what: str) -> int:
    """Base units. A spreadsheet shortens long numbers, and what it dropped cannot be had back."""
    bare = text.strip()
    if not bare.isdigit():
        why = "was shortened by a spreadsheet, and its digits are lost" if "E" in bare.upper() else "is no number"
        raise ValueError(f"{what} {bare[:40]!a} {why}")
    return int(bare)


_SENT = {"From", "To", "ContractAddress", "Status", "ErrCode"}
_SHAPES: tuple[tuple[set[str], str, _Reader], ...] = (
    ({"ParentTxFrom", "TxTo", "Type", "Status"}, pages.INTERNAL, _etherscan_inside),
    ({"TokenValue", "ContractAddress", "TokenSymbol", "TokenName", "From", "To"}, pages.TOKENS, _etherscan_tokens),
    (_SENT, pages.PAYMENTS, _etherscan_sent),
    (
        {"TokenContractAddress", "TokensTransferred", "TokenDecimals", "FromAddress", "Status"},
        pages.TOKENS,
        _blockscout_tokens,
    ),
    ({"TxHash", "CallType", "Value", "ErrCode", "FromAddress", "Index"}, pages.INTERNAL, _blockscout_inside),
    ({"TxHash", "FromAddress", "ToAddress", "Value", "Fee", "Status"}, pages.PAYMENTS, _blockscout_sent),
)
_MINED = {"Blockno", "BlockNumber"}


def _kind(header: Sequence[str]) -> tuple[str, _Reader] | None:
    names = set(header)
    if not names & {"Transaction Hash", "Txhash", "TxHash"} or not names & _MINED:
        return None
    for needs, action, read in _SHAPES:
        if needs <= names and (read is not _etherscan_sent or any(_COIN.fullmatch(name) for name in header)):
            return action, read
    return None


def _network(exhibit: Exhibit, header: Sequence[str]) -> tuple[Network, list[Gap]]:
    """The chain whose coin is named in the header; Ethereum, with a gap, where that is ether or nothing."""
    coin = next((found[1] for name in header if (found := _COIN.fullmatch(name))), "")
    named = [n for n in networks.known().values() if n.symbol == _RENAMED.get(coin, coin) and not n.test]
    return assumed.network(exhibit, named[0].number if len(named) == 1 else None)


def _header(data: bytes) -> list[str]:
    first = data.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    try:
        return next(csv.reader([first]), [])
    except csv.Error:
        return []


def _gaps(name: str, read: _Read) -> Iterator[Gap]:
    if read.rows:
        yield saved.unnamed(name, read.action)
        yield from saved.equal(read.rows, read.action)
    for code, rows, why, effect in (
        (
            "decimals-unknown",
            read.unknown,
            "Tokens are in no register, and the file gives whole units without their decimals",
            "These transfers are left out; the explorer's API gives base units.",
        ),
        (
            "token-standard",
            read.single,
            "Rows are of single tokens (ERC-721)",
            "What they moved is not an amount and is left out.",
        ),
    ):
        if rows:
            tx, line = rows[0]
            yield Gap(
                code=code,
                subject=tx,
                why=f"{why} ({len(rows)} here; this is the first).",
                effect=effect,
                place=line,
            )


def _columns(name: str) -> Error:
    return Error(
        "columns-differ",
        f"{name} does not have the columns of an export that is read.",
        "Etherscan's exports of transactions, internal and ERC-20 transfers are, and Blockscout's of the same.",
        "Name another source with --as, or export the list again with all columns.",
    )
