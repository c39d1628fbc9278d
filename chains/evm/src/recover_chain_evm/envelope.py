"""Transactions and receipts as the bytes that the chain hashes (EIP-2718, 155, 2930, 1559, 4844, 7702).

A type that is not known here raises ValueError: then nothing is proved, and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable

from recover_chain_evm import rlp
from recover_chain_evm.keccak import keccak256
from recover_chain_evm.signature import signer
from recover_chain_evm.values import Fields, digest, items, number, octets

_DEPOSIT = 0x7E  # OP Stack: a deposit from the chain below; it has no signature


def kind(fields: Fields) -> int:
    """The type of a transaction or receipt; 0 is the first kind, which has no type byte."""
    value = fields.get("type")
    return 0 if value is None else number(value, "type")


def transaction(tx: Fields) -> bytes:
    """The bytes of a node's transaction whose hash is its id. Raises KeyError or ValueError."""
    form = kind(tx)
    if form == _DEPOSIT:
        return bytes([form]) + rlp.encode(_deposit(tx))
    signed = rlp.encode([*_body(tx, form), *_signature(tx, form)])
    return signed if form == 0 else bytes([form]) + signed


def identifier(tx: Fields) -> str:
    """A transaction's id from its fields."""
    return "0x" + keccak256(transaction(tx)).hex()


def sender(tx: Fields) -> str:
    """Who signed a transaction; for a deposit, who its bytes name. Raises KeyError or ValueError."""
    form = kind(tx)
    if form == _DEPOSIT:
        return "0x" + octets(tx["from"], "from", 20).hex()
    body, v = _body(tx, form), _parity(tx, form)
    if form:
        message, parity = bytes([form]) + rlp.encode(body), v
    elif v in (27, 28):
        message, parity = rlp.encode(body), v - 27
    elif v < 35:
        raise ValueError(f"v is {v}, which no signature has")  # as a chain writes that unsigned messages came to
    else:
        chain, parity = divmod(v - 35, 2)
        message = rlp.encode([*body, rlp.number(chain), b"", b""])
    return signer(keccak256(message), parity, number(tx["r"], "r"), number(tx["s"], "s"))


def chain_of(tx: Fields) -> int | None:
    """The chain id that a transaction names, None where it names none (before EIP-155)."""
    if tx.get("chainId") is not None:
        return number(tx["chainId"], "chainId")
    if kind(tx) == 0 and tx.get("v") is not None and (v := number(tx["v"], "v")) >= 35:
        return (v - 35) // 2
    return None


def authorities(tx: Fields) -> list[tuple[str, str]]:
    """(who, the code it takes on) for each authorisation of an EIP-7702 transaction whose signature holds."""
    found = []
    for each in items(tx.get("authorizationList") or [], "authorizationList"):
        message = rlp.encode([_n(each, "chainId"), octets(each["address"], "address", 20), _n(each, "nonce")])
        try:
            who = signer(keccak256(b"\x05" + message), _odd(each), number(each["r"]), number(each["s"]))
        except ValueError:
            continue
        found.append((who, "0x" + octets(each["address"], "address", 20).hex()))
    return found


def receipt(fields: Fields) -> bytes:
    """The bytes of a node's receipt under which the receipts trie has it. Raises KeyError or ValueError."""
    form = kind(fields)
    outcome = fields.get("status")
    first = octets(fields["root"], "root", 32) if outcome is None else rlp.number(number(outcome, "status"))
    logs = [_log(each) for each in items(fields["logs"], "logs")]
    parts: list[rlp.Item] = [first, _n(fields, "cumulativeGasUsed"), octets(fields["logsBloom"], "logsBloom", 256)]
    parts.append(logs)
    if form == _DEPOSIT:
        later = ("depositNonce", "depositReceiptVersion")
        parts += [_n(fields, name) for name in later if fields.get(name) is not None]
    return rlp.encode(parts) if form == 0 else bytes([form]) + rlp.encode(parts)


def _log(log: Fields) -> rlp.Item:
    topics: list[rlp.Item] = [octets(topic, "a topic", 32) for topic in items(log["topics"], "topics")]
    return [octets(log["address"], "address", 20), topics, octets(log["data"], "data")]


def _n(fields: Fields, name: str) -> bytes:
    return rlp.number(number(fields[name], name))


def _to(tx: Fields) -> bytes:
    return octets(tx["to"], "to", 20) if tx.get("to") else b""


def _input(tx: Fields) -> bytes:
    return octets(tx["input"] if "input" in tx else tx["data"], "input")


def _body(tx: Fields, form: int) -> list[rlp.Item]:
    if form not in _BODIES:
        raise ValueError(f"transactions of type {form} are not known here")
    return _BODIES[form](tx)


def _legacy(tx: Fields) -> list[rlp.Item]:
    return [_n(tx, "nonce"), _n(tx, "gasPrice"), _n(tx, "gas"), _to(tx), _n(tx, "value"), _input(tx)]


def _listed(tx: Fields) -> list[rlp.Item]:
    return [_n(tx, "chainId"), *_legacy(tx), _access(tx)]


def _priced(tx: Fields) -> list[rlp.Item]:
    prices = [_n(tx, "maxPriorityFeePerGas"), _n(tx, "maxFeePerGas"), _n(tx, "gas")]
    return [_n(tx, "chainId"), _n(tx, "nonce"), *prices, _to(tx), _n(tx, "value"), _input(tx), _access(tx)]


def _blobs(tx: Fields) -> list[rlp.Item]:
    hashes: list[rlp.Item] = [
        octets(h, "blobVersionedHashes", 32) for h in items(tx["blobVersionedHashes"], "blobVersionedHashes")
    ]
    return [*_priced(tx), _n(tx, "maxFeePerBlobGas"), hashes]


def _delegating(tx: Fields) -> list[rlp.Item]:
    return [*_priced(tx), [_authorisation(each) for each in items(tx["authorizationList"], "authorizationList")]]


_BODIES: dict[int, Callable[[Fields], list[rlp.Item]]] = {
    0: _legacy,
    1: _listed,
    2: _priced,
    3: _blobs,
    4: _delegating,
}


def _authorisation(each: Fields) -> rlp.Item:
    head = [_n(each, "chainId"), octets(each["address"], "address", 20), _n(each, "nonce")]
    return [*head, rlp.number(_odd(each)), _n(each, "r"), _n(each, "s")]


def _access(tx: Fields) -> rlp.Item:
    found: list[rlp.Item] = []
    for each in items(tx.get("accessList") or [], "accessList"):
        keys: list[rlp.Item] = [octets(k, "a storage key", 32) for k in items(each["storageKeys"], "storageKeys")]
        found.append([octets(each["address"], "address", 20), keys])
    return found


def _deposit(tx: Fields) -> list[rlp.Item]:
    mint = rlp.number(number(tx["mint"], "mint")) if tx.get("mint") is not None else b""
    system = b"\x01" if tx.get("isSystemTx") else b""
    names = [octets(digest(tx["sourceHash"], "sourceHash")), octets(tx["from"], "from", 20), _to(tx)]
    return [*names, mint, _n(tx, "value"), _n(tx, "gas"), system, _input(tx)]


def _signature(tx: Fields, form: int) -> list[rlp.Item]:
    return [rlp.number(_parity(tx, form)), _n(tx, "r"), _n(tx, "s")]


def _parity(tx: Fields, form: int) -> int:
    return number(tx["v"], "v") if form == 0 else _odd(tx)


def _odd(fields: Fields) -> int:
    """Whether the signature's point has an odd y: `yParity`, which older nodes call `v`."""
    value = fields.get("yParity")
    return number(fields["v"] if value is None else value, "yParity")
