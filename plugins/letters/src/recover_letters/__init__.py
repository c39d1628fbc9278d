"""Letters and the register of legal bases."""

from __future__ import annotations

from pathlib import Path

from recover.sdk import Template, plugin

VERSION = "0.1.0"


@plugin
def recover_templates() -> list[Template]:
    """The preservation letter, the examiner's delivery sheet, and what a letter may rest on."""
    here = Path(__file__).parent
    return [
        Template(
            id="preserve", kind="letter", version=VERSION, title="Preservation letter", folder=here / "preserve"
        ),
        Template(id="delivery", kind="letter", version=VERSION, title="Delivery sheet", folder=here / "delivery"),
        Template(
            id="legal-bases", kind="register", version=VERSION, title="Legal bases", folder=here / "legal_bases"
        ),
    ]
