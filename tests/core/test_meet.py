"""Meetings: both sides find what both have; nobody else, and no list of all addresses, finds anything."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_statements import EXCHANGE, export, labels, tx, who

from recover.case import Case, open_for_reading, open_for_writing
from recover.cli import main as program
from recover.meeting import blinded, exchanged, met
from recover.meeting.exchanged import Sheet
from recover.sdk import Error

CHAIN = "eip155:1"
DATA = Path(__file__).parents[2] / "casefiles/tron-seizure-orders-example"


def items(*names: str) -> dict[str, tuple[str, str]]:
    return {f"eip155:{who(name)}": (CHAIN, who(name)) for name in sorted(names)}


def partner(other: str) -> met.Partner:
    return met.Partner(by="N", other=other, contact=f"desk {other}@agency.example", scope="all")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("meet")
    words = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    assert program.main(["open", str(folder / "c"), *words]) == 0
    return folder / "c"


@pytest.fixture
def sides(empty: Path, tmp_path: Path) -> tuple[Path, Path]:
    for name in ("a", "b"):
        shutil.copytree(empty, tmp_path / name)
    return tmp_path / "a", tmp_path / "b"


@contextmanager
def writing(path: Path) -> Iterator[Case]:
    with open_for_writing(path, "meet") as case:
        yield case


def begun(path: Path, *names: str) -> Sheet:
    with writing(path) as case:
        return met.blind(case, items(*names), partner("B"))


def answered(path: Path, sheet: Sheet, *names: str) -> Sheet:
    with writing(path) as case:
        return met.answer(case, exchanged.read(sheet.data(), "blind"), items(*names), partner("A"))


def compared(path: Path, sheet: Sheet) -> met.Met:
    with writing(path) as case:
        return met.compare(case, exchanged.read(sheet.data(), "answer", "result"), "N", lambda _: None)


def addresses(found: met.Met) -> set[str]:
    return {text for _, text in found.hits}


def test_both_find_what_both_have_and_the_secrets_are_gone(sides: tuple[Path, Path]) -> None:
    one, two = sides
    first = begun(one, "x", "y", "z")
    second = answered(two, first, "y", "z", "q")
    (secret,) = (one / "private/meetings").iterdir()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    found = compared(one, second)
    assert addresses(found) == {who("y"), who("z")}
    assert found.contact == "desk A@agency.example"
    assert found.reply is not None
    back = compared(two, found.reply)
    assert (addresses(back), back.contact, back.reply) == ({who("y"), who("z")}, "desk B@agency.example", None)
    for path in sides:
        assert [p.name for p in (path / "private/meetings").iterdir()] == ["closed.json"]
        last = open_for_reading(path).entries[-1]
        noted = [e.body for e in open_for_reading(path).entries if e.kind == "meeting"]
        assert [body["act"] for body in noted] in (["blind", "compare"], ["answer", "compare"])
        assert noted[-1]["hits"] == sorted(f"{CHAIN}:{who(n)}" for n in "yz")
        assert last.kind == "private"
        assert program.main(["verify", str(path)]) in (0, 5)


def test_no_file_tells_how_many_a_side_has_or_what_else(sides: tuple[Path, Path]) -> None:
    first = begun(sides[0], "x")
    second = answered(sides[1], first, *map(str, range(1000)))
    assert (len(first.points), len(second.points), len(second.again)) == (1024, 1024, 1024)
    assert blinded.padded(1025) == 2048
    raw = json.loads(first.data())
    named = ("format", "version", "suite", "step", "session", "contact", "of", "points", "again", "digest")
    assert set(raw) == {*named}


def known() -> list[str]:
    """All addresses of the shipped data: whoever wants to reverse a file has these and more."""
    found: set[str] = set()
    for file in sorted(DATA.rglob("*.csv")):
        found |= {*re.findall(r"\bT[1-9A-HJ-NP-Za-km-z]{33}\b", file.read_text("utf-8", "replace"))}
    return sorted(found)


def test_a_list_of_all_addresses_reveals_nothing_beyond_the_hits(sides: tuple[Path, Path]) -> None:
    """A reader of all three files, and a side with its own secret, tries every address in every way there is."""
    every = known()[:400]
    assert len(every) == 400
    chain = {text: (CHAIN, text) for text in every}
    mine, theirs = every[:60], every[50:120]
    with writing(sides[0]) as case:
        first = met.blind(case, {t: chain[t] for t in mine}, partner("B"))
        (own,) = [p for p in (sides[0] / "private/meetings").iterdir() if p.name != "closed.json"]
        scalar = bytes.fromhex(json.loads(own.read_text())["scalar"])
    with writing(sides[1]) as case:
        second = met.answer(case, first, {t: chain[t] for t in theirs}, partner("A"))
    found = compared(sides[0], second)
    assert found.reply is not None
    sheets = (first, second, found.reply)
    bodies = [sheet.data() for sheet in sheets]
    seen = {point for sheet in sheets for point in (*sheet.points, *sheet.again)}
    plain = {text: blinded.hashed(first.session, text) for text in every}
    tried = {text: [point, *blinded.blind([point], scalar)] for text, point in plain.items()}
    for text in every:
        for salted in (text, first.session + text, text + first.session):
            digest = hashlib.sha256(salted.encode())
            assert not any(digest.hexdigest().encode() in body or text.encode() in body for body in bodies)
        # Neither the bare point, nor, for who holds one secret, the other side's: only its own once-blinded ones.
        assert tried[text][0] not in seen
        assert (tried[text][1] in seen) == (text in mine)
        assert tried[text][1] not in {*second.points, *second.again, *found.reply.again}
    assert addresses(found) == {*every[50:60]}
    twice = {*second.again} & {*found.reply.again}
    assert len(twice) == 10, "what is common to both is all that stands in both blinded sets"


def test_a_meeting_is_not_held_twice(sides: tuple[Path, Path]) -> None:
    one, two = sides
    first = begun(one, "x")
    second = answered(two, first, "x")
    with pytest.raises(Error, match="answered before"):
        answered(two, first, "x", "y")
    with pytest.raises(Error, match="own"):
        answered(one, first, "x")
    assert addresses(compared(one, second)) == {who("x")}
    with pytest.raises(Error, match="over"):
        compared(one, second)
    with pytest.raises(Error, match="no meeting"):
        compared(two, Sheet(**_fields(second) | {"session": "0" * 32}))


def _fields(sheet: Sheet) -> dict[str, Any]:
    return {name: getattr(sheet, name) for name in ("step", "session", "contact", "of", "points", "again")}


Change = Callable[[dict[str, Any]], dict[str, Any]]
_BAD = b"\x02" + b"\xff" * 32

CHANGES: dict[str, Change] = {
    "a point that is none": lambda s: s | {"points": tuple(sorted((*s["points"][1:], _BAD)))},
    "a point twice": lambda s: s | {"points": tuple(sorted((*s["points"][1:], s["points"][1])))},
    "an order": lambda s: s | {"points": (s["points"][1], s["points"][0], *s["points"][2:])},
    "a size that tells": lambda s: s | {"points": s["points"][:-1]},
    "no points": lambda s: s | {"points": ()},
    "another set": lambda s: s | {"again": s["points"]},
    "no session": lambda s: s | {"session": "../../etc/passwd"},
    "a contact that is not seen": lambda s: s | {"contact": "desk\u202e"},
    "another step": lambda s: s | {"step": "result"},
    "no step": lambda s: s | {"step": "other"},
}


@pytest.fixture(scope="module")
def sheet(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    path = tmp_path_factory.mktemp("sheet") / "a"
    shutil.copytree(empty, path)
    return begun(path, "x")


@pytest.mark.parametrize("name", CHANGES)
def test_a_malformed_file_is_refused_though_its_digest_is_right(sheet: Sheet, name: str) -> None:
    data = Sheet(**CHANGES[name](_fields(sheet))).data()
    with pytest.raises(Error) as refused:
        exchanged.read(data, "blind")
    assert refused.value.code == "meeting-file"


def test_a_changed_and_an_oversized_file_are_refused(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    data = sheet.data()
    for wrong in (data[:-1], data + b" ", data.replace(b"desk", b"disk"), b"[]", b"\xff", b"null", b"[" * 9000):
        with pytest.raises(Error, match="refused"):
            exchanged.read(wrong, "blind")
    monkeypatch.setattr(exchanged, "_BYTES", len(data) - 1)
    with pytest.raises(Error, match="too large"):
        exchanged.read(data, "blind")
    monkeypatch.undo()
    monkeypatch.setattr(exchanged, "LARGEST", 512)
    with pytest.raises(Error, match="other sets"):
        exchanged.read(data, "blind")


def test_an_answer_that_blinds_nothing_or_answers_another_is_refused(sides: tuple[Path, Path]) -> None:
    one, two = sides
    first = begun(one, "x", "y")
    second = answered(two, first, "x")
    fields = _fields(second)
    mirrored = Sheet(**fields | {"again": first.points})
    for wrong, why in (
        (mirrored, "points back"),
        (Sheet(**fields | {"points": first.points}), "points back"),
        (Sheet(**fields | {"of": "0" * 64}), "another file"),
    ):
        with pytest.raises(Error, match=why):
            compared(one, wrong)
    assert addresses(compared(one, second)) == {who("x")}, "a refused file ends no meeting"


def test_nothing_enters_without_a_name_a_contact_or_an_address(sides: tuple[Path, Path]) -> None:
    for said, names in ((met.Partner(by="", other="B", contact="c", scope=""), "x"), (partner("B"), "")):
        with writing(sides[0]) as case, pytest.raises(Error):
            met.blind(case, items(*names), said)
    assert not (sides[0] / "private/meetings").exists()


def test_by_the_command_line_no_victim_enters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both have the victim and the exchange's wallet too; neither is met."""
    moves = [("victim", "a", 50), ("a", "own", 20), ("own", "hot", 20)]
    (tmp_path / "0.csv").write_text(export(moves, ["a", "own"]))
    (tmp_path / "1.csv").write_text(labels(EXCHANGE))
    case, words = str(tmp_path / "c"), ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    program.main(["open", case, *words])
    program.main(["import", case, str(tmp_path / "0.csv"), str(tmp_path / "1.csv")])
    program.main(["loss", case, "--tx", tx(1), "--asset", "USDT"])
    assert program.main(["run", case]) in (0, 5)
    shutil.copytree(case, tmp_path / "d")
    capsys.readouterr()
    other, scope = str(tmp_path / "d"), ("--kind", "hop", "--kind", "endpoint", "--by", "N", "--contact", "desk 7")

    def do(*said: object) -> tuple[int, Any, str]:
        code = program.main([*map(str, said), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out.strip() else None, err

    files = [tmp_path / f"{n}.json" for n in (1, 2, 3)]
    assert do("meet", "blind", case, "--out", files[0], "--with", "D", *scope)[0] == 0
    assert do("meet", "answer", other, files[0], "--out", files[1], "--with", "C", *scope)[0] == 0
    code, _, err = do("meet", "compare", case, files[1], "--by", "N")
    assert code == 2
    assert "--out" in err
    code, found, err = do("meet", "compare", case, files[1], "--by", "N", "--out", files[2])
    assert code == 0, err
    assert {one["address"] for one in found["hits"]} == {who("a"), who("own")}
    code, again, _ = do("meet", "compare", other, files[2], "--by", "N")
    assert (code, again["hits"], again["contact"]) == (0, found["hits"], "desk 7")
    code, _, err = do("meet", "blind", case, "--out", files[0], "--with", "D", *scope)
    assert code == 2
    assert "there already" in err
    assert do("meet", "blind", case, "--out", tmp_path / "9", "--with", "D", *scope, "--grade", "A")[0] == 2
