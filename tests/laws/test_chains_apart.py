"""One text on two chains is two places: what a case says of one is what it would say without the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.laws.places import PLUGINS, TOYS, Toy, figures, found, named, paid

from recover.case import derived, open_for_reading
from recover.sdk import (
    Assertion,
    Coverage,
    Event,
    Leg,
    State,
    Transaction,
)
from recover.sdk.batch import Record

# Two chains with the same texts.


NAMES = [f"a{n}" for n in range(6)]
SERVICES = ["", "Kraken", "Binance"]


def side(draw: st.DrawFn, chain: Toy) -> tuple[list[Record], dict[str, Any]]:
    """What one chain's exhibit says, and the loss on it; ids and addresses are those of the other chain too."""
    info, coin = chain.info, chain.info.native.id
    who, amount = st.sampled_from(NAMES), st.integers(1, 9)
    txs: list[Record] = []
    if info.model == "account":
        for number in range(draw(st.integers(1, 5))):
            src, dst, n = draw(who), draw(who), draw(amount)
            height = draw(st.integers(1, 3))
            txs.append(paid(info.id, f"t{number}", src, dst, n, coin, height))
    else:
        txs += coins(draw, info.id, coin)
    said: list[Record] = []
    for name in NAMES:
        if draw(st.booleans()):
            said.append(Coverage(chain=info.id, address=name))
        if service := draw(st.sampled_from(SERVICES)):
            role = draw(st.sampled_from(["hot-wallet", "other"]))
            said.append(replace(named(info.id, name), service=service, label=service, role=role))
        if info.model == "account" and draw(st.booleans()):
            said.append(State(kind="frozen", chain=info.id, address=name, asset=coin, amount=1, height=9))
        if info.model == "account" and draw(st.booleans()):
            said.append(
                Event(kind="freeze", chain=info.id, tx="t0", contract="a9", address=name, asset=coin, index=7)
            )
    if draw(st.booleans()):
        said.append(
            Assertion(
                kind="mix",
                chain=info.id,
                address="",
                grade="B",
                method="told",
                version="1",
                label="whirlpool",
                role="definite",
                transactions=("t1",),
            )
        )
    if draw(st.booleans()):
        return [*txs, *said], {"address": f"{info.id}:{draw(who)}"}
    return [*txs, *said], {"tx": f"{info.id}:t0"}


def coins(draw: st.DrawFn, chain: str, coin: str) -> list[Record]:
    """A coinbase, and a payment of it with change."""
    who = st.sampled_from(NAMES)
    first, change = draw(who), draw(st.integers(1, 8))
    reward = Leg(kind="reward", address=None, asset=coin, amount=-10, index=0)
    legs = [
        (reward, Leg(kind="output", address=first, asset=coin, amount=10, index=0)),
        (
            Leg(kind="input", address=first, asset=coin, amount=-10, spends=("t0", 0), index=0),
            Leg(kind="output", address=draw(who), asset=coin, amount=change, index=0),
            Leg(kind="output", address=draw(who), asset=coin, amount=10 - change, index=1),
        ),
    ]
    return [
        Transaction(chain=chain, id=f"t{n}", place=0, legs=one, whole=True, height=n + 1, index=0)
        for n, one in enumerate(legs)
    ]


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[list[Record], dict[str, Any]]]:
    model = draw(st.sampled_from([0, 2]))
    return [side(draw, toy) for toy in TOYS[model : model + 2]]


# Each example is three cases, so that a failing one is shown as it was found, and not made smaller first.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pairs())
def test_what_is_said_of_one_chain_changes_nothing_on_another(
    tmp_path_factory: pytest.TempPathFactory, both: list[tuple[list[Record], dict[str, Any]]]
) -> None:
    alone = [figures(found(tmp_path_factory.mktemp("one"), [records], [lost])) for records, lost in both]
    together = figures(
        found(tmp_path_factory.mktemp("two"), [records for records, _ in both], [lost for _, lost in both])
    )
    # The second loss and the second exhibit are the first where the chain stands alone.
    second = {name: [_second(row) for row in rows] for name, rows in alone[1].items()}
    for name, rows in together.items():
        assert rows == sorted(alone[0][name] + second[name]), name


def _second(row: str) -> str:
    return (
        row.replace('"L1"', '"L2"')
        .replace("loss L1", "loss L2")
        .replace("L1", "L2")
        .replace("xhibit 1", "xhibit 2")
    )


# Two EVM chains.


ETHEREUM, BSC = "eip155:1", "eip155:56"
V, T, S = ("0x" + digit * 40 for digit in "123")


def chain_of(chain: str, *more: Record) -> list[Record]:
    coin = PLUGINS.chains[chain].info.native.id
    return [
        paid(chain, "0x" + "aa" * 32, V, T, 100, coin, 1),
        paid(chain, "0x" + "bb" * 32, T, S, 90, coin, 2),
        *more,
    ]


def test_a_complete_listing_on_one_chain_puts_nothing_at_rest_on_another(tmp_path: Path) -> None:
    claims = [Coverage(chain=ETHEREUM, address=who) for who in (V, T, S)]
    ends = []
    for number, records in enumerate((chain_of(BSC), [*chain_of(ETHEREUM, *claims), *chain_of(BSC)])):
        folder = tmp_path / str(number)
        folder.mkdir()
        told = figures(found(folder, [records], [{"address": f"{BSC}:{T}"}]))
        ends.append((told["ends"], told["gaps"]))
    assert ends[0] == ends[1]
    assert any("uncollected" in row and S in row for row in ends[0][0])


def test_a_label_on_another_chain_of_one_address_space_is_a_hint_and_no_name(tmp_path: Path) -> None:
    covered = [Coverage(chain=BSC, address=who) for who in (V, T, S)]
    path = found(tmp_path, [chain_of(BSC, *covered), [named(ETHEREUM, S)]], [{"address": f"{BSC}:{T}"}])
    rows = derived.read(open_for_reading(path), "labels").to_pylist()
    assert [(row["chain"], row["role"], row["grade"]) for row in rows] == [(BSC, "possible", "D")]


def test_a_transaction_id_on_two_chains_is_two_transactions(tmp_path: Path) -> None:
    exhibits = [chain_of(ETHEREUM, named(ETHEREUM, S)), chain_of(BSC)]
    lost = [{"tx": f"{ETHEREUM}:0x{'aa' * 32}"}]
    for number, given_ in enumerate((exhibits, exhibits[:1])):
        folder = tmp_path / str(number)
        folder.mkdir()
        ends = derived.read(open_for_reading(found(folder, given_, lost)), "ends").to_pylist()
        assert {row["asset"].split("/")[0] for row in ends} == {ETHEREUM}
