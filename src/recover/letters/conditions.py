"""The sentences of letters, each with the condition under which it is true, for every kind of letter.

The words are the templates', by key and language. The condition speaks of the letter's own matter: the same
sentence is true in a letter to one service and false in that to another. A test holds every kind to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover.letters import chronology, doubts, front, payins, screened, weighed, words
from recover.letters.conditions_force import FORCE
from recover.letters.conditions_sums import SUMS
from recover.letters.gates import VOLUNTARY
from recover.letters.matter import Matter
from recover.letters.reporting import OPEN, more_began, remaining, stoppable
from recover.letters.whether import (
    Condition,
    Holds,
    _alike,
    _alone,
    _altered,
    _back,
    _balance,
    _began,
    _both,
    _by_hand,
    _came,
    _changes,
    _cites,
    _direct,
    _dropped,
    _figures,
    _former,
    _left,
    _no_way,
    _one_of,
    _own,
    _paid,
    _paying,
    _remains,
    _row,
    _seen,
    _several,
    _through,
    _to,
    _total,
    _unfollowed,
    _varied,
    _voluntary,
    _way,
    _withdrawn,
    totals,
)
from recover.report import ranged, unsettled
from recover.report.edges import called
from recover.sdk.ends import to_own


def _records(m: Matter) -> bool:
    """Whether records are listed, and the basis has no term of its own for them."""
    return bool(m.kind.listed(m.choice.addressee)) and not m.basis.records_text


def _settled(rival: bool) -> Holds:
    return lambda m: any(bool(f.slots.get("rivals")) is rival for f in weighed.settled(m))


_PLAIN = _row(lambda r: r.plain)

LETTERS = (
    Condition("facts.intro", "facts", "it is about all losses", lambda m: not (m.kind.names or m.choice.losses)),
    Condition(
        "facts.intro_named", "facts", "about one party's", lambda m: not m.kind.names and bool(m.choice.losses)
    ),
    Condition(
        "facts.names",
        "facts",
        "nothing stands in it in which one of those concerned could be named",
        lambda m: not (m.kind.names or words.may_name(m)),
    ),
    Condition("facts.direct", "facts", "all of it came to its own wallets", _to(False, _direct)),
    Condition("facts.traced", "facts", "all of it went through addresses", _to(False, _through)),
    Condition("facts.both", "facts", "a part went through addresses, and a part did not", _to(False, _both)),
    Condition("facts.hub_both", "facts", "the same, to what no list names", _to(True, _both)),
    Condition("facts.hub_direct", "facts", "to what no list names, all went directly", _to(True, _direct)),
    Condition("facts.hub_traced", "facts", "all of it went through addresses", _to(True, _through)),
    Condition("facts.hub_credited", "facts", "through one address", _to(True, _alone)),
    Condition("facts.hub_credited_of", "facts", "through one of several", _to(True, _one_of)),
    Condition("facts.hub_several", "facts", "through several addresses", _to(True, _several)),
    Condition("facts.credited", "facts", "it went through one address", _to(False, _alone)),
    Condition("facts.credited_of", "facts", "through one of several", _to(False, _one_of)),
    Condition("facts.several", "facts", "it went through several addresses", _to(False, _several)),
    Condition("facts.unfollowed", "facts", "of it value is not followed", _unfollowed(False, own=False)),
    Condition("facts.unfollowed_disputed", "facts", "the same, exhibits disagree", _unfollowed(True, own=False)),
    Condition("facts.swept", "facts", "an address paid it", _to(False, _paying)),
    Condition(
        "facts.swept_own", "facts", "it paid listed deposit addresses too", lambda m: to_own(m.ramps, m.ramps) > 0
    ),
    Condition("facts.screened", "facts", "something of the addressee is held back for screening", screened.short),
    Condition("facts.mixed", "facts", "the letter states a figure", lambda m: bool(m.ramps or m.crossings)),
    Condition("facts.came", "facts", "inflow from the service may be counted twice", lambda m: _came(m, True)),
    Condition("facts.came_only", "facts", "inflow from it, and none of it may be", lambda m: _came(m, False)),
    Condition("facts.back", "facts", "inflow from elsewhere may be counted twice", _back),
    Condition("facts.withdrawn", "facts", "the service paid several places of the value", _withdrawn(True)),
    Condition("facts.withdrawn_one", "facts", "it paid one place of the value", _withdrawn(False)),
    Condition("facts.withdrawn_declared", "facts", "such a payment is one with which a loss of it began", _began),
    Condition(
        "range.same",
        "facts",
        "every rule gives a sum, and each loss in it, the same",
        lambda m: any(not ranged.losses(x.ruled) for x in _alike(m)),
    ),
    Condition(
        "range.same_together",
        "facts",
        "only all losses together have the same",
        lambda m: any(ranged.losses(x.ruled) for x in _alike(m)),
    ),
    Condition(
        "range.places",
        "facts",
        "they give a sum the same, and an address in it not",
        lambda m: any(ranged.parting(x.ruled) for x in _alike(m)),
    ),
    Condition(
        "range.between", "facts", "rules give a sum different figures", _total(lambda x: x.least[1] != x.most[1])
    ),
    Condition(
        "range.unsettled",
        "facts",
        "a contradiction can move a sum on which rules agree",
        lambda m: any(x.least[1] == x.most[1] and unsettled.rows(m.view, x.ruled) for x in totals(m)),
    ),
    Condition(
        "range.unsettled_too",
        "facts",
        "or one on which they differ",
        lambda m: any(x.least[1] != x.most[1] and unsettled.rows(m.view, x.ruled) for x in totals(m)),
    ),
    Condition(
        "range.by_loss",
        "facts",
        "rules give a loss different figures",
        _total(lambda x: bool(ranged.losses(x.ruled))),
    ),
    Condition("order.span", "facts", "a sum differs in another order", _varied("order.span")),
    Condition("order.same", "facts", "it does not, but was not all tried, or by loss does", _varied("order.same")),
    Condition(
        "order.by_loss", "facts", "a loss's part of a sum differs in another order", _varied("order.by_loss")
    ),
    Condition("part.span", "facts", "a sum differs with another part of a payment", _varied("part.span")),
    Condition("part.same", "facts", "it does not, with the parts tried", _varied("part.same")),
    Condition("part.by_loss", "facts", "a loss's part of it does", _varied("part.by_loss")),
    Condition("link.deposit", "link", "a row is called a deposit address", _row(lambda r: r.deposit)),
    Condition("link.own", "link", "a row is the service's own wallet", _row(lambda r: not r.deposit and _own(r))),
    Condition(
        "link.plain", "link", "a row is neither", lambda m: any(r.plain and not called(m.view, r) for r in m.ramps)
    ),
    Condition(
        "link.plain_beside",
        "link",
        "it is neither, and its address is called a deposit address by another asset",
        lambda m: any(r.plain and called(m.view, r) for r in m.ramps),
    ),
    Condition("against.settled", "against", "a person relied on one exhibit", _settled(False)),
    Condition("against.settled_rival", "against", "and so on one of those that spend a coin", _settled(True)),
    Condition(
        "against.settled_kept",
        "against",
        "and what another shows of the transaction is counted",
        lambda m: any(unsettled.kept(m.view, f) for f in weighed.settled(m)),
    ),
    Condition(
        "against.settled_otherwise", "against", "another moves its figure", lambda m: weighed.moved(m, False)
    ),
    Condition("against.settled_otherwise_rival", "against", "or a rival", lambda m: weighed.moved(m, True)),
    *doubts.CONDITIONS,
    Condition(
        "against.swapped",
        "against",
        "value came to it by an exchange that was inferred",
        lambda m: bool(weighed.swapped(m)),
    ),
    Condition("against.mixed", "against", "the exhibits show value of other origins there", weighed.mixed),
    Condition(
        "against.label", "against", "a person passed a label against a letter", lambda m: bool(weighed.passed(m))
    ),
    Condition("against.rest", "against", "value is in the issuer's asset", lambda m: bool(m.holdings)),
    Condition("against.unread", "against", "no exhibit holds the history of a place", weighed.unread),
    Condition("against.grade", "against", "a grade is below B", _row(lambda r: r.grade not in "AB")),
    Condition("against.rules", "against", "rules differ at a row, or on what is left", weighed.ruled),
    Condition(
        "against.loss_nothing", "against", "a rule gives it nothing of a loss", lambda m: bool(weighed.losing(m))
    ),
    Condition("against.crossed", "against", "a payment went into a bridge", payins.some),
    Condition("crossed.basis", "crossed", "the same", payins.some),
    Condition("crossed.possible", "crossed", "exhibits name a payment that may be the other side", payins.guessed),
    Condition("crossed.unsaid", "crossed", "one says nothing of its other side", payins.silent),
    Condition("against.contrary", "against", "blocks and times give two orders", weighed.contrary),
    Condition("against.contrary_other", "against", "its figure too", lambda m: bool(weighed.turned(m))),
    Condition(
        "against.order_open",
        "against",
        "an order was assumed, other losses are left out, and what came in or is left can hang on it",
        weighed.unordered,
    ),
    Condition(
        "against.order",
        "against",
        "an order was assumed, and its range stands there",
        weighed.ordered,
    ),
    Condition("against.part", "against", "a loss is a part of a payment, and which was assumed", weighed.parted),
    Condition(
        "against.elsewhere",
        "against",
        "a part went to others than the service and the listed",
        weighed.strays,
    ),
    Condition("against.unfollowed", "against", "value at a row is not followed", _unfollowed(False)),
    Condition("against.unfollowed_disputed", "against", "the same where exhibits disagree", _unfollowed(True)),
    Condition("against.plain", "against", "a row may be a private wallet", _PLAIN),
    Condition("against.rival", "against", "habits name several services", lambda m: bool(weighed.rivalled(m))),
    Condition("against.strayed", "against", "a labelled deposit address paid others' wallets", weighed.strayed),
    Condition(
        "against.paid_on",
        "against",
        "one at which the trace stops paid others",
        lambda m: bool(weighed.paid_on(m)),
    ),
    Condition("table.none", "table", "no movement in is listed", lambda m: bool(m.ramps) and not _paid(m)),
    Condition("reached.none", "reached", "no off-ramp is known", lambda m: not m.ramps),
    Condition("reached.note", "reached", "an off-ramp is known", lambda m: bool(m.ramps)),
    Condition("reached.began_more", "victim", "not every payment is printed", lambda m: more_began(m) > 0),
    Condition("reached.left_note", "reached", "value went to no service", lambda m: bool(remaining(m))),
    Condition("reached.left_rest", "reached", "it was left there", _remains(lambda why: why == "rest")),
    Condition(
        "reached.left_open", "reached", "no history of the place is there", _remains(lambda why: why in OPEN)
    ),
    Condition(
        "reached.left_stop", "reached", "the trace ends there", _remains(lambda why: why not in ("rest", *OPEN))
    ),
    Condition("reached.stoppable", "reached", "an issuer can stop the token there", lambda m: bool(stoppable(m))),
    Condition("reached.files", "reached", "an off-ramp is known", lambda m: bool(m.ramps)),
    Condition("hold.caption", "hold", "value can be held", lambda m: bool(m.ramps)),
    Condition("holding.balance", "holding", "an exhibit states a balance", _balance(True)),
    Condition("holding.no_balance", "holding", "none does", _balance(False)),
    Condition("holding.unread", "holding", "no exhibit holds the history of a place", weighed.unread),
    Condition("holding.upto", "holding", "a balance is less than what was traced there", weighed.less),
    Condition("holding.note", "holding", "an exhibit states a balance of the issuer's asset", _balance(True)),
    Condition(
        "holding.note_rest",
        "holding",
        "value is in it, and no exhibit states a balance",
        lambda m: bool(m.holdings) and not _balance(True)(m),
    ),
    Condition("flow.note", "flow", "a way leads to the addressee", lambda m: bool(m.ramps) and _way(m)),
    Condition("flow.note_left", "flow", "a way leads to the issuer's token", lambda m: not m.ramps and _way(m)),
    Condition("flow.none", "flow", "value came, and no way of it is worked out", _no_way),
    # Losses that are not named reached the addressee too: some of their value still is where it came in, or none.
    Condition("victim.pooled", "victim", "it is", lambda m: any(n for _, n in m.pooled.values() if m.losses)),
    Condition(
        "victim.pooled_on", "victim", "it is not", lambda m: any(not n for _, n in m.pooled.values() if m.losses)
    ),
    Condition("chronology.more", "chronology", "more losses moved than it lists", chronology.crowded),
    Condition("exhibits.none", "exhibits", "no exhibit is cited", lambda m: not _cites(m)),
    Condition(
        "records.categories",
        "records",
        "records are asked for",
        lambda m: m.kind.asks == "disclose" and _records(m),
    ),
    Condition(
        "records.categories_kept",
        "records",
        "records are asked to be kept",
        lambda m: m.kind.asks != "disclose" and _records(m),
    ),
    Condition(
        "period.moves_value",
        "period",
        "a traced credit is known, and records are asked for, from no other moment",
        lambda m: m.first is not None and not m.choice.since and not words.used(m) and m.kind.asks != "freeze",
    ),
    Condition(
        "period.moves_named",
        "period",
        "no traced credit is known, and identifiers name a moment, where no other is given",
        lambda m: words.used(m) is not None and not m.choice.since and m.kind.asks != "freeze",
    ),
    Condition("period.user_yes", "period", "the customer may be told", lambda m: m.choice.tell_user),
    Condition("period.user_no", "period", "it may not", lambda m: words.user(m) == "no"),
    Condition("period.user_own", "period", "the account is its own", lambda m: words.user(m) == "own"),
    Condition(
        "period.expiry_none",
        "period",
        "the basis sets no term",
        lambda m: m.choice.role not in m.basis.open_for and not m.basis.clock,
    ),
    Condition(
        "care.user",
        "care",
        "the customer may not be told, and nothing is taken back",
        lambda m: words.user(m) == "no" and m.kind.about != "case" and m.kind.asks != "withdrawal",
    ),
    Condition("care.by", "care", "a day for the answer is named", lambda m: bool(m.choice.reply_by)),
    Condition(
        "care.person",
        "care",
        "a report to the police whose sender is not named",
        lambda m: m.kind.about == "case" and not m.choice.sender.get("officer"),
    ),
    Condition("care.data", "care", "all that the letter holds is public chain data", lambda m: not _by_hand(m)),
    Condition("care.data_given", "care", "its sender named something by hand", _by_hand),
    Condition(
        "claim.party",
        "claim",
        "it is said whose claim it is",
        lambda m: bool(m.choice.instructed_by or (m.choice.role == "victim" and m.choice.sender.get("officer"))),
    ),
    Condition("claim.nature", "claim", "the sender says what it claims", lambda m: bool(m.choice.claim)),
    Condition("claim.amount", "claim", "value came to the addressee", lambda m: bool(m.ramps)),
    Condition("claim.text", "claim", "a court is named", lambda m: bool(m.choice.court)),
    Condition("ask.limits", "ask", "the basis has no force", _voluntary(False)),
    Condition("ask.limits_official", "ask", "it has none, and an authority asks", _voluntary(True)),
    Condition(
        "ask.limits_basis",
        "ask",
        "the letter rests on law, and a source says how this sender uses it",
        lambda m: m.basis.id != VOLUNTARY and m.choice.role not in m.basis.open_for,
    ),
    Condition(
        "ask.limits_open",
        "ask",
        "it rests on law, and none says that",
        lambda m: m.choice.role in m.basis.open_for,
    ),
    Condition(
        "period.expiry_open",
        "period",
        "no source says how long it lasts for this sender",
        lambda m: m.choice.role in m.basis.open_for,
    ),
    Condition(
        "period.sooner",
        "period",
        "the letter names a day, and the law sets a term",
        lambda m: bool(m.choice.until) and bool({"days", "hours"} & set(m.basis.term(m.choice.role))),
    ),
    Condition("head.pseudonym", "", "who instructs is named by a pseudonym", words.pseudonym),
    Condition("head.status_value", "", "it is a draft", lambda m: m.issued is None),
    Condition("head.status_issued", "", "it went out", lambda m: m.issued is not None),
    Condition("head.supersedes", "", "an earlier version went out", lambda m: bool(m.replaced)),
    Condition("glance.differs", "", "what differs from that is known", lambda m: bool(front.differing(m))),
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
    Condition("declared.changed_figures", "", "and it is not declared again", lambda m: _figures(m) and _left(m)),
    Condition(
        "declared.dropped_one", "", "a loss with results was dropped", lambda m: _figures(m) and _dropped(m)
    ),
    Condition("declared.altered_one", "", "a loss with results was edited", lambda m: _figures(m) and _altered(m)),
    Condition(
        "declared.others",
        "",
        "something else was changed after results",
        lambda m: _figures(m) and bool(_changes(m)),
    ),
    *FORCE,
    *SUMS,
)
"""Every sentence of a letter that is true in some cases and false in others."""


def expected(m: Matter) -> Iterator[Condition]:
    """The sentences that this letter has to hold."""
    return (one for one in LETTERS if one.true(m))
