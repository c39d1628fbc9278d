"""The register of services: every entry is whole, and no two share a name under the published rule."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from recover.sdk import Service
from recover.testing import TemplateKit
from recover_labels import recover_templates

FOLDER = recover_templates()[0].folder
FILES = sorted(FOLDER.glob("*.toml"))


def published_key() -> Callable[[str], str]:
    """The function that the README shows."""
    code = re.findall(r"```python\n(.*?)```", (FOLDER / "README.md").read_text(encoding="utf-8"), re.S)
    space: dict[str, object] = {}
    exec(compile(code[0], "README.md", "exec"), space)
    key = space["key"]
    assert callable(key)
    return key


def service(path: Path) -> Service:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    # How deposits are told apart is said only where it is not the chain's habit, or by the other register.
    assert set(data) | {"memos", "deposits"} == {f.name for f in fields(Service)}
    data |= {name: tuple(data[name]) for name in ("aliases", "jurisdictions")}
    return Service(**data)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_entry_is_whole(path: Path) -> None:
    entry = service(path)
    assert entry.id == path.stem
    assert entry.name
    assert entry.category == "exchange"
    assert set(entry.legal) == {"entity", "address", "channel"}
    assert all(re.fullmatch("[A-Z]{2}", country) for country in entry.jurisdictions)
    assert entry.verified_by == ""
    if entry.source == "unverified":
        assert (entry.uri, entry.jurisdictions, entry.legal["entity"], entry.as_of) == ("", (), "", "")
    else:
        assert entry.uri
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", entry.as_of)


def test_no_two_services_share_a_name() -> None:
    key = published_key()
    owners: dict[str, set[str]] = {}
    for entry in map(service, FILES):
        for name in (entry.id, entry.name, *entry.aliases):
            owners.setdefault(name.casefold(), set()).add(entry.id)
            owners.setdefault(key(name), set()).add(entry.id)
    assert {k: v for k, v in owners.items() if len(v) > 1 or not k} == {}


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Binance-Hot 2", "binance"),
        ("Binance 2", "binance"),
        ("binance reserve wallets", "binance"),
        ("Okex 1", "okx"),
        ("okx reserves wallets", "okx"),
        ("MXC", "mexc"),
        ("mexc-cex", "mexc"),
        ("Kucoin 3", "kucoin"),
        ("gate-io", "gate"),
        ("Gate", "gate"),
        ("FTX", "ftx"),
        ("Huobi 1", "huobi"),
        ("HTX", "huobi"),
        ("LBank", "lbank"),
        ("BitMart", "bitmart"),
        ("Indodax", "indodax"),
        ("LATOKEN", "latoken"),
        ("Poloniex", "poloniex"),
        ("CoinEx", "coinex"),
        ("BHEX", "bhex"),
        ("BtcTurk", "btcturk"),
        ("AscendEX (Bitmax)", "ascendex"),
        ("binanceus", "binance-us"),
        ("crypto-com", "crypto-com"),
        ("Hot Wallet 7", None),
        ("Some Swap", None),
    ],
)
def test_names_as_lists_write_them(name: str, id: str | None) -> None:
    key = published_key()
    texts = [(s.id, text) for s in map(service, FILES) for text in (s.id, s.name, *s.aliases)]
    names = {text.casefold(): id for id, text in texts} | {key(text): id for id, text in texts}
    assert names.get(name.casefold(), names.get(key(name))) == id


class TestServices(TemplateKit):
    template = recover_templates()[0]
