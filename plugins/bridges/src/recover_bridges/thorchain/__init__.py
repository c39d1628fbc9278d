"""THORChain and Maya: the memo of what comes out names the transaction that went in.

A memo is what its writer wrote. So the key counts only where the payment is the one that the memo of the
transaction that went in asks for: to its address, on the chain of its asset; a refund, back to who paid.
Payments without a memo (by a number in the amount, or to an address made for them) are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recover_bridges import chains
from recover_bridges.book import Book, Move, Seen, Tx
from recover_bridges.bridge import Bridge, told
from recover_bridges.contracts import Own
from recover_bridges.sides import Had, Sent, Side, about
from recover_bridges.words import Event

DEPOSIT = Event("Deposit(address indexed to,address indexed asset,uint256 amount,string memo)")
OUT = Event("TransferOut(address indexed vault,address indexed to,address asset,uint256 amount,string memo)")
_SWAP = re.compile(r"(?:=|s|swap):([A-Za-z0-9.~/-]+):([A-Za-z0-9]+)(?:/[A-Za-z0-9]*)?(?::.*)?", re.IGNORECASE)
_BACK = re.compile(r"(OUT|REFUND):([0-9A-Fa-f]{64})")
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")
_UNSURE = "Whether vaults of the protocol were paid, and paid out, is not examined: anybody can write such a memo."
_SHORT = {"a": "AVAX", "b": "BTC", "e": "ETH"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a memo asks for: the chain, or the empty text where it is not known, and the address there."""

    chain: str
    address: str


def wish(memo: str) -> Wish | None:
    """The swap that a memo asks for, None where it asks for none."""
    match = _SWAP.fullmatch(memo)
    if match is None:
        return None
    name = re.split(r"[.~/-]", match[1])[0]
    name = _SHORT.get(name.lower(), name.upper()) if len(name) == 1 else name.upper()
    address = match[2].lower() if match[2].lower().startswith("0x") else match[2]
    return Wish(chain=chains.chain("thorchain", name), address=address)


def reply(memo: str) -> tuple[bytes, bool] | None:
    """The transaction that a memo of a payment out answers, and whether it is a refund."""
    match = _BACK.fullmatch(memo.strip())
    return None if match is None else (bytes.fromhex(match[2]), match[1] == "REFUND")


class ThorChain(Bridge):
    protocol = "thorchain"
    own = Own("thorchain")
    events = (DEPOSIT, OUT)
    info = told(
        protocol,
        "THORChain and Maya: a swap and its payment by the memo that names the transaction",
        "THORChain developers' documentation: transaction memos, routers",
        events,
        (
            "a payment into a vault without a memo is not seen",
            "vaults change: whether one is THORChain's is not looked up",
            "several payments that answer one transaction are not told apart by their shares",
        ),
        models=("account", "utxo"),
    )

    def read(self, book: Book) -> Iterator[Side]:
        for seen, said in self.ours(book, "router", DEPOSIT):
            yield from self._deposit(seen, said)
        for seen, said in self.ours(book, "router", OUT):
            yield from self._paid(seen, said)
        for chain, id, facts in book.stated("memo"):
            yield from self._plain(book, chain, id, str(facts["memo"]))

    def _deposit(self, seen: Seen, said: Mapping[str, Any]) -> Iterator[Side]:
        asked, key = wish(said["memo"]), _key(seen.tx)
        if asked is None or key is None:
            return
        yield Sent(
            **about(seen),
            key=key,
            to_chain=asked.chain,
            token=said["asset"],
            amount=said["amount"],
            recipient=asked.address,
            own=self.own.everywhere(seen.chain) | {said["to"]},
            sought=self._sought(asked),
        )

    def _sought(self, asked: Wish) -> tuple[dict[str, object], ...]:
        if not asked.chain.startswith(chains.EVM) or not _ADDRESS.fullmatch(asked.address):
            return ()
        cell = bytes(12) + bytes.fromhex(asked.address[2:])
        return self.seek("router", asked.chain, OUT, None, cell)

    def _paid(self, seen: Seen, said: Mapping[str, Any]) -> Iterator[Side]:
        answers = reply(said["memo"])
        if answers is not None:
            yield Had(
                **about(seen),
                key=answers[0],
                from_chain=seen.chain if answers[1] else "",
                token=said["asset"],
                amount=said["amount"],
                recipient=said["to"],
                own=self.own.everywhere(seen.chain) | {said["vault"]},
                refund=answers[1],
                to_payer=answers[1],
            )

    def _plain(self, book: Book, chain: str, id: str, memo: str) -> Iterator[Side]:
        """A payment that has the memo as its data, or in an output that carries nothing."""
        answers, asked = reply(memo), wish(memo)
        tx, key = book.tx(chain, id), _key(id)
        if tx is None or (answers is None and asked is None):
            return
        at: dict[str, Any] = {"chain": chain, "tx": id, "index": 1 << 30, "time": tx.time}
        paid = [m for m in tx.moves if m.dst is not None and m.src != m.dst]
        coins = not chain.startswith(chains.EVM)
        if answers is not None:
            for move in paid:
                yield Had(
                    **at,
                    key=answers[0],
                    from_chain=chain if answers[1] else "",
                    token=_token(move.asset),
                    amount=move.amount,
                    recipient=move.dst,
                    refund=answers[1],
                    to_payer=answers[1],
                )
        elif asked is not None and key is not None and (first := _first(paid, coins)) is not None:
            yield Sent(
                **at,
                key=key,
                to_chain=asked.chain,
                token=_token(first.asset),
                amount=first.amount,
                recipient=asked.address,
                own=frozenset({str(first.dst)}),
                by=_payer(tx) if coins else tx.sender or _payer(tx),
                sought=self._sought(asked),
                note=_UNSURE,
            )


def _key(id: str) -> bytes | None:
    """A transaction's id as memos name it."""
    bare = id.removeprefix("0x")
    return bytes.fromhex(bare) if re.fullmatch(r"[0-9a-fA-F]{64}", bare) else None


def _first(paid: list[Move], coins: bool) -> Move | None:
    """The payment into the vault: on chains of coins the first output, before the memo and the change."""
    return next((m for m in paid if not coins or m.leg == 0), None)


def _payer(tx: Tx) -> str | None:
    """Whose coin was spent first, on chains of coins: to that address the protocol pays back."""
    spent = [move for move in tx.moves if move.src is not None and move.dst is None]
    return min(spent, key=lambda m: -1 if m.leg is None else m.leg).src if spent else None


def _token(asset: str) -> str:
    return asset.rpartition(":")[2] if "/erc20:" in asset else chains.ZERO
