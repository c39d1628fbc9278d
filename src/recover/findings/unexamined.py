"""Everything that was not examined: the gaps of every stage, and what a source was asked and did not answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from recover.capture import vain
from recover.case import Case, derived
from recover.findings import accounts, beyond, completeness, feeless, opposing, whereabouts
from recover.findings.accounts import Account
from recover.findings.affected import ranked
from recover.findings.evidence import Evidence
from recover.findings.whereabouts import Standing
from recover.linking.ladder import word
from recover.sdk.batch import ask_text
from recover.sdk.moments import FIRST, begins, possible, reach
from recover.sdk.outside import visible
from recover.sdk.records import Gap
from recover.sdk.values import Address, TxId
from recover.sdk.view import Finding
from recover.trails import asks, receipts


def unexamined(
    case: Case,
    short: Iterable[Gap] = (),
    firsts: Mapping[str, date] | None = None,
    stakes: Mapping[tuple[str, str], Mapping[str, int]] | None = None,
) -> pa.Table:
    """Every gap of every stage, with those that a live source failed to fill, those that concern most value first.

    `short` are those of histories that do not add up, `firsts` the days of chains' first blocks, `stakes` what was
    worked out to hang on a gap, by its code and subject.
    Of what one source was asked, its last answer counts: a key that was set later leaves no gap.
    """
    made = (("ledger", "decode"), ("link", "link"), ("trace", "trace"))
    pieces = [derived.load(case, case.derived / folder / "gaps.parquet", stage) for folder, stage in made]
    told = {(e.body["source"], e.body.get("ask")): e.body for e in case.entries if e.kind == "asked"}
    last = {pair: body["why"] for pair, body in told.items()}
    answered = {ask for (_, ask), why in last.items() if not why}
    # From the journal: a source that fails leaves no exhibit in which a gap could stand.
    asked = [
        Gap(code="not-answered", subject=source, why=why, effect="What was asked stays open.")
        for (source, ask), why in last.items()
        if why and ask not in answered and not _found(case, ask, told[source, ask])
    ]
    pieces[0] = _waiting(case, _open(pieces[0], {ask for ask in answered if ask is not None}))
    pieces[0] = _again(case, pieces[0], answered)
    own = derived.gaps(
        [
            *asked,
            *_aside(case),
            *_clock(case),
            *_dates(case, firsts or {}),
            *_labels(case),
            *_ahead(case),
            *_listed(case),
            *short,
        ]
    )
    return ranked(case, pa.concat_tables([*pieces, own]), stakes or {})


def _found(case: Case, ask: str | None, body: Mapping[str, object]) -> bool:
    """Whether this asked only on which chain something is, and it was found on another one: that is settled."""
    wanted = vain.read(ask)
    about = getattr(wanted, "tx", None) or getattr(wanted, "address", None)
    if not isinstance(about, Address | TxId):
        return False
    here = {one.chain for one in case.settings.losses if _bare(one.tx or one.address) == _bare(about.text)}
    # An address can be used on several chains; a transaction is of one.
    alone = isinstance(about, TxId) or bool(body.get("elsewhere"))
    return bool(here) and about.chain not in here and alone


def _bare(text: str | None) -> str:
    """An id without what only some chains write in front of it."""
    return (text or "").removeprefix("0x").lower()


def lacking(
    case: Case,
    evidence: Evidence,
    checks: pa.Table,
    stands: Sequence[Standing],
    whole: Sequence[Account],
    found: Sequence[Finding],
) -> Iterator[Gap]:
    """What findings themselves show to be missing: histories, balances, fees, labels, what was paid to oneself."""
    material = evidence.material
    yield from (*completeness.gaps(checks), *whereabouts.gaps(case, material, stands))
    yield from (*accounts.gaps(case, whole), *opposing.gaps(material), *beyond.gaps(case, material, found))
    yield from feeless.gaps(material, evidence.unpriced)


def _open(gaps: pa.Table, answered: set[str]) -> pa.Table:
    """The ledger's gaps without those whose ask was answered; what an index lists stays until it is shown."""
    put = pc.is_in(gaps.column("fill"), value_set=pa.array(sorted(answered), pa.string()))
    listed = pc.equal(gaps.column("code"), "listed-not-shown")
    return gaps.filter(pc.or_(pc.invert(put), listed))


def _again(case: Case, gaps: pa.Table, answered: set[str | None]) -> pa.Table:
    """The gaps without what could not be read of an answer that was none, where it was asked for again, and
    came."""
    last: dict[str, str] = {}
    none: set[str] = set()
    for entry in case.entries:
        body = entry.body
        if entry.kind == "exhibit" and body.get("request"):
            last[body["request"]] = body["digest"]
        elif entry.kind == "asked" and body.get("again") in last and body.get("ask") in answered:
            none.add(last[body["again"]])
    if not none:
        return gaps
    here = pc.is_in(gaps["subject"], value_set=pa.array(sorted(none), pa.string()))
    return gaps.filter(pc.invert(pc.and_(pc.equal(gaps["code"], "unreadable"), here)))


def _waiting(case: Case, gaps: pa.Table) -> pa.Table:
    """The gaps without sightings of what stands in a block by now."""
    made = derived.read(case, "transactions", ["id", "block"])
    here = pc.unique(made.filter(pc.is_valid(made["block"]))["id"])
    over = pc.and_(pc.equal(gaps["code"], "unconfirmed"), pc.is_in(gaps["subject"], value_set=here))
    return gaps.filter(pc.invert(over))


def _aside(case: Case) -> list[Gap]:
    """Exhibits on which nothing rests by a person's decision."""
    known = {one.number: one for one in case.exhibits()}
    return [
        Gap(
            code="set-aside",
            subject=known[number].digest,
            why=f"Exhibit {number} ({known[number].name}) was set aside by {said.by}: {said.reason}",
            effect="Nothing rests on it; the report lists what traced value did before.",
        )
        for number, said in case.set_aside().items()
        if number in known
    ]


def _dates(case: Case, firsts: Mapping[str, date]) -> list[Gap]:
    """Transactions of a time that no exhibit can show: before their chain was, or after the exhibit was stored."""
    made = derived.read(case, "transactions", ["chain", "id", "time", "exhibits"])
    stored = {one.number: one.captured for one in case.exhibits()}
    latest = min(stored.values(), default=FIRST)
    times = made.column("time")
    chains = made.column("chain").unique()
    begun = [begins(firsts.get(chain)) for chain in chains.to_pylist()]
    begin = pa.array(begun, times.type).take(pc.index_in(made.column("chain"), value_set=chains))
    odd = made.filter(pc.fill_null(pc.or_(pc.less(times, begin), pc.greater(times, latest)), False)).to_pylist()
    found = []
    for row in odd:
        by = max((stored[n] for n in row["exhibits"] or () if n in stored), default=latest)
        first = firsts.get(row["chain"])
        if not possible(row["time"], first, by):
            whose = "any public chain" if first is None else "this chain"
            early = f", before {whose} had a block ({begins(first):%Y-%m-%d})."
            late = f", and were stored here on {by:%Y-%m-%d}, before it."
            found.append(
                Gap(
                    code="time-impossible",
                    subject=f"{row['chain']}:{row['id']}",
                    why=f"Exhibits date this transaction {row['time']:%Y-%m-%d %H:%M:%S}"
                    + (early if row["time"] < begins(first) else late),
                    effect="The date cannot be right, and the order in which lots are taken rests on it.",
                )
            )
    return found


def _labels(case: Case) -> list[Gap]:
    """Labels that count for no name: dated after the exhibit that holds them was stored, or by a payment that the
    exhibits show otherwise."""
    rows = derived.read(case, "assertions")
    rows = rows.filter(pc.and_(pc.equal(rows.column("kind"), "label"), pc.greater(rows.column("exhibit"), 0)))
    said = [(row, word(row)) for row in rows.to_pylist()]
    dated = [
        Gap(
            code="label-date",
            subject=f"{row['chain']}:{row['address']}",
            why=f"Exhibit {row['exhibit']} dates a label of this address {one.said}, and was stored here on "
            f"{one.ahead}, before it.",
            effect="The date cannot be right, and the label counts for no name.",
        )
        for row, one in said
        if one.ahead
    ]
    return dated + [
        Gap(
            code="answer-contradicted",
            subject=f"{row['chain']}:{row['address']}",
            why=f"Exhibit {row['exhibit']} says that this address was paid by {visible(one.opposed, 120)}, and "
            f"{one.against}.",
            effect="The label counts for no name. `recover check` holds every row of the answer against the "
            "exhibits.",
        )
        for row, one in said
        if one.opposed
    ]


def _ahead(case: Case) -> list[Gap]:
    """Exhibits that claim a history to a moment at which they were stored here, or obtained, already."""
    known = {one.number: one for one in case.exhibits()}
    latest: dict[int, datetime] = {}
    for row in derived.read(case, "coverage", ["exhibit", "until"]).to_pylist():
        if row["until"] is not None and row["exhibit"] in known:
            latest[row["exhibit"]] = max(row["until"], latest.get(row["exhibit"], row["until"]))
    found = []
    for number, until in sorted(latest.items()):
        one = known[number]
        held = reach(until, one.captured, one.obtained)
        if held != until:
            found.append(
                Gap(
                    code="history-ahead",
                    subject=one.digest,
                    why=f"Exhibit {number} says that it holds a history to {until:%Y-%m-%d %H:%M:%S}, and was "
                    f"stored here or obtained on {held:%Y-%m-%d}, before that.",
                    effect=f"No file holds what came after it was made: the history counts to {held:%Y-%m-%d}.",
                )
            )
    return found


def _listed(case: Case) -> Iterator[Gap]:
    """Payments on which an end rests, and whose receipt nobody has answered for."""
    put = {str(e.body["ask"]) for e in case.entries if e.kind == "asked"}
    for one in asks.listed(case):
        yield Gap(
            code=receipts.UNREAD,
            subject=f"{one.tx.chain}:{one.tx.text}",
            why="Only lists of what addresses moved show this transaction (in exhibits: "
            f"{', '.join(map(str, one.exhibits))}); its own receipt was "
            + ("asked, and did not come." if ask_text(one.ask) in put else "not asked."),
            effect="A list can show what failed. If this did, nothing arrived by it, and it is where it was.",
            fill=one.ask,
        )


def _clock(case: Case) -> list[Gap]:
    return [
        Gap(
            code="clock-set-back",
            subject=f"entry {entry.number}",
            why=f"The computer's clock was set back, from {entry.body.get('before')} to {entry.body.get('now')}.",
            effect="Times of capture before or after that can be wrong by as much.",
        )
        for entry in case.entries
        if entry.kind == "clock"
    ]
