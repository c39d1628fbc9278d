"""A small correct member, for planting mistakes in: an account chain of two networks, a coin chain, a source each.

`bugs.toml` states each mistake as an edit of this text; `test_planted.py` runs the conformance kit on each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from recover.sdk import (
    Address,
    Ask,
    Asset,
    AssetSeen,
    Batch,
    ChainInfo,
    Coverage,
    Error,
    Exhibit,
    History,
    Leg,
    NotRecognised,
    Recorder,
    Request,
    SourceInfo,
    Transaction,
    TxId,
    amounts,
)

_ADDRESS = re.compile(r"P([A-Z][A-Za-z]{1,8})([0-9a-f]{6})")
_TX = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"[0-9]{1,78}", re.ASCII)
_TEXT_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def name(word: str) -> str:
    """The address of a word: with a checksum, as base58 addresses have."""
    return f"P{word}{sha256(word.encode()).hexdigest()[:6]}"


@dataclass(frozen=True)
class Plant:
    """One network."""

    info: ChainInfo

    def parse(self, text: str) -> Address | TxId:
        found = _ADDRESS.fullmatch(text)
        if found and name(found[1]) == text:
            return Address(chain=self.info.id, text=text)
        if _TX.fullmatch(text):
            return TxId(chain=self.info.id, text=text)
        raise NotRecognised("plant-text", f"{text[:40]!r} means nothing here.", "It has no checksum.", "Mend it.")


def _chain(network: str, model: Any, memos: bool) -> Plant:
    coin = Asset(id=f"plant:{network}/slip44:7", symbol="PLT", decimals=8)
    info = ChainInfo(
        id=f"plant:{network}",
        title=f"Plant {network}",
        model=model,
        native=coin,
        examples=((name("Ann"), "made for tests"), ("0" * 63 + "7", "made for tests")),
        bad=((name("Ann").lower(), "small letters"), ("00", "short")),
        memos=memos,
    )
    return Plant(info)


CHAINS = (_chain("main", "account", True), _chain("side", "account", True), _chain("coin", "utxo", False))


class Holder(NamedTuple):
    account: str | None
    owner: str | None


class Move(NamedTuple):
    kind: Any
    src: Holder
    dst: Holder
    asset: str
    amount: int
    number: int | None
    memo: str | None


class Accounts:
    """Histories of accounts, page by page."""

    info = SourceInfo(
        id="plant-accounts",
        version="1",
        title="Plant accounts",
        chains=("plant:main", "plant:side"),
        place="item",
        media="JSON",
        terms="Made for tests.",
        asks=("History",),
        endpoint="https://plant.example",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return b'"form": "plant-accounts"' in head[:80]

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        cursor: str | None = "start"
        while cursor and isinstance(ask, History):
            network = ask.address.chain.split(":")[1]
            url = f"{recorder.endpoint}/{network}/accounts/{ask.address.text}/history?cursor={cursor}"
            page = recorder.capture(Request(url=url))
            yield page
            cursor = _read(page, "plant-accounts")["next"]

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        try:
            yield from self._page(exhibit, _read(exhibit, "plant-accounts"))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Error(
                "plant-form", f"{exhibit.name} cannot be read.", repr(error)[:200], "Ask again."
            ) from error

    def _page(self, exhibit: Exhibit, page: dict[str, Any]) -> Iterator[Batch]:
        chain = {"main": "plant:main", "side": "plant:side"}[page["network"]]
        items = page["items"]
        for place, item in enumerate(items):
            if item["type"] not in ("payment", "call"):
                raise ValueError(f"item {place} is of the unknown type {item['type']!r}")
            yield Batch.of(_transaction(chain, item, place), *_seen(chain, item, place))
        whose = _asked(exhibit)
        if page["next"] is None and whose is not None:
            until = _moment(page["as_of_ms"])
            yield Batch.of(Coverage(chain=chain, address=whose, until=until, place=len(items)))


def _asked(exhibit: Exhibit) -> str | None:
    """Whose history was asked for, None for a file."""
    if exhibit.asked is None:
        return None
    return urlsplit(exhibit.asked.url).path.split("/")[3]


def _transaction(chain: str, item: dict[str, Any], place: int) -> Transaction:
    coin = f"{chain}/slip44:7"
    failed = {"ok": False, "reverted": True}[item["status"]]
    payer = Holder(None, _address(item["payer"]))
    memo = item.get("tag")
    moves = [Move("fee", payer, Holder(None, None), coin, _whole(item["fee"]), None, None)]
    if not failed:
        if "value" in item:
            value = item["value"]
            src, dst = (Holder(None, _address(value[side])) for side in ("from", "to"))
            moves.append(Move("transfer", src, dst, coin, _whole(value["amount"]), 0, memo))
        for log in item["logs"]:
            src, dst = (Holder(_address(log[s]["account"]), _address(log[s]["owner"])) for s in ("from", "to"))
            token = f"{chain}/token:{_address(log['contract'])}"
            amount = amounts.parse(log["amount"], log["decimals"])
            moves.append(Move("transfer", src, dst, token, amount, log["index"], memo))
    legs: list[Leg] = []
    for pair, move in enumerate(moves):
        legs.append(_leg(move, move.src, -move.amount, True, pair, None))
        legs.append(_leg(move, move.dst, move.amount, False, pair, move.memo))
    return Transaction(
        chain=chain,
        id=_id(item["id"]),
        place=place,
        legs=tuple(legs),
        time=_time(item),
        height=int(item["block"]),
        index=int(item["position"]),
        failed=failed,
        whole=True,
    )


def _leg(move: Move, holder: Holder, amount: int, out: bool, pair: int, memo: str | None) -> Leg:
    return Leg(
        kind=move.kind,
        address=holder.owner,
        asset=move.asset,
        amount=amount,
        pair=pair,
        index=move.number,
        out=out,
        account=holder.account,
        memo=memo,
    )


def _seen(chain: str, item: dict[str, Any], place: int) -> Iterator[AssetSeen]:
    for log in item["logs"]:
        token = f"{chain}/token:{log['contract']}"
        yield AssetSeen(asset=token, symbol=log["symbol"], name="", decimals=log["decimals"], place=place)


class Coins:
    """Blocks of the coin chain."""

    info = SourceInfo(
        id="plant-coins",
        version="1",
        title="Plant coins",
        chains=("plant:coin",),
        place="item",
        media="JSON",
        terms="Made for tests.",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return b'"form": "plant-coins"' in head[:80]

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        try:
            block = _read(exhibit, "plant-coins")
            listed = block["txs"]
            for index, tx in enumerate(listed):
                yield Batch.of(_coins(block, tx, index))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Error(
                "plant-form", f"{exhibit.name} cannot be read.", repr(error)[:200], "Ask again."
            ) from error


def _coins(block: dict[str, Any], tx: dict[str, Any], index: int) -> Transaction:
    coin = "plant:coin/slip44:7"
    spent, made = tx["inputs"], tx["outputs"]
    if sum(_whole(c["amount"]) for c in made) > sum(_whole(c["amount"]) for c in spent):
        raise ValueError("it pays more than it spends")
    legs = [
        Leg(
            kind="input",
            address=_address(each["address"]),
            asset=coin,
            amount=-_whole(each["amount"]),
            index=n,
            spends=(_id(each["id"]), int(each["n"])),
        )
        for n, each in enumerate(spent)
    ]
    for n, each in enumerate(made):
        whom = None if each["address"] is None else _address(each["address"])
        legs.append(Leg(kind="output", address=whom, asset=coin, amount=_whole(each["amount"]), index=n))
    return Transaction(
        chain="plant:coin",
        id=_id(tx["id"]),
        place=index,
        legs=tuple(legs),
        time=_time(block),
        height=int(block["block"]),
        index=index,
        whole=True,
    )


def _read(exhibit: Exhibit, form: str) -> dict[str, Any]:
    try:
        answer = json.loads(exhibit.data)
    except (ValueError, RecursionError) as error:
        raise NotRecognised("plant-json", f"{exhibit.name} is no JSON.", str(error)[:200], "Ask again.") from error
    if not isinstance(answer, dict) or answer.get("form") != form:
        raise NotRecognised("plant-json", f"{exhibit.name} is of another form.", "It has no form.", "Ask again.")
    if "error" in answer:
        raise Error("plant-refused", "The service refused.", str(answer["error"])[:200], "Ask later.")
    return answer


def _id(text: str) -> str:
    if not _TX.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no id")
    return text


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no address")
    return text


def _whole(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no amount")
    return int(text)


def _time(item: dict[str, Any]) -> datetime | None:
    if "time_ms" in item:
        return _moment(item["time_ms"])
    if "at" in item:
        if not _TEXT_TIME.fullmatch(item["at"]):
            raise ValueError(f"{item['at'][:40]!r} is no time")
        return datetime.strptime(item["at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return None


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
