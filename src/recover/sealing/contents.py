"""What a bundle holds: the whole case, or papers alone, where their edition leaves out what the case has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recover.case import Case, manifest, private
from recover.declared import edition
from recover.report.editions import NARROW
from recover.sdk.errors import Error

CASE, PAPERS = "case", "papers"
APART = ("letters/", "stopped/")
"""Written beside a report, and no part of it: a letter is its recipient's, and no other receiver's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """`holds` is `case` or `papers`; `edition` is that of the papers, empty where none were written."""

    holds: str
    edition: str

    def told(self) -> str:
        """The same in words, as every page of the bundle has them."""
        if self.holds == PAPERS:
            return f"papers of edition {self.edition} alone; no figure can be computed again from them"
        if not self.edition:
            return "the whole case; no papers were written"
        return (
            f"the whole case; its papers are of edition {self.edition}, and what that edition leaves out of them "
            "is in the bundle all the same"
        )


def closed(put: Mapping[str, object]) -> str:
    """How a bundle is closed, as its pages say it; `put` has the endings of what is put to its manifest."""
    words = {"p7s": "signed", "tsr": "stamped by an authority for time stamps", "ots": "given to OpenTimestamps"}
    told = ", ".join(word for ending, word in words.items() if ending in put)
    return told or "NOT SIGNED AND NOT STAMPED: whoever can write to it can change it and seal it anew"


def contents(case: Case, whole: bool) -> Contents:
    """What goes into a bundle of this case; `whole` is a person's word that all of it may.

    Raises Error for an edition that is in no bundle, and where the papers here are of another than was chosen.
    """
    chosen, name = edition.wanted(case).edition, case.typed
    if not case.files.has(f"out/{manifest.MANIFEST}"):
        if chosen in NARROW and not whole:
            raise Error(
                "edition-unwritten",
                f"Papers of edition {chosen} were chosen for {name}, and none are there.",
                "A bundle without papers holds the whole case, with all that this edition would leave out.",
                f"Write them: recover write {name}. Or say --whole, where all of it may be handed on.",
            )
        return Contents(holds=CASE, edition="")
    wrote = [entry.number for entry in case.entries if entry.kind == "writing"]
    written = edition.wanted(case, wrote[-1] if wrote else 0).edition
    if "V0" in (written, chosen):
        raise Error(
            "edition-sealed",
            f"The papers of {name} are of edition V0, which may name victims.",
            "A bundle is made to be handed on, and that edition is not.",
            f"Write another edition first: recover write {name} --edition V1.",
        )
    if written != chosen:
        raise Error(
            "edition-unwritten",
            f"The papers of {name} are of edition {written}, and {chosen} was chosen since.",
            "A bundle that is taken for one edition must not hold another.",
            f"Write them first: recover write {name}.",
        )
    return Contents(holds=PAPERS if written in NARROW and not whole else CASE, edition=written)


def papers(case: Case) -> list[str]:
    """The files of a bundle of papers, by their names below `out/`. Raises Error where the list names somebody."""
    listed = [name for name in sorted(manifest.manifest(case).files) if not name.startswith(APART)]
    text = case.files.read(f"out/{manifest.MANIFEST}").decode("utf-8", "replace").casefold()
    if any(name.casefold() in text for name in private.identities(case)):
        raise Error(
            "papers-named",
            f"The list of the papers of {case.typed} names somebody whom private/identities.txt lists.",
            "It goes into the bundle, since it vouches for the papers; a file is called after that person.",
            "Take the name out of the case, or make a bundle for the court with --edition V1.",
        )
    return [*listed, manifest.MANIFEST]
