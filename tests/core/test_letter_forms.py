"""The forms of letters: the same bytes each time, hostile text as text, saved by others without loss."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from recover.letters import written
from recover.plugins import registry
from recover.sdk import Error, Template
from recover.testing import sample


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    return list(registry.load().templates.values())


# forms


def test_the_same_letter_gives_the_same_bytes_in_every_form(templates: list[Template]) -> None:
    first, second = (dict(written.Papers(sample.view(), templates).every()) for _ in range(2))
    assert first == second
    assert {name.rpartition(".")[2] for name in first} >= {"pdf", "docx", "xlsx", "csv", "txt", "eml"}


def test_hostile_text_stays_text_in_every_form(templates: list[Template]) -> None:
    view = sample.view()
    ramps = tuple(replace(r, basis=sample.HOSTILE, memo=sample.HOSTILE, by_memo=True) for r in view.offramps)
    made = dict(written.Papers(replace(view, offramps=ramps), templates).every())
    docx = _xml(made["letters/acme-preserve-v1.docx"], "word/document.xml")
    assert "&lt;script&gt;" in docx
    assert "\u202e" not in docx
    sheets = made["letters/acme-preserve-v1.xlsx"]
    names = zipfile.ZipFile(io.BytesIO(sheets)).namelist()
    assert not [name for name in names if "externalLink" in name]
    assert all("<f>" not in _xml(sheets, name) for name in names if name.startswith("xl/worksheets/sheet"))


def _xml(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def test_a_service_learns_of_no_other_service(templates: list[Template]) -> None:
    view = sample.view()
    other = replace(view.offramps[0], service="Other", service_name="Other", address="dep2", through="dep2")
    made = dict(written.Papers(replace(view, offramps=(*view.offramps, other)), templates).every())
    assert "dep2" not in made["letters/acme-preserve-v1.txt"].decode()
    assert "Other" not in made["letters/acme-preserve-v1.txt"].decode()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_opens_and_saves_every_form_without_loss(templates: list[Template], tmp_path: Path) -> None:
    made = dict(written.Papers(sample.view(), templates).every())
    for ending, form in (("docx", "docx"), ("xlsx", "xlsx")):
        (tmp_path / f"a.{ending}").write_bytes(made[f"letters/acme-preserve-v1.{ending}"])
        saved = tmp_path / "saved"
        command = [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            form,
        ]
        subprocess.run([*command, "--outdir", str(saved), str(tmp_path / f"a.{ending}")], check=True, timeout=120)
    words = _words(_xml((tmp_path / "saved/a.docx").read_bytes(), "word/document.xml"))
    for wanted in _words(_xml(made["letters/acme-preserve-v1.docx"], "word/document.xml")):
        assert wanted in words, wanted
    sheet = zipfile.ZipFile(tmp_path / "saved/a.xlsx").read("xl/sharedStrings.xml").decode()
    _, *rows = csv.reader(io.StringIO(made["letters/acme-preserve-v1.csv"].decode()))
    for row in rows:
        assert html.escape(row[6], quote=False) in sheet, "a transaction's id was lost"


def _words(xml: str) -> set[str]:
    texts = re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml)
    return {word for text in texts for word in html.unescape(text).split()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Please keep the records listed below", "You are required to keep"), "PL02"),
        (('kind_value = "', 'kind_valu = "'), "head.kind_valu is no text that a letter uses"),
    ],
)
def test_a_kind_that_breaks_a_rule_is_named(
    change: tuple[str, str], said: str, tmp_path: Path, templates: list[Template]
) -> None:
    from recover.letters import making

    making.new(templates, tmp_path / "bad", "preserve")
    file = tmp_path / "bad" / "en.toml"
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(Error) as caught:
        making.check(templates, tmp_path / "bad")
    assert said in caught.value.why
