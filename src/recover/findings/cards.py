"""Cards: what a heuristic's measurement says of each grade, with bounds; of too few trials no rate is said.

A rate is of one grade. Over all grades there are counts alone: which grades a case has is no matter of the card.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from math import isqrt

from recover.case.settings import Settings
from recover.sdk.plugin import Card, HeuristicInfo, Tally

LEAST = 50
"""Of fewer trials a rate says next to nothing: it is printed as not measured."""

Z = Fraction(1959963984540054, 10**15)
"""The normal quantile of a two-sided 95 % interval."""

_SCALE = 10**30


def wilson(right: int, trials: int) -> tuple[str, str]:
    """The Wilson score interval for `right` of `trials`, to three places (E. B. Wilson, JASA 1927)."""
    n, p = Fraction(1, trials), Fraction(right, trials)
    middle, square = p + Z * Z * n * Fraction(1, 2), p * (1 - p) * n + Z * Z * n * n * Fraction(1, 4)
    reach = Z * Fraction(isqrt(int(square * _SCALE * _SCALE)), _SCALE)
    whole = 1 + Z * Z * n
    low, high = ((middle + sign * reach) * Fraction(whole.denominator, whole.numerator) for sign in (-1, 1))
    return _places(max(Fraction(0), low)), _places(min(Fraction(1), high))


def _places(value: Fraction) -> str:
    thousandths = round(value * 1000)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def fit(info: HeuristicInfo, chains: Collection[str], settings: Settings) -> Card | None:
    """The card, if its truth cannot hold addresses of a case on these chains, and the case asks the rule as it was
    asked when it was measured: with its own parameters.
    """
    own = {name: default for name, (default, _) in info.parameters.items()}
    if info.card is None or settings.chosen(info.id, own) != own:
        return None
    return info.card if set(info.card.chains).isdisjoint(chains) else None


def by_grade(card: Card | None) -> tuple[str, ...]:
    """How often what it said was so, grade by grade; empty where nothing was measured."""
    if card is None or card.n is None:
        return ()
    return tuple(f"{_at(one)}: {_told(one)}" for one in card.grades) or ("no answer at any grade: no rate",)


def rate(card: Card | None, grade: str, note: str = "") -> str:
    """How often what it said at this grade was so, by the chain that it was measured on.

    `note` is the assertion's: a grade that was given for a reason which no trial had is not measured.
    """
    if card is None or card.n is None:
        return "not measured"
    mine = [one for one in card.grades if one.grade == grade]
    known = {_plain(reason) for one in mine for reason in one.met}
    if known and any(_plain(reason) not in known for reason in reasons(note)):
        return f"not measured, as it has this grade for a reason that no trial had{_met(mine[0])}"
    told = [_told(one) + (f" (on {one.chain})" if one.chain else "") for one in mine]
    return " and ".join(told) or "not measured, as none of its answers had this grade"


def reasons(note: str) -> tuple[str, ...]:
    """Why a grade is no better, as an assertion's note says it: each sentence after the first."""
    return tuple(part.rstrip(".") + "." for part in note.split(". ")[1:])


def _plain(reason: str) -> str:
    return re.sub(r"\d+", "#", reason)


def counts(card: Card | None) -> str:
    """What there was, and what it did not say, over all grades; what was not measured among them said so."""
    if card is None or card.n is None:
        return ""
    four = (
        ("true positive", card.tp),
        ("false positive", card.fp),
        ("true negative", card.tn),
        ("false negative", card.fn),
    )
    parts = [f"n {card.n}", *(f"{name} {'not measured' if value is None else value}" for name, value in four)]
    # A wrong answer where there was a right one is counted as both: the four are then more than the trials.
    if None not in (card.fp, card.tn, card.fn) and (twice := sum(value or 0 for _, value in four) - card.n) > 0:
        parts[-1] += f" ({twice} of them false positives too)"
    if card.abstain is not None:
        silent = None not in (card.tn, card.fn) and card.abstain == (card.tn or 0) + (card.fn or 0)
        parts.append(f"abstained {card.abstain}" + (" (the true and false negatives)" if silent else ""))
    return "over all grades: " + ", ".join(parts)


def found(card: Card | None) -> str:
    """How much it finds: a share of what was played or listed, which no chance chose, so without bounds."""
    if card is None or card.tp is None or card.fn is None or not card.tp + card.fn:
        return ""
    return f"found of what there is, at any grade: {card.tp} of {card.tp + card.fn}"


def _at(one: Tally) -> str:
    return f"grade {one.grade} on {one.chain}" if one.chain else f"grade {one.grade}"


def _told(one: Tally) -> str:
    rest = f"unknown {one.unknown}{_met(one)}"
    if one.n is None:
        return f"not measured, right {one.right}, wrong not measured, {rest}"
    if one.n < LEAST:
        return f"not measured, right {one.right}, wrong {one.wrong}, {rest}"
    low, high = wilson(one.right, one.n)
    return f"right {one.right} of {one.n}, {_places(Fraction(one.right, one.n))}, from {low} to {high}, {rest}"


def _met(one: Tally) -> str:
    return f", given there for: {' '.join(one.met)}" if one.met else ""
