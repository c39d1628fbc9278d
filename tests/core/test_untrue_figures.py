"""What papers said of figures that was not so: losses of one payment, rules that agree, what was sent back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.core.test_left_open import begun, first, letter, listed, view
from tests.core.test_statements import CHAIN, Tool, tool, tx, who
from tests.core.test_versions import number, slots, totals
from tests.core.test_versions_coins import CHAIN as COINS
from tests.core.test_versions_coins import LISTED, UNIT, address, transaction

__all__ = ["tool"]

M, CENT = 10**6, UNIT // 100
TWO = [(1, "victim", "own", 600), (1, "victim", "mid", 400), (2, "own", "hot", 600), (3, "mid", "desk", 400)]


@pytest.mark.parametrize(("one", "two"), [("600", "400"), ("500", "500"), ("400", "600")])
def test_losses_of_one_payment_fill_its_movements_one_after_the_other(tool: Tool, one: str, two: str) -> None:
    losses = tuple(("--tx", tx(1), "--amount", f"{n}.0", "--label", f"no {k}") for k, n in enumerate((one, two)))
    assert begun(tool, listed(TWO, ["own", "mid", "victim"]), losses=losses) == 5
    assert totals(tool) == {"Binance": 600 * M, "Kraken": 400 * M}
    assert [number(row["began"]) for row in slots(tool, "loss")] == [int(one) * M, int(two) * M]


def test_what_a_loss_by_address_takes_is_no_part_of_one_declared_after(tool: Tool) -> None:
    losses = (("--address", who("own")), ("--tx", tx(1), "--amount", "400.0"))
    assert begun(tool, listed(TWO, ["own", "mid", "victim"]), losses=losses) == 0
    assert totals(tool) == {"Binance": 600 * M, "Kraken": 400 * M}


SPREAD = [(1, "victim", "own", 1000), (2, "own", "mid", 200), (3, "mid", "hot", 200), (4, "own", "hot", 500)]
SPREAD += [(5, "x", "own", 100), (6, "own", "mid", 100)]


def test_rules_are_said_to_agree_of_each_place_and_not_of_a_sum_alone(tool: Tool) -> None:
    """300 is left at two addresses under every rule: how much of it at which, they do not agree on."""
    begun(tool, listed(SPREAD, ["own", "mid"]))
    page = first(tool)
    assert "together the same under every rule; by address the rules differ (R9)" in page
    assert "Every rule leaves the same" not in page
    assert "what is left there is from 0.000000 USDT (libr) to 100.000000 USDT (fifo)" in page
    found = first(tool, part="R8")
    assert "Every rule that may back a claim gives this same figure" not in found
    assert found.count("Of what went on, every rule that may back a claim gives this same figure.") == 2
    assert "still there 0.000000 USDT" in letter(tool, service="Binance", name="Binance")


def raw(made: dict[str, Any]) -> str:
    """The bytes of a transaction, as `transaction` made its id of them."""
    data = (2).to_bytes(4, "little") + bytes([len(made["vin"])])
    for one in made["vin"]:
        data += bytes.fromhex(one["txid"])[::-1] + one["vout"].to_bytes(4, "little") + b"\0" + b"\xff" * 4
    data += bytes([len(made["vout"])])
    for out in made["vout"]:
        script = bytes.fromhex(out["scriptpubkey"])
        data += out["value"].to_bytes(8, "little") + bytes([len(script)]) + script
    return (data + bytes(4)).hex()


def ids(paid: dict[str, Any]) -> str:
    return f"{COINS}:{paid['txid']}"


THEFT = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("own", 60 * CENT), ("victim", 39 * CENT)], 1)
LOST: str = THEFT["txid"]


def test_what_comes_back_on_a_coin_chain_counts_at_each_arrival(tool: Tool) -> None:
    """Coins that an address pays to another can come back from it, though the other keeps some."""
    out = transaction([(LOST, 0, "own", 60 * CENT)], [("mid", 20 * CENT), ("own", 39 * CENT)], 2)
    back = transaction([(out["txid"], 0, "mid", 20 * CENT)], [("own", 15 * CENT), ("mid", 4 * CENT)], 3)
    coins = [(out["txid"], 1, "own", 39 * CENT), (back["txid"], 0, "own", 15 * CENT)]
    paid = transaction(coins, [("hot", 50 * CENT), ("own", 3 * CENT)], 4)
    tool.open(json.dumps([THEFT, out, back, paid]), LISTED)
    assert tool("loss", "--tx", f"{ids(THEFT)}:0")[0] == 0
    tool("run", "--until", "find")
    page = first(tool)
    assert "0.75000000 BTC (125.0% of all that was traced in that asset) came to 1 address paying it, each" in page


@pytest.mark.parametrize(("payers", "kind"), [(("hot",), "service"), (("x", "y"), "other")])
def test_payers_of_coins_that_exhibits_name_are_not_said_to_be_unnamed(
    tool: Tool, payers: tuple[str, ...], kind: str
) -> None:
    coins = [("0" * 63 + f"{n}", 0, name, 30 * CENT) for n, name in enumerate(payers, 2)]
    tool.open(json.dumps([transaction(coins, [("own", 29 * CENT)], 2)]), LISTED)
    assert tool("loss", "--address", f"{COINS}:{address('own')}")[0] == 0
    tool("run", "--until", "find")
    assert "name no payer" not in first(tool, part="R3")
    (row,) = view(tool).tables["origins"]().to_pylist()
    assert [row[name] for name in ("kind", "amount", "payerless", "transfers")] == [kind, str(29 * CENT), "0", 1]


HOME = [(1, "bank", "victim", 600), (2, "victim", "hot", 600), (3, "hot", "victim", 500)]


@pytest.mark.parametrize("when", [3, 1])
def test_what_a_service_paid_where_a_loss_was_paid_from_is_told(tool: Tool, when: int) -> None:
    """Paid back after the loss it is told with its amount, and netted nowhere; before, it is none of it."""
    begun(tool, listed([*HOME[:2], (when, "hot", "victim", 500)], ["victim"]), losses=(("--tx", tx(2)),))
    told = [(row["losses"], number(row["amount"])) for row in slots(tool, "withdrawn")]
    assert told == ([(["L1"], 500 * M)] if when == 3 else [])
    page, paper = first(tool), letter(tool, service="Binance", name="Binance")
    assert ("paid 500.000000 USDT to addresses that traced value had passed, or out of which" in page) == bool(
        told
    )
    assert ("paid an address that the value had passed or left before, 500.000000 USDT" in paper) == bool(told)
    assert totals(tool) == {"Binance": 600 * M}


def test_coins_paid_back_to_where_a_loss_was_paid_from_are_told(tool: Tool) -> None:
    paid = transaction([(LOST, 0, "own", 60 * CENT)], [("hot", 59 * CENT)], 2)
    back = transaction([(paid["txid"], 0, "hot", 59 * CENT)], [("victim", 50 * CENT), ("hot", 8 * CENT)], 3)
    tool.open(json.dumps([THEFT, paid, back]), LISTED)
    assert tool("loss", "--tx", f"{ids(THEFT)}:0")[0] == 0
    tool("run", "--until", "find")
    assert [(row["losses"], number(row["amount"])) for row in slots(tool, "withdrawn")] == [(["L1"], 50 * CENT)]


def test_a_spend_of_what_no_exhibit_shows_has_a_value_an_act_and_a_lead(tool: Tool) -> None:
    coins = [(LOST, 0, "own", 60 * CENT), ("0" * 63 + "7", 0, "other", 50 * CENT)]
    spent = transaction(coins, [("dep", 90 * CENT), ("rest", 19 * CENT)], 2)
    on = transaction([(spent["txid"], 0, "dep", 90 * CENT)], [("hot", 89 * CENT)], 3)
    bare = "\n".join(raw(one) for one in (spent, on))
    tool.open(json.dumps([THEFT]), LISTED)
    (tool.folder / "spends.hex").write_text(bare + "\n")
    assert tool("import", str(tool.folder / "spends.hex"))[0] == 0
    assert tool("loss", "--tx", f"{ids(THEFT)}:0")[0] == 0
    assert tool("run", "--until", "find")[0] == 5
    (gap,) = (one for one in tool.show("gaps") if one["code"] == "spent-unfollowed")
    assert gap["affects"] == {f"{COINS}/slip44:0": str(60 * CENT)}
    page, found = first(tool), first(tool, part="R8")
    assert "which gets 0.89000000 BTC in transaction" in page
    assert f"Obtain {'0' * 63}7, from which transaction {spent['txid']} spends too" in page
    assert "No history is missing for it" in found
    assert "whose whole history is in no exhibit" not in found


def test_what_a_place_held_before_is_told_though_only_another_rule_reaches_it(tool: Tool) -> None:
    moves = [(1, "victim", "own", 400), (2, "x", "own", 400), (3, "own", "hot", 400), (4, "own", "mid", 100)]
    moves += [(5, "mid", "desk", 300)]
    assert begun(tool, listed(moves, ["own", "mid"])) == 5
    (gap,) = (one for one in tool.show("gaps") if one["code"] == "held-before-under-rule")
    assert gap["subject"] == f"{CHAIN}:{who('mid')}"
    page = first(tool)
    assert "0.000000 USDT (fifo) to 100.000000 USDT" in page
    rows = [line for line in page.splitlines() if "0.000000 USDT (fifo) to" in line]
    assert rows
    assert all("no more held before" in row for row in rows)


def test_losses_that_are_all_of_a_payment_are_not_said_to_be_a_part_of_it(tool: Tool) -> None:
    losses = tuple(("--tx", tx(1), "--amount", f"{n}.0", "--label", f"no {n}") for n in (600, 400))
    begun(
        tool,
        listed([(1, "victim", "own", 1000), (2, "own", "hot", 300), (3, "own", "desk", 700)], ["own"]),
        losses=losses,
    )
    page = first(tool)
    assert "only a part is claimed" not in page
    assert "Losses are declared that are each a part of a payment (L1 and L2)" in page
    assert "Parts in between" not in letter(tool, service="Binance", name="Binance")
