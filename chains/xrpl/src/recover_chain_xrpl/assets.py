"""What is held: coins, what an account issued, and exact amounts of both.

Ids follow CASA's namespace `xrpl`: `slip44:144`; `token:CURRENCY.ISSUER`; `xls30:CURRENCY.ACCOUNT` for shares in
an automated market maker's pool; `xls33:ID` for multi-purpose tokens; `xls20:ID` for one single NFT.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from recover.sdk import UINT256, Asset
from recover_chain_xrpl.addresses import read
from recover_chain_xrpl.reading import Fault, Json, inner, text

CHAIN = "xrpl:0"
XRP = Asset(id=f"{CHAIN}/slip44:144", symbol="XRP", decimals=6, name="XRP")

SCALE = 40
"""Decimal places of every issued currency: its base unit is 10**-40, whoever issued it and whatever the amount.

The ledger keeps an issued amount as 15 or 16 digits and a power of ten from -96 to 80. One whole number of base
units is exact for each that is a multiple of 10**-40 and below 1.15 * 10**37, which 2**256 - 1 base units are. The
scale is one for all and known beforehand, since two exhibits decoded apart must mean the same by the same number.
What is finer or larger is not rounded: it is left out, with a gap that names it.
"""

RLUSD = Asset(
    id=f"{CHAIN}/token:524C555344000000000000000000000000000000.rMxCKbEDwqr76QuheSUMdEGf4B9xJ8m5De",
    symbol="RLUSD",
    decimals=SCALE,
    name="Ripple USD",
)

_DROPS = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_VALUE = re.compile(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,100}))?(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]{40}")
# https://xrpl.org/docs/references/protocol/data-types/currency-formats: three of these, and never XRP.
_CODE = re.compile(r"[A-Za-z0-9?!@#$%^&*<>(){}\[\]|]{3}")
_MPT = re.compile(r"[0-9A-Fa-f]{48}")


class Unheld(Fault):
    """An amount that no whole number of base units is."""


def code(currency: str) -> str:
    """A currency in one spelling: three characters where it has them, else 40 capital digits. Raises Fault."""
    if _CODE.fullmatch(currency) and currency != "XRP":
        return currency
    if not _HEX.fullmatch(currency):
        raise Fault(f"{currency[:60]!r} is no currency")
    raw = bytes.fromhex(currency)
    plain = raw[12:15].decode("ascii", "replace")
    if not any(raw[:12]) and not any(raw[15:]) and _CODE.fullmatch(plain) and plain != "XRP":
        return plain
    return currency.upper()


def symbol(currency: str) -> str:
    """What people call a currency: its three characters, or the text that its 20 bytes spell."""
    spelt = code(currency)
    if len(spelt) == 3:
        return spelt
    if spelt.startswith("03"):
        return "LP"
    raw = bytes.fromhex(spelt).rstrip(b"\x00")
    said = raw.decode("ascii", "replace")
    return said if said.isascii() and said.isprintable() and said else spelt


def token(currency: str, issuer: str) -> str:
    """The id of what `issuer` issued. Raises Fault."""
    spelt = code(currency)
    # The first byte 03 is kept for shares in pools; other characters than CAIP-19's are written as in a URL.
    space = "xls30" if len(spelt) == 40 and spelt.startswith("03") else "token"
    return f"{CHAIN}/{space}:{quote(spelt, safe='')}.{issuer}"


def multi(issuance: str) -> str:
    """The id of a multi-purpose token. Raises Fault."""
    if not _MPT.fullmatch(issuance):
        raise Fault(f"{issuance[:60]!r} is no multi-purpose token")
    return f"{CHAIN}/xls33:{issuance.upper()}"


def drops(given: object) -> int:
    """XRP, or a multi-purpose token, in base units. Raises Fault."""
    if not isinstance(given, str) or not _DROPS.fullmatch(given):
        raise Fault(f"{str(given)[:60]!r} is no whole number")
    return int(given)


def value(given: str) -> int:
    """An issued amount in base units of 10**-40. Raises Fault, and Unheld for what is finer or larger."""
    found = _VALUE.fullmatch(given)
    if not found:
        raise Fault(f"{given[:60]!r} is no amount")
    sign, whole, part, power = found.groups()
    part = part or ""
    shift = int(power or 0) - len(part) + SCALE
    digits = made = int(whole + part)
    if shift < 0:
        made, rest = divmod(digits, 10**-shift)
        if rest:
            raise Unheld(f"{given} is finer than 10^-{SCALE}")
    else:
        made = digits * int(10**shift)
    if made > UINT256:
        raise Unheld(f"{given} is larger than base units of 10^-{SCALE} can count")
    return -made if sign else made


def amount(given: object) -> tuple[str, int]:
    """The asset's id and the base units of an amount as transactions and entries write it. Raises Fault."""
    if isinstance(given, str):
        return XRP.id, drops(given)
    if not isinstance(given, dict):
        raise Fault(f"{str(given)[:60]!r} is no amount")
    said: Json = given
    if "mpt_issuance_id" in said:
        return multi(text(said, "mpt_issuance_id")), drops(said.get("value"))
    issuer, _ = read(text(said, "issuer"))
    return token(text(said, "currency"), issuer), value(text(said, "value"))


def held(entry: Json, name: str) -> tuple[str, int]:
    """The amount in a field of an entry. Raises Fault."""
    return amount(inner(entry, name) if isinstance(entry.get(name), dict) else entry.get(name))
