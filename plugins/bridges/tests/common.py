"""Who, where and how much: what the scenes share."""

from __future__ import annotations

from plugins.bridges.tests.made import id, pay, who

from recover.sdk import Log
from recover.testing import Transfer
from recover_bridges.contracts import Own

ETH, BASE, ARB, POLYGON = "eip155:1", "eip155:8453", "eip155:42161", "eip155:137"
A, B = id("a"), id("b")
"""The departure's transaction and the arrival's."""
U, V, TOKEN, OTHER, RELAYER = who("1"), who("2"), who("3"), who("4"), who("5")
BY = '{"from":"' + U + '"}'
"""The facts of a transaction that U sent."""
GIVEN, GOT = 1_000, 990
Records = list[Transfer | Log]
Scene = tuple[Records, Records]


def erc20(chain: str, token: str) -> str:
    return f"{chain}/erc20:{token}"


def own(protocol: str, role: str, chain: str) -> str:
    """A contract of a protocol."""
    return Own(protocol).at(role, chain)[0]


def left(chain: str, pool: str | None, amount: int = GIVEN) -> Transfer:
    return pay(chain, A, U, pool, erc20(chain, TOKEN), amount, facts=BY)


def came(chain: str, amount: int = GOT, token: str = OTHER, by: str | None = RELAYER) -> Transfer:
    return pay(chain, B, by, V, erc20(chain, token), amount)
