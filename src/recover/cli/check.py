"""check: flows that others state, each shown, contradicted, or not in the exhibits, with the exhibit and place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recover.cli import dates, screen
from recover.cli.escape import visible
from recover.cli.options import CasePath, Json, Stale
from recover.cli.screen import Column
from recover.exits import Exit

if TYPE_CHECKING:
    from recover.case import Case
    from recover.recognise.assets import Units
    from recover.stated.flow import Unread
    from recover.stated.judged import Judged

_SHOWN = 5
"""Movements told of one flow on a screen; JSON has all of them."""


def check(
    case: CasePath,
    claims: Annotated[
        Path,
        typer.Argument(metavar="CLAIMS", help="Stated flows: CSV, XLSX, or JSON.", show_default=False),
    ],
    sheet: Annotated[
        str,
        typer.Option(metavar="NAME", help="Which sheet, of a workbook with several.", show_default=False),
    ] = "",
    stale: Stale = False,
    json: Json = False,
) -> None:
    """Hold flows that others state (tx, from, to, amount, asset, time) against the exhibits.

    Each is shown, contradicted, or not in the exhibits, with what stands there. Nothing is stored. Exit 0 where
    all are shown, each by movements of its own; 5 where one is not, or a column that states something was not
    read; 2 where one cannot be read.
    """
    from recover.capture.imports import named, taken
    from recover.case import open_for_reading
    from recover.plugins import pins, registry
    from recover.recognise.assets import shown_as
    from recover.stated import flow as stating
    from recover.stated import judged

    plugins = registry.load()
    opened = open_for_reading(case)
    why = pins.stated(opened, plugins, stale)
    stated, ignored = stating.read(opened, plugins, named(claims), taken(claims), sheet)
    held = judged.Held(opened, [one for one in stated if isinstance(one, stating.Flow)])
    found = [held.judged(one) if isinstance(one, stating.Flow) else one for one in stated]
    units, shared, left = shown_as(opened, plugins), _shared(found), stating.unexamined(ignored)
    counts = dict.fromkeys(("shown", "contradicted", "not in the exhibits", "unreadable"), 0)
    for one in found:
        counts[_verdict(one)] += 1
    result = {
        "claims": [{**_row(opened, one), "same_as": shared.get(n)} for n, one in enumerate(found)],
        "counts": counts,
        "ignored": ignored,
        "unexamined": left,
        "stale": why or None,
    }
    screen.answer(result, json, lambda: _told(found, counts, ignored, why, units, shared))
    if left:
        named_ = ", ".join(visible(one) for one in left)
        screen.remark(f"Not examined, though by its name it states something: {named_}.")
    if counts["unreadable"]:
        raise typer.Exit(Exit.USAGE)
    whole = counts["shown"] == len(found) and not shared and not left
    raise typer.Exit(Exit.DONE if whole else Exit.GAPS)


def _shared(found: list[Judged | Unread]) -> dict[int, str]:
    """By number of a claim that is shown, an earlier one that rests on the same movements."""
    from recover.stated.flow import Unread

    first: dict[tuple[tuple[object, ...], ...], str] = {}
    same: dict[int, str] = {}
    for n, one in enumerate(found):
        if isinstance(one, Unread) or one.verdict != "shown" or not one.rows:
            continue
        key = tuple((row["tx"], row["leg"], row["kind"]) for row in one.rows)
        if key in first:
            same[n] = first[key]
        first.setdefault(key, one.flow.where)
    return same


def _verdict(one: Judged | Unread) -> str:
    return str(getattr(one, "verdict", "unreadable"))


def _row(case: Case, one: Judged | Unread) -> dict[str, Any]:
    from recover.stated.flow import Unread

    if isinstance(one, Unread):
        return {
            "where": one.where,
            "verdict": "unreadable",
            "reason": None,
            "why": one.why,
            "stated": dict(one.said),
        }
    digests = {stored.number: stored.digest for stored in case.exhibits()}
    return {
        "where": one.flow.where,
        "verdict": one.verdict,
        "reason": one.reason,
        "why": one.why,
        "stated": dict(one.flow.said),
        "read": {
            "chain": one.flow.chain,
            "tx": one.flow.tx or None,
            "from": one.flow.src or None,
            "to": one.flow.dst or None,
            "asset": one.flow.asset.id if one.flow.asset else None,
            "amount": None if one.flow.amount is None else str(one.flow.amount),
        },
        "history": one.history or None,
        "time": dates.show(one.time) or None,
        "movements": [_movement(row) for row in one.rows],
        "exhibits": [{"number": n, "sha256": digests.get(n)} for n in one.exhibits],
    }


def _movement(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "tx": row["tx"],
        "time": dates.show(row["time"]) or None,
        "kind": row["kind"],
        "from": row["src"],
        "to": row["dst"],
        "asset": row["asset"],
        "amount": None if row["amount"] is None else str(row["amount"]),
        "exhibit": row["exhibit"],
        "place": row["place"],
    }


def _told(
    found: list[Judged | Unread],
    counts: dict[str, int],
    ignored: list[str],
    why: str,
    units: Units,
    shared: dict[int, str],
) -> None:
    from recover.stated.flow import Unread

    heads = (Column(title="Claim"), Column(title="Verdict"), Column(title="Why", prose=True))
    rows = []
    for n, one in enumerate(found):
        stated = one if isinstance(one, Unread) else one.flow
        where = f"{stated.where} ({stated.said['id']})" if "id" in stated.said else stated.where
        told = one.why if isinstance(one, Unread) else _why(one, units)
        told += f" {shared[n]} states the same movement: it took place once." if n in shared else ""
        rows.append((where, _verdict(one), told))
    if why:
        screen.remark(why)
    screen.table(heads, rows)
    screen.say(", ".join(f"{n:,} {word}" for word, n in counts.items() if n) + f" of {len(found):,}.")
    if ignored:
        screen.remark(f"Columns that were not read: {', '.join(visible(one) for one in ignored)}.")


def _why(one: Judged, units: Units) -> str:
    """The reason, then the movements that it rests on, each with its exhibit and place."""
    from recover.recognise.assets import told

    parts = [one.why]
    if one.history:
        parts.append(f"Whose: {one.history}.")
    if one.reason == "moment" and one.time is not None:
        parts.append(f"It is of {dates.show(one.time)}.")
    for row in one.rows[:_SHOWN]:
        amount = (
            "an amount that is not shown" if row["amount"] is None else told(row["asset"], row["amount"], units)
        )
        sides = " to ".join(filter(None, (row["src"], row["dst"])))
        parts.append(
            f"Exhibit {row['exhibit']}, record {row['place']}: {row['kind']} of {amount}, {sides or '-'}."
        )
    if (more := len(one.rows) - _SHOWN) > 0:
        parts.append(f"And {more:,} more.")
    if not one.rows and one.exhibits:
        parts.append(f"Exhibit {', '.join(map(str, one.exhibits))}.")
    return " ".join(parts)
