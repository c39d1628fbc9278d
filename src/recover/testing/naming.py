"""Whether what a decoder names exists: addresses and ids as the chain spells them, ids and times as recorded."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

from recover.sdk import Address, Chain, Exhibit, NotRecognised, TxId
from recover.sdk.identity import NAMES
from recover.sdk.moments import FIRST

Rows = dict[str, list[dict[str, Any]]]

_LAST = datetime(2100, 1, 1, tzinfo=UTC)
_WORD = re.compile(r"[0-9A-Za-z]+")


@cache
def installed() -> Mapping[str, Chain]:
    """The chains that are installed here, by id."""
    from recover.plugins import registry

    return registry.load().chains


def known(given: Iterable[Chain], named: Iterable[str]) -> Mapping[str, Chain]:
    """The chains that a kit names, and installed ones where it names none."""
    found = {chain.info.id: chain for chain in given}
    return found if set(named) <= set(found) else {**installed(), **found}


def misspelt(found: Rows, chains: Mapping[str, Chain]) -> Iterator[str]:
    """Names that their chain does not give back as they are."""
    seen: set[tuple[str, str, type]] = set()
    for name, columns in NAMES.items():
        for row in found[name]:
            for column, kind in columns.items():
                key = (row["chain"], row[column], kind)
                if row[column] and row["chain"] in chains and key not in seen:
                    seen.add(key)
                    yield from _parsed(chains[row["chain"]], row[column], kind, f"{name}.{column}")
    for name in ("legs", "assets"):
        for asset in sorted({row["asset"] for row in found[name]}):
            chain = chains.get(asset.split("/")[0])
            if chain and "/slip44:" in asset and asset != chain.info.native.id:
                yield f"{asset} in {name} is not the coin of its chain, {chain.info.native.id}"


def _parsed(chain: Chain, text: str, kind: type, where: str) -> Iterator[str]:
    try:
        read: Address | TxId = chain.parse(text)
    except NotRecognised as error:
        yield f"{where} is {text!r}, which {chain.info.id} refuses: {error.why}"
        return
    if not isinstance(read, kind):
        yield f"{where} is {text!r}, which is no {kind.__name__} but a {type(read).__name__}"
    elif read.text != text:
        yield f"{where} is {text!r}, which {chain.info.id} spells {read.text!r}"


def unrecorded(found: Rows, example: Exhibit, made: str) -> Iterator[str]:
    """Ids that stand nowhere in the answer or the request.

    Recomputed ones, those of the form `made`, which the source makes itself, and binary files are not asked.
    """
    try:
        text = example.data.decode("utf-8")
    except UnicodeDecodeError:
        return
    asked = f" {example.asked.url} {example.asked.body.decode('utf-8', 'replace')}" if example.asked else ""
    words = set(_WORD.findall((text + asked).lower()))
    for tx in sorted({row["id"] for row in found["transactions"] if row["proof"] == "reported"}):
        plain = tx.lower()
        # As a whole word: the head of an id that was cut short stands there too.
        if words & {plain, "0x" + plain, plain.removeprefix("0x")} or re.fullmatch(made or "(?!)", tx):
            continue
        if not any(_apart(form, text + asked) for form in (tx, *_coded(tx))):
            yield f"the id {tx} stands nowhere in the recorded answer"


def _apart(text: str, within: str) -> bool:
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(text)}(?![0-9A-Za-z])", within) is not None


def _coded(tx: str) -> Iterator[str]:
    """The id in base64, where it is hexadecimal: so exports of bytes write it."""
    with suppress(ValueError):
        yield b64encode(bytes.fromhex(tx.removeprefix("0x"))).decode()


def untimely(found: Rows) -> Iterator[str]:
    """Times before there was a chain, or long after now: milliseconds taken for seconds, or the reverse."""
    for name in ("transactions", "blocks", "states"):
        for row in found[name]:
            if row["time"] is not None and not FIRST <= row["time"] < _LAST:
                yield f"a row of {name} has the time {row['time']}"
