"""What exhibits and registers say of assets, and where they do not agree on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from recover.sdk.outside import visible
from recover.sdk.records import Gap
from recover.sdk.values import Asset

UNLISTED = "unlisted asset"
"""Why a movement of an asset that no register lists is left out of lots."""


def listed_assets(
    db: duckdb.DuckDBPyConnection, register: Mapping[str, Asset], named: frozenset[str]
) -> tuple[pa.Table, list[Gap]]:
    """Every asset that moved, once, with what a register says of it, or else exhibits; and where these differ."""
    found = db.execute(
        """select l.asset, a.symbol, min(a.name) filter (a.name <> '') as name, a.decimals,
                  min(struct_pack(exhibit := a.exhibit, place := a.place)) as first
           from (select asset from joined union select asset from plain_assets) l
           left join assets a on a.asset = l.asset
           group by l.asset, a.symbol, a.decimals order by l.asset, first nulls last, a.symbol, a.decimals"""
    ).fetchall()
    symbols = {asset.symbol.casefold(): asset for asset in register.values()}
    rows: list[dict[str, Any]] = []
    gaps: list[Gap] = []
    for asset, lines in groupby(found, key=lambda row: row[0]):
        said = [
            dict(zip(("asset", "symbol", "name", "decimals"), row, strict=False)) | (row[4] or {}) for row in lines
        ]
        known = register.get(asset)
        gaps += _differing(known, said)
        # The first exhibit's word: with another's before it, papers would change their names with each import.
        first = next((row for row in said if row["symbol"]), said[0])
        counts = {row["decimals"] for row in said} - {None}
        # An asset is its contract, never its symbol: anybody can deploy a token that calls itself what it likes.
        listed = known is not None or asset in named
        why = None if listed else "single token" if _single(asset) else _why_out(said, symbols)
        rows.append(
            {
                "asset": asset,
                "symbol": known.symbol if known else (first["symbol"] or ""),
                "name": known.name if known else min((row["name"] for row in said if row["name"]), default=""),
                "decimals": known.decimals if known else (counts.pop() if len(counts) == 1 else None),
                "listed": known is not None,
                "excluded": why,
                "exhibit": None if known or not first["symbol"] else first["exhibit"],
                "place": None if known or not first["symbol"] else first["place"],
            }
        )
    return pa.Table.from_pylist(rows, schema=_ASSETS), gaps


_ASSETS = pa.schema(
    [
        ("asset", pa.string()),
        ("symbol", pa.string()),
        ("name", pa.string()),
        ("decimals", pa.int64()),
        ("listed", pa.bool_()),
        ("excluded", pa.string()),
        ("exhibit", pa.int32()),
        ("place", pa.int64()),
    ]
)
"""`exhibit` and `place` say who calls it so, where no register does."""


def _single(asset: str) -> bool:
    """Whether an asset is one token by its number (CAIP-19: a reference, a slash, the token's id)."""
    return "/" in asset.partition(":")[2].partition(":")[2]


def _why_out(said: Sequence[Mapping[str, Any]], symbols: Mapping[str, Asset]) -> str:
    copied = next((found for row in said if (found := symbols.get(_plain(row["symbol"] or "")))), None)
    return f"look-alike of {copied.symbol}" if copied else UNLISTED


def _differing(known: Asset | None, said: Sequence[Mapping[str, Any]]) -> Iterator[Gap]:
    """What exhibits call one asset, and how they count it, where they or the register differ."""
    asset = said[0]["asset"]
    for what, code, effect in _DISAGREED:
        values: dict[str, str] = {}
        for row in said:
            if row[what] not in (None, ""):
                values.setdefault(
                    _plain(row[what]), f"exhibit {row['exhibit']} (place {row['place']}) {row[what]}"
                )
        own = getattr(known, what) if known else None
        if own not in (None, ""):
            values = {_plain(own): f"the register {own}", **{k: v for k, v in values.items() if k != _plain(own)}}
        if len(values) > 1:
            yield Gap(
                code=f"{code}{'-registered' if known else ''}",
                subject=asset,
                why=f"Exhibits do not agree on this asset's {what}: {', '.join(map(visible, values.values()))}.",
                effect=effect[known is not None],
            )


_DISAGREED = (
    (
        "decimals",
        "decimals-differ",
        (
            "Its amounts are shown in base units only.",
            "The register's are used. By its own an exhibit may have scaled its amounts wrong.",
        ),
    ),
    (
        "symbol",
        "symbol-differs",
        (
            "Papers call it by one of these names, and say by whose. Exhibits may be of two different assets.",
            "The register's is printed. No figure changes.",
        ),
    ),
)


def _plain(value: object) -> str:
    return str(value).casefold().strip()
