"""The asset-tracing report."""

from __future__ import annotations

from pathlib import Path

from recover.sdk import Template, plugin

VERSION = "0.1.0"


@plugin
def recover_templates() -> list[Template]:
    """The report of a case: `main.typ`, `page.css` for its page, and its texts."""
    return [
        Template(
            id="report",
            kind="report",
            version=VERSION,
            title="Asset-tracing report",
            folder=Path(__file__).parent / "report",
        )
    ]
