"""Deposits told apart by memo or by address: a fact of the register, by chain, that reaches the off-ramp logic."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from recover.linking import memos
from recover.linking.policy import TABLE
from recover.plugins import registry
from recover.registers import addressees
from recover.sdk import Error

XRP, TRON, ETHEREUM = "xrpl:0", "tron:0x2b6653dc", "eip155:1"
ENTRY = """
id = "{id}"
kind = "exchange"
brand = "{brand}"
aliases = []
domains = []
looked = "2026-11-28"

[status]
value = "operating"
source = "a page"
as_of = "2026-11-01"
confidence = "own"
"""
FACT = """
[[deposits]]
told = "{told}"
chain = "{chain}"
source = "{source}"
as_of = "2026-11-01"
confidence = "own"
"""


def entry(*facts: tuple[str, str], id: str = "somewhere", brand: str = "Somewhere", source: str = "a page") -> str:
    return ENTRY.format(id=id, brand=brand) + "".join(
        FACT.format(told=told, chain=chain, source=source) for told, chain in facts
    )


def told(folder: Path, text: str, service: str = "Somewhere") -> set[str]:
    """The chains on which a labelled wallet of the service is one where memos tell customers apart."""
    (folder / "one.toml").write_text(text, "utf-8")
    plugins = registry.load()
    register = addressees.services(plugins.templates, addressees.read([folder / "one.toml"]))
    empty = {f.name: None if f.nullable else [] if pa.types.is_list(f.type) else "" for f in TABLE}
    numbers = {f.name: 0 for f in TABLE if pa.types.is_integer(f.type)}
    rows = [
        {**empty, **numbers, "kind": "label", "chain": chain, "address": f"a of {chain}", "service": service}
        | {"grade": "B", "role": "hot-wallet"}
        for chain in (XRP, TRON, ETHEREUM)
    ]
    found = memos.told(pa.Table.from_pylist(rows, schema=TABLE), plugins, register)
    return {chain for chain, _ in found}


def test_where_the_register_says_nothing_the_chain_does(tmp_path: Path) -> None:
    assert told(tmp_path, entry()) == {XRP}


@pytest.mark.parametrize(
    ("facts", "chains"),
    [
        ((("memo", TRON),), {XRP, TRON}),
        ((("address", XRP),), set()),
        ((("memo", ""),), {XRP, TRON, ETHEREUM}),
        ((("memo", ""), ("address", TRON)), {XRP, ETHEREUM}),
    ],
)
def test_what_the_register_says_of_a_chain_counts_before(
    tmp_path: Path, facts: tuple[tuple[str, str], ...], chains: set[str]
) -> None:
    assert told(tmp_path, entry(*facts)) == chains


def test_a_service_that_both_registers_know_has_it_too(tmp_path: Path) -> None:
    text = entry(("memo", TRON), id="kraken", brand="Kraken")
    assert told(tmp_path, text, "Kraken") == {XRP, TRON}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(("tag", TRON)), "told 'tag' is not one of memo, address"),
        (entry(("memo", "tron")), "'tron' is no CAIP-2 id"),
        (entry(("memo", TRON), ("address", TRON)), f"{TRON} is said twice"),
        (entry(("memo", TRON), source=""), "names no source"),
    ],
)
def test_a_fact_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "one.toml").write_text(text, "utf-8")
    with pytest.raises(Error) as caught:
        addressees.read([tmp_path / "one.toml"])
    assert said in caught.value.why


def test_it_is_a_dated_fact_like_the_others(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(entry(("memo", TRON)), "utf-8")
    (one,) = addressees.read([tmp_path / "one.toml"]).values()
    assert ("deposit", f"deposits are told apart by memo on {TRON}", "2026-11-01") in list(addressees.facts(one))
    assert addressees.filled([one])["deposits"] == 1
