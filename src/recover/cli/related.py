"""Filters of rows that do not say themselves what is asked: the movements behind them do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from recover.cli.codec import Row

if TYPE_CHECKING:
    import pyarrow as pa

    from recover.case import Case
    from recover.cli.filters import Filters

BEHIND: Mapping[str, tuple[frozenset[str], str]] = {
    "transactions": (frozenset({"address", "asset", "loss", "least"}), "tx"),
    "transfers": (frozenset({"loss"}), "seq"),
    "blocks": (frozenset({"address", "tx", "asset", "loss", "least"}), "block"),
    "events": (frozenset({"asset", "loss", "least"}), "tx"),
    "states": (frozenset({"tx", "loss", "least"}), "place"),
    "exhibits": (frozenset({"address", "tx", "asset", "loss", "least"}), "exhibit"),
    "entities": (frozenset({"tx", "asset", "loss", "least"}), "place"),
    "assertions": (frozenset({"asset", "loss", "least"}), "named"),
    "gaps": (frozenset({"asset", "loss"}), "named"),
    "completeness": (frozenset({"tx", "loss", "least"}), "place"),
    "crossings": (frozenset({"loss"}), "legs"),
    "rules": (frozenset({"tx", "loss"}), "place"),
    "findings": (frozenset({"tx", "loss"}), "subject"),
    "totals": (frozenset({"tx"}), "named"),
    "losses": (frozenset({"tx", "asset", "least"}), "loss"),
    "origins": (frozenset({"address", "tx"}), "loss"),
    "acts": (frozenset({"tx", "asset", "loss", "least"}), "named"),
    "journal": (frozenset({"address", "tx", "asset", "loss", "least"}), "named"),
}
"""Listing -> the filters that the movements behind its rows answer, and what of a row leads to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What the movements touch that have all that is asked. 0x texts are lower case here."""

    seqs: frozenset[int] = frozenset()
    txs: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    blocks: frozenset[tuple[str, int]] = frozenset()
    exhibits: frozenset[int] = frozenset()
    losses: frozenset[str] = frozenset()
    names: frozenset[str] = field(default=frozenset())
    """Whatever a text of the journal can name: all of these, and digests of exhibits."""


def related(case: Case, wanted: Filters, assets: Mapping[str, tuple[str, int | None]]) -> Related:
    """What the movements touch that have all of this. Raises Error before there are any, naming the stage."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from recover.case import derived

    columns = ["seq", "chain", "tx", "height", "src", "dst", "asset", "amount", "wide", "exhibit"]
    moved = derived.read(case, "transfers", columns)
    flows = derived.read(case, "flows", ["seq", "loss"]) if wanted.loss else None
    if flows is not None:
        mine = flows.filter(pc.equal(flows.column("loss"), wanted.loss)).column("seq")
        moved = moved.filter(pc.is_in(moved.column("seq"), value_set=mine.combine_chunks()))
    if wanted.tx:
        moved = moved.filter(_is(moved.column("tx"), wanted.tx))
    if wanted.address:
        sides = [pc.fill_null(_is(moved.column(side), wanted.address), False) for side in ("src", "dst")]
        moved = moved.filter(pc.or_(*sides))
    if wanted.asset:
        ids = [
            id
            for id, (symbol, _) in assets.items()
            if wanted.asset.casefold() in (id.casefold(), symbol.casefold())
        ]
        moved = moved.filter(pc.is_in(moved.column("asset"), value_set=pa.array(ids, pa.string())))
    if wanted.least:
        moved = moved.filter(_enough(moved, Decimal(wanted.least), assets))
    return _touched(case, moved, wanted)


def _touched(case: Case, moved: pa.Table, wanted: Filters) -> Related:
    import pyarrow.compute as pc

    from recover.case import derived

    txs = set(moved.column("tx").unique().to_pylist())
    # Of an address only itself: who dealt with it is another question.
    places = {bare(wanted.address)} if wanted.address and moved.num_rows else set()
    if not wanted.address:
        places = {bare(p) for side in ("src", "dst") for p in moved.column(side).unique().to_pylist() if p}
    if wanted.loss and wanted == type(wanted)(loss=wanted.loss):
        # Another rule can end where the declared one moves nothing.
        ends = derived.read(case, "ends", ["loss", "address"])
        places |= {bare(p) for p in ends.filter(pc.equal(ends.column("loss"), wanted.loss))["address"].to_pylist()}
    exhibits = set(moved.column("exhibit").unique().to_pylist())
    shown = derived.read(case, "transactions", ["id", "exhibits"])
    shown = shown.filter(pc.is_in(shown.column("id"), value_set=moved.column("tx").unique()))
    exhibits |= set(pc.list_flatten(shown.column("exhibits")).unique().to_pylist())
    if wanted.address and not (wanted.tx or wanted.asset or wanted.loss or wanted.least):
        exhibits |= _said(case, wanted.address)
    losses = _losses(case, moved, wanted)
    digests = {one.digest for one in case.exhibits() if one.number in exhibits}
    names = {*map(bare, txs), *places, *losses, *digests, *([bare(wanted.address)] if wanted.address else [])}
    return Related(
        seqs=frozenset(moved.column("seq").to_pylist()),
        txs=frozenset(map(bare, txs)),
        places=frozenset(places),
        blocks=frozenset(_blocks(moved)),
        exhibits=frozenset(exhibits),
        losses=frozenset(losses),
        names=frozenset(names),
    )


def _said(case: Case, address: str) -> set[int]:
    """The exhibits that say something of an address."""
    from recover.case import derived
    from recover.sdk import Error

    try:
        said = derived.read(case, "assertions", ["address", "exhibit"])
        labels = derived.read(case, "labels", ["address", "exhibit"])
    except Error:
        return set()
    return {
        n for t in (said, labels) for n in t.filter(_is(t.column("address"), address))["exhibit"].to_pylist() if n
    }


def _losses(case: Case, moved: pa.Table, wanted: Filters) -> set[str]:
    """The losses whose value the movements carried, and those declared of them."""
    import pyarrow.compute as pc

    from recover.case import derived
    from recover.sdk import Error

    try:
        flows = derived.read(case, "flows", ["seq", "loss"])
        carried = flows.filter(pc.is_in(flows.column("seq"), value_set=moved.column("seq").combine_chunks()))
        found = set(carried.column("loss").unique().to_pylist())
    except Error:
        found = set()
    found |= {one.id for one in case.settings.losses if wanted.tx and one.tx and _same(one.tx, wanted.tx)}
    return {wanted.loss} if wanted.loss else found


def _blocks(moved: pa.Table) -> Iterator[tuple[str, int]]:
    pairs = moved.group_by(["chain", "height"]).aggregate([])
    yield from zip(pairs.column("chain").to_pylist(), pairs.column("height").to_pylist(), strict=True)


def touched(row: Row, how: str, found: Related) -> bool:
    """Whether movements that have all that is asked are behind a row."""
    if how == "seq":
        return row["seq"] in found.seqs
    if how == "legs":
        return any(seq in found.seqs for side in ("source", "destination") for seq in row[side]["leg"])
    if how == "tx":
        return bare(str(row.get("id") or row.get("tx"))) in found.txs
    if how == "block":
        return (row["chain"], row["height"]) in found.blocks
    if how == "exhibit":
        return row["number"] in found.exhibits
    if how == "loss":
        return (row.get("loss") or row.get("id")) in found.losses
    if how == "subject":
        about = [row["subject"], *(row["slots"].get("imitators") or ())]
        return any(bare(str(one)) in found.places for one in about)
    if how == "place":
        listed = row.get("addresses") or [row.get("address")]
        return any(bare(str(one)) in found.places for one in listed)
    # What names transactions is of them; what names none is of its addresses.
    if row.get("transactions"):
        return any(bare(str(tx)) in found.txs for tx in row["transactions"])
    return any(bare(text) in found.names for text in texts(row))


def texts(value: Any) -> Iterator[str]:
    """Every text in a row, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from texts(one)


def bare(text: str) -> str:
    """A name without its chain, 0x texts in lower case."""
    alone = text.rpartition(":")[2]
    return alone.casefold() if alone[:2].lower() == "0x" else alone


def _same(one: str, other: str) -> bool:
    return bare(one) == bare(other)


def _is(column: pa.ChunkedArray, text: str) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    wanted = bare(text)
    if wanted.startswith("0x"):
        column = pc.utf8_lower(column)
    return pc.equal(column, wanted)


def _enough(moved: pa.Table, least: Decimal, assets: Mapping[str, tuple[str, int | None]]) -> pa.Array:
    """Which movements are of at least so many units of their asset; exact, as what is wide exceeds 64 bits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from recover.sdk import amounts

    keep = pa.array([False] * moved.num_rows)
    for asset in moved.column("asset").unique().to_pylist():
        floor = least.scaleb(assets.get(asset, ("", 0))[1] or 0)
        of = pc.equal(moved.column("asset"), asset)
        if floor <= 2**63 - 1:
            small = pc.fill_null(
                pc.greater_equal(pc.abs(moved.column("amount")), int(floor.to_integral_value("ROUND_CEILING"))),
                True,
            )
        else:
            pairs = zip(moved.column("amount").to_pylist(), moved.column("wide").to_pylist(), strict=True)
            small = pa.array([abs(amounts.join(a, w)) >= floor for a, w in pairs])
        keep = pc.or_(keep, pc.and_(of, small))
    return keep


def known(case: Case, name: str, value: str, assets: Mapping[str, tuple[str, int | None]]) -> bool:
    """Whether the case has anything of this at all: an empty list of something mistyped would mislead."""
    import pyarrow.compute as pc

    from recover.case import derived
    from recover.sdk import Error

    declared = case.settings.losses
    if name == "loss":
        return value in {one.id for one in declared}
    if name == "asset":
        listed = {text.casefold() for id, (symbol, _) in assets.items() for text in (id, symbol)}
        return value.casefold() in listed | {id.casefold() for one in declared for id in one.assets}
    if any(_same(one.tx or one.address or "", value) for one in declared):
        return True
    places = {"address": (("transfers", ("src", "dst")), ("labels", ("address",)), ("assertions", ("address",)))}
    of_tx = (("transactions", ("id",)),)
    for table, columns in places.get(name, of_tx):
        try:
            read = derived.read(case, table, list(columns))
        except Error:
            continue
        if any(pc.any(_is(read.column(column), value)).as_py() for column in columns):
            return True
    return False
