"""A partner's later version overtakes what it said in another exhibit; a payment it claims is held to ours."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.linking.ladder import word
from recover.plugins import registry
from recover.testing import exhibit

__all__ = ["tool"]

MOVES = [("victim", "own", 100), ("own", "hot", 60), ("own", "else", 40)]
EARLY, LATE = "2022-02-01T00:00:00Z", "2022-02-02T00:00:00Z"


def bundle(modified: str, *, revoked: bool = False, maker: str = "m") -> str:
    made = {"created": EARLY, "modified": modified, "created_by_ref": maker, "confidence": 90}
    objects: list[dict[str, Any]] = [
        {"type": "cryptocurrency-wallet", "id": "w", "value": who("hot")},
        {"type": "identity", "id": "i", "name": "Binance", "identity_class": "organization"},
        {"type": "relationship", "id": "r", "source_ref": "w", "target_ref": "i", **made, "revoked": revoked},
    ]
    return json.dumps({"type": "bundle", "id": f"bundle--{modified}", "objects": objects})


def worked(tool: Tool, *files: str) -> list[str]:
    """The services of the off-ramps."""
    tool.open(export(MOVES, ["own"]), *files)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    return sorted(r["service"] for r in tool.show("offramps") if r["service"])


GONE = bundle(LATE, revoked=True)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ((bundle(EARLY),), True),
        ((bundle(EARLY), GONE), False),
        ((GONE, bundle(EARLY)), False),
        ((bundle(EARLY, maker="another"), GONE), True),
        ((bundle(EARLY, revoked=True), bundle(LATE)), True),
    ],
)
def test_a_later_version_counts_whatever_came_in_first(files: tuple[str, ...], named: bool, tool: Tool) -> None:
    found = worked(tool, *files)
    assert found == (["Binance"] if named else [])
    with (tool.case / "out/annex/labels.csv").open(newline="") as file:
        ended = [r["ended"] for r in csv.DictReader(file) if r["kind"] == "label"]
    assert len(ended) == len(files)
    if not named and len(files) > 1:
        assert any("its maker took it back, as exhibit" in one for one in ended)
        assert any("withdrawn on 2022-02-02: its maker revoked the relationship" in one for one in ended)


def test_what_was_taken_back_leaves_in_no_format(tool: Tool) -> None:
    worked(tool, labels(EXCHANGE), GONE.replace("Binance", "Kraken"))
    for form in ("stix", "misp", "ftm", "tagpack"):
        out = tool.folder / form
        assert tool("export", "--as", form, "--out", str(out))[0] == 0
        files = {path.name: path.read_text() for path in out.iterdir()}
        told = files.pop("README.txt")
        assert "names that were taken back, or that the case shows otherwise" in told
        assert "Kraken" not in str(files)
        assert "Binance".casefold() in str(files).casefold()


def test_a_name_that_the_other_case_does_not_count_comes_back_as_one(tool: Tool) -> None:
    worked(tool, labels(EXCHANGE), GONE.replace("Binance", "Kraken"))
    assert tool("export", "--as", "xlsx", "--out", str(tool.folder / "x"))[0] == 0
    book = exhibit("case.xlsx", (tool.folder / "x/case.xlsx").read_bytes())
    (batch, *_) = registry.load().sources["recover-xlsx"].decode(book)
    rows = batch.tables()["assertions"].to_pylist()
    assert {row["service"]: word(row).withdrawn for row in rows} == {"Binance": "", "Kraken": "2022-02-02"}


def answer(at: str, payment: str) -> str:
    return f"exchange,deposit_address,txid,amount,asset,network\nKraken,{who(at)},{payment},60,USDT,ETH\n"


@pytest.mark.parametrize(("payment", "gap"), [(tx(2), False), (tx(3).upper(), True), (tx(9), False), ("", False)])
def test_an_answer_is_held_against_the_payment_that_it_names(payment: str, gap: bool, tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]))
    path = tool.folder / "answer.csv"
    path.write_text(answer("hot", payment))
    assert tool("import", str(path), "--as", "exchange-answer")[0] == 0
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    found = [g for g in tool.show("gaps") if g["code"] == "answer-contradicted"]
    assert len(found) == gap
    assert [r["service"] for r in tool.show("offramps") if r["service"]] == ([] if gap else ["Kraken"])
    if gap:
        assert who("else") in found[0]["why"]
        assert "counts for no name" in found[0]["effect"]
