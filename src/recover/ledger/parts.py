"""Decoded parts: what each source read in each exhibit, one folder of tables each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, Stored, derived, journal, seals, warc
from recover.case.derived import Progress
from recover.ledger import Part
from recover.ledger.pairing import paired
from recover.ledger.relied import NEVER, Relied
from recover.ledger.unspent import unspent
from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.sdk.batch import CONTRACT, SCHEMAS, Batch
from recover.sdk.errors import Error, Integrity
from recover.sdk.identity import Spelling, labels_left_out, refusal, spell
from recover.sdk.plugin import Source, SourceInfo
from recover.sdk.records import Gap
from recover.sdk.values import Asset, Exhibit, TxId

Ready: TypeAlias = dict[str, list[Batch]]
"""What was decoded in memory, by the name of the folder that it has not been written to yet."""


def part(case: Case, plugins: Plugins, exhibit: Exhibit, source: Source) -> Path:
    """Decode one exhibit by one source into its own folder. Raises the source's Error, or PluginFailed.

    Every name in it is spelt as its chain spells it, and legs are tied where arithmetic ties them. Raises Error
    for a name that its chain does not have.
    """
    request = "" if exhibit.asked is None else warc.key(exhibit.asked)
    folder = _folders(case, plugins)(exhibit.digest, request, exhibit.chain, source.info)
    # Decoded before, by this version, and as it was then: a new exhibit costs only itself.
    if not seals.mind(case, case.files.name(folder)):
        _write(case, folder, _decoded(plugins, exhibit, source))
    return folder


def _decoded(plugins: Plugins, exhibit: Exhibit, source: Source, spelling: Spelling | None = None) -> list[Batch]:
    seen = replace(exhibit, topics=topics(plugins))
    names = spelling or Spelling(chains=plugins.chains)
    given = call.batches(source.info.id, lambda: source.decode(seen))
    found = unspent([_spelt(batch, plugins, source, names) for batch in given], plugins)
    if not any(t.num_rows for batch in found for t in batch.tables().values()):
        raise Error(
            "nothing-decoded",
            f"{exhibit.name} holds nothing that {source.info.id} could read.",
            "The file is of the right kind, and has no record in it.",
            "Check that the export was finished, or that it is the file you meant.",
        )
    return [_reported(batch) for batch in found] if exhibit.redacted else found


def made(case: Case, plugins: Plugins, exhibit: Exhibit, chosen: Sequence[Source]) -> None:
    """Decode a file by each of its sources, as `part` does."""
    for source in chosen:
        part(case, plugins, replace(exhibit, sources=(source.info.id,)), source)


def seal(case: Case, plugins: Plugins, read: Sequence[tuple[Exhibit, Sequence[Source]]]) -> None:
    """Let the journal know the parts that were just made of files, so that no planted one is taken for them."""
    of = _folders(case, plugins)
    folders = [of(one.digest, "", one.chain, source.info) for one, chosen in read for source in chosen]
    seals.note(case, map(case.files.name, folders))


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
    found, of = [], _of(case, plugins)
    for stored in case.used():
        for name in stored.sources:
            folder = of(stored, name)
            if (case.held is not None and case.files.name(folder) in case.held) or folder.is_dir():
                found.append(
                    Part(
                        exhibit=stored.number,
                        digest=stored.digest,
                        source=name,
                        folder=folder,
                        ask=f"{urlsplit(stored.name).netloc} {stored.ask}" if stored.ask else "",
                        alone=stored.method == "import",
                        origin=origin(stored),
                    )
                )
    return found


def origin(stored: Stored) -> str:
    """Where an exhibit comes from, as far as that is known: the operator of the host that answered, or what a
    person said of a file. Empty where nobody said it: two files in two formats may come from one place.
    """
    if not stored.request:
        return f"said {' '.join(stored.origin.casefold().split())}" if stored.origin.strip() else ""
    return _operator(stored.name)


@lru_cache(maxsize=65_536)
def _operator(url: str) -> str:
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    labels = host.split(".")
    # One operator has many hosts below one name, and one machine many ports. Too little is claimed where two
    # operators share the last two labels.
    named = len(labels) > 2 and ":" not in host and not labels[-1].isdigit()
    return f"host {'.'.join(labels[-2:]) if named else host}" if host else ""


def drop(case: Case, plugins: Plugins) -> None:
    """Remove decoded files that belong to no acknowledged exhibit, or to another version of a source."""
    wanted = [(stored, name) for stored in case.used() for name in stored.sources]
    of = _of(case, plugins)
    keep = {of(stored, name).name for stored, name in wanted}
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
    """Decode what is not decoded yet, drop what belongs to no exhibit; all parts. What cannot be read is a gap."""
    wanted = [(stored, name) for stored in case.used() for name in stored.sources]
    fresh: dict[str, dict[str, str]] = {}
    of = _of(case, plugins)
    for done, (stored, name) in enumerate(wanted):
        progress("decode", done, len(wanted))
        folder = of(stored, name)
        if not seals.mind(case, case.files.name(folder)):
            found = _part_or_gap(case, plugins, stored, plugins.source(name))
            fresh[case.files.name(folder)] = _write(case, folder, found)
    progress("decode", len(wanted), len(wanted))
    seals.noted(case, fresh)
    drop(case, plugins)
    return parts(case, plugins)


def ahead(look: Case, plugins: Plugins, known: set[str]) -> Ready:
    """Decode exhibits in memory, for a case that is looked at; nothing is written. `known` are those that were
    met before, by digest, request and chain.
    """
    assert look.held is not None
    found: Ready = {}
    of = _of(look, plugins)
    used = [one for one in look.used() if f"{one.digest} {one.request} {one.chain} {one.sources}" not in known]
    known |= {f"{one.digest} {one.request} {one.chain} {one.sources}" for one in used}
    spelling = Spelling(chains=plugins.chains)
    for stored, name in ((one, name) for one in used for name in one.sources):
        folder = look.files.name(of(stored, name))
        if folder in look.held or seals.whole(look, folder):
            continue
        found[folder] = _part_or_gap(look, plugins, stored, plugins.source(name), spelling)
        look.held[folder] = None
        look.held |= {f"{folder}/{name}.parquet": table for name, table in _tables(found[folder])}
    return found


def written(case: Case, ready: Ready, progress: Progress) -> None:
    """Write what was decoded in memory of exhibits that are acknowledged by now, and note it."""
    sums = {}
    for done, (folder, batches) in enumerate(ready.items()):
        progress("decode", done, len(ready))
        sums[folder] = _write(case, case.path / folder, batches)
    seals.noted(case, sums)


def read(case: Case, part: Part, name: str, columns: list[str] | None = None) -> pa.Table | None:
    """A table of a decoded part, as the journal says it was made; None where it has none."""
    place = f"{case.files.name(part.folder)}/{name}.parquet"
    return derived.load(case, place, "decode", columns) if derived.here(case, place) else None


def _part_or_gap(
    case: Case, plugins: Plugins, stored: Stored, source: Source, spelling: Spelling | None = None
) -> list[Batch]:
    try:
        return _decoded(plugins, case.read(stored), source, spelling)
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
        return [Batch.of(gap)]


def _spelt(batch: Batch, plugins: Plugins, source: Source, spelling: Spelling) -> Batch:
    """One batch with names in one spelling and its legs tied; labels of no address are left out, with a gap."""
    made, refused = spell(batch, spelling)
    records = [one for one in refused if one.table != "assertions"]
    if records:
        raise refusal(records, source.info.place)
    if refused:
        made = labels_left_out(made, refused, source.info.place)
    return paired(made, [chain.info.id for chain in plugins.chains.values() if chain.info.model == "account"])


def topics(plugins: Plugins) -> frozenset[str]:
    """The first topics of event logs that some heuristic reads."""
    return frozenset(topic for heuristic in plugins.heuristics.values() for topic in heuristic.info.topics)


def _folders(case: Case, plugins: Plugins) -> Callable[[str, str, str, SourceInfo], Path]:
    """The folder of what a source decodes of an exhibit."""
    root, read = case.derived / "decoded", tuple(sorted(topics(plugins)))
    return lambda digest, request, chain, info: root / _folder(digest, request, chain, read, info.id, info.version)


def _of(case: Case, plugins: Plugins) -> Callable[[Stored, str], Path]:
    """The same of a stored exhibit, by the source's id: asked for each exhibit between two rounds of asking."""
    of = _folders(case, plugins)
    info = cache(lambda name: plugins.source(name).info)
    return lambda stored, name: of(stored.digest, stored.request, stored.chain, info(name))


@lru_cache(maxsize=65_536)
def _folder(digest: str, request: str, chain: str, topics: tuple[str, ...], source: str, version: str) -> str:
    """One folder for the same bytes read in the same way: in answer to one request, for one chain, for the same
    topics, under one version of the contract. What bytes mean can depend on each of them."""
    way = [request, chain, *topics]
    read = f"-{warc.sha256(chr(10).join(way).encode())[:16]}" if any(way) else ""
    return f"{digest[:16]}{read}.{source}.{version}.{CONTRACT}"


def _write(case: Case, folder: Path, found: Sequence[Batch]) -> dict[str, str]:
    """The tables of one part; the digest of each file. The disk is not waited for: the journal holds the digests,
    and a file that a loss of power left in pieces is found by it and made again."""
    with case.rebuilding(folder, wait=False) as fresh:
        made = ((name, derived.write(fresh, name, table)) for name, table in _tables(found))
        return {f"{name}.parquet": warc.sha256(data) for name, data in made}


def _tables(found: Sequence[Batch]) -> Iterator[tuple[str, pa.Table]]:
    made = [batch.tables() for batch in found]
    for name in SCHEMAS:
        if pieces := [tables[name] for tables in made if name in tables]:
            yield name, pa.concat_tables(pieces)


def decided(case: Case) -> dict[tuple[str | None, str], Relied]:
    """For each contradicted transaction that a person decided: what is relied on. Later ones count.

    The rivals of one that took place, which spend the same coin, did not: theirs is `NEVER`.
    """
    found: dict[tuple[str | None, str], Relied] = {}
    for body in (e.body for e in case.entries if e.kind == "decision" and "tx" in e.body):
        found[body.get("chain"), body["tx"]] = body["exhibit"], body.get("list")
        found |= {(body.get("chain"), rival): (NEVER, None) for rival in body.get("rivals", ())}
    return found


def showing(case: Case, plugins: Plugins, tx: TxId) -> frozenset[int]:
    """The exhibits that show a transaction, as far as they are decoded."""
    return frozenset(views(case, plugins, tx))


def views(case: Case, plugins: Plugins, tx: TxId) -> dict[int, frozenset[str]]:
    """By exhibit that shows a transaction, as far as they are decoded, whose lists it stands in ("": nobody's)."""
    found: dict[int, frozenset[str]] = {}
    for part in parts(case, plugins):
        file = part.folder / "transactions.parquet"
        if file.exists():
            rows = derived.load(case, file, "decode", ["chain", "id", "view"])
            here = pc.and_(pc.equal(rows.column("chain"), tx.chain), pc.equal(rows.column("id"), tx.text))
            if lists := {view or "" for view in rows.filter(here)["view"].to_pylist()}:
                found[part.exhibit] = found.get(part.exhibit, frozenset()) | lists
    return found


def shown(case: Case, plugins: Plugins, chain: str, tx: str) -> tuple[int, ...]:
    """The same exhibits, in order."""
    return tuple(sorted(showing(case, plugins, TxId(chain=chain, text=tx))))


def named(case: Case) -> frozenset[str]:
    """The ids of the assets that losses name: these are followed even where no register lists them."""
    return frozenset(asset for loss in case.settings.losses for asset in loss.assets)


def holds(case: Case, part: Part, *names: str) -> bool:
    """Whether an exhibit has records of any of these kinds, as its source decoded it."""
    folder = case.files.name(part.folder)
    return any(derived.here(case, f"{folder}/{name}.parquet") for name in names)


def joined_gaps(found: Part, case: Case) -> pa.Table:
    """The gaps that one decoded part reported; empty if none."""
    return SCHEMAS["gaps"].empty_table() if (table := read(case, found, "gaps")) is None else table
