"""The TRON chain: which texts mean an address or a transaction, and which token contracts are canonical."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

from recover.sdk import Address, Asset, ChainInfo, NotRecognised, Proposal, TxId
from recover_chain_tron import address

CHAIN = "tron:0x2b6653dc"
"""CAIP-2: the reference is the chain id of mainnet, the last four bytes of its genesis block's hash
(TRON developer documentation, `eth_chainId`)."""

_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]+)")
_LONGEST = 128

# How explorers link to one transaction and to one account.
_LINKS = (
    *(f"{host}/#/{page}/{{}}" for host in ("tronscan.org", "tronscan.io") for page in ("transaction", "address")),
    *(f"tronscan.org/{page}/{{}}" for page in ("transaction", "address")),
    *(f"oklink.com/{name}/{page}/{{}}" for name in ("tron", "trx") for page in ("tx", "address")),
    *(f"blockchair.com/tron/{page}/{{}}" for page in ("transaction", "address")),
    "trx.tokenview.io/en/tx/{}",
    "trx.tokenview.io/en/address/{}",
)


@lru_cache(maxsize=65_536)
def canonical(text: str) -> str:
    """An address, base58check or 41-hex, in base58check. Raises ValueError with the reason."""
    # Kept: the pages of a trace name the same accounts again and again.
    found = _HEX.fullmatch(text)
    if found is None or (len(text) == address.LENGTH and text.startswith("T")):
        return address.encode(address.decode(text))
    digits = found[1]
    if len(digits) == 40:
        raise ValueError("40 hexadecimal digits with no 41 before them are an EVM address")
    if len(digits) != 42:
        raise ValueError(f"it has {len(digits)} hexadecimal digits; an address has 42, a transaction id 64")
    payload = bytes.fromhex(digits)
    if payload[0] != address.PREFIX:
        raise ValueError(f"its first byte is {payload[0]:02x}, and on TRON it is {address.PREFIX:02x}")
    return address.encode(payload)


def asset(contract: str) -> str:
    """The CAIP-19 id of a TRC-20 token, from its contract's base58 address."""
    return f"{CHAIN}/trc20:{contract}"


class Tron:
    """TRON mainnet."""

    @property
    def info(self) -> ChainInfo:
        return _info()

    def parse(self, text: str) -> Address | TxId:
        """Base58check and 41-hex addresses (with or without 0x) as base58check; 64-hex ids in lower case.

        Raises NotRecognised with the exact reason.
        """
        bare = text.strip(" \t\r\n")
        if not bare or len(bare) > _LONGEST:
            raise _refused(bare, f"it has {len(bare)} characters")
        digits = _HEX.fullmatch(bare)
        if digits is not None and len(digits[1]) == 64:
            return TxId(chain=CHAIN, text=digits[1].lower())
        try:
            return Address(chain=CHAIN, text=canonical(bare))
        except ValueError as error:
            raise _refused(bare, str(error)) from None

    def proposed(self, data: bytes) -> Proposal:
        """An unsigned transaction in words, from its raw bytes. Raises NotRecognised."""
        from recover_chain_tron import unsigned

        return unsigned.proposed(data)


def _refused(text: str, why: str) -> NotRecognised:
    return NotRecognised(
        "tron-text",
        f"{text[:_LONGEST]!a} is no TRON address and no transaction id.",
        f"{why[0].upper()}{why[1:]}.",
        "Copy it again from the exhibit: an address begins with T and has 34 characters, an id has 64 digits.",
    )


@cache
def _info() -> ChainInfo:
    return ChainInfo(
        id=CHAIN,
        title="TRON",
        model="account",
        native=Asset(id=f"{CHAIN}/slip44:195", symbol="TRX", decimals=6, name="TRON"),
        assets=_listed(),
        lookalike=(4, 4),
        plain_tx="[0-9a-f]{64}",
        first=date(2018, 6, 25),
        short=("tron", "trx"),
        links=_LINKS,
        examples=(
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "contract of Tether USD on TRON, as the issuer publishes it"),
            ("41a614f803b6fd780986a42c78ec9c7f77e6ded13c", "the same contract in hexadecimal"),
            ("0x41a614f803b6fd780986a42c78ec9c7f77e6ded13c", "the same contract as JSON-RPC clients write it"),
            (
                "99e53c29e7c429aaf5150dc5586f5d3cd143c111c62f5b5deebd000aedacb842",
                "a Tether USD transfer of 17 April 2022",
            ),
        ),
        bad=(
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T", "the last letter is changed, so the checksum does not hold"),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6", "a letter is missing"),
            ("0xdac17f958d2ee523a2206206994597c13d831ec7", "an EVM address"),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "a Bitcoin address: another version byte"),
            ("a0a614f803b6fd780986a42c78ec9c7f77e6ded13c", "the prefix a0 of a test network"),
        ),
    )


@cache
def register() -> Mapping[str, int]:
    """The decimals of the tokens that the chain's register lists, by asset id."""
    return {each.id: each.decimals for each in _listed() if each.decimals is not None}


def _listed() -> tuple[Asset, ...]:
    listed = tomllib.loads(files(__package__).joinpath("assets.toml").read_text("utf-8"))["asset"]
    return tuple(
        Asset(id=asset(a["contract"]), symbol=a["symbol"], decimals=a["decimals"], name=a["name"]) for a in listed
    )
