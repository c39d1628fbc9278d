"""Small cases of what an address paid several services, and of what is left under one rule and not another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from tests.core.test_declared_again import LATER, PAID, PONZI, by_tx
from tests.core.test_paid_bounds import TWO
from tests.core.test_second_expert_figures import shown
from tests.core.test_statements import EXCHANGE, OTHER, Tool, export, labels, tx
from tests.core.test_third_expert_words import HELD, KNOWN, MOSTLY, SIX
from tests.core.test_third_expert_words import two_assets as unlike
from tests.core.test_told_of_services import KRAKEN, two_assets
from tests.core.test_versions_coins import CHAIN, UNIT, transaction

from recover.case import open_for_reading
from recover.findings import view as views
from recover.plugins import registry
from recover.sdk import View

ETH = "eip155:1/slip44:60"


def paid(tool: Tool) -> Iterator[View]:
    lost = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("a", UNIT)], 1)
    other = transaction([("0" * 63 + "2", 0, "bank", UNIT)], [("b", UNIT)], 1)
    coins = [(lost["txid"], 0, "a", UNIT), (other["txid"], 0, "b", UNIT)]
    last = transaction(coins, [("hot", UNIT), ("hot2", UNIT // 2), ("far", UNIT // 2 - 1000)], 2)
    coin = ("--tx", f"{CHAIN}:{lost['txid']}:0")
    yield _worked(tool, "joint", json.dumps([lost, other, last]), TWO, losses=(coin,), rule="fifo")
    first = [("0" * 63 + "3", 0, "victim", UNIT), ("0" * 63 + "4", 0, "bank", UNIT)]
    lost = transaction(first, [("a", 2 * UNIT - 1000)], 1)
    last = transaction([(lost["txid"], 0, "a", 2 * UNIT - 1000)], [("hot", UNIT)], 2)
    coin = ("--tx", f"{CHAIN}:{lost['txid']}:0")
    yield _worked(tool, "jointly lost", json.dumps([lost, last]), TWO, losses=(coin,), rule="fifo")
    both = (("--tx", tx(1), "--asset", "USDT"), ("--tx", tx(11), "--asset", OTHER))
    yield _worked(tool, "two words", two_assets("two"), labels(EXCHANGE, KRAKEN), losses=both, rule="fifo")
    mixed = unlike(("d", "hot", 250), ("d", "far", 250))
    yield _worked(tool, "a word by asset", mixed, labels(EXCHANGE), losses=both, rule="fifo")
    yield _worked(tool, "still held", export(HELD, KNOWN), SIX, losses=both[:1], rule="fifo")
    near = ("dep", "Kraken", "deposit", "exchange")
    far = ("far", "Kraken", "deposit", "exchange")
    for name, listed in (("mostly one", (near,)), ("mostly several", (near, far))):
        named = labels(EXCHANGE, *listed)
        yield _worked(tool, name, export(MOSTLY, ["own"]), named, losses=both[:1], rule="fifo")
    whose = [labels(("dep", name, "deposit", "exchange")) for name in ("Binance", "Kraken")]
    reached = export([("victim", "own", 100), ("own", "dep", 100)], ["own", "dep"])
    yield _worked(tool, "whose", reached, *whose, losses=both[:1], rule="fifo")
    second = (("--tx", tx(2), "--asset", "USDT"),)
    home = [("bank", "w", 500), ("victim", "w", 1000), ("w", "victim", 300), ("w", "hot", 700)]
    dust = [("bank", "w", 500), ("victim", "w", 200_000), ("w", "hot", 199_999)]
    for name, moves in (("home by one rule", home), ("dust by one rule", dust)):
        yield _worked(tool, name, export(moves, ["w"]), labels(EXCHANGE), losses=second, rule="lifo")
    moves = [("bank", "w", 500), ("victim", "w", 1000), ("w", "mid", 1000)]
    one, two = (export([*moves, ("mid", "hot", n)], ["w", "mid"]) for n in (600, 700))
    files = (one, two.replace("a test", "another"), labels(EXCHANGE))
    yield _worked(tool, "disputed by one rule", *files, losses=second, rule="lifo")
    parts = [("victim", "own", 100), ("own", "hot", 30), ("own", "dep", 70)]
    stop = labels(EXCHANGE, ("dep", "Binance", "deposit", "exchange"))
    for name, more in (("deposit pays", [("dep", "x", 40)]), ("deposit holds", [])):
        yield _worked(tool, name, export([*parts, *more], ["own", "dep"]), stop, losses=both[:1], rule="fifo")
    yield _worked(
        tool, "deposit unread", export([*parts, ("dep", "hot", 40)], ["own"]), stop, losses=both[:1], rule="fifo"
    )
    at = [(1, "01T10:00:00", "victim", "own", 100), (2, "02T10:00:00", "z", "dep", 100)]
    at += [(3, "03T10:00:00", "dep", "x", 100), (4, "03T10:00:00", "own", "dep", 100)]
    yield _worked(tool, "one moment", shown(at, ["own", "dep"]), stop, losses=both[:1], rule="fifo")
    bare = export([("v", "own", 100), ("own", "x", 5)], ["own"], ETH).replace(",6,USDT,", ",18,ETH,")
    yield _worked(tool, "feeless", bare, losses=(("--tx", tx(1), "--asset", ETH),), rule="fifo")
    for name, moves, mine in (
        ("declared again", PONZI, PAID),
        ("all of it declared again", PONZI[:-1], PAID),
        ("paid later", LATER, (1, 3)),
    ):
        again = [(*one, "--asset", "USDT") for one in by_tx(*mine)]
        yield _worked(tool, name, export(moves, ["own"]), labels(EXCHANGE), losses=again, rule="fifo")


def _worked(tool: Tool, name: str, *files: str, losses: Sequence[tuple[str, ...]], rule: str) -> View:
    tool.case = tool.folder / name
    tool.open(*files)
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', f'rule = "{rule}"'))
    for loss in losses:
        assert tool("loss", *loss)[0] == 0
    tool("run")
    return views.load(open_for_reading(tool.case), registry.load())
