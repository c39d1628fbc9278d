"""TRONSCAN: answers of its API (`token_trc20/transfers`, `transfer`) and the CSV of its pages.

Shapes: TRONSCAN's API documentation; for the CSV the columns that public parsers of investigators read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from recover.sdk import (
    Ask,
    AssetSeen,
    Batch,
    Error,
    Exhibit,
    Gap,
    NotRecognised,
    Recorder,
    SourceInfo,
    sheet,
    spreadsheet,
)
from recover_chain_tron import fields, shown
from recover_chain_tron.chain import CHAIN, asset, canonical, register
from recover_chain_tron.shown import TRX, Shown, trc10

_TERMS = "TRONSCAN's terms of service"
_KEYS = (b'"token_transfers"', b'"transferFromAddress"')
_COLUMNS = ("Txn Hash", "Time(UTC)", "From", "To")
_NAMED = ("Token", "Amount/TokenID")
_FORMS = (
    "TRON forms that are read: TRONSCAN's CSV with the columns Token (symbol and contract) and Amount/TokenID,"
    " its API's token_trc20/transfers and transfer, and TronGrid's pages"
)


class Api:
    """Pages of TRONSCAN's API, saved as files. `place` is the item's number, from 0."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="tronscan-json",
            version="1",
            title="TRONSCAN: transfers, as its API answers",
            chains=(CHAIN,),
            place="item",
            media="JSON, an answer of TRONSCAN's api/token_trc20/transfers or api/transfer",
            terms=_TERMS,
            limits="No fees, no log numbers; no answer says whether it is a whole history.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        start = head.lstrip(b" \t\r\n\xef\xbb\xbf")
        return start.startswith(b"{") and any(key in head for key in _KEYS)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises NotRecognised for another answer, Error naming up to 20 items that cannot be read."""
        items, total = _answer(exhibit)
        rows: list[Shown] = []
        problems: list[str] = []
        other: list[tuple[str, int]] = []
        early: list[tuple[str, int]] = []
        for place, raw in enumerate(items):
            try:
                item = fields.mapping(raw, "it")
                row = _coin(place, item) if "transferFromAddress" in item else _token(place, item)
            except (ValueError, KeyError, TypeError) as error:
                problems.append(f"item {place}: {fields.why(error)}")
                continue
            if item.get("confirmed") is False:
                early.append((str(item.get("transaction_id") or item.get("transactionHash")).lower(), place))
            elif row is None:
                other.append((str(item.get("transaction_id")).lower(), place))
            else:
                rows.append(row)
        if problems:
            fields.unreadable(exhibit.name, problems)
        gaps = _standard(other)
        gaps += shown.several(
            "unconfirmed",
            early,
            "Transfers are in blocks that were not confirmed when this was saved",
            "They are left out: a block that is not confirmed can be replaced. Save the answer again.",
        )
        if rows:
            more = f" It holds {len(items)} of {total} transfers." if total > len(items) else ""
            gaps.append(shown.unnamed(exhibit.name, f"{more} Fees are not in it."))
        yield Batch.of(*shown.records(rows), *gaps)


class Export:
    """The CSV of TRONSCAN's pages of transfers. `place` is the line on which a row begins."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="tronscan-csv",
            version="1",
            title="TRONSCAN: transfers, as its pages export them",
            chains=(CHAIN,),
            place="line",
            media="CSV of TRONSCAN with the columns Txn Hash, Token and Amount/TokenID",
            terms=_TERMS,
            limits="Whole units, read with the register's decimals; no fees, no log numbers.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return set(_COLUMNS) <= set(_header(spreadsheet.plain(head).data))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises NotRecognised where no contract is named, Error naming up to 20 lines that cannot be read."""
        table = spreadsheet.plain(exhibit.data)
        header = _header(table.data)
        if not set(_NAMED) <= set(header):
            raise _symbols(exhibit.name)
        rows: list[Shown] = []
        problems: list[str] = []
        unknown: list[tuple[str, int]] = []
        for line, cells in sheet.records(exhibit.name, table.data):
            if len(problems) == sheet.HOPELESS:
                break  # the file is refused in any case; reading on would only take time
            try:
                if len(cells) != len(header):
                    raise ValueError(f"{len(cells)} cells where the header has {len(header)}")
                row = _exported(line, dict(zip(header, cells, strict=True)), table.mark)
            except (ValueError, KeyError) as error:
                problems.append(f"line {line}: {fields.why(error)}")
                continue
            if row.amount is None:
                unknown.append((row.tx, line))
            rows.append(row)
        if problems:
            fields.unreadable(exhibit.name, problems)
        gaps = shown.several(
            "decimals-unknown",
            unknown,
            "Tokens are in no register, and the file gives whole units without their decimals",
            "These transfers are left out; TRONSCAN's API and TronGrid give base units.",
        )
        if rows:
            gaps.append(shown.unnamed(exhibit.name, " Fees are not in it."))
        yield Batch.of(*shown.records(rows), *gaps)


def _answer(exhibit: Exhibit) -> tuple[Sequence[Any], int]:
    """The items, and how many there are of them in all. Raises NotRecognised."""
    try:
        body = fields.mapping(fields.load(exhibit.data), "the answer")
        items = body.get("token_transfers", body.get("data"))
        if not isinstance(items, list):
            raise ValueError("it has no list of transfers")
    except ValueError as error:
        raise NotRecognised(
            "tronscan-answer",
            f"{exhibit.name} is no answer of TRONSCAN that is read here.",
            f"{error}.",
            f"{_FORMS}.",
        ) from None
    totals = [body.get(key) for key in ("rangeTotal", "total")]
    return items, max([n for n in totals if isinstance(n, int)], default=len(items))


def _token(place: int, item: Mapping[str, Any]) -> Shown | None:
    """A token transfer; None for a token of single pieces, and nothing moved for an approval."""
    token = fields.mapping(item.get("tokenInfo") or {}, "tokenInfo")
    kind = str(item.get("contract_type") or token.get("tokenType") or "trc20").lower()
    if kind != "trc20":
        return None
    contract = asset(fields.account(item, "contract_address" if "contract_address" in item else "tokenId"))
    moves = str(item.get("event_type") or "Transfer") == "Transfer"
    return Shown(
        tx=fields.matched(item, "transaction_id", fields.ID).lower(),
        place=place,
        kind="transfer",
        src=fields.account(item, "from_address"),
        dst=fields.account(item, "to_address"),
        asset=contract,
        amount=fields.quantity(item, "quant") if moves else None,
        millis=fields.millis(item.get("block_ts")),
        height=fields.amount(item, "block") if "block" in item else None,
        failed=_failed(item),
        seen=AssetSeen(
            asset=contract,
            symbol=str(token.get("tokenAbbr") or "")[: fields.NAME],
            name=str(token.get("tokenName") or "")[: fields.NAME],
            decimals=fields.decimals(token.get("tokenDecimal")),
            place=place,
        ),
    )


def _coin(place: int, item: Mapping[str, Any]) -> Shown:
    """A transfer of TRX, which TRONSCAN calls the token "_", or of a TRC-10 token by its number."""
    number = fields.text(item, "tokenName")
    if number != "_" and not (len(number) == 7 and number.isdigit()):
        raise ValueError("tokenName is neither _ nor the number of a TRC-10 token")
    return Shown(
        tx=fields.matched(item, "transactionHash", fields.ID).lower(),
        place=place,
        kind="transfer",
        src=fields.account(item, "transferFromAddress"),
        dst=fields.account(item, "transferToAddress"),
        asset=TRX if number == "_" else trc10(number),
        amount=fields.amount(item, "amount"),
        millis=fields.millis(item.get("timestamp")),
        height=fields.amount(item, "block") if "block" in item else None,
        failed=_failed(item),
    )


def _failed(item: Mapping[str, Any]) -> bool | None:
    """TRONSCAN says the outcome in several places; one that is not a success is enough."""
    said = [item[key] for key in ("contractRet", "finalResult") if isinstance(item.get(key), str)]
    if item.get("revert") is True or any(text != "SUCCESS" for text in said):
        return True
    return False if said else None


def _exported(line: int, row: Mapping[str, str], mark: str) -> Shown:
    symbol, _, rest = row["Token"].strip().partition("(")
    if not rest.endswith(")"):
        raise ValueError(f"Token {row['Token'][:60]!a} does not name a contract in brackets")
    contract = asset(canonical(rest.removesuffix(")").strip()))
    known = register().get(contract)
    amount = None
    if known is not None:
        try:
            amount = spreadsheet.units(row["Amount/TokenID"], known, mark)
        except ValueError as error:
            raise ValueError(f"Amount/TokenID {row['Amount/TokenID'][:40]!a} {error}") from None
    if not fields.ID.fullmatch(row["Txn Hash"].strip()):
        raise ValueError("Txn Hash is not 64 hexadecimal digits")
    result = row.get("Result", "").strip()
    return Shown(
        tx=row["Txn Hash"].strip().lower(),
        place=line,
        kind="transfer",
        src=canonical(row["From"].strip()),
        dst=canonical(row["To"].strip()),
        asset=contract,
        amount=amount,
        millis=_time(row["Time(UTC)"].strip()),
        height=int(row["Block"]) if row.get("Block", "").isdigit() else None,
        failed=result != "SUCCESS" if result else None,
        seen=AssetSeen(asset=contract, symbol=symbol[: fields.NAME], decimals=known, place=line),
    )


def _time(text: str) -> int:
    try:
        found = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"Time(UTC) {text[:40]!a} is not of the form 2022-04-17 06:15:03") from None
    return int(found.timestamp()) * 1000


def _header(data: bytes) -> list[str]:
    first = data.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    try:
        return next(csv.reader([first]), [])
    except csv.Error:
        return []


def _standard(other: Sequence[tuple[str, int]]) -> list[Gap]:
    return shown.several(
        "token-standard",
        other,
        "Transfers are not of the standard trc20",
        "What they moved is not an amount and is left out.",
    )


def _symbols(name: str) -> Error:
    return NotRecognised(
        "tronscan-symbols",
        f"{name} names its tokens by their symbols alone.",
        "Anybody can call a token USDT; only its contract says which it is, and the file does not have it.",
        f"Export the transfers in another form, and import that. {_FORMS}.",
    )
