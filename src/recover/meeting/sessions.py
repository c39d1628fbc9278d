"""Secrets of one meeting: in `private/`, for the owner alone to read, and gone once it is over.

The journal knows of each meeting with whom it was, in what scope, the digests of the files, and what was learned.
The secret and the list of what was sent lie in `private/meetings/` until `compare`, and are deleted there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from recover.case import Case, private
from recover.sdk.errors import Error

KIND = "meeting"
_FOLDER = "private/meetings"
_CLOSED = f"{_FOLDER}/closed.json"


def known(case: Case) -> list[Mapping[str, Any]]:
    """What the journal has of meetings, in order."""
    return [{**entry.body, "time": entry.time} for entry in case.entries if entry.kind == KIND]


def keep(case: Case, session: str, said: Mapping[str, Any]) -> None:
    """Store what the next step of this side needs."""
    case.files.make(_FOLDER)
    case.files.write(f"{_FOLDER}/{session}.json", json.dumps(said, sort_keys=True).encode() + b"\n")
    private.note(case)


def held(case: Case, session: str, step: str) -> dict[str, Any]:
    """What was stored. Raises Error for a meeting that is over, is another case's, or is at another step."""
    name = f"{_FOLDER}/{session}.json"
    if case.files.size(name) is not None:
        found: dict[str, Any] = json.loads(case.files.read(name))
        if found["step"] == step:
            return found
    over = any(one["id"] == session and one["act"] == "compare" for one in known(case))
    raise Error(
        "meeting-over" if over else "meeting-unknown",
        "This file is of a meeting that is over."
        if over
        else "This file is of no meeting that this side has open.",
        "Its secrets were destroyed when it was compared: a file that comes twice is not read twice."
        if over
        else "Another case began it, or `private/` is not here.",
        "Begin another meeting with `recover meet blind`." if over else "Compare it where the meeting was begun.",
    )


def fresh(case: Case, session: str, digest: str) -> None:
    """Raises Error where a file was answered before, or is of a meeting of this very case."""
    if any(session == one["id"] or digest == one.get("received") for one in known(case)):
        raise Error(
            "meeting-again",
            "This file was answered before, or is this case's own.",
            "Each answer lets its sender ask about a set once more; and who answers themselves learns nothing.",
            "Send the answer that was made; or let the other side begin another meeting.",
        )


def close(case: Case, session: str) -> None:
    """Delete the secrets of a meeting; that it is over stays."""
    case.files.discard(f"{_FOLDER}/{session}.json")
    before: Sequence[str] = json.loads(case.files.read(_CLOSED)) if case.files.size(_CLOSED) else []
    case.files.write(_CLOSED, json.dumps([*before, session]).encode() + b"\n")
    private.note(case)
