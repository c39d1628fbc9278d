"""What a letter must state and must not, rule by rule: each refusal names its rule and what would mend it.

PL01, PL08 and PL17 stand in `gates`, the rules on the template's words in `report/lint`. Here is what depends on
what a person said of this letter: its own words, its term, its identifiers, and what its basis must state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from recover.letters import clocks, identified, matter, narrowed, paper, typed, words
from recover.letters.folders import Kind
from recover.letters.gates import PRIVATE, Refusal, refused
from recover.letters.life import Choice
from recover.letters.matter import Matter
from recover.letters.measured import most
from recover.registers.bases import LegalBasis
from recover.report import figures, operators
from recover.sdk import Chain, Error, Finding, View
from recover.sdk.outside import visible


def said(
    choice: Choice, kind: Kind, basis: LegalBasis, chains: Sequence[Chain], passed: Collection[tuple[str, str]]
) -> list[Refusal]:
    """Reasons against a draft that lie in what its sender said. `passed` are rules that a person let pass."""
    found = [*typed.worded(choice, kind, basis, passed), *typed.telling(choice), *_identifiers(choice, chains)]
    return [*found, *_badge(choice), *typed.long(choice), *typed.unbacked(choice, kind, basis)]


def _identifiers(choice: Choice, chains: Sequence[Chain]) -> Iterator[Refusal]:
    for text in choice.about:
        why = []
        for chain in chains:
            try:
                chain.parse(text)
            except Error as error:
                why.append(f"{error.what} {error.why}")
            else:
                break
        else:
            bad = [one for one in why if "checksum" in one]
            if bad:
                # Several chains share one form: which of them was meant, a wrong checksum does not say.
                said = visible(bad[0], 200) if len(bad) == 1 else "by its checksum a character of it is wrong."
                yield Refusal(
                    rule="PL13",
                    why=f"{visible(text, 80)} is no valid address of any chain: {said}",
                    todo="Copy the identifier again from where it stands.",
                )


def lines(choice: Choice, kind: Kind, now: datetime) -> list[Refusal]:
    """PL13: identifiers that leave out what their addressee looks up (A.3); PL10: whose moment has not come."""
    found = []
    for one in choice.about if kind.names else ():
        if out := identified.lacking(kind.names, one):
            found.append(
                Refusal(
                    rule="PL13",
                    why=f"{visible(one, 80)} leaves out what is looked up: {', '.join(out)}.",
                    todo=f'Name all in one: --about "{identified.EXAMPLES[kind.names]}".',
                )
            )
        if more := identified.odd(kind.names, one):
            found.append(
                Refusal(
                    rule="PL13",
                    why=f"{visible(one, 80)} says what is in no column: {visible(', '.join(more), 80)}.",
                    todo=f"Columns: {', '.join(identified.FORMS[kind.names])}. The facts take the rest.",
                )
            )
        used = identified.moment(kind.names, one)
        if used and identified.ahead(used, now):
            day = used.date() if used.time() == time.max else f"{used:%Y-%m-%dT%H:%M:%SZ}"
            why = f"{visible(one, 80)} is of {day}, which has not come: it is {now:%Y-%m-%dT%H:%M:%SZ}."
            todo = "Records are asked for that exist: copy the moment again from where it stands."
            found.append(_late(why, todo))
        if used and choice.since and datetime.fromisoformat(choice.since) > used:
            found.append(
                Refusal(
                    rule="PL09",
                    why=f"--since {choice.since} is after {visible(one, 80)}, which would be left out.",
                    todo="Name an earlier --since.",
                )
            )
    return found


def _badge(choice: Choice) -> Iterator[Refusal]:
    if choice.role in PRIVATE and choice.sender.get("badge"):
        yield Refusal(
            rule="PL15",
            why="A private sender's letter bears a badge.",
            todo="Take `badge` out of this officer in recover.toml; a lawyer's number is `bar`.",
        )


def longer(choice: Choice, basis: LegalBasis, today: date) -> list[Refusal]:
    """PL10: a day after the longest time that the basis gives to one letter, counted from the day it goes out on.

    A renewal gives a further time to a further request: the first letter cannot ask for it.
    """
    most = _most(basis, choice.role)
    if not choice.until or most is None:
        return []
    last = today + timedelta(days=most)
    if date.fromisoformat(choice.until) <= last:
        return []
    why = f"{basis.id} gives a letter {most} days at most, and --until {choice.until} asks for longer."
    clock = basis.term(choice.role)
    more = f"the {clock.get('renewal_days')} days after it need a renewed request before it ends"
    later = more if clock.get("renewals") else "a later one rests on an order"
    todo = f"Name a day until {last.isoformat()}; {later}."
    return [Refusal(rule="PL10", why=why, todo=todo)]


def _most(basis: LegalBasis, role: str) -> int | None:
    """The longest time that a basis gives to one letter, in days, with what runs from a further act."""
    clock = basis.term(role)
    if "most_days" in clock:
        return int(clock["most_days"])
    if "hours" in clock:
        return int(clock.get("then_days", 0)) + -(-int(clock["hours"]) // 24)
    if "days" in clock:
        return int(clock["days"])
    return None


def _held(view: View, choice: Choice, losses: Sequence[str]) -> tuple[Finding, ...]:
    """What the letter would list as left in assets of the issuer."""
    began = matter.Ways(view).sums(losses or [loss.id for loss in view.case.losses])
    return matter.holdings(view, choice.name, losses, began)


def there(choice: Choice, kind: Kind, view: View) -> list[Refusal]:
    """Reasons against a letter about losses that are not in the case, or have nothing where it goes."""
    named = choice.losses
    told = ", ".join(named)
    if "holding" in kind.parts and not choice.about and not _held(view, choice, ()):
        some = matter.holdings(view, choice.name, (), {})
        what = "only dust, below the least share that this case looks at," if some else "nothing"
        why = f"The exhibits show {what} left in assets of {visible(choice.name, 80)}, and no place is named."
        todo = "Name each place with --about ADDRESS, or collect what `recover show CASE gaps` says is missing."
        return [Refusal(rule="PL13", why=why, todo=todo)]
    if unknown := sorted(set(named) - {loss.id for loss in view.case.losses}):
        every = [loss.id for loss in view.case.losses]
        known = ", ".join(every[:8]) + (f" and {len(every) - 8} more" if len(every) > 8 else "")
        told = ", ".join(visible(one, 40) for one in unknown[:8])
        todo = f"It has: {known or 'none'}. Name one with --loss; `recover status` lists them."
        return [_gone(f"The case has no loss {told}.", todo)]
    if not named or kind.about in ("letter", "case"):
        return []
    leave = "Name another loss, or leave --loss out where the sender may speak for all losses."
    if kind.about == "service":
        mine = narrowed.narrowed(view, figures.at_stake(view, choice.service), (), named)
        stopped = operators.narrowed(operators.opened(view).get(choice.service, ()), named)
        gone = _gone(f"Nothing of {told} is at stake at {visible(choice.name, 80)}.", leave)
        return [] if mine or stopped else [gone]
    if kind.asks != "freeze" or kind.names:  # what a payment left in money, no chain shows
        return []
    at = narrowed.places(view, named)
    held = _held(view, choice, named) if "holding" in kind.parts else ()
    if not held and not any(one in at for one in choice.about):
        return [
            _gone(f"The exhibits show nothing of {told} that is left where {choice.name} could stop it.", leave)
        ]
    wrong = [visible(one, 80) for one in choice.about if one not in at]
    return [_gone(f"The exhibits show nothing of {told} at {one}.", "Leave it out. " + leave) for one in wrong]


def _gone(why: str, todo: str) -> Refusal:
    return Refusal(rule="loss", why=why, todo=todo)


def issued(m: Matter, day: date) -> list[Refusal]:
    """Reasons against a letter's going out on a day."""
    return [*_stated(m), *_empty(m), *_term(m, day), *_amounts(m), *_force(m), *_signature(m)]


def _empty(m: Matter) -> Iterator[Refusal]:
    """PL13: no service is asked to hold what is named with no amount; `--about` gives it none."""
    if m.kind.asks == "freeze" and m.kind.about == "service" and not m.crossings and not any(map(most, m.ramps)):
        why = f"No value of the losses that it speaks for went to {m.name}, so that it would hold no amount."
        todo = "Draft it for a loss of which value is there, with --loss."
        yield Refusal(rule="PL13", why=why, todo=todo)


_MUST: Mapping[str, tuple[Callable[[Matter], bool], str, str]] = {
    "L05": (lambda m: _has(m, "name", "address", "email"), "name, address and e-mail of the sender", "[sender]"),
    "L06": (lambda m: _has(m, "officer"), "who signs", "[[sender.officer]] in recover.toml"),
    "L07": (lambda m: paper.addressed(m), "the addressee's legal entity", "--entity"),
    "L08": (lambda m: bool(paper.reference(m)), "a reference", "`reference` of [sender]"),
    "L11": (
        lambda m: m.choice.role in PRIVATE or any(c.isdigit() for c in m.choice.offence),
        "the offence with its provision",
        "--offence",
    ),
    "L13": (
        lambda m: bool(m.rows or m.choice.about or m.holdings or m.kind.about in ("letter", "case")),
        "an identifier to look up",
        "--about",
    ),
    "L14": (
        lambda m: "records" not in m.kind.parts or bool(m.kind.listed(m.choice.addressee)),
        "which records are asked for",
        "the kind's records",
    ),
    "L15": (
        lambda m: (
            "period" not in m.kind.parts
            or m.kind.asks == "freeze"
            or bool(m.first or m.choice.since or words.used(m))
        ),
        "the period",
        "--since",
    ),
    "L17": (lambda m: "urgent" not in m.kind.parts or bool(m.choice.urgent), "why it is urgent", "--urgent"),
    "L18": (lambda m: bool(m.choice.until) or _lasts(m), "until when", "--until"),
    "L19": (lambda m: bool(m.choice.court), "the process that follows", "--court"),
    "L20": (lambda m: "care" in m.kind.parts, "confidentiality", "the part `care`"),
    "L21": (lambda m: "care" in m.kind.parts, "whether the user may be told", "the part `care`"),
    "L22": (lambda m: "care" in m.kind.parts, "what to acknowledge", "the part `care`"),
    "L23": (
        lambda m: _has(m, "controller"),
        "controller and retention",
        "`controller` of [sender] or of the officer",
    ),
    "L24": (lambda m: bool(words.limits(m)), "its limits", "the text ask.limits"),
    "L25": (lambda m: "exhibits" in m.kind.parts or bool(m.files) or not m.ramps, "exhibits", "`exhibits`"),
}
"""Fields that depend on what was said: whether they stand there, what they are, and what gives them."""


def _lasts(m: Matter) -> bool:
    """Whether its basis sets a term by itself, and not only the longest that a letter may name."""
    clock = m.basis.term(m.choice.role)
    return "days" in clock or "hours" in clock


def _has(m: Matter, *names: str) -> bool:
    return all(m.choice.sender.get(name) for name in names)


def _stated(m: Matter) -> Iterator[Refusal]:
    """PL09: what the basis says that a letter on it must state."""
    for field in m.basis.must_state:
        if field in _MUST and m.kind.about != "letter":
            holds, what, flag = _MUST[field]
            if field == "L11" and m.choice.offence:
                what = "the provision of the offence, by its number (of the offence alone nobody knows which law)"
            if not holds(m):
                why = f"{field}: {m.basis.id} must state it, and it is not there: {what}."
                yield Refusal(rule="PL09", why=why, todo=f"Give it with {flag}, and draft it again.")


LONGEST = timedelta(days=3653)
"""What is asked for of one's own will ends after ten years: what need not end is no request to keep."""


ANSWERED = ("disclose", "enquiry")
"""What is asked for by the day of the answer."""


def answering(choice: Choice, kind: Kind) -> Choice:
    """The choice with one day by which it asks for an answer: where that is all it asks for, --until says what
    --reply-by does. Raises Error for two such days, and for a day until which it asks for nothing."""
    if not choice.until:
        return choice
    if kind.asks not in ANSWERED:
        if "period" in kind.parts:
            return choice
        why = f"--until is {choice.until}, and a letter of the kind {kind.id} asks for nothing until a day."
        raise refused([_late(why, "Leave it out; --reply-by names a day by which an answer is asked for.")])
    if choice.reply_by in ("", choice.until):
        return replace(choice, reply_by=choice.until, until="")
    why = f"--until is {choice.until} and --reply-by {choice.reply_by}: it asks for an answer by two days."
    raise refused([_late(why, "Name the day by which an answer is asked for with --reply-by alone.")])


def days(choice: Choice, now: datetime) -> list[Refusal]:
    """Reasons against a draft that lie in its days (PL10): past, beyond any term, or the wrong way round."""
    zone = choice.sender.get("zone", "")
    today = now.astimezone(clocks.place(zone) or UTC).date()
    found = []
    for name, text in (("--until", choice.until), ("--reply-by", choice.reply_by)):
        if not text:
            continue
        day, last = date.fromisoformat(text), today + LONGEST
        if day < today:
            there = f" ({zone})" if zone else " (UTC)"
            why = f"{name} is {day}, and today is {today}{there}."
            found.append(_late(why, f"Name a later day with {name}."))
        if day > last:
            why = f"{name} is {day}: ten years from today, {last}, is the longest that is asked for at once."
            found.append(_late(why, f"Name an earlier day with {name}; ask again before it ends."))
    since = datetime.fromisoformat(choice.since) if choice.since else None
    if since and since > now:
        why = f"--since is {choice.since}, and it is {now.isoformat(timespec='seconds')}."
        found.append(_late(why, "Records are asked for that exist: name a moment that has passed with --since."))
    return found


def hasty(choice: Choice, now: datetime) -> list[str]:
    """What is odd about its days, and may be meant: it ends today, or before the answer that it asks for."""
    today = now.astimezone(clocks.place(choice.sender.get("zone", "")) or UTC).date().isoformat()
    found = [f"It asks until {choice.until}, which is today, and for nothing after it."] * (choice.until == today)
    if choice.until and choice.reply_by and choice.until < choice.reply_by:
        found.append(f"It asks until {choice.until}, and for an answer only by {choice.reply_by}, after that.")
    return found


def _late(why: str, todo: str) -> Refusal:
    return Refusal(rule="PL10", why=why, todo=todo)


def _term(m: Matter, day: date) -> Iterator[Refusal]:
    """PL10: a day until which it asks that lies before the letter, or after what its basis permits."""
    again = "Name a later day with {}, and draft it again."
    if m.choice.reply_by and date.fromisoformat(m.choice.reply_by) < day:
        why = f"It asks for an answer by {m.choice.reply_by}, and goes out on {day}."
        yield _late(why, again.format("--reply-by"))
    until = date.fromisoformat(m.choice.until) if m.choice.until else None
    if until is None:
        return
    if until < day:
        yield _late(f"It asks until {until}, and goes out on {day}.", again.format("--until"))
    if found := longer(m.choice, m.basis, day):
        yield from found
    elif until > day + LONGEST:
        why = f"A request is for ten years at most, until {day + LONGEST}."
        yield _late(why, "Name an earlier day with --until, and draft it again.")


def _amounts(m: Matter) -> Iterator[Refusal]:
    bare = sorted({row.symbol for row in m.rows if row.raw_amount and not row.decimals})
    if bare:
        yield Refusal(
            rule="PL13",
            why=f"Amounts stand without decimals: {', '.join(bare)}.",
            todo="Import an exhibit that gives the decimals of the asset.",
        )


_NONE = {"en": "no statutory force", "th": "ไม่มีผลบังคับตามกฎหมาย"}
"""The plain sentence that a private letter without force must hold (PL18), by language."""


def _force(m: Matter) -> Iterator[Refusal]:
    private = m.choice.role in PRIVATE and m.basis.force == "voluntary" and m.kind.asks in ("preserve", "freeze")
    if private and _NONE.get(m.texts.language, "") not in " ".join(words.limits(m)).casefold():
        yield Refusal(
            rule="PL18",
            why="It does not say plainly that it has no statutory force.",
            todo="Say so in `limits` of [ask] in the kind's texts.",
        )


def _signature(m: Matter) -> Iterator[Refusal]:
    """PL16: a signature is left to a hand: the paper has a blank for it, and no words of its kind fill it."""
    who = m.choice.sender.get("officer", "")
    filled = who and any(who.casefold() in m.texts.entries[key].casefold() for key in ("sign.text", "sign.todo"))
    if "sign" not in m.kind.parts or filled:
        yield Refusal(
            rule="PL16",
            why="Its kind fills the signature." if filled else "Its kind leaves no blank for a signature.",
            todo=f"Mend the folder of the kind {m.kind.id}: the part `sign`, and [sign] of its texts.",
        )
