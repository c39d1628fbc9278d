"""CSV sheets: RFC 4180, UTF-8, one row a record, amounts as whole base units beside their decimals."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from recover.sdk import ExporterInfo, View, amounts

_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheets:
    """Off-ramps, hops, accounts, endpoints by rule, gaps and exhibits."""

    info = ExporterInfo(id="sheets", version="1", title="Tables as CSV", form="CSV, RFC 4180, UTF-8")

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """One file a table, in a stated order."""
        makers: Sequence[tuple[str, Callable[[View], Iterator[Sequence[Any]]]]] = (
            ("offramps.csv", _offramps),
            ("hops.csv", _hops),
            ("accounts.csv", _accounts),
            ("endpoints.csv", _endpoints),
            ("gaps.csv", _gaps),
            ("exhibits.csv", _exhibits),
        )
        for name, rows in makers:
            yield name, sheet(rows(view))


def sheet(rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV bytes. A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return out.getvalue().encode()


def cell(value: Any) -> str:
    """One cell's text: integers plain, times in UTC, lists joined by spaces, formulas disarmed."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "'" + text if text.startswith(_RISKY) else text


def _offramps(view: View) -> Iterator[Sequence[Any]]:
    yield (
        *("service", "address", "chain", "asset", "symbol", "decimals", "amount", "swept", "transfers", "sweeps"),
        *("grade", "first", "last", "hot_wallets", "exhibits", "basis", *(f"under_{r['id']}" for r in view.rules)),
    )
    for o in view.offramps:
        yield (
            *(o.service, o.address, o.chain, o.asset, o.symbol, o.decimals, o.amount, o.swept, o.transfers),
            *(o.sweeps, o.grade, o.first, o.last, o.hot_wallets, o.exhibits, o.basis),
            *(o.by_rule.get(r["id"]) for r in view.rules),
        )


def _hops(view: View) -> Iterator[Sequence[Any]]:
    """One row for each movement that carried traced value, for each loss (declared rule)."""
    yield (
        *("seq", "loss", "event", "traced_amount", "moved_amount", "chain", "tx", "time", "from", "to"),
        *("asset", "decimals", "exhibit", "place"),
    )
    flows, moves = view.tables["flows"](), view.tables["transfers"]()
    there = moves.take(flows.column("seq"))
    names = ("chain", "tx", "time", "src", "dst", "asset", "exhibit", "place")
    facts = zip(*(there.column(name).to_pylist() for name in names), strict=True)
    rows = zip(*(flows.column(name).to_pylist() for name in ("seq", "loss", "event")), strict=True)
    for (seq, loss, event), traced, moved, (chain, tx, time, src, dst, asset, exhibit, place) in zip(
        rows, _exact(flows), _exact(there), facts, strict=True
    ):
        known = view.assets.get(asset)
        decimals = known.decimals if known else None
        yield seq, loss, event, traced, moved, chain, tx, time, src, dst, asset, decimals, exhibit, place


def _exact(table: pa.Table) -> list[int]:
    pairs = zip(table.column("amount").to_pylist(), table.column("wide").to_pylist(), strict=True)
    return [amounts.join(amount, wide) for amount, wide in pairs]


def _accounts(view: View) -> Iterator[Sequence[Any]]:
    names = ("address", "asset", "arrived", "opening", "swept", "passed_on", "at_rest", "inflows", "outflows")
    yield from _plain(view.tables["accounts"](), names)


def _endpoints(view: View) -> Iterator[Sequence[Any]]:
    table = view.tables["ends"]()
    names = ("rule", "ties", "loss", "asset", "address", "reason", "transfers")
    yield (*names, "amount")
    columns = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    for row, amount in zip(columns, _exact(table), strict=True):
        yield (*row, amount)


def _gaps(view: View) -> Iterator[Sequence[Any]]:
    yield from _plain(view.tables["gaps"](), ("code", "subject", "why", "effect", "fill"))


def _exhibits(view: View) -> Iterator[Sequence[Any]]:
    yield "number", "name", "sha256", "bytes", "captured", "method", "sources", "records"
    for e in view.exhibits:
        yield e.number, e.name, e.digest, e.size, e.captured, e.method, e.sources, e.records


def _plain(table: pa.Table, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    yield names
    yield from zip(*(table.column(name).to_pylist() for name in names), strict=True)
