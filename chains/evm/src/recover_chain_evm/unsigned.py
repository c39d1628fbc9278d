"""Proposed transactions: unsigned bytes of every kind (EIP-155, 2930, 1559), or the fields as JSON; never signed.

The bytes do not say who sends: that is whoever signs. Calls of a token are read by their four bytes; any other
call is unread, and said so, since a contract can do anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from recover.sdk import Moved, Proposal, other_form
from recover_chain_evm import rlp
from recover_chain_evm.address import canonical
from recover_chain_evm.networks import Network, known

_LARGEST = 1 << 17
_TRANSFER, _FROM, _APPROVE = (bytes.fromhex(text) for text in ("a9059cbb", "23b872dd", "095ea7b3"))
_MORE = {
    "39509351": "increaseAllowance: it lets another take tokens later",
    "a22cb465": "setApprovalForAll: it lets another take all tokens of a collection",
    "d505accf": "permit: it lets another take tokens later",
    "f3fef3a3": "withdraw",
    "2e1a7d4d": "withdraw",
    "ac9650d8": "multicall: several calls in one",
    "6a761202": "execTransaction of a Safe: what it does stands in its data",
}
_KINDS = {1: ("access list (EIP-2930)", 8), 2: ("dynamic fee (EIP-1559)", 9)}
_LONE_KEY = 32


def proposed(network: Network, data: bytes) -> Proposal:
    """What a proposed transaction does, on the network that it names. Raises NotRecognised for bytes that are
    none."""
    if len(data) > _LARGEST:
        raise other_form(f"a file of {len(data):,} bytes", "no transaction is so large")
    text = data.strip()
    try:
        if text.startswith(b"{"):
            return _told(network, _fields(json.loads(text)), "fields as JSON")
        raw = bytes.fromhex(text.decode("ascii").removeprefix("0x"))
        if len(raw) == _LONE_KEY:
            raise ValueError("32 bytes alone may be a private key, and no key belongs here")
        return _told(network, *_read(raw))
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        why = str(error) or "a part of it is missing"
        raise other_form(f"no transaction of {network.title} that can be read", why) from error


Fields = dict[str, Any]
"""nonce, fee (the most a unit of gas costs), gas, to, value, data, chain, from, signed, lists."""


def _read(raw: bytes) -> tuple[Fields, str]:
    if raw[0] >= 0xC0:
        parts = _list(raw)
        if len(parts) not in (6, 9):
            raise ValueError(f"it has {len(parts)} parts, and a legacy transaction has 6, or 9")
        names = ("nonce", "fee", "gas", "to", "value", "data")
        found: Fields = dict(zip(names, parts, strict=False))
        found["chain"] = _number(parts[6]) if len(parts) == 9 else None
        if len(parts) == 9 and (_number(parts[7]) or _number(parts[8])):
            # With a signature the seventh part is no chain id but EIP-155's v.
            found |= {"signed": True, "chain": (_number(parts[6]) - 35) // 2 if _number(parts[6]) >= 35 else None}
        return _clean(found), "legacy"
    if raw[0] not in _KINDS:
        raise ValueError(f"it is of the type {raw[0]:#x}, which is not read here")
    title, count = _KINDS[raw[0]]
    parts = _list(raw[1:])
    if len(parts) not in (count, count + 3):
        raise ValueError(f"it has {len(parts)} parts, and this type has {count} before it is signed")
    names = ("chain", "nonce", *(("tip",) if raw[0] == 2 else ()), "fee", "gas", "to", "value", "data", "lists")
    found = dict(zip(names, parts, strict=False))
    found["chain"] = _number(found["chain"])
    return _clean(found | {"signed": len(parts) > count}), title


def _list(raw: bytes) -> Sequence[Any]:
    found = rlp.decode(raw)
    if isinstance(found, bytes):
        raise ValueError("it is no list")
    return found


def _clean(found: Fields) -> Fields:
    to = found["to"]
    if not isinstance(to, bytes) or len(to) not in (0, 20) or not isinstance(found["data"], bytes):
        raise ValueError("its receiver is no address, or its data no bytes")
    return {
        **found,
        "to": "0x" + to.hex() if to else "",
        **{name: _number(found[name]) for name in ("nonce", "fee", "gas", "value")},
    }


def _number(part: Any) -> int:
    if not isinstance(part, bytes) or len(part) > 32:
        raise ValueError("a number in it is none")
    return int.from_bytes(part, "big")


def _fields(said: Any) -> Fields:
    if not isinstance(said, dict):
        raise ValueError("it is no object")
    if said.keys() & {"privateKey", "mnemonic", "seed", "r", "s", "v", "signature"} - {"v"}:
        raise ValueError("it holds a key or a signature, and what is checked is unsigned")
    if not said.keys() & {"to", "data", "input"}:
        raise ValueError("it names no receiver and no call")
    data = str(said.get("data") or said.get("input") or "0x")
    return {
        "nonce": _said(said.get("nonce", 0)),
        "fee": _said(said.get("maxFeePerGas") or said.get("gasPrice") or 0),
        "gas": _said(said.get("gas") or said.get("gasLimit") or 0),
        "to": canonical(str(said["to"])) if said.get("to") else "",
        "value": _said(said.get("value", 0)),
        "data": bytes.fromhex(data.removeprefix("0x")),
        "chain": _said(said["chainId"]) if said.get("chainId") is not None else None,
        "from": canonical(str(said["from"])) if said.get("from") else "",
    }


def _said(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{value!r} is no whole number")
    found = (
        int(value, 16 if isinstance(value, str) and value.startswith("0x") else 10)
        if isinstance(value, str)
        else value
    )
    if found < 0:
        raise ValueError(f"{value!r} is below nought")
    return found


def _told(network: Network, found: Fields, title: str) -> Proposal:
    if found.get("chain") not in (None, network.number):
        # It is read all the same, as what it is: whoever holds it against a plan has to see whose it is.
        network = known().get(found["chain"]) or replace(network, number=found["chain"], tokens=())
    warns = [] if found.get("chain") else ["It names no chain: once signed it is valid on every EVM chain."]
    says = [f"It is transaction number {found['nonce']} of whoever signs it; that account must be at this number."]
    src, moves, lets, unread = found.get("from", ""), list[Moved](), list[Moved](), list[str]()
    if not found["to"]:
        unread.append("It makes a new contract, and what that does is not read here.")
    if found["value"]:
        moves.append(Moved(asset=network.native, amount=found["value"], src=src, dst=found["to"]))
    data = found["data"]
    if data and found["to"]:
        _call(network, found, moves, lets, says, unread)
    elif not found["value"] and found["to"]:
        says.append("It moves nothing.")
    return Proposal(
        chain=network.id,
        form=title,
        sender=src,
        moves=tuple(moves),
        lets=tuple(lets),
        fee_most=found["gas"] * found["fee"] or None,
        says=tuple(says),
        warns=tuple(warns),
        unread=tuple(unread),
        signed=bool(found.get("signed")),
    )


def _call(
    network: Network, found: Fields, moves: list[Moved], lets: list[Moved], says: list[str], unread: list[str]
) -> None:
    data, token = found["data"], f"{network.id}/erc20:{found['to']}"
    words = [data[at : at + 32] for at in range(4, len(data), 32)]
    method = data[:4]
    whole = len(data) == 4 + 32 * len(words) and all(len(word) == 32 for word in words)
    if method == _TRANSFER and whole and len(words) == 2:
        moves.append(
            Moved(asset=token, amount=_number(words[1]), src=found.get("from", ""), dst=_account(words[0]))
        )
    elif method == _FROM and whole and len(words) == 3:
        moves.append(
            Moved(asset=token, amount=_number(words[2]), src=_account(words[0]), dst=_account(words[1]), index=1)
        )
        says.append("It moves what another account has let the signer take.")
    elif method == _APPROVE and whole and len(words) == 2:
        lets.append(Moved(asset=token, amount=_number(words[1]), dst=_account(words[0])))
        unread.append("It is an approval, and no transfer.")
    else:
        name = _MORE.get(method.hex(), "a call that is not read here")
        unread.append(f"It calls {found['to']} with 0x{method.hex()} ({name}).")


def _account(word: bytes) -> str:
    if any(word[:12]):
        raise ValueError("an address in the call has bytes before it that should be nought")
    return "0x" + word[12:].hex()
