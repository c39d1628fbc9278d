from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import UINT256, Error, NotRecognised, amounts
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN, asset, register
from recover_chain_tron.explorer import MOVED, Transfers


def account(number: int) -> str:
    return address.encode(bytes([address.PREFIX]) + number.to_bytes(20, "big"))


A, B, C, TOKEN = account(1), account(2), account(3), account(99)
ROW = {
    "wallet": A,
    "timestamp": "1650176103000",
    "tx_id": "ab" * 32,
    "from_address": B,
    "to_address": A,
    "quant": "65290000",
    "token_id": TOKEN,
    "token_abbr": "USDX",
    "token_name": "Dollar X",
    "token_decimal": "6",
    "token_type": "trc20",
    "contract_return": "SUCCESS",
    "result": "SUCCESS",
}


def export(*changes: dict[str, str], end: str = "\n") -> bytes:
    lines = [",".join(MOVED)]
    lines += [
        ",".join({**ROW, "tx_id": f"{n:064x}", **change}[c] for c in MOVED) for n, change in enumerate(changes)
    ]
    return (end.join(lines) + end).encode()


def decode(data: bytes) -> dict[str, list[dict[str, Any]]]:
    return rows(Transfers().decode(exhibit("export.csv", data)))


def refusal(data: bytes) -> Error:
    with pytest.raises(Error) as caught:
        decode(data)
    return caught.value


def legs(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    listed = [
        (g["place"], g["kind"], g["address"], amounts.join(g["amount"], g["wide"]), g["pair"])
        for g in found["legs"]
    ]
    return sorted(listed, key=lambda g: (g[0], g[3]))


BIG = str(UINT256)


class TestConformance(SourceKit):
    source = Transfers()
    examples = (
        exhibit("plain.csv", export({}, {"from_address": A, "to_address": C}, {"quant": BIG}, {"quant": "0"})),
        exhibit(
            "crlf.csv", b"\xef\xbb\xbf" + export({}, {"token_name": '"quoted\r\nname, ""x"""'}, {}, end="\r\n")
        ),
    )
    expected = (
        Expected(
            example=examples[0],
            taken="The cells of the lines; the time is 1650176103 seconds after 1970.",
            transactions=(
                Stated(
                    id=f"{0:064x}",
                    nets={(B, asset(TOKEN)): -65_290_000, (A, asset(TOKEN)): 65_290_000},
                    time=datetime(2022, 4, 17, 6, 15, 3, tzinfo=UTC),
                    failed=False,
                ),
                Stated(id=f"{1:064x}", nets={(A, asset(TOKEN)): -65_290_000, (C, asset(TOKEN)): 65_290_000}),
            ),
            decimals={asset(TOKEN): 6},
        ),
    )


def test_a_row_is_two_legs_of_one_transfer() -> None:
    found = decode(export({}))
    assert legs(found) == [(2, "transfer", B, -65290000, 2), (2, "transfer", A, 65290000, 2)]
    (tx,) = found["transactions"]
    assert tx == {
        "chain": CHAIN,
        "id": "0" * 64,
        "view": A,
        "time": datetime(2022, 4, 17, 6, 15, 3, tzinfo=UTC),
        "height": None,
        "index": None,
        "failed": False,
        "whole": False,
        "block": None,
        "after": None,
        "proof": "reported",
        "facts": "{}",
        "place": 2,
    }
    assert found["assets"] == [
        {"asset": asset(TOKEN), "symbol": "USDX", "name": "Dollar X", "decimals": 6, "place": 2}
    ]
    assert [(c["address"], c["asset"], c["since"], c["until"]) for c in found["coverage"]] == [
        (A, token, None, None) for token in sorted({asset(TOKEN), *register()})
    ]


def test_each_wallet_is_covered_once_and_named_where_it_first_stands() -> None:
    found = decode(export({}, {"wallet": B}, {}, {"wallet": B}))
    assert sorted({(c["address"], c["place"]) for c in found["coverage"]}) == sorted([(A, 2), (B, 3)])


def test_an_export_of_tokens_claims_no_history_of_the_coin() -> None:
    claimed = {c["asset"] for c in decode(export({}))["coverage"]}
    assert {asset(TOKEN), *register()} == claimed
    assert not any("/slip44:" in one for one in claimed)


def test_rows_of_one_transaction_are_one_transaction_with_more_legs() -> None:
    found = decode(export({"tx_id": "cd" * 32}, {"tx_id": "CD" * 32, "quant": "7"}))
    assert [(t["id"], t["place"]) for t in found["transactions"]] == [("cd" * 32, 2)]
    assert [g[0] for g in legs(found)] == [2, 2, 3, 3]


def test_rows_that_disagree_about_one_transaction_stay_apart() -> None:
    same = {"tx_id": "cd" * 32}
    found = decode(export(same, {**same, "timestamp": "1650176106000"}))
    assert len({t["time"] for t in found["transactions"]}) == 2


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, False),
        ({"result": "FAILED"}, True),
        ({"contract_return": "OUT_OF_ENERGY"}, True),
        ({"contract_return": "REVERT", "result": "FAIL"}, True),
    ],
)
def test_what_did_not_succeed_failed(change: dict[str, str], failed: bool) -> None:
    assert [t["failed"] for t in decode(export(change))["transactions"]] == [failed]


def test_amounts_are_exact_up_to_the_largest_and_zero_is_kept() -> None:
    texts = ["0", "9223372036854775807", "9223372036854775808", BIG]
    found = decode(export(*({"quant": text} for text in texts)))
    assert [g[3] for g in legs(found) if g[2] == A] == [int(text) for text in texts]
    assert [g[3] for g in legs(found) if g[2] == B] == [-int(text) for text in texts]


def test_the_zero_address_is_no_party() -> None:
    found = decode(export({"from_address": address.ZERO}, {"from_address": A, "to_address": address.ZERO}))
    assert legs(found) == [
        (2, "mint", None, -65290000, 2),
        (2, "mint", A, 65290000, 2),
        (3, "burn", A, -65290000, 3),
        (3, "burn", None, 65290000, 3),
    ]


def test_hexadecimal_addresses_become_base58() -> None:
    found = decode(export({"from_address": address.decode(B).hex()}))
    assert [g[2] for g in legs(found)] == [B, A]


def test_line_numbers_hold_through_quoted_line_ends_and_blank_lines() -> None:
    data = export({"token_name": '"two\nlines\n""here"""'}, {}, {}, end="\r\n").replace(
        b"SUCCESS\r\n" + A.encode(), b"SUCCESS\r\n\r\n" + A.encode(), 1
    )
    assert [t["place"] for t in sorted(decode(data)["transactions"], key=lambda t: int(t["place"]))] == [2, 6, 7]
    bad = data.replace(f"{2:064x}".encode(), b"xyz")
    assert "line 7: tx_id 'xyz' is not 64 hexadecimal digits" in refusal(bad).why


def test_a_large_file_keeps_its_line_numbers() -> None:
    size = 66_000  # longer than one block of the reader
    changes: list[dict[str, str]] = [{}] * size
    changes[-2] = {"quant": "1.5"}
    data = export(*changes)
    assert len(data) > 2**24
    assert refusal(data).why == f"line {size}: quant '1.5' has a decimal point; amounts are whole base units."
    short = data.replace(b",trc20,SUCCESS,SUCCESS\n", b",trc20,SUCCESS\n").replace(b"1.5,", b"15,")
    assert refusal(short).what == f"{size} lines of export.csv cannot be read."
    one = data.replace(b"1.5," + TOKEN.encode() + b",", b"15,")
    assert refusal(one).why == f"line {size}: 12 cells where the header has 13."


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quant": "1.5"}, "line 2: quant '1.5' has a decimal point; amounts are whole base units."),
        ({"quant": "-5"}, "line 2: quant '-5' is negative."),
        ({"quant": "007"}, "line 2: quant '007' begins with a zero."),
        ({"quant": "1e6"}, "line 2: quant '1e6' is not a whole number of base units."),
        ({"quant": ""}, "line 2: quant '' is not a whole number of base units."),
        ({"quant": str(UINT256 + 1)}, "is above 2^256 - 1."),
        ({"quant": "٣"}, "line 2: quant '\\u0663' is not a whole number of base units."),
        ({"tx_id": "0x" + "ab" * 31}, "is not 64 hexadecimal digits."),
        (
            {"timestamp": "1650176103"},
            "line 2: timestamp '1650176103' is no time in milliseconds since TRON's launch.",
        ),
        ({"timestamp": "2022-04-17"}, "is no time in milliseconds since TRON's launch."),
        ({"from_address": B[:-1] + ("1" if B[-1] != "1" else "2")}, "a letter is wrong."),
        ({"token_id": "USDT"}, "line 2: token_id 'USDT': it has 4 characters, and a TRON address has 34."),
        ({"token_decimal": "6.0"}, "line 2: token_decimal '6.0' is not a number from 0 to 255."),
        ({"token_decimal": "256"}, "is not a number from 0 to 255."),
        ({"result": "SUCC"}, "line 2: result 'SUCC' is no result that TRON knows; the line may be cut off."),
        ({"wallet": C}, "line 2: the wallet is neither sender nor receiver."),
    ],
)
def test_a_bad_cell_is_named_by_its_line(change: dict[str, str], why: str) -> None:
    found = refusal(export(change, {}))
    assert why in found.why
    assert not isinstance(found, NotRecognised)


def test_all_problems_are_told_at_once_up_to_twenty() -> None:
    found = refusal(export({"quant": "x"}, {}, {"tx_id": "y"}, {"from_address": "z"}))
    assert [part.split(":")[0] for part in found.why.split("; ")] == ["line 2", "line 4", "line 5"]
    many = refusal(export(*({"quant": "x"} for _ in range(50))))
    assert many.what == "50 lines of export.csv cannot be read."
    assert many.why.endswith("line 21: quant 'x' is not a whole number of base units; and 30 more.")


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_half_a_last_line_is_refused(cut: int) -> None:
    data = export({}, {})
    assert "line 3" in refusal(data[: -1 - cut]).why


def test_a_last_line_without_a_line_end_is_whole() -> None:
    assert decode(export({}, {})[:-1]) == decode(export({}, {}))


def test_missing_columns_are_named() -> None:
    data = export({}).replace(b"quant", b"amount", 1).replace(b"result", b"outcome", 1)
    found = refusal(data)
    assert isinstance(found, NotRecognised)
    assert "missing: quant, result" in found.why
    assert not Transfers().recognises("export.csv", data)


def test_what_is_not_utf_8_is_named_by_its_line() -> None:
    assert (
        "line 3: byte 0xff is not UTF-8" in refusal(export({}, {"token_name": "x"}).replace(b",x,", b",\xff,")).why
    )


def test_quotation_marks_that_do_not_pair_up_are_refused() -> None:
    found = refusal(export({"token_name": 'a"b'}, {}, {"token_name": 'c"d'}))
    assert found.code == "quotes-unpaired"


def test_two_numbers_of_decimals_for_one_contract_are_a_gap() -> None:
    found = decode(export({}, {"token_decimal": "18"}, {"token_decimal": ""}))
    assert [(a["decimals"], a["place"]) for a in found["assets"]] == [(18, 3), (6, 2), (None, 4)]
    (gap,) = found["gaps"]
    assert (gap["code"], gap["subject"], gap["place"]) == ("decimals-differ", asset(TOKEN), 3)


def test_other_token_standards_are_left_out_as_a_gap() -> None:
    found = decode(export({}, {"token_type": "trc721"}))
    assert [t["place"] for t in found["transactions"]] == [2]
    assert [(g["code"], g["place"]) for g in found["gaps"]] == [("token-standard", 3)]


def test_long_names_are_bounded_and_left_as_they_are() -> None:
    found = decode(export({"token_abbr": "\u202e" * 300}))
    assert found["assets"][0]["symbol"] == "\u202e" * 256
