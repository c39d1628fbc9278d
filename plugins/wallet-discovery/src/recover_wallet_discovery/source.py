# SPDX-License-Identifier: AGPL-3.0-or-later
"""The source: a file of public keys becomes labels, one owner, and the questions that are open."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from recover.sdk import Address, Ask, Assertion, Batch, Error, Exhibit, Gap, History, Recorder, SourceInfo
from recover_wallet_discovery import derive, lines
from recover_wallet_discovery.derive import Derived
from recover_wallet_discovery.wallet import MAIN, TESTS, Wallet

METHOD, VERSION = "wallet-discovery", "1"
MOST = 100_000
"""So many addresses are derived from one file."""

_KEY = re.compile(rb"^[ \t]*(?:[xyztuv]pub[1-9A-HJ-NP-Za-km-z]|(?:pkh|wpkh|sh\(wpkh|tr)\()", re.MULTILINE)
_BASIS = (
    "derived by BIP 32 from the public key on line {line} of this exhibit; whose key it is, the key does not say"
)


class Wallets:
    """Public extended keys and output descriptors, one a line; found only when named with --as."""

    info = SourceInfo(
        id="wallet-discovery",
        version=VERSION,
        title="Public extended keys and descriptors",
        chains=(MAIN.id, *(network.id for network in TESTS.values())),
        place="line",
        media="text: on each line an xpub (or ypub, zpub, tpub, upub, vpub) or a descriptor, and options",
        terms="The key's holder gave it, or it was found; nothing is fetched.",
        limits="Derives to the gap limit after the last index that is said to be used. Refuses what can spend.",
        primary=False,
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return _KEY.search(head) is not None

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """One batch a line. Raises Error for anything private, before a key is derived."""
        wallets = lines.read(exhibit.name, exhibit.data)
        total = sum(len(w.scripts) * sum(w.count if b.ranged else 1 for b in w.branches) for w in wallets)
        if total > MOST:
            raise Error(
                "keys-too-many",
                f"{exhibit.name} asks for {total:,} addresses.",
                f"At most {MOST:,} are derived from one file.",
                "Lower last= or gap=, or write several files.",
            )
        for wallet in wallets:
            yield Batch.of(*_records(wallet, list(derive.addresses(wallet))))


def _records(wallet: Wallet, found: Sequence[Derived]) -> Iterator[Assertion | Gap]:
    """A label and a gap for each address; and that each has the owner of the first."""
    key = wallet.key if isinstance(wallet.key, bytes) else wallet.key.key
    mark = derive.fingerprint(key)
    for each in found:
        yield _label(wallet, each, mark)
        if each.address != found[0].address:
            yield _owner(wallet, each, found[0], mark)
        yield Gap(
            code="wallet-history",
            subject=each.address,
            why=f"It derives from the public key on line {wallet.line}, which does not say whether it was used.",
            effect="What it held or holds is seen only where its history is in an exhibit.",
            fill=History(address=Address(chain=wallet.network.id, text=each.address)),
            place=wallet.line,
        )


def _label(wallet: Wallet, each: Derived, mark: str) -> Assertion:
    return Assertion(
        kind="label",
        chain=wallet.network.id,
        address=each.address,
        grade="A",
        method=METHOD,
        version=VERSION,
        label=f"wallet {mark}, {each.path} ({each.script})",
        source="a public key in this exhibit",
        origin=f"key {mark}",
        params=_params(each, mark),
        note=_BASIS.format(line=wallet.line),
        place=wallet.line,
    )


def _owner(wallet: Wallet, each: Derived, first: Derived, mark: str) -> Assertion:
    return Assertion(
        kind="same-owner",
        chain=wallet.network.id,
        address=each.address,
        other=first.address,
        grade="A",
        method=METHOD,
        version=VERSION,
        source="a public key in this exhibit",
        origin=f"key {mark}",
        params=_params(each, mark),
        note=_BASIS.format(line=wallet.line),
        place=wallet.line,
    )


def _params(each: Derived, mark: str) -> str:
    return json.dumps(
        {"key": mark, "path": each.path, "script": each.script}, sort_keys=True, separators=(",", ":")
    )
