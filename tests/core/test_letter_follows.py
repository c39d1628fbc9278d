"""What follows a letter tells of that letter as it stands when the paper goes out, and of nothing that was open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.core.test_letters import draft, later, letter, templates, tool, worked
from tests.core.test_statements import Tool

__all__ = ["templates", "tool", "worked"]


def out(tool: Tool, *more: str) -> str:
    """A letter that was issued."""
    ident: str = draft(tool, "--until", "2031-06-30", "--entity", "E", *more)[1]["id"]
    assert letter(tool, "issue", ident, "--by", "A. Example")[0] == 0
    return ident


@pytest.mark.parametrize(
    ("act", "more"), [("withdraw", ("--reason", "Another loss")), ("follow-up", ("--reason", "the account"))]
)
def test_what_follows_tells_of_the_answers_until_it_goes_out(act: str, more: tuple[str, ...], tool: Tool) -> None:
    ident = out(tool)
    letter(tool, "answer", ident, "--by", "C", "--held", "30.5 USDT")
    after = letter(tool, act, ident, *more, "--reply-by", "2031-05-31", "--by", "C")[1]["id"]
    paper = tool.case / f"out/letters/{after}-v1.txt"
    assert "30.5 USDT" in paper.read_text()
    letter(tool, "answer", ident, "--by", "C", "--held", "7 USDT", "--reference", "MX-9")
    drafted = paper.read_text()
    assert ("30.5 USDT" in drafted, "7 USDT" in drafted, "MX-9" in drafted) == (False, True, True)
    assert letter(tool, "issue", after, "--by", "A. Example")[0] == 0
    issued = (tool.case / f"issued/{after}-v1.txt").read_text()
    assert ("30.5 USDT" in issued, "7 USDT" in issued, "MX-9" in issued) == (False, True, True)
    # What went out stays what it was, and no other version of it is drafted by what comes later.
    letter(tool, "answer", ident, "--by", "C", "--held", "8 USDT")
    tool("write")
    assert not list((tool.case / "out/letters").glob(f"{after}-v2*"))


def test_what_follows_is_not_issued_before_what_it_tells_of_nor_after_another_version(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = out(tool)
    later(monkeypatch, datetime(2030, 1, 5, tzinfo=UTC))
    after = letter(tool, "follow-up", ident, "--reason", "x", "--reply-by", "2031-05-31", "--by", "C")[1]["id"]
    later(monkeypatch, datetime(2030, 1, 7, tzinfo=UTC))
    letter(tool, "answer", ident, "--by", "C")
    code, told, _ = letter(tool, "issue", after, "--by", "A. Example", "--at", "2030-01-06T00:00:00Z")
    assert (code, told["error"]["code"]) == (2, "letter-before-draft")
    draft(tool, "--until", "2031-07-31", "--entity", "E")
    assert letter(tool, "issue", ident, "--by", "A. Example")[1]["version"] == 2
    code, told, _ = letter(tool, "issue", after, "--by", "A. Example")
    assert (code, told["error"]["code"]) == (2, "letter-superseded")
