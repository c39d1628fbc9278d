"""Evidence: the events, states, assertions and registers that findings are made from, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings import feeless
from recover.findings.material import Material, shared
from recover.ledger.lookalikes import Looks
from recover.ledger.read import key as named
from recover.plugins.registry import Plugins
from recover.registers import addressees
from recover.registers.issuers import Issuers, key
from recover.registers.issuers import load as load_issuers
from recover.registers.services import Register
from recover.sdk import amounts
from recover.sdk.addressee import Addressee

Slots: TypeAlias = dict[str, str | int | tuple[str, ...] | None]
Row: TypeAlias = tuple[str, str, Any, Slots, tuple[int, ...]]
"""A finding before it has a number: kind, subject, grade, slots, exhibits."""

_ASSERTED = ("mix", "swap", "drain")
"""The assertions that findings are made of here; others can be millions."""

Place: TypeAlias = tuple[str, str]
"""A chain, and an address or a transaction on it: the same text on another chain is something else."""

Holding: TypeAlias = tuple[str, str]
"""An address, and an asset's id in one spelling (`recover.registers.issuers.key`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Derived tables and registers, read once. `touched`: the places that the case concerns; `asked`: when the
    servers answered whose answers are exhibits; `unpriced`: where fees are in no exhibit, and of how
    many transactions."""

    material: Material
    events: pa.Table
    states: pa.Table
    asserted: pa.Table
    flows: pa.Table
    looks: Looks
    issuers: Issuers
    touched: frozenset[Place]
    asked: Mapping[int, datetime] = field(default_factory=dict)
    directory: Mapping[str, Addressee] = field(default_factory=dict)
    unpriced: Mapping[tuple[str, str], int] = field(default_factory=dict)
    services: Register = field(default_factory=lambda: Register(services={}, names={}))

    @classmethod
    def of(cls, case: Case, plugins: Plugins, material: Material) -> Evidence:
        """Read all of it for one case. Assertions of other kinds than `_ASSERTED` are left on the disk."""
        held = material.ends.group_by(["asset", "address"], use_threads=False).aggregate([]).to_pylist()
        ends = {(chain_of(end["asset"]), str(end["address"])) for end in held}
        own = {(loss.chain, loss.address) for loss in case.settings.losses if loss.address}
        flows, asserted = derived.read(case, "flows"), derived.read(case, "assertions")
        moved = material.transfers.take(flows["seq"])
        sides = (shared(moved, "chain", side) for side in ("src", "dst"))
        passed = {(chain, n) for rows in sides for chain, n in rows if n is not None}
        return cls(
            material=material,
            events=derived.read(case, "events"),
            states=derived.read(case, "states"),
            asserted=asserted.filter(pc.is_in(asserted["kind"], value_set=pa.array(_ASSERTED))),
            flows=flows,
            looks={chain.info.id: chain.info.lookalike for chain in plugins.chains.values()},
            issuers=load_issuers(plugins.templates.get("issuers")),
            asked={one.number: one.captured for one in case.used() if one.request},
            directory=addressees.load(plugins.templates.get("addressees")),
            services=addressees.services(plugins.templates),
            unpriced=feeless.unpriced(case, plugins, material),
            # The ledger can hold whole blocks. Findings are made of what the case concerns: where value began,
            # passed and ended, and the addresses whose history was collected.
            touched=frozenset(ends | own | passed | set(material.covered.addresses())),
        )

    def rows(self, table: pa.Table, column: str, *kinds: str) -> list[dict[str, Any]]:
        """Rows of `kinds` whose `column` the case concerns, with `exact`: the amount, None where there is none."""
        here = pa.Table.from_pylist([{"chain": c, "address": a} for c, a in sorted(self.touched)], schema=_PLACES)
        kept = pc.and_(
            pc.is_in(table["kind"], value_set=pa.array(kinds, pa.string())),
            pc.is_in(named(table["chain"], table[column]), value_set=named(here["chain"], here["address"])),
        )
        return [{**row, "exact": _exact(row)} for row in table.filter(kept).to_pylist()]

    def ended(self, *reasons: str) -> dict[Holding, int]:
        """What ended for one of `reasons` under the declared rule, by holding."""
        found: dict[Holding, int] = {}
        for end in self.material.declared():
            if end["reason"] in reasons:
                holding = (end["address"], key(end["asset"]))
                found[holding] = found.get(holding, 0) + end["amount"]
        return found

    def spelt(self, asset: str) -> str:
        """An asset's id as the ledger writes it."""
        return next((known for known in self.material.assets if key(known) == key(asset)), asset)

    def addressee(self, service: str) -> Addressee | None:
        """Who answers for a service, as far as the register says."""
        found = self.services.match(service)
        return addressees.of(found, self.directory, self.services) if found is not None else None

    def issuer(self, asset: str) -> str:
        """The name of an asset's issuer, empty where the register names none."""
        found = self.issuers.match(asset)
        return found.name if found else ""


_PLACES = pa.schema([("chain", pa.string()), ("address", pa.string())])


def chain_of(asset: str) -> str:
    """The chain of a CAIP-19 id."""
    return asset.split("/", 1)[0]


def _exact(row: Mapping[str, Any]) -> int | None:
    if "amount" not in row or (row["amount"] is None and row["wide"] is None):
        return None
    return amounts.join(row["amount"], row["wide"])
