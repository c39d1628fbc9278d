"""What of PDF/A-3a (ISO 19005-3, level A) can be checked here, on the report and on letters.

It is no validator: docs/design/verifiers.md says what was checked by another, and what by none.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest

from recover.letters.written import Papers
from recover.plugins import registry
from recover.testing import sample

NAMES = ("report.pdf", "letters/acme-preserve-v1.pdf")
FORBIDDEN = ("/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/Rendition")


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    every = dict(Papers(sample.view(), list(registry.load().templates.values())).every())
    return {name: every[name] for name in NAMES}


def objects(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary, also those that stand inside another object."""

    def within(one: Any, deep: int) -> Iterator[Any]:
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            children = list(one.values()) if isinstance(one, pikepdf.Dictionary) else []
        else:
            children = list(one) if isinstance(one, pikepdf.Array) else []
        for child in children:
            if not getattr(child, "is_indirect", False) and deep < 50:
                yield from within(child, deep + 1)

    for one in pdf.objects:
        yield from within(one, 0)


def faults(data: bytes) -> list[str]:
    """What of the standard is not kept, by its clause."""
    pdf, found = pikepdf.open(io.BytesIO(data)), []
    root, every = pdf.Root, list(objects(pdf))

    def must(clause: str, held: bool) -> None:
        if not held:
            found.append(clause)

    must("6.1.2 header", re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4}", data) is not None)
    must("6.1.3 not encrypted", not pdf.is_encrypted and "/Encrypt" not in pdf.trailer)
    must("6.1.3 an identifier in the trailer", len(pdf.trailer.get("/ID", [])) == 2)
    must("6.1.3 nothing after the end", data.rstrip(b"\r\n").endswith(b"%%EOF"))
    must("6.1.7 no LZW", not any("/LZWDecode" in repr(one.get("/Filter")) for one in every))
    intents = list(root.get("/OutputIntents", []))
    must("6.2.3 one output intent", len(intents) == 1 and intents[0].S == "/GTS_PDFA1")
    profile = intents[0].DestOutputProfile.read_bytes() if intents else b""
    must("6.2.3 its profile is one", profile[36:40] == b"acsp" and profile[8] in (2, 4))
    fonts = [one for one in every if one.get("/Type") == "/FontDescriptor"]
    must("6.2.11.4 fonts", bool(fonts))
    must("6.2.11.4 fonts embedded", all({"/FontFile", "/FontFile2", "/FontFile3"} & set(f.keys()) for f in fonts))
    shown = [o for o in every if o.get("/Type") == "/Font" and o.get("/Subtype") != "/CIDFontType2"]
    shown = [o for o in shown if o.get("/Subtype") != "/CIDFontType0"]
    must("6.2.11.7 text in Unicode", all("/ToUnicode" in one for one in shown))
    must("6.5.1 no actions that run", not any(one.get("/S") in FORBIDDEN for one in every))
    must("6.5.2 nothing runs by itself", "/OpenAction" not in root and not any("/AA" in one for one in every))
    must("6.4 no forms made by script", "/NeedsRendering" not in root and "/AcroForm" not in root)
    told = root.Metadata.read_bytes() if "/Metadata" in root else b""
    must("6.6.2 metadata as it is", "/Filter" not in root.get("/Metadata", pikepdf.Dictionary()))
    must("6.6.4 part 3, level A", re.search(rb"pdfaid:part(>|=\")3", told) is not None)
    must("6.6.4 part 3, level A", re.search(rb"pdfaid:conformance(>|=\")A", told) is not None)
    marked = root.get("/MarkInfo", pikepdf.Dictionary()).get("/Marked")
    must("6.7.2 tagged", bool(marked) and len(root.get("/StructTreeRoot", pikepdf.Dictionary()).keys()) > 1)
    must("6.7.4 a language", bool(str(root.get("/Lang", ""))))
    must("6.7.3 every page", all("/StructParents" in page.obj for page in pdf.pages))
    figures = [one for one in every if one.get("/S") == "/Figure"]
    must("6.7.5 pictures in words", all("/Alt" in one or "/ActualText" in one for one in figures))
    files = [one for one in every if one.get("/Type") == "/Filespec"]
    must(
        "6.8 attached files say what they are",
        all({"/AFRelationship", "/UF", "/F"} <= set(f.keys()) for f in files),
    )
    must("6.8 and are the document's own", len(root.get("/AF", [])) == len(files))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_can_be_checked_of_the_standard_holds(name: str, made: dict[str, bytes]) -> None:
    assert faults(made[name]) == []


def test_what_is_not_kept_is_named(made: dict[str, bytes]) -> None:
    """The check itself: a paper to which something is done does not pass."""

    def changed(change: Any) -> list[str]:
        pdf = pikepdf.open(io.BytesIO(made["report.pdf"]))
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
        return faults(out.getvalue())

    def font(pdf: pikepdf.Pdf) -> None:
        one = next(o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontFile2" in o)
        del one.FontFile2

    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    tries = {
        "6.2.3 one output intent": lambda pdf: pdf.Root.OutputIntents.append(pdf.Root.OutputIntents[0]),
        "6.2.11.4 fonts embedded": font,
        "6.5.1 no actions that run": lambda pdf: pdf.Root.__setitem__("/Extra", script),
        "6.5.2 nothing runs by itself": lambda pdf: pdf.Root.__setitem__("/OpenAction", script),
        "6.7.2 tagged": lambda pdf: pdf.Root.MarkInfo.__setitem__("/Marked", False),
        "6.7.4 a language": lambda pdf: pdf.Root.__delitem__("/Lang"),
        "6.8 and are the document's own": lambda pdf: pdf.Root.__setitem__("/AF", pikepdf.Array([1])),
    }
    for clause, change in tries.items():
        assert clause in changed(change), clause
