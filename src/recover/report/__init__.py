"""Documents from a view: the report, a letter to each identified service, and the result for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recover.sdk import Error, Template, View

__all__ = ["documents"]

_VOLUNTARY = "none-voluntary"


def documents(view: View, templates: Sequence[Template]) -> Iterator[tuple[str, bytes]]:
    """(relative name, bytes) of every document, the report first. Pure: same view and templates, same bytes.

    Raises Error when the report's template or, with a service to write to, the letter's or its legal basis is
    not installed.
    """
    from recover.report import brief, letters, page, render, result
    from recover.report.texts import Texts

    known = {template.id: template for template in templates}
    services = letters.services(view)
    stems = tuple((f"{letters.stem(view, service)}.pdf", service) for service in services)
    paper = _needed(known, "report")
    report = brief.report(view, Texts.load(paper.folder, view.case.language), stems)
    yield "report.pdf", render.pdf(paper, report)
    yield "report.html", page.page(report, view.head)
    yield "result.json", result.result(view)
    if services:
        yield from _letters(view, known, services)


def _letters(view: View, known: dict[str, Template], services: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    from recover.report import bases, letters, render
    from recover.report.texts import Texts

    form = _needed(known, "preserve")
    texts = Texts.load(form.folder, view.case.language)
    # The case does not say who will send, so the draft rests on the one basis that anybody may use.
    basis = bases.load(_needed(known, "legal-bases"))[_VOLUNTARY]
    for service in services:
        made = letters.letter(view, texts, basis, service)
        yield f"{made.stem}.pdf", render.pdf(form, made.brief)
        yield f"{made.stem}.csv", made.sheet
        yield f"{made.stem}.txt", made.portal.encode()


def _needed(known: dict[str, Template], name: str) -> Template:
    if name not in known:
        raise Error(
            "no-template",
            f"There is no template called {name}.",
            f"Installed: {', '.join(sorted(known)) or 'none'}.",
            "Install the plugin that brings it: `pip install recover-forensics[standard]`.",
        )
    return known[name]
