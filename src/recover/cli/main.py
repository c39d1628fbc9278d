"""The last line of the program: where every error becomes a reason and an exit code."""

from __future__ import annotations

import gc
import os
import sys

from recover.cli import menu, outlet

# No library is loaded here: the first answer, `recover --help`, is printed from the menu.


_RARELY = (200_000, 20, 20)
"""How often cycles are looked for. What a command reads of a large case is all in use, and has none: to walk it
again and again took a fifth of the time of a case of fifty thousand losses."""


def run() -> None:
    """The console script."""
    gc.set_threshold(*_RARELY)
    code = main(sys.argv[1:])
    outlet.finish()
    sys.exit(code)


def main(arguments: list[str]) -> int:
    """One command; returns its exit code."""
    if arguments in ([], ["-h"], ["--help"]):
        outlet.put(sys.stdout, menu.text())
        return 0
    from recover.cli import reasons
    from recover.exits import Exit

    # Looked for by hand, as the error may be that the arguments cannot be read at all.
    as_json = "--json" in arguments
    try:
        from recover.cli.commands import program

        # Not standalone: typer would otherwise print its own errors and exit with codes of its own.
        code = program(arguments, prog_name="recover", standalone_mode=False)
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except Exception as error:  # the last line of the program: a named reason, never a traceback
        if os.environ.get("RECOVER_DEBUG") == "1":
            raise
        return _reason(error, as_json)
    return reasons.interrupted() if code == Exit.INTERRUPTED else int(code or Exit.DONE)


def _reason(error: Exception, as_json: bool) -> int:
    import typer

    from recover.cli import reasons
    from recover.sdk.errors import Error

    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        return reasons.usage(error.format_message(), as_json, context.command_path if context else "recover")
    if isinstance(error, Error):
        return reasons.stopped(error, as_json)
    if isinstance(error, OSError):
        return reasons.refused(error, as_json)
    return reasons.bug(error, as_json)
