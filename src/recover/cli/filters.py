"""Filters of listings: by address, transaction, asset, loss and least amount, whatever a listing calls them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from recover.cli.codec import Row

_ADDRESS = (
    *("address", "through", "src", "dst", "other", "subject", "contract", "addresses", "hot_wallets", "place"),
    *("account", "spender", "id"),
)
_TX = ("tx", "id", "transactions", "sweep_transactions", "spends_tx", "first_tx", "subject")
_ASSET = ("asset", "assets", "into", "symbol")
_LOSS = ("loss", "losses", "by_loss", "id")
_AMOUNT = ("amount", "credited", "arrived", "declared_amount", "most", "affects", "unswept", "after")
_IDS = {"address": "addresses", "tx": "proof", "loss": "assets"}
"""By filter the field that tells whose id a row's `id` is: an entity's is an address, a record's a transaction."""
_INSIDE = ("slots", "about", "body", "params")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a row must have. `least` is in units of the row's asset; empty lets everything through."""

    address: str = ""
    tx: str = ""
    asset: str = ""
    loss: str = ""
    least: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))


def number(text: str) -> Decimal:
    """The least amount. Raises ValueError where it is none."""
    try:
        made = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not made.is_finite() or made < 0:
        raise ValueError(text)
    return made


def kept(
    rows: Iterable[Row], wanted: Filters, assets: Mapping[str, tuple[str, int | None]] | None = None
) -> Iterator[Row]:
    """The rows that have all that is wanted."""
    known = assets or {}
    least = number(wanted.least) if wanted.least else None
    symbols = {name: symbol for name, (symbol, _) in known.items()}
    for row in rows:
        if wanted.address and not _says(row, _named(row, "address"), wanted.address):
            continue
        if wanted.tx and not _says(row, _named(row, "tx"), wanted.tx):
            continue
        if wanted.asset and not _asset(row, wanted.asset, symbols):
            continue
        if wanted.loss and not _says(row, _named(row, "loss"), wanted.loss):
            continue
        if least is not None and not _enough(row, least, known):
            continue
        yield row


def applies(row: Row, wanted: Filters) -> list[str]:
    """The filters that say nothing of this row: it has no such field, or nothing is known in any of them."""
    asked = [name for name in _FIELDS if getattr(wanted, name)]
    return [name for name in asked if all(value is None for value in _values(row, _named(row, name)))]


_FIELDS = {"address": _ADDRESS, "tx": _TX, "asset": _ASSET, "loss": _LOSS, "least": _AMOUNT}


def _named(row: Row, name: str) -> tuple[str, ...]:
    """The fields of a row that a filter asks."""
    whose = _IDS.get(name, "")
    return tuple(one for one in _FIELDS[name] if one != "id" or whose in row)


def _says(row: Row, names: tuple[str, ...], text: str) -> bool:
    return any(_is(value, text) for value in _values(row, names))


def _values(row: Row, names: tuple[str, ...]) -> Iterator[Any]:
    for name in names:
        if name in row:
            yield row[name]
    for name in _INSIDE:
        if isinstance(row.get(name), Mapping):
            yield from (value for key, value in row[name].items() if key in names)


def _is(value: Any, text: str) -> bool:
    """Whether a cell names this, alone or with its chain in front. In 0x texts case is nothing."""
    if isinstance(value, str):
        if text[:2].lower() == "0x" or ":0x" in text.lower():
            value, text = value.casefold(), text.casefold()
        return value == text or value.endswith(f":{text}") or text.endswith(f":{value}")
    if isinstance(value, Mapping):
        return any(_is(key, text) for key in value)
    return isinstance(value, list | tuple) and any(_is(one, text) for one in value)


def _asset(row: Row, text: str, symbols: Mapping[str, str]) -> bool:
    for value in _values(row, _ASSET):
        listed = value if isinstance(value, list | tuple) else [value]
        for one in listed:
            if isinstance(one, str) and text.casefold() in (one.casefold(), symbols.get(one, "").casefold()):
                return True
    return False


def _enough(row: Row, least: Decimal, assets: Mapping[str, tuple[str, int | None]]) -> bool:
    inside = row.get("slots") if isinstance(row.get("slots"), Mapping) else {}
    asset = row.get("asset") or (inside or {}).get("asset")
    for value in _values(row, _AMOUNT):
        pairs = value.items() if isinstance(value, Mapping) else [(asset, value)]
        for of, amount in pairs:
            if amount is None or not str(amount).lstrip("-").isdigit():
                continue
            if Decimal(abs(int(amount))) >= least.scaleb(assets.get(str(of), ("", 0))[1] or 0):
                return True
    return False
