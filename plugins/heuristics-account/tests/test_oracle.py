"""The wallets of a public seizure order, against a key that was worked out independently."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from recover.sdk import Assertion, Batch, Scope, table
from recover.testing import ledger
from recover_heuristics_account.deposits import DepositAddress
from recover_heuristics_account.hubs import Hub

SHARED = Path(__file__).parents[3] / ".." / "shared" / "data"
ORDERS = SHARED / "tron-cases" / "seizure-orders"
LISTS = SHARED / "attribution"
TRON = "tron:0x2b6653dc"
USDT = f"{TRON}/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
UNIT = 10**6
HUB = "TAUN6FwrnwwmaEqYcckffC7wYmbaS6cBiX"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not ORDERS.is_dir(), reason=f"THE ORACLE IS NOT TESTED: no evaluation data at {ORDERS}"),
]


class Case:
    """A ledger of the whole export: a transfer between two listed wallets is listed twice and counted once."""

    def __init__(self, labels: list[Assertion]) -> None:
        self.rows = self._rows()
        self.wallets = sorted({row["wallet"] for row in self.rows})
        self._labels = labels

    @staticmethod
    def _rows() -> list[dict[str, str]]:
        with (ORDERS / "trc20_xfers_dev.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _once(self) -> Iterator[tuple[int, dict[str, str]]]:
        listed = {row["wallet"] for row in self.rows}
        for place, row in enumerate(self.rows, 2):
            if row["to_address"] == row["wallet"] and row["from_address"] in listed:
                continue
            yield place, row

    def transfers(self) -> pa.Table:
        rows = [
            {
                "seq": place,
                "chain": TRON,
                "tx": row["tx_id"],
                "src": row["from_address"],
                "dst": row["to_address"],
                "asset": f"{TRON}/trc20:{row['token_id']}",
                "amount": int(row["quant"]) if int(row["quant"]) < 2**63 else None,
                "wide": None if int(row["quant"]) < 2**63 else b"\x01" + int(row["quant"]).to_bytes(32, "big"),
                "kind": "transfer",
                "excluded": None if f"{TRON}/trc20:{row['token_id']}" == USDT else "another token",
            }
            for place, row in self._once()
        ]
        return pa.Table.from_pylist(rows, TRANSFERS)

    def coverage(self) -> pa.Table:
        return table(
            "coverage", [{"chain": TRON, "address": w, "place": n} for n, w in enumerate(self.wallets, 2)]
        )

    def transactions(self) -> pa.Table:
        return ledger().transactions()

    def events(self) -> pa.Table:
        return ledger().events()

    def states(self) -> pa.Table:
        return ledger().states()

    def logs(self) -> pa.Table:
        return ledger().logs()

    def labels(self) -> pa.Table:
        made = Batch.of(*self._labels).assertions
        assert made is not None
        return made


TRANSFERS = pa.schema(
    [
        ("seq", pa.int64()),
        ("chain", pa.string()),
        ("tx", pa.string()),
        ("src", pa.string()),
        ("dst", pa.string()),
        ("asset", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
        ("kind", pa.string()),
        ("excluded", pa.string()),
    ]
)


def _label(address: str, service: str, grade: str) -> Assertion:
    known = {"okex": "OKX", "mxc": "MEXC", "mexc-cex": "MEXC"}
    name = known.get(service.lower(), service.capitalize())
    return Assertion(
        kind="label",
        chain=TRON,
        address=address,
        grade=grade,  # type: ignore[arg-type]
        method="test",
        version="1",
        service=name,
        role="hot-wallet",
    )


def _explorer() -> list[Assertion]:
    tags = {
        (row[f"{side}_address"], row[f"{side}_tag"])
        for row in Case._rows()
        for side in ("from", "to")
        if row[f"{side}_tag"]
    }
    return [_label(address, re.split(r"[- (]", tag)[0], "D") for address, tag in sorted(tags)]


def _licensed() -> list[Assertion]:
    path = LISTS / "exchange-wallets-defillama" / "defillama_cex_wallets.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["chain"] == "tron"]
    made = [_label(row["address"], row["exchange_slug"], "B") for row in rows]
    for pack in sorted((LISTS / "graphsense-tagpacks" / "packs").glob("exchange-wallets-*.yaml")):
        text = pack.read_text(encoding="utf-8")
        found = re.findall(r"^- address: '?(T\w{33})'?$", text, re.M)
        actor = re.search(r"^actor: (\w+)", text, re.M)
        made += [_label(address, actor[1], "B") for address in found if actor]
    return made


def _assertions(labels: list[Assertion], heuristic: DepositAddress | Hub) -> list[dict[str, str]]:
    case = Case(labels)
    return [
        {**row, **{k: str(v) if isinstance(v, int) else v for k, v in json.loads(row["params"]).items()}}
        for batch in heuristic.assertions(case, Scope())
        for row in batch.tables()["assertions"].to_pylist()
    ]


def _key() -> dict[str, str]:
    """Wallet -> service ("" for none), read from the table of the key."""
    text = (ORDERS / "EXPECTED.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (T\w{33}) \|.*\| (deposit address of (\w+)|no direct exchange outflow) \|$", text, re.M
    )
    return {wallet: service for wallet, _, service in rows}


def test_explorer_tags_give_the_key_to_the_unit() -> None:
    found = _assertions(_explorer(), DepositAddress())
    key = _key()
    assert len(key) == 20
    assert {row["address"]: row["service"] for row in found} == {w: s for w, s in key.items() if s}
    assert len(found) == 17
    swept: dict[str, tuple[int, int]] = {}
    for row in found:
        value, count = swept.get(row["service"], (0, 0))
        swept[row["service"]] = (value + int(row["swept"]), count + int(row["sweeps"]))
    assert swept == {
        "OKX": (12_156_293_990_044, 428),
        "Binance": (6_532_930_648_911, 566),
        "MEXC": (265_543_086_651, 142),
    }
    assert {row["grade"] for row in found} == {"D"}
    assert all(len(row["transactions"]) <= int(row["sweeps"]) for row in found)


def test_explorer_tags_leave_no_hub() -> None:
    assert _assertions(_explorer(), Hub()) == []


def test_licensed_labels_name_no_wallet_wrongly() -> None:
    hubs = _assertions(_licensed(), Hub())
    assert [(row["address"], row["grade"]) for row in hubs] == [(HUB, "E")]
    key = _key()
    found = _assertions(_licensed(), DepositAddress())
    assert {row["address"] for row in found} <= {w for w, s in key.items() if s}
    for row in found:
        if row["service"]:
            assert row["service"] == key[row["address"]]
        else:
            assert (row["other"], row["grade"]) == (HUB, "E")
    assert all("TV6MunL6TQyH8VkybSUNbnhrQ6PobmiuSi" not in row["hot_wallets"] for row in found)


def test_on_real_wallets_it_names_none_wrongly() -> None:
    """Of 20 wallets of seizure orders, which are too few for a card: 17 named, all rightly."""
    named: dict[str, str] = {}
    for row in _assertions(_licensed(), DepositAddress()):
        named[row["address"]] = named.get(row["address"]) or row["service"]
    key = _key()
    said = {w: s for w, s in named.items() if s}
    right = sum(1 for w, s in said.items() if key[w] == s)
    nothing = sum(1 for w, s in key.items() if s and w not in named)
    assert (len(key), right, len(said) - right) == (20, 17, 0)
    assert (nothing, len(named) - len(said)) == (0, 0)
