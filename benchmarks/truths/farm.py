"""The wallet farm read as a ledger: a real node's blocks, and the script's truth about who owns what."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from recover.case import derived
from recover.ledger import Part, build
from recover.testing import Rows, exhibit, joined

MIXES = ("joinmarket", "whirlpool")
ABOUT = "regtest wallet farm: made-up wallets of four address types and their scripted transactions"
SCRIPT = "the script that made the transactions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One scripted transaction: its kind, the owners of its inputs and outputs, and which outputs are change."""

    tx: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    change: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Farm:
    """A harvest read as a ledger, with its truth."""

    ledger: Rows
    owners: Mapping[str, str]
    deeds: Mapping[str, Deed]
    deposits: frozenset[str]
    hot: str


def read(folder: Path | None, seed: str, rounds: int) -> Farm:
    """The farm, played on a real node unless `folder` holds it already."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="recover-farm-") as spot:
            return read(Path(spot) / "harvest", seed, rounds)
    if not (folder / "truth.json").exists():
        _play(folder, seed, rounds)
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    deeds = {
        d["tx"]: Deed(
            tx=d["tx"],
            kind=d["kind"],
            inputs=tuple(d["inputs"]),
            outputs=tuple(d["outputs"]),
            change=tuple(d["change"]),
        )
        for d in truth["deeds"]
    }
    return Farm(
        ledger=_decoded(sorted(folder.glob("*.blk"))),
        owners=truth["owners"],
        deeds=deeds,
        deposits=frozenset(truth["deposits"]),
        hot=truth["hot"],
    )


def _play(folder: Path, seed: str, rounds: int) -> None:
    from recover_chain_bitcoin.testing import farm as script
    from recover_chain_bitcoin.testing import node

    with tempfile.TemporaryDirectory(prefix="recover-node-") as spot, node.start(Path(spot), indexes=()) as here:
        script.play(here, seed=seed, rounds=rounds).write(folder)


def _decoded(blocks: Iterable[Path]) -> Rows:
    """Blocks as the core joins them, heights and order included."""
    from recover_chain_bitcoin import recover_sources

    (source,) = (s for s in recover_sources() if s.info.id == "bitcoin-block")
    found: dict[str, list[pa.Table]] = {}
    for path in blocks:
        for batch in source.decode(exhibit(path.name, path.read_bytes(), source=source.info.id)):
            for name, value in batch.tables().items():
                found.setdefault(name, []).append(value)
    with tempfile.TemporaryDirectory(prefix="recover-decoded-") as spot:
        for name, parts in found.items():
            derived.write(Path(spot), name, pa.concat_tables(parts))
        assets = frozenset(pa.concat_tables(found["legs"]).column("asset").unique().to_pylist())
        part = Part(exhibit=1, digest="0" * 64, source=source.info.id, folder=Path(spot))
        made = build([part], {}, assets)
    return Rows(
        moved=made.transfers,
        covered=made.coverage,
        named=joined().labels(),
        made=made.transactions,
        recorded=made.events,
        stated=made.states,
    )
