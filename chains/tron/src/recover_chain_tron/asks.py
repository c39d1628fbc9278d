"""The question of TRON's own: a transaction again, once it is settled."""

from __future__ import annotations

from dataclasses import dataclass

from recover.sdk import Ask, Gap, TxId
from recover_chain_tron.chain import CHAIN

SETTLING = 120_000
"""Milliseconds: 19 of the 27 block producers have built on a block after about a minute; two leave a margin."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Settled(Ask):
    """Ask: a transaction again, once its block cannot be undone any more.

    A kind of its own: what was answered of a newer state is used at once, and stays open to this question.
    """

    tx: TxId


def loose(tx: str, why: str, place: int = 0) -> Gap:
    """The gap of a transaction that the chain can still drop, with the question that closes it."""
    return Gap(
        code="not-solid",
        subject=f"{CHAIN}:{tx}",
        why=why,
        effect="Until then the chain can still drop the block; a minute later it is settled. It is used as it is.",
        fill=Settled(tx=TxId(chain=CHAIN, text=tx)),
        place=place,
    )
