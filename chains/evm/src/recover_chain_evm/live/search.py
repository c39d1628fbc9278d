"""Which transactions an address has a part in: by the logs that name it, and by the node's index of calls.

Logs alone miss plain payments and payments by contracts; an index of calls alone misses tokens that others move.
An address's history is whole only where both were searched from the first block to the pinned one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from recover.sdk import Error, Exhibit
from recover_chain_evm import topics, values
from recover_chain_evm.live import wire
from recover_chain_evm.live.node import Node
from recover_chain_evm.live.session import Session
from recover_chain_evm.networks import Network

PAGE = 100
_ISSUER = tuple(sorted({form.topic for form in topics.FORMS if form.kind != "approve" and form.topic}))
_FIRST = (topics.TRANSFER, topics.APPROVAL, topics.DEPOSIT, topics.WITHDRAWAL, *_ISSUER)
_SECOND = (topics.TRANSFER, topics.APPROVAL, *_ISSUER)


@dataclass(slots=True, kw_only=True)
class Found:
    """Transaction ids by the height of their block."""

    blocks: dict[int, set[str]] = field(default_factory=dict)

    def add(self, height: int, tx: str) -> None:
        self.blocks.setdefault(height, set()).add(tx)

    def listed(self, first: int = 0) -> list[tuple[int, tuple[str, ...]]]:
        """By height, from block `first` on, and then what was before."""
        order = sorted(self.blocks, key=lambda height: (height < first, height))
        return [(height, tuple(sorted(self.blocks[height]))) for height in order]


def by_logs(
    node: Node, session: Session, network: Network, address: str, found: Found, first: int = 0
) -> Iterator[Exhibit]:
    """Search the logs of all blocks up to the pinned one. A range that the node refuses is asked for in halves;
    where it refuses the whole, block `first` and what follows come before the rest.
    """
    filters = _filters(network, address)

    def calls(span: dict[str, str]) -> list[wire.Call]:
        return [wire.Call(method="eth_getLogs", params=({**one, **span},)) for one in filters]

    def read(answers: Sequence[wire.Answer]) -> bool:
        logs = [log for answer in answers for log in _listed(answer, node)]
        for log in logs:
            if _names(log, address):
                _note(log, "transactionHash", found, node)
        return True

    yield from _scan(node, session, calls, read, first)


def by_filters(
    node: Node, session: Session, filters: Sequence[dict[str, Any]], found: Found, within: tuple[int, int]
) -> Iterator[Exhibit]:
    """Search the logs that these filters let through, in the blocks `within`, first and last."""

    def calls(span: dict[str, str]) -> list[wire.Call]:
        return [wire.Call(method="eth_getLogs", params=({**one, **span},)) for one in filters]

    def read(answers: Sequence[wire.Answer]) -> bool:
        for answer, wanted in zip(answers, filters, strict=True):
            for log in _listed(answer, node):
                if _fits(log, wanted):
                    _note(log, "transactionHash", found, node)
        return True

    yield from _scan(node, session, calls, read, 0, within=within)


def _fits(log: values.Fields, wanted: dict[str, Any]) -> bool:
    """Whether a log is what was asked for: a node that answers more is not believed."""
    topics = [str(topic).lower() for topic in values.items(log.get("topics"), "topics")]
    pairs = zip(wanted["topics"], [*topics, *[""] * 4], strict=False)
    return str(log.get("address")).lower() == wanted["address"] and all(a in (None, b) for a, b in pairs)


def by_calls(node: Node, session: Session, address: str, found: Found, first: int = 0) -> Iterator[Exhibit]:
    """Search the node's index of calls; `session.index` is "" afterwards where the node has none."""
    if session.index == "ots_searchTransactionsBefore":
        yield from _by_pages(node, session, address, found)
    if session.index == "trace_filter":
        yield from _by_traces(node, session, address, found, first)


def _by_pages(node: Node, session: Session, address: str, found: Found) -> Iterator[Exhibit]:
    """Otterscan's pages, newest first. A page ends with a whole block, so the next one begins below it."""
    before = node.height + 1
    while before > 0:
        call = wire.Call(method="ots_searchTransactionsBefore", params=(address, before, PAGE))
        (answer,) = node.ask([call])
        yield from node.take()
        if answer.refused and answer.why != "limited":
            session.next_index()
            return
        page = values.fields(_result(answer, node), "the page")
        heights = [
            _note(values.fields(tx, "a transaction"), "hash", found, node) for tx in _items(page, "txs", node)
        ]
        if page.get("lastPage") is True:
            return
        if not heights or min(heights) >= before:
            raise _unfit(node, "its pages do not go down, and none is the last")
        before = min(heights)


def _by_traces(node: Node, session: Session, address: str, found: Found, first: int) -> Iterator[Exhibit]:
    def calls(span: dict[str, str]) -> list[wire.Call]:
        sides = ("fromAddress", "toAddress")
        return [wire.Call(method="trace_filter", params=({**span, side: [address]},)) for side in sides]

    def read(answers: Sequence[wire.Answer]) -> bool:
        if any(answer.refused for answer in answers):
            session.next_index()
            return False
        for trace in (each for answer in answers for each in _listed(answer, node)):
            if trace.get("transactionHash") is not None:  # a reward stands in no transaction
                _note(trace, "transactionHash", found, node)
        return True

    yield from _scan(node, session, calls, read, first, optional=True)


def _scan(
    node: Node,
    session: Session,
    calls: Callable[[dict[str, str]], list[wire.Call]],
    read: Callable[[Sequence[wire.Answer]], bool],
    first: int,
    *,
    optional: bool = False,
    within: tuple[int, int] | None = None,
) -> Iterator[Exhibit]:
    """Ask range by range, up to the pinned block or `within` two, until `read` says that it has enough: where not
    all is had at once, from block `first` on, and then what was before.

    A refusal halves the range that is asked for from there on. One of a single block is an Error, or ends an
    `optional` search, whose outcome says that it is not whole: the index of calls is then given up. A method that
    the node does not have is for `read` to judge.
    """
    spans = [within] if within else _spans(node, session, first)
    while spans:
        start, last = spans.pop()
        end = min(start + (session.span or node.height + 1) - 1, last)
        answers = node.ask(calls({"fromBlock": hex(start), "toBlock": hex(end)}))
        yield from node.take()
        bad = [answer for answer in answers if answer.refused and answer.why != "missing"]
        if not bad:
            if not read(answers):
                return
            if end < last:
                spans.append((end + 1, last))
        elif end > start and all(answer.why in ("capped", "failed") for answer in bad):
            session.span = (end - start + 1) // 2
            whole = within is None and (start, end) == (0, node.height)
            spans = _spans(node, session, first) if whole else [*spans, (start, last)]
        elif optional and all(answer.why != "limited" for answer in bad):
            session.next_index()
            return
        else:
            raise wire.refused(bad[0], node.recorder.endpoint)


def _spans(node: Node, session: Session, first: int) -> list[tuple[int, int]]:
    """What is to be searched, the last of the list first."""
    if session.span is None or not 0 < first <= node.height:
        return [(0, node.height)]
    return [(0, first - 1), (first, node.height)]


def _filters(network: Network, address: str) -> list[dict[str, Any]]:
    """Logs that name the address in their first or second topic, and what issuers say in their logs' data."""
    word = "0x" + "0" * 24 + address[2:]
    found: list[dict[str, Any]] = [{"topics": [list(_FIRST), word]}, {"topics": [list(_SECOND), None, word]}]
    issuers = [token.contract for token in network.tokens if token.freeze]
    if issuers:
        found.append({"address": issuers, "topics": [list(_ISSUER)]})
    return found


def _names(log: values.Fields, address: str) -> bool:
    parts = [str(part).lower() for part in (*values.items(log.get("topics"), "topics"), log.get("data"))]
    return any(address[2:] in part for part in parts)


def _note(row: values.Fields, name: str, found: Found, node: Node) -> int:
    """The height of the row's block; what is above the pinned block is another run's."""
    try:
        height, tx = values.number(row["blockNumber"], "blockNumber"), values.digest(row[name], name)
    except (ValueError, KeyError) as error:
        raise _unfit(node, f"an item of it has no block or no transaction: {error}") from None
    if height <= node.height:
        found.add(height, tx)
    return height


def _listed(answer: wire.Answer, node: Node) -> list[values.Fields]:
    try:
        return [values.fields(each, "an item") for each in values.items(_result(answer, node), "the answer")]
    except ValueError as error:
        raise _unfit(node, f"{answer.call.method}: {error}") from None


def _items(page: values.Fields, name: str, node: Node) -> list[Any]:
    try:
        return list(values.items(page.get(name), name))
    except ValueError as error:
        raise _unfit(node, str(error)) from None


def _result(answer: wire.Answer, node: Node) -> Any:
    if answer.refused:
        raise wire.refused(answer, node.recorder.endpoint)
    return answer.result


def _unfit(node: Node, why: str) -> Error:
    return Error(
        "search-unreadable",
        f"The node at {node.recorder.endpoint} gave an answer to a search that cannot be read.",
        f"{why}.",
        "Ask another node. No history counts as whole because of it.",
    )
