"""The delivery sheet, for the examiner alone: how the letter can reach its addressee, and what speaks against it.

No channel that nobody has confirmed stands in a letter: a wrong mailbox hands a case to a stranger.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from recover.declared import confirming
from recover.letters import accepted, clocks, holds, identified, powers, screened
from recover.letters.gates import OFFICIAL, PRIVATE
from recover.letters.life import Choice, Letter
from recover.letters.matter import Matter
from recover.registers.addressees import OLD, age, service
from recover.report import figures
from recover.report.texts import Texts
from recover.sdk import Addressee, Confirmed, Service, View
from recover.sdk.addressee import Body, Channel, Said
from recover.sdk.outside import visible


def sheet(m: Matter) -> bytes:
    """Plain text: addressee, channels with source and date, warnings, and what to do after sending."""
    t, s = m.texts, m.service
    lines = [t.say("delivery.title", letter=m.file), t.say("delivery.notice"), ""]
    lines += [t.say("delivery.to", name=m.name, category=visible(s.category, 40) or "–")]
    entry, first = known(m), list[str]()
    if said := shut(t, entry, m.choice, m.name):  # before all else: nothing below can be used by this sender
        first = [f"! {said}"]
    lines += ["", *found] if (found := [*first, *warnings(m)]) else []
    lines += ["", *([] if m.issued else [t.say("delivery.draft")]), *_forms(m, entry), ""]
    if entry is not None:  # the entry's own source: where the name is from says nothing of it
        s = replace(s, source=(of := service(entry)).source or "–", as_of=of.as_of)
    source = {"source": visible(s.source, 160), "as_of": visible(s.as_of, 20) or "–"}
    lines += [t.say("delivery.register", **source)]
    for name in ("to", "entity", "entities", "address", "channel", "status", "asks", "times"):
        said = visible(s.legal.get(name, ""), 400)
        if said:
            by = visible(s.verified_by, 80)
            lines.append(
                f"  {name}: {said} "
                + (t.say("delivery.confirmed", by=by) if by else t.say("delivery.unconfirmed"))
            )
    if entry is not None:
        lines += _known(m, entry)
    elif not s.legal.get("channel"):
        lines.append("  " + t.say("delivery.no_channel"))
    for one in m.view.lapsed:
        if one.id in (s.id, entry.id if entry else ""):
            about = {"kind": visible(one.kind, 40), "value": visible(one.value, 300), "by": visible(one.by, 80)}
            lines.append(f"- {t.say('delivery.lapsed', on=visible(one.on, 20), **about)}")
    lines += ["", t.say("delivery.after", letter=m.choice.id)]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "backslashreplace")


def shut(t: Texts, entry: Addressee | None, choice: Choice, name: str) -> str:
    """That an addressee has no channel for a private sender, and what ways are open; else empty."""
    if choice.role not in PRIVATE or not accepted.unfit(entry, choice.role, choice.state):
        return ""
    return t.say(f"delivery.shut_desk_{choice.role}", name=visible(name, 80))


def _forms(m: Matter, entry: Addressee | None) -> list[str]:
    """The files of the letter, the one to serve first at the top, each with what the register says of its form."""
    t = m.texts
    made = accepted.written(entry, m.choice.role, m.choice.forms, m.choice.state)
    lines = [t.say("delivery.forms" if any(one.fact for one in made) else "delivery.forms_unsaid", name=m.name)]
    lines += [f"  {t.say('delivery.signed', file=name, digest=digest)}" for name, digest in m.signed.items()]
    for number, one in enumerate(made, 1):
        ending = accepted.ENDINGS[one.form]
        lines.append(f"  {number}. {m.file}{ending}")
        if one.fact:
            said = accepted.words(one.fact)
            lines.append(f"     {visible(said, 400)}")
            lines.append(f"     {_source(m, one.fact.source, one.fact.as_of, one.fact.confidence)}")
            if isinstance(one.fact, Channel) and entry and not _words(m, one.fact, entry):
                lines.append(f"     {t.say('delivery.unconfirmed')}")
        elif one.asked:
            lines.append("     " + t.say("delivery.form_asked"))
    left = [name for name in accepted.ENDINGS if name not in {one.form for one in made}]
    if left:
        lines.append(t.say("delivery.forms_left", forms=", ".join(left)))
    for no in entry.forms if entry else ():
        if no.takes == "no":
            slots = {"form": no.form, "of": no.of, "what": visible(no.what, 400)}
            lines.append(f"- {t.say('delivery.form_refused', **slots)}")
            lines.append(f"     {_source(m, no.source, no.as_of, no.confidence)}")
    if accepted.unfit(entry, m.choice.role, m.choice.state) and m.choice.role not in PRIVATE:
        lines.append("! " + t.say("delivery.no_way"))
    return lines


def known(m: Matter) -> Addressee | None:
    """The register's entry of the addressee, whether or not value reached it."""
    return named(m.view, m.choice)


def named(view: View, choice: Choice) -> Addressee | None:
    """The register's entry of whom a choice names."""
    return view.addressees.get(choice.service) or view.addressees.get(choice.name)


def _known(m: Matter, entry: Addressee) -> list[str]:
    """All that the register of addressees says, every fact with its source, its date, and whether it is old."""
    t = m.texts
    lines = [t.say("delivery.brought")] if entry.id in m.view.brought else []
    lines += [t.say("delivery.looked", day=entry.looked), "", t.say("delivery.channels")]
    # By the numbers that `register confirm` takes.
    shut = {n: why for n, one in enumerate(entry.channels, 1) if (why := _closed(m, one))}
    for number, one in enumerate(entry.channels, 1):
        if number not in shut:
            lines += _way(m, number, one, entry)
    if not entry.channels:
        lines.append("  " + t.say("delivery.none_found", day=entry.looked))
    elif len(shut) == len(entry.channels):
        lines.append("  " + t.say("delivery.none_open"))
    lines += [t.say("delivery.shut")] if shut else []
    for number, why in shut.items():
        one = entry.channels[number - 1]
        slots = {"states": ", ".join(one.states) or "–", "state": visible(m.choice.state, 12)}
        lines += [*_way(m, number, one, entry), f"     ! {t.say(f'delivery.shut_{why}', **slots)}"]
    bodies = [(" ".join(x for x in (b.name, b.country, b.number, b.role) if x), b) for b in entry.entities]
    told = (*entry.asks, *entry.times, *entry.notes)
    rows: list[tuple[str, Body | Said]] = [*bodies, *((f"{s.what}: {s.value}".rstrip(": "), s) for s in told)]
    for text, fact in rows:
        lines += [f"- {visible(text, 600)}", f"     {_source(m, fact.source, fact.as_of, fact.confidence)}"]
    return lines


def _closed(m: Matter, channel: Channel) -> str:
    return accepted.closed(channel, m.choice.role, m.choice.state)


def _way(m: Matter, number: int, one: Channel, entry: Addressee) -> list[str]:
    """One channel: what it is, whom for, its source, and who confirmed it."""
    t = m.texts
    lines = [f"  {number}. {visible(one.kind, 40)}: {visible(one.value, 400)}"]
    lines.append(f"     {t.say('delivery.who', who=visible(one.who, 200) or '–')}")
    lines.append(f"     {_source(m, one.source, one.as_of, one.confidence)}")
    words = _words(m, one, entry)
    for by in words:
        said = t.say("delivery.confirmed_on", by=visible(by.by, 80), on=by.on)
        lines.append(f"     {said} · {visible(by.how, 200) or t.say('delivery.how_unsaid')}")
    return lines if words else [*lines, f"     {t.say('delivery.unconfirmed')}"]


def _words(m: Matter, channel: Channel, entry: Addressee) -> list[Confirmed]:
    """Who confirmed a channel, the latest first."""
    return [by for by in _said(m) if confirming.of(by, channel, entry)]


def _source(m: Matter, source: str, as_of: str, confidence: str) -> str:
    moment = figures.date(m.view)
    days = age(as_of, date(moment.year, moment.month, moment.day))
    when = m.texts.say("delivery.undated") if days is None else as_of
    old = f" · {m.texts.say('delivery.old', days=OLD)}" if days is not None and days > OLD else ""
    return f"[{visible(source, 300)} · {when} · {confidence}{old}]"


def confirmed(m: Matter) -> list[Confirmed]:
    """Who confirmed which channels that are open to the sender, the latest first; a letter names no other."""
    entry = known(m)
    ways = [one for one in entry.channels if not _closed(m, one)] if entry is not None else []
    return [by for by in _said(m) if entry is not None and any(confirming.of(by, one, entry) for one in ways)]


def _said(m: Matter) -> list[Confirmed]:
    entry = known(m)
    mine = [one for one in m.view.confirmed if entry is not None and one.id == entry.id]
    return sorted(mine, key=lambda one: one.on, reverse=True)


def doubtful(service: Service, entry: Addressee | None) -> str:
    """Why an addressee may warn the account's holder, or may not be dealt with; empty where nothing says so."""
    said = service.legal.get("status", "").casefold()
    if "sanction" in said or "sanction" in service.category.casefold() or service.category == "mixer":
        return said or service.category
    if entry is None:
        return ""
    found = [one.what for one in entry.measures]
    if entry.status.value not in ("", "operating"):
        found.append(entry.status.text or entry.status.value)
    return "; ".join(found)


def _wants_order(m: Matter, entry: Addressee) -> bool:
    """PL19: a hold is asked of one that acts only on an order, and nothing of force stands behind it."""
    asked = entry.freeze.order.casefold() if entry.freeze else ""
    return m.kind.asks == "freeze" and m.basis.force == "voluntary" and any(w in asked for w in _ORDERS)


_ORDERS = ("order", "court", "legal process", "warrant")


def _suits(m: Matter, needed: str) -> str:
    """`_request` where an authority asks one that acts on an authority's request: then something does stand."""
    asked = any("request" in part and any(w in part for w in _POLICE) for part in needed.casefold().split(";"))
    return "_request" if m.choice.role in OFFICIAL and asked else ""


_POLICE = ("law-enforcement", "law enforcement", "police", "agency", "authorit", "government", "official")


def warnings(m: Matter) -> list[str]:
    """What a sender must know first."""
    t, said = m.texts, m.service.legal.get("status", "").casefold()
    out = []
    if "sanction" in said or "sanction" in m.service.category.casefold():
        out.append(t.say("delivery.sanctioned"))
    if any(word in said for word in ("closed", "suspended", "winding")):
        out.append(t.say("delivery.closed", status=visible(said, 120)))
    entry = known(m)
    if entry is not None:
        out += [t.say("delivery.sanctioned")] if entry.stopped else []
        for one in entry.measures:
            out.append(f"{visible(one.what, 300)} ({one.since or '–'}; {visible(one.source, 200)})")
        if _wants_order(m, entry):
            needed = entry.freeze.order if entry.freeze else ""
            out.append(t.say(f"delivery.order{_suits(m, needed)}", needed=visible(needed, 200)))
        if entry.status.value not in ("", "operating"):
            out.append(t.say("delivery.closed", status=visible(entry.status.text or entry.status.value, 120)))
    if by := early(m):
        out.append(t.say("delivery.early", by=t.dated(by)))
    out += _deposits(m)
    if count := len(screened.places(m.view)):
        out.append(t.say("delivery.screened", count=f"{count:,}"))
    if ways := identified.scheduled(m.kind.names, m.choice.about):
        victims = dict.fromkeys(one.partition(".")[0] for one in ways)
        out += [t.say("delivery.schedule", victim=one) for one in victims]
    out += filter(None, [powers.said(m), powers.home(m), *powers.parties(m)])
    if not m.service.verified_by and not confirmed(m):
        out.append(t.say("delivery.confirm_first"))
    if all(said.strip() for said in m.choice.risk):
        out.append(t.say("delivery.risk", by=visible(m.choice.risk[0], 80), why=visible(m.choice.risk[1], 300)))
    return [f"! {line}" for line in out]


def early(m: Matter) -> str:
    """The day by which the letter that it follows asked for an answer: not over yet, and none came."""
    by, day = m.choice.sender.get("former_by", ""), m.issued or m.choice.time
    asks = m.kind.asks == "follow-up" and not m.choice.sender.get("former_answered")
    return by if asks and by and day and day.date() <= date.fromisoformat(by) else ""


def _deposits(m: Matter) -> list[str]:
    """The places that are to be stopped, and that the case calls deposit addresses of a service."""
    if m.kind.asks != "freeze" or m.kind.about != "named":
        return []
    places, found = {*m.choice.about, *(f.subject for f in m.holdings)}, dict[str, None]()
    for r in figures.kept(m.view):
        if r.address in places and r.service and r.deposit:
            name = visible(figures.name(m.view, r.service, r.service_name), 80)
            slots = {"address": visible(r.address), "name": name, "grade": r.grade}
            found[m.texts.say("delivery.deposit", **slots)] = None
    return [*found]


def former(choice: Choice) -> tuple[tuple[str, str], ...]:
    """What a letter that follows another says of it: its id, when it was issued and sent, what came back."""
    if not choice.of:
        return ()
    rows = [("letter", visible(choice.of, 120)), ("version", choice.of.rpartition("-v")[2])]
    for key in _TOLD:
        if value := choice.sender.get(f"former_{key}", ""):
            rows.append((key, "\n".join(visible(line, 240) for line in value.splitlines())))
    return tuple(rows)


_OWN = ("called", "asked", "until", "by")
_TOLD = (
    "called", "asked", "places", "moves", "until", "by", "issued", "sent", "received", "acknowledged", "answered",
    "held", "held_until", "reference",
)  # fmt: skip
"""What a paper says of the letter that it follows, in this order."""

LIFE = ("former_on", *(f"former_{name}" for name in _TOLD if name not in _OWN))
"""What a paper that follows a letter repeats of that one's life; what it was called and asked stays as it was."""

_REPEATED = 12
"""So many accounts and transactions a letter repeats of the one that it follows."""


def when(letter: Letter, version: int) -> dict[str, str]:
    """The moments of a letter's life that a paper which follows it repeats."""
    choice = letter.chosen(version)
    found, zone = {}, choice.sender.get("zone", "") if choice else ""
    for act, name in (("issue", "former_issued"), ("sent", "former_sent")):
        done = letter.at(act, version)
        if done:
            found[name] = clocks.told(done.moment(), zone)
        if done and act == "issue":
            found["former_on"] = done.moment().astimezone(clocks.place(zone) or UTC).date().isoformat()
        for key, name in (("asked", "former_places"), ("moves", "former_moves")):
            if done and done.said.get(key):
                rest = ["…"] * (len(done.said[key]) > _REPEATED)  # the letter itself lists them all
                found[name] = "\n".join([*(str(one) for one in done.said[key][:_REPEATED]), *rest])
    got = [a for a in letter.acts if a.version == version and a.act in ("acknowledge", "answer")]
    for one in got:  # the addressee looks its own file up by its own reference
        if one.text("reference"):
            found["former_reference"] = one.text("reference")
        found["former_acknowledged" if one.act == "acknowledge" else "former_answered"] = clocks.told(
            one.moment(), zone
        )
        if one.text("held"):
            found["former_held"] = one.text("held")
        if one.text("held_until") or holds.nothing(one.text("held")):  # where nothing is held, no day of it counts
            found["former_held_until"] = one.text("held_until")
        if one.text("received"):
            found["former_received"] = clocks.told(datetime.fromisoformat(one.text("received")), zone)
    return found
