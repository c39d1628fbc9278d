"""Sealing: signatures and stamps that plain tools check, bundles that open years later, and what is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.core.authority import PHRASE, authority, calendar, p12, served

from recover.case import open_for_reading
from recover.cli.main import main
from recover.sealing import recover_verify as outside

REFUSED, DAMAGED, GAPS = 2, 3, 5
OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = tmp_path_factory.mktemp("sealing") / "case"
    assert main(["demo", "--out", str(case), "--case", "daloia-shaped-example"]) == GAPS
    return case


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "case"))


def said(path: Path) -> dict[str, str]:
    """Name -> answer of the outside verifier; the worst where a name stands twice."""
    order = (outside.HOLDS, outside.UNKNOWN, outside.FAILS)
    found: dict[str, str] = {}
    for name, answer, _ in outside.check(str(path)):
        found[name] = max(found.get(name, outside.HOLDS), answer, key=order.index)
    return found


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, cwd=folder, capture_output=True, check=False)


@needs_openssl
@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_signed_seal_is_checked_by_the_lines_that_its_readme_prints(
    case: Path, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle"
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "p256" else None
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    own = p12(tmp_path / "own.p12", "Examiner of nobody", key)
    assert main(["seal", str(case), "--out", str(bundle), "--sign", str(own)]) == 0
    readme = (bundle / "README.txt").read_text()
    (line,) = [line.strip() for line in readme.splitlines() if line.strip().startswith("openssl cms")]
    assert run(*line.split(), folder=bundle).returncode == 0
    for sums in [line.split() for line in readme.splitlines() if line.strip().startswith("sha")]:
        assert run(*sums, folder=bundle).returncode == 0, sums
    assert run(sys.executable, "recover-verify.py", ".", folder=bundle).returncode == 0
    assert said(bundle)["signature"] == outside.HOLDS
    seal = bundle / "seal/manifest.json"
    seal.write_bytes(seal.read_bytes().replace(b'"seal":1', b'"seal":1 '))
    assert run(*line.split(), folder=bundle).returncode != 0
    assert said(bundle)["signature"] == outside.FAILS


@needs_openssl
def test_stamps_are_asked_for_and_checked_by_the_lines_that_the_readme_prints(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, settings = tmp_path / "bundle", tmp_path / "recover.toml"
    monkeypatch.setenv("RECOVER_CONFIG", str(settings))
    with served(authority(tmp_path / "tsa")) as url, served(calendar) as promised:
        settings.write_text(f'[seal]\ncalendars = ["{promised}"]\n')
        assert main(["seal", str(case), "--out", str(bundle), "--tsa", url, "--ots"]) == 0
    assert "PENDING" in capsys.readouterr().out
    line = "openssl ts -verify -data seal/manifest.json -in seal/manifest.json.tsr -CAfile AUTHORITY.pem"
    assert line in (bundle / "README.txt").read_text()
    words = line.replace("AUTHORITY.pem", str(tmp_path / "tsa/tsa.pem")).split()
    assert run(*words, folder=bundle).returncode == 0
    found = {name: (answer, detail) for name, answer, detail in outside.check(str(bundle))}
    assert found["time stamp"][0] == outside.HOLDS
    assert "PENDING" in found["seal/manifest.json.ots"][1]
    stamp = bundle / "seal/manifest.json.tsr"
    stamp.write_bytes(stamp.read_bytes()[:-3] + b"abc")
    assert said(bundle)["time stamp"] == outside.FAILS


def test_nothing_is_sealed_where_an_authority_gives_no_stamp(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for answer in (b"", b"\x30\x03\x02\x01\x00", b"x" * 50):
        with served(lambda _, answer=answer: answer) as url:  # type: ignore[misc]
            assert main(["seal", str(case), "--out", str(tmp_path / "bundle"), "--tsa", url]) == REFUSED
        assert "stamp-unusable" in capsys.readouterr().err
    assert main(["seal", str(case), "--out", str(tmp_path / "bundle"), "--ots"]) == REFUSED
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case"]


def test_a_certificate_is_applied_only_where_its_holder_answers(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = p12(tmp_path / "own.p12", "Examiner of nobody", ec.generate_private_key(ec.SECP256R1()))
    for typed, code in (("", "phrase-missing"), ("another\n", "certificate-closed")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert main(["seal", str(case), "--out", str(tmp_path / "bundle"), "--sign", str(own)]) == REFUSED
        assert code in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_bundle_opens_to_the_case_that_was_sealed(case: Path, name: str, tmp_path: Path) -> None:
    (case / "private/identities.txt").write_text("A. Victim\n")
    assert main(["run", str(case)]) == GAPS
    before = open_for_reading(case).head
    assert main(["seal", str(case), "--out", str(tmp_path / name)]) == 0
    back = tmp_path / "back"
    assert main(["open", str(back), "--bundle", str(tmp_path / name)]) == 0
    assert open_for_reading(back).head == before
    assert not (back / "private/identities.txt").exists()
    assert said(back).get("figures") == outside.HOLDS
    assert main(["open", str(back), "--bundle", str(tmp_path / name)]) == REFUSED, "nothing is replaced"


def test_a_case_that_does_not_hold_is_not_sealed(case: Path, tmp_path: Path) -> None:
    (case / "out/report.html").write_text("another figure")
    assert main(["seal", str(case), "--out", str(tmp_path / "bundle")]) == DAMAGED
    assert not (tmp_path / "bundle").exists()


def zipped(path: Path, *rows: tuple[str, bytes, int]) -> Path:
    """An archive of files by name, content and mode."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in rows:
            one = zipfile.ZipInfo(name)
            one.external_attr, one.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(one, data)
    return path


BAG = ("bagit.txt", b"BagIt-Version: 1.0\n", 0o100644)


@pytest.mark.parametrize(
    "row",
    [
        ("../escaped", b"x", 0o100644),
        ("/escaped", b"x", 0o100644),
        ("data/../../escaped", b"x", 0o100644),
        ("data\\..\\escaped", b"x", 0o100644),
        ("c:/escaped", b"x", 0o100644),
        ("data/case/journal.jsonl", b"/etc/passwd", 0o120777),
        ("data/case/bomb", bytes(30 * 2**20), 0o100644),
    ],
    ids=["up", "root", "inside", "backslash", "drive", "link", "bomb"],
)
def test_an_archive_that_leads_elsewhere_or_swells_is_refused(
    row: tuple[str, bytes, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    archive = zipped(tmp_path / "in/bundle.zip", BAG, row)
    assert main(["open", str(tmp_path / "in/case"), "--bundle", str(archive)]) == DAMAGED
    assert "bundle-broken" in capsys.readouterr().err
    assert [p.name for p in tmp_path.rglob("*")] == ["in", "bundle.zip"]


def test_a_folder_with_a_link_is_refused(case: Path, tmp_path: Path) -> None:
    assert main(["seal", str(case), "--out", str(tmp_path / "bundle")]) == 0
    os.symlink("/etc/passwd", tmp_path / "bundle/data/case/out/passwd")
    assert main(["open", str(tmp_path / "back"), "--bundle", str(tmp_path / "bundle")]) == DAMAGED
    assert not (tmp_path / "back").exists()


def test_a_signed_paper_is_an_exhibit_and_the_paper_stays(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    own = p12(tmp_path / "own.p12", "Examiner of nobody")
    paper = case / "out/report.pdf"
    before = paper.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    capsys.readouterr()
    assert main(["sign", str(paper), "--with", str(own), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    data = Path(done["file"]).read_bytes()
    assert (paper.read_bytes(), data[: len(before)]) == (before, before), "a signature is an addition"
    (field,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    status = validate_pdf_signature(
        field, ValidationContext(trust_roots=[field.signer_cert], allow_fetching=False)
    )
    assert (status.intact, status.valid) == (True, True)
    exhibit = open_for_reading(case).exhibits()[-1]
    assert (exhibit.digest, exhibit.method) == (done["sha256"], "signed")
    assert outside.FAILS not in said(case).values()
    Path(done["file"]).write_bytes(data.replace(b"/Type", b"/type", 1))
    assert said(case)[f"issued/{Path(done['file']).name}"] == outside.FAILS
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    paper.write_bytes(before + b" ")
    assert main(["sign", str(paper), "--with", str(own)]) == DAMAGED, "not the paper that was written"


def test_the_verifier_is_one_file_that_runs_alone(case: Path, tmp_path: Path) -> None:
    file = tmp_path / "verifier.py"
    assert main(["verifier", "--out", str(file)]) == 0
    assert main(["verifier", "--out", str(file)]) == REFUSED
    done = run(sys.executable, "-I", "-S", str(file), str(case), folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert run(sys.executable, "-I", "-S", str(file), str(tmp_path), folder=tmp_path).returncode == DAMAGED
    assert run(sys.executable, "-I", "-S", str(file), folder=tmp_path).returncode == 2


OLDER = Path(__file__).parent / "older/bundle-0.1.0.zip"
"""A bundle as version 0.1.0 made it: never made again, since what it shows is that it stays what it was."""


def test_a_bundle_of_an_earlier_version_holds_by_the_verifier_inside_it_and_by_ours(tmp_path: Path) -> None:
    with zipfile.ZipFile(OLDER) as archive:
        archive.extractall(tmp_path / "bundle")
    inside = run(sys.executable, "-I", "-S", "recover-verify.py", ".", folder=tmp_path / "bundle")
    assert inside.returncode == 0, inside.stdout
    assert outside.FAILS not in said(OLDER).values()
    assert main(["open", str(tmp_path / "case"), "--bundle", str(OLDER)]) == 0
    # Made again by this program it holds, or it was made by another version and nothing can be said.
    assert main(["verify", str(tmp_path / "case")]) in (0, GAPS, 6)
