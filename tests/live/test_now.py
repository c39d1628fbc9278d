"""From a transaction's id on TRON to drafted letters: a double of a node and of TronGrid, real bytes and ids."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from tests.live import grid
from tests.live.told import PATIENCE, running

from recover.case import open_for_reading
from recover.ledger.coverage import Covered
from recover_chain_tron.chain import asset
from recover_chain_tron.testing import made
from recover_chain_tron.testing.made import Owner
from recover_chain_tron.testing.server import Double, Fault, serving

VICTIM, THIEF, MULE, CUSTOMER, HOT = (Owner(n) for n in ("victim", "thief", "mule", "customer", "hot"))
USD = 10**6


def at(number: int) -> int:
    return made.START + 3_000 * number


GIVEN = made.paid(HOT, VICTIM.text, 900 * USD, at=at(1))
THEFT = made.paid(VICTIM, THIEF.text, 900 * USD, at=at(10))
PASSED = made.paid(THIEF, MULE.text, 900 * USD, at=at(20))
CREDIT = made.paid(MULE, CUSTOMER.text, 600 * USD, at=at(30))
SWEEPS = (made.paid(CUSTOMER, HOT.text, 250 * USD, at=at(40)), made.paid(CUSTOMER, HOT.text, 350 * USD, at=at(50)))
ALL = (GIVEN, THEFT, PASSED, CREDIT, *SWEEPS)


def double(**more: Any) -> Double:
    tokens: dict[str, list[Any]] = {}
    for each in ALL:
        for item in made.token_items(each):
            for who in (item["from"], item["to"]):
                tokens.setdefault(who, []).append(item)
    return Double(made=ALL, tokens=tokens, at=at(1000), **more)


def configured(where: Path, url: str) -> None:
    (where / "recover.toml").write_text(
        '[defaults]\nexaminer = "N"\nagency = "A"\nrule = "fifo"\n'
        f'[sources.tron-node]\nendpoint = "{url}"\n[sources.trongrid-trc20]\nendpoint = "{url}"\n'
    )


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(
        "#recover-labels 1\n#source: a list made for this test\n#grade: B\n"
        "chain,address,service,label,role,category\n"
        f"tron:0x2b6653dc,{HOT.text},Kraken,Kraken hot wallet,hot-wallet,exchange\n"
    )
    return path


def events(where: Path, *words: str) -> tuple[list[dict[str, Any]], int, str]:
    """All that one command told, its exit code, and what it wrote to standard error."""
    with running(where, *words) as told:
        out, said = told.all(PATIENCE)
        return out, told.process.returncode, said


def test_from_an_id_to_a_letter_and_again_from_there(tmp_path: Path, labels: Path) -> None:
    case = tmp_path / "case"
    server = double()
    server.balances = {(made.USDT, MULE.text): 300 * USD}
    with serving(server) as url:
        configured(tmp_path, url)
        first, code, said = events(tmp_path, "now", str(case), f"https://tronscan.org/#/transaction/{THEFT.id}")
        assert code in (0, 5), said
        kinds = [event["event"] for event in first]
        assert kinds[0] == "case"
        assert {"chain", "loss", "warning", "papers", "done"} <= set(kinds)
        assert next(e for e in first if e["event"] == "warning")["code"] == "no-labels"
        running_import = events(tmp_path, "import", str(case), str(labels))
        assert running_import[1] == 0
        second, code, said = events(tmp_path, "now", str(case))
    ramp = next(event for event in second if event["event"] == "off-ramp")
    assert (ramp["service_name"], ramp["credited_address"], ramp["credited"]) == (
        "Kraken",
        CUSTOMER.text,
        str(600 * USD),
    )
    assert ramp["transactions"] == [CREDIT.id]
    assert "Kraken" in ramp["do"]
    ended = next(event["said"] for event in second if event["event"] == "done")
    assert f"recover letter draft {case} --kind preserve --to kraken --as ROLE" in ended
    assert f"recover letter issue {case} kraken-preserve --by NAME" in ended
    letters = [event for event in second if event["event"] == "papers"][-1]
    assert letters["letters"] == ["kraken-preserve-v1.pdf", "tether-freeze-v1.pdf"]
    assert "kraken-preserve-v1.pdf" in letters["said"]
    freeze = (case / "out" / "letters" / "tether-freeze-v1.txt").read_text()
    assert f"Look up: {MULE.text}" in freeze
    assert "300.000000 USDT at block 60000000" in freeze
    assert not [event for event in second if event.get("code") == "no-freeze-letter"]
    frozen = [event for event in second if event["event"] == "freezable"]
    told = ("balance was not asked", " held there at block ", "the balance asked is 0")
    assert all(any(word in e["said"] for word in told) for e in frozen)
    assert any(MULE.text in json.dumps(event) for event in frozen)
    assert any((case / "out" / "letters").iterdir())
    asked = [one.request for one in open_for_reading(case).exhibits() if one.request]
    assert len(asked) == len(set(asked)), "a second call repeats nothing that was answered"


def test_a_node_that_has_nothing_ends_loudly_with_its_reason(tmp_path: Path) -> None:
    with serving(Double()) as url:
        configured(tmp_path, url)
        told, code, said = events(tmp_path, "now", str(tmp_path / "case"), f"tron:{THEFT.id}", "--within", "20")
    assert code == 2
    text = json.dumps(told) + said
    assert "nothing-collected" in text
    assert "tron-node" in text
    assert not any((tmp_path / "case" / "out").glob("*")) if (tmp_path / "case" / "out").exists() else True


def test_servers_that_are_not_there_are_known_in_seconds_and_a_slip_can_be_taken_back(tmp_path: Path) -> None:
    configured(tmp_path, "http://127.0.0.1:9")  # the discard port: nobody listens
    told, code, said = events(tmp_path, "now", str(tmp_path / "case"), f"tron:{THEFT.id}")
    assert code == 2
    again = [event for event in told if event.get("why") == "waiting"]
    assert len(again) == 1, "it says when it tries again, and does so once"
    assert "in 3 s" in again[0]["said"]
    assert "nothing-collected" in said
    assert "--drop L1" in said


SLOW = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("503", "reset", "half")]


@pytest.mark.parametrize("kind", ["429", *SLOW])
def test_a_server_that_fails_at_times_gives_the_same_in_the_end(kind: Any, tmp_path: Path, labels: Path) -> None:
    case = tmp_path / "case"
    with serving(double(faults=[Fault(kind=kind, times=3)])) as url:
        configured(tmp_path, url)
        told, code, said = events(tmp_path, "now", str(case), f"tron:{THEFT.id}")
    assert code in (0, 5), said
    done = next(event for event in told if event["event"] == "progress" and event["resolved"])
    assert done
    last = [event for event in told if event["event"] == "progress"][-1]
    assert last["resolved"][0]["lost"] == str(900 * USD)


def test_that_nothing_is_labelled_is_told_before_any_hub(tmp_path: Path) -> None:
    world = grid.WORLDS["small"]()
    with grid.serving("small") as url:
        configured(tmp_path, url)
        told, code, said = events(tmp_path, "now", str(tmp_path / "case"), f"tron:{world.start}")
    assert code in (0, 5), said
    kinds = [event.get("code") or event["event"] for event in told]
    assert "off-ramp" in kinds
    assert kinds.index("no-labels") < kinds.index("off-ramp")
    (barred,) = [event["said"] for event in told if event.get("code") == "no-freeze-letter"]
    assert "no exhibit states a balance of it" in barred
    assert "--kind freeze --to Tether" in barred


def test_a_long_history_is_read_from_where_the_money_arrived_and_is_whole_in_the_end(tmp_path: Path) -> None:
    case = tmp_path / "case"
    before = [made.paid(HOT, MULE.text, 1, at=at(-10_000 + 20 * n)) for n in range(9)]
    server = double(largest=3)
    old = [item for each in before for item in made.token_items(each)]
    server.tokens = {**server.tokens, MULE.text: [*old, *server.tokens[MULE.text]]}
    with serving(server) as url:
        configured(tmp_path, url)
        _, code, said = events(tmp_path, "now", str(case), f"tron:{THEFT.id}")
        assert code in (0, 5), said
        moment = at(20) - 600_000
        asked = [one.name for one in open_for_reading(case).exhibits() if f"/{MULE.text}/" in one.name]
        begun = [one for one in asked if "fingerprint" not in one]
        bounds = [re.findall(r"(min|max)_timestamp=([0-9]+)", one) for one in begun]
        assert bounds == [[], [("min", str(moment))], [("max", str(moment - 1))]]
        events(tmp_path, "now", str(case))
    again = [one.name for one in open_for_reading(case).exhibits() if f"/{MULE.text}/" in one.name]
    assert again == asked, "what was read is not read again"
    opened = open_for_reading(case)
    assert Covered.of(opened).whole(MULE.text, asset(made.USDT))
    noted = [
        entry.body["arrived"] for entry in opened.entries if entry.kind == "collecting" and "arrived" in entry.body
    ]
    assert any(MULE.text in name for one in noted for name in one)


@pytest.mark.slow
def test_where_histories_do_not_come_it_is_said_where_the_money_was_last_seen(tmp_path: Path) -> None:
    """And nobody is told that nothing is open, or that a place which nobody looked at rests."""
    case = tmp_path / "case"
    server = double(faults=[Fault(kind="html", path="trc20", times=-1)])
    server.balances = {(made.USDT, THIEF.text): 700 * USD}
    with serving(server) as url:
        configured(tmp_path, url)
        told, code, said = events(tmp_path, "now", str(case), f"tron:{THEFT.id}", "--requests", "8")
    assert code == 5, said
    (seen,) = [event for event in told if event["event"] == "last-seen"]
    ((place),) = seen["addresses"]
    assert (place["address"], place["amount"], place["balance"]) == (THIEF.text, str(900 * USD), str(700 * USD))
    assert f"900.000000 at {THIEF.text} (700.000000 USDT held there at " in seen["said"]
    assert "Tether can freeze" in seen["said"]
    assert any("web page (HTML)" in event["said"] for event in told if event["event"] == "failure")
    assert "nothing is open" not in told[-1]["why"]
    assert "0.000000 of 900.000000 USDT resolved (0 %)" in told[-1]["said"]
    again = {"trongrid-trc20": "http://127.0.0.1:9", "tron-node": "http://127.0.0.1:9"}
    words = [word for name, place in again.items() for word in ("--source", f"{name}={place}")]
    told, code, said = events(tmp_path, "watch", str(case), "--once", *words)
    assert code == 5, "with nothing looked at, nothing is known to rest"
    assert told[-1]["unseen"] == [THIEF.text]
    assert "0 of 1 places could be looked at" in told[-1]["said"]


def test_a_pursuit_goes_no_further_than_its_hops_and_says_what_it_leaves(tmp_path: Path, labels: Path) -> None:
    case = tmp_path / "case"
    with serving(double()) as url:
        configured(tmp_path, url)
        told, code, said = events(tmp_path, "now", str(case), f"tron:{THEFT.id}", "--hops", "1")
        asked = [one.name for one in open_for_reading(case).exhibits() if "/accounts/" in one.name]
        assert {who for who in (THIEF, MULE, CUSTOMER) if any(who.text in name for name in asked)} == {THIEF, MULE}
        assert code == 5, said
        assert told[-1]["left"] == 1
        assert "--hops" in told[-1]["why"]
        (seen,) = [event for event in told if event["event"] == "last-seen"]
        assert [one["address"] for one in seen["addresses"]] == [CUSTOMER.text]
        events(tmp_path, "import", str(case), str(labels))
        told, code, said = events(tmp_path, "now", str(case))
    assert told[-1]["left"] == 0
    assert any(event["event"] == "off-ramp" and CREDIT.id in event["said"] for event in told)
    papers = [event for event in told if event["event"] == "papers"]
    assert [bool(event["letters"]) for event in papers] == [True, True], "the letter first, then all"
    assert papers[0]["files"] < papers[1]["files"]


def test_what_nobody_may_be_asked_about_makes_no_case(tmp_path: Path) -> None:
    configured(tmp_path, "http://127.0.0.1:9")
    link = f"https://etherscan.io/tx/0x{THEFT.id}"
    for words, why in (([link], "evm-rpc"), ([f"tron:{THEFT.id}", "--amount", "48250"], "--asset")):
        _, code, said = events(tmp_path, "now", str(tmp_path / "case"), *words)
        assert (code, why in said) == (2, True), said
        assert not (tmp_path / "case").exists()


def test_one_ctrl_c_is_answered_with_papers_and_the_exit_code_of_an_interruption(tmp_path: Path) -> None:
    with serving(double(latency_ms=700)) as url:
        configured(tmp_path, url)
        with running(tmp_path, "now", str(tmp_path / "case"), f"tron:{THEFT.id}") as told:
            while told.until("progress")[0]["asks_answered"] < 1:
                pass
            told.process.send_signal(signal.SIGINT)
            papers, _ = told.until("papers")
            done, _ = told.until("done")
            assert told.process.wait(PATIENCE) == 130
    assert papers["files"]
    assert "ended by hand" in done["why"]


def test_an_amount_of_what_no_server_shows_declares_no_loss(tmp_path: Path) -> None:
    configured(tmp_path, "http://127.0.0.1:9")
    case = str(tmp_path / "case")
    for amount in ("50", "5"):
        words = ("now", case, f"tron:{THEFT.id}", "--amount", amount, "--asset", "usdt", "--within", "1")
        _, code, said = events(tmp_path, *words)
        assert (code, "nothing-collected" in said) == (2, True)
    assert open_for_reading(tmp_path / "case").settings.losses == ()
