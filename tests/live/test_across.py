"""A theft that crosses two bridges between two real nodes, is partly paid back, and ends at two exchanges."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.nodes import need_anvil
from tests.live.tool import made_again, show, tool

from recover.sealing import recover_verify as outside
from recover_chain_evm.testing import anvil
from recover_chain_evm.testing.stage import ETHER, Stage

pytestmark = [pytest.mark.slow, pytest.mark.nodes, pytest.mark.xdist_group("across")]  # one case serves them all

HERE, THERE = "eip155:1", "eip155:8453"
DOLLARS = {1: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", 8453: "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"}
MESSENGER = {1: "0xbd3fa81b58ba92a82136038b25adec7066af3155", 8453: "0x1682ae6375c4e4a97e4b583bc394c861a46d8962"}
TRANSMITTER = {1: "0x0a992d191deec32afe36203ad87d7d289a738f81", 8453: "0xad09780d193884d503182ad4588450c416d6f9d4"}
DOMAIN = {1: 0, 8453: 6}
SOURCE, DESTINATION = "0xef4fb24ad0916217251f553c0596f8edc630eb66", "0xe7351fd770a37282b91d153ee690b63579d6dd7f"
ASSET = {chain: f"eip155:{chain}/erc20:{contract}" for chain, contract in DOLLARS.items()}
UNIT = 10**6
CLEAN, STOLEN, BURNED, KEPT, GIVEN, TAKEN, HELD = (n * UNIT for n in (200, 1000, 900, 250, 600, 598, 300))
PERCENT = {GIVEN: 240_000, HELD: 120_000}  # four of ten thousand, on top of what an order gives
LAST = 200 * UNIT
PEOPLE = ("victim", "thief", "mule", "solver", "other", "deposit", "second", "hot", "attester")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theft:
    """The truth: both nodes, who is who on them, and the transactions that matter."""

    nodes: tuple[anvil.Anvil, anvil.Anvil]
    names: dict[str, str]
    theft: str
    burn: str
    mint: str
    order: str
    payment: str
    back: str
    refund: str


def staged(node: anvil.Anvil, chain: int) -> Stage:
    """A chain with its dollar and its half of both bridges, each at the address that it has on the real chain."""
    stage = Stage(node=node)
    stage.actor(*PEOPLE)
    for name in PEOPLE:
        node.call("anvil_setBalance", stage.names[name], hex(10 * ETHER))
    stage.place("messenger", "TokenMessenger", MESSENGER[chain])
    stage.place("dollar", "FiatDollar", DOLLARS[chain], "messenger")
    stage.place("transmitter", "MessageTransmitter", TRANSMITTER[chain])
    stage.place("source", "DlnSource", SOURCE)
    stage.place("destination", "DlnDestination", DESTINATION)
    other = next(one for one in MESSENGER if one != chain)
    slots = (DOLLARS[chain], TRANSMITTER[chain], hex(DOMAIN[chain]), MESSENGER[other])
    for slot, value in enumerate(slots):
        node.call("anvil_setStorageAt", MESSENGER[chain], f"0x{slot:064x}", f"0x{int(value, 16):064x}")
    return stage


def order(number: int, maker: str, out: int, gave: int, into: int, took: int, to: str) -> list[int]:
    """An order's fields as the contracts take them."""
    tokens = (int(DOLLARS[out], 16), int(DOLLARS[into], 16))
    return [number, int(maker, 16), out, tokens[0], gave, into, tokens[1], took, int(to, 16)]


def play(here: Stage, there: Stage) -> Theft:
    names = here.names
    here.send("attester", "messenger", "issue", "thief", CLEAN)
    here.send("attester", "messenger", "issue", "victim", STOLEN)
    here.send("attester", "messenger", "issue", "solver", TAKEN)
    here.send("attester", "messenger", "issue", "other", 50 * UNIT)
    theft = here.send("victim", "dollar", "transfer", "thief", STOLEN)
    # First over the bridge that burns and mints.
    here.send("thief", "dollar", "approve", "messenger", BURNED)
    burn = here.send("thief", "messenger", "depositForBurn", BURNED, DOMAIN[8453], "mule")
    (log,) = [log for log in here.receipt(burn)["logs"] if log["address"] == TRANSMITTER[1]]
    there.node.call("anvil_mine", "0x14", "0xc")
    mint = there.forward("attester", "transmitter", "receiveMessage", log["data"])
    # A part to an exchange there; another back by an order that a solver pays.
    there.send("mule", "dollar", "transfer", "deposit", KEPT)
    there.send("deposit", "dollar", "transfer", "hot", KEPT)
    there.send("mule", "dollar", "approve", "source", GIVEN)
    gave = GIVEN - PERCENT[GIVEN]
    fields = order(1, names["mule"], 8453, gave, 1, TAKEN, names["mule"])
    made = there.send("mule", "source", "createOrder", fields, PERCENT[GIVEN])
    here.node.call("anvil_mine", "0x28", "0xc")
    here.send("solver", "dollar", "approve", "destination", TAKEN)
    payment = here.send("solver", "destination", "fulfillOrder", fields)
    here.send("mule", "dollar", "transfer", "deposit", TAKEN)
    here.send("other", "dollar", "transfer", "deposit", 50 * UNIT)
    here.send("deposit", "dollar", "transfer", "hot", TAKEN + 50 * UNIT)
    # An order that nobody pays, and that is paid back.
    here.send("thief", "dollar", "approve", "source", HELD)
    late = order(2, names["thief"], 1, HELD - PERCENT[HELD], 8453, HELD - UNIT, names["mule"])
    back = here.send("thief", "source", "createOrder", late, PERCENT[HELD])
    here.node.call("anvil_mine", "0x14", "0xc")
    refund = here.send("attester", "source", "claimCancel", late)
    here.send("thief", "dollar", "transfer", "second", LAST)
    here.send("second", "dollar", "transfer", "hot", LAST)
    return Theft(
        nodes=(here.node, there.node),
        names=names,
        theft=theft,
        burn=burn,
        mint=mint,
        order=made,
        payment=payment,
        back=back,
        refund=refund,
    )


@pytest.fixture(scope="module")
def theft() -> Iterator[Theft]:
    pytest.importorskip("recover_bridges", reason="NOT RUN: the member that reads bridges is not installed")
    need_anvil()
    with ExitStack() as running:
        here, there = (running.enter_context(anvil.node(chain=chain)) for chain in (1, 8453))
        yield play(staged(here, 1), staged(there, 8453))


@pytest.fixture(scope="module")
def case(theft: Theft, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("case") / "case"
    labels = path.parent / "labels.csv"
    rows = ((HERE, "Example Exchange"), (THERE, "Other Exchange"))
    labels.write_text(
        "#recover-labels 1\n#source: Example, proof of reserves\n#grade: A\n#as_of: 2026-01-01\n"
        "chain,address,service,label,role,category\n"
        + "".join(f"{chain},{theft.names['hot']},{name},hot 1,hot-wallet,exchange\n" for chain, name in rows)
    )
    urls = [node.url for node in theft.nodes]
    tool(
        *("open", str(path), "--title", "Across", "--examiner", "N", "--agency", "A", "--rule", "fifo"),
        *("--source", f"evm-rpc={urls[0]}", "--rounds", "20", "--requests", "5000"),
    )
    config = Path(os.environ["RECOVER_CONFIG"])
    config.write_text(
        config.read_text().replace(f'endpoint = "{urls[0]}"', f"endpoints = {urls}".replace("'", '"'))
    )
    tool("import", str(path), str(labels))
    tool("loss", str(path), "--tx", f"{HERE}:{theft.theft}", "--asset", ASSET[1])
    tool("run", str(path), code=5)  # other rules carry value to an address whose history is not asked for
    return path


def test_every_crossing_is_found_with_both_its_legs(case: Path, theft: Theft) -> None:
    found = show(case, "crossings")
    told = [
        (
            row["protocol"],
            row["level"],
            row["state"],
            row["refund"],
            *((row[side]["chain"], row[side]["tx"], row[side]["amount"], row[side]["traced"]) for side in SIDES),
        )
        for row in found
    ]
    stolen = BURNED - CLEAN  # first in, first out: what was clean went first, and came out first on the other side
    gave = HELD - PERCENT[HELD]
    assert sorted(told) == sorted(
        [
            (
                *("cctp-v1", 1, "followed", False),
                (HERE, theft.burn, str(BURNED), str(stolen)),
                (THERE, theft.mint, str(BURNED), str(stolen)),
            ),
            (
                *("debridge", 1, "followed", False),
                (THERE, theft.order, str(GIVEN), str(GIVEN)),
                (HERE, theft.payment, str(TAKEN), str(TAKEN)),
            ),
            (
                *("debridge", 1, "followed", True),
                (HERE, theft.back, str(HELD), str(HELD)),
                (HERE, theft.refund, str(gave), str(gave)),
            ),
        ]
    )


SIDES = ("source", "destination")


def test_what_reached_the_exchanges_is_right_to_the_unit(case: Path, theft: Theft) -> None:
    ramps = {(r["service"], r["address"], r["asset"]): int(r["amount"]) for r in show(case, "offramps")}
    # Of what was kept there the clean part came first; what was given on was all stolen.
    assert ramps == {
        ("Other Exchange", theft.names["deposit"], ASSET[8453]): KEPT - CLEAN,
        ("Example Exchange", theft.names["deposit"], ASSET[1]): TAKEN,
        ("Example Exchange", theft.names["second"], ASSET[1]): LAST,
    }


def test_all_that_was_stolen_is_accounted_for_on_both_chains(case: Path) -> None:
    for found in show(case, "findings"):
        if found["kind"] == "conservation":
            slots = found["slots"]
            assert int(slots["began"]) + int(slots.get("exchanged", 0)) == int(slots["ended"])
    assert not [g for g in show(case, "gaps") if g["code"].startswith("crossing")]


def test_with_the_nodes_off_the_same_bytes_come_of_the_exhibits(case: Path, tmp_path: Path) -> None:
    made_again(case, tmp_path, code=5)


def test_the_outside_verifier_gives_the_same_figures(case: Path) -> None:
    said = outside.check(str(case))
    assert [row for row in said if row[1] == outside.FAILS] == []
    assert any(name == "figures" and answer == outside.HOLDS for name, answer, _ in said)
