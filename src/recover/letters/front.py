"""What a desk needs first: the ask, the accounts, the transactions, until when, and where to reply.

It stands on the first page of the letter, and alone in a block that is short enough for a field of a portal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from recover.letters import force, identified, measured, named, payins, reporting, sections, words
from recover.letters.found import amounted, grouped
from recover.letters.matter import Hop, Matter
from recover.letters.measured import most, upto
from recover.report import credited, extent, figures
from recover.report.elements import Facts
from recover.report.identifiers import Row, distinct
from recover.sdk import Finding, Loss, OffRamp
from recover.sdk.outside import visible

T = TypeVar("T")

SHOWN = 3
"""So many accounts and transactions stand on the first page, the largest first; the rest in their section."""

_LONG = ("letter", "places", "moves")
"""What a letter that follows another says of it at length, and a field of a portal does not."""

_SUMS = ("glance.whole", "glance.upto", "glance.claim")
"""How much is asked about, by asset, with its range: what a field gives up last."""

_KEPT = (
    *("records.title", "glance.accounts", "glance.moves", "glance.paid", "glance.by", "head.sender"),
    *_SUMS,
)
"""What of a letter a field of a portal holds as long as anything else can give way."""

_STEPS = (40, 20, 10, SHOWN, 1)
"""So many of a list a field of a portal shows, the most that fit."""

FIELD = 3_500
"""Characters of the block for a portal: fields of portals take about four thousand."""


def rows(m: Matter, shown: int = SHOWN, named_: int = 0) -> list[tuple[str, str, str]]:
    """The first facts: (name, value, style); `named_` accounts where more of them fit than of anything else."""
    return labelled(m, keyed(m, shown, named_))


def labelled(m: Matter, found: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The same with the names that a reader sees."""
    t = m.texts
    return [(t.say(key if key == EXPIRY else f"glance.{key}"), value, style) for key, value, style in found]


def keyed(m: Matter, shown: int = SHOWN, named_: int = 0) -> list[tuple[str, str, str]]:
    """The first facts, each by its key."""
    t = m.texts
    found = [("asked", words.subject(m), "text")]
    if m.replaced:  # else two of them lie on the desk, and neither says which counts
        place = [t.say("glance.supersedes_value", version=m.version, former=m.replaced)]
        if keys := differing(m):
            parts = t.joined(dict.fromkeys(t.say(key) for key in keys))
            place.append(t.say("glance.differs", former=m.replaced, parts=parts))
        found.append(("supersedes", " ".join(place), "text"))
    if summed := sums(m):
        found.append(("whole", "\n".join(summed), "text"))
    if accounts := _some(m, places(m), named_ or shown, _said):
        # A payment is words by which it is found, and breaks between them; an identifier does not.
        found.append(("accounts", accounts, "text" if m.kind.names == "payment" else "mono"))
    for key, listed in (("paid", paid(m)), ("moves", came(m))):
        if moves := _some(m, listed, shown, move):
            found.append((key, moves, "mono"))
    if m.kind.asks == "freeze" and m.ramps:
        found.append(("upto", upto(m), "text"))
    if "claim" in m.kind.parts:
        said = sections.claimed(m)
        style = "blank" if any(left for _, left in said) else "text"
        found.append(("claim", "\n".join(line for line, _ in said), style))
    if "period" in m.kind.parts and (m.choice.until or m.kind.asks != "disclose"):
        found.append(("until", *sections.until(m)))
    if m.kind.asks == "report":  # a day is no hurry, and what is left moves tonight
        day = [words.ends(m, date.fromisoformat(m.choice.reply_by))] if m.choice.reply_by else []
        found.append(("now", "\n".join([t.say("glance.now_value"), *day]), "text"))
    elif m.choice.reply_by:
        found.append(("by", words.ends(m, date.fromisoformat(m.choice.reply_by)), "text"))
    elif m.kind.asks in ("follow-up", "disclose", "enquiry"):
        key = "period.duration_todo" if m.kind.asks == "disclose" else "care.by_todo"
        found.append(("by", words.blank(t, key), "blank"))
    ways = [("reply", way, "text") for way in words.route(m, "glance.reply_value")]
    found += ways or [("reply", words.blank(t, "care.reply_todo"), "blank")]
    if m.basis.clock and "period" in m.kind.parts:  # what a measure rests on can end before the day that is asked
        found.append((EXPIRY, words.term(m), "text"))
    return found


EXPIRY = "period.expiry"
"""The one fact of the first page that has its name from a section."""


def sums(m: Matter) -> list[str]:
    """How much is asked about in all, by asset, at how many addresses, and by how many transactions it came there.

    What bounds a sum stands below it. Of a hold that is asked of a service its own row gives the sum.
    """
    t, lines = m.texts, list[str]()
    if m.kind.about in ("case", "letter"):
        return lines
    named_ = len(words.named_beside(m)) if m.kind.about == "service" else len(m.choice.about)
    if m.ramps:
        moved = [t.say("glance.count_came", count=f"{n:,}") for n in [len(distinct(_listed(m, "in")))] if n]
        moved += [t.say("glance.count_paid", count=f"{n:,}") for n in [len(distinct(_listed(m, "out")))] if n]
        lines.append(" · ".join([words.counted(m, m.ramps), *moved]))
        if m.kind.asks != "freeze" and "claim" not in m.kind.parts:
            key = "glance.sum_ruled" if measured.exceeded(m) else "glance.sum"
            lines += [_upto_all(m, measured.whole(m), key), *measured.bounded(m)]
    elif there := [(f.subject, str(f.slots.get("asset", "")), figures.number(f, "upto")) for f in m.holdings] or [
        (at, asset, amount) for at, asset, _, amount in reporting.standing(m)
    ]:
        whole = _upto_all(m, measured.added(m, [(asset, amount) for _, asset, amount in there]))
        lines += [
            figures.counted(t, "ask.endpoints", len({at for at, *_ in there})),
            whole,
            *measured.left_ranges(m),
        ]
        named_ -= len({at for at, *_ in there} & {*m.choice.about})
    if m.crossings:
        lines.append(figures.counted(t, "ask.payments", len(m.crossings)))
        if not m.ramps:
            parts = [(one.move.asset, one.move.traced(())) for one in m.crossings]
            lines.append(_upto_all(m, measured.added(m, parts)))
    return [*lines, *([figures.counted(t, "ask.named", named_)] if named_ > 0 else [])]


def _upto_all(m: Matter, whole: str, key: str = "glance.sum") -> str:
    return m.texts.say(key, whole=whole, rule=m.texts.rule(m.view.case.rule))


def differing(m: Matter) -> list[str]:
    """The keys of the parts that differ from the version before: of the titles that they have in the letter.

    None of a part that has no title here: a version that another release issued can have had such.
    """
    t = m.texts
    keys = [f"differs.{name}" if t.has(f"differs.{name}") else f"{name}.title" for name in m.changed]
    return [key for key in keys if t.has(key)] if m.version > 1 else []


def places(m: Matter) -> list[str]:
    """What its addressee looks up, the largest first."""
    traced = [
        " ".join([*credited.place(m.texts, r).split("\n"), extent.chain(m.view, r.chain), *_upto(m, r)])
        for r in m.ramps
    ]
    if m.kind.about == "case":
        return []  # the police are asked about no account
    return list(dict.fromkeys([*traced, *apart(m)]))


def apart(m: Matter) -> list[str]:
    """The same that no off-ramp stands behind: what is left, payments into a bridge, what its sender names."""
    held = [_held(m, f) for f in m.holdings] if not m.ramps else []
    return list(dict.fromkeys([*held, *payins.places(m), *_named(m)]))


def _named(m: Matter) -> Iterator[str]:
    """What its sender names: in words where it has columns, else with the chain that the exhibits show it on."""
    t, form = m.texts, m.kind.names
    if form and not any(identified.lacking(form, one) for one in m.choice.about):
        yield from (identified.words(t, form, one) for one in m.choice.about)
        return
    there = reporting.standing(m)
    held = {f.subject for f in m.holdings}  # each stands with its sum already
    for one, (chain, _, _) in zip(m.choice.about, named.seen(m.view, m.choice.about), strict=True):
        if one in held:
            continue
        sums = [f"· {_units(m, amount, asset)}" for at, asset, _, amount in there if at == one]
        yield " ".join(filter(None, [visible(one, 200), chain, *sums]))


def _upto(m: Matter, ramp: OffRamp) -> list[str]:
    if m.kind.asks != "freeze":
        return []
    return ["· " + m.texts.units(most(ramp), figures.asset(m.view, ramp.asset))]


def _held(m: Matter, f: Finding) -> str:
    """An address with the token, which has an address on every chain, and how much is asked about there."""
    asset = figures.asset(m.view, str(f.slots.get("asset", "")))
    amount = m.texts.units(figures.number(f, "upto"), asset)
    chain = extent.chain(m.view, asset.id.partition("/")[0])
    return f"{visible(f.subject)} · {amount}\n{chain} · {visible(asset.id, 160)}"


def came(m: Matter) -> Sequence[Row]:
    """What credited accounts of the addressee; what came to other wallets is in none of its books."""
    at = {(visible(r.address), visible(r.asset)) for r in m.ramps} - words.private(m)
    at |= {(visible(at), visible(asset)) for at, asset, *_ in reporting.standing(m)}
    came = [r for r in _listed(m, "in") if (r.address, r.asset) in at]
    return sorted(came, key=lambda r: -int(r.traced_amount)) if m.kind.about != "case" else ()


def _listed(m: Matter, direction: str) -> list[Row]:
    """What with traced value credited any address of the letter, or went from one to the addressee, as its tables
    list it."""
    return [r for r in m.rows if r.direction == direction and r.traced_amount not in ("", "0")]


def paid(m: Matter) -> Sequence[Row]:
    """What wallets that may be private paid to the addressee, which knows an account by that alone."""
    private = words.private(m)
    paid = [r for r in _listed(m, "out") if (r.address, r.asset) in private]
    return sorted(paid, key=lambda r: -int(r.traced_amount)) if m.kind.about != "case" else ()


def move(m: Matter, row: Row, key: str = "") -> str:
    """A transaction, when it was and how much it moved; `key` is a sentence that says in which direction."""
    slots = {"traced": grouped(row.traced), "rule": m.texts.rule(m.view.case.rule)}
    part = m.texts.say("glance.of_it", **slots) if row.traced != row.amount else ""
    amount = f"{amounted(m.texts, row)}{part}"
    when = m.time(row) or "–"
    if not key:
        whose = f"{row.address}: " if row.others_amount else ""  # several rows can be of one payment
        return f"{row.tx_hash}\n{when} {whose}{amount}"
    return f"{row.tx_hash}\n{m.texts.say(f'glance.{key}', when=_bare(m, when), amount=amount)}"


def _some(m: Matter, found: Sequence[T], shown: int, told: Callable[[Matter, T], str]) -> str:
    """The first so many, and how many more there are: of thousands only what is shown is put into words."""
    lines = [told(m, one) for one in found[:shown]]
    if len(found) > shown:
        lines.append(m.texts.say("glance.more", count=f"{len(found) - shown:,}", file=next(iter(m.files), m.file)))
    return "\n".join(lines)


def whole(m: Matter, shown: int) -> list[tuple[str, str, str]]:
    """To the police, each by its key: who was robbed, when, of how much, by which payments; the services with what
    went to them, and where the rest is."""
    t = m.texts
    if m.kind.about != "case":
        return []
    # A sum, a moment, who paid and whom: by an address alone nobody can enter a report.
    begun = _payments(m)
    losses = [f"{loss.id}: {visible(loss.place)}" for loss in m.losses]
    ramps = sorted((r for r in m.ramps if r.amount or r.resting), key=lambda r: (-r.amount, r.address))
    went = [f"{words.whose(m, r)}: {visible(r.address)} · {_units(m, r.amount, r.asset)}" for r in ramps]
    left = [f"{visible(at)} · {_units(m, n, asset)}" for at, asset, _, n in reporting.remaining(m)]
    more = (("services", went), ("left", left))
    begun.sort(key=lambda one: (-one[2].began, one[2].seq))
    first = _some(m, begun, shown, _payment) if begun else _some(m, losses, shown, _said)
    lost = measured.added(m, [(asset, hop.began) for _, asset, hop in begun])
    rows = (
        ("robbed", _robbed(m)),
        ("when", _when(m, begun)),
        ("lost", t.say("glance.lost_value", sum=lost, payments=figures.counted(t, "ask.payments", len(begun))))
        if begun
        else ("lost", ""),
        ("losses", first),
        *((key, _some(m, found, shown, _said)) for key, found in more),
    )
    return [(key, said, "text") for key, said in rows if said]


def _robbed(m: Matter) -> str:
    """Whose losses these are, by pseudonym; what no pseudonym is known of, by its loss."""
    t, own = m.texts, m.choice.role == "victim" and not m.choice.instructed_by
    known = dict.fromkeys(name for loss in m.losses if (name := m.view.owners.get(loss.id, "")))
    if not known and m.choice.instructed_by:
        known = {m.choice.instructed_by: None}
    ids = [loss.id for loss in m.losses[:LOSSES]] + ["…"] * (len(m.losses) > LOSSES)
    names = [visible(name, 120) for name in known][:LOSSES] + ["…"] * (len(known) > LOSSES)
    said = t.say("glance.robbed_own") if own and len(known) < 2 else ""
    lines = [" · ".join(filter(None, [said, ", ".join(names)])) or t.say("glance.robbed_unsaid")]
    return "\n".join([*lines, t.say("glance.robbed_losses", count=f"{len(m.losses):,}", losses=", ".join(ids))])


LOSSES = 8
"""So many losses, or pseudonyms, a line names."""


def _when(m: Matter, begun: Sequence[_Begun]) -> str:
    """From when to when the losses began."""
    times = sorted((hop.time, loss.chain) for loss, _, hop in begun if hop.time)
    if not times:
        return ""
    (first, at), (last, there) = times[0], times[-1]
    said = m.when(at, first)
    return said if last == first else m.texts.say("glance.span", since=said, until=m.when(there, last))


def _began(m: Matter, shown: int) -> list[tuple[str, str, str]]:
    """For a desk that looks up one service's accounts: the payments with which the losses began, and what brought
    their value to a wallet that paid it."""
    t = m.texts
    if not m.ramps or m.kind.about != "service":
        return []
    lines = _payments(m)
    plain = words.private(m)
    came = [r for r in _listed(m, "in") if (r.address, r.asset) in plain]
    came.sort(key=lambda r: -int(r.traced_amount))
    rows = (("began", _some(m, lines, shown, _payment)), ("came", _some(m, came, shown, move)))
    return [(t.say(f"glance.{key}"), said, "text") for key, said in rows if said]


_Begun = tuple[Loss, str, Hop]


def _payments(m: Matter) -> list[_Begun]:
    """The payments with which the losses began, with their assets."""
    return [(loss, asset, hop) for loss in m.losses for asset, hop in m.ways.begun(loss.id)]


def _payment(m: Matter, begun: _Begun) -> str:
    """Transaction, payer, payee, moment, sum."""
    loss, asset, hop = begun
    way = f"{visible(hop.src) or '–'} → {visible(hop.dst) or '–'}"
    return f"{loss.id}: {hop.tx}\n{way}\n{_bare(m, m.when(loss.chain, hop.time))} {_units(m, hop.began, asset)}"


def _bare(m: Matter, when: str) -> str:
    """A moment; in two languages one below the other, what both say in figures is enough."""
    return when.partition(" (")[0] if "+" in m.choice.language else when


def _said(m: Matter, text: str) -> str:
    return text


def _units(m: Matter, amount: int, asset: str) -> str:
    return m.texts.units(amount, figures.asset(m.view, asset))


def _facts(m: Matter, shown: int, named_: int = 0) -> list[tuple[str, str, str]]:
    """What a desk needs to act, for who reads no more than this; the sender's own words stand in the letter."""
    t = m.texts
    found = [*rows(m, shown, named_), *labelled(m, whole(m, shown)), *_began(m, shown)]
    # What it follows: by its number, its version and its days a desk finds it, and its own file.
    found += [row for row, (key, _) in zip(sections.former(m), m.former, strict=True) if key not in _LONG]
    if keys := m.kind.listed(m.choice.addressee):
        found.append((t.say("records.title"), "\n".join(t.say(f"records.{key}") for key in keys), "text"))
    if "period" in m.kind.parts:
        there = {t.say("period.until"), *(name for name, _, _ in found)}
        found += [row for row in sections.period(m) if row[0] not in there]
    found.append((t.say("head.letter"), t.say("glance.letter_value", id=m.choice.id, version=m.version), "text"))
    if m.choice.facts or m.choice.urgent:
        found.append((t.say("glance.facts"), t.say("glance.facts_value", file=f"{m.file}.pdf"), "text"))
    return found


def told(m: Matter, head: Facts, attached: Mapping[str, str], shown: int) -> str:
    """The facts and the head as lines, as an e-mail has them."""
    return _told(m, [*_facts(m, shown), *head.rows], attached, ())


def _told(
    m: Matter, found: Sequence[tuple[str, str, str]], attached: Mapping[str, str], apart: Sequence[str]
) -> str:
    t = m.texts
    # Without these no form goes out, however short it is; what else it holds can stand apart.
    must, basis = force.parts(m), t.say("head.basis")
    must[must.index(force.basis(m))] = f"{basis}: {force.basis(m)}"
    lines = [f"{name}: {words.flat(value)}" for name, value, _ in found if name != basis]
    if apart:
        lines.append(t.say("glance.apart", file=f"{m.file}.pdf", names=", ".join(dict.fromkeys(apart))))
    files = [*([] if m.signed else [f"{m.file}.pdf"])]
    files += [f"{name} SHA-256 {digest}" for name, digest in {**m.signed, **attached}.items()]
    return "\n".join([*must, *lines, t.say("mail.attached"), *files]) + "\n"


def blocks(made: Sequence[tuple[Matter, Facts]]) -> bytes:
    """What a desk needs, in each language of the letter one below the other: each is as long as a field takes."""
    return f"\n{'-' * 40}\n\n".encode().join(block(m, head, m.files) for m, head in made)


def block(m: Matter, head: Facts, attached: Mapping[str, str]) -> bytes:
    """What a desk needs, to be pasted into a portal; never longer than a field."""
    found: list[tuple[str, str, str]] = []
    text = ""
    # Up to how much is to be held stands with each account, so that they come before what else can give way.
    first = next((n for n in _STEPS if len("\n".join(places(m)[:n])) <= FIELD // 2), 1) if reporting.held(m) else 0
    for shown in _STEPS:
        found = [*_facts(m, shown, max(first, shown) if first else 0), *head.rows]
        text = _told(m, found, attached, ())
        if len(text) <= FIELD:
            break
    gone: list[str] = []
    while len(text) > FIELD and len(found) > 1:
        # What is asked stands first and stays; what takes most room is read in the letter.
        kept = {m.texts.say(key) for key in _KEPT}
        sums_ = {m.texts.say(key) for key in _SUMS}
        rest = [row for row in found[1:] if row[0] not in kept]
        rest = rest or [row for row in found[1:] if row[0] not in sums_] or found[1:]
        longest = max(rest, key=lambda row: len(row[0]) + len(row[1]))
        found.remove(longest)
        gone.append(longest[0])
        text = _told(m, found, attached, gone)
    return text[:FIELD].encode("utf-8", "backslashreplace")
