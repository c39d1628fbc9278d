"""The sentences of what was declared, and of what was changed after results, each with its condition."""

from __future__ import annotations

from recover.report import declared, figures
from recover.report.claimed import Sentence
from recover.sdk import View

DECLARED: tuple[Sentence, ...] = (
    Sentence(
        "declared.before",
        "no result existed when the rule was declared",
        lambda v: bool(v.declaration) and not _seen(v),
    ),
    Sentence("declared.after", "results existed when the rule was declared", lambda v: _seen(v)),
    Sentence("declared.changed", "results existed under another rule", lambda v: bool(_former(v))),
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


def _former(view: View) -> tuple[str, ...]:
    return view.declaration.former if view.declaration else ()


def _others(view: View) -> set[str]:
    changes = view.declaration.changes if view.declaration else ()
    return {word for change in changes for word in change.what} - {"rule"}
