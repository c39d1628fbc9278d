"""Detectors of services: Whirlpool, Wasabi 1 and 2, JoinMarket."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from recover.sdk import Assertion, Heuristic, Leg, Scope, Transaction
from recover.testing import Rows, joined
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.mixes import find, joinmarket, wasabi, whirlpool
from recover_heuristics_utxo.mixes.detectors import detectors
from recover_heuristics_utxo.mixes.shape import Shape, look
from recover_heuristics_utxo.owners import CommonInput
from recover_heuristics_utxo.testing import coins

MAIN = "bip122:000000000019d6689c085ae165831e93"


def shape(tx: Transaction) -> Shape:
    (found,) = read(joined(tx))
    return look(found, 0)


def verdicts(*records: Transaction) -> list[tuple[str, str, str, int]]:
    """(transaction, class, role, confidence)."""
    (found,) = read(joined(*records))
    return [(str(found.ids[v.tx].as_py()), v.label, v.role, v.confidence) for v in find(found).verdicts]


def rows(heuristic: Heuristic, evidence: Rows, **parameters: int) -> list[dict[str, Any]]:
    batches = heuristic.assertions(evidence, Scope(parameters=parameters))
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def detector(id: str) -> Heuristic:
    return next(d for d in detectors() if d.info.id == id)


def many(kind: str, values: list[int], start: int = 0) -> str:
    return ", ".join(f"w:{kind}{n + start} {value}" for n, value in enumerate(values))


def pool(id: str, value: int, inputs: str, size: int = 5, **more: Any) -> Transaction:
    return coins(id, inputs, many(f"{id}o", [value] * size), **more)


def entering(size: int, fresh: int, value: int = 5_000_000, over: int = 9_000) -> str:
    return many("in", [value + over] * fresh + [value] * (size - fresh))


@pytest.mark.parametrize("size", [5, 6, 7, 8])
@pytest.mark.parametrize("fresh", [1, 4])
def test_a_mix_by_its_shape(size: int, fresh: int) -> None:
    assert verdicts(pool("T1", 5_000_000, entering(size, fresh), size)) == [
        ("T1", "whirlpool_mix", "definite", 60)
    ]


@pytest.mark.parametrize(
    "tx",
    [
        pytest.param(pool("T1", 5_000_000, entering(5, 0)), id="nobody enters, so nobody pays the fee"),
        pytest.param(pool("T1", 5_000_000, entering(5, 5)), id="all enter"),
        pytest.param(pool("T1", 5_000_000, entering(4, 2), 4), id="four"),
        pytest.param(pool("T1", 5_000_000, entering(9, 2), 9), id="nine"),
        pytest.param(pool("T1", 4_000_000, entering(5, 2, 4_000_000)), id="no pool's value"),
        pytest.param(pool("T1", 5_000_000, entering(5, 2, over=110_001)), id="above the margin"),
        pytest.param(
            pool("T1", 5_000_000, "w:a 5009000, w:a 5009000, w:c 5000000, w:d 5000000, w:e 5000000"), id="x"
        ),
    ],
)
def test_what_is_no_whirlpool_mix(tx: Transaction) -> None:
    assert whirlpool.mix(shape(tx)) is None


def tx0(id: str, count: int, *more: int, premix: int = 5_009_000, fee: int = 175_000) -> Transaction:
    paid = many(f"{id}p", [premix] * count) + f", w:{id}fee {fee}, data"
    paid += "".join(f", w:{id}c{n} {value}" for n, value in enumerate(more))
    return coins(id, f"w:{id}in 900000000", paid)


@pytest.mark.parametrize("count", [1, 2, 70])
def test_a_tx0_with_1_and_70_premix_coins(count: int) -> None:
    assert verdicts(tx0("T1", count, 7_654_321)) == [("T1", "whirlpool_tx0", "entry", 60)]
    assert verdicts(tx0("T1", count)) == [("T1", "whirlpool_tx0", "entry", 60)]


@pytest.mark.parametrize(
    "tx",
    [
        pytest.param(tx0("T1", 3, 150_000), id="two that could be the fee"),
        pytest.param(tx0("T1", 71, 7_654_321), id="71 premix coins"),
        pytest.param(tx0("T1", 3, fee=87_000), id="below half of the fee"),
        pytest.param(tx0("T1", 3, fee=525_001), id="above three times the fee"),
        pytest.param(tx0("T1", 3, premix=5_000_000), id="premix coins without their part of the miner's fee"),
        pytest.param(tx0("T1", 3, 7_654_321, 8_654_321), id="two more outputs"),
        pytest.param(coins("T1", "w:a 90000000", "w:p 5009000, w:q 5009000, w:f 175000"), id="no data"),
    ],
)
def test_what_is_no_tx0(tx: Transaction) -> None:
    assert whirlpool.tx0(shape(tx)) is None


@pytest.mark.parametrize(("fee", "fires"), [(87_500, True), (87_499, False), (525_000, True), (525_001, False)])
def test_the_bounds_of_the_fee(fee: int, fires: bool) -> None:
    assert (whirlpool.tx0(shape(tx0("T1", 3, fee=fee))) is not None) is fires


def lineage() -> list[Transaction]:
    """Two Tx0s; a mix of five of their coins; a mix of two of those with three more."""
    first = "T1:0, T1:1, T1:2, T2:0, w:remix 5000000"
    again = "T3:0, T3:1, T1:3, T2:1, T2:2"
    mixes = [pool("T3", 5_000_000, first, height=2), pool("T4", 5_000_000, again, height=3)]
    return [tx0("T1", 4, 7_654_321), tx0("T2", 4, 7_654_321), *mixes]


def test_lineage_is_proven_where_every_input_comes_from_the_pool() -> None:
    assert verdicts(*lineage())[2:] == [
        ("T3", "whirlpool_mix", "definite", 60),
        ("T4", "whirlpool_mix", "definite", 90),
    ]
    found = {
        r["transactions"][0]: json.loads(r["params"]) for r in rows(detector("mix-whirlpool"), joined(*lineage()))
    }
    assert found["T3"]["lineage"] == {"of": 5, "shown": 4}
    assert found["T4"]["lineage"] == {"of": 5, "shown": 5}
    assert found["T4"]["rules"] == ["whirlpool-shape", "lineage"]


def test_a_first_mix_is_known_by_its_id() -> None:
    genesis = "94b0da89431d8bd74f1134d8152ed1c7c4f83375e63bc79f19cf293800a83f52"
    assert [v[3] for v in verdicts(pool(genesis, 5_000_000, entering(5, 2)))] == [90]
    assert [v[3] for v in verdicts(pool(genesis, 1_000_000, entering(5, 2, 1_000_000)))] == [60]


def test_a_tx0_joins_its_own_inputs_and_a_mix_joins_nothing() -> None:
    own = coins("T1", "w:a 9000000, w:b 9000000", "w:p 5009000, w:q 5009000, w:f 175000, w:c 7000000, data")
    mixed = pool("T2", 5_000_000, "T1:0, T1:1, w:x 5000000, w:y 5000000, w:z 5000000", height=2)
    pairs = {(r["address"], r["other"]) for r in rows(CommonInput(), joined(own, mixed))}
    assert pairs == {("w:a", "w:b")}


def wabisabi(inputs: int = 50, standard: int = 41, odd: int = 9, order: int = -1, **more: Any) -> Transaction:
    """A round of `standard` outputs of two denominations and `odd` others."""
    paid = sorted([50_000] * 20 + [100_000] * (standard - 20) + [60_001 + 7 * n for n in range(odd)])
    spent = sorted(90_000 + 13 * n for n in range(inputs))
    return coins("T1", many("in", spent[::order]), many("out", paid[::order]), **more)


@pytest.mark.parametrize(
    ("tx", "role"),
    [
        pytest.param(wabisabi(50), "definite", id="50 inputs"),
        pytest.param(wabisabi(51), "definite", id="51 inputs"),
        pytest.param(wabisabi(49), None, id="49 inputs"),
        pytest.param(wabisabi(50, order=1), None, id="rising"),
        pytest.param(wabisabi(50, 40, 10), None, id="80.0 percent"),
        pytest.param(wabisabi(1001, 801, 199), "definite", id="80.1 percent"),
        pytest.param(wabisabi(1001, 800, 200), None, id="80.0 percent of a thousand"),
        pytest.param(wabisabi(50, chain=MAIN, height=741_213), "definite", id="the first block"),
        pytest.param(wabisabi(50, chain=MAIN, height=741_212), None, id="before the first block"),
    ],
)
def test_a_wasabi_2_round(tx: Transaction, role: str | None) -> None:
    found = wasabi.wasabi2(shape(tx))
    strict = found if found is not None and "dumplings-wabisabi" in found.rules else None
    assert (strict.role if strict else None) == role


def test_smaller_rounds_are_possible_and_definite_only_where_asked_for() -> None:
    paid = sorted([50_000] * 8 + [100_000] * 8 + [200_000] * 6 + [63_001, 71_003])[::-1]
    spent = sorted(200_000 + 13 * n for n in range(25))[::-1]
    evidence = joined(coins("T1", many("in", spent), many("out", paid)))
    found = rows(detector("mix-wasabi2"), evidence)
    assert [(r["role"], json.loads(r["params"])["rules"]) for r in found] == [
        ("possible", ["graphsense-wabisabi"])
    ]
    (lower,) = rows(detector("mix-wasabi2"), evidence, inputs=25)
    assert lower["role"] == "definite"
    assert [r["role"] for r in rows(detector("mix-wasabi2"), evidence, inputs=26)] == ["possible"]


def test_a_consolidation_into_standard_amounts_is_no_round() -> None:
    made = coins("T1", many("in", [10_000 - n for n in range(101)]), "w:a 500000, w:b 200000")
    assert [v[1] for v in verdicts(made)] == ["payjoin_possible"]


def test_there_are_78_denominations() -> None:
    found = sorted(wasabi.denominations())
    assert len(found) == 78
    assert found[:14] == [
        5000, 6561, 8192, 10000, 13122, 16384, 19683, 20000, 32768, 39366, 50000, 59049, 65536, 100000,
    ]  # fmt: skip
    assert found[-6:] == [34359738368, 50000000000, 62762119218, 68719476736, 94143178827, 100000000000]


def single(
    value: int = 10_004_321, equal: int = 10, change: int = 6, inputs: int = 12, **more: Any
) -> Transaction:
    paid = [value] * equal + [3_000_000 + 1013 * n for n in range(change)]
    return coins("T1", many("in", [15_000_000 + n for n in range(inputs)]), many("out", paid), **more)


def test_a_wasabi_1_round_after_the_coordinators_address_was_given_up() -> None:
    assert [v[1:3] for v in verdicts(single(chain=MAIN, height=620_000))] == [("wasabi1", "definite")]


@pytest.mark.parametrize(
    ("tx", "role"),
    [
        pytest.param(single(chain=MAIN, height=609_999), "possible", id="before that block"),
        pytest.param(single(equal=9), "possible", id="nine equal outputs"),
        pytest.param(single(10_000_000), "possible", id="exactly round, as a payout"),
        pytest.param(single(12_100_000, inputs=22), None, id="far from 0.1"),
        pytest.param(single(chain=MAIN, height=530_499), None, id="before Wasabi"),
        pytest.param(single(inputs=9), None, id="fewer inputs than outputs"),
    ],
)
def test_weaker_wasabi_1_shapes(tx: Transaction, role: str | None) -> None:
    found = wasabi.wasabi1(shape(tx))
    assert (found.role if found else None) == role


def test_the_coordinators_address_marks_an_early_round() -> None:
    address = "bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew"
    made = coins(
        "T1", many("in", [10**7] * 4), many("out", [9_999_999] * 3) + f", {address} 70000", height=540_000
    )
    found = wasabi.wasabi1(replace(shape(made), chain=MAIN))
    assert found is not None
    assert (found.role, found.rules) == ("definite", ("dumplings-coordinator",))
    late = wasabi.wasabi1(replace(shape(made), chain=MAIN, height=610_000))
    assert late is None


def rounds(id: str, makers: int, gain: int = 500, value: int = 40_000_000, **more: Any) -> Transaction:
    """A taker with two inputs, and its makers, each with one."""
    held = [value + 1_000_000 * (n + 2) + 77 * n for n in range(makers)]
    spent = [*held, value, 30_000_000]
    paid = [value] * (makers + 1) + [h - value + gain for h in held] + [29_990_000 - gain * makers]
    return coins(id, many(f"{id}i", spent), many(f"{id}o", paid), **more)


@pytest.mark.parametrize("makers", [4, 9])
def test_a_round_of_makers_is_definite(makers: int) -> None:
    assert verdicts(rounds("T1", makers)) == [("T1", "joinmarket", "definite", 70)]


def test_links_of_a_round_leave_room_for_what_makers_earn() -> None:
    """Each maker is tied to its change and nobody to one of the equal outputs, whatever a maker earned."""
    (row,) = rows(detector("mix-joinmarket"), joined(rounds("T1", 4)))
    said = json.loads(row["params"])["links"]
    assert said["gained"] == "50000"
    assert int(said["mappings"]) > 1
    assert not any(output < 5 for _, output in said["certain"])


def test_makers_that_gain_nothing_or_too_much_are_none() -> None:
    assert len(joinmarket.makers(shape(rounds("T1", 4)), 40_000_000)) == 4
    assert joinmarket.makers(shape(rounds("T1", 4, gain=0)), 40_000_000) == ()
    assert joinmarket.makers(shape(rounds("T1", 4, gain=2001)), 40_000_000) == ()
    assert verdicts(rounds("T1", 4, gain=0)) == [("T1", "joinmarket", "possible", 49)]


def test_an_exchange_that_pays_equal_round_amounts_is_at_most_possible() -> None:
    paid = [10_000_000] * 5 + [3_141_592, 2_718_281, 1_414_213, 1_732_050, 5_550_123]
    made = coins("T1", many("in", [17_000_000 + 999 * n for n in range(6)]), many("out", paid))
    found = verdicts(made)
    assert found
    assert {role for _, _, role, _ in found} == {"possible"}
    assert rows(CommonInput(), joined(made)) == []


def test_an_input_of_a_labelled_service_makes_a_round_possible() -> None:
    label = Assertion(
        kind="label",
        chain=rounds("T1", 4).chain,
        address="w:T1i0",
        grade="B",
        method="m",
        version="1",
        service="Exchange",
        role="hot-wallet",
    )
    (found,) = read(joined(rounds("T1", 4), labels=[label]))
    assert [(v.label, v.role) for v in find(found).verdicts] == [("joinmarket", "possible")]


def test_crocs_keeps_small_rounds_only_beside_others() -> None:
    alone = shape(rounds("T1", 2))
    assert joinmarket.crocs(alone)
    (found,) = read(joined(rounds("T1", 2)))
    assert [v.rules for v in find(found).verdicts] == [("dumplings-other", "graphsense-joinmarket", "makers")]
    chained = rounds("T2", 4, height=2)
    asset = chained.legs[0].asset
    more = Leg(kind="input", address=None, asset=asset, amount=None, index=6, spends=("T1", 0))
    linked = replace(chained, legs=(*chained.legs, more))
    (found,) = read(joined(rounds("T1", 2), linked))
    assert "crocs-muni" in find(found).verdicts[0].rules


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, True, id="as it should be"),
        pytest.param({"returns": 1}, False, id="with OP_RETURN"),
        pytest.param({"repeated": ((40_000_000, 5), (7, 2))}, False, id="two repeated values"),
        pytest.param({"repeated": ((40_000_000, 2),)}, False, id="two equal outputs"),
        pytest.param({"payees": (1,) * 10}, False, id="one script everywhere"),
    ],
)
def test_the_rule_of_crocs_muni(change: dict[str, Any], expected: bool) -> None:
    assert joinmarket.crocs(replace(shape(rounds("T1", 4)), **change)) is expected


def test_the_rule_of_dumplings_bounds_the_largest_input() -> None:
    made = shape(rounds("T1", 4))
    assert joinmarket.dumplings(made)
    limit = 40_000_000 + max(made.others(40_000_000)) - 10_000
    assert joinmarket.dumplings(replace(made, inputs=(limit, *made.inputs[1:])))
    assert not joinmarket.dumplings(replace(made, inputs=(limit + 1, *made.inputs[1:])))
