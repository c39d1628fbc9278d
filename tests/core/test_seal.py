"""Sealing: signatures and stamps that plain tools check, bundles that open years later, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.core.authority import PHRASE, authority, calendar, p12, served
from tests.core.test_tamper import refit

from recover.case import open_for_reading
from recover.cli.main import main
from recover.sdk.errors import Error
from recover.sealing import certificates
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
@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521"])
def test_a_signed_seal_is_checked_by_the_lines_that_its_readme_prints(
    case: Path, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle"
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    key = ec.generate_private_key(curves[kind]) if kind in curves else None
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    own = p12(tmp_path / "own.p12", "Examiner of nobody", key)
    assert main(["seal", str(case), "--out", str(bundle), "--sign", str(own)]) == 0
    readme = (bundle / "README.txt").read_text()
    line, whose = [line.strip() for line in readme.splitlines() if line.strip().startswith("openssl cms")]
    assert run(*line.split(), folder=bundle).returncode == 0
    root = tmp_path / "root.pem"
    forms = certificates.library("cryptography.hazmat.primitives.serialization")
    root.write_bytes(certificates.identity(own, PHRASE).certificate.public_bytes(forms.Encoding.PEM))
    whose = whose.replace("ABOVE.pem", str(root))
    assert run(*whose.split(), folder=bundle).returncode == 0
    for sums in [line.split() for line in readme.splitlines() if line.strip().startswith("sha")]:
        assert run(*sums, folder=bundle).returncode == 0, sums
    assert run(sys.executable, "recover-verify.py", ".", folder=bundle).returncode == 0
    assert said(bundle)["signature"] == outside.HOLDS
    seal = bundle / "seal/manifest.json"
    seal.write_bytes(seal.read_bytes().replace(b'"seal":2', b'"seal":2 '))
    assert run(*line.split(), folder=bundle).returncode != 0
    assert said(bundle)["signature"] == outside.FAILS


CHAIN = """
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out ROOT.pem -days 900 -subj /CN=Root
openssl req -newkey rsa:2048 -nodes -keyout mid.key -out mid.csr -subj /CN=Between
openssl x509 -req -in mid.csr -CA ROOT.pem -CAkey root.key -CAcreateserial -out BETWEEN.pem -days 900 -extfile ca
openssl req -newkey NEW -nodes -keyout own.key -out own.csr -subj /CN=Signer
openssl x509 -req -in own.csr -CA BETWEEN.pem -CAkey mid.key -CAcreateserial -out own.pem -days 900 -extfile eku
openssl pkcs12 -export -in own.pem -inkey own.key -out own.p12 -passout pass:PHRASE
"""


@needs_openssl
@pytest.mark.parametrize("new", ["rsa:2048", "rsa-pss"])
def test_the_lines_that_say_whose_a_seal_is_take_certificates_for_documents_and_chains(
    new: str, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9336 for its purpose, RFC 4055 for the key that signs by PSS alone; years later by -attime."""
    (tmp_path / "ca").write_text("basicConstraints=critical,CA:TRUE\n")
    (tmp_path / "eku").write_text("extendedKeyUsage=1.3.6.1.5.5.7.3.36\nkeyUsage=critical,digitalSignature\n")
    for line in CHAIN.replace("NEW", new).strip().splitlines():
        words = [word.replace("PHRASE", PHRASE) for word in line.split()]
        done = run(*words, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    bundle, own = tmp_path / "bundle", tmp_path / "own.p12"
    assert main(["seal", str(case), "--out", str(bundle), "--sign", str(own)]) == 0
    assert outside.main([str(bundle)]) == 0
    readme = (bundle / "README.txt").read_text()
    lines = [line.strip().split() for line in readme.splitlines() if line.strip().startswith("openssl cms")]
    above = tmp_path / "above.pem"
    above.write_bytes(b"".join((tmp_path / name).read_bytes() for name in ("BETWEEN.pem", "ROOT.pem")))
    lines[1][lines[1].index("ABOVE.pem")] = str(above)
    for words in lines:
        assert run(*words, folder=bundle).returncode == 0, words
    now = datetime.now(UTC)
    later = [str(int((now + timedelta(days=days)).timestamp())) for days in (4000, 1)]
    assert [run(*lines[1], "-attime", when, folder=bundle).returncode == 0 for when in later] == [False, True]


def test_a_certificate_that_no_verifier_would_take_seals_nothing(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    who = certificates.identity(p12(tmp_path / "a.p12", "A", ec.generate_private_key(ec.SECP256R1())), PHRASE)
    now = datetime.now(UTC)
    certificates.sealable(who, now)
    for other, when in (
        (replace(who, name=""), now),
        (who, now - timedelta(days=9)),
        (who, now + timedelta(days=9999)),
    ):
        with pytest.raises(Error, match="certificate"):
            certificates.sealable(other, when)
    own = p12(tmp_path / "k.p12", "K", ec.generate_private_key(ec.SECP256K1()))
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PHRASE}\n"))
    assert main(["seal", str(case), "--out", str(tmp_path / "bundle"), "--sign", str(own)]) == REFUSED
    assert "certificate-unfit" in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()


SIGNED = {
    "pss": (("-newkey", "rsa:2048"), ("-keyopt", "rsa_padding_mode:pss"), outside.HOLDS),
    "pss-salt": (
        ("-newkey", "rsa:2048"),
        ("-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"),
        outside.HOLDS,
    ),
    "pss-sha512": (("-newkey", "rsa:3072"), ("-keyopt", "rsa_padding_mode:pss", "-md", "sha512"), outside.HOLDS),
    "p384-sha512": (("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"), ("-md", "sha512"), outside.HOLDS),
    "brainpool": (("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"), (), outside.UNKNOWN),
}


@needs_openssl
@pytest.mark.parametrize("kind", SIGNED)
def test_signatures_of_other_makers_are_computed_or_plainly_unknown(kind: str, tmp_path: Path) -> None:
    new, how, answer = SIGNED[kind]
    data = tmp_path / "manifest.json"
    data.write_bytes(b'{"seal":1}\n')
    subject = ("-subj", "/CN=Nobody", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-days", "9")
    assert run("openssl", "req", "-x509", *new, *subject, folder=tmp_path).returncode == 0
    signing = ("-binary", "-in", "manifest.json", "-signer", "c.pem", "-inkey", "k.pem", *how)
    made = run("openssl", "cms", "-sign", *signing, "-outform", "DER", "-out", "s.p7s", folder=tmp_path)
    assert made.returncode == 0, made.stderr

    def said(signature: bytes, manifest: bytes) -> str:
        try:
            outside.check_signature(signature, manifest)
        except outside.Broken:
            return outside.FAILS
        except outside.Unread:
            return outside.UNKNOWN
        return outside.HOLDS

    signature = (tmp_path / "s.p7s").read_bytes()
    assert said(signature, data.read_bytes()) == answer
    assert said(signature, data.read_bytes() + b" ") == outside.FAILS
    if answer == outside.HOLDS:
        assert (
            said(signature[:-9] + bytes([signature[-9] ^ 1]) + signature[-8:], data.read_bytes()) == outside.FAILS
        )


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


OLDER = [Path(__file__).parent / f"older/bundle-0.1.0{more}.zip" for more in ("", "-papers")]
"""Bundles as two earlier commits of version 0.1.0 made them, the second with papers: never made again, since what
they show is that they stay what they were."""


@pytest.mark.parametrize("older", OLDER, ids=["signed", "papers"])
def test_a_bundle_of_an_earlier_version_holds_by_the_verifier_inside_it_and_by_ours_or_is_not_comparable(
    older: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(older) as archive:
        archive.extractall(tmp_path / "bundle")
    own = (tmp_path / "bundle/recover-verify.py").read_bytes()
    assert own != Path(outside.__file__).read_bytes(), "it has the verifier of its own time"
    inside = run(sys.executable, "-I", "-S", "recover-verify.py", ".", folder=tmp_path / "bundle")
    assert inside.returncode == 0, inside.stdout
    answers = said(older)
    assert outside.FAILS not in answers.values()
    assert answers["figures"] == answers["seal"] == answers["exhibits"] == outside.HOLDS
    # Papers of that time state less of page 1: that is not comparable, and not wrong.
    assert answers.get("result.json") == (outside.UNKNOWN if older is OLDER[1] else None)
    assert outside.main([str(older)]) == (6 if older is OLDER[1] else 0)
    assert main(["open", str(tmp_path / "case"), "--bundle", str(older)]) in (0, GAPS)
    # Made again by this program it holds, or it was made by another version and nothing can be said.
    assert main(["verify", str(tmp_path / "case")]) in (0, GAPS, 6)


@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        ("derived/trace/legs.jsonl", b'"version":3', b'"version":4', "figures"),
        ("out/result.json", b'"format":"%s"' % outside.RESULT.encode(), b'"format":"99"', "result.json"),
    ],
    ids=["legs", "result"],
)
def test_a_file_of_another_version_could_not_be_checked(
    name: str, old: bytes, new: bytes, what: str, case: Path
) -> None:
    data = (case / name).read_bytes()
    assert old in data
    refit(case, name, data.replace(old, new, 1))
    answers = said(case)
    assert (answers[what], outside.FAILS in answers.values()) == (outside.UNKNOWN, False)
    assert outside.main([str(case)]) == 6


def test_a_seal_of_another_version_could_not_be_checked_and_is_not_opened(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "bundle"
    assert main(["seal", str(case), "--out", str(bundle)]) == 0
    seal = bundle / "seal/manifest.json"
    before = seal.read_bytes()
    seal.write_bytes(before.replace(b'"seal":2', b'"seal":3'))
    for kind in ("sha256", "sha512"):
        tags = bundle / f"tagmanifest-{kind}.txt"
        old, new = (hashlib.new(kind, data).hexdigest() for data in (before, seal.read_bytes()))
        tags.write_text(tags.read_text().replace(old, new))
    assert outside.main([str(bundle)]) == 6
    assert main(["open", str(tmp_path / "back"), "--bundle", str(bundle)]) == 6
    assert "bundle-version" in capsys.readouterr().err
    assert not (tmp_path / "back").exists()
