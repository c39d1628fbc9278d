"""The feed of one case comes back in another, in each of its forms, and what it revokes there is revoked here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from recover.linking.ladder import word
from recover.plugins import registry
from recover.prevention import bulk, misp, stix
from recover.prevention.published import Feed
from recover.testing import exhibit

TRON, T1 = "tron:0x2b6653dc", "TV6MuMXfmLbBqPZvBHdwFsDnQeVfnmiuSi"
GONE = "2026-11-30T21:03:19Z"
FORMS = {"bundle.json": "stix", "event.json": "misp", "addresses.csv": "recover-feed", "feed.json": "recover-feed"}


def written(withdrawn: str) -> dict[str, bytes]:
    """The forms by the name of the file, of a feed of one address and one domain."""
    same = {"category": "romance", "grade": "B", "first_seen": "2022-03-01T00:00:00Z", "source_count": "2"}
    same |= {"last_seen": "2022-03-01T23:30:00Z", "valid_until": "2027-05-29T21:03:18Z", "tlp": "green"}
    same |= {"false_positive_contact": "appeals@agency.example"}
    rows = {
        ("address", TRON, T1): {**same, "type": "address", "chain": TRON, "indicator": T1, "withdrawn": withdrawn},
        ("domain", "", "x.example"): {**same, "type": "domain", "chain": "", "indicator": "x.example"}
        | {"withdrawn": ""},
    }
    at = datetime(2026, 11, 30, 21, 3, 20 if withdrawn else 18, tzinfo=UTC)
    feed = Feed(rows=rows, at=at, agency="Demonstration", seed="s")
    made = (file for form in (bulk, misp, stix) for file in form.files(feed))
    return {name.rsplit("/", 1)[-1]: data for name, data in made}


def read(name: str, data: bytes) -> tuple[list[dict[str, Any]], set[str]]:
    source = registry.load().sources[FORMS[name]]
    rows: list[dict[str, Any]] = []
    gaps: set[str] = set()
    for batch in source.decode(exhibit(name, data)):
        tables = batch.tables()
        rows += tables["assertions"].to_pylist() if "assertions" in tables else []
        gaps |= {one["subject"] for one in (tables["gaps"].to_pylist() if "gaps" in tables else [])}
    return rows, gaps


@pytest.mark.parametrize("name", FORMS)
def test_an_entry_comes_back_with_its_category_and_its_capped_grade(name: str) -> None:
    (row,), gaps = read(name, written("")[name])
    assert (row["chain"], row["address"], row["category"], row["label"]) == (TRON, T1, "romance", "romance")
    assert (row["grade"], row["service"], json.loads(row["params"])["grade"]) == ("C", "", "B")
    assert word(row).until == "2027-05-29"
    assert not word(row).withdrawn
    assert len(gaps) == (name != "addresses.csv")  # the domain


@pytest.mark.parametrize("name", FORMS)
def test_a_withdrawn_entry_names_nothing(name: str) -> None:
    before, after = (read(name, written(gone)[name]) for gone in ("", GONE))
    (row,), gaps = after
    assert word(row).withdrawn == "2026-11-30"
    assert "statements that their maker took back: they name nothing" in gaps
    # It is the same statement, and a later version of it: what was imported before is overtaken too.
    ((first, last), *_) = zip(
        [json.loads(r["params"]) for r in before[0]], [json.loads(row["params"])], strict=True
    )
    assert first["statement"] == last["statement"]
    assert first.get("version", "") < last["version"]


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_recognised_by_its_source_and_by_no_other(name: str) -> None:
    found = [s.info.id for s in registry.load().sources.values() if s.info.primary]
    head = written("")[name][:65_536]
    assert [one for one in found if registry.load().sources[one].recognises(name, head)] == [FORMS[name]]
