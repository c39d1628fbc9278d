"""What an exchange carries on: in the order in which it was given, as a payment; gross and net; no new inflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.scripted import GOLD, SILVER, Coverage, World, pay, swap

from recover.sdk import amounts
from recover.sdk.batch import Record

KNOWN = Coverage(chain="bank:1", address=None)


def mixed(folder: Path, first: int = 500, given: int = 1200, had: int = 1190, on: int = 600) -> World:
    """A holder of `first` of others and then 1,000 stolen gives gold for silver, and passes some of it on."""
    records: list[Record] = [
        pay("tclean", (None, "athief", first, GOLD), minute=1),
        pay("ttheft", ("avictim", "athief", 1000, GOLD), minute=2),
        pay("tswap", ("athief", "apool", given, GOLD), ("apool", "athief", had, SILVER), minute=3),
        pay("ton", ("athief", "aend", on, SILVER), minute=4),
        KNOWN,
    ]
    said = [swap("tswap", "athief", (GOLD, given), (SILVER, had))]
    return World(folder, records, said=said).lose(tx="ttheft", assets=(GOLD.id,)).run()


def test_what_was_had_stands_in_the_order_of_what_was_given(tmp_path: Path) -> None:
    """Of 1,190 had for 500 of others and 700 stolen, 496 are of others, and are paid on first under fifo."""
    found = mixed(tmp_path)
    # 1190 * 500 / 1200 = 495.83: the unit left goes to the larger remainder.
    assert found.ends("fifo")["silver", "aend", "rest"] == 600 - 496
    assert found.ends("fifo")["silver", "athief", "rest"] == 694 - 104
    # Last in, first out: 1,000 stolen were given first, then 200 of others; the last had are paid on first.
    assert found.ends("lifo")["silver", "aend", "rest"] == 600 - 198
    # The holder's own first: 500, then 700 stolen. Clean value stands apart whatever its place.
    assert found.ends("libr-fifo")["silver", "aend", "rest"] == 600 - 496
    assert found.ends("tainted_first")["silver", "aend", "rest"] == 600


@pytest.mark.parametrize("turned", [False, True])
def test_whose_value_went_on_hangs_on_no_order_of_declaration(turned: bool, tmp_path: Path) -> None:
    records: list[Record] = [
        pay("tone", ("avictim", "athief", 600, GOLD), minute=1),
        pay("ttwo", ("aother", "athief", 300, GOLD), minute=2),
        pay("tswap", ("athief", "apool", 900, GOLD), ("apool", "athief", 450, SILVER), minute=3),
        pay("ton", ("athief", "aend", 225, SILVER), minute=4),
        KNOWN,
    ]
    found = World(tmp_path, records, said=[swap("tswap", "athief", (GOLD, 900), (SILVER, 450))])
    for tx in ("ttwo", "tone") if turned else ("tone", "ttwo"):
        found.lose(tx=tx, assets=(GOLD.id,))
    first = "L2" if turned else "L1"
    silver = {}
    for row in found.run().table("ends"):
        if (row["rule"], row["ties"], row["address"]) == ("fifo", "as recorded", "aend"):
            silver[row["loss"]] = amounts.join(row["amount"], row["wide"])
    assert silver == {first: 225}, "all of it is of whoever paid in first"


PAID = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 60)), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAID, st.integers(1, 100), st.integers(1, 100))
def test_an_exchange_at_one_for_one_is_as_a_payment(
    tmp_path_factory: pytest.TempPathFactory, paid: list[tuple[int, int]], part: int, on: int
) -> None:
    """Under every rule by which lots have an order, each loss gets there what it gets by a payment."""
    whole = sum(amount for _, amount in paid)
    sold = max(1, whole * part // 100)
    sent = max(1, sold * on // 100)
    came = [
        pay(f"t{n}", (f"afrom{who}", "athief", amount, GOLD), minute=n) for n, (who, amount) in enumerate(paid)
    ]
    lost = [n for n, (who, _) in enumerate(paid) if who]
    found = []
    for exchange in (True, False):
        asset, holder = (SILVER, "athief") if exchange else (GOLD, "awallet")
        moves = [("athief", "apool" if exchange else "awallet", sold, GOLD)]
        moves += [("apool", "athief", sold, SILVER)] if exchange else []
        records: list[Record] = [*came, pay("tswap", *moves, minute=50)]
        records.append(pay("ton", (holder, "aend", sent, asset), minute=51))
        said = [swap("tswap", "athief", (GOLD, sold), (SILVER, sold))] if exchange else []
        world = World(tmp_path_factory.mktemp("w"), [*records, KNOWN], said=said)
        for n in lost:
            world.lose(tx=f"t{n}", assets=(GOLD.id,))
        ended: dict[tuple[str, str], int] = {}
        for row in world.run("trace").table("ends") if lost else ():
            if row["address"] == "aend" and row["ties"] == "as recorded":
                ended[row["rule"], row["loss"]] = amounts.join(row["amount"], row["wide"])
        found.append({key: n for key, n in ended.items() if key[0] in ORDERED})
    assert found[0] == found[1]


ORDERED = frozenset({"fifo", "lifo", "libr-fifo", "tainted_first"})


def partly_back(folder: Path) -> World:
    """1,000 stolen; 900 given, 50 of it back at once, 300 silver had for the rest."""
    records: list[Record] = [
        pay("ttheft", ("avictim", "athief", 1000, GOLD), minute=1),
        pay(
            "tswap",
            ("athief", "apool", 900, GOLD),
            ("apool", "athief", 300, SILVER),
            ("arest", "athief", 50, GOLD),
            minute=2,
        ),
        KNOWN,
    ]
    said = [swap("tswap", "athief", (GOLD, 850), (SILVER, 300))]
    return World(folder, records, said=said).lose(tx="ttheft", assets=(GOLD.id,)).run()


def test_no_part_of_what_was_given_is_more_than_all_of_it(tmp_path: Path) -> None:
    found = partly_back(tmp_path)
    (slots,) = (json.loads(f["slots"]) for f in found.table("findings") if f["kind"] == "swap")
    told = {name: int(slots[name]["int"]) for name in ("gave", "back", "sold", "amount", "carried")}
    assert told == {"gave": 900, "back": 50, "sold": 850, "amount": 900, "carried": 300}
    again = {row["seq"]: row["again"] for row in found.table("exchanges")}
    assert sorted(again.values()) == [False, True], "what came back in gold began in it twice"
    assert found.ends("fifo")["gold", "athief", "rest"] == 150


def test_what_an_exchange_brought_is_no_inflow_of_a_loss_by_address(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("tone", ("avictim", "athief", 1000, GOLD), minute=1),
        pay("ttwo", ("aother", "athief", 200, SILVER), minute=2),
        pay("tswap", ("athief", "apool", 900, GOLD), ("apool", "athief", 890, SILVER), minute=3),
        KNOWN,
    ]
    found = World(tmp_path, records, said=[swap("tswap", "athief", (GOLD, 900), (SILVER, 890))])
    found.lose(address="athief", assets=(GOLD.id, SILVER.id)).run()
    came: dict[str, Any] = {row["asset"]: (row["amount"], row["turned"]) for row in found.table("origins")}
    assert came == {GOLD.id: ("1000", "0"), SILVER.id: ("200", "0")}


def test_the_pool_of_an_exchange_paid_no_loss(tmp_path: Path) -> None:
    """Only who paid the loss is called so: what came back from the pool is not what a victim paid."""
    from recover.victims import cameback, spared

    case = mixed(tmp_path).case()
    assert {*cameback.wallets(case)} == {"bank:1:avictim"}
    assert {address for _, address in spared._losses(case)[0]} == {"avictim"}


def test_another_asset_that_came_back_is_said_where_no_exchange_is_taken(tmp_path: Path) -> None:
    """What was given and had, why it is taken for no exchange, and how much traced value it concerns."""
    records: list[Record] = [
        pay("ttheft", ("avictim", "athief", 1000, GOLD), minute=1),
        pay("tswap", ("athief", "apool", 900, GOLD), ("apool", "athief", 300, SILVER), minute=2),
        pay("tother", ("aclean", "apool", 10, GOLD), ("apool", "aclean", 3, SILVER), minute=3),
        KNOWN,
    ]
    found = World(_made(tmp_path, "a"), records).lose(tx="ttheft", assets=(GOLD.id,)).run()
    (gap,) = (g for g in found.gaps() if g["code"] == "swap-unasserted")
    assert gap["subject"] == "bank:1:tswap", "an exchange that no traced value came to is not said"
    assert "athief gave 900" in gap["why"]
    assert "and had 300" in gap["why"]
    assert "no exhibit shows who sent the transaction" in gap["why"]
    assert json.loads(gap["affects"]) == {GOLD.id: "900"}
    sent = [*records[:1], pay("tswap", *_BOTH, minute=2, facts='{"from":"aother"}'), KNOWN]
    other = World(_made(tmp_path, "b"), sent).lose(tx="ttheft", assets=(GOLD.id,)).run()
    (gap,) = (g for g in other.gaps() if g["code"] == "swap-unasserted")
    assert "aother sent the transaction" in gap["why"]
    assert not [g for g in partly_back(_made(tmp_path, "c")).gaps() if g["code"] == "swap-unasserted"]


def _made(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


_BOTH = (("athief", "apool", 900, GOLD), ("apool", "athief", 300, SILVER))
