"""Labels of several sources for one address, resolved into one by the evidence ladder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.ladder import Standing, Word, ending, standing, word
from recover.linking.ownership import KINDS
from recover.linking.policy import TABLE
from recover.registers import categories
from recover.sdk.records import Gap

Place = tuple[str, str]

DISPUTED = "disputed"
"""The role of an address that labels of one grade give to different services: one's, and nobody says whose."""

_DECIDES = frozenset({"mixer", "bridge", "contract"})
"""Roles by which a label without a service says where a trace goes; others say something beside a name."""


def resolve(said: pa.Table, moved: pa.Table | None = None) -> tuple[pa.Table, list[Gap]]:
    """One label an address, with the grade that the ladder gives its name; a contradiction is told by a gap.

    Where labels of one grade call an address a service's and a mixer's, a market's or a scam's, the trace stops
    there as at the service, the conflict is a gap, and no letter is drafted until a person decides. `moved`
    (chain, src, dst, time) dates the transfers, for labels that have an end. What a source says of two
    addresses' one owner is no label of either.
    """
    said = said.filter(pc.invert(pc.is_in(said.column("kind"), value_set=pa.array(KINDS))))
    found: dict[Place, list[dict[str, Any]]] = {}
    for row in said.to_pylist():
        found.setdefault((row["chain"], row["address"]), []).append(row)
    ended = [place for place, rows in found.items() if any('"until"' in row["params"] for row in rows)]
    days = dated(moved, ended)
    made, gaps = [], []
    for place in sorted(found):
        stands = standing(words(found[place]), *days.get(place, ("", "")))
        chosen, words_against = _chosen(found[place], stands), shady_beside(found[place], stands)
        gaps += _gaps(*place, stands)
        if words_against:
            gaps.append(_opposed(*place, stands.service, words_against))
            note = f"sources disagree: {stands.service}, or {', '.join(words_against)}"
            chosen = {**chosen, "note": f"{chosen['note']} {note}".strip()}
        made.append(chosen)
    return pa.Table.from_pylist(made, schema=TABLE), gaps


def words(rows: Sequence[dict[str, Any]]) -> list[Word]:
    """The labels of one address as words: one of a mixer, market or scam names no service beside one that does."""
    named = any(row["service"] and not shady(row) for row in rows)
    return [
        replace(word(row, n), service="") if named and shady(row) else word(row, n) for n, row in enumerate(rows)
    ]


def shady(row: Mapping[str, Any]) -> frozenset[str]:
    return categories.words(row) & categories.NO_LETTER


def shady_beside(rows: Sequence[dict[str, Any]], stands: Standing) -> list[str]:
    """What labels as sure as the service's own call the address beside it; nothing where none names a service."""
    counting = [(one, rows[one.row]) for one in stands.words if not one.counts]
    best = min((row["grade"] for one, row in counting if one.service), default="")
    if not stands.service or any(shady(row) for one, row in counting if one.service):
        return []
    return sorted({min(shady(row)) for _, row in counting if shady(row) and row["grade"] == best})


def _opposed(chain: str, address: str, service: str, words: Sequence[str]) -> Gap:
    return Gap(
        code="label-conflict",
        subject=f"{chain}:{address}",
        why=f"Labels of one grade call it a wallet of {service}, and {', '.join(words)}.",
        effect="The trace stops there. A letter to that service is drafted only where a person decides so.",
    )


def again(asserted: pa.Table, moved: pa.Table) -> list[Gap]:
    """The gaps of the labels among everything asserted."""
    labels = pc.or_(pc.greater(asserted.column("exhibit"), 0), pc.equal(asserted.column("method"), "person"))
    kept = pc.and_(labels, pc.equal(asserted.column("kind"), "label"))
    return resolve(asserted.filter(kept), moved)[1]


def dated(moved: pa.Table | None, wanted: Sequence[Place]) -> Mapping[Place, tuple[str, str]]:
    """The days of the first and last transfer of each place, as ISO dates."""
    if moved is None or not wanted:
        return {}
    names = pa.array([address for _, address in wanted], pa.string())
    found: dict[Place, list[str]] = {}
    for side in ("src", "dst"):
        rows = moved.filter(pc.is_in(moved.column(side), value_set=names)).select(["chain", side, "time"])
        for row in rows.to_pylist():
            if row["time"] is not None:
                found.setdefault((row["chain"], row[side]), []).append(row["time"].date().isoformat())
    return {place: (min(times), max(times)) for place, times in found.items()}


def endings(rows: Sequence[Mapping[str, Any]], moved: pa.Table | None) -> list[tuple[bool, str]]:
    """Of each assertion, whether it counts, and what ends it; `moved` dates the transfers of its address."""
    days = dated(moved, [(row["chain"], row["address"]) for row in rows if '"until"' in (row["params"] or "")])
    return [
        ending(row, *days.get((row["chain"], row["address"]), ("", ""))) if row["kind"] == "label" else (True, "")
        for row in rows
    ]


def surest(judged: Sequence[Mapping[str, Any]]) -> dict[tuple[Place, str], str]:
    """By address and service, the best grade that a label which `counts` gives."""
    found: dict[tuple[Place, str], str] = {}
    for row in (row for row in judged if row["counts"]):
        key = (row["chain"], row["address"]), row["service"]
        found[key] = min(row["grade"], found.get(key, row["grade"]))
    return found


def _chosen(rows: Sequence[dict[str, Any]], stands: Standing) -> dict[str, Any]:
    """The row that stands for an address: of the surest that count, the first that names its service."""
    counting = [(one, rows[one.row]) for one in stands.words if not one.counts]
    if not counting:
        return {**rows[0], "service": "", "role": "other", "category": "", "note": " ".join(stands.reasons)}
    best = min((row for _, row in counting), key=lambda row: (row["grade"], not row["service"]))
    # What the chain's own mathematics or an authority says beside a name takes no name away; a mixer does.
    decides = (best["role"] in _DECIDES and not best["service"]) or shady(best)
    sure = min((row["grade"] for one, row in counting if one.service), default="E")
    if decides and best["grade"] < sure:
        return best
    if stands.service:
        mine = [row for one, row in counting if one.service == stands.service]
        first = min(mine, key=lambda row: row["grade"])
        note = " ".join([first["note"], *stands.reasons]).strip()
        return {**first, "grade": stands.grade, "note": note}
    if stands.rivals:
        first = next(row for one, row in counting if one.service)
        names = sorted(stands.rivals)
        told = {"service": "", "label": " or ".join(names), "role": DISPUTED, "grade": max(first["grade"], "D")}
        return {**first, **told, "note": f"Sources disagree: {', '.join(names)}."}
    return best


def _gaps(chain: str, address: str, stands: Standing) -> list[Gap]:
    if not stands.rivals:
        return []
    if not stands.service:
        return [
            Gap(
                code="label-conflict",
                subject=f"{chain}:{address}",
                why=f"Labels of one grade name different services: {', '.join(sorted(stands.rivals))}.",
                effect="The trace stops there, as at a service's wallet. Whose it is is not said, and until a "
                "person decides, letters ask no more than that.",
            )
        ]
    return [
        Gap(
            code="label-contradiction",
            subject=f"{chain}:{address}",
            why=" ".join(reason for reason in stands.reasons if any(name in reason for name in stands.rivals)),
            effect=f"It is taken as {stands.service}'s, at grade {stands.grade}.",
        )
    ]
