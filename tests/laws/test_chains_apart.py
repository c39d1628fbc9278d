"""One text on two chains is two places: what a case says of one is what it would say without the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.laws.places import PLUGINS, TOYS, Toy, figures, found, named, paid

from recover.case import derived, open_for_reading
from recover.linking.alike import Alike
from recover.sdk import (
    Assertion,
    Coverage,
    Event,
    Leg,
    State,
    Transaction,
)
from recover.sdk.batch import Record

pytestmark = pytest.mark.slow

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
    max_examples=5,
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


# One script on chains that write it in their own ways.

MAIN = "bip122:000000000019d6689c085ae165831e93"
CASH = "bip122:000000000000000000651ef99cb9fcbe"
LITE = "bip122:12a765e31ffd4059bada1e25190f6e98"
SCRIPTS = {  # of a key hash and a script hash
    MAIN: ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC"),
    CASH: ("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
    LITE: ("LW3ByJXVHpiJsuy3u2sdieFQkXHtuk93Yi", "MJiPwX84iBe4WnFDwsYGgtnz1XonPhUqhf"),
}


def coin_chain(chain: str, *more: Record) -> list[Record]:
    coin = PLUGINS.chains[chain].info.native.id
    thief, last = SCRIPTS[chain]
    ids, legs = ("a" * 64, "b" * 64, "c" * 64), []
    for number, who in enumerate((thief, last)):
        spent = (
            Leg(kind="input", address=thief, asset=coin, amount=-90, spends=(ids[number - 1], 0), index=0)
            if number
            else Leg(kind="reward", address=None, asset=coin, amount=-90, index=0)
        )
        legs.append((spent, Leg(kind="output", address=who, asset=coin, amount=90, index=0)))
    made = [
        Transaction(chain=chain, id=ids[n], place=n, legs=one, whole=True, height=n + 600_000, index=0)
        for n, one in enumerate(legs)
    ]
    return [*made, *more]


@pytest.mark.parametrize(("here", "there"), [(CASH, MAIN), (MAIN, CASH), (LITE, MAIN), (CASH, LITE)])
def test_a_label_of_the_same_script_on_another_chain_is_a_hint_and_no_name(
    tmp_path: Path, here: str, there: str
) -> None:
    label = replace(named(there, SCRIPTS[there][1]), grade="A")
    path = found(tmp_path, [coin_chain(here), [label]], [{"tx": f"{here}:{'a' * 64}"}])
    case = open_for_reading(path)
    (row,) = derived.read(case, "labels").to_pylist()
    last = SCRIPTS[here][1]
    assert (row["chain"], row["address"], row["role"], row["grade"]) == (here, last, "possible", "D")
    assert there in row["note"]
    assert SCRIPTS[there][1] in row["note"]
    assert "possible-service" in {gap["code"] for gap in derived.read(case, "gaps").to_pylist()}
    assert all(not ramp["service"] for ramp in derived.read(case, "offramps").to_pylist())


def test_a_mixers_label_of_another_chain_stops_no_trace(tmp_path: Path) -> None:
    label = replace(named(MAIN, SCRIPTS[MAIN][0]), role="mixer", category="mixing_service")
    lost = [{"tx": f"{CASH}:{'a' * 64}"}]
    (tmp_path / "plain").mkdir()
    without = derived.read(open_for_reading(found(tmp_path / "plain", [coin_chain(CASH)], lost)), "ends")
    (tmp_path / "told").mkdir()
    told = derived.read(open_for_reading(found(tmp_path / "told", [coin_chain(CASH), [label]], lost)), "ends")
    assert "mixer" not in told.column("reason").to_pylist()
    assert told.column("amount").to_pylist() == without.column("amount").to_pylist()


def test_the_shorter_side_is_asked_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(MAIN, text) for text in SCRIPTS[MAIN]]
    known = [(CASH, text) for text in SCRIPTS[CASH]]
    table = pa.table({"chain": [chain for chain, _ in known], "address": [text for _, text in known]})
    few = Alike(PLUGINS, table.slice(0, 1)).of(places)
    many = Alike(PLUGINS, table).of(places[:1])
    assert dict(few) == dict(many) == {places[0]: (known[0],)}
