# SPDX-License-Identifier: AGPL-3.0-or-later
"""Base58Check, only to look at a text before anything else sees it."""

from __future__ import annotations

import base58

ALPHABET = base58.BITCOIN_ALPHABET.decode("ascii")
LONGEST = 128


def payload(text: str) -> bytes | None:
    """The bytes before the checksum, or None where the text is none or its checksum does not hold."""
    if not 8 <= len(text) <= LONGEST or any(c not in ALPHABET for c in text):
        return None
    try:
        return base58.b58decode_check(text)
    except ValueError:
        return None
