"""What somebody without a key can do to a bundle: every digest that is not signed made to fit, and still named."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.core.authority import PHRASE, p12
from tests.core.test_tamper import rechained, refit

from recover.cli.main import main
from recover.sealing import recover_verify as outside

GAPS = 5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case and its signed bundle."""
    folder = tmp_path_factory.mktemp("forged")
    assert main(["demo", "--out", str(folder / "case"), "--case", "daloia-shaped-example"]) == GAPS
    own = p12(folder / "own.p12", "Examiner of nobody", ec.generate_private_key(ec.SECP256R1()))
    before, sys.stdin = sys.stdin, io.StringIO(f"{PHRASE}\n")
    try:
        assert main(["seal", str(folder / "case"), "--out", str(folder / "bundle"), "--sign", str(own)]) == 0
    finally:
        sys.stdin = before
    return folder


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "bundle", tmp_path / "bundle"))


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "case", tmp_path / "case"))


def wrong(path: Path) -> list[str]:
    return [name for name, answer, _ in outside.check(str(path)) if answer == outside.FAILS]


def retagged(bundle: Path) -> None:
    """Make the manifests of tag files anew: nobody signs them."""
    own = {f"tagmanifest-{kind}.txt" for kind in ("sha256", "sha512")}
    names = sorted(p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file())
    tags = [name for name in names if not name.startswith("data/") and name not in own]
    for kind in ("sha256", "sha512"):
        lines = [f"{hashlib.new(kind, (bundle / name).read_bytes()).hexdigest()}  {name}\n" for name in tags]
        (bundle / f"tagmanifest-{kind}.txt").write_text("".join(lines))


@pytest.mark.parametrize("name", ["seal/statement.pdf", "tagmanifest-note.html", "clerk-2.html", "seal/other.ots"])
def test_a_file_slipped_into_a_signed_bundle_is_named(name: str, bundle: Path) -> None:
    (bundle / name).write_bytes(b"what the examiner never wrote")
    retagged(bundle)
    assert name in wrong(bundle)


def test_a_signature_of_another_person_than_the_seal_names_is_named(
    bundle: Path, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = p12(tmp_path / "other.p12", "Somebody else", ec.generate_private_key(ec.SECP256R1()))
    from recover.sealing import certificates

    seal = bundle / "seal/manifest.json"
    who = certificates.identity(other, PHRASE)
    (bundle / "seal/manifest.json.p7s").write_bytes(certificates.signature(who, seal.read_bytes()))
    retagged(bundle)
    assert wrong(bundle) == ["signature"]


@pytest.mark.parametrize("junk", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x03\x02\x01\x00", bytes(range(256))])
@pytest.mark.parametrize("ending", ["p7s", "tsr", "ots"])
def test_what_is_no_signature_and_no_stamp_is_named_and_brings_nothing_down(
    ending: str, junk: bytes, bundle: Path
) -> None:
    (bundle / f"seal/manifest.json.{ending}").write_bytes(junk)
    retagged(bundle)
    # Lengths that are written as BER writes them are not read: that is no answer, and never a good one.
    part = {"p7s": "signature", "tsr": "time stamp", "ots": "seal/manifest.json.ots"}[ending]
    answers = {answer for name, answer, _ in outside.check(str(bundle)) if name == part}
    assert answers == {outside.UNKNOWN if junk == b"\x30\x80\x00\x00" and ending != "ots" else outside.FAILS}


def attested(more: bytes) -> bytes:
    return outside.OTS_HEAD + b"\x01\x08" + hashlib.sha256(b"m").digest() + more


PENDING = b"\x00" + bytes.fromhex("83dfe30d2ef90c8e") + b"\x04\x03abc"
BLOCK = b"\x08\x00" + bytes.fromhex("0588960d73d71901") + b"\x03\xb1\xb5\x2f"


@pytest.mark.parametrize(
    ("more", "answer", "word"),
    [
        (PENDING, outside.HOLDS, "PENDING at abc"),
        (b"\xff" + PENDING + BLOCK, outside.HOLDS, "block 776881 of Bitcoin"),
        (b"\xf0\x02ab\xf1\x01c\x08" + PENDING, outside.HOLDS, "PENDING"),
        (PENDING + b"x", outside.FAILS, "after its end"),
        (PENDING[:-1], outside.FAILS, "too soon"),
        (b"", outside.FAILS, "too soon"),
        (b"\x05" + PENDING, outside.UNKNOWN, "operation"),
        (b"\x00" + bytes(8) + b"\x00", outside.UNKNOWN, "nobody"),
        (b"\xf2" * 600 + PENDING, outside.FAILS, "nested"),
        (b"junk 0588960d73d71901", outside.UNKNOWN, "operation"),
    ],
    ids=["pending", "block", "operations", "more", "cut", "empty", "unknown", "nobody", "deep", "words"],
)
def test_a_proof_is_read_to_its_end(more: bytes, answer: str, word: str) -> None:
    _, found, detail = outside.check_ots("x", attested(more), b"m")
    assert (found, word in detail) == (answer, True), detail


def legs_of(case: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    lines = [json.loads(line) for line in (case / "derived/trace/legs.jsonl").read_bytes().splitlines()]
    change(lines)
    data = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
    refit(case, "derived/trace/legs.jsonl", data)


@pytest.mark.parametrize("key", ["since", "until", "memo", "assets", "amount"])
def test_a_loss_that_says_something_else_than_the_settings_is_named(key: str, case: Path) -> None:
    value: Any = {"memo": "7", "assets": [], "amount": "1"}.get(key, "2022-03-01T09:30:00+00:00")
    legs_of(case, lambda lines: lines[0]["losses"][0].update({key: value}))
    assert "declared losses" in wrong(case)


def test_a_claim_on_a_movement_of_another_transaction_is_named(case: Path) -> None:
    def change(lines: list[dict[str, Any]]) -> None:
        claim = next(line for line in lines if "claim" in line)
        other = next(line["move"][0] for line in lines if "move" in line and line["move"][0] != claim["claim"][1])
        claim["claim"][1] = other

    legs_of(case, change)
    assert "claims" in wrong(case)


def test_papers_of_another_journal_are_named(case: Path) -> None:
    """A journal written anew has other hashes, and the papers print the old ones."""
    rechained(case, lambda entry: entry["body"].update({"by": "X"}) if entry["kind"] == "exhibit" else None)
    assert {"out/manifest.json", "out/result.json"} <= set(wrong(case))


@pytest.mark.parametrize("change", [{"name": "other.csv"}, {"captured": "2020-01-01T00:00:00.000+00:00"}])
def test_an_exhibit_of_which_the_journal_says_another_name_or_time_is_named(
    change: dict[str, str], case: Path
) -> None:
    def changed(entry: dict[str, Any]) -> None:
        if entry["kind"] == "exhibit" and entry["body"]["number"] == 1:
            entry["body"].update(change)

    rechained(case, changed)
    assert "exhibit 1" in wrong(case)


def test_a_file_that_nothing_vouches_for_could_not_be_checked(case: Path) -> None:
    for name in ("issued/letter.pdf", "README.txt"):
        (case / name).parent.mkdir(exist_ok=True)
        (case / name).write_bytes(b"a stranger")
    found = {name: answer for name, answer, _ in outside.check(str(case))}
    assert (found["issued/letter.pdf"], found["README.txt"]) == (outside.UNKNOWN, outside.UNKNOWN)
    assert outside.main([str(case)]) == 6
