"""Each request once: what another ask of the run was answered, and what an attempt that was cut off had got."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from recover.case import Case
from recover.case.acknowledged import Stored
from recover.sdk.errors import Error
from recover.sdk.values import Exhibit

Name = tuple[str, str]
"""A source, and what makes its request the one that it is."""


@dataclass(slots=True)
class _Slot:
    done: threading.Event = field(default_factory=threading.Event)
    exhibit: Exhibit | None = None


@dataclass(slots=True)
class Shared:
    """The answers of one run by request. `before` holds, by ask, those that it may take up again."""

    case: Case
    before: Mapping[str, Mapping[Name, Stored]] = field(default_factory=dict)
    _slots: dict[Name, _Slot] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def once(
        self, name: Name, ask: str, send: Callable[[], Exhibit], again: Callable[[], None] = lambda: None
    ) -> Exhibit:
        """The answer to a request: one that is here, or on its way, or a new one. `again`: it was here."""
        old = self.before.get(ask, {}).get(name)
        if old is not None:
            again()
            return self.case.read(old)
        with self._lock:
            slot = self._slots.get(name)
            mine = slot is None
            if slot is None:
                slot = self._slots[name] = _Slot()
        if not mine:
            slot.done.wait()
            if slot.exhibit is not None:
                again()
                return slot.exhibit
            return send()  # the other one had no luck, and says so itself
        try:
            slot.exhibit = send()
        finally:
            if slot.exhibit is None:
                with self._lock:
                    self._slots.pop(name, None)
            slot.done.set()
        return slot.exhibit

    def drop(self, name: Name) -> None:
        """What answered this request was no answer: it is sent again, and no earlier one of it is taken."""
        with self._lock:
            self._slots.pop(name, None)
        for known in self.before.values():
            if isinstance(known, dict):
                known.pop(name, None)

    def forget(self, asks: Collection[str] = ()) -> None:
        """What was answered so far is old: the next ask gets it anew, and so do `asks` what is kept for them."""
        self.before = {ask: known for ask, known in self.before.items() if ask not in asks}
        with self._lock:
            self._slots = {name: slot for name, slot in self._slots.items() if not slot.done.is_set()}


def unfinished(case: Case) -> dict[str, dict[Name, Stored]]:
    """By ask, the answers of the attempts that were cut off: by a crash, a budget, a limit, or a server at rest.

    Those of the run count in which the first of these attempts began, and of all after it: what a source had asked
    about no address in particular, such as the newest block, belongs to each of its asks.
    """
    began, here, place = dict[str, int](), 0, 0
    last, spoilt = dict[str, int](), set[int]()
    for entry in case.entries:
        body = entry.body
        if entry.kind == "collecting" and body.get("first"):
            here = place
        elif entry.kind == "exhibit":
            place += 1
            last[str(body.get("request"))] = place
            if body.get("ask"):
                began.setdefault(str(body["ask"]), here)
        elif entry.kind == "asked":
            if body.get("again") in last:
                spoilt.add(last[body["again"]])
            if not body.get("goes_on"):
                began.pop(str(body["ask"]), None)
            else:
                began.setdefault(str(body["ask"]), here)
    if not began:
        return {}
    whole = case.used()
    found: dict[int, dict[Name, Stored]] = {}
    for start in dict.fromkeys(began.values()):
        later = (one for one in whole if one.number > start and one.request and one.number not in spoilt)
        found[start] = {(source, one.request): one for one in later for source in one.sources}
    return {ask: found[start] for ask, start in began.items()}


def limited(error: Error) -> bool:
    """Whether an error is about how often was asked, though the answer that said so looked like any other."""
    return error.code == "rate-limited"


def missing(error: Error) -> bool:
    """Whether an error is about what is not set up, so that no server was asked."""
    return error.code in ("secret-missing", "secret-unusable", "endpoint-missing")
