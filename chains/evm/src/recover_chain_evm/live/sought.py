"""The other side of a payment through a bridge: by the logs that its key stands in, in some range of blocks."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from recover.sdk import Crossing, Error, Exhibit
from recover_chain_evm import values
from recover_chain_evm.live import bundles, search, wire
from recover_chain_evm.live.node import Node, when
from recover_chain_evm.live.session import SEEK, Session

BEFORE, AFTER = timedelta(hours=2), timedelta(days=10)
"""So long around the side that is shown the other is sought: relayers pay a little ahead, and the chains' own
bridges let a week go by before they pay out."""

_HEX = frozenset("0123456789abcdef")
_MOST = 16


def ask(node: Node, session: Session, wanted: Crossing, blocks: int) -> Iterator[Exhibit]:
    """The logs, then the blocks that they stand in. Raises Error where there are none, or nothing says what logs
    would show it: such a question is open still.
    """
    filters = _filters(wanted.sought)
    if not filters:
        raise Error(
            "crossing-unsought",
            f"No log is known that would show the other side of {wanted.tx.text} through {wanted.protocol}.",
            "A node finds a payment by its logs only, and this bridge is not read by them.",
            "Ask the bridge's operator for the other side of it, and import the answer.",
        )
    low, high = 0, node.height
    if wanted.near is not None:
        low = yield from _height(node, wanted.near - BEFORE, 0)
        high = yield from _height(node, wanted.near + AFTER, low)
    found = search.Found()
    yield from search.by_filters(node, session, filters, found, (low, high))
    if not found.blocks:
        raise Error(
            "crossing-unseen",
            f"From block {low} to block {high} no log at {node.recorder.endpoint} has the key {wanted.key}.",
            f"What {wanted.tx.text} sent through {wanted.protocol} is not shown to have been paid out there.",
            "Ask again later where it may still be paid out, or ask the bridge's operator.",
        )
    yield from bundles.fetch(node, session, found.listed(), [], blocks)


def _height(node: Node, moment: datetime, low: int) -> Generator[Exhibit, None, int]:
    """The first block at or after a moment, from `low` on; the newest where none is. Yields what was asked."""
    high = node.height
    while low < high:
        middle = (low + high) // 2
        call = wire.Call(method="eth_getBlockByNumber", params=(hex(middle), False), note=f"{SEEK}{middle}")
        (answer,) = node.require([call])
        yield from node.take()
        if answer.result is None:
            raise bundles.missing(answer, node.recorder.endpoint)
        if when(values.fields(answer.result, "the block")["timestamp"]) < moment.astimezone(UTC):
            low = middle + 1
        else:
            high = middle
    return low


def _filters(sought: str) -> list[dict[str, Any]]:
    """What is sought, as a node takes it. Raises Error for what is no filter: it comes out of a plugin's words."""
    try:
        found = json.loads(sought) if sought else []
        return [_filter(one) for one in found[:_MOST]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Error(
            "crossing-filter",
            "What is to be sought on the other side of a bridge is no filter of logs.",
            f"It says {sought[:200]!r}.",
            "Report it to the author of the plugin that reads this bridge.",
        ) from None


def _filter(one: dict[str, Any]) -> dict[str, Any]:
    topics = [None if topic is None else _word(topic, 64) for topic in one["topics"]]
    if not topics or topics[0] is None:
        raise ValueError("a filter without its first topic would find every log")
    return {"address": _word(one["contract"], 40), "topics": topics}


def _word(text: str, digits: int) -> str:
    word = text.lower()
    if word[:2] != "0x" or len(word) != digits + 2 or not set(word[2:]) <= _HEX:
        raise ValueError(f"{text!r} is no word of {digits} digits")
    return word
