"""Identity: every address, transaction id and asset in the one spelling that its chain's own `parse` gives.

Texts are compared nowhere else than in this form, so two spellings of one address can never be two addresses. A
column is asked by its distinct texts; what a chain calls plain (`ChainInfo.plain_address`) is not asked, nor what
its own reader of columns (`spelt`) knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk.batch import Batch, table
from recover.sdk.counts import counted
from recover.sdk.errors import Error, NotRecognised
from recover.sdk.plugin import Chain
from recover.sdk.records import Gap
from recover.sdk.values import Address, TxId

SHOWN = 20  # refused texts named in one error or gap

NAMES: Mapping[str, Mapping[str, type]] = {
    "transactions": {"id": TxId, "view": Address},
    "legs": {"tx": TxId, "view": Address, "address": Address, "spends_tx": TxId},
    "events": {"tx": TxId, "contract": Address, "address": Address, "other": Address},
    "states": {"address": Address},
    "coverage": {"address": Address},
    "listed": {"tx": TxId, "address": Address},
    "logs": {"tx": TxId, "contract": Address},
    "assertions": {"address": Address, "other": Address},
}
"""Which columns of which table are names on the chain of their row."""

_CROSS = "cross"
"""The kind of assertion whose `other` is on another chain than its row: the one that its parameters name."""

_ASSETS = {"legs": "asset", "events": "asset", "states": "asset", "assets": "asset", "coverage": "asset"}
_ASSETS |= {"assertions": "asset", "prices": "asset"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A text that its chain does not know: where it stands, and why it was refused."""

    table: str
    place: int
    chain: str
    text: str
    why: str


@dataclass(slots=True, kw_only=True)
class Spelling:
    """How the chains that are installed spell names. A chain that is not installed is taken at its word."""

    chains: Mapping[str, Chain]
    known: dict[tuple[str, type, str], str | NotRecognised] = field(default_factory=dict)

    def name(self, chain: str, text: str, kind: type) -> str | NotRecognised:
        """One address or transaction id as its chain spells it, or why there is no such thing."""
        key = (chain, kind, text)
        if key not in self.known:
            self.known[key] = self._parse(chain, text, kind)
        return self.known[key]

    def asset(self, text: str) -> str:
        """A CAIP-19 id with its reference as the chain spells it, where the reference is an address."""
        chain, slash, rest = text.partition("/")
        space, colon, reference = rest.partition(":")
        if not slash or not colon or space == "slip44" or chain not in self.chains:
            return text
        spelt = self.name(chain, reference, Address)
        return text if isinstance(spelt, NotRecognised) else f"{chain}/{space}:{spelt}"

    def _parse(self, chain: str, text: str, kind: type) -> str | NotRecognised:
        try:
            found = self.chains[chain].parse(text)
        except NotRecognised as error:
            return error
        if isinstance(found, kind) and found.chain == chain:
            return found.text
        what = "a transaction id" if isinstance(found, TxId) else "an address"
        return NotRecognised("other-kind", f"{text!r} is {what}.", f"It is {what}, and stands where none can.", "")


def spell(batch: Batch, spelling: Spelling) -> tuple[Batch, list[Refused]]:
    """The batch with every name in its chain's spelling, and the names that were refused, left as they are."""
    refused: list[Refused] = []
    made: dict[str, pa.Table] = {}
    for f in fields(batch):
        rows = getattr(batch, f.name)
        if rows is None or not rows.num_rows:
            continue
        if f.name == "assertions":
            rows = _crossings(rows, spelling)
        for column, kind in NAMES.get(f.name, {}).items():
            elsewhere = f.name == "assertions" and column == "other"
            rows = _column(rows, f.name, column, kind, spelling, refused, _CROSS if elsewhere else "")
        if f.name in _ASSETS:
            rows = _assets(rows, _ASSETS[f.name], spelling)
        if f.name == "assertions":
            rows = _transactions(rows, spelling, refused)
        made[f.name] = rows
    return replace(batch, **made), refused


def _column(
    rows: pa.Table, name: str, column: str, kind: type, spelling: Spelling, refused: list[Refused], but: str = ""
) -> pa.Table:
    """The rows with the names of a column as each row's chain spells them; rows of the kind `but` are left."""
    texts = rows.column(column).combine_chunks()
    if texts.null_count == len(texts) or (len(texts) <= _FEW and _as_spelt(rows, texts, kind, spelling)):
        return rows
    for chain in rows.column("chain").unique().to_pylist():
        if chain not in spelling.chains:
            continue
        here = pc.and_(pc.equal(rows.column("chain"), chain), pc.is_valid(texts))
        here = pc.and_(here, pc.not_equal(rows.column("kind"), but)) if but else here
        mine = pc.and_(here, pc.invert(_plain(texts, chain, kind, spelling)))
        mine = _unspelt(mine, texts, spelling.chains[chain], kind)
        distinct = [text for text in texts.filter(mine).unique().to_pylist() if text]
        spelt = {text: spelling.name(chain, text, kind) for text in distinct}
        for text, found in spelt.items():
            if isinstance(found, NotRecognised):
                place = rows.filter(pc.and_(mine, pc.equal(texts, text))).column("place")[0].as_py()
                refused.append(Refused(table=name, place=place, chain=chain, text=text, why=found.why))
        changed = {a: b for a, b in spelt.items() if isinstance(b, str) and a != b}
        if changed:
            texts = pc.if_else(mine, _mapped(texts, changed), texts)
    return rows.set_column(rows.schema.get_field_index(column), rows.schema.field(column), texts)


_FEW = 64
"""Of so few names each is read by itself: the answers of a server are many, and most of them short."""


def _as_spelt(rows: pa.Table, texts: pa.Array, kind: type, spelling: Spelling) -> bool:
    """Whether every name is as its chain spells it."""
    named = set(zip(rows.column("chain").to_pylist(), texts.to_pylist(), strict=True))
    read = ((chain, text) for chain, text in named if text and chain in spelling.chains)
    return all(spelling.name(chain, text, kind) == text for chain, text in read)


def _crossings(rows: pa.Table, spelling: Spelling) -> pa.Table:
    """The rows with what each crossing names on the chain that it crosses to, as that chain spells it.

    A log can name anything there: what a chain does not have is left out and told, and stops nothing. On a chain
    that is not installed it is told as the log has it. A sender that is no address of the chain here names nobody.
    """
    if _CROSS not in rows.column("kind").unique().to_pylist():
        return rows
    names = ("kind", "chain", "address", "other", "transactions", "params", "note")
    made: dict[str, list[Any]] = {name: [] for name in names}
    for row in rows.select(names).to_pylist():
        if row["kind"] == _CROSS:
            row |= _crossing(row, spelling)
        for name in names:
            made[name].append(row[name])
    for name in names[2:]:
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), pa.array(made[name], rows.schema.field(at).type))
    return rows


def _crossing(row: Mapping[str, Any], spelling: Spelling) -> dict[str, Any]:
    """One crossing's names: sender and recipient, the transactions of both sides, and what its text repeats."""
    said = json.loads(row["params"])
    to, bad = said.get("to_chain", ""), dict[str, str]()

    def spelt(chain: str, text: str | None, kind: type, what: str) -> str | None:
        found = spelling.name(chain, text, kind) if text and chain in spelling.chains else text
        if isinstance(found, NotRecognised):
            told = f"The {what} that is recorded, {str(text)[:80]!r}, is no {_KINDS[kind]} of {chain}"
            bad[what] = f"{told}: it is left out."
            return None
        return found

    # Where no exhibit shows this side, the only transaction that is named is the other one.
    first = 0 if not row["address"] and said.get("to_tx") else 1
    ids = [spelt(to, tx, TxId, "transaction on the other side") for tx in row["transactions"][first:]]
    named = {"to_tx": spelt(to, said.get("to_tx"), TxId, "transaction on the other side") or ""}
    named |= {"into": spelling.asset(said.get("into") or "")}
    changed = {name: text for name, text in named.items() if text != (said.get(name) or "")}
    return {
        "address": spelt(row["chain"], row["address"], Address, "sender") or "",
        "other": spelt(to, row["other"], Address, "recipient"),
        "transactions": [*row["transactions"][:first], *(tx for tx in ids if tx)],
        "params": _json(said | changed) if changed else row["params"],
        "note": " ".join(filter(None, (row["note"], *bad.values()))),
    }


def _json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


_KINDS: Mapping[type, str] = {Address: "address", TxId: "transaction id"}


def _plain(texts: pa.Array, chain: str, kind: type, spelling: Spelling) -> Any:
    info = spelling.chains[chain].info
    shape = info.plain_tx if kind is TxId else info.plain_address
    if not shape:
        return pa.array([False] * len(texts), pa.bool_())
    return pc.fill_null(pc.match_substring_regex(texts, f"^(?:{shape})$"), False)


def _unspelt(mine: Any, texts: pa.Array, chain: Chain, kind: type) -> Any:
    """Those of `mine` that a chain's own reader of columns does not know for addresses as it spells them."""
    check = getattr(chain, "spelt", None)
    if kind is not Address or check is None or not pc.any(mine).as_py():
        return mine
    asked = pc.if_else(mine, texts, pa.scalar(None, pa.string()))
    return pc.and_(mine, pc.invert(check(asked.combine_chunks() if isinstance(asked, pa.ChunkedArray) else asked)))


def _mapped(texts: pa.Array, changed: Mapping[str, str]) -> pa.Array:
    at = pc.index_in(texts, value_set=pa.array(list(changed), pa.string()))
    return pc.coalesce(pa.array(list(changed.values()), pa.string()).take(at), texts)


def _assets(rows: pa.Table, column: str, spelling: Spelling) -> pa.Table:
    texts = rows.column(column).combine_chunks()
    spelt = {text: spelling.asset(text) for text in texts.unique().to_pylist() if text is not None}
    changed = {a: b for a, b in spelt.items() if a != b}
    if not changed:
        return rows
    return rows.set_column(rows.schema.get_field_index(column), rows.schema.field(column), _mapped(texts, changed))


def _transactions(rows: pa.Table, spelling: Spelling, refused: list[Refused]) -> pa.Table:
    """The ids that an assertion names: few, for those that name many are the core's own. Of a crossing only the
    first is on the chain of its row, and the others stand as `_crossings` has left them."""
    if not len(pc.list_flatten(rows.column("transactions"))):
        return rows
    if all(_all_plain(rows, chain, spelling) for chain in rows.column("chain").unique().to_pylist()):
        return rows
    spelt = []
    columns = (rows.column(name).to_pylist() for name in ("kind", "chain", "address", "transactions", "place"))
    for kind, chain, address, ids, place in zip(*columns, strict=True):
        mine = ids[: 1 if address else 0] if kind == _CROSS else ids
        found = [spelling.name(chain, tx, TxId) if chain in spelling.chains else tx for tx in mine]
        bad = [(tx, why) for tx, why in zip(mine, found, strict=True) if isinstance(why, NotRecognised)]
        refused += [Refused(table="assertions", place=place, chain=chain, text=t, why=e.why) for t, e in bad]
        own = [tx if isinstance(new, NotRecognised) else new for tx, new in zip(mine, found, strict=True)]
        spelt.append([*own, *ids[len(mine) :]])
    at = rows.schema.get_field_index("transactions")
    return rows.set_column(at, rows.schema.field(at), pa.array(spelt, pa.list_(pa.string())))


def _all_plain(rows: pa.Table, chain: str, spelling: Spelling) -> bool:
    """Whether every id that assertions of one chain name is spelt as the chain spells it, by its shape alone."""
    if chain not in spelling.chains:
        return True
    ids = pc.list_flatten(rows.filter(pc.equal(rows.column("chain"), chain)).column("transactions"))
    return bool(pc.all(_plain(pc.unique(ids), chain, TxId, spelling)).as_py() in (True, None))


def refusal(refused: Sequence[Refused], unit: str) -> Error:
    """An error for names in records: nothing can be traced by a name that its chain does not have."""
    told = [f"{unit} {r.place}: {r.text[:80]!r} on {r.chain}: {r.why}" for r in refused[:SHOWN]]
    more = f" And {len(refused) - SHOWN} more." if len(refused) > SHOWN else ""
    return Error(
        "name-refused",
        f"{len(refused)} name{'s are' if len(refused) > 1 else ' is'} no address or transaction id of the chain "
        "that the file gives.",
        " ".join(told) + more,
        "Correct the file, or name the right chain with --chain CAIP2.",
    )


def labels_left_out(batch: Batch, refused: Sequence[Refused], unit: str) -> Batch:
    """The batch without the labels whose address is refused, and a gap that names them: a typing error in one of
    a list's thousand addresses must not cost the others."""
    bad = {(r.chain, r.text) for r in refused}
    said = batch.assertions
    assert said is not None
    names = zip(*(said.column(n).to_pylist() for n in ("chain", "address", "other")), strict=True)
    keep = [(chain, address) not in bad and (chain, other) not in bad for chain, address, other in names]
    told = "; ".join(f"{unit} {r.place}: {r.text[:80]!r} on {r.chain}" for r in refused[:SHOWN])
    more = f"; and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
    gap = Gap(
        code="label-refused",
        subject=refused[0].text[:80],
        why=f"Addresses that their chain does not have: of {counted(len(refused), 'label')} ({told}{more}). "
        f"The first: {refused[0].why}",
        effect="They label nothing: an address of this case that was mistyped there stands here without its name.",
        place=refused[0].place,
    )
    own = table("gaps", [_row(gap)])
    gaps = own if batch.gaps is None else pa.concat_tables([batch.gaps, own])
    return replace(batch, assertions=said.filter(pa.array(keep, pa.bool_())), gaps=gaps)


def _row(gap: Gap) -> dict[str, Any]:
    return {f.name: getattr(gap, f.name) for f in fields(gap)}
