"""What was ugly on the pages of letters: sentences without an end, twelve pages of payments, lines said twice."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import docx
import pytest
from PIL import Image
from pypdf import PdfReader
from tests.core.test_letter_rules import SENDER, choice, desk, letter

from recover.letters import (
    beside,
    chronology,
    delivery,
    editable,
    found,
    front,
    identified,
    paper,
    reporting,
    sections,
)
from recover.letters.life import Act, Letter
from recover.letters.matter import Hop, Matter
from recover.report import elements, render, simultaneous
from recover.sdk import Loss


def texts(language: str) -> Any:
    return desk().layered(desk().kinds["preserve"], language)


@pytest.mark.parametrize("language", ["en", "th"])
def test_a_sentence_names_few_losses_and_says_how_many_more(language: str) -> None:
    told = {f"L{n}": f"L{n} moves" for n in range(1, 501)}
    wide = {name: int(name[1:]) for name in told}
    said = simultaneous.several(texts(language), told, wide)
    most = ["L498 moves", "L499 moves", "L500 moves"]
    assert said.split("; ")[:-1] == most, "those that move most, in their order"
    assert "497" in said.split("; ")[-1]
    few = dict([*told.items()][:3])
    assert simultaneous.several(texts(language), few, wide) == "; ".join(few.values())


def police(losses: int, payments: int) -> Matter:
    def hop(n: int, loss: str) -> Hop:
        return Hop(
            seq=n, tx=f"tx-{loss}-{n}", time=None, height=None, src="a", dst="b", amount=n, began=n, came=0,
            traced=n,
        )  # fmt: skip

    ways = SimpleNamespace(
        begun=lambda loss: [("eip155:1/slip44:60", hop(n, loss)) for n in range(1, payments + 1)]
    )
    m = letter(kind="police-report", role="victim", addressee="police")
    mine = tuple(Loss(id=f"L{n}", chain="eip155:1", tx="x", assets=()) for n in range(1, losses + 1))
    made = replace(m, ways=ways)  # type: ignore[arg-type]
    made.__dict__["losses"] = mine
    return made


@pytest.mark.parametrize(("losses", "payments", "printed"), [(1, 12, 12), (1, 20, 12), (3, 20, 36), (20, 12, 20)])
def test_a_report_to_the_police_prints_the_largest_payments_and_counts_the_rest(
    losses: int, payments: int, printed: int
) -> None:
    m = police(losses, payments)
    blocks = reporting._payments_lost(m)
    rows = blocks[0].rows  # type: ignore[union-attr]
    assert len(rows) == printed
    assert all(f"-{payments}\n" in row[1] for row in rows if losses == 20), "the largest of each"
    left = losses * payments - printed
    assert reporting.more_began(m) == left
    assert (f"And {left:,} more payments" in str(blocks[1:])) is bool(left)
    assert reporting.more_began(letter()) == 0, "no other letter prints them"


def test_who_sends_stands_line_below_line_and_in_two_languages_once() -> None:
    both = [letter(language="en+th", sender={**SENDER, "badge": "7"}, role="competent_authority") for _ in "ab"]
    thai = replace(both[1], texts=desk().layered(both[1].kind, "th"))
    whole = beside.beside(paper.brief(both[0]), paper.brief(thai))
    rows = [row for block in whole.cover for row in getattr(block, "rows", ()) if row[0].startswith("Sender /")]
    (said,) = [value.split("\n") for _, value, _ in rows]
    assert len(said) == len(set(said))
    assert said[0].startswith(f"{SENDER['officer']}, badge 7 (")
    held = "\n".join((*whole.letterhead, *said)).split("\n")
    assert sum(SENDER["address"] in line for line in held) == 1, "in the letterhead, and not again below it"


def test_a_picture_is_told_to_who_cannot_see_it() -> None:
    """Its description says what flows from where to where; the edited text shows it too, with its caption."""
    m = letter()
    brief = paper.brief(m)
    pictures = [b for s in brief.sections for b in s.blocks if isinstance(b, elements.Picture)]
    assert pictures
    for one in pictures:
        assert one.alt != one.caption
        assert re.search(r"L1 → \S+: [\d.,]+ \S+", one.alt)
        assert "to scale" not in one.alt
    made = docx.Document(io.BytesIO(editable.docx(brief)))
    shown = [one._inline for one in made.inline_shapes]
    assert [one.docPr.get("descr") for one in shown] == [one.alt for one in pictures]
    told = "\n".join(p.text for p in made.paragraphs)
    assert all(one.caption in told for one in pictures)
    for one in shown:
        image = made.part.related_parts[one.graphic.graphicData.pic.blipFill.blip.embed].image
        drawn = Image.open(io.BytesIO(image.blob))
        assert image.ext == "png"
        assert drawn.width * one.extent.cy == pytest.approx(drawn.height * one.extent.cx, rel=0.01)
        assert len(drawn.convert("L").getcolors() or range(99)) > 9, "something is drawn"


def test_in_two_languages_a_moment_stays_with_its_transaction() -> None:
    english = "tx1\n2026-01-02 5 USDT\ntx2\n2026-01-03 6 USDT"
    other = "tx1\n2026-01-02 (2569) 5 USDT\ntx2\n2026-01-03 (2569) 6 USDT"
    assert beside._below(english, other).split("\n") == [
        *("tx1", "2026-01-02 5 USDT", "2026-01-02 (2569) 5 USDT"),
        *("tx2", "2026-01-03 6 USDT", "2026-01-03 (2569) 6 USDT"),
    ]
    assert beside._below("a\nb", "c") == "a\nb\nc"


def test_what_is_unknown_is_said_so_in_the_letters_language() -> None:
    cells = {language: identified.told(texts(language), "beneficiary", "Unknown") for language in ("en", "th")}
    assert cells == {"en": "unknown", "th": "ไม่ทราบ"}


@pytest.mark.parametrize(
    ("rest", "still", "said"), [(5, 0, "went on to you under rule ‘First in, first out’."), (5, 7, "and of 7")]
)
def test_of_others_that_left_nothing_no_zero_is_told(rest: int, still: int, said: str) -> None:
    m = letter(role="counsel")
    m = replace(m, pooled={"eip155:1/slip44:60": (rest, still)})
    told = " ".join(getattr(block, "text", "") for block in found.losses(m))
    assert said in told
    assert " 0" not in told.partition("not named here")[2].replace("0.", "")


def test_what_follows_a_letter_says_where_it_leaves_out_a_transaction_and_sets_each_alike() -> None:
    moves = [f"{n:064x}" for n in range(1, 20)]
    one = Letter("a", choice=choice())
    at = datetime(2026, 11, 29, tzinfo=UTC)
    for done in (12, 13):
        one.acts = [Act(act="issue", number=2, time=at, version=1, said={"moves": moves[:done]})]
        kept = delivery.when(one, 1)["former_moves"].split("\n")
        assert (len(kept), kept[-1] == "…") == (done, done == 13)
    m = letter(kind="follow-up", of="a-v1", sender={**SENDER, "former_moves": "\n".join(moves[:3])})
    styles = {row[2] for block in sections.PARTS["former"](m) for row in block.rows if moves[0] in row[1]}  # type: ignore[union-attr]
    assert styles == {"mono"}


def test_what_a_letter_says_of_itself_stands_on_one_page() -> None:
    m = letter()
    for lines in range(0, 60, 6):  # wherever the page ends
        longer = replace(m, choice=replace(m.choice, facts="\n".join(["Something happened."] * lines)))
        brief = paper.brief(longer)
        data = render.pdf(desk().common, brief)
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
        (at,) = [n for n, text in enumerate(pages) if "About this letter" in text]
        assert at == len(pages) - 1, lines
        assert "Legal basis" in pages[at]
        (sign,) = [text for text in pages if "To be entered by the signatory" in text]
        assert "signature, name, title, date of signature" in sign, "a signature stands under what it is for"
        assert "Signature" in sign


def test_an_edited_text_keeps_captions_and_rows_together_and_both_languages_in_one_table() -> None:
    both = [letter(language="en+th") for _ in "ab"]
    thai = replace(both[1], texts=desk().layered(both[1].kind, "th"))
    whole = beside.beside(paper.brief(both[0]), paper.brief(thai))
    doc = docx.Document(io.BytesIO(editable.docx(whole)))
    told = {block.caption for section in whole.sections for block in section.blocks if block.kind == "table"}
    captions = [p for p in doc.paragraphs if p.text in told]
    assert captions
    assert [p.text for p in captions if not p.paragraph_format.keep_with_next] == []
    splits = [row for table in doc.tables for row in table.rows if row._tr.trPr is None]
    assert splits == [], "no row goes over two pages"
    plain = [table for table in doc.tables if not table.style or table.style.name != "Table Grid"]
    records = next(section for section in whole.sections if section.title.startswith("Records"))
    rows = [b for b in records.blocks if b.kind == "beside"]
    assert len(rows) > 3
    assert [len(table.rows) for table in plain if table.cell(0, 0).text == rows[0].left] == [len(rows)]


@pytest.mark.parametrize("assets", [1, 2])
@pytest.mark.parametrize("losses", [11, 20, 21, 400])
def test_a_chronology_of_many_losses_keeps_what_came_to_the_addressee_and_counts_the_rest(
    losses: int, assets: int
) -> None:
    """It counts losses: one that began in two assets is one, with a row for each."""
    m = letter()
    other = replace(m.ramps[0], asset="eip155:1/slip44:60")
    m = replace(m, ramps=(*m.ramps, other)) if assets == 2 else m
    plain = chronology.chronology(m)[0].rows  # type: ignore[union-attr]
    landmarks = [row for row in plain if "value of loss" not in row[1]]
    asset = m.ramps[0].asset
    at = datetime(2020, 1, 1, tzinfo=UTC)

    def hop(loss: str, asset: str) -> Hop | None:
        n = int(loss[1:])
        time = at + timedelta(minutes=n)
        return Hop(
            seq=n, tx=f"{asset}-{n}", time=time, height=n, src="a", dst="b", amount=1, began=1, came=0, traced=1
        )

    made = replace(m, ways=SimpleNamespace(began=hop, came=lambda loss, asset: []))  # type: ignore[arg-type]
    made.__dict__["losses"] = tuple(
        Loss(id=f"L{n}", chain=asset.partition("/")[0], tx="x") for n in range(1, losses + 1)
    )
    blocks = chronology.chronology(made)
    rows = blocks[0].rows  # type: ignore[union-attr]
    assert [row for row in rows if "value of loss" not in row[1]] == landmarks
    assert len(rows) == len(landmarks) + min(losses, 20) * assets
    assert chronology.crowded(made) is (losses > 20)
    text = " ".join(getattr(block, "text", "") for block in blocks)
    noun = "loss" if losses == 21 else "losses"
    assert (f"{losses - 20} more {noun} began to move" in text) is (losses > 20)
    assert ("more loss" in text) is (losses > 20)


@pytest.mark.parametrize(("version", "parts", "said"), [
    (2, ("first", "facts"), "It differs from version 1 in: the first page and "),
    (2, ("first", "of-old"), "It differs from version 1 in: the first page."),
    (2, ("of-old",), ""),
    (2, (), ""),
    (1, ("first",), ""),
])  # fmt: skip
def test_a_version_names_the_parts_that_differ_or_says_nothing_of_them(
    version: int, parts: tuple[str, ...], said: str
) -> None:
    m = replace(letter(), version=version, changed=parts, replaced=version - 1)
    text = " ".join(value for _, value, _ in front.rows(m))
    assert said in text
    assert ("differs from" in text) is bool(said) is bool(front.differing(m))
