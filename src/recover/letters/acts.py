"""What persons do with letters: choose one, issue it, record what became of it. Each act is a journal entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from recover.case import Case
from recover.case.private import identities
from recover.declared import decisions, overlay
from recover.findings import view
from recover.letters import (
    accepted,
    bought,
    delivery,
    docket,
    drafts,
    following,
    follows,
    gates,
    life,
    lived,
    located,
    matter,
    outgoing,
    paper,
    recipient,
    released,
    rules,
    scope,
    screened,
    served,
    stopping,
)
from recover.letters.drafts import Desk
from recover.letters.folders import Kind
from recover.letters.life import Choice
from recover.letters.profile import Profile
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.registers import addressees
from recover.registers.bases import TREATIES
from recover.report import figures
from recover.report.checked import Check
from recover.sdk import Addressee, Error, Service, View

VARIANTS: Mapping[tuple[str, str], str] = {
    ("freeze", "issuer"): "freeze-issuer",
    ("freeze", "chain"): "freeze-chain",
    ("freeze", "bridge"): "freeze-chain",
    ("freeze", "bank"): "freeze-bank",
    ("preserve", "platform"): "platform",
    ("preserve", "isp"): "isp",
    ("preserve", "registrar"): "registrar",
    ("preserve", "bank"): "bank",
}
"""The same act towards another kind of addressee is another letter: what is asked for, and by what, differs."""

Asked = Mapping[str, Any]
"""What a person says of a draft: the fields of a `Choice`, and `officer`."""


def draft(case: Case, plugins: Plugins, profile: Profile, kind: str, to: str, asked: Asked) -> Choice:
    """Journal the choice of a letter. Raises Error naming every rule against it, before anything is written."""
    # First: a choice is journaled only where the letter can be written at once. What follows another letter states
    # no figure, and need not wait for a run.
    why = pins.stated(case, plugins, stale=bool(asked.get("of")) or None)
    accepted.check(asked.get("forms", ()))
    if (way := bought.named(case, to)) is not None:
        to, asked = way.bank, bought.asked(case, way, asked)
    overlay.adopt(case, plugins, [to] if to else ())
    desk = drafts.desk(list(plugins.templates.values()), profile.templates, profile.bases)
    seen, known = screened.shown(view.load(case, plugins, why)), life.letters(case)
    if asked.get("of"):
        return following.draft(case, desk, kind, known, asked)
    entries = overlay.entries(case, plugins)
    found, addressee = recipient.named(seen, plugins, kind, to, asked.get("addressee", ""), entries)
    chosen = bought.KIND if way is not None and kind == drafts.PLAIN else VARIANTS.get((kind, addressee), kind)
    one = _kind(desk, kind, chosen)
    role = gates.role(asked["role"])
    sender = profile.sender(role, asked.get("officer", ""))
    # By its name alone a letter of one client to a service is called as that of the next one.
    sender |= {"case": case.entries[0].hash[:8]} if sender else {}
    choice = Choice(
        id=matter.ident(found, asked.get("entity", ""), kind),
        kind=chosen,
        service=recipient.key(seen, found, one) if one.about == "service" else "",
        name=found.name,
        addressee=addressee,
        role=role,
        basis=asked.get("basis") or _basis(desk, role, one, addressee, sender.get("state", "")),
        language=_language(desk, asked.get("language") or profile.said.get("language") or case.settings.language),
        sender=sender,
        template=one.digest(desk.common.folder),
        words=one.kept(),
        law=profile.bases.get(asked.get("basis", ""), ""),
        **{name: asked[name] for name in _PLAIN if asked.get(name)},
    )
    choice = rules.answering(_resting(desk, profile, choice), one)
    if one.asks == "enquiry" and not choice.about:
        choice = replace(choice, about=recipient.traced_at(seen, found), found=True)
    drafts.told(one, choice.language)
    spoken = scope.spoken(case, seen, one, choice)
    spoken = replace(spoken, id=scope.ident(spoken, choice.id, known))
    passed = decisions.passed(case)
    wrong = scope.unsaid(seen, one, spoken) + scope.named(case, spoken, passed)
    wrong += scope.others(case, seen, spoken, passed)
    wrong += stopping.unfit(spoken, one, seen, plugins, _entry(case, plugins, found))
    wrong += rules.there(spoken if choice.losses else scope.whole(seen, spoken), one, seen)
    choice = spoken
    assert case.now is not None
    wrong += rules.days(choice, case.now()) + rules.lines(choice, one, case.now())
    if choice.basis in desk.bases:
        wrong += rules.longer(choice, desk.bases[choice.basis], case.now().date())
    wrong += rules.said(
        choice, one, desk.bases.get(choice.basis, desk.bases[gates.VOLUNTARY]),
        list(plugins.chains.values()), passed,
    )  # fmt: skip
    doubt = delivery.doubtful(found, _entry(case, plugins, found))
    _refuse(desk, one, choice, seen, wrong, doubt, known.get(choice.id))
    case.note(life.ENTRY, choice.body())
    return choice


def _resting(desk: Desk, profile: Profile, choice: Choice) -> Choice:
    """The choice with what the agency's own register says of its basis, and of the treaty that this stands in."""
    basis = desk.bases.get(choice.basis)
    treaty = basis.treaty.id if basis and basis.treaty else ""
    return replace(choice, treaty=profile.bases.get(f"{TREATIES}/{treaty}", ""))


def _entry(case: Case, plugins: Plugins, service: Service) -> Addressee | None:
    """What the register of addressees, as this case has it, knows of a service."""
    known = overlay.entries(case, plugins)
    register = addressees.services(plugins.templates, known)
    return addressees.of(service, known, register) or addressees.meant(service.name, known, register)


_PLAIN = (
    "entity", "offence", "court", "provision", "leave", "report", "instructed_by", "about", "losses",
    "address", "application", "forms", "until", "since", "reply_by", "tell_user", "states", "risk", "why", "facts",
    "urgent", "claim",
)  # fmt: skip


def _basis(desk: Desk, role: str, kind: Kind, addressee: str, home: str) -> str:
    """The basis that a person did not name: the voluntary one where it backs the letter. Raises Error."""
    if gates.VOLUNTARY in gates.fitting(desk.bases, role, kind, addressee, date.min):
        return gates.VOLUNTARY
    raise gates.unbacked(desk.bases, role, kind, addressee, date.min, home)


def _language(desk: Desk, said: str) -> str:
    known = desk.languages()
    parts = said.split("+")
    if not 1 <= len(parts) <= 2 or any(one not in known for one in parts) or len(set(parts)) < len(parts):
        raise Error(
            "language-missing",
            f"Letters cannot be written in {said!r}.",
            f"Languages here: {', '.join(known)}, or two side by side such as en+th.",
            "Choose one with --language.",
        )
    return said


def _kind(desk: Desk, asked: str, chosen: str) -> Kind:
    """The kind that a person named, or its variant for the addressee. Raises Error for one by which no letter can
    be written: nothing is journaled of what would stop in the making."""
    for name in (asked, chosen):
        if name in desk.broken:
            raise desk.broken[name]
    if chosen not in desk.kinds:
        raise Error(
            "letter-kind",
            f"There is no kind of letter {asked!r}.",
            f"Kinds: {', '.join(sorted(desk.kinds))}.",
            "Name one with --kind; `recover template new` makes one of your own.",
        )
    found = desk.usable(Choice(id="", kind=chosen))
    if found.about == "letter":
        ways = {
            "withdrawal": "`recover letter withdraw CASE LETTER --by NAME --reason WHY`",
            "follow-up": "`recover letter follow-up CASE LETTER --by NAME --reason WHY`",
        }
        raise Error(
            "letter-of-none",
            f"A letter of the kind {chosen} follows another, and none is named.",
            "By itself it would ask after nothing.",
            f"{ways[found.asks]} drafts it of the letter that went out.",
        )
    return found


def _refuse(
    desk: Desk,
    kind: Kind,
    choice: Choice,
    seen: View,
    wrong: Sequence[gates.Refusal],
    doubt: str,
    former: life.Letter | None,
) -> None:
    basis = desk.bases.get(choice.basis)
    if basis is None:
        raise Error(
            "basis-unknown",
            f"The register of legal bases has no entry {choice.basis!r}.",
            f"Entries: {', '.join(sorted(desk.bases))}.",
            "Name one with --basis.",
        )
    day = figures.date(seen).date()
    home = choice.state
    found = gates.refusals(basis, choice.role, kind, choice.addressee, day, choice.states, home)
    if kind.about == "named" and not choice.about and "holding" not in kind.parts:
        why = "The letter names no identifier, so its addressee has nothing to look up."
        found.append(gates.Refusal(rule="PL13", why=why, todo="Name each with --about IDENTIFIER."))
    found += [*gates.warned(choice.tell_user, doubt, choice.risk), *wrong]
    if found:
        found = gates.advised(found, desk.bases, choice, kind, day)
        raise gates.refused(found, _stands(former))


def _stands(former: life.Letter | None) -> str:
    """What is told of the draft that a refused one leaves as it was: it is what `issue` would send."""
    if former is None or former.choice is None or former.choice.time is None:
        return ""
    until = f", until {former.choice.until}" if former.choice.until else ""
    at = former.choice.time.isoformat(timespec="seconds")
    return f"{former.id} stays as it was drafted at {at} by {_who(former.choice)}{until}."


def _who(choice: Choice) -> str:
    role = next((word for word, meant in gates.SENDERS.items() if meant == choice.role), "nobody yet")
    return f"{choice.sender.get('officer') or choice.sender.get('name') or 'nobody named'} ({role})"


def issue(
    case: Case,
    plugins: Plugins,
    profile: Profile,
    ident: str,
    by: str,
    at: datetime | None,
    signed: Sequence[Path],
    names: Sequence[str] = (),
) -> list[tuple[str, int]]:
    """Issue a letter: written once more without the mark of a draft, or as the file that was signed, and captured.

    `names` are identities of the vault, where it was opened. Returns (file, exhibit). Raises Error naming every
    rule that forbids it. The signature stays a blank: a person fills it, on the paper or on the file named as
    `signed`.
    """
    why = pins.stated(case, plugins, stale=None)
    overlay.adopt(case, plugins)  # a channel that was corrected since the draft is in no paper that goes out
    desk, seen, known = (
        drafts.desk(list(plugins.templates.values()), profile.templates),
        outgoing.seen(case, plugins, why),
        life.letters(case),
    )
    planned = {c.id: c for c in drafts.planned(seen, known, list(plugins.templates.values()))}
    drafts.standing(known, ident)
    life.known(planned, ident)
    choice = planned[ident]
    follows.standing(known, choice)
    desk.usable(choice)
    desk.same(choice)
    letter = known.get(ident, life.Letter(ident))
    addressed = seen.services.get(choice.service) or seen.services.get(choice.name)
    addressed = addressed or served.unlisted(choice.service or choice.name)
    assert case.now is not None
    moment = (at or case.now()).replace(microsecond=0)
    doubt = delivery.doubtful(addressed, _entry(case, plugins, addressed))
    outgoing.sendable(desk, choice, by, doubt, moment.date(), case.typed)
    passed = decisions.passed(case)
    wrong = scope.unsaid(seen, desk.kind(choice), choice) + scope.others(case, seen, choice, passed)
    wrong += stopping.unfit(choice, desk.kind(choice), seen, plugins, _entry(case, plugins, addressed))
    if wrong:
        raise gates.refused(wrong)
    kind, basis = follows.asking(known, desk, choice), desk.basis(choice)
    # Again: a draft can be older than a rule, or than a decision that was taken back.
    wrong = rules.said(choice, kind, basis, list(plugins.chains.values()), passed)
    if wrong := wrong + rules.lines(choice, kind, moment):
        raise gates.refused(wrong)
    outgoing.timely(case, choice, at, tuple(follows.acts(known, choice)))
    # A victim who sends for itself is named as the sender, and nowhere else.
    own = " ".join(choice.sender.values()).casefold()
    names = [one for one in names if one.casefold() not in own]
    banned = outgoing.nameless(choice, identities(case), names, plugins.templates.values())
    check, ways = Check(banned, passed), matter.Ways(seen)
    there = drafts.matters(seen, desk, ways, choice, letter, moment)
    outgoing.fresh(case, letter, there)
    for m in there:
        if wrong := rules.issued(m, moment.date()):
            raise gates.refused(wrong)
    papers = released.papers(f"{choice.id}-v{letter.version}", signed)
    made = dict(drafts.written(seen, desk, ways, choice, letter, check, moment, papers))
    for name, data in made.items():
        if name.startswith("stopped/"):
            raise outgoing.stopped(choice, data.decode("utf-8", "replace"), located.places(seen, banned))
    outgoing.whole(made, desk, choice, choice.language or case.settings.language, paper.addressed(there[0]))
    # With the delivery sheet: by it the letter is sent, and the next draft's tells of another version.
    files = {name.removeprefix("letters/"): data for name, data in made.items()}
    return released.keep(case, letter, there, {**files, **papers}, by, moment)


def hasty(case: Case, choice: Choice) -> list[str]:
    """What is odd about a draft, and may be meant: its days, and the same letter to nobody named beside it."""
    assert case.now is not None
    same = ("service", "name", "kind", "role", "losses", "addressee")
    bare = [
        one.id
        for one in life.letters(case).values()
        if choice.entity and one.choice and not one.choice.entity and not one.issued and not one.dropped
        and all(getattr(one.choice, name) == getattr(choice, name) for name in same)
    ]  # fmt: skip
    beside = [
        f"{ident}, the draft that names no legal entity, stands beside it: `recover letter drop CASE {ident} --by "
        "NAME --reason WHY` drops it."
        for ident in bare
    ]
    return [*rules.hasty(choice, case.now()), *beside]


def drop(case: Case, ident: str, by: str, reason: str) -> None:
    """Record that a letter that nobody was sent is dropped; also one that was drafted by itself."""
    life.known({*life.letters(case), *docket.papers(case)}, ident)
    lived.drop(case, ident, {"by": by, "reason": reason})


def did(case: Case, plugins: Plugins, act: str, ident: str, version: int, said: Asked) -> None:
    """Record that a letter was sent, acknowledged, answered and so on."""
    known = life.letters(case)
    life.known(known, ident)
    one = known[ident]
    # Sent is the newest; what comes after is of the version that its addressee has.
    version = version or (one.newest if act == "sent" else one.standing)
    assert case.now is not None
    at = datetime.fromisoformat(said["at"]) if said.get("at") else case.now()
    if act == "renew":
        docket.renewable(case, one, version, plugins, at)
    if act == "filed":
        docket.fileable(one, version, plugins, at)
    lived.note(case, act, ident, version, said)
