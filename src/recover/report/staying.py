"""What no exhibit shows leaving, on the first pages: where it is, and what is said where it is none, or dust.

Each place is one of the declared rule; whether another rule leaves more is said with them.
"""

from __future__ import annotations

from collections.abc import Mapping

from recover.report import answer, disputes, figures, ranged
from recover.report.claimed import Holds, Sentence
from recover.sdk import Finding, View

STILL = 4
"""So many places at which value was left stand on the first pages."""


def left_there(view: View) -> list[Finding]:
    """What no exhibit shows leaving: where exhibits disagree on it, they show it. What came back stands apart."""
    found = (f for f in figures.of_kind(view, *figures.RESTING) if figures.number(f, "amount"))
    home = figures.homes(view)
    open_ = (f for f in found if f.slots.get("standing") != "disputed")
    return [f for f in open_ if (f.subject, f.slots.get("asset")) not in home]


def large(view: View) -> list[Finding]:
    return [f for f in left_there(view) if not dust(view, str(f.slots.get("asset")), figures.number(f, "amount"))]


def dust(view: View, asset_id: str, amount: int) -> bool:
    """Whether an amount is no larger than the dust threshold of the case."""
    return amount * 1_000_000 // max(answer.began(view).get(asset_id, 0), 1) <= view.case.dust


def small(view: View) -> str:
    """What is said where only dust is left: whether another rule leaves more at a place."""
    more = any(not dust(view, asset_id, n) for asset_id, n in otherwise(view).items())
    return f"summary.still_small{'' if more else '_any'}"


def _folded(key: str) -> Holds:
    return lambda v: bool(left_there(v)) and not large(v) and small(v) == key


def _unlisted(view: View) -> bool:
    return len(left_there(view)) > min(len(large(view)), STILL)


def still(view: View) -> str:
    """What is said where nothing is left that no exhibit shows leaving."""
    key = "disputed" if disputes.ranked(view) else "home" if figures.homes(view) else "none"
    return f"summary.still_{key}{'' if any(otherwise(view).values()) else '_any'}"


@figures.settled
def otherwise(view: View) -> Mapping[str, int]:
    """By asset, the most that a rule which may back a claim leaves at one place, the declared one among them: but
    where exhibits disagree on what left, and of a loss that came back to where it was paid from."""
    home = {
        (str(f.slots.get("asset")), f.subject, loss)
        for f in figures.of_kind(view, figures.RETURNED)
        for loss in _names(f.slots.get("losses"))
    }
    found: dict[str, int] = {}
    for (asset_id, address, why), by_loss in ranged.ended(view).items():
        if why != "rest" or (address, asset_id) in disputes.places(view):
            continue
        sums: dict[str, int] = {}
        for loss, by_rule in by_loss.items():
            for rule, amount in by_rule.items() if (asset_id, address, loss) not in home else ():
                sums[rule] = sums.get(rule, 0) + amount
        found[asset_id] = max([found.get(asset_id, 0), *sums.values()])
    return found


def _names(slot: object) -> tuple[str, ...]:
    return tuple(map(str, slot)) if isinstance(slot, tuple) else ()


def _none(key: str) -> Holds:
    return lambda view: not left_there(view) and still(view) == f"summary.{key}"


SENTENCES = (
    Sentence("summary.still_none", "nothing is left there, but under another rule some is", _none("still_none")),
    Sentence("summary.still_none_any", "nothing is, under any rule", _none("still_none_any")),
    Sentence("summary.still_home", "only what came back to where a loss was paid from is", _none("still_home")),
    Sentence("summary.still_home_any", "and no more under any other rule", _none("still_home_any")),
    Sentence("summary.still_disputed", "only such of which exhibits disagree", _none("still_disputed")),
    Sentence("summary.still_disputed_any", "and no more by any rule", _none("still_disputed_any")),
    Sentence("summary.still_small", "only dust is, and more under another rule", _folded("summary.still_small")),
    Sentence("summary.still_small_any", "only dust, under any", _folded("summary.still_small_any")),
    Sentence("summary.still_more", "more is left than page 1 lists", lambda v: bool(large(v)) and _unlisted(v)),
)
"""The sentences of the section, but for its places, which are findings."""
