"""Whose coins paid what of a loss: whole cases of coin ledgers against the simulator with one token for each unit.

The random ledgers stand side by side in one case, each with addresses of its own; the services are common to all.
In each a loss is parted over several wallets, and their coins are spent together. `make verifiers` takes 200.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.laws.places import TOYS, found, quiet
from tests.laws.simulator import Chain, Found, spend
from tests.laws.test_verifiers import PLAIN

from recover.case import derived, open_for_reading, open_for_writing
from recover.findings import stored
from recover.sdk import Assertion, Coverage, Leg, OffRamp, Transaction
from recover.sdk.batch import Record
from recover.sdk.view import Loss
from recover.sealing import recover_verify as outside
from recover.stages import run
from recover.tracing.rules import RULES
from recover.trails.carried import stored_figures
from recover.trails.explain import followed
from recover.trails.prepared import Prepared, numbered

LEDGERS = int(os.environ.get("RECOVER_COIN_LEDGERS", "24"))
TOY = TOYS[2]
CHAIN, COIN = TOY.info.id, TOY.info.native.id
SERVICES = {0: "Kraken", 1: "Kraken", 2: "Bitfinex"}
VICTIM, THIEF, WALLETS = 3, 4, range(5, 10)
RULED = [rule.id for rule in RULES.values() if rule.claim and rule.pool and "utxo" in rule.models]
ORDERED = ("fifo", "lifo", "libr-fifo", "tainted_first")
Sums = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Example:
    """One ledger; `parted` are the coins into which the thief's address parts all of its loss, without a fee."""

    number: int
    chain: Chain
    parted: tuple[int, ...]

    def name(self, address: int) -> str:
        return f"as{address}" if address in SERVICES else f"a{self.number}x{address}"

    def loss(self, number: int, part: int = 0) -> str:
        return f"L{self.number * 100 + number * 10 + part}"

    def made(self, coin: int) -> tuple[str, int, int, int]:
        """The transaction of a coin, its number there, its address and its amount."""
        for t, (_, outputs, _, _) in enumerate(self.chain.transactions):
            if coin < len(outputs):
                return f"t{self.number}x{t}", coin, *outputs[coin]
            coin -= len(outputs)
        raise AssertionError

    def address(self, coin: int) -> int:
        return self.made(coin)[2]

    @property
    def coins(self) -> int:
        return sum(len(outputs) for _, outputs, _, _ in self.chain.transactions)


def cut(rng: random.Random, whole: int, parts: int) -> list[int]:
    edges = sorted(rng.sample(range(1, whole), parts - 1))
    return [b - a for a, b in zip([0, *edges], [*edges, whole], strict=True)]


def example(number: int, unit: int) -> Example:
    rng = random.Random(number)
    chain = Chain([], [], [1, 1, 1, *[0] * 7], [True] * 10)
    unspent: dict[int, int] = {}

    def put(inputs: Sequence[int | tuple[str, int]], outputs: list[tuple[int, int]]) -> range:
        first = sum(len(t[1]) for t in chain.transactions)
        chain.transactions.append(([*inputs], outputs, False, 0))
        chain.blocks.append(len(chain.blocks))
        for coin in inputs:
            unspent.pop(coin, 0) if isinstance(coin, int) else None
        coins = range(first, first + len(outputs))
        unspent.update({c: n for c, (at, n) in zip(coins, outputs, strict=True) if at in WALLETS})
        return coins

    for loss in range(rng.randint(1, 2)):  # of the second only one coin begins, beside the first
        stolen, kept = rng.randint(15, 30) * unit, rng.randint(1, 9) * unit
        (own,) = put([("new", stolen + kept)], [(VICTIM, stolen + kept)])
        (coin, _) = put([own], [(rng.choice(WALLETS) if loss else THIEF, stolen), (VICTIM, kept)])
        chain.by_coin.append((coin, loss, stolen))
        if not loss:
            parts = cut(rng, stolen, rng.randint(3, 5))
            parted = put([coin], [(rng.choice(WALLETS), part) for part in parts])
    for _ in range(rng.randint(1, 3)):
        clean = rng.randint(1, 12) * unit
        put([("new", clean)], [(rng.choice(WALLETS), clean)])
    for _ in range(rng.randint(2, 6)):
        spent = rng.sample(sorted(unspent), min(len(unspent), rng.randint(1, 4)))
        whole = sum(unspent[coin] for coin in spent)
        if not spent or whole < 6:
            break
        paid = cut(rng, whole - rng.randint(0, 2) * (whole > 8), rng.randint(1, 4))
        put(spent, [(rng.choice([0, 1, 2, 2, *WALLETS]), n) for n in paid])
    return Example(number, chain, tuple(parted))


def records(made: Sequence[Example]) -> list[Record]:
    told: list[Record] = [Coverage(chain=CHAIN, address=None)]
    for at, service in SERVICES.items():
        said: dict[str, Any] = {
            "kind": "label",
            "grade": "B",
            "method": "told",
            "version": "1",
        }
        told.append(
            Assertion(chain=CHAIN, address=f"as{at}", service=service, label=service, role="hot-wallet", **said)
        )
    for one in made:
        for t, (inputs, outputs, _, _) in enumerate(one.chain.transactions):
            legs: list[Leg] = []
            how: dict[str, Any]
            for i, coin in enumerate(inputs):
                if isinstance(coin, int):
                    tx, place, owner, n = one.made(coin)
                    how = {"kind": "input", "address": one.name(owner), "spends": (tx, place)}
                else:
                    n, how = coin[1], {"kind": "reward", "address": None}
                legs.append(Leg(asset=COIN, amount=-n, index=i, **how))
            for i, (at, n) in enumerate(outputs):
                legs.append(Leg(kind="output", address=one.name(at), asset=COIN, amount=n, index=i))
            if fee := -sum(leg.amount or 0 for leg in legs):
                legs.append(Leg(kind="fee", address=None, asset=COIN, amount=fee, index=len(outputs)))
            more: dict[str, Any] = {"whole": True, "height": t + 1, "index": one.number}
            told.append(Transaction(chain=CHAIN, id=f"t{one.number}x{t}", place=0, legs=tuple(legs), **more))
    return told


def lost(made: Sequence[Example], parted: bool) -> tuple[Loss, ...]:
    """The losses; `parted`: the first of each ledger as one of each coin into which its thief parted it."""
    told = []
    for one in made:
        for coin, loss, _ in one.chain.by_coin:
            for number, begun in enumerate(one.parted if parted and not loss else (coin,)):
                tx, output, *_ = one.made(begun)
                name = one.loss(loss, number)
                told.append(Loss(id=name, chain=CHAIN, tx=tx, output=output, assets=(COIN,)))
    return tuple(told)


Ramps = dict[tuple[str, str], OffRamp]


def ramps(path: Path, made: Sequence[Example], rule: str, parted: bool = False) -> Ramps:
    with open_for_writing(path, "test") as case:
        case.save(replace(case.settings, losses=lost(made, parted), rule=rule))
        run.everything(case, PLAIN, quiet, until="find")
        return {(r.through, r.service_name): r for r in stored.offramps(case)}


@pytest.fixture(scope="module")
def made() -> list[Example]:
    return [example(number, 1) for number in range(1, LEDGERS + 1)]


@pytest.fixture(scope="module")
def case(made: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return found(tmp_path_factory.mktemp("coins"), [records(made)], [], until="decode", plugins=PLAIN)


def by_ways(path: Path) -> dict[tuple[str, str, str], int]:
    """(through, service, loss) -> the sum over all ways that a trace made again tells apart."""
    case = open_for_reading(path)
    ledger, names = numbered(case), [loss.id for loss in case.settings.losses]
    prepared, figures = Prepared.of(case, ledger), stored_figures(derived.read(case, "flows"))
    trail, origins = prepared.trails[COIN], followed(case, ledger, prepared, COIN, figures)
    owners = [ledger.names[place] if place >= 0 else "" for place in trail.receivers.tolist()]
    sums: Counter[tuple[str, str, str]] = Counter()
    for move, by_loss in origins.pieces.items():
        if owners[move] in {f"as{at}" for at in SERVICES}:
            for loss, pieces in by_loss.items():
                for way, n in pieces:
                    sums[owners[origins.last[way]], SERVICES[int(owners[move][2:])], names[loss]] += n
    return dict(sums)


def reached(one: Example, results: Mapping[str, Found]) -> dict[tuple[str, str], Sums]:
    """(through, service) -> rule -> loss -> what its coins paid there, where they did under any rule."""
    sums: dict[tuple[str, str], Sums] = {}
    for rule, result in results.items():
        for (payer, coin, loss), n in result.paid.items():
            if service := SERVICES.get(one.address(coin)):
                mine = sums.setdefault((one.name(payer), service), {}).setdefault(rule, {})
                name = one.loss(loss)
                mine[name] = mine.get(name, 0) + n
    return sums


def plain(ramp: OffRamp) -> Sums:
    sums = {rule: {n: v for n, v in told.items() if v} for rule, told in ramp.by_rule_and_loss.items()}
    return {rule: told for rule, told in sums.items() if told}


def account(one: Example, address: int, service: str, result: Found) -> dict[str, object]:
    """What came to an address of others' coins or began there, what its own coins paid, and what is left."""
    paid: Counter[int] = Counter()
    change = 0
    for (payer, coin, _), n in result.paid.items():
        to = one.address(coin)
        if payer == address and to == address:
            change += n
        elif payer == address:
            paid[to] += n
    others = {one.name(to): n for to, n in paid.items() if SERVICES.get(to) != service}
    first = sorted(others, key=lambda name: (-others[name], name))[:10]
    return {
        "credited": sum(n for (coin, _), n in result.carried.items() if one.address(coin) == address) - change,
        "fees": sum(n for (payer, _), n in result.fees.items() if payer == address),
        "unswept": sum(n for (at, _, why), n in result.ends.items() if (at, why) == (address, "rest")),
        "elsewhere": sum(others.values()),
        "elsewhere_at": {name: others[name] for name in first},
        "unfollowed": 0,
    }


@pytest.mark.parametrize("declared", RULED)
def test_every_figure_by_address_is_the_simulators(declared: str, made: list[Example], case: Path) -> None:
    rows = ramps(case, made, declared)
    assert by_ways(case) == {(*key, loss): n for key, row in rows.items() for loss, n in row.by_loss.items() if n}
    compared, split, apart = set(), 0, set()
    for one in made:
        results = {rule: spend(one.chain, rule, "stop") for rule in RULED}
        wanted = reached(one, results)
        for key, sums in wanted.items():
            assert plain(rows[key]) == sums, (one.number, key)
            split += len({str(told) for told in sums.values()}) > 1 or len(sums) < len(RULED)
            compared.add(key)
        for address in (THIEF, *WALLETS):
            for service in sorted({*SERVICES.values()}):
                if row := rows.get((one.name(address), service)):
                    told = account(one, address, service, results[declared])
                    assert {name: getattr(row, name) for name in told} == told, (one.number, address, service)
                    apart |= {one.number} if row.fees or row.elsewhere else set()
    assert [key for key, row in rows.items() if key not in compared and plain(row)] == []
    assert (len(compared) > LEDGERS, split > LEDGERS // 2, len(apart) > LEDGERS // 4) == (True,) * 3
    said = outside.check(str(case))
    assert [row for row in said if row[1] == outside.FAILS] == []
    assert [row for row in said if row[0] == "figures" and row[1] == outside.HOLDS], said


def test_a_loss_declared_as_one_or_as_several_changes_no_sum_by_address(tmp_path: Path) -> None:
    """The thief's address pays on all of it before it meets anything else: only how it is declared differs."""
    made = [example(number, 10**6) for number in range(1, LEDGERS + 1)]
    path = found(tmp_path, [records(made)], [], until="decode", plugins=PLAIN)
    names = ("amount", "fees", "unswept", "elsewhere", "elsewhere_at")
    for declared in RULED:
        whole, parted = ramps(path, made, declared), ramps(path, made, declared, parted=True)
        assert {k for k in whole if whole[k].by_rule != {}} == {k for k in parted if parted[k].by_rule != {}}
        for key, row in whole.items():
            other = parted[key]
            for rule in RULED:
                near = 0 if rule in ORDERED else bound(made, key)
                assert abs(row.by_rule[rule] - other.by_rule[rule]) <= near, (key, rule)
            if declared in ORDERED and key[0] != f"a{number_of(key)}x{THIEF}":
                assert [getattr(row, n) for n in names] == [getattr(other, n) for n in names], (declared, key)


def number_of(key: tuple[str, str]) -> int:
    return int(key[0][1:].split("x")[0])


def bound(made: Sequence[Example], key: tuple[str, str]) -> int:
    """Of each of the two runs a unit for each debit: what shares in whole units can differ by from exact ones."""
    one = made[number_of(key) - 1]
    return 2 * (one.coins + len(one.chain.transactions))
