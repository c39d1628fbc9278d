"""Make this case's `transfers.csv` and `labels.csv` again. Everything in them is made up here.

    python build.py transfers > transfers.csv
    python build.py labels > labels.csv

An address is the form that TRON gives to the first 20 bytes of the SHA-256 of a text of this file, and a
transaction id is such a hash. Nobody can have chosen a key for them, so they are nobody's. Same code, same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

CHAIN = "tron:0x2b6653dc"
SEED = "recover, daloia-shaped-example: "
BEGIN = datetime(2022, 3, 1, 9, 0, tzinfo=UTC)
SYMBOL, DECIMALS = "MADEUPUSD", 6
FOLLOWED = ("W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "deposit")
"""The wallets whose whole history is in the file. The victim, the other payers and the shops are not."""

# One transfer a line, half an hour apart: from, to, whole tokens. The line that begins with victim is the theft.
HISTORY = """
payer-1 W1      80000
payer-2 W2      60000
payer-3 W3      80000
payer-9 deposit 5000
deposit hot     5000
victim  W1      120000
payer-4 W1      40000
W1      W2      120000
payer-5 W2      60000
W1      W3      120000
payer-6 W4      40000
W2      W4      160000
payer-1 W6      100000
W3      W6      100000
W2      W5      80000
W3      W7      100000
payer-2 W3      50000
W3      W6      50000
W5      W8      80000
W7      shop-1  60000
payer-7 W4      100000
W4      W8      150000
W6      W8      150000
W4      W9      150000
payer-8 W8      120000
W9      shop-2  75000
W8      deposit 400000
deposit hot     400000
W6      shop-3  100000
W8      shop-1  100000
payer-9 deposit 2500
deposit hot     2500
"""

TRANSFERS = (
    "#recover-transfers 1",
    "#source: SYNTHETIC, made up by build.py of this folder: no such transfer was ever on the TRON chain",
    "#licence: CC0-1.0",
    "#note: SYNTHETIC: the wallets, the token and the exchange do not exist, and no address is a real person's",
    "#history: complete",
    "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status",
)
LABELS = (
    "#recover-labels 1",
    "#source: SYNTHETIC, made up by build.py of this folder",
    "#grade: B",
    "#as_of: 2022-03-01",
    "#licence: CC0-1.0",
    "#url: https://example.org",
    "chain,address,service,label,role,category",
)

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def history() -> list[tuple[str, str, int]]:
    """(from, to, whole tokens) in order of time, by the names of this file."""
    rows = [line.split() for line in HISTORY.split("\n") if line]
    return [(src, dst, int(amount)) for src, dst, amount in rows]


def address(name: str) -> str:
    """Base58check of 0x41 and 20 bytes, as TRON writes an account."""
    raw = b"\x41" + hashlib.sha256((SEED + "address " + name).encode()).digest()[:20]
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _DIGITS[digit] + text
    return text


def transaction(place: int) -> str:
    """The id of the transfer at `place` in the history, from 0."""
    return hashlib.sha256(f"{SEED}transaction {place}".encode()).hexdigest()


def asset() -> str:
    """The CAIP-19 id of a TRC-20 contract that does not exist."""
    return f"{CHAIN}/trc20:{address('token contract')}"


def transfers() -> Iterator[list[str]]:
    """A row for each transfer and each followed wallet that is in it."""
    for place, (src, dst, amount) in enumerate(history()):
        time = (BEGIN + timedelta(minutes=30 * place)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        for view in (name for name in (src, dst) if name in FOLLOWED):
            ends = [address(src), address(dst), asset(), str(amount * 10**DECIMALS)]
            yield [address(view), CHAIN, transaction(place), time, *ends, str(DECIMALS), SYMBOL, "ok"]


def labels() -> Iterator[list[str]]:
    """One name: that of the wallet to which the deposit address sweeps."""
    named = "Example Exchange"
    yield [CHAIN, address("hot"), named, f"{named} hot wallet (synthetic)", "hot-wallet", "exchange"]


def main() -> None:
    """Write the table that the first argument names."""
    head, rows = {"transfers": (TRANSFERS, transfers), "labels": (LABELS, labels)}[sys.argv[1]]
    sys.stdout.write("".join(f"{line}\n" for line in head))
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows())


if __name__ == "__main__":
    main()
