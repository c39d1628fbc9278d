"""Value inside transactions, in each shape in which it is listed: the same calls must give the same movements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recover.testing.exhibits import rows
from recover_chain_evm import calls, columns, traces
from recover_chain_evm.networks import known

NETWORK = known()[1]
A, B, C, D = ("0x" + f"{n:040x}" for n in (0xA1, 0xB2, 0xC3, 0xD4))
TX = "0x" + "ab" * 32
RECORDED = json.loads((Path(__file__).parent / "recorded" / "node.json").read_text("utf-8"))


def call(
    kind: str, src: str, dst: str | None, value: int | None, *inner: dict[str, Any], **more: Any
) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind, "from": src, "gasUsed": "0x1", "input": "0x", **more}
    found |= {} if dst is None else {"to": dst}
    found |= {} if value is None else {"value": hex(value)}
    return found | ({"calls": list(inner)} if inner else {})


def moved(*each: calls.Call) -> list[tuple[Any, ...]]:
    table = traces.moved(NETWORK, [traces.Traced(tx=TX, calls=each, place=0)])
    return [(r["kind"], r["src"], r["dst"], r["amount"], r["index"]) for r in table.to_pylist()]


TREE = call(
    "CALL",
    A,
    B,
    100,
    call("STATICCALL", B, C, None),
    call("DELEGATECALL", B, D, 100, call("CALL", B, C, 30)),
    call("CALL", B, C, 20, call("CALL", C, D, 5), error="execution reverted"),
    call("CALLCODE", B, D, 7),
    call("CREATE", B, C, 3),
    call("CREATE2", B, D, 4),
    call("SELFDESTRUCT", C, A, 2),
    call("CALL", B, A, 0),
)
MOVES = [
    ("transfer", A, B, 100, 0),
    ("internal", B, C, 30, 3),
    ("internal", B, C, 3, 7),
    ("internal", B, D, 4, 8),
    ("internal", C, A, 2, 9),
]


def test_only_what_moves_value_and_stands_is_a_movement() -> None:
    assert moved(*calls.of_tracer(TREE)) == MOVES


def parity(frame: dict[str, Any], path: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """The same calls as Parity lists them."""
    kind = frame["type"].lower()
    action: dict[str, Any] = {"from": frame["from"], "value": frame.get("value", "0x0"), "input": "0x"}
    result: dict[str, Any] | None = {"gasUsed": "0x1"}
    if kind == "selfdestruct":
        kind, action = (
            "suicide",
            {"address": frame["from"], "refundAddress": frame["to"], "balance": frame["value"]},
        )
    elif kind.startswith("create"):
        action["creationMethod"] = kind
        kind, result = "create", {"address": frame["to"], "gasUsed": "0x1"}
    else:
        action |= {"to": frame["to"], "callType": kind}
        kind = "call"
    made = {"action": action, "result": result, "traceAddress": list(path), "type": kind, "transactionHash": TX}
    if "error" in frame:
        made |= {"error": "Reverted", "result": None}
    found = [made]
    for place, inner in enumerate(frame.get("calls", ())):
        found += parity(inner, (*path, place))
    return found


def test_parity_s_list_gives_the_same_in_any_order() -> None:
    listed = parity(TREE)
    assert moved(*calls.of_parity(listed)) == MOVES
    assert moved(*calls.of_parity(listed[::-1])) == MOVES
    assert [c.number for c in calls.of_parity(listed)] == list(range(len(listed)))


def test_a_failed_transaction_keeps_its_own_value_and_nothing_inside() -> None:
    failed = {**TREE, "error": "out of gas"}
    assert moved(*calls.of_tracer(failed)) == MOVES[:1]
    each = traces.Traced(tx=TX, calls=list(calls.of_tracer(failed)), place=0)
    (row,) = traces.transactions(NETWORK, [each]).to_pylist()
    assert (row["failed"], row["whole"]) == (True, False)
    (part,) = traces.transactions(NETWORK, [traces.Traced(tx=TX, calls=[], place=0)]).to_pylist()
    assert part["failed"] is None


def test_otterscan_s_operations() -> None:
    listed = [
        {"type": 0, "from": B, "to": C, "value": "0x1e"},
        {"type": 2, "from": B, "to": C, "value": "0x3"},
        {"type": 3, "from": B, "to": D, "value": "0x4"},
        {"type": 1, "from": C, "to": A, "value": "0x2"},
    ]
    assert moved(*calls.of_otterscan(listed)) == [(*m[:4], None) for m in MOVES[1:]]
    with pytest.raises(ValueError, match="unknown type"):
        list(calls.of_otterscan([{"type": 9, "from": A, "to": B, "value": "0x1"}]))


def test_an_explorer_s_internal_list() -> None:
    base = {"from": B, "value": "30", "type": "call", "isError": "0", "contractAddress": "", "input": ""}
    listed = [
        {**base, "to": C},
        {**base, "to": C, "value": "20", "isError": "1"},
        {**base, "to": "", "type": "create", "contractAddress": D, "value": "4"},
        {**base, "to": D, "type": "delegatecall"},
    ]
    assert moved(*map(calls.of_explorer, listed)) == [("internal", B, C, 30, None), ("internal", B, D, 4, None)]


def test_a_value_too_large_for_64_bits_is_exact() -> None:
    table = traces.moved(
        NETWORK, [traces.Traced(tx=TX, calls=list(calls.of_tracer(call("CALL", A, B, 2**64))), place=0)]
    )
    (row,) = table.to_pylist()
    assert (row["amount"], row["wide"]) == (None, b"\x01" + (2**64).to_bytes(32, "big"))


def test_the_deepest_call_there_can_be_is_read() -> None:
    frame = call("CALL", A, B, 1)
    for _ in range(1024):
        frame = call("CALL", A, B, 1, frame)
    from recover_chain_evm import values

    text = "".join(['{"type":"CALL","from":"' + A + '","to":"' + B + '","value":"0x1","calls":['] * 1025)
    text = text + "]}" * 1025
    assert len(list(calls.of_tracer(values.load(text.encode())))) == 1025
    assert len(list(calls.of_tracer(frame))) == 1025
    with pytest.raises(ValueError, match="too deeply"):
        values.load(b"[" * 100_000)


def test_creations_permits_and_spending_are_said() -> None:
    usdt = "0xdac17f958d2ee523a2206206994597c13d831ec7"

    def data(selector: str, *words: str | int) -> str:
        return selector + "".join((f"{w:x}" if isinstance(w, int) else w[2:]).rjust(64, "0") for w in words)

    tree = call(
        "CALL",
        A,
        B,
        0,
        call("CREATE2", B, C, 0),
        call("CALL", B, usdt, 0, input=data("0x23b872dd", A, D, 9)),
        call("CALL", B, C, 0, input=data("0x23b872dd", A, D, 9)),
        call("CALL", A, usdt, 0, input=data("0x23b872dd", A, D, 9)),
        call("CALL", B, C, 0, input=data("0xd505accf", A, B, 2**256 - 1, 0, 0, 0, 0)),
        call("CALL", B, usdt, 0, input="0x23b872dd00"),
        call("CALL", B, usdt, 0, input=data("0x23b872dd", A, D, 9), error="reverted"),
        call("CALL", B, usdt, 0, input="0x23b872dd" + "zz" * 96),
    )
    found = traces.events(NETWORK, [traces.Traced(tx=TX, calls=list(calls.of_tracer(tree)), place=0)]).to_pylist()
    assert [(e["kind"], e["contract"], e["address"], e["other"], e["index"]) for e in found] == [
        ("create", C, B, C, 1),
        ("spend", usdt, A, B, 2),
        ("permit", C, A, B, 5),
    ]
    assert found[1]["amount"] == 9
    assert json.loads(found[1]["facts"]) == {"shown": "call", "to": D}


def test_a_node_lists_the_same_calls_in_two_shapes() -> None:
    """anvil's callTracer and trace_block of one block of its own."""
    nested = json.loads(RECORDED["answer"])[3]["result"]
    grouped = calls.by_transaction(RECORDED["parity"])
    assert set(grouped) - {""} == set(RECORDED["sent"])
    for each in nested:
        one = moved(*calls.of_tracer(each["result"]))
        assert moved(*calls.of_parity(grouped[each["txHash"]])) == one
    assert sum(len(moved(*calls.of_tracer(each["result"]))) for each in nested) == 8


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"type": "CALL"},
        {"type": 5, "from": A, "to": B},
        {"type": "CALL", "from": "0x12", "to": B},
        {"type": "CALL", "from": A, "to": B, "value": "0xzz"},
        {"type": "CALL", "from": A, "to": B, "value": -1},
        {"type": "CALL", "from": A, "to": B, "calls": {}},
        {"type": "CALL", "from": A, "to": B, "calls": [5]},
        [],
        None,
    ],
)
def test_a_frame_that_cannot_be_read_raises(frame: Any) -> None:
    with pytest.raises((KeyError, ValueError)):
        list(calls.of_tracer(frame))


def test_movements_become_legs_that_sum_to_nothing() -> None:
    each = traces.Traced(tx=TX, calls=list(calls.of_tracer(TREE)), place=4)
    made = columns.batch(
        NETWORK.id, moved=[traces.moved(NETWORK, [each])], transactions=[traces.transactions(NETWORK, [each])]
    )
    found = rows([made])
    assert sum(leg["amount"] for leg in found["legs"]) == 0
    assert len(found["legs"]) == 2 * len(MOVES)
    assert {leg["place"] for leg in found["legs"]} == {4}
