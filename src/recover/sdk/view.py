"""What exporters and templates see: the case and its findings, typed, read only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import pyarrow as pa

from recover.sdk.addressee import Addressee, Confirmed
from recover.sdk.facts import ActFacts, AsideFacts, CustodyFacts
from recover.sdk.records import Grade
from recover.sdk.values import Asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A victim's loss, by address and period or by transaction. `id` is L1, L2 ... in the order declared.

    By address: every inflow of `assets` in the closed period is proceeds, unless it already carries a lot.
    By transaction: the legs of `tx` (with `amount` and one asset: that much of them). Amounts in base units.
    `assets` empty means every asset in the chain's register. `output` names one output of `tx` on a coin chain.
    `memo`: only what arrived at `address` with this memo, where the address was given with one (an X-address).
    """

    id: str
    chain: str
    address: str | None = None
    tx: str | None = None
    amount: int | None = None
    assets: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    label: str = ""
    output: int | None = None
    memo: str | None = None

    @property
    def place(self) -> str:
        """The address, the transaction, or TXID:OUTPUT where one output is the loss: what `recover loss` reads."""
        if self.address:
            return self.address
        return f"{self.tx}:{self.output}" if self.output is not None else self.tx or ""

    @property
    def kind(self) -> str:
        """What `place` names: address, tx or output."""
        return "address" if self.address else "tx" if self.output is None else "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What `case.toml` says. `merge` are the heuristics that may join addresses, from the grade `least` on.

    `dust`: what concerns no more than this part of what began in an asset, in parts per million, is folded.
    `title` may name somebody, and is printed on no paper.
    """

    title: str
    examiner: str
    agency: str
    rule: str
    opened: datetime
    language: str
    losses: tuple[Loss, ...]
    reference: str = ""
    note: str = ""
    merge: tuple[str, ...] = ()
    least: str = ""
    dust: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitFacts:
    """One exhibit as a report lists it. `number` is its place in the order of capture, from 1.

    `since` and `until` are the period that its content covers: as it states, where `stated`, else the first and
    last moment seen in it. `captured` is the moment of import; `obtained`, `by` and `origin` are what a person
    says of how it was obtained before. `withheld` are the fields that may tell who a victim is, which papers leave
    out.
    """

    number: int
    digest: str
    name: str
    size: int
    media: str
    captured: datetime
    sources: tuple[str, ...]
    method: str
    records: int
    since: datetime | None = None
    until: datetime | None = None
    stated: bool = False
    obtained: datetime | None = None
    by: str = ""
    origin: str = ""
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OffRamp:
    """Traced value that one address passed on to one service or unlabelled hub. All amounts in base units.

    `through` is the address that was credited and `transactions` what credited it; where a loss begins at a
    service's own wallet, that wallet is both. `address` is the same. `amount` is what lots carried from it into
    `hot_wallets`, the wallets of the service or the hub, where the trace stops. Under the declared rule
    `credited` = `amount` + `unswept` (still there at the end of the exhibits) + `elsewhere` (paid to others, and
    followed; `elsewhere_at` says to whom) + `fees` (paid as network fees) + `unfollowed` (its way is in
    no exhibit: the history there is not whole). What came back to the address out of its own coins, change, is in
    none of these. An address that pays two services has one row for each. Where the trace stops at `through`
    itself (`stops`), all that came in is `amount`, and `unswept` is a part of it: what by the address's own
    history is still there, None where no exhibit tells or that history gives bounds alone, which `unswept_bounds`
    has by loss, and of all under "". `deposit` says whether its habit lets it be called a deposit address: a
    word, on which no amount depends. `arrived` is `credited`.

    `possible`: whose the wallets may be, as a label of another chain has it (of one text or script): a hint whom
    to ask, which names no off-ramp (`service` stays None, the grade is D at best); `basis` names that chain.

    `by_memo`: the service tells deposits at `address`, its own wallet, apart by memo. Then the row is of one
    `memo`, empty where the deposits had none, and who paid is no place of it. `account` is the sub-account that
    was credited, where the chain has such and it was one.

    `swept` is what the address passed on to `hot_wallets`, all its value counted. `whole_in`, `passed_on` and
    `at_rest` close the address's own account over its whole history: whole_in = swept of all rows + passed_on +
    at_rest (None where its history is not complete here). `service` is None for an unlabelled hub. `by_rule` is
    `amount` under every rule, `by_loss` under the declared one, `by_rule_and_loss` both. Movements of one moment
    whose order no exhibit gives are taken by transaction id, with payments in first where a payer would else lack
    what it pays; `by_order` has, for `amount`, `credited`, `unswept`, `elsewhere`, `fees` and `unfollowed`, what
    they are in the other orders tried, where they differ; `by_order_and_loss` has `amount` by loss there.
    Names that begin with "part " are of no order: there another part of a payment is taken as the loss.
    `by_rule_and_order` has the same under the other rules, by the names of a rule and of an order of its own
    ("lifo 3").
    `reversed_ties` is `amount` with all such orders reversed, None where that is the same.
    """

    service: str | None
    service_name: str
    address: str
    chain: str
    asset: str
    decimals: int | None
    symbol: str
    amount: int
    arrived: int
    swept: int
    whole_in: int | None
    passed_on: int | None
    at_rest: int | None
    transfers: int
    sweeps: int
    hot_wallets: tuple[str, ...]
    grade: Grade
    basis: str
    first: datetime | None
    last: datetime | None
    transactions: tuple[str, ...]
    sweep_transactions: tuple[str, ...]
    exhibits: tuple[int, ...]
    # Not the declared rule's figure alone: a reader sees what rests on the choice of a rule (why: D'Aloia v
    # Persons Unknown [2024] EWHC 2342 (Ch)).
    by_rule: Mapping[str, int] = field(default_factory=dict)
    by_loss: Mapping[str, int] = field(default_factory=dict)
    reversed_ties: int | None = None
    through: str = ""
    deposit: bool = False
    credited: int = 0
    unswept: int | None = 0
    elsewhere: int = 0
    elsewhere_at: Mapping[str, int] = field(default_factory=dict)
    fees: int = 0
    unfollowed: int = 0
    by_rule_and_loss: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    possible: str = ""
    memo: str = ""
    account: str = ""
    by_memo: bool = False
    by_order: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    by_order_and_loss: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    by_rule_and_order: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unswept_bounds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """Whether the trace stops at `through` itself: a wallet of the service, or what a source calls its deposit
        address."""
        return self.through in self.hot_wallets

    @property
    def resting(self) -> int:
        """What is unswept beside `amount`: nothing where the trace stops, as all that came in went on there."""
        return 0 if self.stops else self.unswept or 0

    def still(self, partly: bool) -> int | None:
        """What of what came in is still there; None where that is not known, or not all of it is followed, or
        nothing is left by a history that is here in part (`partly`)."""
        open_ = self.unfollowed or (partly and not self.unswept)
        return None if open_ and not self.stops else self.unswept

    @property
    def place(self) -> tuple[str, str, str]:
        """What was credited: the address in an asset and, where deposits are told apart by it, the memo."""
        return self.through, self.asset, self.memo

    @property
    def plain(self) -> bool:
        """Whether payments alone tie `through` to the service or hub, so that it may be a private wallet: what
        came in there stands in no books of the service, only what it paid in does."""
        return not self.deposit and not self.stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One checkable statement: a kind, a subject and typed slots; the prose is the template's.

    Kinds and their slots are documented in `docs/plugin-author/findings.md`.
    """

    id: str
    kind: str
    subject: str
    grade: Grade | Literal[""]
    slots: Mapping[str, str | int | tuple[str, ...] | None]
    exhibits: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service in the register. `legal` maps field -> text; `verified_by` is empty until a lawyer signs.

    `memos`: whether it tells its customers' deposits apart by memo; None leaves it to what is usual on the chain.
    `deposits` says it by chain (a CAIP-2 id; empty for every other chain), and goes before `memos`.
    """

    id: str
    name: str
    category: str
    aliases: tuple[str, ...]
    uri: str
    jurisdictions: tuple[str, ...]
    legal: Mapping[str, str]
    source: str
    as_of: str
    verified_by: str = ""
    memos: bool | None = None
    deposits: Mapping[str, bool] = field(default_factory=dict)

    def by_memo(self, chain: str) -> bool | None:
        """Whether deposits on a chain are told apart by memo; None where the register does not say."""
        return self.deposits.get(chain, self.deposits.get("", self.memos))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that was journalled after the first results: `what` of rule, losses, elections, policy, parameters,
    exhibits and decisions it moved.
    """

    number: int
    time: datetime
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A loss that results were made with and that was taken back after: by which entries of the journal."""

    loss: str
    place: str
    declared: int
    dropped: int
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A loss that results were made with as it was `before`, and that is declared at the same place as `now`.

    `declared` and `number` are the entries of the journal that declared it so, and that changed it.
    """

    before: Loss
    now: Loss
    declared: int
    number: int
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A change of the declared rule after results existed: from which rule, to which, by which journal entry.

    `ran`: results existed under `former` before it.
    """

    former: str
    rule: str
    number: int
    time: datetime
    ran: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The journal entry that declares `rule`. `seen`: results existed before it; `ruled` is each change of the
    rule after the first results, in the journal's order.
    """

    rule: str
    number: int
    time: datetime
    hash: str
    ruled: tuple[Ruled, ...] = ()
    seen: bool = False
    changes: tuple[Change, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    altered: tuple[Altered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a document or an export may say.

    `head` is the journal's head over what the results depend on. `tables` gives the large ones when called:
    transfers, transactions, flows, ends, gaps, assertions, entities. `services` holds the register entries of
    the services found, by id. `set_aside` are exhibits on which nothing rests by a person's decision. `stale` is
    empty, or what every page must say of results that have not seen all that the case holds. `models` are the
    accounting models of the case's chains, `chains` the names that people know chains by and `firsts` the days of
    their first blocks, by id. What a document says is read from here and from nowhere else. `addressees` are the
    entries of the register of who can
    act, by the service as off-ramps name it, `brought` the ids of those that the case's own journal has in place
    of installed ones, `confirmed` the channels that a named person confirmed, and `lapsed` the
    confirmations whose channel the register has no more as it was.
    `edition` says for whom papers are (V0, V1, V2, defence), `pack` for which jurisdiction, and `left_out` what an
    edition leaves out: kind and count.
    `owners` says of each loss by which pseudonym the person stands whose it is; empty where several claim it.
    `acts` are what persons did by hand, `reviews` by finding what reviews come to (accepted, rejected or open) and
    whose they are. `custody` says who worked on the case, whose clock it was, and who had what before and after.
    """

    case: CaseFacts
    head: str
    entries: int
    version: str
    plugins: tuple[tuple[str, str, str], ...]
    heuristics: tuple[Mapping[str, str], ...]
    rules: tuple[Mapping[str, str], ...]
    assets: Mapping[str, Asset]
    exhibits: tuple[ExhibitFacts, ...]
    offramps: tuple[OffRamp, ...]
    findings: tuple[Finding, ...]
    services: Mapping[str, Service]
    tables: Mapping[str, Callable[[], pa.Table]]
    models: tuple[str, ...] = ("account",)
    chains: Mapping[str, str] = field(default_factory=dict)
    firsts: Mapping[str, date] = field(default_factory=dict)
    set_aside: tuple[AsideFacts, ...] = ()
    stale: str = ""
    declaration: Declaration | None = None
    addressees: Mapping[str, Addressee] = field(default_factory=dict)
    confirmed: tuple[Confirmed, ...] = ()
    lapsed: tuple[Confirmed, ...] = ()
    brought: frozenset[str] = frozenset()
    acts: tuple[ActFacts, ...] = ()
    custody: tuple[CustodyFacts, ...] = ()
    reviews: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    edition: str = "V1"
    pack: str = "generic"
    left_out: tuple[tuple[str, int], ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
