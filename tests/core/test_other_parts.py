"""What no exhibit settles of a loss: which part of a payment it is, and which of two payments was first."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from tests.core.test_first_page_told import first
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.findings.payments import payments
from recover.letters.words import spot
from recover.sdk.amounts import columns as exact
from recover.sealing import recover_verify as outside

__all__ = ["tool"]

M = 10**6
MIXED = [("o", "w", 500), ("v", "w", 1000), ("w", "d", 1000), ("d", "hot", 1000), ("w", "q", 200)]


def values(figures: dict[str, str]) -> set[int]:
    return {int(n) // M for n in figures.values()}


def test_a_part_of_a_payment_is_taken_first_last_and_by_its_share(tool: Tool) -> None:
    tool.open(export(MIXED, ["w", "d", "q"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT", "--amount", "600")
    assert tool("run")[0] == 5
    (ramp,) = tool.show("offramps")
    # The 1,000 paid on are 500 of others, then the first 500 of the payment: all of them the loss, or 100, or 300.
    assert (int(ramp["amount"]) // M, values(ramp["by_order"]["amount"])) == (500, {100, 300})
    page = tool.text("report.html")
    said = "last, and by its share of the payment, the figure is from 100.000000 USDT to 500.000000 USDT"
    assert said in page
    assert said in tool.text("letters/binance-preserve-v1.txt")
    assert "these figures differ: 4" in first(tool)
    assert tool("verify")[0] == 0


def test_the_same_under_a_rule_that_does_not_go_by_order(tool: Tool) -> None:
    tool.open(export(MIXED, ["w", "d", "q"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT", "--amount", "600")
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', 'rule = "prorata"'))
    assert tool("run")[0] == 5
    (ramp,) = tool.show("offramps")
    assert ramp["by_order"] == {}
    assert "by its share of the payment, no figure of all losses together differs" in first(tool)


def test_two_losses_of_one_payment_trade_places(tool: Tool) -> None:
    tool.open(export([("v", "w", 100), ("w", "hot", 60), ("w", "end", 40)], ["w"]), labels(EXCHANGE))
    for amount in ("60", "40"):
        tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", amount)
    assert tool("run")[0] == 5
    (ramp,) = tool.show("offramps")
    assert {key: int(n) // M for key, n in ramp["by_loss"].items()} == {"L1": 60, "L2": 0}
    assert ramp["by_order"] == {}, "together they are all of it, in whichever order"
    told = {
        tuple(int(sums.get(loss, 0)) // M for loss in ("L1", "L2")) for sums in ramp["by_order_and_loss"].values()
    }
    assert told == {(20, 40), (36, 24)}
    page = tool.text("report.html")
    assert "L1 between 20.000000 USDT and 60.000000 USDT; L2 between 0.000000 USDT and 40.000000 USDT" in page
    # By rule and loss in R9 too: these are with the first part, and each loss says how it moves with others.
    rows = page.split("By loss, where the rules differ")[1].split("Conservation by loss")[0]
    assert "with the parts of payments that are taken here as losses" in rows
    for loss, moved in (("L1", "20.000000 USDT to 60.000000"), ("L2", "0.000000 USDT to 40.000000")):
        assert f"{loss} over the 3 parts of the payment tried: {moved} USDT" in rows


def test_a_loss_by_address_begins_with_all_that_carries_no_loss_whichever_part_is_taken(tool: Tool) -> None:
    """Of 100 the first 60, the last 60 or 60 in 100 are the one loss; all else of the 80 paid on is the other."""
    tool.open(export([("v", "w", 100), ("w", "d", 80), ("d", "hot", 80)], ["w", "d"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "60")
    tool("loss", "--address", who("d"), "--asset", "USDT")
    assert tool("run")[0] == 5
    (ramp,) = tool.show("offramps")
    assert {key: int(n) // M for key, n in ramp["by_loss"].items()} == {"L1": 60, "L2": 20}
    assert ramp["by_order"] == {}, "together they are all of it, whichever part"
    told = {
        tuple(int(sums.get(loss, 0)) // M for loss in ("L1", "L2")) for sums in ramp["by_order_and_loss"].values()
    }
    assert told == {(40, 40), (48, 32)}
    assert "these figures differ: 2" in first(tool), "what is left where the payment came, and what begins with L2"
    # Every movement has its own moment: what is known against the letter is the part that was taken.
    letter = tool.text("letters/binance-preserve-v1.txt").split("What is known against it")[1]
    assert "Which part of a payment a loss is, where it is not all of it, no exhibit shows" in letter
    assert "Movements of one moment" not in letter


def test_an_attribution_cites_the_exhibits_that_show_the_sweeps_it_speaks_of() -> None:
    """On an account chain by the payment's own row; on a coin chain by the inputs too."""
    text = ("tx", "src", "dst", "asset", "kind", "excluded")
    rows = [
        ("a", "d", "hot", "eip155:1/x", "transfer", None),
        ("b", "d", None, "coin:1/y", "input", None),
        ("b", None, "hot", "coin:1/y", "output", None),
    ]
    columns = {name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(text)}
    amount, wide = exact([5, 7, 6])
    table = pa.table({**columns, "amount": amount, "wide": pa.array(wide, pa.binary(32)), "exhibit": [2, 3, 4]})
    service = ("Binance", "")
    targets = {("eip155:1", "hot"): service, ("coin:1", "hot"): service}
    found = payments(table, {"eip155:1/x", "coin:1/y"}, targets)
    assert found["d", "eip155:1/x"][service].exhibits == {2}
    assert found["d", "coin:1/y"][service].exhibits == {3, 4}


def test_which_of_two_receivers_a_part_went_to(tool: Tool) -> None:
    """One transaction pays two; under every rule it matters to whom the part that was lost went."""
    lines = [row("w", 1, "01T10:00:00", "v", "w", 60), row("u", 1, "01T10:00:00", "v", "u", 40)]
    lines += [row("w", 2, "02T10:00:00", "w", "hot", 60), row("u", 3, "02T11:00:00", "u", "end", 40)]
    tool.open(listed(*lines), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "50")
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', 'rule = "libr"'))
    assert tool("run")[0] == 5
    (ramp,) = tool.show("offramps")
    taken = {int(ramp["amount"]) // M, *values(ramp["by_order"]["amount"])}
    assert taken == {50, 10, 30} or taken == {40, 50, 10, 30}


def test_the_order_of_two_losses_of_one_moment_is_a_range_by_loss(tool: Tool) -> None:
    lines = [row("w", 1, "01T10:00:00", "v", "w", 600), row("w", 2, "01T10:00:00", "u", "w", 300)]
    tool.open(listed(*lines, row("w", 3, "02T10:00:00", "w", "hot", 700)), labels(EXCHANGE))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    (ramp,) = tool.show("offramps")
    assert ramp["by_order"] == {}, "together the same"
    (sums,) = ramp["by_order_and_loss"].values()
    assert {int(sums["L1"]) // M, int(ramp["by_loss"]["L1"]) // M} == {600, 400}
    said = "L1 between 400.000000 USDT and 600.000000 USDT; L2 between 100.000000 USDT and 300.000000 USDT"
    assert said in tool.text("report.html")
    assert said in tool.text("letters/binance-preserve-v1.txt")


def test_rows_of_page_1_add_up_under_every_rule(tool: Tool) -> None:
    """Where only another rule leaves value stands there too, and each endpoint in R9 and the table of totals."""
    moves = [("o", "w", 400), ("v", "w", 600), ("w", "dep", 500), ("w", "b", 500), ("dep", "hot", 500)]
    tool.open(export(moves, ["w", "dep", "b"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT")
    tool("run")
    import json

    rows = [r for r in json.loads((tool.case / "out/result.json").read_text())["answer"] if "by_rule" in r]
    for rule in ("fifo", "lifo", "libr", "prorata", "tainted_first"):
        assert sum(int(r["by_rule"].get(rule, 0)) for r in rows) == 600 * M, rule
    rested = {
        e["rule"]: e for e in tool.show("totals") if e["figure"] == "endpoint rest" and e["subject"] == who("b")
    }
    assert int(rested["libr"]["amount"]) // M == 500
    assert "which only rules beside the declared one reach" not in first(tool)
    assert "Value left outside services and hubs, where the rules differ" in tool.text("report.html")


def test_what_comes_back_to_where_a_loss_was_paid_from_is_said_and_no_freeze_is_advised(tool: Tool) -> None:
    moves = [("v", "w", 100), ("w", "v", 10), ("w", "hot", 90)]
    tool.open(export(moves, ["v", "w"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = first(tool)
    assert f"10.000000 USDT of traced value came back to {who('v')}, out of which L1 was paid" in page
    assert "Back at an address out of which the loss was paid" in page
    assert f"about {who('v')}" not in page, "an issuer is not asked about it"
    assert not [f for f in tool.show("findings") if f["kind"] == "freezable"]


def test_assets_stand_in_the_order_of_losses_and_none_is_called_less(tool: Tool) -> None:
    assert outside  # the verifier recomputes these rows in tests/core/test_seal.py
    ether = "eip155:1/slip44:60"
    dai = "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"
    moves = [("v", "w", 700)]
    other = (
        export([("v", "w", 2)], ["w"], ether).replace("USDT", "ETH").replace(",6,", ",18,").replace(tx(1), tx(8))
    )
    third = (
        export([("v", "w", 50)], ["w"], dai).replace("USDT", "DAI").replace(",6,", ",18,").replace(tx(1), tx(9))
    )
    grown = (text.replace("000000,18", "000000000000000000,18") for text in (other, third))
    tool.open(export(moves, ["w"]), *grown)
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "600")
    tool("loss", "--address", who("w"))
    tool("run")
    page = first(tool)
    assert page.index("Where USDT went") < page.index("Where DAI went")
    assert "In these assets too value was traced, and it stands in R9 alone: 2.000000000000000000 ETH" in page
    assert "less began" not in page


def test_every_range_of_parts_says_that_parts_in_between_were_not_tried(tool: Tool) -> None:
    tool.open(export(MIXED, ["w", "d", "q"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT", "--amount", "600")
    tool("run")
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    span = "from 100.000000 USDT to 500.000000 USDT"
    cell = "traced on to it 100.000000 USDT to 500.000000 USDT"
    for text in (page, letter):
        assert text.count(span) == text.count(f"{span}. Other parts were not tried, and could give a figure")
        assert text.count(cell) == text.count(f"over the 3 parts of the payment tried: {cell}") > 0
    (told, *_) = (f["slots"] for f in tool.show("findings") if f["kind"] == "part-assumed")
    assert (str(told["orders"]), told["whole"]) == ("2", "no")


def test_a_place_in_a_transaction_is_a_log_or_an_output() -> None:
    class Keyed:
        def say(self, key: str, **slots: str) -> str:
            return f"{key} {slots}"

    told: Any = Keyed()
    assert spot(told, "9", "0") == ["table.block {'height': '9', 'leg': '0'}"]
    assert spot(told, "9", "0", coin=True) == ["table.output {'height': '9', 'leg': '0'}"]


OVER = [("x", "w", 40), ("v", "w", 100), ("w", "hot", 60), ("y", "w", 30), ("w", "far", 70)]
"""Of the 100 a loss of 50 is declared by transaction, and all that comes to `w` is another, by address: 40 and 50
of it before the payment of 60."""

BY_HAND = {
    # What of the 60 is L1: with its 50 first of the payment, then in the other ways: last, and by its share.
    "fifo": (20, {0, 10}),  # 40 L2 leave first, then 20 of the payment
    "lifo": (10, {50, 30}),  # all 60 are the last of the payment
    "libr-fifo": (20, {0, 10}),
    "tainted_first": (20, {0, 10}),
    "prorata": (60 * 50 / 140, set[int]()),  # a share of the pool, wherever it stands there
    "libr": (60 * 50 / 140, set[int]()),
}


def test_a_part_beside_a_loss_by_address_is_the_same_by_hand_in_papers_and_listings(tool: Tool) -> None:
    tool.open(export(OVER, ["w"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT", "--amount", "50")
    tool("loss", "--address", who("w"), "--asset", "USDT")
    toml, rule = tool.case / "case.toml", "fifo"
    for name, (used, others) in reversed(BY_HAND.items()):
        toml.write_text(toml.read_text().replace(f'rule = "{rule}"', f'rule = "{name}"'))
        rule = name
        tool("run", *(() if name == "fifo" else ("--until", "find")))
        (ramp,) = tool.show("offramps")
        assert int(ramp["by_loss"]["L1"]) == round(used * M), name
        assert {sum(int(n) for n in sums.values()) for sums in ramp["by_order_and_loss"].values()} <= {60 * M}
        assert {int(sums["L1"]) // M for sums in ramp["by_order_and_loss"].values()} == others, name
    said = "L1 between 0.000000 USDT and 20.000000 USDT; L2 between 40.000000 USDT and 60.000000 USDT"
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert f"By loss, with those parts: {said}" in letter
    assert said in page
    assert "L1 between 10.000000 USDT (lifo) and 21.428571 USDT" in tool.text("report.md")
    assert "the one declared first takes its part first, and one by address what is left" in page
    totals = [r for r in tool.show("totals") if r["figure"].startswith("traced of loss, order part")]
    assert sorted(int(r["amount"]) // M for r in totals if r["rule"] == "fifo") == [0, 10, 50, 60]


def test_a_loss_by_address_that_is_declared_first_leaves_no_part_to_vary(tool: Tool) -> None:
    tool.open(export(OVER, ["w"]), labels(EXCHANGE))
    tool("loss", "--address", who("w"), "--asset", "USDT")
    tool("loss", "--tx", tx(2), "--asset", "USDT", "--amount", "50")
    tool("run", "--until", "find")
    (ramp,) = tool.show("offramps")
    assert ({key: int(n) // M for key, n in ramp["by_loss"].items()}, ramp["by_order_and_loss"]) == (
        {"L1": 60},
        {},
    )
    codes = {gap["code"] for gap in tool.show("gaps")}
    assert "loss-in-part" not in codes
    assert {"losses-overlap", "loss-begins-nothing"} <= codes
