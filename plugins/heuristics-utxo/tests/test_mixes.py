"""Detectors on the smallest transactions that they should, and should not, fire on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recover.sdk import Heuristic, Scope, Transaction
from recover.testing import Rows, joined
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.mixes import find, generic, stonewall
from recover_heuristics_utxo.mixes.detectors import detectors
from recover_heuristics_utxo.mixes.shape import Shape, Verdict, look
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


@pytest.mark.parametrize(
    ("payers", "outputs", "expected"),
    [
        pytest.param(2, [100, 100, 30, 40], True, id="minimal two-party"),
        pytest.param(3, [100, 100, 100, 30, 40], True, id="taker without change"),
        pytest.param(4, [100, 100, 100, 30, 40, 50], True, id="three parties"),
        pytest.param(2, [100, 100, 30], True, id="like a batch payment"),
        pytest.param(1, [100, 100, 30], False, id="one payer"),
        pytest.param(2, [546, 546, 30], False, id="dust"),
        pytest.param(2, [2730, 2730, 30], False, id="another marker"),
        pytest.param(5, [5_000_000] * 5, False, id="a Whirlpool mix is not seen"),
        pytest.param(3, [100, 100, 100, 100, 30], False, id="one too many"),
    ],
)
def test_the_generic_rule(payers: int, outputs: list[int], expected: bool) -> None:
    made = shape(coins("T1", many("in", [10**7] * payers), many("out", outputs)))
    assert generic.blocksci(made) is expected


def test_one_address_with_several_inputs_is_one_party() -> None:
    made = shape(coins("T1", "w:a 900, w:a 900", "w:1 100, w:2 100, w:3 30, w:4 40"))
    assert not generic.blocksci(made)


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        pytest.param("w:a 9000, w:b 9000", "w:1 8000, w:2 8000, w:3 700", True, id="two could pay one each"),
        pytest.param("w:a 17000, w:b 900", "w:1 8000, w:2 8000, w:3 700", False, id="only one could"),
        pytest.param("w:a 9000, w:b 9000", "w:1 8000, w:a 8000, w:3 700", False, id="one goes back to a payer"),
        pytest.param("w:a 9000, w:a 9000", "w:1 8000, w:2 8000, w:3 700", False, id="one payer"),
        pytest.param("w:a 9000, w:b 9000", "w:1 546, w:2 546, w:3 700", False, id="dust"),
        pytest.param("w:a 9000, w:b 9000", "w:1 8000, w:1 8000, w:3 700", False, id="one address twice"),
        pytest.param("P:0, w:b 9000", "w:1 8000, w:2 8000, w:3 700", True, id="an unknown payer could"),
    ],
)
def test_the_margin_band(inputs: str, outputs: str, expected: bool) -> None:
    assert generic.margin(shape(coins("T1", inputs, outputs))) is expected


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        pytest.param("w:1 8000, w:2 8000, w:3 700, w:4 900", True, id="four"),
        pytest.param("w:1 8000, w:2 8000, w:3 700", True, id="three"),
        pytest.param("w:1 8000, w:2 8000, w:3 700, data", True, id="three and data"),
        pytest.param("w:1 8000, w:2 8000, w:3 700, w:4 700", False, id="two pairs"),
        pytest.param("w:1 8000, w:2 8000", False, id="two"),
        pytest.param("w:1 4999, w:2 4999, w:3 700", False, id="too small"),
        pytest.param("w:1 8000, w:1 8000, w:3 700", False, id="one script twice"),
    ],
)
def test_stonewall(outputs: str, expected: bool) -> None:
    found = stonewall.judge(shape(coins("T1", "w:a 9000, w:b 12000", outputs)))
    assert (found is not None) is expected
    assert found is None or found.role == "possible"


def test_a_stonewall_s_shape_is_also_that_of_a_joinmarket_round_of_two() -> None:
    """One taker and one maker: two equal outputs and a change each, as in the round that Esplora's tests keep."""
    evidence = joined(coins("T1", "w:a 9000, w:b 12000", "w:1 6000, w:2 6000, w:3 2900, w:4 5900"))
    (row,) = rows(detector("mix-stonewall"), evidence)
    assert "JoinMarket round of two parties" in row["note"]
    assert json.loads(row["params"])["alike"] == ["stonewall", "stonewallx2", "joinmarket of two"]
    assert any("JoinMarket" in text for text in detector("mix-stonewall").info.fails)


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        pytest.param("w:a 9000, w:b 7000", "w:1 8000, w:2 7900", True, id="one input would do"),
        pytest.param("w:a 9000, w:b 7000", "w:1 8900, w:2 7000", True, id="with the fee, exactly"),
        pytest.param("w:a 9000, w:b 7000", "w:1 8901, w:2 6999", False, id="with the fee, not quite"),
        pytest.param("w:a 9000, w:b 7000", "w:1 12000, w:2 3900", False, id="both are needed"),
        pytest.param("w:a 9000, w:a 7000", "w:1 8000, w:2 7900", False, id="one address"),
        pytest.param("w:a 9000, w:b 7000", "w:1 8000, w:2 7000, w:3 900", False, id="three outputs"),
        pytest.param("P:0, w:b 7000", "w:1 8000, w:2 7900", False, id="a value is not shown"),
    ],
)
def test_the_payjoin_shape(inputs: str, outputs: str, expected: bool) -> None:
    found = [v for v in verdicts(coins("T1", inputs, outputs)) if v[1] == "payjoin_possible"]
    assert found == ([("T1", "payjoin_possible", "shape", 5)] if expected else [])


def test_params_say_what_a_definite_mix_hides_and_what_it_cannot() -> None:
    made = pool("T1", 5_000_000, entering(5, 1))
    (row,) = rows(detector("mix-whirlpool"), joined(made))
    said = json.loads(row["params"])
    assert (row["label"], row["role"], row["grade"], row["address"]) == ("whirlpool_mix", "definite", "C", "")
    assert (said["denomination"], said["n_equal"], said["anon_min"]) == ("5000000", 5, 5)
    assert said["links"] == {"certain": [], "gained": "0", "lost": "9000", "mappings": "1496"}
    assert said["forced"] == [[f"w:in{n}", "5000000", 1] for n in range(5)]
    assert said["effects"] == ["blocks_change", "blocks_cospend", "scores_mixing", "stops_taint"]


def test_who_must_have_funded_outputs_is_named() -> None:
    spent = [400_000_000, *(40_000_000 + 2_000_000 + n for n in range(4))]
    paid = [40_000_000] * 5 + [2_000_500 + n for n in range(4)] + [90_000_000, 90_000_001, 90_000_002, 89_000_000]
    (found,) = read(joined(coins("T1", many("in", spent), many("out", paid))))
    from recover_heuristics_utxo.mixes.detectors import forced

    named = forced(found, look(found, 0))
    assert ["w:in0", "40000000", 1] in named
    assert all(row[0] == "w:in0" for row in named)


def test_possible_marks_nobody_a_user_of_a_mixer() -> None:
    made = joined(coins("T1", "w:a 9000, w:b 9000", "w:1 8000, w:2 8000, w:3 700"))
    for found in (r for d in detectors() for r in rows(d, made)):
        assert found["role"] == "possible"
        assert "scores_mixing" not in json.loads(found["params"])["effects"]
        assert found["grade"] in ("D", "E")


def test_a_part_of_a_transaction_is_not_judged() -> None:
    assert verdicts(pool("T1", 5_000_000, entering(5, 2), whole=False)) == []


def test_verdicts_are_frozen_records() -> None:
    with pytest.raises(AttributeError):
        Verdict(tx=1, label="x", role="possible", confidence=1, rules=(), denomination=1, equal=1, least=1).tx = 2  # type: ignore[misc]
