"""Servers that lie, refuse or contradict themselves: an Error or a Gap, never an empty history or no balance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import Ask, Error, NotRecognised, Request
from recover.testing import Cassette, Exchange, exhibit, rows
from recover_chain_bitcoin.live import sources
from recover_chain_bitcoin.testing.scene import CHAIN, PLACES, Scene

RECORDED = Path(__file__).parent / "recorded"
SCENE = Scene.load(RECORDED / "scene.json")
SOURCES = {source.info.id: source for source in sources()}
HISTORY, DETAILS = SCENE.history(SCENE.shop), SCENE.details(SCENE.batch)
SPEND, UNSPENT, STATUS = SCENE.asks[7], SCENE.asks[8], SCENE.asks[9]

Change = Callable[[dict[str, Any]], object]
"""What is put in the place of an answer; the answer itself may be changed in place."""


def spoiled(name: str, purpose: str, change: Change, *, last: bool = False) -> Cassette:
    """The recorded answers, those to calls of one purpose changed."""
    return _tape(name, [_spoil(each, purpose, change) for each in _recorded(name)])


def _recorded(name: str) -> list[Exchange]:
    return list(Cassette.load(RECORDED / f"{name}.json").exchanges)


def _tape(name: str, listed: list[Exchange]) -> Cassette:
    return Cassette(exchanges=tuple(listed), source=name, endpoint=PLACES[name])


def _spoil(each: Exchange, purpose: str, change: Change) -> Exchange:
    answers = json.loads(each.answer, parse_float=str)
    for answer in answers:
        if f"{answer['id']} ".split(" ")[1] == purpose:
            made = change(answer)
            if isinstance(made, dict):
                answer |= made
    return Exchange(request=each.request, answer=json.dumps(answers).encode(), media=each.media)


def refused(answer: dict[str, Any]) -> None:
    answer.pop("result", None)
    answer["error"] = {"code": -28, "message": "Loading block index"}


def flipped(answer: dict[str, Any]) -> object:
    """One bit of what the first input spends: it still parses, as another transaction."""
    result = answer["result"]
    text = result["hex"] if isinstance(result, dict) else result
    at = 20
    text = text[:at] + f"{int(text[at], 16) ^ 1:x}" + text[at + 1 :]
    return {"result": {**result, "hex": text} if isinstance(result, dict) else text}


def code(name: str, ask: Ask, tape: Cassette) -> str:
    with pytest.raises(Error) as caught:
        list(SOURCES[name].collect(ask, tape))
    return caught.value.code


@pytest.mark.parametrize("name", ["bitcoin-core", "bitcoin-electrum"])
@pytest.mark.parametrize("purpose", ["raw", "spent"])
def test_a_server_that_changes_a_bit_of_a_transaction_is_caught(name: str, purpose: str) -> None:
    assert code(name, DETAILS, spoiled(name, purpose, flipped)) == "id-differs"


@pytest.mark.parametrize("name", ["bitcoin-core", "bitcoin-electrum"])
def test_nothing_of_an_answer_with_a_lie_is_used(name: str) -> None:
    tape = spoiled(name, "spent", flipped)
    with pytest.raises(Error):
        list(SOURCES[name].collect(DETAILS, tape))
    with pytest.raises(Error) as caught:
        rows(SOURCES[name].decode(tape.captured[-1]))
    assert caught.value.code == "id-differs"


def _other_root(answer: dict[str, Any]) -> object:
    head = answer["result"]
    return {"result": head[:72] + ("00" if head[72:74] != "00" else "01") + head[74:]}


@pytest.mark.parametrize(
    ("name", "purpose", "change", "expected"),
    [
        ("bitcoin-core", "proof", _other_root, "merkle-proof"),
        ("bitcoin-electrum", "header", _other_root, "rpc-answer-odd"),
        ("bitcoin-electrum", "header", lambda a: {"result": a["result"] + "00"}, "rpc-answer-odd"),
        ("bitcoin-electrum", "proof", lambda a: a["result"].update(pos=a["result"]["pos"] ^ 1), "rpc-answer-odd"),
        ("bitcoin-electrum", "proof", lambda a: a["result"].update(block_height=1), "rpc-answer-odd"),
        ("bitcoin-electrum", "proof", lambda a: a["result"].update(merkle=["00" * 32] * 40), "merkle-proof"),
        ("bitcoin-core", "proof", lambda a: {"result": "zz"}, "rpc-answer-odd"),
        ("bitcoin-core", "header", lambda a: a["result"].update(confirmations="1"), "rpc-answer-odd"),
        ("bitcoin-core", "raw", lambda a: {"result": 5}, "rpc-answer-odd"),
        ("bitcoin-core", "raw", lambda a: {"result": None}, "rpc-answer-odd"),
    ],
)
def test_a_proof_that_does_not_hold_is_an_error(name: str, purpose: str, change: Change, expected: str) -> None:
    assert code(name, DETAILS, spoiled(name, purpose, change)) == expected


@pytest.mark.parametrize("name", ["bitcoin-core", "bitcoin-electrum"])
@pytest.mark.parametrize(
    ("ask", "purpose"),
    [(HISTORY, "raw"), (HISTORY, "proof"), (DETAILS, "spent"), (SPEND, "header"), (STATUS, "balance")],
)
def test_a_refusal_is_an_error_and_its_exhibit_a_gap(name: str, ask: Ask, purpose: str) -> None:
    tape = spoiled(name, purpose, refused)
    assert code(name, ask, tape) in ("server-refused", "tx-not-found")
    found = rows(SOURCES[name].decode(tape.captured[-1]))
    assert "server-refused" in {gap["code"] for gap in found["gaps"]}
    assert (found["states"], found["coverage"]) == ([], [])


@pytest.mark.parametrize(
    ("purpose", "change", "expected"),
    [
        ("genesis", lambda a: {"result": "00" * 32}, "wrong-network"),
        ("node", lambda a: a["result"].update(headers=200), "node-behind"),
        ("node", lambda a: a["result"].update(bestblockhash="no"), "rpc-answer-odd"),
        ("scan", lambda a: a["result"].update(completed=False), "rpc-answer-odd"),
        ("scan", lambda a: a["result"].update(to_height=5), "rpc-answer-odd"),
        ("scan", refused, "server-refused"),
        ("history-whole", lambda a: {"result": "00" * 32}, "reorganised"),
    ],
)
def test_a_history_of_a_node_out_of_order_is_not_claimed(purpose: str, change: Change, expected: str) -> None:
    tape = spoiled("bitcoin-core", purpose, change)
    assert code("bitcoin-core", HISTORY, tape) == expected
    found = [rows(SOURCES["bitcoin-core"].decode(each)) for each in tape.captured if purpose != "node"]
    assert all(each["coverage"] == [] for each in found)


def test_a_balance_that_is_not_the_sum_of_its_coins_is_an_error() -> None:
    tape = spoiled("bitcoin-core", "balance", lambda a: a["result"].update(total_amount="0.00000000"))
    assert code("bitcoin-core", STATUS, tape) == "rpc-answer-odd"


def test_a_history_too_large_for_the_server_is_a_gap_and_not_empty() -> None:
    def large(answer: dict[str, Any]) -> None:
        answer.pop("result")
        answer["error"] = {"code": 1, "message": "history too large"}

    tape = spoiled("bitcoin-electrum", "history", large)
    assert code("bitcoin-electrum", HISTORY, tape) == "server-refused"
    (gap,) = rows(SOURCES["bitcoin-electrum"].decode(tape.captured[-1]))["gaps"]
    assert "history too large" in gap["why"]
    assert gap["subject"] == SCENE.shop


def test_what_a_server_says_is_quoted_with_nothing_hidden_in_it() -> None:
    def hostile(answer: dict[str, Any]) -> None:
        answer.pop("result")
        answer["error"] = {"code": "\x1b[31m", "message": "\x1b[2J\u202e" + "A" * 10_000}

    tape = spoiled("bitcoin-electrum", "balance", hostile)
    assert code("bitcoin-electrum", STATUS, tape) == "server-refused"
    (gap,) = rows(SOURCES["bitcoin-electrum"].decode(tape.captured[-1]))["gaps"]
    assert gap["why"].isascii()
    assert gap["why"].isprintable()
    assert len(gap["why"]) < 500


def test_an_electrum_server_of_another_network_is_an_error() -> None:
    tape = spoiled("bitcoin-electrum", "features", lambda a: a["result"].update(genesis_hash="00" * 32))
    assert code("bitcoin-electrum", HISTORY, tape) == "wrong-network"


@pytest.mark.parametrize(
    ("path", "change", "expected"),
    [
        (f"/tx/{SCENE.batch}", lambda d: d.replace(b'"locktime":102', b'"locktime":103'), "txid-differs"),
        (f"/tx/{SCENE.batch}", lambda d: d.replace(SCENE.batch.encode(), b"00" * 32), "id-differs"),
        (f"/tx/{SCENE.batch}/hex", lambda d: d[:20] + (b"1" if d[20:21] != b"1" else b"2") + d[21:], "id-differs"),
        (f"/tx/{SCENE.batch}/hex", lambda d: b"Transaction not found", "json-unreadable"),
        (f"/tx/{SCENE.batch}/merkleblock-proof", lambda d: d[:72] + b"00" + d[74:], "merkle-proof"),
        (f"/tx/{SCENE.batch}/merkleblock-proof", lambda d: b"", "bytes-unreadable"),
    ],
)
def test_an_esplora_server_that_lies_is_caught(path: str, change: Callable[[bytes], bytes], expected: str) -> None:
    listed = [
        Exchange(request=e.request, answer=change(e.answer), media=e.media)
        if e.request.url.partition("#")[0].endswith(path)
        else e
        for e in _recorded("bitcoin-esplora")
    ]
    assert listed != _recorded("bitcoin-esplora")
    assert code("bitcoin-esplora", DETAILS, _tape("bitcoin-esplora", listed)) == expected


@pytest.mark.parametrize("body", [b"<html>Just a moment...</html>", b"{}", b"", b"[{}]"])
@pytest.mark.parametrize("path", ["/txs/chain#", "merkleblock-proof#", f"/address/{SCENE.shop}#"])
def test_what_an_esplora_server_says_instead_of_an_answer_is_an_error(path: str, body: bytes) -> None:
    listed = [
        Exchange(request=each.request, answer=body) if path in each.request.url else each
        for each in _recorded("bitcoin-esplora")
    ]
    tape = _tape("bitcoin-esplora", listed)
    with pytest.raises(Error):
        list(SOURCES["bitcoin-esplora"].collect(HISTORY, tape))
    assert all(rows(SOURCES["bitcoin-esplora"].decode(each))["coverage"] == [] for each in tape.captured[:-1])


def test_a_block_that_was_replaced_between_a_page_and_its_proofs_is_an_error() -> None:
    listed = _recorded("bitcoin-esplora")
    page = next(e for e in listed if f"{SCENE.shop}/txs/chain#" in e.request.url)
    told = json.loads(page.answer)
    told[0]["status"]["block_hash"] = "ab" * 32
    changed = [Exchange(request=e.request, answer=json.dumps(told).encode()) if e is page else e for e in listed]
    tape = _tape("bitcoin-esplora", changed)
    assert code("bitcoin-esplora", HISTORY, tape) == "reorganised"


def test_pages_that_go_round_in_a_circle_are_an_error() -> None:
    listed = _recorded("bitcoin-esplora")
    first = next(e for e in listed if f"{SCENE.shop}/txs/chain#" in e.request.url)
    looped = [
        Exchange(request=e.request, answer=first.answer) if f"{SCENE.shop}/txs/chain/" in e.request.url else e
        for e in listed
    ]
    tape = _tape("bitcoin-esplora", looped)
    assert code("bitcoin-esplora", HISTORY, tape) == "pages-loop"
    assert all(rows(SOURCES["bitcoin-esplora"].decode(each))["coverage"] == [] for each in tape.captured)


def test_a_summary_of_another_address_is_an_error() -> None:
    listed = _recorded("bitcoin-esplora")
    other = next(e for e in listed if e.request.url.partition("#")[0].endswith(f"/address/{SCENE.quiet}"))
    swapped = [
        Exchange(request=e.request, answer=other.answer)
        if e.request.url.partition("#")[0].endswith(f"/address/{SCENE.shop}")
        else e
        for e in listed
    ]
    assert code("bitcoin-esplora", STATUS, _tape("bitcoin-esplora", swapped)) == "id-differs"


@pytest.mark.parametrize("name", ["bitcoin-core", "bitcoin-electrum"])
@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", b"[]"),
        (b"[]", b"[]"),
        (b'[{"id":5,"method":"x","params":[]}]', b"[]"),
        (b'[{"id":"a b","method":5,"params":[]}]', b"[]"),
        (b"[" * 100_000, b"[]"),
        (b'[{"id":"a b","method":"x","params":[]}]', b"[" * 100_000),
        (b'[{"id":"a b","method":"x","params":[]}]', b"[NaN]"),
        (b'[{"id":"a b","method":"x","params":[]}]', b"\xff"),
    ],
)
def test_what_is_no_answer_of_a_batch_is_not_recognised(name: str, body: bytes, answer: bytes) -> None:
    asked = Request(url=PLACES[name], method="POST", body=body)
    for each in (asked, None):
        with pytest.raises(NotRecognised):
            list(SOURCES[name].decode(exhibit(PLACES[name], answer, asked=each)))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b'{"jsonrpc":"2.0","error":{"code":-32600,"message":"no batches"},"id":null}', "batch-refused"),
        (b"[]", "rpc-answer-unreadable"),
        (b'[{"id":"%s node","result":{}},{"id":"%s node","result":{}}]', "rpc-answer-unreadable"),
        (b'[{"id":7,"result":{}}]', "rpc-answer-unreadable"),
        (b'[{"id":"%s node"}]', "rpc-answer-unreadable"),
        (b'[{"id":"%s node","result":{}}]', "rpc-answer-odd"),
        (b'[{"id":"%s node","result":{"blocks":1.5,"bestblockhash":""}}]', "rpc-answer-odd"),
        (b'[{"id":"%s node","result":{"blocks":true,"bestblockhash":""}}]', "rpc-answer-odd"),
    ],
)
def test_an_odd_batch_is_an_error(answer: bytes, expected: str) -> None:
    chain = CHAIN.encode()
    body = b'[{"jsonrpc":"2.0","id":"%s node","method":"getblockchaininfo","params":[]}]' % chain
    asked = Request(url=PLACES["bitcoin-core"], method="POST", body=body)
    with pytest.raises(Error) as caught:
        list(SOURCES["bitcoin-core"].decode(exhibit("http://x", answer.replace(b"%s", chain), asked=asked)))
    assert caught.value.code == expected


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_no_address_is_an_error(name: str) -> None:
    with pytest.raises(Error):
        list(SOURCES[name].collect(SCENE.history("nobody"), _tape(name, _recorded(name))))
