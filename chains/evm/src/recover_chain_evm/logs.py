"""Event logs: tokens that moved, and what owners and issuers said of them.

Method: ERC-20, ERC-721 (the same event with a fourth topic: one token, by its number, and no amount), WETH9,
Tether's and Circle's contracts. A log is read by how many topics it has; one that claims a known event in another
shape is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.sdk import Gap
from recover_chain_evm import columns, topics, words
from recover_chain_evm.address import ZERO
from recover_chain_evm.frame import Frame
from recover_chain_evm.networks import Network
from recover_chain_evm.topics import Form

Column = Any  # pyarrow has no types to name
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Logs in columns. `payload` is topics after the first, then the data, as digits; `count` the topics.

    `sender`, `called` and `method` are the transaction's, null where the exhibit does not show them.
    """

    tx: Column
    contract: Column
    topic: Column
    count: NDArray[np.int64]
    payload: Column
    index: Column
    place: Column
    height: Column
    position: Column
    time: Column
    block: Column
    sender: Column
    called: Column
    method: Column

    @classmethod
    def of(cls, frame: Frame) -> Logs:
        """From a frame with tx, contract, topics (lists), data, and more where it is there. Notes problems."""
        kept = _mined(frame)
        topics = Topics.of(kept)
        digits = pc.utf8_slice_codeunits(kept.data("data"), 2)
        return cls(
            tx=kept.hashes("tx"),
            contract=kept.addresses("contract"),
            topic=topics.first,
            count=topics.count,
            payload=pc.binary_join_element_wise(*topics.more, digits, "", null_handling="skip"),
            index=kept.numbers("index", optional=True),
            place=pa.array(kept.places),
            height=kept.numbers("height", optional=True),
            position=kept.numbers("position", optional=True),
            time=kept.times("time"),
            block=kept.hashes("block", optional=True),
            sender=kept.addresses("sender", optional=True),
            called=kept.addresses("called", optional=True),
            method=kept.texts("method"),
        )

    def __len__(self) -> int:
        return len(self.count)

    def only(self, keep: Mask) -> Logs:
        mask = pa.array(keep)
        rows = {name: getattr(self, name).filter(mask) for name in self.__slots__ if name != "count"}
        return Logs(count=self.count[keep], **rows)

    def shown(self) -> set[str]:
        """The first topics that are there."""
        return set(pc.unique(self.topic).to_pylist())

    def named(self, topic: str) -> Mask:
        """Which logs have this first topic."""
        found: Mask = np.asarray(pc.fill_null(pc.equal(self.topic, topic), False))
        return found

    def sized(self, size: int) -> Mask:
        """Which logs hold so many words after their first topic."""
        found: Mask = np.asarray(pc.equal(pc.binary_length(self.payload), 64 * size))
        return found


def transactions(chain: str, logs: Logs) -> pa.Table:
    """The transactions that the logs stand in. A log stands: its transaction did not fail."""
    return columns.transactions(
        chain,
        len(logs),
        id=logs.tx,
        time=logs.time,
        height=logs.height,
        index=logs.position,
        failed=pa.array(np.zeros(len(logs), np.bool_)),
        block=logs.block,
        place=logs.place,
    )


def moved(network: Network, logs: Logs) -> list[pa.Table]:
    """Tables of `columns.MOVES`: token transfers, wrapping and unwrapping, issue, redemption and destruction."""
    transfers = _transfers(network, logs)
    made = [*_wrapped(network, logs), *_destroyed(network, logs, transfers), *_issued(network, logs)]
    return [transfers, *_single(network, logs), *made]


def gaps(network: Network, logs: Logs) -> Iterator[Gap]:
    """What the logs say that is not read: other token standards, known events in another shape, unnamed owners."""
    named = logs.named(topics.TRANSFER)
    yield from _gap(
        logs,
        named & (logs.count == 4) & ~is_single(logs),
        "token-standard",
        "Transfer events have four topics, and not the shape of those of single tokens (ERC-721)",
        "What they moved is left out.",
    )
    odd = named & (logs.count != 4) & ~is_plain(logs)
    shown = logs.shown()
    for form in topics.FORMS:
        if form.topic not in shown:
            continue
        single = form.topic == topics.APPROVAL
        odd |= logs.named(form.topic) & ~fits(logs, form) & ~(single & (logs.count == 4))
    yield from _gap(
        logs,
        odd,
        "log-unfit",
        "Logs have the first topic of a known event and not its shape",
        "What they say is left out.",
    )
    issued = (logs.named(topics.ISSUE) | logs.named(topics.REDEEM)) & logs.sized(1)
    yield from _gap(
        logs,
        issued & ~_by_owner(logs),
        "issue-unattributed",
        "Events say that an issuer made or took back tokens, and not in whose account",
        "These tokens are in no account here until an exhibit shows who called the contract.",
    )


def _mined(frame: Frame) -> Frame:
    """Without logs that a node took back when the chain was reorganised."""
    if not frame.has("removed"):
        return frame
    return frame.only(np.array([value is not True for value in frame.raw("removed")], np.bool_))


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """The topics of logs in columns: the first, how many, and the digits of those after the first."""

    first: Column
    count: NDArray[np.int64]
    more: tuple[Column, ...]

    @classmethod
    def of(cls, frame: Frame) -> Topics:
        """All of the usual form are read at once, anything else log by log. Notes problems."""
        found = frame.raw("topics")
        if found and set(map(type, found)) == {str}:
            found = [[part for part in value.split(",") if part] for value in found]
        flat = _flat(found)
        if flat is None:
            found = [_topics(frame, row, value) for row, value in enumerate(found)]
            flat = pa.array([topic for each in found for topic in each], pa.string())
        count = np.fromiter(map(len, found), np.int64, len(found))
        starts = np.cumsum(count) - count
        places = [pa.array(starts + n, mask=count <= n) for n in range(4)]
        first, *more = (flat.take(place) for place in places)
        return cls(first=first, count=count, more=tuple(pc.utf8_slice_codeunits(each, 2) for each in more))


def _flat(found: list[Any]) -> Column | None:
    """All topics one after another, where each log has a list of at most four and all are in small digits."""
    if not set(map(type, found)) <= {list} or max(map(len, found), default=0) > 4:
        return None
    try:
        flat = pa.array([topic for each in found for topic in each], pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    return flat if not len(flat) or words.all_digits(flat, 66) else None


def _topics(frame: Frame, row: int, value: Any) -> list[str]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part]
    if not isinstance(value, list) or len(value) > 4:
        frame.blame(row, "topics is no list of at most four")
        return []
    listed = [each.lower() if isinstance(each, str) else "" for each in value]
    if not all(len(each) == 66 and each.startswith("0x") and _hexadecimal(each) for each in listed):
        frame.blame(row, "a topic is not 0x and 64 hexadecimal digits")
        return []
    return listed


def _hexadecimal(text: str) -> bool:
    try:
        bytes.fromhex(text[2:])
    except ValueError:
        return False
    return text.isascii() and " " not in text


def is_plain(logs: Logs) -> Mask:
    """Transfers of an amount: both addresses in topics, or nothing in topics, and addresses that are such."""
    shaped = np.isin(logs.count, (1, 3)) & logs.sized(3)
    addresses = pc.and_(
        words.is_address(words.word(logs.payload, 0)), words.is_address(words.word(logs.payload, 1))
    )
    found: Mask = shaped & np.asarray(addresses)
    return found


def _transfers(network: Network, logs: Logs) -> pa.Table:
    rows = logs.only(logs.named(topics.TRANSFER) & is_plain(logs))
    src, dst = (party(words.address(words.word(rows.payload, n))) for n in (0, 1))
    kind = pc.if_else(pc.is_null(src), "mint", pc.if_else(pc.is_null(dst), "burn", "transfer"))
    # Between nobody and nobody nothing moved: some tokens announce themselves so.
    real = np.asarray(pc.or_(pc.is_valid(src), pc.is_valid(dst)))
    return _moves(network, rows, kind=kind, src=src, dst=dst, word=2).filter(pa.array(real))


def is_single(logs: Logs) -> Mask:
    """Transfers of one token: both addresses and its number in topics, and nothing else."""
    addresses = pc.and_(
        words.is_address(words.word(logs.payload, 0)), words.is_address(words.word(logs.payload, 1))
    )
    found: Mask = (logs.count == 4) & logs.sized(3) & np.asarray(addresses)
    return found


def _single(network: Network, logs: Logs) -> Iterator[pa.Table]:
    """One unit of an asset of its own for each token, contract and number together: none is ever added up."""
    rows = logs.only(logs.named(topics.TRANSFER) & is_single(logs))
    if not len(rows):
        return
    src, dst = (party(words.address(words.word(rows.payload, n))) for n in (0, 1))
    numbers = [str(int(word, 16)) for word in words.word(rows.payload, 2).to_pylist()]
    spaces = pa.repeat(f"{network.id}/erc721:", len(rows))
    asset = pc.binary_join_element_wise(spaces, rows.contract, "/", pa.array(numbers, pa.string()), "")
    found = columns.moves(
        tx=rows.tx,
        kind=pc.if_else(pc.is_null(src), "mint", pc.if_else(pc.is_null(dst), "burn", "transfer")),
        src=src,
        dst=dst,
        asset=asset,
        value=words.of_numbers([1] * len(rows)),
        index=rows.index,
        place=rows.place,
    )
    yield found.filter(pc.or_(pc.is_valid(src), pc.is_valid(dst)))


def _moves(network: Network, rows: Logs, *, kind: Column | str, src: Column, dst: Column, word: int) -> pa.Table:
    return columns.moves(
        tx=rows.tx,
        kind=kind,
        src=src,
        dst=dst,
        asset=assets(network, rows.contract),
        value=words.of_words(words.word(rows.payload, word)),
        index=rows.index,
        place=rows.place,
    )


def assets(network: Network, contract: Column) -> Column:
    """The asset ids of token contracts."""
    return pc.binary_join_element_wise(network.erc20, contract, "")


def party(address: Column) -> Column:
    """Addresses as parties. The zero address is no party: a transfer from it is a mint, one to it a burn."""
    return pc.if_else(pc.equal(address, ZERO), pa.scalar(None, pa.string()), address)


def _wrapped(network: Network, logs: Logs) -> Iterator[pa.Table]:
    """Deposit makes wrapped coins, Withdrawal ends them; the coins themselves move in calls."""
    if network.wrapped is None or network.wraps != "events":
        return
    own = np.asarray(pc.equal(logs.contract, network.wrapped)) & np.isin(logs.count, (1, 2)) & logs.sized(2)
    for topic, kind in ((topics.DEPOSIT, "mint"), (topics.WITHDRAWAL, "burn")):
        if not (both := own & logs.named(topic)).any():
            continue
        rows = logs.only(both)
        who = words.address(words.word(rows.payload, 0))
        src, dst = (None, who) if kind == "mint" else (who, None)
        yield _moves(network, rows, kind=kind, src=src, dst=dst, word=1)


def _destroyed(network: Network, logs: Logs, transfers: pa.Table) -> Iterator[pa.Table]:
    """Tether's contract destroys a frozen balance and writes no Transfer; newer ones write both: booked once."""
    booked: set[tuple[Any, ...]] | None = None
    shown = logs.shown()
    for form in topics.FORMS:
        if form.kind != "destroy" or form.amount is None or form.topic not in shown:
            continue
        booked = _burned(transfers) if booked is None else booked
        rows = logs.only(logs.named(form.topic) & fits(logs, form))
        who = words.address(words.word(rows.payload, form.address))
        made = _moves(network, rows, kind="burn", src=who, dst=None, word=form.amount)
        new = [(r["tx"], r["src"], r["asset"], r["amount"], r["wide"]) not in booked for r in made.to_pylist()]
        yield made.filter(pa.array(new, pa.bool_()))


def _burned(transfers: pa.Table) -> set[tuple[Any, ...]]:
    burns = transfers.filter(pc.equal(transfers.column("kind"), "burn")).to_pylist()
    return {(row["tx"], row["src"], row["asset"], row["amount"], row["wide"]) for row in burns}


def _issued(network: Network, logs: Logs) -> Iterator[pa.Table]:
    """Issue and Redeem change the owner's balance (Tether's first contract); the owner is who called it."""
    for topic, kind in ((topics.ISSUE, "mint"), (topics.REDEEM, "burn")):
        named = logs.named(topic)
        if not named.any():
            continue
        rows = logs.only(named & (logs.count == 1) & logs.sized(1) & _by_owner(logs))
        src, dst = (None, rows.sender) if kind == "mint" else (rows.sender, None)
        yield _moves(network, rows, kind=kind, src=src, dst=dst, word=0)


def _by_owner(logs: Logs) -> Mask:
    """Where the transaction called the logging contract itself, so that its sender is the caller."""
    direct = pc.and_(pc.equal(logs.called, logs.contract), pc.is_valid(logs.sender))
    found: Mask = np.asarray(pc.fill_null(direct, False))
    return found


def fits(logs: Logs, form: Form) -> Mask:
    """Which logs have the shape of an event, by their topics and the length of their data."""
    found: Mask = np.isin(logs.count, form.counts)
    if form.array:
        enough: Mask = found & np.asarray(pc.greater_equal(pc.binary_length(logs.payload), 128))
        return enough
    found = found & logs.sized(form.size)
    for place in (form.address, form.other):
        if place is not None:
            found = found & np.asarray(words.is_address(words.word(logs.payload, place)))
    return found


def _gap(logs: Logs, rows: Mask, code: str, what: str, effect: str) -> Iterator[Gap]:
    if rows.any():
        first = int(np.argmax(rows))
        yield Gap(
            code=code,
            subject=logs.tx[first].as_py() or "",
            why=f"{what} ({int(rows.sum())} here; this transaction has the first).",
            effect=effect,
            place=logs.place[first].as_py(),
        )
