"""The preservation letter as data: fields L01 to L25, filled where the case knows them, else marked as open."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recover.registers.bases import LegalBasis
from recover.report import credited, declared, figures, ranged
from recover.report.elements import Block, Brief, Facts, Items, Para, Section, table
from recover.report.identifiers import Row
from recover.report.schedules import columns
from recover.report.texts import Texts, moment
from recover.sdk import OffRamp, Service, View
from recover.sdk.outside import visible

BASIS = "none-voluntary"
"""The case does not say who sends, so a draft rests on nothing that a person has not put there."""

PRINTED = 40
"""Letters print at most so many transfers; more would bury what is asked, and all are in the CSV."""

# Each kind of record is named, since a service keeps what is listed. An address can be given to another customer
# later, so whose it was on those days is asked apart (`assignment`).
_RECORDS = ("kyc", "assignment", "ledger", "moves", "links", "logs", "travel", "trades", "support")
_STEM = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What one letter is about: the service, its off-ramps, its transfers, the basis, and its attached table."""

    view: View
    texts: Texts
    service: Service
    ramps: tuple[OffRamp, ...]
    rows: tuple[Row, ...]
    basis: LegalBasis
    file: str
    digest: str

    @property
    def key(self) -> str:
        """The service as off-ramps name it."""
        return self.ramps[0].service or ""

    @property
    def name(self) -> str:
        return visible(self.service.name, 80)

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """First and last moment of what came in and of what was paid to the service."""
        times = [datetime.fromisoformat(row.block_time_utc) for row in self.rows if row.block_time_utc]
        times += [time for r in self.ramps for time in (r.first, r.last) if time]
        return min(times, default=None), max(times, default=None)


def stem(service: Service) -> str:
    """The service's part of a file name: its id where that is plain, else a plain form with a digest of it."""
    if _STEM.fullmatch(service.id):
        return service.id
    plain = re.sub(r"[^a-z0-9]+", "-", service.id.casefold()).strip("-")[:40]
    mark = hashlib.sha256(service.id.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    # With a digest, as two names can have one plain form, and a letter must not overwrite another.
    return f"{plain}-{mark}" if plain else f"service-{mark}"


def preserve(m: Matter) -> Brief:
    """The letter that asks one service to keep records."""
    t, view = m.texts, m.view
    day = figures.date(view)
    return Brief(
        language=t.language,
        title=t.say("doc.title"),
        subtitle=m.name,
        author=visible(view.case.agency, 120),
        mark=figures.mark(view, t),
        running=t.say("doc.running", reference=_reference(m)),
        footer=t.say("doc.footer", head=view.head[:12], version=view.version),
        page=t.entries["doc.page"],
        contents="",
        exhibit=t.entries["doc.exhibit"],
        exhibits=t.entries["doc.exhibits"],
        date=(day.year, day.month, day.day),
        cover=(Facts(rows=tuple(_head(m))), *_state(m), *declared.warnings(view, t, m.key)),
        sections=tuple(
            Section(id=str(n), title=t.say(f"{key}.title"), blocks=tuple(blocks))
            for n, (key, blocks) in enumerate(_parts(m), 1)
        ),
    )


def _parts(m: Matter) -> list[tuple[str, list[Block]]]:
    """In the order of reading: L18 and L24, L12, L13, L14, L15 with L19, L16, L17, L20 to L23, L25, L06."""
    return [
        ("ask", _ask(m)),
        ("facts", _facts(m)),
        ("table", _identifiers(m)),
        ("records", _records(m)),
        ("period", [Facts(rows=tuple(_period(m)))]),
        ("link", _links(m)),
        ("urgent", [Para(text=m.texts.say("urgent.text")), todo(m.texts, "urgent.todo")]),
        ("care", _care(m)),
        ("exhibits", _exhibits(m)),
        ("sign", [Para(text=m.texts.say("sign.text")), todo(m.texts, "sign.todo")]),
    ]


def todo(t: Texts, key: str) -> Para:
    """A blank that a person fills."""
    return Para(text=blank(t, key), style="blank")


def blank(t: Texts, key: str) -> str:
    """The mark of a blank, with what belongs there."""
    return t.say("complete.mark", what=t.say(key))


def _reference(m: Matter) -> str:
    return visible(m.view.case.reference, 60) or f"{stem(m.service)}-preserve-{m.view.head[:8]}"


def entity(m: Matter) -> str:
    """The addressee's legal entity, with its mark until a lawyer has signed the register's entry."""
    # A brand is not a party: the letter goes to the legal entity that holds the records.
    said = visible(m.service.legal.get("entity", ""))
    t = m.texts
    return _legal(m, said) if said else t.say("unverified.field", value=t.say("unverified.entity"))


def _legal(m: Matter, said: str) -> str:
    return said if m.service.verified_by else m.texts.say("unverified.field", value=said)


def _head(m: Matter) -> list[tuple[str, str, str]]:
    t, case = m.texts, m.view.case
    ident = f"{stem(m.service)}-preserve-{m.view.head[:8]}"
    letter = t.say("head.letter_value", id=ident, entries=f"{m.view.entries:,}")
    people = {
        "agency": visible(case.agency),
        "examiner": visible(case.examiner),
    }
    out = [
        ("letter", letter, "text"),
        ("status", t.say("head.status_value"), "blank"),
        ("kind", t.say("head.kind_value"), "text"),
        # Who may use which basis depends on who sends: an authority, counsel and a victim have different powers.
        ("sender_role", blank(t, "head.sender_role_todo"), "blank"),
        ("sender", blank(t, "head.sender_todo"), "blank"),
        ("prepared", t.say("head.prepared_value", **people), "text"),
        ("addressee", entity(m), "text"),
        ("brand", _brand(m), "text"),
        ("register", _register(m), "text"),
        ("address", *_given(m, "address")),
        ("channel", *_channel(m)),
        ("reference", *((visible(case.reference), "text") if case.reference else _todo(t, "head.reference_todo"))),
        # The day of issue starts the clocks of a basis, and is the issuing person's act.
        ("issued", *_todo(t, "head.issued_todo")),
        ("language", t.say("head.language_value", review=t.say("review.state")), "text"),
        ("rule", declared.entry(m.view, t), "text"),
        ("basis", _basis(m), "text"),
        ("offence", *_todo(t, "head.offence_todo")),
    ]
    return [(t.say(f"head.{key}"), value, style) for key, value, style in out]


def _todo(t: Texts, key: str) -> tuple[str, str]:
    return blank(t, key), "blank"


def _channel(m: Matter) -> tuple[str, str]:
    """Only a channel that a named person confirmed: all others stand on the examiner's delivery sheet alone."""
    entry = m.view.addressees.get(m.key)
    known = {channel.value for channel in entry.channels} if entry else set()
    for one in m.view.confirmed:
        # A value that the register no longer has may be confirmed, and is then the person's own reading.
        if entry is not None and one.id == entry.id:
            key = "head.channel_confirmed" if one.value in known else "head.channel_read"
            slots = {"value": visible(one.value), "kind": visible(one.kind, 40), "by": visible(one.by, 80)}
            return m.texts.say(key, on=one.on, **slots), "text"
    return _given(m, "channel")


def _state(m: Matter) -> list[Block]:
    """A service that has closed, or against which there is a measure: said on page 1."""
    entry = m.view.addressees.get(m.key)
    if entry is None:
        return []
    out: list[Block] = []
    status = entry.status
    if status.value not in ("", "operating"):
        slots = {"text": visible(status.text or status.value), "source": visible(status.source)}
        out.append(Para(text=m.texts.say("state.status", as_of=status.as_of or "–", **slots), style="warning"))
    for one in entry.measures:
        slots = {"what": visible(one.what), "since": visible(one.since, 20) or "–", "source": visible(one.source)}
        out.append(Para(text=m.texts.say("state.measure", **slots), style="warning"))
    return out


def _given(m: Matter, name: str) -> tuple[str, str]:
    said = visible(m.service.legal.get(name, ""))
    return (_legal(m, said), "text") if said else _todo(m.texts, f"head.{name}_todo")


def _brand(m: Matter) -> str:
    places = ", ".join(visible(p, 12) for p in m.service.jurisdictions) or "–"
    return m.texts.say("head.brand_value", name=m.name, uri=visible(m.service.uri, 120) or "–", places=places)


def _register(m: Matter) -> str:
    s = m.service
    slots = {"source": visible(s.source), "as_of": visible(s.as_of, 20) or "–", "by": visible(s.verified_by, 80)}
    return m.texts.say("head.register_checked" if s.verified_by else "head.register_value", **slots)


def _basis(m: Matter) -> str:
    b = m.basis
    key = "unverified.basis_checked" if b.checked else "unverified.basis"
    return m.texts.say(key, id=b.id, title=b.title, as_of=b.as_of.isoformat(), by=visible(b.verified_by, 80))


def _count(m: Matter) -> str:
    return _counted(m, {r.address for r in m.ramps})


def _counted(m: Matter, addresses: set[str]) -> str:
    return figures.counted(m.texts, f"ask.{figures.noun(m.view, addresses)}", len(addresses))


def _ask(m: Matter) -> list[Block]:
    t = m.texts
    since, until = (moment(x) for x in m.span)
    return [
        Para(text=t.say("ask.subject", addresses=_count(m), since=since, until=until), style="lead"),
        # What the letter does not do stands beside what it asks: it has no statutory force, and asks for nothing
        # to be handed over.
        Para(text=t.say("ask.limits"), style="warning"),
        Para(text=t.say("ask.production") + " " + t.say("ask.limits_basis", text=m.basis.limits_text)),
    ]


def _facts(m: Matter) -> list[Block]:
    t, view = m.texts, m.view
    losses = figures.counted(t, "facts.losses", len(view.case.losses))
    out: list[Block] = [Para(text=t.say("facts.intro", losses=losses))]
    for total in figures.totals(view):
        # A service learns of its own figures only.
        if total.service != m.ramps[0].service:
            continue
        asset = figures.asset(view, total.asset)
        mine = [r for r in m.ramps if r.asset == total.asset]
        slots = {
            "rule": view.case.rule,
            "traced": t.units(total.amount, asset),
            "credited": t.units(sum(r.credited for r in mine), asset),
            "unswept": t.units(sum(r.unswept for r in mine), asset),
            "elsewhere": t.units(sum(r.elsewhere for r in mine), asset),
            "unfollowed": t.units(sum(r.unfollowed for r in mine), asset),
            "addresses": _counted(m, {r.address for r in mine}),
            "name": m.name,
            "range": ranged.span(t, asset, total),
            "swept": t.units(total.swept, asset),
            "sweeps": f"{sum(r.sweeps for r in total.rows):,}",
        }
        own = all(r.through in r.hot_wallets for r in mine)
        said = ("direct",) if own else ("traced", "credited", "swept")
        out += [Para(text=t.say(f"facts.{name}", **slots)) for name in said]
    return [*out, Para(text=t.say("facts.mixed"), style="note"), todo(t, "facts.todo")]


def _identifiers(m: Matter) -> list[Block]:
    t = m.texts
    count = f"{len(m.rows):,}"
    return [
        Para(text=t.say("table.intro", file=m.file, count=count, name=m.name)),
        Facts(rows=((t.say("column.digest"), m.digest, "mono"),)),
        credited.assets(m.view, t, m.ramps),
        credited.addresses(m.view, t, m.ramps),
        _transfers(m, count),
    ]


def _transfers(m: Matter, count: str) -> Block:
    t = m.texts
    if not m.rows:
        return Para(text=t.say("table.none"))
    if len(m.rows) > PRINTED:
        return Para(text=t.say("table.too_many", count=count, file=m.file), style="note")
    rows = [
        (
            f"{r.tx_hash}\n{r.address}" + (f"\n{t.say('memo.is', memo=r.memo)}" if r.memo else ""),
            r.block_time_utc or "–",
            f"{int(r.raw_amount):,}\n{r.symbol}" if r.raw_amount else "–",
            f"{int(r.traced_amount):,}" if r.traced_amount else "–",
            r.direction,
            r.exhibit or "–",
        )
        for r in m.rows
    ]
    heads = columns(t, "tx:mono", "time:mono", "amount:number", "of_it:number", "direction", "exhibits:exhibits")
    return table(t.say("table.every"), heads, rows)


def _records(m: Matter) -> list[Block]:
    t = m.texts
    items = Items(items=tuple(t.say(f"records.{name}") for name in _RECORDS))
    return [Para(text=t.say("records.categories")), items]


def _period(m: Matter) -> list[tuple[str, str, str]]:
    t, basis = m.texts, m.basis
    since, until = m.span
    span = (t.say("period.period_value", since=moment(since), until=moment(until)), "text")
    # Computed only from a basis that gives days. A voluntary request has none, and inventing one would mislead.
    expiry = t.say("period.expiry_none")
    if basis.days is not None:
        start = str(basis.clock.get("start", ""))
        expiry = t.say("period.expiry_days", days=basis.days, start=start, id=basis.id)
    return [
        (t.say("period.period"), *(span if since and until else _todo(t, "period.period_todo"))),
        (t.say("period.duration"), *_todo(t, "period.duration_todo")),
        (t.say("period.expiry"), expiry, "text"),
        (t.say("period.follow"), *_todo(t, "period.follow_todo")),
    ]


def _links(m: Matter) -> list[Block]:
    t = m.texts
    rows = []
    for r in m.ramps:
        key = "link.deposit" if r.deposit else "link.own" if r.through in r.hot_wallets else "link.plain"
        said = t.say(key, name=m.name, grade=t.grade(r.grade), basis=visible(r.basis, 400))
        rows.append((credited.place(t, r), said, t.listed(r.exhibits)))
    grades = ", ".join(t.grade(g) for g in "ABCDE")
    heads = columns(t, "address:mono", "basis", "exhibits:exhibits")
    return [
        Para(text=t.say("link.intro", grades=grades), style="note"),
        table(t.say("link.caption"), heads, rows),
    ]


def _care(m: Matter) -> list[Block]:
    t = m.texts
    items = Items(items=tuple(t.say(f"care.{name}") for name in ("requested", "user", "ack", "data")))
    return [items, todo(t, "care.data_todo")]


def cited(ramps: Sequence[OffRamp], rows: Sequence[Row]) -> list[int]:
    """The numbers of the exhibits that a letter rests on."""
    return sorted({n for r in ramps for n in r.exhibits} | {int(r.exhibit) for r in rows if r.exhibit})


def _exhibits(m: Matter) -> list[Block]:
    t, view = m.texts, m.view
    numbers = set(cited(m.ramps, m.rows))
    rows = [
        (str(e.number), f"{visible(e.name, 120)}\n{moment(e.captured)}", e.digest)
        for e in view.exhibits
        if e.number in numbers
    ]
    head = Facts(rows=((t.say("exhibits.head"), view.head, "mono"),))
    if not rows:
        return [Para(text=t.say("exhibits.none")), head]
    heads = columns(t, "number:exhibits", "name", "digest:mono")
    return [table(t.say("exhibits.caption"), heads, rows, anchor="exhibit"), head]


def portal(m: Matter) -> bytes:
    """The same request as plain text, for services that take requests only through a portal of their own."""
    t = m.texts
    since, until = (moment(x) for x in m.span)
    lines = [
        t.say("portal.subject", mark=figures.mark(m.view, t), reference=_reference(m)),
        t.say("portal.to", entity=entity(m)),
        "",
        t.say("ask.subject", addresses=_count(m), since=since, until=until),
        t.say("ask.limits"),
        t.say("ask.production"),
        "",
        *(f"{block.text}\n" for block in declared.warnings(m.view, t, m.key) if isinstance(block, Para)),
        t.say("portal.identifiers", rule=m.view.case.rule),
        *(_portal_row(t, r) for r in m.ramps),
        t.say("portal.attached", file=m.file, digest=m.digest),
        "",
        t.say("records.title") + ":",
        *(f"- {t.say(f'records.{name}')}" for name in _RECORDS),
        "",
        *(t.say(f"care.{name}") for name in ("requested", "user", "ack")),
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _portal_row(t: Texts, ramp: OffRamp) -> str:
    place = " ".join(credited.place(t, ramp).splitlines())
    where = f"{visible(ramp.chain)} {visible(ramp.asset)} {place}"
    return f"{where} {len(ramp.transactions)} {ramp.credited} {ramp.unswept} {ramp.amount} {ramp.grade}"
