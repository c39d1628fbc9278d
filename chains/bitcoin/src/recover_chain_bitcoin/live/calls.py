"""JSON-RPC batches: what was asked and what was answered, tied to each other by their ids.

A batch is one exhibit, so a transaction, its Merkle proof, its header and what it spends decode together, alone
and purely. Each id names the chain and the subject of its question, and the server repeats it: equal answers to
different questions are different bytes. Sources: JSON-RPC 2.0 specification; Bitcoin Core
`doc/JSON-RPC-interface.md`; Electrum protocol 1.4.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from recover.sdk import Error, Exhibit, Gap, NotRecognised, Recorder, Request

Json: TypeAlias = Any
"""A parsed JSON value: checked where it is read, by the functions of `fields`."""

_HEADERS: Final = (("Content-Type", "application/json"),)
MOST: Final = 5_000
"""No batch of ours has as many calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question. `purpose` is our own word for it, `subject` an id or address that it is about.

    `params` are as the server's interface has them: text, numbers, lists.
    """

    purpose: str
    subject: str
    method: str
    params: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One call with its result, or with the server's refusal. `place` is the call's number in the batch."""

    call: Call
    place: int
    result: Json = None
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers of one batch, in the order of its calls."""

    chain: str
    listed: tuple[Answer, ...] = field(default=())

    def of(self, purpose: str, subject: str = "") -> Answer | None:
        """The first answer of a purpose (about a subject, if named); None where none is, or it was refused."""
        found = (a for a in self.all(purpose) if not subject or a.call.subject == subject)
        return next(found, None)

    def all(self, purpose: str) -> list[Answer]:
        """The answers of a purpose that were not refused."""
        return [a for a in self.listed if a.call.purpose == purpose and not a.refusal]

    @property
    def refused(self) -> list[Answer]:
        return [a for a in self.listed if a.refusal]


def ask(recorder: Recorder, url: str, chain: str, calls: Sequence[Call], *, line: bool = False) -> Exhibit:
    """Put one batch to the server; `line` for line protocols, which have no headers."""
    listed = [
        {
            "jsonrpc": "2.0",
            "id": f"{chain} {c.purpose} {c.subject}".rstrip(),
            "method": c.method,
            "params": c.params,
        }
        for c in calls
    ]
    body = json.dumps(listed, separators=(",", ":")).encode("ascii")
    return recorder.capture(Request(url=url, method="POST", headers=() if line else _HEADERS, body=body))


def read(exhibit: Exhibit) -> Answers:
    """Questions and answers of one exhibit.

    Raises NotRecognised where it is no answer to a batch of ours, Error where an answer is missing or comes twice.
    """
    if exhibit.asked is None:
        raise _strange(exhibit, "it does not answer a recorded request")
    chain, calls = _asked(exhibit)
    found = _load(exhibit, exhibit.data)
    if not isinstance(found, list):
        why = found.get("error") if isinstance(found, dict) else found
        raise Error(
            "batch-refused",
            f"{exhibit.name} did not answer the questions one by one.",
            f"It says: {json.dumps(why)[:300]}.",
            "Ask another server; this one takes no batches, or refuses them all.",
        )
    by_id = _by_id(exhibit, found)
    listed = [_answer(exhibit, call, place, by_id.get(key)) for place, (key, call) in enumerate(calls)]
    return Answers(chain=chain, listed=tuple(listed))


def gap(answer: Answer) -> Gap:
    """What the server would not say."""
    return Gap(
        code="server-refused",
        subject=answer.call.subject or answer.call.method,
        why=f"The server refused {answer.call.method}: {answer.refusal}",
        effect="What was asked is not known. It is not known to be nothing.",
        place=answer.place,
    )


def require(answers: Answers, name: str) -> None:
    """Raises Error when the server refused any of the calls."""
    if answers.refused:
        first = answers.refused[0]
        raise Error(
            "server-refused",
            f"{name} refused {first.call.method} for {first.call.subject or 'the chain'}.",
            f"It says: {first.refusal}",
            "Ask another server, or one that keeps what this one lacks; nothing was taken for an empty answer.",
        )


def _asked(exhibit: Exhibit) -> tuple[str, list[tuple[str, Call]]]:
    """The chain, and (id, call) pairs of the request."""
    assert exhibit.asked is not None
    listed = _load(exhibit, exhibit.asked.body)
    calls: list[tuple[str, Call]] = []
    chain = ""
    for each in listed if isinstance(listed, list) else ():
        key, params = (each.get("id"), each.get("params")) if isinstance(each, dict) else (None, None)
        parts = key.split(" ", 2) if isinstance(key, str) else []
        if (
            key is None
            or len(parts) < 2
            or not isinstance(params, list)
            or not isinstance(each.get("method"), str)
        ):
            raise _strange(exhibit, "its request is none of ours")
        chain = parts[0]
        subject = parts[2] if len(parts) > 2 else ""
        calls.append((key, Call(purpose=parts[1], subject=subject, method=each["method"], params=tuple(params))))
    if not calls or len(calls) > MOST:
        raise _strange(exhibit, "its request is no batch of ours")
    return chain, calls


def _by_id(exhibit: Exhibit, found: list[Json]) -> dict[str, dict[str, Json]]:
    by_id: dict[str, dict[str, Json]] = {}
    for each in found:
        key = each.get("id") if isinstance(each, dict) else None
        if not isinstance(key, str) or key in by_id:
            raise _unreadable(
                exhibit, f"an answer has the id {json.dumps(key)[:100]}, which is none or comes twice"
            )
        by_id[key] = each
    return by_id


def _answer(exhibit: Exhibit, call: Call, place: int, found: dict[str, Json] | None) -> Answer:
    if found is None:
        raise _unreadable(exhibit, f"call {place} ({call.method} {call.subject}) has no answer")
    error = found.get("error")
    if error is not None:
        said = error.get("message") if isinstance(error, dict) else error
        code = error.get("code") if isinstance(error, dict) else None
        # The server's own words go into messages and gaps: bounded, and nothing in them but plain letters.
        return Answer(
            call=call, place=place, refusal=f"{str(said)[:300]!a} (code {code if type(code) is int else 'none'})."
        )
    if "result" not in found:
        raise _unreadable(exhibit, f"call {place} ({call.method} {call.subject}) has neither result nor error")
    return Answer(call=call, place=place, result=found["result"])


def _load(exhibit: Exhibit, data: bytes) -> Json:
    try:
        # Amounts of Bitcoin Core are decimals: kept as text, so that none ever becomes a float.
        return json.loads(data.decode("utf-8"), parse_float=str, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise _strange(exhibit, "it is not JSON in UTF-8") from None


def _constant(text: str) -> Json:
    raise ValueError(text)


def _strange(exhibit: Exhibit, why: str) -> NotRecognised:
    return NotRecognised(
        "no-rpc-answer",
        f"{exhibit.name[:200]} is no answer of a server to a batch of questions.",
        f"{why[0].upper()}{why[1:]}.",
        "Collect it again; files of other kinds are imported as what they are.",
    )


def _unreadable(exhibit: Exhibit, why: str) -> Error:
    return Error(
        "rpc-answer-unreadable",
        f"The answer of {exhibit.name[:200]} cannot be read.",
        f"{why[0].upper()}{why[1:]}.",
        "Ask again, or another server; nothing of this answer is used.",
    )
