"""demo: a shipped case, from its files to finished documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import progress, screen, stages
from recover.cli.options import Json
from recover.sdk.counts import counted

if TYPE_CHECKING:
    from recover.case import Case
    from recover.cli.recipe import Recipe
    from recover.plugins.registry import Plugins
    from recover.stages import Progress


def demo(
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="The case folder to make, or to bring up to date.", show_default=False),
    ],
    case: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Which shipped case; the seizure orders by default.", show_default=False
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Work a shipped case, from its files to its documents."""
    from recover.cli import recipe
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry

    chosen = recipe.find(case)
    plugins = registry.load()
    if not json:
        screen.remark(
            f"{chosen.title}: {counted(len(chosen.files), 'file')}, "
            f"{counted(len(chosen.losses), 'loss')}, into {out}"
        )
    _open(out, chosen)
    with open_for_writing(out, "demo") as opened, progress.watch(json) as tell:
        _fill(opened, plugins, chosen, tell)
    stages.finish(out, *stages.everything(out, "write", json), json)


def _open(out: Path, chosen: Recipe) -> None:
    """Make the case, or accept one that this recipe made. Raises Error for anything else that is there."""
    from recover.stages.open import create

    # A demo that was cut off is taken up again, and never written over a case that somebody works on.
    if (out / "journal.jsonl").exists():
        _same(out, chosen)
        return
    create(
        out,
        title=chosen.title,
        examiner=chosen.examiner,
        agency=chosen.agency,
        rule=chosen.rule,
        reference=chosen.reference,
        note=chosen.note,
        language=chosen.language,
    )


def _same(out: Path, chosen: Recipe) -> None:
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.sdk.errors import Error

    found = open_for_reading(out)
    # By what it holds, as a case does not record that a demo made it.
    names = ("title", "examiner", "agency", "rule", "reference", "note", "language")
    other = [name for name in names if getattr(found.settings, name) != getattr(chosen, name)]
    from recover.linking import installed

    # A run pins the installed base of labels, which is no file of the recipe.
    known = {file.digest for file in chosen.files}
    known |= {base.sha256 for base in installed.installed(registry.load().templates)}
    other += [f"exhibit {stored.number}" for stored in found.exhibits() if stored.digest not in known]
    places = {(loss.address, loss.tx) for loss in chosen.losses}
    other += [loss.id for loss in found.settings.losses if (loss.address, loss.tx) not in places]
    if other:
        raise Error(
            "demo-other",
            f"{out} holds a case that this demo did not make.",
            f"It differs in: {', '.join(other)}.",
            "Choose another --out, or delete that folder if it is not needed.",
        )


def _fill(case: Case, plugins: Plugins, chosen: Recipe, tell: Progress) -> None:
    """Import the files and declare the losses that are not there yet: a demo that was cut off goes on."""
    from recover.declared import losses
    from recover.stages import collect

    for file in chosen.files:
        if not any(s.digest == file.digest and set(file.sources) <= set(s.sources) for s in case.exhibits()):
            collect.files(case, plugins, [file.path], file.sources, tell)
    places = {(loss.address, loss.tx) for loss in case.settings.losses}
    for loss in chosen.losses:
        if (loss.address, loss.tx) not in places:
            losses.declare(
                case,
                plugins,
                address=loss.address,
                tx=loss.tx,
                amount_text=loss.amount,
                assets=loss.assets,
                since=loss.since,
                until=loss.until,
                label=loss.label,
            )
