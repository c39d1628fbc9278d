"""Chains as bridges number them, accounts in 32 bytes, and the assets that events name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from recover_bridges.words import address

EVM = "eip155:"
ZERO = "0x" + "0" * 40
COIN = (ZERO, "0x" + "e" * 40, "0x" + "dead" * 9 + "0000")
"""How events write a chain's own coin in the place of a token; the last is Optimism's of before 2021-11."""
_DATA = Path(__file__).parent / "data"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@lru_cache(maxsize=1)
def _numbers() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((_DATA / "numbers.toml").read_text("utf-8"))


def chain(system: str, number: int | str) -> str:
    """The CAIP-2 id of a number of one system; the empty text where it is not known."""
    found = _numbers()[system].get(str(number), "")
    return str(found)


def number(system: str, chain: str) -> int | None:
    """The number of a chain in one system, None where it has none that is known."""
    return next((int(n) for n, id in _numbers()[system].items() if id == chain), None)


def evm(number: int) -> str:
    """An EVM chain by its own number (EIP-155)."""
    return f"{EVM}{number}"


def plain(chain: str) -> int:
    """The own number of an EVM chain."""
    return int(chain.removeprefix(EVM))


def account(chain: str, cell: bytes) -> str | None:
    """An account in 32 bytes as the chain writes it; None where it is none or the chain is not known."""
    if chain.startswith(EVM):
        try:
            return address(cell)
        except ValueError:
            return None
    if chain.startswith("solana:") and len(cell) == 32:
        return base58(cell)
    return None


def base58(data: bytes) -> str:
    """Bytes as Base58 writes them."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _ALPHABET[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def coin(chain: str) -> str:
    """The asset id of a chain's own coin; the empty text where the chain is not known."""
    return str(_numbers()["coins"].get(chain, ("", ""))[0])


def wrapped(chain: str) -> str:
    """The contract of a chain's wrapped coin; the empty text where the chain is not known."""
    return str(_numbers()["coins"].get(chain, ("", ""))[1])


def asset(chain: str, token: str) -> str:
    """The asset id of a token's contract, or of the chain's own coin; the empty text where it is not known."""
    if token in COIN:
        return coin(chain)
    return f"{chain}/erc20:{token}" if chain.startswith(EVM) and token else ""


def forms(chain: str, token: str) -> tuple[str, ...]:
    """The assets in which an amount of a token can be paid: a pool wraps and unwraps the chain's own coin."""
    named = asset(chain, token)
    if token in COIN or token == wrapped(chain):
        return tuple(each for each in (named, asset(chain, wrapped(chain)), coin(chain)) if each)
    return (named,) if named else ()
