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
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.core.test_letter_rules import choice

from recover.letters import delivery, drafts, matter, written
from recover.letters.life import Letter
from recover.plugins import registry
from recover.report import lint
from recover.report.checked import Check
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


_FREE = (
    *(
        "facts",
        "urgent",
        "claim",
        "why",
        "offence",
        "court",
        "instructed_by",
        "entity",
        "provision",
        "leave",
        "report",
    ),
)
_SENDER = ("name", "address", "phone", "email", "website", "reference", "controller", "officer", "title", "bar")


@pytest.mark.parametrize("kind", ["preserve", "notice", "enquiry", "bank", "follow-up"])
def test_hostile_text_in_every_field_of_a_letter_is_text_in_every_form(
    kind: str, templates: list[Template]
) -> None:
    """Each field says which it is, so that none is left out unseen."""

    class Passed(Check):
        def breaches(self, *_: object, **__: object) -> list[lint.Breach]:
            return []

    def bad(name: str) -> str:
        return f"=1+1|{name} \u202e<b>{name}</b>\r\nBcc: x@{name}.example #eval(1) {{{{ {name} }}}} \x1b[2J"

    view = sample.view()
    ramps = tuple(
        replace(r, basis=bad("basis"), memo=bad("memo"), by_memo=True, service_name=bad("service"))
        for r in view.offramps
    )
    view = replace(view, offramps=ramps, case=replace(view.case, title=bad("case"), examiner=bad("examiner")))
    free = {name: bad(name.replace("_", "")) for name in _FREE}
    sender = {name: bad(f"s{name}") for name in _SENDER} | {"zone": "Asia/Bangkok"}
    if kind == "follow-up":  # what its addressee said, and what that letter was called
        free |= {"of": "acme-preserve-v1"}
        sender |= {
            f"former_{name}": bad(f"f{name.replace('_', '')}") for name in delivery._TOLD if "until" not in name
        }
    one = choice(
        kind=kind,
        id=f"acme-{kind}",
        sender=sender,
        about=(bad("about"),),
        forms=("all",),
        risk=(bad("riskby"), bad("riskwhy")),
        states=(bad("state"), bad("other")),
        language="en+th",
        **free,
    )
    made = dict(
        drafts.written(view, drafts.desk(templates), matter.Ways(view), one, Letter(one.id), Passed((), ()))
    )
    forms = {name.rpartition(".")[2] for name in made}
    assert forms == {"pdf", "docx", "xlsx", "csv", "txt", "eml"}
    raw = [data for name, data in made.items() if name.endswith((".txt", ".csv"))]
    shown = {name.rpartition(".")[2]: data for name, data in made.items()}
    raw += [shown["docx"], shown["xlsx"]]
    for data in raw:
        parts = zipfile.ZipFile(io.BytesIO(data)) if data[:2] == b"PK" else None
        for text in (
            [parts.read(n).decode() for n in parts.namelist() if n.endswith(".xml")] if parts else [data.decode()]
        ):
            assert not re.search("[\u202e\x1b\r\x00]", text.replace("\r\n", "\n"))
    book = zipfile.ZipFile(io.BytesIO(shown["xlsx"]))
    sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert sheets
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    cells = [cell for row in csv.reader(io.StringIO(shown["csv"].decode())) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "@", "+", "\t"))]
    document = _xml(shown["docx"], "word/document.xml")
    assert "<b>" not in document
    assert "instrText" not in document.replace(" PAGE ", "").replace(" NUMPAGES ", "")
    (text,) = (data.decode() for name, data in made.items() if name.endswith("-v1.txt"))
    pdf = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(shown["pdf"])).pages))
    read = re.sub(r"\s", "", html.unescape("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", document))))
    # What the text prints the paper and the edited text print too, as it was written.
    printed = set(re.findall(r"<b>([a-z]+)</b>", text))
    assert {"sname", "sofficer"} <= printed
    assert {"fcalled", "fasked", "fheld", "freference"} <= printed if kind == "follow-up" else "offence" in printed
    for name in sorted(printed):
        assert f"<b>{name}</b>" in pdf, name
        assert f"<b>{name}</b>" in read, name
    mail = message_from_bytes(shown["eml"], policy=SMTP)
    assert {key.casefold() for key in mail} <= _HEADERS
    assert mail["bcc"] is None
    body = mail.get_body()
    assert body is not None
    assert body.get_content_type() == "text/plain"
    assert not re.search("[\u202e\x1b]", body.get_content())


_HEADERS = {"subject", "from", "to", "x-unsent", "mime-version", "content-type"}


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
    for wanted in _words(_xml(made["letters/acme-preserve-v1.docx"], "word/document.xml")) - {
        "…"
    }:  # a page's number
        assert wanted in words, wanted
    before = _cells(_xml(made["letters/acme-preserve-v1.xlsx"], "xl/sharedStrings.xml"))
    after = _cells(_xml((tmp_path / "saved/a.xlsx").read_bytes(), "xl/sharedStrings.xml"))
    assert before - after <= {""}, "the text of a cell was lost"
    assert {row[6] for row in csv.reader(io.StringIO(made["letters/acme-preserve-v1.csv"].decode()))} <= after | {
        "tx_hash"
    }


def _cells(xml: str) -> set[str]:
    """The texts of cells, as they are read."""
    return {html.unescape("".join(re.findall(r"<t(?: [^>]*)?>([^<]*)</t>", one))) for one in xml.split("<si>")[1:]}


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
