"""Every list of labels that was published and kept beside the checkout is read whole."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recover.sdk import Exhibit
from recover_labels import recover_sources

LISTS = Path(__file__).parents[3] / ".." / "shared" / "data" / "attribution"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not LISTS.is_dir(), reason=f"PUBLISHED LISTS ARE NOT TESTED: none at {LISTS}"),
]


def count(paths: list[Path]) -> tuple[Counter[str], Counter[str], int]:
    """(labels by grade, gaps by code, tags and items accounted for)."""
    grades: Counter[str] = Counter()
    gaps: Counter[str] = Counter()
    counted = 0
    for path in paths:
        data = path.read_bytes()
        known = [s for s in recover_sources() if s.recognises(path.name, data[: 2**16])]
        assert len(known) == 1, path.name
        when = datetime(2026, 1, 1, tzinfo=UTC)
        made = Exhibit(digest="0" * 64, name=path.name, media="", captured=when, sources=(), data=data)
        for batch in known[0].decode(made):
            tables = batch.tables()
            if "assertions" in tables:
                grades.update(tables["assertions"]["grade"].to_pylist())
            for gap in tables["gaps"].to_pylist() if "gaps" in tables else []:
                gaps[gap["code"]] += 1
                counted += 1 if gap["code"] == "label-address" else int(gap["why"].split(" ", 1)[0])
    return grades, gaps, counted + sum(grades.values())


@pytest.mark.slow
def test_all_tag_packs() -> None:
    packs = sorted((LISTS / "graphsense-tagpacks" / "packs").rglob("*.yaml"))
    grades, gaps, counted = count(packs)
    assert len(packs) == 71
    # Counted independently with a plain YAML reader: tags in all packs.
    assert counted == 521_355
    assert gaps["label-address"] == 1
    assert grades["A"] == 774
    assert sum(grades.values()) > 521_000


def test_exchange_wallets_and_sanctions() -> None:
    _, gaps, counted = count([LISTS / "exchange-wallets-defillama" / "defillama_cex_wallets.csv"])
    # Counted independently: rows that the csv module gives under the header.
    assert counted == 6736
    assert gaps["label-not-an-exchange"] == 5
    ofac = sorted((LISTS / "ofac-2024-09").glob("*.json")) + sorted((LISTS / "ofac-2026-03").glob("*.json"))
    grades, gaps, _ = count(ofac)
    assert grades == {"B": 1164}
    assert gaps == {"label-network": 1}
