"""The start of the program, before anything of `recover` is imported.

There is an unrelated distribution called `recover`. Installed into the same environment it writes its own
`recover/__init__.py` over ours, and whatever came of that could look like a result. So that file is read first.
"""

from __future__ import annotations

import os
import sys

MARK = 'DISTRIBUTION = "recover-forensics"'
"""The line by which `recover/__init__.py` is known for ours."""

_TOLD = """\
error: This installation of recover is damaged, and was not started.
  why:  {why}
        An unrelated package is called `recover`; this one is called `recover-forensics`.
  do:   Make a new environment and install `recover-forensics` there, and never `recover`:
        python -m venv NEW, then NEW/bin/python -m pip install "recover-forensics[standard]"
        No case is touched by this: open it with the new installation.
  code: foreign-recover
"""


def run() -> None:
    """The console script."""
    try:
        why = damage()
        if why:
            sys.stderr.write(_TOLD.format(why=why))
            sys.exit(2)
        from recover.cli.main import run as start

        start()
    except KeyboardInterrupt:  # before the program's own last line stands, or after it
        sys.stderr.write("Interrupted. What was stored is kept; run the same command again.\n")
        sys.exit(130)
    except SystemExit as done:
        # All is printed and on the disk. To take the interpreter down as well costs time, and the threads of
        # libraries have been seen to abort it there: an exit code of nothing that happened.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(done.code if isinstance(done.code, int) else 1)


def damage() -> str:
    """Why the package `recover` here is not ours, in one sentence; empty if it is. Runs none of its code."""
    # By hand, as importlib.util and pathlib cost half of the first answer.
    specs = (finder.find_spec("recover", None) for finder in sys.meta_path)
    origin = next((spec.origin for spec in specs if spec is not None), None)
    if origin is None:
        return "The package `recover` has no __init__.py: it was removed with another package of that name."
    try:
        with open(origin, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        return f"{origin} cannot be read: {error}."
    if MARK not in text.splitlines():
        return f"{origin} is of another package, which was installed over this one."
    return ""
