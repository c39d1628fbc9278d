"""The EVM chains: which texts mean an address or a transaction."""

from __future__ import annotations

import re
from functools import cache

from recover.sdk import Address, Asset, ChainInfo, NotRecognised, Proposal, TxId
from recover_chain_evm import address, networks

LOOKALIKE = (6, 4)
"""Wallets show an address as 0x1234...abcd; poisoners grind addresses that agree in just these characters."""

_ID = re.compile(r"0x[0-9a-fA-F]{64}")
_OUTSIDE = "genesis|(?:rewards|withdrawals):[0-9]{1,18}"
"""What a block itself pays, in no transaction, stands under a name of its own."""

_LONGEST = 128


class Evm:
    """One EVM chain. The same text means an address on each of them, so a case names the chain before it."""

    def __init__(self, network: networks.Network) -> None:
        self.network = network

    @property
    def info(self) -> ChainInfo:
        return _info(self.network.number)

    def parse(self, text: str) -> Address | TxId:
        """Addresses with a right EIP-55 checksum or none, and transaction ids, as 0x and lower case.

        Raises NotRecognised with the exact reason.
        """
        bare = text.strip(" \t\r\n")
        if not bare or len(bare) > _LONGEST:
            raise self._refused(bare, f"it has {len(bare)} characters")
        if bare.startswith("0X"):
            bare = "0x" + bare[2:]
        if re.fullmatch(_OUTSIDE, bare):
            return TxId(chain=self.network.id, text=bare)
        if _ID.fullmatch(bare):
            return TxId(chain=self.network.id, text=bare.lower())
        try:
            return Address(chain=self.network.id, text=address.canonical(bare))
        except ValueError as error:
            raise self._refused(bare, str(error)) from None

    def proposed(self, data: bytes) -> Proposal:
        """An unsigned transaction in words: its raw bytes, or its fields as JSON. Raises NotRecognised."""
        from recover_chain_evm import unsigned

        return unsigned.proposed(self.network, data)

    def _refused(self, text: str, why: str) -> NotRecognised:
        return NotRecognised(
            "evm-text",
            f"{text[:_LONGEST]!a} is no {self.network.title} address and no transaction id.",
            f"{why[0].upper()}{why[1:]}.",
            "Copy it again from the exhibit: 0x, then 40 digits for an address or 64 for a transaction.",
        )


@cache
def _info(number: int) -> ChainInfo:
    network = networks.known()[number]
    return ChainInfo(
        id=network.id,
        title=network.title,
        model="account",
        native=Asset(id=network.native, symbol=network.symbol, decimals=18, name=network.coin),
        assets=network.assets(),
        examples=(
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "EIP-55, its first test vector"),
            ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "the same address as a node writes it"),
            ("0x52908400098527886E0F7030069857D2E4169EE7", "EIP-55, an address all of whose letters are large"),
            (
                "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060",
                "the first transaction on Ethereum, in block 46147",
            ),
        ),
        bad=(
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", "one letter is small, so the checksum does not hold"),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "a digit is missing"),
            ("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x is missing"),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "a TRON address"),
            ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "a Bitcoin address"),
        ),
        lookalike=LOOKALIKE,
        plain_address="0x[0-9a-f]{40}",
        plain_tx=f"0x[0-9a-f]{{64}}|{_OUTSIDE}",
        first=network.first,
        short=network.short,
        links=network.links,
    )
