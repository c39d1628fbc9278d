"""A payment as a row of an intake says it: transaction, asset, amount and time, each read or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from recover.case import Case
from recover.declared import losses
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
    """What reads a row: assets are looked up once each, however many rows name them.

    `moved` is what the exhibits show the transactions to have moved whose rows name no asset.
    """

    case: Case
    plugins: Plugins
    near: frozenset[str]
    assets: dict[tuple[str, str], Asset] = field(default_factory=dict)
    moved: dict[str, frozenset[str]] = field(default_factory=dict)

    def look(self, rows: Sequence[Row]) -> None:
        """Read from the exhibits what rows without an asset moved: all of them in one pass."""
        bare = set()
        for _, said in rows:
            if said.get("tx") and not said.get("asset") and (said.get("amount") or said.get("received")):
                with suppress(Error):
                    bare.add(self.named(outpoint(said["tx"])[0]).text)
        for tx, listed in (losses.legs(self.case, bare) if bare else {}).items():
            self.moved[tx] = frozenset(a for legs in listed for kind, _, _, a, _ in legs if a and kind != "fee")

    def only(self, tx: str, chain: str) -> Asset | None:
        """The asset that a transaction moved, where the exhibits show one alone."""
        found = [one for one in self.moved.get(tx, ()) if one.startswith(f"{chain}/")]
        return self.asset(found[0], chain) if len(found) == 1 else None

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


def read_each(desk: Desk, people: Mapping[str, Sequence[Row]]) -> dict[str, list[Paid]]:
    """Every payment of each person. Raises Error for the first row that cannot be read, and names the others."""
    found: dict[str, list[Paid]] = {}
    refused: list[Error] = []
    desk.look([row for rows in people.values() for row in rows])
    for name, rows in people.items():
        mine = found.setdefault(name, [])
        for where, said in rows:
            if any(said.get(key) for key in _PAYMENT):
                try:
                    mine.append(read(desk, where, said))
                except Error as error:
                    refused.append(error)
    if refused:
        first, *more = refused
        listed = " ".join(one.what for one in more[:_MORE]) + (
            f" And {len(more) - _MORE} more." if more[_MORE:] else ""
        )
        raise type(first)(first.code, first.what, f"{first.why} {listed}".strip(), first.todo) from first
    return found


_MORE = 20
"""Further rows that an error names."""


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
        asset = desk.asset(said["asset"], chain) if said.get("asset") else desk.only(text, chain)
    elif said.get("asset"):
        asset = desk.asset(said["asset"], "")
        chain = asset.chain
    amount = said.get("amount", "")
    if amount and asset is None:
        raise Error(
            "amount-without-asset",
            f"The amount {amount!r} has no asset.",
            "Nobody can say what it is an amount of"
            + (": the exhibits do not show one asset alone in the transaction." if tx else "."),
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
