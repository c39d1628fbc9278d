"""Coins through the case: fees, unknown inputs, contradictions, lost blocks, losses by output, stops, routes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from tests.core.scripted import COIN, GOLD, START, Block, Coverage, Error, World, mix, spend

from recover.case import open_for_writing
from recover.declared import losses
from recover.sdk import Leg, Transaction
from recover.sdk.view import Loss
from recover.trails import explain

MINT = spend("tmint", [], [("avictim", 100)], height=1, index=0)
PAID = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 60), ("avictim", 35)], height=2, index=0)
ON = spend("ton", [("tpaid", 0, None, None)], [("amule", 50), ("athief", 8)], height=3, index=0)
KNOWN = Coverage(chain="coin:1", address=None)


def test_a_fee_is_what_inputs_bring_and_outputs_do_not_take(tmp_path: Path) -> None:
    world = World(tmp_path, [MINT, PAID, ON]).run("decode")
    rows = [(r["tx"], r["kind"], r["src"], r["dst"], r["amount"]) for r in world.table("transfers")]
    assert rows == [
        ("tmint", "reward", None, None, 100),
        ("tmint", "output", None, "avictim", 100),
        ("tpaid", "input", "avictim", None, 100),
        ("tpaid", "output", None, "athief", 60),
        ("tpaid", "output", None, "avictim", 35),
        ("tpaid", "fee", None, None, 5),
        ("ton", "input", "athief", None, 60),
        ("ton", "output", None, "amule", 50),
        ("ton", "output", None, "athief", 8),
        ("ton", "fee", None, None, 2),
    ]


def test_an_input_is_filled_from_another_exhibit_and_then_the_two_agree(tmp_path: Path) -> None:
    told = spend("ton", [("tpaid", 0, "athief", 60)], [("amule", 50), ("athief", 8)])
    world = World(tmp_path, [ON], [told]).run("decode")
    assert [r["amount"] for r in world.table("transfers") if r["kind"] == "input"] == [60]
    assert not any(r["contradicted"] for r in world.table("transactions"))


def test_inputs_that_no_exhibit_shows_are_counted_in_one_gap(tmp_path: Path) -> None:
    world = World(tmp_path, [ON]).lose(tx="ton", amount=50, assets=(COIN.id,)).run()
    (gap,) = [g for g in world.gaps() if g["code"] == "inputs-unknown"]
    assert gap["subject"] == "coin:1"
    assert "1 input in 1 transaction" in gap["why"]
    assert [r for r in world.table("transfers") if r["kind"] == "fee"] == []


def test_two_exhibits_that_disagree_on_an_output_are_a_contradiction(tmp_path: Path) -> None:
    other = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 61), ("avictim", 35)], height=2, index=0)
    world = World(tmp_path, [MINT, PAID], [other]).lose(address="athief").run()
    assert [g["subject"] for g in world.gaps() if g["code"] == "contradiction"] == ["coin:1:tpaid"]


def test_an_input_valued_otherwise_than_the_output_it_spends_is_a_contradiction(tmp_path: Path) -> None:
    lied = spend("ton", [("tpaid", 0, "athief", 61)], [("amule", 50), ("athief", 8)], height=3, index=0)
    world = World(tmp_path, [MINT, PAID, KNOWN], [lied]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    (gap,) = [g for g in world.gaps() if g["code"] == "contradiction"]
    assert gap["subject"] == "coin:1:ton"
    assert "Exhibits 1 and 2 disagree on what one of its inputs was worth" in gap["why"]
    assert world.ends() == {("1", "athief", "uncollected"): 60}


def test_outputs_larger_than_inputs_are_refused(tmp_path: Path) -> None:
    made = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 101)], height=2, index=0)
    world = World(tmp_path, [MINT, made]).lose(address="athief").run()
    (gap,) = [g for g in world.gaps() if g["code"] == "contradiction"]
    assert "larger than its inputs" in gap["why"]


def test_one_output_spent_by_two_transactions_is_followed_by_neither(tmp_path: Path) -> None:
    rival = spend("trival", [("tpaid", 0, "athief", 60)], [("aother", 59)], height=4, index=0)
    world = World(tmp_path, [MINT, PAID, ON, rival, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert {g["subject"] for g in world.gaps() if g["code"] == "contradiction"} == {"coin:1:ton", "coin:1:trival"}
    assert world.ends() == {("1", "athief", "uncollected"): 60}


def test_a_trace_follows_outputs_and_pays_the_fee(tmp_path: Path) -> None:
    world = World(tmp_path, [MINT, PAID, ON, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert world.ends() == {("1", "amule", "rest"): 50, ("1", "athief", "rest"): 8, ("1", "", "fee"): 2}
    assert world.ends("highest_out") == world.ends()


def test_a_loss_by_address_is_no_change_of_its_own(tmp_path: Path) -> None:
    world = World(tmp_path, [MINT, PAID, ON, KNOWN]).lose(address="athief").run()
    assert world.ends() == {("1", "amule", "rest"): 50, ("1", "athief", "rest"): 8, ("1", "", "fee"): 2}


def test_a_loss_that_does_not_say_which_output_is_refused_with_all_that_it_can_be(tmp_path: Path) -> None:
    two = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 60), ("anew", 35)], height=2, index=0)
    world = World(tmp_path, [MINT, two])
    with pytest.raises(Error, match="which output") as caught:
        world.lose(tx="tpaid")
    assert "0: 60 COIN to athief; 1: 35 COIN to anew." in caught.value.why
    assert "coin:1:tpaid:0" in caught.value.todo
    assert "--amount" in caught.value.todo
    assert not world.case().settings.losses, "what cannot start is not left declared"
    # By the whole amount of one output it is that output; by another amount it is none.
    with pytest.raises(Error, match=r"which output .*loss amount: 50 COIN"):
        world.lose(tx="tpaid", amount=50, assets=(COIN.id,))
    world.lose(tx="tpaid", amount=35, assets=(COIN.id,)).run()
    assert world.ends() == {("1", "anew", "uncollected"): 35}


def test_a_loss_that_was_declared_before_its_transaction_was_here_names_the_way_out(tmp_path: Path) -> None:
    two = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 60), ("anew", 35)], height=2, index=0)
    world = World(tmp_path, [MINT, two])
    with open_for_writing(world.path, "test") as case:
        case.save(replace(case.settings, losses=(Loss(id="L1", chain="coin:1", tx="tpaid"),)))
    with pytest.raises(Error, match="Loss L1 does not say which output") as caught:
        world.run()
    assert f"recover loss {world.path} --drop L1" in caught.value.todo


def test_an_output_that_looks_like_change_is_told_and_stays_a_gap(tmp_path: Path) -> None:
    tx, round_, rest = "t" * 64, 2_000_000, 44_999_943
    two = spend(tx, [("tmint", 0, "avictim", 50_000_000)], [("ashop", round_), ("anew", rest)], height=2)
    mint = replace(MINT, legs=tuple(replace(leg, amount=50_000_000) for leg in MINT.legs))
    world = World(tmp_path, [mint, two])
    with open_for_writing(world.path, "test") as case:
        losses.declare(case, world.plugins, tx=f"{tx}:1")
        (said,) = case.told
    assert said.startswith("Output 1 (44,999,943 COIN to anew) looks like the payer's change: it is not a round")
    world.run()
    assert [(g["subject"], g["why"]) for g in world.gaps() if g["code"] == "loss-is-change"] == [(f"{tx}:1", said)]
    with open_for_writing(world.path, "test") as case:
        losses.drop(case, "L1")
    world.lose(tx=f"{tx}:0").run()
    assert "loss-is-change" not in {g["code"] for g in world.gaps()}


def test_a_loss_by_an_output_that_there_is_not_is_refused_at_once(tmp_path: Path) -> None:
    world = World(
        tmp_path, [MINT, spend("t" * 64, [("tmint", 0, "avictim", 100)], [("athief", 60), ("anew", 35)])]
    )
    with pytest.raises(Error, match="has no output 9") as caught:
        world.lose(tx="t" * 64 + ":9")
    assert "Its outputs are 0, 1." in caught.value.why
    world.lose(tx="t" * 64 + ":1").run()
    assert world.ends() == {("1", "anew", "uncollected"): 35}
    assert [f["subject"] for f in world.table("findings") if f["kind"] == "loss"] == ["t" * 64 + ":1"]


def test_a_loss_can_be_taken_back(tmp_path: Path) -> None:
    world = World(tmp_path, [MINT, PAID, KNOWN]).lose(address="athief").lose(address="avictim")
    with open_for_writing(world.path, "test") as case:
        assert losses.drop(case, "L1").address == "athief"
        assert [loss.id for loss in case.settings.losses] == ["L2"]
        losses.declare(case, world.plugins, address="amule")
        assert [loss.id for loss in case.settings.losses] == ["L2", "L3"]
        with pytest.raises(Error, match="declares no loss"):
            losses.drop(case, "L1")
        # Papers that were made name a loss by its id: another loss never has it, the same one has it again.
        losses.drop(case, "L3")
        losses.declare(case, world.plugins, address="anew")
        losses.declare(case, world.plugins, address="amule")
        losses.declare(case, world.plugins, address="athief")
        assert [loss.id for loss in case.settings.losses] == ["L2", "L4", "L3", "L1"]


def test_what_enters_a_mix_stops_and_the_ways_out_are_counted(tmp_path: Path) -> None:
    mixed = spend(
        "tmix",
        [("tpaid", 0, "athief", 60), ("tz", 0, "az", 55)],
        [("aone", 50), ("atwo", 50), ("athief", 9)],
        height=3,
        index=0,
    )
    world = World(tmp_path, [MINT, PAID, mixed, KNOWN], said=[mix("tmix", denomination=50)])
    world.lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert world.ends() == {("1", "athief", "mixer"): 60}
    (found,) = [f for f in world.table("findings") if f["kind"] == "mix"]
    assert found["subject"] == "tmix"
    assert '"amount":{"int":"60"}' in found["slots"]
    assert '"candidates":{"int":"2"}' in found["slots"]


def test_an_unknown_input_beside_traced_value_stops_it_and_asks(tmp_path: Path) -> None:
    joint = spend(
        "tjoint", [("tpaid", 0, None, None), ("tfar", 3, None, None)], [("amule", 70)], height=3, index=0
    )
    world = World(tmp_path, [MINT, PAID, joint, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert world.ends() == {("1", "athief", "uncollected"): 60}
    (gap,) = [g for g in world.gaps() if g["code"] == "spent-unfollowed"]
    assert gap["subject"] == "tjoint"
    assert '"tfar"' in gap["fill"]


def test_a_spend_below_its_funding_is_named_and_a_circle_is_not_followed(tmp_path: Path) -> None:
    early = spend("ton", [("tpaid", 0, "athief", 60)], [("amule", 60)], height=1, index=1)
    world = World(tmp_path, [MINT, PAID, early, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert [g["subject"] for g in world.gaps() if g["code"] == "spend-before-funding"] == ["ton"]
    assert world.ends() == {("1", "amule", "rest"): 60}
    (tmp_path / "circle").mkdir()
    one = spend("tone", [("ttwo", 0, "ab", 60), ("tpaid", 0, "athief", 60)], [("aa", 60), ("ac", 60)], height=3)
    two = spend("ttwo", [("tone", 0, "aa", 60)], [("ab", 60)], height=3)
    world = World(tmp_path / "circle", [MINT, PAID, one, two, KNOWN])
    world.lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert world.ends() == {("1", "athief", "uncollected"): 60}
    assert {g["subject"] for g in world.gaps() if g["code"] == "spent-unfollowed"} == {"tone"}


def test_value_that_nobody_can_spend_is_burned_at_no_address(tmp_path: Path) -> None:
    burned = spend("ton", [("tpaid", 0, "athief", 60)], [(None, 60)], height=3, index=0)
    world = World(tmp_path, [MINT, PAID, burned, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert world.ends() == {("1", "", "burn"): 60}


def block(name: str, parent: str, height: int) -> Block:
    return Block(chain="coin:1", id=name, parent=parent, height=height, sealed=True)


def test_a_transaction_only_in_a_block_that_lost_is_not_followed(tmp_path: Path) -> None:
    kept = [block("b2", "b1", 2), block("b3", "b2", 3), block("b4", "b3", 4)]
    lost = block("x3", "b2", 3)
    paid = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 100)], height=2, index=0, block="b2")
    gone = spend("ton", [("tpaid", 0, "athief", 100)], [("amule", 99)], height=3, index=0, block="x3")
    world = World(tmp_path, [MINT, paid, *kept, KNOWN], [gone, lost]).lose(tx="tpaid").run()
    assert {r["tx"]: r["excluded"] for r in world.table("transfers")}["ton"] == "reorganised"
    assert world.ends() == {("1", "athief", "rest"): 100}
    again = spend("ton", [("tpaid", 0, "athief", 100)], [("amule", 99)], height=4, index=1, block="b4")
    (tmp_path / "again").mkdir()
    world = World(tmp_path / "again", [MINT, paid, *kept, KNOWN], [gone, lost], [again]).lose(tx="tpaid").run()
    assert [(r["height"], r["block"]) for r in world.table("transactions") if r["id"] == "ton"] == [(4, "b4")]
    assert world.ends() == {("1", "amule", "rest"): 99, ("1", "", "fee"): 1}


def test_where_nothing_shows_which_block_lost_neither_counts(tmp_path: Path) -> None:
    paid = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 100)], height=2, index=0, block="b2")
    world = World(tmp_path, [MINT, paid, block("b2", "b1", 2)], [block("x2", "b1", 2)]).lose(tx="tpaid").run()
    (gap,) = [g for g in world.gaps() if g["code"] == "reorganised"]
    assert "2 blocks at height 2" in gap["why"]
    assert {r["tx"]: r["excluded"] for r in world.table("transfers")}["tpaid"] == "reorganised"


def branches(tmp_path: Path, kept: int | None, forged: int | None) -> World:
    """The chain's b2 and b3, and a longer branch x2, x3, x4 that a node made up; each block with so much work."""
    paid = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 100)], height=2, index=0, block="b2")
    gone = spend("ton", [("tpaid", 0, "athief", 100)], [("amule", 99)], height=2, index=1, block="x2")
    chain = [replace(block("b2", "b1", 2), work=kept), replace(block("b3", "b2", 3), work=kept)]
    names = ["b1", "x2", "x3", "x4"]
    made = [block(name, parent, n) for n, (parent, name) in enumerate(pairwise(names), start=2)]
    other = [replace(each, work=forged, sealed=forged is not None) for each in made]
    return World(tmp_path, [MINT, paid, *chain, KNOWN], [gone, *other]).lose(tx="tpaid").run()


def test_a_longer_branch_of_less_work_does_not_win_and_that_is_said(tmp_path: Path) -> None:
    world = branches(tmp_path, kept=2**79, forged=2**32)
    assert {r["tx"]: r["excluded"] for r in world.table("transfers")}["ton"] == "reorganised"
    assert world.ends() == {("1", "athief", "rest"): 100}
    (gap, _) = [g for g in world.gaps() if g["code"] == "reorganised"]
    assert "most work" in gap["why"]


def test_of_branches_whose_work_is_proved_the_one_of_most_work_wins(tmp_path: Path) -> None:
    world = branches(tmp_path, kept=2**79, forged=2**79)
    assert {r["tx"]: r["excluded"] for r in world.table("transfers")}["tpaid"] == "reorganised"
    assert not [g for g in world.gaps() if g["code"] == "reorganised"]


def test_a_longer_branch_that_proves_no_work_settles_nothing(tmp_path: Path) -> None:
    world = branches(tmp_path, kept=2**79, forged=None)
    excluded = {r["tx"]: r["excluded"] for r in world.table("transfers")}
    assert (excluded["tpaid"], excluded["ton"]) == ("reorganised", "reorganised")
    assert all("none shows which" in g["why"] for g in world.gaps() if g["code"] == "reorganised")


@pytest.mark.parametrize(
    ("proof", "sealed", "grade"),
    [
        ("reported", True, "reported"),
        ("self-authenticating", True, "self-authenticating"),
        ("included", False, "included"),
        ("included", True, "sealed"),
    ],
)
def test_a_proof_is_as_strong_as_its_header(proof: str, sealed: bool, grade: str, tmp_path: Path) -> None:
    paid = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 99)], height=2, block="b2", proof=proof)
    head = Block(chain="coin:1", id="b2", height=2, sealed=sealed)
    world = World(tmp_path, [paid], [head]).run("decode")
    assert [r["proof"] for r in world.table("transactions")] == [grade]


def test_heights_are_told_along_the_links(tmp_path: Path) -> None:
    blocks = [
        Block(chain="coin:1", id=f"b{n}", parent=f"b{n - 1}", height=5 if n == 5 else None) for n in range(3, 9)
    ]
    paid = spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 99)], block="b7")
    world = World(tmp_path, [paid, *blocks]).run("decode")
    assert [r["height"] for r in world.table("blocks")] == [3, 4, 5, 6, 7, 8]
    assert [r["height"] for r in world.table("transactions")] == [7]


def test_a_transaction_without_a_block_id_has_the_time_of_the_block_at_its_height(tmp_path: Path) -> None:
    head = Block(chain="coin:1", id="b2", height=2, time=START)
    world = World(tmp_path, [PAID, head]).run("decode")
    assert [r["time"] for r in world.table("transactions")] == [START]


def test_a_failed_transaction_moves_nothing_but_its_fee(tmp_path: Path) -> None:
    legs = [(kind, who, n) for kind, n in (("transfer", 5), ("fee", 2)) for who in ("apayer", "ashop")]
    made = tuple(
        Leg(
            kind=kind,  # type: ignore[arg-type]
            address=who if kind == "transfer" or who == "apayer" else None,
            asset=GOLD.id,
            amount=-n if who == "apayer" else n,
            pair=0 if kind == "transfer" else 1,
        )
        for kind, who, n in legs
    )
    failed = Transaction(chain="bank:1", id="tfail", place=0, legs=made, failed=True)
    world = World(tmp_path, [failed]).run("decode")
    assert [(r["kind"], r["excluded"]) for r in world.table("transfers")] == [
        ("transfer", "failed"),
        ("fee", None),
    ]


def test_routes_go_by_transactions_with_the_arithmetic_of_their_inputs(tmp_path: Path) -> None:
    both = spend(
        "tend", [("ton", 0, "amule", 50), ("tx", 0, "ax", 10)], [("alast", 40), ("amule", 20)], height=4, index=0
    )
    other = spend("tx", [], [("ax", 10)], height=3, index=1)
    world = (
        World(tmp_path, [MINT, PAID, ON, other, both, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    )
    (one,) = explain.explain(world.case(), "alast")
    assert [hop.tx for hop in one.shortest.hops] == ["tpaid", "ton", "tend"]
    last = one.shortest.hops[-1]
    assert (last.src, last.dst, last.inputs, last.moved, last.traced) == ("amule", "alast", 2, 40, 40)
    assert last.held is not None
    assert (last.held.balance, last.held.left) == (60, 20)
    assert [(p.loss, p.amount) for p in last.held.lots] == [("L1", 50), (None, 10)]
    (left,) = explain.explain(world.case(), "athief")
    assert left.ended == (("rest", 8),)


def test_fees_of_several_payers_are_one_sum_at_no_address(tmp_path: Path) -> None:
    """One place for all would book the second payer's fee at the first, and a rule's zero at the second."""
    further = spend("tend", [("ton", 0, "amule", 50)], [("alast", 47)], height=4, index=0)
    world = World(tmp_path, [MINT, PAID, ON, further, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    fees = {place: amount for place, amount in world.ends().items() if place[2] == "fee"}
    assert fees == {("1", "", "fee"): 5}


def test_backward_in_the_file_is_forward_in_the_ledger(tmp_path: Path) -> None:
    """Without heights, a transaction stands after those that fund it, wherever the exhibits list it."""
    bare = [
        spend("ton", [("tpaid", 0, "athief", 60)], [("amule", 50), ("athief", 8)]),
        spend("tpaid", [("tmint", 0, "avictim", 100)], [("athief", 60), ("avictim", 35)]),
    ]
    world = World(tmp_path, [*bare, KNOWN]).lose(tx="tpaid", amount=60, assets=(COIN.id,)).run()
    assert world.ends() == {("1", "amule", "rest"): 50, ("1", "athief", "rest"): 8, ("1", "", "fee"): 2}
