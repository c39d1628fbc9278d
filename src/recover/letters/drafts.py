"""Every letter that a case allows: those that a person chose, and one to preserve to each service reached."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
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
    stoppable,
)
from recover.letters.folders import Kind
from recover.letters.life import Choice, Letter, closed, over
from recover.letters.matter import Matter
from recover.registers import bases
from recover.registers.bases import LegalBasis
from recover.report import contested, figures, identifiers, lint, phrases, render
from recover.report.checked import Check, stopped
from recover.report.elements import Brief, Facts, strings
from recover.report.enclosures import Enclosure
from recover.report.texts import Texts
from recover.sdk import Error, Finding, Template, View
from recover.tracing import rules

PLAIN = "preserve"
"""The kind that is drafted by itself to each service that value reached."""

ENQUIRY = "enquiry"
"""The kind that asks whether an address is the addressee's."""

COMMON = "letters-common"
"""The register whose folder holds the sentences and the layout that all letters share."""

_TOGETHER = 16
"""Letters that are in the making at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What letters are written with: kinds, bases and texts, read once."""

    kinds: Mapping[str, Kind]
    bases: Mapping[str, LegalBasis]
    common: Template
    phrases: phrases.Folders = ()

    def layered(self, kind: Kind, language: str) -> Texts:
        return Texts.layered((self.common.folder, kind.template.folder), language, self.phrases)

    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(p.stem for p in self.common.folder.glob("??.toml")))


def desk(
    templates: Sequence[Template], own: Path | None = None, laws: Mapping[str, str] = MappingProxyType({})
) -> Desk:
    """Read the templates; `own` is the agency's folder of letter folders, `laws` its legal bases. Raises Error."""
    found = {(t.kind, t.id): t for t in templates}
    for kind, ident in (("register", "legal-bases"), ("register", COMMON), ("letter", PLAIN)):
        if (kind, ident) not in found:
            raise Error(
                "template-missing",
                f"No plugin brings the {kind} template {ident!r}.",
                "Letters rest on it.",
                "Install recover-letters, or the extra `standard`.",
            )
    mine = [folders.folder(p) for p in sorted(own.iterdir()) if (p / folders.FILE).is_file()] if own else []
    register = bases.load(found["register", "legal-bases"], laws)
    # Which basis a sender may use depends on the sender, whom only a person can name. A plain draft claims none.
    if gates.VOLUNTARY not in register:
        raise Error(
            "legal-basis-missing",
            f"The register of legal bases has no entry {gates.VOLUNTARY}.",
            "A draft rests on it until a person names another basis.",
            "Install recover-letters again.",
        )
    kinds = folders.load([*templates, *mine])
    common = found["register", COMMON]
    return Desk(kinds=kinds, bases=register, common=common, phrases=phrases.folders(templates))


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
    drafts = [_enclosure(view, desk(), c, life.get(c.id, Letter(c.id))) for c in wanted]
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
    kind = _kind(desk, choice)
    texts = desk.layered(kind, view.case.language)
    service = view.services.get(choice.service) or view.services.get(choice.name)
    made = accepted.written(delivery.named(view, choice), choice.role, choice.forms, choice.state)
    return Enclosure(
        stem=f"letters/{choice.id}-v{letter.version}",
        title=texts.entries["doc.title"],
        name=service.name if service else choice.name or choice.service,
        service=choice.service,
        asks=kind.asks,
        endings=(*(accepted.ENDINGS[one.form] for one in made), ".txt", "-delivery.txt"),
        issued=tuple(letter.issued),
    )


def documents(
    view: View, desk: Desk, ways: matter.Ways, life: Mapping[str, Letter], check: Check, wanted: Sequence[Choice]
) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """By id, (relative name, bytes) of every letter in all its forms. One that a rule stops leaves the reason."""

    def made(choice: Choice) -> tuple[str, list[tuple[str, bytes]]]:
        return choice.id, [*written(view, desk, ways, choice, life.get(choice.id, Letter(choice.id)), check)]

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
) -> Iterator[tuple[str, bytes]]:
    """One letter in all its forms; `issued` is when it goes out, None for a draft."""
    languages = (choice.language or view.case.language).split("+")
    kind = _kind(desk, choice)
    if lacking := untold(kind, languages):
        # A paper in another language than was chosen would be served unread.
        shared = Texts.layered((desk.common.folder,), languages[0])
        why = shared.say("complete.untold", kind=kind.id, languages=", ".join(lacking))
        yield f"stopped/{choice.id}-v{letter.version}.txt", f"{why}\n".encode()
        return
    made = matters(view, desk, ways, choice, letter, issued)
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
    brief = found[0] if len(found) == 1 else beside.beside(*found[:2])
    layout = kind.template if (kind.template.folder / "main.typ").is_file() else desk.common
    wanted = accepted.names(delivery.known(made[0]), choice.role, choice.forms, choice.state)
    data = {f"{name}.pdf": render.pdf(layout, brief)} if "pdf" in wanted else {}
    data |= {f"{name}.docx": renderings.docx(brief)} if "docx" in wanted else {}
    data |= sheets
    if "email" in wanted:
        data[f"{name}.eml"] = renderings.mail(made, brief, dict(data))
    data[f"{name}.txt"] = renderings.plain(made[0], brief)
    if "portal" in wanted:
        data[f"{name}-portal.txt"] = front.blocks([(m, Facts(rows=tuple(paper.first(m)))) for m in made])
    data[f"{name}-delivery.txt"] = delivery.sheet(made[0])
    for file, content in data.items():
        yield f"letters/{file}", content


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
    differ = changed.since(made, letter) or ()
    return [replace(m, changed=differ) for m in made]


def as_issued(view: View, desk: Desk, ways: matter.Ways, choice: Choice, letter: Letter) -> bool:
    """Whether it would say what its last version says that went out: then no other is drafted."""
    if not letter.issued or untold(_kind(desk, choice), (choice.language or view.case.language).split("+")):
        return False
    return changed.since(matters(view, desk, ways, choice, letter), letter) == ()


def untold(kind: Kind, languages: Sequence[str]) -> list[str]:
    """The languages in which a kind of letter has no words."""
    return [one for one in languages if not (kind.template.folder / f"{one}.toml").is_file()]


def _kind(desk: Desk, choice: Choice) -> Kind:
    kind = desk.kinds.get(choice.kind)
    if kind is None:
        raise Error(
            "letter-kind-missing",
            f"There is no kind of letter {choice.kind!r} here, and the letter {choice.id} is of it.",
            f"Here there are: {', '.join(sorted(desk.kinds))}.",
            "Install the plugin that brings it, or name your own folder of letters in recover.toml.",
        )
    return kind


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
    kind, choice = _kind(desk, choice), scope.whole(view, choice)
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
    basis = desk.bases.get(choice.basis)
    if basis is None:
        raise Error(
            "legal-basis-missing",
            f"The register of legal bases has no entry {choice.basis!r}.",
            f"The letter {choice.id} rests on it.",
            "Draft it again on another basis.",
        )
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
        ramps=tuple(sorted(ramps, key=lambda r: (-r.amount, -r.unswept, r.address))),
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
