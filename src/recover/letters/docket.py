"""How the letters of a case stand: each with its state, its acts, its answers and when it lapses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from recover.case import Case
from recover.case.manifest import manifest
from recover.letters import accepted, clocks, holds
from recover.letters.accepted import Written
from recover.letters.clocks import Term
from recover.letters.gates import VOLUNTARY
from recover.letters.life import Choice, Letter, closed, followed, letters
from recover.letters.running import Own, basis_of, by_law, register_of
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.registers.bases import LegalBasis
from recover.sdk import Addressee, Error
from recover.sdk.counts import counted


def rows(case: Case, plugins: Plugins, newest: str = "") -> list[dict[str, Any]]:
    """One row a letter that was drafted or lived, by id; as `recover letter list --json` prints it.

    Each tells of the version that its addressee has; that of the letter `newest` of the last that was issued.
    """
    register, drafted = register_of(plugins, letters(case).values()), papers(case)
    found = _all(case, drafted)
    made = [
        _row(
            one, ident in drafted, register, case.settings.opened,
            one.newest if ident == newest else one.standing,
        )
        for ident, one in sorted(found.items())
    ]  # fmt: skip
    there = frozenset((*(f"out/{name}" for name in _out(case)), *case.files.below("issued")))
    written = bool(_out(case)) and not pins.behind(case, "write")
    own = Own(case, plugins)
    for row in made:
        choice, to = found[row["id"]].choice, own.entry(row["to"])
        last = found[row["id"]].chosen(row["version"])
        row["forms"] = _forms(there, row, row["issued"], _written(to, row["as"], last))
        if row["pending"]:
            row["pending"]["forms"] = _forms(there, row, (), _written(to, row["as"], choice))
        after = followed(found[row["id"]])
        if row["state"] == "draft" and after in found and found[after].withdrawn:
            row["state"] = f"dropped: {after}-withdrawal took its place"
        elif row["state"] != "draft" and after in found and found[after].ended:
            row["state"] = f"{row['state']}, and over: {after} was withdrawn"
        # Papers that have seen all that is here hold no draft of it: it would say what went out.
        one = found[row["id"]]
        row["holds"] = [_hold(term) for term in own.terms(one)]
        made_of_it = row["drafted"] or f"out/stopped/{one.id}-v{one.version}.txt" in there
        row["as_issued"] = bool(one.issued) and written and not made_of_it and not closed(found, one)
        back = found.get(f"{row['id']}-withdrawal")
        if row["state"] == "withdrawn" and not found[row["id"]].ended:
            # Its addressee knows nothing of it yet, and its clock runs on.
            row["state"] = "withdrawal issued" if back and back.issued else "withdrawal drafted"
    return made


def _written(to: Addressee | None, role: str, choice: Choice | None) -> list[accepted.Written]:
    return accepted.written(to, role, choice.forms if choice else (), choice.state if choice else "")


def _hold(term: Term) -> dict[str, Any]:
    said = {
        name: getattr(term, name)
        for name in ("kind", "start", "reckoned", "says", "source", "confirmed", "granted")
    }
    return {"until": term.due.isoformat(), "by": term.basis, **said}


def _forms(
    there: Collection[str], row: Mapping[str, Any], issued: Sequence[int], wanted: Sequence[Written]
) -> list[dict[str, Any]]:
    """The files of the version that is out, else of the draft, the one to serve first at the top, and why."""
    head = f"issued/{row['id']}-v{row['version']}" if issued else f"out/letters/{row['id']}-v{row['draft']}"
    none = {"says": "", "source": "", "as_of": "", "confidence": ""}
    signed = [
        {"form": "signed", "file": file, "why": "it was signed", **none}
        for file in sorted(there) if issued and file.startswith(f"{head}-signed")
    ]  # fmt: skip
    made = ((one, head + accepted.ENDINGS[one.form]) for one in wanted)
    return signed + [
        {
            "form": one.form,
            "file": file,
            "why": "the register" if one.fact else "asked for" if one.asked else "the register says nothing",
            "says": accepted.words(one.fact) if one.fact else "",
            "source": one.fact.source if one.fact else "",
            "as_of": one.fact.as_of if one.fact else "",
            "confidence": one.fact.confidence if one.fact else "",
        }
        for one, file in made
        if file in there
    ]


def renewable(case: Case, letter: Letter, version: int, plugins: Plugins, at: datetime) -> None:
    """Raises Error (PL10) where no clock of the version, by its basis or its addressee's own rules, has a renewal
    left, or each that has one had lapsed at that moment: nothing would be longer by it."""
    every = (*by_law(letter, register_of(plugins, [letter])), *Own(case, plugins).terms(letter))
    running = [one for one in every if one.left and one.version == version]
    if any(at <= one.due for one in running):
        return
    if running:
        last = max(running, key=lambda one: one.due)
        raise Error(
            "letter-lapsed",
            f"The letter {letter.id} cannot be renewed at {at.isoformat(timespec='seconds')}.",
            f"PL10: its term ({last.basis}) lapsed on {last.due.isoformat()}, and what has lapsed is not renewed.",
            "Draft it again, and issue the next version; where it was renewed in time, say when with --at.",
        )
    name, done = basis_of(letter, version), len(clocks.renewals(letter, version))
    had = f"it was renewed {counted(done, 'time')}, and " if done else ""
    raise Error(
        "letter-no-renewal",
        f"The letter {letter.id} cannot be renewed{' again' if done else ''}.",
        f"PL10: {had}{name} permits {_permits(_clock(letter, version, plugins))}; the register knows of no "
        f"{'further ' if done else ''}renewal by its addressee. Its term would stay as it is.",
        "Draft it again with a later --until, and issue the next version; what its addressee grants by itself is "
        f"entered with `recover letter answer CASE {letter.id} --by NAME --held-until TIME`.",
    )


def _clock(letter: Letter, version: int, plugins: Plugins) -> Mapping[str, str | int]:
    """What the basis of a version says of its term, for who sent it."""
    basis, choice = register_of(plugins, [letter]).get(basis_of(letter, version)), letter.chosen(version)
    return basis.term(choice.role if choice else "") if basis else {}


def _permits(clock: Mapping[str, str | int]) -> str:
    most = int(clock.get("renewals", 0))
    if not most:
        return "none"
    return f"{counted(most, 'renewal')} of {counted(int(clock.get('renewal_days', 0)), 'day')}"


def fileable(letter: Letter, version: int, plugins: Plugins, at: datetime) -> None:
    """Raises Error (PL10) for a report to the police from which no further term of the basis runs: the first had
    lapsed, or an earlier report began it. Of a basis without such a term all is kept."""
    basis = register_of(plugins, [letter]).get(basis_of(letter, version))
    clock = _clock(letter, version, plugins)
    if basis is None or clock.get("then") != "filing":
        return
    before = clocks.filed(letter, version)
    if before is not None and before <= at:
        raise Error(
            "letter-filed",
            f"The letter {letter.id} was filed with the police on {before.isoformat()}.",
            f"PL10: the {counted(int(clock['then_days']), 'day')} of {basis.id} run from there, once.",
            "Where that moment stands wrong, name the earlier one with --at.",
        )
    first = replace(letter, acts=[one for one in letter.acts if one.act != "filed"])
    for term in clocks.terms(first, basis):
        if (term.version, term.kind) == (version, "lapses") and at > term.due:
            raise Error(
                "letter-lapsed",
                f"The letter {letter.id} cannot be filed at {at.isoformat(timespec='seconds')}.",
                f"PL10: its first term by {basis.id} lapsed on {term.due.isoformat()}: none runs on from there.",
                "Where it was filed in time, say when with --at; else it is asked for anew: draft it again.",
            )


def odd(case: Case, plugins: Plugins, act: str, ident: str, version: int) -> Iterator[str]:
    """What is odd about the act that was just recorded, and is kept all the same."""
    letter = letters(case)[ident]
    version = version or letter.standing
    if act in ("acknowledge", "answer") and letter.at("sent", version) is None:
        yield (
            f"No sending of version {version} of {ident} is recorded, so no step is measured from it: "
            f"`recover letter sent CASE {ident} --by NAME --at TIME`."
        )
    if act == "follow-up":
        yield from _over(case, plugins, letter)


def _over(case: Case, plugins: Plugins, letter: Letter) -> Iterator[str]:
    """What of a letter ends before the day by which the draft that follows it asks for an answer."""
    after = letters(case).get(f"{letter.id}-follow-up")
    if after is None or after.choice is None or not after.choice.reply_by:
        return
    day = after.choice.reply_by
    asked = clocks.end(date.fromisoformat(day), clocks.zoned(letter, letter.standing))
    words = {"until": "it asks until", "hold": "what is held is held until", "records": "records are kept until"}
    for term in (*Own(case, plugins).terms(letter), *by_law(letter, register_of(plugins, [letter]))):
        if term.version == letter.standing and term.kind in words and term.granted and asked > term.due:
            due = term.due.isoformat()
            yield f"{after.id} asks for an answer by {day}, and of {letter.id} {words[term.kind]} {due}."


def papers(case: Case) -> frozenset[str]:
    """The ids of the letters of which a draft lies there."""
    names = [n for n in _out(case) if n.startswith("letters/") and n.endswith(".pdf")]
    return frozenset(name.removeprefix("letters/").rpartition("-v")[0] for name in names)


def _out(case: Case) -> Collection[str]:
    return manifest(case).files


def _all(case: Case, drafted: frozenset[str]) -> dict[str, Letter]:
    return {**{ident: Letter(ident) for ident in drafted}, **letters(case)}


def _held(letter: Letter) -> str:
    """What the addressee holds, as its last answer says; after a withdrawal, what its end was asked of."""
    held = next((a.text("held") for a in reversed(letter.acts) if a.act == "answer" and a.text("held")), "")
    return f"{held} (its end was asked)" if held and letter.ended else held


def _outcomes(letter: Letter, last: int, opened: datetime) -> dict[str, int | None]:
    """Seconds from step to step, by the moments as persons say them; None for a step that was not taken.

    To the draft from the opening of the case, to the sending from the draft, to answer and hold from the sending.
    """
    choice = letter.chosen(last)
    drafted = choice.time if choice else None
    sent = letter.at("sent", last)
    answers = [a for a in letter.acts if a.act == "answer" and a.version == last]
    held = [a for a in answers if a.text("held") and not holds.nothing(a.text("held"))]
    start = sent.moment() if sent else None

    def took(since: datetime | None, until: datetime | None) -> int | None:
        if since is None or until is None or until < since.replace(microsecond=0):
            return None  # a clock that was set back measures nothing
        return max(timedelta(), until - since) // timedelta(seconds=1)

    return {
        "to_draft": took(opened, drafted),
        "to_sent": took(drafted, start),
        "to_answer": took(start, answers[0].moment() if answers else None),
        "to_hold": took(start, held[0].moment() if held else None),
    }


def _pending(letter: Letter) -> dict[str, Any]:
    """The draft of the version after the one that went out: nobody was served with what it says."""
    choice = letter.choice
    return {
        "version": letter.version,
        "language": choice.language if choice else "",
        "until": choice.until if choice else "",
        "reply_by": choice.reply_by if choice else "",
        "drafted_at": choice.time.isoformat() if choice and choice.time else "",
    }


def _unsent(letter: Letter, last: int) -> dict[str, Any] | None:
    """The version that was issued after the one that the addressee has, and not sent."""
    version = letter.newest
    if version <= last or letter.at("drop", version):
        return None
    return {"version": version, **{name: clocks.asked(letter, version, name) for name in ("until", "reply_by")}}


_SAID = ("held", "held_until", "received", "reference", "channel", "reason")
"""What an act says beside who did it and when, where it says so."""


def _row(
    letter: Letter, drafted: bool, register: Mapping[str, LegalBasis], opened: datetime, last: int
) -> dict[str, Any]:
    choice = letter.chosen(last)
    done = {act: letter.at(act, last) for act in ("issue", "sent", "acknowledge", "answer")}
    running = next((t for t in by_law(letter, register) if t.version == last and t.kind == "lapses"), None)
    return {
        "id": letter.id,
        "kind": choice.kind if choice else letter.id.rpartition("-")[2],
        "to": choice.name if choice else letter.id.rpartition("-")[0],
        "entity": choice.entity if choice else "",
        "as": choice.role if choice else "",
        "sender": choice.sender.get("name", "") if choice else "",
        "losses": ", ".join(choice.losses) if choice else "",
        "basis": basis_of(letter, last) or VOLUNTARY,
        "language": choice.language if choice else "",
        "state": "dropped" if letter.dropped and not letter.went else letter.state_of(last),
        "version": last or letter.version,
        "drafted": drafted,
        "draft": letter.version if drafted else 0,
        "pending": _pending(letter) if drafted and last else None,
        "unsent": _unsent(letter, last),
        "until": clocks.asked(letter, last, "until") or (choice.until if choice else ""),
        "reply_by": clocks.asked(letter, last, "reply_by") or (choice.reply_by if choice else ""),
        "issued": list(letter.issued),
        **{f"{act}_at": one.moment().isoformat() if one else "" for act, one in done.items()},
        "held": _held(letter),
        "drafted_at": choice.time.isoformat() if choice and choice.time else "",
        **_outcomes(letter, last, opened),
        "lapses": running.due.isoformat() if running else "",
        "counted_from": running.start if running else "",
        "reckoned": running.reckoned if running else False,
        "acts": [
            {
                "act": a.act,
                "version": a.version,
                "at": a.moment().isoformat(),
                "told": clocks.told(a.moment(), choice.sender.get("zone", "") if choice else ""),
                "by": a.text("by"),
                "entry": a.number,
                **{name: a.text(name) for name in _SAID if a.text(name)},
            }
            for a in letter.acts
        ],
    }
