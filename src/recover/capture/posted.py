"""One request to a stamping authority, at a place that the user named for this call or in `recover.toml`."""

from __future__ import annotations

import httpx

from recover.capture.wire import Wire
from recover.sdk.errors import Error
from recover.sdk.values import Request

LARGEST = 2**20
SECONDS = 60


def posted(url: str, body: bytes, media: str, accept: str) -> bytes:
    """The answer's body. Raises Error where none came, or one that says that it failed."""
    headers = (("Content-Type", media), ("Accept", accept))
    wire = Wire()
    try:
        answer = wire.send(
            Request(url=url, method="POST", headers=headers, body=body),
            {},
            proxy="",
            seconds=SECONDS,
            largest=LARGEST,
        )
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _unanswered(url, f"{type(error).__name__}: {error}") from error
    finally:
        wire.close()
    if answer.status != 200:
        raise _unanswered(url, f"it answered with the status {answer.status}")
    return answer.body


def _unanswered(url: str, why: str) -> Error:
    return Error(
        "stamp-unanswered",
        f"No time stamp came from {url}.",
        f"{why[:300]}.",
        "Try again, or name another authority; nothing was sealed.",
    )
