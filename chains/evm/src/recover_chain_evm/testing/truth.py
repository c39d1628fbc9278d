"""What really happened in the staged case: every address and every amount, to the unit. Addresses as a node writes
them, in lower case; amounts in base units; an asset is its contract's address, or "" for the chain's own coin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

PoisonKind: TypeAlias = Literal["zero-value", "dust", "counterfeit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theft:
    """`amount` went from `victim` to `taker` in `transaction`, under what `approval` allowed `spender`."""

    victim: str
    spender: str
    taker: str
    asset: str
    amount: int
    approval: str
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Stolen value at a deposit address: what arrived, by which transactions, and the sweeps to the hot wallet.

    `arrived` is the stolen value only; `whole` is all that the address ever received of the asset, and `swept`
    what it passed on. `form` tells an account with a key from a contract.
    """

    address: str
    form: Literal["account", "forwarder"]
    asset: str
    arrived: int
    whole: int
    swept: int
    transactions: tuple[str, ...]
    sweeps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an address held of a token when its issuer froze or destroyed it, and the issuer's transaction."""

    address: str
    asset: str
    amount: int
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped:
    """`who` sold `sold` of `asset` and got `bought` of `into`, for `to`, in one transaction."""

    who: str
    to: str
    asset: str
    sold: int
    into: str
    bought: int
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A transfer made to be copied from a list: `imitates` is the address that `look_alike` is to be taken for."""

    kind: PoisonKind
    transaction: str
    look_alike: str
    imitates: str
    aimed_at: str
    asset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The staged case. `names` gives every address of the play; `tip` is the last block of it.

    `swaps` pay the seller, `to_another` pays somebody else, so that nothing in it ties the two sides to one owner.
    `wraps` are the transactions that wrap and unwrap the coin. `failed` were reverted whole; `undone` succeeded,
    and one call with value inside it was undone. `resting` is stolen value that was not moved on. `taxed` is
    (transaction, what the log says, what arrived) of a token that keeps a part.
    """

    chain: int
    tip: int
    names: Mapping[str, str]
    thefts: tuple[Theft, ...]
    landings: tuple[Landing, ...]
    swaps: tuple[Swapped, ...]
    to_another: Swapped
    frozen: tuple[Held, ...]
    destroyed: tuple[Held, ...]
    poisoned: tuple[Poison, ...]
    wraps: tuple[str, ...]
    failed: tuple[str, ...]
    undone: str
    resting: Held
    taxed: tuple[str, int, int]
