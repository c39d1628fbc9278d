"""No sentence, table or letter states what the exhibits do not show: small cases in which one would be false."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from recover.cli import main as program
from recover.sealing import recover_verify as outside

CHAIN = "eip155:1"
USDT = f"{CHAIN}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
OTHER = f"{CHAIN}/erc20:0x00000000000000000000000000000000000000ff"


def who(name: str) -> str:
    return "0x" + name.encode().hex().rjust(40, "0")


def tx(number: int) -> str:
    return f"0x{number:064x}"


Move = tuple[str, str, int]


def export(moves: Sequence[Move], known: Sequence[str], asset: str = USDT) -> str:
    lines = ["#recover-transfers 1", "#source: a test", "#licence: none needed", "#history: complete"]
    lines.append("view,chain,tx,time,from,to,asset,amount,decimals,symbol,status")
    for number, (src, dst, amount) in enumerate(moves, 1):
        for view in [who(n) for n in (src, dst) if n in known] or [""]:
            row = (view, CHAIN, tx(number), f"2022-03-{number:02d}T10:00:00.000Z", who(src), who(dst), asset)
            lines.append(",".join([*row, str(amount * 10**6), "6", "USDT", "ok"]))
    return "\n".join(lines) + "\n"


def labels(*rows: tuple[str, str, str, str], grade: str = "B") -> str:
    """Rows of (address, service, role, category)."""
    head = ["#recover-labels 1", "#source: a list", f"#grade: {grade}", "#licence: none needed", "#url: none"]
    body = [f"{CHAIN},{who(a)},{service},{service} wallet,{role},{kind}" for a, service, role, kind in rows]
    return "\n".join([*head, "chain,address,service,label,role,category", *body]) + "\n"


class Tool:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.case, self.folder, self.capsys = folder / "c", folder, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = program.main([arguments[0], str(self.case), *arguments[1:]])
        out, err = self.capsys.readouterr()
        return code, out, err

    def open(self, *files: str) -> None:
        who = ("--title", "Mrs Jane Roe", "--examiner", "N", "--agency", "A")
        assert self("open", *who, "--rule", "fifo")[0] == 0
        for number, text in enumerate(files):
            path = self.folder / f"{number}.csv"
            path.write_text(text)
            assert self("import", str(path))[0] == 0

    def show(self, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("show", what, "--json")[1])
        return found

    def text(self, name: str) -> str:
        """A paper as words on one line."""
        page = (self.case / "out" / name).read_text("utf-8")
        return " ".join(re.sub(r"<[^>]*>", " ", page).replace("\u2060", "").replace("\u200b", "").split())

    def first(self) -> str:
        """The first pages of the report: the summary alone."""
        page = self.text("report.html")
        assert min(page.count("R2 Summary"), page.count("R3 Instructions")) >= 2, (
            "in the contents, and as a heading"
        )
        return page.split("R2 Summary")[2].split("R3 Instructions")[0]


@pytest.fixture
def tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tool:
    return Tool(tmp_path, capsys)


EXCHANGE = ("hot", "Binance", "hot-wallet", "exchange")
SWEEPS = [("x", "dep", 9), ("dep", "hot", 9), ("x", "dep", 5), ("dep", "hot", 5)]


def test_a_letter_is_drafted_while_everything_is_still_unswept(tool: Tool) -> None:
    tool.open(export([*SWEEPS, ("victim", "dep", 50)], ["dep"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(5), "--asset", "USDT")
    tool("run")
    (row,) = tool.show("offramps")
    names = ("through", "amount", "credited", "unswept", "elsewhere")
    assert [row[name] for name in names] == [who("dep"), "0", "50000000", "50000000", "0"]
    assert row["deposit"] is True
    letter = (tool.case / "out/letters/binance-preserve-v1.txt").read_text()
    told = next(line for line in letter.splitlines() if line.startswith(who("dep")))
    assert [cell.split("; ")[-1] for cell in told.split(" | ")][1:] == ["1", "50000000", "50000000", "0", "0", "C"]
    sheet = list(csv.DictReader(io.StringIO((tool.case / "out/letters/binance-preserve-v1.csv").read_text())))
    assert next(r["tx_hash"] for r in sheet) == tx(5), "what credited the address stands first"
    assert sum(int(r["traced_amount"]) for r in sheet if r["direction"] == "in") == 50_000_000
    assert sum(int(r["traced_amount"]) for r in sheet if r["direction"] == "out") == 0
    assert "came to 1 deposit address paying into wallets attributed to Binance" in tool.text("report.html")


def test_a_wallet_with_one_payment_keeps_a_plain_word(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    (row,) = tool.show("offramps")
    assert (row["deposit"], row["amount"], row["unswept"]) == (False, "20000000", "30000000")
    page = tool.text("report.html")
    assert "1 deposit address" not in page
    assert "not called a deposit address" in page
    assert "through 1 address into wallets attributed to Binance" in page


def test_the_title_of_a_case_reaches_no_letter(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    from pypdf import PdfReader

    pdf = "".join(p.extract_text() for p in PdfReader(tool.case / "out/letters/binance-preserve-v1.pdf").pages)
    assert "Roe" not in pdf + (tool.case / "out/letters/binance-preserve-v1.txt").read_text()


def test_a_rule_changed_after_results_is_said_and_verify_holds(tool: Tool) -> None:
    moves = [("x", "own", 10), ("victim", "own", 10), ("own", "hot", 10)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT")
    tool("run")
    assert "before any result" in tool.text("report.html")
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', 'rule = "lifo"'))
    tool("run")
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    for paper, old, new in ((page, "fifo", "lifo"), (letter, "‘First in, first out’", "‘Last in, first out’")):
        assert "changed after results existed" in paper
        assert f"Binance: 0.000000 USDT under rule {old}, 10.000000 USDT under rule {new}" in paper
    assert "before any result" not in page
    assert tool("verify")[0] == 0


def test_a_change_of_losses_after_results_is_a_line_and_an_annex(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20), ("other", "own", 7)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert "Changed after the first results" not in tool.text("report.html")
    tool("loss", "--tx", tx(3), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "Changed after the first results: losses." in page
    assert "Changes after the first results, from the journal" in page
    assert "before any result" in page


def test_papers_are_dated_by_content_and_say_how_exhibits_were_obtained(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    said = ("--obtained", "2022-04-02", "--by", "Officer B", "--obtained-from", "the exchange's portal")
    assert tool("import", "--exhibit", "1", *said)[0] == 0
    assert tool("import", "--exhibit", "1", "--obtained", "2999-01-01")[0] == 2
    tool("run")
    page = tool.text("report.html")
    assert f"The exhibits show movements up to Ethereum ({CHAIN}): 2022-03-01T10:00:00Z" in page
    assert "by Officer B" in page
    assert "from the exchange's portal" in page.replace("&#x27;", "'").replace("&#39;", "'")
    assert "is not shown leaving" in page
    assert " at rest at " not in page


def test_a_loss_in_a_partial_history_is_last_seen_and_never_at_rest(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50)], []), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "Last seen at addresses whose whole history is in no exhibit" in page
    assert "Whether it left is not known, because its whole history is in no exhibit." in page
    (finding,) = [f for f in tool.show("findings") if f["kind"] == "not-seen-leaving"]
    assert finding["slots"]["standing"] == "partial"


@pytest.mark.parametrize(
    ("loss", "why"),
    [
        (("--address", who("victim"), "--asset", "USDT"), "nothing arriving at this address"),
        (("--address", who("own"), "--asset", "USDC"), "shows none of it"),
        (("--address", who("own"), "--asset", "USDT", "--to", "2021-01-01"), "lies outside its period"),
    ],
)
def test_a_loss_that_starts_nothing_is_a_gap_with_reason_and_exit_5(
    loss: Sequence[str], why: str, tool: Tool
) -> None:
    tool.open(export([("victim", "own", 50)], ["own", "victim"]))
    assert tool("loss", *loss)[0] == 0
    code, _, err = tool("run")
    assert code == 5
    gaps = [gap for gap in tool.show("gaps") if gap["code"] == "loss-begins-nothing"]
    assert [why in gap["why"] for gap in gaps] == [True]
    assert why in err


def test_an_unlisted_token_that_is_the_loss_is_a_gap(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50)], ["own"], OTHER))
    tool("loss", "--address", who("own"))
    assert tool("run")[0] == 5
    assert "loss-begins-nothing" in {gap["code"] for gap in tool.show("gaps")}


def test_a_loss_that_begins_whole_is_no_gap_and_ends_well(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 50)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 0


@pytest.mark.parametrize("amount", ["50,5", "1,234", "1.234,5", "12,34,567"])
def test_a_comma_that_can_be_read_two_ways_is_refused(amount: str, tool: Tool) -> None:
    tool.open(export([("victim", "own", 50)], ["own"]))
    code, _, err = tool("loss", "--tx", tx(1), "--amount", amount, "--asset", "USDT")
    assert (code, "code: amount-" in err) == (2, True)
    assert tool.show("losses") == []


@pytest.mark.parametrize(("amount", "units"), [("1,234,567", 1234567), ("1,234.5", 1234.5), ("50.5", 50.5)])
def test_a_plain_amount_is_read(amount: str, units: float, tool: Tool) -> None:
    tool.open(export([("victim", "own", 2_000_000)], ["own"]))
    assert tool("loss", "--tx", tx(1), "--amount", amount, "--asset", "USDT")[0] == 0
    assert tool.show("losses")[0]["amount"] == str(int(units * 10**6))


def test_a_claim_above_what_moved_is_refused_at_loss(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50)], ["own"]))
    code, _, err = tool("loss", "--tx", tx(1), "--amount", "50.000001", "--asset", "USDT")
    assert (code, "code: loss-too-large" in err) == (2, True)
    assert tool("loss", "--tx", tx(1), "--amount", "50", "--asset", "USDT")[0] == 0


@pytest.mark.parametrize(
    ("since", "said"), [("2565-01-31", "2022-01-31"), ("1999-01-01", "2015"), ("3999-01-01", "")]
)
def test_a_year_in_which_no_chain_lives_is_refused(since: str, said: str, tool: Tool) -> None:
    tool.open(export([("victim", "own", 50)], ["own"]))
    code, _, err = tool("loss", "--address", who("own"), "--from", since)
    assert (code, "code: loss-year" in err) == (2, True)
    assert said in err


def test_a_market_gets_no_letter_unless_a_named_person_decides(tool: Tool) -> None:
    tool.open(
        export([("victim", "own", 50), ("own", "hot", 50)], ["own"]),
        labels(("hot", "Dark", "hot-wallet", "market")),
    )
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert not list((tool.case / "out").glob("letters/*"))
    assert "No letter is drafted to Dark" in tool.text("report.html")
    assert tool("decide", "--letter", "Dark", "--reason", "seized and run by the police")[0] == 2
    assert tool("decide", "--letter", "Dark", "--by", "Officer B", "--reason", "run by the police")[0] == 0
    tool("run")
    assert list((tool.case / "out").glob("letters/*.pdf"))
    assert "as Officer B decided: run by the police" in tool.text("report.html")


def test_a_weak_label_keeps_no_letter_back(tool: Tool) -> None:
    weak = labels(("hot", "Dark", "hot-wallet", "market"), grade="C")
    tool.open(export([("victim", "own", 50), ("own", "hot", 50)], ["own"]), weak)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert list((tool.case / "out").glob("letters/*.pdf"))


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("sanctioned", "under sanctions"),
        ("terrorism", "connected with terrorism"),
        ("csam", "abuse of children"),
        ("law_enforcement", "wallet of an agency"),
    ],
)
def test_alerts_stand_in_the_report_whatever_the_trace_says(category: str, words: str, tool: Tool) -> None:
    moves = [("victim", "own", 50), ("own", "odd", 20)]
    tool.open(export(moves, ["own"]), labels(("odd", "", "other", category)))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert words in page
    assert "traced value that came there: 20.000000 USDT" in page


def test_a_stop_at_a_bridge_has_a_name_an_amount_a_gap_and_a_next_step(tool: Tool) -> None:
    moves = [("victim", "own", 50), ("own", "bridge", 20)]
    tool.open(export(moves, ["own"]), labels(("bridge", "Wormhole", "bridge", "defi_bridge")))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    page = tool.text("report.html")
    assert f"20.000000 USDT of traced value entered {who('bridge')}, labelled Wormhole" in page
    assert "Next step" in page
    assert f"side of what came to {who('bridge')}, labelled Wormhole wallet, a bridge: 20.000000 USDT" in page
    assert "bridge-unfollowed" in {gap["code"] for gap in tool.show("gaps")}
    assert {answer for _, answer, _ in outside.check(str(tool.case))} == {outside.HOLDS}


def test_what_came_back_from_a_service_is_told_apart(tool: Tool) -> None:
    moves = [("x", "own", 10), ("own", "hot", 10), ("hot", "own", 4), ("own", "end", 4)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    found = {(r["kind"], r["name"]): (r["amount"], r["after"]) for r in tool.show("origins")}
    assert found == {("other", ""): ("10000000", "0"), ("service", "Binance"): ("4000000", "4000000")}
    page = tool.text("report.html")
    assert "Gross inflow in USDT from which losses begin: 14.000000 USDT." in page
    assert "at most 4.000000 USDT may be the same value twice. Net of that: 10.000000 USDT" in page
    assert "instructed to be proceeds" in page


def test_every_amount_of_the_report_stands_in_the_totals(tool: Tool) -> None:
    moves = [("x", "own", 11), ("own", "hot", 7), ("victim", "own", 13), ("own", "two", 6), ("own", "end", 5)]
    both = labels(EXCHANGE, ("two", "OKX", "hot-wallet", "exchange"))
    tool.open(export(moves, ["own"]), both)
    tool("loss", "--tx", tx(3), "--asset", "USDT")
    tool("run")
    rows = list(csv.DictReader(io.StringIO((tool.case / "out/totals.csv").read_text())))
    # The sums of each hop of a route stand in the annex of routes, and the ranges of page 1 in result.json.
    others = "".join((tool.case / "out" / name).read_text() for name in ("annex/routes.csv", "result.json"))
    known = {int(row["amount"]) for row in rows} | {int(n) for n in re.findall(r"(?<![\w.])\d+(?![\w.])", others)}
    assert rows == tool.show("totals")
    shown = re.findall(r"(?<![\d.,])([\d,]+\.\d{6})(?!\d)", tool.text("report.html"))
    missing = {text for text in shown if int(text.replace(",", "").replace(".", "")) not in known}
    assert len(set(shown)) > 5
    assert missing == set()
    assert json.loads((tool.case / "out/result.json").read_text())["totals"] == rows


def test_gaps_are_ranked_by_the_value_that_they_concern(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "a", 10), ("own", "b", 60), ("own", "c", 30)]
    tool.open(export(moves, ["own"]))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    code, _, err = tool("run")
    gaps = tool.show("gaps")
    assert [(g["subject"], g["affects"][USDT]) for g in gaps] == [
        (who("b"), "60000000"),
        (who("c"), "30000000"),
        (who("a"), "10000000"),
    ]
    assert (code, who("b") in err) == (5, True)


def test_a_language_without_texts_is_refused(tool: Tool) -> None:
    who = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    code, _, err = tool("open", *who, "--language", "klingon")
    assert (code, "code: language-missing" in err) == (2, True)
    assert not tool.case.exists()


def test_an_identity_stops_every_paper_that_holds_it_and_nobody_lets_it_pass(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert (tool.case / "out/report.pdf").exists()
    (tool.case / "private/identities.txt").write_text("Joe Doe\n")  # the note of the case has it
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('note = ""', 'note = "seen by Joe Doe"'))
    code, _, err = tool("run")
    assert (code, "breaks a rule" in err) == (5, True)
    assert not (tool.case / "out/report.pdf").exists()
    stopped = (tool.case / "out/stopped/report.txt").read_text()
    assert stopped.startswith("identity\treport")
    assert "Doe" not in stopped
    assert (tool.case / "out/letters/binance-preserve-v1.pdf").exists(), "the letter does not hold the note"
    decide = ("decide", "--paper", "report", "--by", "B", "--reason", "r", "--rule")
    assert tool(*decide, "identity")[0] == 2
    assert tool(*decide, "certainty")[0] == 0


def test_what_is_unswept_is_said_once_where_an_address_pays_two_services(tool: Tool) -> None:
    moves = [("victim", "own", 13), ("own", "hot", 5), ("own", "two", 2)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE, ("two", "OKX", "hot-wallet", "exchange")))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert page.count("come to addresses that pay services, under the declared rule fifo, 6.000000") == 1
    assert "a further 6.000000" not in page
    assert "paying into wallets attributed to Binance and OKX" in page


def test_the_period_of_a_letter_reaches_the_payments_to_the_service(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("x", "own", 1), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    letter = tool.text("letters/binance-preserve-v1.txt")
    assert "90 days before the first traced credit, 2022-03-01T10:00:00Z) until receipt of this letter" in letter
