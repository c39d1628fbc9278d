"""What enters a meeting: addresses of a case by kind and grade. A victim's never does, nor a forced person's."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings import stored
from recover.plugins.registry import Plugins
from recover.prevention import indicators
from recover.prevention.exempt import SERVICE, Withheld, key
from recover.recognise.names import here, recognise
from recover.sdk.errors import Error
from recover.sdk.plugin import GRADES
from recover.sdk.values import Address

KINDS = ("loss", "endpoint", "hop", "indicator")
_ENDS = frozenset({"off-ramp", "at-rest", "not-seen-leaving", "frozen", "freezable"})


def items(
    case: Case, plugins: Plugins, withheld: Withheld, kinds: Collection[str], grade: str
) -> dict[str, tuple[str, str]]:
    """By what is hashed, (chain, address): where losses began, where traced value is or was credited, what it
    passed, and indicators.

    With a grade, only what has it or a better one; where value rests, and what it passed, has none. An address of
    one key on chains of a kind is one item. Raises Error for another word.
    """
    for word, known, what in (*((one, KINDS, "kind") for one in kinds), (grade or "A", GRADES, "grade")):
        if word not in known:
            raise Error(
                "meeting-scope", f"There is no {what} {word!r}.", f"It has {', '.join(known)}.", "Name one."
            )
    found: dict[str, tuple[str, str]] = {}
    for chain, text, graded, passed in _all(case, plugins, kinds):
        why = withheld.why(chain, text)
        # A service's own wallet is on every trace; where value was credited there, both sides may want to know.
        stays = why and (passed or not why.startswith(SERVICE))
        if not stays and (not grade or (graded and graded <= grade)):
            found.setdefault(":".join(key(chain, text)), (chain, text))
    return dict(sorted(found.items()))


def _all(case: Case, plugins: Plugins, kinds: Collection[str]) -> Iterator[tuple[str, str, str, bool]]:
    """(chain, address, grade, whether value only passed it)."""
    if "loss" in kinds:
        yield from ((loss.chain, loss.address, "", False) for loss in case.settings.losses if loss.address)
    if "endpoint" in kinds:
        near = here(case)
        for finding in stored.findings(case):
            if finding.kind in _ENDS:
                _, place = recognise(plugins, finding.subject, near)
                if isinstance(place, Address):
                    yield place.chain, place.text, finding.grade, False
    if "hop" in kinds:
        moved = derived.read(case, "transfers", ["chain", "src", "dst"])
        flows = derived.read(case, "flows", ["seq", "event"])
        rows = moved.take(flows.filter(pc.not_equal(flows["event"], "end"))["seq"]).to_pylist()
        yield from sorted(
            {(row["chain"], one, "", True) for row in rows for one in (row["src"], row["dst"]) if one}
        )
    if "indicator" in kinds:
        for one in indicators.standing(case).values():
            if one.type == "address":
                yield one.chain, one.value, one.grade, False
