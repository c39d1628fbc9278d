"""A list of labels can say until when a label was true, and that its source took it back."""

from __future__ import annotations

import json

import pytest

from recover.sdk import Error
from recover.testing import exhibit
from recover_labels.lists import LabelsCsv

HEAD = "#recover-labels 1\n#source: Example Exchange\n#grade: B\nchain,address,service,label,role,category,"
ROW = "eip155:1,0x1111111111111111111111111111111111111111,Example,hot,hot-wallet,exchange"


def params(text: str) -> list[dict[str, str]]:
    batches = LabelsCsv().decode(exhibit("l.csv", text.encode()))
    return [json.loads(row["params"]) for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def test_an_end_and_a_withdrawal_are_read() -> None:
    assert params(f"{HEAD}until,withdrawn,why\n{ROW},2024-06-30,,\n{ROW},,2025-01-01,not ours\n") == [
        {"until": "2024-06-30"},
        {"withdrawn": "2025-01-01", "why": "not ours"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"until,withdrawn,why\n{ROW},30.6.2024,,\n", "line 5: until '30.6.2024' is no date"),
        (f"until,withdrawn,why\n{ROW},,2025-01-01,\n", "line 5: it is withdrawn, and `why` says no reason"),
        (f"why,until\n{ROW},,\n", "in this order"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(Error) as caught:
        params(HEAD + text)
    assert said in caught.value.why
