"""The sentences of letters, each with the condition under which it is true, for every kind of letter.

The words are the templates', by key and language. The condition speaks of the letter's own matter: the same
sentence is true in a letter to one service and false in that to another. A test holds every kind to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recover.letters.gates import VOLUNTARY
from recover.letters.matter import Matter
from recover.letters.words import OFFICIAL
from recover.report import figures, inflows, ranged, simultaneous, unsettled
from recover.report.figures import Total
from recover.sdk import OffRamp
from recover.sdk.ends import passed_within

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
    keys = dict.fromkeys((r.service, r.asset) for r in m.ramps)
    return [
        figures.total(m.view, service, asset, [r for r in m.ramps if (r.service, r.asset) == (service, asset)])
        for service, asset in keys
    ]


def _own(r: OffRamp) -> bool:
    return r.through in r.hot_wallets


def _row(test: Callable[[OffRamp], bool]) -> Holds:
    return lambda m: any(test(r) for r in m.ramps)


def _total(test: Callable[[Total], bool]) -> Holds:
    return lambda m: any(test(total) for total in totals(m))


def _alike(m: Matter) -> Iterator[Total]:
    """The sums that every rule gives alike, and that no contradiction can move."""
    return (x for x in totals(m) if x.least[1] == x.most[1] and not unsettled.rows(m.view, x.rows))


def _direct(total: Total) -> bool:
    return all(_own(r) for r in total.rows)


def _to(hub: bool, test: Callable[[Total], bool]) -> Holds:
    """Some sum of a service, or of what no list names, is so."""
    return _total(lambda total: (not total.service) is hub and test(total))


def _places(total: Total) -> int:
    return len({r.place for r in total.rows})


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
    rows = m.view.tables["origins"]().to_pylist() if "origins" in m.view.tables else ()
    reached = m.reached(m.at(service))
    return [row for row in rows if row["loss"] in reached]


def _withdrawn(several: bool) -> Holds:
    def holds(m: Matter) -> bool:
        for service in _services(m):
            passed = m.ways.passed(m.reached(m.at(service)))
            count = len({f.subject for f in inflows.paid_back(m.view, service, passed)})
            if count and (count > 1) is several:
                return True
        return False

    return holds


def _figures(m: Matter) -> bool:
    """Whether the letter speaks of the trace: one that follows another, or asks about what no trace reached,
    states no figure and no rule."""
    return m.traced


def _spread(moves: bool) -> Holds:
    def holds(m: Matter) -> bool:
        # Other orders are tried for all losses together, which is not what one party's letter states.
        tried = {} if m.choice.losses else simultaneous.tried(m.view)
        for total in (one for one in totals(m) if one.asset in tried):
            low, high = simultaneous.bounds(total.amount, total.rows)
            if (low != high) is moves and (moves or not tried[total.asset][1]):
                return True
        return False

    return holds


def _way(m: Matter) -> bool:
    return any(m.ways.to(r, loss.id)[1] for r in m.ramps for loss in m.losses)


def _no_way(m: Matter) -> bool:
    """Whether value of a loss came to the addressee and no way is worked out for any of it."""
    came = any(r.by_loss.get(loss.id, 0) for r in m.ramps for loss in m.losses)
    return came and not _way(m)


def _balance(stated: bool) -> Holds:
    return lambda m: any(isinstance(f.slots.get("balance"), int) is stated for f in m.holdings)


def _by_hand(m: Matter) -> bool:
    return bool(m.choice.about or m.choice.facts or m.choice.urgent)


def _seen(m: Matter) -> bool:
    return m.view.declaration is not None and m.view.declaration.seen


def _changes(m: Matter) -> set[str]:
    changes = m.view.declaration.changes if m.view.declaration else ()
    return {word for change in changes for word in change.what} - {"rule"}


def _former(m: Matter) -> bool:
    return bool(m.view.declaration and m.view.declaration.former)


def _dropped(m: Matter) -> bool:
    return bool(m.view.declaration and m.view.declaration.dropped)


def _altered(m: Matter) -> bool:
    return bool(m.view.declaration and m.view.declaration.altered)


def _cites(m: Matter) -> bool:
    numbers = {n for r in m.ramps for n in r.exhibits} | {int(r.exhibit) for r in m.rows if r.exhibit}
    return bool(numbers or any(f.exhibits for f in m.holdings))


def _voluntary(official: bool) -> Holds:
    def holds(m: Matter) -> bool:
        state = m.choice.role in OFFICIAL and m.kind.asks in ("preserve", "freeze")
        return m.basis.force == "voluntary" and state is official

    return holds


def _paid(m: Matter) -> bool:
    return any(r.direction == "in" for r in m.rows)


LETTERS = (
    Condition("facts.intro", "facts", "the letter is about all losses", lambda m: not m.choice.losses),
    Condition("facts.intro_named", "facts", "it is about one party's", lambda m: bool(m.choice.losses)),
    Condition(
        "facts.direct", "facts", "all rows of a service in an asset are its own wallets", _to(False, _direct)
    ),
    Condition("facts.traced", "facts", "value went through an address", _to(False, lambda x: not _direct(x))),
    Condition("facts.hub_direct", "facts", "to what no list names, all went directly", _to(True, _direct)),
    Condition("facts.hub_traced", "facts", "it went through an address", _to(True, lambda x: not _direct(x))),
    Condition(
        "facts.hub_credited",
        "facts",
        "through one address",
        _to(True, lambda x: not _direct(x) and _places(x) == 1),
    ),
    Condition(
        "facts.hub_several",
        "facts",
        "through several addresses",
        _to(True, lambda x: not _direct(x) and _places(x) > 1),
    ),
    Condition(
        "facts.credited",
        "facts",
        "it went through one address",
        _to(False, lambda x: not _direct(x) and _places(x) == 1),
    ),
    Condition(
        "facts.several",
        "facts",
        "it went through several addresses",
        _to(False, lambda x: not _direct(x) and _places(x) > 1),
    ),
    Condition(
        "facts.unfollowed",
        "facts",
        "of it value is not followed",
        _total(lambda x: not _direct(x) and any(r.unfollowed for r in x.rows)),
    ),
    Condition("facts.swept", "facts", "value went through an address", _to(False, lambda x: not _direct(x))),
    Condition("facts.mixed", "facts", "the letter states a figure", lambda m: bool(m.ramps)),
    Condition("facts.came", "facts", "inflow from the service may be counted twice", lambda m: _came(m, True)),
    Condition("facts.came_only", "facts", "inflow from it, and none of it may be", lambda m: _came(m, False)),
    Condition("facts.back", "facts", "inflow from elsewhere may be counted twice", _back),
    Condition("facts.withdrawn", "facts", "the service paid several places of the value", _withdrawn(True)),
    Condition("facts.withdrawn_one", "facts", "it paid one place of the value", _withdrawn(False)),
    Condition(
        "range.same",
        "facts",
        "every rule gives a sum, and each loss in it, the same",
        lambda m: any(not ranged.losses(x.rows) for x in _alike(m)),
    ),
    Condition(
        "range.same_together",
        "facts",
        "only all losses together have the same",
        lambda m: any(ranged.losses(x.rows) for x in _alike(m)),
    ),
    Condition(
        "range.between", "facts", "rules give a sum different figures", _total(lambda x: x.least[1] != x.most[1])
    ),
    Condition(
        "range.unsettled",
        "facts",
        "a contradiction can move a sum on which rules agree",
        lambda m: any(x.least[1] == x.most[1] and unsettled.rows(m.view, x.rows) for x in totals(m)),
    ),
    Condition(
        "range.unsettled_too",
        "facts",
        "or one on which they differ",
        lambda m: any(x.least[1] != x.most[1] and unsettled.rows(m.view, x.rows) for x in totals(m)),
    ),
    Condition(
        "range.by_loss",
        "facts",
        "rules give a loss different figures",
        _total(lambda x: bool(ranged.losses(x.rows))),
    ),
    Condition("order.span", "facts", "a sum differs in another order", _spread(True)),
    Condition("order.same", "facts", "it does not in those tried, which are not all", _spread(False)),
    Condition("link.deposit", "link", "a row is called a deposit address", _row(lambda r: r.deposit)),
    Condition("link.own", "link", "a row is the service's own wallet", _row(lambda r: not r.deposit and _own(r))),
    Condition("link.plain", "link", "a row is neither", _row(lambda r: not r.deposit and not _own(r))),
    Condition(
        "against.unsettled",
        "against",
        "a contradiction can move a figure of the letter",
        lambda m: unsettled.rows(m.view, m.ramps),
    ),
    Condition("against.mixed", "against", "the letter states a figure", lambda m: bool(m.ramps)),
    Condition("against.grade", "against", "a grade is below B", _row(lambda r: r.grade not in "AB")),
    Condition(
        "against.rules", "against", "rules differ at a row", _row(lambda r: len(set(r.by_rule.values())) > 1)
    ),
    Condition(
        "against.order_open",
        "against",
        "an order was assumed, and other losses are left out",
        lambda m: bool(m.choice.losses) and any(r.asset in simultaneous.tried(m.view) for r in m.ramps),
    ),
    Condition(
        "against.order",
        "against",
        "an order was assumed, and its range stands there",
        lambda m: (
            not (m.choice.losses and any(r.asset in simultaneous.tried(m.view) for r in m.ramps))
            and any(r.by_order or simultaneous.partly(m.view, r.asset) for r in m.ramps)
        ),
    ),
    Condition(
        "against.elsewhere",
        "against",
        "a part went to others than the service and the listed",
        lambda m: sum(r.elsewhere for r in m.ramps) > passed_within(m.ramps),
    ),
    Condition("against.unfollowed", "against", "value at a row is not followed", _row(lambda r: r.unfollowed > 0)),
    Condition(
        "against.plain", "against", "a row may be a private wallet", _row(lambda r: not r.deposit and not _own(r))
    ),
    Condition("table.none", "table", "no movement in is listed", lambda m: bool(m.ramps) and not _paid(m)),
    Condition("reached.none", "reached", "no off-ramp is known", lambda m: not m.ramps),
    Condition("reached.note", "reached", "an off-ramp is known", lambda m: bool(m.ramps)),
    Condition("reached.files", "reached", "an off-ramp is known", lambda m: bool(m.ramps)),
    Condition("hold.caption", "hold", "value can be held", lambda m: bool(m.ramps)),
    Condition("holding.balance", "holding", "an exhibit states a balance", _balance(True)),
    Condition("holding.no_balance", "holding", "none does", _balance(False)),
    Condition("holding.note", "holding", "value is in the issuer's asset", lambda m: bool(m.holdings)),
    Condition("flow.note", "flow", "a way leads to the addressee", _way),
    Condition("flow.none", "flow", "value came, and no way of it is worked out", _no_way),
    Condition(
        "victim.pooled",
        "victim",
        "losses that are not named reached the addressee too",
        lambda m: bool(m.losses and m.pooled),
    ),
    Condition("exhibits.none", "exhibits", "no exhibit is cited", lambda m: not _cites(m)),
    Condition(
        "records.categories",
        "records",
        "records are asked for",
        lambda m: m.kind.asks == "disclose" and bool(m.kind.listed(m.choice.addressee)),
    ),
    Condition(
        "records.categories_kept",
        "records",
        "records are asked to be kept",
        lambda m: m.kind.asks != "disclose" and bool(m.kind.listed(m.choice.addressee)),
    ),
    Condition(
        "period.moves_value",
        "period",
        "a traced credit is known, and records are asked for",
        lambda m: m.first is not None,
    ),
    Condition("period.user_yes", "period", "the customer may be told", lambda m: m.choice.tell_user),
    Condition("period.user_no", "period", "it may not", lambda m: not m.choice.tell_user),
    Condition(
        "period.expiry_none",
        "period",
        "the basis sets no term",
        lambda m: m.basis.days is None and "hours" not in m.basis.clock,
    ),
    Condition("care.user", "care", "the customer may not be told", lambda m: not m.choice.tell_user),
    Condition("care.data", "care", "all that the letter holds is public chain data", lambda m: not _by_hand(m)),
    Condition("care.data_given", "care", "its sender named something by hand", _by_hand),
    Condition("claim.text", "claim", "a court is named", lambda m: bool(m.choice.court)),
    Condition("ask.limits", "ask", "the basis has no force", _voluntary(False)),
    Condition("ask.limits_official", "ask", "it has none, and an authority asks", _voluntary(True)),
    Condition("ask.limits_basis", "ask", "the letter rests on law", lambda m: m.basis.id != VOLUNTARY),
    Condition(
        "unverified.banner",
        "",
        "the basis was checked by nobody",
        lambda m: m.basis.id != VOLUNTARY and not m.basis.checked,
    ),
    Condition(
        "unverified.sender",
        "",
        "nobody has said who sends it",
        lambda m: m.choice.role == "" and m.kind.about != "case",
    ),
    Condition(
        "unverified.basis",
        "",
        "the basis was checked by nobody",
        lambda m: m.basis.id != VOLUNTARY and not m.basis.checked,
    ),
    Condition("unverified.basis_none", "", "it rests on no law", lambda m: m.basis.id == VOLUNTARY),
    Condition(
        "unverified.basis_checked",
        "",
        "a lawyer has checked the basis",
        lambda m: m.basis.id != VOLUNTARY and m.basis.checked,
    ),
    Condition("head.status_value", "", "it is a draft", lambda m: m.issued is None),
    Condition("head.status_issued", "", "it went out", lambda m: m.issued is not None),
    Condition("head.supersedes", "", "an earlier version went out", lambda m: m.version > 1),
    Condition("head.language_both", "", "two languages stand side by side", lambda m: "+" in m.choice.language),
    Condition("head.language_value", "", "it is in one language", lambda m: "+" not in m.choice.language),
    Condition(
        "declared.before",
        "",
        "no result existed when the rule was declared",
        lambda m: _figures(m) and m.view.declaration is not None and not _seen(m),
    ),
    Condition("declared.after", "", "results existed when it was declared", lambda m: _figures(m) and _seen(m)),
    Condition("declared.changed", "", "results existed under another rule", lambda m: _figures(m) and _former(m)),
    Condition(
        "declared.dropped_one", "", "a loss with results was taken back", lambda m: _figures(m) and _dropped(m)
    ),
    Condition(
        "declared.altered_one", "", "a loss with results was changed", lambda m: _figures(m) and _altered(m)
    ),
    Condition(
        "declared.others",
        "",
        "something else was changed after results",
        lambda m: _figures(m) and bool(_changes(m)),
    ),
)
"""Every sentence of a letter that is true in some cases and false in others."""


def expected(m: Matter) -> Iterator[Condition]:
    """The sentences that this letter has to hold."""
    return (one for one in LETTERS if one.true(m))
