"""The chains of Bitcoin's family: which texts mean an address or a transaction on each."""

from __future__ import annotations

import re
from functools import cached_property

import pyarrow as pa

from recover.sdk import Address, ChainInfo, NotRecognised, Proposal, TxId
from recover_chain_bitcoin import forms, networks, script
from recover_chain_bitcoin import spelt as columns
from recover_chain_bitcoin.networks import Network

_ID = re.compile(r"[0-9a-fA-F]{64}")
_LONGEST = 2 * script.LONGEST + 32  # characters: a descriptor of the longest script that can be spent
_SHOWN = 90


class Coin:
    """One network of the family, as its parameters say."""

    def __init__(self, network: Network) -> None:
        self.network = network

    @cached_property
    def info(self) -> ChainInfo:
        return ChainInfo(
            id=self.network.id,
            title=self.network.title,
            model="utxo",
            native=self.network.native,
            examples=self.network.examples,
            bad=self.network.bad,
            plain_tx="[0-9a-f]{64}",
            first=self.network.first,
            short=self.network.short,
            links=self.network.links,
        )

    def parse(self, text: str) -> Address | TxId:
        """Addresses of every type, descriptors of scripts without one, and ids in lower case.

        A descriptor of a script that has an address gives the address. An older form, which another chain has as
        well, gives the newer one. Raises NotRecognised with the reason.
        """
        bare = text.strip(" \t\r\n")
        if not bare or len(bare) > _LONGEST or not bare.isascii():
            raise self._refused(bare, f"it has {len(bare)} characters, or one that is no plain letter")
        if _ID.fullmatch(bare):
            return TxId(chain=self.network.id, text=bare.lower())
        try:
            found = script.lock(self.network, script.address(self.network, bare))
        except ValueError as error:
            raise self._refused(bare, str(error)) from None
        if found.address is None:
            raise self._refused(bare, "nobody can spend what is locked by this script, so it is no address")
        return Address(chain=self.network.id, text=found.address)

    def forms(self, text: str) -> tuple[str, ...]:
        """The addresses that the key of a script that names it bare opens too."""
        return forms.forms(self.network, text)

    def alike(self, text: str) -> tuple[tuple[str, str], ...]:
        """The addresses on other chains of the family that have the same locking script."""
        return forms.alike(self.network, text)

    def proposed(self, data: bytes) -> Proposal:
        """An unsigned transaction in words: a PSBT or the raw bytes. Raises NotRecognised."""
        from recover_chain_bitcoin import psbt

        return psbt.proposed(self.network, data)

    def spelt(self, texts: pa.Array) -> pa.Array:
        """Which texts are addresses that `parse` gives back as they are; of the others nothing is said."""
        return columns.spelt(self.network, texts)

    def _refused(self, text: str, why: str) -> NotRecognised:
        return NotRecognised(
            "bitcoin-text",
            f"{text[:_SHOWN]!a} is no address and no transaction id of {self.network.title}.",
            f"{why[0].upper()}{why[1:]}.",
            f"Copy it again from the exhibit: an address looks like {self.network.examples[0][0]}, an id has 64 "
            "hexadecimal digits.",
        )


def every() -> list[Coin]:
    """One chain a network."""
    return [Coin(each) for each in networks.every()]
