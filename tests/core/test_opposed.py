"""Cases of an opposing expert, in which a paper said more than the exhibits show."""

from __future__ import annotations

from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

BSC = "eip155:56"


def row(view: str, number: int, day: str, src: str, dst: str, amount: int, chain: str = CHAIN) -> str:
    asset = USDT if chain == CHAIN else f"{chain}/erc20:0x55d398326f99059ff775485246999027b3197955"
    cells = (who(view), chain, tx(number), f"2022-03-{day}.000Z", who(src), who(dst), asset)
    return ",".join([*cells, str(amount * 10**6), "6", "USDT", "ok"])


def listed(*rows: str) -> str:
    head = export([], []).rstrip("\n")
    return "\n".join([head, *rows]) + "\n"


def test_what_exhibits_dispute_is_neither_resting_nor_a_finished_case(tool: Tool) -> None:
    came = row("w", 1, "01T10:00:00", "victim", "w", 100)
    one = listed(came, row("w", 2, "02T10:00:00", "w", "hot", 60))
    two = listed(came, row("w", 2, "02T10:00:00", "w", "hot", 90))
    tool.open(one, two, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "contradiction")
    assert gap["affects"] == {USDT: "90000000"}, "left open nothing goes on; by the one that shows most, 90 do"
    page = tool.text("report.html")
    assert "contradict each other about it: no version is followed" in page
    assert "no exhibit shows it leaving" not in page.casefold()


def test_a_label_of_another_chain_is_said_as_what_it_is(tool: Tool) -> None:
    here = listed(row("w", 1, "01T10:00:00", "victim", "w", 100), row("w", 2, "02T10:00:00", "w", "hot", 100))
    there = listed(
        row("w", 3, "01T10:00:00", "victim", "w", 40, BSC), row("w", 4, "02T10:00:00", "w", "hot", 40, BSC)
    )
    tool.open(here, there, labels(EXCHANGE))
    tool("loss", "--address", f"{CHAIN}:{who('w')}")
    tool("loss", "--address", f"{BSC}:{who('w')}")
    tool("run")
    found = {r["chain"]: r for r in tool.show("offramps")}
    assert found[CHAIN]["service"] == "Binance"
    assert found[BSC]["service"] is None
    assert "many addresses send here" not in found[BSC]["basis"]
    assert (
        f"possible service, not named here: Binance. The label is of this text on {CHAIN}" in found[BSC]["basis"]
    )
    (gap,) = (g for g in tool.show("gaps") if g["code"] == "possible-service")
    assert gap["share"], "a trace that stopped on a hint stopped on what no source says of this chain"


def test_an_order_that_no_exhibit_shows_is_said_where_traced_value_passed_it(tool: Tool) -> None:
    moves = (("victim", "w", 100), ("boss", "w", 100))
    rows = [row("w", n, "01T10:00:00", src, dst, amount) for n, (src, dst, amount) in enumerate(moves, 1)]
    rows += [row("w", n, "02T10:00:00", "w", dst, 100) for n, dst in ((3, "hot"), (4, "hot2"))]
    tool.open(listed(*rows), labels(EXCHANGE, ("hot2", "Kraken", "hot-wallet", "exchange")))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "order-assumed"]
    assert gap["subject"] == f"{CHAIN}:{who('w')}"
    assert "At 2 moments" in gap["why"]


def test_an_order_at_the_end_of_a_trace_matters_to_nothing(tool: Tool) -> None:
    rows = [row("w", 1, "01T10:00:00", "victim", "w", 100), row("w", 2, "02T10:00:00", "w", "hot", 100)]
    rows += [row("hot", 3, "02T10:00:00", "boss", "hot", 5), row("hot", 2, "02T10:00:00", "w", "hot", 100)]
    tool.open(listed(*rows), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert [g for g in tool.show("gaps") if g["code"] == "order-assumed"] == []


def test_a_label_of_another_chain_ends_no_trace_that_exhibits_show(tool: Tool) -> None:
    """With the hint and without it: the same off-ramp on this chain; with it, a gap that says what it may mean."""
    rows = [row("w", 1, "01T10:00:00", "victim", "w", 40, BSC)]
    rows += [row(view, 2, "02T10:00:00", "w", "hot", 40, BSC) for view in ("w", "hot")]
    rows.append(row("hot", 3, "03T10:00:00", "hot", "desk", 40, BSC))
    here = labels(("desk", "Kraken", "hot-wallet", "exchange")).replace(f"{CHAIN},", f"{BSC},")
    tool.open(listed(*rows), here, labels(EXCHANGE))
    tool("loss", "--address", f"{BSC}:{who('w')}")
    assert tool("run")[0] == 5
    (ramp,) = tool.show("offramps")
    assert (ramp["service"], int(ramp["amount"])) == ("Kraken", 40 * 10**6)
    # The file says six decimals, and the register of this chain eighteen: a gap of its own.
    decimals, gap = tool.show("gaps")
    assert (decimals["code"], gap["code"]) == ("decimals-differ-registered", "possible-service")
    assert "calls it Binance" in gap["why"]
    assert "The trace goes on" in gap["effect"]


def test_why_prints_a_label_of_an_address_that_the_ledger_does_not_hold(tool: Tool) -> None:
    tool.open(listed(row("w", 1, "01T10:00:00", "victim", "w", 40)), labels(EXCHANGE))
    tool("loss", "--address", f"{CHAIN}:{who('w')}")
    tool("run")
    code, out, _ = tool("why", f"{CHAIN}:{who('hot')}")
    assert code == 0
    (name,) = [line for line in out.splitlines() if line.startswith("name")]
    assert "Binance" in name
    assert "one person's own wallet" not in tool("why", f"{CHAIN}:{who('nobody')}")[1]


def test_two_names_of_one_wallet_are_no_name_and_not_nothing(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "hot", 100)]
    other = labels(("hot", "Kraken", "hot-wallet", "exchange")).replace("a list", "another list")
    tool.open(export(moves, ["own"]), labels(EXCHANGE), other)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (ramp,) = tool.show("offramps")
    assert (ramp["service"], ramp["possible"], ramp["amount"]) == (None, "Binance or Kraken", str(100 * 10**6))
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "label-conflict"]
    assert gap["share"] == 1_000_000
    page = tool.text("report.html")
    assert "No traced value is shown to reach a service" not in page
    attributed = page.split("Attribution schedule")[-1]
    assert "Binance wallet" in attributed
    assert "Kraken wallet" in attributed
    assert not list(tool.case.glob("out/letters/*preserve*"))


def test_a_label_that_a_person_withdrew_is_still_printed_with_the_reason(tool: Tool) -> None:
    tool.open(export([("victim", "own", 100), ("own", "hot", 100)], ["own", "hot"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    said = ("--withdraw", "Binance", "--by", "I. Roe", "--reason", "it was sold in 2020")
    assert tool("assert", f"{CHAIN}:{who('hot')}", *said)[0] == 0
    tool("run")
    attributed = tool.text("report.html").split("Attribution schedule")[-1]
    assert "Binance wallet" in attributed
    assert "it was sold in 2020" in attributed


def test_a_count_of_deposit_addresses_takes_no_word_from_another_chain(tool: Tool) -> None:
    sweeps = [("victim", "w", 40), ("w", "hot", 20), ("w", "hot", 20)]
    rows = [
        row("w", n, f"0{n}T10:00:00", a, b, m, c) for c in (CHAIN, BSC) for n, (a, b, m) in enumerate(sweeps, 1)
    ]
    tool.open(listed(*rows), labels(EXCHANGE))
    for chain in (CHAIN, BSC):
        tool("loss", "--address", f"{chain}:{who('w')}")
    tool("run")
    page = tool.text("report.html")
    assert {r["deposit"] for r in tool.show("offramps")} == {True, False}
    assert "Unlabelled hub through 1 deposit address" not in page
    assert f"{BSC}" in page.split("Attribution schedule")[-1], "a row says of which chain it is"


def test_a_zero_under_a_rule_that_lost_sight_of_the_value_is_said_so(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("x", "own", 100), ("own", "hot", 100), ("own", "away", 100)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    gaps = [g for g in tool.show("gaps") if g["code"] == "not-followed-under-rule"]
    assert [g["subject"] for g in gaps] == [f"{CHAIN}:{who('away')}"]
    assert "(libr, libr-fifo, lifo, prorata)" in gaps[0]["why"]
    assert gaps[0]["affects"] == {USDT: str(100 * 10**6)}
    assert tool("run")[0] == 5
    page = tool.text("report.html")
    # What only other rules carry there is no figure of the declared one.
    assert "under one of these rules at most 100.000000 USDT came there, and under rule fifo nothing" in page
    assert "passed there; code not-followed-under-rule" not in page
    assert "is zero; but under it 100.000000 USDT went to addresses whose whole history is in no exhibit" in page
    assert "Under rule lifo the whole of the figure for Binance in USDT is zero." not in page


def test_an_exhibit_set_aside_after_results_is_said_on_page_1_with_what_it_gave(tool: Tool) -> None:
    tool.open(export([("victim", "own", 100), ("own", "hot", 60)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert "no exhibit shows it leaving" in tool.text("report.md")
    tool("set-aside", "2", "--reason", "not mine")
    assert tool("run")[0] == 5
    page = tool.text("report.md").split("## R1 ")[0]
    assert "60.000000 USDT reached wallets attributed to Binance under rule fifo; with it 0.000000 USDT" in page
    assert "in the exhibits of this case" not in page
    assert "in the exhibits that this report relies on" in page
    assert "no exhibit shows it leaving" not in page, "one may that nothing rests on"
    assert "every service and hub gets the same" not in tool.text("report.md")


def test_a_conclusion_on_a_rejected_finding_says_so(tool: Tool) -> None:
    tool.open(export([("victim", "own", 100), ("own", "hot", 60)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run", "--until", "find")
    (ramp,) = [f for f in tool.show("findings") if f["kind"] == "off-ramp"]
    tool("review", ramp["id"], "--reject", "--by", "I. Roe", "--reason", "an own wallet")
    tool("run")
    text = tool.text("report.md")
    for part in (text.split("## R1 ")[0], text.split("## R15")[1].split("## R16")[0]):
        assert "rejected by I. Roe" in part


def test_what_losses_that_overlap_begin_with_is_said_of_a_rule(tool: Tool) -> None:
    moves = [("other", "own", 20), ("victim", "own", 100), ("own", "mid", 100), ("mid", "hot", 100)]
    tool.open(export(moves, ["own", "mid"]), labels(EXCHANGE))
    for number in (2, 3):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "losses-overlap"]
    said = "Under rule fifo, 80.000000 USDT claimed for this loss already carry L1"
    assert gap["why"] == f"{said}; under another rule it can be more or less."


def test_no_paper_is_as_at_a_moment_that_no_exhibit_can_show(tool: Tool) -> None:
    rows = [row("w", 1, "01T10:00:00", "victim", "w", 100), row("w", 2, "02T10:00:00", "w", "hot", 60)]
    rows.append(row("w", 3, "02T11:00:00", "w", "hot", 10).replace("2022-03-02", "2131-03-02"))
    rows.append(row("w", 4, "02T11:00:00", "boss", "w", 10).replace("2022-03-02", "1999-03-02"))
    tool.open(listed(*rows), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    page = tool.text("report.md").split("## R1 ")[0]
    assert "from 2022-03-01 to 2022-03-02T10:00:00Z" in page
    assert len([g for g in tool.show("gaps") if g["code"] == "time-impossible"]) == 2


def test_one_text_on_two_chains_is_told_apart_in_every_part(tool: Tool) -> None:
    """What is a deposit address on Ethereum is none on another chain for having the same text."""
    moves = [("v", "own", 10), ("own", "dep", 10), ("dep", "hot", 4), ("dep", "hot", 6)]

    def exhibit(chain: str) -> str:
        rows = []
        for n, (src, dst, much) in enumerate(moves, 1):
            for view in {"own", "dep"} & {src, dst}:
                rows.append(row(view, n, f"{n:02}T10:00:00", src, dst, much, chain))
        return listed(*rows)

    here, there = exhibit(CHAIN), exhibit(BSC)
    tool.open(here, there, labels(EXCHANGE))
    for chain in (CHAIN, BSC):
        tool("loss", "--tx", f"{chain}:{tx(1)}")
    tool("run")
    report = (tool.case / "out/report.md").read_text()
    assert "Where USDT (Ethereum) went" in report
    assert "Where USDT (BNB Smart Chain) went" in report
    summary = report[: report.index("## R3")]
    assert "Unlabelled hub<br>through 1 address" in summary
    assert "through 1 deposit address" in summary.split("Where USDT (BNB Smart Chain) went")[0]
    attributed = report[report.index("## R10") : report.index("## R11")]
    rows = [line for line in attributed.splitlines() if line.startswith("| 0x")]
    assert len(rows) == len({tuple(row.split(" | ")[:2]) for row in rows}), (
        "each row has its address with its chain"
    )
    (hint,) = [row for row in rows if "<br>eip155:56" in row]
    assert "of no address on eip155:56" in hint


def test_a_loss_that_is_part_of_a_payment_is_said_to_be_its_first_part_by_assumption(tool: Tool) -> None:
    rows = [row("w", 1, "01T10:00:00", "victim", "w", 100), row("w", 2, "02T10:00:00", "w", "hot", 80)]
    tool.open(listed(*rows), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "60")
    tool("run")
    said = "Losses are declared that are each a part of a payment (L1). No exhibit shows which part of it"
    assert said in (tool.case / "out/report.md").read_text()
    whole = tool.folder / "whole"
    whole.mkdir()
    again = Tool(whole, tool.capsys)
    again.open(listed(*rows), labels(EXCHANGE))
    again("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "100")
    again("run")
    assert "each a part of a payment" not in (again.case / "out/report.md").read_text()
