"""Symbols of assets, told apart: several assets of a case may bear one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LIMIT = 24
"""So many letters of a symbol papers print: what tells two apart must stand within."""
_HEAD, _TAIL = 6, 4
_WHOLE = 17
"""A mark of at most so many letters is not cut."""


def symbols(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> dict[str, str]:
    """By asset id, how papers call it. A symbol that several bear stands with what tells them apart: the chain, or
    a part of the contract; the one of them that the register lists on its chain stands alone there.

    `rows` have `asset` (CAIP-19), `symbol` and `listed`; `titles` are those of chains by CAIP-2 id.
    """
    known = {row["asset"]: str(row["symbol"] or "") for row in rows}
    found = dict(known)
    # Twice: what a token calls itself can be what another one is called to tell it apart.
    for _ in range(2):
        same: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            same.setdefault(found[row["asset"]][:LIMIT], []).append(row)
        for alike in (alike for shown, alike in same.items() if shown and len(alike) > 1):
            found |= {asset: _beside(known[asset], mark) for asset, mark in _marks(alike, titles).items()}
    return found


def _marks(alike: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> dict[str, str]:
    """By asset, what stands in brackets behind the symbol; nothing for the one of its chain that is listed."""
    chains = [_chain(row["asset"]) for row in alike]
    several = len(set(chains)) > 1
    listed = [_chain(row["asset"]) for row in alike if row["listed"]]
    marks = {}
    for row, chain in zip(alike, chains, strict=True):
        known = row["listed"] and listed.count(chain) == 1
        if known or chains.count(chain) == 1:
            marks[row["asset"]] = titles.get(chain, chain) if several else ""
        else:
            marks[row["asset"]] = row["asset"].partition("/")[2].rpartition(":")[2] or row["asset"]
    return _shortened(marks)


def _shortened(marks: Mapping[str, str]) -> dict[str, str]:
    """The same, short; a number where two are alike even so, as their makers can see to it that they are."""
    found: dict[str, str] = {}
    whole: dict[str, list[str]] = {}
    for asset, mark in sorted(marks.items()):
        short = mark if len(mark) <= _WHOLE else f"{mark[:_HEAD]}…{mark[-_TAIL:]}"
        alike = whole.setdefault(short, [])
        alike += [mark] if mark not in alike else []
        found[asset] = f"{short} #{alike.index(mark) + 1}" if alike.index(mark) else short
    return found


def _beside(symbol: str, mark: str) -> str:
    if not mark:
        return symbol
    room = max(LIMIT - len(mark) - 3, 4)
    return f"{symbol if len(symbol) <= room else symbol[: room - 1] + '…'} ({mark})"


def _chain(asset: str) -> str:
    return asset.split("/", 1)[0]
