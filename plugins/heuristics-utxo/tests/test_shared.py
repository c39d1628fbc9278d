"""Real transactions: a Whirlpool mix, a Wasabi 2 round, payouts, lists of mixes and the Wasabi 2 emulation."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from recover.sdk import Scope
from recover.testing import joined
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.owners import CommonInput

ROOT = Path(__file__).parents[3]
READER = ROOT / "benchmarks" / "truths" / "coinsets.py"
SETS = ROOT / ".." / "shared" / "data" / "bitcoin-coinjoin"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not (SETS.is_dir() and READER.is_file()), reason=f"REAL MIXES ARE NOT TESTED: no evaluation data at {SETS}"
    ),
]


@pytest.fixture(scope="module")
def sets() -> ModuleType:
    spec = spec_from_file_location("coinsets_of_benchmarks", READER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("whirlpool-coinjoin", [("whirlpool_mix", "definite")]),
        ("wabisabi-coinjoin", [("wasabi2", "definite")]),
        ("joinmarket-coinjoin", [("stonewall_like", "possible")]),
        ("batch-withdrawal-143", []),
        ("dust-attack-555", []),
        ("simple-legacy-p2pkh", []),
        ("bare-multisig", []),
    ],
)
def test_single_transactions(sets: ModuleType, name: str, expected: list[tuple[str, str]]) -> None:
    (coins,) = read(joined(sets.sample(name)))
    assert [(v.label, v.role) for v in find(coins).verdicts] == expected


def test_every_listed_whirlpool_mix_is_found_and_joins_nobody(sets: ModuleType) -> None:
    listed = sets.dumplings("dumplings__sw_202403.zip", "SamouraiCoinJoins")
    evidence = joined(*listed)
    (coins,) = read(evidence)
    found = {str(coins.ids[v.tx].as_py()) for v in find(coins).verdicts if v.label == "whirlpool_mix"}
    assert found == {tx.id for tx in listed}
    assert len(found) == 1403
    assert list(CommonInput().assertions(evidence, Scope())) == []


def test_no_round_of_the_emulation_joins_two_wallets(sets: ModuleType) -> None:
    for _, records, owners in sets.emulations():
        evidence = joined(*records)
        (coins,) = read(evidence)
        blocked = {str(coins.ids[t].as_py()) for t in find(coins).no_cospend.nonzero()[0].tolist()}
        rounds = set()
        for tx in range(len(coins)):
            held = coins.inputs.address[coins.inputs.first[tx] : coins.inputs.first[tx + 1]]
            names = {str(coins.names[a].as_py()) for a in held[held >= 0].tolist()}
            if len({owners[name] for name in names if name in owners}) > 1:
                rounds.add(str(coins.ids[tx].as_py()))
        assert len(rounds) == 6
        assert rounds <= blocked
        pairs = [
            r for b in CommonInput().assertions(evidence, Scope()) for r in b.tables()["assertions"].to_pylist()
        ]
        assert all(owners.get(r["address"]) == owners.get(r["other"]) for r in pairs)
