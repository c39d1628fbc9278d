"""Money in minor units: how many make one unit of a currency (ISO 4217), and how a sum is written and read."""

from __future__ import annotations

import re

from recover.sdk import amounts
from recover.sdk.errors import Error

_PLACES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""Currencies whose minor unit is not the hundredth (ISO 4217, table A.1), by the digits after the point."""

_DIGITS = {code: digits for digits, codes in _PLACES.items() for code in codes.split()}


def said(amount: int, currency: str) -> str:
    """A sum in units of its currency, as 50.00 EUR."""
    return f"{amounts.decimal(amount, _DIGITS.get(currency, 2))} {currency}"


def read(text: str, option: str) -> int:
    """Minor units as they were typed. Raises Error for what is no whole number of them."""
    if not (text.isascii() and text.isdigit()):
        raise Error(
            "money-unreadable",
            f"{option} {text!r} is no whole number of minor units.",
            "Money is counted in minor units, in which nothing is lost: 99.50 EUR are 9950, and 100 JPY are 100.",
            f"Of a currency with hundredths it is {option} {re.sub('[.,]', '', text)}."
            if re.fullmatch(r"[0-9]+[.,][0-9]{2}", text)
            else "Say a whole number.",
        )
    return int(text)


def code(text: str) -> str:
    """The code of a currency. Raises Error for what is none by its form."""
    if not re.fullmatch(r"[A-Za-z]{3}", text.strip()):
        raise Error(
            "currency-unreadable",
            f"{text!r} is no code of a currency.",
            "ISO 4217 has three letters for each, such as EUR, THB or USD.",
            "Say it with --currency.",
        )
    return text.strip().upper()
