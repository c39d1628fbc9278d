"""Which movement is the leg of a crossing: what left whom here, and what came to whom there.

Nothing is guessed: where no movement bears out what an event says, the leg has no number, and the core, which adds
the movements up again, will not follow value through it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recover_bridges.book import Move, Tx

_COINS = "bip122:"
_STEPS = 8  # contracts that one transaction hands value through, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """`amount` of `asset` left or came; `leg` is the movement's number, `whole` its amount where it is more.

    `sure` is False where it is only all that the sender gave. `others` can as well have paid it: then whose leg it
    is, is not shown.
    """

    who: str
    asset: str
    amount: int
    leg: int | None = None
    whole: int | None = None
    sure: bool = True
    others: tuple[str, ...] = ()


def paid(
    tx: Tx, forms: Collection[str], amount: int, own: Collection[str], before: int, by: str | None
) -> Leg | None:
    """Who paid `amount` in one of `forms` (empty: in any asset) into the contracts `own`, or burned it.

    What passes through routers is the payment of who paid them. Where a router exchanged it first, the leg is what
    the transaction's sender gave, if that is all that he lost in it. None where neither is shown.
    """
    if tx.chain.startswith(_COINS):
        # Inputs and outputs stand apart there: the leg is the output that pays the bridge.
        out = [m for m in tx.moves if m.src is None and m.dst in own and m.amount == amount]
        return None if by is None or not out else Leg(who=by, asset=out[0].asset, amount=amount, leg=out[0].leg)
    nets = tx.nets()
    found, others = _last(tx.moves, forms, amount, own, before)
    if found is None and by is not None:
        found = next((m for m in tx.moves if m.src == by and m.amount == amount and _form(m, forms)), None)
    for _ in range(_STEPS):
        if found is None or not (found.src in own or _passes(nets, found.src, tx.sender)):
            break
        before_it, more_of = _into(tx.moves, found.src, found.asset, found.amount)
        if before_it is None and found.src in own:
            break  # who called the bridge, and is nobody's router
        found, others = before_it, others | more_of
    if found is not None and found.src is not None and not _trades(nets, found.src, tx.sender):
        more = found.amount if found.amount != amount else None
        also = tuple(sorted(o for o in others - {found.src} if not _trades(nets, o, tx.sender)))
        return Leg(who=found.src, asset=found.asset, amount=amount, leg=found.leg, whole=more, others=also)
    return _given(tx, nets, forms, amount)


def came(tx: Tx, forms: Collection[str], amount: int | None, who: str, before: int) -> Leg | None:
    """What came to `who` in one of `forms` (empty: in any asset): `amount`,
    or all of one asset where it is None."""
    into = [m for m in tx.moves if m.dst == who and m.src != who and _form(m, forms)]
    if amount is None:
        if len({m.asset for m in into}) != 1:
            return None
        leg = into[0].leg if len(into) == 1 else None
        return Leg(who=who, asset=into[0].asset, amount=sum(m.amount for m in into), leg=leg)
    equal = [m for m in into if m.amount == amount]
    early = [m for m in equal if m.leg is not None and "/slip44:" not in m.asset and m.leg < before]
    found = early[-1] if early else equal[0] if equal else None
    return None if found is None else Leg(who=who, asset=found.asset, amount=amount, leg=found.leg)


def _form(move: Move, forms: Collection[str]) -> bool:
    return not forms or move.asset in forms


def _last(
    moves: Sequence[Move], forms: Collection[str], amount: int, own: Collection[str], before: int
) -> tuple[Move | None, frozenset[str]]:
    """The last movement of the amount into the bridge, or that burned it, before the event that tells of it; and
    who else paid such a one that no number sets apart from it."""
    found = [
        m
        for m in moves
        if m.amount == amount and m.src is not None and _form(m, forms) and (m.dst in own or m.dst is None)
    ]
    # Logs are numbered through the transaction; the coin moves in calls, which are counted apart.
    early = [m for m in found if "/slip44:" in m.asset or m.leg is None or before < 0 or m.leg < before]
    if not early:
        return None, frozenset()
    # Logs stand in order, so that the last before the event is its own. Calls, and what has no number, do not.
    loose = [m for m in early if "/slip44:" in m.asset or m.leg is None or before < 0]
    return early[-1], frozenset(m.src for m in loose if m.src is not None) if early[-1] in loose else frozenset()


def _passes(nets: dict[str, dict[str, int]], who: str | None, sender: str | None) -> bool:
    """Whether an address kept nothing of what it had in the transaction: a router, or the bridge's own part."""
    return who is not None and who != sender and not any(nets.get(who, {}).values())


def _trades(nets: dict[str, dict[str, int]], who: str, sender: str | None) -> bool:
    """Whether an address had another asset for what it paid: a pool, which is nobody's payer."""
    return who != sender and any(value > 0 for value in nets.get(who, {}).values())


def _into(moves: Sequence[Move], who: str | None, asset: str, amount: int) -> tuple[Move | None, frozenset[str]]:
    """What brought `who` the amount: the smallest movement that is enough; and who paid others that are."""
    enough = [m for m in moves if m.dst == who and m.asset == asset and m.amount >= amount and m.src is not None]
    payers = frozenset(m.src for m in enough if m.src is not None and m.src != who)
    return (min(enough, key=lambda m: m.amount) if enough else None), payers


def _given(tx: Tx, nets: dict[str, dict[str, int]], forms: Collection[str], amount: int) -> Leg | None:
    """What the sender gave, where it is one asset and nothing came back."""
    held = {} if tx.sender is None else {a: v for a, v in nets.get(tx.sender, {}).items() if v}
    if tx.sender is None or len(held) != 1:
        return None
    ((asset, net),) = held.items()
    if net >= 0:
        return None
    out = [m for m in tx.moves if m.src == tx.sender and m.asset == asset]
    only = out[0].leg if len(out) == 1 and out[0].amount == -net else None
    if asset in forms and 0 <= amount < -net:
        return Leg(who=tx.sender, asset=asset, amount=amount, leg=only, whole=-net, sure=False)
    return Leg(who=tx.sender, asset=asset, amount=-net, leg=only, sure=False)
