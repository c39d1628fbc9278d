"""What became of an ask: what each source said that it was put to, and what the journal keeps of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from recover.capture.shared import missing
from recover.sdk.batch import ask_text
from recover.sdk.errors import Error
from recover.sdk.values import Ask, Exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One ask put to one source: why it gave no answer (empty: it did), and whether the next attempt goes on.

    `absent`: it was asked, and has no such transaction in any block; `elsewhere`: its server is of another chain.
    `again` is a request whose answer was only that it is asked too often, or none. `sent` requests
    went out; its host is left alone for `rest` seconds. `over`: the run ended before it was asked.
    """

    source: str
    why: str
    proxy: str = ""
    goes_on: bool = False
    paused: bool = False
    host: str = ""
    absent: bool = False
    elsewhere: bool = False
    again: str = ""
    sent: int = 0
    rest: float = 0.0
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One ask that came back: what its sources said, in order, and what was got."""

    wanted: Ask
    place: int
    tried: tuple[Tried, ...]
    exhibits: tuple[Exhibit, ...]
    fatal: BaseException | None = None

    @property
    def answered(self) -> bool:
        return any(not one.why for one in self.tried)

    @property
    def failed(self) -> int:
        """How many sources gave no answer."""
        return sum(bool(one.why) for one in self.tried)

    @property
    def paused(self) -> bool:
        """Whether it has more pages than are asked for at one time."""
        return not self.answered and any(one.paused for one in self.tried)

    @property
    def goes_on(self) -> bool:
        """Whether it stopped short of an answer, and can be taken up where it stopped."""
        return not self.answered and any(one.goes_on for one in self.tried)


def words(error: Error) -> str:
    """Why there was no answer, as it is kept."""
    return f"{error.what} {error.why} {error.todo if missing(error) else ''}".strip()


def told(came: Sequence[Done]) -> list[dict[str, object]]:
    """What the journal keeps of asks that came back, one entry a source."""
    return [_asked(one.wanted, tried) for one in came for tried in one.tried]


def _asked(wanted: Ask, tried: Tried) -> dict[str, object]:
    body: dict[str, object] = {"ask": ask_text(wanted), "source": tried.source, "why": tried.why}
    if tried.proxy:
        body["proxy"] = urlsplit(tried.proxy).hostname
    if tried.goes_on:
        body["goes_on"] = True
    if tried.absent:
        body["absent"] = True
    if tried.elsewhere:
        body["elsewhere"] = True
    if tried.again:
        body["again"] = tried.again
    return body
