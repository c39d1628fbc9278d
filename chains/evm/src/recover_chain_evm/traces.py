"""The chain's own coin inside transactions: value that calls, creations and self-destructions moved.

Method: yellow paper, section 8; `recover_chain_evm.calls` for the shapes. What a failed call did is undone, so it
is dropped with everything inside it; only a failed transaction's own value stays, in a transaction marked failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from recover.sdk import Gap, amounts, table
from recover_chain_evm import columns, destroyed, words
from recover_chain_evm.calls import CARRIES, Call
from recover_chain_evm.destroyed import Fate, Step
from recover_chain_evm.networks import Network

_ENDED = "ended"
"""The kind of a call whose value ended with the contract that it was paid to."""

_PERMIT, _SPEND = "0xd505accf", "0x23b872dd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """The calls of one transaction, whole or a part of them, and where they stand in the exhibit."""

    tx: str
    calls: Sequence[Call]
    place: int
    height: int | None = None
    position: int | None = None
    block: str | None = None

    @property
    def failed(self) -> bool | None:
        """None where the transaction itself is not among the calls."""
        return next((call.reverted for call in self.calls if call.root), None)


def moved(network: Network, traced: Iterable[Traced]) -> pa.Table:
    """A table of `columns.MOVES`: `transfer` is a transaction's own value, `internal` what calls passed on."""
    rows = [(each, call) for one in traced for each, call in _settled(network, one) if _moves(call)]
    return columns.moves(
        tx=pa.array([each.tx for each, _ in rows], pa.string()),
        kind=pa.array([_kind(call) for _, call in rows], pa.string()),
        src=pa.array([call.src for _, call in rows], pa.string()),
        dst=pa.array([None if call.kind == _ENDED else call.dst for _, call in rows], pa.string()),
        asset=network.native,
        value=words.of_numbers([call.value for _, call in rows]),
        index=pa.array([call.number for _, call in rows], pa.int64()),
        place=pa.array([each.place for each, _ in rows], pa.int64()),
    )


def _kind(call: Call) -> str:
    return "burn" if call.kind == _ENDED else "transfer" if call.root else "internal"


def _settled(network: Network, each: Traced) -> list[tuple[Traced, Call]]:
    """The calls, where contracts destroyed themselves with what that did to their coin."""
    if not any(call.kind == "selfdestruct" for call in each.calls):
        return [(each, call) for call in each.calls]
    found = _fate(network, each)
    made = [
        (each, replace(call, kind=_ENDED) if row in found.burned else call)
        for row, call in enumerate(each.calls)
        if row not in found.still
    ]
    late = [(each.calls[row], who) for row, who, _ in found.late]
    return made + [(each, replace(call, kind=_ENDED, src=who, root=False)) for call, who in late]


def _fate(network: Network, each: Traced) -> Fate:
    steps = [
        Step(row=row, number=call.number, kind=call.kind, src=call.src, dst=call.dst, value=call.value)
        for row, call in enumerate(each.calls)
        if not call.reverted
    ]
    return destroyed.fate(network, steps, each.height)


def gaps(network: Network, traced: Iterable[Traced]) -> list[Gap]:
    """What is not shown of contracts that destroyed themselves."""
    dying = [each for each in traced if any(call.kind == "selfdestruct" for call in each.calls)]
    return destroyed.gap([(each.tx, each.place) for each in dying if _fate(network, each).unknown])


def transactions(network: Network, traced: Sequence[Traced]) -> pa.Table:
    """The transactions that the calls stand in."""
    return columns.transactions(
        network.id,
        len(traced),
        id=pa.array([each.tx for each in traced], pa.string()),
        height=pa.array([each.height for each in traced], pa.int64()),
        index=pa.array([each.position for each in traced], pa.int64()),
        failed=pa.array([each.failed for each in traced], pa.bool_()),
        block=pa.array([each.block for each in traced], pa.string()),
        place=pa.array([each.place for each in traced], pa.int64()),
    )


def events(network: Network, traced: Iterable[Traced]) -> pa.Table:
    """An EVENTS table: contracts created, and what logs do not say: permits, and who spent for an owner.

    `transferFrom` is read on listed tokens only: on a contract of single tokens it means a number, not an amount.
    """
    listed = {token.contract for token in network.tokens}
    rows: list[dict[str, Any]] = []
    for each in traced:
        for call in each.calls:
            if call.reverted or call.dst is None:
                continue
            found = _event(network, call, listed)
            if found is not None:
                rows.append(
                    {"chain": network.id, "tx": each.tx, "index": call.number, "place": each.place, **found}
                )
    return table("events", rows)


def _moves(call: Call) -> bool:
    return (
        call.value > 0
        and (call.kind in CARRIES or call.kind == _ENDED)
        and call.dst is not None
        and (call.root or not call.reverted)
    )


def _event(network: Network, call: Call, listed: set[str]) -> dict[str, Any] | None:
    if call.kind in ("create", "create2"):
        return {"kind": "create", "contract": call.dst, "address": call.src, "other": call.dst}
    if call.kind != "call" or not call.input.startswith((_PERMIT, _SPEND)):
        return None
    arguments = [call.input[10 + 64 * n : 74 + 64 * n] for n in range(3)]
    if not all(len(word) == 64 for word in arguments) or not all(word[:24] == "0" * 24 for word in arguments[:2]):
        return None
    try:
        amount, wide = amounts.split(int(arguments[2], 16))
    except ValueError:
        return None
    owner, second = ("0x" + word[24:] for word in arguments[:2])
    shared = {
        "contract": call.dst,
        "address": owner,
        "asset": f"{network.erc20}{call.dst}",
        "amount": amount,
        "wide": wide,
    }
    if call.input.startswith(_PERMIT):
        return {**shared, "kind": "permit", "other": second}
    if call.dst not in listed or call.src == owner:
        return None
    return {
        **shared,
        "kind": "spend",
        "other": call.src,
        "facts": columns.facts([{"shown": "call", "to": second}])[0],
    }
