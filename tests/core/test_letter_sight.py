"""The first page of a letter: what a desk acts by stands there, however many addresses the letter is about."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pypdf import PdfReader
from tests.core.test_letter_rules import SENDER, choice, desk, letter

from recover.letters import beside, drafts, front, life, matter, paper, renderings, sight
from recover.letters.editable import docx
from recover.letters.matter import Hop, Matter
from recover.report import render
from recover.report.elements import Brief, Facts
from recover.sdk import Loss
from recover.testing import sample

NOON = datetime(2026, 11, 23, tzinfo=UTC)
KINDS = ("preserve", "freeze", "disclose", "notice")


def many(count: int, language: str = "en", issued: bool = True, **more: Any) -> list[Matter]:
    """A letter about so many addresses, the first with most value, once for each of its languages."""
    one = choice(language=language, **({"reply_by": "2026-12-05"} | more))
    made = drafts.matters(
        sample.view(), desk(), matter.Ways(sample.view()), one, life.Letter(one.id), NOON if issued else None
    )
    ramp = made[0].ramps[0]
    ramp = replace(ramp, unswept=0, deposit=True)
    ramps = tuple(replace(ramp, address=f"place{n:02}", amount=1000 - n) for n in range(count))
    row = replace(made[0].rows[0], direction="in", asset=ramp.asset, memo="")
    each = ((f"place{n:02}", f"tx{n:02}", str(1000 - n)) for n in range(count))
    rows = tuple(replace(row, address=at, tx_hash=tx, traced_amount=amount) for at, tx, amount in each)
    files = {"acme.csv": "ab" * 32}
    return [replace(m, ramps=ramps, rows=rows, files=files) for m in made]


def whole(made: list[Matter]) -> Brief:
    found = [paper.brief(m) for m in made]
    return sight.paged(found[0] if len(found) == 1 else beside.beside(*found))


def printed(brief: Brief) -> list[str]:
    """The pages of the PDF as text."""
    data = render.pdf(desk().common, brief)
    return [" ".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(data)).pages]


@pytest.mark.parametrize("language", ["en", "th", "en+th"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_desk_finds_on_the_first_page_what_it_acts_by(kind: str, language: str) -> None:
    basis = "none-disclosure" if kind == "disclose" else "none-voluntary"
    said: dict[str, Any] = {"claim": "restitution", "court": "A Court", "instructed_by": "V-7K2M9Q"}
    made = many(15, language, kind=kind, basis=basis, **said)
    pages = printed(whole(made))
    first = pages[0]
    t = made[0].texts
    assert t.say("sender.capacity", who="A. Example", role=t.say("role.counsel")) in first, "who, in what capacity"
    assert {"en": "15 deposit addresses", "th": "15 แห่ง", "en+th": "15 deposit addresses"}[language] in first
    assert "2026-12-05" in first, "until when an answer is asked for"
    if kind in ("preserve", "freeze", "notice"):
        assert "2027-01-31" in first, "until when it asks"
    total = sum(r.amount for r in made[0].ramps)
    assert f"{total:,}".replace(",", "") in re.sub(r"[.,]", "", first), "the total"
    assert SENDER["email"] in first, "the way of reply"
    assert [f"tx{n:02}" in first for n in range(5)] == [True, True, True, False, False], "each with its credit"
    assert [f"place{n:02}" in first for n in range(5)] == [True, True, True, False, False]
    (where,) = re.findall(r"(?:page|หน้า) (\d+)", first.rpartition("acme.csv · ")[2])[:1]
    named = [n for n, text in enumerate(pages, 1) if "place03" in text]
    assert named[0] == int(where), "the table stands on the page that is named"


@pytest.mark.parametrize(("count", "apart"), [(1, False), (3, False), (4, True)])
def test_a_table_of_more_than_the_first_page_shows_begins_a_page(count: int, apart: bool) -> None:
    brief = whole(many(count))
    assert [s.fresh for s in brief.sections].count(True) == apart
    with zipfile.ZipFile(io.BytesIO(docx(brief))) as made:
        body = made.read("word/document.xml").decode()
    assert ("<w:pageBreakBefore/>" in body) is apart
    assert "PAGEREF part2 " in body
    assert '<w:bookmarkStart w:id="2" w:name="part2"/>' in body
    assert f'w:dirty="true"><w:r><w:t>{"2" if apart else "…"}</w:t>' in body, "what is not known is not said"


def test_the_whole_letter_as_text_says_where_its_sender_is_reached() -> None:
    (m,) = many(2)
    text = renderings.plain(m, paper.brief(m)).decode()
    assert text.startswith("A Firm\n1 Street\na@example.org\n")
    assert "Sender: A. Example (writes as: Counsel); A Firm\n" in text
    portal = front.block(m, Facts(rows=tuple(paper.first(m))), m.files).decode()
    assert "Sender: A. Example (writes as: Counsel); A Firm; 1 Street; a@example.org\n" in portal


def test_a_long_head_names_no_page_before_it_is_worked_out() -> None:
    brief = whole(many(9))
    assert any(one.fresh for one in brief.sections)
    long = replace(brief, cover=(*brief.cover, Facts(rows=(("x", "word " * 400, "text"),))))
    with zipfile.ZipFile(io.BytesIO(docx(sight.paged(long)))) as made:
        body = made.read("word/document.xml").decode()
    assert 'w:dirty="true"><w:r><w:t>…</w:t>' in body
    assert "<w:pageBreakBefore/>" not in body, "nor is the second page left to the rest of it"


def test_the_sum_names_addresses_and_transactions() -> None:
    (m,) = many(15)
    assert front.sums(m)[0] == "15 deposit addresses · 15 transactions credited them"
    assert "148.95 COIN of traced value, under rule ‘First in, first out’" in front.sums(m)[1]
    (few,) = many(1)
    assert front.sums(few)[0] == "1 deposit address · 1 transaction credited them"
    # Of a hold that is asked of a service its own row has the sum, and of a notice the claim.
    (hold,) = many(15, kind="freeze")
    assert len(front.sums(hold)) == 1
    bank = letter(kind="platform", about=("https://a.example/1", "https://a.example/2"), addressee="platform")
    assert front.sums(bank) == ["the 2 profiles, posts or advertisements named"]


def test_what_nobody_filled_is_a_blank_on_the_first_page() -> None:
    (m,) = many(2, issued=False, sender={}, until="", reply_by="")
    found = {name: (value, style) for name, value, style in sight.rows(m, ["ask", "table"])}
    assert found["Until"][1] == found["Reply to"][1] == "blank"
    where = "part 2 of this letter, ‘Accounts and transactions to look up’, and every row in acme.csv"
    assert found["Full table"] == (where, "part:2")


def police(**more: Any) -> Matter:
    times = [sample.NOON + timedelta(hours=n) for n in (0, 1)]

    def hop(n: int) -> Hop:
        return Hop(
            seq=n, tx=f"tx-{n}", time=times[n], height=None, src="mine", dst="theirs", amount=70 + n,
            began=70 + n, came=0, traced=70 + n,
        )  # fmt: skip

    begun = [(sample.COIN.id, hop(0)), (sample.COIN.id, hop(1))]
    ways = SimpleNamespace(
        begun=lambda loss: begun, began=lambda loss, asset: hop(0), starts=lambda loss: {},
        came=lambda loss, asset: [],
    )  # fmt: skip
    m = letter(kind="police-report", role="victim", addressee="police", until="", **more)
    made = replace(m, ways=ways)  # type: ignore[arg-type]
    made.__dict__["losses"] = (Loss(id="L1", chain=sample.CHAIN, tx="x", assets=()),)
    return made


def told(m: Matter) -> dict[str, str]:
    return {name: value for name, value, _ in sight.rows(m, ["ask", "victim"])}


def test_a_report_to_the_police_begins_with_the_loss() -> None:
    m = police()
    found = told(m)
    names = [*found]
    assert names[:3] == ["Asked", "By when", "Reply to"]
    assert names.index("How much") < names.index("Paid by") < names.index("Full table")
    assert found["Robbed"] == "the sender of this report\n1 loss: L1"
    assert found["When"] == "2024-01-02T12:00:00Z to 2024-01-02T13:00:00Z"
    assert re.sub(r"\D", "", found["How much"].split(", by")[0]).rstrip("0") in ("141", "0000000141")
    assert found["How much"].endswith("by 2 payments")
    first = found["Paid by"].split("\n")
    assert first[:2] == ["L1: tx-1", "mine → theirs"], "the largest, from whom and to whom"
    assert found["By when"].startswith("at once")
    assert "2026-12-24" in told(police(reply_by="2026-12-24"))["By when"]
    plain = replace(m, ways=matter.Ways(m.view))
    head = next(block for block in paper.brief(plain).cover if isinstance(block, Facts))
    assert [name for name, *_ in head.rows][:2] == ["Sender", "Asked"]


def test_who_was_robbed_stands_there_by_pseudonym() -> None:
    m = police()
    known = replace(m, view=replace(m.view, owners={"L1": "V-7K2M9Q"}))
    known.__dict__["losses"] = m.losses
    assert told(known)["Robbed"] == "the sender of this report · V-7K2M9Q\n1 loss: L1"
    party = police(instructed_by="V-ABCDEF")
    assert told(party)["Robbed"] == "V-ABCDEF\n1 loss: L1"
    counsel = replace(m, choice=replace(m.choice, role="counsel"))
    counsel.__dict__["losses"] = m.losses
    assert told(counsel)["Robbed"].startswith("not taken in under a pseudonym")
