"""The preservation letter as data: fields L01 to L25, filled as far as the case can, blank where a person must."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recover.report import figures, identifiers
from recover.report.bases import LegalBasis
from recover.report.blocks import Block, Brief, Facts, Items, Para, Section, table
from recover.report.schedules import columns
from recover.report.texts import Texts, moment, visible
from recover.sdk import Asset, OffRamp, Service, View

_PRINTED = 60
"""Transfers that a letter still prints; more stand in the attached table only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter: its brief, its identifier table and its text for a portal. `stem` names its files."""

    stem: str
    service: str
    brief: Brief
    sheet: bytes
    portal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matter:
    """What every part of one letter looks at."""

    view: View
    t: Texts
    basis: LegalBasis
    service: Service
    ramps: tuple[OffRamp, ...]
    rows: tuple[identifiers.Row, ...]
    ident: str
    file: str
    digest: str

    @property
    def name(self) -> str:
        return visible(self.service.name, 80)

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        first = min((r.first for r in self.ramps if r.first), default=None)
        last = max((r.last for r in self.ramps if r.last), default=None)
        return first, last

    def blank(self, key: str) -> str:
        return self.t.say("complete.mark", what=self.t.say(key))


def services(view: View) -> tuple[str, ...]:
    """The identified services, which get a letter each; an unlabelled hub gets none."""
    return tuple(sorted({r.service for r in view.offramps if r.service}))


def stem(view: View, service: str) -> str:
    """The name of a service's letter files: letters and digits only, whatever a label says."""
    ident = view.services[service].id if service in view.services else service
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in ident.casefold())[:48].strip("-")
    return f"letters/{plain or hashlib.sha256(ident.encode()).hexdigest()[:12]}-preserve"


def letter(view: View, t: Texts, basis: LegalBasis, service: str) -> Letter:
    """The draft letter to one service, under a basis that compels nothing."""
    name = stem(view, service)
    found = identifiers.rows(view, service)
    sheet = identifiers.sheet(found)
    matter = _Matter(
        view=view,
        t=t,
        basis=basis,
        service=view.services[service],
        ramps=tuple(r for r in view.offramps if r.service == service),
        rows=found,
        ident=f"{view.head[:12]}-{name.rsplit('/', 1)[-1]}",
        file=f"{name.rsplit('/', 1)[-1]}.csv",
        digest=hashlib.sha256(sheet).hexdigest(),
    )
    return Letter(stem=name, service=service, brief=_brief(matter), sheet=sheet, portal=_portal(matter))


def _brief(m: _Matter) -> Brief:
    t, day = m.t, figures.date(m.view)
    parts = (
        ("L01", "head", _head(m)),
        ("L10", "ask", _ask(m)),
        ("L12", "facts", _facts(m)),
        ("L13", "table", _table(m)),
        ("L14", "records", _records(m)),
        ("L15", "period", _period(m)),
        ("L16", "link", _link(m)),
        ("L17", "urgent", [Para(text=t.say("urgent.text")), _todo(m, "urgent.todo")]),
        ("L20", "care", _care(m)),
        ("L25", "exhibits", _exhibits(m)),
        ("L06", "sign", [Para(text=t.say("sign.text")), _todo(m, "sign.todo")]),
    )
    return Brief(
        language=t.language,
        title=m.name,
        subtitle=t.say("doc.title"),
        author=visible(m.view.case.agency, 120),
        mark=t.say("doc.mark"),
        running=t.say("doc.running", reference=m.ident),
        footer=t.say("doc.footer", head=m.view.head[:12], version=m.view.version),
        page=t.entries["doc.page"],
        contents="",
        exhibit=t.entries["doc.exhibit"],
        exhibits=t.entries["doc.exhibits"],
        date=(day.year, day.month, day.day),
        sections=tuple(
            Section(id=ident, title=t.say(f"{name}.title"), blocks=tuple(blocks)) for ident, name, blocks in parts
        ),
    )


def _todo(m: _Matter, key: str) -> Para:
    return Para(text=m.blank(key), style="blank")


def _head(m: _Matter) -> list[Block]:
    t, case = m.t, m.view.case
    prepared = t.say(
        "head.prepared_value",
        title=visible(case.title, 160),
        agency=visible(case.agency, 120),
        examiner=visible(case.examiner, 120),
    )
    rows = (
        ("letter", t.say("head.letter_value", id=m.ident), "mono"),
        ("status", t.say("head.status_value"), "text"),
        ("kind", t.say("head.kind_value"), "text"),
        ("sender_role", m.blank("head.sender_role_todo"), "blank"),
        ("sender", m.blank("head.sender_todo"), "blank"),
        ("prepared", prepared, "text"),
        ("addressee", *_entity(m)),
        ("brand", _brand(m), "text"),
        ("register", _entry(m), "text"),
        ("address", *_legal(m, "address", "head.address_todo")),
        ("channel", *_legal(m, "channel", "head.channel_todo")),
        ("reference", m.blank("head.reference_todo"), "blank"),
        ("issued", m.blank("head.issued_todo"), "blank"),
        ("language", t.say("head.language_value"), "text"),
        ("basis", _basis(m), "text"),
        ("offence", m.blank("head.offence_todo"), "blank"),
    )
    return [Facts(rows=tuple((t.say(f"head.{key}"), value, style) for key, value, style in rows))]


def _entity(m: _Matter) -> tuple[str, str]:
    """The legal entity, never the brand in its place; marked until a lawyer has checked it."""
    entity = m.service.legal.get("entity", "")
    if not entity:
        return m.t.say("unverified.entity"), "blank"
    return _checked(m, entity), "text"


def _legal(m: _Matter, field: str, todo: str) -> tuple[str, str]:
    value = m.service.legal.get(field, "")
    return (_checked(m, value), "text") if value else (m.blank(todo), "blank")


def _checked(m: _Matter, value: str) -> str:
    shown = visible(value, 400)
    return shown if m.service.verified_by else m.t.say("unverified.field", value=shown)


def _brand(m: _Matter) -> str:
    places = ", ".join(visible(p, 8) for p in m.service.jurisdictions) or "–"
    return m.t.say("head.brand_value", name=m.name, uri=visible(m.service.uri, 120) or "–", places=places)


def _entry(m: _Matter) -> str:
    about = {"source": visible(m.service.source, 200), "as_of": visible(m.service.as_of, 20) or "–"}
    if m.service.verified_by:
        return m.t.say("head.register_checked", by=visible(m.service.verified_by, 80), **about)
    return m.t.say("head.register_value", **about)


def _basis(m: _Matter) -> str:
    about = {"id": m.basis.id, "title": visible(m.basis.title, 200), "as_of": m.basis.as_of.isoformat()}
    if m.basis.checked:
        return m.t.say("unverified.basis_checked", by=visible(m.basis.verified_by, 80), **about)
    return m.t.say("unverified.basis", **about)


def _ask(m: _Matter) -> list[Block]:
    t = m.t
    since, until = m.span
    count = figures.counted(t, "ask.addresses", len({r.address for r in m.ramps}))
    subject = t.say("ask.subject", addresses=count, since=moment(since), until=moment(until))
    return [
        Para(text=subject, style="lead"),
        Para(text=t.say("ask.limits"), style="warning"),
        Para(text=t.say("ask.production")),
        Para(text=t.say("ask.limits_basis", text=visible(m.basis.limits_text, 400)), style="note"),
    ]


def _facts(m: _Matter) -> list[Block]:
    t, view = m.t, m.view
    out: list[Block] = [
        Para(text=t.say("facts.intro", losses=figures.counted(t, "facts.losses", len(view.case.losses))))
    ]
    for total in figures.totals(view):
        if total.service != m.ramps[0].service:
            continue
        asset = figures.asset(view, total.asset)
        about = {"name": m.name, "addresses": figures.counted(t, "ask.addresses", len(total.rows))}
        out.append(
            Para(
                text=t.say(
                    "facts.traced",
                    rule=view.case.rule,
                    traced=t.units(total.amount, asset),
                    least=t.units(total.least[1], asset),
                    most=t.units(total.most[1], asset),
                    **about,
                )
            )
        )
        sweeps = f"{sum(r.sweeps for r in total.rows):,}"
        out.append(Para(text=t.say("facts.swept", swept=t.units(total.swept, asset), name=m.name, sweeps=sweeps)))
    return [*out, Para(text=t.say("facts.mixed")), _todo(m, "facts.todo")]


def _table(m: _Matter) -> list[Block]:
    t, view = m.t, m.view
    rows = [
        (
            visible(r.address),
            visible(r.symbol, 24),
            f"{sum(x.address == r.address and x.direction == 'in' for x in m.rows):,}",
            t.both(r.amount, _asset(m, r)),
            f"{r.sweeps:,}",
            t.both(r.swept, _asset(m, r)),
            r.grade,
        )
        for r in m.ramps
    ]
    heads = ("address:mono", "asset", "arrivals:number", "traced:number", "sweeps:number", "swept:number", "grade")
    intro = t.say("table.intro", file=m.file, count=f"{len(m.rows):,}")
    return [
        Para(text=intro),
        Facts(rows=((m.file, m.digest, "mono"),)),
        table(t.say("table.addresses", rule=view.case.rule), columns(t, *heads), rows),
        _assets(m),
        *_every(m),
    ]


def _asset(m: _Matter, ramp: OffRamp) -> Asset:
    return figures.asset(m.view, ramp.asset)


def _assets(m: _Matter) -> Block:
    t = m.t
    found = sorted({(r.chain, r.asset) for r in m.ramps})
    rows = []
    for chain, ident in found:
        asset = figures.asset(m.view, ident)
        contract = "–" if "/slip44:" in asset.id else visible(asset.reference)
        decimals = "–" if asset.decimals is None else str(asset.decimals)
        rows.append((visible(asset.symbol, 24), visible(chain), contract, decimals))
    heads = columns(t, "asset", "chain:mono", "contract:mono", "decimals:number")
    return table(t.say("table.assets"), heads, rows)


def _every(m: _Matter) -> list[Block]:
    t = m.t
    if not m.rows:
        return [Para(text=t.say("table.none"))]
    if len(m.rows) > _PRINTED:
        return [Para(text=t.say("table.too_many", count=f"{len(m.rows):,}", file=m.file), style="note")]
    rows = [
        (f"{r.tx_hash}\n{r.address}", r.block_time_utc or "–", r.raw_amount or "–", r.direction, r.exhibit or "–")
        for r in m.rows
    ]
    heads = columns(t, "tx:mono", "time:mono", "amount:number", "direction", "exhibits")
    return [table(t.say("table.every"), heads, rows)]


def _records(m: _Matter) -> list[Block]:
    names = ("kyc", "assignment", "ledger", "moves", "links", "logs", "travel", "trades", "support")
    items = Items(items=tuple(m.t.say(f"records.{name}") for name in names))
    return [Para(text=m.t.say("records.categories")), items]


def _period(m: _Matter) -> list[Block]:
    t = m.t
    since, until = m.span
    period = (m.blank("period.period_todo"), "blank")
    if since and until:
        period = (t.say("period.period_value", since=moment(since), until=moment(until)), "text")
    expiry = t.say("period.expiry_none")
    if m.basis.days is not None:
        start = visible(str(m.basis.clock.get("start", "receipt")), 20)
        expiry = t.say("period.expiry_days", days=m.basis.days, start=start, id=m.basis.id)
    rows = (
        (t.say("period.period"), *period),
        (t.say("period.duration"), m.blank("period.duration_todo"), "blank"),
        (t.say("period.expiry"), expiry, "text"),
        (t.say("period.follow"), m.blank("period.follow_todo"), "blank"),
    )
    return [Facts(rows=rows)]


def _link(m: _Matter) -> list[Block]:
    t = m.t
    grades = t.joined(t.grade(g) for g in sorted({r.grade for r in m.ramps}))
    rows = [
        (
            visible(r.address),
            t.say("link.said", name=m.name, grade=t.grade(r.grade), basis=visible(r.basis, 400)),
            t.listed(r.exhibits),
        )
        for r in m.ramps
    ]
    heads = columns(t, "address:mono", "basis", "exhibits:exhibits")
    return [Para(text=t.say("link.intro", grades=grades)), table(t.say("link.caption"), heads, rows)]


def _care(m: _Matter) -> list[Block]:
    t = m.t
    items = Items(items=tuple(t.say(f"care.{name}") for name in ("requested", "user", "ack")))
    return [items, Para(text=t.say("care.data")), _todo(m, "care.data_todo")]


def _exhibits(m: _Matter) -> list[Block]:
    t = m.t
    cited = {n for r in m.ramps for n in r.exhibits}
    rows = [(str(e.number), visible(e.name, 160), e.digest) for e in m.view.exhibits if e.number in cited]
    head = Facts(rows=((t.say("exhibits.head"), m.view.head, "mono"),))
    if not rows:
        return [Para(text=t.say("exhibits.none")), head]
    heads = columns(t, "number:exhibits", "name", "digest:mono")
    return [table(t.say("exhibits.caption"), heads, rows, anchor="exhibit"), head]


def _portal(m: _Matter) -> str:
    """Plain text to paste into a portal: the ask, its limits, and every address; nothing is signed."""
    t = m.t
    since, until = m.span
    subject = t.say("portal.subject", mark=t.say("doc.mark"), reference=m.ident)
    count = figures.counted(t, "ask.addresses", len({r.address for r in m.ramps}))
    lines = [
        subject,
        t.say("portal.to", entity=_entity(m)[0]),
        "",
        t.say("ask.subject", addresses=count, since=moment(since), until=moment(until)),
        t.say("ask.limits"),
        t.say("ask.production"),
        "",
        t.say("portal.identifiers", rule=m.view.case.rule),
        *(_portal_row(m, r) for r in m.ramps),
        "",
        t.say("portal.attached", file=m.file, digest=m.digest),
        m.blank("sign.todo"),
    ]
    return "\n".join(lines) + "\n"


def _portal_row(m: _Matter, ramp: OffRamp) -> str:
    cells: Sequence[str] = (
        ramp.chain,
        ramp.asset,
        ramp.address,
        str(ramp.transfers),
        str(ramp.amount),
        ramp.grade,
    )
    return " | ".join(visible(cell) for cell in cells)
