"""Make this case's files again. Everything in them is made up here.

    python build.py transfers > transfers.csv
    python build.py labels > labels.csv
    python build.py victims > victims.csv

Two numbers behind the word make another size: `python build.py transfers 10000 50000`. An address is the form that
TRON gives to the first 20 bytes of the SHA-256 of a text of this file, and a transaction id is such a hash.
Nobody can have chosen a key for them, so they are nobody's. Same code and numbers, same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

CHAIN = "tron:0x2b6653dc"
SEED = "recover, many-victims-example: "
BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
SYMBOL, DECIMALS = "MADEUPUSD", 6
VICTIMS, PAYMENTS = 200, 500
WALLETS = 8  # that victims were told to pay into
EVERY = 20  # payments into a wallet before it passes on what it holds

TRANSFERS = (
    "#recover-transfers 1",
    "#source: SYNTHETIC, made up by build.py of this folder: no such transfer was ever on the TRON chain",
    "#licence: CC0-1.0",
    "#note: SYNTHETIC: the wallets, the token and the exchanges do not exist, and no address is a real person's",
    "#history: complete",
    "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status",
)
LABELS = (
    "#recover-labels 1",
    "#source: SYNTHETIC, made up by build.py of this folder",
    "#grade: B",
    "#as_of: 2025-03-01",
    "#licence: CC0-1.0",
    "#url: https://example.org",
    "chain,address,service,label,role,category",
)
EXCHANGES = ("Example Exchange", "Sample Market")

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True)
class Move:
    """One transfer: from, to, base units, and the victim and payment where it is one."""

    src: str
    dst: str
    amount: int
    victim: int = 0


def drawn(text: str, below: int) -> int:
    """A number below a bound that is always the same for a text."""
    return int.from_bytes(hashlib.sha256((SEED + text).encode()).digest()[:8], "big") % below


def moves(victims: int, payments: int) -> Iterator[Move]:
    """The story: victims pay, wallets pass on to mules, mules to two exchanges and to a wallet that keeps."""
    held = dict.fromkeys((f"wallet-{n}" for n in range(WALLETS)), 0)
    paid = dict.fromkeys(held, 0)
    mules = {f"mule-{n}": 0 for n in range(3)}
    for n in range(payments):
        victim = 1 + (n if n < victims else drawn(f"who {n}", victims))
        wallet = f"wallet-{drawn(f'where {n}', WALLETS)}"
        amount = 10**DECIMALS * (100 + drawn(f"much {n}", 20_000)) + drawn(f"rest {n}", 10**DECIMALS)
        yield Move(f"victim-{victim}", wallet, amount, victim)
        held[wallet] += amount
        paid[wallet] += 1
        if n % 40 == 39:  # some are paid a little back, to be believed
            back = amount // 10
            yield Move(wallet, f"victim-{victim}", back)
            held[wallet] -= back
        if paid[wallet] % EVERY == 0:
            mule = f"mule-{(paid[wallet] // EVERY) % 3}"
            yield Move(wallet, mule, held[wallet])
            mules[mule] += held[wallet]
            held[wallet] = 0
            yield from passed(mule, mules)


def passed(mule: str, mules: dict[str, int]) -> Iterator[Move]:
    """A mule pays four tenths to each exchange, and the rest to the wallet that keeps."""
    whole = mules[mule]
    for place in range(2):
        yield Move(mule, f"deposit-{place}", whole * 4 // 10)
        yield Move(f"deposit-{place}", f"hot-{place}", whole * 4 // 10)
    yield Move(mule, "keeper", whole - 2 * (whole * 4 // 10))
    mules[mule] = 0


@cache
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
    """The id of the transfer at `place` in the story, from 0."""
    return hashlib.sha256(f"{SEED}transaction {place}".encode()).hexdigest()


def asset() -> str:
    """The CAIP-19 id of a TRC-20 contract that does not exist."""
    return f"{CHAIN}/trc20:{address('token contract')}"


def moment(place: int) -> str:
    return (BEGIN + timedelta(minutes=3 * place)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def transfers(victims: int, payments: int) -> Iterator[list[str]]:
    """A row for each transfer and each followed wallet that is in it."""
    for place, move in enumerate(moves(victims, payments)):
        for view in (name for name in (move.src, move.dst) if not name.startswith(("victim", "hot"))):
            ends = [address(move.src), address(move.dst), asset(), str(move.amount)]
            yield [address(view), CHAIN, transaction(place), moment(place), *ends, str(DECIMALS), SYMBOL, "ok"]


def labels(victims: int, payments: int) -> Iterator[list[str]]:
    """Two names: those of the wallets to which the deposit addresses sweep."""
    for place, name in enumerate(EXCHANGES):
        yield [CHAIN, address(f"hot-{place}"), name, f"{name}: hot wallet", "hot-wallet", "exchange"]


FIELDS = ("name", "email", "country", "tx", "asset", "amount", "time", "bank", "received", "consent")


def people(victims: int, payments: int) -> Iterator[list[str]]:
    """One row a payment, as an intake desk keeps them. Every hundredth payment's victim knows no transaction."""
    back: dict[int, int] = {}
    listed = list(enumerate(moves(victims, payments)))
    for _, move in listed:
        if move.dst.startswith("victim-"):
            who = int(move.dst.partition("-")[2])
            back[who] = back.get(who, 0) + move.amount
    count = 0
    for place, move in listed:
        if not move.victim:
            continue
        count += 1
        amount = f"{move.amount // 10**DECIMALS}.{move.amount % 10**DECIMALS:06d}"
        returned = back.pop(move.victim, 0)
        yield [
            f"Made-up Person {move.victim:05d}",
            f"person{move.victim:05d}@example.org",
            ("TH", "DE", "US", "PE")[move.victim % 4],
            "" if count % 100 == 0 else transaction(place),
            asset(),
            amount,
            moment(place),
            "Example Bank" if move.victim % 3 == 0 else "",
            f"{returned // 10**DECIMALS}.{returned % 10**DECIMALS:06d}" if returned else "",
            "investigation, restitution",
        ]


def main(what: str, victims: int = VICTIMS, payments: int = PAYMENTS) -> None:
    """Write one of the files to standard output."""
    made = {"transfers": transfers, "labels": labels, "victims": people}[what]
    head = {"transfers": TRANSFERS, "labels": LABELS, "victims": (",".join(FIELDS),)}[what]
    sys.stdout.write("".join(line + "\n" for line in head))
    csv.writer(sys.stdout, lineterminator="\n").writerows(made(victims, payments))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
