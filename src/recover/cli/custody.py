"""custody: what came to the agency as the chain shows it, what is attested, and what went on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recover.cli import screen
from recover.cli.codec import Row
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case
    from recover.seizure.keeping import Event

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keep the custody of what was seized.")

By = Annotated[str, typer.Option(metavar="NAME", help="Who enters it.", show_default=False)]
Address = Annotated[str, typer.Option(metavar="ADDRESS", help="The agency's address.", show_default=False)]
Asset = Annotated[str, typer.Option(metavar="SYMBOL-OR-CAIP19", help="Which asset.", show_default=False)]
Units = Annotated[
    str, typer.Option(metavar="N", help="How much; whole numbers are base units.", show_default=False)
]
Note = Annotated[str, typer.Option(metavar="TEXT", help="Anything to keep with it.", show_default=False)]
Authority = Annotated[str, typer.Option(metavar="ORDER", help="The order it rests on.", show_default=False)]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the certificate or receipt there.", show_default=False)
]


@app.command("record")
def record(
    case: CasePath,
    tx: Annotated[str, typer.Option(metavar="ID", help="The transaction, as an exhibit shows it.")],
    by: By,
    target: Annotated[
        str, typer.Option(metavar="TARGET", help="Of which target of the plan.", show_default=False)
    ] = "",
    authority: Authority = "",
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=NAME", help="Who did what; may be repeated.", show_default=False),
    ] = None,
    value: Annotated[
        str, typer.Option(metavar="TEXT", help="Its value in money, with source and time.", show_default=False)
    ] = "",
    out: Out = None,
    json: Json = False,
) -> None:
    """Record a seizure: source, destination, units, block and fee come from the chain, never from a form."""
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.seizure import keeping, plans

    plugins = registry.load()
    with open_for_writing(case, "custody") as writing:
        made = keeping.record(
            writing,
            plugins,
            tx=tx,
            target=target,
            authority=authority,
            by=by,
            roles=plans.listed(role or []),
            value=value,
        )
        _finish(writing, made, out, json)


@app.command("attest")
def attest(
    case: CasePath,
    address: Address,
    asset: Asset,
    units: Units,
    by: By,
    height: Annotated[
        int | None, typer.Option("--block", metavar="N", help="At which block.", show_default=False)
    ] = None,
    note: Note = "",
    json: Json = False,
) -> None:
    """Attest a balance as a person saw it at a block; a difference to the account is said."""
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.recognise.assets import measured, named
    from recover.seizure import keeping

    plugins = registry.load()
    with open_for_writing(case, "custody") as writing:
        of = named(writing, plugins, asset)
        made, off = keeping.attest(
            writing,
            plugins,
            address=address,
            asset=of.id,
            units=measured(units, of, "--units"),
            height=height,
            by=by,
            note=note,
        )
        _finish(writing, [made], None, json, off)


@app.command("hand-over")
def hand_over(
    case: CasePath,
    by: By,
    to: Annotated[str, typer.Option(metavar="WHO", help="To whom; a victim by pseudonym.", show_default=False)],
    authority: Authority,
    address: Address,
    asset: Asset,
    units: Units = "0",
    tx: Annotated[
        str, typer.Option(metavar="ID", help="The transaction, where units move.", show_default=False)
    ] = "",
    money: Annotated[
        str, typer.Option(metavar="N", help="Money out of the money account, in minor units.", show_default=False)
    ] = "0",
    currency: Annotated[str, typer.Option(metavar="CODE", help="Its currency.", show_default=False)] = "",
    note: Note = "",
    out: Out = None,
    json: Json = False,
) -> None:
    """Record that units, or money that they were converted into, were handed over on an order."""
    body = {"to": to, "authority": authority, "tx": tx, "note": note}
    body |= _money(money, currency) if currency or money != "0" else {}
    _part(case, "hand-over", address, asset, units, by, body, out, json)


@app.command("convert")
def convert(
    case: CasePath,
    address: Address,
    asset: Asset,
    units: Units,
    money: Annotated[str, typer.Option(metavar="N", help="What it brought, in minor units.", show_default=False)],
    currency: Annotated[str, typer.Option(metavar="CODE", help="Of which currency.", show_default=False)],
    authority: Authority,
    by: By,
    tx: Annotated[str, typer.Option(metavar="ID", help="The transaction of the sale.", show_default=False)] = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Record that units were sold on an order: they leave the unit account, and money comes to the other."""
    body: Row = {**_money(money, currency), "authority": authority, "tx": tx, "note": note}
    _part(case, "convert", address, asset, units, by, body, None, json)


def _money(text: str, currency: str) -> Row:
    from recover.seizure import minor

    return {"money": str(minor.read(text, "--money")), "currency": minor.code(currency)}


@app.command("show")
def show(case: CasePath, json: Json = False) -> None:
    """Show accounts of units and of money, every event, and what is unexpected."""
    from recover.case import open_for_reading
    from recover.cli.victims_shown import assets
    from recover.returns import paidout
    from recover.seizure import keeping

    opened = open_for_reading(case)
    result = {
        "units": [
            {
                **{name: getattr(one, name) for name in ("address", "asset", "source")},
                **{name: str(getattr(one, name)) for name in ("received", "handed", "converted", "held")},
            }
            for one in keeping.accounts(opened)
        ],
        "money": {currency: str(amount) for currency, amount in keeping.money(opened).items()},
        "events": [_row(one) for one in keeping.every(opened)],
        "alerts": [
            {"address": a.address, "tx": a.tx or None, "said": a.said}
            for a in keeping.alerts(opened, assets(opened))
        ],
        "beyond": list(paidout.beyond(opened, assets(opened))),
    }
    screen.answer(result, json, lambda: _shown(opened, result))


def _part(
    case: Path,
    act: str,
    address: str,
    asset: str,
    units: str,
    by: str,
    body: Row,
    out: Path | None,
    json: bool,
) -> None:
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry
    from recover.recognise.assets import measured, named
    from recover.sdk.errors import Error
    from recover.seizure import keeping

    if not body["authority"].strip() or (not int(body.get("money", 0)) and units == "0"):
        raise Error(
            "custody-without-order",
            "Nothing leaves custody without an order, and without an amount.",
            "It needs the order it rests on, and units or money.",
            "Say --authority, and --units, or --money with --currency.",
        )
    plugins = registry.load()
    with open_for_writing(case, "custody") as writing:
        of = named(writing, plugins, asset)
        made = keeping.part(
            writing,
            plugins,
            act=act,
            address=address,
            asset=of.id,
            units=measured(units, of, "--units"),
            by=by,
            body={key: value for key, value in body.items() if value != ""},
        )
        _finish(writing, [made], out, json)


def _finish(writing: Case, made: list[Event], out: Path | None, json: bool, off: str = "") -> None:
    from recover.cli.victims_shown import assets
    from recover.returns import paidout
    from recover.seizure import keeping

    names = {event.address for event in made}
    result: Row = {
        "events": [_row(one) for one in made],
        "difference": off or None,
        "alerts": [
            {"address": a.address, "tx": a.tx or None, "said": a.said}
            for a in keeping.alerts(writing, assets(writing))
            if a.address in names
        ],
        "beyond": list(paidout.beyond(writing, assets(writing)))
        if any(e.act == "hand-over" for e in made)
        else [],
    }
    if out is not None:
        from recover.plugins import registry
        from recover.returns import certified

        result["files"] = [str(name) for name in certified.write(writing, registry.load(), made, out)]
    screen.answer(result, json, lambda: _told(writing, result))


def _told(opened: Case, result: Row) -> None:
    from recover.cli.victims_shown import amount, assets

    units = assets(opened)
    for event in result["events"]:
        shown = {k: v for k, v in event.items() if v not in ("", None, [], {}) and k != "units"}
        screen.facts(
            [("amount", amount(event["asset"], event["units"], units)), *((k, str(v)) for k, v in shown.items())]
        )
    if result["difference"]:
        screen.remark(f"difference: {result['difference']}")
    for alert in result["alerts"]:
        screen.remark(f"alert: {alert['said']}")
    for line in result["beyond"]:
        screen.remark(f"alert: {line}")
    for file in result.get("files", []):
        screen.say(f"  {file}")


def _row(one: Event) -> Row:
    body: dict[str, Any] = {k: v for k, v in one.body.items() if k not in ("units",)}
    return {**body, "units": str(one.units), "at": one.at}


def _shown(opened: Case, result: Row) -> None:
    from recover.cli.victims_shown import amount, assets
    from recover.seizure import minor

    units = assets(opened)
    columns = [Column(title="Agency address"), Column(title="From", rank=1), Column(title="Received", right=True)]
    columns += [Column(title="Handed over", right=True), Column(title="Converted", right=True)]
    columns += [Column(title="Held", right=True)]
    rows = [
        [
            a["address"],
            a["source"],
            *(amount(a["asset"], a[k], units) for k in ("received", "handed", "converted", "held")),
        ]
        for a in result["units"]
    ]
    screen.table(columns, rows, "nothing in custody")
    screen.facts(
        [(f"money {currency}", minor.said(int(text), currency)) for currency, text in result["money"].items()]
    )
    for alert in result["alerts"]:
        screen.remark(f"alert: {alert['address']}: {alert['said']}")
    for line in result["beyond"]:
        screen.remark(f"alert: {line}")
