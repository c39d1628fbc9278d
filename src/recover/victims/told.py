"""A payment as a row of an intake says it: transaction, asset, amount and time, each read or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import named
from recover.recognise.names import asset_of, outpoint, recognise
from recover.sdk import amounts
from recover.sdk.errors import Error, NotRecognised
from recover.sdk.moments import FIRST
from recover.sdk.values import Address, Asset, TxId

Row = tuple[str, Mapping[str, str]]
"""(where it stands, what was said): see `recover.victims.questions`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What reads a row: assets are looked up once each, however many rows name them."""

    case: Case
    plugins: Plugins
    near: frozenset[str]
    assets: dict[tuple[str, str], Asset] = field(default_factory=dict)

    def named(self, text: str) -> Address | TxId:
        """What a text names. A bare one is put to the chains of the exhibits alone, where one of them knows it."""
        if ":" not in text and "/" not in text:
            found = [one for chain in sorted(self.near) if (one := self._parsed(chain, text)) is not None]
            if len(found) == 1:
                return found[0]
        return recognise(self.plugins, text, self.near)[1]

    def _parsed(self, chain: str, text: str) -> Address | TxId | None:
        try:
            return self.plugins.chains[chain].parse(text)
        except (NotRecognised, KeyError):
            return None

    def asset(self, text: str, chain: str) -> Asset:
        """By its id as the exhibits show it, with their decimals; a symbol in the register of the chain."""
        if (chain, text) not in self.assets:
            found = asset_of(self.plugins, chain, text) if chain else named(self.case, self.plugins, text)
            self.assets[chain, text] = named(self.case, self.plugins, found.id)
        return self.assets[chain, text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One payment as it was read, before it is known who else claims it."""

    where: str
    tx: str = ""
    chain: str = ""
    text: str = ""
    asset: Asset | None = None
    claimed: int | None = None
    time: str = ""
    service: str = ""


_PAYMENT = ("tx", "asset", "amount", "exchange", "time")


def read_each(desk: Desk, rows: Sequence[Row]) -> list[Paid]:
    return [read(desk, where, said) for where, said in rows if any(said.get(key) for key in _PAYMENT)]


def read(desk: Desk, where: str, said: Mapping[str, str]) -> Paid:
    try:
        return _read(desk, where, said)
    except Error as error:
        raise type(error)(error.code, f"{where}: {error.what}", error.why, error.todo) from error


def _read(desk: Desk, where: str, said: Mapping[str, str]) -> Paid:
    tx, text, chain = said.get("tx", ""), "", said.get("chain", "")
    asset: Asset | None = None
    if tx:
        tx = tx if not chain or tx.startswith(f"{chain}:") else f"{chain}:{tx}"
        found = desk.named(outpoint(tx)[0])
        if not isinstance(found, TxId):
            raise Error(
                "intake-address",
                f"{tx} is an address.",
                "A payment is told by its transaction; an address alone says nothing of who paid.",
                "Leave tx empty if it is not known: candidates are then looked for by amount and time.",
            )
        chain, text = found.chain, found.text
        asset = desk.asset(said["asset"], chain) if said.get("asset") else None
    elif said.get("asset"):
        asset = desk.asset(said["asset"], "")
        chain = asset.chain
    amount = said.get("amount", "")
    if amount and asset is None:
        raise Error(
            "amount-without-asset",
            f"The amount {amount!r} has no asset.",
            "Nobody can say what it is an amount of.",
            "Give the asset: its symbol or its CAIP-19 id.",
        )
    return Paid(
        where=where,
        tx=tx,
        chain=chain,
        text=text,
        asset=asset,
        claimed=_units(amount, asset) if amount and asset else None,
        time=moment(said.get("time", "")),
        service=said.get("exchange", ""),
    )


def _units(text: str, asset: Asset) -> int:
    """As `recover loss` reads an amount: in units of the asset where its decimals are known."""
    if asset.decimals is None:
        if not (text.isascii() and text.isdigit()):
            raise Error(
                "amount-unreadable",
                f"{text!r} is no number of base units.",
                f"No exhibit and no register says how many decimals {asset.id} has.",
                "Give the amount in base units, as a whole number.",
            )
        return int(text)
    return amounts.parse(text, asset.decimals)


def moment(text: str) -> str:
    """A time in UTC as ISO 8601; empty for none. Raises Error for what is no time, or has a year of no chain."""
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not FIRST.year <= found.year < 2100:
        thai = found is not None and FIRST.year <= found.year - 543 < 2100
        raise Error(
            "time-unreadable",
            f"{text!r} is not a time" + (" in the Gregorian calendar." if thai else "."),
            "Looked for a day, such as 2024-05-01, or a time, such as 2024-05-01T13:45:00+07:00.",
            f"The Buddhist year {found.year} is {found.year - 543}." if thai and found else "Write it so.",
        )
    aware = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return aware.isoformat()
