from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import UINT256, Error, NotRecognised, amounts
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_transfers.source import COLUMNS, Transfers

ROW = {
    "view": "alice",
    "chain": "toy:main",
    "tx": "t1",
    "time": "2022-04-17T06:15:03.000Z",
    "from": "bob",
    "to": "alice",
    "asset": "toy:main/coin:gold",
    "amount": "65",
    "decimals": "2",
    "symbol": "GLD",
    "status": "ok",
    "height": "",
    "index": "",
    "leg": "",
}
HEAD = "#recover-transfers 1\n#source: a toy\n#licence: CC0\n#history: {}\n"


def file(*changes: dict[str, str], history: str = "complete", order: bool = False) -> bytes:
    columns = [*COLUMNS, *(("height", "index", "leg") if order else ())]
    lines = [",".join(columns)]
    lines += [",".join({**ROW, "tx": f"t{n}", **change}[c] for c in columns) for n, change in enumerate(changes)]
    return (HEAD.format(history) + "\n".join(lines) + "\n").encode()


def decode(data: bytes) -> dict[str, list[dict[str, Any]]]:
    return rows(Transfers().decode(exhibit("transfers.csv", data)))


def refusal(data: bytes) -> Error:
    with pytest.raises(Error) as caught:
        decode(data)
    return caught.value


def legs(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    listed = [
        (g["place"], g["kind"], g["address"], amounts.join(g["amount"], g["wide"]), g["index"])
        for g in found["legs"]
    ]
    return sorted(listed, key=lambda g: (g[0], g[3]))


class TestConformance(SourceKit):
    source = Transfers()
    examples = (
        exhibit("transfers.csv", file({}, {"amount": str(UINT256)}, {"from": "", "status": "failed"})),
        exhibit("other.csv", b"\xef\xbb\xbf" + file({"view": ""}, history="partial").replace(b"\n", b"\r\n")),
    )
    expected = (
        Expected(
            example=examples[0],
            taken="Read off the lines of the file.",
            transactions=(
                Stated(
                    id="t0",
                    nets={("bob", "toy:main/coin:gold"): -65, ("alice", "toy:main/coin:gold"): 65},
                    time=datetime(2022, 4, 17, 6, 15, 3, tzinfo=UTC),
                    failed=False,
                ),
                Stated(id="t2", nets={}, failed=True),
            ),
            decimals={"toy:main/coin:gold": 2},
        ),
    )


def test_a_row_is_two_legs_of_one_transfer() -> None:
    found = decode(file({"height": "7", "index": "0", "leg": "3"}, order=True))
    assert legs(found) == [(6, "transfer", "bob", -65, 3), (6, "transfer", "alice", 65, 3)]
    assert found["transactions"] == [
        {
            "chain": "toy:main",
            "id": "t0",
            "view": "alice",
            "time": datetime(2022, 4, 17, 6, 15, 3, tzinfo=UTC),
            "height": 7,
            "index": 0,
            "failed": False,
            "whole": False,
            "block": None,
            "proof": "reported",
            "facts": "{}",
            "after": None,
            "place": 6,
        }
    ]
    assert [(a["symbol"], a["decimals"]) for a in found["assets"]] == [("GLD", 2)]


@given(st.lists(st.integers(0, UINT256), min_size=1, max_size=20))
def test_every_amount_comes_back_exactly(values: list[int]) -> None:
    found = decode(file(*({"amount": str(value)} for value in values)))
    assert [g[3] for g in legs(found) if g[2] == "alice"] == values
    assert [g[3] for g in legs(found) if g[2] == "bob"] == [-value for value in values]


def test_only_a_complete_file_claims_histories() -> None:
    changes: list[dict[str, str]] = [{}, {"view": "bob"}, {"view": ""}, {}]
    claimed = decode(file(*changes))["coverage"]
    assert [(c["address"], c["place"]) for c in claimed] == [("alice", 6), ("bob", 7)]
    assert decode(file(*changes, history="partial"))["coverage"] == []


def test_a_file_of_one_asset_claims_that_one_alone() -> None:
    of = file({}).replace(b"#licence", b"#asset: toy:main/coin:gold\n#licence")
    assert [(c["address"], c["asset"]) for c in decode(of)["coverage"]] == [("alice", "toy:main/coin:gold")]
    assert [c["asset"] for c in decode(file({}))["coverage"]] == [None]
    other = file({}, {"asset": "toy:main/coin:silver"}).replace(
        b"#licence", b"#asset: toy:main/coin:gold\n#licence"
    )
    assert "is not toy:main/coin:gold, of which alone the file is" in refusal(other).why
    assert "line 8" in refusal(other).why


def test_a_missing_party_is_a_mint_or_a_burn() -> None:
    found = decode(file({"from": ""}, {"to": "", "view": "bob"}))
    assert [g[:3] for g in legs(found)] == [
        (6, "mint", None),
        (6, "mint", "alice"),
        (7, "burn", "bob"),
        (7, "burn", None),
    ]


@pytest.mark.parametrize(
    ("chain", "zero", "token", "kinds"),
    [
        ("eip155:1", "0x" + "0" * 40, "erc20:0x" + "1" * 40, ["burn", "mint"]),
        ("tron:0x2b6653dc", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "trc20:T" + "x" * 33, ["burn", "mint"]),
        # What was sent there of the chain's own coin nobody can spend, and it is not destroyed.
        ("eip155:1", "0x" + "0" * 40, "slip44:60", ["transfer", "transfer"]),
        ("toy:main", "0x" + "0" * 40, "coin:gold", ["transfer", "transfer"]),
    ],
)
def test_what_a_token_moves_to_the_zero_address_is_burnt(
    chain: str, zero: str, token: str, kinds: list[str]
) -> None:
    asset = {"chain": chain, "asset": f"{chain}/{token}", "view": "bob"}
    found = decode(file({**asset, "to": zero}, {**asset, "from": zero, "to": "bob"}))
    assert [g["kind"] for g in sorted(found["legs"], key=lambda g: (g["place"], g["out"]))[::2]] == kinds
    assert {g["address"] for g in found["legs"]} == {"bob", zero if "transfer" in kinds else None}


def test_failed_rows_are_marked() -> None:
    assert [t["failed"] for t in decode(file({"status": "failed"}))["transactions"]] == [True]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"chain": "Toy"}, "line 6: chain 'Toy' is no CAIP-2 id."),
        ({"tx": "a b"}, "line 6: tx 'a b' is no transaction id."),
        ({"tx": "x" * 129}, "is no transaction id."),
        ({"time": "2022-04-17 06:15:03"}, "is not of the form 2022-04-17T06:15:03.000Z."),
        ({"time": "2022-04-17T06:15:03.000+7"}, "is not of the form 2022-04-17T06:15:03.000Z."),
        (
            {"time": "2022-02-30T06:15:03.000Z"},
            "time '2022-02-30T06:15:03.000Z' is no day or time that there is.",
        ),
        ({"from": "b\u202eob"}, "line 6: from 'b\\u202eob' is no address."),
        ({"from": "", "to": "", "view": ""}, "line 6: from and to are both empty."),
        ({"view": "carol"}, "line 6: the view is neither from nor to."),
        ({"asset": "gold"}, "line 6: asset 'gold' is no CAIP-19 id."),
        ({"asset": "other:main/coin:gold"}, "line 6: the asset is not on the chain."),
        ({"amount": "1.5"}, "line 6: amount '1.5' has a decimal point; amounts are whole base units."),
        ({"amount": "-5"}, "line 6: amount '-5' is negative."),
        ({"amount": str(UINT256 + 1)}, "is above 2^256 - 1."),
        ({"decimals": "256"}, "line 6: decimals '256' is not a number from 0 to 255."),
        ({"symbol": "a\x07"}, "line 6: symbol 'a\\x07' has control characters, or more than 256."),
        ({"status": "o"}, "line 6: status 'o' is neither ok nor failed."),
        ({"height": "-1"}, "line 6: height '-1' is not a whole number."),
    ],
)
def test_a_bad_cell_is_named_by_its_line(change: dict[str, str], why: str) -> None:
    assert why in refusal(file(change, {}, order=True)).why


def test_all_problems_are_told_at_once() -> None:
    found = refusal(file({"amount": "x"}, {}, {"status": ""}, {"time": ""}))
    assert [part.split(":")[0] for part in found.why.split("; ")] == ["line 6", "line 8", "line 9"]


def test_half_a_last_line_is_refused() -> None:
    data = file({}, {})
    for cut in range(2, 60):
        assert "line 7" in refusal(data[:-cut]).why
    assert decode(data[:-1]) == decode(data)


def test_two_numbers_of_decimals_for_one_asset_are_a_gap() -> None:
    found = decode(file({}, {"decimals": "3"}, {"decimals": ""}))
    assert [(g["code"], g["place"]) for g in found["gaps"]] == [("decimals-differ", 7)]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"#history: complete", b"#history: all", "history is neither complete nor partial"),
        (b"#licence: CC0", b"#source: again", "line 3: source is there twice"),
        (b"#licence: CC0", b"#weather: fine", "line 3: 'weather' is no key"),
        (b"#licence: CC0", b"# just words", "line 3 is not `#key: value`"),
        (b"#licence: CC0", b"#licence: \xff", "line 3 is not UTF-8"),
        (b"#licence: CC0", b"#licence: a\x1bb", "line 3 is not `#key: value`"),
        (b"#licence: CC0\n", b"#note: \n" * 70, "there are more than 16 lines that begin with #"),
    ],
)
def test_a_bad_head_is_named_by_its_line(old: bytes, new: bytes, why: str) -> None:
    assert why in refusal(file({}).replace(old, new)).why


@pytest.mark.parametrize("first", [b"#recover-transfers 2\n", b"#recover-transfers 1", b"view,chain\n", b""])
def test_another_first_line_is_not_recognised(first: bytes) -> None:
    assert not Transfers().recognises("transfers.csv", first)
    assert isinstance(refusal(first), NotRecognised)


def test_missing_columns_are_named() -> None:
    found = refusal(file({}).replace(b",amount,", b",value,"))
    assert isinstance(found, NotRecognised)
    assert "missing: amount" in found.why
