# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lines: a file of public keys and descriptors, read whole or refused. No message shows what a line holds."""

from __future__ import annotations

import re

from recover.sdk import Error, NotRecognised
from recover_wallet_discovery import descriptor, private
from recover_wallet_discovery.wallet import GAP, MAIN, TESTS, Branch, Extended, Network, Script, Wallet

LARGEST = 1 << 20
MOST = 1000
FARTHEST = 100_000
LONGEST = 2000
_COMMENT = re.compile(r"(?:^|\s)#")
_OPTION = re.compile(r"(last|gap|network)=([a-z0-9]{1,9})")


def read(name: str, data: bytes) -> list[Wallet]:
    """Every line's wallet. Raises Error `private-key` before anything is derived, NotRecognised for no key at all,
    and Error naming up to 20 lines that cannot be read."""
    lines = _lines(name, data)
    secret = [number for number, text in enumerate(lines, start=1) if private.holds(text)]
    if secret or private.holds(" ".join(lines)):
        raise _refused(name, secret)
    wallets, problems = [], []
    for number, text in enumerate(lines, start=1):
        bare = _COMMENT.split(text, maxsplit=1)[0].strip()
        if not bare:
            continue
        try:
            wallets.append(_wallet(number, bare.split()))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise Error(
            "key-unreadable",
            f"{len(problems)} line{'s' if len(problems) > 1 else ''} of {name} cannot be read.",
            "; ".join(problems[:20]) + ".",
            "A line is one public extended key or descriptor, then options such as last=37; copy it again.",
        )
    if not wallets:
        raise _none(name, "it has no line with a key")
    return wallets


def _lines(name: str, data: bytes) -> list[str]:
    if len(data) > LARGEST:
        raise _none(name, f"it has {len(data)} bytes, and such a file has at most {LARGEST}")
    try:
        lines = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise _none(name, f"byte {error.start} is not UTF-8") from None
    if len(lines) > MOST or any(len(line) > LONGEST for line in lines):
        raise _none(name, f"it has more than {MOST} lines, or one of more than {LONGEST} characters")
    return lines


def _wallet(line: int, words: list[str]) -> Wallet:
    """Raises ValueError with the reason."""
    options = _options(words[1:])
    key: Extended | bytes
    scripts: tuple[Script, ...]
    branches: tuple[Branch, ...]
    if "(" in words[0]:
        key, script, branches = descriptor.parse(words[0])
        scripts = (script,)
    else:
        key = descriptor.extended(words[0])
        scripts = key.scripts
        steps: list[tuple[int, ...]] = [(0,), (1,)] if key.depth <= 3 else [()]
        branches = tuple(Branch(steps=each, ranged=True) for each in steps)
    network = _network(key, options.get("network"))
    last, gap = int(options.get("last", -1)), int(options.get("gap", GAP))
    if last + gap >= FARTHEST or gap < 1:
        raise ValueError(f"last and gap together are {FARTHEST} or more, or gap is 0")
    return Wallet(line=line, key=key, scripts=scripts, branches=branches, network=network, last=last, gap=gap)


def _options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        option = _OPTION.fullmatch(word)
        if option is None or option[1] in found:
            raise ValueError("after the key stand only last=N, gap=N and network=NAME, each once")
        if option[1] != "network" and not option[2].isdigit():
            raise ValueError(f"{option[1]} is no number")
        found[option[1]] = option[2]
    return found


def _network(key: Extended | bytes, named: str | None) -> Network:
    main = not isinstance(key, Extended) or key.main
    if named is None:
        return MAIN if main else TESTS["testnet"]
    if named not in TESTS:
        raise ValueError(f"network is one of {', '.join(TESTS)}")
    if isinstance(key, Extended) and key.main:
        raise ValueError("its key is of the main network, and network names another")
    return TESTS[named]


def _refused(name: str, lines: list[int]) -> Error:
    where = f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:20]))}" if lines else "several lines"
    return Error(
        "private-key",
        f"{name} holds what looks like a private key or seed words: {where}.",
        "recover never reads or stores what can spend; nothing of this file was kept.",
        "Export the public key (xpub, ypub, zpub) or a descriptor without private keys, and keep this file away.",
    )


def _none(name: str, why: str) -> NotRecognised:
    return NotRecognised(
        "no-keys",
        f"{name} is no file of public keys or descriptors.",
        f"Looked at it as text with one key a line; {why}.",
        "Write one public extended key or descriptor on each line.",
    )
