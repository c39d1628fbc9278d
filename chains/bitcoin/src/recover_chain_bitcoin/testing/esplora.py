"""A double of an Esplora server: no package of the real one can be had, so this answers its HTTP API instead.

What it says comes from a real node and a real ElectrumX; only the shapes are its own, written from Esplora's
published API description (amounts in base units, its own names of script kinds, pages of 25 confirmed
transactions, errors as plain text). How public servers limit and refuse is not shown by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from recover_chain_bitcoin.testing import proxy
from recover_chain_bitcoin.testing.electrum import Electrum
from recover_chain_bitcoin.testing.node import Node, Refused

PAGE: Final = 25
_KINDS: Final = {
    "pubkey": "p2pk",
    "pubkeyhash": "p2pkh",
    "scripthash": "p2sh",
    "multisig": "multisig",
    "nulldata": "op_return",
    "witness_v0_keyhash": "v0_p2wpkh",
    "witness_v0_scripthash": "v0_p2wsh",
    "witness_v1_taproot": "v1_p2tr",
}


class _Missing(Exception):
    """What was asked for is not there: a plain text with status 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """Answers paths from the two servers. `most` is how many transactions of an address it is willing to list."""

    node: Node
    index: Electrum
    most: int

    def answer(self, path: str) -> bytes:
        """The body for a path. Raises _Missing or Refused."""
        match path.strip("/").split("/"):
            case ["tx", tx]:
                return _json(self._tx(tx))
            case ["tx", tx, "hex"]:
                return str(self.node.rpc("getrawtransaction", tx)).encode()
            case ["tx", tx, "status"]:
                return _json(self._status(tx))
            case ["tx", tx, "merkle-proof"]:
                height = self._status(tx)["block_height"]
                return _json(self.index.call("blockchain.transaction.get_merkle", tx, height))
            case ["tx", tx, "merkleblock-proof"]:
                return str(self.node.rpc("gettxoutproof", [tx])).encode()
            case ["tx", tx, "outspends"]:
                return _json([self._outspend(tx, out) for out in self._raw(tx)["vout"]])
            case ["tx", tx, "outspend", number]:
                return _json(self._outspend(tx, self._raw(tx)["vout"][int(number)]))
            case ["address", address]:
                return _json(self._stats(address))
            case ["address", address, "txs"]:
                waiting = [self._tx(tx) for tx in self._of(address)[0][:50]]
                return _json(waiting + self._listed(address, None))
            case ["address", address, "txs", "chain"]:
                return _json(self._listed(address, None))
            case ["address", address, "txs", "chain", last]:
                return _json(self._listed(address, last))
            case ["block", block, "header"]:
                return str(self.node.rpc("getblockheader", block, False)).encode()
            case ["block", block, "status"]:
                return _json(self._block(block))
            case ["block-height", height]:
                return str(self.node.rpc("getblockhash", int(height))).encode()
            case ["blocks", "tip", "height"]:
                return str(self.node.height).encode()
            case ["blocks", "tip", "hash"]:
                return str(self.node.rpc("getbestblockhash")).encode()
        raise _Missing("endpoint does not exist")

    def _raw(self, tx: str) -> dict[str, Any]:
        """As the node tells it, with what the inputs spend also where the transaction is not confirmed."""
        found: dict[str, Any] = self.node.rpc("getrawtransaction", tx, 2)
        for each in found["vin"]:
            if "coinbase" not in each and "prevout" not in each:
                each["prevout"] = self.node.rpc("getrawtransaction", each["txid"], 1)["vout"][each["vout"]]
        return found

    def _tx(self, tx: str) -> dict[str, Any]:
        raw = self._raw(tx)
        inputs = [_input(each) for each in raw["vin"]]
        outputs = [_output(each) for each in raw["vout"]]
        spent = sum(each["prevout"]["value"] for each in inputs if each["prevout"])
        return {
            "txid": raw["txid"],
            "version": raw["version"],
            "locktime": raw["locktime"],
            "vin": inputs,
            "vout": outputs,
            "size": raw["size"],
            "weight": raw["weight"],
            "fee": spent - sum(each["value"] for each in outputs) if spent else 0,
            "status": self._status(tx, raw),
        }

    def _status(self, tx: str, raw: dict[str, Any] | None = None) -> dict[str, Any]:
        block = (raw or self._raw(tx)).get("blockhash")
        if block is None:
            return {"confirmed": False}
        head = self.node.rpc("getblockheader", block)
        if head["confirmations"] < 0:
            return {"confirmed": False}
        return {
            "confirmed": True,
            "block_height": head["height"],
            "block_hash": block,
            "block_time": head["time"],
        }

    def _block(self, block: str) -> dict[str, Any]:
        head = self.node.rpc("getblockheader", block)
        if head["confirmations"] < 0:
            return {"in_best_chain": False}
        return {
            "in_best_chain": True,
            "height": head["height"],
            "next_best": head.get("nextblockhash"),
        }

    def _outspend(self, tx: str, out: dict[str, Any]) -> dict[str, Any]:
        for entry in self._history(bytes.fromhex(out["scriptPubKey"]["hex"])):
            for number, spent in enumerate(self._raw(entry["tx_hash"])["vin"]):
                if (spent.get("txid"), spent.get("vout")) == (tx, out["n"]):
                    by = str(entry["tx_hash"])
                    return {"spent": True, "txid": by, "vin": number, "status": self._status(by)}
        return {"spent": False}

    def _history(self, script: bytes) -> list[dict[str, Any]]:
        key = sha256(script).digest()[::-1].hex()
        found: list[dict[str, Any]] = self.index.call("blockchain.scripthash.get_history", key)
        return found

    def _of(self, address: str) -> tuple[list[str], list[str]]:
        """The address's unconfirmed transactions, and its confirmed ones, newest first."""
        known = self.node.rpc("validateaddress", address)
        if not known["isvalid"]:
            raise _Missing("Invalid Bitcoin address")
        listed = self._history(bytes.fromhex(known["scriptPubKey"]))
        if len(listed) > self.most:
            raise _Missing("Too many history entries")
        waiting = [str(each["tx_hash"]) for each in listed if each["height"] <= 0]
        return waiting, [str(each["tx_hash"]) for each in reversed(listed) if each["height"] > 0]

    def _listed(self, address: str, last: str | None) -> list[dict[str, Any]]:
        found = self._of(address)[1]
        if last is not None:
            found = found[found.index(last) + 1 :]
        return [self._tx(tx) for tx in found[:PAGE]]

    def _stats(self, address: str) -> dict[str, Any]:
        waiting, confirmed = self._of(address)
        return {
            "address": address,
            "chain_stats": self._sums(address, confirmed),
            "mempool_stats": self._sums(address, waiting),
        }

    def _sums(self, address: str, listed: list[str]) -> dict[str, int]:
        found = [self._tx(tx) for tx in listed]
        made = [out["value"] for tx in found for out in tx["vout"] if out.get("scriptpubkey_address") == address]
        prevouts = [each["prevout"] for tx in found for each in tx["vin"] if each["prevout"]]
        gone = [each["value"] for each in prevouts if each.get("scriptpubkey_address") == address]
        return {
            "funded_txo_count": len(made),
            "funded_txo_sum": sum(made),
            "spent_txo_count": len(gone),
            "spent_txo_sum": sum(gone),
            "tx_count": len(found),
        }


@contextmanager
def start(node: Node, index: Electrum, most: int = 500) -> Iterator[str]:
    """The endpoint of a double that answers from `node` and `index`, until the block ends."""
    facade = Facade(node=node, index=index, most=most)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                status, body = 200, facade.answer(self.path.partition("?")[0])
            except (_Missing, Refused) as error:
                status, body = 404, str(error).encode()
            self.send_response(status)
            media = "application/json" if body[:1] in (b"{", b"[") else "text/plain"
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is written: a test's output is its own."""

    with proxy.serving(Answers) as port:
        yield f"http://127.0.0.1:{port}"


def _input(each: dict[str, Any]) -> dict[str, Any]:
    coinbase = "coinbase" in each
    script = {"hex": each["coinbase"], "asm": ""} if coinbase else each["scriptSig"]
    return {
        "txid": each.get("txid", "00" * 32),
        "vout": each.get("vout", 0xFFFFFFFF),
        "prevout": None if coinbase else _spent(each["prevout"]),
        "scriptsig": script["hex"],
        "scriptsig_asm": script["asm"],
        **({"witness": each["txinwitness"]} if "txinwitness" in each else {}),
        "is_coinbase": coinbase,
        "sequence": each["sequence"],
    }


def _spent(prevout: dict[str, Any]) -> dict[str, Any]:
    return _output({"value": prevout["value"], "scriptPubKey": prevout["scriptPubKey"]})


def _output(out: dict[str, Any]) -> dict[str, Any]:
    script = out["scriptPubKey"]
    address = {"scriptpubkey_address": script["address"]} if "address" in script else {}
    return {
        "scriptpubkey": script["hex"],
        "scriptpubkey_asm": script["asm"],
        "scriptpubkey_type": _KINDS.get(script["type"], "unknown"),
        **address,
        "value": _units(out["value"]),
    }


def _units(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 10**8 + int(part.ljust(8, "0"))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
