"""The rows of an explorer's lists as records: payments, payments inside transactions, token transfers, logs.

Shapes: Etherscan's API documentation, version 2. Token rows have no log number, and payments inside a transaction
no place in it; no list shows freezes, wrapping or what an issuer destroyed, so logs are asked for as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import AssetSeen, Batch, Exhibit, Gap, transfers
from recover_chain_evm import calls, columns, events, logs, recorded, sent, traces, values
from recover_chain_evm.address import ZERO
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.live import pages
from recover_chain_evm.networks import Network

Rows: TypeAlias = Sequence[values.Fields]
_TEXT = 256

_SENT = {
    "tx": "hash",
    "sender": "from",
    "called": "to",
    "created": "contractAddress",
    "value": "value",
    "nonce": "nonce",
    "input": "input",
    "height": "blockNumber",
    "position": "transactionIndex",
    "block": "blockHash",
    "time": "timeStamp",
    "status": "status",
    "gas_used": "gasUsed",
    "price": "gasPrice",
    "fee": "fee",
}
_MOVED = {
    "tx": "hash",
    "contract": "contractAddress",
    "src": "from",
    "dst": "to",
    "value": "value",
    "height": "blockNumber",
    "position": "transactionIndex",
    "block": "blockHash",
    "time": "timeStamp",
    "leg": "logIndex",
}
_LOGGED = {
    "tx": "transactionHash",
    "contract": "address",
    "topics": "topics",
    "data": "data",
    "index": "logIndex",
    "height": "blockNumber",
    "position": "transactionIndex",
    "block": "blockHash",
    "time": "timeStamp",
}
_INSIDE = {"tx": "hash", "height": "blockNumber", "time": "timeStamp"}


def batches(exhibit: Exhibit, found: pages.Page) -> Iterator[Batch]:
    """The rows as batches. Raises Error naming up to 20 rows that cannot be read."""
    problems = Problems(name=exhibit.name.partition("?")[0], unit="item")
    yield from read(found.query.action, found.query.network, found.rows, problems, exhibit.topics)


def read(
    action: str, network: Network, rows: Rows, problems: Problems, topics: Collection[str] = ()
) -> list[Batch]:
    """The rows of the list that `action` names, with the logs of the first `topics`.

    Raises Error naming up to 20 rows that cannot be read.
    """
    if action == pages.LOGS:
        made = list(_logged(network, rows, problems, topics))
    else:
        made = list(_READ[action](network, rows, problems))
    problems.check()
    return made


def _payments(network: Network, rows: Rows, problems: Problems) -> Iterator[Batch]:
    """`isError` is what happened; the receipt's status is empty for transactions before it was introduced."""
    told = [{**row, "status": "0" if str(row.get("isError")) == "1" else "1"} for row in rows]
    made = sent.Sent.of(Frame.of(told, _SENT, range(len(told)), problems), network)
    if not problems.places:
        yield columns.batch(
            network.id,
            moved=sent.moved(network, made),
            transactions=[sent.transactions(network, made)],
            events=[sent.events(network, made)],
            gaps=sent.gaps(network, made),
        )


def _internal(network: Network, rows: Rows, problems: Problems) -> Iterator[Batch]:
    frame = Frame.of(rows, _INSIDE, range(len(rows)), problems)
    ids, height, time = frame.hashes("tx"), frame.numbers("height"), frame.times("time")
    traced: list[traces.Traced] = []
    for place, row in enumerate(rows):
        try:
            traced.append(
                traces.Traced(tx=values.digest(row["hash"]), calls=[calls.of_explorer(row)], place=place)
            )
        except (KeyError, ValueError) as error:
            problems.add(place, f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error))
    if not problems.places:
        # A call that stands shows that its transaction did not fail; one that was undone shows nothing of it.
        stood = pa.array([None if c.reverted else False for each in traced for c in each.calls], pa.bool_())
        listed = columns.transactions(
            network.id, len(rows), id=ids, height=height, time=time, failed=stood, place=pa.array(frame.places)
        )
        moved, said = traces.moved(network, traced), traces.events(network, traced)
        yield columns.batch(network.id, moved=[moved], transactions=[listed], events=[said])


def _tokens(network: Network, rows: Rows, problems: Problems) -> Iterator[Batch]:
    frame = Frame.of(rows, _MOVED, range(len(rows)), problems)
    tx, contract, place = frame.hashes("tx"), frame.addresses("contract"), pa.array(frame.places)
    src, dst = (_party(frame.addresses(name)) for name in ("src", "dst"))
    known = {"height": frame.numbers("height")}
    known |= {"index": frame.numbers("position", optional=not frame.has("position"))}
    known |= {"time": frame.times("time"), "block": frame.hashes("block", optional=True)}
    value, leg = frame.amounts("value"), frame.numbers("leg", optional=True)
    seen = [_seen(network, place, row, problems) for place, row in enumerate(rows)]
    if problems.places:
        return
    kind = pc.if_else(pc.is_null(src), "mint", pc.if_else(pc.is_null(dst), "burn", "transfer"))
    asset = logs.assets(network, contract)
    moved = columns.moves(
        tx=tx, kind=kind, src=src, dst=dst, asset=asset, value=value, index=leg, place=place
    ).filter(pc.or_(pc.is_valid(src), pc.is_valid(dst)))
    stood = pa.array([False] * len(rows), pa.bool_())
    listed = columns.transactions(network.id, len(rows), id=tx, failed=stood, place=place, **known)
    said = {(each.asset, each.symbol, each.decimals, each.name): each for each in reversed(seen)}
    assets = sorted(said.values(), key=lambda each: each.place)
    about = Batch.of(*assets).assets
    gaps = [*_bare(assets), *(transfers.conflicts(about) if about is not None else [])]
    yield columns.batch(network.id, moved=[moved], transactions=[listed], gaps=gaps, assets=about)


def _seen(network: Network, place: int, row: values.Fields, problems: Problems) -> AssetSeen:
    decimals = str(row.get("tokenDecimal") or "")
    if decimals and not (decimals.isascii() and decimals.isdigit() and int(decimals) <= 255):
        problems.add(place, f"tokenDecimal {values.shown(decimals)} is no number from 0 to 255")
    return AssetSeen(
        asset=f"{network.erc20}{str(row.get('contractAddress')).lower()}",
        symbol=str(row.get("tokenSymbol") or "")[:_TEXT],
        name=str(row.get("tokenName") or "")[:_TEXT],
        decimals=int(decimals) if decimals.isascii() and decimals.isdigit() else None,
        place=place,
    )


def _bare(assets: Sequence[AssetSeen]) -> Iterator[Gap]:
    for each in assets:
        if each.decimals is None:
            yield Gap(
                code="decimals-unknown",
                subject=each.asset,
                why="The explorer does not give this token's decimals.",
                effect="Its amounts are shown in base units.",
                place=each.place,
            )


def _logged(network: Network, rows: Rows, problems: Problems, topics: Collection[str]) -> Iterator[Batch]:
    """Explorers write nought as 0x, with no digit after it."""
    numbers = ("logIndex", "transactionIndex")
    told = [{**row, **{name: "0x0" for name in numbers if row.get(name) == "0x"}} for row in rows]
    made = logs.Logs.of(Frame.of(told, _LOGGED, range(len(told)), problems))
    if not problems.places:
        yield columns.batch(
            network.id,
            moved=logs.moved(network, made),
            transactions=[logs.transactions(network.id, made)],
            events=events.said(network, made),
            gaps=logs.gaps(network, made),
            logs=recorded.wanted(network, made, topics),
        )


def _party(address: Any) -> Any:
    """The zero address is no party: a transfer from it is a mint, one to it a burn."""
    return pc.if_else(pc.equal(address, ZERO), pa.scalar(None, pa.string()), address)


_READ: Mapping[str, Callable[[Network, Rows, Problems], Iterator[Batch]]] = {
    pages.PAYMENTS: _payments,
    pages.INTERNAL: _internal,
    pages.TOKENS: _tokens,
}
