"""Small values: addresses, transaction ids, assets, where a record came from, and what may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import ClassVar, Literal

UINT256 = 2**256 - 1


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Address:
    """One address on one chain, in the chain's canonical text (CAIP-10 is `chain:text`)."""

    chain: str
    text: str

    @property
    def caip10(self) -> str:
        return f"{self.chain}:{self.text}"


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class TxId:
    """One transaction on one chain, its id in the chain's canonical text."""

    chain: str
    text: str


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Asset:
    """A kind of value: its CAIP-19 id, which names the contract; symbol and decimals are only display.

    `decimals` is None where no exhibit and no register says; such amounts are shown in base units.
    """

    id: str
    # A symbol is chosen by whoever deploys a contract, and copied by forgers: it never makes two assets one.
    symbol: str = field(compare=False)
    decimals: int | None = field(compare=False)
    name: str = field(default="", compare=False)

    @property
    def chain(self) -> str:
        return self.id.split("/", 1)[0]

    @property
    def reference(self) -> str:
        """The contract address of a token, or the coin's SLIP-44 number."""
        return self.id.split("/", 1)[1].split(":", 1)[1]


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Basis:
    """Where a record stands: the exhibit's SHA-256 (hex) and its place there, in the source's unit."""

    exhibit: str
    place: int


class Ask:
    """What a gap asks for, as data: a frozen dataclass of texts, whole numbers, times, addresses and ids.

    The list is open: a plugin defines a further kind by deriving from this class, and its name is the kind's name.
    Its first field says where it is to be asked: an `Address` or a `TxId`.
    """

    __slots__ = ()

    kinds: ClassVar[dict[str, type[Ask]]] = {}

    def __init_subclass__(cls) -> None:
        Ask.kinds[cls.__name__] = cls

    @property
    def chain(self) -> str:
        """The chain on which it is asked."""
        place = getattr(self, fields(self)[0].name)  # type: ignore[arg-type]
        assert isinstance(place, Address | TxId)
        return place.chain


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Arrival:
    """When what is followed came to an address first: the time and the height that its chain states, if any."""

    time: datetime | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class History(Ask):
    """Ask: everything that `address` sent and received, in a closed time range; None is unbounded.

    `arrived` says where to begin, and changes nothing of what is asked: a source that can reads a long history
    from there forward first, and then what was before. Two asks that differ in it alone are one ask.
    """

    address: Address
    asset: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    arrived: Arrival | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Details(Ask):
    """Ask: one transaction, whole."""

    tx: TxId


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class WhoIs(Ask):
    """Ask: what is known about the owner of `address`."""

    address: Address


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Spend(Ask):
    """Ask: which transaction spent output `index` of `tx` (coin-based chains)."""

    tx: TxId
    index: int


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Status(Ask):
    """Ask: what `address` holds of `asset` (None: the chain's own) at one block, and whether it is frozen."""

    address: Address
    asset: str | None = None


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Crossing(Ask):
    """Ask: the other side of what `tx` sent through the bridge `protocol` under `key`, here as bytes in 0x-hex.

    It is asked on the chain `to`, or of the bridge's operator, who answers for the chain of `tx`, where that is
    empty. `sought` is the logs that would show it, as JSON: a list of objects with `contract` and `topics`, null
    for any. `near` is the time of the side that is shown, and changes nothing of what is asked.
    """

    tx: TxId
    protocol: str
    key: str
    to: str = ""
    sought: str = ""
    near: datetime | None = field(default=None, compare=False)

    @property
    def chain(self) -> str:
        return self.to or self.tx.chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to the outside. `{name}` in a header value or in `url` stands for a secret, never its text.

    `url` is http, https, or tcp and ssl for line protocols: there `body` is one line, and the answer is one line.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """Bytes as received. `digest` is the SHA-256 (hex) of `data`; `source` names who decodes them.

    `name` is the file's name without its folder, or the request's URL. `sources` are the plugins that read
    it. `data` is what was stored, read back. `asked` is the request it answers, None for an imported file.
    `chain` is the CAIP-2 id that the examiner named for a file that does not say its chain, empty for none.
    `topics` are the first topics of event logs that some plugin reads: a decoder hands these over as `Log`.
    `redacted`: a placeholder stands in it for a key that the server repeated, so that it proves nothing by itself.
    """

    digest: str
    name: str
    media: str
    captured: datetime
    sources: tuple[str, ...]
    data: bytes
    number: int = 0
    asked: Request | None = None
    redacted: bool = False
    chain: str = ""
    topics: frozenset[str] = frozenset()
