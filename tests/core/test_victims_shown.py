"""What is shown of a payment, and what came back of it, is what the joined ledger says, once."""

from __future__ import annotations

import json

import pytest
from pypdf import PdfReader
from tests.core.test_statements import USDT, Tool, export, tool, who
from tests.core.test_victims import ANNA, SOMCHAI, Desk, row

__all__ = ["tool"]


def test_a_transfer_in_the_histories_of_both_sides_is_shown_once(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 50)], ["own", "victim"]))
    taken = Desk(tool, tool.folder).take(row(ANNA, amount="75"))
    (paid,) = taken["payments"]
    assert (paid["claimed"], paid["shown"], paid["state"]) == ("75000000", "50000000", "above the transaction")
    assert any("more than the transaction moved" in line for line in taken["told"])
    assert tool.show("losses")[0]["amount"] == "50000000"


def shares(tool: Tool, mode: str, pool: str, *more: str) -> dict[str, str]:
    code, out, err = tool("allocate", "--asset", USDT, "--pool", pool, "--mode", mode, *more, "--json")
    assert code == 0, err
    return {one["claimant"]: one["share"] for one in json.loads(out)["modes"][0]["shares"]}


@pytest.fixture
def back(tool: Tool) -> Desk:
    """The first paid 100, and had 30 of it back on the chain; 20 of the second are still with the thief."""
    moves = [("victim", "own", 100), ("other", "own", 40), ("own", "victim", 30), ("own", "thief", 90)]
    tool.open(export(moves, ["own", "thief"]))
    return Desk(tool, tool.folder)


def test_what_came_back_on_the_chain_is_set_off_once(back: Desk) -> None:
    one, two = back.take(row(ANNA, amount="100", rest=",,20,,") + row(SOMCHAI, 2, "40"))["new"]
    back.tool("run", "--until", "find")
    assert shares(back.tool, "prorata_net", "11.0") == {one: "7000000", two: "4000000"}
    assert shares(back.tool, "rising_tide", "40.0") == {one: "20000000", two: "20000000"}
    listed = back.show("list")[0]
    assert (listed["received"], listed["on_chain"]) == ({USDT: "30000000"}, {USDT: "30000000"})
    out = back.folder / "papers"
    back.show("notice", one, "--out", str(out))
    for language, words in (
        ("en", "come, out of what was traced, to the wallet that you paid from: 30.000000 USDT"),
        ("th", "30.000000"),
    ):
        pages = PdfReader(out / f"notice-{one}-{language}.pdf").pages
        assert words in " ".join("".join(page.extract_text() for page in pages).split())
    back.show("petition", one, "--out", str(out))
    assert '"30000000"' in (out / f"us-remission-{one}.json").read_text()


def test_a_payment_that_two_claim_is_traced_and_counted_once(back: Desk) -> None:
    rival = ANNA.replace(
        "Anna Beispielfrau,anna.b@example.org,+4930123456,1960-01-02", "Eve Beispiel,e@example.org,,"
    )
    one, two, three = back.take(row(ANNA, amount="100") + row(SOMCHAI, 2, "40") + row(rival, 2, "40"))["new"]
    back.tool("run", "--until", "find")
    held = "L2: whose is open"
    # 70 and 40 are due. Two payments of 40 would leave the first 51.33.
    assert shares(back.tool, "prorata_net", "77.0") == {one: "49000000", held: "28000000"}
    first = shares(back.tool, "traced_first", "20.0", "--at", who("thief"))
    code, out, _ = back.tool(*("allocate", "--asset", USDT, "--pool", "20.0", "--at", who("thief"), "--json"))
    claims = {one["id"]: one for one in json.loads(out)["claims"]}
    assert code == 0
    assert claims["L2"]["rivals"] == [two, three]
    assert int(claims["L2"]["traced"]) > 0 < int(first[held])
    # An extract for one of the two shows it, and does not say who the other is.
    code, out, _ = back.tool("allocate", "--asset", USDT, "--pool", "77.0", "--only", two, "--json")
    assert (code, three in out) == (0, False)
    assert [c["rivals"] for c in json.loads(out)["claims"]] == [[two, "another claimant"], []]
    recorded = ("--record", "interim", "--authority", "order 1", "--by", "N", "--mode", "prorata_net")
    code, _, err = back.tool("allocate", "--asset", USDT, "--pool", "77.0", *recorded)
    assert code == 2
    assert all(word in err for word in ("--as same", "--loss L2"))
    assert [r["open"] for r in back.show("list")] == [[], ["claimed by two"], ["claimed by two"]]


def test_a_hop_that_is_claimed_as_a_loss_is_not_counted_in_silence(back: Desk) -> None:
    one, two = back.take(row(ANNA, amount="100") + row(SOMCHAI, 4, "90"))["new"]
    share = ("--asset", USDT, "--pool", "20.0", "--mode", "traced_first", "--at", who("own"))
    _, _, err = back.tool("allocate", *share)
    assert "have not seen all that the case holds" in err, "no trace was run"
    back.tool("run", "--until", "find")
    code, _, err = back.tool("allocate", *share, "--out", str(back.folder / "papers"))
    assert (code, "have not seen" in err) == (0, False)
    assert f"{two}.1 carries what began as other losses" in err
    assert f"{one}.1 carries" not in err
    pages = PdfReader(back.folder / "papers/allocation.pdf").pages
    assert "carries what began as other losses" in " ".join("".join(p.extract_text() for p in pages).split())
    code, _, err = back.tool("allocate", *share, "--record", "interim", "--authority", "order 1", "--by", "N")
    assert (code, "distribution-carried" in err) == (2, True)


def test_traced_first_says_where_nothing_is_traced_to_the_pool(back: Desk) -> None:
    back.take(row(ANNA, amount="100"))
    back.tool("run", "--until", "find")
    share = ("--asset", USDT, "--pool", "20.0", "--mode", "traced_first", "--at")
    assert "nothing of any claim is traced" in back.tool("allocate", *share, who("elsewhere"))[2]
    assert "nothing of any claim is traced" not in back.tool("allocate", *share, who("thief"))[2]
