"""What `victim` prints for a person to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recover.cli import screen
from recover.cli.codec import Row
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case
    from recover.recognise.assets import Units


def say(result: Row) -> None:
    screen.facts([("new victims", str(len(result["new"]))), ("payments", str(len(result["payments"])))])
    if len(result["new"] + result["again"]) <= 20:
        screen.say(*(f"  {name}" for name in [*result["new"], *result["again"]]))
    for name, steps in result["do_now"].items():
        if len(result["do_now"]) == 1:
            screen.heading(f"Do now ({name})")
            for step in steps:
                _step(step)
    for line in result["told"][:40]:
        screen.remark(line)
    if len(result["told"]) > 40:
        screen.remark(f"and {len(result['told']) - 40} more; --json lists all.")


def _step(step: Row) -> None:
    due = f"{step['due_local']}, {step['due']} UTC" if step["due_local"] else f"{step['due']} UTC"
    when = f" By {due}{' (past)' if step['late'] else ''}." if step["due"] else ""
    screen.sentence(f"- {step['en']}{when}")


def told_each(case: Case, rows: Sequence[Row]) -> None:
    units = assets(case)
    for row in rows:
        _told(row, units)


def _told(row: Row, units: Units) -> None:
    screen.heading(row["id"])
    screen.facts(
        [
            ("taken in", f"{row['taken']} by {row['by']}"),
            ("agreed to", ", ".join(row["consent"]) or "nothing"),
            ("identity", row["identity"]),
            *((one["id"], _way(one)) for one in row["ways"]),
        ]
    )
    screen.say("Do now:")
    for step in row["do_now"]:
        _step(step)
    columns = [Column(title="Payment"), Column(title="Transaction"), Column(title="Claimed", right=True)]
    columns += [Column(title="Shown", right=True), Column(title="Loss"), Column(title="State")]
    cells = [
        [
            p["id"],
            p["tx"],
            *(amount(p["asset"], p[k], units) for k in ("claimed", "shown")),
            p["loss"],
            p["state"],
        ]
        for p in row["payments"]
    ]
    screen.table(columns, cells, "no payment known")
    for one in row["settled"]:
        word = "one person with" if one["as"] == "same" else "another person than"
        screen.remark(f"{row['id']} is {word} {one['other']}: {one['by']}, {one['at']}: {one['reason']}")
    if row["person"] != row["id"]:
        screen.remark(f"{row['id']} counts as {row['person']}: its payments and claims are counted there.")
    for other in row["alike"]:
        screen.remark(
            f"{row['id']} has the telephone or e-mail of {other}: one person? `recover victim settle` says which."
        )
    for p in row["payments"]:
        if "gap" in p:
            screen.remark(f"{p['id']}: {p['gap']['why']} {p['gap']['effect']}")
    for key, value in (row.get("sealed") or {}).items():
        screen.facts([(key, str(value))])


def _way(one: Row) -> str:
    paid = f", for {one['payment']}" if one["payment"] else ""
    return f"{one['bank']} ({one['kind']}) {one['when'] or 'no time said'}{paid}"


def ways(result: Row) -> None:
    screen.say("Do now:")
    for step in result["do_now"]:
        _step(step)
    columns = [Column(title="Way"), Column(title="Bank or platform"), Column(title="Kind"), Column(title="When")]
    cells = [[one["id"], one["bank"], one["kind"], one["when"] or "not said"] for one in result["ways"]]
    screen.table(columns, cells, "no bank and no platform is known")
    for one in result["ways"]:
        screen.remark(f"a letter: `recover letter draft CASE --kind preserve --to {one['id']} --as ROLE`")
    for file in result["files"]:
        screen.say(f"  {file}")


def services(case: Case, rows: Sequence[Row]) -> None:
    from recover.sdk.counts import counted
    from recover.victims import cues

    units = assets(case)
    columns = [Column(title="Victim"), Column(title="Service"), Column(title="Amount", right=True)]
    columns += [Column(title="Asset", rank=1)]
    cells = [[r["victim"], r["service"], amount(r["asset"], str(r["amount"]), units), r["asset"]] for r in rows]
    screen.table(columns, cells, "no value of a victim reached a service")
    if held := len(cues.standing(case)):
        kept = counted(held, "address")
        screen.remark(f"Letters can say less: {kept} held back for screening (`recover victim cues` lists them).")


def prompts() -> None:
    from recover.victims import screening

    screen.sentence(screening.WORDING)
    screen.facts(list(screening.PROMPTS.items()))


def assets(case: Case) -> Units:
    from recover.plugins import registry
    from recover.recognise.assets import shown_as

    return shown_as(case, registry.load())


def amount(asset: str, text: str | None, units: Units) -> str:
    from recover.sdk import amounts

    if text is None:
        return "not known"
    symbol, decimals = units.get(asset, ("", None))
    return f"{amounts.decimal(int(text), decimals)} {symbol}".strip()


def sums(sums: dict[str, str], units: Units) -> str:
    return "; ".join(amount(asset, text, units) for asset, text in sums.items())
