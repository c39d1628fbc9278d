"""Who can freeze a token, and how its contract is asked: the families of issuer controls.

Read in the issuers' published contracts; confirm per contract and block before relying on it. A frozen address of
Tether's first contract can still receive. The events of each family are in `topics.FORMS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recover_chain_evm import abi
from recover_chain_evm.networks import Network, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """`check` is the function that says whether an address is frozen, `selector` its four bytes.

    `receives` says whether a frozen address still receives; `destroys` whether the issuer can end its balance.
    """

    title: str
    check: str
    selector: str
    receives: bool
    destroys: bool


FAMILIES: Mapping[str, Family] = {
    "tether": Family(
        title="Tether, first contract",
        check="isBlackListed(address)",
        selector="0xe47d6060",
        receives=True,
        destroys=True,
    ),
    "tether-oft": Family(
        title="Tether, newer contracts",
        check="isBlocked(address)",
        selector="0xfbac3951",
        receives=True,
        destroys=True,
    ),
    "circle": Family(
        title="Circle",
        check="isBlacklisted(address)",
        selector="0xfe575a87",
        receives=False,
        destroys=False,
    ),
    "paxos": Family(
        title="Paxos",
        check="isFrozen(address)",
        selector="0xe5839836",
        receives=False,
        destroys=True,
    ),
}


def family(network: Network, contract: str) -> tuple[Token, Family] | None:
    """The listed token at `contract` and its family; None where no control is known."""
    for token in network.tokens:
        if token.contract == contract and token.freeze:
            return token, FAMILIES[token.freeze]
    return None


def question(family: Family, address: str) -> str:
    """The call data that asks whether `address` is frozen, as 0x and digits."""
    return abi.call(family.check, address)
