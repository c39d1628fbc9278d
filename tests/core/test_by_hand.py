"""What persons do by hand: it changes the papers as theirs, can be undone, and the case verifies throughout."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, Tool, export, labels, tool, tx, who

from recover.case import journal
from recover.cli import main as program
from recover.cli.show import WHAT
from recover.sdk import Integrity

__all__ = ["tool"]

MOVES = [("victim", "own", 50), ("own", "hot", 20)]
BY = ("--by", "I. Roe", "--reason", "a liaison officer said so")


def done(tool: Tool, *arguments: str) -> dict[str, Any]:
    code, out, err = tool(*arguments, *BY, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def services(tool: Tool) -> set[str | None]:
    return {row["service"] for row in tool.show("offramps")}


def holds(tool: Tool) -> None:
    code, out, err = tool("verify")
    assert code == 0, out + err


@pytest.fixture
def traced(tool: Tool) -> Tool:
    tool.open(export(MOVES, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    return tool


def why(tool: Tool, name: str) -> dict[str, Any]:
    code, out, err = tool("why", who(name), "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_name_by_hand_is_that_persons_and_can_be_undone(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert services(tool) == set()
    made = done(tool, "assert", who("hot"), "--service", "Kraken", "--role", "hot-wallet", "--grade", "C")
    tool("run")
    assert services(tool) == {"Kraken"}
    assert (tool.case / "out/letters/kraken-preserve-v1.pdf").is_file()
    page = tool.text("report.html")
    assert "I. Roe (act 1)" in page
    assert "a liaison officer said so" in page
    holds(tool)
    done(tool, "undo", str(made["act"]))
    tool("run")
    assert services(tool) == set()
    assert not (tool.case / "out/letters/kraken-preserve-v1.pdf").exists()
    assert "Undone by I. Roe" in tool.text("report.html"), "nothing that was done disappears"
    holds(tool)


def test_a_name_that_a_person_withdraws_counts_no_more_and_is_told(traced: Tool) -> None:
    assert why(traced, "hot")["service"] == "Binance"
    done(traced, "assert", who("hot"), "--withdraw", "Binance")
    traced("run", "--until", "find")
    assert services(traced) == set()
    found = why(traced, "hot")
    assert (found["service"], found["for"]) == ("", [])
    (ground,) = found["against"]
    assert ground["counts"] is False
    assert "a liaison officer said so (I. Roe)" in ground["why_not"]
    holds(traced)


def test_a_rejected_off_ramp_is_in_no_letter_and_the_report_says_who_rejected_it(traced: Tool) -> None:
    (finding,) = [row["id"] for row in traced.show("findings") if row["kind"] == "off-ramp"]
    made = done(traced, "review", finding, "--reject")
    traced("run")
    assert not list((traced.case / "out").glob("letters/*"))
    assert "Reviewed and rejected by I. Roe" in traced.text("report.html")
    assert services(traced) == {"Binance"}, "the trace's figure is what it is"
    holds(traced)
    done(traced, "undo", str(made["act"]))
    traced("run")
    assert list((traced.case / "out").glob("letters/*.pdf"))
    holds(traced)


def test_where_the_case_asks_for_two_one_persons_review_settles_nothing(traced: Tool) -> None:
    toml = traced.case / "case.toml"
    toml.write_text(toml.read_text() + "\n[review]\nsecond = true\n")
    traced("run")
    (finding,) = [row["id"] for row in traced.show("findings") if row["kind"] == "off-ramp"]
    done(traced, "review", finding, "--reject")
    done(traced, "review", finding, "--reject")
    traced("run")
    assert list((traced.case / "out").glob("letters/*.pdf")), "the same person twice is one person"
    assert "not settled" in traced.text("report.html")
    _, _, err = traced(
        "review", finding, "--reject", "--by", "roe  I", "--reason", "the same person, written otherwise"
    )
    assert "does not count yet" in err
    assert {r["review"] for r in traced.show("findings") if r["id"] == finding} == {"open"}
    traced("review", finding, "--reject", "--by", "A. N. Other", "--reason", "seen too")
    traced("review", finding, "--accept", "--by", "C. Third", "--reason", "one against two")
    assert {r["review"] for r in traced.show("findings") if r["id"] == finding} == {"rejected"}
    code, _, err = traced("undo", "1", "--by", "C. Third", "--reason", "not mine")
    assert (code, "cannot take it back" in err) == (2, True)
    traced("run")
    assert not list((traced.case / "out").glob("letters/*"))


def test_a_review_is_of_the_finding_as_it_was(traced: Tool) -> None:
    (finding,) = [row["id"] for row in traced.show("findings") if row["kind"] == "off-ramp"]
    done(traced, "review", finding, "--reject")
    done(traced, "assert", who("hot"), "--service", "Kraken", "--role", "hot-wallet", "--grade", "B")
    traced("run")
    assert "Reviewed and rejected" not in traced.text("report.html").replace("a review of a finding", "")


def test_what_was_said_once_lifts_nothing_however_often_it_is_typed(traced: Tool) -> None:
    for by in ("I. Roe", "A. N. Other", "i  roe."):
        said = (
            "assert",
            who("own"),
            "--service",
            "Shop",
            "--role",
            "deposit",
            "--grade",
            "C",
            "--source",
            "one call",
        )
        assert traced(*said, "--by", by, "--reason", "heard")[0] == 0
    traced("run", "--until", "find")
    found = why(traced, "own")
    assert (found["service"], found["grade"], found["origins"]) == ("Shop", "D", ["person: one call"])
    assert any("label-habit-conflict" in line for line in found["reasons"]), "what left it went to another service"
    members = [address for row in traced.show("entities") for address in row["addresses"]]
    assert members.count(who("own")) == 1, "one address is one service's"


def test_a_label_of_a_day_to_come_and_copies_without_a_page_lift_nothing(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]), labels(EXCHANGE, grade="C"))
    for name, more in (("copy", ""), ("later", "#as_of: 2099-01-01\n")):
        file = tool.folder / f"{name}.csv"
        head, _, rest = labels(EXCHANGE, grade="C").partition("\n")
        lines = [line for line in rest.splitlines() if not (more and line.startswith("#as_of"))]
        lines = [f"#source: {name}" if line.startswith("#source") else line for line in lines]
        file.write_text(head + "\n" + more + "\n".join(lines) + "\n")
        assert tool("import", str(file))[0] in (0, 5)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    found = why(tool, "hot")
    assert (found["service"], found["grade"]) == ("Binance", "C")
    assert any("was stored before" in ground["why_not"] for ground in found["against"])


def test_why_says_first_what_must_be_known(traced: Tool) -> None:
    contract = traced.show("transfers")[0]["asset"].rpartition(":")[2]
    code, out, _ = traced("why", f"{CHAIN}:{contract}", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["remarks"][0].startswith("It is the contract of USDT")
    assert (found["leads"], found["would_raise"]) == (None, [])
    code, out, _ = traced(
        "why", "bip122:000000000019d6689c085ae165831e93:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "--json"
    )
    assert json.loads(out)["remarks"][0].startswith("No exhibit of this case shows anything that moved on bip122")


def test_persons_join_and_split(traced: Tool) -> None:
    done(traced, "join", who("own"), who("victim"))
    traced("run", "--until", "find")
    _, out, _ = traced("explain", who("own"), who("victim"), "--json")
    (found,) = json.loads(out)
    assert found["joined"] is True
    assert (found["steps"][0]["heuristic"], found["steps"][0]["grade"]) == ("person", "C"), "nobody said B"
    holds(traced)
    done(traced, "split", who("victim"))
    traced("run", "--until", "find")
    (found,) = json.loads(traced("explain", who("own"), who("victim"), "--json")[1])
    assert found["joined"] is False
    assert "a person set one of the two apart" in found["steps"][0]["why"]
    holds(traced)
    done(traced, "undo", "2")
    traced("run", "--until", "find")
    (found,) = json.loads(traced("explain", who("own"), who("victim"), "--json")[1])
    assert found["joined"] is True
    assert "joins from grade C upwards" in traced("join", who("own"), who("dep"), "--grade", "D", *BY)[2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("assert", who("hot"), "--service", "X", "--role", "deposit", "--by", " ", "--reason", "r"),
            "name of who does it",
        ),
        (("assert", who("hot"), *BY), "names a service, or withdraws one"),
        (("assert", who("hot"), "--service", "X", "--role", "deposit", "--grade", "F", *BY), "Grades are"),
        (("assert", who("hot"), "--service", "X", *BY), "is not said"),
        (
            ("assert", who("hot"), "--service", "X", "--role", "deposit", "--since", "2099-01-01", *BY),
            "has not come",
        ),
        (
            (
                "assert",
                who("hot"),
                "--service",
                "X",
                "--role",
                "other",
                *BY,
                "--since",
                "2024-01-01",
                "--until",
                "2020-01-01",
            ),
            "before 2024-01-01",
        ),
        (("review", "F999", "--accept", *BY), "no finding"),
        (("join", who("hot"), *BY), "needs two addresses"),
        (("join", who("hot"), who("own"), "--grade", "F", *BY), "grade 'F' is not known"),
        (("undo", "7", *BY), "no such act"),
        (("split", tx(1), *BY), "is a transaction id"),
    ],
)
def test_an_act_that_cannot_be_is_refused_and_nothing_is_journaled(
    traced: Tool, arguments: tuple[str, ...], said: str
) -> None:
    before = (traced.case / "journal.jsonl").read_bytes()
    code, _, err = traced(*arguments)
    assert code == 2
    assert said in err
    assert (traced.case / "journal.jsonl").read_bytes() == before


def test_why_tells_what_is_for_and_against_by_origin(traced: Tool) -> None:
    found = why(traced, "hot")
    assert (found["service"], found["grade"], found["origins"]) == ("Binance", "B", ["none"])
    assert found["first"] == "2022-03-02"
    assert tx(2) in found["transactions"]
    assert any("a record in writing by Binance" in line for line in found["would_raise"])
    assert any("weaker grade" in line for line in found["would_lower"])
    other = traced.folder / "other.csv"
    other.write_text(labels(("hot", "Kraken", "hot-wallet", "exchange"), grade="C"))
    traced("import", str(other))
    traced("run", "--until", "find")
    found = why(traced, "hot")
    assert (found["service"], found["grade"]) == ("Binance", "C")
    assert [ground["service"] for ground in found["against"]] == ["Kraken"]
    assert "label-contradiction" in {gap["code"] for gap in traced.show("gaps")}


def test_why_marks_what_is_inherited(traced: Tool) -> None:
    done(traced, "join", who("hot"), who("victim"))
    traced("run", "--until", "find")
    found = why(traced, "victim")
    assert (found["service"], found["step"], found["inherited"]) == ("Binance", "P6", True)
    assert found["grade"] >= "C"


def test_one_address_and_one_transaction_are_shown_with_all_that_there_is(traced: Tool) -> None:
    found = json.loads(traced("show", "address", who("own"), "--json")[1])
    assert found["address"] == who("own")
    assert len(found["transfers"]) == 2
    assert [row["service"] for row in found["offramps"]] == ["Binance"]
    found = json.loads(traced("show", "tx", tx(1), "--json")[1])
    assert [row["id"] for row in found["transactions"]] == [tx(1)]
    assert len(found["transfers"]) == 1
    assert traced("show", "tx", tx(9))[0] == 2
    assert traced("show", "address")[0] == 2
    assert traced("show", "offramps", who("own"))[0] == 2


def test_listings_are_filtered(traced: Tool) -> None:
    def rows(what: str, *options: str) -> list[dict[str, Any]]:
        code, out, err = traced("show", what, *options, "--json")
        assert code == 0, err
        found: list[dict[str, Any]] = json.loads(out)
        return found

    def refused(what: str, *options: str) -> str:
        code, out, _ = traced("show", what, *options, "--json")
        assert code == 2
        said: str = json.loads(out)["error"]["what"]
        return said

    assert len(rows("transfers")) == 2
    assert [r["tx"] for r in rows("transfers", "--address", who("victim"))] == [tx(1)]
    assert [
        r["tx"] for r in rows("transfers", "--address", f"{CHAIN}:{who('victim').upper().replace('0X', '0x')}")
    ]
    assert [r["tx"] for r in rows("transfers", "--tx", tx(2))] == [tx(2)]
    assert [r["tx"] for r in rows("transfers", "--least", "30")] == [tx(1)]
    assert rows("transfers", "--asset", "USDT", "--least", "51") == []
    assert refused("transfers", "--asset", "WBTC") == "Nothing in the case is of the asset WBTC."
    assert {r["loss"] for r in rows("flows", "--loss", "L1")} == {"L1"}
    assert rows("findings", "--address", who("own"), "--least", "20")
    assert rows("offramps", "--loss", "L1", "--address", who("own"), "--tx", tx(1))
    assert refused("offramps", "--loss", "L2") == "Nothing in the case is of a loss L2."
    assert refused("gaps", "--tx", tx(9)).startswith("Nothing in the case is of the transaction")
    assert traced("show", "transfers", "--least", "many")[0] == 2
    assert [r["id"] for r in rows("losses", "--loss", "L1")] == ["L1"]
    # What rows do not say themselves, the movements behind them do.
    assert [r["number"] for r in rows("exhibits", "--loss", "L1")] == [1]
    assert [r["number"] for r in rows("exhibits", "--address", who("hot"))] == [1, 2], "and what a list says of it"
    assert {who("own")} < {a for r in rows("entities", "--loss", "L1") for a in r["addresses"]} | {
        who("own"),
        who("hot"),
    }
    assert rows("entities", "--tx", tx(1), "--least", "51") == []
    assert [r["id"] for r in rows("losses", "--tx", tx(2))] == ["L1"]
    assert [r["id"] for r in rows("losses", "--least", "51")] == []
    assert [r["id"] for r in rows("transactions", "--address", who("hot"))] == [tx(2)]
    assert [r["id"] for r in rows("transactions", "--address", who("own"), "--least", "30")] == [tx(1)]
    assert [r["tx"] for r in rows("transfers", "--loss", "L1")] == [tx(1), tx(2)]
    assert any(r["kind"] == "exhibit" for r in rows("journal", "--address", who("hot")))


def test_every_listing_takes_every_filter(traced: Tool) -> None:
    filters = ("--address", who("own"), "--tx", tx(1), "--asset", "USDT", "--loss", "L1", "--least", "1")
    for what in WHAT:
        if what not in ("address", "tx"):
            assert traced("show", what, *filters, "--json")[0] == 0, what


def test_an_act_that_somebody_wrote_into_the_journal_by_hand_is_refused() -> None:
    body = {"act": "split", "by": "x", "reason": "y", "chain": "c", "addresses": "all"}
    first = journal.make(1, datetime(2026, 1, 1, tzinfo=UTC), "act", body, journal.GENESIS)
    with pytest.raises(Integrity):
        journal.read(first.line())


def test_an_address_without_a_name_has_leads_and_a_shape_that_names_nobody(tool: Tool) -> None:
    payers = [f"p{n}" for n in range(3)]
    moves = [("victim", "p0", 9), *((p, "hub", 1) for p in payers), ("p0", "hot", 2), ("p1", "hot", 1)]
    tool.open(export(moves, payers), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    found = why(tool, "hub")["leads"]
    assert (found["depositors"], found["payees"], found["whole"]) == (3, 0, False)
    assert found["candidates"] == [
        {"service": "Binance", "shared": 2, "wallets": [who("hot")], "paid": 0, "got": 0, "funded": False}
    ]
    (asks,) = [line for line in why(tool, "hub")["would_raise"] if "--kind enquiry" in line]
    assert f"--to Binance --as authority --about {who('hub')}" in asks
    assert found["first_payer"] == who("p0")
    assert found["shape"].startswith("as far as the exhibits show")
    assert why(tool, "hot")["leads"] is None


def test_what_deals_with_a_service_itself_is_a_lead_too(tool: Tool) -> None:
    moves = [("hot", "x", 5), ("victim", "x", 9), ("x", "hot", 2), ("x", "hot", 1)]
    tool.open(export(moves, ["victim"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT")
    tool("run", "--until", "find")
    (one,) = why(tool, "x")["leads"]["candidates"]
    assert (one["service"], one["shared"], one["paid"], one["got"], one["funded"]) == ("Binance", 0, 2, 1, True)


def test_the_enquiry_that_why_names_asks_by_chain_and_day(tool: Tool) -> None:
    payers = [f"p{n}" for n in range(3)]
    moves = [("victim", "p0", 9), *((p, "hub", 1) for p in payers), ("p0", "hot", 2), ("p1", "hot", 1)]
    tool.open(export(moves, payers), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    asked = f"--kind enquiry --to Binance --as authority --about {who('hub')}".split()
    assert program.main(["letter", "draft", str(tool.case), *asked]) == 0
    tool.capsys.readouterr()
    text = (tool.case / "out/letters/binance-enquiry-v1.txt").read_text("utf-8")
    row = next(line for line in text.splitlines() if who("hub") in line and "2022-" in line)
    assert CHAIN in row
    first, last = (next(r for r in tool.show("transfers") if r["tx"] == tx(n))["time"] for n in (2, 4))
    assert first[:10] in row
    assert last[:10] in row
