"""Whole blocks: header and transactions, with the Merkle root recomputed and the witness commitment checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recover.sdk import Error
from recover_chain_bitcoin import auxpow, header, merkle, transaction
from recover_chain_bitcoin.header import Header
from recover_chain_bitcoin.transaction import Tx
from recover_chain_bitcoin.wire import bounded, compact, internal, malformed, sha256d

_LEAST_TX = 60
_COMMITMENT = bytes.fromhex("6a24aa21a9ed")  # OP_RETURN, 36 bytes, the mark of BIP 141


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block. `size` is its number of bytes, `work` the merged-mining proof where it has one.

    `extension` holds the bytes of Litecoin's MimbleWimble block, unread: its amounts are hidden.
    """

    header: Header
    transactions: tuple[Tx, ...]
    size: int
    work: auxpow.AuxPow | None = None
    extension: bytes = b""

    @property
    def id(self) -> str:
        return self.header.id


def parse(data: bytes, *, witness: bool = True, merged: bool = False) -> Block:
    """The one block that `data` is; `merged` where headers may carry merged-mining proofs (Dogecoin).

    Raises Error naming the byte where it is cut off or where bytes follow, and for what `check` refuses.
    """
    head = header.parse(data)
    work, count, at = _front(data, head, merged)
    found: list[Tx] = []
    for _ in range(count):
        tx = transaction.read(data, at, witness=witness)
        found.append(tx)
        at += len(tx.raw)
    rest = data[at:]
    if rest and not _extends(rest, found):
        raise malformed(at, f"the block ends, and {len(rest)} bytes follow")
    block = Block(header=head, transactions=tuple(found), size=len(data), work=work, extension=rest)
    check(block)
    return block


def first(data: bytes, *, witness: bool = True, merged: bool = False) -> Tx:
    """A block's coinbase, without reading the rest. Raises Error naming the byte."""
    _, _, at = _front(data, header.parse(data), merged)
    return transaction.read(data, at, witness=witness)


def check(block: Block) -> None:
    """Raises Error when the Merkle root is not the header's, when transactions repeat, when the first one is no
    coinbase or another one is, or when the witnesses are not those that the coinbase commits to (BIP 141)."""
    check_root(block.header, [each.id for each in block.transactions])
    marked = [n for n, each in enumerate(block.transactions) if each.is_coinbase]
    if marked != [0]:
        raise malformed(
            header.SIZE, f"coinbases stand at {marked[:5]} of the block; one stands first, and no other"
        )
    _check_witnesses(block)


def check_root(head: Header, ids: Sequence[str]) -> None:
    """Raises Error when ids in block order do not have the header's Merkle root, or when they repeat."""
    computed = merkle.root(ids)
    if computed != head.root:
        raise Error(
            "merkle-root",
            f"The transactions of block {head.id} are not those of its header.",
            f"Their Merkle root is {computed}, and the header says {head.root}.",
            "Get the block again from another node; a transaction in this copy was changed, left out or added.",
        )


def _front(data: bytes, head: Header, merged: bool) -> tuple[auxpow.AuxPow | None, int, int]:
    """The merged-mining proof, the number of transactions, and where they begin."""
    at, work = header.SIZE, None
    if merged and head.version & auxpow.FLAG:
        work, at = auxpow.read(data, at)
    count, at = compact(data, at)
    if not count:
        raise malformed(at - 1, "a block has no transactions")
    bounded(count, _LEAST_TX, data, at, "transactions")
    return work, count, at


def _check_witnesses(block: Block) -> None:
    coinbase = block.transactions[0]
    if not any(each.has_witness for each in block.transactions):
        return
    said = [o.script[6:38] for o in coinbase.outputs if len(o.script) >= 38 and o.script[:6] == _COMMITMENT]
    reserved = coinbase.inputs[0].witness
    if not said or len(reserved) != 1 or len(reserved[0]) != 32:
        raise _uncommitted(block, "its coinbase does not commit to them")
    if sha256d(internal(merkle.witness_root(block.transactions)) + reserved[0]) != said[-1]:
        raise _uncommitted(block, "its coinbase commits to others")


def _extends(rest: bytes, found: list[Tx]) -> bool:
    """Whether an extension block may follow: the last transaction has the flag 8 of Litecoin's HogEx."""
    last = found[-1].raw
    return len(found) > 1 and last[4] == 0 and bool(last[5] & 8) and rest[0] == 1


def _uncommitted(block: Block, why: str) -> Error:
    return Error(
        "witness-commitment",
        f"The witnesses in block {block.id} are not those that it was mined with.",
        f"Transactions in it have witnesses, and {why}.",
        "Get the block again from another node; ids and amounts hold, but signatures in this copy were changed.",
    )
