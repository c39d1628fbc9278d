"""A full node over HTTP: one transaction by its id, the body first, then the receipt.

Shapes: TRON's developer documentation, "Full node HTTP API". A node answers `{}` for what it does not have,
with the status 200, and likewise for what it has not yet executed: both are said, and neither is taken for an
empty truth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from recover.sdk import (
    Absent,
    Ask,
    Batch,
    Details,
    Error,
    Exhibit,
    Gap,
    Nothing,
    NotRecognised,
    Recorder,
    Request,
    SourceInfo,
    Status,
    sheet,
)
from recover_chain_tron import body, fields, receipt, state
from recover_chain_tron.asks import Settled, loose
from recover_chain_tron.chain import CHAIN
from recover_chain_tron.order import Order

BODY, RECEIPT = "gettransactionbyid", "gettransactioninfobyid"
_SOLID, _HEAD = "walletsolidity", "wallet"
"""What is asked of the blocks that cannot be undone any more, and of the newest ones too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer of a node: what was asked, of which state, and the object that came."""

    exhibit: Exhibit
    method: str
    solid: bool
    fields: Mapping[str, Any]

    @property
    def missing(self) -> bool:
        return not self.fields


class Node:
    """A node of one's own: transactions by id. `place` is 0, for an answer holds one transaction."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="tron-node",
            version="1",
            title="TRON full node: a transaction and its receipt, and what an address holds",
            chains=(CHAIN,),
            place="item",
            media="JSON, an answer of a node's gettransactionbyid or gettransactioninfobyid",
            terms="the node's operator's; the facts are the chain's",
            asks=("Details", "Settled", "Status"),
            limits="No histories: a node has no index of accounts. A state is that of its newest settled block.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if not head.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{") or b'"data"' in head[:20]:
            return False
        whole = b'"raw_data_hex"' in head and b'"txID"' in head
        return whole or (b'"blockTimeStamp"' in head and b'"receipt"' in head)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Body and receipt of a transaction, of the solid state where the node has them there.

        Raises Error where the node knows no such transaction, or has not executed it: the question stays open.
        One that can still be undone is used as it stands, with a gap that asks for it again.
        """
        if isinstance(ask, Details | Settled) and ask.chain == CHAIN:
            yield from details(ask, recorder, ())
        elif isinstance(ask, Status) and ask.chain == CHAIN:
            yield from state.ask(ask, recorder, ())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error for bytes that are not those of the id that was asked for, and for what cannot be read."""
        yield answer(exhibit)


def answer(exhibit: Exhibit) -> Batch:
    """Any answer of a node as records. Raises Error or NotRecognised."""
    path = "" if exhibit.asked is None else urlsplit(exhibit.asked.url).path
    return state.batch(exhibit) if path.rpartition("/")[2] in state.METHODS else decoded(exhibit)


def details(ask: Details | Settled, recorder: Recorder, headers: tuple[tuple[str, str], ...]) -> Iterator[Exhibit]:
    """Put the questions for one transaction."""
    tx, again = ask.tx.text, isinstance(ask, Settled)
    said = [_ask(recorder, True, BODY, tx, headers)] if again else _first(tx, recorder, headers)
    for each in said:
        yield each.exhibit
    found = said[-1]
    if found.missing:
        raise _loose(found, tx) if again else _missing(found, tx)
    order = body.read(found.fields)[0].order
    got = _ask(recorder, found.solid, RECEIPT, tx, headers, order.note())
    yield got.exhibit
    if got.missing:
        raise _waiting(got, tx)


def _first(tx: str, recorder: Recorder, headers: tuple[tuple[str, str], ...]) -> list[Said]:
    """The body: of the solid state, else of the newest blocks. A server that offers only one of the two is
    used.
    """
    try:
        solid = _ask(recorder, True, BODY, tx, headers)
    except Error as error:
        if error.code != "no-answer":
            raise
        return [_ask(recorder, False, BODY, tx, headers)]
    return [solid] if not solid.missing else [solid, _ask(recorder, False, BODY, tx, headers)]


def _ask(
    recorder: Recorder, solid: bool, method: str, tx: str, headers: tuple[tuple[str, str], ...], note: str = ""
) -> Said:
    url = f"{recorder.endpoint.rstrip('/')}/{_SOLID if solid else _HEAD}/{method}{'#' if note else ''}{note}"
    sent = (*headers, ("Content-Type", "application/json"), ("Accept", "application/json"))
    exhibit = recorder.capture(Request(url=url, method="POST", headers=sent, body=_value(tx)))
    decoded(exhibit)  # nothing is asked on top of an answer that cannot be read
    found = read(exhibit)
    if found.fields.get("Error"):
        raise refused(exhibit, str(found.fields["Error"]))
    return found


def _value(tx: str) -> bytes:
    return json.dumps({"value": tx}, separators=(",", ":")).encode("ascii")


def read(exhibit: Exhibit) -> Said:
    """An answer by the request that it answers; of a file, by its own fields. Raises Error or NotRecognised."""
    try:
        said = fields.mapping(fields.load(exhibit.data), "the answer")
    except ValueError as error:
        raise NotRecognised(
            "tron-node-answer",
            f"{_short(exhibit)} gave no answer of a TRON node.",
            f"It is not JSON of a node: {str(error)[:120]}.",
            "Ask again later, or another node; what came is kept.",
        ) from None
    path = "" if exhibit.asked is None else urlsplit(exhibit.asked.url).path
    method = path.rpartition("/")[2] or (BODY if "raw_data_hex" in said else RECEIPT)
    return Said(exhibit=exhibit, method=method, solid=f"/{_SOLID}/" in path, fields=said)


def decoded(exhibit: Exhibit) -> Batch:
    """One answer as records. Raises Error or NotRecognised."""
    said = read(exhibit)
    if said.fields.get("Error"):
        return Batch.of(Nothing(why=f"The node refused: {sheet.shown(str(said.fields['Error']))}"))
    if said.missing:
        return Batch.of(Nothing(why="The node has no such transaction, or has not executed it."))
    try:
        made = _batch(said)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Error(
            "tron-answer",
            f"{_short(exhibit)} gave an answer that does not hold.",
            f"{fields.why(error)}.",
            "Ask another node. The answer is kept as it came, and nothing of it is used.",
        ) from error
    return made


def _batch(said: Said) -> Batch:
    wanted = _wanted(said)
    given = str(said.fields.get("txID" if said.method == BODY else "id")).lower()
    if wanted is not None and given != wanted:
        raise ValueError(f"it is of the transaction {sheet.shown(given)}, and {wanted} was asked for")
    if said.method == BODY:
        return Batch.of(*body.records(said.fields))
    asked = said.exhibit.asked
    order = Order.noted(urlsplit(asked.url).fragment) if asked is not None else None
    loose = () if asked is None or said.solid else (_undone(given, said.fields),)
    return Batch.of(*receipt.records(said.fields, order, said.exhibit.topics), *loose)


def _wanted(said: Said) -> str | None:
    """The id that was asked for, None for a file."""
    if said.exhibit.asked is None:
        return None
    try:
        return str(json.loads(said.exhibit.asked.body)["value"]).lower()
    except (ValueError, KeyError, TypeError):
        return None


def _undone(tx: str, said: Mapping[str, Any]) -> Gap:
    return loose(
        tx,
        f"When it was asked for, its block {said.get('blockNumber')} was not yet confirmed by 19 of the 27 "
        "block producers, or the server does not say.",
    )


def refused(exhibit: Exhibit, said: str) -> Error:
    return Error(
        "tron-refused",
        f"{_short(exhibit)} refused.",
        f"It says: {sheet.shown(said)}.",
        "Check the key and its limits, and ask again later; the answer is kept as it came.",
    )


def _missing(said: Said, tx: str) -> Error:
    return Absent(
        "tron-missing",
        f"{_short(said.exhibit)} has no transaction {tx}.",
        "It answers with an empty object, as nodes do for an id that they do not know.",
        "Compare the id with where it was copied from; ask a node with the whole chain, or again in a minute.",
    )


def _waiting(said: Said, tx: str) -> Error:
    return Absent(
        "tron-not-executed",
        f"{_short(said.exhibit)} has the transaction {tx}, and no receipt of it.",
        "It has not been executed yet, or its receipt is not there yet: whether anything moved is not known.",
        "Ask again in a minute.",
    )


def _loose(said: Said, tx: str) -> Error:
    return Error(
        "tron-not-solid",
        f"{_short(said.exhibit)} does not have the transaction {tx} among what is settled.",
        "Nineteen of the 27 block producers have to build on its block, which takes about a minute.",
        "It is used as it stands. Ask again in a minute: what is settled by then will be said to be.",
    )


def _short(exhibit: Exhibit) -> str:
    return exhibit.name.partition("#")[0].partition("?")[0]
