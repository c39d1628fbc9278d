"""TRC-20 exports of a TRON explorer: one CSV with the whole token histories of one or more wallets.

Columns as the explorer's interface names them (`tx_id`, `quant`, `token_id`, `contract_return` ...), with the
wallet whose history a row belongs to in front.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ask, Batch, Coverage, Exhibit, Gap, Recorder, SourceInfo, sheet
from recover.sdk.counts import counted
from recover.sdk.transfers import (
    Column,
    TransferRows,
    assets,
    conflicts,
    exact,
    firsts,
    mapped,
    micros,
    number,
    whole_number,
    why_no_amount,
)
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN, asset, canonical, register

MOVED = (
    "wallet",
    "timestamp",
    "tx_id",
    "from_address",
    "to_address",
    "quant",
    "token_id",
    "token_abbr",
    "token_name",
    "token_decimal",
    "token_type",
    "contract_return",
    "result",
)
MEDIA = "CSV, a TRC-20 export of a TRON explorer"
TERMS = "an export made by the examiner under the explorer's terms of use"
_NAME = 256
_LAUNCH, _END = 1_529_884_800_000, 4_102_444_800_000  # 25 June 2018, when the main network began; the year 2100

# `contractResult` of the protocol's Tron.proto, and the words explorers use for "not SUCCESS".
_RESULTS = pa.array(
    [
        "SUCCESS",
        "DEFAULT",
        "REVERT",
        "BAD_JUMP_DESTINATION",
        "OUT_OF_MEMORY",
        "PRECOMPILED_CONTRACT",
        "STACK_TOO_SMALL",
        "STACK_TOO_LARGE",
        "ILLEGAL_OPERATION",
        "STACK_OVERFLOW",
        "OUT_OF_ENERGY",
        "OUT_OF_TIME",
        "JVM_STACK_OVER_FLOW",
        "UNKNOWN",
        "TRANSFER_FAILED",
        "INVALID_CODE",
        "FAIL",
        "FAILED",
    ]
)


class Transfers:
    """The transfers of an export; the wallet column says whose whole history each row belongs to.

    A row is a token event, so a transaction here is never whole. `place` is the line on which the row begins.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="tron-explorer-trc20",
            version="1",
            title="TRON explorer: TRC-20 transfers",
            chains=(CHAIN,),
            place="line",
            media=MEDIA,
            terms=TERMS,
            limits="TRC-20 only: no TRX, no TRC-10, no fees, no block heights, no order inside a second.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return set(MOVED) <= set(sheet.header(head))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 unreadable lines, NotRecognised naming missing columns."""
        read = sheet.read(exhibit.name, exhibit.data, MOVED)
        _check(read)
        parties = _parties(read)
        read.problems.check()
        fungible = np.asarray(pc.equal(read.text("token_type"), "trc20"))
        yield Batch.of(*_coverage(read, parties), *_not_fungible(read, fungible))
        if fungible.any():
            yield from _transfers(read.only(fungible), parties.filter(pa.array(fungible)))


def _check(read: sheet.Sheet) -> None:
    """Note every cell that is not what its column holds, but for the addresses."""
    millis = read.text("timestamp")
    digits = pc.match_substring_regex(millis, r"^[1-9][0-9]{9,13}$")
    when = pc.cast(pc.if_else(digits, millis, "0"), pa.int64())
    live = pc.and_(pc.greater_equal(when, _LAUNCH), pc.less(when, _END))
    read.require("timestamp", live, "is no time in milliseconds since TRON's launch")
    read.require(
        "tx_id", pc.match_substring_regex(read.text("tx_id"), r"^[0-9a-fA-F]{64}$"), "is not 64 hexadecimal digits"
    )
    amounts = read.text("quant")
    bad = ~np.asarray(whole_number(amounts))
    read.problems.at(read.lines, bad, lambda row: _amount_problem(amounts[row].as_py()))
    decimals = pc.match_substring_regex(
        read.text("token_decimal"), r"^([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])?$"
    )
    read.require("token_decimal", decimals, "is not a number from 0 to 255")
    for column in ("contract_return", "result"):
        known = pc.is_in(read.text(column), value_set=_RESULTS)
        read.require(column, known, "is no result that TRON knows; the line may be cut off")


def _amount_problem(text: str) -> str:
    return f"quant {sheet.shown(text)} {why_no_amount(text)}"


def _parties(read: sheet.Sheet) -> pa.Table:
    """The addresses in canonical text: wallet, src, dst, contract. Notes every one that is no address."""
    canon = cache(canonical)
    columns = {"wallet": "wallet", "src": "from_address", "dst": "to_address", "contract": "token_id"}
    found = {name: addresses(read, column, canon) for name, column in columns.items()}
    touches = pc.or_(pc.equal(found["wallet"], found["src"]), pc.equal(found["wallet"], found["dst"]))
    apart = ~np.asarray(pc.fill_null(touches, True))
    read.problems.at(read.lines, apart, lambda row: "the wallet is neither sender nor receiver")
    return pa.table(found)


def addresses(read: sheet.Sheet, column: str, canon: Callable[[str], str]) -> Column:
    """One column's addresses in canonical text; those that are none are noted as problems."""
    texts = read.text(column)
    found, why = mapped(texts, canon)
    bad = np.asarray(pc.is_null(found))
    read.problems.at(
        read.lines, bad, lambda row: f"{column} {sheet.shown(texts[row].as_py())}: {why[texts[row].as_py()]}"
    )
    return found


def _transfers(read: sheet.Sheet, parties: pa.Table) -> Iterator[Batch]:
    ok = pc.and_(pc.equal(read.text("contract_return"), "SUCCESS"), pc.equal(read.text("result"), "SUCCESS"))
    contracts = pc.binary_join_element_wise(asset(""), parties.column("contract"), "")
    moves = TransferRows(
        chain=pa.repeat(CHAIN, len(read.lines)),
        view=parties.column("wallet"),
        tx=pc.utf8_lower(read.text("tx_id")),
        time=micros(number(read.text("timestamp"))),
        failed=pc.invert(ok),
        src=_party(parties.column("src")),
        dst=_party(parties.column("dst")),
        asset=contracts,
        value=exact(read.text("quant")),
        place=pa.array(read.lines),
    )
    seen = _seen(read, contracts)
    yield moves.batch(assets=seen)
    gaps = conflicts(seen)
    if gaps:
        yield Batch.of(*gaps)


def _party(addresses: Column) -> Column:
    """The zero address is no party: a transfer from it is a mint, one to it a burn."""
    return pc.if_else(pc.equal(addresses, address.ZERO), pa.scalar(None, pa.string()), addresses)


def _coverage(read: sheet.Sheet, parties: pa.Table) -> list[Coverage]:
    """An export claims the whole TRC-20 history of each of its wallets, up to the time it was made: in each token
    that the register lists or that stands in it, and not in the coin, which is on no such export."""
    if not len(read.lines):
        return []
    rows = firsts(parties.select(["wallet"]).append_column("place", pa.array(read.lines)), ["wallet"])
    tokens = sorted({*register(), *(asset(one) for one in parties["contract"].unique().to_pylist() if one)})
    return [
        Coverage(chain=CHAIN, address=row["wallet"], asset=token, place=row["place"])
        for row in rows.to_pylist()
        for token in tokens
    ]


def _not_fungible(read: sheet.Sheet, fungible: sheet.Mask) -> list[Gap]:
    if fungible.all():
        return []
    row, count = int(np.argmin(fungible)), int((~fungible).sum())
    kind = sheet.shown(read.text("token_type")[row].as_py())
    return [
        Gap(
            code="token-standard",
            subject=read.text("tx_id")[row].as_py().lower(),
            why=f"Not of the standard trc20: {counted(count, 'row')}; the first says {kind}.",
            effect="What they moved is not an amount and is left out.",
            place=int(read.lines[row]),
        )
    ]


def _seen(read: sheet.Sheet, contracts: Column) -> pa.Table:
    return assets(
        asset=contracts,
        symbol=pc.utf8_slice_codeunits(read.text("token_abbr"), 0, _NAME),
        name=pc.utf8_slice_codeunits(read.text("token_name"), 0, _NAME),
        decimals=number(read.text("token_decimal")),
        place=pa.array(read.lines),
    )
