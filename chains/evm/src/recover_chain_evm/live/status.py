"""What an address holds at the pinned block, and whether its tokens are frozen: asked, and read from the answers.

The chain's own coin and code are proved by `eth_getProof` against the pinned header's state root where the node
gives proofs. A token's balance and its issuer's freeze are the contract's answers there, on the node's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recover.sdk import Exhibit, Gap, Proof, State, Status
from recover_chain_evm import abi, issuers, proofs, values
from recover_chain_evm.keccak import keccak256, selector
from recover_chain_evm.live import tokens, wire
from recover_chain_evm.live.node import Moment, Node
from recover_chain_evm.networks import Network

METHODS = frozenset({"eth_getBalance", "eth_getCode", "eth_getProof"})
_EMPTY = "0x" + keccak256(b"").hex()


def ask(node: Node, network: Network, wanted: Status) -> Iterator[Exhibit]:
    """One batch: coin, code and proof of the address, or a token's balance, its freeze and the token's code."""
    address, block = wanted.address.text, node.block
    if wanted.asset is None or wanted.asset == network.native:
        calls = [wire.Call(method=m, params=(address, block)) for m in ("eth_getBalance", "eth_getCode")]
        calls.append(wire.Call(method="eth_getProof", params=(address, [], block)))
    elif not wanted.asset.startswith(network.erc20):
        raise ValueError(f"{wanted.asset} is no token of {network.title}")
    else:
        token = wanted.asset.removeprefix(network.erc20)
        calls = [tokens.call(token, abi.call(tokens.BALANCE, address), block)]
        found = issuers.family(network, token)
        if found is not None:
            calls.append(tokens.call(token, issuers.question(found[1], address), block))
    node.ask(calls)
    yield from node.take()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proved:
    balance: int
    code: str


def of_account(moment: Moment, answers: Sequence[wire.Answer]) -> Iterator[State | Gap]:
    """Balance and code out of `METHODS`, each graded by what the proof beside it shows.

    Raises KeyError or ValueError for an answer that is none, for a proof that does not hold, and for one that
    shows something else than the answer beside it.
    """
    proved = _proofs(moment, answers)
    for each in answers:
        address = values.account(each.call.params[0])
        known = proved.get(address)
        if each.refused:
            yield refusal(moment, each, address)
        elif each.call.method == "eth_getBalance":
            amount = values.number(each.result, "the balance")
            _same(known is None or known.balance == amount, "balance")
            yield moment.state("balance", address, amount, each.place, _grade(known), moment.network.native)
        elif each.call.method == "eth_getCode":
            code = values.octets(each.result, "the code")
            _same(known is None or known.code == "0x" + keccak256(code).hex(), "code")
            yield moment.state("code", address, len(code), each.place, _grade(known))


def of_token(moment: Moment, answer: wire.Answer) -> Iterator[State | Gap]:
    """A token's balance or freeze out of one `eth_call`; a gap where what came does not fit what was asked.

    Raises KeyError or ValueError where the call itself cannot be read back.
    """
    asked = values.fields(answer.call.params[0], "the call")
    token, data = values.account(asked["to"]), values.octets(asked["data"])
    address, called = "0x" + data[-20:].hex(), "0x" + data[:4].hex()
    kind = "balance" if called == selector(tokens.BALANCE) else "frozen"
    found = tokens.number(answer)
    if answer.refused:
        yield refusal(moment, answer, address)
    elif found is None or (kind == "frozen" and found > 1):
        yield tokens.misfit(
            moment.network, token, "balanceOf" if kind == "balance" else "its issuer's list", answer
        )
    else:
        asset = moment.network.erc20 + token
        yield moment.state(kind, address, found, answer.place, "reported", asset)


def refusal(moment: Moment, answer: wire.Answer, subject: str) -> Gap:
    """The gap that is left where a node does not say what was asked about `subject`."""
    return Gap(
        code="state-unknown",
        subject=subject,
        why=f"At block {moment.height} the node answered {answer.told}.",
        effect="Nothing is said of it here: neither that it holds nothing, nor that it is not frozen.",
        place=answer.place,
    )


def _proofs(moment: Moment, answers: Sequence[wire.Answer]) -> Mapping[str, _Proved]:
    """What each account proof shows, by address; nothing where the header itself is not proved."""
    found: dict[str, _Proved] = {}
    for each in answers:
        if each.call.method != "eth_getProof" or each.refused or not moment.proved:
            continue
        address, fields = values.account(each.call.params[0]), values.fields(each.result, "the proof")
        _same(values.account(fields["address"]) == address, "address")
        shown = proofs.account_proof(fields, values.digest(moment.block["stateRoot"], "stateRoot"))
        found[address] = (
            _Proved(balance=shown.balance, code=shown.code) if shown else _Proved(balance=0, code=_EMPTY)
        )
    return found


def _grade(known: _Proved | None) -> Proof:
    return "reported" if known is None else "included"


def _same(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"the proof shows another {what} than the answer beside it")
