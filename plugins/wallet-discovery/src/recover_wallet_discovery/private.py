# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can spend, or may: texts that are refused before anything else looks at them.

A mistyped private key is still nearly one, so a form is enough; a checksum need not hold.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from recover_wallet_discovery.base58 import payload

_TOKEN = re.compile(r"[0-9A-Za-z]{16,}")
_PRIVATE = (
    re.compile(r"[a-zA-Z]prv[1-9A-HJ-NP-Za-km-z]{20,}"),  # BIP 32 and SLIP-132
    re.compile(r"(?<![0-9A-Za-z])[5KL9c6TQ][1-9A-HJ-NP-Za-km-z]{50,51}(?![0-9A-Za-z])"),  # WIF
    re.compile(r"(?<![0-9A-Za-z])6P[1-9A-HJ-NP-Za-km-z]{50,60}"),  # BIP 38
    re.compile(r"(?<![0-9A-Za-z])(?:ms|MS)1[0-9A-Za-z]{30,}"),  # codex32, BIP 93
    re.compile(
        r"(?<![0-9A-Za-z])S[1-9A-HJ-NP-Za-km-z]{21}(?:[1-9A-HJ-NP-Za-km-z]{8})?(?![0-9A-Za-z])"
    ),  # mini key
)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_XONLY = re.compile(r"tr\((?:\[[^\]]{0,200}\])?[0-9a-fA-F]{64}\)")
MANY = 8
"""So many words of the list one after the other are a seed, or part of one (the shortest has twelve)."""


def holds(line: str) -> bool:
    """Whether a line holds, or may hold, something that can spend. Its comment counts."""
    if any(form.search(line) for form in _PRIVATE):
        return True
    if _HEX.search(_XONLY.sub("", line)):
        return True
    return any(_decodes(token) for token in _TOKEN.findall(line)) or _seed(line)


def _decodes(token: str) -> bool:
    """Base58Check of a private key: 78 bytes whose key begins with 0, or 33 or 34 bytes, or BIP 38's 39."""
    body = payload(token)
    if body is None:
        return False
    return (len(body) == 78 and body[45] == 0) or len(body) in (33, 34, 39)


def _seed(line: str) -> bool:
    """A row of words of a seed: all of BIP 39's list, whatever stands between them."""
    run = 0
    for word in re.split(r"[^a-z]+", line.lower()):
        run = run + 1 if word in _list() else 0 if word else run
        if run >= MANY:
            return True
    return False


@cache
def _list() -> frozenset[str]:
    """BIP 39's English list, as bitcoinlib ships it; nothing of bitcoinlib is run."""
    spec = find_spec("bitcoinlib")
    assert spec is not None
    assert spec.origin is not None
    words = (Path(spec.origin).parent / "wordlist" / "english.txt").read_text("ascii").split()
    return frozenset(words)
