"""What a desk needs first: the ask, the accounts, the transactions, until when, and where to reply.

It stands on the first page of the letter, and alone in a block that is short enough for a field of a portal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from recover.letters import words
from recover.letters.found import grouped, private, upto
from recover.letters.matter import Matter
from recover.report import credited
from recover.report.elements import Facts
from recover.report.identifiers import Row
from recover.sdk.outside import visible

SHOWN = 3
"""So many accounts and transactions stand on the first page, the largest first; the rest in their section."""

FIELD = 3_500
"""Characters of the block for a portal: fields of portals take about four thousand."""


def rows(m: Matter, shown: int = SHOWN) -> list[tuple[str, str, str]]:
    """The first facts: (name, value, style)."""
    t = m.texts
    found = [("asked", words.subject(m), "text")]
    if accounts := _some(m, places(m), shown):
        found.append(("accounts", accounts, "mono"))
    for key, listed in (("paid", _paid(m)), ("moves", _came(m))):
        if moves := _some(m, [_move(m, row) for row in listed], shown):
            found.append((key, moves, "mono"))
    if m.kind.asks == "freeze" and m.ramps:
        found.append(("upto", upto(m), "text"))
    if m.choice.until and "period" in m.kind.parts:
        found.append(("until", words.ends(m, date.fromisoformat(m.choice.until)), "text"))
    if m.choice.reply_by:
        found.append(("by", words.ends(m, date.fromisoformat(m.choice.reply_by)), "text"))
    found += [("reply", way, "text") for way in words.route(m, "glance.reply_value")]
    return [(t.say(f"glance.{key}"), value, style) for key, value, style in found]


def places(m: Matter) -> list[str]:
    """What its addressee looks up, the largest first."""
    traced = [" ".join([*credited.place(m.texts, r).split("\n"), visible(r.chain, 60)]) for r in m.ramps]
    traced += [visible(f.subject) for f in m.holdings] if not m.ramps else []
    if m.kind.about == "case":
        return []  # the police are asked about no account
    return list(dict.fromkeys([*traced, *(visible(one, 200) for one in m.choice.about)]))


def _came(m: Matter) -> Sequence[Row]:
    """What credited accounts of the addressee; what came to other wallets is in none of its books."""
    at = {r.address for r in m.ramps} - private(m)
    came = [r for r in m.rows if r.direction == "in" and r.address in at and r.traced_amount not in ("", "0")]
    return sorted(came, key=lambda r: -int(r.traced_amount)) if m.kind.about != "case" else ()


def _paid(m: Matter) -> Sequence[Row]:
    """What wallets that may be private paid to the addressee, which knows an account by that alone."""
    paid = [r for r in m.rows if r.direction == "out" and r.address in private(m)]
    paid = [r for r in paid if r.traced_amount not in ("", "0")]
    return sorted(paid, key=lambda r: -int(r.traced_amount)) if m.kind.about != "case" else ()


def _move(m: Matter, row: Row) -> str:
    return f"{row.tx_hash}\n{m.time(row) or '–'} {grouped(row.amount)} {row.symbol}"


def _some(m: Matter, found: Sequence[str], shown: int) -> str:
    lines = list(found[:shown])
    if len(found) > shown:
        lines.append(m.texts.say("glance.more", count=f"{len(found) - shown:,}", file=next(iter(m.files), m.file)))
    return "\n".join(lines)


def block(m: Matter, head: Facts, attached: Mapping[str, str]) -> bytes:
    """The block for a portal: the first facts, who sends it, and what is attached; never longer than a field."""
    t, text = m.texts, ""
    for shown in (40, 20, 10, SHOWN, 1):
        said = [f"{name}: {'; '.join(value.splitlines())}" for name, value, _ in (*rows(m, shown), *head.rows)]
        files = [f"{name} SHA-256 {digest}" for name, digest in attached.items()]
        text = "\n".join([t.say("doc.title"), *said, *words.limits(m)[:1], t.say("mail.attached"), *files]) + "\n"
        if len(text) <= FIELD:
            break
    return text.encode("utf-8", "backslashreplace")
