"""link: what sources call an address, what heuristics assert of it, and which addresses a policy joins."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
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
from recover.stages.alarms import alarms
from recover.stages.entities import entities
from recover.stages.members import KIND as MEMBER
from recover.stages.members import members, owners
from recover.stages.ownership import KINDS, webs
from recover.stages.pins import core, pin, ran
from recover.stages.policy import TABLE, declared, evidence, plain

_SERVICE_ROLES = frozenset({"hot-wallet", "deposit"})
_SERVICE_KINDS = frozenset({"exchange", "payment_processor", "hosted_wallet", "custodian", "atm", "gambling"})


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """Match labels with the register, run every heuristic that fits a chain here, and join entities."""
    began = time.monotonic_ns()
    pin(case, plugins)
    folder = case.derived / "link"
    declared(case, plugins)
    inputs = _inputs(case, plugins)
    done = tables.stamp(folder) != inputs
    if done:
        _link(case, plugins, progress, inputs)
    else:
        ran(case, "link")
    counts = tuple((name, _rows(case, name)) for name in ("labels", "assertions", "entities"))
    gaps = tables.load(case, folder / "gaps.parquet", "link").num_rows
    return Outcome(stage="link", done=done, counts=counts, gaps=gaps, ms=since(began))


def _rows(case: Case, name: str) -> int:
    return int(tables.read(case, name, ["chain"]).num_rows)


def _inputs(case: Case, plugins: Plugins) -> dict[str, Any]:
    template = plugins.templates.get("services")
    return {
        "core": core(),
        "ledger": dict(tables.stamp(case.derived / "ledger")),
        "heuristics": sorted([h.info.id, h.info.version] for h in plugins.heuristics.values()),
        "plugins": sorted([o.name, o.sha256] for o in plugins.origins),
        "register": template.version if template else "",
        "parameters": {k: dict(v) for k, v in case.settings.parameters.items()},
        "policy": {"merge": list(case.settings.merge), "least": case.settings.least},
    }


def _link(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any]) -> None:
    kept = _kept(case, inputs)
    resolved, asserted = kept or _asserted(case, plugins, progress)
    _, gaps = resolve(asserted.filter(pc.greater(asserted.column("exhibit"), 0)))
    joined = [(web, owners(web)) for web in webs(resolved, asserted, declared(case, plugins))]
    moved = tables.read(case, "transfers", ["chain", "src", "dst"])
    for web, found in joined:
        here = moved.filter(pc.equal(moved.column("chain"), web.chain))
        gaps += alarms(web, found, len(addresses(here)))
    drawn = [members(web, found, TABLE) for web, found in joined]
    with case.rebuilding(case.derived / "link") as fresh:
        tables.write(fresh, "labels", resolved)
        tables.write(fresh, "assertions", pa.concat_tables([asserted, *drawn]))
        tables.write(fresh, "entities", entities(resolved, asserted, joined))
        tables.write(fresh, "gaps", tables.gaps(gaps))
        tables.mark(fresh, inputs)
    ran(case, "link", tables.digests(case, "link"))


def _kept(case: Case, inputs: dict[str, Any]) -> tuple[pa.Table, pa.Table] | None:
    """Labels and assertions of the last run, where nothing but the policy has changed since."""
    last = tables.stamp(case.derived / "link")
    if {**last, "policy": ""} != {**inputs, "policy": ""}:
        return None
    return evidence(case)


def _asserted(case: Case, plugins: Plugins, progress: Progress) -> tuple[pa.Table, pa.Table]:
    """(the label of each address, everything that sources and heuristics assert)."""
    register = load_register(plugins.templates.get("services"))
    moved = tables.read(case, "transfers")
    said = labels(case, plugins, register, addresses(moved))
    resolved, _ = resolve(said)
    made, recorded, stated = (tables.read(case, name) for name in ("transactions", "events", "states"))
    covered = tables.read(case, "coverage")
    ledger = Ledger(moved=moved, covered=covered, named=resolved, made=made, recorded=recorded, stated=stated)
    found = [said]
    for number, heuristic in enumerate(_fitting(plugins, moved)):
        progress("link", number, len(plugins.heuristics))
        found.append(_ask(heuristic, ledger, case))
    progress("link", len(plugins.heuristics), len(plugins.heuristics))
    return resolved, plain(pa.concat_tables(found))


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
    """One label an address: the best grade wins, and an equal contradiction between services names none.

    What a source says of two addresses' one owner is no label of either.
    """
    said = said.filter(pc.invert(pc.is_in(said.column("kind"), value_set=pa.array(KINDS))))
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


def stops(resolved: pa.Table, asserted: pa.Table) -> Iterable[tuple[str, str]]:
    """(address, reason name) of every address at which tracing stops. Deposit addresses stop before hubs.

    Stops are services' labelled wallets, their deposit addresses, and what a cluster adds to them.
    """
    for row in resolved.to_pylist():
        if row["role"] == "mixer" or row["category"] in ("mixing_service", "mixer"):
            yield row["address"], "MIXER"
        elif row["role"] == "bridge" or row["category"] == "defi_bridge":
            yield row["address"], "BRIDGE"
        elif row["service"]:
            yield row["address"], "SERVICE"
    kinds = pc.is_in(asserted.column("kind"), value_set=pa.array(["deposit-address", "hub", MEMBER]))
    told = asserted.filter(kinds).select(["address", "kind", "service"]).to_pylist()
    named = {row["address"] for row in told if row["service"]}
    for row in told:
        yield row["address"], "SERVICE" if row["address"] in named else "HUB"
