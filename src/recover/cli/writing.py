"""Opening a case to write to it, and saying what was put right or left alone meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recover.cli import screen
from recover.sdk.counts import counted

if TYPE_CHECKING:
    from recover.case import Case
    from recover.case.journal import Entry


_STAGES = ("collect", "decode", "link", "trace", "find", "write", "run", "upgrade")
"""Commands that bring results up to date, or say themselves that they are not."""


def _unseen(case: Case) -> str:
    from recover.case.manifest import manifest
    from recover.plugins.pins import behind

    if not manifest(case).files or not behind(case):
        return ""
    return (
        "The papers in out/ have not seen all that the case holds now: "
        f"`recover run {case.typed}` writes them again."
    )


def _worked(case: Case) -> None:
    """Note who works on the case, where the user's own settings name another examiner than before."""
    from contextlib import suppress

    from recover.capture import own
    from recover.declared import handing
    from recover.sdk.errors import Error

    # Settings that cannot be read are refused by each command that needs them.
    with suppress(Error):
        handing.works(case, own.load().defaults.examiner)


_EVIDENCE = ("import", "now", "watch", "victim", "evidence", "demo")
"""Commands that take in what others wrote, which is kept as it came; `recover victim check` searches that too."""


def _minded(case: Case, command: str) -> bool:
    """Hold what is typed against the identities of the case, where something opens them. Whether it could not."""
    from recover.cli.unlocking import opener
    from recover.victims import leaks, vault

    if command in (*_STAGES, *_EVIDENCE) or not vault.exists(case):
        return False
    found = opener(None, None, ask=False)
    if not found.passphrase:
        return True
    opened = vault.unlock(case, found)
    case.minds = leaks.Minds(opened.each(opened.names()))
    return False


def _held(case: Case, command: str) -> str:
    """Hold names of files that came in against the identities of the case, where something opens them; what is to
    be said where nothing does."""
    from recover.cli.unlocking import opener
    from recover.victims import vault, withheld

    if command not in (*_EVIDENCE, "letter answer") or not (new := withheld.unknown(case)):
        return ""
    found = opener(None, None, ask=False) if vault.exists(case) else None
    if found is None or not found.passphrase:
        return (
            f"The file names of {counted(len(new), 'exhibit')} were not held against the sealed identities of the "
            "case: no paper prints them until `recover victim check` has."
        )
    opened = vault.unlock(case, found)
    withheld.note(case, opened.each(opened.names()))
    return ""


_SPOKEN = ("claim", "custody", "distribution", "plan", "settings")
"""Entries that keep what a person typed under other names than a reason: who, to whom, on which order, a note."""


def _typed(entry: Entry) -> bool:
    return bool(entry.body.get("reason")) or entry.kind in _SPOKEN


_LOCKED = (
    "What was typed stays in the journal for ever, and was not held against the sealed identities of the case: "
    "set RECOVER_PASSPHRASE for that. `recover victim check` searches afterwards."
)


@contextmanager
def open_for_writing(path: Path, command: str, patience: float = 0.0) -> Iterator[Case]:
    """A case open for one command; what opening and working it had to tell goes to standard error at the end.
    Another command that writes to it is waited for `patience` seconds."""
    from recover.case import open_for_writing as opening

    with opening(path, command, patience=patience) as case:
        locked = _minded(case, command)
        began = len(case.entries)
        try:
            _worked(case)
            yield case
            if told := _held(case, command):
                case.told.append(told)
        finally:
            if locked and any(map(_typed, case.entries[began:])):
                case.told.append(_LOCKED)
            if command not in _STAGES and (late := _unseen(case)):
                case.told.append(late)
            for line in case.told:
                screen.remark(f"note: {line}")
