"""The limits that matter most, by the value that they concern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recover.linking.labels import POSSIBLE
from recover.report import answer, figures, inflows, limitations
from recover.report.texts import Texts
from recover.sdk import View

OPEN = "history-not-collected"
"""The code of the gap of value that is not followed: its sum stands for all of them."""

_FINE = 10**30

MAIN = 3
"""So many limits stand on the first pages; R14 has every one."""


def _tied(view: View) -> frozenset[tuple[str, str, str]]:
    """The addresses of which an accepted label of grade A or B names a service, each with its chain and that.

    Where a row of one has a weaker grade all the same, something else speaks against the label.
    """
    if "labels" not in view.tables:
        return frozenset()
    rows = view.tables["labels"]().select(["chain", "address", "service", "grade", "role"]).to_pylist()
    return frozenset(
        (row["chain"], row["address"], row["service"])
        for row in rows
        if row["service"] and row["grade"] in ("A", "B") and row["role"] != POSSIBLE
    )


def limits(view: View, t: Texts) -> Iterator[tuple[int, str]]:
    """(share of what began, sentence) of what limits all figures, the names, the sums, and what is open."""
    for asset_id, whole in [*answer.began(view).items()][: answer.SHOWN]:
        asset = figures.asset(view, asset_id)
        for key, amount, more in limiting(view, asset_id, whole):
            slots = {"amount": t.units(amount, asset), "rule": view.case.rule, **_worded(t, more)}
            yield amount * _FINE // whole, t.say(f"limits.first_{key}", **slots)


def _worded(t: Texts, more: Sequence[str]) -> dict[str, str]:
    grades = [t.grade(g) for g in more if g in "ABCDE"]
    return {"grades": t.joined(grades), "count": next((n for n in more if n not in "ABCDE"), "")}


def limiting(view: View, asset_id: str, whole: int) -> Iterator[tuple[str, int, Sequence[str]]]:
    """(which limit, how much depends on it, its counts or grades) in one asset."""
    aside = {one.number for one in view.set_aside}
    used = [e for e in view.exhibits if e.number not in aside]
    unsaid = [e for e in used if not (e.by or e.origin or e.obtained)]
    if unsaid:
        yield ("unsaid_all" if len(unsaid) == len(used) else "unsaid"), whole, [f"{len(unsaid):,}"]
    weak = [r for r in view.offramps if r.service and r.asset == asset_id and r.amount and r.grade not in "AB"]
    tied = _tied(view) if weak else frozenset()
    for key, against in (("names", False), ("names_against", True)):
        named = [r for r in weak if ((*figures.spot(r), r.service) in tied) is against]
        if named:
            yield key, sum(r.amount for r in named), sorted({r.grade for r in named})
    for one in (one for one in inflows.sums(view) if one.asset == asset_id and one.twice):
        yield "back", one.twice, []
    at = [
        rest
        for rest in figures.stood(view)
        if (rest.reason, rest.asset) == ("uncollected", asset_id) and rest.amount
    ]
    if at:
        yield "open", sum(rest.amount for rest in at), [f"{len({rest.address for rest in at}):,}"]


def elected(view: View, declared: bool) -> Mapping[str, str] | None:
    """The rule that has elections of a claimant: the declared one, or one beside it."""
    return next(
        (r for r in view.rules if r.get("elections") and (r.get("id") == view.case.rule) is declared), None
    )


def weighed(view: View) -> list[limitations.Limit]:
    """The gaps by code that may stand there; where value was left unfollowed is said as one sum."""
    first = limitations.ranked(view)[: 2 * MAIN]
    return [one for one in first if one.gap.code != OPEN or not one.gap.share]
