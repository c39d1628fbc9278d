"""What a person sees: hostile text, narrow terminals, pipes."""

import io
import re
import unicodedata
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from recover.cli import board, screen
from recover.cli.escape import visible, width
from recover.cli.screen import Column
from recover.pursuit.telling import Event

ADDRESS = "TXSwbQ9JpmFJxgAG8jzFsE2m3tShE5d5Lu"
TX = "b5" * 32


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


def draw(terminal: Terminal, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    with redirect_stdout(terminal):
        screen.table(columns, rows)
    return terminal.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]x[/red]", "plain [red]x[/red]"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("two\nlines\ttab\r", "two\\x0alines\\x09tab\\x0d"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("filler\u3164\u2800", "filler\\u3164\\u2800"),
        ("hard\u00a0space", "hard\\xa0space"),
        ("กรุงเทพ ✓ é 漢字", "กรุงเทพ ✓ é 漢字"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_number(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert visible(shown) == shown


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("漢字", 4), ("ที่", 1), ("e\u0301", 1), ("", 0)])
def test_width_is_counted_in_cells(text: str, cells: int) -> None:
    assert width(text) == cells


def test_plain_text_is_aligned_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column(title="Name"), Column(title="N", right=True), Column(title="Where", rank=9))
    screen.table(columns, [["漢字", "5", ADDRESS], ["[b]x[/b]\x1b[2J", "12,345", ""]])
    assert capsys.readouterr().out == (
        f"Name                  N  Where\n漢字                  5  {ADDRESS}\n[b]x[/b]\\x1b[2J  12,345  -\n"
    )


def test_no_rows_leave_the_result_empty(capsys: pytest.CaptureFixture[str]) -> None:
    screen.table((Column(title="A"),), [], "no gaps")
    assert capsys.readouterr() == ("", "(no gaps)\n")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_markup_and_control_characters_are_printed_as_they_are(terminal: Terminal) -> None:
    rows = [["[red]x[/red]"], [":smile: \x1b]0;title\x07"], ["[link=x]"]]
    shown = draw(terminal, (Column(title="Label"),), rows)
    assert "[red]x[/red]" in shown
    assert ":smile: \\x1b]0;title\\x07" in shown
    assert "[link=x]" in shown
    assert "\x07" not in shown


def test_a_narrow_terminal_loses_columns_by_rank_and_says_so(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = (
        Column(title="Address"),
        Column(title="Amount", right=True),
        Column(title="First", rank=2),
        Column(title="Grade", rank=1),
    )
    lines = plain(
        draw(terminal, columns, [[ADDRESS, "12,156,293.990044", "2023-07-07 00:00:00", "B"]])
    ).splitlines()
    assert lines[0].split() == ["Address", "Amount", "Grade"]
    assert f"{ADDRESS}  12,156,293.990044  B" in lines[2]
    assert all(width(line) <= 80 for line in lines)
    assert "No room for: First" in capsys.readouterr().err


def test_rows_wider_than_the_terminal_are_shown_as_lines(terminal: Terminal) -> None:
    columns = (Column(title="Transaction"), Column(title="To"), Column(title="Why", prose=True))
    lines = draw(terminal, columns, [[TX, ADDRESS, "it is so " * 20]]).splitlines()
    assert lines[0] == f"Transaction  {TX}"
    assert lines[1] == f"To           {ADDRESS}"
    assert all(width(line) <= 80 for line in lines)


def test_a_dumb_terminal_gets_plain_text(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert draw(terminal, (Column(title="A"),), [["b"]]) == "A\nb\n"


def test_no_color_is_respected(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", draw(terminal, (Column(title="A"),), [["b"]]))


@pytest.mark.parametrize(
    ("drafting", "asks", "words"),
    [
        (False, 3, ""),
        (True, 3, "papers are being made"),
        (True, 0, "nothing is being asked, and papers are being made"),
    ],
)
@pytest.mark.parametrize("wide", [80, 140])
def test_a_pursuit_on_the_screen_says_when_it_makes_papers(
    drafting: bool, asks: int, words: str, wide: int, terminal: Terminal
) -> None:
    console = Console(file=terminal, width=wide, height=40, color_system=None)
    state = board._State(console)
    host = {"host": "127.0.0.1:7701", "sent": 25, "failed": 7, "limited": 7, "per_second": 19}
    sums = {"percent": "100", "shown": "25,000.000000 of 25,000.000000 USDT"}
    facts = {"asks_open": asks, "asks_answered": 2, "requests": 25, "offramps": 1, "drafting": drafting}
    state.facts = {**facts, "resolved": [sums], "hosts": [host]}
    console.print(state)
    lines = [line.rstrip() for line in terminal.getvalue().splitlines()]
    assert max(map(len, lines)) <= wide
    assert [line for line in lines if "papers" in line] == ([words] if words else [])
    assert lines[-1] == "127.0.0.1:7701: 25 requests, 19/s, 7 failed, asked to slow down 7 times"


def test_a_watch_that_waits_says_so(terminal: Terminal) -> None:
    """And not for hours that it is starting, or what was asked when something moved last."""
    at = datetime(2026, 1, 2, tzinfo=UTC)
    drawn: list[str] = []
    with redirect_stdout(terminal), board._live() as tell:
        tell(Event(kind="looked", at=at, said="16 of 16 places could be looked at.", facts={}))
        drawn.append(terminal.getvalue())
    assert "waiting for the next look" in drawn[0]
    assert "starting" not in drawn[0].rpartition("looked at")[2]
