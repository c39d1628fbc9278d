"""Entries that are appended to a journal by whoever can: both verifiers say the same of them, and none switches
one of the two off."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.attack.field import Field

from recover.case import journal, open_for_reading
from recover.case.journal import Entry
from recover.plugins import wrote
from recover.sdk.errors import Integrity
from recover.sealing import recover_verify as outside

MOMENT = "2026-01-01T00:00:00+00:00"
FORMS: dict[str, Any] = {
    "text": "x",
    "hex": "0" * 64,
    "hex-": "",
    "count": 1,
    "whole": -1,
    "rank": 1,
    "flag": False,
    "time": MOMENT,
    "time?": None,
    "units": "1",
    "warc": "0009.warc.gz",
    "former": "former/2",
    **{form: {} for form in ("sealed", "names", "sums")},
    **{form: [] for form in ("texts", "origins", "files", "payments", "rows")},
}


def sample(kind: str) -> dict[str, Any]:
    """A body that the format allows for a kind, or a kind and its act."""
    fields = {**outside.NEEDED.get(kind.split()[0], {}), **outside.NEEDED.get(kind, {})}
    body = {name: FORMS[form] if form in FORMS else form.split("|")[0] for name, form in fields.items()}
    if " " in kind and not kind.endswith(" None"):
        body["act"] = kind.split()[1]
    return body


ACTS = {kind for kind in outside.NEEDED if " " in kind}
BY_ACT = {kind.split()[0] for kind in ACTS}
"""Kinds that have fields by their act."""
KINDS = sorted((outside.KINDS - BY_ACT - {"exhibit", "opened"}) | ACTS)


def other(value: Any) -> Any:
    return [7] if not isinstance(value, list) else 7


def test_an_entry_without_a_field_or_with_another_form_holds_for_neither() -> None:
    apart = []
    for kind in sorted({*outside.NEEDED} - BY_ACT):
        whole = sample(kind)
        wrong = [{**whole, name: other(value)} for name, value in whole.items()]
        wrong += [{n: v for n, v in whole.items() if n != name} for name in whole]
        for body, sound in [(whole, True), *((one, False) for one in wrong)]:
            ours = accepted(kind.split()[0], body)
            theirs = not list(outside.unshaped(kind.split()[0], body))
            if (ours, theirs) != (sound, sound):
                apart.append((kind, body, ours, theirs))
    assert apart == []


def accepted(kind: str, body: dict[str, Any]) -> bool:
    first = journal.make(1, outside.moment(MOMENT), "opened", {"sha256": "0" * 64, "text": ""}, journal.GENESIS)
    second = journal.make(2, first.time, kind, body, first.hash)
    try:
        journal.read(first.line() + second.line())
    except Integrity:
        return False
    return True


def test_what_an_entry_may_have_is_of_one_form_for_both() -> None:
    for kind, body in (("asked", sample("asked")), ("claim", sample("claim add"))):
        for name, form in outside.MAY["*" if kind == "asked" else kind].items():
            if name not in body:
                assert not accepted(kind, {**body, name: other(FORMS.get(form, []))}), (kind, name)
                assert list(outside.unshaped(kind, {**body, name: other(FORMS.get(form, []))})), (kind, name)


def test_both_say_the_same_of_papers_beside_every_kind_of_entry_that_came_later(field: Field) -> None:
    before, apart = (field.case / journal.FILE).read_bytes(), []
    last = [e for e in field.entries() if e.kind in ("opened", "settings")][-1].body
    for kind in KINDS:
        body = sample(kind)
        body |= {"settings": dict(last), "offset": {"method": "said"}, "ran": {"stage": "x"}}.get(kind, {})
        body.pop("format", None)
        field.forge((kind.split()[0], body))
        case = open_for_reading(field.case)
        ours = bool(wrote.seen(case, "write")[1])
        theirs = [row for row in outside.check(str(field.case)) if row[0] == "papers" and "older" in row[2]]
        if ours != bool(theirs):
            apart.append((kind, ours, theirs))
        (field.case / journal.FILE).write_bytes(before)
    assert apart == []


@pytest.mark.parametrize(
    ("method", "sources", "evident"), [("issued", [], 0), ("receipt", ["x"], 1), ("file", [], 1)]
)
def test_copies_of_papers_that_no_source_reads_are_no_evidence(
    method: str, sources: list[str], evident: int
) -> None:
    body = {"method": method, "sources": sources}
    entry = Entry(number=9, time=outside.moment(MOMENT), kind="exhibit", body=body, prev="", hash="")
    assert journal.evidence(entry) == outside.evidence({"kind": "exhibit", "body": body}) == bool(evident)


HELD = {"number": 1, "holder": "P", "at": MOMENT, "place": "x", "how": "", "by": "z", "sha256": ""}


@pytest.mark.parametrize("words", [("held",), ("held", "clock")])
def test_who_held_an_exhibit_before_does_not_keep_a_forged_figure_from_being_named(
    words: tuple[str, ...], field: Field
) -> None:
    bodies: dict[str, dict[str, Any]] = {"held": HELD, "clock": {"before": MOMENT, "now": MOMENT}}
    field.forge(*((word, bodies[word]) for word in words))
    told = field.do("verify")
    assert (told.code, "made again, the same bytes" in told.out) == (0, True), told.said
    name = "out/report.md"
    data = (field.case / name).read_bytes()
    forged(field.case, name, data + b"One more.\n")
    field.forge(*((word, bodies[word]) for word in words))
    told = field.do("verify")
    assert (told.code, "out/report.md" in told.out) == (3, True), told.said


def forged(case: Path, name: str, data: bytes) -> None:
    """Another paper, with list and journal made to fit."""
    entries = [json.loads(line) for line in (case / journal.FILE).read_bytes().splitlines()]
    listed = case / "out/manifest.json"
    old = [hashlib.sha256((case / one).read_bytes()).hexdigest() for one in (name, "out/manifest.json")]
    (case / name).write_bytes(data)
    listed.write_bytes(listed.read_bytes().replace(old[0].encode(), hashlib.sha256(data).hexdigest().encode()))
    new = hashlib.sha256(listed.read_bytes()).hexdigest()
    made: list[Entry] = []
    for entry in entries:
        body = json.loads(json.dumps(entry["body"]).replace(old[1], new))
        before = made[-1].hash if made else journal.GENESIS
        made.append(journal.make(entry["n"], outside.moment(entry["time"]), entry["kind"], body, before))
    (case / journal.FILE).write_bytes(b"".join(one.line() for one in made))
