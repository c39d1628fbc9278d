"""Answers to letters: what came is stored, and what a source can read is examined like any other exhibit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from recover.capture.imports import described, kept, named, packed, store, taken
from recover.capture.obtained import state
from recover.case import Case
from recover.findings import stored
from recover.letters import life
from recover.plugins.registry import Plugins
from recover.recognise.files import source_of
from recover.sdk import Error, amounts


def beyond(case: Case, ident: str, held: str) -> str:
    """What is odd about an amount that is said to be held: more than was traced to the addressee, or no amount."""
    choice = life.letters(case)[ident].choice
    match = re.fullmatch(r"\s*([0-9][0-9.,]*)\s+(\S+)\s*", held)
    odd = f"{held!r} is no amount with its asset, such as 12.5 EUR; it is kept as it is."
    if match is None:
        return odd
    rows = [r for r in stored.offramps(case) if choice and r.service == choice.service and r.symbol == match[2]]
    if not rows:
        return f"Nothing was traced to this addressee in {match[2]}." if choice and choice.service else ""
    decimals = rows[0].decimals or 0
    traced = sum(r.amount + r.unswept for r in rows)
    try:
        most = amounts.parse(match[1], decimals)
    except Error:
        return odd
    if most <= traced:
        return ""
    said = amounts.decimal(traced, decimals)
    return f"{held} is more than the {said} {match[2]} that were traced to it and are unswept there."


def take(
    case: Case, plugins: Plugins, ident: str, files: Sequence[Path], progress: Callable[[str, int, int], None]
) -> list[int]:
    """Store the files of an answer and return their numbers. Raises Error before anything is stored.

    A file that no source reads is kept all the same: a letter in a scan is an answer too.
    """
    known = life.letters(case)
    life.known(known, ident)
    data = [(path, taken(path)) for path in files]
    choice = known[ident].choice
    service = choice.name if choice else ident
    numbers, file = [], case.next_file()
    for done, (path, content) in enumerate(data):
        progress("answer", done, len(data))
        try:
            source = source_of(plugins, path, content)
        except Error:
            stored = kept(case, file, named(path), content, "answer")
        else:
            read = described(case, path, content, "")
            ready: Future[bytes] = Future()
            ready.set_result(packed(case, read))
            stored = store(case, case.next_file(), [(read, [source], ready)])[0]
        state(case, stored.number, None, "", f"answer of {service} to {ident}")
        numbers.append(stored.number)
    return numbers
