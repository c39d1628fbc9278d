"""Several assets with one symbol: papers call each so that it is told from the others, and whole within a cell."""

from __future__ import annotations

from typing import Any

from recover.findings.distinct import LIMIT, symbols

USDT = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
FAKE = "eip155:1/erc20:0xaee67eb9fedee8d62111b408b0a3c283217000a9"
TITLES = {"eip155:1": "Ethereum", "eip155:56": "BNB Smart Chain"}
BSC = "eip155:56/erc20:0x55d398326f99059ff775485246999027b3197955"


def called(*rows: tuple[str, str, bool]) -> list[str]:
    found = symbols([{"asset": a, "symbol": s, "listed": listed} for a, s, listed in rows], TITLES)
    assert all(len(one) <= LIMIT for one in found.values()), found
    return [found[asset] for asset, *_ in rows]


def test_the_listed_one_keeps_its_name_and_a_look_alike_bears_its_contract() -> None:
    assert called((USDT, "USDT", True), (FAKE, "USDT", False)) == ["USDT", "USDT (0xaee6…00a9)"]
    assert called((USDT, "USDT", False), (FAKE, "USDT", False)) == ["USDT (0xdac1…1ec7)", "USDT (0xaee6…00a9)"]


def test_one_symbol_on_several_chains_stands_with_the_chain() -> None:
    rows = (USDT, "USDT", True), (FAKE, "USDT", False), (BSC, "USDT", True)
    assert called(*rows) == ["USDT (Ethereum)", "USDT (0xaee6…00a9)", "USDT (BNB Smart Chain)"]
    coins = [f"bip122:{genesis}/slip44:0" for genesis in ("000000000019d6689c085ae165831e93", "0f9188f13cb7b2c7")]
    assert called(*((coin, "BTC", True) for coin in coins)) == ["BTC (bip122…1e93)", "BTC (bip122…b2c7)"]


def test_nothing_that_a_token_calls_itself_makes_it_another() -> None:
    near = FAKE[:-10] + "7" + FAKE[-9:]  # the same first and last letters
    long = "AVERYLONGSYMBOLTHATGOESON"
    for rows in (
        [(USDT, "USDT", False), (FAKE, "USDT", False), (near, "USDT", False)],
        [(USDT, "USDT", True), (FAKE, "USDT", False), (BSC, "USDT (0xaee6…00a9)", False)],
        [(USDT, f"{long}1", False), (FAKE, f"{long}2", False)],
    ):
        made: list[Any] = called(*rows)
        assert len(set(made)) == len(rows), made
    assert called((USDT, "", False), (FAKE, "", False)) == ["", ""]
