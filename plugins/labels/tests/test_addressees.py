"""The register of addressees as it is shipped: whole, dated, sourced, and unconfirmed."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from recover.testing import TemplateKit
from recover_labels import recover_templates

TEMPLATE = next(t for t in recover_templates() if t.id == "addressees")
FILES = sorted(TEMPLATE.folder.glob("*.toml"))
DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_fact_has_a_source_a_date_or_none_and_a_confidence(path: Path) -> None:
    entry = read(path)
    assert entry["id"] == path.stem
    assert entry["looked"] == "2026-11-28"
    facts = [row for name in ("entities", "channels", "asks", "times", "notes") for row in entry.get(name, [])]
    facts += [entry["freeze"]] if "freeze" in entry else []
    facts += [entry["status"]] if entry["status"]["value"] else []
    for fact in facts:
        assert fact["source"], fact
        assert fact["confidence"], fact
        assert fact["as_of"] == "" or DAY.fullmatch(fact["as_of"]), fact
        assert "index id" not in fact["source"]


def test_the_kinds_that_a_tracer_writes_to_are_there() -> None:
    kinds = Counter(read(path)["kind"] for path in FILES)
    assert kinds["exchange"] >= 30
    assert kinds["swapper"] >= 10
    assert kinds["issuer"] >= 6
    assert kinds["chain"] >= 8


def test_what_changed_lately_is_there() -> None:
    binance = read(TEMPLATE.folder / "binance.toml")
    assert binance["entities"][0]["as_of"] == "2026-01-05"
    assert read(TEMPLATE.folder / "garantex.toml")["measures"][0]["stops"] is True
    assert read(TEMPLATE.folder / "htx.toml")["measures"][0]["stops"] is False
    closed = [p.stem for p in FILES if read(p)["status"]["value"] == "closed"]
    assert len(closed) >= 7


_PLACES = {
    "Russian": "RU",
    "Belarusian": "BY",
    "Chinese": "CN",
    "Turkish": "TR",
    "Thailand": "TH",
    "Indonesia": "ID",
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "Northern Ireland": "GB",
}


def test_a_channel_for_senders_of_some_states_names_them() -> None:
    """Another state's agency or victim is not sent there: what the words say, `states` says."""
    found = {}
    for path in FILES:
        for row in read(path).get("channels", []):
            told = {code for word, code in _PLACES.items() if word in row.get("for", "")}
            assert told <= set(row.get("states", [])), (path.stem, row)
            if row.get("states"):
                found[path.stem, row["value"]] = set(row["states"])
    assert found["binance", "case@binanceholdings.ru"] == {"RU", "BY"}
    assert len(found) == 8


class TestTheKit(TemplateKit):
    template = TEMPLATE
