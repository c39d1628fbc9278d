"""The templates are folders of data: no code in them, the same sentences in each language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import recover_letters
from recover.sdk import Template
from recover.testing import TemplateKit
from recover_letters import recover_templates

FOLDER = Path(recover_letters.__file__).parent
FOUND: dict[str, Template] = {template.id: template for template in recover_templates()}
LETTERS = tuple(sorted(ident for ident, one in FOUND.items() if one.kind == "letter"))


class TestPreserve(TemplateKit):
    template = FOUND["preserve"]


class TestFreeze(TemplateKit):
    template = FOUND["freeze"]


class TestFreezeIssuer(TemplateKit):
    template = FOUND["freeze-issuer"]


class TestFreezeBank(TemplateKit):
    template = FOUND["freeze-bank"]


class TestFreezeChain(TemplateKit):
    template = FOUND["freeze-chain"]


class TestDisclose(TemplateKit):
    template = FOUND["disclose"]


class TestEnquiry(TemplateKit):
    template = FOUND["enquiry"]


class TestFollowUp(TemplateKit):
    template = FOUND["follow-up"]


class TestWithdrawal(TemplateKit):
    template = FOUND["withdrawal"]


class TestPoliceReport(TemplateKit):
    template = FOUND["police-report"]


class TestNotice(TemplateKit):
    template = FOUND["notice"]


class TestPlatform(TemplateKit):
    template = FOUND["platform"]


class TestIsp(TemplateKit):
    template = FOUND["isp"]


class TestRegistrar(TemplateKit):
    template = FOUND["registrar"]


class TestBank(TemplateKit):
    template = FOUND["bank"]


class TestCommon(TemplateKit):
    template = FOUND["letters-common"]


class TestLegalBases(TemplateKit):
    template = FOUND["legal-bases"]


def test_a_basis_from_memory_says_that_it_is_unverified() -> None:
    for file in sorted(FOUND["legal-bases"].folder.glob("*.toml")):
        entry = tomllib.loads(file.read_text("utf-8"))
        assert entry["source"], file.name
        assert entry["as_of"], file.name
        assert not entry["unverified"] or entry["unverified_why"], file.name


@pytest.mark.parametrize("ident", ["preserve", "notice", "platform", "isp", "registrar", "bank", "freeze"])
def test_no_text_claims_statutory_force_for_a_voluntary_letter(ident: str) -> None:
    texts = (FOUND[ident].folder / "en.toml").read_text("utf-8").casefold()
    assert "no statutory force" in texts
    for banned in ("you are required", "failure to comply", "subpoena", "warrant", "contempt"):
        assert banned not in texts


@pytest.mark.parametrize("ident", [*LETTERS, "letters-common"])
def test_each_letter_is_there_in_thai_with_the_same_slots(ident: str) -> None:
    english, thai = (
        _flat(tomllib.loads((FOUND[ident].folder / f"{x}.toml").read_text("utf-8"))) for x in ("en", "th")
    )
    extra = {key for key in thai if key.startswith(("day.", "month."))}
    assert set(thai) - extra == set(english)
    for key, text in english.items():
        assert _slots(text) == _slots(thai[key]), key


def _slots(text: str) -> set[str]:
    """The names that are filled in, also those that only choose between words, as `{count:payment|payments}`."""
    return {part.partition("}")[0].partition(":")[0] for part in text.split("{")[1:]}


def _flat(tree: dict[str, object], head: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in tree.items():
        found |= _flat(value, f"{head}{name}.") if isinstance(value, dict) else {head + name: str(value)}
    return found


@pytest.mark.parametrize("kind", sorted(path.parent.name for path in FOLDER.glob("*/kind.toml")))
def test_what_counts_the_identifiers_neither_asks_nor_claims(kind: str) -> None:
    """It is a count on the first page, beside what else is counted."""
    for language, words in (("en", r"\b(?:is|are|yours|please|whether)\b"), ("th", "โปรด|หรือไม่|ของท่าน")):
        told = tomllib.loads((FOLDER / kind / f"{language}.toml").read_text()).get("ask", {})
        for name in ("named", "named_one", "payments", "payments_one", "endpoints", "endpoints_one"):
            assert not re.search(words, told.get(name, ""), re.IGNORECASE), (language, name)
        assert not ("named" in told and "{count}" not in told["named"]), language


def test_a_thai_act_has_its_thai_name_and_keeps_its_mark() -> None:
    found = {path.stem: tomllib.loads(path.read_text()) for path in (FOLDER / "legal_bases").glob("th.*.toml")}
    assert len(found) >= 5
    for name, raw in found.items():
        assert re.match("พระราช(?:กำหนด|บัญญัติ)", raw["th"]["title"]), name
        years = set(re.findall(r"B\.E\. (\d{4})", raw["title"]))
        assert years <= set(re.findall(r"พ\.ศ\. (\d{4})", raw["th"]["title"])), name
    assert found["th.ed2566"]["unverified"] is True
