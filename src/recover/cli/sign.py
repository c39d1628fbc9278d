"""sign: a person's certificate on a paper, which is kept as an exhibit from then on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen
from recover.cli.options import Json
from recover.cli.phrase import phrase

if TYPE_CHECKING:
    from recover.case import Case


def sign(
    report: Annotated[Path, typer.Argument(metavar="REPORT.pdf", help="The paper to sign.", show_default=False)],
    with_: Annotated[
        Path,
        typer.Option(
            "--with",
            metavar="P12",
            help="Your certificate with its key; the pass phrase is asked for.",
            show_default=False,
        ),
    ],
    json: Json = False,
) -> None:
    """Sign a paper with your own certificate (PAdES). The paper stays; the signed one stands beside it.

    Of a paper in a case, the signed file is kept as an exhibit, with a copy in issued/.
    """
    import hashlib

    from recover.capture.imports import taken
    from recover.case.folder import replace
    from recover.sdk.errors import Error
    from recover.sealing import certificates, pades

    paper, typed = taken(report), phrase(f"Pass phrase of {with_.name}, to sign {report.name}")
    who = certificates.identity(with_, typed)
    made = pades.signed(paper, report.name, with_, typed)
    digest, name = (
        hashlib.sha256(made).hexdigest(),
        f"{report.stem}-signed-{hashlib.sha256(made).hexdigest()[:8]}.pdf",
    )
    folder = _folder(report)
    if folder is not None:
        number = _kept(folder, report, paper, name, made, who.name)
        place = folder / "issued" / name
    else:
        number, place = None, report.with_name(f"{report.stem}-signed.pdf")
        if place.exists():
            raise Error("file-exists", f"{place.name} is there already.", "It is not replaced.", "Move it away.")
        replace(place, made)
    result = {"file": str(place), "sha256": digest, "by": who.name, "exhibit": number}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items() if v is not None]))


def _folder(report: Path) -> Path | None:
    """The case in which a paper lies, if it lies in one."""
    above = report.resolve().parents
    return next((place for place in above[:4] if (place / "journal.jsonl").is_file()), None)


def _kept(folder: Path, report: Path, paper: bytes, name: str, made: bytes, by: str) -> int:
    import hashlib

    from recover.capture.imports import kept
    from recover.cli.writing import open_for_writing

    with open_for_writing(folder, "sign") as case:
        _vouched(case, report, paper)
        stored = kept(case, case.next_file(), name, made, "signed")
        case.files.make("issued")
        case.files.write(f"issued/{name}", made)
        row = {"name": name, "sha256": stored.digest, "exhibit": stored.number}
        case.note("signed", {"by": by, "of": hashlib.sha256(paper).hexdigest(), "files": [row]})
    return stored.number


def _vouched(case: Case, report: Path, paper: bytes) -> None:
    """Raises Error for a paper in `out/` that is not as it was written: nobody should sign another's words."""
    import hashlib

    from recover.case.manifest import manifest
    from recover.sdk.errors import Integrity

    place = report.resolve().relative_to(case.path.resolve()).as_posix()
    said = manifest(case).files.get(place.removeprefix("out/")) if place.startswith("out/") else None
    if place.startswith("out/") and said != hashlib.sha256(paper).hexdigest():
        raise Integrity(
            "paper-changed",
            f"{report.name} is not the paper that was written.",
            "Its SHA-256 is not the one in the list of papers that the journal knows.",
            f"`recover write {case.typed}` makes it again; sign that one.",
        )
