"""allocate: what each way to share a pool gives each claimant, side by side; and the distribution that was
ordered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import dates, screen, victims_shown
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.allocation.pools import Allocation, Pool, Table
    from recover.case import Case
    from recover.plugins.registry import Plugins


def allocate(
    case: CasePath,
    asset: Annotated[str, typer.Option(metavar="SYMBOL-OR-CAIP19", help="The asset.", show_default=False)],
    pool: Annotated[
        str,
        typer.Option(
            metavar="N",
            help="What there is to share: a whole number is base units, with a decimal point units of the asset.",
            show_default=False,
        ),
    ],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[MODE]...", help="Further modes.", show_default=False)
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODE",
            help="prorata_loss, prorata_net, rising_tide, traced_first or statutory_priority; may be repeated. "
            "All of them if none is named, traced_first with --at.",
            show_default=False,
        ),
    ] = None,
    reserve: Annotated[str, typer.Option(metavar="N", help="Kept back for late claims.")] = "0",
    costs: Annotated[str, typer.Option(metavar="N", help="Costs and fees that the order takes off first.")] = "0",
    at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="Where the pool rested: what is traced there counts; may be repeated.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLAIMANT",
            help="Counsel's extract: all others as one line; may be repeated.",
            show_default=False,
        ),
    ] = None,
    record: Annotated[
        str, typer.Option(metavar="STAGE", help="Record it as ordered: interim or final.", show_default=False)
    ] = "",
    authority: Annotated[
        str, typer.Option(metavar="ORDER", help="With --record: the order or decision.", show_default=False)
    ] = "",
    by: Annotated[
        str, typer.Option(metavar="NAME", help="With --record: who records it.", show_default=False)
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the schedule for the court there.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Share a pool among all who claim the asset, by one or more rules, to the last unit.

    It computes what each rule gives; which rule is the law is for the court or committee. Only --record writes.
    """
    from recover.allocation import pools
    from recover.allocation.modes import MODES, unknown
    from recover.case import open_for_reading
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.returns import paidout

    modes = [name for text in [*(mode or []), *(more or [])] for name in text.split(",") if name]
    left_out = not modes and not at
    modes = modes or [name for name in MODES if at or name != pools.PLACED]
    if wrong := next((name for name in modes if name not in MODES), None):
        raise unknown(wrong)
    plugins = registry.load()
    opened = open_for_reading(case)
    said = _pool(opened, plugins, asset, pool, (costs, reserve), at or [])
    whole = pools.work(opened, said, modes)
    found = pools.extract(whole, only) if only else whole
    own = len([one for one in found.claims if one.claimant != pools.OTHERS])
    result = plain(found) | {"counted": f"{own} of {len(whole.claims)}" if only else str(own)}
    result |= {"left_out": [pools.PLACED] if left_out else [], "custody": str(_held(opened, said))}
    gone = paidout.units(opened, said.asset.id)
    result["handed"] = {name: str(n) for name, n in gone.items() if not only or name in found.only}
    result["beyond"] = [*paidout.beyond(opened, victims_shown.assets(opened), found.only)]
    if out is not None:
        from recover.returns import schedule

        result["files"] = [str(name) for name in schedule.write(opened, plugins, found, out)]
    if record:
        with open_for_writing(case, "allocate") as writing:
            result["recorded"] = _recorded(writing, whole, record, authority, by)
            result["above"] = record == "final" and _paid_out(whole) > int(result["custody"])
    screen.answer(result, json, lambda: _show(found, result))


def _paid_out(found: Allocation) -> int:
    """What the one table of a distribution gives to all together."""
    return sum(one.share for one in found.tables[0].shares)


def _held(opened: Case, pool: Pool) -> int:
    """What custody holds of the asset by its account, in base units."""
    from recover.seizure import keeping

    return sum(one.held for one in keeping.accounts(opened) if one.asset == pool.asset.id)


def _pool(opened: Case, plugins: Plugins, asset: str, pool: str, off: tuple[str, str], at: list[str]) -> Pool:
    from recover.allocation.pools import Pool
    from recover.recognise.assets import measured, named
    from recover.recognise.names import here, recognise
    from recover.sdk.values import Address

    of = named(opened, plugins, asset)
    near = here(opened)
    places = [recognise(plugins, text, near)[1] for text in at]
    return Pool(
        asset=of,
        whole=measured(pool, of, "--pool"),
        costs=measured(off[0], of, "--costs"),
        reserve=measured(off[1], of, "--reserve"),
        at=tuple(place.caip10 for place in places if isinstance(place, Address)),
    )


def _recorded(writing: Case, found: Allocation, stage: str, authority: str, by: str) -> str:
    from recover.allocation import distributed
    from recover.sdk.errors import Error

    if len(found.tables) != 1:
        raise Error(
            "distribution-modes",
            "A distribution follows one rule.",
            f"{len(found.tables)} modes are named.",
            "Name the one that was ordered with --mode.",
        )
    table, pool = found.tables[0], found.pool
    return distributed.record(
        writing,
        asset=pool.asset.id,
        stage=stage,
        mode=table.mode,
        sums=(pool.whole, pool.reserve, pool.costs),
        shares=[(one.claimant, one.share) for one in table.shares],
        disputed=[(one.id, one.rivals) for one in found.disputed],
        alike=found.alike,
        carried=[*found.carried],
        authority=authority,
        by=by,
    ).id


def plain(found: Allocation) -> Row:
    """An allocation as JSON has it: every amount as text, in base units."""
    from recover.allocation.modes import MODES

    pool = found.pool
    return {
        "asset": pool.asset.id,
        "symbol": pool.asset.symbol,
        "decimals": pool.asset.decimals,
        "pool": str(pool.whole),
        "costs": str(pool.costs),
        "reserve": str(pool.reserve),
        "shared": str(pool.shared),
        "at": list(pool.at),
        "rule": found.rule,
        "tie_rule": TIES,
        "claims": [
            {
                **{name: getattr(one, name) for name in ("id", "claimant", "kind", "basis", "rank", "priority")},
                **{name: getattr(one, name) for name in ("place", "unshown")},
                "rivals": list(one.rivals),
                **{name: str(getattr(one, name)) for name in ("claimed", "amount", "received", "traced")},
            }
            for one in found.claims
        ],
        "unknown_amounts": list(found.unpriced),
        "alike": [list(pair) for pair in found.alike],
        "settled": [
            {
                **{name: getattr(one, name) for name in ("one", "other", "by", "reason")},
                "as": "same" if one.same else "different",
                "at": dates.show(one.at),
            }
            for one in found.settled
        ],
        "carried": {
            name: {"losses": list(one.losses), "seized": one.seized} for name, one in found.carried.items()
        },
        "behind": list(found.behind),
        "untraced": found.untraced,
        "only": list(found.only),
        "modes": [
            {
                "mode": table.mode,
                "title": MODES[table.mode].title,
                "does": MODES[table.mode].does,
                "unless": MODES[table.mode].unless,
                "shares": [_share(one) for one in table.shares],
                "sum": str(sum(one.share for one in table.shares)),
                "left": str(table.left),
            }
            for table in found.tables
        ],
    }


TIES = (
    "Whole units by largest remainder; of equal remainders to the larger claim, then by the claimant's name or "
    "pseudonym. Pseudonyms were drawn at random."
)


def _share(one: object) -> Row:
    names = ("claimed", "received", "before", "share", "open")
    return {"claimant": getattr(one, "claimant", ""), **{name: str(getattr(one, name)) for name in names}}


def _show(found: Allocation, result: Row) -> None:
    from recover.allocation import warned
    from recover.sdk import amounts

    pool = found.pool

    def text(value: int) -> str:
        return amounts.decimal(value, pool.asset.decimals)

    screen.facts(
        [
            ("asset", f"{pool.asset.symbol} {pool.asset.id}".strip()),
            *((name, text(getattr(pool, name))) for name in ("whole", "costs", "reserve", "shared")),
            ("claims", result["counted"]),
        ]
    )
    screen.heading("What each rule gives")
    columns = [
        Column(title="Claimant"),
        Column(title="Claimed", right=True),
        Column(title="Back", right=True, rank=2),
    ]
    if any(one.before for one in found.tables[0].shares):
        columns.append(Column(title="Ordered before", right=True, rank=2))
        columns.append(Column(title="Handed over", right=True, rank=2))
    before = len(columns) == 5
    columns += [Column(title=table.mode, right=True) for table in found.tables]
    rows, unshown = [], found.unshown
    for n, one in enumerate(found.tables[0].shares):
        head = [
            one.claimant + (" *" if one.claimant in unshown else ""),
            text(one.claimed),
            text(one.received),
            *([text(one.before), text(int(result["handed"].get(one.claimant, 0)))] if before else []),
        ]
        rows.append([*head, *(text(table.shares[n].share) for table in found.tables)])
    rows.append(
        ["left over", "", "", *(["", ""] if before else []), *(text(table.left) for table in found.tables)]
    )
    screen.table(columns, rows)
    for table in found.tables:
        _mode(table)
    screen.sentence(TIES)
    if result["left_out"]:
        screen.remark("traced_first is left out: it needs the address where the pool rested (--at).")
    if int(result["custody"]) < pool.whole:
        held = f"{text(int(result['custody']))} of it" if int(result["custody"]) else "none of it"
        screen.remark(f"The pool is {text(pool.whole)}; by the account of custody this case holds {held}.")
    for line in warned.lines(found):
        screen.remark(line)
    for line in result["beyond"]:
        screen.remark(line)
    for name, amount in unshown.items():
        screen.remark(f"* {name}: {text(amount)} of what is counted is shown by no exhibit.")
    for first, other in found.alike:
        screen.remark(
            f"{first} and {other} have one telephone or e-mail: one person? `recover victim settle` says which."
        )
    for settled in found.settled:
        word = "one person" if settled.same else "two persons"
        screen.remark(f"{settled.one} and {settled.other} are {word}: {settled.said}: {settled.reason}")
    for claim in found.disputed:
        screen.remark(
            f"{claim.id} is claimed by {' and by '.join(claim.rivals)}: it counts once, and its share is held "
            "back until a person settles whose it is."
        )
    for name in found.unpriced:
        screen.remark(f"{name} is left out: no exhibit and no person says how much it is.")
    for file in result.get("files", []):
        screen.say(f"  {file}")
    if "recorded" in result:
        screen.say(f"recorded as {result['recorded']}")
    if result.get("above"):
        ordered, held = text(_paid_out(found)), text(int(result["custody"]))
        screen.remark(
            f"{result['recorded']} is final and orders {ordered}, and custody holds {held} by its account: it "
            "cannot be paid as it stands. "
            f"`recover claims withdraw CASE {result['recorded']}` takes back a mistake."
        )


def _mode(table: Table) -> None:
    from recover.allocation.modes import MODES

    one = MODES[table.mode]
    screen.sentence(f"{one.id}: {one.does} {one.unless}")
