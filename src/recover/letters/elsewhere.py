"""Who asked whom: the letters of all cases of a folder, and what of one another case has asked already.

A recipient that gets the same question from two cases answers neither well, and each request more can reach the
account's holder. What a person drafted, or issued, is a request; what was withdrawn is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recover.case import Case, derived, open_for_reading
from recover.case.journal import FILE
from recover.letters import life
from recover.sdk.errors import Error


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One letter of one case. `named` are the addresses and other identifiers in it, `losses` their places."""

    case: str
    letter: str
    kind: str
    to: str
    state: str
    at: datetime | None
    named: frozenset[str]
    losses: frozenset[str]

    @property
    def recipient(self) -> str:
        """The recipient however its name is written."""
        return "".join(c for c in self.to.casefold() if c.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A request of another case that has something in common with one: its recipient, identifiers, losses."""

    request: Request
    recipient: bool
    named: tuple[str, ...]
    losses: tuple[str, ...]


def cases(folder: Path) -> list[Path]:
    """The cases directly below a folder, in order of their names."""
    return sorted(one.parent for one in folder.glob(f"*/{FILE}")) if folder.is_dir() else []


def register(folder: Path) -> tuple[list[Request], list[tuple[str, str]]]:
    """Every request of the cases of a folder, and (case, why) of those that could not be read."""
    found: list[Request] = []
    unread: list[tuple[str, str]] = []
    for path in cases(folder):
        try:
            found += requests(open_for_reading(path))
        except Error as error:
            unread.append((path.name, f"{error.what} {error.why}"))
    return found, unread


def requests(case: Case) -> Iterator[Request]:
    """The requests of one case, by letter."""
    known = life.letters(case)
    for ident, letter in sorted(known.items()):
        choice = letter.chosen(letter.standing) or letter.choice
        if choice is None or letter.withdrawn or ident.endswith("-withdrawal"):
            continue
        issued = letter.at("issue", letter.standing)
        at = letter.at("sent", letter.standing) or issued
        named = {*choice.about}
        if issued is not None:
            named |= {*issued.said.get("named", ())}
        elif choice.service:
            named |= {*_credited(case, choice.service)}
        yield Request(
            case=case.path.name,
            letter=ident,
            kind=choice.kind,
            to=choice.name or choice.service,
            state=letter.state,
            at=at.moment() if at else choice.time,
            named=frozenset(named),
            losses=frozenset(
                f"{loss.chain}:{loss.place}"
                for loss in case.settings.losses
                if not choice.losses or loss.id in choice.losses
            ),
        )


def _credited(case: Case, service: str) -> Iterable[str]:
    """The addresses that a draft to a service names: where value was credited there, as far as it was found."""
    try:
        rows = derived.read(case, "offramps", ["service", "through"]).to_pylist()
    except Error:
        return ()
    return [row["through"] for row in rows if row["service"] == service]


def shared(mine: Request, others: Iterable[Request]) -> list[Shared]:
    """What others asked that this one asks too: what names the most in common stands first."""
    found = []
    for one in others:
        both = Shared(
            request=one,
            recipient=one.recipient == mine.recipient,
            named=tuple(sorted(mine.named & one.named)),
            losses=tuple(sorted(mine.losses & one.losses)),
        )
        if one.case != mine.case and (both.recipient or both.named or both.losses):
            found.append(both)
    return sorted(found, key=lambda s: (not s.recipient, -len(s.named), -len(s.losses), s.request.case))


def before(case: Case, ident: str) -> tuple[list[Shared], list[tuple[str, str]]]:
    """What cases beside this one asked that one of its letters asks too; and the cases that could not be read."""
    mine = next((one for one in requests(case) if one.letter == ident), None)
    if mine is None:
        return [], []
    found: list[Request] = []
    unread: list[tuple[str, str]] = []
    for path in cases(case.path.resolve().parent):
        if path.name != case.path.resolve().name:
            try:
                found += requests(open_for_reading(path))
            except Error as error:
                unread.append((path.name, f"{error.what} {error.why}"))
    return shared(mine, found), unread
