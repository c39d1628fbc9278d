"""Exchanges in one transaction: traced value goes on in the asset had, in proportion, to the unit."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.scripted import GOLD, SILVER, Coverage, Event, World, pay, swap

from recover.case import derived, open_for_writing
from recover.cli.explain import _lines, _sums
from recover.declared import losses
from recover.letters.matter import Ways
from recover.plugins import registry
from recover.report import hopwise, valued
from recover.report.texts import Texts
from recover.sdk import Error
from recover.sdk.batch import Record
from recover.trails import explain

KNOWN = Coverage(chain="bank:1", address=None)
NAMES = ("flows", "transfers", "exchanges")


def world(folder: Path, bought: int = 70, back_to: str | None = None) -> World:
    """A thief who holds 60 stolen and 40 clean gold gives 50 of it for silver, and passes the silver on."""
    records: list[Record] = [
        pay("tclean", (None, "athief", 40, GOLD), minute=1),
        pay("ttheft", ("avictim", "athief", 60, GOLD), minute=2),
        pay("tswap", ("athief", "apool", 50, GOLD), ("apool", back_to or "athief", bought, SILVER), minute=3),
        pay("ton", (back_to or "athief", "aend", bought, SILVER), minute=4),
        KNOWN,
    ]
    said = [swap("tswap", "athief", (GOLD, 50), (SILVER, bought), back_to)]
    return World(folder, records, said=said).lose(tx="ttheft", amount=60, assets=(GOLD.id,)).run()


def test_fifo_carries_what_was_given_of_the_loss(tmp_path: Path) -> None:
    found = world(tmp_path)
    assert found.ends("fifo") == {
        ("gold", "athief", "swap"): 10,  # 40 clean went first
        ("gold", "athief", "rest"): 50,
        ("silver", "aend", "rest"): 14,  # 70 * 10 / 50
    }
    assert found.ends("lifo") == {
        ("gold", "athief", "swap"): 50,
        ("gold", "athief", "rest"): 10,
        ("silver", "aend", "rest"): 70,
    }
    assert found.ends("prorata") == {
        ("gold", "athief", "swap"): 30,
        ("gold", "athief", "rest"): 30,
        ("silver", "aend", "rest"): 42,
    }


def test_a_swap_paid_to_another_is_followed_there(tmp_path: Path) -> None:
    assert world(tmp_path, back_to="aother").ends("fifo")["silver", "aend", "rest"] == 14


def test_a_swap_is_stated_and_every_asset_adds_up(tmp_path: Path) -> None:
    found = world(tmp_path)
    kinds = [f["kind"] for f in found.table("findings")]
    assert kinds.count("swap") == 1
    assert kinds.count("conservation") == 2
    assert '"swap":{"int":"10"}' in next(
        f["slots"] for f in found.table("findings") if f["kind"] == "conservation"
    )


def test_the_route_in_the_asset_had_begins_at_the_exchange(tmp_path: Path) -> None:
    (one,) = explain.explain(world(tmp_path).case(), "aend")
    assert [hop.tx for hop in one.shortest.hops] == ["tswap", "ton"]
    assert (one.began, one.came) == (0, 14), "nothing of the loss began in it"


def test_what_was_had_in_an_exchange_is_not_said_to_have_become_proceeds(tmp_path: Path) -> None:
    """Of 50 given 10 were the loss, for 70: the same share, 14, goes on. The owner is a loss too: 56 began."""
    found = world(tmp_path).lose(address="athief", assets=(SILVER.id,)).run()

    def units(value: int, asset: str) -> str:
        return f"{value} {asset.rsplit(':', 1)[1]}"

    one = next(e for e in explain.explain(found.case(), "aend") if e.loss == "L1")
    told = _lines(one.shortest.hops[0], one, units)
    way = f"how that came there, `recover explain CASE athief --asset {GOLD.id}` says"
    assert told[3:] == [
        "Exchanged in transaction tswap: athief gave 50 gold for 70 silver",
        "10 gold of it was L1: by the same share 14 silver of what came here is L1",
        f"The trace goes on by the exchange, which is an inference; {way}",
        "Of the clean part, 56 silver became proceeds of L2 here",
        "Carried of L1: 14 silver of 70 silver",
    ]
    assert _sums(one, lambda value: f"{value} silver").startswith(
        "Sums: of L1, 14 silver came in by exchange or over a bridge; at aend ended 14 silver (rest)"
    )
    view: Any = SimpleNamespace(tables={n: partial(derived.read, found.case(), n) for n in NAMES})
    assert {key: sum(n for n, _ in parts) for key, parts in valued._starts(view).items()} == {
        ("L1", GOLD.id): 60,
        ("L2", SILVER.id): 56,
    }, "what came by exchange is no loss that could be valued at its own moment"


def test_what_an_exchange_brought_in_did_not_begin_there_as_declared(tmp_path: Path) -> None:
    case = world(tmp_path).case()
    view: Any = SimpleNamespace(tables={name: partial(derived.read, case, name) for name in NAMES})
    ways = Ways(view)
    assert [(asset, hop.tx, hop.began) for asset, hop in ways.begun("L1")] == [(GOLD.id, "ttheft", 60)]
    assert ways.starts("L1") == {GOLD.id: ((60, ways.begun("L1")[0][1].time),)}
    (hop,) = ways.came("L1", SILVER.id)
    assert (hop.tx, hop.began, hop.came, hop.traced) == ("tswap", 0, 14, 14)
    row = {
        "seq": hop.seq,
        "over": "",
        "balance": None,
        "history": "whole",
        "moved": "70",
        "began": '[["L1","14"]]',
    }
    for language in ("en", "th"):
        t = Texts.load(registry.load().templates["report"].folder, language)
        told = hopwise._words(t, row, str, "fifo", False, hopwise.exchanged(view))
        assert told.endswith(t.say("routes.came", amount="14", loss="L1"))
        assert t.say("routes.began", amount="14", loss="L1") not in told


def test_what_the_ledger_does_not_show_so_is_a_gap_and_stops(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("ttheft", ("avictim", "athief", 60, GOLD), minute=2),
        pay("tswap", ("athief", "apool", 50, GOLD), ("apool", "athief", 70, SILVER), minute=3),
        Event(kind="swap", chain="bank:1", tx="tswap", contract="apool", address="athief"),
        KNOWN,
    ]
    found = World(tmp_path, records, said=[swap("tswap", "athief", (GOLD, 51), (SILVER, 70))])
    found.lose(tx="ttheft", amount=60, assets=(GOLD.id,)).run()
    assert [g["subject"] for g in found.gaps() if g["code"] == "swap-uneven"] == ["tswap"]
    assert found.ends() == {("gold", "apool", "swap"): 50, ("gold", "athief", "rest"): 10}
    (stopped,) = [f for f in found.table("findings") if f["kind"] == "swap-stopped"]
    assert stopped["subject"] == "apool"
    assert json.loads(stopped["slots"]) == {
        "amount": {"int": "50"},
        "asset": GOLD.id,
        "count": {"int": "1"},
        "transactions": ["tswap"],
    }


def test_what_is_given_back_in_the_same_transaction_keeps_its_share(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("tclean", (None, "athief", 40, GOLD), minute=1),
        pay("ttheft", ("avictim", "athief", 60, GOLD), minute=2),
        pay(
            "tswap",
            ("athief", "apool", 100, GOLD),
            ("apool", "athief", 200, SILVER),
            ("apool", "athief", 20, GOLD),
            minute=3,
        ),
        KNOWN,
    ]
    found = World(tmp_path, records, said=[swap("tswap", "athief", (GOLD, 80), (SILVER, 200))])
    found.lose(tx="ttheft", amount=60, assets=(GOLD.id,)).run()
    assert found.ends() == {
        ("gold", "athief", "swap"): 60,
        ("gold", "athief", "rest"): 12,  # 20 of 100 came back, with the same share of the loss
        ("silver", "athief", "rest"): 120,
    }
    assert not [g for g in found.gaps() if g["code"] == "swap-uneven"]
    slots = {f["kind"]: json.loads(f["slots"]) for f in found.table("findings") if "gold" in f["slots"]}
    assert slots["loss"]["began"] == {"int": "60"}
    assert slots["conservation"]["exchanged"] == {"int": "12"}
    assert slots["conservation"]["ended"] == {"int": "72"}


def test_a_loss_by_transaction_counts_what_passes_through_once(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("ttheft", ("avictim", "arouter", 60, GOLD), ("arouter", "athief", 50, GOLD), minute=1),
        KNOWN,
    ]
    found = World(tmp_path, records).lose(tx="ttheft", assets=(GOLD.id,)).run()
    assert found.ends() == {("gold", "arouter", "rest"): 10, ("gold", "athief", "rest"): 50}
    (tmp_path / "unknown").mkdir()
    thief = Coverage(chain="bank:1", address="athief")
    other = World(tmp_path / "unknown", [records[0], thief]).lose(tx="ttheft", assets=(GOLD.id,)).run()
    assert other.ends() == {("gold", "arouter", "uncollected"): 10, ("gold", "athief", "rest"): 50}
    with open_for_writing(found.path, "test") as case:
        losses.declare(case, found.plugins, tx="ttheft", amount=61, assets=(GOLD.id,))
    with pytest.raises(Error, match="larger than transaction"):
        found.run()


def test_there_and_back_again(tmp_path: Path) -> None:
    """Gold for silver, silver for gold, gold for silver: each exchange settles after the one before it."""
    records: list[Record] = [
        pay("ttheft", ("avictim", "athief", 60, GOLD), minute=1),
        pay("tone", ("athief", "apool", 60, GOLD), ("apool", "athief", 600, SILVER), minute=2),
        pay("ttwo", ("athief", "apool", 600, SILVER), ("apool", "athief", 58, GOLD), minute=3),
        pay("tthree", ("athief", "apool", 58, GOLD), ("apool", "athief", 570, SILVER), minute=4),
        pay("ton", ("athief", "aend", 570, SILVER), minute=5),
        KNOWN,
    ]
    said = [
        swap("tone", "athief", (GOLD, 60), (SILVER, 600)),
        swap("ttwo", "athief", (SILVER, 600), (GOLD, 58)),
        swap("tthree", "athief", (GOLD, 58), (SILVER, 570)),
    ]
    found = World(tmp_path, records, said=said).lose(tx="ttheft", amount=60, assets=(GOLD.id,)).run()
    assert found.ends() == {
        ("gold", "athief", "swap"): 118,
        ("silver", "athief", "swap"): 600,
        ("silver", "aend", "rest"): 570,
    }


@settings(max_examples=25, deadline=None)
@given(
    clean=st.integers(0, 10**30),
    stolen=st.integers(1, 10**30),
    part=st.integers(1, 100),
    bought=st.integers(1, 10**30),
)
def test_the_part_carried_is_within_a_unit_of_the_exact_share(
    tmp_path_factory: object, clean: int, stolen: int, part: int, bought: int
) -> None:
    folder: Path = tmp_path_factory.mktemp("swap")  # type: ignore[attr-defined]
    sold = max(1, (clean + stolen) * part // 100)
    records: list[Record] = [
        *([pay("tclean", (None, "athief", clean, GOLD), minute=1)] if clean else []),
        pay("ttheft", ("avictim", "athief", stolen, GOLD), minute=2),
        pay("tswap", ("athief", "apool", sold, GOLD), ("apool", "athief", bought, SILVER), minute=3),
        KNOWN,
    ]
    found = World(folder, records, said=[swap("tswap", "athief", (GOLD, sold), (SILVER, bought))])
    found.lose(tx="ttheft", amount=stolen, assets=(GOLD.id,)).run("trace")
    for rule in ("fifo", "lifo", "prorata", "libr", "tainted_first"):
        ends = found.ends(rule)
        gave = ends.get(("gold", "athief", "swap"), 0)
        had = ends.get(("silver", "athief", "rest"), 0)
        assert abs(had * sold - gave * bought) < sold, rule
        assert gave + ends.get(("gold", "athief", "rest"), 0) == stolen
