"""Whose whole history the exhibits claim to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recover.case import Case, derived

_CHAIN = ""
"""The name under which a claim about every address of a chain is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """Address -> the assets whose whole history is here; None among them stands for every asset."""

    assets: Mapping[str, frozenset[str | None]]

    @classmethod
    def of(cls, case: Case) -> Covered:
        """Only unbounded claims count: one that ends at a date does not say what came before or after."""
        found: dict[str, set[str | None]] = {}
        for row in derived.read(case, "coverage").to_pylist():
            if row["since"] is None and row["until"] is None:
                found.setdefault(row["address"] or _CHAIN, set()).add(row["asset"])
        return cls(assets={name: frozenset(assets) for name, assets in found.items()})

    @property
    def addresses(self) -> list[str]:
        """The addresses that are claimed one by one."""
        return [name for name in self.assets if name != _CHAIN]

    def claims(self, address: str) -> bool:
        """Whether any asset's whole history of this address is here."""
        return bool(self.assets.get(address) or self.assets.get(_CHAIN))

    def whole(self, address: str, asset: str) -> bool:
        """Whether the whole history of this address in this asset is here."""
        return self._holds(address, asset) or self.everywhere(asset)

    def everywhere(self, asset: str) -> bool:
        """Whether every address's history of this asset is here."""
        return self._holds(_CHAIN, asset)

    def _holds(self, name: str, asset: str) -> bool:
        return bool(self.assets.get(name, frozenset()) & {None, asset})
