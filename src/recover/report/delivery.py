"""The examiner's delivery sheet: whom each letter could be sent to, every fact with its source and date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from recover.registers import addressees
from recover.report import figures
from recover.report.elements import Block, Brief, Facts, Para, Section, table
from recover.report.schedules import columns
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.addressee import Addressee, Channel
from recover.sdk.outside import visible


def sheet(view: View, t: Texts, keys: Sequence[str]) -> Brief:
    """One section for each service that a letter is drafted to and that the register knows."""
    day = figures.date(view)
    known = [(key, view.addressees[key]) for key in keys if key in view.addressees]
    late = sum(len(addressees.old(entry, _day(view))) for _, entry in known)
    intro = [Para(text=t.say("intro.text"), style="warning"), Para(text=t.say("intro.mirrors"), style="note")]
    if late:
        intro.append(Para(text=t.say("intro.old", count=f"{late:,}", days=addressees.OLD), style="note"))
    return Brief(
        language=t.language,
        title=t.say("doc.title"),
        subtitle=t.say("doc.subtitle"),
        author=visible(view.case.agency, 120),
        mark=figures.mark(view, t),
        running=t.say("doc.running", reference=visible(view.case.reference, 60) or view.head[:8]),
        footer=t.say("doc.footer", head=view.head[:12], version=view.version),
        page=t.entries["doc.page"],
        contents="",
        exhibit=t.entries["doc.exhibit"],
        exhibits=t.entries["doc.exhibits"],
        date=(day.year, day.month, day.day),
        cover=tuple(intro),
        sections=tuple(
            Section(
                id=str(n),
                title=t.say("service.title", name=visible(key, 80)),
                blocks=tuple(_service(view, t, entry)),
            )
            for n, (key, entry) in enumerate(known, 1)
        ),
    )


def _day(view: View) -> date:
    """The day of the paper: that of the journal's entry, never the clock's."""
    day = figures.date(view)
    return date(day.year, day.month, day.day)


def _service(view: View, t: Texts, entry: Addressee) -> Iterator[Block]:
    rows = [(t.say("service.looked"), entry.looked, "text")]
    if entry.status.value:
        text = entry.status.text or entry.status.value
        slots = {"source": visible(entry.status.source), "as_of": _dated(view, t, entry.status.as_of)}
        rows.append((t.say("service.status"), t.say("service.status_value", text=visible(text), **slots), "text"))
    for one in entry.measures:
        slots = {"what": visible(one.what), "since": visible(one.since, 20) or "–", "source": visible(one.source)}
        rows.append((t.say("service.measure"), t.say("service.measure_value", **slots), "blank"))
    if entry.freeze is not None:
        power = entry.freeze
        said = {"can": power.can, "how": power.how, "order": power.order, "source": power.source}
        slots = {name: visible(value) or t.say("service.unknown") for name, value in said.items()}
        told = t.say("service.freeze_value", as_of=_dated(view, t, power.as_of), **slots)
        rows.append((t.say("service.freeze"), told, "text"))
    yield Facts(rows=tuple(rows))
    yield from _channels(view, t, entry)
    if entry.entities:
        cells = [
            (
                " · ".join(visible(x) for x in (body.name, body.country, body.number) if x),
                visible(body.role) or "–",
                _source(view, t, body.source, body.as_of, body.confidence),
            )
            for body in entry.entities
        ]
        yield table(t.say("service.entities"), columns(t, "entity", "role", "source"), cells)
    said_rows = [*entry.asks, *entry.times, *entry.notes]
    if said_rows:
        cells_2 = [
            (
                visible(f"{one.what}: {one.value}" if one.value else one.what),
                _source(view, t, one.source, one.as_of, one.confidence),
            )
            for one in said_rows
        ]
        yield table(t.say("service.asks"), columns(t, "what", "source"), cells_2)


def _channels(view: View, t: Texts, entry: Addressee) -> Iterator[Block]:
    if not entry.channels:
        yield Para(text=t.say("service.none", looked=entry.looked), style="blank")
        return
    rows = [
        (
            str(number),
            f"{visible(one.value)}\n{visible(one.kind, 40)}",
            visible(one.who) or "–",
            _source(view, t, one.source, one.as_of, one.confidence),
            _confirmed(view, t, entry, one),
        )
        for number, one in enumerate(entry.channels, 1)
    ]
    heads = columns(t, "number:number", "channel", "who", "source", "confirmed")
    yield table(t.say("service.channels"), heads, rows)


def _confirmed(view: View, t: Texts, entry: Addressee, channel: Channel) -> str:
    for one in view.confirmed:
        if one.id == entry.id and one.value == channel.value:
            return t.say("confirmed.yes", by=visible(one.by, 80), on=one.on)
    return t.say("confirmed.no")


def _source(view: View, t: Texts, source: str, as_of: str, confidence: str) -> str:
    return t.say("fact.source", source=visible(source), as_of=_dated(view, t, as_of), confidence=confidence)


def _dated(view: View, t: Texts, as_of: str) -> str:
    days = addressees.age(as_of, _day(view))
    if days is None:
        return t.say("fact.undated")
    return t.say("fact.old", as_of=as_of) if days > addressees.OLD else as_of
