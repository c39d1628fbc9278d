"""The exit codes of every command, apart from all else: `--help` must not wait for what the contract loads."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command. APART: what is compared was made with other versions."""

    # 2 is what command lines give for a wrong call, 70 is EX_SOFTWARE of BSD's sysexits. 1 is not used: Python
    # gives it for whatever nobody caught.
    DONE = 0
    USAGE = 2
    INTEGRITY = 3
    PLUGIN = 4
    GAPS = 5
    APART = 6
    BUG = 70
    INTERRUPTED = 130  # 128 and the signal's number, as shells have it
