"""The replay recorder: answers only from the case, so that any collection can be run again with no network."""

from __future__ import annotations

from dataclasses import dataclass

from recover.case import Case, warc
from recover.sdk.errors import Error
from recover.sdk.values import Exhibit, Request


def latest(case: Case, request: Request) -> Exhibit | None:
    """The latest exhibit that answers a request, None where the case has none."""
    wanted = warc.key(request)
    for stored in reversed(case.used()):
        if stored.request == wanted and stored.sources:
            return case.read(stored)
    return None


@dataclass(slots=True)
class Replay:
    """Gives the latest stored answer to the same request."""

    case: Case
    endpoint: str = ""

    def capture(self, request: Request) -> Exhibit:
        """Raises Error when this request was never answered in this case."""
        # The latest, since a history asked again is longer; refusals, which no source reads, are passed over.
        found = self.stored(request)
        if found is not None:
            return found
        raise Error(
            "not-recorded",
            f"The case holds no answer to {request.method} {request.url}.",
            "Replay answers only from what was captured.",
            "Collect it live, or leave it as a gap.",
        )

    def stored(self, request: Request) -> Exhibit | None:
        return latest(self.case, request)
