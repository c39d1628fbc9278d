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
        "3 b55c2b31f5cf64ab8bd835d6b56305ccee4e907a85250c52710586d9081a04aa",
    ),
    "## 7": (
        "legs.jsonl",
        str(legs.VERSION),
        "3 77601359b84d2d82c0f3fadd16f878a4f9d15fc80f546be29cf6232183f09161",
    ),
    "## 8": (
        "result.json",
        str(data.FORMAT),
        "5 7240429238a84494b81a514c639a0234d524f0dd3d940cef6fc8041e4c1581a0",
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
