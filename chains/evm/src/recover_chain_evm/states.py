"""What a node says of one account at one block: balances, frozen or not, code; and what `eth_getProof` proves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recover.sdk import Proof, State
from recover_chain_evm import issuers, proofs
from recover_chain_evm.answers import PROOF, Answer
from recover_chain_evm.header import proved
from recover_chain_evm.networks import Network
from recover_chain_evm.values import Fields, account, digest, fields, number, octets

BALANCE_OF = "0x70a08231"
_EMPTY_CODE = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def read(network: Network, answer: Answer, blocks: Mapping[str, Fields]) -> list[State]:
    """The states that an answer shows; none where its request is not known. Raises KeyError or ValueError."""
    if len(answer.params) < 2:
        return []
    where = _where(answer.params[-1], blocks)
    if where is None:
        return []
    shared = {"chain": network.id, "place": answer.place, **where}
    if answer.method == PROOF:
        return _proof(network, fields(answer.result, "a proof"), blocks, shared)
    if answer.method == "eth_getBalance":
        who, amount = account(answer.params[0]), number(answer.result, "a balance")
        return [State(kind="balance", address=who, asset=network.native, amount=amount, **shared)]
    if answer.method == "eth_getTransactionCount":
        sent = number(answer.result, "a count")
        return [State(kind="nonce", address=account(answer.params[0]), amount=sent, **shared)]
    if answer.method == "eth_getCode":
        return [State(kind="code", address=account(answer.params[0]), amount=len(octets(answer.result)), **shared)]
    if answer.method == "eth_call":
        return _call(network, fields(answer.params[0], "a call"), answer.result, shared)
    return []


def _call(network: Network, asked: Fields, result: Any, shared: dict[str, Any]) -> list[State]:
    """`balanceOf` of any token, and the question of the family of a listed one whether an address is frozen."""
    contract, data = account(asked["to"], "to"), asked.get("data") or asked.get("input")
    if not isinstance(data, str) or len(data) != 74 or len(octets(result, "the answer")) != 32:
        return []
    who, found = "0x" + data[34:].lower(), int.from_bytes(octets(result), "big")
    token = {"address": who, "asset": network.erc20 + contract, **shared}
    if data.startswith(BALANCE_OF):
        return [State(kind="balance", amount=found, **token)]
    known = issuers.family(network, contract)
    if known is None or not data.startswith(known[1].selector) or found > 1:
        return []
    return [State(kind="frozen", amount=found, **token)]


def _proof(network: Network, answer: Fields, blocks: Mapping[str, Fields], shared: dict[str, Any]) -> list[State]:
    who = account(answer["address"])
    block = next((b for b in blocks.values() if _same(b, shared) and proved(b)), None)
    if block is None:
        said = number(answer["balance"], "balance")
        return [State(kind="balance", address=who, asset=network.native, amount=said, **shared)]
    found = proofs.account_proof(answer, digest(block["stateRoot"], "stateRoot"))
    grade: Proof = "included"
    amount = 0 if found is None else found.balance
    made = [State(kind="balance", address=who, asset=network.native, amount=amount, proof=grade, **shared)]
    made.append(
        State(kind="nonce", address=who, amount=0 if found is None else found.nonce, proof=grade, **shared)
    )
    if found is None or found.code == _EMPTY_CODE:
        made.append(State(kind="code", address=who, amount=0, proof=grade, **shared))
    return made


def _same(block: Fields, where: Mapping[str, Any]) -> bool:
    if where["block"] is not None:
        return bool(str(block["hash"]).lower() == where["block"])
    return bool(number(block["number"], "number") == where["height"])


def _where(value: Any, blocks: Mapping[str, Fields]) -> dict[str, Any] | None:
    """Height or hash of the block that was asked about; None for a tag such as `latest`, which names no block."""
    if isinstance(value, dict):
        value = value.get("blockHash") or value.get("blockNumber")
    if not isinstance(value, str) or not value.startswith("0x"):
        return None
    if len(value) == 66:
        block = blocks.get(value.lower())
        height = None if block is None else number(block["number"], "number")
        return {"block": value.lower(), "height": height}
    return {"block": None, "height": number(value, "the block")}
