"""The register of issuers: whole entries, contracts in any letters, and faults named by file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.test_evidence import LOUD

from recover.plugins import registry
from recover.registers import issuers
from recover.registers.issuers import Issuers
from recover.sdk import Error, Template


def test_the_register_of_issuers_is_whole() -> None:
    found = issuers.load(registry.load().templates["issuers"])
    entries = {issuer.id: issuer for issuer in found.of.values()}
    assert {"circle", "tether"} <= set(entries)
    for issuer in entries.values():
        assert issuer.name
        assert "freeze" in issuer.powers
        assert issuer.verified_by == "", "nobody has checked an entry of this register"
        assert issuer.source
        assert issuer.as_of or issuer.source == "unverified"


def test_a_hexadecimal_contract_is_found_in_any_letters() -> None:
    found = Issuers(of={issuers.key("eip155:1/erc20:0xaB"): LOUD})
    assert found.match("eip155:1/erc20:0xAb") is LOUD
    assert found.match("eip155:10/erc20:0xAb") is None
    assert Issuers(of={issuers.key("x:1/trc20:TAb"): LOUD}).match("x:1/trc20:Tab") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('id = "a"\nbad = 1\n', "unknown keys bad"),
        ('id = "a"\npowers = ["melt"]\n', "unknown powers melt"),
        ('id = "a"\nassets = []\npowers = []\n', "missing"),
    ],
)
def test_a_file_that_is_no_entry_is_named(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(text)
    template = Template(id="issuers", kind="register", version="1", title="t", folder=tmp_path)
    with pytest.raises(Error) as caught:
        issuers.load(template)
    assert caught.value.code == "register-entry"
    assert "a.toml" in caught.value.what
    assert why in caught.value.why
