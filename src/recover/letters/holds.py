"""How long an addressee holds what it was asked to hold: as its answer says, else as the register says.

Nobody has confirmed what the register says, so that such a clock names its source. It starts at the earliest
moment at which the hold can have begun: a term taken as too short harms nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from recover.letters import clocks
from recover.letters.clocks import Term
from recover.letters.gates import PRIVATE
from recover.letters.life import Act, Letter
from recover.sdk import Addressee
from recover.sdk.addressee import Time
from recover.sdk.outside import visible

KINDS = {"value": "hold", "records": "records", "report": "report"}
"""The kind of clock by what is held."""

AGAIN = 1
"""So often a hold by the addressee's own rules counts as renewed: no source of the register says how often it can
be. What the addressee grants after that is its answer's to say."""

_ASKED = {"freeze": "value", "preserve": "records"}
"""What a letter asks to be held, by the act that it asks for."""


def terms(letter: Letter, version: int, entry: Addressee | None, asks: str, force: bool = False) -> Iterator[Term]:
    """The clocks of what the addressee holds by its own rules, after a version that was sent or answered; and by
    when it wants a report to the police, until there is one. `force`: the law that it rests on compels."""
    if letter.ended:
        return
    answers = [a for a in letter.acts if a.act == "answer" and a.version == version]
    held = next((a for a in reversed(answers) if a.text("held") or a.text("held_until")), None)
    none = held is not None and nothing(held.text("held"))
    # Where nothing is held, what an earlier answer said of a hold is over.
    told = None if none else next((a for a in reversed(answers) if a.text("held_until")), None)
    if told is not None:
        yield _told(letter, version, told)
    wanted = {_ASKED[asks]} if asks in _ASKED else set()
    if none:  # nor are records kept by a term that its own answer denies
        wanted.clear()
    elif held is not None:
        wanted.add("value")
    elif answers:
        wanted.discard("value")  # what it answered says of no hold
    if asks == "freeze" and not none:
        wanted.add("report")
    for what in sorted(wanted - ({"value"} if told else set())):
        again = what == _ASKED.get(asks)  # by a letter that asks for no hold none is asked for again
        # Until it says that it holds, nobody knows of a hold that could end, or be asked for again.
        granted = what != "value" or held is not None
        if (one := term(entry, what, letter, version, force)) is not None and (
            made := _term(letter, version, one, entry, again and granted)
        ):
            yield replace(made, granted=granted)


def nothing(held: str) -> bool:
    """Whether an answer says that nothing is held: an amount of zero, with or without its asset."""
    amount = held.split()[0] if held.split() else ""
    return bool(amount) and not amount.strip("0.,")


def term(entry: Addressee | None, what: str, letter: Letter, version: int, force: bool = False) -> Time | None:
    """The shortest term in it for a letter of this sender; none that counts only where no day is named, only by an
    order, or only as long as nothing is reported to the police."""
    choice = letter.chosen(version)
    role = choice.role if choice else ""
    side = "private" if role in PRIVATE else "official"
    named = bool(clocks.asked(letter, version, "until"))
    reported = clocks.filed(letter, version) is not None or bool(choice and choice.report)
    fit = [
        one
        for one in (entry.times if entry else ())
        if one.holds == what and one.sender in ("", "any", side) and not (one.unsaid and named)
        and not (one.ordered and not force) and not (reported and (one.unfiled or what == "report"))
    ]  # fmt: skip
    return min(fit, key=_length, default=None)


def _length(one: Time) -> timedelta:
    return timedelta(days=one.days, hours=one.hours)


def _told(letter: Letter, version: int, done: Act) -> Term:
    return Term(
        letter=letter.id, version=version, kind="hold", due=datetime.fromisoformat(done.text("held_until")),
        began=done.moment(), start="answer", reckoned=False, left=0, basis="answer",
        zone=clocks.zoned(letter, version), says=visible(done.text("held"), 200),
    )  # fmt: skip


def _term(letter: Letter, version: int, one: Time, entry: Addressee | None, again: bool) -> Term | None:
    began, start = _began(letter, version)
    if began is None or entry is None:
        return None
    due, length, left = began + _length(one), _length(one), AGAIN if again and one.renewable else 0
    for asked in clocks.renewals(letter, version):
        if left and asked <= due:
            due, left = due + length, left - 1  # as by law, from the end of the term before
    dated = ", ".join(filter(None, [visible(one.source, 200), one.as_of, one.confidence]))
    return Term(
        letter=letter.id, version=version, kind=KINDS[one.holds], due=due, began=began, start=start,
        reckoned=start == "issue", left=left, basis=entry.id,
        zone=clocks.zoned(letter, version), says=visible(f"{one.what}: {one.value}", 300), source=dated,
        confirmed=False,
    )  # fmt: skip


def _began(letter: Letter, version: int) -> tuple[datetime | None, str]:
    received, sent = letter.at("acknowledge", version), letter.at("sent", version)
    if received is not None and received.text("received"):
        return received.reached(), "receipt"
    if sent is not None:
        return sent.moment(), "sending"
    issued = letter.at("issue", version)
    # It was there, as it was acknowledged or answered; when, nobody said.
    there = received is not None or letter.at("answer", version) is not None
    return (issued.moment(), "issue") if issued and there else (None, "")
