"""A gap says which way missing evidence can move a figure: here that evidence is added, and moves it so."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, export, labels, tool, tx, who

from recover.ledger import coverage

__all__ = ["tool"]

M = 10**6
SHOWN = "on the movements shown, and with no more held before them than these need"
EXCHANGES = labels(EXCHANGE, ("hotb", "OKX", "hot-wallet", "exchange"))
LOSS = ("loss", "--address", who("w"), "--asset", "USDT", "--from", "2022-03-01T12:00:00Z")

Row = tuple[str, str, str, int]
"""Day and hour in March 2022, who pays, whom, and how much."""


def part(rows: list[Row], *whole: str) -> str:
    """A file of these movements, which claims the whole history of `whole` alone."""
    head = ["#recover-transfers 1", "#source: a test", "#licence: none needed"]
    head += ["#history: complete", "#until: 2022-12-31T00:00:00Z"] if whole else []
    lines = [*head, "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status"]
    for number, (when, src, dst, amount) in enumerate(sorted(rows), 1):
        for view in [who(n) for n in (src, dst) if n in whole] or [who("w")]:
            row = (view, CHAIN, tx(number), f"2022-03-{when}:00:00Z", who(src), who(dst), USDT)
            lines.append(",".join([*row, str(amount * M), "6", "USDT", "ok"]))
    return "\n".join(lines) + "\n"


BASE: list[Row] = [("02T00", "v", "w", 500), ("03T00", "w", "hot", 300), ("04T00", "w", "hotb", 200)]


def traced(tool: Tool, name: str, *files: str, loss: tuple[str, ...] = LOSS) -> dict[str, int]:
    """What a case of these files gives each service, what began, and what is left, under the declared rule."""
    folder = tool.folder / name
    folder.mkdir()
    own = Tool(folder, tool.capsys)
    own.open(*files, EXCHANGES)
    assert own(*loss)[0] == 0
    own("run", "--until", "find")
    found = {str(r["service"]): int(r["amount"]) // M for r in own.show("offramps")}
    sums = [row for row in own.show("totals") if row["figure"] == "began in all" and row["rule"] == "fifo"]
    found["began"] = sum(int(row["amount"]) for row in sums) // M
    found["left"] = sum(int(r["declared_amount"]) for r in own.show("rules") if r["reason"] == "rest") // M
    return found


def test_a_history_in_part_qualifies_whatever_is_said_of_every_rule(tool: Tool) -> None:
    tool.open(part(BASE), EXCHANGES)
    tool(*LOSS)
    code, _, err = tool("run")
    assert (code, "history-partial" in err) == (5, True)
    (gap,) = tool.show("gaps")
    assert (gap["code"], gap["affects"]) == ("history-partial", {USDT: str(500 * M)})
    assert "too low" not in gap["effect"]
    way = "each figure of what is traced on from there, or left there, can be less, down to zero, or more."
    assert way in gap["effect"]
    assert "The whole history settles it." in gap["effect"]
    page, whole = tool.first(), tool.text("report.html")
    assert page.count(f"the same under every rule, {SHOWN}") == 2
    assert whole.count("the same under every rule") == whole.count(f"the same under every rule, {SHOWN}")
    assert f"under each of them too, all losses together, {SHOWN}." in whole
    said = "Every rule that may back a claim gives this same figure"
    for name in ("binance", "okx"):
        letter = tool.text(f"letters/{name}-preserve-v1.txt")
        assert f"{said}, {SHOWN}." in letter
        against = letter.split("10. What is known against it")[1].split("11. ")[0]
        assert f"{who('w')}: No exhibit claims to hold the whole history of the address of loss L1." in against
        assert way in against
        row = next(x for x in letter.split("Came in, traced")[1].split("USDT | ")[1:])
        assert row.split(" | ")[2] == "–", "that nothing is left there no exhibit tells"
    acts = page.split("What to do now")[1]
    assert acts.index(f"Obtain the whole history of {who('w')}") < acts.index("Complete, issue and send")
    assert {row["still"] for row in tool.show("offramps")} == {None}
    assert all(row["open"] for row in tool.show("rules"))
    assert SHOWN in tool("show", "rules")[2]
    result = json.loads((tool.case / "out/result.json").read_text("utf-8"))
    assert [way in row["effect"] for row in result["gaps"]] == [True]
    totals = (tool.case / "out/totals.csv").read_text("utf-8")
    assert "gap history-partial: passed at most" in totals


def test_a_whole_history_qualifies_nothing(tool: Tool) -> None:
    tool.open(part(BASE, "w"), EXCHANGES)
    tool(*LOSS)
    assert tool("run")[0] == 0
    page, letter = tool.first(), tool.text("letters/binance-preserve-v1.txt")
    assert "the same under every rule" in page
    assert SHOWN not in page + letter
    assert "Obtain the whole history" not in page
    assert {row["still"] for row in tool.show("offramps")} == {"0"}
    assert not any(row["open"] for row in tool.show("rules"))
    assert SHOWN not in tool("show", "rules")[2]


@pytest.mark.parametrize(
    ("missing", "came"),
    [
        ([("01T00", "s", "w", 1000)], {"Binance": 0, "OKX": 0, "began": 500, "left": 500}),
        ([("01T00", "s", "w", 100)], {"Binance": 200, "OKX": 200, "began": 500, "left": 100}),
        (
            [("05T00", "s", "w", 90), ("06T00", "w", "hotb", 90)],
            {"Binance": 300, "OKX": 290, "began": 590, "left": 0},
        ),
    ],
)
def test_what_is_missing_there_moves_each_figure_either_way(
    missing: list[Row], came: dict[str, int], tool: Tool
) -> None:
    """Less, down to zero, or more, as the gap of the file without these movements says."""
    assert traced(tool, "part", part(BASE)) == {"Binance": 300, "OKX": 200, "began": 500, "left": 0}
    assert traced(tool, "more", part([*BASE, *missing])) == came


def test_what_is_left_by_a_history_in_part_can_be_less_and_more(tool: Tool) -> None:
    some: list[Row] = [("02T00", "v", "w", 500), ("03T00", "w", "hot", 300)]
    assert traced(tool, "part", part(some)) == {"Binance": 300, "began": 500, "left": 200}
    gone = traced(tool, "gone", part([*some, ("05T00", "w", "q", 200)]))
    assert gone["left"] == 0
    assert traced(tool, "held", part([("01T00", "s", "w", 40), *some]))["left"] == 240


def test_a_history_that_begins_late_says_nothing_of_what_was_held_then(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server's that answers from a block on alone: exit 0 would say that nothing missing moves a figure."""
    said = coverage._said
    since = {"since": datetime(2022, 2, 1, tzinfo=UTC)}
    monkeypatch.setattr(coverage, "_said", lambda case: ({**row, **since} for row in said(case)))
    rows: list[Row] = [("02T00", "v", "w", 100), ("03T00", "w", "hot", 60)]
    tool.open(part(rows, "w"), EXCHANGES)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] == 5
    (gap,) = tool.show("gaps")
    assert (gap["code"], gap["subject"], gap["affects"]) == ("history-late", who("w"), {USDT: str(100 * M)})
    assert "begins at 2022-02-01T00:00:00Z; none shows what it held then" in gap["why"]
    way = "a figure at one of its outflows can be less, down to zero, or more, and what is left there more."
    assert way in gap["effect"]
    page, letter = tool.first(), tool.text("letters/binance-preserve-v1.txt")
    assert f"the same under every rule, {SHOWN}" in page
    assert "No rule can give another figure" not in page
    assert way in letter.split("10. What is known against it")[1].split("11. ")[0]
    assert all(row["open"] for row in tool.show("rules"))
    # What it held then is added: less, and more left.
    loss = ("loss", "--tx", tx(2), "--asset", "USDT")
    assert traced(tool, "held", part([("01T00", "s", "w", 20), *rows], "w"), loss=loss) == {
        "Binance": 40,
        "began": 100,
        "left": 60,
    }


def test_a_history_in_part_of_a_service_s_own_wallet_moves_what_began_alone(tool: Tool) -> None:
    """The trace stops there: nothing is traced on from it, so nothing of that can move."""
    here: list[Row] = [("02T00", "v", "w", 500), ("03T00", "w", "hotb", 500)]
    own = labels(("w", "Binance", "hot-wallet", "exchange"))
    tool.open(part(here), own)
    tool(*LOSS)
    assert tool("run", "--until", "find")[0] == 5
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "history-partial"]
    assert gap["effect"] == (
        "Movements that are not here are not counted. With them more can begin as this loss. The whole history "
        "settles it."
    )


D4 = ("d4", "Binance", "deposit", "exchange")
TO_D4 = [("v", "w", 100), ("w", "d4", 100), ("d4", "hot", 40)]
BY_TX = ("loss", "--tx", tx(1), "--asset", "USDT")


def test_what_a_labelled_deposit_address_did_is_open_until_its_history_is_whole(tool: Tool) -> None:
    """Of 100 that came 40 are shown going on: the other 60 can have gone anywhere."""
    tool.open(export(TO_D4, ["w"]), labels(EXCHANGE, D4))
    tool(*BY_TX)
    code, _, err = tool("run")
    assert (code, "deposit-unread" in err) == (5, True)
    (gap,) = tool.show("gaps")
    assert (gap["code"], gap["subject"]) == ("deposit-unread", f"{CHAIN}:{who('d4')}")
    assert gap["affects"] == {USDT: str(100 * M)}
    assert "any part can be there still, or have gone to others than its service" in gap["effect"]
    page = tool.text("report.html")
    assert "The stages recorded no gap" not in page
    assert "any part can be there still, or have gone to others than its service" in page


def test_of_one_that_is_only_credited_no_more_is_said(tool: Tool) -> None:
    tool.open(export(TO_D4[:2], ["w"]), labels(EXCHANGE, D4))
    tool(*BY_TX)
    assert tool("run")[0] == 0
    assert tool.show("gaps") == []
    (ramp,) = tool.show("offramps")
    assert (ramp["credited"], ramp["still"]) == (str(100 * M), None)


@pytest.mark.parametrize(
    ("rest", "codes", "exit_"),
    [
        ([("d4", "other", 60)], ["deposit-paid-on"], 5),
        ([("d4", "hot", 60)], [], 0),
        ([], [], 0),
    ],
)
def test_its_whole_history_says_which(
    rest: list[tuple[str, str, int]], codes: list[str], exit_: int, tool: Tool
) -> None:
    tool.open(export([*TO_D4, *rest], ["w", "d4"]), labels(EXCHANGE, D4))
    tool(*BY_TX)
    assert tool("run")[0] == exit_
    assert [g["code"] for g in tool.show("gaps")] == codes


REFUNDED = [("x", "w", 60), ("w", "v", 50), ("v", "w", 500), ("w", "v", 100), ("w", "hot", 300)]
UNTIL = "#history: complete\n#until: 2022-12-31T00:00:00Z"
BY_THIRD = ("loss", "--tx", tx(3), "--asset", "USDT")


def listed() -> str:
    return export(REFUNDED, ["w", "v"]).replace("#history: complete", UNTIL)


def test_what_was_held_before_moves_nothing_where_nothing_was_paid_on_after_value_came(tool: Tool) -> None:
    """Its one payment is the loss, which begins with 500 whatever the payer held before."""
    tool.open(listed(), EXCHANGES)
    tool(*BY_THIRD)
    tool("run")
    assert [g["code"] for g in tool.show("gaps")] == ["not-seen-leaving"]
    whole = tool.text("report.html")
    assert "down to zero" not in whole + tool.text("letters/binance-preserve-v1.txt")
    assert SHOWN not in whole
    # What a page says of histories that are stated to be whole is not said of the one that is not.
    assert "A history there is stated to be whole, and is not" in whole
    assert "and nothing here shows that it is not, nothing moved there until then" in whole
    before, after = figures(tool), []
    for held in (450, 9000):
        folder = tool.folder / str(held)
        folder.mkdir()
        own = Tool(folder, tool.capsys)
        text = listed().splitlines()
        cells = (who("v"), CHAIN, tx(99), "2022-02-01T00:00:00Z", who("y"), who("v"), USDT, str(held * M))
        own.open("\n".join([*text, ",".join([*cells, "6", "USDT", "ok"]), ""]), EXCHANGES)
        own(*BY_THIRD)
        own("run", "--until", "find")
        after.append(figures(own))
    assert after == [before, before]


def figures(tool: Tool) -> list[str]:
    """Every traced figure under every rule."""
    ends = [json.dumps({**row, "open": None}, sort_keys=True) for row in tool.show("rules")]
    return sorted([*ends, *(json.dumps([r["through"], r["by_rule"]]) for r in tool.show("offramps"))])


def test_what_was_held_before_moves_figures_either_way_where_it_was_paid_on(tool: Tool) -> None:
    """It paid 10 that no exhibit shows coming in; had it held 110, the first payment takes clean value instead."""
    rows: list[Row] = [("01T00", "w", "q", 10), ("02T00", "v", "w", 100), ("03T00", "w", "hot", 100)]
    rows += [("04T00", "s", "w", 300), ("05T00", "w", "hotb", 300)]
    loss = ("loss", "--tx", tx(2), "--asset", "USDT")
    tool.open(part(rows, "w"), EXCHANGES)
    tool(*loss)
    assert tool("run", "--until", "find")[0] == 5
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "opening-balance"]
    assert (
        "a figure at one of its outflows can be less, down to zero, or more, and what is left there more"
        in (gap["effect"])
    )
    as_is = traced(tool, "is", part(rows, "w"), loss=loss)
    assert (as_is["Binance"], as_is.get("OKX", 0), as_is["left"]) == (100, 0, 0)
    later = ("loss", "--tx", tx(3), "--asset", "USDT")
    more: list[Row] = [("01T00", "a", "w", 110), ("01T12", "w", "q", 10), *rows[1:]]
    moved = traced(tool, "more", part(more, "w"), loss=later)
    assert (moved.get("Binance", 0), moved["OKX"]) == (0, 100)
    held = traced(tool, "held", part([("01T00", "a", "w", 900), *more[1:]], "w"), loss=later)
    assert (held["left"], {held.get("Binance", 0), held.get("OKX", 0)}) == (100, {0})


def test_what_was_held_before_moves_what_other_rules_give_either_way(tool: Tool) -> None:
    """By the declared rule nothing comes to p, by others 50; it had paid 50 that no exhibit shows coming."""
    rows: list[Row] = [("01T00", "s", "w", 100), ("02T00", "v", "w", 100), ("03T00", "w", "p", 100)]
    rows += [("02T12", "p", "q", 50), ("04T00", "p", "hotb", 100), ("05T00", "s", "p", 100)]
    rows += [("06T00", "p", "hot", 100)]
    loss = ("loss", "--tx", tx(2), "--asset", "USDT")
    tool.open(part(rows, "w", "p"), EXCHANGES)
    tool(*loss)
    tool("run", "--until", "find")
    (gap,) = [g for g in tool.show("gaps") if g["code"] == "held-before-under-rule"]
    assert "this address paid out after traced value had come to it" in gap["why"]
    assert gap["effect"].endswith(
        "With more, of what these rules give, a figure at one of its outflows can be less, down to zero, or more, "
        "and what is left there more."
    )

    def shared(own: Tool) -> dict[str, int]:
        found = {r["service"]: r["by_rule"]["prorata"] for r in own.show("offramps") if r["through"] == who("p")}
        return {name: int(amount) // M for name, amount in found.items()}

    assert shared(tool) == {"OKX": 50}
    folder = tool.folder / "more"
    folder.mkdir()
    own = Tool(folder, tool.capsys)
    own.open(part([*rows, ("02T06", "y", "p", 150)], "w", "p"), EXCHANGES)
    own(*loss)
    own("run", "--until", "find")
    assert shared(own) == {"Binance": 12, "OKX": 25}
