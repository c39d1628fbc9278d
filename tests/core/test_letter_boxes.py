"""What a reader must not miss stands in a box, in each language of the letter and in each of its forms."""

from __future__ import annotations

import email
import html
import io
import re
import zipfile
from datetime import UTC, datetime
from email.policy import default

import pytest
from pypdf import PdfReader
from tests.core.test_letter_rules import choice, desk

from recover.letters import beside, drafts, force, front, matter, paper, renderings
from recover.letters.editable import docx
from recover.letters.life import Letter
from recover.letters.matter import Matter
from recover.report import render
from recover.report.elements import Beside, Facts, Para
from recover.testing import sample

KINDS = [("preserve", "none-voluntary"), ("disclose", "th.cca18"), ("notice", "civ.hold"), ("freeze", "th.dad")]


def letters(kind: str, basis: str, issued: bool) -> list[Matter]:
    role = "counsel" if basis in ("none-voluntary", "civ.hold") else "competent_authority"
    one = choice(kind=kind, basis=basis, language="en+th", role=role, reply_by="2026-12-05")
    moment = datetime(2026, 11, 23, tzinfo=UTC) if issued else None
    return drafts.matters(sample.view(), desk(), matter.Ways(sample.view()), one, Letter(one.id), moment)


def boxes(data: bytes) -> list[str]:
    """The texts of a document that stand in a box, in a table or outside of one."""
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        body = made.read("word/document.xml").decode()
    found = [one for one in re.findall(r"<w:p>.*?</w:p>", body) if "<w:pBdr>" in one]
    return ["".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", one)) for one in found]


def bare(text: str) -> str:
    # A page sets some letters of Thai as others that look the same.
    return re.sub(r"\s", "", text).replace("\u0e33", "\u0e4d\u0e32")


@pytest.mark.parametrize("issued", [False, True])
@pytest.mark.parametrize(("kind", "basis"), KINDS)
def test_every_warning_stands_in_both_languages_and_every_form(kind: str, basis: str, issued: bool) -> None:
    made = letters(kind, basis, issued)
    brief = beside.beside(*(paper.brief(m) for m in made))
    blocks = [*brief.cover, *(one for section in brief.sections for one in section.blocks)]
    wanted = [
        text
        for one in blocks
        if isinstance(one, Beside | Para) and one.style == "warning"
        for text in ((one.left, one.right) if isinstance(one, Beside) else (one.text,))
    ]
    assert boxes(docx(brief)) == wanted, "each in a box of its own"
    banners = [one.text for m in made for one in force.banners(m) if one.style == "warning"]
    assert {*banners} <= {*wanted}
    state = [m.texts.say("force.draft") for m in made]
    assert [one in wanted for one in state] == [not issued] * 2
    thai = made[1].texts.say("review.state")
    assert ((thai in wanted) is not issued, [thai in wanted, made[0].texts.say("review.other") in wanted]) == (
        True, [not issued] * 2,
    )  # fmt: skip
    if basis not in ("none-voluntary",) and not issued:
        unread = [m.texts.say("unverified.banner", id=basis, why="").partition(":")[0] for m in made]
        assert all(any(one.startswith(said) for one in wanted) for said in unread), "by no lawyer, in both"
    pages = PdfReader(io.BytesIO(render.pdf(desk().common, brief))).pages
    page = bare("".join(one.extract_text() for one in pages))
    with zipfile.ZipFile(io.BytesIO(renderings.xlsx(made[0], paper.brief(made[0]), made[1:]))) as book:
        cells = html.unescape(book.read("xl/sharedStrings.xml").decode())
    portal = front.blocks([(m, Facts(rows=tuple(paper.first(m)))) for m in made]).decode()
    mail = email.message_from_bytes(renderings.mail(made, brief, {}), policy=default)
    body = mail.get_body()
    assert body is not None
    text = renderings.plain(made[0], brief).decode()
    for one in banners:
        assert bare(one) in page
        for form in (cells, portal, body.get_content(), text):
            assert bare(one) in bare(form)
