"""What every document of one case is held to when it is written, and what stands in place of a stopped one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recover.report import lint
from recover.report.texts import Texts


@dataclass(frozen=True, slots=True)
class Check:
    """`names` are identities that no document may hold; `allowed` what a named person lets pass."""

    names: Sequence[str]
    allowed: Collection[tuple[str, str]]

    def breaches(
        self, texts: Texts, said: Iterable[str], kind: str, force: bool = False, asks: str = "preserve"
    ) -> list[lint.Breach]:
        """What stops a document: all that no named person lets pass, and an identity always."""
        found = lint.written(texts, said, kind, self.names, force=force, asks=asks)
        return [b for b in found if b.rule == lint.IDENTITY or (kind, b.rule) not in self.allowed]


def stopped(breaches: Sequence[lint.Breach], numbers: Mapping[str, str] | None = None) -> bytes:
    """Which rules stopped a document, and where: a sentence that breaks one is named by its key in the texts.

    `numbers` are those that some rules have in the reference for such documents.
    """
    known = numbers or {}
    lines = [
        f"{b.rule}\t{b.where}\t{b.text}" + (f"\t{known[b.rule]}" if b.rule in known else "") for b in breaches
    ]
    return ("\n".join(dict.fromkeys(lines)) + "\n").encode("utf-8", "backslashreplace")
