"""Memos on a chain of coins: a swap out of Bitcoin by the id of its transaction, and what comes back there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plugins.bridges.tests.common import ETH, GIVEN, GOT, OTHER, Records, V, erc20, own
from plugins.bridges.tests.made import id, log, pay, who
from plugins.bridges.tests.test_traps import ask

from recover.testing import Transfer
from recover_bridges import thorchain
from recover_bridges.thorchain import ThorChain

BTC = "bip122:000000000019d6689c085ae165831e93"
COIN = f"{BTC}/slip44:0"
PAYER, ALSO, VAULT, CHANGE = "bc1qpayer", "bc1qalso", "bc1qvault", "bc1qchange"
OUT, IN = "a" * 64, id("b")


def coins(tx: str, memo: str, spent: list[tuple[str, int]], made: list[tuple[str, int]]) -> Records:
    """A transaction of coins: (owner, amount) spent, (receiver, amount) made, and a memo that nobody can spend."""
    facts = json.dumps({"memo": memo})
    more: dict[str, Any] = {"chain": BTC, "tx": tx, "asset": COIN, "facts": facts}
    ins = [Transfer(src=a, dst=None, amount=n, kind="input", leg=k, **more) for k, (a, n) in enumerate(spent)]
    outs = [Transfer(src=None, dst=a, amount=n, kind="output", leg=k, **more) for k, (a, n) in enumerate(made)]
    return [*ins, *outs]


def sent(memo: str = f"=:ETH.USDC-0X4444:{V}", made: list[tuple[str, int]] | None = None) -> Records:
    return coins(OUT, memo, [(PAYER, 700), (ALSO, 400)], made or [(VAULT, GIVEN), (CHANGE, 90)])


def paid(tx: str = OUT) -> Records:
    router, memo = own("thorchain", "router", ETH), f"OUT:{tx.upper()}"
    said = {"vault": who("6"), "to": V, "asset": OTHER, "amount": GOT, "memo": memo}
    return [pay(ETH, IN, router, V, erc20(ETH, OTHER), GOT), log(thorchain.OUT, ETH, IN, router, 1, **said)]


def test_coins_cross_to_the_payment_whose_memo_names_their_transaction() -> None:
    (row,) = ask(ThorChain(), sent(), paid())
    assert (row["chain"], row["transactions"], row["level"], row.get("refused")) == (BTC, [OUT, IN], "1", None)
    assert (row["address"], row["asset"], row["sent"], row["source_leg"]) == (PAYER, COIN, str(GIVEN), "0")
    assert (row["other"], row["into"], row["received"]) == (V, erc20(ETH, OTHER), str(GOT))
    assert row["key"] == "0x" + OUT
    assert "anybody can write such a memo" in row["note"]


def test_without_the_other_side_it_is_an_open_end_that_says_what_log_shows_it() -> None:
    (row,) = ask(ThorChain(), sent(), paid("c" * 64))
    assert (row["to_tx"], row["to_chain"], row["other"]) == ("", ETH, V)
    assert {one["contract"] for one in row["sought"]} == set(thorchain.ThorChain.own.at("router", ETH))
    assert all(one["topics"][2].endswith(V[2:]) for one in row["sought"])


@pytest.mark.parametrize(("to", "why"), [(PAYER, ""), (ALSO, "recipient")])
def test_what_comes_back_comes_to_who_paid(to: str, why: str) -> None:
    back = coins("d" * 64, f"REFUND:{OUT.upper()}", [(VAULT, GIVEN)], [(to, 950), (VAULT, 30)])
    rows = [row for row in ask(ThorChain(), sent(), back) if row["to_tx"]]
    assert {(row["refund"], row["other"] == to, row.get("refused", "")) for row in rows} >= {(True, True, why)}
    assert [row for row in rows if not row.get("refused")] == [
        row for row in rows if not why and row["other"] == to
    ]


def test_a_memo_of_no_swap_and_a_first_output_that_is_none_are_not_read() -> None:
    assert ask(ThorChain(), sent("=:nothing"), paid()) == []
    gone = [r for r in sent() if not (isinstance(r, Transfer) and r.dst == VAULT)]
    assert ask(ThorChain(), gone) == []
