"""The pages of a bundle for people: how to check it, for an expert and for a court's clerk, and the format."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

from recover.case import Case
from recover.sdk.outside import visible

FORMAT = "bundle-format.md"


def pages(case: Case) -> dict[str, bytes]:
    """By name in the bundle: the guide, the clerk's page, the format."""
    settings = case.settings
    facts = {
        "reference": visible(settings.reference, 160) or "(none)",
        "agency": visible(settings.agency, 160),
        "examiner": visible(settings.examiner, 160),
        "opened": f"{settings.opened:%d %B %Y}",
        "head": case.head[0],
        "exhibits": f"{len(case.exhibits()):,}",
    }
    here = files("recover.sealing")
    clerk = (here / "clerk.html").read_text("utf-8")
    for name, value in facts.items():
        clerk = clerk.replace(f"[[{name}]]", escape(value))
    return {
        "README.txt": (here / "README.txt").read_bytes(),
        "clerk.html": clerk.encode(),
        FORMAT: _format(),
    }


def _format() -> bytes:
    """The published format: beside this file in what is installed, among the documents in a checkout."""
    beside = files("recover.sealing") / FORMAT
    if beside.is_file():
        return beside.read_bytes()
    return (Path(__file__).parents[3] / "docs" / "design" / FORMAT).read_bytes()
