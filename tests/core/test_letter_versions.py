"""Versions of letters: nothing supersedes the same words, and a draft writes no more than what depends on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.test_letters import draft, letter
from tests.core.test_letters_losses import tool, two
from tests.core.test_statements import Tool

from recover.letters import drafts

__all__ = ["tool", "two"]

SAID = ("--loss", "L2", "--entity", "E")


def papers(tool: Tool) -> dict[str, bytes]:
    return {str(p.relative_to(tool.case / "out")): p.read_bytes() for p in (tool.case / "out").rglob("*.*")}


def listed(tool: Tool) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row in letter(tool, "list")[1]}


def test_a_letter_that_would_say_what_was_issued_is_drafted_no_second_time(tool: Tool) -> None:
    ident = draft(tool, *SAID, "--until", "2031-06-30")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    row = listed(tool)[ident]
    assert (row["drafted"], row["as_issued"], row["version"]) == (False, True, 1)
    for again in ("write", "run"):
        tool(again)
        assert not [name for name in papers(tool) if name.startswith(f"letters/{ident}-v")], again
    assert letter(tool, "sent", ident, "--by", "C")[0] == 0
    code, row = draft(tool, *SAID, "--until", "2031-06-30")
    assert (code, row["files"], row["as_issued"]) == (0, [], True)
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert (code, out["error"]["code"]) == (2, "letter-unchanged")
    assert f"issued/{ident}-v1" in (tool.case / "out/report.md").read_text(), "the report lists what went out"
    assert tool("verify")[0] in (0, 5)


@pytest.mark.parametrize(
    ("more", "language", "said", "apart"),
    [
        (("--until", "2031-07-31"), "en", "It differs from version 1 in: the first page", "Chronology"),
        (("--until", "2031-07-31"), "th", "ส่วนที่ต่างจากฉบับที่ 1: หน้าแรก", "ลำดับเหตุการณ์"),
        (("--until", "2031-06-30", "--facts", "More came out."), "en", "version 1 in: Facts", "the first page"),
        (("--until", "2031-06-30", "--form", "portal"), "en", "", ""),
    ],
)
def test_a_draft_that_differs_says_in_what_and_of_which_version(
    more: tuple[str, ...], language: str, said: str, apart: str, tool: Tool
) -> None:
    ident = draft(tool, *SAID, "--until", "2031-06-30", "--language", language)[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    draft(tool, *SAID, *more, "--language", language)
    file = tool.case / f"out/letters/{ident}-v2.txt"
    assert file.exists() is bool(said)
    if said:
        assert said not in file.read_text(), "nobody has version 1, so that nothing takes its place"
        letter(tool, "sent", ident, "--by", "C")
        (line,) = [one for one in file.read_text().splitlines() if said in one]
        assert apart not in line.partition("1")[2]
        assert letter(tool, "issue", ident, "--by", "A. Example")[1]["version"] == 2
        assert listed(tool)[ident]["as_issued"] is True


def test_of_a_version_that_kept_nothing_to_compare_with_the_next_is_drafted(tool: Tool) -> None:
    from recover.case import open_for_reading
    from recover.letters import changed
    from recover.letters.life import letters

    ident = draft(tool, *SAID, "--until", "2031-06-30")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    one = letters(open_for_reading(tool.case))[ident]
    (done,) = [act for act in one.acts if act.act == "issue"]
    assert set(done.said["parts"]) >= {"first", "forms", "ask", "about"}
    one.acts = [replace(done, said={k: v for k, v in done.said.items() if k != "parts"})]  # as it was kept before
    assert changed.since([], one) is None


def test_a_draft_writes_again_only_what_depends_on_it(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    written = drafts.written

    def noted(*given: object, **more: object) -> object:
        made.append(given[3].id)  # type: ignore[attr-defined]
        return written(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(drafts, "written", noted)
    first = draft(tool, "--loss", "L2", "--reply-by", "2031-06-30", kind="enquiry")[1]["id"]
    assert made == [first], "the plain letter lies there as it was"
    before = papers(tool)
    made.clear()
    draft(tool, "--loss", "L2", "--reply-by", "2031-07-31", kind="enquiry")
    after = papers(tool)
    assert made == [first]
    other = {name for name in after if after[name] != before[name]} - {"manifest.json"}
    assert other
    assert [name for name in other if not name.startswith(f"letters/{first}-v1")] == []
    made.clear()
    (tool.case / "out/letters/binance-preserve-v1.pdf").unlink()
    draft(tool, "--loss", "L2", "--reply-by", "2031-08-31", kind="enquiry")
    assert sorted(made) == sorted({first, "binance-preserve"}), "what was taken away is made again"
    assert tool("verify")[0] in (0, 5)


def test_the_papers_are_the_same_whether_or_not_some_were_there(tool: Tool) -> None:
    draft(tool, "--loss", "L2", "--reply-by", "2031-06-30", kind="enquiry")
    kept = papers(tool)
    (tool.case / "derived/write/stamp.json").unlink()
    tool("write")
    whole = papers(tool)
    assert {n for n in whole if whole[n] != kept[n]} == set()


def test_what_a_person_changed_in_a_draft_is_no_part_of_the_next(tool: Tool) -> None:
    draft(tool, "--loss", "L2", "--reply-by", "2031-06-30", kind="enquiry")
    plain = tool.case / "out/letters/binance-preserve-v1.txt"
    whole = plain.read_bytes()
    plain.write_bytes(whole + b"More.\n")
    draft(tool, "--loss", "L2", "--reply-by", "2031-07-31", kind="enquiry")
    assert plain.read_bytes() == whole
