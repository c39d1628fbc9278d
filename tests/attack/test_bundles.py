"""A bundle that contradicts itself, sealed anew with every digest made to fit: the outside verifier names each.

As an opposing expert tries it, with a bundle and Python: the forgeries are made in memory, on two made bundles.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attack.forging import CASE, SEAL, Bundle, digest
from tests.core.authority import PHRASE, authority

from recover.sealing import certificates
from recover.sealing import recover_verify as outside

GAPS, DAMAGED, APART = 5, 3, 6
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def test_what_is_made_to_fit_and_says_the_same_holds(account: Bundle, coins: Bundle, signed: Bundle) -> None:
    assert signed.answer() == outside.HOLDS
    for bundle in (account, coins):
        assert bundle.answer() == outside.HOLDS
        bundle.result(lambda result: None, columns=True)
        bundle.legs(lambda rows: None)
        assert bundle.fitted().answer() == outside.HOLDS


# What the papers say twice, or what stands in the journal.


def each(name: str, key: str, value: Any) -> Callable[[Any], None]:
    return lambda result: [row.update({key: value}) for row in result[name]]  # type: ignore[return-value]


def opposite(result: Any) -> None:
    """One row of ends, kept in sum by another that is below zero."""
    row = result["ends"][0]
    result["ends"].append(row | {"amount": "-100000000000"})
    row["amount"] = str(int(row["amount"]) + 100000000000)


def offset(result: Any) -> None:
    row = next(r for r in result["totals"] if (r["figure"], r["rule"]) == ("service traced", "fifo"))
    result["totals"].append(row | {"amount": "-480000000000"})
    row["amount"] = "500000000000"


def wallet(result: Any) -> None:
    for row in result["conservation"]:
        row.update({"arrived": "1", "passed_on": "77"} if row["kind"] == "account" else {})


def wallet_everywhere(result: Any) -> None:
    wallet(result)
    for finding in result["findings"]:
        finding["slots"].update({"arrived": "1", "passed_on": "77"} if finding["kind"] == "account" else {})


PAPERS: dict[str, Callable[[Any], Any]] = {
    "decimals of the assets": each("assets", "decimals", "3"),
    "decimals of the off-ramps": each("offramps", "decimals", "3"),
    "symbol": each("offramps", "symbol", "USDT"),
    "a declared loss": lambda r: r["case"]["losses"][0].update(amount="999000000000"),
    "an exhibit's digest": lambda r: r["exhibits"][0].update(digest="f" * 64),
    "an exhibit's size": lambda r: r["exhibits"][0].update(size="7"),
    "no exhibits": lambda r: r.update(exhibits=[]),
    "an exhibit that is not there": lambda r: r["findings"][0]["exhibits"].append("9"),
    "a declaration's time": lambda r: r["declaration"].update(time="2020-01-01T00:00:00Z"),
    "a declaration's entry": lambda r: r["declaration"].update(number="9"),
    "a declaration's rule": lambda r: r["declaration"].update(rule="lifo"),
    "a wallet's account": wallet,
    "a wallet's account and its finding": wallet_everywhere,
    "first": each("offramps", "first", "2001-01-01T00:00:00Z"),
    "last": each("offramps", "last", "2001-01-01T00:00:00Z"),
    "sweeps": each("offramps", "sweep_transactions", ["bogus"]),
    "address": each("offramps", "address", "TXXX"),
    "grade": each("offramps", "grade", "A"),
    "basis": each("offramps", "basis", "nothing"),
    "name of a service": each("offramps", "service_name", "The Defendant"),
    "a wallet more": lambda r: r["offramps"][0]["hot_wallets"].append("TXXXX"),
    "an asset that is none": each("offramps", "asset", "bogus"),
    "ends of a loss": lambda r: r["ends"][0].update(loss="L9"),
    "ends at an address": lambda r: r["ends"][0].update(address="TXXX"),
    "an end below zero": opposite,
    "totals that cancel out": offset,
    "a rule that is not declared": each("rules", "declared", "no"),
    "a rule left out": lambda r: r["rules"].pop(),
    "date": lambda r: r.update(date="1999-01-01T00:00:00Z"),
    "opened": lambda r: r["case"].update(opened="1998-01-01T00:00:00Z"),
    "examiner": lambda r: r["case"].update(examiner="Nobody"),
    "version": lambda r: r.update(version="9.9"),
    "plugins": lambda r: r.update(plugins=[]),
    "set aside": lambda r: r.update(set_aside=[{"number": "1", "reason": "x", "by": "y"}]),
    "withdrawn": lambda r: r.update(withdrawn={"": {}, "F3": {"x": "1"}}),
    "shares of edges": each("edges", "share", "1.0%"),
    "what passed at most": lambda r: r["gaps"][0]["affects"][0].__setitem__(1, "1"),
    "a service that got nothing": lambda r: r["answer"].append(
        {"asset": r["answer"][0]["asset"], "to": "Binance", "stake": "0"}
    ),
    "an asset that has nothing": lambda r: r["answer"].append(
        {"asset": "bogus", "to": "Kraken", "credited": "0", "share": "0.0%"}
    ),
}


@pytest.mark.parametrize("what", PAPERS)
def test_papers_that_say_something_else_than_they_are_made_of_are_named(what: str, account: Bundle) -> None:
    account.result(PAPERS[what], columns=True)
    assert any(name == "result.json" for name in account.fitted().named()), account.found()


def test_what_is_not_compared_is_said(account: Bundle) -> None:
    account.result(lambda r: r["sequences"].append({"made": "up"}))
    assert account.fitted().answer() == outside.HOLDS
    told = " ".join(detail for _, _, detail in account.found() if "NOT " in detail)
    words = ("decimals", "sequences", "routes", "what reports and letters print", "README.txt", "exhibits")
    assert all(word in told for word in words), told


def test_proofs_that_no_bytes_show_could_not_be_checked(account: Bundle) -> None:
    account.result(lambda r: r.update(proofs={"sealed": "32"}))
    assert "proof" in account.fitted().named(outside.UNKNOWN)


# Files that nothing vouches for.


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("seal/evil.txt", outside.FAILS),
        (CASE + "private/x.txt", outside.FAILS),
        (CASE + "private/hashlib.py", outside.FAILS),
        (CASE + "out/hashlib.py", outside.FAILS),
        ("data/hashlib.py", outside.FAILS),
        (CASE + "former/9/out/report.pdf", outside.UNKNOWN),
        (CASE + "aside/report.pdf", outside.UNKNOWN),
        (CASE + "issued/x.pdf", outside.UNKNOWN),
        (CASE + ".lock", outside.UNKNOWN),
        (CASE + "exhibits/0003.warc.gz", outside.UNKNOWN),
    ],
)
def test_a_file_that_nothing_vouches_for_is_named(name: str, answer: str, account: Bundle) -> None:
    account.files[name] = b"" if name.endswith(".gz") else b"x"
    assert any(name.endswith(one) for one in account.fitted().named(answer)), account.found()


@pytest.mark.parametrize(
    "name", ["README.txt", "data/versions.txt", "bagit.txt", "clerk.html", "recover-verify.py"]
)
def test_a_file_of_the_bundle_that_is_left_out_is_named(name: str, account: Bundle) -> None:
    del account.files[name]
    assert account.fitted().answer() == outside.FAILS


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bagit.txt", b"BagIt-Version: 9.9\nTag-File-Character-Encoding: UTF-16\n"),
        ("bag-info.txt", b"Payload-Oxum: 1.1\n"),
    ],
)
def test_what_a_bag_says_of_itself_is_held(name: str, data: bytes, account: Bundle) -> None:
    account.files[name] = data
    assert name in account.fitted().named()


def test_a_page_that_shows_the_clerk_another_head_is_named(account: Bundle) -> None:
    page = account.files["clerk.html"].decode()
    head = json.loads(account.files[SEAL])["head"]
    true = f"<dd><code>{head}</code></dd>"
    for forged in (
        page.replace("<h1>What this is", f"<!-- {true} --><h1>What this is").replace(
            f"sealed</dt>\n{true}", f"sealed</dt>\n<dd><code >{'ab' * 32}</code></dd>"
        ),
        page.replace("Demonstration", "The High Court"),
        page + "<p>Checked by the court.</p>",
    ):
        account.files["clerk.html"] = forged.encode()
        assert forged != page
        assert account.fitted().named() == {"clerk.html"}


def test_the_pages_values_are_written_as_the_program_writes_them(tmp_path: Path) -> None:
    assert digest(Path(outside.__file__).with_name("clerk.html").read_bytes()) in outside.CLERK.values()


# The seal, and what is put to it.


@pytest.mark.parametrize(
    "change",
    [
        lambda seal: seal.update(made="2019-01-01T00:00:00.000+00:00"),
        lambda seal: seal.update(made="the order of the High Court"),
        lambda seal: seal.update(by="CN=High Court"),
        lambda seal: seal.update(certificate="ab" * 32),
        lambda seal: seal.update(note="signed by all"),
        lambda seal: seal.update(put={}),
        lambda seal: seal.pop("put"),
        lambda seal: seal["put"].update(tsr=1),
    ],
    ids=["early", "words", "by", "certificate", "note", "nothing put", "no put", "one"],
)
def test_a_seal_that_says_what_is_not_so_is_named(change: Callable[[Any], Any], account: Bundle) -> None:
    assert account.fitted(change).answer() == outside.FAILS


def ran(*words: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, cwd=folder, capture_output=True, check=False)


def pem(folder: Path, who: certificates.Identity, name: str) -> list[str]:
    """Certificate and key of an identity as files, and the words that name them to openssl."""
    from cryptography.hazmat.primitives import serialization as forms

    (folder / f"{name}.pem").write_bytes(who.certificate.public_bytes(forms.Encoding.PEM))
    key = who.key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    (folder / f"{name}.key").write_bytes(key)
    return ["-signer", f"{name}.pem", "-inkey", f"{name}.key"]


@needs_openssl
def test_signatures_of_other_forms_and_of_others_are_named(sealed: Path, signed: Bundle, tmp_path: Path) -> None:
    own, twin = (
        pem(tmp_path, certificates.identity(sealed / f"{name}.p12", PHRASE), name) for name in ("own", "twin")
    )
    (tmp_path / "m").write_bytes(signed.files[SEAL])

    def made(*more: str) -> bytes:
        line = ("openssl", "cms", "-sign", "-binary", "-in", "m", *more, "-md", "sha256", "-outform", "DER")
        done = ran(*line, "-out", "s", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return (tmp_path / "s").read_bytes()

    two = made(*own, *twin)
    forged = {
        "": made(*own),
        "two signers": two,
        "a second that is broken": two[:-5] + bytes([two[-5] ^ 1]) + two[-4:],
        "the same name": made(*twin),
        "words behind it": made(*own) + b"hidden",
        "its content in it": made(*own, "-nodetach"),
        "no attributes": made(*own, "-noattr"),
        "no certificate": made(*own, "-nocerts"),
    }
    for what, data in forged.items():
        signed.files[SEAL + ".p7s"] = data
        assert signed.tagged().named() == ({"signature"} if what else set()), what


def anew(found: outside.Found) -> str:
    """What is said of who can seal this bundle anew; it is always said."""
    (told,) = [detail for name, _, detail in found if name == "seal" and outside.ANEW in detail]
    return told


@needs_openssl
def test_a_stamp_of_any_moment_and_one_that_somebody_added_are_named(
    signed: Bundle, account: Bundle, tmp_path: Path
) -> None:
    stamped = authority(tmp_path / "tsa")

    def stamp(bundle: Bundle) -> bytes:
        (tmp_path / "m").write_bytes(bundle.files[SEAL])
        assert ran("openssl", "ts", "-query", "-data", "m", "-sha256", "-cert", "-out", "q", folder=tmp_path)
        return stamped((tmp_path / "q").read_bytes())

    assert "SIGNED with a certificate that nobody here vouches for" in anew(signed.found())
    signed.files[SEAL + ".tsr"] = stamp(signed)
    assert signed.tagged().named() == {"time stamp"}, "the seal says that none was put"
    account.fitted(lambda seal: seal["put"].update(tsr=True))
    account.files[SEAL + ".tsr"] = stamp(account)
    assert account.tagged().named() == set()
    assert "NOT SIGNED, and stamped by an authority that nobody here vouches for" in anew(account.found())
    account.files[SEAL + ".tsr"] += b"x"
    assert account.tagged().named() == {"time stamp"}
    for made in ("2099-01-01T00:00:00.000+00:00",):  # the stamp is of today
        account.fitted(lambda seal, made=made: seal.update(made=made) or seal["put"].update(tsr=True))  # type: ignore[misc]
        account.files[SEAL + ".tsr"] = stamp(account)
        assert "time stamp" in account.tagged().named()


def test_an_added_proof_of_a_calendar_is_named(signed: Bundle) -> None:
    head = outside.OTS_HEAD + b"\x01\x08" + hashlib.sha256(signed.files[SEAL]).digest()
    attested = b"\x00" + bytes.fromhex("0588960d73d71901") + b"\x02\xaa\x01"
    signed.files[SEAL + ".ots"] = head + b"\xf0\x04abcd\x08" + attested
    assert signed.tagged().named() == {SEAL + ".ots"}


def test_a_proof_that_takes_long_to_follow_is_left() -> None:
    head = outside.OTS_HEAD + b"\x01\x08" + hashlib.sha256(b"m").digest()
    branch = b"\xff\x67\x00" + bytes.fromhex("83dfe30d2ef90c8e") + b"\x02\x01a"
    proof = head + b"\xf0\x80\x10" + bytes(2048) + branch * 2000 + b"\x00" + bytes(8) + b"\x00"
    assert outside.check_ots("x", proof, b"m")[1] == outside.UNKNOWN
