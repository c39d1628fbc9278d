"""The networks of Bitcoin's family as data: one reader of `networks.toml`, no network has code of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from recover.sdk import Asset, Error
from recover_chain_bitcoin import header
from recover_chain_bitcoin.block import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What tells one network from another; the fields are explained in `networks.toml`."""

    key: str
    id: str
    title: str
    genesis: str
    native: Asset
    p2pkh: int
    p2sh: int
    magic: tuple[bytes, ...]
    limit: int
    since: int
    first: date | None
    bip34: int
    subsidy: tuple[tuple[int, int], ...]
    halving: int
    floor: tuple[tuple[int, int], ...]
    examples: tuple[tuple[str, str], ...]
    bad: tuple[tuple[str, str], ...]
    short: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    hrp: str = ""
    cashaddr: str = ""
    older: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    work: str = "sha256d"
    merged: bool = False
    segwit: bool = True
    lowest: tuple[tuple[int, int], ...] = ()
    mark: bytes = b""
    fixed: bool = False

    @property
    def test(self) -> bool:
        """Whether its coins are test coins: SLIP-44 gives those of every chain one number."""
        return self.native.id.endswith("/slip44:1")

    def sealed(self, block: Block) -> bool:
        """Whether the block's header meets its own proof of work here, itself or by merged mining."""
        if block.work is None:
            return self.proves(block.header)
        proof = block.work
        return proof.holds(block.id) and header.proves(
            proof.parent.raw, block.header.bits, limit=self.limit, work=self.work
        )

    def proves(self, head: header.Header) -> bool:
        """Whether a header alone meets its own proof of work, within the network's limit."""
        return header.proves(head.raw, head.bits, limit=self.limit, work=self.work)

    def plausible(self, head: header.Header) -> bool:
        """Whether a block of that day could be as easy as this one."""
        floor = max((least for day, least in self.floor if day <= head.time), default=0)
        easy = self.fixed and head.bits != self.limit
        return head.time >= self.since and not easy and header.difficulty(head.bits) >= floor

    def reward(self, height: int) -> int:
        """The most that a coinbase at `height` may create, without fees."""
        start, amount = max(step for step in self.subsidy if step[0] <= height)
        return amount >> (height - start) // self.halving if self.halving else amount


@cache
def every() -> tuple[Network, ...]:
    """All networks, in the order in which a block without magic is tried."""
    listed = tomllib.loads(files(__package__).joinpath("networks.toml").read_text("utf-8"))["network"]
    return tuple(_network(each) for each in listed)


@cache
def of(key: str) -> Network:
    """The network of a key (mainnet) or a CAIP-2 id. Raises Error naming those that there are."""
    for each in every():
        if key in (each.key, each.id):
            return each
    raise Error(
        "no-network",
        f"{key!r} is no network of Bitcoin's family that is known here.",
        f"Known: {', '.join(each.key for each in every())}.",
        "Name one of them, or add its constants to networks.toml.",
    )


def by_magic(magic: bytes) -> tuple[Network, ...]:
    """The networks whose block files begin with these four bytes, likeliest first."""
    return tuple(each for each in every() if magic in each.magic)


def _network(data: Mapping[str, Any]) -> Network:
    plain = {"hrp", "cashaddr", "work", "merged", "segwit", "key", "id", "title", "genesis", "p2pkh", "p2sh"}
    plain |= {"limit", "bip34", "halving", "fixed"}
    native = Asset(
        id=f"{data['id']}/slip44:{data['slip44']}", symbol=data["symbol"], decimals=8, name=data["name"]
    )
    return Network(
        native=native,
        magic=tuple(bytes.fromhex(each) for each in data["magic"]),
        since=_seconds(data["since"]),
        first=None if data.get("fresh") else data.get("first", data["since"]),
        subsidy=tuple((height, amount) for height, amount in data["subsidy"]),
        floor=tuple((_seconds(day), least) for day, least in data.get("floor", [])),
        lowest=tuple((_seconds(day), least) for day, least in data.get("lowest", [])),
        mark=bytes.fromhex(data.get("mark", "")),
        older=tuple(tuple(versions) for versions in data.get("older", [[], []])),  # type: ignore[arg-type]
        examples=tuple((text, source) for text, source in data["examples"]),
        bad=tuple((text, why) for text, why in data["bad"]),
        short=tuple(data.get("short", ())),
        links=tuple(f"{path}/{{}}" for path in data.get("links", ())),
        **{name: data[name] for name in plain if name in data},
    )


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
