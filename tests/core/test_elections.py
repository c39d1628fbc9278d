"""Elections: the facts of Re Oatway in small, and everything that an election must not be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from recover_chain_toy.chain import CHAIN, COIN, Toy
from recover_chain_toy.source import Payments

from recover.case import derived, open_for_reading
from recover.case.settings import Elected, parse, text
from recover.cli import main as program
from recover.findings import view
from recover.plugins import registry
from recover.plugins.registry import load
from recover.sdk import Batch, Chain, Coverage, Error, Exhibit, Source, amounts, plugin

# A trustee with 4,000 of his own pays 3,000 of trust money in, buys shares for 2,000, and spends all the rest.
PAYMENTS = """# toy payments
1 toy-ann toy-trust 300000
2 toy-own toy-mid 400000
3 toy-trust toy-mid 300000
4 toy-mid toy-shares 200000
5 toy-mid toy-spent 500000
"""
ELECT = ("elect", "c", "--loss", "L1", "--tx", "4", "--asset", "TOY", "--reason", "pleaded in paragraph 12")


class Whole(Payments):
    """The toy payments, with the whole history of the accounts that pay on."""

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield from super().decode(exhibit)
        yield Batch.of(*(Coverage(chain=CHAIN, address=name, place=1) for name in ("toy-trust", "toy-mid")))


class Plugin:
    @plugin
    def recover_chains(self) -> list[Chain]:
        return [Toy()]

    @plugin
    def recover_sources(self) -> list[Source]:
        return [Whole()]


def opened(rule: str) -> None:
    Path("p.txt").write_text(PAYMENTS)
    facts = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", rule)
    assert program.main(["open", "c", *facts]) == 0
    assert program.main(["import", "c", "p.txt"]) == 0
    assert program.main(["loss", "c", "--tx", "1"]) == 0


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(registry, "load", lambda: load(extra=[Plugin()]))
    monkeypatch.chdir(tmp_path)


def ends(rule: str) -> dict[str, int]:
    table = derived.read(open_for_reading(Path("c")), "ends")
    rows = zip(table.to_pylist(), amounts.exact(table), strict=True)
    return {r["address"]: amount for r, amount in rows if r["rule"] == rule and r["ties"] == "as recorded"}


def code(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert program.main([*words, "--json"]) == 2
    found: str = json.loads(capsys.readouterr().out)["error"]["code"]
    return found


def test_the_shares_were_bought_with_the_trust_money() -> None:
    opened("oatway")
    assert program.main([*ELECT]) == 0
    assert program.main(["run", "c", "--until", "find"]) == 5
    assert ends("oatway") == {"toy-shares": 200000, "toy-spent": 100000}
    assert ends("libr") == {"toy-spent": 300000}
    case = open_for_reading(Path("c"))
    assert case.settings.elections == (
        Elected(loss="L1", tx="4", asset=COIN.id, reason="pleaded in paragraph 12"),
    )
    (noted,) = [entry.body for entry in case.entries if entry.kind == "elected"]
    assert (noted["tx"], noted["reason"]) == ("4", "pleaded in paragraph 12")


def test_an_election_runs_beside_another_declared_rule() -> None:
    opened("libr")
    assert program.main(["run", "c", "--until", "trace"]) == 5
    assert ends("oatway") == {}
    assert program.main([*ELECT]) == 0
    assert program.main(["run", "c", "--until", "find"]) == 5
    assert ends("oatway") == {"toy-shares": 200000, "toy-spent": 100000}


def test_what_went_elsewhere_in_the_transaction_is_not_elected(capsys: pytest.CaptureFixture[str]) -> None:
    opened("oatway")
    assert program.main([*ELECT, "--to", "toy-spent"]) == 0
    assert code(capsys, "run", "c", "--until", "trace") == "election-unfound"


def test_it_is_explained_and_exported_like_any_other_figure(capsys: pytest.CaptureFixture[str]) -> None:
    opened("oatway")
    assert program.main([*ELECT]) == 0
    assert program.main(["run", "c", "--until", "find"]) == 5
    capsys.readouterr()
    assert program.main(["explain", "c", "toy-shares", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    last = one["shortest"]["hops"][-1]
    assert last["taken"] == [{"loss": "L1", "amount": "200000"}]
    assert last["held"]["left_lots"] == [{"loss": None, "amount": "400000"}, {"loss": "L1", "amount": "100000"}]
    seen = view.load(open_for_reading(Path("c")), registry.load())
    flows = seen.tables["hops"]()
    mine = flows.filter([rule == "oatway" for rule in flows.column("rule").to_pylist()])
    assert mine.drop_columns(["rule"]).equals(seen.tables["flows"]())
    (told,) = [rule["elections"] for rule in seen.rules if rule["id"] == "oatway"]
    (entry,) = [entry.number for entry in open_for_reading(Path("c")).entries if entry.kind == "elected"]
    assert told == f"L1: what transaction 4 moved of {COIN.id} (pleaded in paragraph 12; journal entry {entry})"


@pytest.mark.parametrize("rule", ["oatway", "libr"])
def test_the_report_prints_it_also_where_the_rule_ran_beside_another(rule: str) -> None:
    opened(rule)
    assert program.main([*ELECT]) == 0
    assert program.main(["run", "c"]) == 5
    report = Path("c/out/report.md").read_text("utf-8")
    assert "Elected by the claimant" in report
    assert "pleaded in paragraph 12" in report
    assert ("ran beside the declared rule" in report) is (rule == "libr")
    assert "departs from lowest intermediate balance where the claimant elected it" in report.split("## R1 ")[0]


def test_without_an_election_the_rule_is_not_applied(capsys: pytest.CaptureFixture[str]) -> None:
    opened("oatway")
    assert code(capsys, "run", "c", "--until", "trace") == "election-missing"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("--loss", "L2"), "election-loss"),
        (("--tx", "toy-mid"), "election-place"),
        (("--to", "7"), "election-place"),
        (("--reason", "  "), "election-without-reason"),
        (("--asset", "GOLD"), "no-asset"),
    ],
)
def test_what_is_no_election(change: tuple[str, str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    opened("oatway")
    assert code(capsys, *ELECT, *change) == expected
    assert open_for_reading(Path("c")).settings.elections == ()


@pytest.mark.parametrize(("first", "second"), [((), ("--to", "toy-shares")), (("--to", "toy-shares"), ())])
def test_two_that_name_one_movement_of_a_loss_are_refused(
    first: tuple[str, ...], second: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    opened("oatway")
    assert program.main([*ELECT, *first]) == 0
    assert code(capsys, *ELECT, *second) == "election-within"
    assert len(open_for_reading(Path("c")).settings.elections) == 1


def collisions(*payments: str, losses: tuple[str, ...], elect: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The gaps of elections, by code and transaction, with what they say."""
    Path("p.txt").write_text("\n".join(("# toy payments", *payments, "")))
    facts = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "oatway")
    assert program.main(["open", "c", *facts]) == 0
    assert program.main(["import", "c", "p.txt"]) == 0
    for tx in losses:
        assert program.main(["loss", "c", "--tx", tx]) == 0
    for loss, tx in elect:
        assert program.main(["elect", "c", "--loss", loss, "--tx", tx, "--asset", "TOY", "--reason", "p"]) == 0
    assert program.main(["run", "c", "--until", "find"]) == 5
    gaps = derived.read(open_for_reading(Path("c")), "gaps").to_pylist()
    return {f"{g['code']} {g['subject']}": g["why"] for g in gaps if g["code"].startswith("election-")}


def test_two_claimants_of_one_movement_share_it_and_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    paid = ("1 toy-ann toy-mid 30", "2 toy-bob toy-mid 10", "3 toy-mid toy-shares 20", "4 toy-mid toy-spent 20")
    found = collisions(*paid, losses=("1", "2"), elect=(("L1", "3"), ("L2", "3")))
    assert set(found) == {"election-shared 3"}
    rows = derived.read(open_for_reading(Path("c")), "gaps").to_pylist()
    said = sorted(g["why"] for g in rows if g["code"] == "election-shared")
    assert "elected for L1 under rule oatway. 0.15 TOY of its value left by it, of 0.20 TOY moved" in said[0]
    assert "elected for L2 under rule oatway. 0.05 TOY of its value left by it, of 0.20 TOY moved" in said[1]
    capsys.readouterr()
    more = ("elect", "c", "--loss", "L1", "--tx", "4", "--asset", "TOY", "--reason", "p", "--json")
    assert program.main([*more]) == 0
    assert json.loads(capsys.readouterr().out)["shared"] == []
    assert program.main([*more[:3], "L2", *more[4:]]) == 0
    assert json.loads(capsys.readouterr().out)["shared"] == ["L1"]


def test_an_election_after_another_of_the_same_claimant_takes_what_is_left_and_it_is_said() -> None:
    paid = ("1 toy-ann toy-mid 30", "2 toy-own toy-mid 40", "3 toy-mid toy-shares 20", "4 toy-mid toy-gold 20")
    found = collisions(*paid, losses=("1",), elect=(("L1", "3"), ("L1", "4")))
    assert set(found) == {"election-spent 4"}
    assert "0.10 TOY of its value left by it, of 0.20 TOY moved: transaction 3" in found["election-spent 4"]
    assert ends("oatway") == {"toy-shares": 20, "toy-gold": 10}


def test_an_election_of_what_held_nothing_of_the_loss_is_said_and_one_that_took_all_is_not() -> None:
    paid = ("1 toy-own toy-mid 20", "2 toy-mid toy-early 20", "3 toy-ann toy-mid 30", "4 toy-mid toy-shares 40")
    found = collisions(*paid, losses=("3",), elect=(("L1", "2"), ("L1", "4")))
    assert set(found) == {"election-takes-nothing 2"}


def test_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    opened("oatway")
    assert program.main([*ELECT]) == 0
    assert code(capsys, *ELECT, "--reason", "again") == "election-twice"


def test_an_asset_that_no_loss_concerns_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    opened("oatway")
    assert program.main([*ELECT, "--asset", f"{CHAIN}/token:other"]) == 0
    assert code(capsys, "run", "c", "--until", "trace") == "election-asset"


SETTINGS = """format = 1
title = "T"
examiner = "N"
agency = "A"
rule = "oatway"
opened = 2024-05-01T00:00:00Z

[[loss]]
id = "L1"
chain = "toy:1"
tx = "1"
"""
GOOD = '[[election]]\nloss = "L1"\ntx = "4"\nasset = "a"\nreason = "r"\n'


def test_the_settings_keep_it() -> None:
    made = parse(SETTINGS + GOOD + 'to = "toy-b"\n')
    assert made.elections == (Elected(loss="L1", tx="4", asset="a", reason="r", to="toy-b"),)
    assert parse(text(made)) == made
    assert "election" not in text(parse(SETTINGS))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('election = "all"\n', "not a list of tables"),
        (GOOD.replace('reason = "r"\n', ""), "has no `reason`"),
        (GOOD + 'when = "now"\n', "`election.when` is not a setting"),
        (GOOD.replace('"4"', "4"), "`election.tx` of election 1 is not text"),
        (GOOD.replace("L1", "L2"), "names loss 'L2'"),
        (GOOD + GOOD, "election 2 is there twice"),
    ],
)
def test_strict_settings(given: str, why: str) -> None:
    before, after = (given, "") if given.startswith("election") else ("", given)
    with pytest.raises(Error) as caught:
        parse(before + SETTINGS + after)
    assert why in caught.value.why
