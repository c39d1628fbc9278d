"""What an account holds of the coin, as a node says it, and whether what the lists showed adds up to that.

The last question of a history of the coin. Its request carries in its anchor, which is never sent, what was
found, so that the claim can be read from the one exhibit. Shapes: full node HTTP API, `getaccount`. What an
account froze or lent is its own still, and is added to its balance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from recover.sdk import Batch, Coverage, Error, Exhibit, Gap, History, Nothing, Recorder, Request, State, sheet
from recover_chain_tron import fields, lists
from recover_chain_tron.chain import CHAIN, canonical
from recover_chain_tron.shown import TRX

METHOD = "getaccount"
_OWN = (
    "balance",
    "delegated_frozen_balance_for_bandwidth",
    "delegated_frozenV2_balance_for_bandwidth",
)
_LENT = ("delegated_frozen_balance_for_energy", "delegated_frozenV2_balance_for_energy")


@dataclass(slots=True, kw_only=True)
class Sum:
    """What the pages of a history show of the coin at one address: each transaction and each call once."""

    address: str
    moves: dict[str, int] = field(default_factory=dict)
    until: int | None = None

    def see(self, found: Mapping[str, int], until: int | None) -> None:
        """Take in one page: a net by transaction or by call, and up to when a last page shows everything."""
        self.moves |= found
        if until is not None:
            self.until = until if self.until is None else min(self.until, until)

    @property
    def total(self) -> int:
        return sum(self.moves.values())


def ask(wanted: History, recorder: Recorder, sums: Sum) -> Exhibit:
    """The account, with what was found in the request's anchor. Raises Error for a refusal."""
    since = None if wanted.since is None else (wanted.since - fields.EPOCH) // fields.MILLISECOND
    note = {"found": sums.total, "since": since, "until": sums.until}
    anchor = urlencode({name: value for name, value in note.items() if value is not None})
    body = json.dumps({"address": sums.address, "visible": True}, separators=(",", ":")).encode("ascii")
    headers = (*lists.HEADERS, ("Content-Type", "application/json"))
    url = f"{recorder.endpoint.rstrip('/')}/walletsolidity/{METHOD}#{anchor}"
    exhibit = recorder.capture(Request(url=url, method="POST", headers=headers, body=body))
    said = _said(exhibit)
    if said.get("Error"):
        raise Error(
            "tron-refused",
            f"{exhibit.name.partition('#')[0]} refused.",
            f"It says: {sheet.shown(str(said['Error']))}.",
            "Ask again later; what came is kept, and the history of the coin does not count as whole.",
        )
    batch(exhibit)
    return exhibit


def batch(exhibit: Exhibit) -> Batch:
    """The balance, and the claim where what was found adds up. Raises Error."""
    return Batch.of(*_records(exhibit))


def _records(exhibit: Exhibit) -> Iterator[Any]:
    said = _said(exhibit)
    try:
        asked = json.loads(exhibit.asked.body if exhibit.asked else b"{}")
        address = canonical(str(asked.get("address", "")))
        note = {k: int(v) for k, v in parse_qsl(urlsplit(exhibit.name).fragment)}
        if said.get("Error"):
            yield Nothing(why=f"The node refused: {sheet.shown(str(said['Error']))}")
            return
        if said and canonical(str(said["address"])) != address:
            raise ValueError("the account is another than was asked for")
        held, liquid = _held(said), fields.amount(said, "balance")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Error(
            "tron-answer",
            f"{exhibit.name.partition('#')[0]} gave an account that cannot be read.",
            f"{fields.why(error)}.",
            "Ask again; if it comes the same, the server's format has changed.",
        ) from error
    if said:
        yield State(kind="balance", chain=CHAIN, address=address, asset=TRX, amount=liquid)
    else:
        yield Nothing(why="The node knows no such account: it was never activated.")
    yield _claim(address, note, held)


def _claim(address: str, note: Mapping[str, int], held: int) -> Coverage | Gap:
    """A history from the beginning must add up to what is held. One from a later moment cannot be held against
    it.
    """
    since, until = (None if note.get(name) is None else fields.moment(note[name]) for name in ("since", "until"))
    if since is not None or note.get("found") == held:
        return Coverage(chain=CHAIN, address=address, asset=TRX, since=since, until=until)
    return Gap(
        code="coin-history-differs",
        subject=f"{CHAIN}:{address}",
        why=f"What the lists show of TRX at this address adds up to {note.get('found')} sun, and it holds {held}.",
        effect="Something of the coin is in no list, or moved meanwhile: its history does not count as whole.",
    )


def _held(said: Mapping[str, Any]) -> int:
    """Sun that are the account's own: free, frozen in either way, being released, and behind what it lent."""
    resource = fields.mapping(said.get("account_resource") or {}, "account_resource")
    found = sum(fields.amount(said, name) for name in _OWN) + sum(fields.amount(resource, name) for name in _LENT)
    energy = fields.mapping(resource.get("frozen_balance_for_energy") or {}, "frozen_balance_for_energy")
    found += fields.amount(energy, "frozen_balance")
    for name, part in (("frozen", "frozen_balance"), ("frozenV2", "amount"), ("unfrozenV2", "unfreeze_amount")):
        listed = said.get(name) or []
        if not isinstance(listed, list):
            raise ValueError(f"{name} is not a list")
        found += sum(fields.amount(fields.mapping(each, name), part) for each in listed)
    return found


def _said(exhibit: Exhibit) -> Mapping[str, Any]:
    try:
        return fields.mapping(fields.load(exhibit.data), "the answer")
    except ValueError as error:
        raise Error(
            "tron-node-answer",
            f"{exhibit.name.partition('#')[0]} gave no answer of a TRON node.",
            f"It is not JSON of a node: {str(error)[:120]}.",
            "Ask again later; what came is kept.",
        ) from None
