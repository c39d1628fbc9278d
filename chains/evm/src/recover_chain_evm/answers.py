"""What a node was asked and what it answered: a JSON-RPC exhibit, single or batch, as a list of answers.

Where the request is known (`Exhibit.asked`) each answer is paired with it by its id. An imported file shows only
the answer, and the shape of its result says what was asked (JSON-RPC 2.0; Ethereum execution API).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recover.sdk import Error, Exhibit, NotRecognised
from recover_chain_evm import values

BLOCK, TRANSACTION, RECEIPT, RECEIPTS, LOGS, PROOF = (
    "eth_getBlockByNumber",
    "eth_getTransactionByHash",
    "eth_getTransactionReceipt",
    "eth_getBlockReceipts",
    "eth_getLogs",
    "eth_getProof",
)
CLOCK = "eth_getBlockByHash, its time alone"
"""A block of which a file kept only name, height and time."""
TRACER, TRACERS, PARITY = "debug_traceTransaction", "debug_traceBlockByNumber", "trace_block"

_SAME = {
    "eth_getBlockByHash": BLOCK,
    "eth_getTransactionByBlockHashAndIndex": TRANSACTION,
    "eth_getFilterLogs": LOGS,
    "eth_getFilterChanges": LOGS,
    "debug_traceBlockByHash": TRACERS,
    "trace_transaction": PARITY,
    "trace_filter": PARITY,
}
"""Methods that answer in the same shape as another."""

_OBJECTS = (
    (("parentHash", "stateRoot"), BLOCK),
    (("cumulativeGasUsed", "logs"), RECEIPT),
    (("accountProof",), PROOF),
    (("timestamp", "number", "hash"), CLOCK),
    (("hash", "from"), TRANSACTION),
    (("type", "from", "gasUsed"), TRACER),
)
_LISTS = (
    (("cumulativeGasUsed", "logs"), RECEIPTS),
    (("topics", "address"), LOGS),
    (("action", "traceAddress"), PARITY),
    (("result",), TRACERS),
    (("txHash",), TRACERS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `method` is the first of the methods that answer in its shape; `params` is empty where unknown.

    `place` numbers the items of the exhibit: an answer that is a list has as many as the list, every other one.
    """

    method: str
    params: tuple[Any, ...]
    result: Any
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is an error: what the node said, of which method."""

    method: str
    code: str
    said: str
    place: int


def read(exhibit: Exhibit) -> tuple[list[Answer], list[Refusal]]:
    """All answers of an exhibit. Raises NotRecognised where it is none, Error where ids do not match."""
    try:
        body = values.load(exhibit.data)
        asked = _asked(exhibit)
        listed = body if isinstance(body, list) else [body]
        rows = [values.fields(each, "an answer") for each in listed]
    except ValueError as error:
        raise _none(exhibit.name, str(error)) from None
    if rows and asked is None and all("result" not in row and _shape(row) for row in rows):
        rows = [{"result": row} for row in rows]  # results that were saved without the answers around them
    if not rows or not all("result" in row or "error" in row for row in rows):
        raise _none(exhibit.name, "it has neither `result` nor `error`")
    return _sorted(exhibit.name, list(_each(exhibit.name, rows, asked)))


def _sorted(name: str, found: Sequence[Answer | Refusal]) -> tuple[list[Answer], list[Refusal]]:
    answers = [each for each in found if isinstance(each, Answer)]
    refusals = [each for each in found if isinstance(each, Refusal)]
    if refusals and not answers:
        first = refusals[0]
        raise Error(
            "node-refused",
            f"The node refused {first.method or 'the request'} of {name.partition('?')[0]}.",
            f"It says: {first.said} (code {first.code}).",
            "Ask a node that has what was asked, or ask for less at a time; the answer is kept as it came.",
        )
    return answers, refusals


def _asked(exhibit: Exhibit) -> Mapping[Any, values.Fields] | None:
    """The requests by their id; None for an imported file."""
    if exhibit.asked is None or not exhibit.asked.body:
        return None
    body = values.load(exhibit.asked.body)
    rows = [values.fields(each, "a request") for each in (body if isinstance(body, list) else [body])]
    return {_id(row): row for row in rows}


def _each(name: str, rows: Sequence[values.Fields], asked: Any) -> Iterator[Answer | Refusal]:
    place, seen = 0, set()
    for row in rows:
        request = None
        if asked is not None:
            request = asked.get(_id(row))
            if (request is None and "error" not in row) or _id(row) in seen:
                raise Error(
                    "answer-unasked",
                    f"{name.partition('?')[0]} answers what was not asked.",
                    f"The answer's id {values.shown(str(row.get('id')))} is no request's, or comes twice.",
                    "Ask again; if it comes the same, the node does not keep to JSON-RPC.",
                )
            seen.add(_id(row))
        made = _one(row, request, place)
        place += len(made.result) if isinstance(made, Answer) and isinstance(made.result, list) else 1
        yield made
    missing = [] if asked is None else [request["method"] for key, request in asked.items() if key not in seen]
    yield from (Refusal(method=str(m), code="none", said="no answer came", place=place) for m in missing)


def _one(row: values.Fields, request: Any, place: int) -> Answer | Refusal:
    method = "" if request is None else str(request.get("method"))
    params = () if request is None or not isinstance(request.get("params"), list) else tuple(request["params"])
    if row.get("error") is not None:
        error = row["error"] if isinstance(row["error"], dict) else {"message": str(row["error"])}
        said = values.shown(str(error.get("message", "")))
        return Refusal(method=method, code=str(error.get("code", "none"))[:20], said=said, place=place)
    result = row.get("result")
    return Answer(method=_SAME.get(method, method) or _shape(result), params=params, result=result, place=place)


def _shape(result: Any) -> str:
    """The method that answers in this shape; the empty text where none is known."""
    if isinstance(result, list):
        first = next((each for each in result if isinstance(each, dict)), {})
        return next((method for keys, method in _LISTS if all(key in first for key in keys)), "")
    if isinstance(result, dict):
        return next((method for keys, method in _OBJECTS if all(key in result for key in keys)), "")
    return ""


def _id(row: values.Fields) -> Any:
    found = row.get("id")
    return found if isinstance(found, str | int) else None


def _none(name: str, why: str) -> NotRecognised:
    return NotRecognised(
        "rpc-answer",
        f"{name.partition('?')[0]} is no answer of an EVM node.",
        f"{why[0].upper()}{why[1:]}.",
        "Name the source that reads it with --as, or ask the node again.",
    )
