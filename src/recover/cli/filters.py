"""Filters of listings: by address, transaction, asset, loss and least amount, whatever a listing calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from recover.cli.codec import Row

_ADDRESS = (
    *("address", "through", "src", "dst", "other", "subject", "contract", "addresses", "hot_wallets", "place"),
    *("account", "spender", "payers", "id"),
)
_TX = ("tx", "id", "transactions", "sweep_transactions", "spends_tx", "first_tx", "subject")
_ASSET = ("asset", "assets", "into", "symbol", "affects")
_LOSS = ("loss", "losses", "by_loss", "id")
_AMOUNT = ("amount", "credited", "arrived", "declared_amount", "most", "affects", "unswept", "after")
_IDS = {"address": "addresses", "tx": "proof", "loss": "assets"}
"""By filter the field that tells whose id a row's `id` is: an entity's is an address, a record's a transaction."""
_INSIDE = ("slots", "about", "body", "params", "source", "destination")


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

    def only(self, names: frozenset[str]) -> Filters:
        """These filters alone."""
        return replace(self, **{f.name: "" for f in fields(self) if f.name not in names})


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
    rows: Iterable[Row],
    wanted: Filters,
    assets: Mapping[str, tuple[str, int | None]] | None = None,
    behind: tuple[frozenset[str], Callable[[Row], bool]] | None = None,
) -> Iterator[Row]:
    """The rows that have all that is wanted: they say it, or, for the filters of `behind`, what it finds does."""
    known = assets or {}
    least = number(wanted.least) if wanted.least else None
    symbols = {name: symbol for name, (symbol, _) in known.items()}
    asks: dict[str, Callable[[Row], bool]] = {
        "address": lambda row: _says(row, _named(row, "address"), wanted.address),
        "tx": lambda row: _says(row, _named(row, "tx"), wanted.tx),
        "asset": lambda row: _asset(row, wanted.asset, symbols),
        "loss": lambda row: _says(row, _named(row, "loss"), wanted.loss),
        "least": lambda row: least is not None and _enough(row, least, known),
    }
    asked = {name: ask for name, ask in asks.items() if getattr(wanted, name)}
    others, found = behind or (frozenset(), lambda row: False)
    own = [ask for name, ask in asked.items() if name not in others]
    either = [ask for name, ask in asked.items() if name in others]
    for row in rows:
        if all(ask(row) for ask in own) and (not either or all(ask(row) for ask in either) or found(row)):
            yield row


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
        listed = value if isinstance(value, list | tuple | Mapping) else [value]
        for one in listed:
            if isinstance(one, str) and text.casefold() in (one.casefold(), symbols.get(one, "").casefold()):
                return True
    return False


def _enough(row: Row, least: Decimal, assets: Mapping[str, tuple[str, int | None]]) -> bool:
    # Of what went through a bridge, what was sent is asked: what arrived can be of another asset.
    row = row["source"] if isinstance(row.get("source"), Mapping) else row
    inside = row.get("slots") if isinstance(row.get("slots"), Mapping) else {}
    asset = row.get("asset") or (inside or {}).get("asset")
    if asset is None and len(row.get("assets") or ()) == 1:
        asset = row["assets"][0]
    for value in _values(row, _AMOUNT):
        pairs = value.items() if isinstance(value, Mapping) else [(asset, value)]
        for of, amount in pairs:
            if amount is None or not str(amount).lstrip("-").isdigit():
                continue
            if Decimal(abs(int(amount))) >= least.scaleb(assets.get(str(of), ("", 0))[1] or 0):
                return True
    return False
