"""Event logs of a receipt: what token contracts moved, whom an issuer froze, what bridges recorded.

Topics are Keccak-256 of the events' signatures; a test computes them all again. Tether's contract on TRON has the
address of a freeze in an indexed topic, other copies of it in the data, so a word is taken from wherever it
stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recover.sdk import Event, Leg, Log
from recover_chain_tron import fields
from recover_chain_tron.chain import CHAIN, asset
from recover_chain_tron.logs import TRANSFER
from recover_chain_tron.order import word

SIGNATURES = {
    "Approval(address,address,uint256)": "8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925",
    "AddedBlackList(address)": "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc",
    "RemovedBlackList(address)": "d7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c",
    "DestroyedBlackFunds(address,uint256)": "61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6",
    "Blacklisted(address)": "ffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855",
    "UnBlacklisted(address)": "117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e",
    "Deposit(address,uint256)": "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c",
    "Withdrawal(address,uint256)": "7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65",
}
_NAMED = {bytes.fromhex(topic): signature.partition("(")[0] for signature, topic in SIGNATURES.items()}
_FROZEN = {
    "AddedBlackList": "freeze",
    "Blacklisted": "freeze",
    "RemovedBlackList": "unfreeze",
    "UnBlacklisted": "unfreeze",
}
_WRAPPED = asset("TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event log of a transaction: `index` is its number in the receipt, `words` its topics and then its
    data.
    """

    index: int
    contract: str
    topics: tuple[bytes, ...]
    data: bytes

    @property
    def name(self) -> str:
        first = self.topics[0] if self.topics else b""
        return "Transfer" if first == TRANSFER else _NAMED.get(first, "")

    @property
    def words(self) -> tuple[bytes, ...]:
        """What stands behind the first topic, 32 bytes each, indexed or not."""
        whole = b"".join(self.topics[1:]) + self.data
        return tuple(whole[at : at + 32] for at in range(0, len(whole) - 31, 32))


def read(said: Any) -> tuple[Recorded, ...]:
    """The `log` of a receipt. Raises ValueError or KeyError."""
    if not isinstance(said or [], list):
        raise ValueError("log is not a list")
    return tuple(_log(index, fields.mapping(each, f"log {index}")) for index, each in enumerate(said or []))


def _log(index: int, said: Mapping[str, Any]) -> Recorded:
    topics = said.get("topics") or []
    if not isinstance(topics, list) or len(topics) > 4:
        raise ValueError(f"topics of log {index} are no list of up to four")
    words = tuple(_bytes(each, f"a topic of log {index}") for each in topics)
    if any(len(each) != 32 for each in words):
        raise ValueError(f"a topic of log {index} has not 32 bytes")
    contract = fields.text(said, "address")
    # A receipt has contracts without the prefix 41, and in base58 where `visible` was asked for.
    contract = "41" + contract if len(contract) == 40 else contract
    return Recorded(
        index=index,
        contract=fields.account({"address": contract}, "address"),
        topics=words,
        data=_bytes(said.get("data") or "", f"the data of log {index}"),
    )


def _bytes(text: Any, what: str) -> bytes:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError(f"{what} is not hexadecimal")
    return bytes.fromhex(text)


def legs(logs: Sequence[Recorded], first: int) -> Iterator[Leg]:
    """What the logs move, with pairs from `first` on. Burns that an issuer records are legs too."""
    burnt = {(each.contract, *each.words[:1], *each.words[2:3]) for each in logs if _is_burn(each)}
    for number, each in enumerate(logs, start=first):
        found = _moved(each)
        if each.name == "DestroyedBlackFunds" and found and (each.contract, *each.words[:2]) in burnt:
            continue  # the contract also recorded it as a transfer to nobody
        if found is None:
            continue
        src, dst, amount = found
        kind: Any = "mint" if src is None else "burn" if dst is None else "transfer"
        for party, signed, out in ((src, -amount, True), (dst, amount, False)):
            yield Leg(
                kind=kind,
                address=party,
                asset=asset(each.contract),
                amount=signed,
                pair=number,
                index=each.index,
                out=out,
            )


def _is_burn(log: Recorded) -> bool:
    return _plain(log) and not any(log.words[1][12:])


def _plain(log: Recorded) -> bool:
    return log.name == "Transfer" and len(log.topics) in (1, 3) and len(log.words) == 3


def _moved(log: Recorded) -> tuple[str | None, str | None, int] | None:
    """Payer, payee and amount; None for a log that moves nothing."""
    words = log.words
    if _plain(log):
        src, dst = (None if not any(each[12:]) else word(each) for each in words[:2])
        return None if src is dst is None else (src, dst, int.from_bytes(words[2], "big"))
    if log.name == "DestroyedBlackFunds" and len(words) == 2:
        return word(words[0]), None, int.from_bytes(words[1], "big")
    if asset(log.contract) == _WRAPPED and len(words) == 2 and log.name in ("Deposit", "Withdrawal"):
        who, amount = word(words[0]), int.from_bytes(words[1], "big")
        return (None, who, amount) if log.name == "Deposit" else (who, None, amount)
    return None


def odd(logs: Sequence[Recorded]) -> list[Recorded]:
    """Logs that are called Transfer and move no amount: single tokens (TRC-721), perhaps."""
    return [each for each in logs if each.name == "Transfer" and not _plain(each)]


def said(tx: str, logs: Sequence[Recorded]) -> Iterator[Event]:
    """What issuers and owners say in the logs: freezes, what was destroyed, approvals."""
    for each in logs:
        words = each.words
        about: dict[str, Any] = {"chain": CHAIN, "tx": tx, "contract": each.contract, "index": each.index}
        token = asset(each.contract)
        if each.name in _FROZEN and len(words) == 1:
            yield Event(kind=_FROZEN[each.name], address=word(words[0]), asset=token, **about)
        elif each.name == "DestroyedBlackFunds" and len(words) == 2:
            amount = int.from_bytes(words[1], "big")
            yield Event(kind="destroy", address=word(words[0]), asset=token, amount=amount, **about)
        elif each.name == "Approval" and len(words) == 3 and len(each.topics) in (1, 3):
            amount = int.from_bytes(words[2], "big")
            yield Event(
                kind="approve", address=word(words[0]), other=word(words[1]), asset=token, amount=amount, **about
            )


def wanted(tx: str, logs: Sequence[Recorded], topics: frozenset[str]) -> Iterator[Log]:
    """The logs whose first topic some plugin reads."""
    for each in logs:
        if each.topics and f"0x{each.topics[0].hex()}" in topics:
            yield Log(
                chain=CHAIN,
                tx=tx,
                contract=each.contract,
                topics=tuple(f"0x{topic.hex()}" for topic in each.topics),
                data=f"0x{each.data.hex()}",
                index=each.index,
            )
