"""TronGrid's pages of transactions: TRX and TRC-10 that transactions move, their fees, and calls inside them.

Shapes: TRON developer documentation, "Get transaction info by account address" and "Get internal transactions by
account address"; contract types and `contractResult`: Tron.proto. Amounts are in sun, times in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from recover.sdk import Ask, Batch, Event, Exhibit, Gap, Leg, Nothing, Recorder, SourceInfo, Transaction
from recover_chain_tron import acts, body, fields, order, page, shown
from recover_chain_tron.chain import CHAIN
from recover_chain_tron.shown import TRX, Shown, trc10


class Coins:
    """Transactions of one account, page by page, as files. `place` is the item's number in the page, from 0."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="trongrid-trx",
            version="2",
            title="TronGrid: transactions of an address, with TRX, TRC-10 and fees",
            chains=(CHAIN,),
            place="item",
            media="JSON, a page of TronGrid's v1/accounts/{address}/transactions or /internal-transactions",
            terms="TronGrid's terms of service; an API key of one's own",
            limits="TRC-20 transfers stand on another page; no page says whether it is a whole history.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if not head.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"{") or b'"data"' not in head:
            return False
        return (b'"txID"' in head and b'"raw_data"' in head) or b'"internal_tx_id"' in head

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error for a refusal of the server, and naming up to 20 items that cannot be read."""
        yield batch(exhibit, None)


def batch(exhibit: Exhibit, query: page.Query | None) -> Batch:
    """One page of transactions or of calls; `query` is what was asked, None for a file.

    Raises Error for a refusal of the server, and naming up to 20 items that cannot be read.
    """
    found = page.load(exhibit.name, exhibit.data)
    rows: list[Shown] = []
    whole: list[Transaction] = []
    problems: list[str] = []
    notes = _Notes()
    for place, raw in enumerate(found.items):
        try:
            item = fields.mapping(raw, "it")
            if "internal_tx_id" in item:
                rows += _internal(place, item, notes)
            elif item.get("raw_data_hex"):
                whole.append(_proved(place, item, notes))
            else:
                rows += _sent(place, item, notes)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            problems.append(f"item {place}: {fields.why(error)}")
    if problems:
        fields.unreadable(exhibit.name, problems)
    gaps = list(notes.gaps(collected=query is not None))
    if query is None and (rows or whole):
        more = " Further pages follow it." if found.fingerprint is not None else ""
        gaps.append(shown.unnamed(exhibit.name, more))
    if query is not None and not query.confirmed:
        gaps += page.unsettled(found)
    if not (rows or whole or gaps) and query is not None:
        return Batch.of(Nothing(why="The server answered, and lists nothing on this page."))
    return Batch.of(*whole, *shown.records(rows), *notes.events, *gaps)


def nets(exhibit: Exhibit, query: page.Query) -> tuple[dict[str, int], int | None]:
    """What each transaction or call of a page moved of the coin at the address that was asked for.

    And up to when a last page shows everything; None for a page that others follow. Raises as `batch` does.
    """
    found = page.load(exhibit.name, exhibit.data)
    moved: dict[str, int] = {}
    for place, raw in enumerate(found.items):
        item, notes = fields.mapping(raw, "it"), _Notes()
        if "internal_tx_id" in item:
            legs = shown.legs(_internal(place, item, notes))
        elif item.get("raw_data_hex"):
            made = _proved(place, item, notes)
            legs = [leg for leg in made.legs if leg.kind == "fee" or not made.failed]
        else:
            failed = [row for row in _sent(place, item, notes) if row.kind == "fee" or not row.failed]
            legs = shown.legs(failed)
        own = [leg.amount for leg in legs if leg.address == query.address and leg.asset == TRX]
        moved[str(item.get("internal_tx_id") or item.get("txID"))] = sum(each for each in own if each)
    return moved, None if found.fingerprint is not None else page.settled(found, query)


class _Notes:
    """What a page says of transactions and does not show."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self.other: list[tuple[str, int]] = []
        self.tokens: list[tuple[str, int]] = []
        self.kinds: set[str] = set()
        self.events: list[Event] = []
        self.told: list[Gap] = []

    def gaps(self, *, collected: bool = False) -> Iterator[Gap]:
        """`collected`: the other pages of the account are asked for as well."""
        yield from self.told
        yield from shown.several(
            "calls-elsewhere",
            [] if collected else self.calls,
            "Contracts were called, and what they moved stands on the pages of TRC-20 and internal transactions",
            "Tokens and TRX that contracts passed on are missing until those pages are imported.",
        )
        kinds = ", ".join(sorted(self.kinds))
        yield from shown.several(
            "contract-unread",
            self.other,
            f"Transactions are of kinds that are not read here: {kinds}",
            "What they moved is left out; only their fees are booked.",
        )
        yield from shown.several(
            "internal-token",
            self.tokens,
            "Internal transactions move tokens in a form that is not read here",
            "What they moved is left out.",
        )


def _proved(place: int, item: Mapping[str, Any], notes: _Notes) -> Transaction:
    """A transaction out of its bytes, with what the page says of its end. Raises KeyError or ValueError."""
    found = order.read(bytes.fromhex(fields.text(item, "raw_data_hex")), len(item.get("signature") or ()))
    if fields.matched(item, "txID", fields.ID).lower() != found.id:
        raise ValueError(f"its id is not the SHA-256 of its bytes, which is {found.id}")
    said, result = found.order, fields.mapping((item.get("ret") or [{}])[0], "ret")
    outcome = result.get("contractRet")
    moves, gaps = body.legs(found.id, said, None)
    moves = [*moves, *_claimed(item, said)]
    fee = fields.amount(result, "fee")
    moves += body.pair("fee", said.owner, None, TRX, fee, _FEE) if fee else []
    called = said.kind in ("TriggerSmartContract", "CreateSmartContract")
    failed = None if outcome is None else outcome not in ("SUCCESS", "DEFAULT")
    notes.told += [replace(gap, place=place) for gap in gaps]
    notes.calls += [(found.id, place)] if called and not failed else []
    events = [*acts.of_order(found.id, said), *acts.of_keys(found)]
    notes.events += [replace(event, place=place) for event in events if not failed]
    return Transaction(
        chain=CHAIN,
        id=found.id,
        place=place,
        legs=tuple(moves),
        time=fields.moment(fields.millis(item.get("block_timestamp"))),
        height=_height(item),
        failed=failed,
        # A call also moves what its contract passes on, and a page of transactions does not show that.
        whole=not called and not gaps and failed is not None,
        proof="self-authenticating",
        facts=body.facts(said),
    )


_FEE = 2


def _claimed(item: Mapping[str, Any], said: order.Order) -> list[Leg]:
    amount = fields.amount(item, "withdraw_amount")
    return body.pair("reward", None, said.owner, TRX, amount, 3) if amount else []


def _sent(place: int, item: Mapping[str, Any], notes: _Notes) -> Iterator[Shown]:
    """A transaction: its value, where it has one, and its fee. Raises KeyError or ValueError."""
    tx = fields.matched(item, "txID", fields.ID).lower()
    result = fields.mapping((item.get("ret") or [{}])[0], "ret")
    outcome = result.get("contractRet")
    failed = None if outcome is None else outcome not in ("SUCCESS", "DEFAULT")
    contract = fields.mapping(fields.mapping(item["raw_data"], "raw_data")["contract"][0], "the contract")
    kind = fields.text(contract, "type")
    said = fields.mapping(fields.mapping(contract["parameter"], "parameter")["value"], "value")
    owner = fields.account(said, "owner_address")
    shared: dict[str, Any] = {
        "tx": tx,
        "place": place,
        "src": owner,
        "millis": fields.millis(item.get("block_timestamp")),
        "height": _height(item),
        "failed": failed,
    }
    fee = fields.amount(result, "fee") if "fee" in result else None
    yield Shown(**shared, kind="fee", dst=None, asset=TRX, amount=fee or None)
    if kind == "TransferContract":
        to = fields.account(said, "to_address")
        yield Shown(**shared, kind="transfer", dst=to, asset=TRX, amount=fields.amount(said, "amount"))
    elif kind == "TransferAssetContract":
        to, token = fields.account(said, "to_address"), _token(said)
        yield Shown(**shared, kind="transfer", dst=to, asset=token, amount=fields.amount(said, "amount"))
    elif kind == "TriggerSmartContract":
        to = fields.account(said, "contract_address")
        if fields.amount(said, "call_value"):
            yield Shown(**shared, kind="transfer", dst=to, asset=TRX, amount=fields.amount(said, "call_value"))
        if fields.amount(said, "call_token_value"):
            token, amount = trc10(str(fields.amount(said, "token_id"))), fields.amount(said, "call_token_value")
            yield Shown(**shared, kind="transfer", dst=to, asset=token, amount=amount)
        if failed is not True:
            notes.calls.append((tx, place))
    elif kind not in order.names():
        notes.other.append((tx, place))
        notes.kinds.add(kind[:60])


def _internal(place: int, item: Mapping[str, Any], notes: _Notes) -> Iterator[Shown]:
    """A call inside a transaction. One that was rejected moved nothing. Raises KeyError or ValueError."""
    tx = fields.matched(item, "tx_id", fields.ID).lower()
    data = fields.mapping(item["data"], "data")
    values = fields.mapping(data.get("call_value") or {}, "call_value")
    rejected = data.get("rejected")
    if not isinstance(rejected, bool):
        raise ValueError("data does not say whether the call was rejected")
    if set(values) - {"_"} or {"call_token_value", "token_id"} & data.keys():
        notes.tokens.append((tx, place))
    # What a call lends or freezes has an amount too, which stands behind the resource and does not move.
    moves = str(data.get("note") or "call") in ("call", "create", "suicide")
    amount = fields.amount(values, "_") if moves and not rejected else 0
    yield Shown(
        tx=tx,
        place=place,
        kind="internal",
        src=fields.account(item, "from_address"),
        dst=fields.account(item, "to_address"),
        asset=TRX,
        amount=amount or None,
        millis=fields.millis(item.get("block_timestamp")),
        # A call that stands shows that its transaction did not fail; a rejected one shows nothing of it.
        failed=None if rejected else False,
    )


def _token(said: Mapping[str, Any]) -> str:
    """The token that a TRC-10 transfer names: its number, in the hexadecimal form of nodes or as it is."""
    name = fields.text(said, "asset_name")
    for text in (name, bytes.fromhex(name).decode("ascii", "replace") if _pairs(name) else ""):
        if len(text) == 7 and text.isascii() and text.isdigit():
            return trc10(text)
    raise ValueError("asset_name is no number of a TRC-10 token")


def _pairs(text: str) -> bool:
    return len(text) % 2 == 0 and all(c in "0123456789abcdefABCDEF" for c in text)


def _height(item: Mapping[str, Any]) -> int | None:
    height = item.get("blockNumber")
    return None if height is None else fields.amount(item, "blockNumber")
