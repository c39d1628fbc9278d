"""The conditions of the sentences that pages 1 and 2 say."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow.compute as pc

from recover.report import (
    answer,
    disputes,
    figures,
    hopwise,
    inflows,
    instead,
    lacks,
    limiting,
    mixing,
    obtaining,
    symbols,
    unsettled,
    watched,
)
from recover.report.claimed import Holds, Sentence
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.trails.missing import BESIDE


def _reached(test: Callable[[figures.Total], bool]) -> Holds:
    first = answer.SHOWN
    return lambda view: any(
        total.amount and total.asset in [*answer.began(view)][:first] and test(total)
        for total in figures.totals(view)
    )


def _rows(test: Callable[[answer.Row], object]) -> Holds:
    def holds(view: View) -> bool:
        shown = [*answer.began(view)][: answer.SHOWN]
        return any(row.by_rule and test(row) for asset in shown for row in answer.rows(view, asset))

    return holds


def _one(row: answer.Row) -> bool:
    return len(set(row.by_rule.values())) == 1 and not row.unsettled


def _agreed(view: View) -> Iterator[tuple[str, frozenset[str]]]:
    """Each asset of page 1 whose rows agree, and where other value came in."""
    for asset in [*answer.began(view)][: answer.SHOWN] if "utxo" not in view.models else ():
        at = mixing.mixed(view, asset)
        if at is not None and answer.agree(view, asset):
            yield asset, at


def _unmixed(kept: bool) -> Holds:
    return lambda v: any(not at and answer.bounded(v, asset) is kept for asset, at in _agreed(v))


def _mixed(view: View) -> bool:
    return any(at for _, at in _agreed(view))


def _told(view: View, said: bool) -> bool:
    return any(bool(e.by or e.origin or obtaining.asked(e)) is said for e in view.exhibits)


def parted(view: View) -> tuple[str, ...]:
    """The losses that are a part of a payment: which part no exhibit shows."""
    rows = view.tables["parts"]().to_pylist() if "parts" in view.tables else []
    found = {row["loss"] for row in rows}
    return tuple(loss.id for loss in view.case.losses if loss.id in found)


def called(view: View) -> dict[str, tuple[int, int]]:
    """The assets of page 1 whose name no register gives: by asset, the exhibit and the place in it that does."""
    rows = view.tables["assets"]().to_pylist() if "assets" in view.tables else []
    said = {row["asset"]: (row["exhibit"], row["place"]) for row in rows if row["exhibit"] is not None}
    return {asset: said[asset] for asset in [*answer.began(view)][: answer.SHOWN] if asset in said}


def differing(view: View, t: Texts) -> dict[str, str]:
    """The assets of page 1 on whose name or decimals exhibits, or the register, do not agree, with that."""
    shown = [*answer.began(view)][: answer.SHOWN]
    return {asset: told for asset in shown if (told := symbols.said(view, t, asset))}


def alike(view: View) -> int:
    """How many transactions stand in several exhibits, of which no two of different origins show all of them."""
    if "transactions" not in view.tables:
        return 0
    rows = view.tables["transactions"]()
    if not {"exhibits", "contradicted"} <= set(rows.column_names):
        return 0
    mine = pc.and_(
        pc.equal(rows.column("proof"), "reported"), pc.greater(pc.list_value_length(rows["exhibits"]), 1)
    )
    mine = pc.and_(mine, pc.invert(pc.fill_null(rows.column("contradicted"), False)))
    return int(rows.filter(mine).num_rows)


def _elsewhere(several: bool) -> Holds:
    def holds(view: View) -> bool:
        mine = (one.gap for one in limiting.weighed(view) if one.gap.code in BESIDE)
        return any(gap.affects and (gap.count > 1) is several for gap in mine)

    return holds


def hubs(view: View) -> dict[tuple[str, str, bool], list[OffRamp]]:
    """By wallet that no accepted label names, the rows that reached it; where none did, those that pay it."""
    found: dict[tuple[str, str, bool], list[OffRamp]] = {}
    rows = [(r, hub) for r in view.offramps if r.service is None for hub in r.hot_wallets or (r.address,)]
    reached = {(r.chain, hub) for r, hub in rows if r.amount}
    for r, hub in rows:
        got = (r.chain, hub) in reached
        if r.amount if got else r.resting:
            found.setdefault((r.chain, hub, got), []).append(r)
    return found


def rivals(view: View) -> dict[tuple[str, str, str], int]:
    """By wallet and asset, with the names that sources give to it, the traced value that reached it."""
    known, sums = figures.rivals(view), dict[tuple[str, str, str], int]()
    for (chain, hub, reached), rows in hubs(view).items():
        for r in rows if reached and (chain, hub) in known else ():
            key = hub, r.asset, known[chain, hub]
            sums[key] = sums.get(key, 0) + r.amount
    return sums


def _hub(named: bool, reached: bool) -> Holds:
    """Whether there is a wallet that no accepted label names: one that several names are given to, and reached."""

    def holds(view: View) -> bool:
        known = figures.rivals(view)
        return any(((chain, hub) in known, got) == (named, reached) for chain, hub, got in hubs(view))

    return holds


def unlimited(view: View) -> bool:
    """Whether nothing at all limits the answer."""
    shown = [*answer.began(view).items()][: answer.SHOWN]
    return not lacks.gaps(view) and not any(True for a, n in shown for _ in limiting.limiting(view, a, n))


def _credited(view: View) -> bool:
    return any(one.bounded for one in unsettled.credits(view)[: unsettled.SHOWN])


def _uncapped(view: View) -> bool:
    return any(not one.bounded for one in unsettled.credits(view)[: unsettled.SHOWN])


def _limited(key: str) -> Holds:
    """Whether a limit is weighed for page 1, which names the three on which most depends."""

    def holds(view: View) -> bool:
        shown = [*answer.began(view).items()][: answer.SHOWN]
        return any(key == found for asset, whole in shown for found, *_ in limiting.limiting(view, asset, whole))

    return holds


def proved(view: View) -> dict[str, int]:
    """By grade of proof, how many transactions stand on which exhibits do not disagree."""
    if "transactions" not in view.tables:
        return {}
    rows = view.tables["transactions"]()
    if "contradicted" in rows.column_names:
        rows = rows.filter(pc.invert(pc.fill_null(rows.column("contradicted"), False)))
    return {row["values"]: row["counts"] for row in rows.column("proof").value_counts().to_pylist()}


def _proved(name: str, several: bool) -> Holds:
    return lambda view: (proved(view).get(name, 0) > 1) if several else proved(view).get(name) == 1


def _unagreed(several: bool) -> Holds:
    def holds(view: View) -> bool:
        rows = view.tables["transactions"]().to_pylist() if "transactions" in view.tables else []
        count = sum(1 for row in rows if row.get("contradicted"))
        return count > 1 if several else count == 1

    return holds


def _hop(kind: str) -> Holds:
    return lambda view: any(hopwise.kind(view, row) == kind for row in hopwise.printed(view))


FIRST = (
    *watched.SENTENCES,
    Sentence("unsettled.credit", "exhibits disagree on what came in where traced value did", _credited),
    Sentence("unsettled.credit_open", "and it can itself be traced value", _uncapped),
    Sentence(
        "routes.disputed",
        "a payer of a route has a movement on which exhibits disagree",
        lambda v: any(hopwise.disputed(v, row) for row in hopwise.printed(v)),
    ),
    Sentence(
        "unsettled.more",
        "on more such payments than page 1 shows",
        lambda v: len(unsettled.credits(v)) > unsettled.SHOWN,
    ),
    Sentence(
        "answer.returned",
        "value of an asset with a table was given in an exchange or into a bridge and had back in it",
        lambda v: any(answer.returned(v).get(one) for one in [*answer.began(v)][: answer.SHOWN]),
    ),
    Sentence(
        "answer.unsettled",
        "a contradiction can move a row on which the rules agree",
        _rows(lambda r: r.unsettled and len(set(r.by_rule.values())) == 1),
    ),
    Sentence(
        "answer.unsettled_too",
        "or one on which they differ",
        _rows(lambda r: r.unsettled and len(set(r.by_rule.values())) > 1),
    ),
    Sentence(
        "summary.nothing_disputed",
        "no row stands, and a version of exhibits that disagree reaches a service or hub",
        lambda v: not v.offramps and not disputes.none(v),
    ),
    *disputes.SENTENCES,
    Sentence("summary.act_beside", "it moves other rules' figures alone", lambda v: bool(instead.beside(v))),
    Sentence(
        "summary.versions_more",
        "more figures differ by version than page 1 shows",
        lambda v: len(disputes.versions(v)) > disputes.SHOWN,
    ),
    Sentence(
        "summary.disputed_more",
        "on more such movements than page 1 shows",
        lambda v: len(disputes.once(v)) > disputes.SHOWN,
    ),
    Sentence("summary.checked_disputed", "exhibits disagree on several transactions", _unagreed(True)),
    Sentence("summary.checked_disputed_one", "exhibits disagree on one transaction", _unagreed(False)),
    Sentence(
        "conclusions.disputed",
        "no row stands, and a version of exhibits that disagree reaches a service or hub",
        lambda v: not v.offramps and not disputes.none(v),
    ),
    Sentence("limits.first_unsaid", "nobody says how some exhibits were obtained", _limited("unsaid")),
    Sentence("limits.first_unsaid_all", "nobody says so of any", _limited("unsaid_all")),
    Sentence("limits.first_names", "a name is weak, and no label of grade A or B gives it", _limited("names")),
    Sentence("limits.first_names_against", "it is, though such a label gives it", _limited("names_against")),
    Sentence("limits.elsewhere_one", "only other rules carry value to one unread place", _elsewhere(False)),
    Sentence("limits.elsewhere", "or to several", _elsewhere(True)),
    Sentence("limits.first_open", "value went to where no history is", _limited("open")),
    Sentence(
        "summary.rivals", "sources give a wallet that was reached to several services", lambda v: bool(rivals(v))
    ),
    Sentence("summary.act_rivals_reached", "the same", _hub(True, True)),
    Sentence("summary.act_rivals_unswept", "such a wallet is paid from where value is unswept", _hub(True, False)),
    Sentence("summary.act_hub_reached", "no source names a wallet that was reached", _hub(False, True)),
    Sentence("summary.act_hub_unswept", "nor one that is paid from where value is unswept", _hub(False, False)),
    Sentence("method.elected", "the declared rule has elections", lambda v: limiting.elected(v, True) is not None),
    Sentence("method.elected_beside", "a rule beside it has", lambda v: limiting.elected(v, False) is not None),
    Sentence(
        "summary.elected", "a rule has elections", lambda v: any(limiting.elected(v, b) for b in (True, False))
    ),
    Sentence("routes.intro", "a route was worked out", lambda v: bool(hopwise.ways(v))),
    Sentence(
        "routes.hop_joint", "a hop spends coins of several, one of which brought the value", _hop("hop_joint")
    ),
    Sentence("routes.hop_several", "the loss began by such a transaction", _hop("hop_several")),
    *hopwise.SENTENCES,
    Sentence(
        "routes.none", "none was, and there are off-ramps", lambda v: bool(v.offramps) and not hopwise.ways(v)
    ),
    Sentence(
        "answer.through", "a figure came through addresses alone", _reached(lambda x: figures.through(x.rows))
    ),
    Sentence(
        "answer.both",
        "it came in both ways",
        _reached(lambda x: not figures.through(x.rows) and not figures.direct(x.rows)),
    ),
    Sentence("answer.direct", "it came to wallets of its own alone", _reached(lambda x: figures.direct(x.rows))),
    Sentence(
        "answer.same",
        "every rule gives a row of the answer the same, at each place",
        _rows(lambda r: _one(r) and not r.apart and not r.parting),
    ),
    Sentence(
        "answer.same_places",
        "only for all places together",
        _rows(lambda r: _one(r) and not r.apart and r.parting),
    ),
    Sentence(
        "answer.places",
        "for all losses together, and for all places",
        _rows(lambda r: _one(r) and r.apart and r.parting),
    ),
    Sentence(
        "answer.same_together",
        "only for all losses together",
        _rows(lambda r: _one(r) and r.apart and not r.losses),
    ),
    Sentence("answer.same_losses", "the same outside services and hubs", _rows(lambda r: _one(r) and r.losses)),
    Sentence(
        "answer.between", "rules give a row different figures", _rows(lambda r: len(set(r.by_rule.values())) > 1)
    ),
    Sentence(
        "answer.apart",
        "and by loss too",
        _rows(lambda r: len(set(r.by_rule.values())) > 1 and r.apart and not r.losses),
    ),
    Sentence(
        "answer.apart_losses",
        "the same outside services and hubs",
        _rows(lambda r: len(set(r.by_rule.values())) > 1 and r.losses),
    ),
    Sentence(
        "answer.back",
        "inflow may be the same value twice",
        lambda v: any(x.twice for x in inflows.sums(v)),
    ),
    Sentence(
        "answer.more", "more assets were traced than page 1 shows", lambda v: len(answer.began(v)) > answer.SHOWN
    ),
    Sentence("answer.unmixed", "nothing else came in where the trace goes on", _unmixed(False)),
    Sentence("answer.unmixed_kept", "the same, and what is kept where it stops has bounds", _unmixed(True)),
    Sentence("answer.mixed", "it did, and every rule gives the same", lambda v: _mixed(v)),
    Sentence(
        "summary.instructed", "a loss is declared by address", lambda v: any(x.address for x in v.case.losses)
    ),
    Sentence("summary.obtained", "somebody says how an exhibit was obtained", lambda v: _told(v, True)),
    Sentence("summary.unsaid", "nobody does of some of them", lambda v: _told(v, True) and _told(v, False)),
    Sentence("summary.unsaid_all", "nobody does of any", lambda v: _told(v, False) and not _told(v, True)),
    *(
        Sentence(f"summary.proof_{name}{one}", f"transactions of grade {name} stand", _proved(name, not one))
        for name in figures.PROOFS
        for one in ("", "_one")
    ),
    Sentence(
        "summary.proof_alike_one", "several exhibits of one reader show one transaction", lambda v: alike(v) == 1
    ),
    Sentence("summary.proof_alike", "or several transactions", lambda v: alike(v) > 1),
    Sentence(
        "answer.overlap",
        "rules have different sums in all",
        lambda v: any(answer.differs(v, a) for a in [*answer.began(v)][: answer.SHOWN]),
    ),
    Sentence(
        "answer.differ",
        "exhibits, or the register, do not agree on the name or decimals of an asset of page 1",
        lambda v: any(asset in symbols.differing(v) for asset in [*answer.began(v)][: answer.SHOWN]),
    ),
    Sentence(
        "answer.called", "no register names an asset of page 1, and an exhibit does", lambda v: bool(called(v))
    ),
    Sentence("summary.assumed", "the journal declares the rule", lambda v: v.declaration is not None),
    Sentence(
        "summary.parted",
        "a loss begins as part of a payment, the rest of which is none",
        lambda v: bool(parted(v)),
    ),
    Sentence("summary.undeclared", "no entry is known that declares it", lambda v: v.declaration is None),
    Sentence(
        "summary.when_before", "declared before results", lambda v: bool(v.declaration and not v.declaration.seen)
    ),
    Sentence("summary.when_after", "declared after results", lambda v: bool(v.declaration and v.declaration.seen)),
)
"""The sentences of the answer and of what stands around it."""
