"""What the pages of an account's history hold whole: they follow each other by a marker, each read by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recover.sdk import Coverage, Exhibit, Leg
from recover_chain_xrpl.addresses import HOLDERS, read
from recover_chain_xrpl.answers import Item
from recover_chain_xrpl.assets import CHAIN
from recover_chain_xrpl.reading import Fault, Json, inner, load, text, whole

# Older ledgers are lost for everybody (https://xrpl.org/docs/concepts/networks-and-servers/ledger-history): what a
# server holds from here on is all there is.
FIRST = 32570

Range = tuple[int | None, int]


def asked(exhibit: Exhibit) -> Json:
    """The parameters of the request that an exhibit answers, empty for an imported file."""
    if exhibit.asked is None:
        return {}
    try:
        request = load(exhibit.asked.body)
    except Fault:
        return {}
    if not isinstance(request, dict) or not isinstance(request.get("params"), list):
        return {}
    return next((each for each in request["params"] if isinstance(each, dict)), {})


def coverage(exhibit: Exhibit, result: Json, items: Sequence[Item], legs: Sequence[Leg]) -> Iterator[Coverage]:
    """The claim of one page and those before it, for its account and the entries of that account that hold value.

    Raises Fault.
    """
    if result.get("validated") is not True:
        return
    account = read(text(result, "account"))[0]
    found = _range(asked(exhibit), result, [item.height for item in items if item.height is not None])
    if found is None or (found[0] or 0) > found[1]:
        return
    # Whatever happens to an escrow or a channel also changes its owner's account, and stands in its history.
    own = tuple(f"{word}.{account}." for word in HOLDERS.values())
    holders = sorted({leg.address for leg in legs if leg.address and leg.address.startswith(own)})
    for address in (account, *holders):
        yield Coverage(chain=CHAIN, address=address, since_height=found[0], until_height=found[1])


def _range(request: Json, result: Json, heights: Sequence[int]) -> Range | None:
    low, high = whole(result, "ledger_index_min"), whole(result, "ledger_index_max")
    first = None if low <= FIRST else low
    if not request:
        return _inside(result, first, high, heights)
    # A page with a marker is asked for only with the pages before it at hand, and over the range that the first
    # one stated: so it claims what they hold together. The ledger that its own marker names is not done with.
    if request.get("forward") is True:
        onward = _at(result, max(heights, default=None))
        return first, high if onward is None else onward - 1
    onward = _at(result, min(heights, default=None))
    return first if onward is None else onward + 1, high


def _inside(result: Json, first: int | None, high: int, heights: Sequence[int]) -> Range | None:
    """A file that does not show what was asked may be any page: only what lies between its ends is sure."""
    if not heights:
        return None
    since: int | None = min(heights) + 1
    until = max(heights) - 1
    if "marker" not in result and heights[0] != heights[-1]:
        if heights[0] < heights[-1]:
            until = high
        else:
            since = first
    return since, until


def _at(record: Json, end: int | None) -> int | None:
    """The ledger of a marker, None without one. `end` is the ledger at that end of the page."""
    if "marker" not in record:
        return None
    if isinstance(record["marker"], dict) and "ledger" in record["marker"]:
        return whole(inner(record, "marker"), "ledger")
    # A server may mark its pages otherwise: then the ledger at the end of this one is the nearest that is sure.
    if end is None:
        raise Fault("a page with a marker has no transactions")
    return end
