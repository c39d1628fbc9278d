"""The register of issuers: who can freeze or destroy a holder's balance of a token."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from recover.sdk.errors import Error
from recover.sdk.plugin import Template

POWERS = ("freeze", "destroy", "reissue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An issuer in the register: `assets` are CAIP-19 ids, `powers` are words of `POWERS`.

    `verified_by` is empty until a person checked them at the contracts themselves.
    """

    id: str
    name: str
    uri: str
    assets: tuple[str, ...]
    powers: tuple[str, ...]
    terms: str
    note: str
    source: str
    as_of: str
    verified_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuers:
    """Issuers by the asset that they control."""

    of: Mapping[str, Issuer]

    def match(self, asset: str) -> Issuer | None:
        """Who issues the asset, as far as the register says."""
        return self.of.get(key(asset))


def key(asset: str) -> str:
    """An asset's id in one spelling: in hexadecimal contracts, and there alone, case is a checksum (EIP-55)."""
    head, _, reference = asset.rpartition(":")
    return f"{head}:{reference.casefold()}" if reference[:2].casefold() == "0x" else asset


def load(template: Template | None) -> Issuers:
    """Read the register's folder; empty without one. Raises Error naming a file that is not an entry."""
    found: dict[str, Issuer] = {}
    for file in sorted(template.folder.glob("*.toml")) if template else []:
        issuer = _entry(file.name, tomllib.loads(file.read_text("utf-8")))
        for asset in issuer.assets:
            other = found.setdefault(key(asset), issuer)
            # One asset has one issuer: a request to freeze goes to whoever the contract obeys.
            if other is not issuer:
                raise _bad(file.name, f"the asset {asset} is also given to {other.id}")
    return Issuers(of=found)


def _entry(file: str, raw: dict[str, Any]) -> Issuer:
    strange = sorted(set(raw) - {f.name for f in fields(Issuer)})
    if strange:
        raise _bad(file, f"unknown keys {', '.join(strange)}")
    for name in ("assets", "powers"):
        raw[name] = tuple(raw.get(name, ()))
    if unknown := sorted(set(raw["powers"]) - set(POWERS)):
        raise _bad(file, f"unknown powers {', '.join(unknown)}")
    try:
        return Issuer(**raw)
    except TypeError as error:
        raise _bad(file, str(error)) from error


def _bad(file: str, why: str) -> Error:
    return Error(
        "register-entry",
        f"{file} is not an entry of the register of issuers.",
        why + ".",
        "Mend the file; its README lists the keys.",
    )
