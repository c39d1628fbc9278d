"""The catalogue of sentences: what each claims, and under which condition that is true.

The words are the templates', by key and language; the condition is here, once, and is held to what papers say.
Those of letters are `letters/conditions.py`.
What claims nothing of a case, and what is true of every case, is listed in `wording.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recover.report import (
    answer,
    arrived,
    besides,
    byvictim,
    contested,
    credited,
    edges,
    figures,
    halted,
    holding,
    inflows,
    lacks,
    leading,
    operators,
    opposed,
    ranged,
    repaid,
    sequenced,
    staying,
    unsettled,
    wholeness,
    worth,
    zeros,
)
from recover.report.chosen import DECLARED, LEFT
from recover.report.claimed import Holds, Sentence
from recover.report.foremost import FIRST, unlimited
from recover.report.sentences import rows_of, spoken
from recover.report.variants import variant
from recover.sdk import OffRamp, View
from recover.sdk.ends import to_own


def report(view: View) -> Iterator[Sentence]:
    """The sentences of the report. Those of findings stand where a finding of that kind does."""
    yield from REPORT
    kinds = {f"findings.{variant(f)}.text" for f in spoken(view)}
    kinds |= {f"findings.{variant(f)}.text" for f in view.findings if f.kind == "alert"}
    yield from (Sentence(key, "a finding of this kind was made", lambda _: True) for key in sorted(kinds))


def _some(test: Callable[[OffRamp], bool]) -> Holds:
    return lambda view: any(test(r) for r in view.offramps)


def _accounts(*names: str) -> Holds:
    """An account has something in each of these slots."""
    return lambda v: any(all(figures.number(f, n) for n in names) for f in credited.accounts(v))


def _service(test: Callable[[figures.Total], bool]) -> Holds:
    return lambda view: any(total.service and test(total) for total in figures.totals(view))


def _differ(view: View) -> bool:
    return any(total.least[1] != total.most[1] for total in figures.totals(view))


def _spans(view: View, on: bool) -> Iterator[tuple[bool, bool, bool]]:
    """Of each sum of which one figure is said, or, with what went `on`, of each finding that says several: whether
    rules agree on it, whether they differ by loss, and whether a contradiction can move it."""
    for f in spoken(view):
        if f.kind == "off-ramp" and variant(f).endswith("_own") is not on:
            alike = f.slots.get("least") == f.slots.get("most")
            yield alike, bool(ranged.losses(rows_of(view, f))), unsettled.finding(view, f)
    for x in () if on else figures.totals(view):
        yield x.least[1] == x.most[1], bool(ranged.losses(x.ruled)), unsettled.rows(view, x.ruled)


def _same(on: bool, together: bool) -> Holds:
    """Whether rules give a sum one figure, and each loss in it too, or only all of them `together`."""
    return lambda view: (True, together, False) in _spans(view, on)


def _unsure(alike: bool, *on: bool) -> Holds:
    """Whether a contradiction can move a sum to which rules give one figure, or several."""
    return lambda view: any(unsure and same is alike for one in on for same, _, unsure in _spans(view, one))


def _parted(view: View) -> bool:
    sums = (x for x in figures.totals(view) if x.least[1] == x.most[1])
    return any(ranged.parting(x.ruled) and not unsettled.rows(view, x.ruled) for x in sums)


def _left_apart(view: View) -> bool:
    """Whether a sentence is printed of what is left at a place of which rules leave different sums."""
    said = [f for f in spoken(view) if f.kind in ("off-ramp", *figures.RESTING)]
    said += [f for f in staying.left_there(view) if f.kind in figures.RESTING]
    places = ((str(f.slots.get("asset")), f.subject, "rest") for f in said)
    ended = ranged.endpoints(view)
    return any(len({*ended.get(place, {}).values()}) > 1 for place in places)


def _apart(view: View) -> bool:
    return any(ranged.losses(total.rows) for total in figures.totals(view))


def _ended(view: View) -> bool:
    return bool(ranged.endpoints(view))


def _agree(view: View) -> bool:
    return _alike(view) and not any(ranged.losses([r]) for r in view.offramps)


def _agree_together(view: View) -> bool:
    return _alike(view) and any(ranged.losses([r]) for r in view.offramps)


def _alike(view: View) -> bool:
    alike = bool(view.offramps) and all(set(r.by_rule.values()) <= {r.amount} for r in view.offramps)
    return alike and not unsettled.rows(view, view.offramps)


def _ended_so(reason: str) -> Holds:
    """Whether page 1 has a row of value that ended so, under the declared rule or another, or R9 a sum of it."""

    def holds(view: View) -> bool:
        shown = [*answer.began(view)][: answer.SHOWN]
        return _left(reason)(view) or any(row.reason == reason for a in shown for row in answer.rows(view, a))

    return holds


def _sought(how: str) -> Holds:
    return lambda view: any(one == how for _, one in leading.sought(view).values())


def _left(*reasons: str) -> Holds:
    return lambda view: any(rest.reason in reasons and rest.amount for rest in figures.stood(view))


def _private(view: View) -> bool:
    return any(r.plain for r in view.offramps)


def _concludes(key: str) -> Holds:
    return lambda view: any(ranged.concluded(total) == key for total in figures.totals(view))


def _zeros(key: str) -> Holds:
    return lambda view: holding.zero_total(view, f"summary.{key}")


def _unplaced(view: View) -> bool:
    shown = [*answer.began(view)][: answer.SHOWN]
    held = dict.fromkeys(shown, 0)
    for rest in figures.rests(view):
        if rest.reason in ("service", "hub") and rest.asset in held:
            held[rest.asset] += rest.amount
    for total in figures.totals(view):
        if total.asset in held:
            held[total.asset] -= total.amount
    return any(held.values())


def _strayed(view: View) -> bool:
    return any(r.service and r.elsewhere_at for r in view.offramps) and not _to_own(view)


def _to_own(view: View) -> bool:
    return to_own(view.offramps, view.offramps) > 0


def _unsaid(view: View) -> bool:
    return any(not (e.obtained or e.by or e.origin) for e in view.exhibits)


def _gross(how: str) -> Holds:
    return lambda view: any(one.sums == f"origins.sums{how}" for one in inflows.sums(view))


def _withdrawn(how: str) -> Holds:
    return lambda view: inflows.withdrawn_key(view) == f"origins.withdrawn{how}"


def _origins(key: str) -> Holds:
    return lambda view: any(key in one.keys for one in inflows.sums(view))


REPORT = (
    *FIRST,
    *arrived.SENTENCES,
    *byvictim.SENTENCES,
    *zeros.SENTENCES,
    *besides.SENTENCES,
    *edges.SENTENCES,
    *staying.SENTENCES,
    *sequenced.SENTENCES,
    *leading.SENTENCES,
    *repaid.SENTENCES,
    Sentence("summary.zero_ends", "a rule gives zero at an endpoint", lambda v: bool(ranged.zero_ends(v))),
    Sentence(
        "summary.no_zero_ends",
        "no rule gives zero at any endpoint",
        lambda v: not ranged.zero_ends(v) and _ended(v) and not unsettled.anywhere(v),
    ),
    Sentence("range.same", "every rule gives a total, and each loss in it, the same figure", _same(False, False)),
    Sentence("range.same_together", "only all losses together have the same figure", _same(False, True)),
    Sentence("range.on_same", "every rule gives what went on from a place the same", _same(True, False)),
    Sentence("range.on_same_together", "only for all losses together", _same(True, True)),
    Sentence("range.places", "they give a total the same, and a place in it not", _parted),
    Sentence("range.left", "what is left at a place differs from rule to rule", _left_apart),
    Sentence("range.unsettled", "a contradiction can move a figure on which rules agree", _unsure(True, False)),
    Sentence("range.on_unsettled", "or what went on from a place, on which they do", _unsure(True, True)),
    Sentence("range.unsettled_too", "or one on which they differ", _unsure(False, False, True)),
    Sentence("range.by_loss", "rules give a loss different figures", _apart),
    Sentence("range.between", "rules give a total different figures", _differ),
    Sentence("flows.agree", "every rule gives every row, and each loss in it, the declared figure", _agree),
    Sentence("flows.agree_together", "only all losses together have it", _agree_together),
    Sentence(
        "flows.ends_agree", "rows agree, and so does every endpoint", lambda v: _alike(v) and ranged.ends_agree(v)
    ),
    Sentence(
        "flows.ends_differ",
        "rows agree, and an endpoint does not",
        lambda v: _alike(v) and not ranged.ends_agree(v),
    ),
    Sentence("flows.elsewhere", "a row of a service has value that went elsewhere, none to its own", _strayed),
    Sentence("flows.elsewhere_own", "some of it went to addresses of the same service", _to_own),
    Sentence(
        "history.unchecked", "no check of an endpoint's history could be made", lambda v: wholeness.bare(v) > 0
    ),
    *DECLARED,
    *LEFT,
    Sentence("reason.unplaced", "the off-ramps explain less, or more, than what reached services", _unplaced),
    Sentence("ramp.open", "value that came to an off-ramp is not followed", lambda v: holding.lost(v, False)),
    Sentence("ramp.own", "an off-ramp's address paid others of the same service", _to_own),
    Sentence("ramp.own_total", "one did, and what it paid in all is summed up", _to_own),
    Sentence("ramp.open_disputed", "exhibits disagree on what left one", lambda v: holding.lost(v, True)),
    Sentence("reason.unswept", "value is unswept where it came to a row", _ended_so("unswept")),
    Sentence("reason.uncollected", "a rule does not follow value further", _ended_so("uncollected")),
    Sentence("reason.spent", "coins are shown spent in what is not followed", _ended_so("spent")),
    Sentence("reason.bridge", "under a rule value stopped at a bridge", _ended_so("bridge")),
    Sentence("reason.home", "value came back to where a loss was paid from", _ended_so("home")),
    Sentence("reason.besides", "only another rule leaves value at a place", _ended_so("besides")),
    Sentence("limits.none", "no gap was recorded", lambda view: not lacks.gaps(view)),
    Sentence("limits.intro", "a gap was recorded", lambda view: bool(lacks.gaps(view))),
    Sentence("conclusions.service", "a service has a figure", _concludes("service")),
    Sentence("conclusions.hub", "an unlabelled hub has a figure", _concludes("hub")),
    Sentence(
        "conclusions.service_nothing",
        "a service got nothing under the declared rule",
        _concludes("service_nothing"),
    ),
    Sentence("conclusions.hub_nothing", "a hub got nothing under it", _concludes("hub_nothing")),
    Sentence(
        "conclusions.contested", "an address may be of several services", lambda v: bool(contested.places(v))
    ),
    Sentence("conclusions.open", "a place has none, and value is not followed", _concludes("open")),
    Sentence("origins.sums", "a loss by address has inflow", _gross("")),
    Sentence("origins.sums_kept", "of it some carries another loss", _gross("_kept")),
    Sentence("origins.sums_declared", "it is of losses by transaction too, some of it twice", _gross("_declared")),
    Sentence("valuation.units", "the case holds no price", lambda v: not worth.prices(v)),
    Sentence("valuation.priced", "it holds one", lambda v: bool(worth.prices(v))),
    Sentence("materials.unsaid", "nobody says how an exhibit was obtained", _unsaid),
    Sentence(
        "order.moved", "a figure differs in another order of simultaneous movements", lambda v: holding.moved(v)
    ),
    Sentence("order.unmoved", "none does; not all was tried, or another rule does", lambda v: holding.unmoved(v)),
    Sentence("order.schedule", "a figure differs in another order", lambda v: holding.moved(v)),
    Sentence(
        "order.span",
        "the figure of a service or hub differs in another order",
        lambda v: holding.varied(v, "order.span"),
    ),
    Sentence(
        "order.same",
        "it differs in none, and not all were tried, or a loss's part of it does",
        lambda v: holding.varied(v, "order.same"),
    ),
    Sentence("order.by_loss", "it differs by loss in another order", lambda v: holding.varied(v, "order.by_loss")),
    Sentence("part.span", "it differs with another part of a payment", lambda v: holding.varied(v, "part.span")),
    Sentence("part.same", "it does not, with those tried", lambda v: holding.varied(v, "part.same")),
    Sentence("part.by_loss", "it differs by loss with another part", lambda v: holding.varied(v, "part.by_loss")),
    Sentence(
        "part.moved", "a figure differs with another part of a payment", lambda v: holding.other_part(v, True)
    ),
    Sentence("part.unmoved", "other parts were traced, and none differs", lambda v: holding.other_part(v, False)),
    Sentence(
        "part.schedule", "a figure differs with another part of a payment", lambda v: holding.other_part(v, True)
    ),
    Sentence("origins.back", "inflow of a loss may be the same value twice", _origins("origins.back")),
    Sentence("origins.turned", "inflow came from where another asset had ended", _origins("origins.turned")),
    Sentence("origins.twice", "inflow of a loss may be the same value twice", _origins("origins.back")),
    Sentence(
        "origins.came",
        "inflow came from a service or a hub, and none of it from where traced value had been",
        _origins("origins.came"),
    ),
    Sentence(
        "origins.apart",
        "inflow came from where traced value had been, and none of it may be the same",
        _origins("origins.apart"),
    ),
    Sentence(
        "origins.withdrawn",
        "a service that was reached paid an address that traced value had passed, and no loss began by that",
        _withdrawn(""),
    ),
    Sentence("origins.withdrawn_part", "losses began by some of it", _withdrawn("_part")),
    Sentence("origins.withdrawn_declared", "losses began by all of it", _withdrawn("_declared")),
    Sentence(
        "summary.zero_total",
        "a rule, and not every one, gives a whole total zero, and lost sight of nothing",
        _zeros("zero_total"),
    ),
    Sentence("summary.zero_total_open", "it does, and value went where no history is", _zeros("zero_total_open")),
    Sentence("summary.zero_total_every", "every rule does, and none lost sight", _zeros("zero_total_every")),
    Sentence("summary.act_bridge", "value went into a bridge and no further", lambda v: bool(operators.opened(v))),
    Sentence("summary.act_possible", "and exhibits name a candidate for its other side", operators.guessed),
    Sentence("summary.act_swapper", "value reached a swapper", lambda v: bool(operators.swappers(v))),
    Sentence("conclusions.bridge", "value went into a bridge and no further", lambda v: bool(operators.opened(v))),
    Sentence("conclusions.swapper", "value reached a swapper", lambda v: bool(operators.swappers(v))),
    Sentence(
        "summary.act_rest",
        "an account of an off-ramp's address holds something",
        _some(lambda r: bool(r.at_rest and r.unswept)),
    ),
    Sentence(
        "summary.act_history",
        "value went to an address whose whole history is in no exhibit, and none shows a way on to a service",
        _sought(""),
    ),
    Sentence("summary.act_history_doubted", "an exhibit claims it that another contradicts", _sought("_doubted")),
    Sentence(
        "summary.act_cross", "value went into a bridge of no known operator", lambda v: bool(operators.unasked(v))
    ),
    *(Sentence(f"summary.act_halted_{why}", "value stopped so", halted.any_of(why)) for why in halted.WHY),
    Sentence("summary.act_stopped", "and no key of it is read", lambda v: bool(operators.stopped(v))),
    Sentence("summary.act_history_on", "an exhibit shows such a way", _sought("_on")),
    Sentence("summary.no_limits", "no gap was recorded, and nothing else limits", lambda v: unlimited(v)),
    Sentence("limits.dust", "a gap concerns no more than the dust of the case", lambda v: holding.dust(v)),
    Sentence("flows.own", "an address of the accounts paid itself", lambda v: holding.own_payments(v)),
    Sentence(
        "flows.account_disputed",
        "exhibits disagree on a movement of an account, or of an off-ramp's address",
        lambda v: (
            _accounts("disputes")(v) or any((r.through, r.asset) in unsettled.meeting(v) for r in v.offramps)
        ),
    ),
    Sentence("flows.opening_disputed", "and without it more was paid than came", _accounts("disputes", "opening")),
    Sentence("flows.accounts", "an account closes over a whole history", lambda v: bool(credited.accounts(v))),
    Sentence("flows.balanced", "a row of accounts or of conservation stands", lambda v: holding.closed(v)),
    Sentence("flows.unbalanced", "a row does not close", lambda v: not holding.closes(v)),
    Sentence(
        "attribution.private", "an address that pays a service or hub is not called a deposit address", _private
    ),
    Sentence("instructions.note", "the case file has a note", lambda view: bool(view.case.note)),
    *(
        Sentence(f"reason.{reason}", f"under a rule value ended for the reason {reason}", _ended_so(reason))
        for reason in ("mixer", "open", "fee", "burn", "swap", "crossed", "bridge_fee")
    ),
    Sentence(
        "method.policy", "a heuristic may join addresses", lambda v: "utxo" in v.models and bool(v.case.merge)
    ),
    Sentence("method.no_policy", "none may", lambda v: "utxo" in v.models and not v.case.merge),
    Sentence(
        "errors.none",
        "nothing rests on a heuristic",
        lambda view: not any(h.get("rests", "yes") == "yes" for h in view.heuristics),
    ),
    Sentence(
        "defence.none",
        "the defence's edition, and nothing moves a figure",
        lambda v: holding.told(v, not holding.against(v)),
    ),
    Sentence("defence.gaps", "the defence's edition", lambda v: holding.told(v, True)),
    Sentence("defence.labels_none", "and no label conflicts", lambda v: holding.told(v, not opposed.labels(v))),
    Sentence("defence.aside_none", "and no exhibit was set aside", lambda v: holding.told(v, not v.set_aside)),
    Sentence(
        "edition.read", "an edition that leaves", lambda v: bool(v.left_out) and v.edition in ("V2", "defence")
    ),
)
