"""Small chains written down in a test: one of coins, two of balances; and assertions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from recover.case import Case, derived, open_for_writing
from recover.declared import losses
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import (
    Address,
    Ask,
    Assertion,
    Asset,
    Batch,
    Block,
    Chain,
    ChainInfo,
    Coverage,
    Error,
    Event,
    Exhibit,
    Gap,
    Heuristic,
    HeuristicInfo,
    Ledger,
    Leg,
    NotRecognised,
    Recorder,
    Scope,
    Source,
    SourceInfo,
    Transaction,
    TxId,
    amounts,
    plugin,
)
from recover.sdk.batch import Record
from recover.stages import collect, open, run

COIN = Asset(id="coin:1/slip44:1", symbol="COIN", decimals=0)
GOLD = Asset(id="bank:1/token:gold", symbol="GOLD", decimals=0)
THERE = Asset(id="bank:2/token:gilt", symbol="GILT", decimals=0)
ODD = Asset(id="bank:2/token:odd", symbol="ODD", decimals=0)
SILVER = Asset(id="bank:1/token:silver", symbol="SILV", decimals=0)
START = datetime(2026, 1, 1, tzinfo=UTC)


class _Chain:
    def __init__(self, info: ChainInfo) -> None:
        self.info = info

    def parse(self, text: str) -> Address | TxId:
        head = text[:1]
        if head in ("a", "t") and text.isascii() and text.isalnum():
            kind = Address if head == "a" else TxId
            return kind(chain=self.info.id, text=text)
        raise NotRecognised(
            "scripted", f"{text!r} is nothing here.", "It begins with neither a nor t.", "Mend it."
        )


COINS = _Chain(ChainInfo(id="coin:1", title="Coins", model="utxo", native=COIN))
BANK = _Chain(ChainInfo(id="bank:1", title="Bank", model="account", native=GOLD, assets=(GOLD, SILVER)))
FAR = _Chain(ChainInfo(id="bank:2", title="Far", model="account", native=THERE))


def spend(
    tx: str,
    inputs: Sequence[tuple[str, int, str | None, int | None]],
    outputs: Sequence[tuple[str | None, int]],
    **more: Any,
) -> Transaction:
    """A coin transaction: inputs as (funding id, output, address, amount), outputs as (address, amount).

    Without inputs it is a coinbase. `more` are fields of Transaction.
    """
    legs = [
        Leg(kind="input", address=who, asset=COIN.id, amount=None if n is None else -n, index=i, spends=(of, out))
        for i, (of, out, who, n) in enumerate(inputs)
    ]
    if not inputs:
        made = sum(n for _, n in outputs)
        legs.append(Leg(kind="reward", address=None, asset=COIN.id, amount=-made, index=0))
    legs += [Leg(kind="output", address=a, asset=COIN.id, amount=n, index=i) for i, (a, n) in enumerate(outputs)]
    return Transaction(chain="coin:1", id=tx, place=0, legs=tuple(legs), whole=True, **more)


def pay(tx: str, *moves: tuple[str | None, str | None, int, Asset], minute: int = 0, **more: Any) -> Transaction:
    """An account transaction of transfers (from, to, amount, asset), on the chain of its assets."""
    legs = []
    for pair, (src, dst, amount, asset) in enumerate(moves):
        kind: Any = "transfer" if src and dst else "mint" if dst else "burn"
        legs.append(Leg(kind=kind, address=src, asset=asset.id, amount=-amount, pair=pair, index=pair, out=True))
        legs.append(Leg(kind=kind, address=dst, asset=asset.id, amount=amount, pair=pair, index=pair, out=False))
    time = START + timedelta(minutes=minute)
    chain = moves[0][3].chain
    return Transaction(
        chain=chain, id=tx, place=0, legs=tuple(legs), whole=True, time=time, height=minute, index=0, **more
    )


class _Scripted:
    """Exhibits are names of records kept here."""

    info = SourceInfo(
        id="scripted",
        version="1",
        title="Scripted",
        chains=("coin:1", "bank:1", "bank:2"),
        place="line",
        media="text",
        terms="Made for tests.",
    )

    def __init__(self) -> None:
        self.records: dict[str, tuple[Record, ...]] = {}

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith(b"scripted ")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield Batch.of(*self.records[exhibit.data.decode()])


class _Asserts:
    """Says what it was told."""

    info = HeuristicInfo(
        id="scripted-says",
        version="1",
        title="Scripted",
        models=("utxo", "account"),
        asserts=("mix", "swap", "cross"),
        citation="A test.",
        fails=("Always.",),
    )

    def __init__(self, said: Iterable[Assertion]) -> None:
        self.said = tuple(said)

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        if self.said:
            yield Batch.of(*self.said)


class World:
    """A case over scripted exhibits, run to any stage."""

    def __init__(self, folder: Path, *exhibits: Sequence[Record], said: Iterable[Assertion] = ()) -> None:
        self.folder, self.path = folder, folder / "case"
        source, heuristic = _Scripted(), _Asserts(said)

        class Plugged:
            @plugin
            def recover_chains(self) -> list[Chain]:
                return [COINS, BANK, FAR]

            @plugin
            def recover_sources(self) -> list[Source]:
                return [source]

            @plugin
            def recover_heuristics(self) -> list[Heuristic]:
                return [heuristic]

        loaded = registry.load(extra=[Plugged()])
        self.plugins = Plugins(
            chains={k: v for k, v in loaded.chains.items() if k in ("coin:1", "bank:1", "bank:2")},
            sources={"scripted": source},
            heuristics={"scripted-says": heuristic},
            exporters=loaded.exporters,
            templates=loaded.templates,
            loaded=loaded.loaded,
        )
        open.create(self.path, title="T", examiner="N", agency="A", rule="fifo")
        files = []
        for number, records in enumerate(exhibits, 1):
            source.records[f"scripted {number}"] = tuple(records)
            files.append(folder / f"{number}.txt")
            files[-1].write_text(f"scripted {number}")
        with open_for_writing(self.path, "test") as case:
            collect.files(case, self.plugins, files, [], _quiet)

    def lose(self, **loss: Any) -> World:
        with open_for_writing(self.path, "test") as case:
            losses.declare(case, self.plugins, **loss)
        return self

    def rule(self, name: str) -> World:
        with open_for_writing(self.path, "test") as case:
            case.save(replace(case.settings, rule=name))
        return self

    def run(self, until: str = "find") -> World:
        with open_for_writing(self.path, "test") as case:
            run.everything(case, self.plugins, _quiet, until=until)
        return self

    def table(self, name: str) -> list[dict[str, Any]]:
        from recover.case import open_for_reading

        found: list[dict[str, Any]] = derived.read(open_for_reading(self.path), name).to_pylist()
        return found

    def case(self) -> Case:
        from recover.case import open_for_reading

        return open_for_reading(self.path)

    def ends(self, rule: str = "fifo") -> dict[tuple[str, str, str], int]:
        """(asset symbol or id's tail, address, reason) -> amount, as recorded."""
        found: dict[tuple[str, str, str], int] = {}
        for row in self.table("ends"):
            if row["rule"] == rule and row["ties"] == "as recorded":
                key = (row["asset"].rsplit(":", 1)[1], row["address"], row["reason"])
                found[key] = found.get(key, 0) + amounts.join(row["amount"], row["wide"])
        return found

    def gaps(self) -> list[dict[str, Any]]:
        return self.table("gaps")


def _quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def mix(tx: str, **params: Any) -> Assertion:
    said = json.dumps(params, sort_keys=True, separators=(",", ":"))
    return Assertion(
        kind="mix",
        chain="coin:1",
        address="",
        grade="B",
        method="scripted-says",
        version="1",
        label="whirlpool",
        role="definite",
        transactions=(tx,),
        params=said,
    )


def swap(
    tx: str, who: str, sold: tuple[Asset, int], bought: tuple[Asset, int], to: str | None = None
) -> Assertion:
    params = {"bought": str(bought[1]), "into": bought[0].id, "sold": str(sold[1])}
    return Assertion(
        kind="swap",
        chain="bank:1",
        address=who,
        other=to,
        asset=sold[0].id,
        grade="B",
        method="scripted-says",
        version="1",
        transactions=(tx,),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
    )


def cross(
    tx: str,
    who: str,
    sent: tuple[Asset, int],
    to_tx: str,
    to: str | None,
    received: tuple[Asset, int],
    **more: Any,
) -> Assertion:
    """A crossing of level 1 under the key of `tx`; `more` are fields of `Cross`."""
    chain = received[0].chain
    said = {
        "protocol": "toy",
        "key": "0x" + tx.encode().hex(),
        "level": 1,
        "to_chain": chain,
        "to_tx": to_tx,
        "into": received[0].id,
        "sent": str(sent[1]),
        "received": str(received[1]),
        **more,
    }
    return Assertion(
        kind="cross",
        chain=sent[0].chain,
        address=who,
        other=to,
        asset=sent[0].id,
        grade="A",
        method="scripted-says",
        version="1",
        transactions=(tx, to_tx) if to_tx else (tx,),
        params=json.dumps(said, sort_keys=True, separators=(",", ":")),
    )


__all__ = [
    "COIN",
    "GOLD",
    "ODD",
    "SILVER",
    "START",
    "THERE",
    "Block",
    "Coverage",
    "Error",
    "Event",
    "Gap",
    "World",
    "cross",
    "mix",
    "pay",
    "spend",
    "swap",
]
