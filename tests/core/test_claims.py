"""Competing claims and distributions from the command line: what stands, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from recover.cli import main as program

ASSET = "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
T3 = (("V-A", "100000000"), ("V-B", "50000000"), ("V-C", "30000000"))


class Desk:
    def __init__(self, case: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.case, self.capsys = case, capsys

    def __call__(self, command: str, *words: str, code: int = 0) -> Any:
        verb = ["claims", command] if command in ("add", "list", "withdraw") else [command]
        found = program.main([*verb, self.case, *words, "--json"])
        out, err = self.capsys.readouterr()
        assert found == code, out + err
        return json.loads(out)

    def share(self, *words: str, pool: str = "105000000", code: int = 0) -> Any:
        return self("allocate", "--asset", ASSET, "--pool", pool, *words, code=code)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    case = str(tmp_path / "c")
    assert program.main(["open", case, "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo"]) == 0
    capsys.readouterr()
    made = Desk(case, capsys)
    for who, amount in T3:
        made("add", "--claimant", who, "--asset", ASSET, "--amount", amount)
    return made


def test_the_published_vector_side_by_side(desk: Desk) -> None:
    found = desk.share("--mode", "prorata_loss", "rising_tide")
    assert [mode["mode"] for mode in found["modes"]] == ["prorata_loss", "rising_tide"]
    for mode in found["modes"]:
        assert [s["share"] for s in mode["shares"]] == ["58333333", "29166667", "17500000"]
        assert (mode["sum"], mode["left"]) == ("105000000", "0")


def test_claims_compete_by_rank_and_a_withdrawn_one_stays_in_the_journal(desk: Desk) -> None:
    state = ("--claimant", "The State", "--kind", "state", "--basis", "tax", "--rank", "2", "--priority", "s. 9")
    made = desk("add", *state, "--asset", "USDT", "--amount", "40.5")
    assert (made["id"], made["amount"], made["asset"]) == ("C4", "40500000", ASSET)
    (mode,) = desk.share("--mode", "statutory_priority", pool="190000000")["modes"]
    assert {s["claimant"]: s["share"] for s in mode["shares"]}["The State"] == "10000000"
    desk("withdraw", "C4", "--by", "N", "--reason", "settled")
    assert [c["withdrawn"] for c in desk("list")] == ["", "", "", "N: settled"]
    (mode,) = desk.share("--mode", "statutory_priority", pool="190000000")["modes"]
    assert (len(mode["shares"]), mode["left"]) == (3, "10000000")
    assert desk("withdraw", "C4", "--by", "N", "--reason", "again", code=2)["error"]["code"] == "claim-withdraw"


def test_an_interim_and_a_final_distribution_with_a_reserve_for_late_claims(desk: Desk) -> None:
    order = ("--authority", "Order 1", "--by", "N", "--mode", "prorata_loss")
    first = desk.share("--reserve", "45000000", "--record", "interim", *order)
    assert first["recorded"] == "D1"
    assert [s["share"] for s in first["modes"][0]["shares"]] == ["33333333", "16666667", "10000000"]
    desk("add", "--claimant", "V-D", "--asset", ASSET, "--amount", "30000000")
    (mode,) = desk.share(*order, "--record", "final", pool="45000000")["modes"]
    # 105 million over 210 million is one half: late claims are brought level with the others.
    assert [(s["before"], s["share"]) for s in mode["shares"]] == [
        ("33333333", "16666667"),
        ("16666667", "8333333"),
        ("10000000", "5000000"),
        ("0", "15000000"),
    ]
    assert desk.share("--record", "final", *order, pool="1", code=2)["error"]["code"] == "distribution-final"
    assert program.main(["verify", desk.case]) == 0


def test_the_same_order_is_recorded_once_and_a_mistake_is_taken_back(desk: Desk) -> None:
    order = ("--authority", "Order 1", "--by", "N", "--mode", "prorata_loss", "--record", "interim")
    assert desk.share(*order, pool="18000000")["recorded"] == "D1"
    assert desk.share(*order, pool="18000000", code=2)["error"]["code"] == "distribution-twice"
    said = ("--by", "N", "--reason", "typed wrong")
    assert desk("withdraw", "D1", *said)["withdrawn"] == "N: typed wrong"
    assert desk("withdraw", "D1", *said, code=2)["error"]["code"] == "distribution-withdraw"
    again = desk.share(*order, pool="18000000")
    assert (again["recorded"], {s["before"] for s in again["modes"][0]["shares"]}) == ("D2", {"0"})
    assert program.main(["verify", desk.case]) == 0


def test_nothing_is_traced_to_a_pool_of_which_nobody_says_where_it_rested(desk: Desk) -> None:
    assert desk.share("--mode", "traced_first", code=2)["error"]["code"] == "pool-without-place"
    found = desk.share()
    assert ("traced_first" in [mode["mode"] for mode in found["modes"]], found["left_out"]) == (
        False,
        ["traced_first"],
    )
    assert found["custody"] == "0"
    found = desk.share("--at", "tron:0x2b6653dc:TWExmoqQSJL759DX3FEvkftxPQqCoGuUQR")
    assert ("traced_first" in [mode["mode"] for mode in found["modes"]], found["left_out"]) == (True, [])


def test_an_extract_for_one_counsel_pools_all_others(desk: Desk, tmp_path: Path) -> None:
    found = desk.share("--mode", "prorata_loss", "--only", "V-B", "--out", str(tmp_path / "papers"))
    (mode,) = found["modes"]
    assert [(s["claimant"], s["share"]) for s in mode["shares"]] == [
        ("V-B", "29166667"),
        ("all other claimants", "75833333"),
    ]
    page = "".join(p.extract_text() for p in PdfReader(tmp_path / "papers/allocation.pdf").pages)
    written = json.dumps(found) + (tmp_path / "papers/allocation.csv").read_text() + page
    assert "V-A" not in written
    assert "V-C" not in written
    assert "Extract for counsel of V-B" in " ".join(page.split())
    assert desk.share("--only", "V-Z", code=2)["error"]["code"] == "no-claimant"


def test_what_cannot_be_shared_or_claimed_is_refused(desk: Desk, tmp_path: Path) -> None:
    before = (tmp_path / "c/journal.jsonl").read_bytes()
    refused = {
        "pool-too-small": desk.share("--costs", "105000001", code=2),
        "mode-unknown": desk.share("--mode", "pro_rata", code=2),
        "distribution-modes": desk.share("--record", "interim", "--authority", "O", "--by", "N", code=2),
        "claim-kind": desk(
            "add", "--claimant", "X", "--asset", ASSET, "--amount", "1", "--kind", "friend", code=2
        ),
        "claim-nothing": desk("add", "--claimant", "X", "--asset", ASSET, "--amount", "0", code=2),
        "amount-unreadable": desk("add", "--claimant", "X", "--asset", ASSET, "--amount", "-5", code=2),
        "no-loss": desk("add", "--claimant", "X", "--asset", ASSET, "--amount", "5", "--loss", "L9", code=2),
        "no-claims": desk("allocate", "--asset", "tron:0x2b6653dc/slip44:195", "--pool", "1", code=2),
    }
    assert {code: found["error"]["code"] for code, found in refused.items()} == {code: code for code in refused}
    assert (tmp_path / "c/journal.jsonl").read_bytes() == before
