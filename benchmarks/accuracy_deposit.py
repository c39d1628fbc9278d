"""How often does `deposit-address` name the right service? Measured on the wallets of two public seizure orders.

Run from the repository's root, with the evaluation data beside the checkout:

    .venv/bin/python benchmarks/accuracy_deposit.py

Labels given to the rule: the published exchange wallets and tag packs only. Truth: the key of the evaluation data,
which rests on the tags of a block explorer. That is a weak truth (grade D), and its tags and the published lists
may go back to the same statements; the figures say how far published lists carry, not how good the tags are.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from recover.registers.services import load
from recover.sdk import SCHEMAS, Exhibit, Scope, amounts, table
from recover_heuristics_account.deposits import DepositAddress
from recover_labels import recover_sources, recover_templates

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
ORDERS = DATA / "tron-cases" / "seizure-orders"
LISTS = DATA / "attribution"
CHAIN = "tron:0x2b6653dc"
USDT = f"{CHAIN}/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


class Orders:
    """The ledger of the export: canonical USDT only, each transfer between two listed wallets once."""

    def __init__(self, labels: pa.Table) -> None:
        with (ORDERS / "trc20_xfers_dev.csv").open(encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.wallets = sorted({row["wallet"] for row in self.rows})
        self._labels = labels

    def transfers(self) -> pa.Table:
        """Rows as the ledger gives them."""
        listed = set(self.wallets)
        kept = [r for r in self.rows if r["wallet"] == r["from_address"] or r["from_address"] not in listed]
        kept = [r for r in kept if f"{CHAIN}/trc20:{r['token_id']}" == USDT]
        amount, wide = amounts.columns(int(r["quant"]) for r in kept)
        fixed = {"chain": CHAIN, "asset": USDT, "kind": "transfer"}
        columns = {name: pa.array([value] * len(kept), pa.string()) for name, value in fixed.items()}
        columns |= {"tx": pa.array([r["tx_id"] for r in kept]), "src": pa.array([r["from_address"] for r in kept])}
        columns |= {"dst": pa.array([r["to_address"] for r in kept]), "excluded": pa.nulls(len(kept), pa.string())}
        columns |= {
            "seq": pa.array(range(len(kept)), pa.int64()),
            "amount": pa.array(amount, pa.int64()),
            "wide": pa.array(wide, pa.binary(33)),
        }
        return pa.table(columns)

    def coverage(self) -> pa.Table:
        """The listed wallets' histories are whole."""
        return table("coverage", [{"chain": CHAIN, "address": w, "place": 0} for w in self.wallets])

    def logs(self) -> pa.Table:
        return SCHEMAS["logs"].empty_table()

    def labels(self) -> pa.Table:
        """The labels under test."""
        return self._labels

    def transactions(self) -> pa.Table:
        """None: the heuristic reads movements only."""
        return table("transactions", [])

    def events(self) -> pa.Table:
        """None: an export of transfers has no events."""
        return table("events", [])

    def states(self) -> pa.Table:
        """None: an export of transfers says nothing of balances."""
        return table("states", [])


def published() -> pa.Table:
    """The Tron labels of the published lists, their services named as in the register."""
    paths = [LISTS / "exchange-wallets-defillama" / "defillama_cex_wallets.csv"]
    paths += sorted((LISTS / "graphsense-tagpacks" / "packs").glob("exchange-wallets-*.yaml"))
    register = load(recover_templates()[0])
    rows = []
    for row in _labels(paths):
        if row["chain"] == CHAIN:
            entry = register.match(str(row["service"]))
            rows.append(row | {"service": entry.name if entry else row["service"]})
    return table("assertions", rows)


def _labels(paths: list[Path]) -> Iterator[dict[str, object]]:
    for path in paths:
        data = path.read_bytes()
        source = next(s for s in recover_sources() if s.recognises(path.name, data[: 2**16]))
        when = datetime(2026, 1, 1, tzinfo=UTC)
        made = Exhibit(digest="0" * 64, name=path.name, media="", captured=when, sources=(), data=data)
        for batch in source.decode(made):
            if batch.assertions is not None:
                yield from batch.assertions.to_pylist()


def truth() -> dict[str, str]:
    """Wallet -> service in the key, "" for none."""
    text = (ORDERS / "EXPECTED.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (T\w{33}) \|.*\| (?:deposit address of (\w+)|no direct exchange outflow) \|$", text, re.M
    )
    return dict(rows)


def measure() -> dict[str, int]:
    """tp: named rightly; fp: named wrongly or where the key names none; abstain: only a hub; fn: nothing said."""
    named: dict[str, str] = {}
    for batch in DepositAddress().assertions(Orders(published()), Scope()):
        for row in batch.tables()["assertions"].to_pylist():
            named[row["address"]] = named.get(row["address"]) or row["service"]
    counts = Counter({"n": 0, "tp": 0, "fp": 0, "fn": 0, "abstain": 0})
    for wallet, service in truth().items():
        said = named.get(wallet)
        counts["n"] += 1
        if said:
            counts["tp" if said == service else "fp"] += 1
        elif said == "":
            counts["abstain"] += 1
        elif service:
            counts["fn"] += 1
    return dict(counts)


if __name__ == "__main__":
    print(json.dumps(measure()))
