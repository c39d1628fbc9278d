"""JSON-RPC 2.0 batches: what was asked, read from the stored request, beside what was answered.

A batch's bytes are a function of its calls alone, so that a replay finds the answer that was recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from recover.sdk import Error, Exhibit, NotRecognised, Request
from recover_chain_evm import values

Why = Literal["missing", "limited", "capped", "failed"]

HEADERS = (("Content-Type", "application/json"), ("Accept", "application/json"))
_SHOWN = 200
_MISSING = re.compile(
    r"not found|not exist|not supported|unsupported|not available|unknown method|not whitelisted", re.I
)
_CAPPED = re.compile(
    r"range|result|response size|too large|more than|block.?s? limit|exceeds? .*(?:block|log)", re.I
)
_LIMITED = re.compile(
    r"\brate\b|too many requests|per second|compute units|throughput|quota|credits|capacity", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a batch. `note` stands in its id, and says what the batch is for where its calls do not."""

    method: str
    params: tuple[Any, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came for one call: its `result`, or the `code` and `said` of a refusal. `place` is its item."""

    call: Call
    place: int
    result: Any = None
    code: int | None = None
    said: str = ""

    @property
    def refused(self) -> bool:
        return self.code is not None

    @property
    def why(self) -> Why:
        """What kind of refusal it is: nodes agree on no codes, so the words count as well."""
        if self.code == -32601:
            return "missing"
        if self.code == 429 or (_LIMITED.search(self.said) and not _CAPPED.search(self.said)):
            return "limited"
        if self.code == -32005:
            return "capped" if _CAPPED.search(self.said) else "limited"
        said = self.said.lower()
        if _MISSING.search(said) and ("method" in said or self.call.method.lower() in said):
            return "missing"
        return "capped" if _CAPPED.search(self.said) else "failed"

    @property
    def told(self) -> str:
        return f"{self.call.method}: {values.shown(self.said)} (code {self.code})"


def request(url: str, calls: Sequence[Call]) -> Request:
    """The one HTTP request of a batch."""
    listed = [
        {"jsonrpc": "2.0", "id": call.note or place, "method": call.method, "params": list(call.params)}
        for place, call in enumerate(calls, start=1)
    ]
    body = json.dumps(listed, separators=(",", ":")).encode()
    return Request(url=url, method="POST", headers=HEADERS, body=body)


def asked(exhibit: Exhibit) -> tuple[Call, ...]:
    """The calls that an exhibit answers. Raises NotRecognised for one that was not asked for as a batch."""
    try:
        if exhibit.asked is None:
            raise ValueError("it was imported, and the calls that it answers are not in it")
        listed = values.items(values.load(exhibit.asked.body), "the request")
        return tuple(_call(values.fields(each, "a call")) for each in listed)
    except (ValueError, KeyError) as error:
        raise NotRecognised(
            "no-batch",
            f"{exhibit.name} is no answer to a batch of JSON-RPC calls.",
            f"{error}.",
            "Collect it through a case, which keeps what was asked with what was answered.",
        ) from None


def answers(exhibit: Exhibit) -> tuple[Answer, ...]:
    """The answers of a batch in the order of its calls.

    Raises Error where the node refused the batch as a whole or left a call out, NotRecognised for no batch.
    """
    calls = asked(exhibit)
    try:
        body = values.load(exhibit.data)
    except ValueError as error:
        raise _unreadable(exhibit, f"It is not JSON: {error}") from None
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        raise refused(Answer(call=Call(method="the batch"), place=0, **_refusal(body["error"])), exhibit.name)
    if not isinstance(body, list) or not all(isinstance(each, dict) for each in body):
        raise _unreadable(exhibit, "It is not a list of answers")
    found = {str(each.get("id")): (place, each) for place, each in enumerate(body)}
    wanted = {call.note or str(place): call for place, call in enumerate(calls, start=1)}
    if len(found) != len(body) or found.keys() != wanted.keys():
        raise _unreadable(exhibit, f"It has {len(found)} answers, told apart by their ids, to {len(wanted)} calls")
    return tuple(_answer(call, *found[key], exhibit) for key, call in wanted.items())


def refused(answer: Answer, name: str) -> Error:
    """The error that a refusal is where nothing can stand for the answer."""
    if answer.why == "limited":
        return Error(
            "rate-limited",
            f"The node at {name} asks to be asked less.",
            f"It answered {answer.told}.",
            "Run again later, or raise the pause between requests; what came before is kept.",
        )
    return Error(
        "node-refused",
        f"The node at {name} does not answer {answer.call.method}.",
        f"It answered {answer.told}.",
        "Ask a node that answers this call; what came before is kept.",
    )


def _answer(call: Call, place: int, body: values.Fields, exhibit: Exhibit) -> Answer:
    if isinstance(body.get("error"), dict):
        return Answer(call=call, place=place, **_refusal(body["error"]))
    if "result" not in body:
        raise _unreadable(exhibit, f"Item {place} has neither a result nor an error")
    return Answer(call=call, place=place, result=body["result"])


def _refusal(error: values.Fields) -> dict[str, Any]:
    code = error.get("code")
    return {"code": code if isinstance(code, int) else 0, "said": str(error.get("message"))[:_SHOWN]}


def _call(fields: values.Fields) -> Call:
    note = fields["id"] if isinstance(fields["id"], str) else ""
    return Call(method=str(fields["method"]), params=tuple(values.items(fields["params"], "params")), note=note)


def _unreadable(exhibit: Exhibit, why: str) -> Error:
    return Error(
        "answer-unreadable",
        f"The answer of {exhibit.name} to a batch of calls cannot be read.",
        f"{why}.",
        "Ask again; if it stays, ask a node that answers JSON-RPC 2.0 batches.",
    )
