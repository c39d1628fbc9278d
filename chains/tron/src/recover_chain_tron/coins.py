"""TronGrid's pages of transactions: TRX and TRC-10 that transactions move, their fees, and calls inside them.

Shapes: TRON developer documentation, "Get transaction info by account address" and "Get internal transactions by
account address"; contract types and `contractResult`: Tron.proto. Amounts are in sun, times in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recover.sdk import Ask, Batch, Exhibit, Gap, Recorder, SourceInfo
from recover_chain_tron import fields, page, shown
from recover_chain_tron.chain import CHAIN
from recover_chain_tron.shown import TRX, Shown, trc10

# Contracts that lock, vote, set rights or claim nothing from another account: only their fee moves.
_STILL = frozenset(
    """
    FreezeBalanceContract UnfreezeBalanceContract FreezeBalanceV2Contract UnfreezeBalanceV2Contract
    WithdrawExpireUnfreezeContract CancelAllUnfreezeV2Contract DelegateResourceContract
    UnDelegateResourceContract VoteWitnessContract WitnessCreateContract WitnessUpdateContract
    AccountCreateContract AccountUpdateContract SetAccountIdContract AccountPermissionUpdateContract
    UpdateSettingContract UpdateEnergyLimitContract UpdateBrokerageContract ClearABIContract UpdateAssetContract
    ProposalCreateContract ProposalApproveContract ProposalDeleteContract AssetIssueContract
    UnfreezeAssetContract
    """.split()  # noqa: SIM905  (a list of words is read, not a line for each)
)


class Coins:
    """Transactions of one account, page by page, as files. `place` is the item's number in the page, from 0."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="trongrid-trx",
            version="1",
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
        found = page.load(exhibit.name, exhibit.data)
        rows: list[Shown] = []
        problems: list[str] = []
        notes = _Notes()
        for place, raw in enumerate(found.items):
            try:
                item = fields.mapping(raw, "it")
                rows += _internal(place, item, notes) if "internal_tx_id" in item else _sent(place, item, notes)
            except (ValueError, KeyError, TypeError, IndexError) as error:
                problems.append(f"item {place}: {fields.why(error)}")
        if problems:
            fields.unreadable(exhibit.name, problems)
        gaps = list(notes.gaps())
        if rows:
            more = " Further pages follow it." if found.fingerprint is not None else ""
            gaps.append(shown.unnamed(exhibit.name, more))
        yield Batch.of(*shown.records(rows), *gaps)


class _Notes:
    """What a page says of transactions and does not show."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self.other: list[tuple[str, int]] = []
        self.tokens: list[tuple[str, int]] = []
        self.kinds: set[str] = set()

    def gaps(self) -> Iterator[Gap]:
        yield from shown.several(
            "calls-elsewhere",
            self.calls,
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
    elif kind not in _STILL:
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
    amount = 0 if rejected else fields.amount(values, "_")
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
