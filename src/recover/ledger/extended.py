"""A ledger with more exhibits: what they touch is joined again, and all else stands as it was joined.

A transaction is joined from the exhibits that show it, and nothing else: so a late exhibit touches the
transactions that it shows, those that spend an output with them, and those whose block it tells more of. These are
joined by the same statements as a whole ledger, from those exhibits alone that show them, and put in their places.
Where a thing is said of more than single transactions in a way that cannot be added to, `extended` says so by
None, and all is joined again. A law holds both ways to the same tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger import ordered, sql
from recover.ledger.database import database
from recover.ledger.join import Part, Read, Tables, bare, build, claiming, overruled, published, ranked, unseen
from recover.ledger.lacking import Differ, differing
from recover.ledger.listed import listed_assets
from recover.ledger.lookalikes import Looks, left_out_again
from recover.ledger.relied import NEVER, Relied
from recover.sdk.batch import SCHEMAS
from recover.sdk.records import Gap
from recover.sdk.values import Asset

COUNTED = {"fee-unknown", "histories-differ", "payer-unknown", "outcome-unknown", "reorganised"}
COUNTED |= {f"{what}{end}" for what in ("decimals-differ", "symbol-differs") for end in ("", "-registered")}
"""Gaps that count, or weigh, over all exhibits: a ledger with one of them is joined whole."""

SHARE = 4
"""Where more than one in so many transactions is touched, to join all again is as quick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A ledger as it was joined: of its gaps the joined ones, as a table, without those of single exhibits."""

    tables: Tables
    gaps: pa.Table


def extended(
    before: Before,
    parts: Sequence[Part],
    fresh: Collection[int],
    register: Mapping[str, Asset],
    named: frozenset[str],
    decided: Mapping[tuple[str | None, str], Relied],
    looks: Looks,
    read: Read,
) -> tuple[Tables, pa.Table] | None:
    """The tables of all `parts`, and the joined gaps, where `before` holds all but the exhibits `fresh`."""
    old, late = before.tables, _Late(parts, fresh, read)
    whole = old.loose or (NEVER, None) in decided.values()  # what never was can stand in any exhibit
    if whole or COUNTED & set(before.gaps["code"].unique().to_pylist()) or pc.any(old.blocks["stale"]).as_py():
        return None
    found = _touched(old, late)
    if found is None or len(found.again) * SHARE > max(old.transactions.num_rows, 64):
        return None
    aside = overruled(parts, decided, read)
    showing = late.showing(old, found, aside)
    again = build(
        showing,
        register,
        named,
        decided,
        read=partial(late.rows, found.again, found.beside),
        ranks=ranked(parts),
        paying=late.paying(showing),
    )
    if again.loose or COUNTED & {gap.code for gap in again.gaps} or pc.any(again.blocks["stale"]).as_py():
        return None
    return _Joint(old, again, found.again, late, before.gaps, aside).whole(register, named, looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touched:
    """Ids of transactions that are joined again, and of those that are only read beside them."""

    again: pa.Array
    beside: pa.Array


class _Late:
    """The exhibits that came since, and how any exhibit is read."""

    def __init__(self, parts: Sequence[Part], fresh: Collection[int], read: Read) -> None:
        self.parts, self.read = parts, read
        self.fresh = {part.exhibit for part in parts if part.exhibit in fresh}
        self.kept: dict[str, pa.Table] = {}
        self.blocks = [part for part in parts if read(part, "blocks") is not None]

    def table(self, name: str) -> pa.Table:
        """One kind of record of the late exhibits."""
        if name not in self.kept:
            found = [self.read(part, name) for part in self.parts if part.exhibit in self.fresh]
            self.kept[name] = pa.concat_tables([SCHEMAS[name].empty_table(), *(t for t in found if t is not None)])
        return self.kept[name]

    def showing(self, old: Tables, found: _Touched, aside: pa.Table) -> list[Part]:
        """The exhibits that show any of these, or a block; of a decided transaction also those `aside`, whose
        undisputed part stands. None claims a history here: that is looked at later."""
        ids = pa.concat_arrays([found.again, found.beside])
        rows = old.transactions.filter(pc.is_in(old.transactions["id"], value_set=ids))
        wanted = {*pc.unique(pc.list_flatten(rows["exhibits"])).to_pylist(), *self.fresh}
        wanted |= set(aside.filter(pc.is_in(aside["tx"], value_set=ids))["exhibit"].to_pylist())
        mine = (part for part in self.parts if part.exhibit in wanted or part in self.blocks)
        return [replace(part, alone=False, ask="") for part in mine]

    def paying(self, parts: Sequence[Part]) -> list[int]:
        """The exhibits among these that show a fee anywhere, in what is not joined again too."""
        legs = ((part.exhibit, self.read(part, "legs")) for part in parts)
        return [n for n, table in legs if table is not None and pc.any(pc.equal(table["kind"], "fee")).as_py()]

    def rows(self, again: pa.Array, beside: pa.Array, part: Part, name: str) -> pa.Table | None:
        """What is read of one exhibit: of a late one all, of others the transactions named, and blocks."""
        if part.exhibit not in self.fresh and name not in ("transactions", "legs", "blocks"):
            return None
        table = self.read(part, name)
        if part.exhibit in self.fresh or table is None or name == "blocks":
            return table
        ids = pa.concat_arrays([again, beside])
        return table.filter(pc.is_in(table["id" if name == "transactions" else "tx"], value_set=ids))


def _touched(old: Tables, late: _Late) -> _Touched | None:
    own = _ids(late.table("transactions")["id"], late.table("legs")["tx"])
    named = _ids(*(late.table(name)["tx"] for name in ("events", "logs", "listed")))
    if late.table("blocks").num_rows:
        if (moved := _resettled(old, late)) is None:
            return None
        own = _ids(own, moved)
    spent = _ids(late.table("legs")["spends_tx"])
    if not len(spent) and old.transfers["spends_tx"].null_count == old.transfers.num_rows:
        return _Touched(again=own, beside=_without(named, own))
    coins = old.transfers.filter(pc.is_valid(old.transfers["spends_tx"]))
    coins = coins.select(["tx", "spends_tx", "spends_index"])
    # Who spends an output of theirs may now show what it was worth; who spends what they spend contradicts them.
    rivals = _rivals(coins, _ids(spent, coins.filter(pc.is_in(coins["tx"], value_set=own))["spends_tx"]))
    heirs = coins.filter(pc.is_in(coins["spends_tx"], value_set=own))["tx"]
    again = _ids(own, rivals, heirs)
    parents = _ids(spent, coins.filter(pc.is_in(coins["tx"], value_set=again))["spends_tx"])
    beside = _ids(named, parents, _rivals(coins, parents))
    return _Touched(again=again, beside=_without(beside, again))


def _rivals(coins: pa.Table, parents: pa.Array) -> pa.ChunkedArray:
    """Transactions that spend any output of these: more than spend the same one, and none is missed."""
    return coins.filter(pc.is_in(coins["spends_tx"], value_set=parents))["tx"]


def _resettled(old: Tables, late: _Late) -> pa.Array | None:
    """Transactions whose block, or height, is told of otherwise than before; None where a branch lost."""
    rows = build([replace(part, alone=False) for part in late.blocks], {}, frozenset(), read=_only_blocks(late))
    if pc.any(rows.blocks["stale"]).as_py() or rows.gaps:
        return None
    names = [name for name in old.blocks.column_names if name != "exhibits"]
    with database() as db:
        columns = ", ".join(names)
        db.register("one", old.blocks.select(names))
        db.register("two", rows.blocks.select(names))
        db.register("made", old.transactions.select(["chain", "id", "block", "height"]))
        query = f"""with other as (
            (select {columns} from one except select {columns} from two)
            union all (select {columns} from two except select {columns} from one)
        )
        select distinct m.id from made m where exists (
            select 1 from other o where o.chain = m.chain
              and (o.id = m.block or (m.block is null and o.height = m.height))
        )"""
        return _ids(db.sql(query).to_arrow_table()["id"])


def _only_blocks(late: _Late) -> Read:
    return lambda part, name: late.read(part, name) if name == "blocks" else None


def _ids(*columns: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Each text once, in order."""
    chunks = [
        c for column in columns for c in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    found = pc.unique(pa.chunked_array([chunk.cast(pa.string()) for chunk in chunks], pa.string()).drop_null())
    return found.take(pc.sort_indices(found))


def _without(some: pa.Array, others: pa.Array) -> pa.Array:
    return some.filter(pc.invert(pc.is_in(some, value_set=others)))


class _Joint:
    """What was joined before and what was joined again, put together."""

    def __init__(
        self, old: Tables, again: Tables, ids: pa.Array, late: _Late, gaps: pa.Table, aside: pa.Table
    ) -> None:
        self.old, self.again, self.ids, self.late, self.gaps, self.aside = old, again, ids, late, gaps, aside
        self.ranks = ranked(late.parts)
        at = {part.exhibit: self.ranks[part.digest] for part in late.parts}
        self.rank = pa.table({"exhibit": pa.array(at, pa.int32()), "at": pa.array(at.values(), pa.int32())})
        made, theirs = old.transactions, again.transactions.filter(self._mine(again.transactions["id"]))
        kept = made.filter(pc.invert(self._mine(made["id"]))).cast(theirs.schema)
        self.made = ordered.placed(kept, theirs)

    def _mine(self, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        return pc.is_in(ids, value_set=self.ids)

    def whole(
        self, register: Mapping[str, Asset], named: frozenset[str], looks: Looks
    ) -> tuple[Tables, pa.Table] | None:
        old, again = self.old, self.again
        new = again.transfers.filter(self._mine(again.transfers["tx"]))
        gone = self._mine(old.transfers["tx"])
        kept = old.transfers.filter(pc.invert(gone)).cast(new.schema)
        if not self._ordered_alike(kept, new):
            return None
        moved = pa.chunked_array([*kept["asset"].chunks, *new["asset"].chunks], pa.string())
        assets = self._assets(pc.unique(moved), register, named)
        if assets is None:
            return None
        transfers = ordered.place(kept, _reasoned(new, assets), self.made)
        lost = old.transfers.filter(gone)
        sides = [table[name] for table in (lost, new) for name in ("src", "dst")]
        transfers = left_out_again(transfers, looks, _ids(*sides))
        coverage = self._coverage()
        told = self._differing(transfers, coverage)
        if told.gaps:  # an exhibit's claims are shown false, and all that rests on them is joined again
            return None
        tables = Tables(
            transactions=self.made,
            transfers=transfers,
            blocks=again.blocks,
            events=self._records("events", sql.EVENTS),
            states=self._records("states", sql.STATES),
            coverage=coverage,
            unshown=self._unshown(),
            logs=self._records("logs", sql.LOGS),
            prices=self._records("prices", sql.PRICES),
            assets=assets,
            differing=told.rows,
            fallen=again.fallen,
            gaps=(),
        )
        return tables, self._gaps(tables)

    def _ordered_alike(self, kept: pa.Table, new: pa.Table) -> bool:
        """Whether what orders a chain, and whether it is one of coins, is what it was."""
        was, now = ordered.sure(self.old.transactions), ordered.sure(self.made)
        known = set(self.old.transactions["chain"].unique().to_pylist())
        coins, more = ordered.of_coins(kept), ordered.of_coins(new)
        return was == now & known and not (more - coins) & set(kept["chain"].unique().to_pylist())

    def _assets(self, moved: pa.Array, register: Mapping[str, Asset], named: frozenset[str]) -> pa.Table | None:
        """The assets of all movements; None where one that was known is now left out for another reason."""
        with database() as db:
            listed = pa.array(sorted(register), pa.string())
            raw = [*self._said(_without(_ids(moved), listed)), *self._late(listed)]
            empty = pa.schema([(name, found.type) for name, found in _SAID.items()]).empty_table()
            db.register("assets", pa.concat_tables([empty, *(table.cast(empty.schema) for table in raw)]))
            db.register("joined", pa.table({"asset": moved}))
            db.register("plain_assets", pa.table({"asset": moved.slice(0, 0)}))
            found, gaps = listed_assets(db, register, named)
        was = dict(zip(*(self.old.assets[name].to_pylist() for name in ("asset", "excluded")), strict=True))
        rows = zip(*(found[name].to_pylist() for name in ("asset", "excluded")), strict=True)
        if gaps or any(was.get(asset, why) != why for asset, why in rows):
            return None
        return found

    def _said(self, moved: pa.Array) -> list[pa.Table]:
        """What exhibits say of assets that no register lists: of all only where late ones say anything new."""
        old, more = self.old.assets, self._late(moved)
        words = ("asset", "symbol", "name", "decimals")
        known = set(zip(*(old[name].to_pylist() for name in words), strict=True))
        same = all(known.issuperset(zip(*(t[name].to_pylist() for name in words), strict=True)) for t in more)
        # An exhibit that is used again can stand before those that are here: then it is the first to say so.
        after = min(self.late.fresh, default=0) > (pc.max(old["exhibit"]).as_py() or 0)
        if same and after and not len(_without(moved, _ids(old["asset"]))):
            return [old.select([*_SAID])]
        every = ((part, self.late.read(part, "assets")) for part in self.late.parts)
        return [_by(table, part) for part, table in every if table is not None]

    def _late(self, moved: pa.Array) -> list[pa.Table]:
        """What late exhibits say of some assets."""
        parts = (part for part in self.late.parts if part.exhibit in self.late.fresh)
        tables = ((part, self.late.read(part, "assets")) for part in parts)
        mine = ((part, t.filter(pc.is_in(t["asset"], value_set=moved))) for part, t in tables if t is not None)
        return [_by(table, part) for part, table in mine]

    def _unshown(self) -> pa.Table:
        """Listed and shown by nobody: what was, unless a late exhibit shows it, and what late exhibits list."""
        if not self.old.unshown.num_rows and not self.again.unshown.num_rows:
            return self.again.unshown
        with database() as db:
            db.register("unshown", self.old.unshown)
            db.register("transactions", self.late.table("transactions"))
            db.register("more", self.again.unshown)
            query = """
            select chain, tx, address, min(exhibit) as exhibit, min(place) as place
            from (
              select chain, tx, address, exhibit, place from unshown l where not exists (
                select 1 from transactions t where t.chain = l.chain and t.id = l.tx
                  and (t.whole or l.address is null or t.view is null or t.view = l.address)
              ) union all select chain, tx, address, exhibit, place from more
            ) group by chain, tx, address order by all
            """
            return db.sql(query).to_arrow_table().cast(self.again.unshown.schema)

    def _coverage(self) -> pa.Table:
        """All claims, with the ranks that their exhibits have now."""
        rows = pa.concat_tables([self.old.coverage.cast(self.again.coverage.schema), self.again.coverage])
        at = pc.index_in(rows["exhibit"], value_set=self.rank["exhibit"].combine_chunks())
        rows = rows.set_column(rows.schema.get_field_index("rank"), "rank", self.rank["at"].take(at))
        with database() as db:
            db.register("coverage", rows)
            return db.sql("select * from coverage order by all").to_arrow_table()

    def _records(self, name: str, query: str) -> pa.Table:
        """Events and their like: the same in several exhibits is one, and takes what its transaction now says."""
        new = getattr(self.again, name)
        old = getattr(self.old, name).cast(new.schema)
        if not new.num_rows and ("tx" not in old.column_names or not pc.any(self._mine(old["tx"])).as_py()):
            return old
        told = [column for column in ("time", "height") if "tx" in old.column_names]
        rows = published(pa.concat_tables([old, new]).drop_columns(told))
        at = pc.index_in(rows["exhibit"], value_set=self.rank["exhibit"].combine_chunks())
        rows = rows.append_column("rank", self.rank["at"].take(at))
        rows = rows.append_column("source", pa.repeat(pa.scalar(""), rows.num_rows))
        with database() as db:
            db.register(name, rows)
            db.register("every", self.made)
            db.register("headers", self.again.blocks)
            return db.sql(query).to_arrow_table().cast(new.schema)

    def _differing(self, transfers: pa.Table, coverage: pa.Table) -> Differ:
        """What any history lacks that another exhibit shows, joined before or now."""
        holding = claiming(self.late.parts, self.late.read)
        with database() as db:
            db.register("coverage", coverage)
            return differing(db, transfers, self.made, holding, self.aside)

    def _gaps(self, tables: Tables) -> pa.Table:
        """The gaps in the order in which `build` finds them."""
        again = _told(self.again.gaps)
        coins = _told(bare(*row) for row in _bare(tables.transfers))
        uneven, split = (self._of(code, again) for code in ("legs-unbalanced", "contradiction"))
        return pa.concat_tables([coins, uneven, _told(unseen(tables.unshown)), split])

    def _of(self, code: str, again: pa.Table) -> pa.Table:
        """Gaps of single transactions: those that were, and those of what was joined again."""
        old, new = (rows.filter(pc.equal(rows["code"], code)) for rows in (self.gaps, again))
        old = old.filter(pc.invert(self._mine(_of_tx(old))))
        rows = pa.concat_tables([old.cast(new.schema), new.filter(self._mine(_of_tx(new)))])
        chains = pc.binary_join(pc.list_slice(pc.split_pattern(rows["subject"], ":"), 0, 2), ":")
        order = pa.table({"chain": chains, "tx": _of_tx(rows), "row": pa.array(range(rows.num_rows), pa.int64())})
        keys = [(name, "ascending") for name in order.column_names]
        return rows.take(pc.sort_indices(order, sort_keys=keys))


_SAID = {name: SCHEMAS["assets"].field(name) for name in ("asset", "symbol", "name", "decimals", "place")}
_SAID["exhibit"] = pa.field("exhibit", pa.int32())
"""What an exhibit says of an asset, and where."""


def _by(assets: pa.Table, part: Part) -> pa.Table:
    number = pa.array([part.exhibit] * assets.num_rows, pa.int32())
    return assets.append_column("exhibit", number).select([*_SAID])


def _of_tx(gaps: pa.Table) -> pa.ChunkedArray:
    """The transaction that a gap names: its subject is a chain, which has one colon, and an id."""
    return pc.replace_substring_regex(gaps["subject"], "^[^:]*:[^:]*:", "")


def _bare(transfers: pa.Table) -> list[tuple[str, int, int]]:
    inputs = transfers.filter(pc.and_(pc.equal(transfers["kind"], "input"), pc.is_null(transfers["amount"])))
    found = inputs.group_by("chain").aggregate([("tx", "count_distinct"), ("tx", "count")]).sort_by("chain")
    names = ("chain", "tx_count_distinct", "tx_count")
    return list(zip(*(found[name].to_pylist() for name in names), strict=True))


def _told(gaps: Collection[Gap] | object) -> pa.Table:
    from recover.case import derived

    return derived.gaps(gaps)  # type: ignore[arg-type]


def _reasoned(new: pa.Table, assets: pa.Table) -> pa.Table:
    """Movements with the reason that their asset has in the whole ledger, where they have no other."""
    other = pc.fill_null(pc.is_in(new["excluded"], value_set=pa.array(ordered.REASONS)), False)
    names, reasons = (assets[name].combine_chunks() for name in ("asset", "excluded"))
    why = reasons.take(pc.index_in(new["asset"], value_set=names))
    column = pc.if_else(other, new["excluded"], why)
    return new.set_column(new.schema.get_field_index("excluded"), "excluded", column)
