"""How a history ends: what was found is held against the node's own figures, and only what agrees is claimed.

The payments found must be as many as the account counts, and the movements found of the coin and of every listed
token must add up to what the address holds at the pinned block. A node that leaves logs or payments out of its
searches, a token that changes balances without a log, coins of the first block or of a validator: each shows here.
The last call of a history carries the outcome in its id, so that the claim can be read from its exhibit alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recover.sdk import Coverage, Exhibit, Gap
from recover_chain_evm import abi, values
from recover_chain_evm.live import tokens, wire
from recover_chain_evm.live.node import Moment, Node
from recover_chain_evm.live.session import Session
from recover_chain_evm.live.tally import Tally
from recover_chain_evm.networks import Network

WHOLE, BUT = "history:whole", "history:but:"
"""The id of the last call where everything agrees, and what it begins with where something does not."""

FIGURE = "figure:"
"""What the ids of calls begin with that ask a listed token for a balance, to hold it against what was found."""

_COIN = "coin"
_DOUBT = re.compile(r"(coin|0x[0-9a-f]{40})=(index|count|sum|unasked):(-?[0-9]{1,80})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why the history of an asset is not claimed. `asset` is `coin` or a contract, `found` what was found."""

    asset: str
    reason: str
    found: int = 0

    def __str__(self) -> str:
        return f"{self.asset}={self.reason}:{self.found}"


def ask(
    node: Node, session: Session, network: Network, receipts: Sequence[values.Fields], tally: Tally
) -> Iterator[Exhibit]:
    """Ask for the figures, then for the balance again with the outcome in its id. Raises Error for a refusal."""
    address, block = tally.address, node.block
    own = [
        wire.Call(method=method, params=(address, block))
        for method in ("eth_getTransactionCount", "eth_getCode", "eth_getBalance")
    ]
    held = [_figure(each.contract, address, block) for each in network.tokens]
    count, code, balance, *answers = node.ask([*own, *held])
    yield from node.take()
    sent = len({each.get("transactionHash") for each in receipts if str(each.get("from")).lower() == address})
    found = [_coin(session, network, tally, sent, count, code, balance)]
    found += [_token(network, tally, each.contract, a) for each, a in zip(network.tokens, answers, strict=True)]
    doubts = [doubt for doubt in found if doubt is not None]
    note = f"{BUT}{','.join(map(str, doubts))}" if doubts else WHOLE
    node.require([wire.Call(method="eth_getBalance", params=(address, block), note=note)])
    yield from node.take()


def _figure(contract: str, address: str, block: str) -> wire.Call:
    plain = tokens.call(contract, abi.call(tokens.BALANCE, address), block)
    return wire.Call(method=plain.method, params=plain.params, note=f"{FIGURE}{contract}")


def _coin(
    session: Session,
    network: Network,
    tally: Tally,
    sent: int,
    count: wire.Answer,
    code: wire.Answer,
    balance: wire.Answer,
) -> Doubt | None:
    """An account with code counts what it creates or authorised (EIP-7702), so only the others' count is held."""
    if not session.index:
        return Doubt(asset=_COIN, reason="index")
    if count.refused or code.refused or balance.refused:
        return Doubt(asset=_COIN, reason="unasked")
    if code.result == "0x" and values.number(count.result, "the count") != sent:
        return Doubt(asset=_COIN, reason="count", found=sent)
    total = tally.total(network.native)
    return None if values.number(balance.result) == total else Doubt(asset=_COIN, reason="sum", found=total)


def _token(network: Network, tally: Tally, contract: str, answer: wire.Answer) -> Doubt | None:
    total = tally.total(network.erc20 + contract)
    held = 0 if answer.result == "0x" else tokens.number(answer)  # 0x: there is no contract at this address
    if held is None:
        return Doubt(asset=contract, reason="unasked")
    return None if held == total else Doubt(asset=contract, reason="sum", found=total)


def claims(moment: Moment, answer: wire.Answer) -> Iterator[Coverage | Gap]:
    """What the last call of a history claims, and a gap for each asset that it does not. Raises ValueError."""
    network, address = moment.network, values.account(answer.call.params[0])
    if answer.refused:
        return
    if answer.call.note == WHOLE:
        yield Coverage(chain=network.id, address=address, place=answer.place)
        return
    doubts = _doubts(answer.call.note)
    for name, asset in (
        (_COIN, network.native),
        *((t.contract, network.erc20 + t.contract) for t in network.tokens),
    ):
        if name not in doubts:
            yield Coverage(chain=network.id, address=address, asset=asset, place=answer.place)
        else:
            yield _gap(moment, answer, address, asset, doubts[name])


def _doubts(note: str) -> Mapping[str, Doubt]:
    found: dict[str, Doubt] = {}
    for part in note.removeprefix(BUT).split(","):
        read = _DOUBT.fullmatch(part)
        if read is None or not note.startswith(BUT):
            raise ValueError(f"the id {values.shown(note)} says nothing of a history")
        found[read[1]] = Doubt(asset=read[1], reason=read[2], found=int(read[3]))
    return found


def _gap(moment: Moment, answer: wire.Answer, address: str, asset: str, doubt: Doubt) -> Gap:
    coin = doubt.asset == _COIN
    reasons = {
        "index": "The node has no index of calls, so only what left a log was found; payments of the coin do not.",
        "count": f"The account has sent another number of transactions than the {doubt.found} that were found.",
        "sum": f"What was found adds up to {doubt.found} base units, and the address holds another amount.",
        "unasked": "The node does not say what the address holds, so what was found could not be checked.",
    }
    return Gap(
        code="coin-history-incomplete" if coin else "token-history-incomplete",
        subject=address,
        why=f"{reasons[doubt.reason]} This is of {asset}, up to block {moment.height}.",
        effect="Movements of this asset can be missing here: left out by the node, or made by no transaction.",
        place=answer.place,
    )
