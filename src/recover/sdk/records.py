"""Observed and asserted records: what decoders and heuristics yield, one object each for small plugins.

Right of `decode` they live in columns (`recover.sdk.batch`); objects come back only for what a person reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from recover.sdk.values import Ask

Grade = Literal["A", "B", "C", "D", "E"]
LegKind = Literal["transfer", "fee", "mint", "burn", "reward", "input", "output", "internal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One signed movement inside a transaction.

    `amount` is signed, in base units, |amount| <= 2**256 - 1; negative leaves `address`. `address` is None
    where value appears or ends (mint, burn, fee, reward). `pair` ties the two legs of one transfer, where the
    chain itself says who paid whom. `index` is the chain's own number for the leg (log index, output number),
    None where the exhibit does not show it. An input names the output it spends by `spends`. `out` says which
    leg of a pair leaves, and is needed only where the amount is zero and has no sign.
    """

    kind: LegKind
    address: str | None
    asset: str
    amount: int
    pair: int | None = None
    index: int | None = None
    spends: tuple[str, int] | None = None
    out: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What a chain records; legs sum to zero per asset.

    `whole` says that every leg is here; otherwise only the legs that touch `view` are claimed to be.
    `view` is the address whose history this record was listed under, None for a plain listing.
    `place` is where it stands in the exhibit, in the source's unit.
    """

    chain: str
    id: str
    place: int
    legs: tuple[Leg, ...]
    time: datetime | None = None
    height: int | None = None
    index: int | None = None
    failed: bool = False
    whole: bool = False
    view: str | None = None


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
    """What an exhibit claims to hold whole: the history of `address` (None: of the chain) in a closed range."""

    chain: str
    address: str | None
    asset: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """ "X, says `source`, about `address`", graded, with its method and what fired it.

    `kind`: `label` (a name given by a source), `deposit-address`, `hub`, `same-owner` (with `other`), `mix`.
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

    code: str
    subject: str
    why: str
    effect: str = ""
    fill: Ask | None = None
    place: int = 0
