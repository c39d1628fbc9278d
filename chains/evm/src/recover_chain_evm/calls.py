"""Calls inside transactions, in every shape in which nodes and explorers list them, as one flat list.

Shapes: Geth's callTracer, Parity's `trace_*`, Otterscan's internal operations, explorers' "internal" lists.
A call is numbered by its place in depth-first order, the transaction itself being 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recover_chain_evm.values import Fields, account, digest, fields, items, maybe, number

CARRIES = frozenset({"call", "create", "create2", "selfdestruct"})
"""Kinds of calls that move their value. A delegatecall repeats its caller's, a staticcall has none, and a callcode
moves it from an account to itself."""

_KINDS = {"suicide": "selfdestruct"}
_OTTERSCAN = {0: "call", 1: "selfdestruct", 2: "create", 3: "create2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `number` is None where the list does not show it, `root` says that it is the transaction itself.

    `reverted`: it or a call around it failed, so that nothing of it stands. `dst` is None for a failed creation.
    """

    kind: str
    src: str
    dst: str | None
    value: int
    number: int | None
    root: bool
    reverted: bool
    input: str = ""


def of_tracer(result: Any) -> Iterator[Call]:
    """From callTracer's nested frame. Raises KeyError or ValueError."""
    stack: list[tuple[Any, bool]] = [(result, False)]
    count = 0
    while stack:
        value, lost = stack.pop()
        frame = fields(value, "a call")
        reverted = lost or bool(frame.get("error"))
        yield Call(
            kind=_kind(frame["type"]),
            src=account(frame["from"], "from"),
            dst=maybe(frame.get("to"), account, "to"),
            value=maybe(frame.get("value"), number, "value") or 0,
            number=count,
            root=count == 0,
            reverted=reverted,
            input=_text(frame.get("input")),
        )
        count += 1
        inner = items([] if frame.get("calls") is None else frame["calls"], "calls")
        stack.extend((each, reverted) for each in reversed(inner))


def of_parity(traces: Sequence[Fields]) -> Iterator[Call]:
    """From the `trace_*` entries of one transaction, in any order. Raises KeyError or ValueError."""
    ordered = sorted(((_path(trace), trace) for trace in traces), key=lambda placed: placed[0])
    failed = [path for path, trace in ordered if trace.get("error")]
    for count, (path, trace) in enumerate(ordered):
        action = fields(trace["action"], "action")
        made = trace.get("result") or {}
        kind = _kind(trace["type"])
        reverted, root = any(path[: len(f)] == f for f in failed), not path
        if kind == "selfdestruct":
            src, dst = account(action["address"], "address"), account(action["refundAddress"], "refundAddress")
            yield Call(
                kind=kind,
                src=src,
                dst=dst,
                value=number(action["balance"], "balance"),
                number=count,
                root=root,
                reverted=reverted,
            )
            continue
        kind = _kind(action.get("callType") or action.get("creationMethod") or kind)
        to = made.get("address") if kind.startswith("create") else action.get("to")
        yield Call(
            kind=kind,
            src=account(action["from"], "from"),
            dst=maybe(to, account, "to"),
            value=number(action["value"], "value"),
            number=count,
            root=root,
            reverted=reverted,
            input=_text(action.get("input")),
        )


def of_otterscan(operations: Sequence[Any]) -> Iterator[Call]:
    """From `ots_getInternalOperations`: what moved value and stands, without the transaction itself."""
    for each in operations:
        kind = _OTTERSCAN.get(number(fields(each, "an operation")["type"], "type"))
        if kind is None:
            raise ValueError("an operation has an unknown type")
        src, dst = account(each["from"], "from"), account(each["to"], "to")
        yield Call(
            kind=kind,
            src=src,
            dst=dst,
            value=number(each["value"], "value"),
            number=None,
            root=False,
            reverted=False,
        )


def of_explorer(row: Fields) -> Call:
    """From one row of an explorer's list of internal transactions (Etherscan's `txlistinternal`)."""
    made = row.get("contractAddress") or row.get("to")
    return Call(
        kind=_kind(row.get("type") or "call"),
        src=account(row["from"], "from"),
        dst=maybe(made, account, "to"),
        value=number(row["value"], "value"),
        number=None,
        root=False,
        reverted=str(row.get("isError") or "0") != "0",
        input=_text(row.get("input")),
    )


def by_transaction(traces: Sequence[Any]) -> Mapping[str, list[Fields]]:
    """Parity entries by their transaction; entries of none (rewards) stand under the empty text."""
    found: dict[str, list[Fields]] = {}
    for value in traces:
        trace = fields(value, "a trace")
        found.setdefault(maybe(trace.get("transactionHash"), digest, "transactionHash") or "", []).append(trace)
    return found


def _path(trace: Fields) -> tuple[int, ...]:
    return tuple(number(step, "traceAddress") for step in items(trace["traceAddress"], "traceAddress"))


def _kind(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 32:
        raise ValueError("the type of a call is no text")
    small = value.lower()
    return _KINDS.get(small, small)


def _text(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
