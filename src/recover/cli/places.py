"""why, and `show address` and `show tx`: one address or one transaction, with everything that a case has on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from recover.cli import codec, filters, listings, screen
from recover.cli.options import CasePath, Json
from recover.cli.screen import Column
from recover.sdk.counts import counted

if TYPE_CHECKING:
    from recover.case import Case
    from recover.linking.why import Ground, Reasons
    from recover.sdk import Address, TxId


def why(
    case: CasePath,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The address.", show_default=False)],
    json: Json = False,
) -> None:
    """Everything known for and against an address's name, by origin, and what would raise or lower its grade."""
    from recover.case import open_for_reading

    opened = open_for_reading(case)
    found = _reasons(opened, place(opened, address))
    screen.answer(_plain(found), json, lambda: _told(found))


def _reasons(case: Case, of: Address) -> Reasons:
    """Why it has its name, and first what it is made to look like."""
    from dataclasses import replace

    from recover.linking.why import reasons

    found = reasons(case, of)
    return replace(found, remarks=(*_imitates(case, of), *found.remarks, *_rates(case, found)))


def _rates(case: Case, found: Reasons) -> list[str]:
    """How often what the name rests on is right, at the grade that it gave; or that nobody has measured it."""
    from recover.findings import cards
    from recover.plugins import registry
    from recover.recognise import names

    known, chains = registry.load().heuristics, names.here(case)
    bearing = [one for one in found.supporting if one.counts and one.service == found.service]
    best: dict[str, tuple[str, str]] = {}
    for one in bearing:
        rule = one.method.partition(" ")[0]
        what = f"the rule {rule}" if rule in known else "its cluster" if one.inherited else "what labels say"
        # Of one address, a trial is the best that was said.
        best[what] = min((one.grade, one.note), best.get(what, (one.grade, one.note)))
    said = []
    for what, (grade, note) in sorted(best.items()):
        rule = what.rpartition(" ")[2]
        fit = cards.fit(known[rule].info, chains, case.settings) if rule in known else None
        rate = cards.rate(fit, grade, note)
        interval = "" if rate.startswith("not measured") else "95 % interval; "
        basis = f"{interval}{fit.population}; truth: {fit.truth}" if fit else "no measurement fits this case"
        said.append(f"Error rate of {what} at grade {grade}: {rate} ({basis}).")
    if bearing and found.grade not in {grade for grade, _ in best.values()}:
        said.append(f"The name stands at grade {found.grade}, which none of these gave: its rate is not measured.")
    return said


def _imitates(case: Case, of: Address) -> list[str]:
    if not _has(case, "findings"):
        return []
    return [
        f"It is made to look like {row['slots']['imitated']} (finding {row['id']}): do not take it for that one."
        for row in listings.findings(case, 0)
        if of.text in (row["slots"].get("imitators") or ())
    ]


def _plain(found: Reasons) -> codec.Row:
    made = codec.plain(found)
    assert isinstance(made, dict)
    return {**made, "for": made.pop("supporting"), "against": made.pop("opposing")}


def place(case: Case, text: str) -> Address:
    """The address that a text names. Raises Error for a transaction id."""
    from recover.recognise.owners import owner, owners
    from recover.sdk import Address, Error

    found = _named(case, text)
    if not isinstance(found, Address):
        raise Error(
            "place-tx", f"{text} is a transaction id.", "An address is asked for.", "`recover show CASE tx`"
        )
    return owner(owners(case), found) or found


def spelt(case: Case, text: str) -> str:
    """A name with its chain, as the case spells it."""
    found = _named(case, text)
    return f"{found.chain}:{found.text}"


def _named(case: Case, text: str) -> Address | TxId:
    from recover.plugins import registry
    from recover.recognise.names import here, recognise

    return recognise(registry.load(), text, here(case))[1]


def address(case: Case, text: str) -> codec.Row:
    """What a case has on one address, listing by listing."""
    found = place(case, text)
    wanted = filters.Filters(address=found.text)
    rows = {
        name: list(filters.kept(listings.any_of(case, name), wanted)) for name in _OF_ADDRESS if _has(case, name)
    }
    rows["transfers"] = [row for row in rows.get("transfers", []) if row["chain"] == found.chain]
    return {"chain": found.chain, "address": found.text, "why": _plain(_reasons(case, found)), **rows}


def tx(case: Case, text: str) -> codec.Row:
    """What a case has on one transaction, listing by listing."""
    from recover.sdk import Error, TxId

    found = _named(case, text)
    if not isinstance(found, TxId):
        raise Error(
            "tx-place", f"{text} is an address.", "A transaction id is asked for.", "`show CASE address A`"
        )
    wanted = filters.Filters(tx=found.text)
    rows = {name: _of_tx(case, name, wanted) for name in _OF_TX if _has(case, name)}
    if not rows.get("transactions"):
        raise Error(
            "tx-unknown",
            f"The case has no transaction {found.text}.",
            "No exhibit shows it.",
            "Check it, or import the exhibit that has it.",
        )
    return {"chain": found.chain, "tx": found.text, **rows}


def _of_tx(case: Case, name: str, wanted: filters.Filters) -> list[codec.Row]:
    """The rows of a listing that name a transaction, and the findings of what it moved."""
    from recover.cli.related import BEHIND, related, touched

    behind = None
    if name == "findings" and _has(case, "transfers"):
        found = related(case, wanted, {})
        behind = (frozenset({"tx"}), lambda row: touched(row, BEHIND[name][1], found))
    return list(filters.kept(listings.any_of(case, name), wanted, None, behind))


_OF_ADDRESS = ("offramps", "findings", "gaps", "flows", "transfers", "losses", "acts")
_OF_TX = ("transactions", "transfers", "flows", "offramps", "findings", "gaps", "events", "assertions", "losses")


def _has(case: Case, name: str) -> bool:
    """Whether the stage that makes a listing has run: what was found later is no part of an answer now."""
    from recover.sdk import Error

    try:
        next(iter(listings.any_of(case, name)), None)
    except Error:
        return False
    return True


def shown(case: Case, found: codec.Row) -> None:
    """One address or transaction for a person."""
    from recover.cli import pictures

    if "why" in found:
        _told(_reasons(case, place(case, f"{found['chain']}:{found['address']}")))
    else:
        screen.facts([("transaction", found["tx"]), ("chain", found["chain"])])
    for name, rows in found.items():
        if isinstance(rows, list) and rows and name in pictures.FIELDS:
            screen.heading(f"{name} ({len(rows):,})")
            pictures.show(case, name, rows[:200])


def _told(found: Reasons) -> None:
    named = f"{found.service}, grade {found.grade}" if found.service else "no name"
    if found.inherited:
        named += " (inherited from its cluster)"
    facts = [("address", found.address), ("chain", found.chain), ("name", named), ("step", found.step)]
    facts += [("entity", f"{found.entity} ({counted(found.addresses, 'address')})" if found.entity else "")]
    facts += [("transfers here", f"{found.transfers:,}, {found.first or '?'} to {found.last or '?'}")]
    screen.facts(facts)
    for line in found.remarks:
        screen.say(f"! {line}")
    for title, grounds in (("For", found.supporting), ("Against", found.opposing), ("Beside", found.beside)):
        screen.heading(title)
        _grounds(grounds)
    _leads(found)
    for title, lines in (
        ("How the grade came about", found.reasons),
        ("What would raise it", found.would_raise),
        ("What would lower it", found.would_lower),
    ):
        if lines:
            screen.heading(title)
            screen.say(*(f"- {line}" for line in lines))
    _ids(found.transactions, found.address)


_SHOWN = 20


def _ids(listed: tuple[str, ...], address: str) -> None:
    if not listed:
        return
    more = len(listed) > _SHOWN
    screen.heading(f"Transactions (the first {_SHOWN} of {len(listed):,})" if more else "Transactions")
    screen.say(*(f"- {line}" for line in listed[:_SHOWN]))
    if more:
        screen.remark(f"`recover show CASE transactions --address {address}` lists all.")


def _leads(found: Reasons) -> None:
    """Of an address without a name: whom to ask."""
    one = found.leads
    if one is None:
        return
    screen.heading("Leads, which name nobody")
    code = "not known" if one.code is None else counted(one.code, "byte") if one.code else "none: a person's key"
    least = "" if one.whole else "at least "
    ends = (("paid by", one.depositors), ("pays", one.payees))
    facts = [(name, least + counted(count, "address")) for name, count in ends]
    facts += [("code", code)]
    facts += [("first paid by", one.first_payer), ("in", one.first_tx), ("shape", one.shape)]
    screen.facts(facts)
    rows = [
        [
            *(c.service, f"{c.shared:,}", f"{c.paid:,}", f"{c.got:,}", "yes" if c.funded else "no"),
            ", ".join(c.wallets[:3]),
        ]
        for c in one.candidates
    ]
    columns = (
        Column(title="Service"),
        Column(title="Depositors that pay it too", right=True),
        Column(title="Payments to it", right=True),
        Column(title="From it", right=True),
        Column(title="Paid first", rank=1),
    )
    screen.table(
        (*columns, Column(title="Its wallets", prose=True)),
        rows,
        "no labelled wallet shares a depositor or deals with it",
    )


def _grounds(grounds: tuple[Ground, ...]) -> None:
    columns = (
        Column(title="Says", prose=True),
        Column(title="Grade"),
        Column(title="Step"),
        Column(title="Origin", prose=True),
        Column(title="Source", prose=True, rank=1),
        Column(title="As of"),
        Column(title="Counts", prose=True),
        Column(title="Exhibit", right=True, rank=2),
    )
    rows: list[list[Any]] = [
        [
            f"{g.service or g.label or g.kind}{f' (of {g.of})' if g.inherited else ''}",
            *(g.grade, g.step or "-", g.origin, g.source, _dated(g), "yes" if g.counts else f"no: {g.why_not}"),
            str(g.exhibit or "-"),
        ]
        for g in grounds
    ]
    screen.table(columns, rows, "nothing")
    # What a heuristic saw, in its own words: a kind and a grade tell a reader nothing of it.
    screen.say(*(f"- {g.note}" for g in grounds if g.note and g.kind in ("hub", "shape", "deposit-address")))


def _dated(ground: Ground) -> str:
    if not ground.asserted:
        return "no date"
    if ground.days is None:
        return ground.asserted
    apart, side = counted(abs(ground.days), "day"), "before" if ground.days >= 0 else "after"
    return f"{ground.asserted}, {apart} {side} the first transfer here"
