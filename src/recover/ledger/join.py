"""Join decoded batches into one ledger: what is the same leg, what contradicts, in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recover.ledger import blocks, contradictions, fees, ordered, plain, relied, sql
from recover.ledger.database import database
from recover.ledger.lacking import borne, differing
from recover.ledger.listed import listed_assets
from recover.ledger.lookalikes import Looks, leave_out
from recover.sdk.batch import SCHEMAS
from recover.sdk.counts import counted
from recover.sdk.records import Gap
from recover.sdk.values import Asset, Details, TxId


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One exhibit as one source decoded it: the folder with its Parquet files.

    `alone`: what it claims to hold it holds by itself, as a file does. The pages of a server claim together: the
    last says that the history is whole, and earlier ones show it. `ask` is the server and what it was asked, empty
    of a file. `origin`: where it comes from, as far as that is
    known: empty, or a word for the sort of it and a name.
    """

    exhibit: int
    digest: str
    source: str
    folder: Path
    alone: bool = True
    ask: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The joined ledger."""

    transactions: pa.Table
    transfers: pa.Table
    blocks: pa.Table
    events: pa.Table
    states: pa.Table
    coverage: pa.Table
    unshown: pa.Table
    logs: pa.Table
    prices: pa.Table
    assets: pa.Table
    differing: pa.Table
    fallen: pa.Table
    gaps: tuple[Gap, ...]
    loose: bool = False
    """Whether an exhibit shows legs of a transaction that it does not list itself."""


Read: TypeAlias = Callable[[Part, str], pa.Table | None]

TABLES = tuple(f.name for f in fields(Tables) if f.name not in ("gaps", "loose"))
"""The joined tables, by name; gaps are kept with those of the parts."""


def build(
    parts: Sequence[Part],
    register: Mapping[str, Asset],
    named: frozenset[str],
    decided: Mapping[tuple[str | None, str], relied.Relied] | None = None,
    looks: Looks | None = None,
    read: Read | None = None,
    ranks: Mapping[str, int] | None = None,
    paying: Collection[int] = (),
) -> Tables:
    """Join all parts. `register` holds the chains' canonical assets, `named` the asset ids that losses name.

    `decided` gives, for a transaction, the exhibit that a person relies on, or a list of it: of others nothing is
    read for it but what nobody disputes (see `relied`). Its chain is None where a decision of an older version
    names none. `looks` says, by chain, how much of an address people compare (see `lookalikes`). `read` gives a
    part's table; without it the file is read as it lies there. `ranks` places the digests of these parts among
    others that are not read here; `paying` are exhibits that show fees in what is not read.

    The result does not depend on the order of `parts`: ties are taken by the exhibits' digests.
    """
    with database() as db:
        named_there = {tx for _, tx in decided or {}}
        apart, none = _gather(db, parts, named_there, read or stored, ranks or ranked(parts), paying)
        if apart.legs.num_rows < _FEW:
            db.execute("pragma disable_optimizer")
        aside = overruled(parts, decided or {}, read or stored)
        loose = bool(db.execute(sql.LOOSE).fetchall()[0][0])
        # First: what a person set aside takes part in no join, and contradicts nothing.
        relied.settle(db, decided or {})
        gaps = blocks.settle(db, some="blocks" not in none)
        gaps += fees.completed(db)
        coins = db.execute("select count(*) from legs where kind in ('input', 'output')").fetchone() != (0,)
        if coins:
            # Before legs are compared: an input that one exhibit shows bare must equal the same input in one that
            # shows its worth, or the two would count as two inputs.
            db.execute(sql.PREVOUTS)
            db.execute(sql.FILLED)
        for statement in (sql.MOVES, sql.JOINED, sql.TRANSACTIONS):
            db.execute(statement)
        # PLACED reads the table that these leave: contradicted.
        disputed: contradictions.Disputed = {}
        if coins:
            gaps += _coins(db, disputed)
        assets, odd = listed_assets(db, register, named)
        gaps += odd
        gaps += _uneven(db)
        unshown = _records(db, "listed", sql.UNSHOWN, none)
        gaps += unseen(unshown)
        gaps += contradictions.found(db, disputed)
        gaps += _undecided(db)
        if coins:
            db.execute(sql.PAID)  # only now: a fee is worked out here, and no exhibit lists it
        made = _together(apart.made, _transactions(db))
        out = {row["asset"]: row["excluded"] for row in assets.to_pylist() if row["excluded"] is not None}
        moved = [_together(apart.moved, _arrow(db, sql.PLACED))]
        del apart  # what is put in order is copied: the copy in disorder goes before the next is made
        transfers = ordered.transfers(moved.pop(), made, out)
        differ = differing(db, transfers, made, claiming(parts, read or stored), aside)
        claims = _arrow(db, "select * from coverage order by all")
        gaps += differ.gaps
        return Tables(
            transactions=ordered.transactions(made),
            # Last: whether a transfer is dust depends on all that its receiver exchanged, in every exhibit.
            transfers=leave_out(transfers, looks or {}),
            blocks=_records(db, "blocks", sql.BLOCKS, none),
            events=_records(db, "events", sql.EVENTS, none),
            states=_records(db, "states", sql.STATES, none),
            coverage=borne(claims, differ.refuted),
            unshown=unshown,
            logs=_records(db, "logs", sql.LOGS, none),
            prices=_records(db, "prices", sql.PRICES, none),
            assets=assets,
            differing=differ.rows,
            fallen=differ.fallen(claims),
            gaps=tuple(gaps),
            loose=loose,
        )


READ = ("transactions", "legs", "blocks", "events", "states", "assets", "coverage", "listed", "logs", "prices")
"""What of a part is joined; its gaps stand beside the ledger, and its assertions are linked."""


def unseen(listed: pa.Table) -> list[Gap]:
    """A transaction that is known to exist and that nobody has looked at."""
    return [
        Gap(
            code="listed-not-shown",
            subject=f"{row['chain']}:{row['tx']}",
            why=f"Exhibit {row['exhibit']} lists this transaction"
            + (f" of {row['address']}" if row["address"] else "")
            + ", and no exhibit shows what it moved.",
            effect="What it moved is in no figure, and nothing is called at rest where it could have moved it.",
            fill=Details(tx=TxId(chain=row["chain"], text=row["tx"])),
            place=row["place"],
        )
        for row in listed.to_pylist()
    ]


def claiming(parts: Sequence[Part], read: Read) -> dict[int, list[int]]:
    """The exhibits that hold what they claim, each with those that hold it with it: a file by itself, of a server
    all pages of what it was asked, where they say to what moment they are whole. An index holds nothing: it names
    what others show.
    """
    pages: dict[str, list[int]] = {}
    for part in parts:
        pages.setdefault(part.ask, []).append(part.exhibit)
    found = {}
    for part in parts:
        if (part.alone or (part.ask and _ended(read(part, "coverage")))) and read(part, "listed") is None:
            found[part.exhibit] = [part.exhibit] if part.alone else pages[part.ask]
    return found


def _ended(claims: pa.Table | None) -> bool:
    """Whether there are claims, each to a moment or a height."""
    return (
        claims is not None
        and pc.all(pc.or_(claims["until"].is_valid(), claims["until_height"].is_valid())).as_py()
    )


def stored(part: Part, name: str) -> pa.Table | None:
    """A table of a part, as it lies in its folder; None where it has none."""
    file = part.folder / f"{name}.parquet"
    return pq.ParquetFile(file).read() if file.exists() else None


def ranked(parts: Sequence[Part]) -> dict[str, int]:
    """The rank of each part's digest: by what they hold, not by when they came in, so that ties fall the same way
    in every case folder."""
    return {part.digest: rank for rank, part in enumerate(sorted(parts, key=lambda p: p.digest))}


def _gather(
    db: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    decided: Collection[str],
    of: Read,
    ranks: Mapping[str, int],
    paying: Collection[int],
) -> tuple[plain.Split, dict[str, pa.Table]]:
    """Put what has to be joined before the database. What is plain, as it stands; and the kinds of record that no
    exhibit has, each with its empty table."""
    read = {name: _read(name, parts, ranks, of) for name in READ}
    origins = {part.exhibit: part.origin for part in parts if part.origin}
    listed = {"exhibit": pa.array(origins, pa.int32()), "origin": pa.array(origins.values(), pa.string())}
    db.register("origins", pa.table(listed))
    db.register("with_fees", fees.listed(read["legs"], paying))
    # Given away, so that the legs of a large case are gone before the ledger is made of them.
    given = [read.pop("transactions"), read.pop("legs")]
    found = plain.split(given.pop(0), given.pop(0), read["blocks"], decided)
    read |= {"transactions": found.transactions, "legs": found.legs}
    for name, rows in read.items():
        if name not in _CHANGED:
            db.register(name, rows)
            continue
        db.register("read", rows)
        db.execute(f"create temp table {name} as select * {_CHANGED[name]} from read")
    db.register("plain", found.made)
    db.register("plain_assets", pa.table({"asset": pc.unique(found.moved["asset"])}))
    return found, {name: rows for name, rows in read.items() if name not in _CHANGED and not rows.num_rows}


_FEW = 2000
"""Of fewer legs that have to be joined no statement is made better before it is run: that takes longer than it
saves, and the rows are the same."""

_CHANGED = {name: ", false as stale" if name == "transactions" else "" for name in relied.WRITTEN}
"""What statements write to, with the columns that it gets."""


def _read(name: str, parts: Sequence[Part], ranks: Mapping[str, int], of: Read) -> pa.Table:
    """One kind of record of all parts, with the exhibit and the source of each."""
    # An empty table first, so that the columns are there though no exhibit has such records.
    tables, of_parts = [SCHEMAS[name].empty_table()], list[Part]()
    for part in parts:
        # Read here and not by the database: what is joined must be the very bytes that were examined.
        if (rows := of(part, name)) is not None:
            tables.append(rows)
            of_parts.append(part)
    sizes = [rows.num_rows for rows in tables[1:]]
    found = pa.concat_tables(tables)
    if len(tables) > _SEVERAL:
        found = found.combine_chunks()  # a chunk for each part would cost more than its rows
    numbers = np.repeat(np.array([part.exhibit for part in of_parts], np.int32), sizes)
    found = found.append_column("exhibit", pa.array(numbers, pa.int32()))
    ranked = np.repeat(np.array([ranks[part.digest] for part in of_parts], np.int32), sizes)
    found = found.append_column("rank", pa.array(ranked, pa.int32()))
    said = pa.array([part.source for part in of_parts], pa.string())
    which = np.repeat(np.arange(len(of_parts)), sizes)
    return published(found).append_column("source", said.take(pa.array(which, pa.int64())))


def published(rows: pa.Table) -> pa.Table:
    """Records that name a source of their own, with it as `publisher`: `source` is what read an exhibit."""
    return rows.rename_columns(["publisher" if name == "source" else name for name in rows.column_names])


_SEVERAL = 16
"""Of fewer parts the rows stay where they are: each may be a large file, and is not copied."""


def _together(apart: pa.Table, joined: pa.Table) -> pa.Table:
    """Plain rows and joined ones, in the columns of the latter."""
    return pa.concat_tables([apart.select(joined.column_names).cast(joined.schema), joined])


def overruled(
    parts: Sequence[Part], decided: Mapping[tuple[str | None, str], relied.Relied], read: Read
) -> pa.Table:
    """(chain, tx, exhibit) of each exhibit that shows a transaction for which a person relied on another."""
    shown: dict[tuple[str, str], set[int]] = {}
    names = pa.array(sorted({tx for _, tx in decided}), pa.string())
    for part in parts if decided else ():
        if (rows := read(part, "transactions")) is not None:
            for row in rows.filter(pc.is_in(rows["id"], value_set=names)).select(["chain", "id"]).to_pylist():
                shown.setdefault((row["chain"], row["id"]), set()).add(part.exhibit)
    found = [
        {"chain": chain, "tx": tx, "exhibit": exhibit}
        for (chain, tx), exhibits in shown.items()
        if (chosen := decided.get((chain, tx), decided.get((None, tx)))) is not None and chosen[0] in exhibits
        for exhibit in sorted(exhibits - {chosen[0]})
    ]
    types = [("chain", pa.string()), ("tx", pa.string()), ("exhibit", pa.int32())]
    return pa.Table.from_pylist(found, schema=pa.schema(types))


def _records(db: duckdb.DuckDBPyConnection, name: str, query: str, none: Collection[str]) -> pa.Table:
    """Joined records of one kind. Where no exhibit has any (`none`), the database is asked once for their columns:
    to plan a statement takes it longer than to run it, and a round of `recover now` waits for it."""
    if name in none and name in _COLUMNS:
        return _COLUMNS[name].empty_table()
    if name in ("events", "logs"):
        db.execute(sql.EVERY)
    found = _arrow(db, query)
    _COLUMNS[name] = found.schema
    return found


_COLUMNS: dict[str, pa.Schema] = {}


def _arrow(db: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    found: Any = db.sql(query)
    return found.to_arrow_table()


def _transactions(db: duckdb.DuckDBPyConnection) -> pa.Table:
    return _arrow(
        db,
        """select t.chain, t.id, t.time, t.height, t.index, t.failed, t.whole, t.block,
                  -- Sources that contradict each other corroborate nothing.
                  case when x.tx is not null and t.proof = 'corroborated' then 'reported' else t.proof end
                  as proof,
                  t.facts,
                  t.exhibits, t.reorganised, x.tx is not null as contradicted
           from txs t left join contradicted x on x.chain = t.chain and x.tx = t.id""",
    )


def _uneven(db: duckdb.DuckDBPyConnection) -> list[Gap]:
    rows = db.execute("select distinct chain, tx, exhibit from moves where uneven order by all").fetchall()
    db.execute("create temp table uneven as select distinct chain, tx from moves where uneven")
    return [
        Gap(
            code="legs-unbalanced",
            subject=f"{chain}:{tx}",
            why=f"The two legs of a transfer do not cancel in exhibit {exhibit}.",
            effect="The transaction is not followed.",
        )
        for chain, tx, exhibit in rows
    ]


def _coins(db: duckdb.DuckDBPyConnection, disputed: contradictions.Disputed) -> list[Gap]:
    """Fees of coin transactions; those that cannot be, and outputs spent twice, are put into `disputed`."""
    db.execute(sql.FEES)
    for chain, tx, exhibit in db.execute(sql.OVERPAID).fetchall():
        disputed[chain, tx] = (exhibit, exhibit, "what it moved: its outputs are larger than its inputs")
    for chain, tx, low, high in db.execute(sql.MISVALUED).fetchall():
        disputed[chain, tx] = (low, high, "what one of its inputs was worth")
    for chain, spending, low, high, tx, index in db.execute(sql.SPENT_TWICE).fetchall():
        for each in spending:
            disputed[chain, each] = (low, high, f"{contradictions.WHICH} spent output {index} of {tx}")
    return [bare(*row) for row in db.execute(sql.UNKNOWN_INPUTS).fetchall()]


def bare(chain: str, transactions: int, inputs: int) -> Gap:
    """Inputs of which no exhibit shows what they were worth, or whose they were."""
    return Gap(
        code="inputs-unknown",
        subject=chain,
        why=f"Neither amount nor address is shown of {counted(inputs, 'input')} in "
        f"{counted(transactions, 'transaction')}.",
        effect="Their fees are unknown, and traced value that meets such an input is not followed.",
    )


def _undecided(db: duckdb.DuckDBPyConnection) -> list[Gap]:
    return [
        Gap(
            code="outcome-unknown",
            subject=f"{chain}:{tx}",
            why=f"No exhibit shows whether these transactions succeeded ({count} here; this is one of them).",
            effect="What they may have moved is listed and not followed; import their receipts.",
        )
        for chain, tx, count in db.execute(sql.UNDECIDED).fetchall()
    ]
