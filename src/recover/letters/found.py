"""What the trace found, as parts of a letter: accounts, losses, the flow to the addressee, what is against it."""

from __future__ import annotations

from collections.abc import Sequence

from recover.ledger.spending import paid_in_all
from recover.letters import covered, measured, reporting, screened
from recover.letters.matter import Matter
from recover.letters.narrowed import ranged as ranged_rest
from recover.letters.words import (
    Blocks,
    counted,
    files,
    left,
    may_name,
    own,
    private,
    spot,
    stacked,
    todo,
    whose,
)
from recover.letters.words import hub as hub_named
from recover.report import (
    credited,
    disputes,
    doubted,
    edges,
    extent,
    figures,
    freezes,
    inflows,
    instructed,
    openings,
    payers,
    ranged,
    simultaneous,
    unsettled,
)
from recover.report.elements import Block, Facts, Para, table
from recover.report.identifiers import Row, distinct
from recover.report.schedules import columns
from recover.report.texts import Texts
from recover.sdk import Asset, Finding, OffRamp
from recover.sdk.amounts import decimal
from recover.sdk.ends import beyond, passed_within, to_own
from recover.sdk.outside import visible

PRINTED = 30
"""Letters print at most so many losses and moments."""

LISTED = 12
"""Letters print at most so many transfers; more would bury what is asked, and all are in the tables."""


def disputed(m: Matter, ramps: Sequence[OffRamp]) -> str:
    """Which text says why value is not followed at some of these addresses: the other where exhibits disagree."""
    at = disputes.places(m.view)
    return "_disputed" if any(r.unfollowed and (r.address, r.asset) in at for r in ramps) else ""


def accounts(m: Matter) -> Blocks:
    if not m.ramps:
        return []
    t = m.texts
    names = files(m)
    return [
        credited.addresses(m.view, t, m.ramps, m.rows, ranged_rest(m.view, [loss.id for loss in m.losses])),
        _transfers(m, names),
        *_payments(m, names),
        credited.assets(m.view, t, m.ramps),
        Para(
            text=t.say(
                "table.intro",
                file=names,
                count=f"{len(reporting.listed(m)):,}",
                name=m.name,
                fees=reporting.fees(m),
                joint=t.say("table.joint_rows") if any(r.others_amount for r in m.rows) else "",
                holds=t.say("table.holds") if reporting.held(m) else "",
            ),
            style="note",
        ),
        Facts(rows=tuple((name, digest, "mono") for name, digest in m.files.items())),
    ]


def _transfers(m: Matter, names: str) -> Block:
    """What credited the addresses, the largest traced amount first: by these an account is looked up."""
    came = [r for r in m.rows if r.direction == "in"]
    return movements(m, came, "table.largest", "table.every", names) or Para(text=m.texts.say("table.none"))


def _payments(m: Matter, names: str) -> Blocks:
    """What wallets that are not called deposit addresses paid to the addressee, which knows an account by that."""
    plain = private(m)
    paid = [
        r
        for r in m.rows
        if r.direction == "out" and (r.address, r.asset) in plain and r.traced_amount not in ("", "0")
    ]
    ramps, moved = [r for r in m.ramps if figures.edge(r) == "plain"], m.view.tables["transfers"]
    by_asset = ([r for r in ramps if r.asset == asset] for asset in sorted({r.asset for r in ramps}))
    swept = sum(paid_in_all(mine, moved())[1] for mine in by_asset)
    made = movements(m, paid, "table.largest_paid", "table.every_paid", names, swept)
    own = [Para(text=m.texts.say("table.paid_own", name=m.name), style="note")] if to_own(m.ramps, m.ramps) else []
    joint = [Para(text=m.texts.say("table.joint_paid"), style="note")] if len(distinct(paid)) < len(paid) else []
    return [made, *joint, *own] if made else []


def movements(
    m: Matter, moves: Sequence[Row], largest: str, every: str, names: str, payments: int = 0
) -> Block | None:
    if not moves:
        return None
    t, coins = m.texts, figures.coins(m.view)
    # The largest first: a remainder of some units stands last, and is called one.
    shown = sorted(moves, key=lambda r: -int(r.traced_amount or 0))[:LISTED]
    rows = [
        (
            stacked(
                r.tx_hash,
                *_sides(r),
                t.say("memo.is", memo=r.memo) if r.memo else "",
                _beside(t, r),
                " ".join([m.time(r) or "–", *spot(t, r.block_height, r.log_index, r.chain in coins)]),
            ),
            stacked(amounted(t, r), r.raw_amount) if r.raw_amount else "–",
            stacked(f"{grouped(r.traced)}\n{r.traced_amount}", _dust(m, r)) if r.traced_amount else "–",
            r.exhibit or "–",
        )
        for r in shown
    ]
    heads = columns(t, "tx:mono", "amount:number", "of_it:number", "exhibits:exhibits")
    key, count = largest if len(shown) < len(moves) else every, len(distinct(moves))
    slots = {"count": f"{count:,}", "payments": f"{max(payments, count):,}"}
    return table(t.say(key, shown=f"{len(distinct(shown)):,}", file=names, name=m.name, **slots), heads, rows)


def _sides(row: Row) -> tuple[str, str]:
    """Who paid, then whom: read from top to bottom it can be read in one way only."""
    other = row.counterparty or "–"
    payer, payee = (other, row.address) if row.direction == "in" else (row.address, other)
    return payer, f"→ {payee}"


def amounted(t: Texts, row: Row) -> str:
    """All of a movement; of one that coins of others paid too, the most that can be this address's."""
    amount = f"{grouped(row.amount)} {row.symbol}"
    return t.say("table.upto", amount=amount) if row.others_amount else amount


def _beside(t: Texts, row: Row) -> str:
    """That a coin transaction spends coins of others too, and what each side brought."""
    if not row.others_amount:
        return ""
    others = decimal(int(row.others_amount), int(row.decimals) if row.decimals else None)
    return t.say("table.joint", others=f"{others} {row.symbol}")


def _dust(m: Matter, row: Row) -> str:
    """The word for a traced part so small that the case folds it: no account is to be held for that."""
    began = sum(n for loss in m.losses for n, _ in m.ways.starts(loss.id).get(row.asset, ()))
    began += sum(hop.came for loss in m.losses for hop in m.ways.came(loss.id, row.asset))
    small = int(row.traced_amount) * 1_000_000 <= m.view.case.dust * began
    return m.texts.say("table.dust") if small and began else ""


def grouped(text: str) -> str:
    whole, _, part = text.partition(".")
    return f"{int(whole):,}" + (f".{part}" if part else "") if whole.lstrip("-").isdigit() else text


def losses(m: Matter) -> Blocks:
    """The transactions with which each loss began, under its pseudonym."""
    if not m.losses:
        return []
    t, rows = m.texts, []
    for loss in m.losses[:PRINTED]:
        by = "address" if loss.address else "tx" if loss.output is None else "output"
        where = t.say(f"victim.by_{by}") + "\n" + visible(loss.place)
        chain = extent.chain(m.view, loss.chain)
        rows.append((loss.id, where, chain, instructed.limits(m.view, t, loss)))
    out: Blocks = [table(t.say("victim.caption"), columns(t, "loss", "place:mono", "chain:mono", "lost"), rows)]
    out += reporting.became(m)
    for asset_id, (rest, still) in m.pooled.items():
        # Counsel for one party learns of the others that there are some, and no more.
        asset = figures.asset(m.view, asset_id)
        slots = {
            "traced": t.units(rest, asset),
            "unswept": t.units(still, asset),
            "rule": t.rule(m.view.case.rule),
        }
        said = t.say("victim.pooled" if still else "victim.pooled_on", **slots)
        out.append(Para(text=said, style="note"))
    if len(m.losses) > PRINTED:
        out.append(Para(text=t.say("victim.more", count=len(m.losses) - PRINTED), style="note"))
    return out


def facts(m: Matter) -> Blocks:
    t, view = m.texts, m.view
    # A party's letter does not say how many others there are, and one about a line, a profile or a payment that
    # its sender names says nothing of the case.
    named = m.choice.losses
    # Of a loss that its sender names and that came to no place of the letter, the letter says nothing.
    about = (m.losses or named) if named else view.case.losses
    count = figures.counted(t, "facts.losses", len(about)) if not m.kind.names else ""
    intro = t.say("facts.intro_named" if named else "facts.intro", losses=count) if count else ""
    free = may_name(m)
    out: Blocks = [] if m.kind.names else [Para(text=intro if free else f"{intro} {t.say('facts.names')}")]
    for whole in figures.totals(view):
        # An addressee learns of its own figures only; the police learn of all that the case has found.
        mine = [r for r in m.ramps if r.asset == whole.asset and r.service == whole.service]
        if not mine:
            continue
        # Of the rows that stand in the letter: one that a person rejected is in none of its sums.
        total = m.total(whole.service, whole.asset)
        asset = figures.asset(view, total.asset)
        # The own wallets of a service, and what a source calls its deposit addresses, pass on nothing here.
        through = [r for r in mine if not r.stops]
        carrying = figures.carrying(mine)
        direct, ways = figures.direct(mine), {r in through for r in carrying}
        both = len(ways) > 1
        gone, payments = paid_in_all(through, view.tables["transfers"]()) if through else (0, 0)
        slots = {
            "rule": t.rule(view.case.rule),
            "traced": t.units(sum(r.amount for r in (mine if direct else through)), asset),
            "reached": t.units(total.amount, asset),
            "direct": t.units(sum(r.amount for r in mine if r not in through), asset),
            "credited": t.units(sum(figures.once(through, "credited").values()) - passed_within(through), asset),
            "unswept": t.units(sum(figures.once(through, "resting").values()), asset),
            "elsewhere": t.units(_others(through, mine), asset),
            "unfollowed": t.units(sum(figures.once(through, "unfollowed").values()), asset),
            "addresses": counted(m, carrying),
            "listed": counted(m, (r for r in through if r.credited)),
            "name": m.name if m.kind.about != "case" else visible(total.name, 80),
            "range": ranged.span(view, t, asset, total, named=bool(named)),
            "swept": payers.upto(view, t, through, t.units(gone, asset)),
            "without": unsettled.without(t, [(r.through, r.asset) for r in through], unsettled.paying(view)),
            **_parts(m, through, mine, asset),
            "sweeps": f"{payments:,}",
            "hub": "" if whole.service else hub_named(m, mine),
        }
        several = direct or len({r.place for r in through if r.credited}) > 1
        lost = (f"unfollowed{disputed(m, m.ramps)}",) if any(r.unfollowed for r in through) else ()
        # What no list names is called a hub that no list names, and attributed to nobody.
        hub = "" if whole.service else "hub_"
        way = "direct" if direct else "both" if both else "traced"
        parts = (way, "several" if several else "credited_of" if both else "credited")
        paid = () if hub else ("swept", *(("swept_own",) if to_own(through, mine) else ()))
        keys = (*(hub + name for name in parts), *lost, *paid) if through else (f"{hub}{way}",)
        out += [Para(text=t.say(f"facts.{name}", **slots)) for name in keys]
    for service in sorted({r.service for r in m.ramps if r.service}):
        told_of = m.name if m.kind.about != "case" else visible(figures.name(view, service, service), 80)
        reached = m.reached(m.at(service))
        out += inflows.of_service(view, t, told_of, m.at(service), reached, m.ways.passed(reached))
    out += measured.twice_told(m) if m.kind.about != "case" else []
    told = own(m.choice.facts)
    # A measure is weighed by what happened: where one is asked for, no paper goes out without it; nor does one
    # about a line, a profile or a payment, of which no trace says why it is asked about.
    needed = m.kind.asks in ("freeze", "notice", "report") or bool(m.kind.names)
    said: Blocks = told if told else [todo(t, "facts.todo")] if needed else left(m, "facts.todo")
    short = [Para(text=t.say("facts.screened"), style="note")] if screened.short(m) else []
    mixed = [Para(text=t.say("facts.mixed"), style="note")] if m.ramps or m.crossings else []
    return [*said, *out, *short, *mixed]


def _others(through: Sequence[OffRamp], mine: Sequence[OffRamp]) -> int:
    """What went elsewhere, and to no address of the same service that the letter lists."""
    return beyond(through) - to_own(through, mine)


def _parts(m: Matter, through: Sequence[OffRamp], mine: Sequence[OffRamp], asset: Asset) -> dict[str, str]:
    """What became of what came in, part by part, without the parts of which there is nothing."""
    t = m.texts
    service = mine[0].service
    name = m.name if m.kind.about != "case" else visible(figures.name(m.view, service, service or ""), 80)
    sums = {
        "part_on" if service else "part_hub": sum(r.amount for r in through),
        "part_left": sum(figures.once(through, "resting").values()),
        "part_own": to_own(through, mine),
        "part_elsewhere": _others(through, mine),
        "part_fees": sum(figures.once(through, "fees").values()),
    }
    told = {key: t.say(f"facts.{key}", amount=t.units(n, asset), name=name) for key, n in sums.items() if n}
    both = [one for key, one in told.items() if key != "part_elsewhere"]
    none = t.say("facts.part_none")
    return {"parts": t.joined(told.values()) or none, "here": t.joined(both) or none}


def holding(m: Matter) -> Blocks:
    """What an issuer is asked about: address, contract, what was traced there, the balance at a block."""
    if not m.holdings:
        return []
    t, rows, moves = m.texts, [], span(m)
    for f in m.holdings:
        asset = figures.asset(m.view, str(f.slots.get("asset", "")))
        height, balance = f.slots.get("balance_height"), f.slots.get("balance")
        known = (
            t.say("holding.balance", balance=freezes.balances(m.view, t, f), height=str(height))
            if isinstance(balance, int)
            else t.say("holding.no_balance")
        )
        traced, upto = figures.number(f, "amount"), figures.number(f, "upto")
        part = t.say("holding.upto", upto=t.units(upto, asset)) if upto < traced else ""
        lost = doubted.phrases(m.view, t, [(f.subject, asset.id)])
        unread = t.say("holding.unread", **lost) if f.slots.get("history") else ""
        shown = covered.told(m, "holding.shown", [(asset.id.partition("/")[0], f.subject, asset.id)])
        rows.append(
            (
                # The contract below the address: beside it, in a column, one of them would be broken.
                stacked(
                    visible(f.subject),
                    extent.chain(m.view, asset.id.partition("/")[0]),
                    visible(asset.id, 160),
                ),
                stacked(visible(asset.symbol, 24), _linked(m, f)),
                stacked(t.both(traced, asset), moves.get((f.subject, asset.id), ""), _turned(m, f, asset)),
                stacked(known, part, unread, shown),
                t.listed(f.exhibits),
            )
        )
    heads = columns(t, "holding:mono", "linked", "traced_rest:number", "balance", "exhibits:exhibits")
    balanced = any(isinstance(f.slots.get("balance"), int) for f in m.holdings)
    brought = movements(m, m.rows, "holding.largest", "holding.every", files(m))
    return [
        table(t.say("holding.caption", rule=m.texts.rule(m.view.case.rule)), heads, rows),
        Para(text=t.say("holding.note" if balanced else "holding.note_rest"), style="note"),
        *([brought] if brought else []),
    ]


def _turned(m: Matter, f: Finding, asset: Asset) -> str:
    """How far what is left at a place moves in another order of one moment."""
    amount = figures.number(f, "amount")
    return simultaneous.mark_left(m.view, m.texts, asset, f.subject, amount, m.choice.losses)


def span(m: Matter) -> dict[tuple[str, str], str]:
    """By place of a holding, how far what is left there moves from rule to rule, where it does."""
    places = {(f.subject, str(f.slots.get("asset", ""))) for f in m.holdings}
    found, sums = {}, ranged_rest(m.view, [loss.id for loss in m.losses]) if places else {}
    for place, by_rule in sums.items():
        if place in places and len({*by_rule.values()}) > 1:
            asset = figures.asset(m.view, place[1])
            least, most = (pick(by_rule.items(), key=lambda one: one[1]) for pick in (min, max))
            slots = {"least": m.texts.units(least[1], asset), "most": m.texts.units(most[1], asset)}
            slots["opening"] = openings.said(m.view, m.texts, place[1])
            found[place] = m.texts.say(
                "holding.range", least_rule=m.texts.rule(least[0]), most_rule=m.texts.rule(most[0]), **slots
            )
    return found


def _linked(m: Matter, f: Finding) -> str:
    """To whom an address is attributed: an issuer does not stop wallets of a service, and has to know."""
    for r in figures.kept(m.view):
        if r.service and (r.address, r.asset) == (f.subject, f.slots.get("asset")):
            key = "deposit" if r.deposit else "own" if r.stops else "plain"
            name = visible(figures.name(m.view, r.service, r.service_name), 80)
            return m.texts.say(f"holding.{key}", name=name, grade=m.texts.grade(r.grade))
    return m.texts.say("holding.unlinked")


def link(m: Matter) -> Blocks:
    if not m.ramps:
        return []
    t, rows = m.texts, []
    for r in m.ramps:
        also = t.joined(edges.called(m.view, r)) if r.plain else ""
        key = "link.deposit" if r.deposit else "link.own" if r.stops else "link.plain"
        slots = {"name": whose(m, r), "grade": t.grade(r.grade), "basis": visible(t.grounds(r.basis), 400)}
        slots |= {"symbol": visible(r.symbol, 24), "assets": also}
        said = t.say("link.plain_beside" if also else key, **slots)
        rows.append((credited.place(t, r), said, t.listed(r.exhibits)))
    rows = [*dict.fromkeys(rows)]  # of two assets one attribution is told once
    grades = ", ".join(t.grade(g) for g in "ABCDE")
    heads = columns(t, "address:mono", "basis", "exhibits:exhibits")
    return [
        Para(text=t.say("link.intro", grades=grades), style="note"),
        table(t.say("link.caption"), heads, rows),
    ]
