"""The evaluation data with coin transactions, as records: lists of CoinJoins, the Wasabi 2 emulation, samples.

Read here and not by the project's own sources, so that an error there cannot hide an error in a measurement.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from recover.sdk import Leg, Transaction

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
SETS = DATA / "bitcoin-coinjoin"
SAMPLES = DATA / "bitcoin-api-esplora"
MAIN = "bip122:000000000019d6689c085ae165831e93"
REGTEST = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"

_DUMPLINGS = {
    "TxWitnessV0Keyhash": "p2wpkh",
    "TxWitnessV0Scripthash": "p2wsh",
    "TxPubkeyhash": "p2pkh",
    "TxScripthash": "p2sh",
    "TxPubkey": "p2pk",
    "TxNullData": "op_return",
}
_CORE = {
    "witness_v0_keyhash": "p2wpkh",
    "witness_v0_scripthash": "p2wsh",
    "witness_v1_taproot": "p2tr",
    "pubkeyhash": "p2pkh",
    "scripthash": "p2sh",
    "pubkey": "p2pk",
    "nulldata": "op_return",
}
_ESPLORA = {
    "v0_p2wpkh": "p2wpkh",
    "v0_p2wsh": "p2wsh",
    "v1_p2tr": "p2tr",
    "p2pkh": "p2pkh",
    "p2sh": "p2sh",
    "p2pk": "p2pk",
    "op_return": "op_return",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One input or output: `address` None where nobody can spend it."""

    address: str | None
    value: int | None
    script: str
    spends: tuple[str, int] | None = None
    sequence: int | None = None


def record(
    chain: str,
    id: str,
    inputs: list[Coin],
    outputs: list[Coin],
    *,
    place: int,
    time: int,
    height: int | None = None,
    index: int | None = None,
    **facts: object,
) -> Transaction:
    """A transaction as a decoder would yield it. No inputs: a coinbase."""
    asset = f"{chain}/slip44:{0 if chain == MAIN else 1}"
    if inputs:
        into = [_input(asset, n, c) for n, c in enumerate(inputs)]
    else:
        brought = -sum(c.value or 0 for c in outputs)
        into = [Leg(kind="reward", address=None, asset=asset, amount=brought, index=0)]
    out = [
        Leg(kind="output", address=c.address, asset=asset, amount=c.value, index=n) for n, c in enumerate(outputs)
    ]
    said = {"inputs": [c.script for c in inputs], "outputs": [c.script for c in outputs], **facts}
    if inputs and all(c.sequence is not None for c in inputs):
        said["sequence"] = [c.sequence for c in inputs]
    return Transaction(
        chain=chain,
        id=id,
        place=place,
        legs=(*into, *out),
        time=datetime.fromtimestamp(time, UTC),
        height=height,
        index=index,
        whole=True,
        facts=json.dumps(said, sort_keys=True, separators=(",", ":")),
    )


def _input(asset: str, number: int, coin: Coin) -> Leg:
    amount = None if coin.value is None else -coin.value
    return Leg(kind="input", address=coin.address, asset=asset, amount=amount, index=number, spends=coin.spends)


def dumplings(archive: str, name: str) -> list[Transaction]:
    """The transactions of one list of a Dumplings archive, addresses as their scripts in hexadecimal."""
    with zipfile.ZipFile(SETS / archive) as file:
        lines = file.read(f"Scanner/{name}.txt").decode("utf-8").split()
    return [_dumplings(line, place) for place, line in enumerate(lines, 1)]


def _dumplings(line: str, place: int) -> Transaction:
    id, _, _, time, spent, paid = line.split(":::")
    inputs, outputs = [], []
    for text in spent.split("}{"):
        origin, script, kind = text.split("+")
        tx, number, value = origin.split("-")
        inputs.append(_scripted(script, kind, int(value), (tx, int(number))))
    for text in paid.split("}{"):
        value, script, kind = text.split("+")
        outputs.append(_scripted(script, kind, int(value)))
    return record(MAIN, id, inputs, outputs, place=place, time=int(time))


def _scripted(script: str, kind: str, value: int, spends: tuple[str, int] | None = None) -> Coin:
    named = "p2tr" if script.startswith("5120") and len(script) == 68 else _DUMPLINGS.get(kind, "")
    return Coin(address=None if named == "op_return" else script, value=value, script=named, spends=spends)


def emulations() -> Iterator[tuple[str, list[Transaction], dict[str, str]]]:
    """For each run of real Wasabi 2 clients: its name, its transactions, and the owner of each address."""
    with zipfile.ZipFile(SETS / "emul__ww2_lognorm-static-5utxo.zip") as file:
        names = sorted(file.namelist())
        for run in sorted({n.split("/")[1] for n in names if n.count("/") > 1}):
            blocks = [n for n in names if f"/{run}/data/btc-node/block_" in n]
            read = sorted((_json(file, n) for n in blocks), key=lambda b: int(b["height"]))
            owners = _json(file, next(n for n in names if n.endswith(f"/{run}/wallets_info.json")))
            truth = {address: wallet for wallet, held in owners.items() for address in held}
            yield run, [t for block in read for t in _block(block)], truth


def _json(file: zipfile.ZipFile, name: str) -> Any:
    return json.loads(file.read(name), parse_float=Decimal)


def _block(block: Any) -> Iterator[Transaction]:
    for index, tx in enumerate(block["tx"]):
        inputs = [
            Coin(
                address=None,
                value=None,
                script="",
                spends=(vin["txid"], vin["vout"]),
                sequence=vin["sequence"],
            )
            for vin in tx["vin"]
            if "coinbase" not in vin
        ]
        outputs = [_core(vout) for vout in tx["vout"]]
        yield record(
            REGTEST,
            tx["txid"],
            inputs,
            outputs,
            place=index,
            time=block["time"],
            height=block["height"],
            index=index,
            version=tx["version"],
            locktime=tx["locktime"],
            vsize=tx["vsize"],
        )


def _core(vout: Any) -> Coin:
    script = vout["scriptPubKey"]
    kind = _CORE.get(script["type"], "")
    address = None if kind == "op_return" else script.get("address", script["hex"])
    return Coin(address=address, value=int(vout["value"] * 10**8), script=kind)


def sample(name: str) -> Transaction:
    """One transaction as the Esplora interface answers it."""
    tx = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    inputs = [_esplora(v["prevout"], (v["txid"], v["vout"]), v["sequence"]) for v in tx["vin"]]
    return record(
        MAIN,
        tx["txid"],
        inputs,
        [_esplora(v) for v in tx["vout"]],
        place=1,
        time=tx["status"].get("block_time", 0),
        height=tx["status"].get("block_height"),
        version=tx["version"],
        locktime=tx["locktime"],
    )


def _esplora(coin: Any, spends: tuple[str, int] | None = None, sequence: int | None = None) -> Coin:
    kind = _ESPLORA.get(coin["scriptpubkey_type"], "")
    address = None if kind == "op_return" else coin.get("scriptpubkey_address", coin["scriptpubkey"])
    return Coin(address=address, value=coin["value"], script=kind, spends=spends, sequence=sequence)


def listed(name: str) -> dict[str, set[str]]:
    """The transaction ids of a curated list, by its own headings."""
    found = json.loads((SETS / f"{name}.json").read_text("utf-8"))
    return {heading: set(ids) for heading, ids in found.items()}
