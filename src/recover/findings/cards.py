"""Cards: what a heuristic's measurement says, with bounds; of too few trials nothing is said."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from math import isqrt

from recover.sdk.plugin import Card

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


def fit(card: Card | None, chains: Collection[str]) -> Card | None:
    """The card, if its truth cannot hold addresses of a case on these chains."""
    return None if card is None or card.chain in chains else card


def counts(card: Card | None) -> str:
    """All four counts, what was not measured among them said so; empty where there were fewer than `LEAST`."""
    if card is None or card.n is None or card.n < LEAST:
        return ""
    four = (
        ("true positive", card.tp),
        ("false positive", card.fp),
        ("true negative", card.tn),
        ("false negative", card.fn),
    )
    parts = [f"n {card.n}", *(f"{name} {'not measured' if value is None else value}" for name, value in four)]
    if card.abstain is not None:
        silent = None not in (card.tn, card.fn) and card.abstain == (card.tn or 0) + (card.fn or 0)
        parts.append(f"abstained {card.abstain}" + (" (the true and false negatives)" if silent else ""))
    return ", ".join(parts)


def bounds(card: Card | None) -> str:
    """How often it is right where it speaks, and how much it finds, each as a 95 % interval; else empty."""
    if not counts(card) or card is None or card.tp is None:
        return ""
    parts = []
    if card.fp is not None and card.tp + card.fp:
        parts.append(_rate("right where it speaks", card.tp, card.tp + card.fp))
    if card.fn is not None and card.tp + card.fn:
        parts.append(_rate("found of what there is", card.tp, card.tp + card.fn))
    return "; ".join(parts)


def _rate(what: str, right: int, trials: int) -> str:
    if trials < LEAST:
        return f"{what}: not measured, of {trials} trials"
    low, high = wilson(right, trials)
    return f"{what}: {right} of {trials}, {_places(Fraction(right, trials))}, from {low} to {high}"
