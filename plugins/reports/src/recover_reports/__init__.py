"""The asset-tracing report, and what rules, methods and stages say in English, in other languages."""

from __future__ import annotations

from pathlib import Path

from recover.sdk import Template, plugin

VERSION = "0.1.0"


@plugin
def recover_templates() -> list[Template]:
    """The report of a case (`main.typ`, `page.css` for its page, and its texts), and the register of phrases."""
    here = Path(__file__).parent
    return [
        Template(
            id="report", kind="report", version=VERSION, title="Asset-tracing report", folder=here / "report"
        ),
        Template(id="phrases", kind="register", version=VERSION, title="Words of others", folder=here / "phrases"),
    ]
