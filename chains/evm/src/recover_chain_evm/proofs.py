"""What a node's answers prove by themselves: roots recomputed, and account and storage proofs checked.

Grades. A transaction is `self-authenticating` when its id is the hash of its own fields and its signature gives
its sender; `included` when, besides, the list of transactions or of receipts gives the root in a header whose own
fields give the block's hash. What is covered: for a list of receipts, outcome, gas and logs; for a list of
transactions, sender, receiver, value and input. Never what happened inside a call: traces are the node's word.
A header has no proof of work since 2022 (and on these other chains never), so no block here is `sealed` by itself:
the core seals it by its links to a hash that is pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recover_chain_evm import envelope, header, rlp, trie
from recover_chain_evm.keccak import keccak256
from recover_chain_evm.values import Fields, account, digest, items, number, octets


def transactions_root(transactions: Sequence[Fields]) -> str:
    """The root over a block's transactions, as a node lists them whole. Raises KeyError or ValueError."""
    return "0x" + trie.listed([envelope.transaction(tx) for tx in transactions]).hex()


def receipts_root(receipts: Sequence[Fields]) -> str:
    """The root over a block's receipts in their order. Raises KeyError or ValueError."""
    return "0x" + trie.listed([envelope.receipt(each) for each in receipts]).hex()


def withdrawals_root(withdrawals: Sequence[Fields]) -> str:
    """The root over a block's validator withdrawals (EIP-4895). Raises KeyError or ValueError."""
    names = ("index", "validatorIndex")
    rows: list[bytes] = []
    for each in withdrawals:
        parts: list[rlp.Item] = [rlp.number(number(each[name], name)) for name in names]
        parts += [octets(each["address"], "address", 20), rlp.number(number(each["amount"], "amount"))]
        rows.append(rlp.encode(parts))
    return "0x" + trie.listed(rows).hex()


def has_receipts(block: Fields, receipts: Sequence[Fields]) -> bool:
    """Whether these are all receipts of this block, by its header. False where anything cannot be recomputed."""
    try:
        return header.proved(block) and receipts_root(_in_order(receipts)) == digest(block["receiptsRoot"])
    except (KeyError, ValueError, TypeError):
        return False


def contradicts(block: Fields, receipts: Sequence[Fields]) -> bool:
    """Whether these receipts, every one of which can be written as the chain writes it, give another root.

    False where the header is not proved or a receipt is of an unknown type: then nothing is known.
    """
    try:
        return header.proved(block) and receipts_root(_in_order(receipts)) != digest(block["receiptsRoot"])
    except (KeyError, ValueError, TypeError):
        return False


def has_transactions(block: Fields) -> bool:
    """Whether the transactions that a block lists whole are its own, by its header."""
    try:
        listed = [dict(tx) for tx in items(block["transactions"], "transactions")]
        return header.proved(block) and transactions_root(listed) == digest(block["transactionsRoot"])
    except (KeyError, ValueError, TypeError):
        return False


def has_withdrawals(block: Fields) -> bool:
    """Whether the withdrawals that a block lists are its own, by its header."""
    try:
        listed = withdrawals_root(items(block["withdrawals"], "withdrawals"))
        return header.proved(block) and listed == digest(block["withdrawalsRoot"])
    except (KeyError, ValueError, TypeError):
        return False


def signed(tx: Fields) -> bool:
    """Whether a transaction's id is the hash of its fields, and its sender the one who signed them."""
    try:
        same = envelope.identifier(tx) == digest(tx["hash"])
        return same and envelope.sender(tx) == account(tx["from"])
    except (KeyError, ValueError, TypeError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a state root holds of an address. `storage` are the proved slots, 0 where the trie has none."""

    nonce: int
    balance: int
    code: str
    storage: dict[int, int]


def account_proof(answer: Fields, state_root: str) -> Account | None:
    """The account that an `eth_getProof` answer proves under a state root; None where it proves that none is.

    Raises KeyError or ValueError where it proves neither, or not what the answer says (EIP-1186).
    """
    key = keccak256(octets(answer["address"], "address", 20))
    found = trie.proved(octets(state_root, "the state root", 32), key, _nodes(answer["accountProof"]))
    if found is None:
        return None
    parts = rlp.decode(found)
    if not isinstance(parts, list) or len(parts) != 4 or not all(isinstance(part, bytes) for part in parts):
        raise ValueError("the account in the proof does not have four parts")
    nonce, balance, root, code = (bytes(part) for part in parts)
    made = Account(
        nonce=int.from_bytes(nonce, "big"),
        balance=int.from_bytes(balance, "big"),
        code="0x" + code.hex(),
        storage=dict(_slot(each, root) for each in answer.get("storageProof") or ()),
    )
    if made.balance != number(answer["balance"], "balance") or made.nonce != number(answer["nonce"], "nonce"):
        raise ValueError("the proof shows another balance or nonce than the answer says")
    return made


def _slot(each: Fields, root: bytes) -> tuple[int, int]:
    slot = number(each["key"], "key")
    found = trie.proved(root, keccak256(slot.to_bytes(32, "big")), _nodes(each["proof"]))
    value = 0 if found is None else int.from_bytes(_flat(rlp.decode(found)), "big")
    if value != number(each["value"], "value"):
        raise ValueError(f"the proof of slot {slot:#x} shows another value than the answer says")
    return slot, value


def _flat(item: rlp.Item) -> bytes:
    if not isinstance(item, bytes):
        raise ValueError("a slot in the proof holds a list")
    return item


def _nodes(value: object) -> list[bytes]:
    return [octets(node, "a node of the proof") for node in items(value, "the proof")]


def _in_order(receipts: Sequence[Fields]) -> list[Fields]:
    ordered = sorted(receipts, key=lambda each: number(each["transactionIndex"], "transactionIndex"))
    if [number(each["transactionIndex"]) for each in ordered] != list(range(len(ordered))):
        raise ValueError("the receipts are not numbered 0, 1, 2 ...")
    return ordered
