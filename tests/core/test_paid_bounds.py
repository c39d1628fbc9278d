"""What coins of an address paid a service: a bound of its own for each service, exact where nobody else paid."""

from __future__ import annotations

import json

import pytest
from tests.core.test_statements import Tool, tool
from tests.core.test_versions_coins import CHAIN, LISTED, UNIT, address, transaction

from recover.sealing import recover_verify as outside

__all__ = ["tool"]

TWO = LISTED + f"{CHAIN},{address('hot2')},Binance,b,hot-wallet,exchange\n"


def paid(tool: Tool) -> dict[tuple[str, str], int]:
    return {(row["through"], row["service"]): int(row["swept"]) for row in tool.show("offramps")}


def in_all(tool: Tool, figure: str) -> dict[str, str]:
    return {row["service"]: row["amount"] for row in tool.show("totals") if row["figure"] == figure}


def begun(tool: Tool, rule: str, *losses: dict[str, object], then: list[dict[str, object]]) -> None:
    tool.open(json.dumps([*losses, *then]), TWO)
    settings = tool.case / "case.toml"
    settings.write_text(settings.read_text().replace('rule = "fifo"', f'rule = "{rule}"'))
    for one in losses:
        tool("loss", "--tx", f"{CHAIN}:{one['txid']}:0")
    tool("run")


def test_each_service_has_a_bound_of_its_own(tool: Tool) -> None:
    """`a` brings 1.5, of which 1.0 is no loss's, and a stranger 0.5: 1.0 to one exchange, 0.9 to the other."""
    own = transaction([("0" * 63 + "3", 0, "bank", UNIT)], [("w", 50_000_000)], 1)
    lost = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("w", UNIT)], 2)
    coins = [(own["txid"], 0, "w", 50_000_000), (lost["txid"], 0, "w", UNIT)]
    moved = transaction(coins, [("a", 150_000_000)], 3)
    other = transaction([("0" * 63 + "2", 0, "bank", UNIT)], [("b", 50_000_000)], 3)
    joint = [(moved["txid"], 0, "a", 150_000_000), (other["txid"], 0, "b", 50_000_000)]
    last = transaction(joint, [("hot", UNIT), ("hot2", 90_000_000), ("a", 9_990_000)], 4)
    begun(tool, "lifo", lost, then=[own, moved, other, last])
    assert paid(tool) == {(address("a"), "Kraken"): UNIT, (address("a"), "Binance"): 90_000_000}
    assert in_all(tool, "service paid in all") == {"Kraken": "100000000", "Binance": "90000000"}
    for row in tool.show("offramps"):
        assert int(row["swept"]) >= max(int(amount) for amount in row["by_rule"].values()), "a rule traces more"
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert "the address paid at most 0.90000000 BTC to those wallets (payments: 1)" in page
    assert "at most 0.90000000 BTC was paid from there to those wallets" in letter
    assert "at most 0.50000000 BTC" not in page + letter
    # How much of either its own coins paid is in no transaction: R12 has no share of it.
    assert "transactions that spend its coins together with those of other addresses" in page
    assert "of what is shown leaving it" not in page
    assert {one["share"] for one in json.loads((tool.case / "out/result.json").read_bytes())["edges"]} == {None}
    assert tool("verify")[0] in (0, 6)


@pytest.mark.parametrize("rule", ["fifo", "prorata"])
def test_what_several_alone_paid_is_what_the_outputs_are(rule: str, tool: Tool) -> None:
    """`a` brings 0.7 and `b` 0.8: 0.6 to one exchange, 0.5 to the other, and the rest back to each."""
    one = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("a", 70_000_000)], 1)
    two = transaction([("0" * 63 + "2", 0, "second", UNIT)], [("b", 80_000_000)], 1)
    coins = [(one["txid"], 0, "a", 70_000_000), (two["txid"], 0, "b", 80_000_000)]
    out = [("hot", 60_000_000), ("hot2", 50_000_000), ("a", 30_000_000), ("b", 9_990_000)]
    begun(tool, rule, one, two, then=[transaction(coins, out, 2)])
    assert paid(tool) == {
        (address(name), service): amount
        for name in ("a", "b")
        for service, amount in (("Kraken", 60_000_000), ("Binance", 50_000_000))
    }
    assert in_all(tool, "service paid in all") == {"Kraken": "60000000", "Binance": "50000000"}
    assert in_all(tool, "service payments") == {"Kraken": "1", "Binance": "1"}
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    assert "In all their history here they paid 0.50000000 BTC to those wallets (payments: 1)" in page
    assert "All value counted, 0.50000000 BTC was paid from there to those wallets" in letter
    assert page.count("at most 0.50000000") == 2, "in R9, of each address alone"
    assert "of what is shown leaving it" not in page


def test_change_of_ones_own_is_no_payment_to_others(tool: Tool) -> None:
    """Of 1.0, 0.3 goes to the exchange and 0.6999 back: it paid nobody else, and nothing is said of others."""
    lost = transaction([("0" * 63 + "1", 0, "victim", UNIT)], [("a", UNIT)], 1)
    last = transaction([(lost["txid"], 0, "a", UNIT)], [("hot", 30_000_000), ("a", 69_990_000)], 2)
    begun(tool, "fifo", lost, then=[last])
    assert paid(tool) == {(address("a"), "Kraken"): 30_000_000}
    assert "of what is shown leaving it" not in tool.text("report.html")
    (edge,) = json.loads((tool.case / "out/result.json").read_bytes())["edges"]
    assert edge["share"] == "100.0%"


@pytest.mark.parametrize(
    ("figure", "told", "named"), [("swept", "50000000", "paid in all"), ("sweeps", "2", "payments")]
)
def test_the_outside_verifier_works_the_bound_out(figure: str, told: str, named: str, tool: Tool) -> None:
    lost = transaction([("0" * 63 + "1", 0, "victim", 2 * UNIT)], [("a", UNIT), ("victim", UNIT - 1000)], 1)
    other = transaction([("0" * 63 + "2", 0, "bank", UNIT)], [("b", UNIT)], 1)
    coins = [(lost["txid"], 0, "a", UNIT), (other["txid"], 0, "b", UNIT)]
    last = transaction(coins, [("hot", 90_000_000), ("hot2", 60_000_000)], 2)
    begun(tool, "fifo", lost, then=[other, last])

    def wrong() -> list[str]:
        return [
            why for _, answer, why in outside.check(str(tool.case)) if answer == outside.FAILS and named in why
        ]

    assert wrong() == []
    path = tool.case / "out/result.json"
    result = json.loads(path.read_bytes())
    row = next(row for row in result["offramps"] if row["service"] == "Kraken")
    assert row["swept"] == "90000000"
    row[figure] = told if isinstance(row[figure], str) else int(told)
    path.write_text(json.dumps(result, separators=(",", ":")))
    assert wrong()
