"""Event logs as the chain records them, for the heuristics that name their first topics."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import table
from recover_chain_evm.logs import Logs
from recover_chain_evm.networks import Network


def wanted(network: Network, logs: Logs, topics: Collection[str]) -> pa.Table:
    """A LOGS table of those whose first topic is in `topics`: only these, for logs are a chain's largest table."""
    rows = logs.only(np.asarray(pc.is_in(logs.topic, value_set=pa.array(sorted(topics), pa.string()))))
    more = [max(int(count) - 1, 0) for count in rows.count]
    listed = list(zip(rows.topic.to_pylist(), more, rows.payload.to_pylist(), strict=True))
    return table(
        "logs",
        {
            "chain": pa.repeat(network.id, len(rows)),
            "tx": rows.tx,
            "contract": rows.contract,
            "index": rows.index,
            "topics": pa.array(
                [[t, *(f"0x{p[64 * i : 64 * i + 64]}" for i in range(n))] for t, n, p in listed],
                pa.list_(pa.string()),
            ),
            "data": pa.array([f"0x{p[64 * n :]}" for _, n, p in listed], pa.string()),
            "place": rows.place,
        },
    )
