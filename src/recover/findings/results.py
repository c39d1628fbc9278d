"""Former results: the tables of a case as one version of the program made them, under the names of this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from recover.case import Case, derived
from recover.sdk.errors import Integrity, NotRecognised
from recover.sdk.identity import Spelling
from recover.sdk.values import Address


@dataclass(slots=True, kw_only=True)
class Results:
    """Tables below one folder, read once each.

    `missing` and `damaged` name those that were asked for and are not there, or could not be read.
    """

    case: Case
    folder: Path
    spelling: Spelling
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    _read: dict[str, pa.Table | None] = field(default_factory=dict)

    def table(self, name: str) -> pa.Table | None:
        """A derived table; None where it is not there or cannot be read, which is noted."""
        if name not in self._read:
            self._read[name] = self._load(name)
        return self._read[name]

    def rows(self, name: str) -> Sequence[dict[str, Any]]:
        found = self.table(name)
        return () if found is None else found.to_pylist()

    def asset(self, text: str) -> str:
        """An asset's id as its chain spells it now."""
        return self.spelling.asset(text)

    def address(self, asset: str, text: str) -> str:
        """An address on the chain of an asset, as that chain spells it now; what it refuses stays as it is."""
        return self.place(asset.partition("/")[0], text)

    def place(self, chain: str, text: str) -> str:
        if not text or chain not in self.spelling.chains:
            return text
        spelt = self.spelling.name(chain, text, Address)
        return text if isinstance(spelt, NotRecognised) else spelt

    def part(self, asset: str, address: str | None) -> tuple[str, str]:
        """An asset and an address of its chain, both as they are spelt now."""
        return self.asset(asset), self.address(asset, address or "")

    def decoded(self, name: str, columns: list[str]) -> Iterator[dict[str, Any]]:
        """The rows of a table of every decoded exhibit, as its decoder wrote them."""
        root = self.case.files.name(self.folder / "decoded")
        for one in self.case.files.listed(root):
            path = self.folder / "decoded" / one / f"{name}.parquet"
            if self.case.files.size(self.case.files.name(path)) is not None:
                with suppress(Integrity):
                    yield from derived.load(self.case, path, "decode", columns).to_pylist()

    def _load(self, name: str) -> pa.Table | None:
        stage, place = derived.PLACES[name]
        path = self.folder / f"{place}.parquet"
        if self.case.files.size(self.case.files.name(path)) is None:
            self.missing.append(name)
            return None
        try:
            return derived.load(self.case, path, stage)
        except Integrity:
            self.damaged.append(name)
            return None
