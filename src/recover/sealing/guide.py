"""The pages of a bundle for people: how to check it, for an expert and for a court's clerk, and the format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from textwrap import fill
from typing import Any

from recover.case import Case
from recover.sdk.outside import visible
from recover.sealing.contents import CASE, Contents, closed

FORMAT = "bundle-format.md"


def pages(case: Case, holds: Contents, put: Mapping[str, object]) -> dict[str, bytes]:
    """By name in the bundle: the guide, the clerk's page, the format."""
    here, kind = files("recover.sealing"), "" if holds.holds == CASE else "_papers"
    said = {"holds": holds.told(), "closed": closed(put)}
    facts = {**(_facts(case) if holds.holds == CASE else _printed(case)), **said}
    clerk = (here / f"clerk{kind}.html").read_text("utf-8")
    for name, value in facts.items():
        clerk = clerk.replace(f"[[{name}]]", escape(value))
    readme = (here / f"README{kind}.txt").read_text("utf-8")
    for name, value in said.items():
        readme = readme.replace(f"[[{name}]]", fill(value, 90, subsequent_indent=" " * 3))
    return {"README.txt": readme.encode(), "clerk.html": clerk.encode(), FORMAT: _format()}


def _facts(case: Case) -> dict[str, str]:
    settings = case.settings
    named = (settings.reference, settings.agency, settings.examiner)
    return _rows(named, settings.opened, len(case.exhibits()), case.head[0])


def _printed(case: Case) -> dict[str, str]:
    """The same as the papers themselves have it: what their edition leaves out stands in none."""
    made = _result(case)
    said = made["case"]
    named = (said["reference"], said["agency"], said["examiner"])
    return _rows(named, datetime.fromisoformat(said["opened"]), len(made["exhibits"]), made["head"])


def _rows(named: tuple[str, str, str], opened: datetime, exhibits: int, head: str) -> dict[str, str]:
    reference, agency, examiner = (visible(name, 160) for name in named)
    made = {"reference": reference or "(none)", "agency": agency, "examiner": examiner}
    return {**made, "opened": f"{opened:%d %B %Y}", "head": head, "exhibits": f"{exhibits:,}"}


def stated(case: Case) -> tuple[str, int]:
    """The head that the papers name, and its entry."""
    made = _result(case)
    return str(made["head"]), int(made["entries"])


def _result(case: Case) -> Any:
    return json.loads(case.files.read("out/result.json"))


def _format() -> bytes:
    """The published format: beside this file in what is installed, among the documents in a checkout."""
    beside = files("recover.sealing") / FORMAT
    if beside.is_file():
        return beside.read_bytes()
    return (Path(__file__).parents[3] / "docs" / "design" / FORMAT).read_bytes()
