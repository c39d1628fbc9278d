"""What the journal has of an intake: facts, ways, payments and what came back; nothing that names anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recover.victims import known
from recover.victims.known import Payment, Way
from recover.victims.questions import WAY, kind, purposes
from recover.victims.told import Desk, Row, moment
from recover.victims.told import read as read_payment


@dataclass(slots=True, kw_only=True)
class Person:
    """One person of a list: every row that is of this person."""

    id: str
    new: bool
    sealed: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)


def back(
    desk: Desk,
    one: Person,
    numbers: Mapping[str, int],
    former: Mapping[str, tuple[str, int]],
    told: list[str],
) -> list[list[str]]:
    """What came back, [row, asset, amount]: of one row it is one figure, however often the row is sent."""
    found: dict[str, tuple[str, int]] = {}
    for where, said in one.rows:
        if not said.get("received"):
            continue
        paid = read_payment(desk, where, {**said, "amount": said["received"]})
        if paid.asset is None or paid.claimed is None:
            continue
        sent = read_payment(desk, where, said).claimed if said.get("amount") else None
        if sent is not None and paid.claimed > sent:
            told.append(
                f"{where}: {one.id} had more back ({said['received']}) than was paid ({said['amount']}), as the "
                "row says; both are kept."
            )
        row = f"{numbers[where]}" if where in numbers else f"alone {paid.claimed} {paid.time}"
        row = f"{row} {paid.asset.id}"
        stood = found.get(row) or former.get(row)
        if f"{known.FORMER} {paid.asset.id}" in former:
            told.append(f"{where}: what {one.id} had back stood as one sum; what the rows say takes its place.")
        if stood and stood[1] != paid.claimed:
            told.append(f"{where}: {one.id} had other back of this payment before; the later figure stands.")
        if not stood or stood[1] != paid.claimed:
            found[row] = paid.asset.id, paid.claimed
    return [[row, asset, str(amount)] for row, (asset, amount) in sorted(found.items())]


def head(one: Person, by: str) -> dict[str, Any]:
    """What the journal says of the person: nothing by which anybody could be named."""
    said = [row for _, row in one.rows]
    facts = {key: row[key] for row in said for key in ("country", "language") if row.get(key)}
    facts |= {key: moment(row[key]) for row in said for key in _TIMES if row.get(key)}
    facts |= {f"has_{key}": "yes" for key in _HAS if any(row.get(key) for row in said)}
    body: dict[str, Any] = {"act": "add" if one.new else "more", "id": one.id, "by": by.strip(), "facts": facts}
    if agreed := [row["consent"] for row in said if row.get("consent")]:
        body["consent"] = list(purposes(",".join(agreed), one.rows[0][0]))
    return {**body, "alike": one.alike} if one.alike else body


def way(said: Mapping[str, str], where: str) -> dict[str, str]:
    """The way that a row tells of, before the coin was recorded: all of it together; empty where it tells none."""
    if not said.get("bank"):
        return {}
    found = {"bank": said["bank"], "kind": kind(said.get("bank_kind", ""), where)}
    found["time"] = moment(said.get("bank_time", ""))
    return found | {name: said[name] for name in WAY if said.get(name)}


Said = dict[str, str]
"""A way as it is sealed: bank, kind and time, and what else was said of it."""


def ways(
    one: Person, held: Sequence[Mapping[str, str]], former: Sequence[Way], numbers: Mapping[str, int]
) -> tuple[list[Said], list[dict[str, str]]]:
    """All ways of a person as they are sealed, and those of these rows as the journal has them: no account.

    A row that says more of a way fills it in; of another payment it is another way, however alike.
    """
    found: list[Said] = [dict(way) for way in held]
    paid = {way.number - 1: int(way.payment.rpartition(".")[2]) for way in former if way.payment}
    rows: dict[int, dict[str, str]] = {}
    for where, said in one.rows:
        if own := way(said, where):
            at, number = _place(found, own, paid, numbers.get(where)), numbers.get(where)
            if at == len(found):
                found.append({})
            found[at] |= {key: text for key, text in own.items() if text}
            if number is not None:
                paid[at] = number
            row = {"n": f"{at + 1}", **{key: found[at].get(key, "") for key in ("bank", "time", "kind")}}
            rows[at] = row | ({"payment": f"{paid[at]}"} if at in paid else {})
    return found, [rows[at] for at in sorted(rows)]


def _place(found: Sequence[Said], own: Said, paid: Mapping[int, int], number: int | None) -> int:
    """Which of the ways a row speaks of; the next, where it is a new one."""
    like = [n for n, had in enumerate(found) if _agree(had, own)]
    if number is not None:
        mine = [n for n in like if paid.get(n) == number] or [n for n in like if n not in paid]
        return mine[0] if mine else len(found)
    same = [n for n in like if _agree(own, found[n], whole=True)]
    return same[0] if same else like[0] if len(like) == 1 else len(found)


def _agree(one: Mapping[str, str], other: Mapping[str, str], whole: bool = False) -> bool:
    """Whether two say nothing different of one way; `whole`: and the other says all of it."""
    return all(other.get(key, "") in ((text,) if whole else (text, "")) for key, text in one.items() if text)


def listed(made: Sequence[Payment]) -> list[dict[str, str]]:
    names = ("chain", "tx", "asset", "time", "service", "loss", "rival", "learned")
    return [
        {
            **({"instead": p.id.rpartition(".")[2]} if p.id else {}),
            **{name: getattr(p, name) for name in names if getattr(p, name)},
            **{name: str(n) for name in ("claimed", "shown") if (n := getattr(p, name)) is not None},
        }
        for p in made
    ]


_TIMES = ("bank_alert_time", "hotline_time", "police_time")
_HAS = ("police_reference", "bank_case", "portal_reference", "exchange_ticket")
