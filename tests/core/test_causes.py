"""Causes: each change of the format is recognised by its mark, at the place itself or up the flow of value."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from recover.case import Case
from recover.findings.causes import Cause, Causes, Spot
from recover.findings.differences import _explained
from recover.findings.results import Results
from recover.plugins import registry
from recover.sdk.identity import Spelling

X = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
A, B, C = (f"0x{digit * 40}" for digit in "abc")
CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
ENDED = {"rule": "fifo", "ties": "as recorded", "asset": X, "wide": None}

Tables = dict[str, list[dict[str, Any]]]


def move(src: str | None, dst: str | None, kind: str = "transfer", **more: Any) -> dict[str, Any]:
    made = {"chain": "eip155:1", "tx": f"0x{src}{dst}", "src": src, "dst": dst, "asset": X, "kind": kind}
    return {**made, "amount": 5, "wide": None, "excluded": None, **more}


def label(address: str, **more: Any) -> dict[str, Any]:
    return {"chain": "eip155:1", "address": address, "service": "Kraken", "role": "hot-wallet", **more}


def results(tables: Tables) -> Results:
    spelling = Spelling(chains=registry.load().chains)
    found = Results(case=cast("Case", None), folder=Path("nowhere"), spelling=spelling)
    names = ("labels", "forms", "gaps", "memos", "ends", "transfers", "flows", "exchanges", "offramps")
    for name in names:
        rows = tables.get(name)
        found._read[name] = pa.Table.from_pylist(rows) if rows else None
    return found


CASES: dict[str, tuple[Tables, Tables]] = {
    "memo": ({}, {"memos": [{"chain": "eip155:1", "address": A}]}),
    "key": ({}, {"labels": [label(A)], "forms": [{"chain": "eip155:1", "address": A, "form": B}]}),
    "register": ({}, {"labels": [label(A)]}),
    "label-refused": (
        {"labels": [label(A)]},
        {"gaps": [{"code": "label-refused", "why": f"1 labels are of no address ({A})."}]},
    ),
    "own-chain": ({"labels": [label(A)]}, {"labels": [label(A, role="possible")]}),
    "unpaired": ({"transfers": [move(A, None, "burn")]}, {"transfers": [move(A, None, "open")]}),
    "decoded": ({"transfers": [move(B, A)]}, {"transfers": [move(B, A), move(C, A)]}),
    "lots": ({"ends": [{**ENDED, "address": A, "reason": "service", "amount": 5}]}, {}),
    "history": (
        {"ends": [{**ENDED, "address": A, "reason": "rest", "amount": 5}]},
        {"ends": [{**ENDED, "address": A, "reason": "uncollected", "amount": 5}]},
    ),
    "unknown": ({"transfers": [move(B, A)]}, {"transfers": [move(B, A)]}),
}


@pytest.mark.parametrize("code", CASES)
def test_a_change_is_known_by_its_mark(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(CASES[code], A, monkeypatch).code == code


def test_an_asset_in_another_spelling_made_a_movement_count_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = X.replace("0xdac17f958d2ee523a2206206994597c13d831ec7", "0xdAC17F958D2ee523a2206206994597C13D831ec7")
    before = [move(B, A, asset=odd, excluded="look-alike")]
    assert found(({"transfers": before}, {"transfers": [move(B, A)]}), A, monkeypatch).code == "spelling"


def test_an_address_in_another_spelling_was_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    here = CHECKSUMMED.lower()
    tables: tuple[Tables, Tables] = ({"transfers": [move(B, CHECKSUMMED)]}, {"transfers": [move(B, here)]})
    assert found(tables, here, monkeypatch).code == "spelling"


def test_the_nearest_cause_up_the_flow_explains_what_is_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = [move(C, B), move(B, A)]
    flows = [{"seq": 0}, {"seq": 1}]
    before: Tables = {"transfers": moved, "flows": flows, "labels": [label(C)]}
    after: Tables = {"transfers": moved, "flows": flows, "labels": [label(C, service="Binance")]}
    cause = found((before, after), A, monkeypatch)
    assert (cause.code, cause.where) == ("register", C)


def found(tables: tuple[Tables, Tables], address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Results, "decoded", lambda self, name, columns: iter(()))
    before, after = map(results, tables)
    causes = Causes(before=before, after=after, rule="fifo", losses=())
    spot = (X, (address,))
    return causes.of([spot])[spot]


def test_what_only_moves_within_a_figure_is_no_cause_of_its_difference() -> None:
    spots: tuple[Spot, ...] = (("a", ("d",)), ("a", ("w",)), ("a", ("h",)))
    old, new, hot = spots
    cause = {old: Cause(code="lots", where="d"), new: Cause(code="lots", where="w")}
    cause[hot] = Cause(code="spelling", where="h")
    code, why = _explained({old: -70, new: 70, hot: 20}, cause)
    assert code == "spelling"
    assert "another cause" not in why
