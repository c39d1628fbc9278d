"""Transactions made here as the protocol makes them: real bytes, real ids, real signatures, of keys that own
nothing.

They stand on no chain. What a node would say of them (receipts) is made here too, in the shapes of its
documentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from recover_chain_tron import address
from recover_chain_tron.logs import TRANSFER

START = 1_700_000_000_000  # milliseconds
USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
_URL = b"type.googleapis.com/protocol."


@dataclass(frozen=True, slots=True)
class Owner:
    """A key made from a name; its account."""

    name: str

    @property
    def key(self) -> Any:
        from eth_keys.datatypes import PrivateKey

        return PrivateKey(sha256(f"recover test key {self.name}".encode()).digest())

    @property
    def payload(self) -> bytes:
        return bytes([address.PREFIX]) + bytes(self.key.public_key.to_canonical_address())

    @property
    def text(self) -> str:
        return address.encode(self.payload)

    def sign(self, tx: str) -> str:
        """The signature under an id, as nodes give it: r, s and 0 or 1."""
        return str(self.key.sign_msg_hash(bytes.fromhex(tx)).to_bytes().hex())


def varint(number: int) -> bytes:
    """A whole number as protocol buffers write it."""
    found = b""
    while True:
        number, low = number >> 7, number & 0x7F
        found += bytes([low | (0x80 if number else 0)])
        if not number:
            return found


def message(*fields: tuple[int, int | bytes]) -> bytes:
    """One message; what is nought or empty is left out, as the encoding has it."""
    found = b""
    for number, value in fields:
        if isinstance(value, int) and value:
            found += varint(number << 3) + varint(value)
        elif isinstance(value, bytes) and value:
            found += varint(number << 3 | 2) + varint(len(value)) + value
    return found


def raw(kind: str, number: int, said: bytes, *, at: int = START, memo: bytes = b"", permission: int = 0) -> bytes:
    """A transaction's bytes around what one contract says."""
    any_ = message((1, _URL + kind.encode()), (2, said))
    contract = message((1, number), (2, any_), (5, permission))
    head = ((1, b"\x8a\xd9"), (4, b"\xea\xef\x69\x10\x54\x95\xeb\x15"), (8, at + 60_000))
    return message(*head, (10, memo), (11, contract), (14, at), (18, 100_000_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A transaction with what a node says of it. `solid`: its block is settled; `info` None: not yet executed."""

    raw: bytes
    signers: tuple[Owner, ...]
    info: Mapping[str, Any] | None = field(default_factory=dict)
    outcome: str | None = "SUCCESS"
    solid: bool = True
    height: int = 50_000_000
    at: int = START

    @property
    def id(self) -> str:
        return sha256(self.raw).hexdigest()

    def body(self) -> dict[str, Any]:
        """The answer of gettransactionbyid. `raw_data` is left out: nobody may rely on it."""
        ret = {} if self.outcome is None else {"contractRet": self.outcome}
        signatures = [owner.sign(self.id) for owner in self.signers]
        return {"ret": [ret], "signature": signatures, "txID": self.id, "raw_data_hex": self.raw.hex()}

    def receipt(self) -> dict[str, Any]:
        """The answer of gettransactioninfobyid; empty before it was executed."""
        if self.info is None:
            return {}
        when = {"blockNumber": self.height, "blockTimeStamp": self.at}
        return {"id": self.id, **when, "contractResult": [""], "receipt": {"net_usage": 268}, **self.info}


def coin(src: Owner, dst: str, sun: int, **more: Any) -> Made:
    """A payment of TRX."""
    inner = {name: more.pop(name) for name in ("memo", "permission") if name in more}
    said = message((1, src.payload), (2, address.decode(dst)), (3, sun))
    return _made(src, raw("TransferContract", 1, said, at=more.get("at", START), **inner), more)


def token10(src: Owner, dst: str, number: str, amount: int, **more: Any) -> Made:
    """A payment of a TRC-10 token."""
    said = message((1, number.encode()), (2, src.payload), (3, address.decode(dst)), (4, amount))
    return _made(src, raw("TransferAssetContract", 2, said, at=more.get("at", START)), more)


def call(src: Owner, contract: str, data: bytes, *, sun: int = 0, **more: Any) -> Made:
    """A call of a contract."""
    said = message((1, src.payload), (2, address.decode(contract)), (3, sun), (4, data))
    return _made(src, raw("TriggerSmartContract", 31, said, at=more.get("at", START)), more)


def paid(src: Owner, dst: str, amount: int, *, contract: str = USDT, **more: Any) -> Made:
    """A payment of a TRC-20 token that stands: the call, and the log that the token records of it."""
    data = bytes.fromhex("a9059cbb") + word(dst) + amount.to_bytes(32, "big")
    info: dict[str, Any] = {"receipt": {"energy_usage_total": 31895, "net_usage": 345, "result": "SUCCESS"}}
    info |= {"log": [transfer(src.text, dst, amount, contract)], **(more.pop("info", None) or {})}
    return call(src, contract, data, info=info, **more)


def word(account: str) -> bytes:
    """An address as a word of a call or a topic."""
    return address.decode(account)[1:].rjust(32, b"\0")


def transfer(src: str, dst: str, amount: int, contract: str = USDT) -> dict[str, Any]:
    """A Transfer log as a receipt has it."""
    return log(contract, [TRANSFER, word(src), word(dst)], amount.to_bytes(32, "big"))


def log(contract: str, topics: Sequence[bytes], data: bytes = b"") -> dict[str, Any]:
    """An event log as a receipt has it: no prefix 41, no 0x."""
    listed = [topic.hex() for topic in topics]
    return {"address": address.decode(contract)[1:].hex(), "topics": listed, "data": data.hex()}


def other(src: Owner, kind: str, number: int, said: bytes, **more: Any) -> Made:
    """A transaction of another kind, from what its message says."""
    return _made(src, raw(kind, number, said, at=more.get("at", START)), more)


def _made(src: Owner, data: bytes, more: dict[str, Any]) -> Made:
    return Made(raw=data, signers=more.pop("signers", (src,)), **more)


def coin_item(each: Made) -> dict[str, Any]:
    """A transaction as TronGrid's page of an account's transactions lists it, `raw_data` left out."""
    said = each.receipt()
    ret = {"contractRet": each.outcome, "fee": said.get("fee", 0)}
    more = {name: said[name] for name in ("withdraw_amount",) if name in said}
    when = {"blockNumber": each.height, "block_timestamp": each.at}
    return {"ret": [ret], "txID": each.id, "raw_data_hex": each.raw.hex(), **when, **more}


def token_items(each: Made) -> list[dict[str, Any]]:
    """A transaction's token transfers as TronGrid's page of TRC-20 transfers lists them."""
    found = []
    for said in each.receipt().get("log", ()):
        src, dst = (address.encode(bytes.fromhex("41" + topic[24:])) for topic in said["topics"][1:3])
        contract = address.encode(bytes.fromhex("41" + said["address"]))
        info = {"symbol": "USDT", "address": contract, "decimals": 6, "name": "Tether USD"}
        found.append(
            {
                "transaction_id": each.id,
                "token_info": info,
                "block_timestamp": each.at,
                "from": src,
                "to": dst,
                "type": "Transfer",
                "value": str(int(said["data"], 16)),
            }
        )
    return found


def call_item(each: Made, number: int, src: str, dst: str, sun: int, note: str = "call") -> dict[str, Any]:
    """A call inside a transaction as TronGrid's page of internal transactions lists it."""
    return {
        "internal_tx_id": sha256(f"{each.id} {number}".encode()).hexdigest(),
        "tx_id": each.id,
        "block_timestamp": each.at,
        "from_address": address.decode(src).hex(),
        "to_address": address.decode(dst).hex(),
        "data": {"note": note, "rejected": False, "call_value": {"_": sun}},
    }
