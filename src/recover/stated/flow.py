"""A stated flow: a transaction, who paid whom, how much of what and when, as far as a table or JSON says it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise import handed
from recover.recognise.assets import named, shown
from recover.recognise.names import asset_of, here, outpoint, recognise
from recover.sdk import amounts
from recover.sdk.errors import Error, NotRecognised
from recover.sdk.moments import FIRST
from recover.sdk.outside import visible
from recover.sdk.values import Address, Asset, TxId

_MOST = 64 << 20

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "claim", "claim id", "ref", "reference"),
    "chain": ("chain", "network", "blockchain"),
    "tx": ("tx", "txid", "tx id", "tx hash", "hash", "transaction", "transaction id", "transaction hash"),
    "from": ("from", "from address", "src", "source", "sender", "payer"),
    "to": ("to", "to address", "dst", "destination", "receiver", "recipient", "payee"),
    "amount": ("amount", "quantity", "value", "amt", "qty"),
    "units": ("units", "base units", "amount base units", "raw amount", "moved"),
    "asset": ("asset", "token", "symbol", "currency", "token symbol", "coin"),
    "time": ("time", "timestamp", "date", "block time", "block time utc", "block timestamp", "date time", "when"),
}
"""What a flow is made of, and the headings or keys that name it: small letters, words apart by spaces."""

_FIGURE = re.compile(
    r"amount|amt|quantity|qty|value|units|moved|sum|total|paid|received|sent|time|date|when|token|symbol|asset|coin"
    r"|currency|contract|sender|receiver|recipient|payer|payee|address|hash|txid|chain|network|output|index"
)
"""A heading with such a word states something of a flow."""

_MEANING = {heading: key for key, names in HEADINGS.items() for heading in names}

_LONG = 1_000
"""More characters than any cell of a flow has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow as somebody states it; None is not stated. `amount` in base units of `asset`.

    `grouped` is the other amount that is meant where the point in it separates thousands, as in 80.000. The moment
    stated is `since` and all before `until`: a day where a day was said, a second where a second was.
    `said` is what stood there, by the names of `HEADINGS`; `where` is its line or its number in the list.
    """

    where: str
    said: Mapping[str, str]
    chain: str = ""
    tx: str = ""
    output: int | None = None
    src: str = ""
    dst: str = ""
    amount: int | None = None
    grouped: int | None = None
    asset: Asset | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What stood where a flow was expected, and why it is none that could be looked for."""

    where: str
    said: Mapping[str, str]
    why: str


def read(
    case: Case, plugins: Plugins, name: str, data: bytes, sheet: str = ""
) -> tuple[list[Flow | Unread], list[str]]:
    """Every stated flow of a CSV, XLSX or JSON file, in its order, and the headings that mean nothing here.

    `sheet` is the one that is meant of a workbook with several. Raises Error for what is no such file, states
    nothing, or has no heading that a flow could be looked for by.
    """
    if len(data) > _MOST:
        raise _refused(name, f"it has {len(data) >> 20} MiB, and at most {_MOST >> 20} are read")
    if data.lstrip()[:1] in (b"[", b"{"):
        listed, unread = _listed(name, data)
    else:
        listed, unread = _tabled(name, data, sheet)
    if not listed and not unread:
        raise _refused(name, "it states no flow")
    heads = dict.fromkeys(head for _, row in listed.values() for head in row)
    means = {head: _MEANING.get(_plain(head), "") for head in heads}
    if listed and not {"tx", "from", "to"} & {*means.values()}:
        raise _refused(
            name, f"no column names a transaction or an address; it has {', '.join(map(_shown, heads))}"
        )
    for key in HEADINGS:
        if len(twice := [head for head in heads if means[head] == key]) > 1:
            raise _refused(name, f"{' and '.join(map(_shown, twice))} both mean {key}")
    desk = _Desk(case=case, plugins=plugins, near=here(case))
    found: dict[int, Flow | Unread] = {}
    for place, (where, why) in unread.items():
        found[place] = Unread(where=where, said={}, why=why)
    for place, (where, row) in listed.items():
        said = {means[head]: cell.strip() for head, cell in row.items() if means[head] and cell.strip()}
        try:
            found[place] = desk.flow(where, said)
        except Error as error:
            cut = {key: cell[:_LONG] for key, cell in said.items()}
            found[place] = Unread(where=where, said=cut, why=f"{error.what} {error.why}".strip())
    return [found[place] for place in sorted(found)], [head for head in heads if head and not means[head]]


def unexamined(ignored: Iterable[str]) -> list[str]:
    """Of headings that mean nothing here those that by their words state an amount, a moment or a party."""
    return [head for head in ignored if _FIGURE.search(_plain(head))]


def _plain(head: str) -> str:
    return " ".join(re.sub(r"[_\-./]+", " ", head).casefold().split())


def _shown(text: str) -> str:
    return repr(visible(text, 40))


_Given: TypeAlias = tuple[dict[int, tuple[str, Mapping[str, str]]], dict[int, tuple[str, str]]]
"""By place in the file: where it stands and what is said there; and where, and why it cannot be read."""


def _tabled(name: str, data: bytes, sheet: str) -> _Given:
    unread: dict[int, tuple[str, str]] = {}

    def spoilt(line: int, why: str) -> None:
        unread[line] = (f"line {line}", f"The line {why}.")

    found = handed.rows(name, data, _refused, spoilt, sheet)
    return {line: (f"line {line}", row) for line, row in found}, unread


def _listed(name: str, data: bytes) -> _Given:
    """A list of objects, or an object that holds one list of them. A number keeps its digits as they stand."""
    try:
        given = json.loads(
            data.decode("utf-8-sig"),
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=lambda pairs: dict(pairs) if len({*dict(pairs)}) == len(pairs) else _Twice(pairs),
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _refused(name, f"it is no JSON ({type(error).__name__})") from None
    if isinstance(given, dict):
        lists = [value for value in given.values() if isinstance(value, list) and not isinstance(value, _Twice)]
        given = lists[0] if len(lists) == 1 else given
    if not isinstance(given, list) or not all(isinstance(one, dict | _Twice) for one in given):
        raise _refused(name, "it is no list of objects")
    listed: dict[int, tuple[str, Mapping[str, str]]] = {}
    unread: dict[int, tuple[str, str]] = {}
    for n, one in enumerate(given, 1):
        if isinstance(one, _Twice):
            unread[n] = (f"item {n}", "A key stands in it twice, and which is meant is not said.")
            continue
        said = {str(key): "" if value is None else value for key, value in one.items()}
        nested = [key for key, value in said.items() if not isinstance(value, str)]
        if meant := [key for key in nested if _plain(key) in _MEANING]:
            unread[n] = (f"item {n}", f"{_shown(meant[0])} is no text and no number.")
            continue
        listed[n] = (f"item {n}", {key: value for key, value in said.items() if isinstance(value, str)})
    return listed, unread


class _Twice(list[tuple[str, object]]):
    """An object of JSON in which a key stands twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What reads a row: each asset is looked up once, however many rows name it."""

    case: Case
    plugins: Plugins
    near: frozenset[str]
    assets: dict[tuple[str, str], Asset] = field(default_factory=dict)

    def flow(self, where: str, said: Mapping[str, str]) -> Flow:
        if long := [key for key, cell in said.items() if len(cell) > _LONG]:
            raise Error("flow-long", f"Its {long[0]} has {len(said[long[0]]):,} characters.", "", "")
        places = {key: self._names(said, key) for key in ("tx", "from", "to") if key in said}
        if not places:
            raise Error("flow-nothing", "It names no transaction and no address.", "", "")
        chains = {one.chain for one in places.values()}
        if len(chains) > 1:
            raise Error(
                "flow-chains",
                f"It names places of {' and '.join(sorted(chains))}.",
                "One movement is on one chain; a crossing is stated as two.",
                "",
            )
        chain = chains.pop()
        tx, src, dst = (places.get(key) for key in ("tx", "from", "to"))
        if (
            not isinstance(tx, TxId | None)
            or not isinstance(src, Address | None)
            or not isinstance(dst, Address | None)
        ):
            raise Error("flow-kind", "An address stands in the place of a transaction, or one in its.", "", "")
        asset = self._asset(said["asset"], chain) if "asset" in said else None
        since, until = moment(said["time"]) if "time" in said else (None, None)
        if tx is None and not (src and dst) and not (asset and {"amount", "units"} & said.keys()):
            raise Error(
                "flow-vague",
                "It names one address and no transaction.",
                "So it states nothing that could be shown or contradicted: name the other side, or what moved.",
                "",
            )
        return Flow(
            where=where,
            said=said,
            chain=chain,
            tx=tx.text if tx else "",
            output=outpoint(said["tx"])[1] if tx else None,
            src=src.text if src else "",
            dst=dst.text if dst else "",
            amount=_amount(said, asset),
            grouped=_grouped(said, asset),
            asset=asset,
            since=since,
            until=until,
        )

    def _names(self, said: Mapping[str, str], key: str) -> Address | TxId:
        """What a cell names. A bare one is put to the chains of the exhibits first, where one alone knows it."""
        text = outpoint(said[key])[0] if key == "tx" else said[key]
        if "chain" in said:
            return self._on(said["chain"], text)
        found = [one for chain in sorted(self.near) if (one := self._parsed(chain, text)) is not None]
        found = [one for one in found if isinstance(one, TxId) == (key == "tx")]
        return found[0] if len(found) == 1 else recognise(self.plugins, text, self.near)[1]

    def _parsed(self, chain: str, text: str) -> Address | TxId | None:
        try:
            return self.plugins.chains[chain].parse(text)
        except (NotRecognised, KeyError):
            return None

    def _on(self, chain: str, text: str) -> Address | TxId:
        """On the chain that a row names, by its id, its short name or its title."""
        word = chain.casefold()
        infos = [one.info for one in self.plugins.chains.values()]
        mine = [i.id for i in infos if word in (i.id.casefold(), i.title.casefold())]
        mine = mine or [i.id for i in infos if word in {a.casefold() for a in getattr(i, "short", ())}]
        if len(mine) != 1:
            raise Error("flow-chain", f"{_shown(chain)} is no chain here.", "`recover plugins` lists them.", "")
        return recognise(self.plugins, text if text.startswith(f"{mine[0]}:") else f"{mine[0]}:{text}")[1]

    def _asset(self, text: str, chain: str) -> Asset:
        if (chain, text) not in self.assets:
            found = asset_of(self.plugins, chain, text) if "/" in text else self._symbol(text, chain)
            self.assets[chain, text] = named(self.case, self.plugins, found.id)
        return self.assets[chain, text]

    def _symbol(self, text: str, chain: str) -> Asset:
        """By the chain's register; one that it does not list means the one asset of the exhibits that has it."""
        try:
            return asset_of(self.plugins, chain, text)
        except Error:
            word = text.casefold()
            held = shown(self.case).items()
            mine = [one for one, (symbol, _) in held if one.startswith(f"{chain}/") and symbol.casefold() == word]
            # A contract names its token, where the exhibits hold one of it.
            place = self._parsed(chain, text)
            ending = f":{place.text}" if isinstance(place, Address) else "/"
            mine = mine or [one for one, _ in held if one.startswith(f"{chain}/") and one.endswith(ending)]
            if len(mine) != 1:
                raise
            return Asset(id=mine[0], symbol=text, decimals=None)


def _amount(said: Mapping[str, str], asset: Asset | None) -> int | None:
    """As `recover loss` reads an amount, in units of the asset; `units` is in base units. Both must be one."""
    units = None
    if "units" in said:
        bare = said["units"]
        if not (bare.isascii() and bare.isdigit()):
            raise Error("amount-unreadable", f"{_shown(bare)} is no whole number of base units.", "", "")
        units = int(bare)
    if "amount" not in said:
        return units
    if asset is None:
        raise Error("amount-without-asset", f"The amount {_shown(said['amount'])} has no asset.", "", "")
    if asset.decimals is None:
        raise Error(
            "amount-unreadable",
            f"No exhibit and no register says how many decimals {asset.id} has.",
            "State the amount in base units, in a column `units`.",
            "",
        )
    text = said["amount"]
    if "." in text:  # zeros beyond the decimals of the asset say nothing
        head, tail = text.split(".", 1)
        text = f"{head}.{tail[: asset.decimals]}{tail[asset.decimals :].rstrip('0')}"
    amount = amounts.parse(text, asset.decimals)
    if units not in (None, amount):
        raise Error(
            "amount-twice",
            f"It states {_shown(said['amount'])} and {_shown(said['units'])} base units, which are two amounts.",
            "",
            "",
        )
    return amount


_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})")


def _grouped(said: Mapping[str, str], asset: Asset | None) -> int | None:
    """What `80.000` is where a point separates thousands; None where nobody could mean it so."""
    if asset is None or asset.decimals is None or not _THOUSANDS.fullmatch(said.get("amount", "")):
        return None
    return amounts.parse(said["amount"].replace(".", ""), asset.decimals)


_PRECISE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ](\d\d:\d\d)(:\d\d)?)?")


def moment(text: str) -> tuple[datetime, datetime]:
    """What a stated time spans, in UTC: from, and before. Seconds or milliseconds since 1970 are read too."""
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        at = datetime.fromtimestamp(int(text[:10]), UTC)
        return at, at + timedelta(seconds=1)
    shape = _PRECISE.match(text)
    try:
        at = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        shape = None
    if shape is None or not FIRST.year <= at.year < 2100:
        raise Error("time-unreadable", f"{_shown(text)} is no time.", "Write it as 2024-05-01T13:45:00+07:00.", "")
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    span = (
        timedelta(days=1)
        if shape[1] is None
        else timedelta(minutes=1)
        if shape[2] is None
        else timedelta(seconds=1)
    )
    return at.replace(microsecond=0), at.replace(microsecond=0) + span


def _refused(name: str, why: str) -> Error:
    return Error(
        "claims-unreadable",
        f"{name} holds no flows that could be checked.",
        f"{why[0].upper()}{why[1:]}.",
        "State one flow a row: tx, from, to, amount, asset, time; or as JSON, a list of objects with these keys. "
        "Of a workbook with several sheets --sheet says which.",
    )
