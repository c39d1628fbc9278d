"""A reader with the CSV files alone gets every hop of every rule: lots moved by hand, in whole numbers.

Nothing of `recover` is used to reckon. The simulation below knows pools.csv (what moved where), where value began
(hops_by_rule.csv, column `began`), and what each rule says in one sentence.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from recover.case import open_for_reading, open_for_writing
from recover.cli import recipe
from recover.declared import losses
from recover.findings import view
from recover.plugins import registry
from recover.stages import collect, open, run

pytestmark = pytest.mark.xdist_group("hops")  # one case serves them all

CASES = Path(__file__).parents[2] / "casefiles"
CLEAN = "clean"
Lot = tuple[str, int]
Row = dict[str, str]
Pool = tuple[str, str]


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module", params=["daloia-shaped-example", "tron-seizure-orders-example"])
def sheets(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Row]]:
    """The CSV files of a shipped case, as a spreadsheet reads them."""
    plugins = registry.load()
    chosen = recipe.read(CASES / request.param / "demo.toml")
    path = tmp_path_factory.mktemp("hops") / "case"
    open.create(path, title=chosen.title, examiner=chosen.examiner, agency=chosen.agency, rule=chosen.rule)
    with open_for_writing(path, "test") as case:
        for file in chosen.files:
            collect.files(case, plugins, [file.path], file.sources, quiet)
        for loss in chosen.losses:
            losses.declare(
                case,
                plugins,
                address=loss.address,
                tx=loss.tx,
                amount_text=loss.amount,
                assets=loss.assets,
                since=loss.since,
                until=loss.until,
            )
        run.everything(case, plugins, quiet)
    seen = view.load(open_for_reading(path), plugins)
    files = plugins.exporters["sheets"].files(seen)
    return {name: list(csv.DictReader(data.decode().splitlines())) for name, data in files}


def front(held: list[Lot], amount: int) -> list[Lot]:
    """Cuts `amount` off the front of `held`."""
    taken: list[Lot] = []
    while amount:
        label, size = held.pop(0)
        part = min(size, amount)
        taken.append((label, part))
        amount -= part
        if size > part:
            held.insert(0, (label, size - part))
    return taken


def shares(held: list[Lot], amount: int) -> list[Lot]:
    """Each label its share, rounded down; the units left over to the largest remainders, the earlier first."""
    whole: dict[str, int] = {}
    for label, size in held:
        whole[label] = whole.get(label, 0) + size
    total = sum(whole.values())
    if not amount:
        return []
    parts = {label: size * amount // total for label, size in whole.items()}
    by_rest = sorted(whole, key=lambda label: -(whole[label] * amount % total))
    for label in by_rest[: amount - sum(parts.values())]:
        parts[label] += 1
    held[:] = [(label, size - parts[label]) for label, size in whole.items() if size > parts[label]]
    return [(label, part) for label, part in parts.items() if part]


def take(rule: str, held: list[Lot], amount: int) -> list[Lot]:
    """What one debit takes out of `held`, by what the rule says."""
    if rule == "fifo":
        return front(held, amount)
    if rule == "lifo":
        held.reverse()
        taken = front(held, amount)
        held.reverse()
        return taken
    if rule == "prorata":
        return shares(held, amount)
    own = [lot for lot in held if lot[0] == CLEAN]
    theirs = [lot for lot in held if lot[0] != CLEAN]
    sizes = [sum(size for _, size in lots) for lots in (own, theirs)]
    if rule == "tainted_first":
        first = front(theirs, min(amount, sizes[1]))
        taken = first + front(own, amount - sum(size for _, size in first))
    else:
        first = front(own, min(amount, sizes[0]))
        rest = amount - sum(size for _, size in first)
        taken = first + (shares(theirs, rest) if rule == "libr" else front(theirs, rest))
    held[:] = own + theirs
    return taken


def begin(lots: list[Lot], loss: str, amount: int) -> list[Lot]:
    """Turns `amount` of the clean lots, in their order, into the loss."""
    made: list[Lot] = []
    for label, size in lots:
        part = min(size, amount) if label == CLEAN else 0
        amount -= part
        made += [(who, what) for who, what in ((loss, part), (label, size - part)) if what]
    assert not amount
    return made


def put(held: list[Lot], lots: list[Lot]) -> None:
    """Behind what is there; neighbours of one label are one lot."""
    for label, size in lots:
        if held and held[-1][0] == label:
            held[-1] = (label, held[-1][1] + size)
        else:
            held.append((label, size))
    if all(label == CLEAN for label, _ in held):
        held[:] = [(CLEAN, sum(size for _, size in held))]


def follow(rule: str, sheets: dict[str, list[Row]]) -> tuple[dict[tuple[str, str], int], dict[Pool, list[Lot]]]:
    """By (seq, loss) what passed on from its payer, and what every pool holds in the end."""
    pools: dict[Pool, list[Lot]] = {}
    moves: dict[int, Row] = {}
    for row in sheets["pools.csv"]:
        held = pools.setdefault((row["pool"], row["asset"]), [])
        if row["entry"] == "opening":
            held.append((CLEAN, int(row["amount"])))
        else:
            moves[int(row["seq"])] = row
    began: dict[int, list[tuple[str, int]]] = {}
    for row in sheets["hops_by_rule.csv"]:
        if row["rule"] == rule:
            moves.setdefault(int(row["seq"]), {**row, "amount": row["raw_amount"]})
            began.setdefault(int(row["seq"]), []).append((row["loss"], int(row["began"])))
    passed: dict[tuple[str, str], int] = {}
    for seq, move in sorted(moves.items()):
        amount = int(move["amount"])
        source = pools.get((move["from"], move["asset"]))
        lots = [(CLEAN, amount)] if source is None else take(rule, source, amount)
        if source is not None and all(label == CLEAN for label, _ in source):
            source[:] = [(CLEAN, sum(size for _, size in source))] if source else []
        for label, size in lots:
            if label != CLEAN:
                passed[str(seq), label] = passed.get((str(seq), label), 0) + size
        for loss, part in sorted(began.get(seq, []), key=lambda item: int(item[0][1:])):
            lots = begin(lots, loss, part)
        if (move["to"], move["asset"]) in pools:
            put(pools[move["to"], move["asset"]], lots)
    return passed, pools


RULES = ("fifo", "lifo", "prorata", "libr", "libr-fifo", "tainted_first")


@pytest.mark.parametrize("rule", RULES)
def test_every_hop_of_every_rule_follows_from_the_files(rule: str, sheets: dict[str, list[Row]]) -> None:
    passed, pools = follow(rule, sheets)
    listed = [row for row in sheets["hops_by_rule.csv"] if row["rule"] == rule]
    stated = {(row["seq"], row["loss"]): int(row["passed"]) for row in listed if row["passed"] != "0"}
    assert passed == stated
    assert len(stated) > 3
    rest: dict[tuple[str, str, str], int] = {}
    for (place, asset), lots in pools.items():
        for loss, size in lots:
            if loss != CLEAN:
                rest[place, asset, loss] = rest.get((place, asset, loss), 0) + size
    ends = [r for r in sheets["endpoints.csv"] if r["rule"] == rule and r["ties"] == "as recorded"]
    told = {(r["address"], r["asset"], r["loss"]): int(r["amount"]) for r in ends if r["reason"] == "rest"}
    assert rest == told
    losses = {row["loss"] for row in listed}
    for loss in losses:
        begun = sum(int(row["began"]) for row in listed if row["loss"] == loss)
        assert begun == sum(int(r["amount"]) for r in ends if r["loss"] == loss) > 0


def test_every_row_balances(sheets: dict[str, list[Row]]) -> None:
    for row in [*sheets["hops.csv"], *sheets["hops_by_rule.csv"]]:
        n = {name: int(text) for name, text in row.items() if text.isdecimal()}
        assert n["traced_amount"] == n["began"] + n["passed"] <= n["raw_amount"]
        assert n["traced_before"] - n["passed"] == n["traced_after"] >= 0
        assert n["mixed_balance_before"] - n["raw_amount"] == n["mixed_balance_after"] >= 0
        assert n["traced_before"] <= n["mixed_balance_before"]
        assert bool(row["parent_hops"]) == (n["passed"] > 0)


def test_every_parent_is_an_earlier_hop_to_this_payer(sheets: dict[str, list[Row]]) -> None:
    by_id = {row["hop_id"]: row for row in sheets["hops.csv"]}
    for row in sheets["hops.csv"]:
        for parent in row["parent_hops"].replace("..", " ").split():
            before = by_id[parent]
            assert before["to"] == row["from"]
            assert before["loss"] == row["loss"]
            assert int(before["seq"]) < int(row["seq"])
            assert before["asset"] == row["asset"]


def test_pools_run_from_row_to_row(sheets: dict[str, list[Row]]) -> None:
    after: dict[Pool, str] = {}
    for row in sheets["pools.csv"]:
        pool = row["pool"], row["asset"]
        assert row["before"] == after.get(pool, "0")
        signed = -int(row["amount"]) if row["entry"] == "out" else int(row["amount"])
        assert int(row["after"]) == int(row["before"]) + signed >= 0
        after[pool] = row["after"]


def test_the_table_of_disagreement_is_the_endpoints_table_summed(sheets: dict[str, list[Row]]) -> None:
    for row in sheets["rules.csv"]:
        place = row["asset"], row["address"], row["reason"]
        for rule in RULES:
            said = sum(
                int(e["amount"])
                for e in sheets["endpoints.csv"]
                if (e["asset"], e["address"], e["reason"]) == place
                and (e["rule"], e["ties"]) == (rule, "as recorded")
            )
            assert int(row[rule]) == said
        values = [int(row[rule]) for rule in RULES]
        assert (int(row["least"]), int(row["most"])) == (min(values), max(values))
        assert row["zero_under"].split() == [rule for rule in RULES if row[rule] == "0"]
    ranges = [(row["asset"], -int(row["range"])) for row in sheets["rules.csv"]]
    assert ranges == sorted(ranges)
