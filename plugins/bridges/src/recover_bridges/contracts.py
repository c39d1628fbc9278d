"""The contracts of the protocols, as data: an event counts only where a protocol's own contract wrote it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def data(folder: str) -> Mapping[str, Any]:
    """What `contracts.toml` of a protocol's folder says."""
    return tomllib.loads(_HERE.joinpath(folder, "contracts.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Own:
    """The contracts of one protocol: role -> chain -> addresses in small letters."""

    folder: str

    def at(self, role: str, chain: str) -> tuple[str, ...]:
        """The contracts of a role on a chain."""
        found = data(self.folder)[role].get(chain, ())
        return (found,) if isinstance(found, str) else tuple(found)

    def holds(self, role: str, chain: str, contract: str) -> bool:
        return contract in self.at(role, chain)

    def everywhere(self, chain: str) -> frozenset[str]:
        """All contracts of the protocol on a chain, whatever their role."""
        roles = (role for role, found in data(self.folder).items() if isinstance(found, dict))
        return frozenset(contract for role in roles for contract in self.at(role, chain))
