"""Why a command stopped: three sentences and a code on stderr, and as JSON on stdout when that was asked for."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

import recover
from recover.cli import codec, screen
from recover.cli.escape import visible
from recover.exits import Exit

if TYPE_CHECKING:
    from recover.sdk.errors import Error


def stopped(error: Error, as_json: bool) -> int:
    """Tell an Error; returns its exit code."""
    _tell(error.code, error.what, error.why, error.todo, as_json)
    return int(error.exit)


def usage(message: str, as_json: bool, command: str) -> int:
    """Tell that the command line itself could not be read."""
    _tell(
        "usage", message, "The command line could not be read.", f"`{command} --help` says what it takes.", as_json
    )
    return Exit.USAGE


def refused(error: OSError, as_json: bool) -> int:
    """Tell that the operating system refused a file."""
    # It can be a file descriptor, which would tell an examiner nothing.
    where = error.filename if isinstance(error.filename, str) else "a file"
    _tell(
        "file",
        f"{where} cannot be used.",
        f"The operating system says: {error.strerror or error}.",
        "Nothing that was acknowledged is lost. Check the path, the permissions and the space left on the disk.",
        as_json,
    )
    return Exit.USAGE


def bug(error: Exception, as_json: bool) -> int:
    """Tell an exception that should never have come this far: its type and where, and no traceback."""
    name, place = type(error).__name__, _place(error)
    _tell(
        "bug",
        f"recover met an error of its own: {name} at {place}.",
        str(error) or "The exception says nothing more.",
        "Nothing that was stored is lost. Report this line; RECOVER_DEBUG=1 shows the whole traceback.",
        as_json,
    )
    return Exit.BUG


def interrupted() -> int:
    """Tell that the examiner stopped it."""
    screen.remark("Interrupted. Nothing that was stored is lost; the same command goes on from there.")
    return Exit.INTERRUPTED


def _tell(code: str, what: str, why: str, todo: str, as_json: bool) -> None:
    # On stdout too, so that a program that reads JSON gets a reason and not an empty answer.
    if as_json:
        screen.write(codec.text({"error": {"code": code, "what": what, "why": why, "do": todo}}))
    lines = _lines("error: ", what) + _lines("  why:  ", why) + _lines("  do:   ", todo) + [f"  code: {code}"]
    for line in lines:
        screen.remark(line, indent=" " * 8)


def _lines(head: str, text: str) -> list[str]:
    # Continuation lines are indented, so that no text from outside can pass for one of our own sentences.
    first, *rest = text.split("\n")
    return [head + visible(first), *(" " * 8 + visible(line.strip()) for line in rest)]


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if _ours(f.filename)] or list(frames)
    if not ours:
        return "an unknown place"
    folder, name = os.path.split(ours[-1].filename)
    return f"{os.path.basename(folder)}/{name}:{ours[-1].lineno} in {ours[-1].name}"


def _ours(file: str) -> bool:
    """Whether a file is of the core or of a member, by its package: any folder may be called recover."""
    core = os.path.dirname(os.path.abspath(recover.__file__))
    return file.startswith(core + os.sep) or any(part.startswith("recover_") for part in _packages(file))


def _packages(file: str) -> list[str]:
    """The folders of a file that are packages, the innermost first."""
    found = []
    folder = os.path.dirname(file)
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        found.append(name)
    return found
