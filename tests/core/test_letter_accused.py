"""What a letter says of nobody, and what of what befell a victim may be told; and how each letter is called."""

from __future__ import annotations

import json

import pytest
from tests.core.test_letters import draft, tool, worked
from tests.core.test_statements import Tool

from recover.report import lint

__all__ = ["tool", "worked"]


@pytest.mark.parametrize(
    "text",
    [
        "Mr Smith cheated me.", "Your exchange laundered it.", "Somying Mule stole my money.", "He robbed me.",
        "They defrauded the client.", "Smith scammed me.", "The holder has already stolen 5 USDT.",
        "The holder of this account stole it.", "You helped launder it.", "They scam people.", "He lied to me.",
        "Smith is stealing from me.", "He committed fraud.", "The suspect is Somying.", "who stole my money",
        "It is a mule account.", "The account holder is behind the scam.", "I was cheated by Mr Smith.",
        "My money was stolen by Somying.", "I was defrauded by your customer.", "Somying ran off with it.",
        "โกงเงินผม", "นางสาวสมหญิงหลอกผม", "สมชายยักยอกเงิน", "เขาขโมยเงิน", "ถูกโกงโดยนายเอ", "ถูกสมหญิงโกง",
        "ผู้ต้องหาคือสมหญิง ใจร้าย", "ผู้ต้องสงสัยชื่อสมหญิง",
    ],
)  # fmt: skip
def test_a_deed_said_of_somebody_who_is_named_or_pointed_at_is_refused(text: str) -> None:
    assert "PL06" in lint.banned(text, letter=True)
    assert "PL06" not in lint.banned(text), "a report's own words are another matter"


@pytest.mark.parametrize(
    "text",
    [
        "My savings were stolen.", "I was deceived.", "The client was tricked into paying 5 USDT on 1 March.",
        "I got scammed on 1 March 2026.", "Somebody stole it.", "An unknown person cheated me.", "It was hacked.",
        "It was stolen on 2 March by means of a false link.", "I was cheated by phone.", "stolen by 5 May 2026",
        "I have been defrauded of 1,000.00 USDT.", "The suspect is not known.", "Value laundered on it",
        "It was stolen by persons unknown.", "Hacked on 1 March.", "He asked me to trust him.", "of theft",
        "ผมถูกหลอกให้โอนเงิน", "ถูกโกง", "โดนหลอก", "คดีฉ้อโกงประชาชน", "มีคนหลอกให้โอน", "ได้แจ้งความเรื่องถูกฉ้อโกง",
        "ผู้เสียหายจากการหลอกลวง", "ถูกบุคคลไม่ทราบชื่อหลอก",
    ],
)  # fmt: skip
def test_what_befell_a_victim_may_be_told_of_nobody(text: str) -> None:
    assert "PL06" not in lint.banned(text, letter=True)


def test_a_letter_is_called_by_its_case_too(tool: Tool) -> None:
    row = draft(tool, "--until", "2031-06-30", "--entity", "E", as_="counsel")[1]
    text = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    mark = json.loads((tool.case / "journal.jsonl").read_text().splitlines()[0])["hash"][:8]
    assert f"Our reference: {mark}/{row['id']}-v1" in text
