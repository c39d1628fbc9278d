from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import Address, Error, Exhibit, History, NotRecognised, Request, amounts
from recover.testing.cassette import Cassette, Exchange
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN, asset, register
from recover_chain_tron.trongrid import TronGrid


def account(number: int) -> str:
    return address.encode(bytes([address.PREFIX]) + number.to_bytes(20, "big"))


A, B, TOKEN = account(1), account(2), account(99)
WHO = Address(chain=CHAIN, text=A)
ASKED = "limit=200&order_by=block_timestamp%2Casc"
URL = f"https://api.trongrid.io/v1/accounts/{A}/transactions/trc20?{ASKED}"
INFO = {"symbol": "USDX", "address": TOKEN, "decimals": 6, "name": "Dollar X"}


def item(number: int, **changes: Any) -> dict[str, Any]:
    plain = {
        "transaction_id": f"{number:064x}",
        "token_info": INFO,
        "block_timestamp": 1650176103000 + number * 3000,
        "from": B,
        "to": A,
        "type": "Transfer",
        "value": "12500000",
    }
    return {**plain, **changes}


def body(*items: Any, fingerprint: str | None = None) -> bytes:
    meta: dict[str, Any] = {"at": 1700000000000, "page_size": len(items)}
    if fingerprint is not None:
        meta |= {"fingerprint": fingerprint}
    return json.dumps({"data": items, "success": True, "meta": meta}).encode()


def tape(*pages: tuple[str, bytes]) -> Cassette:
    key = (("TRON-PRO-API-KEY", "{trongrid-key}"),)
    made = tuple(Exchange(request=Request(url=u, headers=key), answer=b) for u, b in pages)
    return Cassette(exchanges=made, endpoint="https://api.trongrid.io")


def decode(data: bytes, name: str = URL) -> dict[str, list[dict[str, Any]]]:
    return rows(TronGrid().decode(exhibit(name, data)))


def collect(cassette: Cassette, **asked: Any) -> list[Exhibit]:
    return list(TronGrid().collect(History(address=WHO, **asked), cassette))


TWO = tape(
    (URL, body(item(1), item(2), fingerprint="abc+/=")),
    (f"{URL}&fingerprint=abc%2B%2F%3D", body(item(3, **{"from": A, "to": B}))),
)


class TestConformance(SourceKit):
    source = TronGrid()
    examples = (
        exhibit(URL, body(item(1), item(2, value=str(2**200)), item(3, type="Approval"))),
        exhibit("saved.json", body(item(1))),
    )
    expected = (
        Expected(
            example=examples[0],
            taken="The fields of the items; the time is 1650176106 seconds after 1970.",
            transactions=(
                Stated(
                    id=f"{1:064x}",
                    nets={(B, asset(TOKEN)): -12_500_000, (A, asset(TOKEN)): 12_500_000},
                    time=datetime(2022, 4, 17, 6, 15, 6, tzinfo=UTC),
                ),
                Stated(id=f"{2:064x}", nets={(B, asset(TOKEN)): -(2**200), (A, asset(TOKEN)): 2**200}),
                Stated(id=f"{3:064x}", nets={}),
            ),
            decimals={asset(TOKEN): 6},
        ),
    )
    recorded = ((History(address=WHO), TWO),)
    empty = (exhibit(URL, body()),)
    refused = (exhibit(URL, b'{"success":false,"error":"request rate exceeded","statusCode":403}'),)


def test_pages_are_followed_by_fingerprint_and_only_the_last_claims_the_history() -> None:
    got = collect(tape(*((e.request.url, e.answer) for e in TWO.exchanges)))
    assert [e.name for e in got] == [e.request.url for e in TWO.exchanges]
    first, last = (rows(TronGrid().decode(e)) for e in got)
    assert first["coverage"] == []
    # The coin is on no such page, so it is not claimed; and nothing younger than what was settled is.
    settled = datetime(2023, 11, 14, 22, 11, 20, tzinfo=UTC)
    assert {(c["address"], c["asset"], c["since"], c["until"]) for c in last["coverage"]} == {
        (A, each, None, settled) for each in register()
    }


def test_the_key_is_a_placeholder_and_never_in_the_url() -> None:
    sent: list[Request] = []

    class Spy:
        endpoint = "https://api.trongrid.io"

        def stored(self, request: Request) -> Exhibit | None:
            return None

        def capture(self, request: Request) -> Exhibit:
            sent.append(request)
            return exhibit(request.url, body(item(1)))

    list(TronGrid().collect(History(address=WHO), Spy()))
    assert [r.headers[0] for r in sent] == [("TRON-PRO-API-KEY", "{trongrid-key}")]
    assert "key" not in sent[0].url


def test_bounds_and_contract_are_asked_and_claimed() -> None:
    url = f"{URL}&contract_address={TOKEN}&min_timestamp=1600000000000&max_timestamp=1600000000002"
    (got,) = collect(
        tape((url, body())),
        asset=asset(TOKEN),
        since=datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC),
        until=datetime(2020, 9, 13, 12, 26, 40, 1001, tzinfo=UTC),
    )
    (claim,) = decode(got.data, got.name)["coverage"]
    assert (claim["asset"], claim["since"].microsecond, claim["until"].microsecond) == (asset(TOKEN), 0, 2000)


def test_what_is_no_trc20_history_of_this_chain_is_not_asked() -> None:
    assert collect(Cassette(), asset=f"{CHAIN}/slip44:195") == []
    other = History(address=Address(chain="eip155:1", text="0x0"))
    assert list(TronGrid().collect(other, Cassette())) == []


def test_a_circle_of_fingerprints_is_an_error() -> None:
    again = f"{URL}&fingerprint=x"
    with pytest.raises(Error) as caught:
        collect(tape((URL, body(item(1), fingerprint="x")), (again, body(item(2), fingerprint="x"))))
    assert caught.value.code == "pages-loop"


def test_no_page_is_asked_for_after_one_that_cannot_be_read() -> None:
    with pytest.raises(Error) as caught:
        collect(tape((URL, body(item(1, value="-1"), fingerprint="x"))))
    assert "item 0: value '-1'" in caught.value.why


@pytest.mark.parametrize(
    "data",
    [
        b'{"success":false,"error":"request rate exceeded","statusCode":403}',
        b'{"Error":"class org.tron.core.exception: bad address"}',
        b'{"success":false,"data":[],"meta":{}}',
    ],
)
def test_a_refusal_is_an_error(data: bytes) -> None:
    with pytest.raises(Error) as caught:
        decode(data)
    assert caught.value.code == "trongrid-refused"


@pytest.mark.parametrize(
    "data",
    [b"<html>", b"[]", b"{}", b'{"data":{},"meta":{}}', b'{"data":[],"meta":{"fingerprint":5}}', b"[" * 100_000],
)
def test_another_body_is_not_recognised(data: bytes) -> None:
    with pytest.raises(NotRecognised):
        decode(data)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"value": "1.5"}, "value '1.5' is not of the form"),
        ({"value": 5}, "value is not text"),
        ({"value": str(2**256)}, "value is above 2^256 - 1"),
        ({"from": account(7)[:-1]}, "from "),
        ({"from": account(7), "to": account(8)}, "it is not a transfer of the address that was asked for"),
        ({"transaction_id": "xyz"}, "transaction_id 'xyz' is not of the form"),
        ({"block_timestamp": True}, "'True' is no time in milliseconds"),
        ({"token_info": {**INFO, "decimals": "6"}}, "decimals '6' is not a number"),
        ({"token_info": []}, ""),
    ],
)
def test_a_bad_item_is_named_by_its_place(changes: dict[str, Any], why: str) -> None:
    data = body(item(1), item(2, **changes))
    if not why:
        assert [g["code"] for g in decode(data)["gaps"]] == ["token-unnamed"]
        return
    with pytest.raises(Error) as caught:
        decode(data)
    assert caught.value.why.startswith(f"item 1: {why}")


def test_an_item_is_two_legs_and_an_approval_is_none() -> None:
    found = decode(body(item(1), item(1, type="Approval", value="9" * 77), item(2, value=str(2**200))))
    moved = sorted((g["place"], amounts.join(g["amount"], g["wide"]), g["address"]) for g in found["legs"])
    assert moved == [(0, -12500000, B), (0, 12500000, A), (2, -(2**200), B), (2, 2**200, A)]
    assert [(t["place"], t["view"], t["whole"]) for t in found["transactions"]] == [(0, A, False), (2, A, False)]


def test_a_page_without_its_url_claims_no_history_and_says_so() -> None:
    found = decode(body(item(1)), "saved.json")
    assert found["coverage"] == []
    assert [t["view"] for t in found["transactions"]] == [None]
    assert [g["code"] for g in found["gaps"]] == ["history-unnamed"]


def test_the_url_must_ask_for_a_whole_history() -> None:
    narrowed = f"{URL}&only_from=true"
    assert decode(body(item(1)), narrowed)["coverage"] == []


def test_a_transfer_of_nothing_says_which_side_is_which() -> None:
    """Address poisoning is made of them: without a sign, only `out` tells payer from payee."""
    legs = decode(body(item(1, value="0")))["legs"]
    assert {(leg["address"], leg["amount"], leg["out"]) for leg in legs} == {(B, 0, True), (A, 0, False)}


def test_a_page_that_others_follow_is_said_to_cut_its_last_transaction() -> None:
    found = decode(body(item(1), item(2), fingerprint="x"), "page.json")
    assert [(g["code"], g["subject"]) for g in found["gaps"]] == [
        ("history-unnamed", "page.json"),
        ("page-cut", f"{CHAIN}:{2:064x}"),
    ]
    assert "page-cut" not in [g["code"] for g in decode(body(item(1), item(2)), "page.json")["gaps"]]


def test_a_transaction_cut_by_a_page_end_is_asked_for_whole() -> None:
    """Two equal transfers, one on either side of the cut, could not be told from one listed twice."""
    at = item(2)["block_timestamp"]
    moment = f"{URL}&min_timestamp={at}&max_timestamp={at}"
    whole = body(item(2), item(2))
    got = collect(
        tape(
            (URL, body(item(1), item(2), fingerprint="f")),
            (f"{URL}&fingerprint=f", body(item(2))),
            (moment, whole),
        )
    )
    assert [e.name for e in got] == [URL, f"{URL}&fingerprint=f", moment]
    assert len(rows(TronGrid().decode(got[2]))["legs"]) == 4
