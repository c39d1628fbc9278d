"""Where exhibits disagree on what left an address that traced value came to: what each shows, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow.compute as pc

from recover.report import figures, instead, ranged, unsettled
from recover.report.elements import Block, Para
from recover.report.sentences import point
from recover.report.texts import Texts
from recover.sdk import Finding, View
from recover.sdk.outside import visible

SHOWN = 4
"""So many stand on page 1, those with most at stake first; the findings have every one."""


def ranked(view: View) -> list[Finding]:
    """The contradictions that traced value met, those that concern most of it first."""
    found = figures.of_kind(view, "contradicted")
    return sorted(found, key=lambda f: (-figures.number(f, "amount"), f.subject, int(f.id[1:])))


def versions(view: View) -> list[Finding]:
    """What services get by the versions of exhibits, those first whose figure hangs most on the version."""
    found = figures.of_kind(view, "by-version")
    return sorted(found, key=lambda f: (figures.number(f, "least") - figures.number(f, "most"), int(f.id[1:])))


def reaching(view: View) -> bool:
    """Whether by a version of exhibits that disagree traced value went, or can have gone, to a service or hub."""
    told = any(figures.number(f, "to_most") for f in ranked(view)) or any(
        figures.number(f, "most") for f in versions(view)
    )
    return told or _beyond(view)


@figures.settled
def _beyond(view: View) -> bool:
    """Whether a way leads from where traced value ended, over a movement that exhibits disagree on, to a wallet
    that a source gives to a service: what any exhibit shows counts, whatever came there."""
    if view.offramps or not {"transfers", "labels"} <= set(view.tables):
        return False
    moved = view.tables["transfers"]().select(["tx", "src", "dst", "asset", "excluded"])
    if not pc.any(pc.equal(moved.column("excluded"), "contradicted")).as_py():
        return False
    on: dict[tuple[str, str], set[tuple[tuple[str, str], bool]]] = {}
    for row in moved.to_pylist():
        if row["excluded"] in (None, "contradicted"):
            # What several coins pay goes through their transaction.
            payer, payee = ((row[side] or f"tx {row['tx']}", row["asset"]) for side in ("src", "dst"))
            on.setdefault(payer, set()).add((payee, row["excluded"] is not None))
    wallets = {row["address"] for row in view.tables["labels"]().to_pylist() if row["service"]}
    open_ = [((rest.address, rest.asset), False) for rest in figures.rests(view) if rest.address]
    found = set[tuple[tuple[str, str], bool]]()
    while open_:
        here = place, disputed = open_.pop()
        if here in found:
            continue
        found.add(here)
        if disputed and place[0] in wallets:
            return True
        open_ += [(payee, disputed or doubted) for payee, doubted in on.get(place, ())]
    return False


def none(view: View) -> bool:
    """Whether by no version of any exhibit traced value reached a service or hub."""
    return not view.offramps and not reaching(view)


def places(view: View) -> frozenset[tuple[str, object]]:
    """The addresses, with the asset, of which exhibits disagree on what left."""
    return frozenset((f.subject, f.slots.get("asset")) for f in ranked(view))


def still(view: View) -> str:
    """What is said where nothing is left that no exhibit shows leaving."""
    if ranked(view):
        return "summary.still_disputed"
    if figures.homes(view):
        return "summary.still_home"
    rested = (sums for (_, _, why), sums in ranged.endpoints(view).items() if why == "rest")
    return "summary.still_none" if any(any(sums.values()) for sums in rested) else "summary.still_none_any"


def nothing(view: View, t: Texts) -> Para:
    """That nothing is shown to reach a service; or that it is open, where exhibits disagree on it."""
    key = "summary.nothing_relied" if unsettled.relied(view) else "summary.nothing"
    key = "summary.nothing_disputed" if reaching(view) else key
    return Para(text=t.say(key, rule=view.case.rule))


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """For page 1: each contradiction with both exhibits, what either gives to services, and what is left; what the
    versions come to; and last what moves no figure."""
    found = once(view)
    for f in found[:SHOWN]:
        yield Para(text=point(view, t, f).text, style="warning")
    if more := found[SHOWN:]:
        yield Para(text=t.say("summary.disputed_more", count=f"{len(more):,}"), style="note")
    for f in figures.of_kind(view, "settled", "settled-otherwise", "order-otherwise"):
        yield Para(text=point(view, t, f).text, style="warning")
    told = versions(view)
    for f in told[:SHOWN]:
        yield Para(text=point(view, t, f).text, style="warning")
    if more := told[SHOWN:]:
        yield Para(text=t.say("summary.versions_more", count=f"{len(more):,}"), style="note")
    for f in instead.unmoved(view)[:SHOWN]:
        yield Para(text=point(view, t, f).text, style="note")


def once(view: View) -> list[Finding]:
    """The contradictions that value met; of transactions that spend one coin the one that pays services most."""
    group = {tx: key for key in instead.stakes(view) if key[1] == "rival" for tx in key[0]}
    best: dict[object, Finding] = {}
    for f in sorted(ranked(view), key=lambda f: -figures.number(f, "to_most")):
        best.setdefault(group.get(str(f.slots.get("transaction")), f.id), f)
    shown = {f.id for f in best.values()}
    return [f for f in ranked(view) if f.id in shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act to settle something: its sentence, what hangs on it by asset, and by what it ranks.

    Where nobody worked out how much hangs on it, no figure is printed. `beside`: it hangs on it under another rule
    than the declared one.
    """

    said: str
    stake: Mapping[str, int]
    rank: Mapping[str, int]
    beside: bool = False


def actions(view: View, t: Texts) -> Iterator[Act]:
    """What settles each contradiction, with what changes from version to version."""
    open_ = _met(view)
    for (names, by, silent), sums in instead.stakes(view).items():
        f = next(f for f in figures.of_kind(view, instead.OPEN) if instead.key(f) == (names, by, silent))
        slots = {"transaction": instead.named(t, f), "places": instead.few(t, instead.texts(f, "places"))}
        key = f"summary.act_settle{'' if by == 'version' else f'_{by}'}"
        said = t.say(key, silent=silent, exhibits=t.listed(f.exhibits), **slots)
        rank = sums or {asset: n for tx in names for asset, n in open_.get(tx, {}).items()}
        yield Act(said=said, stake=sums, rank=rank, beside=(names, by, silent) in instead.beside(view))
    known = instead.worked(view)
    for tx, rank in open_.items():
        if tx not in known:
            exhibits = t.listed(unsettled.showing(view).get(tx, ()))
            said = t.say("summary.act_settle", transaction=visible(tx), exhibits=exhibits)
            yield Act(said=said, stake={}, rank=rank)
    for asset, found in turned(view).items():
        most = max(abs(figures.number(f, "amount") - figures.number(f, "otherwise")) for f in found)
        exhibits = t.listed(sorted({n for f in found for n in f.exhibits}))
        yield Act(said=t.say("summary.act_order", exhibits=exhibits), stake={asset: most}, rank={asset: most})


def _met(view: View) -> dict[str, dict[str, int]]:
    """By transaction that exhibits disagree on, and asset, the most traced value that met it."""
    open_: dict[str, dict[str, int]] = {}
    for tx, asset, most in (
        *(
            (str(f.slots.get("transaction", "")), str(f.slots["asset"]), figures.number(f, "amount"))
            for f in ranked(view)
        ),
        *((one.tx, one.holding[1], one.amount) for one in unsettled.credits(view)),
    ):
        sums = open_.setdefault(tx, {})
        sums[asset] = max(most, sums.get(asset, 0))
    return open_


def open_by(view: View, by: str) -> bool:
    """Whether there is an act of this kind: on one transaction, on several that spend one coin, on a history."""
    if any(key[1] == by for key in instead.stakes(view)):
        return True
    known = instead.worked(view)
    met = {str(f.slots.get("transaction", "")) for f in ranked(view)} | {one.tx for one in unsettled.credits(view)}
    return by == "version" and bool(met - known)


def turned(view: View) -> Mapping[str, list[Finding]]:
    """By asset, what services get in the other order, where blocks and times give two."""
    found: dict[str, list[Finding]] = {}
    for f in figures.of_kind(view, "order-otherwise"):
        found.setdefault(str(f.slots.get("asset", "")), []).append(f)
    return found


def checked(view: View, t: Texts) -> Iterator[str]:
    """Of how many transactions exhibits disagree, for what page 1 says was checked."""
    rows = view.tables["transactions"]()
    if "contradicted" not in rows.column_names:
        return
    mine = [row for row in rows.select(["exhibits", "contradicted"]).to_pylist() if row["contradicted"]]
    if mine:
        exhibits = t.listed(n for row in mine for n in row["exhibits"] or ())
        key = "summary.checked_disputed_one" if len(mine) == 1 else "summary.checked_disputed"
        yield t.say(key, count=f"{len(mine):,}", exhibits=exhibits)
