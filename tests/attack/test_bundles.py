"""A bundle that contradicts itself, sealed anew with every digest made to fit: the outside verifier names each.

As an opposing expert tries it, with a bundle and Python: the forgeries are made in memory, on two made bundles.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attack.forging import CASE, JOURNAL, LEGS, RESULT, SEAL, Bundle, digest
from tests.core.authority import PHRASE, authority, p12

from recover.cli.main import main
from recover.sealing import certificates
from recover.sealing import recover_verify as outside

GAPS, DAMAGED, APART = 5, 3, 6
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bundles, one signed; the key of the signature, and one of the same name."""
    made = tmp_path_factory.mktemp("bundles")
    for name, case in (("account", "daloia-shaped-example"), ("coins", "bitcoin-first-payments-example")):
        assert main(["demo", "--out", str(made / f"{name}-case"), "--case", case]) == GAPS
        assert main(["seal", str(made / f"{name}-case"), "--out", str(made / name)]) == 0
    own = [p12(made / f"{name}.p12", "Expert A") for name in ("own", "twin")]
    before, sys.stdin = sys.stdin, io.StringIO(f"{PHRASE}\n")
    try:
        assert (
            main(["seal", str(made / "account-case"), "--out", str(made / "signed"), "--sign", str(own[0])]) == 0
        )
    finally:
        sys.stdin = before
    return made


@pytest.fixture
def account(folder: Path) -> Bundle:
    return Bundle.at(folder / "account")


@pytest.fixture
def coins(folder: Path) -> Bundle:
    return Bundle.at(folder / "coins")


@pytest.fixture
def signed(folder: Path) -> Bundle:
    return Bundle.at(folder / "signed")


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


def test_the_pages_values_are_written_as_the_program_writes_them(folder: Path, tmp_path: Path) -> None:
    assert digest(Path(outside.__file__).with_name("clerk.html").read_bytes()) in outside.CLERK


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
def test_signatures_of_other_forms_and_of_others_are_named(folder: Path, signed: Bundle, tmp_path: Path) -> None:
    own, twin = (
        pem(tmp_path, certificates.identity(folder / f"{name}.p12", PHRASE), name) for name in ("own", "twin")
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


# legs.jsonl beside the bytes of its transactions, the settings, and itself.


def spend(rows: list[Any], tx: str) -> list[Any]:
    found: list[Any] = next(row["spend"] for row in rows if "spend" in row and row["spend"][0].startswith(tx))
    return found


def times(rows: list[Any]) -> None:
    for row in rows:
        for out in row["spend"][3] if "spend" in row else ():
            out[3] = "2019-01-01T00:00:00.000000Z"


def again(rows: list[Any]) -> None:
    """The whole of a transaction a second time."""
    at = max(n for n, row in enumerate(rows) if "spend" in row)
    tx, _, _, outs = spend(rows, "f4184")
    twice = [[9000 + n, *out[1:]] for n, out in enumerate(outs)]
    rows.insert(at + 1, {"spend": [tx, "", [[None, None, "5000000000"]], twice]})


BYTES: dict[str, Callable[[Any], Any]] = {
    "an input left out": lambda rows: spend(rows, "828ef").__setitem__(2, [[None, None, "2800000000"]]),
    "an input's owner alone": lambda rows: spend(rows, "828ef").__setitem__(2, [[None, 29, "2800000000"]]),
    "an input more": lambda rows: spend(rows, "828ef")[2].append([None, None, "500000000"]),
    "an output left out": lambda rows: spend(rows, "f4184")[3].pop(0),
    "an output twice": lambda rows: (
        spend(rows, "f4184")[3].append([9999, *spend(rows, "f4184")[3][0][1:]])
        or spend(rows, "f4184")[2].append([None, None, "1000000000"])
    ),
    "nobody as receiver": lambda rows: spend(rows, "f4184")[3][0].__setitem__(1, None),
    "another receiver": lambda rows: spend(rows, "f4184")[3][0].__setitem__(1, 2),
    "another amount": lambda rows: spend(rows, "f4184")[3][0].__setitem__(2, "999999999"),
    "outputs in another order": lambda rows: spend(rows, "f4184")[3].reverse(),
    "times": times,
    "the transaction again": again,
}


@pytest.mark.parametrize("what", BYTES)
def test_a_transaction_that_is_not_what_its_bytes_say_is_named(what: str, coins: Bundle) -> None:
    coins.legs(BYTES[what])
    assert "proof" in coins.fitted().named(), coins.found()


def test_an_output_is_spent_after_it_is_made_and_for_what_it_is(coins: Bundle) -> None:
    rows = [json.loads(line) for line in coins.files[LEGS].splitlines()]
    at = [n for n, row in enumerate(rows) if "spend" in row]
    turned = [*rows[: at[0]], *rows[at[0] : at[-1] + 1][::-1], *rows[at[-1] + 1 :]]
    with pytest.raises(outside.Broken, match="above its own"):
        outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in turned))
    spend(rows, "828ef")[2][0][2] = "2900000000"
    with pytest.raises(outside.Broken, match="another amount or owner"):
        outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def turned(rows: list[Any]) -> None:
    """All movements in the reverse order, with their true times beside them."""
    at = [n for n, row in enumerate(rows) if "move" in row]
    moves = [rows[n]["move"] for n in at]
    seqs = {move[0]: seq for move, seq in zip(moves[::-1], [move[0] for move in moves], strict=True)}
    for n, move in zip(at, [[seqs[m[0]], *m[1:]] for m in moves[::-1]], strict=True):
        rows[n] = {"move": move}
    for row in rows:
        if "claim" in row:
            row["claim"][1] = seqs[row["claim"][1]]


def test_movements_against_their_times_could_not_be_checked(account: Bundle) -> None:
    account.legs(turned)
    assert "order" in account.fitted().named(outside.UNKNOWN)
    with pytest.raises(outside.Broken, match="no moment"):
        account.legs(lambda rows: next(r for r in rows if "move" in r)["move"].__setitem__(6, "1999-13-45"))


@pytest.mark.parametrize("amount", ["1", "119999999999", None])
def test_a_loss_claims_what_was_declared(amount: str | None, account: Bundle) -> None:
    def change(rows: list[Any]) -> None:
        if amount is None:
            rows[0]["losses"][0]["amount"] = None
        claim = next(row["claim"] for row in rows if "claim" in row)
        claim[2] = amount or "1"

    account.legs(change)
    assert "claims" in account.fitted().named()


def by_address(rows: list[Any], address: str, *claims: list[Any]) -> outside.Found:
    """What is said of the claims of a loss at an address."""
    rows[0]["losses"][0] |= {"address": address, "tx": None, "amount": None, "output": None}
    at = min(n for n, row in enumerate(rows) if "claim" in row)
    rows[:] = [row for row in rows if not set(row) & {"claim", "end", "arrival", "flow"}]
    rows[at:at] = [{"claim": claim} for claim in claims]
    found: outside.Found = []
    outside.check_claims(outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in rows)), found)
    return found


def test_a_loss_by_address_claims_whole_payments_to_it_and_no_other(account: Bundle, coins: Bundle) -> None:
    key = "pk(0411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3)"  # noqa: E501
    mine = [["L1", 19, None]]

    def of(bundle: Bundle, address: str, *claims: list[Any]) -> set[str]:
        rows = [json.loads(line) for line in bundle.files[LEGS].splitlines()]
        return {answer for _, answer, _ in by_address(rows, address, *claims)}

    assert of(coins, key, *mine) == set()
    assert of(coins, "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S", *mine) == set(), "the same key, as an address"
    assert of(coins, "1BitcoinEaterAddressDontSendf59kuE", *mine) == {outside.FAILS}
    assert of(coins, key, *mine, ["L1", 343, None]) == {outside.FAILS}
    assert of(coins, key, *mine, ["L1", 343, "1000000000"]) == {outside.FAILS}
    assert of(coins, key) == {outside.FAILS}, "a payment to it is left out"
    victim = "TWpxp8gWfioKvKXGrqPQGHXW7xnAW7YCGe"
    paid = [["L1", seq, None] for seq in (0, 5, 6)]
    assert of(account, victim, *paid) == set()
    assert of(account, victim, *paid[1:], ["L1", 0, "1000000"]) == {outside.FAILS}


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ('rule = "fifo"', 'note2 = """\nrule = "fifo"\n"""\nrule = "lifo"', outside.UNKNOWN),
        ("[parameters]", '[["loss"]]\nid = "L2"\nchain = "tron:0x2b6653dc"\naddress = "TW"\n', outside.FAILS),
        ('rule = "fifo"', "rule = 'lifo'", outside.FAILS),
        ('rule = "fifo"', 'rule = "fi\\u0066o" # as before', outside.HOLDS),
        ("[[loss]]", "[[ loss ]]", outside.HOLDS),
    ],
    ids=["several lines", "quoted", "literal", "escaped", "spaced"],
)
def test_settings_are_read_as_toml_has_them(old: str, new: str, answer: str, account: Bundle) -> None:
    def change(entries: list[Any]) -> None:
        last = [entry for entry in entries if entry["kind"] == "settings"][-1]
        assert old in last["body"]["text"]
        last["body"]["text"] = last["body"]["text"].replace(old, new)

    account.entries(change)
    told = account.fitted().found()
    order = (outside.HOLDS, outside.UNKNOWN, outside.FAILS)
    assert max((a for name, a, _ in told if name.startswith("declared")), key=order.index) == answer, told


@pytest.mark.parametrize("case", ["account", "coins"])
def test_settings_are_read_as_python_reads_them(case: str, folder: Path) -> None:
    import tomllib

    text = (folder / f"{case}-case/case.toml").read_text()
    due = tomllib.loads(text)
    mine = outside.Toml(text).whole
    assert outside.moment(mine.pop("opened")) == due.pop("opened")
    assert mine == due


# The journal and what it acknowledges.


def test_an_exhibit_on_which_papers_rest_cannot_be_taken_out(account: Bundle) -> None:
    gone = digest(gzip.decompress(account.files[CASE + "exhibits/0002.warc.gz"]))
    del account.files[CASE + "exhibits/0002.warc.gz"]
    for name in [name for name in account.files if "labels-csv" in name]:
        del account.files[name]
    account.entries(
        lambda entries: [
            entry
            for entry in entries
            if not (entry["kind"] == "exhibit" and entry["body"]["number"] == 2)
            and not (entry["kind"] == "decoded" and "labels-csv" in str(entry["body"]))
        ]
    )
    entries = [json.loads(line) for line in account.files[JOURNAL].splitlines()]
    head = outside.head_of(entries)
    account.files[RESULT] = account.files[RESULT].replace(b'"entries":"8"', b'"entries":"%d"' % (head[1] - 2))
    assert gone
    assert "result.json" in account.fitted().named()


def test_a_kind_that_the_format_does_not_have_could_not_be_checked(account: Bundle) -> None:
    account.entries(lambda entries: [*entries, entries[-1] | {"kind": "nonsense", "body": {"x": 1}}])
    assert "journal" in account.fitted().named(outside.UNKNOWN)


def test_every_kind_that_the_program_writes_is_known() -> None:
    from recover.case import journal, returnable

    assert set(journal.INPUTS) == outside.INPUTS
    assert set(returnable.NEEDED) <= outside.KINDS


@pytest.mark.parametrize("value", [True, "2", 0, None])
def test_the_format_of_a_case_is_a_number(value: Any, account: Bundle) -> None:
    account.entries(lambda entries: entries[0]["body"].update(format=value))
    assert "journal" in account.fitted().named()


def stored(*records: tuple[bytes, bytes, bytes]) -> bytes:
    made = b""
    for kind, length, data in records:
        head = b"WARC/1.1\r\nWARC-Type: %s\r\nWARC-Date: 2026-11-29T10:38:28Z\r\nWARC-Target-URI: x\r\n" % kind
        sums = b"sha256:" + digest(data).encode()
        head += b"Content-Length: %s\r\nWARC-Block-Digest: %s\r\nWARC-Payload-Digest: %s\r\n" % (
            length,
            sums,
            sums,
        )
        made += gzip.compress(head + b"\r\n" + data + b"\r\n\r\n", mtime=0)
    return made


def test_a_record_is_read_to_the_letter() -> None:
    whole = stored((b"resource", b"8", b"a,b\n1,2\n"))
    assert outside.content(whole, 8)[0] == b"a,b\n1,2\n"
    for forged in (
        stored((b"resource", b"+8", b"a,b\n1,2\n")),
        stored((b"resource", b"0_8", b"a,b\n1,2\n")),
        whole + stored((b"metadata", b"1", b"x")),
        whole + stored((b"conversion", b"1", b"x")),
        whole + whole,
        whole[:3] + b"\x08" + whole[4:10] + b"words\0" + whole[10:],
        gzip.compress(gzip.decompress(whole).replace(b"WARC-Date: 2026-11-29T10:38:28Z\r\n", b""), mtime=0),
    ):
        with pytest.raises(outside.Broken):
            outside.content(forged, 8)


# What another reader of an archive sees.


def packed(bundle: Bundle, path: Path, change: Callable[[zipfile.ZipInfo], Any] = lambda one: None) -> bytearray:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(bundle.files.items()):
            one = zipfile.ZipInfo("d/" + name)
            one.compress_type = zipfile.ZIP_DEFLATED
            change(one)
            archive.writestr(one, data)
    return bytearray(path.read_bytes())


def widened(data: bytearray, path: Path, name: str, more: bytes, local: bool) -> None:
    """Bytes behind the packed bytes of one member; `local`: its own header has them too."""
    with zipfile.ZipFile(path) as archive:
        (one,) = [one for one in archive.infolist() if one.filename == name]
        directory = archive.start_dir
    at = one.header_offset
    end = at + 30 + sum(struct.unpack_from("<HH", data, at + 26)) + one.compress_size
    if local:
        struct.pack_into("<I", data, at + 18, one.compress_size + len(more))
    data[end:end] = more
    place = directory + len(more)
    while data[place : place + 4] == b"PK\x01\x02":
        (offset,) = struct.unpack_from("<I", data, place + 42)
        if offset == at:
            struct.pack_into("<I", data, place + 20, one.compress_size + len(more))
        if offset > at:
            struct.pack_into("<I", data, place + 42, offset + len(more))
        place += 46 + sum(struct.unpack_from("<HHH", data, place + 28))
    struct.pack_into("<I", data, place + 16, directory + len(more))
    path.write_bytes(bytes(data))


def hidden(name: bytes, body: bytes) -> bytes:
    """A local record that no directory lists."""
    crc = zlib.crc32(body)
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 33, crc, len(body), len(body), len(name), 0)
    return head + name + body


def test_an_archive_shows_every_reader_the_same(account: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"

    def answer() -> int:
        return outside.main([str(path)])

    data = packed(account, path)
    assert answer() == 0
    report = f"d/{CASE}out/report.md"
    widened(bytearray(data), path, report, hidden(b"d/data/case/out/report.html", b"ANOTHER REPORT"), local=False)
    assert answer() == DAMAGED
    widened(bytearray(data), path, report, b"SECRET " * 100, local=True)
    assert answer() == DAMAGED
    for at, form, value in ((8, "<H", 0), (6, "<H", 2), (14, "<I", 7), (18, "<I", 7), (22, "<I", 7)):
        other = bytearray(data)
        struct.pack_into(form, other, 0 + at, value)
        path.write_bytes(bytes(other))
        assert answer() == DAMAGED, at
    upath = b"\x01" + bytes(4) + b"d/EVIL.txt"
    for change in (
        lambda one: setattr(one, "comment", b"THE COURT HAS SEEN THIS"),
        lambda one: setattr(one, "extra", b"\xfe\xca\x04\x00abcd"),
        lambda one: setattr(one, "extra", b"\x75\x70" + struct.pack("<H", len(upath)) + upath),
        lambda one: setattr(one, "external_attr", 0o010777 << 16),
    ):
        packed(account, path, change)
        assert answer() == DAMAGED
    packed(account, path, lambda one: setattr(one, "extra", b"UT\x05\x00\x03abcd"))
    assert answer() == 0, "times, as common packers add them"


def test_a_case_of_another_version_is_not_opened(account: Bundle, tmp_path: Path) -> None:
    changes: dict[str, Callable[[Bundle], Any]] = {
        "legs": lambda b: b.files.update({LEGS: b.files[LEGS].replace(b'"version":1', b'"version":2', 1)}),
        "case": lambda b: b.entries(lambda entries: entries[0]["body"].update(format=9)),
    }
    for name, change in changes.items():
        bundle = Bundle(account.files)
        change(bundle)
        for place, data in bundle.fitted().files.items():
            (tmp_path / name / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / place).write_bytes(data)
        assert main(["open", str(tmp_path / f"{name}-case"), "--bundle", str(tmp_path / name)]) == APART
        assert not (tmp_path / f"{name}-case").exists()
