"""The sentences of what a person chose, and of what no exhibit shows by that choice, each with its condition."""

from __future__ import annotations

from recover.report import declared, disputes, figures, unsettled
from recover.report.claimed import Holds, Sentence
from recover.sdk import View
from recover.sdk.view import Ruled

DECLARED: tuple[Sentence, ...] = (
    Sentence(
        "declared.before",
        "no result existed when the rule was declared",
        lambda v: bool(v.declaration) and not _seen(v),
    ),
    Sentence("declared.after", "results existed when the rule was declared", lambda v: _seen(v)),
    Sentence("declared.changed", "results existed under another rule", lambda v: bool(_ruled(v))),
    Sentence(
        "declared.changed_figures",
        "and that is not the declared one again",
        lambda v: any(v.declaration and declared.compared(v.declaration, turn) for turn in _ruled(v)),
    ),
    Sentence(
        "declared.dropped",
        "a loss with which results were made was taken back",
        lambda v: bool(v.declaration and v.declaration.dropped),
    ),
    Sentence(
        "declared.altered",
        "a loss with which results were made was changed",
        lambda v: bool(v.declaration and v.declaration.altered),
    ),
    Sentence(
        "declared.annex_before",
        "what services had without a change was worked out",
        lambda v: bool(figures.of_kind(v, "before-change")),
    ),
    Sentence("declared.annex_unworked", "of some changes it was not", lambda v: bool(declared.unworked(v))),
    Sentence("declared.others", "something else was changed after results", lambda v: bool(_others(v))),
)
"""Those of the rule, the losses and other choices."""


def _seen(view: View) -> bool:
    return view.declaration is not None and view.declaration.seen


def _ruled(view: View) -> tuple[Ruled, ...]:
    return view.declaration.ruled if view.declaration else ()


def _others(view: View) -> set[str]:
    changes = view.declaration.changes if view.declaration else ()
    return {word for change in changes for word in change.what} - {"rule"}


def _nothing(relied: bool) -> Holds:
    return lambda view: disputes.none(view) and unsettled.relied(view) is relied


def _standing(word: str, relied: bool | None = None) -> Holds:
    def holds(view: View) -> bool:
        if relied is not None and unsettled.relied(view) is not relied:
            return False
        unswept = {(r.through, r.asset) for r in view.offramps if r.resting}
        resting = figures.of_kind(view, *figures.RESTING)
        said = {(f.subject, f.slots.get("asset")): f.slots.get("standing") for f in resting}
        places = {(rest.address, rest.asset) for rest in figures.rests(view) if rest.reason == "rest"}
        return any((said.get(place) or "seen") == word for place in places - unswept - figures.homes(view))

    return holds


LEFT: tuple[Sentence, ...] = (
    Sentence("summary.nothing", "no service and no hub has a row", _nothing(False)),
    Sentence("summary.nothing_relied", "the same, where a person left exhibits out", _nothing(True)),
    Sentence("conclusions.none", "no service and no hub has a row", _nothing(False)),
    Sentence("conclusions.none_relied", "the same, where a person left exhibits out", _nothing(True)),
    Sentence("reason.seen", "value was last seen where no end is stated", _standing("seen", False)),
    Sentence("reason.seen_relied", "the same, where a person left exhibits out", _standing("seen", True)),
    Sentence("reason.partial", "value was last seen in a history that is not whole", _standing("partial")),
    Sentence("reason.short", "more was paid out where it was last seen than had come in", _standing("short")),
    Sentence("reason.feeless", "no exhibit shows the fees that were paid there", _standing("feeless")),
    Sentence("reason.disputed", "exhibits contradict each other about what left", _standing("disputed")),
    Sentence("reason.whole", "value is at rest in a history claimed whole", _standing("whole")),
    Sentence("reason.held", "a balance is stated where value was left", _standing("held")),
    Sentence("reason.less", "a balance states less than was left there", _standing("less")),
    Sentence("reason.answered", "a balance is stated without its block", _standing("answered")),
)
"""Those of value that reached nobody, or that no exhibit shows leaving."""
