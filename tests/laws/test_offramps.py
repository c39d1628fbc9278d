"""Off-ramps of a whole case, row by row, against the simulator with one token for each unit.

The random ledgers stand side by side in one case, each with addresses of its own; the services are common to all.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.laws.simulator import Found, Ledger, simulate

from recover.case import open_for_writing
from recover.findings import stored
from recover.plugins import registry
from recover.sdk import OffRamp
from recover.sdk.view import Loss
from recover.stages import collect, open, run
from recover.tracing.rules import RULES

LEDGERS = max(200, int(os.environ.get("RECOVER_EXAMPLES", "0")))
CHAIN = "eip155:1"
ASSET = f"{CHAIN}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
SERVICES = {0: "Binance", 1: "Binance", 2: "OKX"}
"""Wallets of services, by their number in every ledger; the second of the first service is one more target."""

SENDER, TWO, ONE, PRIVATE, ELSEWHERE = 3, 4, 5, 6, 7
"""A payer whose history is not here; a wallet that pays two services; one that pays one; one that seldom pays any;
an address whose history is not here."""

RULED = [rule.id for rule in RULES.values() if rule.claim and rule.pool and "account" in rule.models]
RULED = [id for id in RULED if not RULES[id].elective]
START = datetime(2022, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """One ledger, with its losses numbered as in the case from `first` on."""

    number: int
    ledger: Ledger
    first: int

    def name(self, address: int) -> str:
        part = 0 if address in SERVICES else self.number
        return "0x" + f"{part:08x}{address:08x}".rjust(40, "a")

    def tx(self, move: int) -> str:
        return "0x" + f"{self.number:016x}{move + 1:016x}".rjust(64, "b")


def example(number: int, first: int) -> Example:
    chance = random.Random(number)
    payees = {
        SENDER: [TWO, TWO, PRIVATE, ONE, 0],
        TWO: [0, 1, 2, 2, ELSEWHERE, ONE],
        ONE: [0, 0, 0, 0, 1, ELSEWHERE],
    }
    payees[PRIVATE] = [TWO, TWO, ONE, 0]
    moves = []
    for _ in range(chance.randint(8, 20)):
        src = chance.choice([SENDER, SENDER, TWO, TWO, TWO, ONE, PRIVATE])
        moves.append((src, chance.choice(payees[src]), chance.randint(1, 9), False))
    known = [False] * 8
    known[TWO] = known[ONE] = known[PRIVATE] = True
    ledger = Ledger(moves=moves, stop=[1, 1, 1, 0, 0, 0, 0, 0], known=known)
    for loss in range(chance.randint(1, 2)):
        if chance.random() < 0.7:
            into = [n for n, (_, dst, *_) in enumerate(moves) if dst in (TWO, PRIVATE)] or [0]
            move = chance.choice(into if chance.random() < 0.9 else range(len(moves)))
            ledger.by_move.append((move, loss, moves[move][2]))
        else:
            ledger.by_address.append((chance.choice([TWO, ONE, PRIVATE]), loss, 0, len(moves)))
    return Example(number, ledger, first)


def examples() -> list[Example]:
    found: list[Example] = []
    first = 1
    for number in range(1, LEDGERS + 1):
        found.append(example(number, first))
        first += len(found[-1].ledger.by_move) + len(found[-1].ledger.by_address)
    return found


def losses(made: Example) -> list[Loss]:
    """In the order of the simulator's numbers."""
    found: dict[int, Loss] = {}
    for move, loss, _ in made.ledger.by_move:
        found[loss] = Loss(id=f"L{made.first + loss}", chain=CHAIN, tx=made.tx(move), assets=(ASSET,))
    for address, loss, *_ in made.ledger.by_address:
        name = made.name(address)
        found[loss] = Loss(id=f"L{made.first + loss}", chain=CHAIN, address=name, assets=(ASSET,))
    return [found[loss] for loss in sorted(found)]


def transfers(made: list[Example]) -> str:
    lines = [
        *("#recover-transfers 1", "#source: random ledgers", "#licence: none needed", "#history: complete"),
        "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status",
    ]
    for one in made:
        for move, (src, dst, amount, _) in enumerate(one.ledger.moves):
            when = (START + timedelta(days=one.number % 300, seconds=move)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            sides = f"{one.name(src)},{one.name(dst)}"
            for view in {one.name(a) for a in (src, dst) if one.ledger.known[a]} or {""}:
                lines.append(f"{view},{CHAIN},{one.tx(move)},{when},{sides},{ASSET},{amount},6,USDT,ok")
        for address in (TWO, ONE, PRIVATE):  # a history can be whole without a movement
            if not any(address in move[:2] for move in one.ledger.moves):
                one.ledger.known[address] = False
    return "\n".join(lines) + "\n"


def labels(made: Example) -> str:
    head = ["#recover-labels 1", "#source: a test", "#grade: B", "#licence: none needed", "#url: none"]
    rows = [f"{CHAIN},{made.name(n)},{name},{name} wallet,hot-wallet,exchange" for n, name in SERVICES.items()]
    return "\n".join([*head, "chain,address,service,label,role,category", *rows]) + "\n"


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def made() -> list[Example]:
    return examples()


@pytest.fixture(scope="module")
def ramps(made: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, tuple[OffRamp, ...]]:
    """The off-ramps of the one case, by the share from which an address is called a deposit address."""
    folder = tmp_path_factory.mktemp("ledgers")
    (folder / "transfers.csv").write_text(transfers(made))
    (folder / "labels.csv").write_text(labels(made[0]))
    plugins = registry.load()
    open.create(folder / "case", title="Ledgers", examiner="N", agency="A", rule="fifo")
    found: dict[int, tuple[OffRamp, ...]] = {}
    with open_for_writing(folder / "case", "test") as case:
        for name in ("transfers.csv", "labels.csv"):
            collect.files(case, plugins, [folder / name], [], quiet)
        declared = tuple(loss for one in made for loss in losses(one))
        for share in (80, 95, 99):
            terms = {"deposit-address": {"share": share}}
            case.save(replace(case.settings, losses=declared, parameters=terms))
            run.everything(case, plugins, quiet, until="find")
            found[share] = stored.offramps(case)
    return found


def expected(one: Example, results: Mapping[str, Found]) -> dict[tuple[str, str], dict[str, dict[str, int]]]:
    """(through, service) -> rule -> loss -> what reached it, where anything did under any rule."""
    found: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    for rule, result in results.items():
        for (through, stop, loss), amount in result.passed.items():
            if stop in SERVICES:
                key = one.name(through), SERVICES[stop]
                sums = found.setdefault(key, {}).setdefault(rule, {})
                name = f"L{one.first + loss}"
                sums[name] = sums.get(name, 0) + amount
    return found


def without_zeros(ramp: OffRamp) -> dict[str, dict[str, int]]:
    sums = {rule: {n: v for n, v in found.items() if v} for rule, found in ramp.by_rule_and_loss.items()}
    return {rule: found for rule, found in sums.items() if found}


def test_every_row_equals_the_simulator_under_every_rule(
    made: list[Example], ramps: Mapping[int, tuple[OffRamp, ...]]
) -> None:
    rows: dict[tuple[str, str], OffRamp] = {(r.through, r.service_name): r for r in ramps[95]}
    shared = {made[0].name(n) for n in SERVICES}
    direct: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    compared: set[tuple[str, str]] = set()
    two = 0
    for one in made:
        wanted = expected(one, {rule: simulate(one.ledger, rule) for rule in RULED})
        two += len({service for through, service in wanted if through == one.name(TWO)}) == 2
        for key, sums in wanted.items():
            if key[0] in shared:  # a loss that begins at a service's own wallet: one row for all ledgers
                for rule, found in sums.items():
                    direct.setdefault(key, {}).setdefault(rule, {}).update(found)
            else:
                assert without_zeros(rows[key]) == sums, (one.number, key)
                compared.add(key)
    for key, sums in direct.items():
        assert without_zeros(rows[key]) == sums
    assert [key for key in rows if key not in compared | set(direct) and without_zeros(rows[key])] == []
    assert set(rows[next(iter(direct))].by_rule) == set(RULED)
    assert (len(compared) > LEDGERS // 2, two > LEDGERS // 20) == (True, True), "too little was compared"


def test_every_row_accounts_for_all_that_credited_it(
    made: list[Example], ramps: Mapping[int, tuple[OffRamp, ...]]
) -> None:
    known = {one.name(address): (one, address) for one in made for address in (TWO, ONE, PRIVATE)}
    results = {one.number: simulate(one.ledger, "fifo") for one in made}
    rows = [ramp for ramp in ramps[95] if ramp.through in known]
    for ramp in rows:
        one, address = known[ramp.through]
        found = results[one.number]
        assert ramp.credited == sum(n for (at, _), n in found.credited.items() if at == address)
        assert ramp.unswept == sum(n for (at, _, why), n in found.ends.items() if (at, why) == (address, "rest"))
        assert ramp.credited == ramp.amount + ramp.unswept + ramp.elsewhere + ramp.unfollowed
        assert sum(ramp.elsewhere_at.values()) == ramp.elsewhere
    assert any(r.unswept and not r.amount for r in rows), "no row shows what is still unswept"
    assert any(r.elsewhere for r in rows)


def test_the_share_decides_a_word_and_no_amount(ramps: Mapping[int, tuple[OffRamp, ...]]) -> None:
    def figures(ramp: OffRamp) -> OffRamp:
        return replace(ramp, deposit=False, grade="E", basis="", exhibits=())

    assert [figures(r) for r in ramps[80]] == [figures(r) for r in ramps[99]] == [figures(r) for r in ramps[95]]
    assert [r.deposit for r in ramps[80]] != [r.deposit for r in ramps[99]], "no word changed either"
