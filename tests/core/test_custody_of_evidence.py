"""Custody of the evidence: who worked, whose clock, earlier holders, hand-overs; both verifiers hold all of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_tamper import rechained

from recover.case import examined, handled, open_for_reading
from recover.cli.main import main
from recover.sealing import recover_verify as outside

REFUSED, DAMAGED, GAPS = 2, 3, 5
HELD = ("--at", "2025-02-03", "--place", "Rayong")
AT = "2099-01-01T10:00:00+07:00"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = tmp_path_factory.mktemp("custody") / "case"
    assert main(["demo", "--out", str(case), "--case", "daloia-shaped-example"]) == GAPS
    return case


@pytest.fixture
def case(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))
    return Path(shutil.copytree(made, tmp_path / "case"))


def configured(case: Path, **said: str) -> None:
    (case.parent / "recover.toml").write_text("".join(f"[{name}]\n{text}\n" for name, text in said.items()))


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())


def both(case: Path) -> tuple[list[str], list[str]]:
    """What does not hold of custody, by ours and by the outside verifier."""
    ours = [c.detail for c in examined.kept(open_for_reading(case)) if c.answer is examined.Answer.FAILS]
    return ours, [detail for _, answer, detail in outside.check(str(case)) if answer == outside.FAILS]


def handed(case: Path, *words: str) -> int:
    giving = ["evidence", "hand-over", str(case), "--to", "The court", "--purpose", "the hearing"]
    return main([*giving, "--by", "A. Examiner", *(() if "--at" in words else ("--at", now())), *words])


def test_a_case_and_its_bundle_are_handed_over_with_receipts_that_both_verifiers_hold(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = tmp_path / "receipt.pdf"
    signed.write_bytes(b"%PDF signed by hand")
    before = open_for_reading(case)
    capsys.readouterr()
    assert handed(case, "--out", str(tmp_path / "to-sign.txt"), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    given = open_for_reading(case).entries[-1].body
    assert (given["head"], given["entry"], given["exhibits"]) == (*before.head, len(before.exhibits()))
    lines = (case / "journal.jsonl").read_bytes().splitlines(keepends=True)[: given["upto"]]
    assert given["digest"] == told["digest"] == hashlib.sha256(b"".join(lines)).hexdigest()
    form = (tmp_path / "to-sign.txt").read_text()
    for text in (given["digest"], "The court", "A. Examiner"):
        assert text in form
    assert main(["evidence", "receipt", str(case), "H1", str(signed), "--by", "A. Examiner"]) == 0
    assert main(["run", str(case)]) == GAPS
    assert main(["seal", str(case), "--out", str(tmp_path / "bundle.zip")]) == 0
    assert (
        handed(case, "--bundle", str(tmp_path / "bundle.zip"), "--receipt", str(signed), "--reference", "R-7") == 0
    )
    second = open_for_reading(case).entries[-1].body
    assert second["digest"] == [e for e in open_for_reading(case).entries if e.kind == "seal"][-1].body["manifest"]
    assert both(case) == ([], [])
    assert main(["run", str(case)]) == GAPS
    report = (case / "out/report.html").read_text()
    for text in (
        "The court",
        "the hearing",
        given["digest"],
        second["digest"],
        "R-7",
        "signed receipt: exhibit 3",
    ):
        assert text in report, text


def test_a_hand_over_that_cannot_be_so_is_refused_and_keeps_nothing(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (case / "journal.jsonl").read_bytes()
    other = Path(shutil.copytree(case, tmp_path / "other"))
    assert main(["seal", str(other), "--out", str(tmp_path / "bundle")]) == 0
    (tmp_path / "r.txt").write_text("r")
    for words, code in (
        (("--at", "2026-05-01T10:00:00"), "time-unzoned"),
        (("--at", AT), "handed-when"),
        (("--at", "1999-01-01T10:00:00+00:00"), "handed-when"),
        (("--from", " "), "custody-unsaid"),
        (("--bundle", str(tmp_path / "bundle")), "handed-unknown"),
        (("--bundle", str(tmp_path / "none")), "bundle-missing"),
    ):
        capsys.readouterr()
        assert handed(case, *words, "--receipt", str(tmp_path / "r.txt")) == REFUSED, words
        assert code in capsys.readouterr().err
        assert (case / "journal.jsonl").read_bytes() == before, "no exhibit is kept of what was refused"


@pytest.mark.parametrize(
    "change",
    [
        {"exhibits": 9},
        {"head": "0" * 64},
        {"digest": "0" * 64},
        {"upto": 3},
        {"what": "bundle"},
        {"receipt": 77},
    ],
    ids=["exhibits", "head", "digest", "upto", "what", "receipt"],
)
def test_a_hand_over_that_was_rewritten_is_named_by_both_verifiers(case: Path, change: dict[str, Any]) -> None:
    assert handed(case) == 0
    rechained(case, lambda entry: entry["body"].update(change) if entry["kind"] == "handed" else None)
    assert all(both(case)), "named by both"


def test_who_held_an_exhibit_before_is_a_chain_and_another_digest_is_refused(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = open_for_reading(case).exhibits()[0].digest
    words = ["evidence", "held", str(case), "1", "--by", "A. Examiner", *HELD]
    assert main([*words, "--holder", "Bank officer", "--digest", digest.upper(), "--how", "exported it"]) == 0
    before = (case / "journal.jsonl").read_bytes()
    capsys.readouterr()
    assert main([*words, "--holder", "Somebody", "--digest", "0" * 64]) == REFUSED
    assert "held-otherwise" in capsys.readouterr().err
    assert (case / "journal.jsonl").read_bytes() == before
    assert both(case) == ([], [])
    assert main(["write", str(case)]) in (0, GAPS)
    assert "Bank officer" in (case / "out/report.html").read_text()
    rechained(case, lambda e: e["body"].update({"sha256": "1" * 64}) if e["kind"] == "held" else None)
    assert all(both(case)), "named by both"


@contextmanager
def ntp(ahead: float, spoil: Callable[[bytes], bytes] = lambda packet: packet) -> Iterator[str]:
    """A double of an NTP server that is some seconds ahead of this computer."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))

    def answer() -> None:
        try:
            _, who = line.recvfrom(1024)
        except OSError:
            return
        moment = time.time() + ahead + 2_208_988_800
        stamp = struct.pack(">II", int(moment) % 2**32, int(moment % 1 * 2**32))
        line.sendto(spoil(bytes([0x24, 2, 0, 0]) + bytes(28) + stamp + stamp), who)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"ntp://127.0.0.1:{line.getsockname()[1]}"
    line.close()
    thread.join(2)


@contextmanager
def dated(ahead: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Date", formatdate(time.time() + ahead, usegmt=True))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_the_clock_is_measured_and_the_offset_follows_from_what_is_kept(case: Path) -> None:
    with ntp(90.5) as first, dated(-30) as second:
        configured(case, clock=f'servers = ["{first}", "{second}"]')
        assert main(["evidence", "clock", str(case), "--server", first, "--by", "A"]) == 0
        assert main(["evidence", "clock", str(case), "--server", second, "--by", "A"]) == 0
    words = ["evidence", "clock", str(case), "--by", "A"]
    assert main([*words, "--offset", "-0.25", "--source", "the speaking clock"]) == 0
    one, two, three = (e.body for e in open_for_reading(case).entries if e.kind == handled.OFFSET)
    assert abs(one["offset"] - 90_500_000) <= one["within"] + 1
    assert abs(two["offset"] + 30_000_000) <= two["within"] + 1
    assert (three["offset"], three["within"], three["method"]) == (-250_000, 0, "said")
    assert both(case) == ([], [])
    assert main(["write", str(case)]) in (0, GAPS)
    report = (case / "out/report.html").read_text()
    for text in ("s behind", "0.250 s ahead", "the speaking clock"):
        assert text in report
    rechained(case, lambda e: e["body"].update({"offset": 0}) if e["kind"] == "offset" else None)
    ours, theirs = both(case)
    named = [sum("offset" in detail for detail in found) for found in (ours, theirs)]
    assert named == [2, 2], "both that were measured, and not what a person says"


def test_a_clock_that_is_not_allowed_or_tells_no_time_is_refused(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(server: str, code: str) -> None:
        capsys.readouterr()
        assert main(["evidence", "clock", str(case), "--server", server, "--by", "A"]) == REFUSED
        assert code in capsys.readouterr().err

    asked("ntp://127.0.0.1:1", "clock-unnamed")
    for spoil in (
        lambda packet: packet[:20],
        lambda packet: bytes([0x24, 0]) + packet[2:],
        lambda packet: packet[:32] + bytes(16),
    ):
        with ntp(0, spoil) as server:
            configured(case, clock=f'servers = ["{server}"]')
            asked(server, "clock-unread")
    (case.parent / "recover.toml").write_text('offline = true\n[clock]\nservers = ["ntp://127.0.0.1:1"]\n')
    asked("ntp://127.0.0.1:1", "offline")
    (case.parent / "recover.toml").write_text('[clock]\nservers = ["ftp://127.0.0.1"]\n')
    asked("ftp://127.0.0.1", "own-config")


def test_every_entry_has_who_did_it_and_another_examiner_is_noted(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(case, defaults='examiner = "B. Second"')
    assert main(["set-aside", str(case), "2", "--reason", "wrong file"]) == 0
    assert main(["evidence", "held", str(case), "1", *HELD, "--holder", "Bank officer", "--by", "C. Third"]) == 0
    capsys.readouterr()
    assert main(["show", str(case), "custody", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert main(["show", str(case), "custody"]) == 0
    assert "set-aside" in capsys.readouterr().out
    assert len(rows) == len(open_for_reading(case).entries)
    assert rows[0]["by"] == "Demonstration"
    aside = next(row for row in rows if row["what"] == "set-aside")
    assert (aside["by"], aside["reason"]) == ("B. Second", "wrong file")
    assert next(row for row in rows if row["what"] == "held")["by"] == "C. Third"
    assert any(row["what"] == "examiner" and row["by"] == "B. Second" for row in rows)
    assert main(["run", str(case)]) == GAPS
    assert "B. Second" in (case / "out/report.html").read_text()
    assert both(case) == ([], [])
