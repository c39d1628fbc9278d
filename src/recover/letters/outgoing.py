"""What a paper that goes out must have: its moment, its sender, and nothing needed left open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from shlex import quote

from recover.case import Case
from recover.case.journal import Entry
from recover.case.private import identities
from recover.findings import view
from recover.letters import changed, gates, life, screened, typed
from recover.letters.drafts import Desk
from recover.letters.life import Choice, Letter
from recover.letters.matter import Matter
from recover.plugins.registry import Plugins
from recover.report import editions, lint, shown
from recover.sdk import Error, Template, View
from recover.victims import spelled


def seen(case: Case, plugins: Plugins, stale: str = "") -> View:
    """The view of which a letter is made that goes out: as its edition shows it, never as the sealed file's."""
    whole = screened.shown(view.load(case, plugins, stale))
    edition = editions.COURT if whole.edition == editions.SEALED else whole.edition
    return shown(replace(whole, edition=edition), list(plugins.templates.values()), identities(case))


def timely(case: Case, choice: Choice, at: datetime | None, told: Collection[int] = ()) -> None:
    """Raises Error for a moment of issue that has not come, or at which what the letter rests on was not there.

    `told` are the entries about another letter of which it tells.
    """
    assert case.now is not None
    if at is None:
        return
    now = case.now()
    if at > now:
        raise Error(
            "letter-after-now",
            f"{choice.id} cannot be issued at {at.isoformat()}: it is {now.isoformat(timespec='seconds')}.",
            "What is issued never changes, and would state a moment that has not come.",
            "Leave --at out, or name a moment that has passed.",
        )
    # What was done with letters since is in none but those that follow them; all else a letter is made from.
    rests = [entry.time for entry in case.entries if entry.kind != life.ENTRY or entry.number in told]
    last = max([*rests, *([choice.time] if choice.time else [])])
    if at < last.replace(microsecond=0):
        raise Error(
            "letter-before-draft",
            f"{choice.id} cannot be issued at {at.isoformat()}: what it rests on is of {last.isoformat()}.",
            "It was drafted, or the case that it is made from was changed, only after that moment.",
            "Leave --at out, or name a later moment.",
        )


def fresh(case: Case, letter: Letter, made: Sequence[Matter]) -> None:
    """Raises Error for a version that would say what the last one that went out says."""
    last = letter.at("issue", letter.newest)
    if last is None:
        return
    differ = changed.since(made, letter)
    if differ or (differ is None and _moved(case, letter, last.number)):
        return
    raise Error(
        "letter-unchanged",
        f"Version {last.version} of {letter.id} was issued on {last.moment().isoformat()}; nothing changed since.",
        "Another version would supersede it and say the same; a draft that was refused changes no letter.",
        "Draft it again with what is to be different, and issue that.",
    )


def _moved(case: Case, letter: Letter, last: int) -> bool:
    """Of a version that kept nothing to compare with: whether it was drafted since, or the case is another."""
    drafted = letter.choice is not None and letter.choice.number > last
    return drafted or any(entry.number > last and not _own(entry) for entry in case.entries)


def _own(entry: Entry) -> bool:
    """Whether an entry tells of letters and papers alone, from which no letter is made."""
    issued = entry.kind == "exhibit" and entry.body.get("method") == "issued"
    return issued or entry.kind in (life.ENTRY, "writing", "ran")


def sendable(desk: Desk, choice: Choice, by: str, doubt: str, day: date, case: str = "CASE") -> None:
    """Raises Error for what a paper that goes out on a day must have, and this one has not."""
    if not choice.role:
        # What recover.toml says of a sender is taken up when somebody drafts it: before, nothing of it lacks.
        draft = f"letter draft {case} --kind {choice.kind} --to {quote(choice.service or choice.name)}"
        todo = f"recover {draft} --as victim|counsel|authority, then issue that version with --by."
        why = "Nobody has said who sends it: it is a draft that was made of itself, in nobody's name."
        raise gates.refused([gates.Refusal(rule="L04", why=why, todo=todo)])
    basis, found = desk.basis(choice), gates.warned(choice.tell_user, doubt, choice.risk)
    # Again: a draft can be older than what the register says now, or than an entry may be.
    kind = desk.kind(choice)
    found += gates.refusals(basis, choice.role, kind, choice.addressee, day, choice.states, choice.state)
    if not by.strip():
        found.append(
            gates.Refusal(rule="L06", why="Nobody is named who issues it.", todo="Name the person with --by.")
        )
    if not choice.sender.get("officer"):
        todo = "Add [[sender.officer]] with name and role to recover.toml, and draft it again."
        found.append(gates.Refusal(rule="L06", why="It has no signatory.", todo=todo))
    for name, rule in (("name", "L05"), ("email", "L05"), ("address", "L05")):
        if not choice.sender.get(name):
            where = "[[sender.officer]]" if choice.role in gates.PRIVATE else "[sender]"
            todo = f"Add `{name}` to {where} in recover.toml, and draft it again."
            found.append(gates.Refusal(rule=rule, why=f"The sender has no {name}.", todo=todo))
    if choice.role in ("competent_authority", "judicial_authority", "fiu") and not choice.offence:
        found.append(
            gates.Refusal(
                rule="L11", why="It states no offence.", todo="State it with --offence, and draft it again."
            )
        )
    wanted = gates.foreign(basis, choice.role)
    if wanted and not choice.state:
        why = f"{basis.id} gives its powers to authorities of {', '.join(wanted)}, and "
        why += "nobody said of which state the sender is."
        todo = f'Say `state = "XX"` in [sender] of recover.toml. {gates.OTHER}'
        found.append(gates.Refusal(rule="PL01", why=why, todo=todo))
    if not gates.releasable(basis):
        why = f"No named lawyer has verified the register's entry {basis.id}."
        todo = (
            f"`recover letter basis {basis.id}` prints the entry: have a lawyer check it, save it with "
            f"`verified_by` and `unverified = false` as legal_bases/{basis.id}.toml beside your recover.toml, and "
            "draft it again"
        )
        own, kind = desk.bases[gates.VOLUNTARY], desk.kind(choice)
        open_ = gates.refusals(own, choice.role, kind, choice.addressee, day)
        todo += "." if open_ and kind.about != "letter" else "; or rest the letter on none-voluntary."
        found.append(gates.Refusal(rule="PL08", why=why, todo=todo))
    if choice.role in basis.open_for and desk.kind(choice).about != "letter":
        why = f"The register's entry {basis.id} has no source that says how this sender uses it, and how long it "
        why += f"lasts then: {choice.role} stands in its `open_for`."
        todo = f"Have a lawyer write both, with where it was read, into legal_bases/{basis.id}.toml beside your "
        todo += (
            f"recover.toml: `limits_text` and [clock], and {choice.role} out of `open_for`. Then draft it again."
        )
        found.append(gates.Refusal(rule="PL09", why=why, todo=todo))
    if found:
        raise gates.refused(gates.advised(found, desk.bases, choice, desk.kind(choice), day))


def nameless(
    choice: Choice, listed: Sequence[str], sealed: Sequence[str], templates: Iterable[Template]
) -> tuple[str, ...]:
    """The names that the whole paper may not hold: those of the case's list, and of the sealed identities.

    Raises Error where a sender's own words hold one: there a surname counts that is a word of our papers too,
    which in them tells nobody.
    """
    if spots := typed.naming(choice, (*listed, *sealed)):
        todo = "take the name out of what its sender wrote, and draft it again"
        raise _naming(choice, [], [(spot, todo) for spot in spots])
    usual = spelled.usual(sealed, spelled.own(templates))
    return (*listed, *(name for name in sealed if name not in usual))


def stopped(choice: Choice, said: str, spots: Sequence[tuple[str, str]]) -> Error:
    """Why a letter may not go out: each rule, its place, and the words that break it. A name is not repeated;
    `spots` says where it stands in the case, and what to do there."""
    rows = [line.split("\t") for line in said.strip().splitlines()]
    told = [f"{row[-1]} at {row[1]}: {row[2]}" for row in rows if len(row) > 2 and row[0] != lint.IDENTITY]
    if any(row[0] == lint.IDENTITY for row in rows):
        return _naming(choice, told, spots or [_TEXTS])
    return Error(
        "letter-stopped",
        f"The letter {choice.id} breaks a rule of language.",
        "; ".join(told or [said.strip()]) + ".",
        "Mend the text, or let a named person pass it: `recover decide CASE --paper letter --rule RULE`.",
    )


_TEXTS = ("the texts of its kind", "take it out of the folder of that kind of letter, and draft it again")


def _naming(choice: Choice, told: Sequence[str], spots: Sequence[tuple[str, str]]) -> Error:
    where, todos = (list(dict.fromkeys(found)) for found in zip(*spots, strict=True))
    return Error(
        "letter-stopped",
        f"The letter {choice.id} breaks a rule of language.",
        "; ".join([f"PL11: a name of the sealed identities stands in {', '.join(where)}", *told]) + ".",
        "; ".join(f"{todo[0].upper() if n == 0 else todo[0]}{todo[1:]}" for n, todo in enumerate(todos))
        + ". Nobody may let it pass.",
    )


GIVEN: Mapping[str, tuple[str, str]] = {
    "head.sender_role_todo": ("L04", "--as"),
    "head.sender_todo": ("L05", "[sender] and [[sender.officer]] in recover.toml"),
    "head.reference_todo": ("L08", "`reference` of [sender] in recover.toml"),
    "ask.why_todo": ("", "--reason"),
    "facts.todo": ("L12", "--facts TEXT, or --facts @FILE"),
    "head.offence_todo": ("L11", "--offence"),
    "head.provision_todo": ("L10", "--provision"),
    "head.leave_todo": ("L10", "--leave"),
    "head.report_todo": ("L08", "--report"),
    "head.address_todo": ("L07", "--address"),
    "period.period_todo": ("L15", "--since"),
    "period.duration_todo": ("L18", "--until"),
    "claim.court_todo": ("L19", "--court"),
    "claim.party_todo": ("", "--instructed-by"),
    "claim.nature_todo": ("", "--claim"),
    "claim.todo": ("", "--application"),
    "urgent.todo": ("L17", "--urgent"),
    "care.reply_todo": ("L05", "`email` of [sender] in recover.toml"),
    "care.by_todo": ("", "--reply-by"),
    "care.data_todo": ("L23", "`controller` of [sender] in recover.toml"),
}
"""By which rule each blank has to be filled, where one says so, and what fills it."""


_APART = ("-delivery.txt", "-portal.txt")


def whole(made: Mapping[str, bytes], desk: Desk, choice: Choice, languages: str, addressed: bool) -> None:
    """Raises Error for a paper in which something needed was left open: nothing is completed elsewhere."""
    text = next(
        data for name, data in made.items() if name.endswith(".txt") and not name.endswith(_APART)
    ).decode()
    english, needed = desk.layered(desk.kind(choice), "en"), list[str]()
    for language in languages.split("+"):
        said = desk.layered(desk.kind(choice), language)
        if not addressed:
            needed.append(f"L07: {english.say('unverified.entity').strip('[]')} (--entity)")
        # The signature alone stays open on a paper that goes out: a person's hand fills it.
        for key in (key for key in said.entries if key.endswith("todo") and key != "sign.todo"):
            if said.say("complete.mark", what=said.entries[key]) in text:
                rule, given = GIVEN.get(key, ("", "recover letter draft"))
                by = key == "period.duration_todo" and desk.kind(choice).asks == "disclose"
                what = f"{english.entries.get(key, key)} ({'--reply-by' if by else given})"
                needed.append(f"{rule}: {what}" if rule else what)
    needed = [*dict.fromkeys(needed)]
    if needed:
        count = "one thing is" if len(needed) == 1 else f"{len(needed)} things are"
        raise Error(
            "letter-incomplete",
            f"The letter {choice.id} cannot go out yet: {count} open.",
            "; ".join(needed) + ".",
            "Give what stands in brackets beside each, draft the letter again, and issue it.",
        )
