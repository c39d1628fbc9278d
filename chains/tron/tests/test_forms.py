"""TronGrid's pages of transactions, and what TRONSCAN gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import Error, NotRecognised
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN, asset
from recover_chain_tron.coins import Coins
from recover_chain_tron.tronscan import Api, Export

USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


def account(number: int) -> str:
    return address.encode(bytes([address.PREFIX]) + number.to_bytes(20, "big"))


def digits(number: int) -> str:
    return f"41{number:040x}"


A, B = account(1), account(2)
TX = "ab" * 32
TRX, DOLLAR = f"{CHAIN}/slip44:195", asset(USDT)
AT = datetime(2022, 4, 17, 6, 15, 3, tzinfo=UTC)


def sent(kind: str, result: str = "SUCCESS", fee: int = 268_000, **value: Any) -> dict[str, Any]:
    return {
        "ret": [{"contractRet": result, "fee": fee}],
        "txID": TX,
        "blockNumber": 55_000_000,
        "block_timestamp": 1650176103000,
        "raw_data": {
            "contract": [{"type": kind, "parameter": {"value": {"owner_address": digits(1), **value}}}],
        },
    }


def internal(number: int, value: dict[str, int], *, rejected: bool = False) -> dict[str, Any]:
    return {
        "internal_tx_id": f"{number:064x}",
        "tx_id": TX,
        "block_timestamp": 1650176103000,
        "from_address": digits(1),
        "to_address": digits(2),
        "data": {"note": "call", "rejected": rejected, "call_value": value},
    }


def page(*items: Any) -> bytes:
    return json.dumps({"data": items, "success": True, "meta": {"at": 1, "page_size": len(items)}}).encode()


PAID = sent("TransferContract", amount=15_000_000, to_address=digits(2))
SCAN = {
    "transaction_id": TX,
    "block_ts": 1650176103000,
    "from_address": A,
    "to_address": B,
    "block": 39_800_000,
    "contract_address": USDT,
    "quant": "100000000",
    "contractRet": "SUCCESS",
    "finalResult": "SUCCESS",
    "revert": False,
    "contract_type": "trc20",
    "event_type": "Transfer",
    "tokenInfo": {"tokenAbbr": "USDT", "tokenName": "Tether USD", "tokenDecimal": 6, "tokenType": "trc20"},
}
COIN = {
    "contractRet": "SUCCESS",
    "amount": 42,
    "tokenName": "_",
    "transactionHash": TX,
    "transferFromAddress": A,
    "transferToAddress": B,
    "block": 1,
    "timestamp": 1650176103000,
}
HEADER = '"Txn Hash","Block","Time(UTC)","From","To","Token","Amount/TokenID","Result"'


def line(amount: str = "1,234.56", token: str = f"USDT({USDT})", result: str = "SUCCESS") -> bytes:
    return f'{HEADER}\n"{TX}","1","2022-04-17 06:15:03","{A}","{B}","{token}","{amount}","{result}"\n'.encode()


def scanned(*items: Any, key: str = "token_transfers") -> bytes:
    return json.dumps({"total": len(items), key: items}).encode()


def read(source: Any, data: bytes) -> dict[str, list[dict[str, Any]]]:
    return rows(source.decode(exhibit("saved", data)))


def moved(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    return [(leg["kind"], leg["address"], leg["asset"].partition("/")[2], leg["amount"]) for leg in found["legs"]]


def codes(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    return sorted(gap["code"] for gap in found["gaps"])


class TestPages(SourceKit):
    source = Coins()
    examples = (exhibit("page.json", page(PAID)), exhibit("inside.json", page(internal(1, {"_": 5}))))
    expected = (
        Expected(
            example=examples[0],
            taken="15 TRX and a fee of 0.268, in sun.",
            transactions=(
                Stated(
                    id=TX,
                    nets={(A, TRX): -15_268_000, (B, TRX): 15_000_000, (None, TRX): 268_000},
                    time=AT,
                    height=55_000_000,
                ),
            ),
        ),
        Expected(
            example=examples[1],
            taken="The call's value.",
            transactions=(Stated(id=TX, nets={(A, TRX): -5, (B, TRX): 5}),),
        ),
    )


class TestScan(SourceKit):
    source = Api()
    examples = (exhibit("a.json", scanned(SCAN)), exhibit("b.json", scanned(COIN, key="data")))
    expected = (
        Expected(
            example=examples[0],
            taken="The fields of the item.",
            transactions=(
                Stated(
                    id=TX,
                    nets={(A, DOLLAR): -100_000_000, (B, DOLLAR): 100_000_000},
                    time=AT,
                    height=39_800_000,
                ),
            ),
            decimals={DOLLAR: 6},
        ),
        Expected(
            example=examples[1],
            taken="The fields of the item, in sun.",
            transactions=(Stated(id=TX, nets={(A, TRX): -42, (B, TRX): 42}, height=1),),
        ),
    )


class TestExport(SourceKit):
    source = Export()
    examples = (exhibit("export.csv", line()),)
    expected = (
        Expected(
            example=examples[0],
            taken="1,234.56 of a token with 6 places, by its contract.",
            transactions=(
                Stated(id=TX, nets={(A, DOLLAR): -1_234_560_000, (B, DOLLAR): 1_234_560_000}, time=AT, height=1),
            ),
            decimals={DOLLAR: 6},
        ),
    )


def test_a_payment_of_trx_and_its_fee() -> None:
    found = read(Coins(), page(PAID))
    assert moved(found) == [
        ("fee", A, "slip44:195", -268_000),
        ("fee", None, "slip44:195", 268_000),
        ("transfer", A, "slip44:195", -15_000_000),
        ("transfer", B, "slip44:195", 15_000_000),
    ]
    assert found["transactions"][0]["height"] == 55_000_000
    assert codes(found) == ["history-unnamed"]


def test_a_failed_call_keeps_its_fee() -> None:
    called = sent("TriggerSmartContract", "OUT_OF_ENERGY", contract_address=digits(2), call_value=7)
    (row,) = read(Coins(), page(called))["transactions"]
    assert row["failed"] is True


def test_tokens_of_the_first_standard_are_named_by_their_number() -> None:
    gave = sent("TransferAssetContract", amount=42, to_address=digits(2), asset_name="31303032303030")
    assert ("transfer", B, "trc10:1002000", 42) in moved(read(Coins(), page(gave)))


@pytest.mark.parametrize(
    ("kind", "gaps"),
    [("FreezeBalanceV2Contract", []), ("ExchangeTransactionContract", ["contract-unread"])],
)
def test_what_is_locked_stays_and_what_is_not_known_is_said(kind: str, gaps: list[str]) -> None:
    found = read(Coins(), page(sent(kind, frozen_balance=3)))
    assert {leg["kind"] for leg in found["legs"]} == {"fee"}
    assert codes(found) == [*gaps, "history-unnamed"]


def test_two_equal_internal_payments_are_two_and_a_rejected_one_none() -> None:
    found = read(Coins(), page(internal(1, {"_": 5}), internal(2, {"_": 5}), internal(3, {"_": 9}, rejected=True)))
    assert [leg["amount"] for leg in found["legs"]] == [-5, -5, 5, 5]
    assert codes(read(Coins(), page(internal(1, {"1002000": 5})))) == ["history-unnamed", "internal-token"]


def test_an_answer_of_tronscan() -> None:
    token = read(Api(), scanned(SCAN))
    assert moved(token)[1] == ("transfer", B, f"trc20:{USDT}", 100_000_000)
    assert (token["transactions"][0]["height"], codes(token)) == (39_800_000, ["history-unnamed"])
    assert moved(read(Api(), scanned(COIN, key="data")))[1] == ("transfer", B, "slip44:195", 42)
    assert read(Api(), scanned({**SCAN, "revert": True}))["transactions"][0]["failed"] is True
    assert codes(read(Api(), scanned({**SCAN, "contract_type": "trc721"}))) == ["token-standard"]


def test_a_time_in_seconds_is_told_from_one_in_milliseconds() -> None:
    with pytest.raises(Error) as caught:
        read(Api(), scanned({**SCAN, "block_ts": 1650176103}))
    assert "is a time in seconds" in caught.value.why


def test_an_export_of_tronscan_is_exact() -> None:
    assert moved(read(Export(), line()))[1] == ("transfer", B, f"trc20:{USDT}", 1_234_560_000)
    assert read(Export(), line(result="REVERT"))["transactions"][0]["failed"] is True
    unknown = read(Export(), line(token=f"USDT({A})"))
    assert (unknown["legs"], codes(unknown)) == ([], ["decimals-unknown", "history-unnamed"])
    with pytest.raises(Error):
        read(Export(), line(amount="1,23.4567890"))


def test_an_export_that_names_tokens_by_symbol_alone_is_refused_by_name() -> None:
    data = line().replace(b"Amount/TokenID", b"Token Transfer(Amount)")
    assert Export().recognises("x", data)
    with pytest.raises(NotRecognised) as caught:
        read(Export(), data)
    assert "Amount/TokenID" in caught.value.todo
    assert CHAIN not in caught.value.why
