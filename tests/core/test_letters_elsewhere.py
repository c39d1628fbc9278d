"""Who asked whom: what another case of the folder asked already is said before a letter goes out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.core.test_letters import draft, letter
from tests.core.test_letters_losses import tool, two
from tests.core.test_statements import Tool, who

from recover.case import open_for_writing
from recover.cli import main as program

__all__ = ["tool", "two"]


def beside(tool: Tool, name: str = "second") -> Tool:
    """The same facts as a case of its own in the same folder."""
    shutil.copytree(tool.case, tool.case.parent / name)
    other = Tool(tool.folder, tool.capsys)
    other.case = tool.case.parent / name
    return other


def listed(folder: Path, tool: Tool) -> tuple[int, dict[str, Any]]:
    code = program.main(["letter", "list", str(folder), "--json"])
    found: dict[str, Any] = json.loads(tool.capsys.readouterr()[0])
    return code, found


def test_the_same_recipient_address_and_loss_are_said_at_the_draft_and_at_issue(tool: Tool) -> None:
    other = beside(tool)
    said = ("--loss", "L2", "--until", "2031-06-30", "--entity", "E")
    code, first = draft(tool, *said)
    assert (code, first["elsewhere"]) == (0, [])
    assert letter(tool, "issue", first["id"], "--by", "A. Example")[1]["elsewhere"] == []
    code, second = draft(other, *said)
    assert code == 0
    (found,) = second["elsewhere"]
    assert (found["case"], found["letter"], found["state"]) == (tool.case.name, first["id"], "issued")
    assert found["same_recipient"] is True
    assert found["named"] == sorted([who("dep"), who("mid")])
    assert len(found["losses"]) == 1
    _, done, told = letter(other, "issue", second["id"], "--by", "A. Example")
    assert [one["letter"] for one in done["elsewhere"]] == [first["id"]]
    assert f"Asked already in another case: {tool.case.name}: {first['id']} to the same recipient" in told
    code, rows = listed(tool.folder, tool)
    assert code == 0
    assert [(row["case"], len(row["also"])) for row in rows["requests"]] == [(tool.case.name, 1), ("second", 1)]


def test_what_was_withdrawn_asks_nothing_and_a_case_that_cannot_be_read_is_said(tool: Tool) -> None:
    first = draft(tool, "--loss", "L2", "--until", "2031-06-30", "--entity", "E")[1]["id"]
    beside(tool)
    with open_for_writing(tool.case, "letter") as case:
        case.note("letter", {"act": "withdraw", "id": first, "version": 1, "by": "A"})
    broken = tool.folder / "broken"
    broken.mkdir()
    (broken / "journal.jsonl").write_text("{}\n")
    code, rows = listed(tool.folder, tool)
    assert code == 5
    assert [row["case"] for row in rows["unread"]] == ["broken"]
    assert [row["case"] for row in rows["requests"]] == ["second"]


def test_another_recipient_of_the_same_loss_is_told_and_one_with_nothing_in_common_is_not(tool: Tool) -> None:
    from recover.letters.elsewhere import Request, shared

    def request(case: str, to: str, named: set[str], losses: set[str]) -> Request:
        return Request(
            case=case, letter="l", kind="preserve", to=to, state="sent", at=None,
            named=frozenset(named), losses=frozenset(losses),
        )  # fmt: skip

    mine = request("me", "Gate.io", {"a"}, {"x"})
    others = [
        request("c1", "Other", {"q"}, {"x"}),
        request("c2", "GATE IO", {"q"}, {"y"}),
        request("c3", "Other", {"q"}, {"y"}),
        request("me", "Gate.io", {"a"}, {"x"}),
    ]
    found = shared(mine, others)
    assert [(one.request.case, one.recipient, one.losses) for one in found] == [
        ("c2", True, ()),
        ("c1", False, ("x",)),
    ]
