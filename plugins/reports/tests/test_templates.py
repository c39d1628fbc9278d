"""The templates are folders of data: no code in them, every text file readable."""

from __future__ import annotations

import tomllib

from recover.sdk import Template
from recover.testing import TemplateKit
from recover_reports import recover_templates

FOUND: dict[str, Template] = {template.id: template for template in recover_templates()}


class TestReport(TemplateKit):
    template = FOUND["report"]


def test_no_text_says_what_no_trace_can() -> None:
    """The language lint of a tracing report: nobody's wallet, nothing proved, no coin clean or dirty."""
    texts = tomllib.loads((FOUND["report"].folder / "en.toml").read_text("utf-8"))
    plain = str(texts).casefold()
    for banned in ("hacker", "proves", "certainly", "dirty", "100 %", "recovered"):
        assert banned not in plain
