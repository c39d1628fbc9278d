"""An exchange with one address and tags, asked live over loopback, and the same again with no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.live.tool import files, show, tool

from recover_chain_xrpl.testing import scene
from recover_chain_xrpl.testing.scene import EXCHANGE, FRIEND, ISSUER, THIEF, VICTIM, XRP
from recover_chain_xrpl.testing.server import Double, serving

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tags")]  # one case serves them all

LABELS = f"""#recover-labels 1
#source: a list made for this test
#grade: B
chain,address,service,label,role,category
xrpl:0,{EXCHANGE},Kraken,Kraken 1,hot-wallet,exchange
"""


def double() -> Double:
    held = {VICTIM: 100 * XRP - 10, THIEF: 170 * XRP - 40, FRIEND: 50 * XRP - 20, EXCHANGE: 5750 * XRP}
    line = {"account": ISSUER, "balance": "147.413155", "currency": "USD", "limit_peer": "0"}
    return Double(given=scene.SCENE, limit=3, coins=held, lines={THIEF: [line]})


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that asked the double until nothing was open, with the double gone."""
    folder = tmp_path_factory.mktemp("tags")
    (folder / "labels.csv").write_text(LABELS, "utf-8")
    path = str(folder / "case")
    who = ("--title", "Tags", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    with serving(double()) as where:
        tool("open", path, *who, "--source", f"xrpl-server={where}")
        tool("import", path, str(folder / "labels.csv"))
        tool("loss", path, "--tx", f"xrpl:0:{scene.THEFT.id}")
        # The thief's 20 coins of before the ledgers here are a gap: its history is short of them.
        tool("run", path, code=5)
    return folder / "case"


def slots(case: Path, kind: str) -> list[dict[str, Any]]:
    return [each["slots"] for each in show(case, "findings") if each["kind"] == kind]


def test_every_drop_that_was_stolen_is_somewhere(case: Path) -> None:
    """900 stolen: 600, 100 and, out of an escrow, 50 to the exchange; four fees; the rest is where it was."""
    (sums,) = slots(case, "conservation")
    assert int(sums["began"]) == int(sums["ended"]) == 900 * XRP
    assert int(sums["service"]) == 750 * XRP
    assert int(sums["fee"]) == 40
    assert int(sums["rest"]) == 150 * XRP - 40


def test_what_rests_is_what_the_server_says_is_held(case: Path) -> None:
    """The thief holds 20 coins of its own beside what was stolen: where they came from is in no exhibit."""
    assert [gap["code"] for gap in show(case, "gaps")] == ["history-short"]
    (rest,) = slots(case, "at-rest")
    (held,) = (row for row in show(case, "states") if row["address"] == THIEF)
    assert int(held["amount"]) == int(rest["amount"]) + 20 * XRP


def test_a_partial_payment_counts_as_delivered(case: Path) -> None:
    (paid,) = (row for row in show(case, "transfers") if row["asset"].endswith(ISSUER))
    assert int(paid["amount"]) == 147413155 * 10**34


def test_it_is_the_same_with_no_server(case: Path) -> None:
    before = files(case / "out")
    tool("run", str(case), code=5)
    tool("verify", str(case))
    assert files(case / "out") == before


def test_the_letter_names_the_address_and_each_tag(case: Path) -> None:
    """The exchange must find two customers, by its one address and their tags, with what each was credited."""
    (letter,) = (case / "out" / "letters").glob("*-v1.txt")
    lines = [line.replace(";", " ").split() for line in letter.read_text("utf-8").splitlines()]
    for tag, credited in (("7001", 650 * XRP), ("7002", 100 * XRP)):
        assert any(EXCHANGE in line and tag in line and str(credited) in line for line in lines)
    # What was credited with the exchange is no property of the wallet that paid.
    assert not any(line[:1] == [THIEF] and "900000000" in line for line in lines)
