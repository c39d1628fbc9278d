"""What a figure is stands in rules with a number: whoever changes the rules raises the number, or says that they
mean the same."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from recover.report import data
from recover.sealing import recover_verify as outside
from recover.trails import legs

RULES = {
    "## 6": (
        "legs.jsonl",
        str(legs.VERSION),
        "2 8a0c90a62b90db59f6c4fa6466d2850434cf98bd2fb5bf17642035ef2aa747c5",
    ),
    "## 7": (
        "legs.jsonl",
        str(legs.VERSION),
        "2 941f34b9f5d7752917f3f4419a9ba3b13ba8665a4105d9a027ba936035b611a8",
    ),
    "## 8": (
        "result.json",
        str(data.FORMAT),
        "5 bbe95776e2d06d50ac3523930fcbabc6506b727179f356e0e5024e1a5eea0e57",
    ),
}
"""Section of bundle-format.md -> the file whose number stands for it, the number, SHA-256 of the section."""


@pytest.mark.parametrize("section", RULES)
def test_rules_of_figures_change_with_their_number(section: str, root: Path) -> None:
    """A bundle made by other rules of the same number would be told that it does not hold, which is false."""
    text = (root / "docs/design/bundle-format.md").read_text("utf-8")
    found = re.search(rf"^{section}\..*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    file, number, known = RULES[section]
    assert f"{number} {hashlib.sha256(found[0].encode()).hexdigest()}" == known, (
        f"The rules of {section} of bundle-format.md were changed. If an older {file} can differ by them, raise "
        f"its number (now {number}) in the program, the verifier (with the old one among the earlier) and the "
        "text; then put number and digest here."
    )


def test_both_sides_write_and_read_one_number() -> None:
    assert (str(data.FORMAT), data.FORMAT - 1) == (outside.RESULT, int(outside.EARLIER[-1]))
