"""Ranges: what ended at each place under each rule that may back a claim, and how far the rules are apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from recover.case import Case, derived
from recover.sdk.ends import by_rule
from recover.tracing.rules import RULES
from recover.trails import unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One place, all losses together, in base units; `by_rule` stands in the order of the rules. `open`: whether
    all of this is of the movements shown, since more was held before, or moved, than exhibits show."""

    asset: str
    address: str
    reason: str
    declared: str
    declared_amount: int
    by_rule: Mapping[str, int]
    least: int
    most: int
    agree: bool
    open: bool
    zero_under: tuple[str, ...]


def ranges(case: Case) -> list[Range]:
    """Every place at which value ended, the widest range first, then the largest.

    Only rules that may back a claim are compared: exposure counts the same value many times.
    """
    held = by_rule(derived.read(case, "ends"), {id for id, rule in RULES.items() if rule.claim})
    # A rule that ran and gives a place nothing has no row there. That zero is the figure a court must see, so it
    # is filled in; a rule that did not run has none.
    ran = [id for id in RULES if any(id in figures for figures in held.values())]
    open_ = unread.unknown(case, {asset for asset, _, _ in held})
    found = [
        _range(place, {id: held[place].get(id, 0) for id in ran}, case.settings.rule, open_) for place in held
    ]
    return sorted(found, key=lambda r: (r.asset, r.least - r.most, -r.most, r.address, r.reason))


def _range(
    place: tuple[str, str, str], figures: Mapping[str, int], declared: str, open_: Collection[str]
) -> Range:
    asset, address, reason = place
    least, most = min(figures.values()), max(figures.values())
    return Range(
        asset=asset,
        address=address,
        reason=reason,
        declared=declared,
        declared_amount=figures.get(declared, 0),
        by_rule=figures,
        least=least,
        most=most,
        agree=least == most,
        open=asset in open_,
        # In D'Aloia v Persons Unknown [2024] EWHC 2342 (Ch) the claim failed because it was not shown that any of
        # the value reached the wallet.
        zero_under=tuple(id for id, amount in figures.items() if not amount),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One place under the declared rule and under another, in base units."""

    asset: str
    reason: str
    address: str
    declared_amount: int
    amount: int


def pairs(case: Case, rule: str) -> list[Pair]:
    """Every place at which value ended under either rule, by asset and reason, the largest first."""
    declared = case.settings.rule
    held = by_rule(derived.read(case, "ends"), {declared, rule})
    found = [
        Pair(
            asset=asset,
            reason=reason,
            address=address,
            declared_amount=figures.get(declared, 0),
            amount=figures.get(rule, 0),
        )
        for (asset, address, reason), figures in held.items()
    ]
    return sorted(found, key=lambda p: (p.asset, p.reason, -p.declared_amount, p.address))
