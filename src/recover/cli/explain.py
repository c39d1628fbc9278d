"""explain: how value came from a loss to one place, movement by movement, with the sums written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import listings, pictures, screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.sdk.counts import counted

if TYPE_CHECKING:
    from recover.trails.explained import Explanation, Hop, Part, Route
    from recover.trails.substitutes import Came

    Unit = Callable[[int], str]
    Units = Callable[[int, str], str]

_NAMES = 5  # payers of one transaction that are named
_LOTS = 12  # lots written out in a sentence; the rest are counted and summed


def explain(
    case: CasePath,
    endpoint: Annotated[
        str,
        typer.Argument(
            metavar="ENDPOINT",
            help="An address, alone or as CAIP-10, where traced value ended, or any address.",
            show_default=False,
        ),
    ],
    other: Annotated[
        str,
        typer.Argument(
            metavar="[OTHER]", help="A second address: are both of one owner, and why?", show_default=False
        ),
    ] = "",
    asset: Annotated[
        str,
        typer.Option(metavar="SYMBOL-OR-CAIP19", help="Only this asset.", show_default=False),
    ] = "",
    loss: Annotated[
        str, typer.Option(metavar="ID", help="Only this loss, as `show losses` names it.", show_default=False)
    ] = "",
    json: Json = False,
) -> None:
    """Show the shortest and the largest route from a loss to an endpoint; of two addresses, what joins them.

    Each hop with its arithmetic: what the sender held, which lots the declared rule took, what is left. Of two
    addresses: the shortest chain of co-spends between them, or why they are not one entity.
    """
    from recover.case import open_for_reading

    if other:
        from recover.cli.between import between

        between(open_for_reading(case), endpoint, other, json)
        return
    from recover.plugins import registry
    from recover.recognise.owners import endpoint as meant
    from recover.trails.explain import explain as routes

    opened = open_for_reading(case)
    named, account = meant(opened, registry.load(), endpoint)
    if account:
        screen.remark(f"{account} is a sub-account of {named}, who is explained.")
    found = routes(opened, named, asset, loss)
    known = listings.assets(opened)
    screen.answer([_plain(e) for e in found], json, lambda: _all(found, known))


def _all(found: Sequence[Explanation], known: pictures.Assets) -> None:
    for one in found:
        _told(one, lambda value, asset: f"{pictures.amount(value, asset, known)} {pictures.symbol(asset, known)}")


def _in(units: Units, asset: str) -> Unit:
    return lambda value: units(value, asset)


def _plain(one: Explanation) -> Row:
    from dataclasses import asdict

    found = _exact(asdict(one))
    assert isinstance(found, dict)
    return found


def _exact(value: object, name: str = "") -> object:
    """Amounts as digits, as all JSON of this program has them; `seq`, `transfers` and `inputs` count."""
    if isinstance(value, dict):
        return {key: _exact(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    # An amount unless it is known to count: a field that is added later keeps its digits.
    return str(value) if isinstance(value, int) and name not in ("seq", "transfers", "inputs") else value


def _told(one: Explanation, units: Units) -> None:
    unit = _in(units, one.asset)
    screen.heading(f"{one.loss} to {one.endpoint}, under {one.rule}")
    # Said once where both are one, so that nobody takes it for two ways.
    same = [hop.seq for hop in one.shortest.hops] == [hop.seq for hop in one.largest.hops]
    _route(
        "The shortest route, which is also the largest" if same else "The shortest route", one.shortest, one, units
    )
    if not same:
        _route("The largest route", one.largest, one, units)
    screen.say("")
    screen.sentence(_sums(one, unit))
    screen.sentence(
        # Under another rule it can have gone otherwise: this has to be said wherever a route is shown.
        f"The value named with a route went through all of its movements, one after the other, under {one.rule}. "
        "What a movement carried is all of the loss that it moved, by whatever ways. Where a rule goes by shares, "
        "each movement takes its share of every part that came in."
    )


def _sums(one: Explanation, unit: Unit) -> str:
    ended = " + ".join(f"{unit(amount)} ({reason})" for reason, amount in one.ended)
    came = "arrived" if any(reason == "passed on" for reason, _ in one.ended) else "ended"
    parts = [f"{unit(one.began)} began"] if one.began or not one.came else []
    parts += [f"{unit(one.came)} came in by exchange or over a bridge"] if one.came else []
    return (
        f"Sums: of {one.loss}, {' and '.join(parts)}; at {one.endpoint} {came} {ended}, "
        f"by {one.transfers:,} {'movement' if one.transfers == 1 else 'movements'} on all routes."
    )


def _route(title: str, route: Route, one: Explanation, units: Units) -> None:
    unit = _in(units, one.asset)
    count = len(route.hops)
    hops = counted(count, "hop")
    screen.heading(f"{title}: {hops}; {unit(route.bottleneck)} of {one.loss} went all this way")
    for number, hop in enumerate(route.hops, 1):
        screen.say("", f"Hop {number} of {count}: movement {hop.seq}, transaction {hop.tx}")
        for line in _lines(hop, one, units):
            screen.say("  " + line)


def _lines(hop: Hop, one: Explanation, units: Units) -> list[str]:
    from recover.cli import dates
    from recover.trails import sides

    unit = _in(units, one.asset)
    when = dates.show(hop.time) if hop.time else "unknown"
    taken = _lots(hop.taken, unit)
    found = [f"Time (UTC): {when}", f"{_payer(hop)} -> {hop.dst or 'nobody'}: {unit(hop.moved)} moved"]
    if len(hop.payers) > 1:
        brought = f"; what the route follows came in with coins of {hop.src}" if hop.src else ""
        found.append(
            f"A coin transaction names no payer of an output: this one spends coins of all these{brought}"
        )
    held, over = hop.held, hop.over
    if over is not None:
        through = sides.bridge(over.protocol, over.key)
        found.append(
            f"It paid out what {over.address} sent into the bridge {through}, in transaction {over.tx} "
            f"on {over.chain}: how that came there, `recover explain CASE {over.chain}:{over.address}` says"
        )
    elif held is None:
        found.append(_UNTRACED[hop.history].format(pool=_POOL[hop.inputs is None]))
    else:
        # Each line can be checked with pencil and paper against the one before.
        left = _lots(held.left_lots, unit)
        found += [
            f"{_holder(hop)} held {unit(held.balance)}: {_lots(held.lots, unit)}",
            f"The rule {one.rule} took: {taken}; sum {unit(hop.moved)}",
            f"Left: {unit(held.balance)} - {unit(hop.moved)} = {unit(held.left)}: {left}",
        ]
    found += _exchange(hop.came, units) if hop.came else []
    for part in hop.began:
        came = hop.came.had.get(part.loss or "", 0) if hop.came else 0
        if over is not None:
            found.append(f"{unit(part.amount)} of {part.loss} came of it")
        elif part.amount > came:
            found.append(f"Of the clean part, {unit(part.amount - came)} became proceeds of {part.loss} here")
    return [*found, f"Carried of {one.loss}: {unit(hop.traced)} of {unit(hop.moved)}"]


def _exchange(came: Came, units: Units) -> list[str]:
    """What was given for what, what of it was traced, and where its own way is told."""
    gave = units(came.gave, came.asset)
    if came.back:
        had = units(came.bought, came.into)
        what = f"Given back in transaction {came.tx}: of {gave} that {came.owner} gave in an exchange, {had}"
    else:
        had = units(came.bought, came.into)
        what = f"Exchanged in transaction {came.tx}: {came.owner} gave {gave} for {had}"
        what += f", and had {units(came.returned, came.asset)} of it back" if came.returned else ""
    parts = [
        f"{units(amount, came.asset)} of it was {loss}: by the same share {units(came.had[loss], came.into)} "
        f"of what came here is {loss}"
        for loss, amount in came.given.items()
        if came.had.get(loss)
    ]
    way = f"how that came there, `recover explain CASE {came.owner} --asset {came.asset}` says"
    return [what, *parts, f"The trace goes on by the exchange, which is an inference; {way}"]


_UNTRACED = {
    "whole": "{pool} held nothing traced to a loss: all that it paid was clean.",
    "not whole": "{pool} has no whole history in the exhibits: what it paid counts as clean until here.",
    "stop": "{pool} is where the trace stops, and nothing is followed out of it: what it paid counts as clean.",
}
"""What is said of a sender without traced value, by what the exhibits hold of its history."""

_POOL = {True: "The sender", False: "What was spent"}


def _payer(hop: Hop) -> str:
    """Who paid; of coins of several all of them, the one whose coin brought what the route follows first."""
    if len(hop.payers) < 2:
        return hop.src or "nobody"
    names = dict.fromkeys([hop.src, *hop.payers] if hop.src else hop.payers)
    more = len(names) - _NAMES
    rest = [f"{more:,} more"] if more > 0 else []
    return " + ".join([*map(str, [*names][:_NAMES]), *rest])


def _holder(hop: Hop) -> str:
    """Whose pool it was: a coin transaction has its own, which its inputs fill and its outputs empty in order."""
    if hop.inputs is None:
        return "Just before, the sender"
    inputs = f"its {hop.inputs} inputs in order" if hop.inputs > 1 else "its one input"
    return f"Just before, {inputs}, less what outputs before this one took,"


def _lots(lots: Sequence[Part], unit: Unit) -> str:
    """Lots in the rule's order; a long list is cut, and the rest counted and summed by loss."""
    told = " + ".join(_lot(part, unit) for part in lots[:_LOTS])
    rest = lots[_LOTS:]
    if not rest:
        return told or "nothing"
    sums: dict[str | None, int] = {}
    for part in rest:
        sums[part.loss] = sums.get(part.loss, 0) + part.amount
    summed = ", ".join(f"{unit(amount)} {loss or 'clean'}" for loss, amount in sums.items())
    return f"{told} + {counted(len(rest), 'more lot')} ({summed})"


def _lot(part: Part, unit: Unit) -> str:
    return f"{unit(part.amount)} {part.loss or 'clean'}"
