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
        "1 eae4f049a63488048ba9eeef1c488da0036ee666ecabf47e001983f4378549d5",
    ),
    "## 7": (
        "legs.jsonl",
        str(legs.VERSION),
        "1 c8eeedb3e4edbb57af05172f5bcaa9d69ebf8036786c0943449fd260ca3d7d04",
    ),
    "## 8": (
        "result.json",
        str(data.FORMAT),
        "3 e4d5d6c8b357e8639d6cb737fc490405f0f30a7ee8a26bba4ae755301b32864d",
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
