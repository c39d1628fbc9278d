"""What a letter's matter is like: the tests that the conditions of its sentences are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recover.letters import found, screened, ways, words
from recover.letters.gates import OFFICIAL, VOLUNTARY
from recover.letters.matter import Matter
from recover.letters.reporting import PRINTED, remaining
from recover.report import declared, inflows, simultaneous, unsettled
from recover.report.figures import Total, direct, through
from recover.sdk import OffRamp

Holds = Callable[[Matter], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """One sentence of letters: its key, the part that says it (empty: the head), and when it is true."""

    key: str
    part: str
    when: str
    holds: Holds

    def true(self, m: Matter) -> bool:
        """Whether the letter is to say it: its kind has the part, and the condition holds."""
        # One that follows another states no figure, and so no rule.
        if self.key.startswith("declared.") and not m.traced:
            return False
        return (not self.part or self.part in m.kind.parts) and self.holds(m)


def totals(m: Matter) -> list[Total]:
    """The letter's own sums, one for each service and asset that it is about."""
    return [m.total(service, asset) for service, asset in dict.fromkeys((r.service, r.asset) for r in m.ramps)]


def _own(r: OffRamp) -> bool:
    return r.stops


def _row(test: Callable[[OffRamp], bool]) -> Holds:
    return lambda m: any(test(r) for r in m.ramps)


def _total(test: Callable[[Total], bool]) -> Holds:
    return lambda m: any(test(total) for total in totals(m))


def _alike(m: Matter) -> Iterator[Total]:
    """The sums that every rule gives alike, and that no contradiction can move."""
    return (x for x in totals(m) if x.least[1] == x.most[1] and not unsettled.rows(m.view, x.ruled))


def _single(total: Total) -> bool:
    return _paying(total) and not _several(total)


def _alone(total: Total) -> bool:
    return _single(total) and not _both(total)


def _one_of(total: Total) -> bool:
    """One address pays the service, and value reached it otherwise too."""
    return _single(total) and _both(total)


def _several(total: Total) -> bool:
    return _paying(total) and (_places(total) > 1 or _direct(total))


def _paying(total: Total) -> bool:
    """Whether an address that pays the service stands in the letter, whatever went by it."""
    return not all(_own(r) for r in total.rows)


def _direct(total: Total) -> bool:
    return direct(total.rows)


def _through(total: Total) -> bool:
    return through(total.rows)


def _both(total: Total) -> bool:
    return not _direct(total) and not _through(total)


def _remains(test: Callable[[str], bool]) -> Holds:
    """Some value that went to no service stands somewhere for such a reason, in the rows that are printed."""
    return lambda m: any(test(why) for _, _, why, _ in remaining(m)[:PRINTED])


def _to(hub: bool, test: Callable[[Total], bool]) -> Holds:
    """Some sum of a service, or of what no list names, is so."""
    return _total(lambda total: (not total.service) is hub and test(total))


def _unfollowed(met: bool, own: bool = True) -> Holds:
    """Of some row value is not followed, and exhibits disagree on what left there, or on what left none. `own`:
    a wallet of the addressee itself counts."""

    def holds(m: Matter) -> bool:
        rows = [r for r in m.ramps if own or not _own(r)]
        return any(r.unfollowed for r in rows) and bool(found.disputed(m, m.ramps)) is met

    return holds


def _places(total: Total) -> int:
    """At how many addresses value came in, those at which the trace stops left out."""
    return len({r.place for r in total.rows if r.credited and not _own(r)})


def _services(m: Matter) -> set[str]:
    return {r.service for r in m.ramps if r.service}


def _came(m: Matter, twice: bool) -> bool:
    """Whether inflow of one asset came from a service of the letter, and may be the same value twice."""
    for service in _services(m):
        mine: dict[str, list[int]] = {}
        for row in _origins(m, service):
            if (row["kind"], row["name"]) == ("service", service):
                held = mine.setdefault(row["asset"], [0, 0])
                held[0] += int(row["amount"])
                held[1] += int(row["twice"])
        if any(came and bool(again) is twice for came, again in mine.values()):
            return True
    return False


def _back(m: Matter) -> bool:
    """Whether inflow from elsewhere than a service of the letter may be the same value twice."""
    return any(
        int(row["twice"])
        and (row["kind"], row["name"]) != ("service", service)
        and any(r.asset == row["asset"] for r in m.at(service))
        for service in _services(m)
        for row in _origins(m, service)
    )


def _origins(m: Matter, service: str) -> Sequence[Mapping[str, Any]]:
    reached = m.reached(m.at(service))
    return [row for row in inflows.told(m.view) if row["loss"] in reached]


def _withdrawn(several: bool) -> Holds:
    def holds(m: Matter) -> bool:
        for service in _services(m):
            passed = m.ways.passed(m.reached(m.at(service)))
            count = len({f.subject for f in inflows.paid_back(m.view, service, passed)})
            if count and (count > 1) is several:
                return True
        return False

    return holds


def _began(m: Matter) -> bool:
    """Whether a payment of a service of the letter, to where value of its losses had been, began one of them."""
    for service in _services(m):
        reached = m.reached(m.at(service))
        if inflows.declared(m.view, inflows.paid_back(m.view, service, m.ways.passed(reached)), reached):
            return True
    return False


def _figures(m: Matter) -> bool:
    """Whether the letter speaks of the trace: one that follows another, or asks about what no trace reached,
    states no figure and no rule."""
    return m.traced


def _varied(key: str) -> Holds:
    def holds(m: Matter) -> bool:
        named = bool(m.choice.losses)
        return any(key in simultaneous.keys(m.view, x.asset, x.amount, x.ruled, named) for x in totals(m))

    return holds


def _way(m: Matter) -> bool:
    return any(one.way(m)[1] for one in ways.ends(m))


def _no_way(m: Matter) -> bool:
    """Whether value of a loss came to the addressee, and no way is worked out for any of it; of what is held back
    none is said to be missing."""
    return any(one.amount for one in ways.ends(m)) and not _way(m) and not screened.partly(m.view)


def _balance(stated: bool) -> Holds:
    return lambda m: any(isinstance(f.slots.get("balance"), int) is stated for f in m.holdings)


def _by_hand(m: Matter) -> bool:
    return words.by_hand(m)


def _seen(m: Matter) -> bool:
    return m.view.declaration is not None and m.view.declaration.seen


def _changes(m: Matter) -> set[str]:
    changes = m.view.declaration.changes if m.view.declaration else ()
    return {word for change in changes for word in change.what} - {"rule"}


def _former(m: Matter) -> bool:
    return bool(m.view.declaration and m.view.declaration.ruled)


def _left(m: Matter) -> bool:
    made = m.view.declaration
    return made is not None and any(declared.compared(made, turn) for turn in made.ruled)


def _dropped(m: Matter) -> bool:
    return bool(m.view.declaration and m.view.declaration.dropped)


def _altered(m: Matter) -> bool:
    return bool(m.view.declaration and m.view.declaration.altered)


def _cites(m: Matter) -> bool:
    numbers = {n for r in m.ramps for n in r.exhibits} | {int(r.exhibit) for r in m.rows if r.exhibit}
    return bool(numbers or any(f.exhibits for f in m.holdings) or any(p.exhibits for p in m.crossings))


def _voluntary(official: bool) -> Holds:
    def holds(m: Matter) -> bool:
        state = m.choice.role in OFFICIAL and m.kind.asks in ("preserve", "freeze")
        return m.basis.force == "voluntary" and state is official

    return holds


def _unchecked(m: Matter) -> bool:
    return m.basis.id != VOLUNTARY and not m.basis.checked


def _lawless(issued: bool) -> Holds:
    return lambda m: m.basis.id == VOLUNTARY and (m.issued is not None) is issued


def _paid(m: Matter) -> bool:
    return any(r.direction == "in" for r in m.rows)
