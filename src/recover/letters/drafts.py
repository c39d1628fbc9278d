"""Every letter that a case allows: those that a person chose, and one to preserve to each service reached."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from recover.letters import (
    accepted,
    beside,
    changed,
    delivery,
    folders,
    follows,
    front,
    gates,
    matter,
    narrowed,
    paper,
    payins,
    recipient,
    renderings,
    scope,
    screened,
    served,
    sight,
    stoppable,
)
from recover.letters.desks import PLAIN as PLAIN
from recover.letters.desks import Desk as Desk
from recover.letters.desks import desk as desk
from recover.letters.folders import Kind
from recover.letters.life import Choice, Letter, closed, over
from recover.letters.matter import Matter
from recover.registers import bases
from recover.report import contested, figures, identifiers, lint, render
from recover.report.checked import Check, stopped
from recover.report.elements import Brief, Facts, strings
from recover.report.enclosures import Enclosure
from recover.report.texts import Texts
from recover.sdk import Error, Finding, Template, View
from recover.tracing import rules

ENQUIRY = "enquiry"
"""The kind that asks whether an address is the addressee's."""

_TOGETHER = 16
"""Letters that are in the making at one time."""


def planned(view: View, life: Mapping[str, Letter], templates: Sequence[Template] = ()) -> list[Choice]:
    """What is drafted: each letter that a person chose and did not withdraw, and the plain ones beside them: to
    preserve, and to issuers where a balance at a block says that something lies where they can stop it.

    Those of `templates` that say so of themselves are drafted to every service that they go to, like ours.
    """
    chosen = [follows.told(life, one.choice) for one in life.values() if one.choice and not closed(life, one)]
    asked = {(c.service, c.kind) for c in chosen}
    willing = _willing(templates)
    for key, service in served.services(view):
        addressee = recipient.kind_of(service)
        for kind in (PLAIN, *(name for name, to in willing.items() if addressee in to)):
            ident = matter.ident(service, "", kind)
            gone = ident in life and life[ident].gone
            if (key, kind) not in asked and not gone:
                to = addressee if kind != PLAIN else "vasp"
                chosen.append(
                    Choice(
                        id=ident, kind=kind, service=key, name=service.name, basis=gates.VOLUNTARY, addressee=to
                    )
                )
    chosen += stoppable.planned(view, life, {(c.service or c.name, c.kind) for c in chosen}, templates)
    if any((t.kind, t.id) == ("letter", ENQUIRY) for t in templates):
        chosen += _enquiries(view, life, {(c.service or c.name, c.kind) for c in chosen})
    return sorted(chosen, key=lambda c: c.id)


def _enquiries(view: View, life: Mapping[str, Letter], asked: Collection[tuple[str, str]]) -> Iterator[Choice]:
    """One to each service that may have an address which others are named for too, and gets no other letter on it:
    whose it is has to be asked before anything else can be."""
    for key, about in contested.asked(view).items():
        service = view.services.get(key) or served.unlisted(key)
        ident = matter.ident(service, "", ENQUIRY)
        gone = ident in life and life[ident].gone
        if not gone and not {(key, ENQUIRY), (service.name, ENQUIRY)} & {*asked}:
            yield Choice(
                id=ident,
                kind=ENQUIRY,
                service=key,
                name=service.name,
                basis=gates.VOLUNTARY,
                addressee=recipient.kind_of(service),
                about=about,
                found=True,
            )


def standing(life: Mapping[str, Letter], ident: str) -> None:
    """Raises Error for a letter that was withdrawn or dropped, or that asks after one that was."""
    if ident in life and life[ident].dropped:
        raise over(ident, "dropped")
    if ident in life and closed(life, life[ident]):
        of = life[ident].choice
        raise over(of.of.rpartition("-v")[0] if of and of.of and not life[ident].withdrawn else ident)


def _willing(templates: Sequence[Template]) -> dict[str, frozenset[str]]:
    """The kinds that are drafted by themselves, on the basis that anybody may use, and to what addressees."""
    register = next((t for t in templates if (t.kind, t.id) == ("register", "legal-bases")), None)
    kinds = [k for k in folders.load(templates).values() if k.drafts and k.about == "service" and k.id != PLAIN]
    if not kinds or register is None:
        return {}
    basis = bases.load(register)[gates.VOLUNTARY]
    fit = sorted((k for k in kinds if k.asks in basis.kind), key=lambda k: k.id)
    return {k.id: frozenset(k.addressees) & frozenset(basis.addressees) for k in fit}


def enclosures(
    view: View, life: Mapping[str, Letter], desk: Callable[[], Desk], wanted: Sequence[Choice]
) -> tuple[Enclosure, ...]:
    """Every letter that is written beside a report, by its kind, title and state; `desk` where there is one."""
    usable = [one for one in wanted if not _unusable(desk(), one)]
    drafts = [_enclosure(view, desk(), c, life.get(c.id, Letter(c.id))) for c in usable]
    sent = [
        replace(
            _enclosure(view, desk(), one.choice, one),
            stem=f"issued/{one.id}-v{version}",
            out=done.moment(),
            endings=tuple(row["name"].removeprefix(f"{one.id}-v{version}") for row in done.said["files"]),
        )
        for one in sorted(life.values(), key=lambda one: one.id)
        for version in one.issued
        if one.choice and (done := one.at("issue", version))
    ]
    return (*drafts, *sent)


def _enclosure(view: View, desk: Desk, choice: Choice, letter: Letter) -> Enclosure:
    kind = None if _unusable(desk, choice) else desk.kind(choice)
    done = letter.at("issue", letter.newest)
    service = view.services.get(choice.service) or view.services.get(choice.name)
    made = accepted.written(delivery.named(view, choice), choice.role, choice.forms, choice.state)
    return Enclosure(
        stem=f"letters/{choice.id}-v{letter.version}",
        title=desk.layered(kind, view.case.language).entries["doc.title"] if kind else choice.kind,
        name=service.name if service else choice.name or choice.service,
        service=choice.service,
        asks=kind.asks if kind else done.text("asks") if done else "",
        endings=(*(accepted.ENDINGS[one.form] for one in made), ".txt", "-delivery.txt"),
        issued=tuple(letter.issued),
    )


def documents(
    view: View, desk: Desk, ways: matter.Ways, life: Mapping[str, Letter], check: Check, wanted: Sequence[Choice]
) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """By id, (relative name, bytes) of every letter in all its forms. One that a rule stops leaves the reason."""

    def made(choice: Choice) -> tuple[str, list[tuple[str, bytes]]]:
        letter = life.get(choice.id, Letter(choice.id))
        try:
            return choice.id, [*written(view, desk, ways, choice, letter, check)]
        except Error as error:
            if not desk.foreign(choice):
                raise
            why = f"{error.what}\n{error.why}\n{error.todo}\n"
            return choice.id, [(f"stopped/{choice.id}-v{letter.version}.txt", why.encode())]

    # Typst sets several papers at once; a few at a time, so that no more than these are held in memory.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for first in range(0, len(wanted), _TOGETHER):
            yield from pool.map(made, wanted[first : first + _TOGETHER])


def written(
    view: View,
    desk: Desk,
    ways: matter.Ways,
    choice: Choice,
    letter: Letter,
    check: Check,
    issued: datetime | None = None,
    signed: Mapping[str, bytes] = MappingProxyType({}),
) -> Iterator[tuple[str, bytes]]:
    """One letter in all its forms; `issued` is when it goes out, None for a draft. Papers that were `signed` are
    served in place of its PDF."""
    languages = (choice.language or view.case.language).split("+")
    kind = desk.usable(choice)
    if lacking := untold(kind, languages):
        # A paper in another language than was chosen would be served unread.
        shared = Texts.layered((desk.common.folder,), languages[0])
        why = shared.say("complete.untold", kind=kind.id, languages=", ".join(lacking))
        yield f"stopped/{choice.id}-v{letter.version}.txt", f"{why}\n".encode()
        return
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in signed.items()}
    made = [replace(m, signed=digests) for m in matters(view, desk, ways, choice, letter, issued)]
    found, sheets = _forms(made)
    name = made[0].file
    breaches = []
    for m, one in zip(made, found, strict=True):
        said = [*strings(one), *renderings.plain(m, one).decode().splitlines()]
        breaches += check.breaches(m.texts, said, "letter", m.basis.force != "voluntary", kind.asks)
        breaches += screened.breaches(view, m.texts, said)
    if breaches:
        yield f"stopped/{name}.txt", stopped(breaches, lint.NUMBERS)
        return
    brief = sight.paged(found[0] if len(found) == 1 else beside.beside(*found[:2]))
    drawn = not kind.own and (kind.template.folder / "main.typ").is_file()
    layout = kind.template if drawn else desk.common
    wanted = accepted.names(delivery.known(made[0]), choice.role, choice.forms, choice.state)
    data = {f"{name}.pdf": render.pdf(layout, brief)} if "pdf" in wanted else {}
    data |= {f"{name}.docx": renderings.docx(brief)} if "docx" in wanted else {}
    data |= sheets
    if "email" in wanted:
        data[f"{name}.eml"] = renderings.mail(made, brief, _served(signed, data) if signed else dict(data))
    data[f"{name}.txt"] = renderings.plain(made[0], brief)
    if "portal" in wanted:
        data[f"{name}-portal.txt"] = front.blocks([(m, Facts(rows=tuple(paper.first(m)))) for m in made])
    data[f"{name}-delivery.txt"] = delivery.sheet(made[0])
    for file, content in data.items():
        yield f"letters/{file}", content


def _served(signed: Mapping[str, bytes], made: Mapping[str, bytes]) -> dict[str, bytes]:
    """What goes out with an e-mail: who gets an unsigned paper beside the signed one asks which of them counts."""
    return {**signed, **{name: data for name, data in made.items() if not name.endswith((".pdf", ".docx"))}}


def matters(
    view: View,
    desk: Desk,
    ways: matter.Ways,
    choice: Choice,
    letter: Letter,
    issued: datetime | None = None,
) -> list[Matter]:
    """The letter as matter, once for each of its languages."""
    languages = (choice.language or view.case.language).split("+")
    made = [matter_of(view, desk, ways, choice, letter, language, issued) for language in languages]
    # What nobody was served with, nothing takes the place of.
    had = max(letter.went, default=0)
    differ = (changed.since(made, letter, had) if had else None) or ()
    return [replace(m, changed=differ, replaced=had) for m in made]


def as_issued(view: View, desk: Desk, ways: matter.Ways, choice: Choice, letter: Letter) -> bool:
    """Whether it would say what its last version says that went out: then no other is drafted."""
    if not letter.issued or _unusable(desk, choice):
        return False
    if untold(desk.kind(choice), (choice.language or view.case.language).split("+")):
        return False
    return changed.since(matters(view, desk, ways, choice, letter), letter) == ()


def _unusable(desk: Desk, choice: Choice) -> bool:
    """Whether the letter is of a kind of an agency's own by which none can be written: it is told as stopped."""
    try:
        desk.usable(choice)
    except Error:
        if desk.foreign(choice):
            return True
        raise
    return False


def untold(kind: Kind, languages: Sequence[str]) -> list[str]:
    """The languages in which a kind of letter has no words."""
    return [one for one in languages if one not in kind.languages]


def told(kind: Kind, language: str) -> None:
    """Raises Error for a language in which a kind of letter has no words."""
    if lacking := untold(kind, language.split("+")):
        there = ", ".join(kind.languages)
        raise Error(
            "language-missing",
            f"Letters of the kind {kind.id} cannot be written in {', '.join(lacking)}.",
            f"Its folder has words in: {there or 'no language'}.",
            "Choose one of them with --language, or add the file to its folder.",
        )


def matter_of(
    view: View,
    desk: Desk,
    ways: matter.Ways,
    choice: Choice,
    letter: Letter,
    language: str,
    issued: datetime | None,
) -> Matter:
    """One letter in one language, as its parts read it. Raises Error for a kind or a basis that is not here."""
    kind, choice = desk.kind(choice), scope.whole(view, choice)
    named = view.services.get(choice.service) or view.services.get(choice.name)
    service = named or served.unlisted(choice.service or choice.name)
    key = choice.service if kind.about == "service" else ""
    ramps = figures.kept(view) if kind.about == "case" else figures.at_stake(view, key) if key else ()
    ruled = ramps if kind.about == "case" else figures.standing(view).get(key, ()) if ramps else ()
    whole, rows, others = ramps, _rows(view, kind, key, choice.losses), dict[str, tuple[int, int]]()
    if choice.losses:
        ruled = narrowed.ruled(view, ruled, rows, choice.losses)
        ramps = mine = narrowed.reached(ruled)
        if kind.about != "case":  # the police are no addressee of value, and one victim's report tells of no other
            others = narrowed.pooled(view, whole, mine, choice.losses)
    stopped = payins.payments(view, kind, service, choice.losses)
    if not ramps:  # beside accounts they stand in a table of their own, as the others credited no account
        rows = (*rows, *(one.row(view) for one in stopped))
    basis = desk.basis(choice)
    held: tuple[Finding, ...] = ()
    if "holding" in kind.parts:
        began = ways.sums(choice.losses or [loss.id for loss in view.case.losses])
        held = matter.holdings(view, choice.name, choice.losses, began)
        spots = [_spot(view, f) for f in held]
        rows = identifiers.brought(view, spots, choice.losses)
    if kind.asks == "freeze" and kind.about == "named" and not held:
        rows = narrowed.brought(view, choice.about, choice.losses)
    return Matter(
        view=view,
        ways=ways,
        texts=_texts(view, desk, kind, language, choice),
        kind=kind,
        choice=choice,
        service=service,
        basis=basis,
        version=letter.version,
        ramps=tuple(sorted(ramps, key=lambda r: (-r.amount, -r.resting, r.address))),
        ruled=ruled,
        rows=screened.nameable(rows),
        pooled=others,
        holdings=held,
        crossings=stopped,
        former=delivery.former(choice),
        issued=issued,
    )


def _texts(view: View, desk: Desk, kind: Kind, language: str, choice: Choice) -> Texts:
    return replace(desk.layered(kind, language), titles=_titles(view), zone=choice.sender.get("zone", "") or "UTC")


def _titles(view: View) -> dict[str, str]:
    """What the rules and heuristics of the case are called: whoever gets a letter knows none by its id."""
    own = {rule.id: rule.title for rule in rules.RULES.values()}
    return own | {row["id"]: row["title"] for row in (*view.rules, *view.heuristics)}


def _spot(view: View, f: Finding) -> identifiers.Spot:
    asset = str(f.slots.get("asset", ""))
    grade = next((r.grade for r in figures.kept(view) if (r.address, r.asset) == (f.subject, asset)), "")
    return identifiers.Spot(chain=asset.partition("/")[0], address=f.subject, asset=asset, grade=grade)


def _rows(view: View, kind: Kind, key: str, losses: Sequence[str]) -> tuple[identifiers.Row, ...]:
    """The movements of the addressee; for a letter on the whole case, those of every service."""
    if kind.about != "case":
        return identifiers.rows(view, key, losses) if key else ()
    keys = [service for service, _ in served.services(view)]
    return tuple(dict.fromkeys(row for one in keys for row in identifiers.rows(view, one, losses)))


def _forms(made: list[Matter]) -> tuple[list[Brief], dict[str, bytes]]:
    """The letter in each language, and its tables. The sheets first: the letter prints their SHA-256, so that they
    cannot be exchanged apart."""
    first = made[0]
    wanted = accepted.names(delivery.known(first), first.choice.role, first.choice.forms, first.choice.state)
    sheets = {f"{first.file}.csv": renderings.sheet(first)} if "csv" in wanted else {}
    if "xlsx" in wanted:
        sheets[f"{first.file}.xlsx"] = renderings.xlsx(first, paper.brief(first), made[1:])
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sheets.items()}
    made[:] = [replace(m, files=digests) for m in made]
    return [paper.brief(m) for m in made], sheets
