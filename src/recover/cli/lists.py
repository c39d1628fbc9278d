"""labels: the bases of labels that are installed, and the one that a case rests on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import codec, screen
from recover.cli.options import Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.linking.installed import Base
    from recover.plugins.registry import Plugins


def labels(
    case: Annotated[
        Path | None, typer.Argument(metavar="[CASE]", help="Also what this case pinned.", show_default=False)
    ] = None,
    of: Annotated[
        str, typer.Option(metavar="ADDRESS", help="What they say of one address.", show_default=False)
    ] = "",
    pin: Annotated[bool, typer.Option("--pin", help="Pin the installed bases in the case now.")] = False,
    json: Json = False,
) -> None:
    """List the bases of labels: versions, counts by chain, what is in them and what is left out.

    `recover run` pins a base in a case, as an exhibit, as soon as it knows an address there.
    """
    from recover.linking import installed
    from recover.plugins import registry

    if pin and case is None:
        raise typer.BadParameter("--pin needs a CASE.")
    plugins = registry.load()
    found = installed.installed(plugins.templates)
    if of:
        _said(plugins, found, of, json)
        return
    pinned = _pinned(case, found, pin) if case else {}
    rows = [_row(base, pinned, case) for base in found]
    screen.answer(rows, json, lambda: _told(found, pinned, case))


def _said(plugins: Plugins, found: Sequence[Base], text: str, json: bool) -> None:
    """Every label of one address in the installed bases, and what they come to. No case is needed."""
    from recover.linking import installed
    from recover.linking.ladder import standing, word
    from recover.recognise.names import recognise
    from recover.registers import addressees

    address = recognise(plugins, text)[1].text
    register = addressees.services(plugins.templates)
    rows = [row for base in found for row in installed.of(plugins, base).find(address)]
    for row in rows:
        entry = register.match(row["service"]) or register.match(row["label"])
        row["service"] = entry.name if entry else row["service"]
    chains = sorted({row["chain"] for row in rows})
    made: list[codec.Row] = []
    for chain in chains:
        mine = [row for row in rows if row["chain"] == chain]
        said = [word(row, n) for n, row in enumerate(mine)]
        stands = standing(said)
        about = {"chain": chain, "address": address, "service": stands.service, "grade": stands.grade}
        names = ("service", "label", "role", "grade", "source", "origin", "asserted")
        labels = [
            {**{name: row[name] for name in names}, "until": one.until, "withdrawn": one.withdrawn, "why": one.why}
            for row, one in zip(mine, said, strict=True)
        ]
        made.append({**about, "labels": labels})

    def told() -> None:
        columns = tuple(Column(title=name.capitalize(), prose=True) for name in ("chain", *_TOLD))
        cells = [[one["chain"], *(str(row[name]) for name in _TOLD)] for one in made for row in one["labels"]]
        screen.table(columns, cells, "no installed base knows it; that is not to say that nobody has it")

    screen.answer(made, json, told)


_TOLD = ("service", "grade", "role", "label", "asserted", "until", "withdrawn", "why", "source")


def _pinned(case: Path, found: Sequence[Base], pin: bool) -> dict[str, int]:
    """Digest -> exhibit, of every base that the case holds."""
    from recover.case import open_for_reading
    from recover.cli.writing import open_for_writing
    from recover.linking import installed
    from recover.plugins import registry

    if pin:
        plugins = registry.load()
        with open_for_writing(case, "labels") as opened:
            for base in found:
                installed.take(opened, plugins, base)
    sources = {base.source for base in found}
    return {one.digest: one.number for one in open_for_reading(case).exhibits() if sources & set(one.sources)}


def _row(base: Base, pinned: dict[str, int], case: Path | None) -> codec.Row:
    plain = codec.plain(base)
    assert isinstance(plain, dict)
    kept = {name: value for name, value in plain.items() if name != "file"}
    return kept if case is None else {**kept, "exhibit": pinned.get(base.sha256)}


def _told(found: Sequence[Base], pinned: dict[str, int], case: Path | None) -> None:
    if not found:
        screen.remark("(no base of labels is installed)")
    for base in found:
        facts = [("base", base.title), ("version", base.version), ("labels", f"{base.rows:,}")]
        facts += [("services named", f"{base.services:,}"), ("sha256", base.sha256)]
        if case is not None:
            number = pinned.get(base.sha256)
            facts.append(("in this case", f"exhibit {number}" if number else "not pinned"))
        screen.facts(facts)
        screen.heading("By chain")
        chains = [[chain, f"{count:,}"] for chain, count in base.chains.items()]
        screen.table((Column(title="Chain"), Column(title="Labels", right=True)), chains)
        screen.heading("From")
        columns = (Column(title="List"), Column(title="Rows", right=True), Column(title="Origin", prose=True))
        columns += (Column(title="Licence", rank=1),)  # type: ignore[assignment]
        screen.table(
            columns, [[p.file.rpartition("/")[2], f"{p.rows:,}", p.origin, p.licence] for p in base.packs]
        )
        screen.heading("Left out")
        left = [[one.what, one.why] for one in base.excluded]
        screen.table((Column(title="What", prose=True), Column(title="Why", prose=True)), left)
