"""One page of TronGrid's TRC-20 history: what was asked, by its URL, and what the body says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from recover.sdk import AssetSeen, Error, Gap, Leg, NotRecognised, Transaction, sheet
from recover_chain_tron import address, fields
from recover_chain_tron.asks import SETTLING, loose
from recover_chain_tron.chain import CHAIN, asset, canonical

_WHOLE = frozenset(
    {"only_confirmed", "limit", "order_by", "contract_address", "min_timestamp", "max_timestamp", "fingerprint"}
)
_PATH = re.compile(r"(?:/[^?#]*)?/v1/accounts/([^/]+)/(transactions/trc20|transactions|internal-transactions)")
_FINGERPRINT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a page's URL asked: which list of whose, of which contract (None: all), from when to when.

    Times are in milliseconds.

    `whole` is False where it asked for less than that history, such as what was received only; `confirmed` says
    that it asked for what is settled only.
    """

    address: str
    list: str
    contract: str | None
    since: int | None
    until: int | None
    whole: bool
    confirmed: bool

    @classmethod
    def of(cls, url: str) -> Query | None:
        """None when the text is no URL of such a page."""
        try:
            parts = urlsplit(url)
            found = _PATH.fullmatch(parts.path)
            if found is None or parts.scheme not in ("http", "https"):
                return None
            named = {key: values[0] for key, values in parse_qs(parts.query, strict_parsing=True).items()}
            contract = named.get("contract_address")
            return cls(
                address=canonical(found[1]),
                list=found[2],
                contract=None if contract is None else canonical(contract),
                since=_number(named.get("min_timestamp")),
                until=_number(named.get("max_timestamp")),
                whole=named.keys() <= _WHOLE,
                confirmed=named.get("only_confirmed") == "true",
            )
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The items of `data`, unread, the fingerprint of the next page, and the server's clock in milliseconds."""

    items: tuple[Any, ...]
    fingerprint: str | None
    at: int | None = None


def load(name: str, data: bytes) -> Page:
    """Raises NotRecognised when the body is no such page, Error when it says that the server refused."""
    try:
        body = fields.load(data)
    except ValueError as error:
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
    at = meta.get("at")
    return Page(items=tuple(items), fingerprint=mark, at=at if isinstance(at, int) and at > 0 else None)


def young(found: Page) -> dict[str, int]:
    """The transactions of a page that were not settled for certain when the server answered, by their place."""
    if found.at is None:
        return {}
    made: dict[str, int] = {}
    for place, each in enumerate(found.items):
        tx = each.get("transaction_id") or each.get("txID") or each.get("tx_id")
        if fields.millis(each["block_timestamp"]) > found.at - SETTLING:
            made.setdefault(str(tx).lower(), place)
    return made


def unsettled(found: Page) -> list[Gap]:
    """Their gaps, each with the question that closes it; of very many, as of a hub, one for all the rest."""
    listed = list(young(found).items())
    why = "It is listed, and was younger than two minutes when it was: it may not be settled."
    rest = f"And {len(listed) - _YOUNG} more on the page are as young."
    made = [loose(tx, why, place) for tx, place in listed[:_YOUNG]]
    if len(listed) > _YOUNG:
        tx, place = listed[_YOUNG]
        made.append(replace(loose(tx, rest, place), fill=None))
    return made


_YOUNG = 20


def settled(found: Page, query: Query) -> int | None:
    """Up to when a last page shows everything: its newest item, or what was settled when the server answered."""
    shown = [each["block_timestamp"] for each in found.items]
    ends = [*shown, *([] if found.at is None else [found.at - SETTLING])]
    last = max(ends, default=None)
    return last if query.until is None else query.until if last is None else min(last, query.until)


def records(name: str, found: Page, query: Query | None) -> list[Transaction | AssetSeen | Gap]:
    """Transactions with the legs that the page shows, tokens, and gaps. Raises Error naming up to 20 items."""
    problems: list[str] = []
    transfers: dict[tuple[str, int], list[_Item]] = {}
    gaps: list[Gap] = []
    for place, raw in enumerate(found.items):
        try:
            item = _item(place, raw, query)
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"item {place}: {fields.why(error)}")
            continue
        transfers.setdefault((item.tx, item.millis), []).append(item)
        if item.asset is None and item.kind == "Transfer":
            gaps.append(_unnamed(item))
    if problems:
        fields.unreadable(name, problems)
    view = None if query is None else query.address
    made = [_transaction(items, view) for items in transfers.values()]
    if query is not None and not query.confirmed:
        gaps += unsettled(found)
    if query is None and made:
        gaps.append(_whose(name))
        if found.fingerprint is not None:
            gaps.append(_cut(found, made))
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
    said = fields.mapping(raw, "it")
    token = fields.mapping(said.get("token_info") or {}, "token_info")
    src, dst = fields.account(said, "from"), fields.account(said, "to")
    if query is not None and query.address not in (src, dst):
        raise ValueError("it is not a transfer of the address that was asked for")
    kind = fields.text(said, "type")
    contract = fields.account(token, "address") if token.get("address") is not None else None
    return _Item(
        place=place,
        tx=fields.matched(said, "transaction_id", fields.ID).lower(),
        millis=fields.millis(said.get("block_timestamp")),
        kind=kind,
        src=src,
        dst=dst,
        amount=fields.quantity(said, "value") if kind == "Transfer" else 0,
        asset=None if contract is None else asset(contract),
        symbol=str(token.get("symbol") or "")[: fields.NAME],
        name=str(token.get("name") or "")[: fields.NAME],
        decimals=fields.decimals(token.get("decimals")),
    )


def _transaction(items: Sequence[_Item], view: str | None) -> Transaction:
    """Approvals move nothing: a transaction that only approves has no legs."""
    legs = [leg for item in items if item.kind == "Transfer" and item.asset is not None for leg in _legs(item)]
    return Transaction(
        chain=CHAIN,
        id=items[0].tx,
        place=items[0].place,
        legs=tuple(legs),
        time=fields.moment(items[0].millis),
        view=view,
    )


def _legs(item: _Item) -> Iterator[Leg]:
    assert item.asset is not None
    zero = address.ZERO
    kind: Any = "mint" if item.src == zero else "burn" if item.dst == zero else "transfer"
    # A transfer of nothing has no sign, and is what address poisoning is made of: each leg says which side it is.
    for party, amount, out in ((item.src, -item.amount, True), (item.dst, item.amount, False)):
        owner = None if party == zero else party
        yield Leg(kind=kind, address=owner, asset=item.asset, amount=amount, pair=item.place, out=out)


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


def _number(text: str | None) -> int | None:
    return None if text is None else fields.millis(int(text[:20]))


def _no_page(name: str, why: str) -> NotRecognised:
    return NotRecognised(
        "trongrid-page",
        f"{name.partition('?')[0]} is no page of TronGrid's TRC-20 history.",
        f"{why}.",
        "Name the source that reads it with --as, or fetch the page again.",
    )


def _unnamed(item: _Item) -> Gap:
    return Gap(
        code="token-unnamed",
        subject=f"{CHAIN}:{item.tx}",
        why="The page shows a transfer in this transaction and does not name the token's contract.",
        effect="The transfer is left out: a symbol is no asset.",
        place=item.place,
    )


def _cut(found: Page, made: Sequence[Transaction]) -> Gap:
    """Pages end where they are full, inside a transaction too, and their items have no numbers of their own."""
    last = max(made, key=lambda tx: tx.place)
    return Gap(
        code="page-cut",
        subject=f"{CHAIN}:{last.id}",
        why="Further pages follow this one, and it may end inside this transaction: its other transfers stand on"
        " the next page, where one that is equal to one here cannot be told from it.",
        effect="What this transaction moved may be more than is shown; collect the history, or import a page that"
        " holds the transaction whole.",
        place=last.place,
    )


def _whose(name: str) -> Gap:
    return Gap(
        code="history-unnamed",
        subject=name,
        why="The page was imported without its request's URL, which alone says whose history it is.",
        effect="Its transfers are used; no address's history counts as whole because of it.",
    )
