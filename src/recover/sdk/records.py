"""Observed and asserted records: what decoders and heuristics yield, one object each for small plugins.

Right of `decode` they live in columns (`recover.sdk.batch`); objects come back only for what a person reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from recover.sdk.values import Ask

Grade = Literal["A", "B", "C", "D", "E"]
# What one exhibit's bytes can show alone, weakest first. The ledger adds what takes several: corroborated, sealed.
Proof = Literal["reported", "self-authenticating", "included"]
LegKind = Literal["transfer", "fee", "mint", "burn", "reward", "input", "output", "internal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One signed movement inside a transaction.

    `amount` is signed, in base units, |amount| <= 2**256 - 1; negative leaves `address`. `address` is None
    where value appears or ends (mint, burn, fee, reward). `pair` ties the two legs of one transfer, where the
    chain itself says who paid whom. `index` is the chain's own number for the leg (log index, output number),
    None where the exhibit does not show it. An input names the output it spends by `spends`. `out` says which
    leg of a pair leaves, and is needed only where the amount is zero and has no sign.

    Coin chains: inputs and outputs only, each with its number in `index` (they are counted apart), and `reward`
    for what a coinbase brings into being; the core works out the fee. `amount` and `address` of an input are None
    where the exhibit does not show the output that it spends: the core looks it up. A script that has no address
    is named by its output descriptor (BIP 380 and following), one that nobody can spend is None.

    Account chains: `transfer` is a value or token transfer, `internal` a value passed on inside the transaction.
    `index` is the log's number for tokens, and the call's place in depth-first order (0: the transaction itself)
    for the chain's own coin. Legs without a `pair` are joined by arithmetic where one side has one address;
    where many paid many, what left is an open end.

    `account` is the sub-account in which `address`, the owner, holds the asset, where the chain has such (a token
    account). `memo` is what tells a service's customers apart at one address (destination tag, memo, comment), as
    its users write it; `memo_raw` is the same as the chain's own bytes, where these say more than the text.
    """

    kind: LegKind
    address: str | None
    asset: str
    amount: int | None
    pair: int | None = None
    index: int | None = None
    spends: tuple[str, int] | None = None
    out: bool | None = None
    account: str | None = None
    memo: str | None = None
    memo_raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What a chain records; legs sum to zero per asset (on coin chains: with the fee, which the core adds).

    `whole` says that every leg is here; otherwise only the legs that touch `view` are claimed to be.
    `view` is the address whose history this record was listed under, None for a plain listing.
    `failed` is None where the exhibit does not show the outcome; another exhibit may.
    `place` is where it stands in the exhibit, in the source's unit. `block` is the id of the block it stands in.
    `proof` is what these bytes alone show: `self-authenticating` (its id was recomputed from its own bytes),
    `included` (also: a path from it to the header of `block` was recomputed). `facts` is canonical JSON with what
    a chain's heuristics read and nobody else: versions, sequence numbers, who sent it. `after` are the ids of
    transactions that came before this one, where the exhibit shows that and no position: a partial order.
    """

    chain: str
    id: str
    place: int
    legs: tuple[Leg, ...]
    time: datetime | None = None
    height: int | None = None
    index: int | None = None
    failed: bool | None = False
    whole: bool = False
    view: str | None = None
    block: str | None = None
    proof: Proof = "reported"
    facts: str = "{}"
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block's header. `sealed`: its id was recomputed from its bytes, and meets its own proof of work.

    `tip` is the height of the chain's tip when it was captured (so that confirmations can be stated), None where
    the exhibit does not say. `stale` says that a node called it no part of its chain. `work`: how many hashes its
    target takes on average, where it is sealed by them; branches are then compared by work and not by length.
    """

    chain: str
    id: str
    place: int = 0
    parent: str | None = None
    height: int | None = None
    time: datetime | None = None
    sealed: bool = False
    stale: bool = False
    tip: int | None = None
    work: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a transaction records and that moves nothing by itself.

    `kind`: `approve` and `permit` (`address` lets `other` spend up to `amount` of `asset`), `spend` (`other`
    moved `amount` of `address` under an approval), `freeze` and `unfreeze` (`address`, by the issuer of `asset`),
    `destroy` (the issuer burned `amount` that `address` held), `create` (`address` created the contract `other`),
    `swap` (the pool `contract` exchanged), `control` (`address` gave a key of `other` a permission),
    `control-lost` (it kept no key of its own), `sign` (a key of `other` signed for it), `delegate` and
    `undelegate` (it lent `other` resources, or took them back), `activate` (it had the account `other` made),
    `relay` (a relayer paid out of it what its owner `other` signed). `index` is the log's or the call's
    number. `facts` is canonical JSON.
    """

    # Why `destroy` is here: some issuers' contracts zero a holder's balance without recording a transfer, and a
    # ledger of transfers alone would keep a balance that is gone.
    kind: str
    chain: str
    tx: str
    contract: str
    address: str
    other: str | None = None
    asset: str | None = None
    amount: int | None = None
    index: int | None = None
    facts: str = "{}"
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What an exhibit says of an address at one block. Never written for "could not ask": that is a Gap.

    `kind`: `balance` (`amount` in base units of `asset`), `frozen` (`amount` 0 or 1, of the token `asset`),
    `code` (`amount`: the code's length in bytes, 0 for an account of a person's key), `nonce` (`amount`: how many
    transactions the account sent up to and with that block). `proof` as a transaction's.
    """

    # Why `frozen` is asked, and not read from the transfers: some tokens let a frozen address go on receiving.
    kind: str
    chain: str
    address: str
    amount: int
    asset: str | None = None
    height: int | None = None
    block: str | None = None
    time: datetime | None = None
    proof: Proof = "reported"
    facts: str = "{}"
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSeen:
    """What an exhibit says of an asset: display only, a contract is the asset."""

    asset: str
    symbol: str
    decimals: int | None
    name: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What an exhibit claims to hold whole: the history of `address` (None: of the chain) in a closed range.

    The range is in time, in height, or both; None is unbounded. `asset` None is every asset, `account` None every
    sub-account. Only what is claimed here lets anything be called at rest, and only up to where the claim ends.
    """

    chain: str
    address: str | None
    asset: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    since_height: int | None = None
    until_height: int | None = None
    account: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An index says that transaction `tx` exists and touches `address` (None: it does not say whom).

    It is closed when an exhibit shows the transaction whole, or this address's side of it; until then it is a gap.
    """

    chain: str
    tx: str
    address: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """The exhibit was read, and says that there is nothing of this kind. `why` is one sentence."""

    why: str
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One event log as the chain records it, for topics that a plugin registers (`HeuristicInfo.topics`).

    `topics` are 32-byte words and `data` any bytes, both as lower-case 0x-hex; `index` is the log's number.
    """

    chain: str
    tx: str
    contract: str
    topics: tuple[str, ...]
    data: str
    index: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one whole unit of `asset` was worth at `time`, says `source`: `value` / 10**`scale` of `currency`.

    `currency` is an ISO 4217 code, or an asset's CAIP-19 id. `source` is who published the price, and stands
    beside every value in money: without it a price cannot be checked. No figure of a trace rests on a price.
    """

    asset: str
    currency: str
    value: int
    scale: int
    time: datetime
    source: str
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """ "X, says `source`, about `address`", graded, with its method and what fired it.

    `kind`: `label` (a name given by a source), `deposit-address`, `hub`, `same-owner` (with `other`).
    About the transaction `transactions[0]`, with `address` empty: `mix` (`label` its class; `role` definite, or
    possible: that one blocks a merge and stops nothing; or entry or shape: worth knowing, and does neither).
    About a transaction and the `address` that acted in it: `change` (`other` is the change address), `swap`
    (`asset` was sold; `params` has `sold`, `bought` and `into`, amounts as decimal text and the asset bought;
    `other` is who had it, if not the seller), `drain` (`other` took by an approval of `address`).
    `service` is the name as the source writes it; the core matches it with the register of services.
    `role` for labels: hot-wallet, deposit, sanctioned, contract, mixer, bridge, other.
    `transactions` are the ids that fired a heuristic; `params` is canonical JSON.
    `origin` is the root of provenance, so that a copy of a copy counts once. `asserted` is the date of the
    source's own claim, None if it gives none. `height` is the chain tip at evaluation, where it matters.
    """

    kind: str
    chain: str
    address: str
    grade: Grade
    method: str
    version: str
    service: str = ""
    label: str = ""
    role: str = "other"
    category: str = ""
    source: str = ""
    origin: str = ""
    asserted: str = ""
    other: str | None = None
    asset: str | None = None
    transactions: tuple[str, ...] = ()
    params: str = "{}"
    note: str = ""
    height: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something not examined: unreachable, unreadable, unsupported, contradicted or not asked.

    `code` is stable, `subject` an address, transaction or asset id, `why` one sentence, `effect` what it can do
    to a figure, `fill` the ask that would close it.
    """

    # `fill` is how tracing asks for more without touching the network: only `collect` puts an ask to a source.
    code: str
    subject: str
    why: str
    effect: str = ""
    fill: Ask | None = None
    place: int = 0
