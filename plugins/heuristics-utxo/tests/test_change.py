"""Change rules, each on a transaction that it answers, one it answers otherwise, and one where it abstains."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pytest

from recover.sdk import Coverage, Scope, Transaction
from recover.testing import joined
from recover_heuristics_utxo.change.combined import RULES, Combined, single
from recover_heuristics_utxo.change.rule import Change, Rule
from recover_heuristics_utxo.testing import CHAIN, coins

Row = dict[str, Any]


ledger = lru_cache(maxsize=256)(joined)


def ask(id: str, *records: Any, **parameters: int) -> list[Row]:
    heuristic: Any = Combined() if id == "change" else Change(next(r for r in RULES if r.id == id))
    batches = heuristic.assertions(ledger(*records), Scope(parameters=parameters))
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def answers(id: str, *records: Any, **parameters: int) -> list[tuple[str, str]]:
    """(transaction, change address)."""
    return [(r["transactions"][0], r["other"]) for r in ask(id, *records, **parameters)]


def of(id: str, tx: str, *records: Transaction) -> str | None:
    """What the rule calls change in one transaction."""
    found = [other for t, other in answers(id, *records) if t == tx]
    assert len(found) <= 1
    return found[0] if found else None


SEEN = coins("T1", "w:past 9000000", "w:shop 1000000, w:pay 1000000, w:rest 100000")
TWO = "w:a 500000, w:b 400000"
ONE = "w:a 900000"
RICH = "w:a 4900000"

CASES = [
    # The rule's id, the transaction judged, what it calls change, and what else the ledger holds.
    ("change-optimal", (TWO, "w:shop 600000, w:c 290000"), "w:c", ()),
    ("change-optimal", (TWO, "w:c 290000, w:shop 600000, w:x 1000"), None, ()),
    ("change-optimal", (ONE, "w:shop 600000, w:c 290000"), None, ()),
    ("change-optimal", ("P:0, w:b 400000", "w:shop 600000, w:c 290000"), None, ()),
    ("change-optimal-fee", (TWO, "w:shop 600000, w:c 290000"), "w:c", ()),
    ("change-optimal-fee", (TWO, "w:shop 450000, w:c 395000"), None, ()),
    ("change-optimal-fee", (ONE, "w:shop 600000, w:c 290000"), None, ()),
    ("change-power-of-ten", (RICH, "w:shop 1000000, w:c 290001"), "w:c", ()),
    ("change-power-of-ten", (RICH, "w:shop 1000001, w:c 290001"), None, ()),
    ("change-power-of-ten", (RICH, "w:shop 1000000, w:c 2000000"), None, ()),
    ("change-one-time", (ONE, "w:shop 600000, w:c 290000"), "w:c", (SEEN,)),
    ("change-one-time", (ONE, "w:new 600000, w:c 290000"), None, (SEEN,)),
    ("change-one-time", (ONE, "w:shop 600000, w:pay 200000, w:c 90000"), None, (SEEN,)),
    ("change-meiklejohn-h2", (ONE, "w:shop 600000, w:pay 200000, w:c 90000"), "w:c", (SEEN,)),
    ("change-meiklejohn-h2", (ONE, "w:shop 600000, w:a 200000, w:c 90000"), None, (SEEN,)),
    ("change-meiklejohn-h2", (ONE, "w:new 600000, w:c 290000"), None, (SEEN,)),
    ("change-client-behaviour", (ONE, "w:shop 600000, w:a 200000, w:c 90000"), "w:c", (SEEN,)),
    ("change-client-behaviour", (ONE, "w:new 600000, w:c 290000"), None, (SEEN,)),
    ("change-client-behaviour", (ONE, "w:shop 600000, w:pay 290000"), None, (SEEN,)),
    ("change-address-type", (ONE, "t:shop 600000, w:c 290000"), "w:c", ()),
    ("change-address-type", (ONE, "w:shop 600000, w:c 290000"), None, ()),
    ("change-address-type", ("w:a 500000, t:b 500000", "t:shop 600000, w:c 290000"), None, ()),
    ("change-address-type", (ONE, "?:shop 600000, w:c 290000"), None, ()),
    ("change-address-reuse", (TWO, "w:shop 600000, w:b 290000"), "w:b", ()),
    ("change-address-reuse", (TWO, "w:a 600000, w:b 290000"), None, ()),
    ("change-address-reuse", (TWO, "w:shop 600000, w:c 290000"), None, ()),
    ("change-legacy", (TWO, "w:new 600000, w:c 290000"), "w:c", (SEEN,)),
    ("change-legacy", (TWO, "w:new 300000, w:c 290000"), None, (SEEN,)),
    ("change-legacy", (TWO, "w:shop 600000, w:pay 290000"), None, (SEEN,)),
    ("change-one-time-graphsense", (ONE, "t:shop 600000, w:c 290001"), "w:c", ()),
    ("change-one-time-graphsense", (ONE, "w:shop 600001, w:c 290001"), None, ()),
    ("change-one-time-graphsense", (ONE, "t:shop 600000, w:c 290000"), None, ()),
    ("change-one-time-graphsense", (ONE, "w:shop 600001, w:shop 290001"), None, ()),
]


@pytest.mark.parametrize(("id", "tx", "expected", "before"), CASES)
def test_static_rules(id: str, tx: tuple[str, str], expected: str | None, before: tuple[Transaction, ...]) -> None:
    assert of(id, "T9", *before, coins("T9", *tx, height=9)) == expected


def test_every_static_rule_has_a_case() -> None:
    static = {rule.id for rule in RULES if not rule.dynamic}
    assert static <= {case[0] for case in CASES} | {"change-direct"}


def test_direct_change_names_each_output_that_returns() -> None:
    found = answers("change-direct", coins("T1", TWO, "w:a 600000, w:b 200000, w:c 9000"))
    assert sorted(found) == [("T1", "w:a"), ("T1", "w:b")]


def test_the_digits_of_a_round_amount_are_a_parameter() -> None:
    tx = coins("T1", ONE, "w:shop 500000, w:c 290001")
    assert answers("change-power-of-ten", tx) == []
    assert answers("change-power-of-ten", tx, digits=5) == [("T1", "w:c")]


# What spends the outputs of T1 (w:shop 600000 and w:c 290000), one transaction after the other.
MADE = coins("T1", ONE, "w:shop 600000, w:c 290000", sequence=0xFFFFFFFD, locktime=7)
LIKE = coins("T2", "T1:1", "w:d 100000, w:e 180000", height=2, locktime=8)
UNLIKE = coins("T3", "T1:0", "w:f 590000", height=3, version=1, sequence=0xFFFFFFFF, vsize=150)


@pytest.mark.parametrize("axis", ["version", "locktime", "rbf", "counts", "fee", "fee-rate"])
def test_an_axis_leaves_the_output_whose_spender_agrees(axis: str) -> None:
    # Counts and fee are made to agree: one input, two outputs, a fee of 10000 as in T1.
    assert of(f"change-{axis}", "T1", MADE, LIKE, UNLIKE) in ("w:c", None)
    assert of(f"change-{axis}", "T1", MADE) is None


@pytest.mark.parametrize("axis", ["version", "locktime", "rbf"])
def test_a_later_tip_changes_the_answer(axis: str) -> None:
    """Before the payment is spent both may be change; after it, one; after the other is spent too, none."""
    also = coins("T4", "T1:1", "w:g 280000", height=4, version=1, sequence=0xFFFFFFFF)
    rows = [ask(f"change-{axis}", *held) for held in ((MADE,), (MADE, UNLIKE), (MADE, UNLIKE, also))]
    told = [[(r["other"], r["height"]) for r in found if r["transactions"] == ["T1"]] for found in rows]
    assert told == [[], [("w:c", 3)], []]


def test_static_rules_record_no_height_and_dynamic_ones_the_tip() -> None:
    tx = coins("T9", TWO, "w:shop 600000, w:c 290000", height=9)
    assert [r["height"] for r in ask("change-optimal", tx)] == [None]
    assert {r["height"] for r in ask("change-client-behaviour", SEEN, tx)} == {9}


@pytest.mark.parametrize(
    ("axis", "spender", "agrees"),
    [
        ("segwit", coins("T3", "T1:0, k:old 100000", "w:f 690000", height=3), True),
        ("types", coins("T3", "T1:0, k:old 100000", "w:f 690000", height=3), False),
        ("types", coins("T3", "T1:0, w:old 100000", "w:f 690000", height=3), True),
        ("counts", coins("T3", "T1:0", "w:f 300000, w:g 290000", height=3), True),
        ("counts", coins("T3", "T1:0", "w:f 590000", height=3), False),
        ("fee", coins("T3", "T1:0", "w:f 590000", height=3), True),
        ("fee", coins("T3", "T1:0", "w:f 590001", height=3), False),
        ("fee-rate", coins("T3", "T1:0", "w:f 590000", height=3), True),
        ("fee-rate", coins("T3", "T1:0", "w:f 590000", height=3, vsize=199), False),
    ],
)
def test_axes_by_what_the_spender_shows(axis: str, spender: Transaction, agrees: bool) -> None:
    """The payment's spender disagrees: then, and only then, the other output is alone."""
    assert of(f"change-{axis}", "T1", MADE, spender) == (None if agrees else "w:c")


def test_sorted_outputs_count_from_four() -> None:
    def chain(paid: str, spent: str) -> str | None:
        made = coins("T1", ONE, paid)
        return of(
            "change-order",
            "T1",
            made,
            coins("T2", "T1:3", spent, height=2),
            coins("T3", "T1:0, T1:1, T1:2", "w:z 9", height=3),
        )

    rising, falling = "w:a1 1000, w:a2 2000, w:a3 3000, w:a4 4000", "w:b1 900, w:b2 800, w:b3 700, w:b4 600"
    assert chain(rising, falling) is None
    first = coins("T1", ONE, rising)
    others = [coins(f"T{n + 2}", f"T1:{n}", falling.replace("b", f"x{n}"), height=2) for n in range(3)]
    assert of("change-order", "T1", first, *others) == "w:a4"
    assert of("change-order", "T1", coins("T1", ONE, "w:a1 1000, w:a4 4000"), others[0]) is None


def test_unconfirmed_coins() -> None:
    made = coins("T2", "T1:0", "w:shop 600000, w:c 290000", height=1)
    before = coins("T1", "w:x 950000", "w:a 900000", height=1)
    late = coins("T3", "T2:0", "w:f 590000", height=5)
    assert of("change-unconfirmed", "T2", before, made, late) == "w:c"
    soon = coins("T3", "T2:0", "w:f 590000", height=1)
    assert of("change-unconfirmed", "T2", before, made, soon) is None


def test_consumer_wallets_pay_one_at_a_time() -> None:
    company = coins("T2", "T1:0", "w:1 100000, w:2 100000, w:3 100000", height=2)
    assert of("change-consumer", "T1", MADE, company) == "w:c"
    assert of("change-consumer", "T1", MADE) is None
    three = coins("T1", ONE, "w:shop 600000, w:c 200000, w:d 50000")
    assert of("change-consumer", "T1", three, company) is None


def test_multi_input_change_waits_for_the_co_spend() -> None:
    pays = coins("T1", "w:a 900000", "w:shop 600000, w:c 290000")
    later = coins("T2", "T1:1, w:a 400000", "w:far 680000", height=2)
    assert of("change-multi-input", "T1", pays) is None
    assert of("change-multi-input", "T1", pays, later) == "w:c"
    both = coins("T3", "w:shop 400000, w:a 400000", "w:far 780000", height=3)
    assert of("change-multi-input", "T1", pays, later, both) is None


def peeling(payment: int, steps: int = 3) -> list[Transaction]:
    made, left = [], 9_000_000
    for n in range(1, steps + 1):
        spent = "w:a 9000000" if n == 1 else f"T{n - 1}:1"
        left -= payment + 1000
        made.append(coins(f"T{n}", spent, f"w:p{n} {payment}, w:c{n} {left}", height=n))
    return made


def test_a_peel_chain_is_followed_and_its_last_step_is_open() -> None:
    chain = peeling(50_000)
    spends = [coins(f"T{n + 4}", f"T{n}:0", f"w:z{n} 40000", height=9) for n in (1, 2, 3)]
    assert answers("change-peel-chain", *chain, *spends) == [("T1", "w:c1"), ("T2", "w:c2"), ("T3", "w:c3")]
    assert answers("change-peel-chain", *chain) == []
    assert answers("change-peel-chain", coins("T1", ONE, "w:shop 600000, w:c 290000")) == []


@pytest.mark.parametrize(("payment", "steps"), [(999, 0), (1000, 3)])
def test_a_peel_step_pays_at_least_the_floor(payment: int, steps: int) -> None:
    chain = peeling(payment)
    spends = [coins(f"T{n + 4}", f"T{n}:0, w:fee{n} 9000", f"w:z{n} 5000", height=9) for n in (1, 2, 3)]
    assert len(answers("change-peel-chain", *chain, *spends)) == steps
    assert len(answers("change-peel-chain", *chain, *spends, floor=1001)) == 0


def habitual(n: int, habit: str, spends: str = "") -> Transaction:
    """A payment of one owner, whose change stands last; `habit` is how its wallet marks what it makes."""
    marks: dict[str, Any] = {"ours": {}, "theirs": {"version": 1, "sequence": 0xFFFFFFFF}}[habit]
    return coins(
        f"T{n}", spends or f"w:a {n}900000, w:b 100000", f"w:p{n} {n}600000, w:q{n} 350000", height=n, **marks
    )


def test_the_habits_of_a_cluster_choose_the_output_whose_spender_has_them() -> None:
    own = [habitual(n, "ours") for n in (1, 2, 3)]
    mine = coins("T7", "T3:1", "w:far 300000", height=7)
    theirs = coins("T8", "T3:0", "w:else 3000000", height=8, version=1, sequence=0xFFFFFFFF)
    assert of("change-cluster-habit", "T3", *own, mine, theirs) == "w:q3"
    assert of("change-cluster-habit", "T3", *own, theirs) is None
    also = coins("T8", "T3:0", "w:else 3000000", height=8)
    assert of("change-cluster-habit", "T3", *own, mine, also) is None


def test_a_cluster_of_one_transaction_has_no_habits() -> None:
    mine = coins("T7", "T1:1", "w:far 300000", height=7)
    assert of("change-cluster-habit", "T1", habitual(1, "ours"), mine) is None


def test_a_spender_cannot_vouch_for_itself() -> None:
    """The spender is in the cluster and alone has its features: left out, nothing is left that agrees."""
    own = [habitual(1, "ours"), habitual(2, "ours")]
    odd = coins("T5", "T2:1, w:a 100000", "w:far 400000", height=5, version=1, sequence=0xFFFFFFFF)
    assert of("change-cluster-habit", "T2", *own, odd) is None


def test_two_families_make_the_answer() -> None:
    (row,) = ask("change", coins("T9", "w:a 900000, w:b 800000", "t:shop 1000000, w:c 290001", height=9))
    said = json.loads(row["params"])
    assert (row["address"], row["other"], row["grade"], row["height"]) == ("w:a", "w:c", "C", 9)
    assert said["families"] == ["address", "value"]
    assert said["rules"] == ["change-address-type", "change-optimal", "change-optimal-fee", "change-power-of-ten"]
    assert said["self"] is False


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        pytest.param(RICH, "w:shop 1000000, w:c 290001", id="value alone"),
        pytest.param(ONE, "t:shop 600001, w:c 290001", id="address alone"),
        pytest.param(RICH, "t:c 290001, w:shop 1000000", id="they differ"),
        pytest.param(ONE, "w:shop 600001, w:c 290001", id="nobody answers"),
    ],
)
def test_fewer_than_two_families_make_none(inputs: str, outputs: str) -> None:
    assert answers("change", coins("T9", inputs, outputs)) == []


def test_three_families_may_be_asked_for() -> None:
    tx = coins("T9", "w:a 900000, w:b 800000", "t:shop 1000000, w:c 290001", height=9)
    spends = coins("T10", "T9:0", "w:z 900000", height=10, version=1)
    assert answers("change", tx, families=3) == []
    assert answers("change", tx, spends, families=3) == [("T9", "w:c")]


def test_a_return_to_an_input_is_enough_alone() -> None:
    (row,) = ask("change", coins("T9", ONE, "w:shop 600001, w:a 290001", height=9))
    assert (row["other"], json.loads(row["params"])["self"]) == ("w:a", True)


def test_fingerprints_support_or_withhold() -> None:
    tx = coins("T9", "w:a 900000, w:b 800000", "t:shop 1000000, w:c 290001", height=9, locktime=5)
    like = coins("T10", "T9:1", "w:z 280000", height=10, locktime=9)
    (row,) = ask("change", tx, like)
    assert json.loads(row["params"])["fingerprint"] == {
        "agree": ["locktime", "lowr", "rbf", "version"],
        "differ": [],
    }
    # The payment's spender differs as well, so that the spender family says nothing and cannot contradict.
    other = coins("T11", "T9:0", "w:y 990000", height=11, version=1, sequence=0xFFFFFFFF)
    odd = coins("T10", "T9:1", "w:z 280000", height=10, lowr=False, version=1)
    strange = coins("T10", "T9:1", "w:z 280000", height=10, locktime=9, lowr=False)
    (row,) = ask("change", tx, other, strange)
    assert json.loads(row["params"])["fingerprint"]["differ"] == ["lowr"]
    assert ask("change", tx, other, odd) == []
    assert len(ask("change", tx, other, odd, refuse=5)) == 1


@pytest.mark.parametrize(
    "tx",
    [
        pytest.param(coins("T1", "", "w:a 50, w:b 49"), id="coinbase"),
        pytest.param(coins("T1", TWO, "w:c 290001"), id="one output"),
        pytest.param(coins("T1", TWO, "w:c 290001, data"), id="one output and data"),
        pytest.param(coins("T1", TWO, "t:shop 600000, w:c 290001", whole=False), id="a part"),
        pytest.param(coins("T1", TWO, "t:1 300000, t:2 300000, w:c 1001, w:d 2003"), id="a possible CoinJoin"),
    ],
)
def test_no_rule_judges(tx: Transaction) -> None:
    assert {rule.id for rule in RULES if answers(rule.id, tx)} == set()
    assert answers("change", tx) == []


def test_newness_is_weaker_where_the_history_is_not_here() -> None:
    tx = coins("T9", ONE, "w:shop 600000, w:c 290000", height=9)
    assert [r["grade"] for r in ask("change-one-time", SEEN, tx)] == ["E"]
    whole = Coverage(chain=CHAIN, address="w:c")
    assert [r["grade"] for r in ask("change-one-time", SEEN, tx, whole)] == ["D"]
    assert [json.loads(r["params"])["history"] for r in ask("change-one-time", SEEN, tx)] == ["partial"]


def test_an_address_that_first_appears_in_the_same_block_is_new() -> None:
    before = coins("T1", "w:x 900000", "w:shop 800000", height=8)
    same = coins("T2", "w:y 900000", "w:c 800000", height=9)
    tx = coins("T9", ONE, "w:shop 600000, w:c 290000", height=9)
    assert of("change-one-time", "T9", before, same, tx) == "w:c"
    earlier = coins("T2", "w:y 900000", "w:c 800000", height=8)
    assert of("change-one-time", "T9", before, earlier, tx) is None


def test_in_a_large_ledger_a_single_rule_speaks_when_asked() -> None:
    tx = coins("T9", TWO, "w:shop 600000, w:c 290000")
    assert answers("change-optimal", tx, bulk=0) == []
    heuristic = Change(next(r for r in RULES if r.id == "change-optimal"))
    scope = Scope(addresses=frozenset({"w:c"}), parameters={"bulk": 0})
    assert len(list(heuristic.assertions(joined(tx), scope))) == 1


def test_ids_and_families_are_those_stated() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) == len(single())
    families = {rule.family for rule in RULES if rule.votes}
    assert families == {"value", "address", "spender", "cluster", "self"}
    assert all(isinstance(rule, Rule) and rule.fails for rule in RULES)
