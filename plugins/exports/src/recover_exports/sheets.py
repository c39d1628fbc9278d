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
from recover.sdk.cells import disarmed
from recover_exports import disagreements, hops, outflows, pools


@dataclass(frozen=True, slots=True)
class Sheets:
    """Off-ramps, hops, pools, outflows, accounts, endpoints by rule, where rules disagree, names, gaps and
    exhibits."""

    info = ExporterInfo(id="sheets", version="1", title="Tables as CSV", form="CSV, RFC 4180, UTF-8")

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """One file a table, in a stated order."""
        for name, rows in TABLES:
            yield f"{name}.csv", sheet(rows(view))


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
    return disarmed(text)


def _offramps(view: View) -> Iterator[Sequence[Any]]:
    yield (
        *("service", "address", "chain", "asset", "symbol", "decimals", "amount", "swept", "transfers", "sweeps"),
        *(
            "grade",
            "first",
            "last",
            "hot_wallets",
            "exhibits",
            "basis",
            "through",
            "deposit",
            "credited",
            "unswept",
        ),
        *("elsewhere", "elsewhere_at", "fees", "unfollowed", *(f"under_{r['id']}" for r in view.rules)),
    )
    for o in view.offramps:
        yield (
            *(o.service, o.address, o.chain, o.asset, o.symbol, o.decimals, o.amount, o.swept, o.transfers),
            *(o.sweeps, o.grade, o.first, o.last, o.hot_wallets, o.exhibits, o.basis, o.through, o.deposit),
            *(o.credited, o.unswept, o.elsewhere, [f"{place} {n}" for place, n in o.elsewhere_at.items()]),
            *(o.fees, o.unfollowed),
            *(o.by_rule.get(r["id"]) for r in view.rules),
        )


def _accounts(view: View) -> Iterator[Sequence[Any]]:
    names = ("address", "asset", "arrived", "opening", "swept", "passed_on", "at_rest", "inflows", "outflows")
    yield from _plain(view.tables["accounts"](), names)


def _endpoints(view: View) -> Iterator[Sequence[Any]]:
    table = view.tables["ends"]()
    names = ("rule", "ties", "loss", "asset", "address", "reason", "transfers")
    yield (*names, "amount")
    columns = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    for row, amount in zip(columns, amounts.exact(table), strict=True):
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


def _names(view: View) -> Iterator[Sequence[Any]]:
    """Every name and attribution of an address that the results had before them."""
    yield from _plain(view.tables["assertions"](), NAMES)


NAMES = (
    *("kind", "chain", "address", "grade", "service", "label", "role", "category", "method", "version"),
    *("source", "origin", "asserted", "other", "asset", "transactions", "params", "note", "exhibit", "place"),
)

TABLES: Sequence[tuple[str, Callable[[View], Iterator[Sequence[Any]]]]] = (
    ("offramps", _offramps),
    ("hops", hops.rows),
    ("hops_by_rule", hops.by_rule),
    ("pools", pools.rows),
    ("outflows", outflows.rows),
    ("accounts", _accounts),
    ("endpoints", _endpoints),
    ("rules", disagreements.rows),
    ("names", _names),
    ("gaps", _gaps),
    ("exhibits", _exhibits),
)
"""Every table by name: a heading, then rows of values."""
