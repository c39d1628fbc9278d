"""Contracts that destroy themselves, in exports of traces."""

from __future__ import annotations

from typing import Any

from recover.sdk import amounts
from recover.testing.exhibits import exhibit, rows
from recover_chain_evm.files import ethereum_etl
from recover_chain_evm.testing.tables import TRACE, TX, B


def sheet(listed: list[dict[str, Any]]) -> bytes:
    def cell(value: Any) -> str:
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text

    lines = [",".join(listed[0]), *(",".join(cell(v) for v in row.values()) for row in listed)]
    return ("\n".join(lines) + "\n").encode()


def codes(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The gaps, without the one that every file has that does not name its chain."""
    return [gap["code"] for gap in found["gaps"] if gap["code"] != "chain-assumed"]


def decode(data: bytes) -> dict[str, list[dict[str, Any]]]:
    return rows(ethereum_etl().decode(exhibit("traces.csv", data)))


def moves(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    pairs: dict[int, dict[bool, dict[str, Any]]] = {}
    for leg in found["legs"]:
        if leg["kind"] == "fee" and leg["amount"] is None and leg["wide"] is None:
            continue  # a trace says that a fee was paid, and not how much
        pairs.setdefault(leg["pair"], {})[leg["out"]] = leg
    listed = [
        (
            p[False]["kind"],
            p[True]["address"],
            p[False]["address"],
            amounts.join(p[False]["amount"], p[False]["wide"]),
            p[False]["index"],
        )
        for p in pairs.values()
    ]
    return sorted(listed, key=repr)


DYING = {**TRACE, "trace_type": "suicide", "trace_id": f"suicide_{TX}_0", "trace_address": "0", "from_address": B}
PAYS = {**TRACE, "value": 2 * 10**18, "trace_address": "", "block_number": 1_605_122}
ENDS = {**DYING, "to_address": B, "value": 2 * 10**18, "block_number": 1_605_122}


def test_what_a_contract_pays_itself_when_it_destroys_itself_ended_until_cancun() -> None:
    """EIP-6780 holds from block 19,426,587 on, but for a contract made in the same transaction."""
    assert [m[0] for m in moves(decode(sheet([PAYS, ENDS])))] == ["burn", "transfer"]
    later = [{**row, "block_number": 19_500_000} for row in (PAYS, ENDS)]
    assert [m[0] for m in moves(decode(sheet(later)))] == ["transfer"]
    made = {**later[0], "trace_type": "create", "trace_id": f"create_{TX}_"}
    assert [m[0] for m in moves(decode(sheet([made, later[1]])))] == ["burn", "transfer"]
    undone = [{**row, "status": 0, "error": "Out of gas"} for row in (PAYS, ENDS)]
    assert "burn" not in [m[0] for m in moves(decode(sheet(undone)))]


def test_what_arrives_after_a_self_destruction_ends_too() -> None:
    after = {**PAYS, "trace_address": "1", "trace_id": f"call_{TX}_1", "value": 10**18}
    found = moves(decode(sheet([PAYS, ENDS, after])))
    assert sum(m[3] for m in found if m[0] == "burn") == 3 * 10**18


def test_a_self_destruction_that_does_not_say_whom_it_paid_is_a_gap() -> None:
    assert codes(decode(sheet([PAYS, {**ENDS, "to_address": "", "from_address": "", "value": ""}]))) == [
        "self-destruct-unknown"
    ]
