"""The register of issuers: data only, every entry whole, and nothing in it claimed as checked."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from recover.testing import TemplateKit
from recover_labels import recover_templates

TEMPLATE = next(t for t in recover_templates() if t.id == "issuers")
FILES = sorted(TEMPLATE.folder.glob("*.toml"))
KEYS = {"id", "name", "uri", "assets", "powers", "terms", "note", "source", "as_of", "verified_by"}
ASSET = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_entry_is_whole(path: Path) -> None:
    entry = tomllib.loads(path.read_text("utf-8"))
    assert set(entry) == KEYS
    assert entry["id"] == path.stem
    assert entry["name"]
    assert entry["assets"]
    assert all(ASSET.fullmatch(asset) for asset in entry["assets"])
    assert set(entry["powers"]) <= {"freeze", "destroy", "reissue"}
    assert entry["verified_by"] == ""
    assert entry["source"]
    assert entry["source"] == "unverified" or re.fullmatch(r"\d{4}-\d{2}-\d{2}", entry["as_of"])


def test_no_asset_has_two_issuers_and_hexadecimal_contracts_are_in_small_letters() -> None:
    assets = [a for path in FILES for a in tomllib.loads(path.read_text("utf-8"))["assets"]]
    assert len(assets) == len(set(assets))
    hexadecimal = [a for a in assets if a.rpartition(":")[2].startswith("0x")]
    assert [a for a in hexadecimal if a != a.lower()] == []


class TestIssuers(TemplateKit):
    template = TEMPLATE
