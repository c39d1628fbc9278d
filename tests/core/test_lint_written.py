"""What is checked of a document when it is written, and what a named person may let pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from recover.letters.written import Papers
from recover.plugins import registry
from recover.sdk import Template
from recover.testing import sample


@pytest.fixture
def templates(tmp_path: Path) -> list[Template]:
    """The installed templates, of which the report's texts hold one sentence that says too much."""
    found = dict(registry.load().templates)
    folder = tmp_path / "report"
    folder.mkdir()
    for file in found["report"].folder.iterdir():
        if file.is_file():
            text = file.read_text("utf-8")
            folder.joinpath(file.name).write_text(text.replace("It is no legal advice.", "It proves the theft."))
    found["report"] = replace(found["report"], folder=folder)
    return list(found.values())


def test_a_sentence_of_ours_that_breaks_a_rule_stops_its_document(templates: list[Template]) -> None:
    made = dict(Papers(sample.view(), templates).every())
    assert not {"report.pdf", "report.html"} & set(made)
    assert b"certainty\tcover.notice" in made["stopped/report.txt"]
    assert "letters/acme-preserve-v1.pdf" in made, "another document is made all the same"


def test_a_named_person_lets_a_rule_pass_in_one_kind_of_paper(templates: list[Template]) -> None:
    made = dict(Papers(sample.view(), templates, allowed={("report", "certainty")}).every())
    assert "report.pdf" in made
    made = dict(Papers(sample.view(), templates, allowed={("letter", "certainty")}).every())
    assert "report.pdf" not in made


def test_words_from_outside_are_quoted_and_stop_nothing() -> None:
    view = sample.view()
    said = replace(view, case=replace(view.case, note="This proves that the hacker's dirty coins were seized."))
    made = dict(Papers(said, list(registry.load().templates.values())).every())
    assert "report.pdf" in made


def test_an_identity_stops_a_document_also_in_words_from_outside() -> None:
    view = sample.view()
    said = replace(view, case=replace(view.case, note="The victim is Jane Roe."))
    allowed = {("report", "identity")}
    made = dict(Papers(said, list(registry.load().templates.values()), ["jane roe"], allowed).every())
    assert "report.pdf" not in made
    assert b"Roe" not in made["stopped/report.txt"]
