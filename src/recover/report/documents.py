"""The report in its forms, and the result as data, in one pass over a view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from recover.report import annex, brief, controls, data, editions, markdown, packs, page, phrases, render
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
    report, texts = _texts(view, templates)
    check = replace(check, names=()) if view.edition == editions.SEALED else check
    paper = packs.arranged(brief.report(view, texts, letters), packs.load(report, view.pack), texts)
    told = editions.unnamed(view, texts, check.names)
    tables = dict(annex.files(told))
    if "totals" in told.tables:
        tables["totals.csv"] = data.sheet(told.tables["totals"]())
    tables |= annex.edition(view, texts)
    tools = controls.controls(view, texts)
    tables["result.json"] = data.result(told)
    breaches = check.breaches(texts, [*strings(paper), tools, *annex.said(tables)], "report")
    sheets = {name: made for name, made in tables.items() if name.endswith(".csv")}
    if breaches:
        yield "stopped/report.txt", stopped(breaches)
        if view.edition in editions.NARROW:
            return
    else:
        yield "report.pdf", attached(render.pdf(report, paper), sheets, paper.date)
        yield "report.html", page.html(paper, render.inside(report, "page.css"), page.script(), tools)
        plain = brief.straight(paper)
        yield "report.docx", edited(plain)
        yield "report.md", markdown.markdown(plain)
        yield from ((name, made) for name, made in sheets.items() if name != "totals.csv")
    yield from ((name, tables[name]) for name in ("totals.csv", "result.json") if name in tables)


def shown(view: View, templates: Sequence[Template], names: Sequence[str]) -> View:
    """The view as its edition may show it, of which all papers are made. Raises Error."""
    return editions.edited(view, _texts(view, templates)[1], names)


def told(view: View, templates: Sequence[Template], names: Sequence[str]) -> View:
    """The view as its edition may show it, for files of data: no identity stands in them either. Raises Error."""
    texts = _texts(view, templates)[1]
    return editions.unnamed(editions.edited(view, texts, names), texts, names)


def _texts(view: View, templates: Sequence[Template]) -> tuple[Template, Texts]:
    report = wanted({(t.kind, t.id): t for t in templates}, "report", "report")
    return report, Texts.load(report.folder, view.case.language, phrases.folders(templates))


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
