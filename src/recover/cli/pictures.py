"""Tables for a person: which columns each kind of row has, in which order, and which may be left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recover.cli import dates, listings, screen
from recover.cli.codec import COUNTS, Row
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case

Assets = Mapping[str, tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Field:
    """A column, and the cell that a row has in it."""

    column: Column
    cell: Callable[[Row, Assets], str]


def show(case: Case, what: str, rows: Sequence[Row]) -> None:
    """Rows of one kind as a table; gaps are counted by code first, and a terminal gets them code by code."""
    assets = {} if what in ("journal", "entities") else listings.assets(case)
    if what == "transfers" and rows:
        _moved(rows, assets)
        return
    if what == "gaps" and rows:
        _counted(list(listings.gaps(case, 0)))
        # A pipe keeps one gap a line with all its words, so that it can be searched.
        if screen.terminal_out():
            _grouped(rows, assets)
            return
    _table(FIELDS[what], rows, assets, f"no {what}")


def _moved(rows: Sequence[Row], assets: Assets) -> None:
    """Transfers have a sender and a receiver, coins have inputs and outputs: a table for each of the two."""
    coins = {row["chain"] for row in rows if row["kind"] in ("input", "output")}
    for name, listed in (
        ("transfers", [row for row in rows if row["chain"] not in coins]),
        ("coins", [row for row in rows if row["chain"] in coins]),
    ):
        if listed:
            _table(FIELDS[name], listed, assets, "")


def _table(fields: Sequence[Field], rows: Sequence[Row], assets: Assets, empty: str) -> None:
    cells = [[field.cell(row, assets) for field in fields] for row in rows]
    screen.table([field.column for field in fields], cells, empty)


def concerned(row: Row, assets: Assets) -> str:
    """Of a gap: the traced value that passed its subject, or hangs on it, after a comma; empty of none."""
    from recover.trails.missing import ASKED  # reads tables; what only lists commands does not need it

    how = "hangs on it" if row["code"] in ASKED else "passed there"
    return f", at most {_affects(row, assets)} of traced value {how}" if row["affects"] else ""


def _affects(row: Row, assets: Assets) -> str:
    return ", ".join(f"{amount(int(n), a, assets)} {symbol(a, assets)}" for a, n in row["affects"].items())


def _grouped(rows: Sequence[Row], assets: Assets) -> None:
    """Code by code, the code of the largest gap first; a sentence that all of a code share is said once."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row["code"]), []).append(row)
    for code, listed in groups.items():
        shared = [name for name in ("why", "effect") if len({row[name] for row in listed}) == 1]
        screen.heading(code)
        for name in shared:
            screen.sentence(str(listed[0][name]))
        fields = [f for f in FIELDS["gaps"] if f.column.title.lower() not in ("code", *shared)]
        _table(fields, listed, assets, "")


def amount(value: object, asset: object, assets: Assets) -> str:
    """An exact amount in whole units where the decimals are known, else in base units."""
    from recover.sdk import amounts

    if value is None or value == "":
        return ""
    # From digits, as JSON rows hold value as text; no float on the way.
    return amounts.decimal(int(str(value)), assets.get(str(asset), ("", None))[1])


def symbol(asset: object, assets: Assets) -> str:
    """The asset's symbol; its id when it has none."""
    return assets.get(str(asset), ("", None))[0] or str(asset or "")


def _counted(rows: Sequence[Row]) -> None:
    counts = Counter(str(row["code"]) for row in rows)
    columns = (Column(title="Gaps", right=True), Column(title="Code"))
    screen.table(columns, [[f"{n:,}", code] for code, n in sorted(counts.items(), key=lambda x: (-x[1], x[0]))])
    if not screen.terminal_out():
        screen.say("")


def _text(key: str) -> Callable[[Row, Assets], str]:
    return lambda row, assets: "" if row.get(key) is None else str(row[key])


def _time(key: str) -> Callable[[Row, Assets], str]:
    return lambda row, assets: dates.show(row.get(key))


def _amount(key: str) -> Callable[[Row, Assets], str]:
    return lambda row, assets: amount(row.get(key), row.get("asset"), assets)


_UNLIMITED = 2**256 - 1
_ALLOWING = frozenset({"approve", "permit"})


def _allowed(row: Row, assets: Assets) -> str:
    """An event's amount. An approval of all that a word can hold is one without limit (EIP-20, `approve`)."""
    value = row.get("amount")
    if row.get("kind") in _ALLOWING and value is not None and int(str(value)) == _UNLIMITED:
        return "unlimited"
    return amount(value, row.get("asset"), assets)


def _yes(key: str) -> Callable[[Row, Assets], str]:
    return lambda row, assets: "" if row.get(key) is None else "yes" if row[key] else "no"


def _side(row: Row, assets: Assets) -> str:
    """The address of a coin row: whose output it was, or whose it is."""
    return str(row.get("dst") or row.get("src") or "")


def _output(row: Row, assets: Assets) -> str:
    """TXID:OUTPUT of the output that a row makes or an input spends; of a fee or a reward, its transaction."""
    if row["kind"] == "output":
        return f"{row['tx']}:{row['leg']}"
    if row["kind"] == "input" and row.get("spends_tx"):
        return f"{row['spends_tx']}:{row['spends_index']}"
    return str(row["tx"])


def _symbol(row: Row, assets: Assets) -> str:
    return symbol(row.get("asset"), assets)


def _leg(side: str, key: str = "amount") -> Callable[[Row, Assets], str]:
    """What went at one side of a crossing, with its unit; empty where nothing is shown to have."""

    def said(row: Row, assets: Assets) -> str:
        value = amount(row[side][key], row[side]["asset"], assets)
        return f"{value} {symbol(row[side]['asset'], assets)}" if value else ""

    return said


def _side_of(side: str) -> Callable[[Row, Assets], str]:
    return lambda row, assets: str(row[side]["tx"])


def _list(key: str) -> Callable[[Row, Assets], str]:
    return lambda row, assets: ", ".join(str(item) for item in row.get(key) or ())


def _size(key: str) -> Callable[[Row, Assets], str]:
    return lambda row, assets: f"{len(row.get(key) or ()):,}"


def _service(row: Row, assets: Assets) -> str:
    named = row.get("service_name") or row.get("service") or "unlabelled hub"
    return f"possible: {row['possible']}" if row.get("possible") else str(named)


def _reviewed(row: Row, assets: Assets) -> str:
    """What reviews come to, and by whom."""
    return f"{row['review']} ({', '.join(row['reviewers'])})" if row.get("review") else ""


def _stated(row: Row, assets: Assets) -> str:
    slots = row["slots"]
    assert isinstance(slots, dict)
    parts = [
        f"{name.replace('_', ' ')} {_slot(name, value, slots.get('into' if name in _BOUGHT else 'asset'), assets)}"
        for name, value in slots.items()
        if value not in (None, "", ()) and name != "label"
    ]
    return "; ".join(parts)


_BOUGHT = frozenset({"bought", "carried"})
"""Slots in units of the asset that was bought."""


def _slot(name: str, value: object, asset: object, assets: Assets) -> str:
    if isinstance(value, list | tuple):
        # Counted where it is long: a list of addresses would push everything else off the screen, and `--json` has
        # all.
        many = len(value) > 3 or any(len(str(item)) > 24 for item in value)
        return f"({len(value)})" if many else ", ".join(map(str, value))
    # A finding's amounts are in units of the asset it names; after an exchange there are two.
    if name in ("asset", "into"):
        return symbol(value, assets)
    if isinstance(value, int):
        return f"{value:,}" if name in COUNTS else amount(value, asset, assets)
    return str(value)


def _body(row: Row, assets: Assets) -> str:
    body = row["body"]
    assert isinstance(body, Mapping)
    # What only a program reads is left to `--json`.
    shown = {k: v for k, v in body.items() if k not in ("text", "origins", "packed", "offset", "length", "stages")}
    return "; ".join(f"{name} {value}" for name, value in shown.items())


def _ended(row: Row, assets: Assets) -> str:
    """Until when a label holds by what its source says of it; `recover why` says whether it counts."""
    params = row["params"]
    said = json.loads(params or "{}") if isinstance(params, str) else params
    named = ((name, said.get(name)) for name in ("until", "withdrawn", "against") if isinstance(said, Mapping))
    return "; ".join(f"{name} {value}" for name, value in named if value)


def _column(
    title: str, cell: Callable[[Row, Assets], str], rank: int = 0, right: bool = False, prose: bool = False
) -> Field:
    return Field(Column(title=title, rank=rank, right=right, prose=prose), cell)


def _mix(row: Row, assets: Assets) -> str:
    mix = row.get("mix")
    return f"{mix['kind']} ({mix['role']})" if mix else "-"


# Numbers are ranks: 0 always stays, the highest goes first when a terminal is narrow.
FIELDS: Mapping[str, Sequence[Field]] = {
    "offramps": (
        _column("Service", _service),
        _column("Address", _text("address")),
        _column("Asset", _symbol),
        _column("Amount", _amount("amount"), right=True),
        _column("Unswept", _amount("still"), 3, right=True),
        _column("Swept", _amount("swept"), 3, right=True),
        _column("Hub", lambda row, _: "" if row.get("service") else ", ".join(row.get("hot_wallets") or ()), 1),
        _column("Grade", _text("grade"), 2),
        _column("In", _text("transfers"), 4, right=True),
        _column("Sweeps", _text("sweeps"), 4, right=True),
        _column("It", lambda row, _: "paid (may be private)" if row["paid_by"] else "was credited", 2),
        _column("First (UTC)", lambda row, _: dates.show((row["paid"] or row)["first"]), 5),
        _column("Last (UTC)", lambda row, _: dates.show((row["paid"] or row)["last"]), 5),
    ),
    "completeness": (
        _column("Address", _text("address")),
        _column("Asset", _symbol, 1),
        _column("Answer", _text("answer")),
        _column("By", _text("by"), 1),
        _column("Short", _amount("short"), right=True),
        _column("Heights", lambda row, _: f"{row['since_height'] or ''} to {row['until_height'] or ''}", 2),
        _column("Why", _text("why"), prose=True),
    ),
    "findings": (
        _column("Id", _text("id")),
        _column("Kind", _text("kind")),
        _column("Grade", _text("grade"), 2),
        _column("Subject", lambda row, assets: symbol(row["subject"], assets)),
        _column("States", _stated, prose=True),
        _column("Review", _reviewed, 3),
    ),
    "flows": (
        _column("Loss", _text("loss"), 4),
        _column("Event", _text("event"), 5),
        _column("Time (UTC)", _time("time"), 3),
        _column("From", lambda row, _: listings.payer(row), 2),
        _column("To", _text("dst")),
        _column("Asset", _symbol),
        _column("Amount", _amount("amount"), right=True),
        _column("Transaction", _text("tx"), 1),
    ),
    "crossings": (
        _column("State", _text("state")),
        _column("Bridge", _text("protocol")),
        _column("Key", _text("key"), 3),
        _column("Level", _text("level"), 2, right=True),
        _column("Sent", _leg("source"), right=True),
        _column("Traced", _leg("source", "traced"), 1, right=True),
        _column("In", _side_of("source"), 1),
        _column("Arrived", _leg("destination"), right=True),
        _column("Traced on", _leg("destination", "traced"), 1, right=True),
        _column("There in", _side_of("destination"), 1),
    ),
    "gaps": (
        _column("Code", _text("code")),
        _column("Subject", _text("subject")),
        _column("Traced value", _affects, 1, right=True),
        _column("Why", _text("why"), prose=True),
        _column("Effect", _text("effect"), 1, prose=True),
    ),
    "totals": (
        _column("Figure", _text("figure")),
        _column("Subject", _text("subject"), 1),
        _column("Service", _text("service")),
        _column("Rule", _text("rule"), 2),
        _column("Loss", _text("loss"), 2),
        _column("Asset", _symbol, 3),
        _column("Base units or count", _text("amount"), right=True),
    ),
    "origins": (
        _column("Loss", _text("loss")),
        _column("From", _text("kind")),
        _column("Name", _text("name"), 1),
        _column("Asset", _symbol, 2),
        _column("Amount", _amount("amount"), right=True),
        _column("After it was reached", _amount("after"), right=True),
        _column("Transfers", _text("transfers"), 3, right=True),
    ),
    "entities": (
        _column("Entity", _text("id")),
        _column("Kind", _text("kind"), 1),
        _column("Service", _text("service")),
        _column("Grade", _text("grade")),
        _column("Addresses", _size("addresses"), right=True),
    ),
    "transactions": (
        _column("Time (UTC)", _time("time"), 1),
        _column("Transaction", _text("id")),
        _column("Height", _text("height"), 3, right=True),
        _column("Proof", _text("proof"), 2),
        _column("Mix", _mix, 2),
        _column("Exhibits", _list("exhibits"), 2),
    ),
    "transfers": (
        _column("Time (UTC)", _time("time"), 2),
        _column("From", _text("src")),
        _column("To", _text("dst")),
        _column("Asset", _symbol, 3),
        _column("Amount", _amount("amount"), right=True),
        _column("Left out", _text("excluded"), 1),
        _column("Transaction", _text("tx"), 4),
    ),
    "coins": (
        _column("Time (UTC)", _time("time"), 2),
        _column("Kind", _text("kind")),
        _column("Address", _side, 1),
        _column("Asset", _symbol, 3),
        _column("Amount", _amount("amount"), right=True),
        _column("Output made or spent", _output),
        _column("Left out", _text("excluded"), 3),
        _column("Transaction", _text("tx"), 4),
    ),
    "blocks": (
        _column("Time (UTC)", _time("time"), 1),
        _column("Height", _text("height"), right=True),
        _column("Block", _text("id")),
        _column("Sealed", _yes("sealed"), 2),
        _column("Stale", _yes("stale"), 1),
        _column("Tip", _text("tip"), 3, right=True),
    ),
    "events": (
        _column("Time (UTC)", _time("time"), 3),
        _column("Kind", _text("kind")),
        _column("Address", _text("address")),
        _column("Other", _text("other"), 2),
        _column("Asset", _symbol, 1),
        _column("Amount", _allowed, right=True),
        _column("Transaction", _text("tx"), 4),
    ),
    "states": (
        _column("Address", _text("address")),
        _column("Kind", _text("kind")),
        _column("Asset", _symbol, 1),
        _column("Amount", _amount("amount"), right=True),
        _column("Height", _text("height"), 2, right=True),
        _column("Proof", _text("proof"), 3),
    ),
    "assertions": (
        _column("Address", _text("address")),
        _column("Kind", _text("kind")),
        _column("Service", _text("service")),
        _column("Label", _text("label"), 2),
        _column("Grade", _text("grade")),
        _column("Holds", _ended),
        _column("Source", _text("source"), 3),
        _column("Method", _text("method"), 4),
    ),
    "journal": (
        _column("No.", _text("number"), right=True),
        _column("Time (UTC)", _time("time"), 1),
        _column("Kind", _text("kind")),
        _column("Body", _body, prose=True),
        _column("Hash", _text("hash"), 2),
    ),
}
