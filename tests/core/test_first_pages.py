"""Pages 1 and 2: what is ranked is ranked by whole numbers, and shares are those of the sums."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recover.plugins import registry
from recover.report import answer, brief, figures
from recover.report.elements import Table
from recover.report.texts import Texts
from recover.sdk import Finding
from recover.testing import sample


@pytest.mark.parametrize(
    ("amount", "whole", "said"),
    [(1, 2, "50.0%"), (1, 3, "33.3%"), (2, 3, "66.7%"), (1, 10**30, "<0.1%"), (-1, 4, "-25.0%"), (0, 5, "0.0%")],
)
def test_a_share_is_worked_out_in_whole_numbers(amount: int, whole: int, said: str) -> None:
    assert answer.share(amount, whole) == said


def test_acts_stand_by_what_is_at_stake_to_the_unit() -> None:
    view = sample.view()
    asset = next(iter(answer.began(view)))
    slots = {
        "asset": asset,
        "issuer": "I",
        "powers": ("freeze",),
        "terms": "",
        "register": "2026-01-01",
        "verified_by": "",
        "by_call": "",
        "call_height": None,
    }
    found = tuple(
        Finding(
            id=f"F{n}", kind="freezable", subject=f"at{n}", grade="", slots={**slots, "amount": n}, exhibits=()
        )
        for n in (3, 1, 2)
    )
    view = replace(view, offramps=(), findings=found)
    texts = Texts.load(registry.load().templates["report"].folder, "en")
    (acts,) = [
        block
        for block in brief.report(view, texts).sections[0].blocks
        if isinstance(block, Table) and block.columns[0].title == texts.entries["column.act"]
    ]
    assert [
        word for act, _ in acts.rows for word in act.split() if word.startswith("at") and word[2:3].isdigit()
    ] == [
        "at3,",
        "at2,",
        "at1,",
    ]


def test_the_rows_of_the_answer_add_up_to_what_began() -> None:
    view = sample.view()
    for asset, whole in answer.began(view).items():
        assert sum(row.amount for row in answer.rows(view, asset)) == whole
    assert sum(answer.began(view).values()) == sum(rest.amount for rest in figures.rests(view))
