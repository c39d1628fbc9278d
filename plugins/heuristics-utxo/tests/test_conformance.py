"""Every heuristic of the member through the conformance kit, on one ledger that fires them all."""

from __future__ import annotations

from pathlib import Path

from recover.sdk import HeuristicInfo
from recover.testing import HeuristicKit, joined
from recover_heuristics_utxo import recover_heuristics
from recover_heuristics_utxo.testing import coins

POINT = "pk(0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798)"


def _many(kind: str, values: list[int]) -> str:
    return ", ".join(f"w:{kind}{n} {value}" for n, value in enumerate(values))


_FINAL = 0xFFFFFFFF
_MAKERS = [42_000_000 + 1_000_077 * n for n in range(4)]
EVIDENCE = joined(
    coins("T1", "", "w:miner 5000000000"),
    coins("T2", "w:x 90000000", f"{POINT} 1000, 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH 1000, w:shop 1000000"),
    coins("T3", "w:a 900000, w:b 800000", "t:till 1000000, w:c 290001", height=3),
    coins("T4", "T3:0", "w:e1 10000, w:e2 20000, w:e3 30000, w:e4 40000", height=4, version=1, sequence=_FINAL),
    coins("T5", "w:a 900000", "w:shop 600000, w:new 290000", height=5),
    coins("T6", "w:a 900000", "w:shop 600001, w:a 290001", height=6),
    coins("T7", "w:p 90000000", "w:q 5009000, w:q2 5009000, w:fee 175000, w:left 4000000, data", height=7),
    coins("T8", "T7:0, " + _many("r", [5_000_000] * 4), _many("s", [5_000_000] * 5), height=8),
    coins("T9", _many("wi", [15_000_000] * 12), _many("wo", [10_004_321] * 10 + [3_000_000, 2_000_000]), height=9),
    coins(
        "T10",
        _many("zi", [99_000 - n for n in range(50)]),
        _many("zo", [100_000] * 20 + [50_000] * 20 + [4_000]),
        height=10,
    ),
    coins(
        "T11",
        _many("ji", [*_MAKERS, 40_000_000, 30_000_000]),
        _many("jo", [40_000_000] * 5 + [m - 40_000_000 + 500 for m in _MAKERS] + [29_900_000]),
        height=11,
    ),
    coins("T12", "w:g 9000, w:h 12000", "w:g1 8000, w:g2 8000, w:g3 700, w:g4 900", height=12),
    coins("T13", "w:k 90000, w:l 70000", "w:k1 80000, w:k2 79000", height=13),
    coins(
        "T14",
        "w:m 900000, w:n 900000, w:o 900000",
        "w:m1 70000, w:m2 70000, w:m3 70000, w:m4 30000, w:m4 40000, w:m5 50000, data",
        height=14,
    ),
    coins("T15", "w:a 500000, w:b 500000", "w:far 600001, w:chg 390001", height=15),
    coins("T16", "T15:1", "w:far2 380001", height=16),
    coins("T17", "T15:0", "w:far3 590001", height=17, version=1, sequence=_FINAL, locktime=4, vsize=99),
    coins("T18", "w:far2 70000, w:chg 80000", "w:far4 140000", height=18),
    coins("T19", "w:big 9000000", "w:one 50000, w:o2 8940000", height=19),
    coins("T20", "T19:1", "w:two 50000, w:t2 8880000", height=20),
    coins("T21", "T19:0", "w:u1 1000, w:u2 1000, w:u3 1000", height=21),
    coins("T22", "w:v 900000", "w:v1 600000, w:v2 290000", height=22),
    coins("T23", "T22:0, k:old 90000", "w:v3 680000", height=23),
    coins("T24", "k:old 900000", "k:v1 600000, k:w2 290000", height=24),
    coins("T25", "T24:0, w:o3 90000", "w:v5 680000", height=25),
    coins("T26", "w:y 900000", "w:y1 1000, w:y2 2000, w:y3 3000, w:y4 4000", height=26),
    coins("T27", "T26:0", "w:z1 400, w:z2 300, w:z3 200, w:z4 10", height=27),
    coins("T28", "T26:1", "w:z5 900, w:z6 800, w:z7 200, w:z8 10", height=28),
    coins("T29", "T26:2", "w:z9 900, w:za 800, w:zb 200, w:zc 10", height=29),
    coins("T30", "w:ua 900000", "w:ub 890000", height=30),
    coins("T31", "T30:0", "w:uc 600000, w:ud 280000", height=30),
    coins("T32", "T31:0", "w:ue 590000", height=32),
    coins("T33", "w:a 600000, w:b 500000", "w:hh 700000, w:hi 390001", height=33),
    coins("T34", "T33:1", "w:hj 380000", height=34),
    coins("T35", "T33:0", "w:hk 690000", height=35, version=1, sequence=_FINAL),
    coins("T36", "w:a 600000, w:chg 500000", "w:hl 1000000", height=36),
    coins("T37", "w:pool 900000, w:pegged 500000", "w:pool 1300000, w:out 90000", height=37, extension=True),
)

# Their kits stand beside their own tests.
ELSEWHERE = {"deposit-sweep"}
ALL = {heuristic.info.id: heuristic for heuristic in recover_heuristics()}


class TestCommonInput(HeuristicKit):
    heuristic = ALL["common-input"]
    evidence = EVIDENCE


class TestSameKey(HeuristicKit):
    heuristic = ALL["same-key"]
    evidence = EVIDENCE


class TestWhirlpool(HeuristicKit):
    heuristic = ALL["mix-whirlpool"]
    evidence = EVIDENCE


class TestTx0(HeuristicKit):
    heuristic = ALL["mix-whirlpool-tx0"]
    evidence = EVIDENCE


class TestWasabi1(HeuristicKit):
    heuristic = ALL["mix-wasabi1"]
    evidence = EVIDENCE


class TestWasabi2(HeuristicKit):
    heuristic = ALL["mix-wasabi2"]
    evidence = EVIDENCE


class TestJoinMarket(HeuristicKit):
    heuristic = ALL["mix-joinmarket"]
    evidence = EVIDENCE


class TestStonewall(HeuristicKit):
    heuristic = ALL["mix-stonewall"]
    evidence = EVIDENCE


class TestPayJoin(HeuristicKit):
    heuristic = ALL["mix-payjoin-shape"]
    evidence = EVIDENCE


class TestGeneric(HeuristicKit):
    heuristic = ALL["mix-generic"]
    evidence = EVIDENCE


class TestExtensionBlock(HeuristicKit):
    heuristic = ALL["mix-extension-block"]
    evidence = EVIDENCE


class TestChange(HeuristicKit):
    heuristic = ALL["change"]
    evidence = EVIDENCE


def _kit(id: str) -> type[HeuristicKit]:
    name = "Test" + "".join(part.title() for part in id.split("-"))
    return type(name, (HeuristicKit,), {"heuristic": ALL[id], "evidence": EVIDENCE, "__module__": __name__})


# One class a change rule, made here because they differ in nothing but the rule.
_RULES = [_kit(id) for id in ALL if id.startswith("change-")]
globals().update({made.__name__: made for made in _RULES})


def test_every_heuristic_is_in_the_kit() -> None:
    tested = {kit.heuristic.info.id for kit in HeuristicKit.__subclasses__() if kit.__module__ == __name__}
    assert tested | ELSEWHERE == set(ALL)


def _measured(info: HeuristicInfo) -> str:
    """What the table of the README says of a card."""
    card = info.card
    if card is None or card.n is None:
        return "not measured"
    assert card.by == "benchmarks/accuracy_utxo.py"
    assert card.tp is not None
    assert card.fn is not None
    where = "farm" if "farm" in card.population else "emulation" if "regtest" in card.population else "lists"
    said = [f"{t.grade} {t.right} of {t.n}" if t.n is not None else f"{t.grade} not measured" for t in card.grades]
    right = f"right at {', '.join(said)}" if said else "no answer"
    return f"{where}, n {card.n}: {right}; found {card.tp} of {card.tp + card.fn}"


def test_the_readme_lists_every_rule_as_it_is() -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    rows = {line.split("|")[1].strip(" `"): line for line in text.splitlines() if line.startswith("| `")}
    for id, heuristic in ALL.items():
        info = heuristic.info
        cells = [cell.strip() for cell in rows[id].strip("|").split("|")]
        assert cells[1] == info.title.replace(" (height-dependent)", "")
        assert cells[2] == ("tip" if "height-dependent" in info.title else "")
        assert cells[3:] == [info.citation, f"`{info.asserts[0]}`", info.fails[0].rstrip("."), _measured(info)]
