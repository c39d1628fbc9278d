"""Errors an examiner must act on.

    Error                    exit 2    something in what was asked or given
    |-- NotRecognised        exit 2    a text or a file means nothing here
    |-- Integrity            exit 3    a hash or the journal does not hold
    `-- PluginFailed         exit 4    a plugin raised, or two claim one id

A `Gap` is the other thing: work goes on, but something was not examined (`recover.sdk.records`).
"""

from __future__ import annotations

from typing import ClassVar

from recover.exits import Exit as Exit


class Error(Exception):
    """Work stops until the examiner acts: what happened, why, what to do, and a stable code."""

    exit: ClassVar[Exit] = Exit.USAGE

    def __init__(self, code: str, what: str, why: str, todo: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.todo = todo

    def __str__(self) -> str:
        return f"{self.what}\n  why:  {self.why}\n  do:   {self.todo}\n  code: {self.code}"

    def __reduce__(self) -> tuple[type[Error], tuple[str, str, str, str]]:
        # What Python does by itself would call the class with `what` alone, and lose an error between processes.
        return (type(self), (self.code, self.what, self.why, self.todo))


class NotRecognised(Error):
    """A text is no address or transaction id of this chain, or a file is not of this source's kind."""


class Absent(Error):
    """A source was asked for a transaction, and said that it has none, or that no block holds it: it stays open.

    A source that could not be asked, or whose answer cannot be read, raises another error: nothing is known then.
    """


class Elsewhere(Error):
    """A server answers for another chain than the one that was asked about: of that one it was asked nothing."""


class Integrity(Error):
    """Stored bytes, the journal or a rebuilt file differ from what was recorded."""

    exit = Exit.INTEGRITY


class PluginFailed(Error):
    """A plugin raised, or two plugins claim one id."""

    exit = Exit.PLUGIN
