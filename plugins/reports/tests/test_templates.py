"""The templates are folders of data: no code in them, every text file readable."""

from __future__ import annotations

import tomllib

from recover.sdk import Template
from recover.testing import TemplateKit
from recover_reports import recover_templates

FOUND: dict[str, Template] = {template.id: template for template in recover_templates()}


class TestReport(TemplateKit):
    template = FOUND["report"]


class TestPhrases(TemplateKit):
    template = FOUND["phrases"]


def test_no_text_says_what_no_trace_can() -> None:
    """The language lint of a tracing report: nobody's wallet, nothing proved, no coin clean or dirty."""
    texts = tomllib.loads((FOUND["report"].folder / "en.toml").read_text("utf-8"))
    plain = str(texts).casefold()
    for banned in ("hacker", "proves", "certainly", "dirty", "100 %", "recovered"):
        assert banned not in plain


def test_findings_about_issuers_swaps_and_deceits_have_their_sentences() -> None:
    """Each has a tag, names its subject or its transaction, and a traced figure never stands without its rule."""
    texts = tomllib.loads((FOUND["report"].folder / "en.toml").read_text("utf-8"))["findings"]
    kinds = ("swap", "frozen", "freezable", "destroyed", "drain", "poisoning", "paid-lookalike")
    for kind in (*kinds, "swap_stopped", "swap_wrapped"):
        assert texts[kind]["tag"] in ("fact", "inference", "opinion"), kind
        assert "{subject}" in texts[kind]["text"], kind
        assert "{traced}" not in texts[kind]["text"] or "{rule}" in texts[kind]["text"], kind
