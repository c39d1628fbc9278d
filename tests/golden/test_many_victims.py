"""Two hundred victims: every unit followed again by a queue of this test's own, and shared again in fractions."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections import Counter, deque
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pyrage import x25519

from recover.case import open_for_reading
from recover.cli import main as program
from recover.meeting import entering
from recover.plugins import registry
from recover.prevention import exempt

EXAMPLE = Path(__file__).parents[2] / "casefiles" / "many-victims-example"
UNKNOWN = 5
POOL = 10**12 + 7


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_many", EXAMPLE / "build.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["build_many"] = made  # dataclasses look their module up
    spec.loader.exec_module(made)
    return made


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    code = program.main([*words, "--json"])
    out, err = capsys.readouterr()
    assert code in (0, 5), err
    return json.loads(out) if out.startswith(("{", "[")) else out


def followed(build: ModuleType, lost: set[int]) -> Counter[tuple[int, str]]:
    """(victim, exchange) -> base units, first in first out, of the payments at these places of the story."""
    held: dict[str, deque[list[int]]] = {}
    reached: Counter[tuple[int, str]] = Counter()
    for place, move in enumerate(build.moves(build.VICTIMS, build.PAYMENTS)):
        if move.victim:
            lots = [[move.victim if place in lost else 0, move.amount]]
        else:
            lots, left, queue = [], move.amount, held[move.src]
            while left:
                taken = min(left, queue[0][1])
                lots.append([queue[0][0], taken])
                queue[0][1] -= taken
                left -= taken
                if not queue[0][1]:
                    queue.popleft()
        held.setdefault(move.dst, deque()).extend(lots)
        if move.dst.startswith("hot-"):
            for who, amount in lots:
                if who:
                    reached[who, build.EXCHANGES[int(move.dst[-1])]] += amount
    return reached


def test_the_files_are_what_the_script_makes(build: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("transfers", "labels", "victims"):
        build.main(name)
        assert capsys.readouterr().out == (EXAMPLE / f"{name}.csv").read_text("utf-8")


def test_intake_trace_tables_and_allocation(
    build: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, key = str(tmp_path / "case"), tmp_path / "key"
    own = x25519.Identity.generate()
    key.write_text(str(own))
    assert program.main(["open", case, "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo"]) == 0
    told(capsys, "import", case, str(EXAMPLE / "transfers.csv"), str(EXAMPLE / "labels.csv"))
    opens = ("--recipient", str(own.to_public()))
    taken = told(capsys, "victim", "import", case, str(EXAMPLE / "victims.csv"), *opens)
    assert (len(taken["new"]), len(taken["payments"]), taken["leaks"]) == (200, 500, [])
    told(capsys, "run", case, "--until", "find")

    rows = list(csv.DictReader((EXAMPLE / "victims.csv").read_text("utf-8").splitlines()))
    names = dict.fromkeys(row["name"] for row in rows)
    number = dict(zip(taken["new"], (int(name[-5:]) for name in names), strict=True))
    known = {row["tx"] for row in rows if row["tx"]}
    lost = {n for n, _ in enumerate(build.moves(build.VICTIMS, build.PAYMENTS)) if build.transaction(n) in known}
    assert len(lost) == len(rows) - UNKNOWN
    found = Counter(
        {
            (number[cell["victim"]], cell["service"]): int(cell["amount"])
            for cell in told(capsys, "victim", "list", case, "--services")
        }
    )
    assert found == followed(build, lost)
    assert sum(found.values()) == 3_325_246_934_291

    missing = [p for v in told(capsys, "victim", "show", case) for p in v["payments"] if "gap" in p]
    assert len(missing) == UNKNOWN
    for payment in missing:
        place = next(
            n
            for n, move in enumerate(build.moves(build.VICTIMS, build.PAYMENTS))
            if move.victim == number[payment["victim"]] and str(move.amount) == payment["claimed"]
        )
        assert build.transaction(place) in {c["tx"] for c in payment["candidates"]}

    # No victim's address could leave the case, that of a payment which nobody found included.
    opened, plugins = open_for_reading(Path(case)), registry.load()
    held = exempt.addresses(opened, plugins)
    paid = {build.address(m.src) for m in build.moves(build.VICTIMS, build.PAYMENTS) if m.victim}
    assert len(paid) >= build.VICTIMS
    assert [one for one in paid if not held.why(build.CHAIN, one).startswith(exempt.VICTIM)] == []
    hops = entering.items(opened, plugins, held, entering.KINDS, "")
    assert paid & {text for _, text in hops.values()} == set()
    assert len(hops) >= build.WALLETS

    shared = told(capsys, "allocate", case, "--asset", build.asset(), "--pool", str(POOL), "--mode", "prorata_net")
    net: Counter[int] = Counter()
    for row in rows:
        who = int(row["name"][-5:])
        net[who] += _units(row["amount"]) - _units(row["received"] or "0.0")
    exact = {who: Fraction(POOL * amount, net.total()) for who, amount in net.items()}
    shares = {who: int(part) for who, part in exact.items()}
    late = sorted(exact, key=lambda who: (shares[who] - exact[who], -net[who]))
    for who in late[: POOL - sum(shares.values())]:
        shares[who] += 1
    assert {number[s["claimant"]]: int(s["share"]) for s in shared["modes"][0]["shares"]} == shares


def _units(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 10**6 + int(part.ljust(6, "0"))
