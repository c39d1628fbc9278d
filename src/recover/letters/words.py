"""Sentences that several parts of a letter share: what is asked, its limits, blanks, days and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from recover.letters import clocks, identified
from recover.letters.gates import OFFICIAL, VOLUNTARY
from recover.letters.matter import Matter
from recover.report import figures
from recover.report.elements import Block, Para
from recover.report.texts import Texts
from recover.sdk import OffRamp
from recover.sdk.outside import visible
from recover.victims.known import PSEUDONYM

Blocks = list[Block]


def todo(t: Texts, key: str) -> Para:
    """A blank that a person fills."""
    return Para(text=blank(t, key), style="blank")


def own(text: str) -> Blocks:
    """A sender's own words, as they are: a paragraph for each line that they have."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [Para(text=visible(line, len(line))) for line in lines if line]


def flat(text: str) -> str:
    """Lines as one: a sentence that ends is followed by the next, anything else by a semicolon."""
    parts = text.split("\n")
    gaps = (" " if part.endswith((".", "?", "!", ":")) else "; " for part in parts)
    return "".join(part + gap for part, gap in zip(parts, gaps, strict=True)).rstrip("; ")


def left(m: Matter, key: str) -> Blocks:
    """What may be added, as long as the letter is a draft: what is useful and not needed is no blank of a paper
    that goes out, and a draft does not say that it has to be filled."""
    return [] if m.issued else [Para(text=spare(m.texts, key), style="note")]


def blank(t: Texts, key: str) -> str:
    """The mark of a blank, with what belongs there."""
    return t.say("complete.mark", what=t.say(key))


def spare(t: Texts, key: str) -> str:
    """The mark of what a letter can go out without."""
    return t.say("complete.may", what=t.say(key))


def day(t: Texts, when: date) -> str:
    """A day as ISO 8601 and, where the language counts years otherwise, in its own way beside it."""
    return t.dated(when.isoformat())


def dated(t: Texts, told: str) -> str:
    """A day, or a moment in UTC with the local time beside it, in the language's own way of counting years too: by
    the local day, which is the sender's."""
    first, _, local = told.partition(" (")
    own = t.dated(local[:10] or first)
    return told + own[10:] if local else own


def ends(m: Matter, last: date) -> str:
    """The last day until which is asked, and whose day it is: its end in UTC can bear another date."""
    zone = m.choice.sender.get("zone", "")
    return m.texts.say("period.ends", day=day(m.texts, last), zone=clocks.offset(last, zone))


def subject(m: Matter) -> str:
    """What is asked, in one sentence."""
    since, until = (m.texts.moment(x) for x in m.span)
    named = named_beside(m) if m.kind.about == "service" else []
    also = m.texts.say("ask.also", count=f"{len(named):,}") if named else ""
    return " ".join(filter(None, [_said(m, since, until), also]))


def _said(m: Matter, since: str, until: str) -> str:
    sender = m.choice.sender
    given: dict[str, str | int] = {
        "addresses": counted(m, m.ramps),
        "since": since,
        "until": until,
        "name": m.name,
        "count": len(m.choice.about),
        "named": figures.counted(m.texts, "ask.named", len(m.choice.about)),
        "holdings": len(m.holdings),
        "payments": figures.counted(m.texts, "ask.payments", len(m.crossings)),
        "losses": figures.counted(m.texts, "facts.losses", len(m.choice.losses or m.view.case.losses)),
        "former": _former(m),
        "why": visible(" ".join(m.choice.why.split()).rstrip(". "), 300) or blank(m.texts, "ask.why_todo"),
        "held": visible(sender.get("former_held", ""), 80),
        "held_until": held_until(m),
        "acknowledged": dated(m.texts, visible(sender.get("former_acknowledged", ""), 80)),
        "answered": dated(m.texts, visible(sender.get("former_answered", ""), 80)),
    }
    return m.texts.say(_asked(m), **{name: given[name] for name in GIVEN})


GIVEN = (
    *("addresses", "since", "until", "name", "count", "named", "holdings", "payments", "losses", "former", "why"),
    *("held", "held_until", "acknowledged", "answered"),
)
"""The names in braces that the sentence of what is asked may have."""


def _former(m: Matter) -> str:
    """The letter that this one follows as that calls itself, since by it its addressee has filed it; which version
    of it, and of what day."""
    called, on = (
        visible(m.choice.sender.get("former_called", "") or m.choice.of, 120),
        m.choice.sender.get("former_on"),
    )
    version = m.choice.of.rpartition("-v")[2]
    return m.texts.say("ask.former", called=called, version=version, on=dated(m.texts, on)) if on else called


def held_until(m: Matter) -> str:
    """The last moment of the hold that its addressee named; of one that ends with a day, that day."""
    said = m.choice.sender.get("former_held_until", "")
    if not said:
        return ""
    due, zone = datetime.fromisoformat(said), m.choice.sender.get("zone", "")
    local = due.astimezone(clocks.place(zone) or UTC)
    if local.time() == time():
        return ends(m, local.date() - timedelta(days=1))
    return dated(m.texts, clocks.told(due, zone))


def _asked(m: Matter) -> str:
    """What is asked depends on what the addressee has done already: of that, nothing is asked again."""
    done = m.choice.sender
    if m.kind.asks != "follow-up":
        alone = m.crossings and not m.ramps and m.texts.has("ask.subject_crossed")
        return "ask.subject_crossed" if alone else "ask.subject"
    if done.get("former_answered"):
        held = "ask.subject_held_until" if done.get("former_held_until") else "ask.subject_held"
        return held if done.get("former_held") else "ask.subject_answered"
    return "ask.subject_acknowledged" if done.get("former_acknowledged") else "ask.subject"


def limits(m: Matter) -> list[str]:
    """What the letter is not: no force where there is none (PL18), and what its basis does not reach."""
    t, found = m.texts, list[str]()
    if m.basis.force == "voluntary":
        # An authority is itself the police or court that others say they wait for.
        official = m.choice.role in OFFICIAL and m.kind.asks in ("preserve", "freeze")
        found.append(t.say("ask.limits_official" if official else "ask.limits"))
    if t.has("ask.scope"):
        found.append(t.say("ask.scope"))
    if m.basis.id != VOLUNTARY:  # what that one lacks is said already, in the letter's own language
        text = m.basis.said("limits_text", t.language)
        how = "ask.limits_open" if m.choice.role in m.basis.open_for else "ask.limits_basis"
        found.append(t.say(how, id=m.basis.id, text=text))
    return found


def route(m: Matter, key: str = "care.reply") -> list[str]:
    """Where to reply; nothing where the sender has named no way."""
    ways = [m.choice.sender[name] for name in ("email", "phone", "address") if m.choice.sender.get(name)]
    return [m.texts.say(key, route=visible(", ".join(ways), 300))] if ways else []


def named_beside(m: Matter) -> list[str]:
    """What its sender names beside what the trace found: of it no table of the trace has a row."""
    found = {text for r in m.rows for text in (r.address, r.tx_hash)} | {visible(r.address) for r in m.ramps}
    return [one for one in m.choice.about if not m.choice.found and visible(one, 300) not in found]


def by_hand(m: Matter) -> bool:
    """Whether its sender named or wrote something that no trace found."""
    c = m.choice
    return bool((c.about and not c.found) or c.facts or c.urgent or c.claim or c.application)


def may_name(m: Matter) -> bool:
    """Whether the letter may name one of those concerned: own words, a party, or a victim who sends it."""
    c = m.choice
    typed = (c.instructed_by, c.facts, c.urgent, c.claim, c.application, c.about and not c.found)
    return any(typed) or (c.role == "victim" and bool(c.sender.get("officer")))


def pseudonym(m: Matter) -> bool:
    """Whether who instructs the sender is named as a case names a victim."""
    return PSEUDONYM.fullmatch(m.choice.instructed_by) is not None


def counted(m: Matter, rows: Iterable[OffRamp]) -> str:
    return figures.addresses(m.view, m.texts, rows, ("ask.addresses", "ask.endpoints"))


def term(m: Matter) -> str:
    """How long what is asked lasts by its basis: a voluntary request has no term, and none is invented."""
    t, clock = m.texts, m.basis.term(m.choice.role)
    if m.choice.role in m.basis.open_for:
        return t.say("period.expiry_open", id=m.basis.id)
    start = t.say(f"start.{clock['start']}") if "start" in clock else ""
    if m.basis.days is not None:
        renewals = int(clock.get("renewals", 0))
        more = t.say("period.renewals", count=renewals, days=clock.get("renewal_days", 0)) if renewals else ""
        return t.say("period.expiry_days", days=m.basis.days, start=start, id=m.basis.id) + more + _sooner(m)
    if "hours" in clock:
        slots = {"hours": clock["hours"], "start": start, "id": m.basis.id, "days": clock.get("then_days", 0)}
        then = t.say(f"start.{clock.get('then', 'filing')}")
        return t.say("period.expiry_hours", then=then, **slots) + _sooner(m)
    if "most_days" in clock:
        slots = {"most": clock["most_days"], "least": clock.get("least_days", 0), "id": m.basis.id}
        return t.say("period.expiry_most", **slots)
    return t.say("period.expiry_none")


def _sooner(m: Matter) -> str:
    """Which of two days counts, where the letter names one and the law sets a term."""
    return m.texts.say("period.sooner") if m.choice.until else ""


def stacked(*lines: str) -> str:
    """Lines of one cell: an identifier stands whole on a line of its own, so that it can be copied."""
    return "\n".join(line for line in lines if line)


def spot(t: Texts, height: str, leg: str, coin: bool = False) -> list[str]:
    """Where in its chain a movement stands, as far as the exhibits say: of a `coin` chain, which output it is."""
    if not height:
        return []
    key = "table.output" if coin else "table.block"
    return [t.say(key, height=height, leg=leg) if leg else t.say("table.height", height=height)]


def used(m: Matter) -> datetime | None:
    """The earliest moment that the identifiers named by the sender say, where no trace says one."""
    return identified.since(m.kind.names, m.choice.about) if m.first is None else None


def user(m: Matter) -> str:
    """Whether its holder may be told: yes, no, or it is the sender's own account or its party's."""
    if m.choice.tell_user:
        return "yes"
    read = [identified.read(m.kind.names, one) for one in m.choice.about if m.kind.names == "payment"]
    return "own" if read and all(one["holder"].casefold() == "own" for one in read) else "no"


def files(m: Matter) -> str:
    """The names of the tables that go with the letter."""
    return ", ".join(name for name in m.files if name.endswith((".csv", ".xlsx")))


def private(m: Matter) -> frozenset[tuple[str, str]]:
    """The addresses, each with the asset as rows have it, that are not called deposit addresses of whom they paid,
    and may be private wallets."""
    plain = (r for r in m.ramps if figures.edge(r) == "plain")
    return frozenset((visible(r.address), visible(r.asset)) for r in plain)


def whose(m: Matter, ramp: OffRamp) -> str:
    """The service that an address is attributed to: the addressee, but in a letter on the whole case."""
    if m.kind.about != "case":
        return m.name
    if ramp.service is None:
        return hub(m, [ramp])
    return visible(figures.name(m.view, ramp.service, ramp.service), 80)


def hub(m: Matter, ramps: Sequence[OffRamp]) -> str:
    """What wallets are called that no accepted label names; where sources disagree, or a label of another chain is
    a hint, that."""
    told: dict[str, None] = {}
    for r in ramps:
        rivals = figures.disputed(m.view, [r])
        key = "rivals" if rivals else "possible" if r.possible else "unlabelled"
        names = m.texts.joined(visible(one, 80) for one in rivals or (r.possible,))
        told[m.texts.say(f"facts.hub_{key}", names=names)] = None
    return m.texts.joined(told)
