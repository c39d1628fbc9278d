"""Crossings: value that went through a bridge, followed by the key that both sides record, or stopped by its name.

A heuristic only asserts. Value follows a crossing where the ledger's own rows bear out both of its legs, the key
is claimed once, and the level allows it: 1, the same bytes on both chains; 2, the operator's answer; 3, candidates
by amount, rate and time, only after a person accepted the one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pyarrow as pa

from recover.declared.deeds import digest
from recover.ledger import lookalikes
from recover.ledger.numbered import Numbered
from recover.tracing.lots import apportion
from recover.trails.sides import CANDIDATE, Said, named, read
from recover.trails.swaps import Swap, movements

LATE = timedelta(hours=1)
"""A pay-out may stand before its deposit by this much: clocks of chains differ, and relayers pay ahead."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing(Swap):
    """`owner` sent `sold` of one asset into a bridge, and `bought` of another came by `back` on the other side.

    `gross` left by `out`. Of it the bridge kept `fee`, and no exhibit shows the other side of `open`, both in the
    asset given. Where several crossings share one deposit, one of them carries these, and what came back in its
    own transaction. `into` is empty where all of it is open.
    """

    said: Said
    crossed: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A crossing that is not followed: `code` says why; `out` are the movements that it left by, where these are
    known."""

    code: str
    said: Said
    out: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Deposit:
    """What left under one key, with what is said of the other side."""

    rows: list[Said]
    said: list[Said] = field(default_factory=list)
    out: tuple[int, ...] = ()
    gross: int = 0
    whole: int = 0
    refunds: tuple[tuple[int, int], ...] = ()
    fills: list[tuple[Said, tuple[tuple[int, int], ...]]] = field(default_factory=list)


def crossings(
    asserted: pa.Table, ledger: Numbered, accepted: Collection[str]
) -> tuple[list[Crossing], list[Refused]]:
    """The crossings that the ledger bears out, and what is not followed, each with its reason.

    `accepted` are the digests of the candidates that a person accepted.
    """
    said = read(asserted)
    if not said:
        return [], []
    here = _moved(ledger, said)
    refused: list[Refused] = []
    deposits: dict[tuple[object, ...], _Deposit] = {}
    for one in said:
        deposits.setdefault(one.deposit, _Deposit(rows=[])).rows.append(one)
    for deposit in deposits.values():
        deposit.said = list(deposit.rows)
    left = _leaving(list(deposits.values()), here, refused)
    _once(left, refused)
    _arriving(left, here, accepted, refused)
    _times(left, here, refused)
    made = [one for deposit in left for one in _made(deposit, int(ledger.dst[deposit.out[0]]))]
    return made, refused


def _moved(ledger: Numbered, said: Sequence[Said]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By chain and transaction, what it moved, fees aside."""
    here: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in movements(ledger, {tx for one in said for tx in (one.tx, one.cross.to_tx) if tx}):
        here.setdefault((row["chain"], row["tx"]), []).append(row)
    return here


def _leaving(
    deposits: Sequence[_Deposit], here: Mapping[tuple[str, str], list[dict[str, Any]]], refused: list[Refused]
) -> list[_Deposit]:
    """The deposits of which the ledger shows what left, by one movement each or by the sum of a transaction."""
    left, summed = [], dict[tuple[str, str, str, str], list[_Deposit]]()
    taken: set[int] = set()
    for deposit in deposits:
        one = deposit.rows[0]
        if one.cross.refused == "twin":  # whose movement it is, is not shown: none is taken for it
            refused += [Refused(code="crossing-twin", said=row) for row in deposit.rows]
            continue
        deposit.whole = one.cross.whole or one.cross.sent
        moved = _sent(one, here.get((one.chain, one.tx), []))
        alone = _alone([m for m in moved if m["seq"] not in taken], deposit.whole, one.cross.source_leg)
        if alone is None and (why := _left_out(moved, deposit.whole, one.cross.source_leg)):
            refused += [Refused(code=why, said=row) for row in deposit.rows]
            continue
        if alone is not None:
            taken.add(alone["seq"])
            deposit.out, deposit.gross = (alone["seq"],), alone["exact"]
            left.append(deposit)
        elif one.cross.source_leg is None and not any(m["kind"] == "output" for m in moved):
            summed.setdefault((one.chain, one.tx, one.owner, one.asset), []).append(deposit)
        else:
            why = "crossing-uneven" if moved else "crossing-unshown"
            refused += [Refused(code=why, said=row) for row in deposit.rows]
    for (chain, tx, owner, asset), several in summed.items():
        rows = [m for m in here.get((chain, tx), []) if m["asset"] == asset and not m["excluded"]]
        out = [m for m in rows if m["src"] == owner != m["dst"] and m["seq"] not in taken]
        back = tuple((m["seq"], m["exact"]) for m in rows if m["dst"] == owner != m["src"])
        gross = sum(m["exact"] for m in out)
        if not out or gross - sum(n for _, n in back) != sum(d.whole for d in several):
            why = "crossing-uneven" if out else "crossing-unshown"
            refused += [Refused(code=why, said=row) for d in several for row in d.rows]
            continue
        for number, deposit in enumerate(several):
            deposit.out, deposit.gross = tuple(m["seq"] for m in out), gross
            # Several keys can share what left: what came back at once came back once.
            deposit.refunds = back if number == 0 else ()
        left += several
    return left


def _sent(one: Said, rows: Sequence[Row]) -> list[Row]:
    """The movements by which the sender parted with the asset. On coin chains these are the outputs to others of a
    transaction that spends coins of his: there only the one that is named by its number can be meant."""
    out = [m for m in rows if m["asset"] == one.asset and m["dst"] != one.owner]
    paid = any(m["kind"] == "input" and m["src"] == one.owner for m in out)
    if paid:
        return [m for m in out if m["kind"] == "output" and m["leg"] == one.cross.source_leg]
    return [m for m in out if m["src"] == one.owner]


def _alone(moved: Sequence[Row], amount: int, leg: int | None) -> Row | None:
    """The one movement of this amount, or of this number and amount; None where there is none, or the choice."""
    fit = [m for m in moved if not m["excluded"] and m["exact"] == amount and leg in (None, m["leg"])]
    # Equal movements of one transaction are as good as each other: what left by them left the same hand at once.
    return fit[0] if fit and amount else None


_OUT = {
    "failed": "crossing-failed",
    "reorganised": "crossing-failed",
    "outcome unknown": "crossing-failed",
    "contradicted": "crossing-disputed",
    "zero-value": "crossing-uneven",
    lookalikes.REASON: "crossing-dust",
}
"""Why lots do not pass a movement, and as which gap a crossing by it is told. All else is said of the asset."""


def _left_out(moved: Sequence[Row], amount: int, leg: int | None) -> str:
    """Why the movement that this crossing is by is left out of lots; empty where none is, or others count."""
    out = [m for m in moved if m["excluded"]]
    fit = [m for m in out if m["exact"] == amount and leg in (None, m["leg"])]
    found = fit or (out if len(out) == len(moved) else [])
    return _OUT.get(found[0]["excluded"], "crossing-unlisted") if found else ""


def _once(left: list[_Deposit], refused: list[Refused]) -> None:
    """Takes away what is said of the other side of deposits whose key another sender or transaction claims too."""
    of: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for deposit in left:
        one = deposit.rows[0]
        if named(one.cross.key):
            of.setdefault((one.cross.protocol, one.cross.key), set()).add((one.chain, one.tx, one.owner))
    for deposit in left:
        one = deposit.rows[0]
        if len(of.get((one.cross.protocol, one.cross.key), ())) > 1:
            refused += [Refused(code="crossing-replayed", said=row, out=deposit.out) for row in deposit.rows]
            deposit.said = []


_SAID = {
    "version": "crossing-version",
    "domain": "crossing-elsewhere",
    "unfinal": "crossing-failed",
    "early": "crossing-early",
    "replayed": "crossing-replayed",
    "uneven": "crossing-uneven",
    "recipient": "crossing-recipient",
    "unlike": "crossing-unlike",
    "twin": "crossing-twin",
}
"""What a heuristic itself refuses, and as which gap it is told."""


def _arriving(
    left: Sequence[_Deposit],
    here: Mapping[tuple[str, str], list[dict[str, Any]]],
    accepted: Collection[str],
    refused: list[Refused],
) -> None:
    """Fills in what arrived of each deposit, where the ledger shows it and nothing speaks against it."""
    claimed: dict[int, set[int]] = {}
    for number, deposit in enumerate(left):
        fills: list[tuple[Said, list[Row]]] = []
        for row in deposit.said:
            code, moved = _shown(row, here, accepted)
            if code:
                refused.append(Refused(code=code, said=row, out=deposit.out))
            elif moved:
                fills.append((row, moved))
        # One deposit is paid out once, or in parts that say so, and these are never more than what left.
        parts = sum(row.cross.sent for row, _ in fills)
        whole = all(row.cross.whole is not None for row, _ in fills)
        if len(fills) > 1 and (not whole or parts > deposit.whole):
            code = "crossing-uneven" if whole else "crossing-replayed"
            refused += [Refused(code=code, said=row, out=deposit.out) for row, _ in fills]
            fills = []
        for row, moved in fills:
            deposit.fills.append((row, tuple((m["seq"], m["exact"]) for m in moved)))
            for m in moved:
                claimed.setdefault(m["seq"], set()).add(number)
    _shared(left, claimed, refused)


def _shown(
    row: Said, here: Mapping[tuple[str, str], list[dict[str, Any]]], accepted: Collection[str]
) -> tuple[str, list[Row]]:
    """Why a pay-out is not followed, or the movements that brought it; neither where none is shown."""
    cross = row.cross
    if cross.refused:
        return _SAID.get(cross.refused, "crossing-unlike"), []
    if not cross.to_tx:
        return "", []
    if cross.level not in (1, 2, 3):
        return "crossing-version", []
    if cross.level > 2 and digest(row.accepted_as) not in accepted:
        return CANDIDATE, []
    if not cross.into:  # no movement of any asset is recorded there
        return "crossing-unshown", []
    if cross.into.split("/", 1)[0] != cross.to_chain or (cross.refund and cross.to_chain != row.chain):
        return "crossing-elsewhere", []
    rows = here.get((cross.to_chain, cross.to_tx))
    if rows is None:
        other = any(tx == cross.to_tx and chain != cross.to_chain for chain, tx in here)
        return ("crossing-elsewhere" if other else ""), []
    if cross.sent <= 0 or cross.received <= 0 or (cross.fee or 0) < 0:
        return "crossing-uneven", []
    if row.other is None:
        return "crossing-unshown", []
    moved = [m for m in rows if m["asset"] == cross.into and m["dst"] == row.other and m["src"] != row.other]
    alone = _alone(moved, cross.received, cross.target_leg)
    if alone is not None:
        return "", [alone]
    good: list[Row] = [m for m in moved if not m["excluded"]]
    if cross.target_leg is None and good and sum(m["exact"] for m in good) == cross.received:
        return "", good
    if why := _left_out(moved, cross.received, cross.target_leg):
        return why, []
    return ("crossing-uneven" if moved else "crossing-unshown"), []


def _shared(left: Sequence[_Deposit], claimed: Mapping[int, set[int]], refused: list[Refused]) -> None:
    """Takes out the pay-outs that more than one deposit claims."""
    twice = {seq for seq, numbers in claimed.items() if len(numbers) > 1}
    for deposit in left:
        for row, moved in list(deposit.fills):
            if any(seq in twice for seq, _ in moved):
                refused.append(Refused(code="crossing-replayed", said=row, out=deposit.out))
                deposit.fills.remove((row, moved))


def _times(
    left: Sequence[_Deposit], here: Mapping[tuple[str, str], list[dict[str, Any]]], refused: list[Refused]
) -> None:
    """Takes out pay-outs long before their deposit, and those by which value would come to itself again."""
    when = {key: rows[0]["time"] for key, rows in here.items()}
    steps: list[_Step] = []
    for deposit in left:
        for row, moved in list(deposit.fills):
            sent, came = when[row.chain, row.tx], when[row.cross.to_chain, row.cross.to_tx]
            if sent is not None and came is not None and came + LATE < sent:
                refused.append(Refused(code="crossing-early", said=row, out=deposit.out))
                deposit.fills.remove((row, moved))
            else:
                steps.append((deposit, row, sent, came))
    # Within one asset value goes forward in time. Through a pay-out that stands before its deposit it could come
    # to that deposit again, and no trace would end: such a circle is no passage of value.
    out: dict[str, list[_Step]] = {}
    for step in steps:
        out.setdefault(step[1].asset, []).append(step)
    for step in steps:
        deposit, row, sent, came = step
        if (sent is None or came is None or came < sent) and _circle(step, out):
            out[row.asset].remove(step)
            refused.append(Refused(code="crossing-early", said=row, out=deposit.out))
            deposit.fills = [fill for fill in deposit.fills if fill[0] is not row]


_Step = tuple[_Deposit, Said, datetime | None, datetime | None]
"""A pay-out of a deposit, when it was sent, and when it came; None where no exhibit says."""


def _circle(step: _Step, out: Mapping[str, Sequence[_Step]]) -> bool:
    """Whether what arrived can come back, through other crossings, to the asset it left before it left."""
    _, row, sent, came = step
    first: dict[str, datetime | None] = {row.cross.into: came}
    work = [row.cross.into]
    while work:
        asset = work.pop()
        since = first[asset]
        if asset == row.asset and (since is None or sent is None or since <= sent):
            return True
        for _, other, left, there in out.get(asset, ()):
            late = left is not None and sent is not None and left > sent
            if other is row or late or (since is not None and left is not None and left < since):
                continue
            into = other.cross.into
            known = first.get(into)
            if into not in first or (known is not None and (there is None or there < known)):
                first[into] = there
                work.append(into)
    return False


def _own(deposit: _Deposit) -> Said:
    """What the payment in says of its other side itself: nothing is taken from an arrival that is refused."""
    one = deposit.rows[0]
    alone = next((row for row in deposit.rows if not row.cross.to_tx), None)
    if alone is not None or not any(row.cross.refused for row in deposit.rows):
        return alone or one
    return replace(one, other=None, cross=replace(one.cross, to_chain="", to_tx="", into="", expected=None))


def _made(deposit: _Deposit, at: int) -> Iterator[Crossing]:
    """A deposit as crossings, one a pay-out; the first carries what is of the whole deposit. `at` received it."""
    fee = 0
    for row, _ in deposit.fills:
        if row.cross.fee:
            fee += apportion(row.cross.sent, [row.cross.received, row.cross.fee])[1]
    # Several keys of one transaction can share its movements: what is open is of this key alone.
    unpaid = deposit.whole - sum(row.cross.sent for row, _ in deposit.fills)
    shown = deposit.fills or [(_own(deposit), ())]
    for number, (row, back) in enumerate(shown):
        first = number == 0
        yield Crossing(
            chain=row.chain,
            tx=row.tx,
            owner=row.owner,
            asset=row.asset,
            into=row.cross.into if back else "",
            out=deposit.out,
            back=back,
            refunds=deposit.refunds if first else (),
            gross=deposit.gross,
            sold=row.cross.sent,
            bought=sum(amount for _, amount in back),
            fee=fee if first else 0,
            open=unpaid if first else 0,
            at=at,
            said=row,
        )
