"""The replay recorder: answers only from the case, so that any collection can be run again with no network."""

from __future__ import annotations

from dataclasses import dataclass

from recover.case import Case, warc
from recover.sdk.errors import Error
from recover.sdk.values import Exhibit, Request


@dataclass(slots=True)
class Replay:
    """Gives the latest stored answer to the same request."""

    case: Case
    endpoint: str = ""

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when this request was never answered in this case."""
        wanted = warc.key(request)
        for stored in reversed(self.case.exhibits()):
            # The latest, since a history asked again is longer; refusals, which no source reads, are passed over.
            if stored.request == wanted and stored.sources:
                return self.case.read(stored)
        raise Error(
            "not-recorded",
            f"The case holds no answer to {request.method} {request.url}.",
            "Replay answers only from what was captured.",
            "Collect it live, or leave it as a gap.",
        )
