"""decode: from stored bytes to batches, one set of files an exhibit and source, then the joined ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from recover.case import Case, Stored, journal, tables, warc
from recover.case.files import Files
from recover.ledger import Part, build
from recover.registry import Plugins
from recover.sdk.batch import SCHEMAS, Batch
from recover.sdk.errors import Error, Integrity
from recover.sdk.plugin import Source
from recover.sdk.records import Gap
from recover.sdk.values import Asset, Exhibit
from recover.stages import Outcome, Progress, call, since
from recover.stages.pins import core, pin, ran


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """Decode what is new and join. Unreadable exhibits become gaps; other exhibits are still used.

    Raises Error when the case holds no exhibit.
    """
    began = time.monotonic_ns()
    if not case.exhibits():
        raise Error(
            "no-exhibit",
            f"The case {case.path.name} holds no exhibit.",
            "There is nothing to examine, and a result with nothing examined would mislead.",
            f"`recover import {case.path.name} FILE...`",
        )
    pin(case, plugins)
    parts = _decode(case, plugins, progress)
    inputs = _inputs(case, plugins, parts)
    folder = case.derived / "ledger"
    done = tables.stamp(folder) != inputs
    if done:
        _join(case, plugins, parts, folder, inputs)
    else:
        ran(case, "decode")
    return _outcome(case, done, began)


def part(case: Case, exhibit: Exhibit, source: Source) -> Path:
    """Decode one exhibit by one source into its own folder. Raises the source's Error, or PluginFailed."""
    request = "" if exhibit.asked is None else warc.key(exhibit.asked)
    folder = _folder(case, exhibit.digest, request, source)
    if folder.is_dir():
        return folder
    found = call.batches(source.info.id, lambda: source.decode(exhibit))
    if not any(t.num_rows for batch in found for t in batch.tables().values()):
        raise Error(
            "nothing-decoded",
            f"{exhibit.name} holds nothing that {source.info.id} could read.",
            "The file is of the right kind, and has no record in it.",
            "Check that the export was finished, or that it is the file you meant.",
        )
    if exhibit.redacted:
        found = [_reported(batch) for batch in found]
    with case.rebuilding(folder) as fresh:
        _write(fresh, found)
    return folder


def _reported(batch: Batch) -> Batch:
    """The same batch, with no proof: bytes in which a placeholder stands for a key show nothing by themselves."""
    changed = {}
    for name, table in batch.tables().items():
        for column, least in (("proof", pa.scalar("reported")), ("sealed", pa.scalar(False))):
            place = table.schema.get_field_index(column)
            if place >= 0:
                field = table.schema.field(place)
                values = pa.repeat(least, table.num_rows).cast(field.type)
                table = table.set_column(place, field, values)
        changed[name] = table
    return Batch(**changed)


def parts(case: Case, plugins: Plugins) -> list[Part]:
    """The decoded parts that exist, in order of exhibit and source."""
    found = []
    for stored in case.used():
        for name in stored.sources:
            folder = _folder(case, stored.digest, stored.request, plugins.source(name))
            if folder.is_dir():
                found.append(Part(exhibit=stored.number, digest=stored.digest, source=name, folder=folder))
    return found


def drop(case: Case, plugins: Plugins) -> None:
    """Remove decoded files that belong to no acknowledged exhibit, or to another version of a source."""
    wanted = [(stored, name) for stored in case.used() for name in stored.sources]
    keep = {_folder(case, stored.digest, stored.request, plugins.source(name)).name for stored, name in wanted}
    root = case.derived / "decoded"
    for stale in case.files.listed(case.files.name(root)):
        if stale not in keep:
            case.files.discard(case.files.name(root / stale))


def register(plugins: Plugins) -> dict[str, Asset]:
    """Every chain's canonical assets by id."""
    infos = [chain.info for chain in plugins.chains.values()]
    return {asset.id: asset for info in infos for asset in (info.native, *info.assets)}


def looks(plugins: Plugins) -> dict[str, tuple[int, int]]:
    """By chain, how many characters at the head and the tail of an address people compare, where they do."""
    infos = (chain.info for chain in plugins.chains.values())
    return {info.id: info.lookalike for info in infos if any(info.lookalike)}


def _decode(case: Case, plugins: Plugins, progress: Progress) -> list[Part]:
    wanted = [(stored, name) for stored in case.used() for name in stored.sources]
    for done, (stored, name) in enumerate(wanted):
        progress("decode", done, len(wanted))
        source = plugins.source(name)
        folder = _folder(case, stored.digest, stored.request, source)
        if not folder.is_dir():
            _part_or_gap(case, stored, source, folder)
    progress("decode", len(wanted), len(wanted))
    drop(case, plugins)
    return parts(case, plugins)


def _part_or_gap(case: Case, stored: Stored, source: Source, folder: Path) -> None:
    try:
        part(case, case.read(stored), source)
    except Integrity:
        raise  # the stored bytes themselves do not hold
    except Error as error:
        why = f"{source.info.id} cannot read exhibit {stored.number} ({stored.name}): {error.what} {error.why}"
        gap = Gap(
            code="unreadable",
            subject=stored.digest,
            why=journal.said(why[:4000]),
            effect="Nothing of this exhibit is in the ledger.",
        )
        with case.rebuilding(folder) as fresh:
            _write(fresh, [Batch.of(gap)])


def _folder(case: Case, digest: str, request: str, source: Source) -> Path:
    """One folder for the same bytes in answer to the same request: what they mean can depend on what was asked."""
    asked = f"-{request[:16]}" if request else ""
    return case.derived / "decoded" / f"{digest[:16]}{asked}.{source.info.id}.{source.info.version}"


def _write(folder: Files, found: Sequence[Batch]) -> None:
    for name in SCHEMAS:
        pieces = [t for batch in found if (t := batch.tables().get(name)) is not None]
        if pieces:
            tables.write(folder, name, pa.concat_tables(pieces))


def decided(case: Case) -> dict[str, int]:
    """For each contradicted transaction that a person decided: the exhibit relied on."""
    return {e.body["tx"]: e.body["exhibit"] for e in case.entries if e.kind == "decision" and "tx" in e.body}


def _named(case: Case) -> frozenset[str]:
    return frozenset(asset for loss in case.settings.losses for asset in loss.assets)


def _inputs(case: Case, plugins: Plugins, found: Sequence[Part]) -> dict[str, Any]:
    listed = register(plugins).values()
    return {
        "core": core(),
        "parts": [[p.exhibit, p.folder.name] for p in found],
        "assets": sorted([a.id, a.symbol, a.decimals] for a in listed),
        "named": sorted(_named(case)),
        "decided": decided(case),
        "looks": {chain: list(look) for chain, look in sorted(looks(plugins).items())},
    }


def _join(case: Case, plugins: Plugins, found: Sequence[Part], folder: Path, inputs: dict[str, Any]) -> None:
    joined = build(found, register(plugins), _named(case), decided(case), looks(plugins))
    gaps = [joined_gaps(p, case) for p in found]
    with case.rebuilding(folder) as fresh:
        tables.write(fresh, "transactions", joined.transactions)
        tables.write(fresh, "transfers", joined.transfers)
        tables.write(fresh, "blocks", joined.blocks)
        tables.write(fresh, "events", joined.events)
        tables.write(fresh, "states", joined.states)
        tables.write(fresh, "coverage", joined.coverage)
        tables.write(fresh, "assets", joined.assets)
        own = tables.gaps(joined.gaps)
        tables.write(fresh, "gaps", pa.concat_tables([own, *gaps]))
        tables.mark(fresh, inputs)
    ran(case, "decode", tables.digests(case, "decode"))


def joined_gaps(found: Part, case: Case) -> pa.Table:
    """The gaps that one decoded part reported; empty if none."""
    file = found.folder / "gaps.parquet"
    return tables.load(case, file, "decode") if file.exists() else SCHEMAS["gaps"].empty_table()


def _outcome(case: Case, done: bool, began: int) -> Outcome:
    def rows(name: str) -> int:
        return tables.rows(case, case.derived / "ledger" / f"{name}.parquet")

    counts = (
        ("exhibits", len(case.exhibits())),
        ("transactions", rows("transactions")),
        ("transfers", rows("transfers")),
    )
    return Outcome(stage="decode", done=done, counts=counts, gaps=rows("gaps"), ms=since(began))
