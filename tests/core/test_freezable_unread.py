"""Value that came where nobody answers for the history: what a balance shows there can be frozen, and is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from tests.core.test_evidence import CHAIN, USD, beside, end, state
from tests.core.test_letters import SENDER, draft
from tests.core.test_now_unsettled import HOP, SHOP, THEFT, THIEF, quiet
from tests.core.test_statements import Tool

from recover.capture import own
from recover.case import Case, open_for_reading, open_for_writing
from recover.declared import losses
from recover.findings import issued, stored
from recover.findings.credits import Credits
from recover.plugins import registry
from recover.pursuit import freezing, lastseen
from recover.pursuit.news import News
from recover.pursuit.telling import Event
from recover.sealing import recover_verify as outside
from recover.stages import open, run
from recover.testing import Transfer
from recover_chain_tron.testing.made import START, USDT, token_items
from recover_chain_tron.testing.server import Double, serving

CAME, LIES = 4_000, 3_000


@contextmanager
def collected(path: Path, lies: int) -> Iterator[Case]:
    """A case of a theft on TRON: of the thief's history both payments, of the shop's nothing, but its balance."""
    pages = {THIEF.text: token_items(THEFT) + token_items(HOP)}
    held = {(USDT, SHOP.text): lies}
    double = Double(made=[THEFT, HOP], tokens=pages, balances=held, closed=True, at=START + 600_000)
    plugins = registry.load()
    open.create(path, title="Theft", examiner="N", agency="A", rule="fifo")
    with serving(double) as base, open_for_writing(path, "test") as case:
        losses.declare(case, plugins, tx=f"tron:{THEFT.id}")
        run.everything(case, plugins, quiet, mine=own.load({"trongrid": base}))
        yield case


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("unread") / "c"
    with collected(path, LIES):
        return path


@pytest.fixture
def tool(made: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Tool:
    (tmp_path / "recover.toml").write_text(SENDER)
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))
    shutil.copytree(made, tmp_path / "c")
    return Tool(tmp_path, capsys)


def test_what_lies_there_is_a_finding_and_its_words_say_no_more(tool: Tool) -> None:
    case = open_for_reading(tool.case)
    (found,) = (f for f in stored.findings(case) if f.kind == "freezable" and f.subject == SHOP.text)
    names = ("amount", "balance", "upto", "history")
    assert [found.slots[name] for name in names] == [CAME, LIES, LIES, "open"]
    assert found.slots["balance_height"]
    page = tool.text("report.html")
    told = f"0.004000 USDT of traced value came to {SHOP.text}, whose whole history is in no exhibit"
    assert told in page
    assert "An exhibit states a balance of 0.003000 USDT at block" in page
    assert "At most 0.003000 USDT of it" in page
    assert f"is at rest at {SHOP.text}" not in page
    assert f"about {SHOP.text}, to which traced value came" in tool.first()


@pytest.mark.parametrize("language", ["en", "th"])
def test_its_issuer_is_asked_about_the_least_of_what_came_and_what_lies_there(language: str, tool: Tool) -> None:
    code, row = draft(tool, "--language", language, kind="freeze", to="tether")
    assert code == 0, row
    text = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert SHOP.text in text
    assert f"{SHOP.text} · 0.003000 USDT" in text, "what is asked, at a glance"
    assert "0.004000" in text, "what was traced there"
    assert HOP.id in text, "the way it came, hop by hop"
    if language == "en":
        assert "asked about: at most 0.003000 USDT" in text
        assert "its whole history is in no exhibit" in text
        for false in ("left there", "at rest", "no exhibit shows a balance"):
            assert false not in text


def test_a_pursuit_tells_it_as_what_can_be_frozen(tool: Tool) -> None:
    case, told = open_for_reading(tool.case), list[Event]()
    plugins = registry.load()
    (held,) = (h for h in freezing.freezable(case, plugins) if h.address == SHOP.text)
    assert (held.unread, held.least, held.left) == (True, LIES, True)
    heard = News(case=case, plugins=plugins, tell=told.append, pages=9)
    heard._freezable(case)
    heard.all_freezable()
    (event,) = (e for e in told if e.kind == "freezable" and SHOP.text in e.said)
    assert "at most 0.003000 USDT of it" in event.said
    assert "rests" not in event.said
    assert "0.003000 USDT held there at block" in event.said
    summed = freezing.in_all([held], "c")
    assert summed.startswith("0.004000 USDT in all came to 1 address, and nobody has answered")
    assert "up to 0.003000 USDT" in summed


def test_both_verifiers_hold(tool: Tool) -> None:
    assert tool("verify")[0] == 0
    assert [row for row in outside.check(str(tool.case)) if row[1] == outside.FAILS] == []


def test_where_nothing_lies_nobody_is_asked(tmp_path: Path) -> None:
    with collected(tmp_path / "c", 0) as case:
        assert [f for f in stored.findings(case) if f.kind == "freezable" and f.subject == SHOP.text] == []
        told = list[Event]()
        heard = News(case=case, plugins=registry.load(), tell=told.append, pages=9)
        heard._freezable(case)
        heard.all_freezable()
        assert not [e for e in told if SHOP.text in e.said]
        (said,) = (said for said, _ in lastseen.seen(case, registry.load()))
        assert f"0.004000 at {SHOP.text} (0.000000 USDT held there at block" in said
        assert "gone from there" in said
        assert ("may lie there still" in said, "can freeze" in said) == (False, False)


@pytest.mark.parametrize(
    ("reason", "came", "stated", "expected"),
    [
        pytest.param("uncollected", 5, [(9, 700)], (500, "open"), id="more lies there than came"),
        pytest.param("uncollected", 5, [(9, 30)], (30, "open"), id="less does"),
        pytest.param("uncollected", 5, [(6, 700), (9, 30)], (30, "open"), id="the last counts"),
        pytest.param("uncollected", None, [(9, 30)], (30, "open"), id="nobody knows in which order"),
        pytest.param("uncollected", 5, [(9, 0)], None, id="nothing lies there"),
        pytest.param("uncollected", 5, [(4, 700)], None, id="it did before the value came"),
        pytest.param("uncollected", 5, [(None, 700)], None, id="at no named block"),
        pytest.param("uncollected", 5, [], None, id="nobody knows"),
        pytest.param("rest", 5, [(9, 700)], (500, None), id="at rest"),
        pytest.param("rest", 5, [(9, 30)], (30, None), id="a part of it left unseen"),
        pytest.param("rest", 5, [(9, 0)], None, id="all of it did"),
        pytest.param("rest", 5, [(9, 700), (9, 300)], (500, None), id="exhibits state two: no less than either"),
        pytest.param("rest", 5, [(9, 700), (10, 30), (10, 20)], (30, None), id="two at the last block"),
        pytest.param("rest", 5, [(4, 0)], (500, None), id="nothing lay there before it came"),
        pytest.param("rest", None, [(9, 0)], (500, None), id="or nobody knows the order"),
    ],
)
def test_an_issuer_is_asked_about_no_more_than_a_balance_of_afterwards_leaves(
    reason: str, came: int | None, stated: list[tuple[int | None, int]], expected: tuple[int, str | None] | None
) -> None:
    moves = [Transfer(src="x", dst="a", amount=500, asset=USD, chain=CHAIN, height=came)]
    states = [state("balance", amount, height) for height, amount in stated]  # type: ignore[arg-type]
    case = beside(moves=moves, ends=[end("a", 500, reason)], states=states)
    case = replace(case, material=replace(case.material, credits={("a", USD): Credits(seqs=[0])}))
    found = [(row[3].get("upto", row[3]["amount"]), row[3].get("history")) for row in issued.made(case)]
    assert found == ([] if expected is None else [expected])
    if found and stated and reason == "rest":
        slots, last = next(iter(issued.made(case)))[3], [n for height, n in stated if height == stated[-1][0]]
        assert slots["balance"] == max(last), "what an exhibit states is said"
        several = cast("tuple[str, ...]", slots.get("balances", ()))
        assert sorted(int(one.split("|")[1]) for one in several) == (sorted(last) if len(last) > 1 else [])
