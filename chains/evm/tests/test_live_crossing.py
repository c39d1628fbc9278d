"""The other side of a payment through a bridge, asked of a real node by the logs that its key stands in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from recover.sdk import Crossing, Error, TxId
from recover.testing import rows
from recover_chain_evm import topics
from recover_chain_evm.live.source import NodeRpc
from recover_chain_evm.testing.anvil import START, Anvil
from recover_chain_evm.testing.tape import Tape
from recover_chain_evm.testing.truth import Staged

pytestmark = pytest.mark.nodes

NEAR = datetime.fromtimestamp(START, UTC)


def asked(node: Anvil, sought: list[dict[str, object]], near: datetime | None = NEAR) -> set[str]:
    """The transactions that an answer shows."""
    ask = Crossing(
        tx=TxId(chain="eip155:10", text="0x" + "01" * 32),
        protocol="toy",
        key="0x07",
        to="eip155:1",
        sought=json.dumps(sought) if sought else "",
        near=near,
    )
    exhibits = list(NodeRpc().collect(ask, Tape(endpoint=node.url, source="evm-rpc")))
    found = [rows(NodeRpc().decode(exhibit)) for exhibit in exhibits]
    return {row["id"] for each in found for row in each["transactions"]}


def theft(staged: Staged) -> tuple[dict[str, object], str]:
    """A filter that lets through a log of a theft's own transaction, and that transaction."""
    one = staged.thefts[0]
    words = ["0x" + "0" * 24 + one.victim[2:], "0x" + "0" * 24 + one.taker[2:]]
    return {"contract": one.asset, "topics": [topics.TRANSFER, *words]}, one.transaction


@pytest.mark.parametrize("near", [None, NEAR, NEAR + timedelta(hours=1)])
def test_the_transactions_with_the_log_come_whole(near: datetime | None, node: Anvil, staged: Staged) -> None:
    sought, tx = theft(staged)
    assert tx in asked(node, [sought], near)


def test_any_word_may_stand_where_the_filter_says_so(node: Anvil, staged: Staged) -> None:
    sought, tx = theft(staged)
    narrow = asked(node, [sought])
    wide = asked(node, [{**sought, "topics": [topics.TRANSFER, None, list(sought["topics"])[2]]}])  # type: ignore[call-overload]
    assert tx in wide
    assert narrow <= wide


def test_what_is_not_there_is_said_and_stays_open(node: Anvil, staged: Staged) -> None:
    sought, _ = theft(staged)
    with pytest.raises(Error, match="no log"):
        asked(node, [{**sought, "contract": "0x" + "77" * 20}])
    with pytest.raises(Error, match="no log"):
        asked(node, [sought], NEAR + timedelta(days=400))
    with pytest.raises(Error, match="No log is known"):
        asked(node, [])


@pytest.mark.parametrize(
    "sought",
    [
        {"contract": "0x77", "topics": [topics.TRANSFER]},
        {"contract": "0x" + "77" * 20, "topics": []},
        {"contract": "0x" + "77" * 20, "topics": [None]},
        {"contract": "0x" + "77" * 20, "topics": ["0xzz"]},
        {"topics": [topics.TRANSFER]},
        {"contract": 7, "topics": [topics.TRANSFER]},
    ],
)
def test_what_is_no_filter_is_refused(sought: dict[str, object], node: Anvil) -> None:
    with pytest.raises(Error, match="no filter"):
        asked(node, [sought])
