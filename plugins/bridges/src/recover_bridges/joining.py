"""Departures and arrivals joined by the key that both record: never by amount, never by time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from recover.sdk import Assertion, Grade, HeuristicInfo
from recover_bridges import chains, legs, nearness
from recover_bridges.book import Book, Tx
from recover_bridges.legs import Leg
from recover_bridges.nearness import Payment
from recover_bridges.sides import Had, Sent, Side, parts, route, unlike

_CANDIDATES = 50
_BACK = (
    "A bundle of refunds paid this amount to who is named as the depositor, after the deposit could be filled no "
    "more. It names no deposit."
)
_GRADES: Mapping[int, Grade] = {1: "A", 2: "B", 3: "D"}


def crossings(
    info: HeuristicInfo, protocol: str, book: Book, sides: Iterable[Side], *, twins: bool = False
) -> Iterator[Assertion]:
    """One assertion a crossing, and one for each side whose other is not shown, in order of keys.

    `twins`: the key is no number of its own, so that equal ones are candidates for each other.
    """
    found = list(dict.fromkeys(sides))
    book.prepare(side.place for side in found)
    writer = _Writer(info=info, protocol=protocol, book=book)
    writer.sought(found)
    writer.told_apart([side for side in found if isinstance(side, Sent) and not side.refused])
    groups: dict[bytes, tuple[list[Sent], list[Had]]] = {}
    for side in found:
        group = groups.setdefault(side.key, ([], []))
        if isinstance(side, Sent):
            group[0].append(side)
        elif isinstance(side, Had):
            group[1].append(side)
    for key in sorted(groups):
        out, back = groups[key]
        order = lambda side: (side.chain, side.tx, side.index, side.body)  # noqa: E731
        yield from _joined(writer, sorted(out, key=order), sorted(back, key=order), twins)


def _joined(writer: _Writer, out: Sequence[Sent], came: Sequence[Had], twins: bool) -> Iterator[Assertion]:
    good = [side for side in out if not side.refused]
    arrived = [side for side in came if not side.refused]
    for side in out:
        if side.refused:
            yield from writer.alone(side, side.refused)
    if len({side.place for side in good}) > 1 or (twins and len(good) > 1):
        yield from _several(writer, good, arrived, twins)
        return
    if not good:
        for had in arrived:
            yield from writer.start(had)
        return
    sent = good[0]
    right = [had for had in arrived if route(sent, had)]
    for had in came:
        if had.refused or had not in right:
            yield from writer.both(sent, had, had.refused or "domain")
    back, there = [h for h in right if h.refund], [h for h in right if not h.refund]
    back = [had for had in back if not had.to_payer or writer.paid(sent, had)] or back
    for had in back:
        mine = not had.to_payer or writer.paid(sent, had)
        alone = len({h.place for h in back}) == 1 and not there
        yield from writer.both(sent, had, ("" if alone else "replayed") if mine else "recipient")
    if sent.recipient and len({had.place for had in there}) == 1:
        # One transaction can pay several: the one whom the departure names is meant.
        there = [had for had in there if had.recipient == sent.recipient] or there
    if len({had.place for had in there}) > 1 and not parts(sent, there):
        for had in there:
            yield from writer.both(sent, had, "replayed")
        refused = True
    else:
        paid = there if parts(sent, there) else there[:1]
        reasons = [unlike(sent, had) for had in paid]
        refused = all(reasons) and not back
        for had, why in zip(paid, reasons, strict=True):
            yield from writer.both(sent, had, why)
    if refused:  # what the departure says of its other side is its own, and no arrival's that is refused
        yield from writer.alone(sent, "")
    if not right:
        yield from writer.candidates(sent)


def _several(writer: _Writer, good: Sequence[Sent], came: Sequence[Had], twins: bool) -> Iterator[Assertion]:
    """One key of several departures: candidates where keys are no numbers, else a key that was used again."""
    pairs = [(sent, had) for sent in good for had in came if route(sent, had)]
    for sent, had in pairs[:_CANDIDATES] if twins else ():
        yield from writer.both(sent, had, "", level=3)
    for sent in good:
        if not twins or not pairs:
            yield from writer.alone(sent, "" if twins else "replayed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    info: HeuristicInfo
    protocol: str
    book: Book
    known: dict[Sent, Leg | None] = field(default_factory=dict)
    twins: dict[Sent, tuple[str, ...]] = field(default_factory=dict)
    wanted: set[tuple[str, str]] = field(default_factory=set)
    arrived: set[tuple[str, str]] = field(default_factory=set)

    def sought(self, sides: Iterable[Side]) -> None:
        """Notes whose payments can be candidates, and which are another departure's by its key."""
        for side in sides:
            if isinstance(side, Had):
                self.arrived.add(side.place)
            elif isinstance(side, Sent) and side.recipient and side.to_chain and not side.refused:
                self.wanted.add((side.to_chain, side.recipient))

    def candidates(self, sent: Sent) -> Iterator[Assertion]:
        """What may be the other side of an open departure, the nearest first. Nothing is followed by it."""
        here = self._here(sent)
        if here is None or sent in self.twins or sent.loose:
            return
        found = self._near(sent)
        for rank, one in enumerate(found[: nearness.MOST], 1):
            note = f"Candidate {rank} of {len(found)} by rate and time. {nearness.chance(self.protocol)}"
            yield from self._candidate(sent, here, sent.to_chain, one, note)
        for one in sent.back:
            leg = self._leg(
                Had(**_at(sent, one), from_chain=sent.chain, token=sent.token, amount=one.amount), one.who
            )
            if leg is not None:
                back = replace(one, asset=leg.asset, leg=leg.leg)
                yield from self._candidate(sent, here, sent.chain, back, _BACK, refund=True)

    def _near(self, sent: Sent) -> list[Payment]:
        base = sent.amount if sent.expected is None else sent.expected
        if not base or sent.time is None or not sent.recipient:
            return []
        came = self.book.paid_to(frozenset(self.wanted)).get((sent.to_chain, sent.recipient), ())
        free = [p for p in came if (sent.to_chain, p.tx) not in self.arrived and sent.into in ("", p.asset)]
        return nearness.ranked(base, sent.time, free)

    def _candidate(
        self, sent: Sent, here: Leg, to: str, one: Payment, note: str, *, refund: bool = False
    ) -> Iterator[Assertion]:
        said = {
            "level": 3,
            "to_tx": one.tx,
            "into": one.asset,
            "sent": here.amount,
            "received": one.amount,
            "refund": refund,
            "source_leg": here.leg,
            "target_leg": one.leg,
            "whole": here.whole,
            "expected": sent.expected,
        }
        yield from self._rows(sent, here, "", to=to, tx=one.tx, other=one.who, note=note, said=said)

    def told_apart(self, out: Iterable[Sent]) -> None:
        """Which movement each departure is by; of those that want the same one, who can have paid them."""
        claims: dict[tuple[object, ...], list[tuple[Sent, Leg]]] = {}
        for sent in out:
            here = self.known[sent] = self._paid(sent)
            if here is not None and here.others:
                self.twins[sent] = (here.who, *here.others)
            elif here is not None:
                claims.setdefault((*sent.place, here.who, here.asset, here.leg), []).append((sent, here))
        for several in claims.values():
            room = max(here.whole or here.amount for _, here in several)
            if len(several) == 1 or sum(here.amount for _, here in several) <= room:
                continue
            sure = [(sent, here) for sent, here in several if here.sure]
            if sum(here.amount for _, here in sure) > room and not self._spread(sure, room):
                sure = []
            self.twins.update({sent: (here.who,) for sent, here in several if (sent, here) not in sure})

    def _spread(self, several: Sequence[tuple[Sent, Leg]], amount: int) -> bool:
        """Gives each a movement of its own, where one hand paid as many alike: which is which is no matter."""
        first, here = several[0]
        tx = self.book.tx(*first.place)
        moves = tx.moves if tx else ()
        like = [m for m in moves if (m.src, m.asset, m.amount) == (here.who, here.asset, amount)]
        if here.leg is None or len(like) < len(several) or len({m.dst for m in like}) > 1:
            return False
        order = sorted(several, key=lambda each: each[0].index)
        self.known.update({sent: replace(leg, leg=m.leg) for (sent, leg), m in zip(order, like, strict=False)})
        return True

    def both(self, sent: Sent, had: Had, refused: str, level: int = 1) -> Iterator[Assertion]:
        here, there = self._here(sent), self._there(sent, had)
        if sent.loose and (here is None or there is None or (there.leg is None and not had.amount)):
            return
        whole = here.whole if here else None
        amount = here.amount if here else sent.amount or 0
        if had.part is not None and sent.amount and had.part != sent.amount:
            # A share of what left; the last part of a unit stays with the part that is still open.
            amount, whole = amount * had.part // sent.amount, whole or amount
        fee = had.fee if had.fee is not None else sent.fee
        yield from self._rows(
            sent,
            here,
            refused,
            to=had.chain,
            tx=had.tx,
            other=had.recipient or sent.recipient,
            note=had.note or sent.note,
            said={
                "level": level,
                "to_tx": had.tx,
                "into": there.asset if there else self._into(sent, had),
                "sent": amount,
                "received": there.amount if there else had.amount or sent.expected or 0,
                "fee": fee if here and here.asset in chains.forms(sent.chain, sent.token) else None,
                "refund": had.refund,
                "source_leg": here.leg if here else None,
                "target_leg": there.leg if there else None,
                "whole": whole,
                "expected": sent.expected,
            },
        )

    def paid(self, sent: Sent, had: Had) -> bool:
        """Whether an arrival goes to who paid the departure."""
        here = self._here(sent)
        return had.recipient is not None and had.recipient == (here.who if here else sent.by)

    def alone(self, sent: Sent, refused: str) -> Iterator[Assertion]:
        here = self._here(sent)
        if sent.loose and here is None:
            return
        yield from self._rows(
            sent,
            here,
            refused,
            to=sent.to_chain,
            tx="",
            other=sent.recipient,
            note=sent.note,
            said={
                "level": 1 if sent.key else 3,
                "to_tx": "",
                "into": sent.into,
                "sent": here.amount if here else sent.amount or 0,
                "received": 0,
                "source_leg": here.leg if here else None,
                "whole": here.whole if here else None,
                "expected": sent.expected,
                "sought": list(sent.sought),
            },
        )

    def start(self, had: Had) -> Iterator[Assertion]:
        """An arrival whose departure no exhibit shows."""
        if not had.from_chain:
            return
        leg = self._leg(had, had.recipient)
        if leg is None and not had.amount:
            return  # nothing shows that it brought value
        said = {
            "protocol": self.protocol,
            "key": f"0x{had.key.hex()}",
            "level": 1,
            "to_chain": had.chain,
            "to_tx": had.tx,
            "into": leg.asset if leg else chains.asset(had.chain, had.token),
            "sent": 0,
            "received": leg.amount if leg else had.amount or 0,
            "target_leg": leg.leg if leg else None,
            "refund": had.refund,
            "sought": list(had.sought),
        }
        yield self._assertion(had.from_chain, "", None, had.recipient, (had.tx,), said, had.note)

    def _rows(
        self,
        sent: Sent,
        here: Leg | None,
        refused: str,
        *,
        to: str,
        tx: str,
        other: str | None,
        note: str,
        said: Mapping[str, Any],
    ) -> Iterator[Assertion]:
        """One; where several can have paid it, one for each of them, and it is none of theirs."""
        of = self.book.tx(*sent.place)
        who = here.who if here else sent.by or (of.sender if of else None) or ""
        asset = here.asset if here else chains.asset(sent.chain, sent.token)
        params = {"protocol": self.protocol, "key": f"0x{sent.key.hex()}", "to_chain": to}
        places = (sent.tx, tx) if tx and (to, tx) != sent.place else (sent.tx,)
        several = self.twins.get(sent, ())
        params |= {"refused": refused or ("twin" if several else "")}
        for payer in several or (who,):
            yield self._assertion(sent.chain, payer, asset or None, other, places, {**params, **said}, note)

    def _assertion(
        self,
        chain: str,
        who: str,
        asset: str | None,
        other: str | None,
        places: tuple[str, ...],
        said: Mapping[str, Any],
        note: str,
    ) -> Assertion:
        kept = {name: _text(value) for name, value in said.items() if _says(value)}
        kept |= {name: said[name] for name in ("to_chain", "to_tx", "into")}
        return Assertion(
            kind="cross",
            chain=chain,
            address=self.book.spelt(who),
            grade=_GRADES[said["level"]],
            method=self.info.id,
            version=self.info.version,
            source="recover",
            other=None if other is None else self.book.spelt(other),
            asset=asset,
            transactions=places,
            params=json.dumps(kept, sort_keys=True, separators=(",", ":")),
            note=note,
        )

    def _here(self, sent: Sent) -> Leg | None:
        if sent not in self.known:
            self.known[sent] = self._paid(sent)
        return self.known[sent]

    def _paid(self, sent: Sent) -> Leg | None:
        tx = self.book.tx(*sent.place)
        if tx is None:
            return None
        if sent.amount is None:
            return legs.paid(tx, (), -1, sent.own, sent.index, sent.by)
        forms = chains.forms(sent.chain, sent.token)
        return legs.paid(tx, forms, sent.amount, sent.own, sent.index, sent.by)

    def _there(self, sent: Sent, had: Had) -> Leg | None:
        if had.amount is None and had.chain == sent.to_chain:
            # The message that was relayed orders exactly this.
            token = sent.into.rpartition(":")[2] if "/erc20:" in sent.into else chains.ZERO if sent.into else ""
            had = replace(had, amount=sent.expected, token=had.token or token)
        return self._leg(had, had.recipient or sent.recipient)

    def _leg(self, had: Had, who: str | None) -> Leg | None:
        tx: Tx | None = self.book.tx(*had.place)
        if tx is None or who is None:
            return None
        found = legs.came(tx, chains.forms(had.chain, had.token), had.amount, who, had.index)
        if found is None and had.amount is not None and had.token == chains.wrapped(had.chain):
            # The pool unwrapped it: the call that paid it stands in a trace, which may be no exhibit yet.
            burnt = any(m.dst is None and m.src in had.own and m.amount == had.amount for m in tx.moves)
            return Leg(who=who, asset=chains.coin(had.chain), amount=had.amount) if burnt else None
        return found

    def _into(self, sent: Sent, had: Had) -> str:
        return chains.asset(had.chain, had.token) or (sent.into if had.chain == sent.to_chain else "")


def _at(sent: Sent, one: Payment) -> dict[str, Any]:
    """Where a payment on the departure's own chain stands; behind all logs, for it has none of its own."""
    return {"key": sent.key, "chain": sent.chain, "tx": one.tx, "index": 1 << 30, "time": one.time}


def _says(value: Any) -> bool:
    """Whether a field says more than its default; nought is a number that does."""
    return value is not None and value is not False and value != "" and value != []


def _text(value: Any) -> Any:
    """Numbers as decimal text: readers of JSON elsewhere lose digits."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
