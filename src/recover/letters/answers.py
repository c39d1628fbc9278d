"""Answers to letters: what came is stored, and what a source can read is examined like any other exhibit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from recover.capture.imports import described, kept, named, packed, store, taken
from recover.capture.obtained import state
from recover.case import Case, derived
from recover.findings import stored
from recover.letters import life
from recover.plugins.registry import Plugins
from recover.recognise.files import source_of
from recover.sdk import Error, OffRamp, amounts

_AMOUNT = re.compile(r"\s*([0-9][0-9.,]*)(?:\s+(\S+))?\s*")

_MONEY = re.compile(r"[A-Z]{3}")
"""What money is called by (ISO 4217), such as EUR."""

_ANY = 30
"""So many decimals an amount has at most, of an asset whose decimals nobody said."""


def stated(case: Case, ident: str, version: int, said: Mapping[str, str]) -> None:
    """Raises Error for a hold that no addressee can have meant: before anything of its answer is stored.

    What is held is an amount above zero of an asset of the letter, or 0 where nothing is; its last day comes after
    the answer.
    """
    known = life.letters(case)
    life.known(known, ident)
    letter = known[ident]
    if held := said.get("held", ""):
        _held(case, letter.chosen(version or letter.standing), held)
    if until := said.get("held_until", ""):
        assert case.now is not None
        at = datetime.fromisoformat(said["at"]) if said.get("at") else case.now()
        if datetime.fromisoformat(until) <= at:
            raise Error(
                "hold-ended",
                f"--held-until is {until}, and the answer came on {at.isoformat(timespec='seconds')}.",
                "What is held when it answers is held to a later moment.",
                "Give the day that the answer names; --at says when it came.",
            )


def _held(case: Case, choice: life.Choice | None, held: str) -> None:
    match, todo = _AMOUNT.fullmatch(held), "Write it as 12.5 EUR, or 0 where nothing is held; --note takes words."
    why = f"--held is {held!r}, which is no amount with its asset."
    if match is None:
        raise Error("held-unreadable", why, "By it a hold is counted, and what follows the letter cites it.", todo)
    assets = _assets(case, choice)
    if (name := match[2]) and name not in assets and not (_MONEY.fullmatch(name) and not _reached(case, choice)):
        told = ", ".join(sorted(assets)[:12]) or "none"
        why = f"--held is {held!r}, and the letter is of no asset {name!r}."
        raise Error("held-unreadable", why, f"Its assets: {told}.", todo)
    amount = amounts.parse(match[1], assets.get(name or "", _ANY))
    if name is None and amount:
        raise Error("held-unreadable", why, "An amount without its asset says nothing of what is held.", todo)


def _reached(case: Case, choice: life.Choice | None) -> list[OffRamp]:
    """The off-ramps of the addressee of a letter; none where no traced value reached it."""
    return [r for r in stored.offramps(case) if choice and choice.service and r.service == choice.service]


def _assets(case: Case, choice: life.Choice | None) -> dict[str, int]:
    """By symbol and by id, the decimals of the assets of a letter: of its addressee's, else of the case's."""
    rows = [(r.symbol, r.asset, r.decimals) for r in _reached(case, choice)]
    if not rows:
        known = derived.read(case, "assets").to_pylist()
        rows = [(row["symbol"] or "", row["asset"], row["decimals"]) for row in known]
    return {name: _ANY if n is None else n for symbol, asset, n in rows for name in (symbol, asset) if name}


def beyond(case: Case, ident: str, held: str) -> str:
    """What is odd about an amount that is said to be held: more than was traced to the addressee."""
    choice, match = life.letters(case)[ident].choice, _AMOUNT.fullmatch(held)
    rows = [r for r in _reached(case, choice) if match and match[2] in (r.symbol, r.asset)]
    if match is None or not rows:
        return ""
    decimals = rows[0].decimals or 0
    traced = sum(r.amount + r.resting for r in rows)
    if amounts.parse(match[1], _ANY if rows[0].decimals is None else decimals) <= traced:
        return ""
    said = amounts.decimal(traced, decimals)
    # What is not swept yet stands at a deposit address of it: named only where there is any.
    still = " or stand unswept at its addresses" if any(r.resting for r in rows) else ""
    return f"{held} is more than the {said} {match[2]} that were traced to it{still}."


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
