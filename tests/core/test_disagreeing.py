"""Exhibits that disagree on what moved traced value: no paper says that nothing went, or that all of it stayed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tx


@pytest.fixture
def tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tool:
    made = Tool(tmp_path, capsys)
    one, two = (
        export([("victim", "own", 1000), ("own", "hot", n), ("own", "end", 400)], ["own"]) for n in (600, 200)
    )
    made.open(one, two, labels(EXCHANGE))
    made("loss", "--tx", tx(1))
    made("run")
    return made


def test_what_each_exhibit_gives_and_what_is_left_is_said(tool: Tool) -> None:
    page = tool.text("report.md")
    assert "No traced value is shown to reach a service" not in page
    assert "exhibit 1 shows 600.000000 USDT leaving, 600.000000 USDT of it to wallets attributed to" in page
    assert "exhibit 2 shows 200.000000 USDT leaving, 200.000000 USDT of it to wallets attributed to" in page
    assert "between 200.000000 USDT and 600.000000 USDT went to wallets attributed to" in page
    assert "between 0.000000 USDT and 400.000000 USDT is left there" in page
    assert "Exhibits 1, 2 disagree on 1 transaction: no version of it is followed." in page
    assert f"Settle the contradiction on transaction {tx(2)}" in page
    assert "Consider asking" not in page
    found = {f["kind"]: f for f in tool.show("findings")}
    assert "freezable" not in found
    # A finding that names a service cites the list that does.
    assert (found["contradicted"]["exhibits"], found["not-seen-leaving"]["exhibits"]) == ([1, 2, 3], [1, 2])
    assert not [*(tool.case / "out").glob("letters/*")]
