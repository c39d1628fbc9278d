"""Packs: what a report is called, how it is ordered and what its author declares, by jurisdiction; as data."""

from __future__ import annotations

import re

from recover.sdk import Error, Template
from recover.sdk.outside import visible

_PACK = re.compile(r"pack-([a-z]{2,12})\.toml")
_TEXTS = re.compile(r"([a-z]{2,3})\.toml")


def must_have(template: Template, pack: str, language: str) -> None:
    """Raises Error for a pack or a language of which the template has no file; empty asks for nothing."""
    for kind, wanted, pattern in (("pack", pack, _PACK), ("language", language, _TEXTS)):
        there = sorted(found[1] for p in template.folder.iterdir() if (found := pattern.fullmatch(p.name)))
        if wanted and wanted not in there:
            raise Error(
                f"{kind}-missing",
                f"The report has no {kind} {visible(wanted, 40)!r}.",
                f"There is: {', '.join(there) or 'none'}.",
                f"Name one of them with --{kind}.",
            )
