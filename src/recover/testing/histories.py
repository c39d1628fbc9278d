"""Whether a recorded history covers what was asked, and claims nothing that only a later page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.sdk import History

Rows = dict[str, list[dict[str, Any]]]


def faults(ask: History, pages: Sequence[Rows]) -> Iterator[str]:
    """What is wrong with the coverage that the pages of one history state."""
    whom = (ask.address.chain, ask.address.text)
    claims = [row for page in pages for row in page["coverage"]]
    if not claims and not any(page["gaps"] for page in pages):
        yield "no coverage, and no gap that says why: nothing of this address could ever be called at rest"
    for row in claims:
        if (row["chain"], row["address"]) != whom and row["address"] is not None:
            yield f"coverage of {row['address']} on {row['chain']}, who was not asked about"
        if ask.asset is not None and row["asset"] not in (ask.asset, None):
            yield f"coverage of {row['asset']}, which was not asked about"
        for since, until in (("since", "until"), ("since_height", "until_height")):
            if row[since] is not None and row[until] is not None and row[since] > row[until]:
                yield f"coverage from {row[since]} to {row[until]}: an empty range"
    yield from _too_early(ask, pages)


def _too_early(ask: History, pages: Sequence[Rows]) -> Iterator[str]:
    """Cut after each page: what is left may not claim a range of which a later page shows a transaction."""
    for cut in range(1, len(pages)):
        kept, later = pages[:cut], pages[cut:]
        if any(page["gaps"] for page in kept):
            continue
        shown = {row["id"] for page in kept for row in page["transactions"]}
        shown |= {row["tx"] for page in kept for row in page["listed"]}
        for claim in (row for page in kept for row in page["coverage"]):
            for page in later:
                for row in page["transactions"]:
                    if row["id"] not in shown and _moves(page, row, claim, ask) and _inside(row, claim):
                        yield (
                            f"page {cut} of {len(pages)} covers {claim['address'] or 'the whole chain'}, though "
                            f"{row['id']}, which a later page shows, is not on it"
                        )
                        return


def _moves(page: Rows, row: Mapping[str, Any], claim: Mapping[str, Any], ask: History) -> bool:
    """Whether a transaction moves what a claim is about."""
    return any(
        leg["tx"] == row["id"]
        and leg["address"] in (claim["address"] or leg["address"], ask.address.text)
        and leg["asset"] == (claim["asset"] or leg["asset"])
        and (claim["account"] is None or leg["account"] == claim["account"])
        for leg in page["legs"]
    )


def _inside(row: Mapping[str, Any], claim: Mapping[str, Any]) -> bool:
    bounds = (("time", "since", "until"), ("height", "since_height", "until_height"))
    for at, since, until in bounds:
        if row[at] is None:
            continue
        if claim[since] is not None and row[at] < claim[since]:
            return False
        if claim[until] is not None and row[at] > claim[until]:
            return False
    return True
