"""From a block's or a transaction's bytes to records, with the proof that these bytes alone carry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from recover.sdk import Batch, Error, Gap
from recover.sdk import Block as BlockRow
from recover_chain_bitcoin import block as blocks
from recover_chain_bitcoin import header, undo
from recover_chain_bitcoin import height as heights
from recover_chain_bitcoin import transaction as transactions
from recover_chain_bitcoin.block import Block
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.records import Columns, Spent
from recover_chain_bitcoin.transaction import Output
from recover_chain_bitcoin.wire import malformed


def block(
    network: Network,
    data: bytes,
    *,
    prevouts: undo.Prevouts | None = None,
    height: int | None = None,
    tip: int | None = None,
    stale: bool = False,
) -> Batch:
    """One raw block as records: `place` is the byte at which a transaction begins.

    `prevouts` (of `undo`) fill in what its inputs spend; `height` is what a node says it is, `tip` the height of
    the node's chain, `stale` that the node calls it no part of its chain. Raises Error for what `block.parse`,
    `undo.match` and `add` refuse.
    """
    found = parse(network, data)
    columns = Columns(network)
    add(columns, found, prevouts=prevouts, height=height, tip=tip, stale=stale)
    return columns.batch()


def transaction(
    network: Network,
    data: bytes,
    *,
    spent: Spent | None = None,
    height: int | None = None,
    time: int | None = None,
) -> Batch:
    """One raw transaction as records, its id recomputed. Raises Error for what `transaction.parse` refuses."""
    found = transactions.parse(data, witness=network.segwit)
    columns = Columns(network)
    columns.add(found, place=0, spent=spent, height=height, time=time, proof="self-authenticating")
    return columns.batch()


def parse(network: Network, data: bytes) -> Block:
    """A raw block as its network writes it."""
    return blocks.parse(data, witness=network.segwit, merged=network.merged)


def add(
    columns: Columns,
    found: Block,
    *,
    prevouts: Sequence[Sequence[Output | None]] | None = None,
    height: int | None = None,
    tip: int | None = None,
    stale: bool = False,
    places: Sequence[int] | None = None,
    place: int = 0,
) -> None:
    """A parsed block's rows. Its Merkle root was recomputed, so its transactions are `included`.

    `places` are those of its transactions, in the source's unit; without them, the bytes where they begin.
    `prevouts` may lack some. Raises Error where `height` is not the one that the block states, where prevouts are
    not those of the block, or where the coinbase creates more than the subsidy and the fees.
    """
    if prevouts is not None:
        undo.match(prevouts, found.transactions)
    known = _height(columns.network, found, height)
    spent: Sequence[Spent | None] = prevouts or [None] * len(found.transactions)
    at = places or [tx.at for tx in found.transactions]
    for index, tx in enumerate(found.transactions):
        if index == 0 and tx.id in columns.seen:
            columns.gap(_repeated(found, at[0]))
            continue
        columns.add(
            tx,
            place=at[index],
            spent=spent[index],
            block=found.id,
            height=known,
            index=index,
            time=found.header.time,
            proof="included",
        )
    if prevouts is not None and known is not None:
        _check_reward(columns.network, found, [each for outputs in prevouts for each in outputs], known)
    row(columns, found, height=known, tip=tip, stale=stale, place=place)


def row(
    columns: Columns, found: Block, *, height: int | None, tip: int | None, stale: bool, place: int = 0
) -> None:
    """The block's own row, sealed by its proof of work; a gap where it has none."""
    sealed = columns.network.sealed(found)
    columns.block(
        BlockRow(
            chain=columns.network.id,
            id=found.id,
            place=place,
            parent=found.header.parent,
            height=height,
            time=datetime.fromtimestamp(found.header.time, UTC),
            sealed=sealed,
            stale=stale,
            tip=tip,
            work=header.work(found.header.bits) if sealed else None,
        )
    )
    if not sealed:
        columns.gap(unsealed(columns.network, found.id, place))


def unsealed(network: Network, block: str, place: int) -> Gap:
    return Gap(
        code="block-unsealed",
        subject=block,
        why=f"The header of this block does not meet its own proof of work on {network.title}.",
        effect="Nothing shows that the network ever accepted its transactions.",
        place=place,
    )


def _repeated(found: Block, place: int) -> Gap:
    return Gap(
        code="coinbase-repeated",
        subject=found.transactions[0].id,
        why=f"The coinbase of block {found.id} has the id of an earlier block's coinbase (BIP 30).",
        effect="It is not read a second time: its coins replaced the earlier ones, which are lost.",
        place=place,
    )


def _height(network: Network, found: Block, said: int | None) -> int | None:
    stated = heights.stated(network, found)
    if said is not None and stated is not None and said != stated:
        raise Error(
            "height-differs",
            f"Block {found.id} does not stand at height {said}.",
            f"Its coinbase states the height {stated} (BIP 34).",
            "Ask another node; this one, or the file, gives a false height.",
        )
    return stated if said is None else said


def _check_reward(network: Network, found: Block, prevouts: Sequence[Output | None], height: int) -> None:
    if None in prevouts:
        return
    spent = sum(each.value for each in prevouts if each is not None)
    paid = sum(each.value for tx in found.transactions[1:] for each in tx.outputs)
    created = sum(each.value for each in found.transactions[0].outputs)
    if created > network.reward(height) + spent - paid:
        raise malformed(
            found.transactions[0].at,
            f"the coinbase creates {created} base units, and subsidy and fees are "
            f"{network.reward(height) + spent - paid}; the values of the spent outputs are not to be trusted",
            "reward-too-large",
        )
