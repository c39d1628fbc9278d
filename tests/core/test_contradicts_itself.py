"""An exhibit that contradicts itself: each of its lists is an answer, worked out as several exhibits are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, labels, tool, tx, who

__all__ = ["tool"]

M = 10**6
Listed = tuple[str, int, str, str, int]
"""Whose list, the number of the transaction (and its day), payer, payee, amount."""

TWICE: list[Listed] = [
    ("own", 1, "victim", "own", 1000),
    ("own", 2, "own", "mid", 300),
    ("own", 2, "own", "mid", 300),
    ("mid", 2, "own", "mid", 300),
    ("mid", 3, "mid", "hot", 300),
]
"""What `own` lists of transaction 2 is two movements of 300, what `mid` lists of it one."""


def listing(rows: Sequence[Listed], hours: Sequence[int] = ()) -> str:
    head = ["#recover-transfers 1", "#source: a test", "#history: complete", "#until: 2022-06-01T00:00:00Z"]
    head.append("view,chain,tx,time,from,to,asset,amount,decimals,symbol,status")
    for n, (view, number, src, dst, amount) in enumerate(rows):
        time = f"2022-03-{number:02d}T{hours[n] if hours else 10:02d}:00:00Z"
        row = (who(view), CHAIN, tx(number), time, who(src), who(dst), USDT, str(amount * M), "6", "USDT", "ok")
        head.append(",".join(row))
    return "\n".join(head) + "\n"


def begun(tool: Tool, *files: str) -> tuple[int, str]:
    tool.open(*files, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    code, _, err = tool("run")
    return code, err


def figures(tool: Tool, kind: str, *names: str) -> dict[str, list[int]]:
    found = (f for f in tool.show("findings") if f["kind"] == kind)
    return {f["subject"]: [int(f["slots"][name]) // M for name in names] for f in found}


def test_each_list_of_an_exhibit_is_an_answer_with_its_figures(tool: Tool) -> None:
    code, err = begun(tool, listing(TWICE))
    assert (code, "at most 600.000000 USDT of traced value hangs on it" in err) == (5, True)
    # By either list 300 go over `mid` to the exchange; 400 or 700 are left at `own`, and nothing or 300 at `mid`.
    assert figures(tool, "by-version", "least", "most", "amount") == {"Binance": [300, 300, 0]}
    left = figures(tool, "left-by-version", "least", "most")
    assert left == {who("own"): [400, 700], who("mid"): [0, 300]}
    (open_,) = (f["slots"] for f in tool.show("findings") if f["kind"] == "unsettled")
    assert (open_["moves"], int(open_["amount"]), int(open_["between"])) == ("here", 600 * M, 300 * M)
    page = tool.text("report.md")
    assert "Exhibit 1 contradicts itself on 1 transaction: no version of it is followed." in page
    assert "Exhibit 1 contradicts itself on " + tx(2) in page
    assert "rely on what that exhibit lists of one address, with ‘--list ADDRESS’. | 600.000000 USDT |" in page
    assert "Tell Binance in time that records may be asked for" in page
    assert "| 300.000000 USDT |" in page
    # What is counted is not printed as an amount of an asset.
    accounts = [f["slots"] for f in tool.show("findings") if f["kind"] == "account"]
    assert {a["disputes"] for a in accounts} == {1}
    assert "disputes 1;" in tool("show", "findings")[1]
    assert "0.000001" not in tool("show", "findings")[1]


@pytest.mark.parametrize(("name", "left"), [("own", [400, 300]), ("mid", [700, 0])])
def test_a_decision_relies_on_one_list_and_one_for_the_whole_is_refused(
    name: str, left: list[int], tool: Tool
) -> None:
    begun(tool, listing(TWICE))
    entries = len((tool.case / "journal.jsonl").read_text().splitlines())
    code, _, err = tool("decide", tx(2), "--exhibit", "1", "--reason", "tried")
    assert (code, "would settle nothing" in err, "--list ADDRESS" in err) == (2, True, True)
    assert tool("decide", tx(2), "--exhibit", "1", "--list", who("hot"), "--reason", "tried")[0] == 2
    assert len((tool.case / "journal.jsonl").read_text().splitlines()) == entries
    assert tool("decide", tx(2), "--exhibit", "1", "--list", who(name), "--reason", "tried")[0] == 0
    tool("run")
    assert "contradiction" not in {g["code"] for g in tool.show("gaps")}
    (row,) = tool.show("offramps")
    assert int(row["amount"]) == 300 * M
    rests = figures(tool, "at-rest", "amount") | figures(tool, "not-seen-leaving", "amount")
    assert [rests.get(who(place), [0])[0] for place in ("own", "mid")] == left
    assert f"relies on exhibit 1 (what it lists of {who(name)}) alone" in tool.text("report.md")
    assert f"exhibit 1 (what it lists of {who(name)}) alone" in tool.text("letters/binance-preserve-v1.txt")


def test_lists_that_differ_on_the_hour_are_answers_too(tool: Tool) -> None:
    rows = [row for n, row in enumerate(TWICE) if n != 2]
    code, _ = begun(tool, listing(rows, hours=[10, 10, 12, 10]))
    assert code == 5
    assert figures(tool, "by-version", "least", "most", "amount") == {"Binance": [300, 300, 0]}


def test_a_list_that_is_no_party_to_it_is_no_answer(tool: Tool) -> None:
    rows: list[Listed] = [*TWICE[:3], ("own", 2, "own", "far", 50), ("far", 2, "own", "far", 50), *TWICE[3:]]
    begun(tool, listing(rows))
    told = [f["slots"] for f in tool.show("findings") if f["kind"] == "by-version"]
    assert {int(one["runs"]) for one in told} == {2}, "the list of `far` says nothing of what went to `mid`"
    left = figures(tool, "left-by-version", "least", "most")
    assert left[who("own")] == [350, 650], "what both leave undisputed is followed with either"


def test_another_exhibit_is_an_answer_beside_the_lists(tool: Tool) -> None:
    plain = listing(TWICE).splitlines()
    third = "\n".join([*plain[:2], plain[4], plain[6].replace("300000000", "100000000", 1)]) + "\n"
    code, _ = begun(tool, listing(TWICE), third)
    assert code == 5
    assert figures(tool, "left-by-version", "least", "most")[who("own")] == [400, 900]
    assert tool("decide", tx(2), "--exhibit", "2", "--reason", "tried")[0] == 0
    tool("run")
    (row,) = tool.show("offramps")
    assert int(row["amount"]) == 100 * M, "`mid` pays 300, of which 100 came from the loss"
