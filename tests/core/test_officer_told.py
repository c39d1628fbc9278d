"""What an officer says on the telephone: who paid whom and when, which loss is wrong, what is not known yet."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from tests.core.test_cli_show import RAMP
from tests.core.test_now_unsettled import HOP, SHOP, THEFT, THIEF
from tests.core.test_officer import Desk, configured, desk, known, where

from recover.capture import vain
from recover.case import Case, open_for_reading
from recover.plugins import registry
from recover.pursuit import frontier, reached
from recover.pursuit.booked import booked
from recover_chain_tron.testing.made import START, Owner, paid, token_items
from recover_chain_tron.testing.server import Double, Fault, serving

__all__ = ["desk", "where"]


LABEL = (
    "#recover-labels 1\n#source: a list made for this test\n#grade: B\n"
    "chain,address,service,label,role,category\n"
    f"tron:0x2b6653dc,{SHOP.text},Kraken,Kraken wallet,hot-wallet,exchange\n"
)


def test_a_private_wallet_that_paid_is_no_address_credited_and_the_clock_is_of_its_payment(desk: Desk) -> None:
    late = paid(THIEF, SHOP.text, 3_000, at=START + 3_420_000, height=60_001_140)
    other = paid(THIEF, Owner("mule").text, 2_000, at=START + 300_000, height=60_000_100)
    moves = (THEFT, other, late)
    pages = {THIEF.text: [item for one in moves for item in token_items(one)]}
    with serving(Double(made=moves, tokens=pages, at=START + 3_600_000)) as url:
        configured(url, "trongrid-trc20", "tron-node")
        assert desk("open", "c", "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")[0] == 0
        assert desk("loss", "c", "--tx", f"tron:{THEFT.id}")[0] == 0
        Path("labels.csv").write_text(LABEL)
        assert desk("import", "c", "labels.csv")[0] == 0
        code, told, err = desk.events("now", "c", "--source", "trongrid-trc20", "--source", "tron-node")
    assert code in (0, 5), err
    ramp = [event for event in told if event["event"] == "off-ramp"][-1]
    at = datetime.fromtimestamp((START + 3_420_000) // 1000, UTC)
    assert (ramp["credited_address"], ramp["paid_by"]) == (None, THIEF.text)
    assert (ramp["transactions"], datetime.fromisoformat(ramp["last"])) == ([late.id], at)
    assert f"reached Kraken, paid by {THIEF.text} (may be a private wallet), where" in ramp["said"]
    assert f"what transaction {late.id} paid it." in ramp["do"]
    assert THEFT.id not in ramp["said"]
    _, out, _ = desk("status", "c", "--json")
    (clock,) = json.loads(out)[0]["clocks"]
    assert (clock["credited_address"], clock["paid_by"]) == (None, THIEF.text)
    assert clock["what"].startswith(f"Kraken, paid by {THIEF.text} (may be a private wallet)")
    assert datetime.fromisoformat(clock["by"]) == at + reached.WINDOW
    _, out, _ = desk("show", "c", "offramps", "--json")
    (row,) = json.loads(out)
    assert (row["credited_address"], row["paid_by"], row["paid"]["transactions"]) == (None, THIEF.text, [late.id])
    _, out, _ = desk("show", "c", "offramps")
    assert "paid (may be private)" in out
    assert f"{at:%Y-%m-%d %H:%M}" in out
    # While it runs, the minutes are those of the payment.
    case = open_for_reading(Path("c"))
    (found,) = reached.offramps(case)
    (its,) = booked(case, [found])
    assert "within 13 minutes" in reached.todo(found, its, at + timedelta(minutes=2, seconds=30))


def test_what_was_credited_itself_keeps_its_credits() -> None:
    at_desk = replace(RAMP, service="kraken", service_name="Kraken", deposit=True)
    own_wallet = replace(at_desk, deposit=False, through="toy-hot", memo="7")
    for ramp in (at_desk, own_wallet):
        (one,) = booked(cast(Case, None), [ramp])
        assert (one.transactions, one.first) == (ramp.transactions, ramp.first)
        assert reached.named(ramp) == {"hub": None, "credited_address": ramp.through, "paid_by": None}
    assert "(the address credited)" in reached.where(at_desk)
    assert reached.where(own_wallet).startswith("directly, at toy-hot, a wallet of its own under the memo 7")


def test_the_loss_to_be_taken_back_is_the_one_that_nobody_has(desk: Desk) -> None:
    wrong = [THEFT.id[:-2] + end for end in ("00", "01")]
    with serving(known()) as url:
        configured(url, "tron-node", "trongrid-trc20")
        code, _, err = desk("now", "c", f"tron:{wrong[0]}")
        assert (code, "--drop L1" in err) == (2, True)
        code, told, _ = desk.events("now", "c", f"tron:{THEFT.id}")
        said = [event["said"] for event in told if event.get("code") == "loss-not-found"]
        assert [one.partition("If the id")[2] for one in said] == [
            " was mistyped, take the loss back: recover loss c --drop L1"
        ]
        code, _, err = desk("now", "d", *(f"tron:{one}" for one in wrong))
        assert code == 2
        assert f"--drop ID, of L1 ({wrong[0]}), L2 ({wrong[1]})" in " ".join(err.split())


def test_a_transaction_without_its_receipt_is_not_called_mistyped(desk: Desk) -> None:
    with serving(known(faults=[Fault(kind="403", path="gettransactioninfobyid", times=-1)])) as url:
        configured(url, "tron-node")
        code, told, _ = desk.events("now", "c", f"tron:{THEFT.id}", "--within", "45")
    assert code == 5
    (said,) = (event["said"] for event in told if event.get("code") == "loss-not-found")
    assert said.startswith("The transaction of loss L1 is here; exhibit 1 does not show what it moved")
    assert said.endswith("recover now c --source ID")
    assert "mistyped" not in said
    _, out, _ = desk("show", "c", "gaps", "--json")
    assert "is in no exhibit" not in out


def test_where_there_was_no_time_to_ask_nobody_is_said_not_to_answer(desk: Desk) -> None:
    assert desk("open", "c", "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")[0] == 0
    assert desk("loss", "c", "--tx", f"tron:{THEFT.id}")[0] == 0
    error = vain.nothing(open_for_reading(Path("c")), registry.load(), "the time that it was given is over")
    assert error.why == "Nothing was asked yet: the time that it was given is over."
    assert error.todo == "Give it more: recover now c --within SECONDS"


def test_a_look_counts_the_places_that_it_asked_about_before_they_were_left(desk: Desk) -> None:
    server = Double(made=(THEFT,), tokens={THIEF.text: token_items(THEFT)}, at=START + 10_000)
    with serving(server) as url:
        configured(url, "tron-node", "trongrid-trc20")
        desk("now", "c", f"tron:{THEFT.id}", "--within", "20")
        Path("labels.csv").write_text(LABEL)
        assert desk("import", "c", "labels.csv")[0] == 0
        every = paid(THIEF, SHOP.text, 5_000, at=START + 20_000, height=60_000_008)
        server.made, server.at = (THEFT, every), START + 600_000
        server.tokens = {one: token_items(THEFT) + token_items(every) for one in (THIEF.text, SHOP.text)}
        code, told, err = desk.events("watch", "c", "--once")
    assert [event["transactions"] for event in told if event["event"] == "moved"] == [[every.id]], err
    done = told[-1]
    assert (code, done["places"], done["unseen"]) == (5, 1, [])
    assert "1 of 1 places could be looked at" in done["said"]


def test_a_history_that_lacks_the_payment_that_is_here_is_not_taken_for_whole(desk: Desk) -> None:
    with serving(Double(made=(THEFT, HOP), tokens={}, at=START + 600_000)) as url:
        configured(url, "tron-node", "trongrid-trc20")
        code, told, err = desk.events("now", "c", f"tron:{THEFT.id}")
    assert code == 5, err
    assert [(one["resolved"], one["at_rest"]) for one in told[-1]["resolved"]] == [("0", "0")]
    assert not [event for event in told if event["event"] == "freezable" and "rests at" in event["said"]]
    _, out, _ = desk("show", "c", "gaps", "--json")
    # One for each answer that lacks it: the history was asked again, and is open still.
    found = [row for row in json.loads(out) if row["code"] == "histories-differ"]
    assert {(gap["subject"].rpartition(":")[2], THEFT.id in gap["why"]) for gap in found} == {(THIEF.text, True)}
    assert len({gap["why"] for gap in found}) == len(found) == 1 + len(frontier.LAGS)
    assert told[-1]["asks_open"] == 1


@pytest.mark.parametrize("size", [1, 200])
def test_pages_that_together_lack_what_another_exhibit_shows_are_not_taken_for_whole(
    desk: Desk, size: int
) -> None:
    """In one page or in two: none shows the hop, and the node shows it inside the period that they claim."""
    late = paid(THIEF, SHOP.text, 100, at=START + 60_000, height=60_000_019)
    mine, theirs = token_items(THEFT) + token_items(late), token_items(late)
    made, pages = (THEFT, HOP, late), {THIEF.text: mine, SHOP.text: theirs}
    with serving(Double(made=made, tokens=pages, at=START + 600_000, largest=size)) as url:
        configured(url, "tron-node", "trongrid-trc20")
        desk.events("now", "c", f"tron:{THEFT.id}")
        assert not _histories(desk)
        desk("loss", "c", "--tx", f"tron:{HOP.id}")
        code, _, err = desk("run", "c")
    assert code == 5, err
    lacking = {gap["subject"].rpartition(":")[2] for gap in _histories(desk) if HOP.id in gap["why"]}
    assert lacking == {THIEF.text, SHOP.text}
    code, out, err = desk("verify", "c")
    assert code == 0, out + err


def _histories(desk: Desk) -> list[dict[str, Any]]:
    _, out, _ = desk("show", "c", "gaps", "--json")
    return [row for row in json.loads(out) if row["code"] == "histories-differ"]


def test_of_an_address_it_is_said_that_all_that_arrived_there_counts_as_lost(desk: Desk) -> None:
    pages = {THIEF.text: token_items(THEFT)}
    with serving(Double(made=(THEFT,), tokens=pages, at=START + 3_600_000)) as url:
        configured(url, "trongrid-trc20", "tron-node")
        sources = ("--source", "trongrid-trc20", "--source", "tron-node")
        _, told, _ = desk.events("now", "c", f"tron:{THIEF.text}", *sources)
        (loss,) = [event for event in told if event["event"] == "loss"]
        assert "All that arrived there is taken to be what was lost" in loss["said"]
        assert "recover loss c --drop L1, then recover now c TRANSACTION" in loss["said"]
        _, told, _ = desk.events("now", "d", f"tron:{THEFT.id}", *sources)
        (loss,) = [event for event in told if event["event"] == "loss"]
        assert "All that arrived" not in loss["said"]
