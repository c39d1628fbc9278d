"""What a person chose of how papers are written: the edition, the pack of a jurisdiction, the language."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from recover.case import Case
from recover.sdk.errors import Error

KIND = "papers"
EDITIONS = ("V0", "V1", "V2", "defence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An empty language is the case's own."""

    edition: str = "V1"
    pack: str = "generic"
    language: str = ""


def wanted(case: Case, before: int = 0) -> Wanted:
    """What was chosen last; before the entry of a number, where one is given."""
    entries = case.entries[: before - 1] if before else case.entries
    said = next((entry.body for entry in reversed(entries) if entry.kind == KIND), {})
    return Wanted(**{name: str(said[name]) for name in asdict(Wanted()) if name in said})


def choose(case: Case, edition: str = "", pack: str = "", language: str = "") -> None:
    """Journal a choice where it is another than before; what is empty stays as it was. Raises Error."""
    known(edition)
    before = wanted(case)
    said = {"edition": edition, "pack": pack, "language": language}
    now = replace(before, **{name: value for name, value in said.items() if value})
    if now != before:
        case.note(KIND, asdict(now))


def known(edition: str) -> None:
    """Raises Error for what is no edition; empty is none."""
    if edition and edition not in EDITIONS:
        raise Error(
            "edition-unknown",
            f"There is no edition {edition!r}.",
            f"The editions are {', '.join(EDITIONS)}.",
            "Name one of them with --edition.",
        )
