"""What is asked of a node, batch by batch; each answer is decoded before the next question is put."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from recover.sdk import Absent, Elsewhere, Error, Exhibit, Recorder, Request
from recover_chain_bitcoin import script
from recover_chain_bitcoin.live import answered, calls, fields, proofs
from recover_chain_bitcoin.live.calls import Answer, Answers, Call
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.transaction import Tx

NAME: Final = "The node"
_TRIES: Final = 5
_BY_ID, _FILTERS = "txindex", "basic block filter index"
_TOGETHER: Final = 20
"""Transactions to a batch, and about how many that they spend times five."""
_SCANS: Final = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the node says of itself: its tip, the least height whose block it still has, its indexes."""

    height: int
    best: str
    least: int
    transactions: bool
    filters: bool


@dataclass(slots=True, kw_only=True)
class Asking:
    """One ask in the making: `taken` are its exhibits so far."""

    recorder: Recorder
    network: Network
    taken: list[Exhibit] = field(default_factory=list)

    def put(self, *listed: Call, refusals: bool = False) -> Answers:
        """Ask, and check the answer by decoding it. Raises Error for a refusal, unless `refusals` are read."""
        try:
            # A node does one scan at a time, and refuses a second that another worker asks for meanwhile.
            with _SCANS if any(call.method.startswith("scan") for call in listed) else nullcontext():
                exhibit = calls.ask(self.recorder, self.recorder.endpoint, self.network.id, listed)
        except Error as error:
            raise _unauthorised(error) from error
        answers = self._checked(exhibit)
        if not refusals:
            calls.require(answers, NAME)
        return answers

    def state(self) -> State:
        """Raises Error when the node is on another network, or has not yet caught up with its own headers.

        An index that has not yet read the newest block would leave it out without a word, so it is waited for.
        """
        for _ in range(_TRIES):
            answers = self.put(
                Call(purpose="genesis", subject="", method="getblockhash", params=(0,)),
                Call(purpose="node", subject="", method="getblockchaininfo"),
                Call(purpose="indexes", subject="", method="getindexinfo"),
            )
            state, behind = _state(self.network, answers)
            if not behind:
                return state
        raise Error(
            "index-behind",
            f"The node's {behind[0]} has not read all of its {state.height} blocks.",
            f"It was asked {_TRIES} times.",
            "Wait until it has caught up, and run again.",
        )

    def details(self, tx: str) -> None:
        """One transaction, what it spends, and its place."""
        state = self.state()
        found, block, _ = self.locate(tx)
        if block is None:
            raise fields.unconfirmed(tx, NAME)
        self.prove([(found, block)], state)

    def locate(self, tx: str, *others: Call) -> tuple[Tx, str | None, Answers]:
        """A transaction by its id alone, the id of its block (None: unconfirmed), and the answers to `others`.

        Raises Error where the node does not find it: it needs txindex.
        """
        raw = Call(purpose="raw", subject=tx, method="getrawtransaction", params=(tx, 1))
        answers = self.put(raw, *others, refusals=True)
        answer = answers.listed[0]
        if answer.refusal:
            known = Absent if "(code -5)" in answer.refusal else Error
            raise known(
                "tx-not-found",
                f"The node does not know transaction {tx}.",
                f"It says: {answer.refusal}",
                "A node finds transactions by their id only with txindex=1. If it has that, the id is of another "
                "network, or the transaction never reached this node.",
            )
        calls.require(answers, NAME)
        data = fields.data(answer, fields.named(answer, answer.result, "hex"), "hex")
        block = answer.result.get("blockhash")
        return proofs.parse(self.network, answer, data), None if block is None else str(block), answers

    def raws(self, listed: Sequence[tuple[str, str]]) -> list[tuple[Tx, str]]:
        """Transactions by (id, block); needs no index."""
        found: list[tuple[Tx, str]] = []
        for start in range(0, len(listed), _TOGETHER * 5):
            part = listed[start : start + _TOGETHER * 5]
            answers = self.put(
                *(Call(purpose="raw", subject=tx, method="getrawtransaction", params=(tx, 0, b)) for tx, b in part)
            )
            for answer, (_, block) in zip(answers.listed, part, strict=True):
                raw = fields.data(answer, answer.result, "the transaction")
                found.append((proofs.parse(self.network, answer, raw), block))
        return found

    def prove(self, listed: Sequence[tuple[Tx, str]], state: State) -> None:
        """Transactions of known blocks, with their Merkle proofs, their headers, and what they spend."""
        for part in _parts(listed):
            wanted: list[Call] = []
            here = {tx.id for tx, _ in part}
            for tx, block in part:
                wanted += _proof(tx.id, block, 0 if state.transactions else 2)
            spent = {each.tx: None for tx, _ in part if not tx.is_coinbase for each in tx.inputs}
            if state.transactions:
                wanted += [
                    Call(purpose="spent", subject=tx, method="getrawtransaction", params=(tx, 0))
                    for tx in spent
                    if tx not in here
                ]
            self.put(*wanted)

    def balance(self, address: str) -> None:
        """What the address holds at the node's tip, by a pass over all unspent outputs; and what spends one of
        them and is in no block yet, where the node tells (Bitcoin Core 24 and later).
        """
        self.state()
        what = ("start", [self.descriptor(address)])
        found = self.put(Call(purpose="balance", subject=address, method="scantxoutset", params=what)).listed[0]
        coins = [{"txid": one.get("txid"), "vout": one.get("vout")} for one in found.result.get("unspents", ())]
        for at in range(0, len(coins), _TOGETHER * 5):
            with suppress(Error):  # a sighting is no figure: where the node has no such call, the balance stands
                self._waiting(address, coins[at : at + _TOGETHER * 5])

    def _waiting(self, address: str, coins: Sequence[Mapping[str, object]]) -> None:
        asked = Call(purpose="waiting", subject=address, method="gettxspendingprevout", params=(list(coins),))
        answer = self.put(asked, refusals=True).listed[0]
        if not answer.refusal:
            spent = (fields.named(answer, one, "spendingtxid") for one in answer.result if "spendingtxid" in one)
            # Its entry alone, and not what it moves: that counts once a block holds it.
            found = dict.fromkeys(fields.tx_id(answer, one, "spendingtxid") for one in spent)
            listed = [Call(purpose="sighted", subject=tx, method="getmempoolentry", params=(tx,)) for tx in found]
            if listed:
                self.put(*listed, refusals=True)

    def descriptor(self, address: str) -> str:
        """The output descriptor of an address's script (BIP 385). Raises Error when it is no address here."""
        return f"raw({self.script(address).hex()})"

    def script(self, address: str) -> bytes:
        try:
            return script.address(self.network, address)
        except ValueError as error:
            raise Error(
                "not-an-address",
                f"{address[:100]} is no address of {self.network.title}.",
                f"{error}.",
                "Correct the ask.",
            ) from error

    def fetch(self, path: str) -> Exhibit:
        """A body of the REST interface. Raises Error where the node does not offer it."""
        exhibit = self.recorder.capture(Request(url=f"{self.recorder.endpoint.rstrip('/')}/rest/{path}"))
        for _ in answered.decode(exhibit):
            pass
        self.taken.append(exhibit)
        return exhibit

    def _checked(self, exhibit: Exhibit) -> Answers:
        for _ in answered.decode(exhibit):
            pass
        self.taken.append(exhibit)
        return calls.read(exhibit)


def _proof(tx: str, block: str, verbosity: int) -> list[Call]:
    return [
        Call(purpose="raw", subject=tx, method="getrawtransaction", params=(tx, verbosity, block)),
        Call(purpose="proof", subject=tx, method="gettxoutproof", params=([tx], block)),
        Call(purpose="header", subject=f"{tx} {block}", method="getblockheader", params=(block, True)),
    ]


def _parts(listed: Sequence[tuple[Tx, str]]) -> Iterator[list[tuple[Tx, str]]]:
    """Batches of at most so many transactions and inputs; one with many inputs makes a batch of its own."""
    part: list[tuple[Tx, str]] = []
    inputs = 0
    for each in listed:
        if part and (len(part) >= _TOGETHER or inputs + len(each[0].inputs) > _TOGETHER * 5):
            yield part
            part, inputs = [], 0
        part.append(each)
        inputs += len(each[0].inputs)
    if part:
        yield part


def _state(network: Network, answers: Answers) -> tuple[State, list[str]]:
    """What the node says of itself, and which of its indexes have not read all of its blocks."""
    genesis, node, indexes = answers.listed
    if genesis.result != network.genesis:
        raise Elsewhere(
            "wrong-network",
            f"The node is not on {network.title}.",
            f"Its first block is {genesis.result}, not {network.genesis}.",
            "Name the endpoint of a node of this network in your recover.toml.",
        )
    height = fields.number(node, fields.named(node, node.result, "blocks"), "blocks")
    headers = fields.number(node, fields.named(node, node.result, "headers"), "headers")
    if height < headers:
        raise Error(
            "node-behind",
            f"The node has read {height} of {headers} blocks.",
            "What happened in the blocks that it has not read, it does not know.",
            "Wait until it has caught up, and run again.",
        )
    pruned = fields.named(node, node.result, "pruned") is True
    reached = {name: _reached(indexes, name) for name in (_BY_ID, _FILTERS)}
    state = State(
        height=height,
        best=fields.tx_id(node, fields.named(node, node.result, "bestblockhash"), "bestblockhash"),
        least=fields.number(node, node.result.get("pruneheight", 0), "pruneheight") if pruned else 0,
        transactions=reached[_BY_ID] is not None,
        filters=reached[_FILTERS] is not None,
    )
    return state, [name for name, block in reached.items() if block is not None and block < height]


def _reached(indexes: Answer, name: str) -> int | None:
    """The height that an index has read up to; None where the node does not keep it, or still builds it."""
    found = indexes.result.get(name) if isinstance(indexes.result, dict) else None
    if not isinstance(found, dict) or found.get("synced") is not True:
        return None
    return fields.number(indexes, fields.named(indexes, found, "best_block_height"), "best_block_height")


def _unauthorised(error: Error) -> Error:
    if "HTTP 401" not in error.why and "HTTP 403" not in error.why:
        return error
    return Error(
        "password-refused",
        f"The node refused the password. {error.what}",
        error.why,
        "Set RECOVER_BITCOIN_RPC to user:password as the node's rpcuser and rpcpassword say, or to the content "
        "of its .cookie file.",
    )
