# SPDX-License-Identifier: AGPL-3.0-or-later
"""Output descriptors with one key (BIP 380 to 386, 389), and public extended keys (BIP 32, SLIP-132)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from recover_wallet_discovery.base58 import payload
from recover_wallet_discovery.derive import point
from recover_wallet_discovery.wallet import SCRIPTS, Branch, Extended, Script

_VERSIONS: dict[str, tuple[bool, tuple[Script, ...]]] = {
    "0488b21e": (True, SCRIPTS),  # xpub
    "049d7cb2": (True, ("p2sh-p2wpkh",)),  # ypub
    "04b24746": (True, ("p2wpkh",)),  # zpub
    "043587cf": (False, SCRIPTS),  # tpub
    "044a5262": (False, ("p2sh-p2wpkh",)),  # upub
    "045f1cf6": (False, ("p2wpkh",)),  # vpub
}
_SHARED = frozenset({"0295b43f", "02aa7ed3", "024289ef", "02575483"})  # Ypub, Zpub, Upub, Vpub: several signers
_FORMS: dict[str, Script] = {"pkh": "p2pkh", "wpkh": "p2wpkh", "sh(wpkh": "p2sh-p2wpkh", "tr": "p2tr"}
_FORM = re.compile(r"(sh\(wpkh|wpkh|pkh|tr)\(([^()]*)\)(\)?)(?:#([a-z0-9]{8}))?")
_KEY = re.compile(
    r"(?:\[([0-9a-fA-F]{8})((?:/\d{1,10}['hH]?){0,16})\])?([0-9A-Za-z]{64,130})((?:/[^/]{1,40}){0,16})"
)
_INPUT = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
_OUTPUT = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD)


def extended(text: str) -> Extended:
    """A public extended key. Raises ValueError with the reason, which never names the text."""
    body = payload(text)
    if body is None or len(body) != 78:
        raise ValueError("it is no extended key: its length or its checksum does not hold")
    version = body[:4].hex()
    if version in _SHARED:
        raise ValueError("it is one of several signers' keys, which alone has no address")
    if version not in _VERSIONS:
        raise ValueError(f"its version bytes {version} are none of xpub, ypub, zpub, tpub, upub and vpub")
    point(body[45:])
    main, scripts = _VERSIONS[version]
    return Extended(key=body[45:], chain=body[13:45], depth=body[4], main=main, scripts=scripts)


def parse(text: str) -> tuple[Extended | bytes, Script, tuple[Branch, ...]]:
    """A descriptor's key, kind and branches. Raises ValueError with the reason, which never names the text."""
    found = _FORM.fullmatch(text)
    if found is None or (found[1] == "sh(wpkh") != bool(found[3]):
        raise ValueError("it is none of pkh(KEY), wpkh(KEY), sh(wpkh(KEY)) and tr(KEY)")
    if found[4] and checksum(text[: -len(found[4]) - 1]) != found[4]:
        raise ValueError("its checksum does not hold")
    inner = _KEY.fullmatch(found[2])
    if inner is None:
        raise ValueError("what stands in its brackets is no key expression of BIP 380")
    mark, origin, key, steps = inner.groups()
    script = _FORMS[found[1]]
    single = _single(key, script)
    if single is not None:
        if steps:
            raise ValueError("a single key has no children")
        return single, script, ()
    known = extended(key)
    if known.scripts != SCRIPTS:
        raise ValueError("a descriptor takes xpub or tpub, not the forms of SLIP-132")
    start = f"{mark.lower()}{origin.replace(chr(39), 'h').replace('H', 'h')}" if mark else ""
    return known, script, tuple(_branches(steps.split("/")[1:], start))


def _single(key: str, script: Script) -> bytes | None:
    """The bytes of a hexadecimal key: 33, or 32 in `tr`; None for another text."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}|[0-9a-fA-F]{66}|[0-9a-fA-F]{130}", key):
        return None
    raw = bytes.fromhex(key)
    if len(raw) != 33 and (len(raw), script) != (32, "p2tr"):
        raise ValueError("its key is not compressed, or is an x alone outside of tr")
    point(raw)
    return raw


def _branches(steps: Sequence[str], origin: str) -> list[Branch]:
    """The branches of a path: one, or one for each number of a multipath step."""
    ranged = bool(steps) and steps[-1] == "*"
    fixed = list(steps[:-1] if ranged else steps)
    ways: list[tuple[int, ...]] = [()]
    for step in fixed:
        numbers = _numbers(step)
        if len(numbers) > 1 and len(ways) > 1:
            raise ValueError("it has more than one multipath step")
        ways = [(*way, number) for number in numbers for way in ways]
    return [Branch(steps=way, ranged=ranged, origin=origin) for way in ways]


def _numbers(step: str) -> list[int]:
    if re.search(r"['hH]", step):
        raise ValueError("a hardened step cannot be derived from a public key")
    inner = re.fullmatch(r"<(\d{1,10}(?:;\d{1,10}){1,31})>|(\d{1,10})", step)
    if inner is None:
        raise ValueError("a step of its path is no number, no <a;b> and no last *")
    numbers = [int(n) for n in (inner[1] or inner[2]).split(";")]
    if any(n >= 2**31 for n in numbers) or len(set(numbers)) < len(numbers):
        raise ValueError("a step of its path is above 2147483647, or named twice")
    return numbers


def checksum(text: str) -> str:
    """The checksum of BIP 380. Raises ValueError for a character that no descriptor has."""
    symbols: list[int] = []
    groups: list[int] = []
    for c in text:
        value = _INPUT.find(c)
        if value < 0:
            raise ValueError("it has a character that no descriptor has")
        symbols.append(value & 31)
        groups.append(value >> 5)
        if len(groups) == 3:
            symbols.append(groups[0] * 9 + groups[1] * 3 + groups[2])
            groups = []
    if groups:
        symbols.append(groups[0] if len(groups) == 1 else groups[0] * 3 + groups[1])
    total = 1
    for value in [*symbols, *[0] * 8]:
        top = total >> 35
        total = (total & 0x7FFFFFFFF) << 5 ^ value
        for i in range(5):
            total ^= _GENERATOR[i] if top >> i & 1 else 0
    return "".join(_OUTPUT[(total ^ 1) >> 5 * (7 - i) & 31] for i in range(8))
