"""Simple proportional sharing: no tracing from hop to hop, what is left is shared by total contribution."""

from __future__ import annotations

from collections.abc import Sequence

from recover.sdk import Error
from recover.tracing.lots import apportion
from recover.tracing.rule import Rule


def distribute(total: int, claims: Sequence[int]) -> list[int]:
    """Shares `total` base units over `claims` in proportion, exact by largest remainder, ties to the earlier
    claim.

    Raises Error for a negative amount, for claims that sum to zero and for more to share than was claimed.
    """
    whole = sum(claims)
    if total < 0 or any(claim < 0 for claim in claims):
        raise Error(
            "distribution-negative",
            "An amount to distribute or a claim is negative.",
            f"The total is {total}, the least claim {min(claims, default=0)}.",
            "Net the claims first; each is zero or more.",
        )
    if total > whole:
        raise Error(
            "distribution-surplus",
            f"There are {total} units to share, and the claims sum to {whole}.",
            "A share above a claim would pay more than was lost; who owns the surplus is not a calculation.",
            "Pay the claims in full and leave the surplus to the court.",
        )
    # Its figures differ from rolling pro rata's: who paid in late did not share the earlier losses there, and does
    # here.
    return apportion(total, claims) if whole else [0 for _ in claims]


PARI_PASSU = Rule(
    id="pari_passu",
    law="Simple proportional sharing (pari passu)",
    title="Pari passu distribution",
    source="Barlow Clowes International v Vaughan [1992] 4 All ER 22; Cunningham v Brown, 265 U.S. 1 (1924)",
    used_when="To share what was recovered among victims where tracing is impractical or would reward chance.",
    refused_when="It follows nothing, so it shows nothing about where value is; it is a way to distribute only.",
    pool=None,
    claim=False,
)
