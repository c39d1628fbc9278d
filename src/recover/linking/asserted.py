"""Assertions: everything that sources and heuristics say of the addresses of a ledger."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.case.derived import Progress
from recover.ledger import Ledger
from recover.ledger.read import places
from recover.linking import memos, persons
from recover.linking.entrances import entrances
from recover.linking.labels import POSSIBLE, labels
from recover.linking.policy import TABLE, plain
from recover.linking.resolve import resolve
from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.registers.services import Register
from recover.sdk.batch import ASSERTIONS, Batch
from recover.sdk.errors import PluginFailed
from recover.sdk.identity import Spelling, spell
from recover.sdk.plugin import Heuristic, Scope


def asserted_here(
    case: Case, plugins: Plugins, register: Register, progress: Progress
) -> tuple[pa.Table, pa.Table]:
    """(the label of each address, everything that sources and heuristics assert)."""
    moved = derived.read(case, "transfers")
    # Before the heuristics, which read labels: a deposit address is known by the labelled wallet that it sweeps
    # to.
    acts = persons.said(case)
    by_hand = acts.filter(pc.equal(acts.column("kind"), "label"))
    said = persons.withdrawn(case, labels(case, plugins, register, places(moved), by_hand))
    resolved, _ = resolve(said, moved)
    made, recorded, stated = (derived.read(case, name) for name in ("transactions", "events", "states"))
    covered, logged = derived.read(case, "coverage"), derived.read(case, "logs")
    # A hint from another chain is no name: nothing may be concluded from sweeps into it.
    sure = resolved.filter(pc.not_equal(resolved.column("role"), POSSIBLE))
    ledger = Ledger(
        moved=moved, covered=covered, named=sure, made=made, recorded=recorded, stated=stated, logged=logged
    )
    found = [said, acts.filter(pc.not_equal(acts.column("kind"), "label"))]
    fitting = _fitting(plugins, moved)
    # Bridges before habits: many send all they have into one bridge, which is nobody's hub for that.
    bridges = [each for each in fitting if "cross" in each.info.asserts]
    for number, heuristic in enumerate([*bridges, *(each for each in fitting if each not in bridges)]):
        progress("link", number, len(plugins.heuristics))
        if number == len(bridges):
            into = entrances(pa.concat_tables(found), moved)
            ledger = replace(ledger, named=pa.concat_tables([sure, into.select(sure.column_names)]))
        found.append(_ask(heuristic, ledger, case, plugins))
    progress("link", len(plugins.heuristics), len(plugins.heuristics))
    asserted = pa.concat_tables(found)
    return resolved, plain(memos.without_habits(asserted, memos.told(resolved, plugins, register)))


def _fitting(plugins: Plugins, moved: pa.Table) -> list[Heuristic]:
    here = set(moved.column("chain").unique().to_pylist())
    models = {chain.info.model for chain in plugins.chains.values() if chain.info.id in here}
    return [h for h in plugins.heuristics.values() if models & set(h.info.models)]


def _ask(heuristic: Heuristic, ledger: Ledger, case: Case, plugins: Plugins) -> pa.Table:
    info = heuristic.info
    defaults = {name: default for name, (default, _) in info.parameters.items()}
    scope = Scope(parameters=case.settings.chosen(info.id, defaults))
    found = call.batches(info.id, lambda: heuristic.assertions(ledger, scope))
    found = [_known(batch, info.id, plugins) for batch in found]
    pieces = [t for b in found if (t := b.tables().get("assertions")) is not None]
    asserted = pa.concat_tables(pieces) if pieces else ASSERTIONS.empty_table()
    if asserted.num_rows > 1:
        # The order in which a heuristic yields carries no meaning: rows stand by what is asserted, and of whom.
        names = ("kind", "chain", "address", "asset", "service", "other", "params", "note")
        asserted = asserted.sort_by([(name, "ascending") for name in names])
    exhibit = pa.array([0] * asserted.num_rows, pa.int64())
    return asserted.append_column(TABLE.field("exhibit"), exhibit)


def _known(batch: Batch, name: str, plugins: Plugins) -> Batch:
    """The batch with its names spelt as the ledger has them. Raises PluginFailed for one that no chain has."""
    made, refused = spell(batch, Spelling(chains=plugins.chains))
    if refused:
        raise PluginFailed(
            "name-refused",
            f"The plugin {name} names what its chain does not have.",
            f"{refused[0].text[:80]!r} on {refused[0].chain}: {refused[0].why}",
            "Report it to the plugin's author; nothing of this call was used.",
        )
    return made
