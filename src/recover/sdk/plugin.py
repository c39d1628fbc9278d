"""What a plugin implements: four protocols, their descriptions, and templates as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import pyarrow as pa

from recover.sdk.batch import Batch
from recover.sdk.records import Grade
from recover.sdk.values import Address, Ask, Asset, Exhibit, Request, TxId
from recover.sdk.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainInfo:
    """`id` is CAIP-2. `examples` are (text, source) pairs that parse; `bad` are (text, why) pairs that do not.

    `assets` is the register of canonical assets: an asset that is not in it is kept in evidence, left out of
    lots unless a loss names it, and listed; one that copies a listed symbol is called a look-alike. `lookalike`
    is how many characters at the head and at the tail of an address people compare, (0, 0) where poisoning by
    similar addresses is not known: see `recover.ledger.lookalikes`. `memos` says that deposits to services are
    told apart by memo on this chain, unless the register says otherwise of a service. `plain_address` and
    `plain_tx` are regular expressions (RE2) of texts that `parse` gives back as they are: they are not asked.

    `first` is the day of the chain's first block, in UTC: no exhibit shows anything of it before. None only for a
    network that anybody starts anew, whose clock says nothing.

    `short` are the names that people write before a colon (`btc`), and `links` the forms of explorers' links,
    without the scheme and with `{}` where the address or id stands (`example.org/tx/{}`).
    """

    id: str
    title: str
    model: Literal["utxo", "account"]
    native: Asset
    assets: tuple[Asset, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    bad: tuple[tuple[str, str], ...] = ()
    lookalike: tuple[int, int] = (0, 0)
    memos: bool = False
    plain_address: str = ""
    plain_tx: str = ""
    first: date | None = None
    short: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@runtime_checkable
class Chain(Protocol):
    """What does this text mean on this chain?"""

    @property
    def info(self) -> ChainInfo: ...

    def parse(self, text: str) -> Address | TxId:
        """The canonical address or transaction id. Raises NotRecognised with the reason."""
        ...

    # A chain may also have `forms(text: str) -> tuple[str, ...]`: other addresses, each as `parse` gives it, that
    # one and the same key opens, such as the address of a key that a script names bare. A label of one of them
    # speaks of this one. It is no part of the protocol, so that a chain without such forms stays short. Nor is
    # `alike(text: str) -> tuple[tuple[str, str], ...]`: (chain, address) on other chains, each as `parse` gives it
    # there, that are locked in the same way, where they have another text; it goes both ways. A label of one of
    # them is a hint whom to ask, and no name. Nor is
    # `memo(text: str) -> str | None`: the memo that a spelling of an address holds, where one holds it. Nor
    # `spelt(texts: pa.Array) -> pa.Array`: one truth value a text, for large columns: true where the text is an
    # address, its checksum recomputed, that `parse` gives back as it is. The kit holds the two to each other. Nor
    # `proposed(data: bytes) -> Proposal`: an unsigned transaction in words; it raises NotRecognised for bytes that
    # are none of this chain.


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """`chains` are CAIP-2 ids, or ("*",) for any. `asks` are the names of the asks it answers live.

    `place` is the unit of a record's place in an exhibit: line, item or byte. `media` describes the files it
    reads. `terms` says under what terms the data may be used. `primary` sources are found by content; others
    only when named with `--as`. `secrets` are the names of the placeholders it needs, `optional` those of them
    without which it answers too, if more slowly: a header that names one which is not set is not sent. `endpoint`
    is where it asks unless the user names another; empty where there is no usual place, as for one's own node.
    `patience` is for how many seconds an answer may be waited for, where two minutes are too short.
    """

    id: str
    version: str
    title: str
    chains: tuple[str, ...]
    place: Literal["line", "item", "byte"]
    media: str
    terms: str
    asks: tuple[str, ...] = ()
    limits: str = ""
    primary: bool = True
    secrets: tuple[str, ...] = ()
    endpoint: str = ""
    optional: tuple[str, ...] = ()
    patience: int = 0


class Recorder(Protocol):
    """The only door to the outside: store first, then hand over the stored bytes."""

    @property
    def endpoint(self) -> str:
        """Where the source is to ask: what its user says, else the source's own. Never empty."""
        ...

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when nothing could be had; what was had is stored in any case."""
        ...

    def stored(self, request: Request) -> Exhibit | None:
        """The latest exhibit that answers this request already, None if there is none. Sends nothing."""
        ...


@runtime_checkable
class Source(Protocol):
    """Where does the evidence come from?"""

    @property
    def info(self) -> SourceInfo: ...

    def recognises(self, name: str, head: bytes) -> bool:
        """Whether a file with this name and these first 64 KiB is of this source's kind. Pure."""
        ...

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Answer one ask through the recorder, page by page. Sources without asks yield nothing."""
        ...

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Pure. Raises Error naming every unreadable place (up to 20), or NotRecognised."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often what was said at one grade was so, as counts; rates and bounds are worked out from them.

    `wrong` is None where the truth cannot show it, never zero. Of `unknown` the truth says nothing. `chain` is the
    real chain it was counted on (CAIP-2), empty for made-up wallets. `met` are the reasons for which the trials
    had this grade, as notes of assertions give them after their first sentence: of another reason nothing was
    measured. Empty where a grade has no reasons.
    """

    grade: Grade
    right: int
    wrong: int | None = None
    unknown: int = 0
    chain: str = ""
    met: tuple[str, ...] = ()

    @property
    def n(self) -> int | None:
        """The trials that were judged; None where errors were not measured."""
        return None if self.wrong is None else self.right + self.wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A measured error rate: what a court may ask. Counts are None where not measured, never zero.

    What it said is counted by grade (`grades`): a name of one grade has the rate of that grade and no other. What
    it did not say has no grade: `fn` (what there is and was not rightly said, wrong answers among it), `tn` and
    `abstain` are over all, as `n`, every trial.

    The truth must exclude the addresses of the case in which the card is printed: made-up wallets do. `chains`
    names the real chains that a truth is of, empty for made-up wallets: in a case on one of them nothing is
    printed, and no rate of fewer than 50 trials.
    """

    # After United States v Sterlingov (D.D.C., 29 Feb 2024), where clustering was challenged for having no error
    # rate: what was not measured is printed as not measured.
    population: str
    truth: str
    grades: tuple[Tally, ...] = ()
    n: int | None = None
    fn: int | None = None
    tn: int | None = None
    abstain: int | None = None
    measured: str = ""
    by: str = ""
    chains: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Card:
        """The card as a file has it."""
        grades = tuple(Tally(**{**one, "met": tuple(one.get("met", ()))}) for one in row.get("grades", ()))
        return cls(**{**row, "grades": grades, "chains": tuple(row.get("chains", ()))})

    @property
    def tp(self) -> int | None:
        """What was rightly said, over all grades."""
        return None if self.n is None else sum(one.right for one in self.grades)

    @property
    def fp(self) -> int | None:
        """What was wrongly said, over all grades."""
        wrong = [one.wrong for one in self.grades if one.wrong is not None]
        return None if self.n is None or len(wrong) < len(self.grades) else sum(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeuristicInfo:
    """`parameters` are name -> (default, unit and meaning). `fails` lists when it is wrong.

    `topics` are the first topics (0x and 64 small hex digits) of the event logs that it reads from `Ledger.logs`.
    """

    id: str
    version: str
    title: str
    models: tuple[Literal["utxo", "account"], ...]
    asserts: tuple[str, ...]
    citation: str
    fails: tuple[str, ...]
    parameters: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    card: Card | None = None
    topics: tuple[str, ...] = ()


class Ledger(Protocol):
    """What heuristics read. Amount columns are exact pairs (`recover.sdk.amounts`)."""

    def transfers(self) -> pa.Table:
        """One row a movement in order, left-out ones included: seq, chain, tx, time, height, leg (its number),
        kind, src, dst, asset, amount, wide (both positive), spends_tx and spends_index (inputs), excluded (null,
        or why it is left out of lots), exhibit, place. src or dst is null for mint, burn and the like; on coin
        chains a row is one input (src) or one output (dst), inputs first, and an unknown input has no amount."""
        ...

    def transactions(self) -> pa.Table:
        """One row a transaction: chain, id, time, height, index, failed, whole, block, proof, facts."""
        ...

    def events(self) -> pa.Table:
        """EVENTS rows of all exhibits, each once, with time, height and exhibit."""
        ...

    def states(self) -> pa.Table:
        """STATES rows of all exhibits, with exhibit."""
        ...

    def coverage(self) -> pa.Table:
        """The COVERAGE rows of all exhibits: whose history is here."""
        ...

    def logs(self) -> pa.Table:
        """LOGS rows of all exhibits, each once, with time, height and exhibit: of the topics that plugins name."""
        ...

    def labels(self) -> pa.Table:
        """ASSERTIONS of kind `label`, with `service` already matched to the register where it could be."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a heuristic is asked about: addresses of interest (empty: all), and its parameters."""

    addresses: frozenset[str] = frozenset()
    parameters: Mapping[str, int] = field(default_factory=dict)


@runtime_checkable
class Heuristic(Protocol):
    """Who is probably the same; what is this address? It asserts, and never merges."""

    @property
    def info(self) -> HeuristicInfo: ...

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """Pure."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExporterInfo:
    """`form` names the published format and its version.

    `edition` is that of papers (V0, V1, V2, defence) as which it is written where its user names none: V2 for what
    leaves for colleagues, services and issuers. Empty: the case's own.
    """

    id: str
    version: str
    title: str
    form: str
    edition: str = ""


@runtime_checkable
class Exporter(Protocol):
    """What shape does it leave in?"""

    @property
    def info(self) -> ExporterInfo: ...

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """(relative name, bytes) pairs. Pure: same view, same bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A folder of data: a report, a letter, or a register (services, legal bases). No code in it.

    A register's folder holds TOML files; a report's or letter's holds `main.typ`, and texts as `LANG.toml`.
    """

    id: str
    kind: Literal["report", "letter", "register"]
    version: str
    title: str
    folder: Path


# Surest first: grades are compared by their place in this order.
GRADES: Mapping[Grade, str] = {
    "A": "confirmed",
    "B": "strong",
    "C": "moderate",
    "D": "weak",
    "E": "unverified",
}
