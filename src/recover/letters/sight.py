"""The first page of a letter: what is asked and until when, where to reply, how much, and at which addresses.

The largest few addresses stand there whole, each with the payments by which its owner finds it; the rest have a
part of the letter, and the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recover.letters import front, sections, words
from recover.letters.front import SHOWN
from recover.letters.matter import Matter
from recover.letters.measured import most
from recover.report import credited, figures
from recover.report.elements import Brief, Facts
from recover.report.identifiers import Row
from recover.sdk import OffRamp
from recover.sdk.outside import visible

_ORDER = (
    *(
        "asked",
        "supersedes",
        "records",
        "until",
        "by",
        "now",
        "reply",
        "robbed",
        "when",
        "lost",
        "losses",
        "whole",
    ),
    *("upto", "claim", "table", "accounts", "services", "left", front.EXPIRY),
)
"""The first facts in the order in which they are read."""

_TABLES = ("hold", "table", "holding", "victim", "crossed", "given")
"""The parts that list what is looked up: the first that a letter has is where its full table begins."""


def rows(m: Matter, parts: Sequence[str]) -> list[tuple[str, str, str]]:
    """The first facts as the first page has them; `parts` are the names of the letter's parts, in their order."""
    found = {key: (value, style) for key, value, style in (*front.keyed(m), *front.whole(m, SHOWN))}
    for key in ("moves", "paid"):  # each stands with its address
        found.pop(key, None)
    if "accounts" in found:
        found["accounts"] = ("\n".join(_accounts(m)), found["accounts"][1])
    if "period" in m.kind.parts and m.kind.asks != "freeze" and (since := sections.begins(m)):
        found["records"] = (m.texts.say("glance.records_value", since=m.texts.moment(since)), "text")
    if part := _part(parts):
        found["table"] = (_where(m, part, parts), f"part:{parts.index(part) + 1}")
    return front.labelled(m, [(key, *found[key]) for key in _ORDER if key in found])


def apart(m: Matter, parts: Sequence[str]) -> str:
    """The part that begins a page of its own: the full table, where there is more than the first page shows."""
    many = max(len(m.losses), len(m.ramps)) if m.kind.about == "case" else len(front.places(m))
    return _part(parts) if many > SHOWN else ""


def paged(brief: Brief) -> Brief:
    """The letter as it goes to the page: a part begins one of its own behind a head that fits on the first."""
    lines = 0
    for block in brief.cover:
        if isinstance(block, Facts):
            lines += sum(1 + len(line) // _LINE for _, value, _ in block.rows for line in value.split("\n"))
        else:
            lines += 2
    if lines <= _LINES:
        return brief
    return replace(brief, sections=tuple(replace(one, fresh=False) for one in brief.sections))


_LINE, _LINES = 80, 38
"""Letters of a line of a fact, and lines of facts of which a first page is sure to have room."""


def _part(parts: Sequence[str]) -> str:
    return next((name for name in parts if name in _TABLES), "")


def _where(m: Matter, part: str, parts: Sequence[str]) -> str:
    slots = {"part": str(parts.index(part) + 1), "title": m.texts.say(f"{part}.title")}
    files = words.files(m)
    key = "glance.table_files" if files else "glance.table_part"
    return m.texts.say(key, **(slots | {"files": files} if files else slots))


def _accounts(m: Matter) -> list[str]:
    """The largest addresses, each with what brought traced value to it, or what it paid to the addressee."""
    found = dict(_listed(m))
    shown = [*found][:SHOWN]
    each = max(1, SHOWN // max(1, len(shown)))
    lines = []
    for place in shown:
        moves, key = found[place]
        lines += [place, *(front.move(m, row, key) for row in moves[:each])]
    if left := len(found) - len(shown):
        lines.append(m.texts.say("glance.more", count=f"{left:,}", file=next(iter(m.files), m.file)))
    return lines


def _listed(m: Matter) -> Iterator[tuple[str, tuple[Sequence[Row], str]]]:
    """Each place as the first page has it, with its movements, the largest first, and how these are called."""
    came, paid = front.came(m), front.paid(m)
    for ramp in m.ramps:
        key, rows = ("did_out", paid) if figures.edge(ramp) == "plain" else ("did_in", came)
        here = (visible(ramp.address), visible(ramp.asset))
        mine = [r for r in rows if (r.address, r.asset) == here and _memo(ramp) in ("", r.memo)]
        yield _placed(m, ramp), (mine, key)
    for place in front.apart(m):
        at = place.split(maxsplit=1)[0]
        yield place, ([r for r in came if r.address == at], "did_in")


def _memo(ramp: OffRamp) -> str:
    return visible(ramp.memo, 256) if ramp.by_memo else ""


def _placed(m: Matter, ramp: OffRamp) -> str:
    """An address with its chain, and how much of it is asked about."""
    chain = m.view.chains.get(ramp.chain, ramp.chain)  # its id stands in the table
    place = " ".join([*credited.place(m.texts, ramp).split("\n"), visible(chain, 40)])
    amount = most(ramp)
    return f"{place} · {m.texts.units(amount, figures.asset(m.view, ramp.asset))}" if amount else place
