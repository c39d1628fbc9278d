"""Decoded parts: what each source read in each exhibit, one folder of tables each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from recover.case import Case, Stored, derived, journal, warc
from recover.case.derived import Progress
from recover.case.files import Files
from recover.ledger import Part
from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.sdk.batch import SCHEMAS, Batch
from recover.sdk.errors import Error, Integrity
from recover.sdk.plugin import Source
from recover.sdk.records import Gap
from recover.sdk.values import Asset, Exhibit


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
                table = table.set_column(place, field, pa.repeat(least, table.num_rows).cast(field.type))
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


def decode(case: Case, plugins: Plugins, progress: Progress) -> list[Part]:
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
        # Also what a plugin did not expect: one answer of a server must not stop a case at every later run.
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
            derived.write(folder, name, pa.concat_tables(pieces))


def decided(case: Case) -> dict[str, int]:
    """For each contradicted transaction that a person decided: the exhibit relied on."""
    return {e.body["tx"]: e.body["exhibit"] for e in case.entries if e.kind == "decision" and "tx" in e.body}


def named(case: Case) -> frozenset[str]:
    return frozenset(asset for loss in case.settings.losses for asset in loss.assets)


def joined_gaps(found: Part, case: Case) -> pa.Table:
    """The gaps that one decoded part reported; empty if none."""
    file = found.folder / "gaps.parquet"
    return derived.load(case, file, "decode") if file.exists() else SCHEMAS["gaps"].empty_table()
