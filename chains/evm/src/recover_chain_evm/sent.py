"""Transactions as their senders made them: value, fee, and what a chain's heuristics read.

Method: yellow paper 6; EIP-1559 (the whole fee leaves the sender; part of it is burned, the rest is the block
producer's), EIP-4844 (blob gas), OP Stack (`l1Fee`), EIP-7702 (who lets whose code act for it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.sdk import UINT256, Gap, table
from recover_chain_evm import columns, rlp, words
from recover_chain_evm.frame import Frame
from recover_chain_evm.keccak import keccak256
from recover_chain_evm.networks import Network

Column = Any  # pyarrow has no types to name

PLAIN = 21_000
"""The gas of a transaction in which no code ran and no data was sent."""
_BLOB = 3
_MEMO = 250
"""Bytes of the longest memo that is kept; services allow fewer."""
_TRANSFER = "0xa9059cbb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Transactions in columns. Lists hold exact numbers or None where the exhibit does not show them.

    `outcome` is None where it is not shown, `valued` False where the value is not, `fee` None where a part is not.
    `created` is the contract that a creating transaction made, worked out from sender and nonce if need be.
    """

    tx: Column
    sender: Column
    called: Column
    created: Column
    value: list[int]
    valued: list[bool]
    mint: list[int]
    fee: list[int | None]
    outcome: list[bool | None]
    gas_used: list[int | None]
    nonce: list[int | None]
    type: list[int | None]
    input: list[str | None]
    time: Column
    height: Column
    position: Column
    block: Column
    place: Column
    facts: list[str]

    @classmethod
    def of(cls, frame: Frame, network: Network) -> Sent:
        """From a frame with tx, sender, called, value, and more where it is there. Notes problems."""
        sender, called = (frame.addresses(name, optional=True) for name in ("sender", "called"))
        _require_senders(frame, sender)
        nonce, kinds, texts = (frame.exact(name, optional=True) for name in ("nonce", "type", "status"))
        inputs = frame.data("input", optional=True).to_pylist()
        created = _created(frame, sender, called, nonce)
        listed = frame.exact("value", optional=True)
        value = [v or 0 for v in listed]
        made: dict[str, Any] = {
            "tx": frame.hashes("tx"),
            "sender": sender,
            "called": called,
            "created": created,
            "value": value,
            "valued": [v is not None for v in listed],
            "mint": _minted(frame, network, kinds, value),
            "fee": _fees(frame, network, kinds),
            "outcome": [None if v is None else v == 1 for v in texts],
            "gas_used": frame.exact("gas_used", optional=True),
            "nonce": nonce,
            "type": kinds,
            "input": inputs,
            "time": frame.times("time"),
            "height": frame.numbers("height", optional=True),
            "position": frame.numbers("position", optional=True),
            "block": frame.hashes("block", optional=True),
            "place": pa.array(frame.places),
        }
        return cls(**made, facts=_facts(frame, made))

    def __len__(self) -> int:
        return len(self.value)

    def whole(self) -> NDArray[np.bool_]:
        """Where every movement is here: no code ran, or all that it did was undone, and the fee is known."""
        still = [
            o is False or (o is True and g == PLAIN and i == "0x")
            for o, g, i in zip(self.outcome, self.gas_used, self.input, strict=True)
        ]
        # A receipt alone shows no value, so it is never whole, and contradicts no transaction beside it.
        known = [fee is not None and shown for fee, shown in zip(self.fee, self.valued, strict=True)]
        return np.array(still, np.bool_) & np.array(known, np.bool_)


def transactions(
    network: Network, sent: Sent, proofs: list[str] | None = None, whole: NDArray[np.bool_] | None = None
) -> pa.Table:
    """Their rows; `proofs` and `whole` where more is known than the transactions alone show."""
    return columns.transactions(
        network.id,
        len(sent),
        id=sent.tx,
        time=sent.time,
        height=sent.height,
        index=sent.position,
        failed=pa.array(_failed(sent.outcome), pa.bool_()),
        whole=pa.array(sent.whole() if whole is None else sent.whole() | whole),
        block=sent.block,
        proof=None if proofs is None else pa.array(proofs, pa.string()),
        facts=pa.array(sent.facts, pa.string()),
        place=sent.place,
    )


def moved(network: Network, sent: Sent, traced: Collection[str] = ()) -> list[pa.Table]:
    """Tables of `columns.MOVES`: value, what was brought in from the chain below, and fees.

    `traced` are transactions whose own value stands among the exhibit's calls already. A failed transaction keeps
    its value, and the row says that it failed.
    """
    to = pc.coalesce(sent.called, sent.created)
    ids = sent.tx.to_pylist()
    value = [v > 0 and t not in traced for v, t in zip(sent.value, ids, strict=True)]
    known = np.array(value, np.bool_) & np.asarray(pc.is_valid(to))
    fees = np.array(
        [bool(fee) for fee in sent.fee], np.bool_
    )  # a receipt need not say who paid: the core finds out
    return [
        _moves(network, sent, "transfer", known, sent.value, src=sent.sender, dst=to),
        _moves(network, sent, "mint", np.array(sent.mint, object) > 0, sent.mint, src=None, dst=sent.sender),
        _moves(network, sent, "fee", fees, [fee or 0 for fee in sent.fee], src=sent.sender, dst=None),
    ]


def events(network: Network, sent: Sent, traced: Collection[str] = ()) -> pa.Table:
    """An EVENTS table: the contracts that creating transactions made, unless their calls are here and say so."""
    made = zip(sent.tx.to_pylist(), sent.sender.to_pylist(), sent.created.to_pylist(), sent.outcome, strict=True)
    places = sent.place.to_pylist()
    rows = [
        {
            "kind": "create",
            "chain": network.id,
            "tx": tx,
            "contract": new,
            "address": who,
            "other": new,
            "index": 0,
        }
        | {"place": places[row]}
        for row, (tx, who, new, outcome) in enumerate(made)
        if new is not None and who is not None and outcome is not False and tx not in traced
    ]
    return table("events", rows)


def gaps(network: Network, sent: Sent) -> Iterator[Gap]:
    """What the exhibit does not show of its transactions: one gap for each kind of thing."""
    part = [gas is not None and fee is None for fee, gas in zip(sent.fee, sent.gas_used, strict=True)]
    yield from _gap(
        sent,
        part,
        "fee-incomplete",
        "Transactions show their gas and not every part of their fee",
        "No fee is booked for them here; the sender's balance is lower than what is shown.",
    )
    odd = {int(kind, 16) for kind in network.odd}
    yield from _gap(
        sent,
        [kind in odd for kind in sent.type],
        "system-transaction",
        f"Transactions are of types that {network.title} makes itself",
        "Coins that they bring in from another chain are not seen.",
    )


def contract_address(sender: str, nonce: int) -> str:
    """The address of the contract that the `nonce`th transaction of `sender` creates (yellow paper 7)."""
    return "0x" + keccak256(rlp.encode([bytes.fromhex(sender[2:]), rlp.number(nonce)]))[12:].hex()


def _moves(
    network: Network, sent: Sent, kind: str, rows: NDArray[np.bool_], value: list[int], *, src: Column, dst: Column
) -> pa.Table:
    mask = pa.array(rows.astype(np.bool_))
    picked = [value[row] for row in np.flatnonzero(rows).tolist()]
    return columns.moves(
        tx=sent.tx.filter(mask),
        kind=kind,
        src=None if src is None else src.filter(mask),
        dst=None if dst is None else dst.filter(mask),
        asset=network.native,
        value=words.of_numbers(picked),
        index=pa.array(np.zeros(len(picked), np.int64)),
        place=sent.place.filter(mask),
    )


def _require_senders(frame: Frame, sender: Column) -> None:
    """A receipt of an old node names no sender; a transaction with its value always does."""
    if frame.has("value"):
        missing = np.asarray(pc.is_null(sender))
        for row, value in enumerate(frame.raw("value")):
            if missing[row] and value is not None:
                frame.blame(row, "sender is missing")


def _failed(outcome: list[bool | None]) -> list[bool | None]:
    return [None if o is None else not o for o in outcome]


def _created(frame: Frame, sender: Column, called: Column, nonce: list[int | None]) -> Column:
    shown = frame.addresses("created", optional=True).to_pylist()
    rows = zip(shown, sender.to_pylist(), called.to_pylist(), nonce, strict=True)
    return pa.array(
        [
            made if made or to or who is None or n is None else contract_address(who, n)
            for made, who, to, n in rows
        ],
        pa.string(),
    )


def _minted(frame: Frame, network: Network, kinds: list[int | None], value: list[int]) -> list[int]:
    """What a deposit brings in: `mint` where the node says it, else (Arbitrum) just what is passed on."""
    own = {int(kind, 16) for kind in network.deposits}
    shown = frame.exact("mint", optional=True)
    if frame.has("mint"):
        return [m or 0 if k in own else 0 for m, k in zip(shown, kinds, strict=True)]
    return [v if k in own and not network.l1_fee else 0 for v, k in zip(value, kinds, strict=True)]


def _fees(frame: Frame, network: Network, kinds: list[int | None]) -> list[int | None]:
    if frame.has("fee"):
        return frame.exact("fee", optional=True)
    names = ("gas_used", "price", "l1_fee", "blob_gas", "blob_price")
    rows = zip(kinds, *(frame.exact(name, optional=True) for name in names), strict=True)
    own = {int(kind, 16) for kind in network.deposits}
    return [_fee(network, kind in own, kind, *row) for kind, *row in rows]


def _fee(
    network: Network,
    deposit: bool,
    kind: int | None,
    gas: int | None,
    price: int | None,
    below: int | None,
    blob_gas: int | None,
    blob_price: int | None,
) -> int | None:
    """None where a part is not shown: a fee that is too small would contradict the exhibit that shows it whole."""
    if deposit:
        return 0
    if gas is None or price is None or (network.l1_fee and below is None):
        return None
    if kind == _BLOB and (blob_gas is None or blob_price is None):
        return None
    fee = gas * price + (below or 0) + (blob_gas or 0) * (blob_price or 0)
    return fee if fee <= UINT256 else None


def _facts(frame: Frame, made: Mapping[str, Any]) -> list[str]:
    bases, delegates = frame.exact("base_fee", optional=True), frame.raw("delegates")
    rows = zip(
        made["sender"].to_pylist(),
        made["called"].to_pylist(),
        made["created"].to_pylist(),
        made["nonce"],
        made["value"],
        made["input"],
        made["type"],
        made["gas_used"],
        bases,
        delegates,
        strict=True,
    )
    return columns.facts(_fact(frame, *row) for row in rows)


def _fact(
    frame: Frame,
    sender: str | None,
    called: str | None,
    created: str | None,
    nonce: int | None,
    value: int,
    data: str | None,
    kind: int | None,
    gas: int | None,
    base: int | None,
    delegates: Any,
) -> dict[str, Any]:
    said: dict[str, Any] = {"from": sender, "to": called}
    said["nonce"] = ... if nonce is None else nonce
    said["value"] = str(value) if frame.has("value") else ...
    said["method"] = ... if data is None else data[:10] if len(data) >= 10 else ""
    said |= _carried(data)
    said["creates"] = created if created and not called else ...
    said["type"] = ... if kind is None else kind
    said["burnt"] = ... if base is None or gas is None else str(base * gas)
    said["delegates"] = [list(pair) for pair in delegates] if delegates else ...
    return said


def _carried(data: str | None) -> dict[str, Any]:
    """What a plain payment carries beside it: `memo`, a text that is its whole data; `tail`, the 32 bytes that are
    it, or that follow the two words of a token's transfer. Services know their orders by either."""
    if data is None or data[:2] != "0x":
        return {}
    size = len(data) - 2
    if size == 64 or (size == 2 * (4 + 3 * 32) and data[:10].lower() == _TRANSFER):
        return {"tail": f"0x{data[-64:].lower()}"}
    if 16 <= size <= 2 * _MEMO:
        try:
            text = bytes.fromhex(data[2:]).decode("ascii")
        except ValueError:
            return {}
        return {"memo": text} if text.isprintable() else {}
    return {}


def _gap(sent: Sent, rows: list[bool], code: str, what: str, effect: str) -> Iterator[Gap]:
    if any(rows):
        first = rows.index(True)
        yield Gap(
            code=code,
            subject=sent.tx[first].as_py() or "",
            why=f"{what} ({sum(rows)} here; this is the first).",
            effect=effect,
            place=sent.place[first].as_py(),
        )
