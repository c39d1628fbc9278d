"""A loss at an address that was typed with a memo is of what arrived with that memo, and of nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from recover.case import open_for_reading
from recover.cli.main import main
from recover.sdk import Loss
from recover.trails.starts import told

# XLS-5d, test vectors: one account, without a tag and with the tag 1.
ACCOUNT = "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59"
BARE, TAGGED = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu"


@pytest.mark.parametrize(
    ("typed", "memo"), [(ACCOUNT, None), (BARE, None), (TAGGED, "1"), (f"xrpl:0:{TAGGED}", "1")]
)
def test_an_address_with_a_tag_keeps_it(
    typed: str, memo: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "case"
    assert main(["open", str(case), "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo"]) == 0
    assert main(["loss", str(case), "--address", typed]) == 0
    (loss,) = open_for_reading(case).settings.losses
    assert (loss.address, loss.memo) == (ACCOUNT, memo)
    capsys.readouterr()
    assert main(["show", str(case), "losses", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["memo"] == memo
    assert main(["show", str(case), "losses"]) == 0
    assert (f"{ACCOUNT}, memo 1" in capsys.readouterr().out) is (memo is not None)


def test_only_what_has_the_memo_is_of_the_loss() -> None:
    memos = pa.chunked_array([pa.array(["1", None, "2", "1"], pa.string())])
    assert told(Loss(id="L1", chain="c", address="a", memo="1"), memos).tolist() == [True, False, False, True]
    assert told(Loss(id="L1", chain="c", address="a"), memos).all()
