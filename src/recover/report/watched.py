"""What to do now where no service and no issuer is asked: value that rests or went into a mix, and lost losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recover.report import figures, lacks
from recover.report.claimed import Holds, Sentence
from recover.report.texts import Texts
from recover.sdk import Finding, View
from recover.sdk.outside import visible

_KINDS = {
    "whole": "watch",
    "held": "watch",
    "seen": "later",
    "partial": "later",
    "feeless": "later",
    "less": "lacking",
    "short": "lacking",
}
"""By what is known of a place's history, which act follows; a contradiction is to be settled first."""


def places(view: View) -> Mapping[tuple[str, str], list[Finding]]:
    """By act and asset, the places it is about, the one with most first."""
    # An issuer is asked about what it can stop; who pays a service stands in the letter to it.
    asked: set[tuple[str, object]] = {
        (f.subject, f.slots.get("asset")) for f in figures.of_kind(view, "freezable")
    }
    asked |= {(r.address, r.asset) for r in view.offramps} | set(figures.homes(view))
    found: dict[tuple[str, str], list[Finding]] = {}
    for f in figures.of_kind(view, *figures.RESTING):
        act, asset = _KINDS.get(str(f.slots.get("standing"))), str(f.slots.get("asset"))
        # What moved on by what a balance states is sought, whoever could stop it where it no longer is.
        if act and figures.number(f, "amount") and (act == "lacking" or (f.subject, asset) not in asked):
            found.setdefault((act, asset), []).append(f)
    return {key: sorted(of, key=lambda f: (-figures.number(f, "amount"), f.subject)) for key, of in found.items()}


MIXED = "mixer"
FAILED = "loss-failed"
LOST = ("loss-not-found", "loss-empty")
"""Codes of gaps of losses that began with nothing, as nothing of them is in the exhibits."""


def mixed(view: View) -> Mapping[str, tuple[int, frozenset[str]]]:
    """By asset, what of traced value stopped at mixers and in mixes, and at how many of them."""
    found: dict[str, tuple[int, frozenset[str]]] = {}
    for rest in figures.stood(view):
        if rest.reason == MIXED and rest.amount:
            amount, at = found.get(rest.asset, (0, frozenset()))
            found[rest.asset] = amount + rest.amount, at | {rest.address}
    return found


def lost(view: View, *codes: str) -> Sequence[str]:
    """The places of losses of which the exhibits show nothing, or that have a gap of one of these codes."""
    return [subject for gap in lacks.gaps(view) if gap.code in (codes or LOST) for subject in gap.subjects]


def _some(act: str) -> Holds:
    return lambda view: any(act == key for key, _ in places(view))


SENTENCES = (
    Sentence("summary.act_watch", "value is at rest where nobody is asked about it", _some("watch")),
    Sentence("summary.act_later", "or is not shown leaving, and the history may be longer", _some("later")),
    Sentence("summary.act_lacking", "or a balance or the history shows that some left", _some("lacking")),
    Sentence("summary.act_mixed", "value went into a mixer or a mix", lambda v: bool(mixed(v))),
    Sentence("summary.act_lost", "of a loss the exhibits show nothing", lambda v: bool(lost(v))),
    Sentence("summary.act_failed", "the payment of a loss failed", lambda v: bool(lost(v, FAILED))),
)


def actions(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act), one of a kind for all places of an asset."""
    for (act, asset_id), found in places(view).items():
        amount = sum(figures.number(f, "amount") for f in found)
        where = visible(found[0].subject)
        if len(found) > 1:
            count = figures.counted(t, "summary.endpoints", len(found))
            where = t.say("summary.most", addresses=count, address=where)
        slots = {"addresses": where, "amount": t.units(amount, figures.asset(view, asset_id))}
        yield asset_id, amount, t.say(f"summary.act_{act}", **slots)
    for asset_id, (amount, at) in mixed(view).items():
        said = figures.counted(t, "summary.mixes", len(at))
        worth = t.units(amount, figures.asset(view, asset_id))
        yield asset_id, amount, t.say("summary.act_mixed", mixes=said, amount=worth)


def first(view: View, t: Texts) -> Iterator[str]:
    """What goes before every other act, as without it nothing is traced."""
    if at := lost(view):
        yield t.say("summary.act_lost", places=_places(at, t))
    if at := lost(view, FAILED):
        yield t.say("summary.act_failed", places=_places(at, t))


def _places(at: Sequence[str], t: Texts) -> str:
    more = t.say("summary.places_more", count=f"{len(at) - _NAMED:,}") if len(at) > _NAMED else ""
    return t.joined(visible(one, 90) for one in at[:_NAMED]) + more


_NAMED = 2
"""So many places an act names."""
