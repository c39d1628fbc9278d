"""One page of an explorer in the manner of Etherscan: what its URL asked, what it answers, and how it refuses.

Shapes: Etherscan's API documentation, version 2. Lists are asked for in rising order, page 1 only: a full page may
end inside a block, so the rows of its last block are left to the next page, which begins with that block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from recover.sdk import Error, Exhibit, NotRecognised
from recover_chain_evm import networks, values
from recover_chain_evm.networks import NAMESPACE, Network

PAYMENTS, INTERNAL, TOKENS, LOGS, BLOCK, BALANCE, BALANCES = (
    "txlist",
    "txlistinternal",
    "tokentx",
    "getLogs",
    "eth_getBlockByNumber",
    "balance",
    "balancemulti",
)
ACTIONS = frozenset({PAYMENTS, INTERNAL, TOKENS, LOGS, BLOCK, BALANCE, BALANCES})
_NOTHING = re.compile(r"no (?:internal )?(?:transactions|records|token transfers) found", re.I)
_LIMITED = re.compile(r"rate limit|too many|timeout|server too busy|daily", re.I)
_KEY = re.compile(r"api key", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a page's URL asked: which list, chain and address, from which block on, and how many rows at most."""

    action: str
    network: Network
    address: str
    start: int
    size: int

    @classmethod
    def of(cls, exhibit: Exhibit) -> Query:
        """Raises NotRecognised for another URL."""
        url = exhibit.asked.url if exhibit.asked is not None else exhibit.name
        try:
            said = {key: found[0] for key, found in parse_qs(urlsplit(url).query).items()}
            network = networks.by_id(f"{NAMESPACE}:{values.number(said['chainid'])}")
            if network is None or said["action"] not in ACTIONS:
                raise ValueError("it asks for another list, or of a chain that is not known here")
            return cls(
                action=said["action"],
                network=network,
                address=said.get("address", ""),
                start=values.number(said.get("startblock", said.get("fromBlock", "0"))),
                size=values.number(said.get("offset", "0")),
            )
        except (KeyError, ValueError) as error:
            why = f"{error.args[0]} is not in its URL" if isinstance(error, KeyError) else str(error)
            raise _no_page(exhibit.name, why) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The rows of a page that are whole blocks. `rest` is the block that the next page begins with, if any."""

    query: Query
    rows: tuple[values.Fields, ...]
    rest: int | None


def result(exhibit: Exhibit) -> Any:
    """What an answer carries. Raises Error for a refusal, told apart by its words; NotRecognised for no answer."""
    try:
        body = values.fields(values.load(exhibit.data), "the answer")
    except ValueError as error:
        raise _no_page(exhibit.name, str(error)) from None
    if "status" not in body:
        if "result" not in body or "error" in body:
            raise _refused(exhibit.name, str(values.fields(body.get("error") or {}, "the error").get("message")))
        return body["result"]
    found = body.get("result")
    if body["status"] == "1" and found is not None:
        return found
    if found in ([], None) and _NOTHING.search(str(body.get("message"))):
        return []
    raise _refused(exhibit.name, str(found or body.get("message")))


def page(exhibit: Exhibit) -> Page:
    """The page as far as it is whole. Raises Error for a refusal and for rows of one block that fill it."""
    query = Query.of(exhibit)
    try:
        rows = [values.fields(row, "a row") for row in values.items(result(exhibit), "the result")]
        heights = [values.number(row["blockNumber"], "blockNumber") for row in rows]
    except (KeyError, ValueError) as error:
        raise _unreadable(exhibit.name, str(error)) from None
    if heights != sorted(heights) or any(height < query.start for height in heights):
        raise _unreadable(exhibit.name, "its rows are not in rising order from the block that was asked for")
    if not query.size or len(rows) < query.size:
        return Page(query=query, rows=tuple(rows), rest=None)
    if heights[0] == heights[-1]:
        raise _full(exhibit.name, heights[0], len(rows))
    whole = [row for row, height in zip(rows, heights, strict=True) if height < heights[-1]]
    return Page(query=query, rows=tuple(whole), rest=heights[-1])


def _no_page(name: str, why: str) -> NotRecognised:
    return NotRecognised(
        "explorer-page",
        f"{name.partition('?')[0]} is no page of an explorer in the manner of Etherscan.",
        f"{why[:1].upper()}{why[1:]}.",
        "Name the source that reads it with --as, or ask for the page again.",
    )


def _unreadable(name: str, why: str) -> Error:
    return Error(
        "explorer-unreadable",
        f"A page of {name.partition('?')[0]} cannot be read.",
        f"{why[:1].upper()}{why[1:]}.",
        "Ask again; if it stays, the server's format has changed. No history counts as whole because of it.",
    )


def _full(name: str, height: int, rows: int) -> Error:
    return Error(
        "explorer-full",
        f"Block {height} alone fills a page of {name.partition('?')[0]} with {rows} rows.",
        "A page has no more rows, so what else this block has for the address is not shown.",
        "Ask a node for this address instead. No history counts as whole because of it.",
    )


def _refused(name: str, said: str) -> Error:
    told = f"It says: {values.shown(said)}."
    where = name.partition("?")[0]
    if _LIMITED.search(said):
        return Error(
            "rate-limited",
            f"{where} asks to be asked less.",
            told,
            "Run again later, or raise the pause between requests; what came before is kept.",
        )
    if _KEY.search(said):
        return Error(
            "explorer-key",
            f"{where} does not take the API key.",
            told,
            "Set a valid key in RECOVER_ETHERSCAN_KEY; the answer is kept as it came.",
        )
    return Error(
        "explorer-refused", f"{where} refused.", told, "Check what it says; the answer is kept as it came."
    )
