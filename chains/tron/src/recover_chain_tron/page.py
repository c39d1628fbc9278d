"""One page of TronGrid's TRC-20 history: what was asked, by its URL, and what the body says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from recover.sdk import UINT256, AssetSeen, Error, Gap, Leg, NotRecognised, Transaction, sheet
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN, asset, canonical

_WHOLE = frozenset(
    {"only_confirmed", "limit", "contract_address", "min_timestamp", "max_timestamp", "fingerprint"}
)
_PATH = re.compile(r"/v1/accounts/([^/]+)/transactions/trc20")
_ID = re.compile(r"[0-9a-fA-F]{64}")
_AMOUNT = re.compile(r"0|[1-9][0-9]{0,77}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = 4_102_444_800_000  # the year 2100
_NAME = 256
_FINGERPRINT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a page's URL asked: whose history, of which contract (None: all), from when to when in milliseconds.

    `whole` is False where it asked for less than that history, such as what was received only.
    """

    address: str
    contract: str | None
    since: int | None
    until: int | None
    whole: bool

    @classmethod
    def of(cls, url: str) -> Query | None:
        """None when the text is no URL of such a page."""
        try:
            parts = urlsplit(url)
            found = _PATH.fullmatch(parts.path)
            if found is None or parts.scheme not in ("http", "https"):
                return None
            fields = {key: values[0] for key, values in parse_qs(parts.query, strict_parsing=True).items()}
            contract = fields.get("contract_address")
            return cls(
                address=canonical(found[1]),
                contract=None if contract is None else canonical(contract),
                since=_number(fields.get("min_timestamp")),
                until=_number(fields.get("max_timestamp")),
                whole=fields.keys() <= _WHOLE and fields.get("only_confirmed") == "true",
            )
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The items of `data`, unread, and the fingerprint of the next page."""

    items: tuple[Any, ...]
    fingerprint: str | None


def load(name: str, data: bytes) -> Page:
    """Raises NotRecognised when the body is no such page, Error when it says that the server refused."""
    try:
        body = json.loads(data, parse_constant=_refuse, parse_float=_refuse)
    except (ValueError, RecursionError) as error:
        raise _no_page(name, f"It is not JSON: {str(error)[:120]}") from None
    if not isinstance(body, dict):
        raise _no_page(name, "It is not a JSON object")
    said = body.get("Error") or body.get("error")
    if said or body.get("success") is False:
        raise Error(
            "trongrid-refused",
            f"TronGrid refused {name.partition('?')[0]}.",
            f"It says: {sheet.shown(str(said or 'success is false'))}.",
            "Check the API key and its limits, and ask again later; the answer is kept as it came.",
        )
    items, meta = body.get("data"), body.get("meta")
    if not isinstance(items, list) or not isinstance(meta, dict):
        raise _no_page(name, "It has no list `data` or no object `meta`")
    mark = meta.get("fingerprint")
    if mark is not None and not (isinstance(mark, str) and 0 < len(mark) <= _FINGERPRINT):
        raise _no_page(name, "`meta.fingerprint` is not a text of a sensible length")
    return Page(items=tuple(items), fingerprint=mark)


def records(name: str, found: Page, query: Query | None) -> list[Transaction | AssetSeen | Gap]:
    """Transactions with the legs that the page shows, tokens, and gaps. Raises Error naming up to 20 items."""
    problems: list[str] = []
    transfers: dict[tuple[str, int], list[_Item]] = {}
    gaps: list[Gap] = []
    for place, raw in enumerate(found.items):
        try:
            item = _item(place, raw, query)
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"item {place}: {_why(error)}")
            continue
        transfers.setdefault((item.tx, item.millis), []).append(item)
        if item.asset is None and item.kind == "Transfer":
            gaps.append(_unnamed(item))
    if problems:
        raise _unreadable(name, problems)
    view = None if query is None else query.address
    made = [_transaction(items, view) for items in transfers.values()]
    if query is None and made:
        gaps.append(_whose(name))
    return [*made, *_assets([item for items in transfers.values() for item in items]), *gaps]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    place: int
    tx: str
    millis: int
    kind: str
    src: str
    dst: str
    amount: int
    asset: str | None
    symbol: str
    name: str
    decimals: int | None


def _item(place: int, raw: Any, query: Query | None) -> _Item:
    fields = _object(raw, "it")
    token = _object(fields.get("token_info") or {}, "token_info")
    src, dst = _address(fields, "from"), _address(fields, "to")
    if query is not None and query.address not in (src, dst):
        raise ValueError("it is not a transfer of the address that was asked for")
    kind = _text(fields, "type")
    contract = _address(token, "address") if token.get("address") is not None else None
    return _Item(
        place=place,
        tx=_matched(fields, "transaction_id", _ID).lower(),
        millis=_millis(fields.get("block_timestamp")),
        kind=kind,
        src=src,
        dst=dst,
        amount=_amount(fields) if kind == "Transfer" else 0,
        asset=None if contract is None else asset(contract),
        symbol=str(token.get("symbol") or "")[:_NAME],
        name=str(token.get("name") or "")[:_NAME],
        decimals=_decimals(token.get("decimals")),
    )


def _transaction(items: Sequence[_Item], view: str | None) -> Transaction:
    """Approvals move nothing: a transaction that only approves has no legs."""
    legs = [leg for item in items if item.kind == "Transfer" and item.asset is not None for leg in _legs(item)]
    return Transaction(
        chain=CHAIN,
        id=items[0].tx,
        place=items[0].place,
        legs=tuple(legs),
        time=moment(items[0].millis),
        view=view,
    )


def _legs(item: _Item) -> Iterator[Leg]:
    assert item.asset is not None
    zero = address.ZERO
    kind: Any = "mint" if item.src == zero else "burn" if item.dst == zero else "transfer"
    for party, amount in ((item.src, -item.amount), (item.dst, item.amount)):
        owner = None if party == zero else party
        yield Leg(kind=kind, address=owner, asset=item.asset, amount=amount, pair=item.place)


def _assets(items: Sequence[_Item]) -> list[AssetSeen]:
    seen: dict[tuple[str, str, str, int | None], AssetSeen] = {}
    for item in items:
        if item.asset is not None:
            key = (item.asset, item.symbol, item.name, item.decimals)
            made = AssetSeen(
                asset=item.asset, symbol=item.symbol, decimals=item.decimals, name=item.name, place=item.place
            )
            seen.setdefault(key, made)
    return list(seen.values())


def moment(millis: int) -> datetime:
    """Milliseconds since 1970 as an aware time."""
    return _EPOCH + timedelta(milliseconds=millis)


def _refuse(text: str) -> Any:
    raise ValueError(f"the number {text[:20]} is not whole")


def _number(text: str | None) -> int | None:
    return None if text is None else _millis(int(text[:20]))


def _millis(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _END:
        raise ValueError(f"{sheet.shown(str(value))} is no time in milliseconds")
    return value


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")
    return value


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields[key]
    if not isinstance(value, str):
        raise ValueError(f"{key} is not text")
    return value


def _matched(fields: Mapping[str, Any], key: str, form: re.Pattern[str]) -> str:
    value = _text(fields, key)
    if not form.fullmatch(value):
        raise ValueError(f"{key} {sheet.shown(value)} is not of the form it has on TRON")
    return value


def _address(fields: Mapping[str, Any], key: str) -> str:
    value = _text(fields, key)
    try:
        return canonical(value)
    except ValueError as error:
        raise ValueError(f"{key} {sheet.shown(value)}: {error}") from None


def _amount(fields: Mapping[str, Any]) -> int:
    amount = int(_matched(fields, "value", _AMOUNT))
    if amount > UINT256:
        raise ValueError("value is above 2^256 - 1")
    return amount


def _decimals(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
        raise ValueError(f"decimals {sheet.shown(str(value))} is not a number from 0 to 255")
    return value


def _why(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def _no_page(name: str, why: str) -> NotRecognised:
    return NotRecognised(
        "trongrid-page",
        f"{name.partition('?')[0]} is no page of TronGrid's TRC-20 history.",
        f"{why}.",
        "Name the source that reads it with --as, or fetch the page again.",
    )


def _unreadable(name: str, problems: Sequence[str]) -> Error:
    more = len(problems) - sheet.LISTED
    told = [*problems[: sheet.LISTED], *([f"and {more} more"] if more > 0 else [])]
    return Error(
        "items-unreadable",
        f"{len(problems)} items of {name.partition('?')[0]} cannot be read.",
        "; ".join(told) + ".",
        "Fetch the page again; if it comes the same, the server's format has changed.",
    )


def _unnamed(item: _Item) -> Gap:
    return Gap(
        code="token-unnamed",
        subject=f"{CHAIN}:{item.tx}",
        why="The page shows a transfer in this transaction and does not name the token's contract.",
        effect="The transfer is left out: a symbol is no asset.",
        place=item.place,
    )


def _whose(name: str) -> Gap:
    return Gap(
        code="history-unnamed",
        subject=name,
        why="The page was imported without its request's URL, which alone says whose history it is.",
        effect="Its transfers are used; no address's history counts as whole because of it.",
    )
