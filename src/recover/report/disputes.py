"""Where exhibits disagree on what left an address that traced value came to: what each shows, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow.compute as pc

from recover.report import figures, instead, unsettled
from recover.report.claimed import Holds, Sentence
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
        said = t.say(_act(_way(f)), silent=silent, exhibits=t.listed(f.exhibits), **slots)
        rank = sums or {asset: n for tx in names for asset, n in open_.get(tx, {}).items()}
        yield Act(said=said, stake=sums, rank=rank, beside=(names, by, silent) in instead.beside(view))
    known = instead.worked(view)
    for tx, rank in open_.items():
        if tx not in known:
            exhibits = t.listed(unsettled.showing(view).get(tx, ()))
            said = t.say(_act(_unworked(view, tx)), transaction=visible(tx), exhibits=exhibits)
            yield Act(said=said, stake={}, rank=rank)
    for f in warned(view):
        asset = str(f.slots["asset"])
        least = figures.number(f, "least")
        slots = {"service": visible(figures.name(view, f.subject, f.subject), 80), "rule": view.case.rule}
        slots["least"] = t.units(least, figures.asset(view, asset))
        yield Act(said=t.say("summary.act_warn", **slots), stake={asset: least}, rank={asset: least})
    for asset, found in turned(view).items():
        most = max(abs(figures.number(f, "amount") - figures.number(f, "otherwise")) for f in found)
        exhibits = t.listed(sorted({n for f in found for n in f.exhibits}))
        yield Act(said=t.say("summary.act_order", exhibits=exhibits), stake={asset: most}, rank={asset: most})


def _act(way: str) -> str:
    return f"summary.act_settle{'' if way == 'version' else f'_{way}'}"


def warned(view: View) -> list[Finding]:
    """What services that got nothing as the case stands get by every answer that was worked out."""
    found = (f for f in versions(view) if f.slots.get("service") and not figures.number(f, "amount"))
    return [f for f in found if figures.number(f, "least")]


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
    """Whether there is an act of this kind: on one transaction, on several that spend one coin, on a history; on
    one that an exhibit alone contradicts `itself` on, and of which no list of it (`alone`) says what is right."""
    worked = {_way(f) for f in figures.of_kind(view, instead.OPEN) if instead.key(f) in instead.stakes(view)}
    return by in worked | {_unworked(view, tx) for tx in {*_met(view)} - instead.worked(view)}


def _way(f: Finding) -> str:
    """How what is open is settled, where answers to it were worked out."""
    by = str(f.slots.get("by"))
    return "itself" if by == "version" and len(f.exhibits) == 1 else by


def _unworked(view: View, tx: str) -> str:
    """The same of a transaction where no exhibit, and no list of one, is an answer."""
    return "alone" if len(unsettled.showing(view).get(tx, ())) == 1 else "version"


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
        who = instead.who(t, sorted({n for row in mine for n in row["exhibits"] or ()}))
        key = "summary.checked_disputed_one" if len(mine) == 1 else "summary.checked_disputed"
        yield t.say(key, count=f"{len(mine):,}", who=who)


def _open_by(by: str) -> Holds:
    return lambda view: open_by(view, by)


SENTENCES = (
    Sentence("summary.act_order", "blocks and times give a service two figures", lambda v: bool(turned(v))),
    Sentence("summary.act_settle", "exhibits disagree on a transaction that moves figures", _open_by("version")),
    Sentence("summary.act_settle_itself", "or lists of one exhibit do", _open_by("itself")),
    Sentence("summary.act_settle_alone", "or one does, and no list of it says it", _open_by("alone")),
    Sentence(
        "summary.act_warn",
        "by every answer a service gets something that gets nothing as the case stands",
        lambda v: bool(warned(v)),
    ),
    Sentence("summary.act_settle_rival", "or show two that spend one coin", _open_by("rival")),
    Sentence("summary.act_settle_history", "or one lacks what another shows", _open_by("history")),
)
"""The acts that settle what exhibits disagree on, each with its condition."""
