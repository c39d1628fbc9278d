"""plan: what is seized where, by whom and how; and a proposed transaction held against it. Nothing is ever
signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recover.cli import dates, screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case
    from recover.seizure.plans import Target

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Plan a seizure, and check a proposed transaction."
)

By = Annotated[str, typer.Option(metavar="NAME", help="Who does it.", show_default=False)]


@app.command("show")
def show(
    case: CasePath,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write plan, scene card, order schedule and watch list there.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show every resting place: what is there, who can act and how; and what persons have settled."""
    from recover.case import open_for_reading
    from recover.plugins import registry
    from recover.seizure import plans, resting

    opened, plugins = open_for_reading(case), registry.load()
    every = resting.places(opened, plugins)
    places = resting.named(opened, every)
    targets = plans.nameable(opened)
    result: Row = {
        "rule": opened.settings.rule,
        "places": [_place(one) for one in places],
        "targets": [_target(one) for one in targets.values()],
        "came_back": [_place(one) for one in resting.came_back(opened, plugins)],
        "in_custody": [_place(one) for one in resting.in_custody(opened, plugins)],
        "ways": {name: _way(way) for name, way in resting.ways().items()},
        "screen_first": len(every) - len(places),
    }
    if out is not None:
        from recover.returns import seizing

        left = result["screen_first"]
        result["files"] = [str(name) for name in seizing.write(opened, plugins, places, targets, out, left)]
    screen.answer(result, json, lambda: _shown(opened, result))
    if result["screen_first"]:
        screen.remark(
            f"{result['screen_first']} more are in no list: screen before treating as suspect. "
            f"`recover victim cues {opened.typed}`"
        )


@app.command("set")
def set_(
    case: CasePath,
    at: Annotated[str, typer.Option(metavar="ADDRESS", help="Where it rests.", show_default=False)],
    asset: Annotated[str, typer.Option(metavar="SYMBOL-OR-CAIP19", help="Which asset.", show_default=False)],
    authority: Annotated[
        str, typer.Option(metavar="ORDER", help="The warrant or order, with its number.", show_default=False)
    ],
    by: By,
    units: Annotated[
        str,
        typer.Option(
            metavar="N",
            help="How much: whole numbers are base units. All that a balance in the case shows if not said.",
            show_default=False,
        ),
    ] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=NAME", help="operator, verifier, scribe, commander; may be repeated.", show_default=False
        ),
    ] = None,
    fee_most: Annotated[
        str, typer.Option(metavar="N", help="The most it may cost, in the chain's own coin.", show_default=False)
    ] = "",
    json: Json = False,
) -> None:
    """Settle what is to be seized at one place. The destination is entered apart, by two persons."""
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.seizure import plans

    plugins = registry.load()
    with open_for_writing(case, "plan") as writing:
        made = plans.settle(
            writing,
            plugins,
            source=at,
            asset=asset,
            units=units,
            authority=authority,
            roles=plans.listed(role or []),
            fee_most=fee_most,
            by=by,
        )
    _answer(made, json)


@app.command("destination")
def destination(
    case: CasePath,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Its id, as `show` has it.", show_default=False)],
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="The agency's address.", show_default=False)],
    by: By,
    device: Annotated[str, typer.Option(metavar="NAME", help="On which device it was read.", show_default=False)],
    json: Json = False,
) -> None:
    """Enter the agency's address as one person sees it on one device. It counts once two have entered the same."""
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.seizure import plans

    plugins = registry.load()
    with open_for_writing(case, "plan") as writing:
        made = plans.enter(writing, plugins, target, to=to, by=by, device=device)
    _answer(made, json)


@app.command("check")
def check(
    case: CasePath,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="PSBT, raw unsigned bytes, or raw data.", show_default=False),
    ],
    target: Annotated[
        str,
        typer.Option(metavar="TARGET", help="Which target; the one that fits if not said.", show_default=False),
    ] = "",
    amount: Annotated[
        str,
        typer.Option(
            metavar="N", help="Another amount than the plan's, as for a small test transfer.", show_default=False
        ),
    ] = "",
    json: Json = False,
) -> int:
    """Say in words what an unsigned transaction does, and whether it is what the plan says.

    Exit code 0: it matches. 3: it does not; do not sign it.
    """
    from recover.capture.imports import taken
    from recover.case import open_for_reading
    from recover.cli.victims_shown import assets
    from recover.exits import Exit
    from recover.plugins import registry
    from recover.seizure import matched

    opened, plugins = open_for_reading(case), registry.load()
    verdict = matched.check(opened, plugins, taken(file), target, assets(opened), amount)
    result = {
        "target": verdict.target,
        "matches": verdict.matches,
        "form": verdict.proposal.form,
        "chain": verdict.proposal.chain,
        "id": verdict.proposal.id or None,
        "signed": verdict.proposal.signed,
        "words": list(verdict.words),
        "findings": [{"what": f.what, "holds": f.holds, "said": f.said} for f in verdict.findings],
        "moves": [_moved(one) for one in verdict.proposal.moves],
        "lets": [_moved(one) for one in verdict.proposal.lets],
        "inputs": [_moved(one) for one in verdict.proposal.inputs],
        "fee": None if verdict.proposal.fee is None else str(verdict.proposal.fee),
        "fee_most": None if verdict.proposal.fee_most is None else str(verdict.proposal.fee_most),
    }
    screen.answer(result, json, lambda: _checked(result))
    return Exit.DONE if verdict.matches else Exit.INTEGRITY


def _checked(result: Row) -> None:
    screen.heading("What it does")
    for line in result["words"]:
        screen.sentence(f"- {line}")
    screen.heading(f"Against {result['target']} of the plan")
    answers = {True: "yes", False: "NO", None: "cannot be seen"}
    columns = [Column(title="What"), Column(title="As planned"), Column(title="Why", prose=True)]
    screen.table(columns, [[f["what"], answers[f["holds"]], f["said"]] for f in result["findings"]])
    screen.say("", "It matches the plan." if result["matches"] else "It does NOT match the plan. Do not sign it.")


def _moved(one: Any) -> Row:
    names = ("asset", "src", "dst", "index", "shown")
    return {**{name: getattr(one, name) for name in names}, "amount": str(one.amount)}


def _place(one: Any) -> Row:
    names = ("chain", "address", "asset", "reason", "service", "issuer")
    held = one.held
    return {
        **{name: getattr(one, name) for name in names},
        "traced": str(one.traced),
        "ways": list(one.ways),
        "powers": list(one.powers),
        "held": None if held is None else {"units": str(held.amount), "height": held.height, "time": held.time},
    }


def _way(way: Any) -> Row:
    texts = {name: getattr(way, name) for name in ("title", "who", "authority", "needs")}
    return {**texts, "steps": list(way.steps), "wrong": list(way.wrong)}


def _target(one: Target) -> Row:
    return {
        "id": one.id,
        "source": one.source,
        "asset": one.asset,
        "units": None if one.units is None else str(one.units),
        "authority": one.authority,
        "roles": dict(one.roles),
        "fee_most": None if one.fee_most is None else str(one.fee_most),
        "by": one.by,
        "to": one.to or None,
        "disagreed": one.disagreed,
        "checks": [{"by": c.by, "device": c.device, "to": c.to, "at": dates.show(c.at)} for c in one.checks],
    }


def _answer(made: Target, json: bool) -> None:
    row = _target(made)
    shown = [(k, str(row[k])) for k in ("id", "source", "asset", "units", "authority", "to") if row[k]]
    screen.answer(row, json, lambda: screen.facts(shown))
    if made.disagreed:
        screen.remark("Persons entered different destinations. None counts: find out why before anything moves.")
    elif not made.to:
        screen.remark("The destination counts once two persons have entered it, each on a device of their own.")


def _shown(opened: Case, result: Row) -> None:
    from recover.cli.victims_shown import amount, assets

    units = assets(opened)
    columns = [Column(title="Place"), Column(title="Traced", right=True), Column(title="Held", right=True)]
    columns += [Column(title="At block", right=True, rank=1), Column(title="Why there"), Column(title="Service")]
    columns += [Column(title="Who can act", prose=True)]
    cells = [
        [
            f"{p['chain']}:{p['address']}",
            amount(p["asset"], p["traced"], units),
            amount(p["asset"], p["held"]["units"], units) if p["held"] else "in no exhibit",
            str(p["held"]["height"] or "") if p["held"] else "",
            p["reason"],
            p["service"],
            "; ".join(result["ways"][way]["who"] for way in p["ways"]),
        ]
        for p in result["places"]
    ]
    screen.table(columns, cells, "no traced value rests anywhere; `recover run` traces it")
    if result["came_back"]:
        screen.heading("With who paid a declared loss: not to be seized")
        rows = [
            [f"{p['chain']}:{p['address']}", amount(p["asset"], p["traced"], units)] for p in result["came_back"]
        ]
        screen.table([Column(title="Wallet of a victim"), Column(title="Traced", right=True)], rows)
    if result["in_custody"]:
        screen.heading("In custody already")
        rows = [
            [f"{p['chain']}:{p['address']}", amount(p["asset"], p["traced"], units)] for p in result["in_custody"]
        ]
        screen.table([Column(title="Agency address"), Column(title="Traced", right=True)], rows)
    for name in dict.fromkeys(way for p in result["places"] for way in p["ways"]):
        way = result["ways"][name]
        screen.heading(way["title"])
        screen.facts([("who", way["who"]), ("authority", way["authority"]), ("needs", way["needs"])])
        for step in way["steps"]:
            screen.sentence(f"- {step}")
        for line in way["wrong"]:
            screen.sentence(f"! {line}")
    screen.heading("Settled")
    columns = [Column(title="Target"), Column(title="Source"), Column(title="Amount", right=True)]
    columns += [Column(title="Destination"), Column(title="Authority", prose=True)]
    rows = [
        [
            t["id"],
            t["source"],
            amount(t["asset"], t["units"], units) if t["units"] else "all",
            t["to"] or ("DISAGREED" if t["disagreed"] else "not verified"),
            t["authority"],
        ]
        for t in result["targets"]
    ]
    screen.table(columns, rows, "nothing settled yet: `recover plan set`")
    for file in result.get("files", []):
        screen.say(f"  {file}")
