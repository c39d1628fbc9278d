"""Issued amounts are decimal, of 15 or 16 digits and a power of ten: none may lose a digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover_chain_xrpl.assets import SCALE, Unheld, code, symbol, token, value
from recover_chain_xrpl.reading import Fault

ISSUER = "rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B"


@pytest.mark.parametrize(
    ("text", "digits", "power"),
    [
        ("2298.927882138068", 2298927882138068, -12),
        ("147.413155", 147413155, -6),
        ("-0.000001234567890123456", -1234567890123456, -21),
        ("9999999999999999e20", 9999999999999999, 20),
        ("1e-40", 1, -40),
        ("0", 0, 0),
        ("1000000000000000e-54", 10**15, -54),
    ],
)
def test_an_amount_is_exact(text: str, digits: int, power: int) -> None:
    assert value(text) * 10**60 == digits * 10 ** (SCALE + power + 60)


@given(st.integers(-(10**16) + 1, 10**16 - 1), st.integers(-SCALE, 20))
def test_every_amount_in_range_comes_back(mantissa: int, power: int) -> None:
    assert value(f"{mantissa}e{power}") == mantissa * 10 ** (power + SCALE)


@pytest.mark.parametrize("text", ["1e-41", "1e-81", "9999999999999999e80", "0." + "0" * 41 + "1"])
def test_what_no_unit_can_say_is_not_rounded(text: str) -> None:
    with pytest.raises(Unheld):
        value(text)


@pytest.mark.parametrize("text", ["", "1e", "0x10", "1,5", "NaN", "1.2.3", "١٢", "1e9999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        value(text)


def test_a_currency_has_one_spelling() -> None:
    # 20 bytes that only hold three characters are those three characters.
    assert code("0000000000000000000000005553440000000000") == code("USD") == "USD"
    assert code("524c555344000000000000000000000000000000") == "524C555344000000000000000000000000000000"
    assert symbol("524C555344000000000000000000000000000000") == "RLUSD"
    for bad in ("XRP", "US", "0000000000000000000000005852500000000", "ZZ" * 20):
        with pytest.raises(Fault):
            code(bad)


def test_ids_keep_to_the_letters_of_caip_19() -> None:
    assert token("USD", ISSUER) == f"xrpl:0/token:USD.{ISSUER}"
    assert token("$$$", ISSUER) == f"xrpl:0/token:%24%24%24.{ISSUER}"
    assert token("usd", ISSUER) != token("USD", ISSUER)
    pool = "039C99CD9AB0B70B32ECDA51EAAE471625608EA2"
    assert token(pool, ISSUER) == f"xrpl:0/xls30:{pool}.{ISSUER}"
