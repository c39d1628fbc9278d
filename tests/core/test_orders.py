"""Movements of one moment whose order no exhibit gives: figures are bounded over other orders, which is said."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Sequence
from itertools import permutations, product
from typing import Any

import pytest
from tests.core.test_letters import SENDER
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, USDT, Tool, labels, tool, tx, who

from recover.case import derived, open_for_reading
from recover.cli import main as program
from recover.sealing import recover_verify as outside
from recover.trails import orders
from recover.trails.separate import Part
from recover.trails.solvent import untied
from recover.trails.ties import Places, Tie

__all__ = ["tool"]

KRAKEN = ("hot2", "Kraken", "hot-wallet", "exchange")
Moves = Sequence[tuple[str, str, str, int]]


def at(moves: Moves, known: Sequence[str] = ("w",)) -> str:
    """Moves of (moment, payer, payee, amount), each a transaction of its own, as an export without positions."""
    rows = []
    for number, (when, src, dst, amount) in enumerate(moves, 1):
        rows += [row(view, number, when, src, dst, amount) for view in known if view in (src, dst)]
    return listed(*rows)


def worked(tool: Tool, moves: Moves, loss: int, known: Sequence[str] = ("w",)) -> dict[str, dict[str, Any]]:
    tool.open(at(moves, known), labels(EXCHANGE, KRAKEN))
    tool("loss", "--tx", tx(loss), "--asset", "USDT")
    tool("run")
    return {r["service"]: r for r in tool.show("offramps")}


TWO = [
    ("01T10:00:00", "victim", "w", 100),
    ("01T10:00:00", "boss", "w", 100),
    ("02T10:00:00", "w", "hot", 100),
    ("02T10:00:00", "w", "hot2", 100),
]


def test_two_ties_that_cancel_when_reversed_together_are_still_bounded(tool: Tool) -> None:
    found = worked(tool, TWO, 1)
    assert found["Binance"]["amount"] == "100000000"
    assert found["Binance"]["reversed_ties"] is None, "both reversed: the same figure again"
    assert set(found["Binance"]["by_order"]["amount"].values()) == {"0"}
    assert set(found["Kraken"]["by_order"]["amount"].values()) == {"100000000"}
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    # Under rules other than the declared one the sequence decides too, and that is said with each.
    moved = r"under [a-z_, -]+ the figure is from 0\.000000 USDT to 100\.000000 USDT"
    every = rf"over 4 sequences \(all that there are under that rule; {moved}\)"
    said = rf"{every}, the figure is from 0\.000000 USDT to 100\.000000 USDT"
    assert len(re.findall(said, page)) >= 2, "in the conclusions, of each service"
    first = r"over 4 sequences \(all that there are under that rule; under [a-z_, -]* gives another figure\)"
    assert re.search(rf"{first} these figures differ", page), "on page 1"
    assert "in the recorded order" not in page
    assert "over the 4 sequences tried: traced on to it 0.000000 USDT to 100.000000 USDT" in letter
    totals = [r for r in tool.show("totals") if r["figure"].startswith("service traced, order")]
    ruled = [(r["rule"], r["service"], r["amount"]) for r in totals]
    assert {one[1:] for one in ruled if one[0] == "fifo"} == {("Binance", "0"), ("Kraken", "100000000")}
    # Last in, first out begins with the other order, and has its own sums in each.
    assert {one[1:] for one in ruled if one[0] == "lifo"} == {("Binance", "100000000"), ("Kraken", "0")}


def test_orders_that_move_nothing_are_no_gap_where_all_were_tried(tool: Tool) -> None:
    moves = [("01T10:00:00", "victim", "w", 100), ("02T10:00:00", "w", "hot", 60), ("02T10:00:00", "w", "hot", 40)]
    tool.open(at(moves), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 0
    assert [g for g in tool.show("gaps") if g["code"] == "order-assumed"] == []
    assert "whose sequence no exhibit gives. They" not in tool.text("report.html")


def test_what_is_said_of_every_rule_names_the_order_where_another_order_moves_another_rule(tool: Tool) -> None:
    """The service pays back at the moment at which it is paid: under lifo the order decides, under fifo not."""
    moves = [
        ("01T10:00:00", "victim", "w", 100),
        ("02T10:00:00", "w", "hot", 100),
        ("02T10:00:00", "hot", "w", 100),
        ("03T10:00:00", "w", "friend", 100),
    ]
    found = worked(tool, moves, 1)
    assert set(found["Binance"]["by_rule"].values()) == {"100000000"}
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert "the same under every rule, in the one sequence of movements that is used here" in page
    assert "gives this same figure, in the one sequence" in letter
    assert "all that there are under that rule; under libr" in page
    first = r"all that there are under that rule; under [a-z_, -]+ gives another figure\) no figure of all losses"
    assert re.search(first, page), "on page 1"
    (gap, *_) = [g for g in tool.show("gaps") if g["code"] == "order-assumed"]
    assert "Under lifo, prorata, libr, libr-fifo too" in gap["effect"]


BACK = [
    ("01T10:00:00", "victim", "w", 100),
    ("02T10:00:00", "w", "hot", 50),
    ("03T10:00:00", "w", "hot2", 50),
    ("03T10:00:00", "hot2", "w", 50),
    ("04T10:00:00", "w", "hot2", 20),
    ("05T10:00:00", "w", "friend", 30),
]
"""Paid back at the moment of payment: of the 50 that went on to the second service before, under lifo, libr and
prorata, or only after, 20, 20 or 35 are of the loss; what the first one got no order moves."""


def test_a_letter_says_of_a_sequence_what_it_does_to_its_own_figure(tool: Tool) -> None:
    found = worked(tool, BACK, 1)
    assert {name: r["amount"] for name, r in found.items()} == {"Binance": "50000000", "Kraken": "50000000"}
    assert found["Binance"]["by_rule_and_order"] == {}
    sums = {name.split()[0]: int(one["L1"]) // 10**6 for name, one in found["Kraken"]["by_rule_and_order"].items()}
    assert sums == {"lifo": 20, "libr": 20, "libr-fifo": 20, "prorata": 35}
    page = tool.text("report.html")
    first, second = (tool.text(f"letters/{name}-preserve-v1.txt") for name in ("binance", "kraken"))
    assert "sequence" not in first, "its figure is the same in every order, under every rule"
    assert "Every rule that may back a claim gives this same figure, in the one sequence" in second
    said = "‘Last in, first out’ the figure is from 20.000000 USDT to 50.000000 USDT"
    assert said in second
    assert "in another sequence the figures can differ, as stated beside them" in second
    assert "under prorata the figure is from 35.000000 USDT to 50.000000 USDT" in page
    assert page.count("Every rule that may back a claim gives this same figure.") > 0, "of the first service"
    for name, amount in (("lifo", "20000000"), ("prorata", "35000000")):
        rows = [r for r in tool.show("totals") if (r["rule"], r["service"]) == (name, "Kraken")]
        assert amount in [r["amount"] for r in rows if r["figure"].startswith("service traced, order")]
    assert {a for _, a, _ in outside.check(str(tool.case))} == {outside.HOLDS}


def drafted(tool: Tool, kind: str, to: str, losses: str) -> str:
    more = ("--kind", kind, "--to", to, "--loss", losses, "--facts", "They paid.", "--json")
    assert program.main(["letter", "draft", str(tool.case), "--as", "victim", *more]) == 0
    return tool.text(f"letters/{json.loads(tool.capsys.readouterr().out)['id']}-v1.txt")


def test_letters_of_one_loss_and_to_an_issuer_have_the_range_of_their_own_figures(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two losses come at one moment: which of them goes to the exchange is open, together it is the same."""
    (tool.folder / "recover.toml").write_text(f'{SENDER}\n[[sender.officer]]\nname = "V"\nrole = "victim"\n')
    monkeypatch.setenv("RECOVER_CONFIG", str(tool.folder / "recover.toml"))
    moves = [("01T10:00:00", name, "w", 100) for name in ("victim", "second")]
    moves += [("02T10:00:00", "w", "hot", 120), ("03T10:00:00", "w", "friend", 80)]
    tool.open(at(moves, ("w", "friend")), labels(EXCHANGE))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run", "--until", "find")
    letter = drafted(tool, "preserve", "binance", "L1")
    assert "(all that there are under that rule; under ‘Lowest intermediate balance, first in first out" in letter
    assert letter.count("the figure is from 20.000000 USDT to 100.000000 USDT") == 2
    assert "L2" not in letter
    both = drafted(tool, "preserve", "binance", "all")
    assert "By loss, over those sequences: L1 between 20.000000 USDT and 100.000000 USDT" in both
    # What is left at the friend's is of both in every order, and of one of them from nothing to all of it.
    assert "sequence" not in drafted(tool, "freeze", "tether", "all")
    told = drafted(tool, "freeze", "tether", "L2")
    assert "over the 2 sequences tried: still there 0.000000 USDT to 80.000000 USDT" in told
    assert "in another sequence the figures can differ, as stated beside them" in told


def test_where_not_all_orders_can_be_tried_the_words_say_so(tool: Tool) -> None:
    # Six payments of one moment have 720 orders.
    moves = [("01T10:00:00", "victim", "w", 100), ("01T11:00:00", "boss", "w", 200)]
    moves += [("02T10:00:00", "w", name, 50) for name in ("hot", "a", "b", "c", "d", "e")]
    (found,) = worked(tool, moves, 1).values()
    (told,) = [g for g in tool.show("gaps") if g["code"] == "order-assumed"]
    assert "not all there are" in told["effect"]
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert "not all that there are, so that another could give another figure" in page
    assert found["amount"] == "50000000"
    assert "0" in found["by_order"]["amount"].values()
    assert "sequences tried: traced on to it 0.000000 USDT to 50.000000 USDT" in letter


def test_an_order_under_which_another_service_is_reached_has_a_row(tool: Tool) -> None:
    found = worked(tool, TWO, 1)
    assert found["Kraken"]["amount"] == "0"
    assert found["Kraken"]["credited"] == "100000000"


def test_a_tie_that_only_another_order_meets_is_tried_too(tool: Tool) -> None:
    # Only where w pays m with the victim's value does m's own tie matter.
    moves = [
        ("01T10:00:00", "victim", "w", 100),
        ("01T10:00:00", "boss", "w", 100),
        ("02T10:00:00", "w", "end", 100),
        ("03T10:00:00", "w", "m", 100),
        ("03T11:00:00", "x", "m", 100),
        ("04T10:00:00", "m", "end", 100),
        ("04T10:00:00", "m", "hot", 100),
    ]
    found = worked(tool, moves, 1, ("w", "m"))
    assert found["Binance"]["amount"] == "0"
    assert "100000000" in found["Binance"]["by_order"]["amount"].values()


@pytest.mark.parametrize("sizes", [(2,), (3,), (2, 2), (4,)])
def test_every_order_of_a_tie_is_listed_once(sizes: Sequence[int]) -> None:
    units, place = [], 0
    for size in sizes:
        units.append((tuple(range(place, place + size)), ()))
        place += size
    made = Tie(
        asset=USDT,
        base=tuple(range(place)),
        units=tuple(units),
        addresses=frozenset(),
        crowded=frozenset(),
        moves=dict.fromkeys(range(9), (0, 1, 1)),
        held={},
        whole=frozenset(),
    )
    listed_ = list(made.orders())
    assert listed_[0] == made.base
    assert len(set(listed_)) == len(listed_) == made.count
    inner = math.prod(math.factorial(size) for size in sizes)
    assert made.count == math.factorial(len(sizes)) * inner
    if len(sizes) == 1:
        assert sorted(listed_) == sorted(permutations(range(place)))
    else:  # transactions do not mix
        assert all(set(order[:2]) in ({0, 1}, {2, 3}) for order in listed_)
    assert made.reversed() in listed_


def test_transactions_keep_what_their_own_order_shows() -> None:
    tie = Tie(
        asset=USDT,
        base=(0, 1, 2, 3),
        units=(((), (0, 1)), ((2,), (3,))),
        addresses=frozenset(),
        crowded=frozenset(),
        moves={},
        held={},
        whole=frozenset(),
    )
    assert list(tie.orders()) == [(0, 1, 2, 3), (2, 3, 0, 1)]


def test_bounds_hold_whatever_the_order(tool: Tool) -> None:
    """The range that is stated equals the range over every order, worked out by hand as a first-in first-out."""
    moves = [
        ("01T10:00:00", "victim", "w", 70),
        ("01T10:00:00", "boss", "w", 50),
        ("02T10:00:00", "w", "hot", 30),
        ("02T10:00:00", "w", "hot2", 60),
        ("02T10:00:00", "w", "end", 20),
    ]
    found = worked(tool, moves, 1)
    seen: dict[str, set[int]] = {"hot": set(), "hot2": set()}
    outs = (("hot", 30), ("hot2", 60), ("e", 20))
    for came, went in product(permutations((("v", 70), ("b", 50))), permutations(outs)):
        pool = [lot for lot, amount in came for _ in range(amount)]  # a unit each, the first in first out
        for place, wanted in went:
            traced = pool[:wanted].count("v")
            pool = pool[wanted:]
            if place in seen:
                seen[place].add(traced * 10**6)
    for service, place in (("Binance", "hot"), ("Kraken", "hot2")):
        r = found[service]
        values = {int(str(r["amount"])), *(int(n) for n in r["by_order"].get("amount", {}).values())}
        assert (min(values), max(values)) == (min(seen[place]), max(seen[place]))


def test_no_order_in_which_an_address_of_whole_history_pays_what_it_has_not(tool: Tool) -> None:
    moves = [
        ("01T10:00:00", "victim", "w", 100),
        ("01T10:00:00", "x", "w", 60),
        ("01T10:00:00", "w", "a", 100),
        ("01T11:00:00", "w", "hot", 60),
        ("01T12:00:00", "a", "hot2", 100),
    ]
    found = worked(tool, moves, 1, ("w", "a"))
    kraken = {int(n) for n in found["Kraken"]["by_order"]["amount"].values()} | {int(found["Kraken"]["amount"])}
    binance = {int(n) for n in found["Binance"]["by_order"]["amount"].values()} | {int(found["Binance"]["amount"])}
    # The loss first, the clean 60 first, or the payment between the two; w never pays before it has.
    assert (min(kraken), max(kraken)) == (40_000_000, 100_000_000)
    assert (min(binance), max(binance)) == (0, 60_000_000)
    page = tool.text("report.html")
    assert "over 3 sequences (all that there are" in page


INTO = [
    ("01T10:00:00", "w", "d", 100),
    ("01T10:00:00", "d", "hot", 100),
    ("01T10:00:00", "w", "hot2", 50),
    ("01T10:00:00", "victim", "w", 100),
    ("01T10:00:00", "boss", "w", 50),
]
"""By their ids, both wallets pay before they are paid."""


def test_no_order_of_one_moment_makes_a_balance_that_nobody_shows(tool: Tool) -> None:
    found = worked(tool, INTO, 4, ("w", "d"))
    assert sum(int(r["amount"]) for r in found.values()) == 100 * 10**6, "all of it, in every order that can be"
    assert sum(int(r["unswept"]) for r in found.values()) == 0
    assert {g["code"] for g in tool.show("gaps")} == {"order-assumed"}
    page = tool.text("report.html")
    assert "payments in first where a payer would else lack what it pays" in page
    assert found["Kraken"]["by_order"]["amount"], "which of the two got it hangs on the order, and is said"
    accounts = [f["slots"] for f in tool.show("findings") if f["kind"] == "account"]
    assert {a["opening"] for a in accounts} == {"0"}, "no exhibit shows a balance before"
    assert tool("verify")[0] == 0


def test_a_round_trip_within_a_moment_needs_no_balance_where_an_order_has_none() -> None:
    # 0 has 100, pays 1, is paid back and pays 2: taken first, the payment to 2 would leave it nothing to lend.
    moves = {0: (0, 2, 100), 1: (0, 1, 100), 2: (1, 0, 100)}
    made = Tie(
        asset=USDT,
        base=(0, 1, 2),
        units=tuple(((n,), ()) for n in range(3)),
        addresses=frozenset((0, 1)),
        crowded=frozenset((0, 1)),
        moves=moves,
        held={0: 100, 1: 0},
        whole=frozenset((0, 1)),
    )
    assert untied(made) == (1, 2, 0)


@pytest.mark.parametrize("fixed", [(0, 1), ()])
def test_a_transaction_keeps_what_its_exhibit_orders(fixed: Places) -> None:
    made = Tie(
        asset=USDT,
        base=(0, 1),
        units=(((), fixed),) if fixed else (((0, 1), ()),),
        addresses=frozenset((1,)),
        crowded=frozenset((1,)),
        moves={0: (1, 2, 5), 1: (0, 1, 5)},
        held={1: 0},
        whole=frozenset((1,)),
    )
    assert untied(made) == ((0, 1) if fixed else (1, 0))


def test_orders_tried_of_what_a_loss_can_reach_are_those_of_the_whole(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers = [("01T09:00:00", "x", "y", 7), ("02T10:00:00", "y", "z", 7), ("02T10:00:00", "x", "z", 1)]
    moves = [strangers[0], *TWO[:2], strangers[1], *TWO[2:], strangers[2]]
    tool.open(at(moves, ("w", "x", "y")), labels(EXCHANGE, KRAKEN))
    tool("loss", "--tx", tx(2), "--asset", "USDT")
    sizes: list[int] = []

    def rows() -> list[Any]:
        tool("run", "--until", "trace")
        case = open_for_reading(tool.case)
        return [derived.read(case, name).to_pylist() for name in ("orders", "ties", "ends", "arrivals")]

    def whole(trail: Any, own: Any, *rest: Any) -> Any:
        sizes.append(len(trail.seqs))
        return Part(listed={trail.asset: trail}, ties=dict(enumerate(own)), remake=rest[-1])

    near = rows()
    shutil.rmtree(tool.case / "derived" / "trace")
    monkeypatch.setattr(orders, "_near", whole)
    assert rows() == near
    assert near[0], "some order moves a figure"
    assert sizes == [len(moves)]


TAKEN = [
    ("01T10:00:00", "victim", "w", 100),
    ("01T11:00:00", "boss", "w", 100),
    ("01T11:30:00", "w", "near", 50),
    ("02T10:00:00", "w", "near", 50),
    ("02T10:00:00", "w", "far", 100),
    ("03T10:00:00", "near", "hot", 100),
    ("03T11:00:00", "far", "hot", 100),
]
"""In the order used all of the loss goes to the exchange by way of `near`; in the other, half of it by `far`."""


def test_a_letter_names_an_address_that_only_another_sequence_pays_as_possible(tool: Tool) -> None:
    worked(tool, TAKEN, 1, ("w", "near", "far"))
    used = {row["through"]: row for row in tool.show("offramps")}
    assert {name: int(row["amount"]) // 10**6 for name, row in used.items()} == {who("near"): 100, who("far"): 0}
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    mark = "possible: nothing in the sequence and with the part used, but in another of those tried"
    for text in (page, letter):
        assert (
            f"{mark} over the 2 sequences tried: traced on to it 0.000000 USDT to 50.000000 USDT"
            in text.replace("; ", " ")
        )
    # What went through is counted alike on page 1 and in the finding.
    (total,) = (f for f in tool.show("findings") if f["kind"] == "service-total")
    assert total["slots"]["addresses"] == [who("near")]
    assert "through 1 address into wallets attributed to Binance" in page
    assert "through 2 addresses into wallets" not in page
