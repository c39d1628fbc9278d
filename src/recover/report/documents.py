"""Every document of a case, in one pass: the report, its page, a letter for each service, the result as data."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from recover.registers import bases
from recover.report import brief, data, delivery, figures, identifiers, letter, lint, page, render
from recover.report.elements import strings
from recover.report.texts import Texts
from recover.sdk import Error, Service, Template, View


def documents(
    view: View, templates: Sequence[Template], names: Sequence[str] = (), allowed: Collection[tuple[str, str]] = ()
) -> Iterator[tuple[str, bytes]]:
    """(relative name, bytes) of every document. Pure: same view and templates, same bytes, wherever and whenever.

    `report.pdf`, `report.html`, `letters/SERVICE-preserve.pdf|.csv|.txt` for each identified service,
    `delivery.pdf` where the register knows one of them, and `result.json`. Needs the templates `report`,
    `preserve` and the register `legal-bases`. Raises Error.
    """
    found: dict[tuple[str, str], Template] = {(t.kind, t.id): t for t in templates}
    report = _wanted(found, "report", "report")
    texts = Texts.load(report.folder, view.case.language)
    named = _named(view)
    letters = tuple((f"letters/{letter.stem(s)}-preserve.pdf", key) for key, s in named)
    # The report names the letters, so their names are settled before it.
    paper = brief.report(view, texts, letters)
    check = _Check(names, allowed)
    breaches = check.breaches(texts, strings(paper), "report")
    if breaches:
        yield "stopped/report.txt", stopped(breaches)
    else:
        yield "report.pdf", render.pdf(report, paper)
        yield "report.html", page.html(paper, render.inside(report, "page.css"))
    if named:
        yield from _letters(view, found, named, check)
        yield from _delivery(view, found, [key for key, _ in named])
    if "totals" in view.tables:
        yield "totals.csv", data.sheet(view.tables["totals"]())
    yield "result.json", data.result(view)


@dataclass(frozen=True, slots=True)
class _Check:
    """What every document of one case is held to when it is written."""

    names: Sequence[str]
    allowed: Collection[tuple[str, str]]

    def breaches(self, texts: Texts, said: Iterable[str], kind: str) -> list[lint.Breach]:
        """What stops a document: all that no named person lets pass, and an identity always."""
        found = lint.written(texts, said, kind, self.names)
        return [b for b in found if b.rule == lint.IDENTITY or (kind, b.rule) not in self.allowed]


def stopped(breaches: Sequence[lint.Breach]) -> bytes:
    """Which rules stopped a document, and where: a sentence that breaks one is named by its key in the texts."""
    lines = [f"{b.rule}\t{b.where}\t{b.text}" for b in breaches]
    return ("\n".join(dict.fromkeys(lines)) + "\n").encode("utf-8", "backslashreplace")


def _wanted(found: Mapping[tuple[str, str], Template], kind: str, ident: str) -> Template:
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


def _named(view: View) -> list[tuple[str, Service]]:
    """The services that letters go to, by the key that off-ramps use. An unlabelled hub never gets one."""
    keys = sorted({r.service for r in view.offramps if r.service and figures.at_stake(view, r.service)})
    return [(key, view.services.get(key) or _unlisted(key)) for key in keys]


def _unlisted(key: str) -> Service:
    return Service(
        id=key,
        name=key,
        category="",
        aliases=(),
        uri="",
        jurisdictions=(),
        legal={},
        source="–",
        as_of="",
    )


def _delivery(
    view: View, found: Mapping[tuple[str, str], Template], keys: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """For the examiner alone: so it stands apart from what is served."""
    template = found.get(("letter", "delivery"))
    if template is not None and any(key in view.addressees for key in keys):
        texts = Texts.load(template.folder, view.case.language)
        yield "delivery.pdf", render.pdf(template, delivery.sheet(view, texts, keys))


def _letters(
    view: View, found: Mapping[tuple[str, str], Template], named: Sequence[tuple[str, Service]], check: _Check
) -> Iterator[tuple[str, bytes]]:
    template = _wanted(found, "letter", "preserve")
    register = bases.load(_wanted(found, "register", "legal-bases"))
    # Which basis a sender may use depends on the sender, whom only a person can name. The draft claims none.
    if letter.BASIS not in register:
        raise Error(
            "legal-basis-missing",
            f"The register of legal bases has no entry {letter.BASIS}.",
            "A draft rests on it until a person names another basis.",
            "Install recover-letters again.",
        )
    for key, service in named:
        texts = Texts.load(template.folder, view.case.language)
        name = f"{letter.stem(service)}-preserve"
        rows = identifiers.rows(view, key)
        # The sheet first: the letter prints its SHA-256, so that the two cannot be exchanged apart.
        sheet = identifiers.sheet(rows)
        matter = letter.Matter(
            view=view,
            texts=texts,
            service=service,
            ramps=tuple(sorted(figures.at_stake(view, key), key=lambda r: (-r.amount, -r.unswept, r.address))),
            rows=rows,
            basis=register[letter.BASIS],
            file=f"{name}.csv",
            digest=hashlib.sha256(sheet).hexdigest(),
        )
        paper, plain = letter.preserve(matter), letter.portal(matter)
        breaches = check.breaches(texts, [*strings(paper), *plain.decode().splitlines()], "letter")
        if breaches:
            yield f"stopped/{name}.txt", stopped(breaches)
            continue
        yield f"letters/{name}.pdf", render.pdf(template, paper)
        yield f"letters/{name}.csv", sheet
        yield f"letters/{name}.txt", plain
