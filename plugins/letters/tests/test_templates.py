"""The templates are folders of data: no code in them, every text file readable."""

from __future__ import annotations

import tomllib

from recover.sdk import Template
from recover.testing import TemplateKit
from recover_letters import recover_templates

FOUND: dict[str, Template] = {template.id: template for template in recover_templates()}


class TestLetter(TemplateKit):
    template = FOUND["preserve"]


class TestDelivery(TemplateKit):
    template = FOUND["delivery"]


class TestLegalBases(TemplateKit):
    template = FOUND["legal-bases"]


def test_a_basis_from_memory_says_that_it_is_unverified() -> None:
    for file in sorted(FOUND["legal-bases"].folder.glob("*.toml")):
        entry = tomllib.loads(file.read_text("utf-8"))
        assert entry["source"], file.name
        assert entry["as_of"], file.name
        assert not entry["unverified"] or entry["unverified_why"], file.name


def test_no_text_claims_statutory_force_for_a_voluntary_letter() -> None:
    texts = (FOUND["preserve"].folder / "en.toml").read_text("utf-8").casefold()
    assert "no statutory force" in texts
    for banned in ("you are required", "failure to comply", "subpoena", "warrant", "contempt"):
        assert banned not in texts
