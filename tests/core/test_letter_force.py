"""What bears on a letter's force and its state stands in every form of it, of every kind, in every language."""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from tests.core.test_letter_rules import choice, desk

from recover.letters import drafts, force, front, identified, matter, paper
from recover.letters.desks import Desk
from recover.letters.folders import Kind
from recover.letters.life import Letter
from recover.report import render
from recover.report.checked import Check
from recover.report.elements import Facts
from recover.testing import sample

LAWS = ("none-voluntary", "th.cca18", "th.ed2566", "us.2703f")
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


def law(name: str, checked: bool) -> Desk:
    """The desk, on which a lawyer checked a basis or did not."""
    one = desk().bases[name]
    made = replace(one, verified_by="Dr. L. Lawyer" if checked else "", unverified=not checked, open_for=())
    return replace(desk(), bases={**desk().bases, name: made})


def of(kind: Kind, basis: str, language: str) -> Any:
    about = (identified.EXAMPLES[kind.names],) if kind.names else ("0xabc",) if kind.about == "named" else ()
    follows = {"of": "acme-preserve-v1", "why": "No answer."} if kind.about == "letter" else {}
    service = "" if kind.about in ("named", "case") else "Acme"
    return choice(
        id=f"acme-{kind.id}", kind=kind.id, service=service, about=about, basis=basis, language=language,
        addressee=kind.addressees[0], role="competent_authority", forms=("all",), provision="section 18(2)",
        reply_by="2026-12-31", **follows,
    )  # fmt: skip


def plain(text: str) -> str:
    """Without what a page or a reader of PDF breaks lines by."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def texts(files: dict[str, bytes]) -> dict[str, str]:
    """By form, what its reader reads."""
    found: dict[str, str] = {}
    for name, data in files.items():
        match name.rpartition(".")[2]:
            case "txt":
                found["portal" if name.endswith("-portal.txt") else "txt"] = data.decode()
            case "eml":
                body = message_from_bytes(data, policy=default).get_body()
                assert body is not None
                found["eml"] = body.get_content()
            case "docx":
                document = Document(io.BytesIO(data))
                cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
                found["docx"] = "\n".join([*(p.text for p in document.paragraphs), *cells])
            case "xlsx":
                shared = zipfile.ZipFile(io.BytesIO(data)).read("xl/sharedStrings.xml").decode()
                found["xlsx"] = html.unescape(re.sub(r"<[^>]*>", "", shared))
            case "pdf" if data:
                found["pdf"] = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    return found


@pytest.mark.parametrize("language", ["en", "th", "en+th"])
@pytest.mark.parametrize("kind", sorted(desk().kinds))
@pytest.mark.parametrize("issued", [None, MOMENT])
def test_no_form_lacks_what_bears_on_force_and_state(
    kind: str, language: str, issued: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, seen, laws = sample.view(), set[str](), LAWS[:2] if kind != "preserve" else LAWS
    if kind != "preserve":  # the PDF is set from what the DOCX is, and takes longest
        monkeypatch.setattr(render, "pdf", lambda *_: b"")
    for basis in laws:
        here = law(basis, checked=issued is not None)
        one = of(here.kinds[kind], basis, language)
        ways = matter.Ways(view)
        made = drafts.matters(view, here, ways, one, Letter(one.id), issued)
        files = dict(drafts.written(view, here, ways, one, Letter(one.id), Check((), ()), issued))
        files = {name: data for name, data in files.items() if not name.endswith("-delivery.txt")}
        forms = texts(files)
        wanted = {"txt", "portal", "eml", "docx", "xlsx", *(["pdf"] if kind == "preserve" else [])}
        assert {*forms} == wanted, [*files]
        for m in made:
            must = force.parts(m)
            seen |= {*must}
            assert m.basis.said("title", m.texts.language) in " ".join(must)
            for form, text in forms.items():
                # A reader of PDF gives back two columns as one text, and Thai not in the order of writing.
                lines = [word for line in must for word in line.split()] if form == "pdf" else must
                lines = [] if (form, m.texts.language) == ("pdf", "th") else lines
                assert [line for line in lines if plain(line) not in plain(text)] == [], form
            assert (m.texts.say("force.draft") in must) is (issued is None)
            assert (m.texts.say("force.draft") in forms["portal"]) is (issued is None)
    assert len(seen) > len(laws)


@pytest.mark.parametrize("language", ["en", "th"])
def test_a_portal_begins_with_its_state_and_asks_in_the_words_of_its_kind(language: str) -> None:
    here = law("th.cca18", checked=False)
    view, ways = sample.view(), matter.Ways(sample.view())
    for kind in ("disclose", "preserve"):
        one = of(here.kinds[kind], "th.cca18", language)
        files = dict(drafts.written(view, here, ways, one, Letter(one.id), Check((), ())))
        portal = files[f"letters/{one.id}-v1-portal.txt"].decode()
        t = here.layered(here.kinds[kind], language)
        assert portal.startswith(t.say("force.draft"))
        assert f"\n{t.say('records.title')}: " in portal
        keep = here.layered(here.kinds["preserve"], language).say("records.title")
        assert (f"\n{keep}: " in portal) is (kind == "preserve")
        assert portal.index("th.cca18") < portal.index(t.say("glance.asked"))


def binding(**more: Any) -> matter.Matter:
    here = law("us.2703f", checked=True)
    view = sample.view()
    one = of(here.kinds["preserve"], "us.2703f", "en")
    m = drafts.matters(view, here, matter.Ways(view), one, Letter(one.id), MOMENT)[0]
    return replace(m, service=replace(m.service, jurisdictions=more.pop("states", ("US",))), **more)


def test_a_letter_says_that_its_basis_binds_where_it_does_and_nowhere_else() -> None:
    said = "binding in US, where the register places this addressee"
    assert said in force.basis(replace(binding(), choice=replace(binding().choice, entity="")))
    for states in (("AE",), ()):
        m = binding(states=states)
        m = replace(m, choice=replace(m.choice, entity=""))
        assert said not in force.basis(m)
        assert "called us.2703f in this letter" in force.basis(m)


def test_what_a_sender_has_to_settle_is_in_no_issued_letter() -> None:
    m = replace(binding(states=()), choice=replace(binding().choice, entity=""))
    issued = "\n".join(force.parts(m))
    assert "does not reach this addressee" in issued
    assert "before this letter goes out" not in issued
    assert "before this letter goes out" in "\n".join(force.parts(replace(m, issued=None)))
    assert date(2026, 11, 23) == MOMENT.date()


@pytest.mark.parametrize("language", ["en", "th"])
def test_a_field_that_is_too_short_keeps_what_is_asked_and_who_asks(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, view = law("th.cca18", checked=True), sample.view()
    one = of(here.kinds["disclose"], "th.cca18", language)
    (m,) = drafts.matters(view, here, matter.Ways(view), one, Letter(one.id), MOMENT)
    head, t = Facts(rows=tuple(paper.first(m))), m.texts
    whole = front.block(m, head, {}).decode()
    must = sum(map(len, (*force.parts(m), *front.sums(m))))  # a sum is kept beside what is asked
    kept = [f"\n{t.say(key)}: " for key in ("records.title", "glance.accounts", "head.sender")]
    seen = 0
    for field in range(len(whole) - 1, must + 1450, -150):
        monkeypatch.setattr(front, "FIELD", field)
        text = front.block(m, head, {}).decode()
        assert len(text) <= field
        assert text != whole
        assert [one for one in (*force.parts(m), *kept) if one not in text] == []
        seen += 1
    assert seen > 1
