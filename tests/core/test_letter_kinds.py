"""An agency's own kinds of letter: each text is filled, what goes out is what was read, and one stops no other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.test_letter_rules import desk as shared_desk
from tests.core.test_letter_rules import letter as matter_of
from tests.core.test_letters import draft, letter, templates, tool, worked
from tests.core.test_statements import Tool

from recover.case import open_for_reading
from recover.letters import drafts, filled, making, words
from recover.sdk import Error, Template

__all__ = ["templates", "tool", "worked"]

WHOLE = ("--entity", "Acme Ltd", "--until", "2030-01-01", "--urgent", "It moves tonight.", "--facts", "A sale.")


def kept(tool: Tool, name: str = "hold", like: str = "freeze") -> Path:
    """A kind of one's own, in the folder that recover.toml names."""
    from recover.cli import main as program

    config = tool.folder / "recover.toml"
    if "templates" not in config.read_text():
        config.write_text(config.read_text().replace("[sender]", '[sender]\ntemplates = "mine"', 1))
    folder = tool.folder / "mine" / name
    assert program.main(["template", "new", str(folder), "--from", like]) == 0
    tool.capsys.readouterr()
    return folder


def change(folder: Path, old: str, new: str, language: str = "en") -> None:
    file = folder / f"{language}.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def acts(tool: Tool) -> list[str]:
    return [f"{e.body['act']} {e.body['id']}" for e in open_for_reading(tool.case).entries if e.kind == "letter"]


@pytest.mark.parametrize(
    ("key", "added", "said"),
    [
        ('subject = "Please hold', " {nonsense}", "ask.subject asks for {nonsense}"),
        ('limits = "This letter', " {count", "ask.limits has a brace that holds no name"),
        ('limits = "This letter', " }", "ask.limits has a brace that holds no name"),
        ('text = "Who holds', " {addresses}", "urgent.text asks for {addresses}"),
        ('ack = "Please ack', " {total:one|many}", "care.ack asks for {total}"),
        ('until = "Hold', "", ""),
    ],
)
def test_check_fills_every_text_with_its_names(
    key: str, added: str, said: str, tmp_path: Path, templates: list[Template]
) -> None:
    making.new(templates, tmp_path / "hold", "freeze")
    head = key.partition('"')
    change(tmp_path / "hold", key, f'{head[0]}"{added} {head[2]}')
    if not said:
        assert making.check(templates, tmp_path / "hold") == "en, th"
        return
    with pytest.raises(Error) as caught:
        making.check(templates, tmp_path / "hold")
    assert said in caught.value.why


def test_every_name_that_is_said_to_be_given_is_given() -> None:
    m = matter_of()
    key = "ask.subject"
    entries = {**m.texts.entries, key: " ".join(f"{{{name}}}" for name in words.GIVEN)}
    assert "{" not in words.subject(replace(m, texts=replace(m.texts, entries=entries)))


def test_no_shipped_kind_has_a_text_that_cannot_be_filled() -> None:
    found = shared_desk()
    for kind in found.shipped.values():
        assert list(filled.faults(kind, found.shipped.values(), found.common.folder)) == []


@pytest.mark.parametrize("where", ["doc]\nmark", "unverified]\nbanner", "reach]\naway", "complete]\nmark"])
def test_no_kind_takes_a_mark_or_a_warning_out_of_its_letters(
    where: str, tmp_path: Path, templates: list[Template]
) -> None:
    making.new(templates, tmp_path / "hold", "freeze")
    file = tmp_path / "hold" / "en.toml"
    key = where.replace("]\n", ".")
    if where.startswith("doc"):
        change(tmp_path / "hold", "[doc]\n", '[doc]\nmark = ""\n')
    else:
        file.write_text(f'{file.read_text()}\n[{where} = ""\n')
    with pytest.raises(Error, match="no kind changes it") as caught:
        making.check(templates, tmp_path / "hold")
    assert key in caught.value.why
    found = drafts.desk(templates, tmp_path)
    assert (
        found.layered(found.mine["hold"], "en").entries[key]
        == shared_desk().layered(shared_desk().kinds["freeze"], "en").entries[key]
    )


def test_a_kind_of_a_shipped_name_is_refused_wherever_it_stands(tool: Tool, templates: list[Template]) -> None:
    with pytest.raises(Error, match="already"):
        making.new(templates, tool.folder / "mine" / "freeze", "freeze")
    folder = kept(tool)
    shutil.move(folder, folder.parent / "freeze")
    with pytest.raises(Error, match="already"):
        making.check(templates, folder.parent / "freeze")
    code, out = draft(tool, *WHOLE, kind="freeze")
    assert (code, out["error"]["code"]) == (2, "letter-kind-taken")
    assert acts(tool) == []
    code, row = draft(tool, *WHOLE)
    assert code == 0, "a letter of another kind is written all the same"
    assert letter(tool, "issue", row["id"], "--by", "A. Example")[0] == 0


def test_an_own_kind_named_as_a_shipped_one_since_the_draft_changes_no_word(tool: Tool) -> None:
    _, row = draft(tool, *WHOLE, kind="freeze")
    folder = kept(tool)
    change(folder, "up to the amount named for each", "whatever its amount")
    shutil.move(folder, folder.parent / "freeze")
    assert letter(tool, "issue", row["id"], "--by", "A. Example")[0] == 0
    out = (tool.case / f"issued/{row['id']}-v1.txt").read_text()
    assert "up to the amount named for each" in out
    assert "whatever its amount" not in out


def test_a_kind_that_cannot_be_filled_is_refused_before_anything_is_written(tool: Tool) -> None:
    folder = kept(tool)
    change(folder, "Please hold", "{nonsense} Please hold")
    before = (tool.case / "journal.jsonl").read_bytes()
    code, out = draft(tool, *WHOLE, kind="hold")
    assert (code, out["error"]["code"]) == (2, "letter-template")
    assert "{nonsense}" in out["error"]["why"]
    assert (tool.case / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize("how", ["braces", "toml", "gone", "kind"])
def test_a_kind_that_broke_after_its_draft_stops_no_other_letter(tool: Tool, how: str) -> None:
    folder = kept(tool)
    _, own = draft(tool, *WHOLE, kind="hold")
    _, row = draft(tool, *WHOLE, kind="freeze")
    match how:
        case "braces":
            change(folder, "Please hold", "{nonsense} Please hold")
        case "toml":
            (folder / "en.toml").write_text("[[[")
        case "gone":
            shutil.rmtree(folder)
        case _:
            (folder / "kind.toml").write_text('asks = "anything"')
    assert letter(tool, "issue", row["id"], "--by", "A. Example")[0] == 0
    assert draft(tool, *WHOLE, "--facts", "Another sale.", kind="preserve")[0] == 0
    assert tool("write")[0] == 0
    assert (tool.case / f"out/letters/{own['id']}-v1.txt").is_file(), "its draft kept the words that were read"
    code, out, _ = letter(tool, "issue", own["id"], "--by", "A. Example")
    if how == "gone":
        assert code == 0
        return
    assert (code, out["error"]["code"]) == (2, "letter-words-changed")
    assert f"issue {own['id']}" not in acts(tool)
    assert not list((tool.case / "issued").glob(f"{own['id']}*"))


def test_a_draft_that_kept_no_words_and_whose_kind_broke_is_told_as_stopped(tool: Tool) -> None:
    folder = kept(tool)
    _, own = draft(tool, *WHOLE, kind="hold")
    # As a journal of an earlier release has it: the kind is known by its name alone.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("recover.letters.folders.Kind.kept", lambda _: "")
        _, own = draft(tool, *WHOLE, "--facts", "Another sale.", kind="hold")
    change(folder, "Please hold", "{nonsense} Please hold")
    code, row = draft(tool, *WHOLE, kind="freeze")
    assert code == 0, row
    assert letter(tool, "issue", row["id"], "--by", "A. Example")[0] == 0
    assert tool("write")[0] in (0, 5)
    assert tool("run")[0] in (0, 5)
    stopped = (tool.case / f"out/stopped/{own['id']}-v1.txt").read_text()
    assert "{nonsense}" in stopped
    assert "template check" in stopped


def test_what_is_issued_is_in_the_words_of_the_draft(tool: Tool) -> None:
    folder = kept(tool)
    _, row = draft(tool, *WHOLE, kind="hold")
    read = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert "up to the amount named for each" in read
    change(folder, "up to the amount named for each", "whatever its amount")
    code, out, _ = letter(tool, "issue", row["id"], "--by", "A. Example")
    assert (code, out["error"]["code"]) == (2, "letter-words-changed")
    assert out["error"]["do"].startswith("Draft it again")
    tool("write")
    assert "whatever its amount" not in (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert draft(tool, *WHOLE, kind="hold")[0] == 0
    assert "whatever its amount" in (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert letter(tool, "issue", row["id"], "--by", "A. Example")[0] == 0
    assert "whatever its amount" in (tool.case / f"issued/{row['id']}-v1.txt").read_text()
    change(folder, "whatever its amount", "all of it")
    tool("write")
    _, rows, _ = letter(tool, "list")
    assert [one["as_issued"] for one in rows if one["id"] == row["id"]] == [True], "no draft of other words"
    assert tool("verify")[0] in (0, 5)
