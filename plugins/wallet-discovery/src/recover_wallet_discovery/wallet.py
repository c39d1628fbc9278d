# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wallets: what one line of a file says, ready to derive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Script = Literal["p2pkh", "p2sh-p2wpkh", "p2wpkh", "p2tr"]
SCRIPTS: tuple[Script, ...] = ("p2pkh", "p2sh-p2wpkh", "p2wpkh", "p2tr")

GAP = 20
"""The gap limit of BIP 44."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network: its CAIP-2 id, the version bytes of its addresses and the prefix of its segwit ones."""

    id: str
    p2pkh: bytes
    p2sh: bytes
    hrp: str


MAIN = Network(id="bip122:000000000019d6689c085ae165831e93", p2pkh=b"\0", p2sh=b"\5", hrp="bc")
TESTS = {
    "testnet": Network(id="bip122:000000000933ea01ad0ee984209779ba", p2pkh=b"\x6f", p2sh=b"\xc4", hrp="tb"),
    "testnet4": Network(id="bip122:00000000da84f2bafbbc53dee25a72ae", p2pkh=b"\x6f", p2sh=b"\xc4", hrp="tb"),
    "signet": Network(id="bip122:00000008819873e925422c1ff0f99f7c", p2pkh=b"\x6f", p2sh=b"\xc4", hrp="tb"),
    "regtest": Network(id="bip122:0f9188f13cb7b2c71f2a335e3a4fc328", p2pkh=b"\x6f", p2sh=b"\xc4", hrp="bcrt"),
}
"""The networks that one set of key versions stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """A public extended key (BIP 32). `scripts` are the kinds of address that its version bytes allow."""

    key: bytes
    chain: bytes
    depth: int
    main: bool
    scripts: tuple[Script, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One way down from a key: fixed steps, and whether indices follow. `origin` is how the key was reached."""

    steps: tuple[int, ...]
    ranged: bool
    origin: str = ""

    @property
    def text(self) -> str:
        return "/".join([self.origin or "key", *map(str, self.steps)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """What one line says: a key, the kinds of address, the branches, and how far to go.

    `key` is an extended key, or the bytes of a single one (33; 32 for taproot's x alone), which has no branches.
    """

    line: int
    key: Extended | bytes
    scripts: tuple[Script, ...]
    branches: tuple[Branch, ...]
    network: Network
    last: int = -1
    gap: int = GAP

    @property
    def count(self) -> int:
        """How many indices of a ranged branch are derived."""
        return self.last + 1 + self.gap
