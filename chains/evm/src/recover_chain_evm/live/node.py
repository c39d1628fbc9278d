"""A node as one ask sees it: its chain checked, its newest block pinned, and both witnessed in every answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from recover.sdk import Elsewhere, Error, Exhibit, Proof, Recorder, State
from recover_chain_evm import header, values
from recover_chain_evm.live import wire
from recover_chain_evm.live.provider import Provider
from recover_chain_evm.networks import NAMESPACE, Network

_LATEST = 4_102_444_800  # the year 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """The newest block when a collecting run began; everything of the run is asked at or below it."""

    height: int
    hash: str

    @property
    def quantity(self) -> str:
        return hex(self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What every batch opens with: which chain the node answers for, and the header of the pinned block."""

    chain: str
    block: values.Fields

    @property
    def tip(self) -> Tip:
        return Tip(height=values.number(self.block["number"], "number"), hash=values.digest(self.block["hash"]))


def witness(answers: Sequence[wire.Answer], name: str) -> Witness:
    """The witness in a batch's first two answers. Raises Error where it is not there or not readable."""
    for answer in answers[:2]:
        if answer.refused:
            raise wire.refused(answer, name)
    methods = [answer.call.method for answer in answers[:2]]
    try:
        if methods != ["eth_chainId", "eth_getBlockByNumber"]:
            raise ValueError("the batch does not open with the chain's id and a block")
        return Witness(
            chain=f"{NAMESPACE}:{values.number(answers[0].result, 'the chain id')}",
            block=values.fields(answers[1].result, "the pinned block"),
        )
    except (ValueError, KeyError) as error:
        raise Error(
            "witness-unreadable",
            f"The node at {name} does not say for which chain and up to which block it answers.",
            f"{error}.",
            "Ask again; if it stays, ask another node.",
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The pinned block of one exhibit, on one chain: what its states are dated by."""

    network: Network
    block: values.Fields

    @property
    def height(self) -> int:
        return values.number(self.block["number"], "number")

    @property
    def proved(self) -> bool:
        return header.proved(self.block)

    def state(
        self, kind: str, address: str, amount: int, place: int, proof: Proof, asset: str | None = None
    ) -> State:
        return State(
            kind=kind,
            chain=self.network.id,
            address=address,
            amount=amount,
            asset=asset,
            height=self.height,
            block=values.digest(self.block["hash"]),
            time=when(self.block["timestamp"]),
            proof=proof,
            place=place,
        )


def when(value: object) -> datetime:
    """A block's time. Raises ValueError."""
    seconds = values.number(value, "timestamp")
    if seconds >= _LATEST:
        raise ValueError(f"the timestamp {seconds} is no time")
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(slots=True, kw_only=True)
class Node:
    """Asks in batches. `tip` is None until the first answer pins it, unless an earlier ask of the run did."""

    recorder: Recorder
    provider: Provider
    chain: str
    tip: Tip | None = None
    taken: int = field(default=0)

    def ask(self, calls: Sequence[wire.Call]) -> tuple[wire.Answer, ...]:
        """The answers to these calls, in order; refusals of single calls are among them.

        Raises Error for a node of another chain, and where the pinned block is no longer what it was.
        """
        block = "latest" if self.tip is None else self.tip.quantity
        opening = (
            wire.Call(method="eth_chainId"),
            wire.Call(method="eth_getBlockByNumber", params=(block, False)),
        )
        got = self.provider.ask((*opening, *calls))
        name = self.recorder.endpoint
        seen = witness(got, name)
        if seen.chain != self.chain:
            raise _other_chain(name, self.chain, seen.chain)
        if self.tip is None:
            self.tip = seen.tip
        elif self.tip != seen.tip:
            raise _reorganised(name, self.tip, seen.tip)
        return got[2:]

    def require(self, calls: Sequence[wire.Call]) -> tuple[wire.Answer, ...]:
        """The same, where every call must be answered. Raises Error naming the first that was not."""
        got = self.ask(calls)
        for answer in got:
            if answer.refused:
                raise wire.refused(answer, self.recorder.endpoint)
        return got

    def take(self) -> Iterator[Exhibit]:
        """The exhibits that came since the last time, in order."""
        fresh = self.provider.captured[self.taken :]
        self.taken += len(fresh)
        yield from fresh

    @property
    def height(self) -> int:
        assert self.tip is not None, "the first answer pins the tip"
        return self.tip.height

    @property
    def block(self) -> str:
        """The pinned block as calls name it."""
        assert self.tip is not None, "the first answer pins the tip"
        return self.tip.quantity


def _other_chain(name: str, wanted: str, found: str) -> Elsewhere:
    return Elsewhere(
        "other-chain",
        f"The node at {name} answers for {found}, and {wanted} was asked for.",
        "The same addresses exist on every chain of this family, so its answers would be another chain's facts.",
        "Name a node of the right chain as its `endpoint` in your recover.toml, or with --source evm-rpc=URL.",
    )


def _reorganised(name: str, pinned: Tip, found: Tip) -> Error:
    return Error(
        "chain-reorganised",
        f"Block {pinned.height} at {name} was {pinned.hash} and is now {found.hash}.",
        "The chain was reorganised while it was read, or two nodes answer that do not agree.",
        "Run again when the block is final; what came is kept, and no history counts as whole because of it.",
    )
