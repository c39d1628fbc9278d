"""What traced value met at bridges, and could not be followed through: each a gap with what would close it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence, Set
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger.numbered import Numbered
from recover.sdk import kinds
from recover.sdk.kinds import Cross
from recover.sdk.records import Gap
from recover.sdk.values import Crossing as Ask
from recover.sdk.values import Details, TxId
from recover.trails.crossings import Crossing, Refused
from recover.trails.missing import moment, unit
from recover.trails.prepared import Exchanged
from recover.trails.sides import CANDIDATE, Said, bridge, named

OPEN = "crossing-open"

_WHY = {
    "crossing-failed": "a transaction of it failed, or is not shown to be final",
    "crossing-uneven": "its two sides record different amounts, or the ledger shows others to have moved",
    "crossing-replayed": "more than one transaction claims its key, and which is the other side is not shown",
    "crossing-elsewhere": "a side of it stands on another chain than its message names, or in a contract that is "
    "not the bridge's",
    "crossing-early": "the other side stands before this one in time",
    "crossing-version": "its message is not shown as its bridge sends it, or has a layout that is not known here",
    "crossing-unlisted": "what moved is an asset that no register lists, and such assets are not traced",
    "crossing-disputed": "exhibits do not agree on a movement of it",
    "crossing-dust": "a movement of it is left out as dust of an address that imitates another",
    "crossing-unshown": "the ledger does not show that its sender paid it, or that its recipient had it, in the "
    "asset that is recorded",
    "crossing-recipient": "who had it on the other side is not the one for whom it was sent, or, of what came "
    "back, not the one who sent it",
    "crossing-unlike": "its two sides do not record the same beside the key",
    "crossing-twin": "another payment of its transaction can as well be the one that it was for",
}
"""Why a crossing is not followed, by the code of its gap."""


def crossed(case: Case, ledger: Numbered, found: Exchanged, carried: Set[int]) -> Iterator[Gap]:
    """One gap for each crossing that traced value came to and that was refused, or whose other side is not shown.

    `carried` are the movements that carried traced value. Others can be thousands, and limit no figure.
    """
    names = ["chain", "tx", "src", "asset"]
    moved = ledger.table.select(names).take(pa.array(sorted(carried), pa.int64())).to_pylist()
    paid = {(row["chain"], row["tx"], row["src"]) for row in moved}
    # Outputs have no payer of their own: whoever spent coins in the transaction made them all.
    coins = {(row["chain"], row["tx"]) for row in moved if row["asset"] in ledger.coins}
    # Where the movements of one are not told apart, any of its sender's in the transaction is enough. Where they
    # are, another payment that the same transaction made says nothing of this one.
    met = (one for one in found.refused if (carried & set(one.out) if one.out else _paid(one.said, paid, coins)))
    followed = {s.said.deposit for s in found.swaps if isinstance(s, Crossing) and s.back}
    part = {s.said.deposit for s in found.swaps if isinstance(s, Crossing) and s.open}
    refused = [one for one in met if one.code != CANDIDATE]
    told: set[tuple[str, str, str, str]] = set()
    for one in refused:
        said = one.said
        if (one.code, said.chain, said.tx, said.cross.key) in told:
            continue
        told.add((one.code, said.chain, said.tx, said.cross.key))
        if said.deposit in followed - part:
            yield _unused(one)
            continue
        yield Gap(
            code=one.code,
            subject=said.tx,
            why=f"This payment into the bridge {_name(said.cross)} is not followed: {_WHY[one.code]}."
            + _claimants(case, [other for other in refused if _alike(one, other)]),
            effect=_CURED.get(one.code, _STOPS) if one.out else _GOES_ON,
        )
    closed = {one.said.deposit for one in refused}
    for swap in found.swaps:
        if (
            isinstance(swap, Crossing)
            and swap.open
            and carried & set(swap.out)
            and swap.said.deposit not in closed
        ):
            yield _open(case, ledger, swap)
    across = [s for s in found.swaps if isinstance(s, Crossing) and carried & set(s.out)]
    yield from _untimed(ledger, across)
    yield from _ahead(ledger, across)


def _alike(one: Refused, other: Refused) -> bool:
    places = [(r.code, r.said.chain, r.said.tx, r.said.cross.key) for r in (one, other)]
    return places[0] == places[1]


def _claimants(case: Case, refused: Sequence[Refused]) -> str:
    """Which payments are recorded as the other side: each is named, though none is followed; empty without any."""
    found: dict[str, None] = {}
    for one in refused:
        cross, to = one.said.cross, one.said.other
        if cross.to_tx and cross.into and cross.received and to:
            amount, there = unit(case, cross.into)(cross.received), f"{cross.to_chain}:{to}"
            found[f" Recorded as its other side is {amount} to {there} by transaction {cross.to_tx}."] = None
        elif cross.to_tx:
            found[f" Recorded as its other side is transaction {cross.to_tx} on {cross.to_chain}."] = None
    return "".join(found)


def _unused(one: Refused) -> Gap:
    """Another that claims the key of what is followed whole: it takes nothing from it, and is told."""
    cross = one.said.cross
    return Gap(
        code="crossing-unused",
        subject=cross.to_tx or one.said.tx,
        why="This transaction claims to be the other side of a payment into the bridge "
        f"{_name(cross)} and is not used: {_WHY[one.code]}.",
        effect="No figure changes. That payment is followed to another transaction.",
    )


def _paid(said: Said, paid: Set[tuple[str, str, str]], coins: Set[tuple[str, str]]) -> bool:
    return (said.chain, said.tx, said.owner) in paid or (said.chain, said.tx) in coins


def _untimed(ledger: Numbered, followed: Sequence[Crossing]) -> Iterator[Gap]:
    """One gap for each side of what is followed whose time no exhibit states: which was first is not examined."""
    sides = {(s.said.chain, s.said.tx): (s.out[0], s) for s in followed if s.back}
    sides |= {(s.said.cross.to_chain, s.said.cross.to_tx): (s.back[0][0], s) for s in followed if s.back}
    times = _times(ledger, [seq for seq, _ in sides.values()])
    for (place, (_, swap)), time in zip(sides.items(), times, strict=True):
        if time is None:
            yield Gap(
                code="crossing-untimed",
                subject=place[1],
                why="No exhibit states when this transaction was, which is one side of a passage through the "
                f"bridge {_name(swap.said.cross)}: whether the payment out came after the payment in is not "
                "examined.",
                effect=_BY_KEY,
                fill=Details(tx=TxId(chain=place[0], text=place[1])),
            )


def _ahead(ledger: Numbered, followed: Sequence[Crossing]) -> Iterator[Gap]:
    """One gap for each payment out that is followed although it stands before its payment in."""
    paid = [s for s in followed if s.back]
    sent_at = _times(ledger, [s.out[0] for s in paid])
    came_at = _times(ledger, [s.back[0][0] for s in paid])
    for swap, sent, came in zip(paid, sent_at, came_at, strict=True):
        if sent is not None and came is not None and came < sent:
            yield Gap(
                code="crossing-ahead",
                subject=swap.said.cross.to_tx,
                why=f"This payment out of the bridge {_name(swap.said.cross)} stands at {moment(came)}, and the "
                f"payment in that it answers at {moment(sent)}, which is later.",
                effect=_AHEAD,
            )


def _times(ledger: Numbered, seqs: Sequence[int]) -> list[datetime | None]:
    found: list[datetime | None] = ledger.table.column("time").take(pa.array(seqs, pa.int64())).to_pylist()
    return found


_AHEAD = (
    "It is followed all the same: clocks of chains differ, and relayers pay ahead. It is refused where more "
    "than an hour lies between. The operator can say which was first."
)
_BY_KEY = (
    "It is followed all the same. An exhibit of the block in which the transaction stands settles whether it is "
    "refused."
)
_STOPS = (
    "What of it is traced stops here. An exhibit that settles it, such as the whole transaction on the other "
    "chain, lets it be followed; the operator can say which that is."
)
_UNSETTLED = (
    "What of it is traced stops here. More exhibits of what is already shown do not settle it; the operator can "
    "say which payment is the other side."
)
_CURED = {
    "crossing-unlisted": "What of it is traced stops here. It is followed where a register lists that asset, and "
    "no exhibit lets it be followed before.",
    **dict.fromkeys(
        ("crossing-early", "crossing-recipient", "crossing-replayed", "crossing-uneven", "crossing-unlike"),
        _UNSETTLED,
    ),
}
"""What closes a crossing that is refused for what its exhibits do show, by the code of its gap."""
_GOES_ON = (
    "What of it is traced is followed by the movements alone, to the contract that it entered. An exhibit that "
    "shows the transaction whole lets it be followed across; the operator can say what stands on the other "
    "side."
)


def _open(case: Case, ledger: Numbered, swap: Crossing) -> Gap:
    said = swap.said
    cross = said.cross
    there = f"{cross.to_chain}:{said.other}" if said.other else cross.to_chain
    to = f" to {there}" if there else ""
    amount = unit(case, said.asset)(swap.open)
    why = f"{amount} went into the bridge {_name(cross)}{to}, "
    why += "and no exhibit shows which payment is the other side."
    if cross.expected is not None and cross.into:
        why += f" {unit(case, cross.into)(cross.expected)} were promised there."
    return Gap(
        code=OPEN,
        subject=said.tx,
        why=why + (f" {said.note}" if said.note else ""),
        effect="What of it is traced stops here, and is not followed on the other chain.",
        fill=asked(said),
    )


def asked(said: Said) -> Ask | Details | None:
    """What would show the other side; None where nothing is known by which to ask for it."""
    cross = said.cross
    if cross.to_tx and cross.to_chain and cross.level < 3:
        return Details(tx=TxId(chain=cross.to_chain, text=cross.to_tx))
    return _ask(cross, TxId(chain=said.chain, text=said.tx), cross.to_chain)


def _ask(cross: Cross, shown: TxId, to: str) -> Ask | None:
    """To ask, on the chain `to`, for the other side of the one that is shown; None without a key."""
    if not named(cross.key):
        return None
    sought = json.dumps(list(cross.sought), sort_keys=True, separators=(",", ":")) if cross.sought else ""
    return Ask(tx=shown, protocol=cross.protocol, key=cross.key, to=to if sought else "", sought=sought)


def _name(cross: Cross) -> str:
    return bridge(cross.protocol, cross.key)


def begun(case: Case) -> Iterator[Gap]:
    """Where a declared loss by address came in over a bridge, and no exhibit shows who sent it there."""
    mine = {(loss.chain, loss.address) for loss in case.settings.losses if loss.address}
    asserted = derived.read(case, "assertions")
    rows = asserted.filter(pc.equal(asserted.column("kind"), "cross")).to_pylist() if mine else []
    for row in rows:
        cross = kinds.read(Cross, row["params"])
        if row["address"] or not cross.to_tx or (cross.to_chain, row["other"]) not in mine:
            continue
        yield Gap(
            code="crossing-begun",
            subject=cross.to_tx,
            why=f"What came to {row['other']} here came over the bridge {_name(cross)}, and no exhibit "
            f"shows who sent it on {row['chain']}.",
            effect="No figure changes. Where this inflow came from is not shown.",
            fill=_ask(cross, TxId(chain=cross.to_chain, text=cross.to_tx), row["chain"]),
        )
