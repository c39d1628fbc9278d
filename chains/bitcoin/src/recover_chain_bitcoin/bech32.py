"""Segwit addresses: bech32 (BIP 173, witness version 0) and bech32m (BIP 350, later versions)."""

from __future__ import annotations

from base64 import b32encode
from functools import cache

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32, BECH32M = 1, 0x2BC830A3

_PAIRS = [a + b for a in CHARSET for b in CHARSET]
_VALUE = {letter: number for number, letter in enumerate(CHARSET)}
_FROM_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", CHARSET.encode())
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_LONGEST = 90


def encode(hrp: str, version: int, program: bytes) -> str:
    """The address of a witness program. Base 32 regroups bits as bech32 does, so it does the work."""
    body = b32encode(program).rstrip(b"=").translate(_FROM_BASE32).decode()
    fixed, tables = checksums(hrp, version, len(program))
    check = fixed
    for table, byte in zip(tables, program, strict=True):
        check ^= table[byte]
    return f"{hrp}1{CHARSET[version]}{body}{_PAIRS[check >> 20]}{_PAIRS[check >> 10 & 1023]}{_PAIRS[check & 1023]}"


def decode(hrp: str, text: str) -> tuple[int, bytes]:
    """Witness version and program. Raises ValueError with the reason, by the rules of BIP 173 and BIP 350."""
    found, data, constant = parse(text)
    if found != hrp:
        raise ValueError(f"it begins with {found}, and on this network an address begins with {hrp}")
    if not data:
        raise ValueError("it has no witness version")
    version = data[0]
    program = regroup(data[1:])
    if version > 16:
        raise ValueError(f"there is no witness version {version}")
    if not 2 <= len(program) <= 40:
        raise ValueError(f"its program has {len(program)} bytes; 2 to 40 are allowed")
    if version == 0 and len(program) not in (20, 32):
        raise ValueError(f"its program has {len(program)} bytes; in version 0 it has 20 or 32")
    if constant != (BECH32M if version else BECH32):
        named = "bech32m" if version else "bech32"
        raise ValueError(f"its checksum is not that of {named}, which witness version {version} has")
    return version, program


def parse(text: str) -> tuple[str, list[int], int]:
    """Human-readable part, data without checksum, and the checksum's constant. Raises ValueError."""
    if any(not 33 <= ord(letter) <= 126 for letter in text):
        raise ValueError("it has a character that bech32 does not have")
    if text != text.lower() and text != text.upper():
        raise ValueError("it mixes capital and small letters")
    if len(text) > _LONGEST:
        raise ValueError(f"it has {len(text)} characters; at most {_LONGEST} are allowed")
    hrp, one, tail = text.lower().rpartition("1")
    if not one or not hrp or len(tail) < 6:
        raise ValueError("it has no part before the last 1, or no checksum after it")
    wrong = next((letter for letter in tail if letter not in _VALUE), None)
    if wrong is not None:
        raise ValueError(f"{wrong!a} is no letter of bech32")
    data = [_VALUE[letter] for letter in tail]
    constant = polymod([*expand(hrp), *data])
    if constant not in (BECH32, BECH32M):
        raise ValueError("its checksum does not hold")
    return hrp, data[:-6], constant


def regroup(data: list[int]) -> bytes:
    """Groups of five bits as bytes. Raises ValueError when the padding is longer than needed or not zero."""
    number = 0
    for value in data:
        number = number << 5 | value
    spare = len(data) * 5 % 8
    if spare > 4 or number & ((1 << spare) - 1):
        raise ValueError("its last bits are not the padding that they should be")
    return (number >> spare).to_bytes(len(data) * 5 // 8, "big")


def expand(hrp: str) -> list[int]:
    """The prefix as the checksum takes it in."""
    return [ord(x) >> 5 for x in hrp] + [0] + [ord(x) & 31 for x in hrp]


def polymod(values: list[int]) -> int:
    """The remainder of a text of symbols; 1 and `BECH32M` are what whole addresses leave."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check


@cache
def checksums(hrp: str, version: int, size: int) -> tuple[int, list[list[int]]]:
    """The checksum of a program of zeros, and what each byte at each place changes in it.

    The checksum is linear over bits, so a program's is that of zeros with the changes of its bytes added: one
    look-up a byte, in place of five steps a symbol.
    """

    def checksum(program: bytes) -> int:
        number = int.from_bytes(program, "big") << (-len(program) * 8 % 5)
        count = (len(program) * 8 + 4) // 5
        data = [number >> 5 * (count - 1 - n) & 31 for n in range(count)]
        constant = BECH32M if version else BECH32
        return polymod([*expand(hrp), version, *data, 0, 0, 0, 0, 0, 0]) ^ constant

    fixed = checksum(bytes(size))

    def change(place: int, byte: int) -> int:
        return checksum(bytes(place) + bytes([byte]) + bytes(size - place - 1)) ^ fixed

    bits = [[change(place, 1 << bit) for bit in range(8)] for place in range(size)]
    return fixed, [[_mix(each, byte) for byte in range(256)] for each in bits]


def _mix(bits: list[int], byte: int) -> int:
    mixed = 0
    for bit, value in enumerate(bits):
        if byte >> bit & 1:
            mixed ^= value
    return mixed
