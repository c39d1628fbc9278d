"""Free words of custody, plans, claims and distributions are held against the sealed identities."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.test_statements import CHAIN, USDT, Tool, export, tool, tx, who
from tests.core.test_victims import ANNA, Desk, row

from recover.case import open_for_reading
from recover.cli import main as program
from recover.victims import known, vault

__all__ = ["tool"]

NAME = "anna  BEISPIELFRAU"
AGENCY = f"{CHAIN}:{who('agency')}"
CLAIM = ("claims", "add", "--asset", USDT, "--amount", "5.0", "--claimant")
TAKEN = ("custody", "hand-over", "--address", AGENCY, "--asset", USDT, "--units", "1.0", "--by", "S")
SHARED = ("allocate", "--asset", USDT, "--pool", "3.0", "--mode", "prorata_net", "--record", "interim")
PLACE = ("plan", "set", "--at", f"{CHAIN}:{who('thief')}", "--asset", USDT, "--by", "A")
SPOKEN = {
    "to": (*TAKEN, "--authority", "O1", "--to", NAME),
    "note": (*TAKEN, "--authority", "O1", "--to", "W", "--note", f"for {NAME}"),
    "order": (*TAKEN, "--to", "W", "--authority", f"Order for {NAME}"),
    "attested": ("custody", "attest", *TAKEN[2:8], "--by", "S", "--note", NAME),
    "claimant": (*CLAIM, NAME),
    "basis": (*CLAIM, "W", "--basis", f"{NAME} paid"),
    "priority": (*CLAIM, "W", "--priority", NAME),
    "recorded": (*SHARED, "--authority", f"Order for {NAME}", "--by", "N"),
    "planned": (*PLACE, "--authority", f"Warrant on {NAME}"),
    "device": ("plan", "destination", "S1", "--to", AGENCY, "--by", "D", "--device", f"of {NAME}"),
    "label": ("loss", "--address", who("thief"), "--label", NAME),
    "erased": ("victim", "erase", "VICTIM", "--by", "T", "--reason", f"{NAME} asked"),
}


def said(tool: Tool, words: tuple[str, ...]) -> tuple[int, str, str]:
    """One command; the case stands before its own arguments."""
    found = known.names(open_for_reading(tool.case))
    words = tuple(found[0] if word == "VICTIM" else word for word in words)
    deep = 1 if words[0] in ("allocate", "loss") else 2
    code = program.main([*words[:deep], str(tool.case), *words[deep:]])
    return (code, *tool.capsys.readouterr())


@pytest.fixture
def kept(tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """What was seized is in custody, and one victim is sealed under a passphrase."""
    tool.open(export([("victim", "thief", 50), ("thief", "agency", 40)], ["thief", "agency"]))
    (tmp_path / "phrase").write_text("correct horse battery\n")
    desk = Desk(tool, tmp_path)
    desk.take(row(ANNA), "--passphrase-file", str(tmp_path / "phrase"))
    tool("run", "--until", "find")
    said(tool, (*PLACE, "--authority", "W1"))
    for name in "BC":
        said(tool, ("plan", "destination", "S1", "--to", AGENCY, "--by", name, "--device", f"of {name}"))
    assert said(tool, ("custody", "record", "--tx", f"{CHAIN}:{tx(2)}", "--by", "S"))[0] == 0
    return tool


def test_a_sealed_name_is_refused_wherever_a_free_word_is_kept(
    kept: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (kept.case / "journal.jsonl").read_bytes()
    monkeypatch.setenv("RECOVER_PASSPHRASE", "correct horse battery")
    for field in ("to", "claimant", "recorded", "planned", "erased"):  # to open them takes a second by design
        code, _, err = said(kept, SPOKEN[field])
        assert (code, "identity-typed" in err) == (2, True), (field, err)
    assert (kept.case / "journal.jsonl").read_bytes() == before
    assert vault.held(open_for_reading(kept.case)), "the key of whom somebody wanted to erase so is here still"


def test_where_nothing_opens_them_each_says_that_it_was_not_held_against_them(kept: Tool) -> None:
    for field, words in SPOKEN.items():
        code, _, err = said(kept, words)
        assert (code, "not held against the sealed identities" in err) == (0, True), (field, err)
