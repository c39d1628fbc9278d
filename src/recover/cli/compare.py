"""compare: what differs between two states of a case, or two cases, and the acts that made each difference."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import listings, progress, screen
from recover.cli.options import Json
from recover.cli.screen import Column
from recover.exits import Exit

if TYPE_CHECKING:
    from recover.case import Case
    from recover.findings.steps import Changed, Step

_HEAD = re.compile(r"[0-9a-f]{8,64}")


def compare(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="A case folder, a bundle, or a journal head of NEW's case.", show_default=False
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(
            metavar="NEW", help="A case folder, a bundle, or a journal head of OLD's case.", show_default=False
        ),
    ],
    json: Json = False,
) -> None:
    """Say which figures differ between two states of a case, or two cases, and what made each another one.

    Nothing is changed and nobody is asked: a state whose results are not at hand is made again elsewhere. A
    bundle is checked first, and unpacked elsewhere.
    """
    import tempfile

    from recover.plugins import registry
    from recover.stages.compare import compare as compared

    with tempfile.TemporaryDirectory(prefix="recover-compare-") as spot:
        one, other = _opened(old, new, Path(spot))
        _must_be_in_order(one, other)
        with progress.watch(json) as tell:
            found, steps = compared(one, other, registry.load(), tell)
        _answered(one, other, found, steps, json)
    raise typer.Exit(Exit.DONE)


def _answered(one: Case, other: Case, found: list[Changed], steps: list[Step], json: bool) -> None:
    result = {
        "old": _place(one),
        "new": _place(other),
        "steps": [{"cause": s.cause, "entry": s.until, "what": list(s.what)} for s in steps],
        "figures": [_figure(one) for one in found],
    }
    screen.answer(result, json, lambda: _told((one, other), found, steps))


def _figure(one: Changed) -> dict[str, object]:
    """As all JSON of this program has amounts: digits, as text."""
    from dataclasses import asdict

    texts = {
        name: None if value is None else str(value)
        for name, value in (("before", one.before), ("after", one.after))
    }
    return {**asdict(one), **texts}


def _place(case: Case) -> dict[str, object]:
    return {"case": case.path.resolve().name, "head": case.entries[-1].hash, "rule": case.settings.rule}


def _opened(old: str, new: str, spot: Path) -> tuple[Case, Case]:
    """Both states, bundles unpacked below `spot`. Raises Error for two heads, and for one that the case lacks."""
    from recover.sdk.errors import Error

    heads = [_HEAD.fullmatch(text) is not None and not Path(text).exists() for text in (old, new)]
    if all(heads):
        raise Error(
            "compare-no-case",
            "Both sides are journal heads.",
            "A head says nothing of where its case lies.",
            "Name the case folder on one side.",
        )
    if heads[0]:
        case = _read(Path(new), spot / "new")
        return _at(case, old), case
    if heads[1]:
        case = _read(Path(old), spot / "old")
        return case, _at(case, new)
    return _read(Path(old), spot / "old"), _read(Path(new), spot / "new")


def _must_be_in_order(one: Case, other: Case) -> None:
    """Raises Error where the later state is named first: each act would be told backwards."""
    from recover.findings.steps import shared
    from recover.sdk.errors import Error

    if shared(other, one) and not shared(one, other):
        raise Error(
            "compare-order",
            "The second of the two is the earlier state of the first.",
            "What differs is told from the earlier state to the later one.",
            "Name the earlier state first: the same command with its two sides exchanged.",
        )


def _read(path: Path, spot: Path) -> Case:
    """The case in a folder, or in a bundle that is unpacked at `spot`. Raises Error, and Integrity for a bundle
    that does not hold."""
    from recover.case import open_for_reading
    from recover.sdk.errors import Error
    from recover.sdk.outside import typed

    if path.is_file() and not _zipped(path):
        raise Error(
            "compare-no-case",
            f"{typed(path)} is no case and no bundle.",
            "Each side is a case folder, a sealed bundle, or a journal head of the other side's case.",
            "Name the folder of the case, not a file in it.",
        )
    if not (path.is_file() or (path / "bagit.txt").is_file()):
        return open_for_reading(path)
    from recover.sealing.unsealed import unsealed

    for said in unsealed(path, spot / path.stem).unchecked:
        screen.remark(f"not checked: {said}")
    return open_for_reading(spot / path.stem)


def _zipped(path: Path) -> bool:
    """Whether a file begins as a bundle does: one that was cut off is a broken bundle, and no other file."""
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _at(case: Case, head: str) -> Case:
    from recover.findings.steps import as_at
    from recover.sdk.errors import Error

    found = [entry.number for entry in case.entries if entry.hash.startswith(head)]
    if len(found) != 1:
        raise Error(
            "compare-no-head",
            f"The journal of {case.typed} has {'several' if found else 'no'} entries of the hash {head}.",
            "A head is the hash of one entry, as papers print it.",
            "`recover show CASE journal` lists the entries with their hashes.",
        )
    then = as_at(case, found[0])
    if not then.exhibits():
        raise Error(
            "compare-empty",
            f"At entry {found[0]} the case {case.typed} held no exhibit.",
            "A state without evidence has no figures, and nothing can be compared with it.",
            "Name the head of a later entry: `recover show CASE journal` lists them.",
        )
    return then


def _told(cases: tuple[Case, Case], found: list[Changed], steps: list[Step]) -> None:
    from recover.findings.steps import CAUSES
    from recover.sdk import amounts

    apart = [step for step in steps if step.cause == "case"]
    for step in steps:
        what = f": {'; '.join(step.what[:5])}" if step.what else ""
        screen.say(*([] if step in apart else [f"{step.cause} (to entry {step.until}){what}"]))
    if not found:
        screen.sentence("No figure differs.")
    # Each case knows the assets that its own exhibits show.
    assets: dict[str, tuple[str, int | None]] = {}
    for case in cases if found else ():
        assets |= listings.assets(case) if case.files.has("derived/ledger/assets.parquet") else {}

    def shown(value: int | None, asset: str) -> str:
        return "-" if value is None else amounts.decimal(value, assets.get(asset, ("", None))[1])

    rows = [
        (
            one.figure,
            listings.subject(one.figure, one.subject),
            assets.get(one.asset, ("", None))[0] or one.asset,
            shown(one.before, one.asset),
            shown(one.after, one.asset),
            ", ".join(one.causes) or "-",
        )
        for one in found
    ]
    heads = (
        *(Column(title=title) for title in ("Figure", "Of", "Asset")),
        *(Column(title=title, right=True) for title in ("Before", "After")),
        Column(title="Cause"),
    )
    if rows:
        screen.table(heads, rows)
    told = dict.fromkeys(cause for one in found for cause in one.causes)
    for cause in {**dict.fromkeys(step.cause for step in apart), **told}:
        screen.sentence(f"{cause}: {CAUSES[cause]}.")
