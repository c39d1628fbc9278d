"""Routes (the first part of R9): wallet by wallet, each hop with its arithmetic in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from recover.report import extent, figures, payers, unsettled
from recover.report.claimed import Holds, Sentence
from recover.report.elements import Block, Items, Para
from recover.report.texts import Texts
from recover.sdk import OffRamp, View, amounts
from recover.sdk.ends import recorded
from recover.sdk.outside import visible

PRINTED = 3
"""So many pairs of a loss and an off-ramp are printed hop by hop, those with most traced; the annex has all."""

HOPS = 12
"""A longer route is printed from its ends: its middle is in the annex."""

_LOTS = 6
_SUMS = 3

Row = Mapping[str, Any]
Unit = Callable[[str], str]


@figures.settled
def rows(view: View) -> tuple[Row, ...]:
    """Every hop of every route, in the order of the table; empty where none was worked out."""
    return tuple(view.tables["routes"]().to_pylist()) if "routes" in view.tables else ()


@figures.settled
def ways(view: View) -> dict[tuple[str, ...], list[Row]]:
    """The hops of each route, by service, off-ramp, asset, loss, mark and way. The mark parts routes of which all
    else is one: it is the hub, where that has no name, and of deposits by memo the last movement."""
    return _grouped(rows(view))


def hub(r: OffRamp) -> str:
    """The hub without a name to which a row went; empty where a service is named. One address can pay several."""
    return "" if r.service else (*r.hot_wallets, r.through)[0]


@figures.settled
def rested(view: View) -> dict[tuple[str, ...], list[Row]]:
    """The hops of each route to what is left in an asset that an issuer can stop; `service` is empty."""
    return _grouped(view.tables["rested"]().to_pylist()) if "rested" in view.tables else {}


@figures.settled
def exchanged(view: View) -> dict[tuple[int, str], int]:
    """By movement and loss, in base units: of what began by it, what came by an exchange or over a bridge."""
    if "exchanges" not in view.tables:
        return {}
    found = view.tables["exchanges"]()
    keys = zip(found.column("seq").to_pylist(), found.column("loss").to_pylist(), strict=True)
    return dict(zip(keys, amounts.exact(found), strict=True))


@figures.settled
def resting(view: View) -> Mapping[tuple[str, str], set[str]]:
    """By address and asset, the losses of which some value rests there under the declared rule."""
    found: dict[tuple[str, str], set[str]] = {}
    if "ends" in view.tables:
        table = recorded(view.tables["ends"](), view.case.rule)
        columns = (table.column(name).to_pylist() for name in ("address", "asset", "reason", "loss"))
        for address, asset, reason, loss, amount in zip(*columns, amounts.exact(table), strict=True):
            if reason == "rest" and amount:
                found.setdefault((address, asset), set()).add(loss)
    return found


def _grouped(listed: Iterable[Row]) -> dict[tuple[str, ...], list[Row]]:
    routes: list[list[Row]] = []
    for row in listed:
        if row["hop"] == 1 or not routes:
            routes.append([])
        routes[-1].append(row)
    found: dict[tuple[str, ...], list[Row]] = {}
    for hops in routes:
        names = tuple(hops[0][name] for name in ("service", "through", "asset", "loss"))
        mark = "" if hops[0]["service"] else hops[-1]["dst"] or ""
        if (*names, mark, hops[0]["way"]) in found:
            mark = str(hops[-1]["seq"])
        found[*names, mark, hops[0]["way"]] = hops
    return found


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """The routes of the pairs with most traced value, then how many more stand in the annex."""
    found = ways(view)
    if not found:
        if view.offramps:
            yield Para(text=t.say("routes.none"), style="note")
        return
    yield Para(text=t.say("routes.intro", rule=view.case.rule), style="note")
    pairs = dict.fromkeys(key[:-1] for key in found)
    shown = [*pairs][:PRINTED]
    for key, hops in found.items():
        if key[:-1] in shown:
            caption, items = route(view, t, hops)
            yield Para(text=caption, style="lead")
            yield Items(items=items)
    if more := len(pairs) - len(shown):
        yield Para(text=t.say("routes.more", count=f"{more:,}"), style="note")


def route(view: View, t: Texts, hops: Sequence[Row]) -> tuple[str, tuple[str, ...]]:
    """The sentence that heads a route, and one for each hop that is printed."""
    first = hops[0]
    asset = figures.asset(view, first["asset"])

    def unit(text: str) -> str:
        return t.units(int(text), asset)

    if first["service"]:
        name = visible(figures.name(view, first["service"], first["service"]), 80)
    else:
        slots = {"address": visible(hops[-1]["dst"] or "–"), "names": visible(_rivals(view, hops), 160)}
        name = t.say("routes.rivals" if _rivals(view, hops) else "routes.hub", **slots)
    where = "routes.at" if hops[-1]["dst"] == first["through"] else "routes.through"
    caption = t.say(
        f"routes.{first['way']}",
        loss=first["loss"],
        service=name,
        place=t.say(where, address=visible(first["through"])),
        hops=f"{len(hops):,}",
        least=unit(first["least"]),
        traced=unit(first["ended"]),
        rule=view.case.rule,
    )
    return caption, tuple(_hop(view, t, row, unit) for row in _kept(hops))


def _rivals(view: View, hops: Sequence[Row]) -> str:
    """The names that sources of one grade give to the wallet at which a route ends; empty where they agree."""
    return figures.rivals(view).get((hops[-1]["asset"].partition("/")[0], hops[-1]["dst"]), "")


def printed(view: View) -> Iterator[Row]:
    """The hops of the routes that the report prints, those with most traced value."""
    for hops in _printed(view):
        yield from _kept(hops)


def _printed(view: View) -> Iterator[Sequence[Row]]:
    found = ways(view)
    shown = [*dict.fromkeys(key[:-1] for key in found)][:PRINTED]
    yield from (hops for key, hops in found.items() if key[:-1] in shown)


def _nameless(rivals: bool) -> Holds:
    return lambda view: any(
        bool(_rivals(view, hops)) is rivals for hops in _printed(view) if not hops[0]["service"]
    )


def _credited(stops: bool) -> Holds:
    return lambda view: any((hops[-1]["dst"] == hops[0]["through"]) is stops for hops in _printed(view))


SENTENCES = (
    Sentence("routes.hub", "a route printed leads to a hub without a name", _nameless(False)),
    Sentence("routes.rivals", "or to a wallet of which sources disagree whose it is", _nameless(True)),
    Sentence("routes.at", "the trace stops at the address that was credited", _credited(True)),
    Sentence("routes.through", "it goes on from that", _credited(False)),
)
"""The conditions of what heads a route."""


def disputed(view: View, row: Row) -> bool:
    """Whether exhibits disagree on a movement of the payer of a hop, whose sum then stands without it."""
    held = row["balance"] is not None and row["inputs"] is None
    return held and (row["src"], row["asset"]) in unsettled.meeting(view)


def _kept(hops: Sequence[Row]) -> Sequence[Row]:
    return hops if len(hops) <= HOPS else [*hops[: HOPS // 2], *hops[-HOPS // 2 :]]


def _hop(view: View, t: Texts, row: Row, unit: Unit) -> str:
    """One movement as a sentence, then its sum. Who paid an output of a transaction of several nobody can say; who
    brought what the route follows can be said."""
    rule = view.case.rule
    return t.say(
        f"routes.{kind(view, row)}",
        count=f"{len([*filter(None, _sharing(view).get(_transaction(row), ()))]):,}",
        number=f"{row['hop']}",
        hops=f"{row['hops']}",
        time=extent.when(view, t, row["asset"].split("/", 1)[0], row["time"]),
        src=visible(row["src"] or "–"),
        dst=visible(row["dst"] or "–"),
        tx=visible(row["tx"]),
        moved=unit(row["moved"]),
        words=_words(t, row, unit, rule, disputed(view, row), exchanged(view)),
        carried=unit(row["traced"]),
        loss=row["loss"],
    )


@figures.settled
def _sharing(view: View) -> Mapping[tuple[str, str], tuple[str, ...]]:
    spent = {row["tx"] for row in rows(view) if row["inputs"]}
    return payers.spenders(view, spent) if spent and "transfers" in view.tables else {}


def _transaction(row: Row) -> tuple[str, str]:
    return row["asset"].partition("/")[0], row["tx"]


def kind(view: View, row: Row) -> str:
    """How a hop is told: by its payer, or, of coins of several, by whose coin brought what the route follows."""
    several = row["inputs"] and len(_sharing(view).get(_transaction(row), ())) > 1
    return "hop" if not several else "hop_joint" if row["src"] else "hop_several"


def _words(t: Texts, row: Row, unit: Unit, rule: str, disputed: bool, came: Mapping[tuple[int, str], int]) -> str:
    """The sum of one hop as a sentence that can be checked with pencil and paper."""
    moved = unit(row["moved"])
    if row["over"]:
        over = {name: visible(value, 80) for name, value in json.loads(row["over"]).items()}
        sums = t.joined([t.say("routes.lot", amount=unit(n), loss=loss) for loss, n in json.loads(row["began"])])
        return t.say("routes.over", sums=sums, rule=rule, **over)
    began = list[str]()
    for loss, amount in json.loads(row["began"]):
        got = came.get((row["seq"], loss), 0)
        for key, n in (("routes.began", int(amount) - got), ("routes.came", got)):
            began += [t.say(key, amount=unit(str(n)), loss=loss)] if n else []
    if row["balance"] is None:
        said = [t.say(_UNTRACED[row["history"]], moved=moved)]
    else:
        slots = {"balance": unit(row["balance"]), "left": unit(row["left"]), "moved": moved, "rule": rule}
        slots |= {name: _lots(t, row[name], unit) for name in ("held", "taken", "remains")}
        emptied = row["moved"] == row["balance"]  # what was held is what went: its parts are said once
        if row["inputs"] is None:
            key = "routes.emptied" if emptied else "routes.held"
        else:
            key = "routes.spent_whole" if emptied else "routes.spent"
        said = [t.say(key, inputs=row["inputs"] or 0, **slots)]
        if disputed:
            said.append(t.say("routes.disputed"))
    return " ".join([*said, *began])


_UNTRACED = {"whole": "routes.untraced", "not whole": "routes.unshown", "stop": "routes.stopped"}
"""That a payer held nothing traced is said only where its whole history shows it."""


def _lots(t: Texts, text: str, unit: Unit) -> str:
    """Parts in the rule's own order; of many, the first are named and the others summed by loss, where these are
    few: of many the annex has each."""
    parts = json.loads(text)
    if not parts:
        return t.say("routes.nothing")
    said = [t.say("routes.lot", amount=unit(n), loss=loss or t.say("routes.other")) for loss, n in parts[:_LOTS]]
    sums: dict[str, int] = {}
    for loss, n in parts[_LOTS:]:
        sums[loss] = sums.get(loss, 0) + int(n)
    more = (
        t.say("routes.lot", amount=unit(str(n)), loss=loss or t.say("routes.other")) for loss, n in sums.items()
    )
    if len(sums) > _SUMS:
        said.append(t.say("routes.lots_more", count=f"{len(parts) - _LOTS:,}"))
    elif sums:
        said.append(t.say("routes.lots", count=len(parts) - _LOTS, sums=t.joined(more)))
    return " + ".join(said)
