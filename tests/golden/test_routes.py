"""Every route that a shipped case prints, against a plain queue read off its files with nothing of the project."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from recover.case import open_for_reading
from recover.cli import main as program
from recover.findings import view
from recover.plugins import registry

CASES = Path(__file__).parents[2] / "casefiles"
Row = dict[str, str]
Move = tuple[str, str, str, str]
LONGEST = 8


def payments(path: Path) -> list[Row]:
    """The movements of a file of transfers in the order of their time, each once, whoever's history shows it."""
    seen: dict[tuple[str, ...], Counter[str]] = {}
    rows: dict[tuple[str, ...], Row] = {}
    lines = (line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    for row in csv.DictReader(lines):
        key = tuple(row[name] for name in ("tx", "from", "to", "asset", "amount"))
        seen.setdefault(key, Counter())[row.get("view", "")] += 1
        rows[key] = row
    every = [rows[key] for key, views in seen.items() for _ in range(max(views.values()))]
    return sorted((r for r in every if r.get("status", "ok") == "ok"), key=lambda r: (r["time"], r["tx"]))


Ways = Counter[tuple[Move, ...]]


def queued(rows: list[Row]) -> tuple[dict[Move, Ways], dict[tuple[str, str], Ways]]:
    """By movement, how much of it went through which movements last, and by address what is left of it: first in,
    first out at every address."""
    held: dict[tuple[str, str], list[tuple[tuple[Move, ...], int]]] = {}
    found: dict[Move, Ways] = {}
    for row in rows:
        move, left = (row["asset"], row["tx"], row["from"], row["to"]), int(row["amount"])
        pieces = []
        queue = held.setdefault((row["asset"], row["from"]), [])
        while left and queue:
            way, size = queue.pop(0)
            if size > left:
                queue.insert(0, (way, size - left))
            pieces.append((way, min(size, left)))
            left -= min(size, left)
        pieces += [((), left)] * bool(left)
        on = [((*way, move)[-LONGEST:], size) for way, size in pieces]
        sums = found.setdefault(move, Counter())
        for way, size in on:
            sums[way] += size
        held.setdefault((row["asset"], row["to"]), []).extend(on)
    stays: dict[tuple[str, str], Ways] = {}
    for place, queue in held.items():
        for way, size in queue:
            stays.setdefault(place, Counter())[way] += size
    return found, stays


def printed(example: str, folder: Path) -> tuple[list[list[Row]], str]:
    assert program.main(["demo", "--out", str(folder), "--case", f"{example}-example"]) in (0, 5)
    out = open_for_reading(folder).out
    routes: dict[tuple[str, ...], list[Row]] = {}
    with (out / "annex" / "routes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            key = tuple(row[name] for name in ("asset", "loss", "through", "service", "way"))
            routes.setdefault(key, []).append(row)
    return list(routes.values()), (out / "report.md").read_text("utf-8")


@pytest.mark.parametrize(("example", "count", "still"), [("tron-seizure-orders", 32, 8), ("daloia-shaped", 0, 0)])
def test_what_a_route_says_went_all_its_way_did(example: str, count: int, still: int, tmp_path: Path) -> None:
    routes, report = printed(example, tmp_path / "case")
    truth, left = queued(payments(CASES / f"{example}-example" / "transfers.csv"))
    assert len(routes) >= count
    for hops in routes:
        way = tuple((hop["asset"], hop["tx"], hop["src"], hop["dst"]) for hop in hops)
        assert len(way) <= LONGEST
        went = sum(n for taken, n in truth[way[-1]].items() if taken[-len(way) :] == way)
        assert 0 < int(hops[0]["least"]) == went, hops
        assert all(hop["least"] == hops[0]["least"] for hop in hops)
        assert int(hops[0]["least"]) <= min(int(hop["traced"]) for hop in hops)

    # What a payer held is said once where it paid all of it, and rule and rest where it did not.
    hopwise = re.findall(r"Hop \d.*?\(transaction (\w+)\)\.(.*)", report)
    emptied = {hop["tx"] for hops in routes for hop in hops if hop["moved"] == hop["balance"]}
    assert hopwise
    for tx, words in hopwise:
        if "The payer held" in words:
            assert ("It paid all of this" in words) == (tx in emptied) != ("The rule " in words), words

    # What is left where an issuer can stop it: what came by the way and is still there, not all that came.
    case = open_for_reading(tmp_path / "case")
    rested: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in view.load(case, registry.load()).tables["rested"]().to_pylist():
        rested.setdefault((row["asset"], row["loss"], row["through"], row["way"]), []).append(row)
    assert len(rested) >= still
    for (asset, _, place, _), hops in rested.items():
        way = tuple((hop["asset"], hop["tx"], hop["src"], hop["dst"]) for hop in hops)
        stays = sum(n for taken, n in left[asset, place].items() if taken[-len(way) :] == way)
        assert 0 < int(hops[0]["least"]) == stays <= int(hops[0]["ended"]), hops


def test_the_first_payments_lead_to_no_service_and_have_no_route(tmp_path: Path) -> None:
    routes, report = printed("bitcoin-first-payments", tmp_path / "case")
    assert routes == []
    assert "went all this way" not in report
