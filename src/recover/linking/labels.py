"""Labels: what sources call the addresses of the ledger, with services as the register names them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger import parts
from recover.linking.policy import TABLE
from recover.plugins.registry import Plugins
from recover.registers.services import Register

_SERVICE_ROLES = frozenset({"hot-wallet", "deposit"})
_SERVICE_KINDS = frozenset({"exchange", "payment_processor", "hosted_wallet", "custodian", "atm", "gambling"})


def labels(case: Case, plugins: Plugins, register: Register, wanted: pa.Array) -> pa.Table:
    """All labels of addresses in the ledger, with `service` as the register names it."""
    found = []
    for part in parts.parts(case, plugins):
        file = part.folder / "assertions.parquet"
        if not file.exists():
            continue
        table = derived.load(case, file, "decode")
        table = table.filter(pc.is_in(table.column("address"), value_set=wanted))
        exhibit = pa.array([part.exhibit] * table.num_rows, pa.int64())
        found.append(table.append_column(TABLE.field("exhibit"), exhibit))
    if not found:
        return TABLE.empty_table()
    said = pa.concat_tables(found)
    keys = [(name, "ascending") for name in ("chain", "address", "exhibit", "place", "method", "label")]
    said = said.sort_by(keys)
    names = _names(said, register)
    return said.set_column(
        said.schema.get_field_index("service"), TABLE.field("service"), pa.array(names, pa.string())
    )


def _names(said: pa.Table, register: Register) -> list[str]:
    """The register's name where one matches; else the label's own, if the source says that it is a service."""
    known: dict[tuple[str, str], str] = {}
    found = []
    columns = (said.column(c).to_pylist() for c in ("service", "label", "role", "category"))
    for service, label, role, category in zip(*columns, strict=True):
        if (service, label) not in known:
            entry = register.match(service) or register.match(label)
            known[(service, label)] = entry.name if entry else ""
        own = service if role in _SERVICE_ROLES or category in _SERVICE_KINDS else ""
        found.append(known[(service, label)] or own)
    return found
