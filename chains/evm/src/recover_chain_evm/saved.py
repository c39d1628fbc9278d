"""Explorers' lists as people save them: pages of an API in the manner of Etherscan, without their request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from recover.sdk import Ask, Batch, Exhibit, Gap, NotRecognised, Recorder, SourceInfo
from recover_chain_evm import assumed, networks, values
from recover_chain_evm.frame import Problems
from recover_chain_evm.live import lists, pages

_ANSWER = re.compile(rb'[\s\xef\xbb\xbf]*\{\s*"(?:status"\s*:\s*"[01]|message"\s*:\s*")')
_ROW = (b'"timeStamp"', b'"result":[]', b'"result": []', b'"result": "', b'"result":"')
_BEYOND = {
    pages.PAYMENTS: " What calls moved inside, and tokens, stand in other lists.",
    pages.INTERNAL: " Fees and tokens stand in other lists.",
    pages.TOKENS: " Fees are paid by the sender of each transaction, who is not shown.",
}


def begins(head: bytes) -> bool:
    """Whether the first bytes are those of an explorer's answer, and not of a node's."""
    return _ANSWER.match(head) is not None and any(key in head for key in _ROW)


class Saved:
    """Lists `txlist`, `txlistinternal` and `tokentx` of an account. `place` is the item's number, from 0.

    Which list it is, is told by its rows; which chain and whose history, by nothing.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="evm-explorer-file",
            version="1",
            title="An explorer in the manner of Etherscan: lists of an address, saved as files",
            chains=networks.ids(),
            place="item",
            media="JSON, a list of Etherscan's or Blockscout's API (txlist, tokentx, token-transfers ...)",
            terms="the explorer's terms of service",
            limits="The explorer's word; no answer names its chain, nor whether it is a whole history.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if "module=" in name and "action=" in name:
            return False
        return begins(head) or (head.lstrip().startswith(b'{"items"') and b'"token"' in head)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error for a refusal and naming up to 20 unreadable rows, NotRecognised for another list."""
        network, taken = assumed.network(exhibit, None)
        problems = Problems(name=exhibit.name, unit="item")
        if not begins(exhibit.data[:4096]):
            rows, more = _items(exhibit)
            yield from lists.read(pages.TOKENS, network, rows, problems)
            yield Batch.of(*taken, unnamed(exhibit.name, pages.TOKENS, more), *_cut(rows, more))
            return
        rows = _listed(exhibit)
        if not rows:
            yield Batch.of(_nothing(exhibit.name))
            return
        action, rows = _sorted(exhibit.name, rows)
        yield from lists.read(action, network, rows, problems, exhibit.topics)
        yield Batch.of(*taken, unnamed(exhibit.name, action), *equal(rows, action))


def _listed(exhibit: Exhibit) -> list[values.Fields]:
    """The rows of an answer. Raises Error for a refusal, NotRecognised where it lists nothing."""
    try:
        return [values.fields(row, "a row") for row in values.items(pages.result(exhibit), "the result")]
    except ValueError as error:
        raise NotRecognised(
            "explorer-list",
            f"{exhibit.name} is no list that is read here.",
            f"In it {error}.",
            "Ask the explorer for txlist, txlistinternal or tokentx of the address, and import the answers.",
        ) from None


def unnamed(name: str, action: str, more: bool = False) -> Gap:
    """The gap of a list that does not say whose it is, nor whether more follows."""
    follows = " More pages follow it." if more else ""
    return Gap(
        code="history-unnamed",
        subject=name,
        why=f"The file does not hold its request, which alone says whose history it is.{follows}{_BEYOND[action]}",
        effect="Its movements are used; no address's history counts as whole because of it.",
    )


def equal(rows: Sequence[values.Fields], action: str) -> list[Gap]:
    """A gap where rows are equal and carry no number of their own: each is taken as a movement."""
    if action == pages.PAYMENTS:
        return []
    keys = [tuple(sorted((k, str(v)) for k, v in row.items() if k != "place")) for row in rows]
    before = {key: place for place, key in reversed([*enumerate(keys)])}  # where each stands first
    first = next((place for place, key in enumerate(keys) if before[key] < place), None)
    if first is None:
        return []
    return [
        Gap(
            code="equal-rows",
            subject=str(rows[first].get("hash")),
            why="Rows of one transaction are equal, and have no log or call number.",
            effect="Each is taken as a movement of its own, as explorers list them; a receipt would show it.",
            place=first,
        )
    ]


def _sorted(name: str, rows: Sequence[values.Fields]) -> tuple[str, list[values.Fields]]:
    """Which list the rows are of, and the rows as Etherscan names their cells. Raises NotRecognised."""
    keys = set(rows[0])
    if {"contractAddress", "tokenSymbol"} <= keys:
        return pages.TOKENS, _tokens(rows)
    if "cumulativeGasUsed" in keys and "gasPrice" in keys:
        return pages.PAYMENTS, list(rows)
    if {"type", "value", "from"} <= keys and ("transactionHash" in keys or "hash" in keys):
        return pages.INTERNAL, [_inside(row) for row in rows]
    raise NotRecognised(
        "explorer-list",
        f"{name} is no list that is read here.",
        f"Its rows have {', '.join(sorted(keys))[:200]}.",
        "Ask the explorer for txlist, txlistinternal or tokentx of the address, and import the answers.",
    )


def _inside(row: values.Fields) -> values.Fields:
    """Blockscout names the hash otherwise, and tells a delegatecall apart in a cell of its own."""
    kind = row.get("callType") if row.get("type") == "call" and row.get("callType") else row.get("type")
    return {**row, "hash": row.get("hash", row.get("transactionHash")), "type": kind}


def _tokens(rows: Sequence[values.Fields]) -> list[values.Fields]:
    return [row for row in rows if "value" in row]


def _items(exhibit: Exhibit) -> tuple[list[values.Fields], bool]:
    """Rows of Blockscout's API, version 2, as Etherscan names their cells, and whether more pages follow."""
    try:
        body = values.fields(values.load(exhibit.data), "the answer")
        rows = [_item(values.fields(each, "an item")) for each in values.items(body["items"], "items")]
    except (KeyError, ValueError) as error:
        why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise NotRecognised(
            "explorer-list",
            f"{exhibit.name} is no page of token transfers of Blockscout's API.",
            f"{why}.",
            "Ask for token-transfers of the address, and import the answer as it comes.",
        ) from None
    return [row for row in rows if row is not None], body.get("next_page_params") is not None


def _item(item: values.Fields) -> values.Fields | None:
    total, token = values.fields(item["total"], "total"), values.fields(item["token"], "token")
    if "value" not in total or token.get("type") != "ERC-20":
        return None
    said: dict[str, Any] = {
        "hash": item["transaction_hash"],
        "from": values.fields(item["from"], "from")["hash"],
        "to": values.fields(item["to"], "to")["hash"],
        "contractAddress": token.get("address_hash", token.get("address")),
        "value": total["value"],
        "blockNumber": item["block_number"],
        "blockHash": item.get("block_hash"),
        "timeStamp": str(item["timestamp"]).replace("T", " ").replace(".000000Z", "Z"),
        "logIndex": item["log_index"],
        "tokenSymbol": token.get("symbol"),
        "tokenName": token.get("name"),
        "tokenDecimal": token.get("decimals"),
    }
    return said


def _cut(rows: Sequence[values.Fields], more: bool) -> list[Gap]:
    if not more or not rows:
        return []
    return [
        Gap(
            code="page-cut",
            subject=str(rows[-1]["hash"]),
            why="More pages follow, and this one may end inside this transaction.",
            effect="What this transaction moved may be more than is shown; import the next page as well.",
            place=len(rows) - 1,
        )
    ]


def _nothing(name: str) -> Gap:
    return Gap(
        code="history-unnamed",
        subject=name,
        why="The explorer found nothing, and the file does not hold its request, which alone says of whom.",
        effect="No address counts as empty because of it.",
    )
