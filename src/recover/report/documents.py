"""The report in its forms, and the result as data, in one pass over a view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from recover.report import annex, brief, controls, data, markdown, page, render
from recover.report.attached import attached
from recover.report.checked import Check, stopped
from recover.report.elements import Brief, strings
from recover.report.enclosures import Enclosure
from recover.report.texts import Texts
from recover.sdk import Error, Template, View


def documents(
    view: View,
    templates: Sequence[Template],
    check: Check,
    letters: tuple[Enclosure, ...],
    edited: Callable[[Brief], bytes],
) -> Iterator[tuple[str, bytes]]:
    """(relative name, bytes) of the report in its forms, its annex, `totals.csv` and `result.json`. Raises Error.

    Pure: same view and templates, same bytes, wherever and whenever. `letters` go with the report;
    `edited` makes an edited text (DOCX) of it.
    Needs the template `report`.
    """
    report = wanted({(t.kind, t.id): t for t in templates}, "report", "report")
    texts = Texts.load(report.folder, view.case.language)
    paper = brief.report(view, texts, letters)
    tables = dict(annex.files(view))
    if "totals" in view.tables:
        tables["totals.csv"] = data.sheet(view.tables["totals"]())
    tools = controls.controls(view, texts)
    breaches = check.breaches(texts, [*strings(paper), tools], "report")
    if breaches:
        yield "stopped/report.txt", stopped(breaches)
    else:
        yield "report.pdf", attached(render.pdf(report, paper), tables, paper.date)
        yield "report.html", page.html(paper, render.inside(report, "page.css"), page.script(), tools)
        plain = brief.straight(paper, texts)
        yield "report.docx", edited(plain)
        yield "report.md", markdown.markdown(plain)
        yield from ((name, tables[name]) for name in tables if name != "totals.csv")
    if "totals.csv" in tables:
        yield "totals.csv", tables["totals.csv"]
    yield "result.json", data.result(view)


def wanted(found: Mapping[tuple[str, str], Template], kind: str, ident: str) -> Template:
    """A template by kind and id. Raises Error."""
    template = found.get((kind, ident))
    if template is None:
        here = ", ".join(sorted(i for k, i in found if k == kind)) or "none"
        raise Error(
            "template-missing",
            f"No plugin brings the {kind} template {ident!r}.",
            f"Of that kind there is: {here}.",
            "Install recover-reports and recover-letters, or the extra `standard`.",
        )
    return template
