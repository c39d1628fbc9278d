"""What can spend is refused, whatever its form and wherever it stands; and no message shows what a line holds."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recover.sdk import Error, NotRecognised
from recover_wallet_discovery import lines, private
from recover_wallet_discovery.base58 import ALPHABET, payload

GOOD = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3Ef"
    "H1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
)
SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"  # a vector of BIP 39
KEYS = st.binary(min_size=32, max_size=32).filter(lambda raw: any(raw))


def check(body: bytes) -> str:
    """Base58Check, written here to make the texts that are to be refused."""
    raw = body + sha256(sha256(body).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def spellings(key: bytes) -> list[str]:
    """A private key as wallets write it."""
    tail = bytes([3]) + b"\0" * 8 + sha256(key).digest() + b"\0" + key
    versions = ("0488ade4", "049d7878", "04b2430c", "04358394", "044a4e28", "045f18bc", "0295b005", "02aa7a99")
    return [
        *(check(bytes([version]) + key) for version in (0x80, 0xEF, 0xB0, 0x9E)),
        *(check(bytes([version]) + key + b"\1") for version in (0x80, 0xEF, 0xB0, 0x9E)),
        *(check(bytes.fromhex(version) + tail) for version in versions),
        check(bytes.fromhex("0142c0") + key[:4] + key),
        key.hex(),
        "0x" + key.hex().upper(),
    ]


def refusal(data: bytes) -> Error:
    with pytest.raises(Error) as caught:
        lines.read("keys.txt", data)
    return caught.value


@settings(max_examples=60, deadline=None)
@given(
    key=KEYS, how=st.sampled_from(["{}", "wpkh({})", "tr({}/0/*)", "# {}", "old {} key", "[d34db33f/84h]{}/0/*"])
)
def test_a_private_key_is_refused_wherever_it_stands(key: bytes, how: str) -> None:
    for secret in spellings(key):
        if how.startswith("tr(") and secret == key.hex():
            continue  # in tr, 64 digits are a public key
        found = refusal(f"{GOOD}\n{how.format(secret)}\n".encode())
        assert found.code == "private-key"
        assert "line 2" in found.what
        assert not any(secret[i : i + 12] in str(found) for i in range(len(secret) - 11))


def test_a_mistyped_key_is_still_refused() -> None:
    secret = check(b"\x80" + bytes(range(32)) + b"\1")
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    assert payload(wrong) is None
    assert refusal(wrong.encode()).code == "private-key"


@pytest.mark.parametrize(
    "text", [SEED, SEED.upper(), SEED.replace(" ", "\n"), f"# {SEED}", f"1. {SEED}", SEED[:51]]
)
def test_seed_words_are_refused(text: str) -> None:
    found = refusal(f"{GOOD}\n{text}\n".encode())
    assert found.code == "private-key"
    assert "sausage" not in str(found)


def test_codex32_and_mini_keys_are_refused() -> None:
    assert private.holds("ms10testsxxxxxxxxxxxxxxxxxxxxxxxxxx4nzvca9cmczlw")  # BIP 93
    assert private.holds("S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy")


@pytest.mark.parametrize(
    "text", [GOOD, "# from the paper in the desk, item 14", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", ""]
)
def test_what_is_public_is_not_taken_for_private(text: str) -> None:
    assert not private.holds(text)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (GOOD[:-1] + "t", "its checksum does not hold"),
        ("hello", "no extended key"),
        (GOOD + " last=x", "last is no number"),
        (GOOD + " last=1 last=2", "each once"),
        (GOOD + " last=99990 gap=10", "100000 or more"),
        (GOOD + " gap=0", "gap is 0"),
        (GOOD + " network=moon", "network is one of"),
        (GOOD + " network=regtest", "of the main network"),
        (f"wpkh({GOOD}/0/*)", "not the forms of SLIP-132"),
        ("wsh(multi(1,a,b))", "none of pkh"),
        ("sh(wpkh(02" + "11" * 32 + ")", "none of pkh"),
        ("wpkh(02" + "ff" * 32 + ")", "no point of the curve"),
        ("wpkh(04" + "11" * 64 + ")", "not compressed"),
        ("pkh(0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c/0/*)", "no children"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line_alone(line: str, why: str) -> None:
    found = refusal(f"# a comment\n{line}\n".encode())
    assert found.code == "key-unreadable"
    assert why in found.why
    assert found.why.startswith("line 2: ")
    assert line[:20] not in found.why


XPUB = (
    "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcL"
    "teoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ"
)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/0'/*", "hardened"),
        ("/0h/*", "hardened"),
        ("/*/0", "no number"),
        ("/*h", "hardened"),
        ("/<0;1>/<2;3>/*", "more than one multipath"),
        ("/<0;0>/*", "named twice"),
        ("/2147483648/*", "above 2147483647"),
        ("/x/*", "no number"),
    ],
)
def test_paths_that_a_public_key_cannot_take(path: str, why: str) -> None:
    assert why in refusal(f"wpkh({XPUB}{path})\n".encode()).why


def test_a_wrong_checksum_is_told() -> None:
    assert "checksum" in refusal(f"wpkh({XPUB}/0/*)#qqqqqqqq\n".encode()).why


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"\xff\xfe", b"a\n" * 1001, b"x" * 2001, b"y" * (1 << 21)])
def test_other_files_are_not_recognised(data: bytes) -> None:
    with pytest.raises(NotRecognised):
        lines.read("keys.txt", data)


CHILD = f"""
import socket, sys
def refuse(*a, **k): raise AssertionError("a socket")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from recover_wallet_discovery import derive, lines, library
(wallet,) = lines.read("k", b"{GOOD}")
assert len(list(derive.addresses(wallet))) == 40
import os
print(os.environ.get("BCL_DATA_DIR", "unset"))
print(sorted(p.name for p in library._folder().rglob("*")))
"""


def test_bitcoinlib_writes_nothing_outside_its_own_folder_and_asks_nobody(tmp_path: Path) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(scratch), "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    unset, there = ran.stdout.splitlines()
    assert unset == "unset"
    assert "bitcoinlib.log" not in there
    assert "bitcoinlib_cache.sqlite" not in there
    assert not home.exists()
    assert list(scratch.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scratch"]
