"""What somebody without a key can do to a bundle: every digest that is not signed made to fit, and still named."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
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
    seal = bundle / "seal/manifest.json"
    seal.write_bytes(
        seal.read_bytes().replace(b'"ots":false', b'"ots":true').replace(b'"tsr":false', b'"tsr":true')
    )
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


def answers(case: Path) -> dict[str, str]:
    """The worst answer under each name."""
    order = (outside.HOLDS, outside.UNKNOWN, outside.FAILS)
    found: dict[str, str] = {}
    for name, answer, _ in outside.check(str(case)):
        found[name] = max(found.get(name, outside.HOLDS), answer, key=order.index)
    return found


def papers(case: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Another result.json, with every digest and the table of totals made to fit."""
    result = json.loads((case / "out/result.json").read_bytes())
    change(result)
    refit(case, "out/result.json", json.dumps(result).encode())


def without(case: Path, *names: str) -> None:
    """Papers taken out, with the manifest and the journal made to fit."""
    listed = case / "out/manifest.json"
    before = hashlib.sha256(listed.read_bytes()).hexdigest()
    said = json.loads(listed.read_bytes())
    said["files"] = [row for row in said["files"] if row["name"] not in names]
    for name in names:
        (case / "out" / name).unlink()
    listed.write_bytes(json.dumps(said).encode())
    after = hashlib.sha256(listed.read_bytes()).hexdigest()

    def change(entry: dict[str, Any]) -> None:
        if entry["body"].get("manifest") == before:
            entry["body"]["manifest"] = after

    rechained(case, change)


def test_papers_without_a_trace_could_not_be_checked(case: Path) -> None:
    def change(entry: dict[str, Any]) -> None:
        entry["body"].get("sealed", {}).pop("derived/trace", None)

    shutil.rmtree(case / "derived/trace")
    rechained(case, change)
    assert answers(case)["figures"] == outside.UNKNOWN
    assert outside.main([str(case)]) != 0


def test_papers_without_their_figures_could_not_be_checked(case: Path) -> None:
    without(case, "result.json")
    assert answers(case)["result.json"] == outside.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [20000000000, 20000000000.9, "2_0000000000", " 20000000000", "+20000000000", "020000000000", "２0000000000"],
)
def test_a_figure_is_a_text_of_digits_and_nothing_else(text: Any, case: Path) -> None:
    papers(case, lambda result: result["offramps"][0].update(amount=text))
    assert "result.json" in wrong(case) or wrong(case) == ["case"]


@pytest.mark.parametrize(
    "text", [80000000000, 8e10, "8_0000000000", " 80000000000", "-1", True, None, "８0000000000"]
)
def test_an_amount_of_a_movement_is_a_text_of_digits_and_nothing_else(text: Any, case: Path) -> None:
    def change(lines: list[dict[str, Any]]) -> None:
        next(line for line in lines if "move" in line and line["move"][3] == "80000000000")["move"][3] = text

    legs_of(case, change)
    with pytest.raises(outside.Broken, match=r"legs\.jsonl"):
        outside.Legs((case / "derived/trace/legs.jsonl").read_bytes())
    assert outside.main([str(case)]) == 3


@pytest.mark.parametrize(
    "line",
    [
        {"address": [0, "another", "", True, False, False]},
        {"address": [True, "another", "", True, False, False]},
        {"address": [900, "another", "", 1, False, False]},
        {"asset": "again", "model": "account"},
        {"spend": ["aa", "", [], []]},
        {"claim": ["L9", 5, None]},
        {"move": [900.5, 0, 1, "1", "transfer", "aa", None, None]},
        {"move": [2**40, 0, 1, "1", "transfer", "aa", None, None], "note": 1},
    ],
    ids=["twice", "truth", "one", "asset", "spend", "loss", "part", "key"],
)
def test_a_line_that_is_none_or_says_again_what_was_said_does_not_hold(line: dict[str, Any], case: Path) -> None:
    def change(lines: list[dict[str, Any]]) -> None:
        told = {"asset": lines[1]["asset"], "model": "account"} if "model" in line else line
        last = max(n for n, one in enumerate(lines) if "move" in one)
        lines.insert(last + 1, told)

    legs_of(case, change)
    assert outside.main([str(case)]) == 3


def test_a_row_that_nothing_computes_could_not_be_checked(case: Path) -> None:
    def change(result: dict[str, Any]) -> None:
        asset = result["answer"][0]["asset"]
        result["answer"].append({"to": "Another Exchange", "asset": asset, "amount": "999000000000"})
        result["answer"][1]["stake"] = "777"
        result["totals"].append(result["totals"][0] | {"figure": "traced in the end"})
        result["offramps"][0]["promised"] = "1"

    papers(case, change)
    told = " ".join(text for name, answer, text in outside.check(str(case)) if answer == outside.UNKNOWN)
    assert all(word in told for word in ("Another Exchange", "promised", "stake", "traced in the end")), told


@pytest.mark.parametrize(
    "change",
    [
        lambda result: result.update(conservation=[]),
        lambda result: result["answer"].append(result["answer"][0]),
        lambda result: result["answer"].remove(next(r for r in result["answer"] if not r["to"])),
        lambda result: result["answer"].remove(next(r for r in result["answer"] if r["to"] == "besides")),
        lambda result: next(r for r in result["answer"] if "stake" in r).update(stake="777"),
        lambda result: result["offramps"][0]["by_loss"].update(L1="1"),
        lambda result: next(r for r in result["totals"] if r["figure"] == "off-ramp amount").update(amount="1"),
        lambda result: next(r for r in result["totals"] if r["figure"].startswith("gaps ")).update(amount="1"),
    ],
    ids=["account", "twice", "sum", "besides", "stake", "by loss", "finding", "gap"],
)
def test_a_figure_of_the_papers_that_is_not_that_of_the_rest_is_named(
    change: Callable[[dict[str, Any]], Any], case: Path
) -> None:
    papers(case, change)
    assert "result.json" in wrong(case)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("totals.csv", b"20000000000", b"90000000000"),
        ("annex/movements.csv", b",40000000000", b",40000000001"),
        ("annex/findings.csv", b'""20000000000""', b'""20000000001""'),
        ("annex/routes.csv", b",20000000000,", b",20000000001,"),
    ],
)
def test_a_table_beside_the_papers_is_held_to_the_figures(name: str, old: bytes, new: bytes, case: Path) -> None:
    data = (case / "out" / name).read_bytes()
    assert old in data
    refit(case, "out/" + name, data.replace(old, new, 1))
    assert wrong(case) == ["out/" + name]


def appended(case: Path, kind: str, body: dict[str, Any]) -> None:
    entry = json.loads((case / "journal.jsonl").read_bytes().splitlines()[-1])
    entry.update(n=entry["n"] + 1, kind=kind, body=body)
    with (case / "journal.jsonl").open("ab") as file:
        file.write(json.dumps(entry).encode() + b"\n")
    rechained(case, lambda entry: None)


def test_papers_older_than_the_settings_could_not_be_checked(case: Path) -> None:
    text = (case / "case.toml").read_text().replace('rule = "fifo"', 'rule = "lifo"')
    assert 'rule = "lifo"' in text
    (case / "case.toml").write_text(text)
    appended(case, "settings", {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()})
    found = answers(case)
    assert (found["papers"], found["declared"]) == (outside.UNKNOWN, outside.UNKNOWN)


def test_papers_that_name_no_head_do_not_hold(case: Path) -> None:
    papers(case, lambda result: result.pop("entries"))
    assert "out/result.json" in wrong(case)


def test_a_paper_that_was_issued_and_is_not_here_is_named(case: Path) -> None:
    row = {"name": "a.pdf", "sha256": "0" * 64, "exhibit": 1}
    appended(case, "letter", {"act": "issue", "id": "A1", "files": [row]})
    assert answers(case)["issued/a.pdf"] == outside.FAILS


def test_an_exhibit_lies_at_a_place_that_there_is(case: Path) -> None:
    def change(entry: dict[str, Any]) -> None:
        if entry["kind"] == "exhibit" and entry["body"]["number"] == 1:
            entry["body"]["offset"] = -1

    rechained(case, change)
    found = answers(case)
    assert (found["exhibit 1"], "figures" in found) == (outside.FAILS, True)


def test_the_clerk_is_told_the_head_of_the_journal(bundle: Path) -> None:
    page = (bundle / "clerk.html").read_text()
    (bundle / "clerk.html").write_text(page.replace("<dd><code>", "<dd><code>f00d"))
    named = [
        text
        for name, answer, text in outside.check(str(bundle))
        if (name, answer) == ("clerk.html", outside.FAILS)
    ]
    assert any("not the page that the program makes" in text for text in named), named


def test_the_verifier_runs_no_file_of_the_bundle(bundle: Path) -> None:
    for name in ("json.py", "__future__.py", "csv.py"):
        (bundle / name).write_text("import sys\nprint('HOLDS')\nsys.exit(0)\n")
    done = subprocess.run([sys.executable, "recover-verify.py", "."], cwd=bundle, capture_output=True, check=False)
    assert (done.returncode, b"json.py" in done.stdout) == (3, True)


@pytest.mark.parametrize("by", ["CN=e", "CN=The High Court", "", "CN=Examiner of nobody,C=TH"])
def test_a_seal_names_whom_the_certificate_names_and_nobody_else(by: str, bundle: Path) -> None:
    found: outside.Found = []
    seal = bundle / "seal/manifest.json"
    made = (bundle / "seal/manifest.json.p7s").read_bytes()
    said = json.loads(seal.read_bytes())
    outside.check_signer(made, seal.read_bytes(), said | {"by": by}, found)
    assert [name for name, _, _ in found] == ["signature"]
    assert said["by"] == "CN=Examiner of nobody"


def test_a_name_is_written_as_certificates_have_it() -> None:
    assert outside.escaped('A, "B" \\ #') == 'A\\, \\"B\\" \\\\ #'
