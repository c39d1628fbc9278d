"""Openings: where no exhibit shows what an address held before the movements that it shows, or not all of these.

The least that these need is counted as the holder's own. With more of it, or with what is missing, rules that
agree can differ, so that what is said of every rule is said of the movements shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover.report import figures, lacks
from recover.report.texts import Texts
from recover.sdk import View
from recover.trails.inpart import PARTIAL, mixes
from recover.trails.unread import HELD, LATE, OPENING


def said(view: View, t: Texts, asset: str | None = None) -> str:
    """What a sentence on every rule says of them, of one asset or of any; empty where none is open."""
    found = unknown(view)
    return t.say("order.opening") if (found if asset is None else asset in found) else ""


@figures.settled
def unknown(view: View) -> frozenset[str]:
    """The assets that traced value was paid on in, out of addresses of which it is open what they held before, or
    that came to one of which not every movement is here though it is followed there."""
    return frozenset(asset for _, asset in short(view) | partial(view) | late(view))


@figures.settled
def short(view: View) -> frozenset[tuple[str, str]]:
    """The addresses, by asset, that traced value met under a rule, and that paid more than had come in."""
    return frozenset(_told(view, OPENING, HELD))


@figures.settled
def partial(view: View) -> frozenset[tuple[str, str]]:
    """The addresses of losses, by asset, of which not every movement is here: value is followed there."""
    return frozenset(_told(view, PARTIAL))


@figures.settled
def late(view: View) -> frozenset[tuple[str, str]]:
    """The addresses, by asset, that paid traced value on, and whose history is here only from a moment on."""
    return frozenset(_told(view, LATE))


@figures.settled
def mixed(view: View) -> frozenset[tuple[str, str]]:
    """Those of them at which balances mix: that nothing of a loss is left there, no exhibit tells."""
    return frozenset((row["subject"], asset) for row, asset, _ in lacks.affected(view, PARTIAL) if mixes(row))


def _told(view: View, *codes: str) -> Iterator[tuple[str, str]]:
    return ((row["subject"], asset) for row, asset, _ in lacks.affected(view, *codes))
