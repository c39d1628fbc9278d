"""The report as data: every section, with every string ready to print. Templates lay out; they decide nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recover.report import (
    attributed,
    biggest,
    byhand,
    byvictim,
    contested,
    custodians,
    declared,
    defence,
    disputes,
    edges,
    editions,
    enclosures,
    extent,
    figures,
    inflows,
    instead,
    instructed,
    lacks,
    leading,
    materials,
    method,
    obtaining,
    operators,
    payers,
    ranged,
    schedules,
    tabled,
    unnamed,
    unsettled,
    valued,
)
from recover.report.elements import Block, Brief, Facts, Items, Para, Point, Points, Section, table
from recover.report.enclosures import Enclosure
from recover.report.sentences import TABLED, alike, began_of, point, points, rowed
from recover.report.summary import summary
from recover.report.texts import Texts
from recover.sdk import Finding, Loss, View
from recover.sdk.outside import visible


def report(view: View, t: Texts, letters: tuple[Enclosure, ...] = ()) -> Brief:
    """The asset-tracing report of a view; `letters` go with it."""
    day = figures.date(view)
    # Never the title of the case file: it often names a victim or a suspect.
    title = visible(view.case.reference, 160) or t.say("doc.untitled")
    return Brief(
        language=t.language,
        title=title,
        subtitle=t.say("doc.title"),
        author=visible(view.case.agency, 120),
        mark=_mark(view, t),
        running=t.say("doc.running", case=visible(view.case.reference, 70) or t.say("doc.untitled")),
        footer=t.say("doc.footer", head=view.head[:12], version=view.version),
        page=t.entries["doc.page"],
        contents=t.say("doc.contents"),
        exhibit=t.entries["doc.exhibit"],
        exhibits=t.entries["doc.exhibits"],
        date=(day.year, day.month, day.day),
        about=t.say("cover.title"),
        cover=(*attributed.warned(view, t), *_cover(view, t)),
        sections=(
            _section(t, "R2", "summary", *summary(view, t, letters)),
            *_against(view, t),
            _section(t, "R3", "instructions", *_instructions(view, t)),
            _section(t, "R4", "author", absent(t, "author.todo")),  # no id is left out: what is missing is seen
            _section(t, "R5", "materials", *materials.materials(view, t)),
            _section(t, "R6", "background", *_background(view, t)),
            _section(t, "R7", "method", *method.methodology(view, t)),
            _section(t, "R8", "findings", *_findings(view, t)),
            _section(t, "R9", "flows", *schedules.flows(view, t), *byvictim.blocks(view, t)),
            _section(t, "R10", "attribution", *attributed.attribution(view, t)),
            _section(t, "R11", "valuation", Para(text=t.say(valued.key(view)))),
            _section(t, "R12", "alternatives", *_alternatives(view, t)),
            _section(t, "R13", "errors", *method.errors(view, t)),
            _section(t, "R14", "limits", *_limits(view, t)),
            _section(t, "R15", "conclusions", *_conclusions(view, t)),
            _section(t, "R16", "declarations", *_declarations(t)),
            _section(t, "R17", "appendices", *_appendices(view, t, letters)),
        ),
    )


def _against(view: View, t: Texts) -> Iterator[Section]:
    if view.edition == editions.DEFENCE:
        yield _section(t, "D1", "defence", *defence.blocks(view, t))


def straight(paper: Brief) -> Brief:
    """The same for a form without a cover: what the paper is stands as a section of its own after the answer."""
    about = Section(id="R1", title=paper.about, blocks=paper.cover)
    return replace(paper, cover=(), sections=(*paper.sections[:1], about, *paper.sections[1:]))


def _section(t: Texts, ident: str, name: str, *blocks: Block) -> Section:
    return Section(id=ident, title=t.say(f"{name}.title"), blocks=blocks)


def absent(t: Texts, key: str) -> Para:
    """The one line of a section that only a person can fill."""
    return Para(text=t.say("none.section", what=t.say(key)), style="blank")


def _blank(t: Texts, key: str) -> str:
    return t.say("complete.mark", what=t.say(key))


def _cover(view: View, t: Texts) -> tuple[Block, ...]:
    case = view.case
    reference = (visible(case.reference), "text") if case.reference else (_blank(t, "cover.no_reference"), "blank")
    title = visible(case.title, 200) if case.title else t.say("cover.no_title")
    rows = (
        (t.say("cover.edition"), t.say(f"edition.{view.edition}"), "text"),
        (t.say("cover.case"), title, "text"),
        (t.say("cover.reference"), *reference),
        (t.say("cover.court"), _blank(t, "cover.no_court"), "blank"),
        (t.say("cover.agency"), visible(case.agency), "text"),
        (t.say("cover.examiner"), visible(case.examiner), "text"),
        (t.say("cover.opened"), t.moment(case.opened), "text"),
        (t.say("cover.content"), extent.as_at(view, t), "text"),
        (t.say("cover.date"), t.moment(figures.date(view)), "text"),
        (t.say("cover.rule"), declared.entry(view, t), "text"),
        (t.say("cover.head"), view.head, "mono"),
        (t.say("cover.entries"), f"{view.entries:,}", "mono"),
        (t.say("cover.version"), t.say("cover.tool", version=view.version), "text"),
        (t.say("cover.pack"), view.pack, "text"),
        (t.say("cover.wording"), t.say("review.state"), "text"),
        (t.say("cover.classification"), _blank(t, "cover.no_classification"), "blank"),
        (t.say("cover.status"), t.say("cover.draft"), "blank"),
    )
    return (
        Facts(rows=rows),
        *editions.log(view, t),
        *declared.warnings(view, t),
        Para(text=t.say("cover.notice"), style="note"),
        *([Para(text=t.say("day.tables"), style="note")] if t.has("day.tables") else []),
    )


def _instructions(view: View, t: Texts) -> list[Block]:
    case = view.case
    people = {"examiner": visible(case.examiner), "agency": visible(case.agency), "opened": t.moment(case.opened)}
    out: list[Block] = [Para(text=t.say("instructions.case", **people))]
    if case.note:
        out.append(Para(text=t.say("instructions.note", note=visible(case.note, 2000))))
    names = ("loss", "label", "address:mono", "declared_amount", "began:number", "exhibits:exhibits")
    columns = schedules.columns(t, *names)
    found: dict[str, list[Finding]] = {}
    for f in figures.of_kind(view, "loss"):
        found.setdefault(str(f.slots.get("loss", "")), []).append(f)
    kept = biggest.largest(view, case.losses)
    rows = [_loss(view, t, loss, found.get(loss.id, ())) for loss in kept]
    out.append(table(t.say("instructions.losses"), columns, rows) if rows else Para(text=t.say("none.rows")))
    out += tabled.more_rows(t, len(case.losses) - len(kept), "annex/findings.csv")
    meaning = Para(text=t.say("instructions.meaning"), style="note")
    return [*out, meaning, *inflows.blocks(view, t), absent(t, "instructions.todo")]


def _loss(view: View, t: Texts, loss: Loss, found: Sequence[Finding]) -> tuple[str, ...]:
    where = visible(loss.place)
    if not loss.address:
        # What a click copies is the first line of a cell.
        where += "\n" + t.say("instructions.by_tx" if loss.output is None else "instructions.by_output")
    began = "\n".join(began_of(view, t, f) for f in found) or "–"
    ident = "\n".join([loss.id, *(f.id for f in found)])
    cited = t.listed(n for f in found for n in f.exhibits)
    return (ident, visible(loss.label, 80) or "–", where, instructed.limits(view, t, loss), began, cited)


def _background(view: View, t: Texts) -> list[Block]:
    keys = sorted(key for key in t.entries if key.startswith("glossary."))
    terms = sorted(tuple(t.say(key).split("|", 1)) for key in keys)
    rows = tuple((name, meaning, "text") for name, meaning in terms)
    return [
        Para(text=t.say("background.chain")),
        *(Para(text=t.say(f"background.{model}")) for model in ("utxo", "account") if model in view.models),
        Para(text=t.say("background.glossary"), style="lead"),
        Facts(rows=rows),
    ]


def _findings(view: View, t: Texts) -> list[Block]:
    found: list[Point] = points(view, t)
    if not found:
        return [Para(text=t.say("findings.none"))]
    out: list[Block] = [Para(text=t.say("findings.intro"), style="note"), Points(points=tuple(found))]
    out += [block for group in alike(view).values() for block in _alike(view, t, group)]
    listed = {kind: [f.id for f in group] for kind, group in rowed(view).items()}
    listed |= {kind: [f.id for f in figures.of_kind(view, kind)] for kind in TABLED}
    for kind, ids in listed.items():
        if ids:
            span = ids[0] if len(ids) == 1 else t.say("findings.span", first=ids[0], last=ids[-1])
            text = t.say(f"findings.tabled_{kind}", span=span, count=len(ids))
            out.append(Para(text=text, style="note"))
    return out


def _alike(view: View, t: Texts, group: Sequence[Finding]) -> Iterator[Block]:
    """The others of a sentence, a row each: whose they are and how much; the annex has all else they say."""
    beyond, versions = group[0].kind == leading.KIND, group[0].kind == instead.VERSIONS[1]
    others, kept = group[1:], group[1:]
    if view.edition != editions.DEFENCE:
        kept = tabled.foremost_rows(others, [(False, figures.number(f, "amount")) for f in others])
    sums = any(isinstance(f.slots.get("amount"), int) for f in kept)
    rows = []
    for f in kept:
        # What each paid on, and to whom a way leads from there, is what a reader looks for among such findings.
        on = (_sum(view, t, f, "paid"), leading.named(view, t, f)["services"] or "–") if beyond else ()
        on = (_sum(view, t, f, "least"), _sum(view, t, f, "most")) if versions else on
        amount = (_sum(view, t, f, "amount"),) if sums else ()
        rows.append((f.id, visible(f.subject), *amount, *on, t.listed(f.exhibits)))
    more = ("passed_after:number", "leads") if beyond else ("least:number", "most:number") if versions else ()
    more = (*(("amount:number",) if sums else ()), *more)
    heads = schedules.columns(t, "finding", "subject:mono", *more, "exhibits:exhibits")
    yield table(t.say("findings.alike", first=group[0].id), heads, rows)
    yield from tabled.more_rows(t, len(others) - len(kept), "annex/findings.csv")


def _sum(view: View, t: Texts, finding: Finding, slot: str) -> str:
    asset, amount = finding.slots.get("asset"), finding.slots.get(slot)
    known = isinstance(asset, str) and isinstance(amount, int)
    return t.units(amount, figures.asset(view, asset)) if known else "–"  # type: ignore[arg-type]


def _alternatives(view: View, t: Texts) -> list[Block]:
    names = ("nested", "batching", "reuse", "hub", "label", "coincidence")
    items = [*_edges(view, t), *(t.say(f"alternatives.{name}") for name in names)]
    return [Items(items=(*items, t.say("alternatives.rule", rule=view.case.rule)))]


def _edges(view: View, t: Texts) -> list[str]:
    found, ordered = [], edges.ordered(view)
    for r in ordered[: edges.SHOWN]:
        found.append(
            t.say(
                f"alternatives.edge_{edges.edged(view, r)}",
                address=visible(r.through),
                symbol=visible(r.symbol, 24),
                service=visible(figures.name(view, r.service, r.service_name), 80),
                sweeps=f"{r.sweeps:,}",
                swept=payers.upto(view, t, [r], t.units(r.swept, figures.asset(view, r.asset))),
                credits=f"{r.transfers:,}",
                share=edges.share(view, r) or "–",
                others=edges.others(view, t, r),
                rivals=t.joined(visible(figures.name(view, one, one), 80) for one in edges.rivals(view, r)),
            )
        )
    if more := ordered[edges.SHOWN :]:
        found.append(t.say("alternatives.edge_more", count=f"{len(more):,}", shown=f"{edges.SHOWN}"))
    return found


def _limits(view: View, t: Texts) -> list[Block]:
    gaps = lacks.gaps(view)
    until = extent.as_at(view, t)
    always = (
        t.say("limits.chain"),
        t.say("limits.books"),
        t.say("limits.exhibits", until=until),
        t.say("limits.labels"),
    )
    if not gaps:
        return [Para(text=t.say("limits.none")), Items(items=always)]
    columns = schedules.columns(t, "code:mono", "count:number", "concerns:number", "why", "effect")
    rows = [
        (
            visible(g.code, 60),
            f"{g.count:,}",
            "\n".join(t.units(n, figures.asset(view, a)) for a, n in g.affects) or "–",
            visible(t.own(g.why)) + "\n" + _subjects(view, g),
            _effect(t, g),
        )
        for g in gaps
        if not _small(view, g)
    ]
    intro = t.say("limits.intro", count=f"{sum(g.count for g in gaps):,}")
    shown = [table(t.say("limits.caption"), columns, rows)] if rows else []
    return [Para(text=intro), *shown, *_folded(view, t, gaps), Items(items=always)]


def _small(view: View, gap: lacks.Missing) -> bool:
    return 0 < gap.share <= view.case.dust and view.edition != editions.DEFENCE


def _folded(view: View, t: Texts, gaps: Sequence[lacks.Missing]) -> list[Block]:
    """One line for all that concerns no more than the dust of the case, so that it hides nothing larger."""
    small = [g for g in gaps if _small(view, g)]
    if not small:
        return []
    codes = t.joined(visible(g.code, 60) for g in small)
    slots = {"count": f"{sum(g.count for g in small):,}", "codes": codes, "dust": f"{view.case.dust:,}"}
    return [Para(text=t.say("limits.dust", **slots), style="note")]


def _effect(t: Texts, gap: lacks.Missing) -> str:
    """What the gaps do to figures: one sentence where all say the same, else that they differ."""
    first = visible(t.own(gap.effect)) or "–"
    return first if gap.effects == 1 else t.say("limits.effects", count=f"{gap.effects:,}", first=first)


def _subjects(view: View, gap: lacks.Missing) -> str:
    """The first subjects, a line each; without their chain where the case has one alone."""
    only = f"{next(iter(chains))}:" if len(chains := extent.spans(view)) == 1 else ""
    first = [visible(s.removeprefix(only), 90) for s in gap.subjects[:3]]
    return "\n".join([*first, *([f"‹+{len(gap.subjects) - 3}›"] if len(gap.subjects) > 3 else [])])


def _conclusions(view: View, t: Texts) -> list[Block]:
    out: list[Block] = []
    for total in figures.totals(view):
        asset = figures.asset(view, total.asset)
        text = t.say(
            f"conclusions.{ranged.concluded(total)}",
            rule=view.case.rule,
            traced=t.units(total.amount, asset),
            unfollowed=t.units(total.unfollowed, asset),
            service=visible(total.name, 80) if total.service else unnamed.hub(view, t, total.rows, "summary.hubs"),
            grades=t.joined(t.grade(g) for g in total.grades),
            range=ranged.span(view, t, asset, total),
        )
        out.append(Para(text=text))
    for (_, address), found in contested.places(view).items():
        names = t.joined(visible(figures.name(view, name, name), 80) for name in found)
        out.append(
            Para(text=t.say("conclusions.contested", address=visible(address), names=names), style="warning")
        )
    out += [Para(text=one) for one in operators.concluded(view, t)]
    said = (*byhand.rejected(view), *figures.of_kind(view, "order-otherwise"))
    out += [*(Para(text=point(view, t, f).text, style="warning") for f in said), *byhand.without(view, t)]
    key = "conclusions.none_relied" if unsettled.relied(view) else "conclusions.none"
    key = "conclusions.disputed" if disputes.reaching(view) else key
    empty = [] if figures.totals(view) else [Para(text=t.say(key, rule=view.case.rule))]
    return [*empty, *out, *inflows.besides(view, t), Para(text=_blank(t, "conclusions.todo"), style="blank")]


def _declarations(t: Texts) -> list[Block]:
    return [
        Para(text=t.say("declarations.sign")),
        Para(text=_blank(t, "declarations.todo_sign"), style="blank"),
    ]


def _appendices(view: View, t: Texts, letters: tuple[Enclosure, ...]) -> list[Block]:
    return [
        Para(text=t.say("appendices.rebuild"), style="lead"),
        Items(items=(t.say("appendices.verify"), t.say("appendices.run"), t.say("appendices.spreadsheet"))),
        *_hashes(view, t),
        enclosures.listed(view, t, letters),
        *declared.annex(view, t),
        *byhand.annex(view, t),
        *custodians.annex(view, t),
        absent(t, "appendices.cv"),
    ]


def _hashes(view: View, t: Texts) -> list[Block]:
    """The digests of exhibits, where R5 does not list them with their names."""
    if len(view.exhibits) <= materials.LISTED:
        return []
    rows = [(str(e.number), e.digest, obtaining.named(e)) for e in view.exhibits]
    heads = schedules.columns(t, "exhibit:exhibits", "digest:mono", "name")
    return [table(t.say("appendices.hashes"), heads, rows, anchor="exhibit")]


def _mark(view: View, t: Texts) -> str:
    """What stands on every page: that it is a draft, and, of results that have not seen everything, that too."""
    said = [t.say("doc.mark")]
    said += [t.say("doc.sealed")] if view.edition == "V0" else []
    said += [t.say("doc.stale")] if view.stale else []
    return ", ".join(said)
