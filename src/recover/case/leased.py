"""Leased: a long command gives its case's lock back while nothing of it is under way, so that others write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from recover.case import journal, mending
from recover.case.folder import Case, opened
from recover.sdk.errors import Error, Integrity

_EVER = 86_400.0
"""Seconds for which a lock is waited for by a command that has no end of its own."""


@contextmanager
def lent(case: Case, until: float = float("inf")) -> Iterator[None]:
    """While this lasts others may write to the case. Then the lock is taken again, before `until`, a moment of the
    monotonic clock, and the case is read anew: what they wrote counts.

    All that came in must stand in the journal: another writer moves aside what does not. Raises Error where the
    lock is not had in time.
    """
    assert case.lease is not None, "the case is open for reading"
    assert case.now is not None
    case.lease.give()
    try:
        yield
    except KeyboardInterrupt:
        with suppress(Error):  # whoever ends it does not wait for others
            case.lease.take(case.now())
            _anew(case)
        raise
    case.lease.take(case.now(), min(_EVER, max(1.0, until - time.monotonic())))
    _anew(case)


def _anew(case: Case) -> None:
    if case.files.size(journal.FILE) == case._length:
        return  # nobody wrote
    case.files.survey()
    now, last = opened(case.files), case.entries[-1]
    if len(now.entries) < last.number or now.entries[last.number - 1].hash != last.hash:
        raise Integrity(
            "journal-changed",
            f"The journal of {case.typed} is another one than before this command gave its lock back.",
            f"Entry {last.number} is no longer what it was.",
            "Nothing was added to it. Take the case from its last copy.",
        )
    case.entries, case.settings, case._length = now.entries, now.settings, now._length
    case.torn, case.edited = now.torn, now.edited
    mending.mend(case)
    case.mind_clock()
