"""The EVM chains as data: what is different from one to the next, and which tokens are canonical."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from recover.sdk import Asset

NAMESPACE = "eip155"
DEFAULT = 1
"""Ethereum's chain id: what a file that does not name its chain is taken to be of."""

_PAGES = ("tx/{}", "address/{}", "token/{}?a={}")  # of a token's page, the account whose transfers it shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A canonical token. `freeze` is the family of issuer controls (`recover_chain_evm.issuers`), "" if none."""

    contract: str
    symbol: str
    name: str
    decimals: int
    freeze: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One EVM chain; the fields are explained at the head of `networks.toml`. Addresses in lower case."""

    number: int
    title: str
    symbol: str
    coin: str
    slip44: int
    finality: str
    short: tuple[str, ...]
    links: tuple[str, ...]
    wrapped: str | None
    wraps: Literal["events", "transfers"]
    l1_fee: bool
    unrooted: bool
    rewards_below: int | None
    cancun: int | None
    first: date | None
    deposits: tuple[str, ...]
    odd: tuple[str, ...]
    quirks: tuple[str, ...]
    tokens: tuple[Token, ...]
    test: bool

    @property
    def id(self) -> str:
        """CAIP-2."""
        return f"{NAMESPACE}:{self.number}"

    @property
    def native(self) -> str:
        """CAIP-19 of the chain's own coin."""
        return f"{self.id}/slip44:{self.slip44}"

    @property
    def erc20(self) -> str:
        """What stands before a contract's address in a token's CAIP-19 id."""
        return f"{self.id}/erc20:"

    def assets(self) -> tuple[Asset, ...]:
        """The canonical tokens as the register wants them."""
        return tuple(
            Asset(id=self.erc20 + t.contract, symbol=t.symbol, decimals=t.decimals, name=t.name)
            for t in self.tokens
        )


@cache
def known() -> Mapping[int, Network]:
    """Every chain of `networks.toml` by its chain id, in the file's order."""
    tokens = _tokens()
    return {
        entry["number"]: _network(entry, tokens.get(entry["number"], ())) for entry in _read("networks")["network"]
    }


def by_id(chain: str) -> Network | None:
    """The network of a CAIP-2 id, None if it is none of these."""
    return next((network for network in known().values() if network.id == chain), None)


def ids() -> tuple[str, ...]:
    """The CAIP-2 ids of all of them."""
    return tuple(network.id for network in known().values())


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def _tokens() -> dict[int, tuple[Token, ...]]:
    read = _read("tokens")
    found: dict[int, tuple[Token, ...]] = {}
    for entry in read["token"]:
        token = Token(
            contract=entry["contract"].lower(),
            symbol=entry["symbol"],
            name=entry["name"],
            decimals=entry["decimals"],
            freeze=entry.get("freeze", ""),
            source=entry.get("source", read["source"]),
            as_of=entry.get("as_of", read["as_of"]),
        )
        found[entry["chain"]] = (*found.get(entry["chain"], ()), token)
    return found


def _network(entry: Mapping[str, Any], tokens: tuple[Token, ...]) -> Network:
    wrapped = entry.get("wrapped")
    return Network(
        number=entry["number"],
        title=entry["title"],
        symbol=entry["symbol"],
        coin=entry["coin"],
        slip44=entry["slip44"],
        finality=entry["finality"],
        first=entry.get("first"),
        short=tuple(entry.get("short", ())),
        links=(
            *(f"{host}/{page}" for host in entry.get("hosts", ()) for page in _PAGES),
            *(f"{path}/{{}}" for path in entry.get("links", ())),
        ),
        wrapped=None if wrapped is None else wrapped.lower(),
        wraps=entry.get("wraps", "events"),
        l1_fee=entry.get("l1_fee", False),
        unrooted=entry.get("unrooted", False),
        rewards_below=entry.get("rewards_below"),
        cancun=entry.get("cancun"),
        deposits=tuple(entry.get("deposits", ())),
        odd=tuple(entry.get("odd", ())),
        quirks=tuple(entry.get("quirks", ())),
        tokens=tokens,
        test=entry.get("test", False),
    )
