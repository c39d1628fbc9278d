"""What has to be known of an allocation before it is relied on, in the same words on screen and on paper."""

from __future__ import annotations

from collections.abc import Iterator

from recover.allocation.pools import Allocation


def lines(found: Allocation) -> Iterator[str]:
    """One text for each: results that are not up to date, a pool to which nothing is traced, a hop as a loss."""
    if found.behind:
        yield (
            f"The results have not seen all that the case holds now ({', '.join(found.behind)}): what is traced "
            "and what came back can be missing. `recover run CASE` brings them up to date."
        )
    if found.untraced:
        yield (
            f"Traced first: nothing of any claim is traced to {' or '.join(found.pool.at)}, so all of it is "
            "shared in proportion. What was seized is traced to the agency once an exhibit that shows it is in, "
            "and the case is run."
        )
    for name, one in found.carried.items():
        what = "is the agency's own seizure" if one.seized else "carries what began as other losses"
        yield f"{name} {what}: it is counted as asserted, and that value twice, until a person settles it."
