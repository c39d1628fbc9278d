"""Besides: what came to addresses that pay services, and is still there or not followed; and whether that is part
of a sum that was said before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recover.report import answer, arrived, credited, disputes, figures, sequenced, staying, unnamed, unsettled
from recover.report.claimed import Holds, Sentence
from recover.report.elements import Block, Para
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.outside import visible

SLOTS = ("unswept", "unfollowed")
_OF = {"unswept": "resting", "unfollowed": "unfollowed"}
"""What the sum of a slot is of in a row."""


def split(view: View, slot: str) -> Iterator[tuple[str, bool, list[figures.Total], list[OffRamp]]]:
    """(asset, whether what came there is said already, the sums, their rows with something in this slot).

    An address that pays two services holds its value once, and stands on one side alone.
    """
    told = {(x.asset, r.place) for x in arrived.parted(view) for r in x.rows}
    found = figures.totals(view)
    for asset_id in dict.fromkeys(total.asset for total in found):
        mine = [
            x for x in found if x.asset == asset_id and (x.service or slot == "unfollowed") and getattr(x, slot)
        ]
        for said in (True, False):
            rows = [
                r for x in mine for r in x.rows if getattr(r, _OF[slot]) and ((asset_id, r.place) in told) is said
            ]
            if rows:
                services = {(r.service, r.asset) for r in rows}
                yield asset_id, said, [x for x in mine if (x.service, x.asset) in services], rows


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """What came to addresses that pay services and is still there, the part that can be saved; then what is not
    followed. One sentence an asset over all services."""
    for slot in SLOTS:
        for asset_id, said, totals, rows in split(view, slot):
            open_there = disputes.places(view) & {(r.address, r.asset) for r in rows}
            disputed = slot == "unfollowed" and open_there
            text = t.say(
                f"summary.{slot}{'_of' if said else ''}{'_disputed' if disputed else ''}",
                rule=view.case.rule,
                **{slot: t.units(sum(figures.once(rows, _OF[slot]).values()), figures.asset(view, asset_id))},
                addresses=figures.addresses(view, t, rows),
                services=t.joined(_named(view, t, total) for total in totals),
            )
            yield Para(text=text)


def kept(view: View) -> list[OffRamp]:
    """The rows of labelled deposit addresses at which the trace stops, and at which some of what came is still, or
    can be, by their own history; those with most first."""
    rows = (r for r in view.offramps if r.service and credited.stopped(r))
    whole = answer.began(view)
    ranked = [(-_most(r) * 10**30 // max(whole.get(r.asset, 0), 1), n, r) for n, r in enumerate(rows) if _most(r)]
    return [r for *_, r in sorted(ranked, key=lambda one: one[:2])]


def _most(r: OffRamp) -> int:
    return r.unswept_bounds.get("", {}).get("most", 0)


def lying(view: View, t: Texts, most: int) -> Iterator[str]:
    """So many of them as sentences, and how many there are beside."""
    found = kept(view)
    for r in found[:most]:
        asset = figures.asset(view, r.asset)
        yield t.say(
            "summary.kept",
            credited=t.units(r.credited, asset),
            address=visible(r.address),
            amount=credited.between(view, t, r, "summary.kept_between", "summary.kept_sequence")
            or t.units(_most(r), asset),
            rule=view.case.rule,
            service=visible(figures.name(view, r.service, r.service_name), 80),
        )
    if more := found[most:]:
        yield t.say("summary.kept_more", count=f"{len(more):,}")


def acts(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act) to watch each place at which what is left of the traced value has bounds."""
    for r in _bounded(view):
        ends = r.unswept_bounds[""]
        slots = {end: t.units(n, figures.asset(view, r.asset)) for end, n in ends.items()}
        but = unsettled.without(t, [(r.through, r.asset)], unsettled.meeting(view))
        yield r.asset, ends["most"], t.say("summary.act_bounds", address=visible(r.through), without=but, **slots)


def _bounded(view: View) -> list[OffRamp]:
    """A row of each such place."""
    found = {(r.through, r.asset): r for r in view.offramps if r.at_rest and r.unswept is None and _most(r)}
    return [*found.values()]


def _named(view: View, t: Texts, total: figures.Total) -> str:
    return visible(total.name, 80) if total.service else unnamed.hub(view, t, total.rows, "summary.hubs")


def _some(slot: str, said: bool, disputed: bool = False) -> Holds:
    def open_(view: View, rows: Iterable[OffRamp]) -> bool:
        return bool(slot == "unfollowed" and disputes.places(view) & {(r.address, r.asset) for r in rows})

    return lambda view: any(one is said and open_(view, rows) is disputed for _, one, _, rows in split(view, slot))


def _beside(also: bool) -> Holds:
    """Whether page 1 has a service or hub with nothing under the declared rule as it is traced here, which has
    something under it in another sequence, or with another part of a payment; or one that has none so."""

    def holds(view: View) -> bool:
        shown = [*answer.began(view)][: answer.SHOWN]
        rows = [row for asset in shown for row in answer.rows(view, asset) if row.total and not row.amount]
        return any(bool(row.by_rule and row.total and sequenced.also(row.total)) is also for row in rows)

    return holds


SENTENCES = (
    Sentence("answer.otherwise", "only other rules give a service or hub of page 1 anything", _beside(False)),
    Sentence("answer.otherwise_also", "and the declared one does in another sequence or part", _beside(True)),
    Sentence("summary.unswept", "value is unswept where no sum before says that it came", _some("unswept", False)),
    Sentence("summary.unswept_of", "it is, where one does", _some("unswept", True)),
    Sentence("summary.act_bounds", "what is left where a trace stops has bounds", lambda v: bool(_bounded(v))),
    Sentence("summary.kept", "some is still at a labelled deposit address", lambda v: bool(kept(v))),
    Sentence(
        "summary.kept_between",
        "how much of it, its history bounds",
        lambda v: any(r.unswept is None for r in kept(v)[: staying.STILL]),
    ),
    Sentence(
        "summary.kept_sequence",
        "and the order of one moment in which value came and was paid out is open",
        lambda v: any(
            r.unswept is None and (r.through, r.asset) in credited.simultaneously(v)
            for r in kept(v)[: staying.STILL]
        ),
    ),
    Sentence("summary.kept_more", "at more of them than are listed", lambda v: len(kept(v)) > staying.STILL),
    Sentence("summary.unfollowed", "value is not followed, and no sum before has it", _some("unfollowed", False)),
    Sentence("summary.unfollowed_of", "one has it", _some("unfollowed", True)),
    Sentence("summary.unfollowed_disputed", "exhibits disagree on it", _some("unfollowed", False, True)),
    Sentence("summary.unfollowed_of_disputed", "and a sum has it", _some("unfollowed", True, True)),
)
