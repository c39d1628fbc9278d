"""link: what sources call an address, what heuristics assert of it, and which addresses a policy joins."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, tables
from recover.ledger import Ledger
from recover.register import Register
from recover.register import load as load_register
from recover.registry import Plugins
from recover.sdk.batch import ASSERTIONS
from recover.sdk.plugin import Heuristic, Scope
from recover.sdk.records import Gap
from recover.stages import Outcome, Progress, call, decode, since
from recover.stages.pins import core, pin

TABLE = ASSERTIONS.append(pa.field("exhibit", pa.int64(), nullable=False))
"""Assertions as kept: the published columns and the exhibit they stand in, 0 for a heuristic's."""

ENTITIES = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("service", pa.string()),
        ("grade", pa.string()),
        ("chain", pa.string()),
        ("addresses", pa.list_(pa.string())),
        ("assertions", pa.string()),
    ]
)

_SERVICE_ROLES = frozenset({"hot-wallet", "deposit"})
_SERVICE_KINDS = frozenset({"exchange", "payment_processor", "hosted_wallet", "custodian", "atm", "gambling"})


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """Match labels with the register, run every heuristic that fits a chain here, and join entities."""
    began = time.monotonic_ns()
    pin(case, plugins)
    folder = case.derived / "link"
    inputs = _inputs(case, plugins)
    done = tables.stamp(folder) != inputs
    if done:
        _link(case, plugins, progress, inputs)
    counts = tuple((name, _rows(case, name)) for name in ("labels", "assertions", "entities"))
    gaps = tables.load(case, folder / "gaps.parquet", "link").num_rows
    return Outcome(stage="link", done=done, counts=counts, gaps=gaps, ms=since(began))


def _rows(case: Case, name: str) -> int:
    return int(tables.read(case, name).num_rows)


def _inputs(case: Case, plugins: Plugins) -> dict[str, Any]:
    template = plugins.templates.get("services")
    return {
        "core": core(),
        "ledger": dict(tables.stamp(case.derived / "ledger")),
        "heuristics": sorted([h.info.id, h.info.version] for h in plugins.heuristics.values()),
        "plugins": sorted([o.name, o.sha256] for o in plugins.origins),
        "register": template.version if template else "",
        "parameters": {k: dict(v) for k, v in case.settings.parameters.items()},
    }


def _link(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any]) -> None:
    register = load_register(plugins.templates.get("services"))
    moved = tables.read(case, "transfers")
    said = labels(case, plugins, register, addresses(moved))
    resolved, gaps = resolve(said)
    ledger = Ledger(moved=moved, covered=tables.read(case, "coverage"), named=resolved)
    found = [said]
    for number, heuristic in enumerate(_fitting(plugins, moved)):
        progress("link", number, len(plugins.heuristics))
        found.append(_ask(heuristic, ledger, case))
    progress("link", len(plugins.heuristics), len(plugins.heuristics))
    asserted = pa.concat_tables(found)
    with case.rebuilding(case.derived / "link") as fresh:
        tables.write(fresh, "labels", resolved)
        tables.write(fresh, "assertions", asserted)
        tables.write(fresh, "entities", entities(resolved, asserted))
        tables.write(fresh, "gaps", tables.gaps(gaps))
        tables.mark(fresh, inputs)
    case.note("ran", {"stage": "link"})


def addresses(moved: pa.Table) -> pa.Array:
    """Every address that the ledger names."""
    ends = [moved.column(name).unique() for name in ("src", "dst")]
    return pc.drop_null(pa.concat_arrays(ends).unique())


def labels(case: Case, plugins: Plugins, register: Register, wanted: pa.Array) -> pa.Table:
    """All labels of addresses in the ledger, with `service` as the register names it."""
    found = []
    for part in decode.parts(case, plugins):
        file = part.folder / "assertions.parquet"
        if not file.exists():
            continue
        table = tables.load(case, file, "decode")
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


def resolve(said: pa.Table) -> tuple[pa.Table, list[Gap]]:
    """One label an address: the best grade wins, and an equal contradiction between services names none."""
    best: dict[tuple[str, str], dict[str, Any]] = {}
    rivals: dict[tuple[str, str], set[str]] = {}
    for row in said.to_pylist():
        key = (row["chain"], row["address"])
        kept = best.get(key)
        if kept is None or (row["grade"], not row["service"]) < (kept["grade"], not kept["service"]):
            best[key] = row
            rivals[key] = set()
        elif row["grade"] == kept["grade"] and row["service"] and row["service"] != kept["service"]:
            rivals[key].add(row["service"])
    gaps = []
    for key, others in rivals.items():
        if others:
            names = sorted({best[key]["service"], *others})
            gaps.append(_conflict(key[1], names))
            best[key] = {**best[key], "service": "", "note": "sources disagree: " + ", ".join(names)}
    rows = [best[key] for key in sorted(best)]
    return pa.Table.from_pylist(rows, schema=TABLE), gaps


def _conflict(address: str, names: Sequence[str]) -> Gap:
    return Gap(
        code="label-conflict",
        subject=address,
        why=f"Labels of one grade name different services: {', '.join(names)}.",
        effect="It is treated as unlabelled.",
    )


def _fitting(plugins: Plugins, moved: pa.Table) -> list[Heuristic]:
    here = set(moved.column("chain").unique().to_pylist())
    models = {chain.info.model for chain in plugins.chains.values() if chain.info.id in here}
    return [h for h in plugins.heuristics.values() if models & set(h.info.models)]


def _ask(heuristic: Heuristic, ledger: Ledger, case: Case) -> pa.Table:
    info = heuristic.info
    chosen = {name: default for name, (default, _) in info.parameters.items()}
    chosen.update(case.settings.parameters.get(info.id, {}))
    scope = Scope(parameters=chosen)
    found = call.batches(info.id, lambda: heuristic.assertions(ledger, scope))
    pieces = [t for b in found if (t := b.tables().get("assertions")) is not None]
    asserted = pa.concat_tables(pieces) if pieces else ASSERTIONS.empty_table()
    keys = [(name, "ascending") for name in ("kind", "chain", "address", "asset", "service", "other")]
    exhibit = pa.array([0] * asserted.num_rows, pa.int64())
    return asserted.sort_by(keys).append_column(TABLE.field("exhibit"), exhibit)


@dataclass(slots=True)
class _Group:
    kind: str
    service: str
    chain: str
    grades: list[str]
    addresses: set[str]
    reasons: list[dict[str, Any]]


def entities(resolved: pa.Table, asserted: pa.Table) -> pa.Table:
    """Addresses joined: one service's labelled wallets and the deposit addresses that sweep to them; hubs alone.

    An entity's id is its smallest address, so the same partition has the same ids whatever the order.
    """
    groups: dict[tuple[str, str, str], _Group] = {}
    for row in resolved.to_pylist():
        if row["service"]:
            _put(groups, (row["chain"], "service", row["service"]), row)
    for row in asserted.filter(pc.not_equal(asserted.column("kind"), "label")).to_pylist():
        if row["kind"] == "hub":
            _put(groups, (row["chain"], "hub", row["address"]), row)
        elif row["kind"] == "deposit-address" and row["service"]:
            _put(groups, (row["chain"], "service", row["service"]), row)
    rows = [_entity(group) for _, group in sorted(groups.items())]
    return pa.Table.from_pylist(sorted(rows, key=lambda r: (r["chain"], r["id"])), schema=ENTITIES)


def _put(groups: dict[tuple[str, str, str], _Group], key: tuple[str, str, str], row: Mapping[str, Any]) -> None:
    chain, kind, name = key
    group = groups.setdefault(key, _Group(kind, name if kind == "service" else "", chain, [], set(), []))
    group.addresses.add(row["address"])
    group.grades.append(row["grade"])
    group.reasons.append(
        {
            "address": row["address"],
            "heuristic": row["method"],
            "version": row["version"],
            "grade": row["grade"],
            "kind": row["kind"],
            "transactions": list(row["transactions"]),
            "exhibit": row["exhibit"],
        }
    )


def _entity(group: _Group) -> dict[str, Any]:
    members = sorted(group.addresses)
    return {
        "id": members[0],
        "kind": group.kind,
        "service": group.service or None,
        "grade": max(group.grades),
        "chain": group.chain,
        "addresses": members,
        "assertions": json.dumps(group.reasons, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    }


def stops(resolved: pa.Table, asserted: pa.Table) -> Iterable[tuple[str, str]]:
    """(address, reason name) of every address at which tracing stops. Deposit addresses stop before hubs."""
    for row in resolved.to_pylist():
        if row["role"] == "mixer" or row["category"] in ("mixing_service", "mixer"):
            yield row["address"], "MIXER"
        elif row["role"] == "bridge" or row["category"] == "defi_bridge":
            yield row["address"], "BRIDGE"
        elif row["service"]:
            yield row["address"], "SERVICE"
    deposits = [r for r in asserted.to_pylist() if r["kind"] in ("deposit-address", "hub")]
    named = {r["address"] for r in deposits if r["service"]}
    for row in deposits:
        yield row["address"], "SERVICE" if row["address"] in named else "HUB"
