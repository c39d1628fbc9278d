"""Sequences: whether the order of movements of one moment decides what a service gets, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from recover.report import figures, simultaneous, unnamed
from recover.report.claimed import Sentence
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible


def hanging(view: View) -> dict[str, list[tuple[figures.Total, int]]]:
    """By asset, the sums that another sequence of those tried moves under the declared rule, with how far."""
    found: dict[str, list[tuple[figures.Total, int]]] = {}
    for total in figures.totals(view):
        low, high = simultaneous.bounds(total.amount, total.ruled)
        if low != high:
            found.setdefault(total.asset, []).append((total, high - low))
    return found


def actions(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, how much hangs on it, act) to obtain the order of such movements."""
    for asset_id, found in hanging(view).items():
        names = (
            visible(x.name, 80) if x.service else unnamed.hub(view, t, x.rows, "summary.hubs") for x, _ in found
        )
        slots = {"services": t.joined(names), "symbol": visible(figures.asset(view, asset_id).symbol, 24)}
        yield asset_id, max(wide for _, wide in found), t.say("summary.act_sequence", rule=view.case.rule, **slots)


def otherwise(view: View, t: Texts, total: figures.Total) -> str:
    """In what else the declared rule, which gives a sum zero here, gives it something; empty where in nothing."""
    return t.joined(
        t.say(f"answer.{key}", rule=view.case.rule)
        for key, parts in (("in_sequence", False), ("with_part", True))
        if simultaneous.bounds(total.amount, total.ruled, parts=parts)[1]
    )


def also(total: figures.Total) -> bool:
    """Whether the declared rule gives a sum something in another sequence, or with another part of a payment."""
    return any(simultaneous.bounds(total.amount, total.ruled, parts=parts)[1] for parts in (False, True))


SENTENCES = (
    Sentence(
        "summary.act_sequence",
        "what a service gets under the declared rule hangs on the sequence of movements of one moment",
        lambda v: bool(hanging(v)),
    ),
)
