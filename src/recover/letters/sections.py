"""The parts of a letter by the names that `kind.toml` uses. Each gives its blocks, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from recover.letters import chronology, identified, measured, money, named, payins, reporting, ways, weighed, words
from recover.letters import found as found_in
from recover.letters.matter import BEFORE, Matter
from recover.letters.words import (
    Blocks,
    blank,
    by_hand,
    ends,
    files,
    left,
    limits,
    own,
    route,
    stacked,
    subject,
    term,
    todo,
    user,
)
from recover.report import extent, figures
from recover.report.elements import Facts, Items, Para, table
from recover.report.schedules import columns
from recover.sdk.outside import visible


def _ask(m: Matter) -> Blocks:
    first, *rest = limits(m)
    return [
        Para(text=subject(m), style="lead"),
        # What the letter does not do stands beside what it asks.
        Para(text=first, style="warning"),
        *([Para(text=" ".join(rest))] if rest else []),
    ]


def _given(m: Matter) -> Blocks:
    # Of a letter on what was traced, what stands in the table of accounts is not named again.
    about = words.named_beside(m) if m.kind.about == "service" else m.choice.about
    if not about:
        return []
    t = m.texts
    if m.kind.names and not any(identified.lacking(m.kind.names, one) for one in m.choice.about):
        keys = identified.FORMS[m.kind.names]
        # Words give way to what is copied, which stands on one line.
        named_as = (name if name in identified.WORDED else f"{name}:mono" for name in keys)
        heads = columns(t, "number:exhibits", *named_as)
        read = identified.rows(m.kind.names, m.choice.about)
        cells = [
            (str(n), *(identified.told(t, name, cell) for name, cell in zip(keys, row, strict=True)))
            for n, row in enumerate(read, 1)
        ]
        noted = [Para(text=t.say("given.note"))] if identified.scheduled(m.kind.names, m.choice.about) else []
        return [table(t.say("given.caption"), heads, cells), *noted]
    rows = [(str(n), visible(one, 300)) for n, one in enumerate(about, 1)]
    known = named.seen(m.view, about)
    if not any(chain for chain, _, _ in known):
        caption = t.say("given.caption_found" if m.choice.found else "given.caption")
        return [table(caption, columns(t, "number:exhibits", "identifier:mono"), rows)]
    # An identifier stands whole on a line: its chain below it, one moment below the other.
    wider = [
        (number, stacked(text, chain), stacked(t.dated(first), t.dated(last)) or "–")
        for (number, text), (chain, first, last) in zip(rows, known, strict=True)
    ]
    names = columns(t, "number:exhibits", "identifier:mono", "seen:mono")
    caption = t.say("given.caption_found_seen" if m.choice.found else "given.caption_seen")
    return [table(caption, names, wider), *_stands(m)]


def _stands(m: Matter) -> Blocks:
    """What of the losses ends at the places named, and by which movements it came."""
    t, rows = m.texts, []
    said = {"rest": "left_rest", **dict.fromkeys(reporting.OPEN, "left_open")}
    for address, asset_id, reason, amount in reporting.standing(m):
        what = t.say(f"given.{said.get(reason, 'left_stop')}", reason=visible(reason, 40))
        place = stacked(visible(address), extent.chain(m.view, asset_id.partition("/")[0]), visible(asset_id, 160))
        rows.append((place, what, t.both(amount, figures.asset(m.view, asset_id))))
    if not rows:
        return []
    heads = columns(t, "holding:mono", "stands", "left:number")
    came = found_in.movements(m, m.rows, "given.largest", "given.every", files(m))
    told = table(t.say("given.left_caption", rule=t.rule(m.view.case.rule)), heads, rows)
    return [told, *([came] if came else [])]


def _records(m: Matter) -> Blocks:
    t, keys = m.texts, m.kind.listed(m.choice.addressee)
    if not keys:
        return []
    # Who is asked to keep records is asked for none.
    law = m.basis.said("records_text", t.language)  # what an act calls the records that it reaches, it alone says
    said = law or t.say("records.categories" if m.kind.asks == "disclose" else "records.categories_kept")
    return [Para(text=said), Items(items=tuple(t.say(f"records.{key}") for key in keys))]


def _period(m: Matter) -> Blocks:
    return [Facts(rows=tuple(period(m)))]


def period(m: Matter) -> list[tuple[str, str, str]]:
    """For which time what is asked, until when, when it lapses, and whether the holder may be told."""
    t = m.texts
    rows = [
        *(_records_of(m) if m.kind.asks != "freeze" else ()),  # of a hold there is no period of records
        ("until", *until(m)),
        ("expiry", term(m), "text"),
        ("user", t.say(f"period.user_{user(m)}"), "text"),
    ]
    return [(t.say(f"period.{key}"), value, style) for key, value, style in rows]


def _records_of(m: Matter) -> Iterator[tuple[str, str, str]]:
    """From when to when records are asked for: of a day that is given, of the earliest moment that is named, or of
    the first traced credit."""
    t, moves = m.texts, ""
    since = t.moment(begins(m))
    if m.choice.since:
        moves = t.say("period.moves_given", since=since)
    elif used := words.used(m):
        moves = t.say("period.moves_named", since=since, first=t.moment(used))
    elif first := m.first:
        moves = t.say("period.moves_value", since=since, first=t.moment(first))
    # The account is asked for its whole life: the period of the transfers would preserve none of its opening.
    yield "identity", t.say("period.identity_value"), "text"
    yield "moves", moves or blank(t, "period.period_todo"), "text" if moves else "blank"


def begins(m: Matter) -> datetime | None:
    """From when records are asked for; None where nothing says it."""
    if m.choice.since:
        return datetime.fromisoformat(m.choice.since)
    first = words.used(m) or m.first
    return first - BEFORE if first else None


def until(m: Matter) -> tuple[str, str]:
    """Until when it asks, or the blank for it, and how that is set."""
    # Who is asked for data is asked for it by one day, which is that of the answer.
    day = (m.choice.reply_by if m.kind.asks == "disclose" else "") or m.choice.until
    if day:
        return ends(m, date.fromisoformat(day)), "text"
    return blank(m.texts, "period.duration_todo"), "blank"


def _former(m: Matter) -> Blocks:
    return [Facts(rows=tuple(former(m)))] if m.former else []


def former(m: Matter) -> list[tuple[str, str, str]]:
    """What the letter says of the one that it follows: (name, value, style)."""
    plain = {"places": "mono", "moves": "mono"}
    days = ("until", "by", "issued", "sent", "received", "acknowledged", "answered")
    found = [(key, words.dated(m.texts, value) if key in days else value) for key, value in m.former]
    found = [(key, words.held_until(m) if key == "held_until" else value) for key, value in found]
    return [(m.texts.say(f"former.{key}"), value, plain.get(key, "text")) for key, value in found]


def _urgent(m: Matter) -> Blocks:
    return [Para(text=m.texts.say("urgent.text")), *(own(m.choice.urgent) or _needed(m))]


def _needed(m: Matter) -> Blocks:
    # A measure against somebody's account is weighed by its hurry (L17); records are kept without one.
    return [todo(m.texts, "urgent.todo")] if m.kind.asks == "freeze" else left(m, "urgent.todo")


def _enquiry(m: Matter) -> Blocks:
    t = m.texts
    return [Items(items=tuple(t.say(key) for key in sorted(t.entries) if key.startswith("enquiry.q")))]


def _claim(m: Matter) -> Blocks:
    t = m.texts
    court = visible(m.choice.court, 200)
    out: Blocks = [Para(text=line, style="blank" if open_ else "plain") for line, open_ in claimed(m)]
    out += [Para(text=t.say("claim.text", court=court))] if court else [todo(t, "claim.court_todo")]
    return [*out, *(own(m.choice.application) or left(m, "claim.todo"))]


def claimed(m: Matter) -> list[tuple[str, bool]]:
    """Who claims what of whom: of a claim in nobody's name no addressee can keep anything apart.

    Each line with whether it is still open.
    """
    t, c = m.texts, m.choice
    own = c.sender.get("officer", "") if c.role == "victim" else ""
    party = visible(c.instructed_by or own, 300)
    said = t.say("claim.party", party=party) if party else blank(t, "claim.party_todo")
    nature = t.say("claim.nature", claim=visible(c.claim, 300)) if c.claim else blank(t, "claim.nature_todo")
    found = [(said, not party), (nature, not c.claim)]
    if m.ramps:
        found.append((t.say("claim.amount", whole=measured.whole(m), rule=m.texts.rule(m.view.case.rule)), False))
        found += [(said, False) for said in measured.bounded(m)]
    return found


def _care(m: Matter) -> Blocks:
    t, s = m.texts, m.choice.sender
    # Who gives an account free shows it, and was just asked to.
    silent = user(m) != "no" or m.kind.about == "case" or m.kind.asks == "withdrawal"
    keys = ["requested", *(() if silent else ("user",)), "ack"]
    keys.append("data_given" if by_hand(m) else "data")
    if m.kind.about == "case" and not s.get("officer"):
        keys.append("person")
    # What follows a letter says of that what the letter said itself: a hold is not asked about before it is made.
    followed = {"user": s.get(f"former_user_{t.language}", "")}
    said = [followed.get(key) or t.say(f"care.{key}") for key in keys if t.has(f"care.{key}")]
    ways = route(m)
    reply = Para(text=ways[0]) if ways else todo(t, "care.reply_todo")
    kept = s.get("controller", "")
    last = Para(text=t.say("care.controller", text=visible(kept, 300))) if kept else todo(t, "care.data_todo")
    return [reply, *_by(m), Items(items=tuple(said)), last]


def _by(m: Matter) -> Blocks:
    """The day by which an answer is asked for. What asks for nothing but an answer needs one: without it
    nothing is asked that can be missed."""
    if m.choice.reply_by:
        when = ends(m, date.fromisoformat(m.choice.reply_by))
        return [Para(text=m.texts.say("care.by", day=when), style="lead")]
    return [todo(m.texts, "care.by_todo")] if m.kind.asks in ("follow-up", "enquiry") else []


def _sign(m: Matter) -> Blocks:
    # Signature, its date and the authority to sign are entered by the person who signs, never here (PL16).
    return [Para(text=m.texts.say("sign.text")), todo(m.texts, "sign.todo")]


PARTS: Mapping[str, Callable[[Matter], Blocks]] = {
    "ask": _ask,
    "table": found_in.accounts,
    "crossed": payins.payments_in,
    "given": _given,
    "records": _records,
    "period": _period,
    "victim": found_in.losses,
    "chronology": chronology.chronology,
    "flow": ways.flow,
    "facts": found_in.facts,
    "holding": found_in.holding,
    "hold": measured.hold,
    "reached": reporting.reached,
    "worth": money.value,
    "former": _former,
    "link": found_in.link,
    "against": weighed.against,
    "urgent": _urgent,
    "enquiry": _enquiry,
    "claim": _claim,
    "care": _care,
    "exhibits": weighed.exhibits,
    "sign": _sign,
}
"""In no order of their own: a kind says in which it has them."""
