"""Which CAIP-2 chain a list means by the name of a coin or a network, and what it could not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from recover.sdk import Gap
from recover.sdk.counts import counted

DATA = Path(__file__).parent / "data"
ETHEREUM = "eip155:1"
TRON = "tron:0x2b6653dc"
BITCOIN = "bip122:000000000019d6689c085ae165831e93"

_CAIP2 = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")
_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}")
# As people write it, and as the chain's own nodes do: 41 and the account's 20 bytes in hexadecimal digits.
_TRON = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}|(?:0[xX])?41[0-9a-fA-F]{40}")
_BITCOIN = re.compile(r"[13][1-9A-HJ-NP-Za-km-z]{24,34}|bc1[02-9ac-hj-np-z]{8,87}|BC1[02-9AC-HJ-NP-Z]{8,87}")
SHAPES = {ETHEREUM: _EVM, TRON: _TRON, BITCOIN: _BITCOIN}
"""Chain -> the form of its addresses; the first that fits counts."""


@cache
def _table() -> tuple[dict[str, str], frozenset[str]]:
    data = tomllib.loads((DATA / "networks.toml").read_text(encoding="utf-8"))
    names = {name: chain for chain, names in data["networks"].items() for name in names}
    return names, frozenset(data["by_shape"])


def shape(address: str) -> str | None:
    """The chain that the form of an address points to, or None. An 0x address is taken as Ethereum's."""
    return next((chain for chain, form in SHAPES.items() if form.fullmatch(address)), None)


def find(name: str, address: str) -> str | None:
    """The CAIP-2 id of the network `name` for this address, or None where the table or the form says no."""
    names, by_shape = _table()
    if _CAIP2.fullmatch(name.strip()):  # as `recover export` writes a network that has no other name
        return name.strip()
    key = name.strip().lower()
    if key in by_shape:
        return shape(address)
    chain = names.get(key)
    if chain is not None and chain.startswith("eip155:"):
        return chain if _EVM.fullmatch(address) else None
    if chain == TRON:
        return chain if _TRON.fullmatch(address) else None
    return chain


@dataclass(slots=True, kw_only=True)
class Unplaced:
    """Counts labels whose network is not known, so that none is lost in silence."""

    seen: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, place: int) -> None:
        """Count one label of network `name`, at `place`."""
        count = self.seen.setdefault(name, [0, place])
        count[0] += 1

    def gaps(self) -> Iterator[Gap]:
        """One gap a name, in order of name."""
        for name, (count, place) in sorted(self.seen.items()):
            yield Gap(
                code="label-network",
                subject=name or "(none)",
                why=f"{counted(count, 'label')} of the network {name!r}, which is not in the table of networks, "
                "or whose addresses do not have its form.",
                effect="These addresses have no label from this exhibit.",
                place=place,
            )
