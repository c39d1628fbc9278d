"""Cases over scripted exhibits of every installed chain, and of toy chains that share their texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recover.case import derived, open_for_reading, open_for_writing
from recover.declared import losses
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import (
    Address,
    Ask,
    Assertion,
    Asset,
    Batch,
    Chain,
    ChainInfo,
    Exhibit,
    Leg,
    NotRecognised,
    Recorder,
    Source,
    SourceInfo,
    Transaction,
    TxId,
    plugin,
)
from recover.sdk.batch import Record
from recover.stages import collect, open, run


class Toy:
    """A chain whose addresses begin with a, and whose transactions begin with t: like its neighbour's."""

    def __init__(self, chain: str, model: Any) -> None:
        coin = Asset(id=f"{chain}/slip44:1", symbol="TOY", decimals=0)
        self.info = ChainInfo(id=chain, title=chain, model=model, native=coin, assets=(coin,))

    def parse(self, text: str) -> Address | TxId:
        if text[:1] in ("a", "t") and text.isascii() and text.isalnum():
            return (Address if text[0] == "a" else TxId)(chain=self.info.id, text=text)
        raise NotRecognised("toy", f"{text!r} is nothing here.", "It begins with neither a nor t.", "Mend it.")


TOYS = [Toy(f"{name}:1", model) for name, model in (("left", "account"), ("right", "account"))]
TOYS += [Toy(f"{name}:1", "utxo") for name in ("lcoin", "rcoin")]
RECORDS: dict[bytes, tuple[Record, ...]] = {}


class Told:
    """Exhibits are names of records kept here."""

    info = SourceInfo(
        id="told", version="1", title="T", chains=("*",), place="line", media="text", terms="Made for tests."
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith(b"told ")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield Batch.of(*RECORDS[exhibit.data])


class Plugged:
    @plugin
    def recover_chains(self) -> list[Chain]:
        return list(TOYS)

    @plugin
    def recover_sources(self) -> list[Source]:
        return [Told()]


def load() -> Plugins:
    loaded = registry.load(extra=[Plugged()])
    assert not loaded.broken
    return Plugins(
        chains=loaded.chains,
        sources={"told": loaded.sources["told"]},
        exporters=loaded.exporters,
        templates=loaded.templates,
        loaded=loaded.loaded,
    )


PLUGINS = load()
REAL = [chain for name, chain in PLUGINS.chains.items() if name not in {toy.info.id for toy in TOYS}]


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def found(
    folder: Path,
    exhibits: Sequence[Sequence[Record]],
    lost: Sequence[Mapping[str, Any]],
    until: str = "find",
    plugins: Plugins = PLUGINS,
) -> Path:
    """A case over these exhibits and losses, run to its findings, or to another stage."""
    path = folder / "case"
    open.create(path, title="T", examiner="N", agency="A", rule="fifo")
    files = []
    for number, records in enumerate(exhibits):
        told = f"told {folder} {number}".encode()
        RECORDS[told] = tuple(records)
        files.append(folder / f"{number}.txt")
        files[-1].write_bytes(told)
    with open_for_writing(path, "test") as case:
        collect.files(case, plugins, files, [], quiet)
        for loss in lost:
            losses.declare(case, plugins, **loss)
        run.everything(case, plugins, quiet, until=until)
    return path


_TABLES = ("ends", "offramps", "accounts", "findings", "gaps")
_NUMBERS = ("id", "seq", "first", "last", "place", "exhibits")


def figures(path: Path) -> dict[str, list[str]]:
    """Every row of every table that papers are written from, without the numbers that depend on what else is
    there."""
    case = open_for_reading(path)
    told = {}
    for name in _TABLES:
        rows = derived.read(case, name).to_pylist()
        told[name] = sorted(
            json.dumps({k: v for k, v in row.items() if k not in _NUMBERS}, default=str, sort_keys=True)
            for row in rows
        )
    return told


def named(chain: str, address: str) -> Assertion:
    return Assertion(
        kind="label",
        chain=chain,
        address=address,
        grade="B",
        method="told",
        version="1",
        service="Kraken",
        label="Kraken",
        role="hot-wallet",
    )


def paid(chain: str, tx: str, src: str, dst: str, n: int, asset: str, height: int) -> Transaction:
    legs = (
        Leg(kind="transfer", address=src, asset=asset, amount=-n, pair=0, index=0),
        Leg(kind="transfer", address=dst, asset=asset, amount=n, pair=0, index=0),
    )
    return Transaction(chain=chain, id=tx, place=0, legs=legs, whole=True, height=height, index=0)
