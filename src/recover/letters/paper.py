"""A letter as data: its head, and its parts in the order of its kind. What no person has said stays a blank."""

from __future__ import annotations

from datetime import datetime

from recover.letters import clocks, delivery, force, front, sight, words
from recover.letters.gates import PRIVATE, VOLUNTARY
from recover.letters.life import Choice
from recover.letters.matter import Matter
from recover.letters.sections import PARTS
from recover.report import declared, figures
from recover.report.elements import Block, Brief, Facts, Section
from recover.report.texts import Texts
from recover.sdk.outside import visible


def brief(m: Matter) -> Brief:
    """The letter."""
    t, view = m.texts, m.view
    day = m.issued or figures.date(view)
    itself: list[Block] = [Facts(rows=(*_own(m), *about(m)))]
    parts = [*drawn(m), ("about", itself)]
    names = [name for name, _ in parts]
    apart = sight.apart(m, names)
    return Brief(
        language=t.language,
        title=t.say("doc.title"),
        subtitle=m.name,
        author=visible(m.choice.sender.get("name", "") or view.case.agency, 120),
        mark=mark(m),
        running=t.say("doc.running", reference=reference(m)),
        footer=t.say("doc.footer", head=view.head[:12], version=view.version),
        page=t.entries["doc.page"],
        at=t.entries["doc.at"],
        contents="",
        exhibit=t.entries["doc.exhibit"],
        exhibits=t.entries["doc.exhibits"],
        date=(day.year, day.month, day.day),
        cover=(*force.banners(m), Facts(rows=tuple(_cover(m, names))), *_warnings(m)),
        sections=tuple(
            Section(id=str(n), title=t.say(f"{name}.title"), blocks=tuple(found), fresh=name == apart)
            for n, (name, found) in enumerate(parts, 1)
        ),
        logo=m.choice.sender.get("logo", "") if _official(m) else "",
        letterhead=tuple(_letterhead(m)),
    )


def _cover(m: Matter, parts: list[str]) -> list[tuple[str, str, str]]:
    """The first page: who writes, what a desk acts by, and what else a letter has at its head."""
    head = _keyed(m)
    # Where the sender is reached stands in the letterhead above, and in the way of reply.
    short = {"sender": "\n".join(_who(m))} if m.choice.sender.get("officer") and _letterhead(m) else {}
    lead = [(key, short.get(key, value), style) for key, value, style in head if key in _LEAD]
    rest = [row for row in head if row[0] not in _LEAD]
    return [*_labelled(m, lead), *sight.rows(m, parts), *_labelled(m, rest)]


_LEAD = ("sender", "instructed_by")


def drawn(m: Matter) -> list[tuple[str, list[Block]]]:
    """The parts of its kind that say something, by name and in their order."""
    return [(name, [*found]) for name in m.kind.parts if (found := PARTS[name](m))]


def opening(m: Matter) -> list[object]:
    """What the first page says, but for what says of which state the paper is."""
    s = m.choice.sender
    return [
        m.texts.say("doc.title"),
        m.name,
        s.get("logo", ""),
        *_letterhead(m),
        *force.banners(m),
        *front.rows(m),
        *first(m),
    ]


def mark(m: Matter) -> str:
    """What stands across every page: nothing on an issued paper."""
    if m.view.stale:
        return m.texts.say("doc.stale")
    return "" if m.issued else m.texts.say("doc.mark")


def _warnings(m: Matter) -> list[Block]:
    return list(declared.warnings(m.view, m.texts, _key(m))) if m.traced else []


def _key(m: Matter) -> str:
    # A letter that is not about one service's figures names none of another's.
    return m.key or "–"


def _official(m: Matter) -> bool:
    """Whether a crest may stand on it: only an authority uses one (PL15); counsel uses the firm's own."""
    return m.choice.role != "victim"


def _letterhead(m: Matter) -> list[str]:
    s = m.choice.sender
    lines = [s.get("name", ""), s.get("address", ""), _joined(s, "phone", "email", "website")]
    return [visible(line, 200) for line in lines if line]


def _joined(sender: object, *names: str) -> str:
    assert isinstance(sender, dict)
    return " · ".join(sender[name] for name in names if sender.get(name))


def reference(m: Matter) -> str:
    """The sender's own reference, as its profile forms it; else the case's; else the letter's id in its case."""
    return called(m.choice, m.view.case.reference, m.file)


def called(choice: Choice, own: str, file: str) -> str:
    """A reference by the sender's pattern and the case's own one; where the case has none, its mark in the journal
    stands for it, so that no two cases' letters are called alike."""
    pattern = choice.sender.get("reference", "")
    # The case's reference is the file number of who leads it: a private letter has its own.
    own, mark = "" if choice.role in PRIVATE and not pattern else own, choice.sender.get("case", "")
    if pattern:
        own = own or mark
        made = pattern.replace("{reference}", visible(own, 60)).replace("{letter}", file)
        return visible(made.strip("/- ·"), 80)  # a part that the case has not leaves no mark
    return visible(own, 60) or "/".join(filter(None, [mark, file]))


def first(m: Matter) -> list[tuple[str, str, str]]:
    """Who writes to whom, under what reference, and since when."""
    return _labelled(m, _keyed(m))


def _labelled(m: Matter, found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [(m.texts.say(f"head.{key}"), value, style) for key, value, style in found]


def _keyed(m: Matter) -> list[tuple[str, str, str]]:
    t, c = m.texts, m.choice
    out = [
        ("sender", *_or(t, _sender(m), "head.sender_todo")),
        *_instructed(m),
        *_said(m, "court"),
        ("basis", force.basis(m), "text"),
        ("addressee", *_entity(m)),
        *_address(m),
        *_channel(m),
        ("reference", *_or(t, reference(m) if c.sender or m.view.case.reference else "", "head.reference_todo")),
        ("issued", *_or(t, _issued(m), "head.issued_todo")),
    ]
    # One that follows another states no offence anew.
    if m.kind.about != "letter" and (c.offence or c.role not in PRIVATE):
        # A private sender names an offence in its own words: to state one is an authority's.
        key = "offence_named" if c.role in PRIVATE else "offence"
        out.append((key, *_or(t, visible(c.offence, 300), "head.offence_todo")))
    wanted = _basis_needs(m)
    return out + [
        (name, *_or(t, said, f"head.{name}_todo", spare=name not in m.basis.needs)) for name, said in wanted
    ]


def _basis_needs(m: Matter) -> list[tuple[str, str]]:
    """What a basis needs beside its name, or a sender says of it; of a draft also what its addressee asks for."""
    c, found = m.choice, list[tuple[str, str]]()
    if m.kind.about == "letter":  # it rests on another, and is filed by the number of the police as that one is
        return [("report", visible(c.report, 200))] if c.report else []
    for name, said in (("provision", c.provision), ("leave", c.leave), ("report", c.report)):
        # A number of the police is what many act on, and none has to have it.
        wanted = name == "report" and m.kind.asks in ("freeze", "notice") and not m.issued
        if said or name in m.basis.needs or wanted:
            found.append((name, visible(said, 200)))
    return found


def _own(m: Matter) -> list[tuple[str, str, str]]:
    """What this very paper is: of which version, and in what state."""
    rows = [("letter", _letter(m), "text"), ("status", _status(m), "text" if m.issued else "blank")]
    return [(m.texts.say(f"head.{key}"), value, style) for key, value, style in rows]


def about(m: Matter) -> list[tuple[str, str, str]]:
    """What a desk does not act by, and a lawyer looks for: what it is, on what it rests, how it was made."""
    t, c = m.texts, m.choice
    out = [
        ("kind", t.say("head.kind_value"), "text"),
        # Who may use which basis depends on who sends: an authority, counsel and a victim have different powers.
        ("sender_role", *_or(t, t.say(f"role.{c.role}") if c.role else "", "head.sender_role_todo")),
        *([("brand", _brand(m), "text")] if m.choice.service else []),
        ("language", _language(m), "text"),
        ("basis", _basis(m), "text"),
    ]
    if m.traced:
        out.append(("rule", declared.entry(m.view, t), "text"))
        names = [t.rule(r["id"]) for r in m.view.rules if "yes" in (r["claim"], r["declared"])]
        out += [("rules", "; ".join(names), "text")] if names else []
    return [(t.say(f"head.{key}"), value, style) for key, value, style in out]


def _letter(m: Matter) -> str:
    t = m.texts
    former = t.say("head.supersedes", version=m.replaced) if m.replaced else ""
    slots: dict[str, str | int] = {
        "id": m.choice.id,
        "version": m.version,
        "entries": f"{m.view.entries:,}",
        "former": former,
    }
    return t.say("head.letter_value", **slots)


def _status(m: Matter) -> str:
    if m.issued is None:
        return m.texts.say("head.status_value")
    return m.texts.say("head.status_issued", time=_time(m, m.issued))


def _language(m: Matter) -> str:
    key = "head.language_both" if "+" in m.choice.language else "head.language_value"
    return m.texts.say(key, review=m.texts.say("review.state"))


def _issued(m: Matter) -> str:
    if m.issued is None:
        return ""
    own = words.day(m.texts, _local(m, m.issued).date())
    return _time(m, m.issued) + (f" {own[11:]}" if len(own) > 10 else "")


def _time(m: Matter, time: datetime) -> str:
    """UTC and, where the sender's zone is another, the local time."""
    return clocks.told(time, m.choice.sender.get("zone", ""))


def _local(m: Matter, time: datetime) -> datetime:
    """A moment in the zone that the sender's profile names, else as it was said."""
    zone = clocks.place(m.choice.sender["zone"]) if m.choice.sender.get("zone") else None
    return time.astimezone(zone) if zone else time


def _instructed(m: Matter) -> list[tuple[str, str, str]]:
    said = _said(m, "instructed_by")
    if not words.pseudonym(m):
        return said
    # An addressee finds nobody by it, and has to know that it is no name.
    return [(name, m.texts.say("head.pseudonym", said=value), style) for name, value, style in said]


def _said(m: Matter, *names: str) -> list[tuple[str, str, str]]:
    return [(name, visible(said, 300), "text") for name in names if (said := getattr(m.choice, name))]


def _or(t: Texts, said: str, todo: str, spare: bool = False) -> tuple[str, str]:
    """What was said, else its blank; of what is `spare` no more than that it may be added."""
    blank = words.spare if spare else words.blank
    return (said, "text") if said else (blank(t, todo), "blank")


def _sender(m: Matter) -> str:
    s = m.choice.sender
    lines = [*_who(m), s.get("address", ""), _joined(dict(s), "phone", "email", "website")]
    return "\n".join(visible(line, 300) for line in lines if line)  # one below the other, as on an envelope


def _who(m: Matter) -> list[str]:
    """Who writes, in what capacity, and for which body."""
    s = m.choice.sender
    who, title = s.get("officer", ""), s.get("title", "")
    # A title that the name begins with is no second one.
    named = [said for said in (who, "" if who.casefold().startswith(title.casefold()) else title) if said]
    named += [m.texts.say(f"sender.{name}", said=s[name]) for name in ("badge", "bar", "authority") if s.get(name)]
    who = ", ".join(named)
    if who and m.choice.role:  # in what capacity somebody writes, nobody has to look up
        who = m.texts.say("sender.capacity", who=who, role=m.texts.say(f"role.{m.choice.role}"))
    # A person writes for no body.
    lines = [who, "" if s.get("name") == s.get("officer") else s.get("name", "")]
    return [visible(line, 300) for line in lines if line]


def _entity(m: Matter) -> tuple[str, str]:
    # A brand is not a party: the letter goes to the legal entity that holds the records, or as that asks for.
    t, legal = m.texts, m.service.legal
    if m.choice.entity:
        return visible(m.choice.entity, 160), "text"
    known = visible(legal.get("entities", ""), 1200)
    # What the register knows is for who sends it to choose from: an addressee is told no list of its own entities.
    others = "\n" + t.say("unverified.entities", entities=known) if known and not m.issued else ""
    if legal.get("to"):
        return t.say("unverified.to", name=visible(legal["to"])) + others, "text"
    said = visible(legal.get("entity", ""))
    if said:
        if m.service.verified_by:
            return said + others, "text"
        return t.say("unverified.field", value=said) + others, "blank"
    if not m.choice.service:
        return m.name, "text"
    return t.say("unverified.field", value=t.say("unverified.entity")), "blank"


def addressed(m: Matter) -> bool:
    """Whether it names a party: a legal entity, or whom its addressee asks for."""
    return _entity(m)[1] == "text"


def entity(m: Matter) -> str:
    """The addressee's legal entity, with its mark until somebody has confirmed it."""
    return _entity(m)[0]


def _brand(m: Matter) -> str:
    uri = visible(m.service.uri, 120) or "–"
    if m.issued:
        return m.texts.say("head.brand_issued", name=m.name, uri=uri)
    places = ", ".join(visible(p, 12) for p in m.service.jurisdictions) or "–"
    return m.texts.say("head.brand_value", name=m.name, uri=uri, places=places)


def _channel(m: Matter) -> list[tuple[str, str, str]]:
    """Only channels that a named person confirmed; all others stand on the delivery sheet alone."""
    rows = []
    for one in delivery.confirmed(m):
        slots = {"value": visible(one.value, 300), "kind": visible(one.kind, 40), "by": visible(one.by, 80)}
        rows.append(("channel", m.texts.say("head.channel_confirmed", on=one.on, **slots), "text"))
    return rows


def _address(m: Matter) -> list[tuple[str, str, str]]:
    t, service = m.texts, m.service
    if m.choice.address:
        return [("address", visible(m.choice.address, 300), "text")]
    said = visible(service.legal.get("address", ""))
    known = said if service.verified_by else t.say("unverified.field", value=said) if said else ""
    if not known and m.issued:
        return []
    return [("address", *_or(t, known, "head.address_todo", spare=True))]


def _basis(m: Matter) -> str:
    b, t = m.basis, m.texts
    plain = b.id == VOLUNTARY
    key = "unverified.basis_checked" if b.checked else "unverified.basis"
    if plain:  # a register's id of what is no law tells its addressee nothing
        key = "unverified.basis_none_issued" if m.issued else "unverified.basis_none"
    # What no law gives is no name of an act: it has words in each language.
    slots = {"id": b.id, "title": b.said("title", t.language), "as_of": t.dated(b.as_of.isoformat())}
    return t.say(key, by=visible(b.verified_by, 80), **slots)
