"""The words of documents: what they must not say, what must stand beside a figure, and no text without a use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recover.letters import folders
from recover.plugins import registry
from recover.registers import bases
from recover.report import brief, lint
from recover.report import elements as parts
from recover.report.texts import Texts
from recover.sdk import Error, Template
from recover.testing import sample

CODE = tuple(Path(__file__).parents[2] / "src" / "recover" / room for room in ("report", "letters"))


@pytest.fixture(scope="module")
def templates() -> dict[str, Template]:
    return dict(registry.load().templates)


def texts_of(templates: dict[str, Template], ident: str) -> Texts:
    folder = templates[ident].folder
    if templates[ident].kind == "letter":
        return Texts.layered((templates["letters-common"].folder, folder), "en")
    return Texts.load(folder, "en")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("This proves that he did it.", ["certainty"]),
        ("The hacker's wallet received it.", ["person"]),
        ("These are dirty coins.", ["coins"]),
        ("We are 100 % sure.", ["percent"]),
        ("The value was recovered.", ["recovered"]),
        ("The address belongs to Acme.", ["ownership"]),
        ("The address is attributed to Acme, grade C.", []),
        ("100.00% of its outflow went there.", []),
    ],
)
def test_a_banned_word_is_found(text: str, rules: list[str]) -> None:
    assert lint.banned(text) == rules


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("You are required to keep it.", "PL02"),
        ("Keep it pursuant to 18 U.S.C. 2703(f).", "PL02"),
        ("By order of the court.", "PL02"),
        ("Please disclose the account.", "PL03"),
        ("Please freeze the account.", "PL04"),
        ("The holder is guilty.", "PL06"),
        ("You must not tell the customer.", "PL07"),
        ("Under FATF rules you keep it.", "PL12"),
    ],
)
def test_a_letter_may_not_say_it(text: str, rule: str) -> None:
    assert rule in lint.banned(text, letter=True)


def test_no_text_breaks_a_rule(templates: dict[str, Template]) -> None:
    assert lint.words(texts_of(templates, "report").entries) == []
    for ident, kind in folders.load(templates.values()).items():
        # What letters share, each kind says in part: a sentence is held to the rules of the kind that says it.
        own = Texts.load(templates[ident].folder, "en").entries
        assert lint.words(own, letter=True, asks=kind.asks) == [], ident
    assert lint.words(Texts.load(templates["letters-common"].folder, "en").entries, letter=True, asks="") == []


def test_a_traced_figure_without_its_rule_is_found() -> None:
    assert lint.words({"a": "{traced} arrived."}) != []
    assert lint.words({"a": "Under rule {rule}, {traced} arrived."}) == []
    assert lint.figures(["Traced value of 1,000.50 arrived."], ["fifo"]) != []
    assert lint.figures(["Under rule fifo, traced value of 1,000.50 arrived."], ["fifo"]) == []


def test_every_traced_figure_of_a_report_names_its_rule(templates: dict[str, Template]) -> None:
    view = sample.view()
    said = parts.strings(brief.report(view, texts_of(templates, "report")))
    assert any("traced" in text for text in said)
    assert lint.figures(said, [view.case.rule]) == []


def test_every_text_has_a_use_and_every_use_a_text(templates: dict[str, Template]) -> None:
    listed = ["report", *(name for name, one in templates.items() if one.kind == "letter")]
    keys = {key for ident in listed for key in texts_of(templates, ident).entries}
    literals, patterns = uses()
    idle = sorted(key for key in keys if not used(key, literals, patterns))
    assert not idle, f"texts that nothing says: {', '.join(idle)}"
    # A day is written in a language's own calendar only where it has one.
    missing = sorted(key for key in said() if key not in keys and not key.startswith("day."))
    assert not missing, f"texts that are not there: {', '.join(missing)}"


def used(key: str, literals: set[str], patterns: list[re.Pattern[str]]) -> bool:
    plain = key.removesuffix("_one")
    if key.startswith("column."):
        return key.removeprefix("column.") in {text.partition(":")[0] for text in literals} or key in literals
    if key.startswith(("findings.", "grade.", "tag.", "glossary.", "records.", "enquiry.q")):
        return True
    return plain in literals or any(p.fullmatch(key) for p in patterns)


def uses() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every string in the code, and every formatted one as a pattern whose slots are single words."""
    literals: set[str] = set()
    patterns = []
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            literals.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            pieces = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z_-]+" for v in node.values]
            pattern = "".join(pieces)
            if re.fullmatch(r"[a-z_]+\\\..+|\[a-z_-\]\+\\\.title", pattern):
                patterns.append(re.compile(pattern))
    return literals, patterns


def said() -> Iterator[str]:
    for node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)


def nodes() -> Iterator[ast.AST]:
    for file in sorted(file for room in CODE for file in room.glob("*.py")):
        yield from ast.walk(ast.parse(file.read_text("utf-8")))


def test_a_missing_text_or_slot_is_named(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('a = "{b}"\n')
    texts = Texts.load(tmp_path, "en")
    with pytest.raises(Error) as caught:
        texts.say("c")
    assert caught.value.code == "text-missing"
    with pytest.raises(Error) as caught:
        texts.say("a", x="1")
    assert caught.value.code == "text-slot"


@pytest.mark.parametrize("language", ["../secret", "/etc/passwd", "en/../th", "EN", ""])
def test_a_language_that_leads_elsewhere_is_refused(language: str, tmp_path: Path) -> None:
    with pytest.raises(Error) as caught:
        Texts.load(tmp_path, language)
    assert caught.value.code == "language-unreadable"


def test_no_legal_basis_is_shown_as_checked_until_a_lawyer_signs(templates: dict[str, Template]) -> None:
    register = bases.load(templates["legal-bases"])
    assert {"none-voluntary", "civ.hold", "us.2703f", "coe.bud.29", "th.cca26", "eu.epoc-pr"} <= set(register)
    assert not [entry.id for entry in register.values() if entry.checked]
    assert register["us.2703f"].may_sign == ("competent_authority",)
    assert register["none-voluntary"].days is None


def test_a_legal_basis_that_is_not_whole_is_refused(tmp_path: Path, templates: dict[str, Template]) -> None:
    good = (templates["legal-bases"].folder / "us.2703f.toml").read_text("utf-8")
    (tmp_path / "a.toml").write_text(good.replace("source =", "sauce ="))
    (tmp_path / "b.toml").write_text(good.replace('"competent_authority"', '"anyone"'))
    with pytest.raises(Error) as caught:
        bases.load(replace(templates["legal-bases"], folder=tmp_path))
    assert "no source" in caught.value.why
    assert "anyone is no sender role" in caught.value.why
