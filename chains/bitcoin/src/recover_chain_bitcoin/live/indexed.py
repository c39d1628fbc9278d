"""What is asked of an Electrum server, batch by batch; each answer is decoded before the next question is put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from recover.sdk import Absent, Batch, Elsewhere, Error, Exhibit, Recorder
from recover_chain_bitcoin import script
from recover_chain_bitcoin.live import calls, fields, proofs
from recover_chain_bitcoin.live.calls import Answer, Answers, Call
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.transaction import Tx

NAME: Final = "The Electrum server"
_VERSION: Final = Call(purpose="version", subject="", method="server.version", params=("recover", ["1.4", "1.6"]))
_FEATURES: Final = Call(purpose="features", subject="", method="server.features")
_TOGETHER: Final = 25
_SPENT: Final = 75
"""Transactions to a batch, and how many that they spend: small, because servers count what each client costs."""

_ROUNDS: Final = 3
_SCRIPTS: Final = 4
_UNKNOWN: Final = "No such mempool or blockchain transaction"
"""How bitcoind says so, which such servers hand on."""


@dataclass(slots=True, kw_only=True)
class Indexed:
    """One ask in the making: `taken` are its exhibits so far, `check` decodes each before it is relied on."""

    recorder: Recorder
    network: Network
    check: Callable[[Exhibit], Iterator[Batch]]
    taken: list[Exhibit] = field(default_factory=list)

    def put(self, *listed: Call) -> Answers:
        """Ask, and check the answer by decoding it. Raises Error when the server refuses a question."""
        exhibit = calls.ask(self.recorder, self.recorder.endpoint, self.network.id, (_VERSION, *listed), line=True)
        for _ in self.check(exhibit):
            pass
        self.taken.append(exhibit)
        answers = calls.read(exhibit)
        told = Answers(chain=answers.chain, listed=tuple(a for a in answers.listed if a.call.purpose != "version"))
        calls.require(told, NAME)
        return told

    def begin(self, *listed: Call) -> Answers:
        """The first batch: it also asks on which network the server is. Raises Error when on another one."""
        answers = self.put(_FEATURES, *listed)
        said = fields.named(answers.listed[0], answers.listed[0].result, "genesis_hash")
        if said != self.network.genesis:
            raise Elsewhere(
                "wrong-network",
                f"The Electrum server is not on {self.network.title}.",
                f"Its first block is {said}, not {self.network.genesis}.",
                "Name the endpoint of a server of this network in your recover.toml.",
            )
        return Answers(chain=answers.chain, listed=answers.listed[1:])

    def history(self, address: str) -> None:
        """Every confirmed transaction of an address, with proofs, and the list again at the end.

        Raises Error when the list still changes after three rounds.
        """
        key = _key(self._script(address))
        listed = self._listed(self.begin(_history("history", address, key)))
        read: set[str] = set()
        for _ in range(_ROUNDS):
            fresh = {tx: height for tx, height in listed.items() if tx not in read}
            self.prove(self.raws(list(fresh)), fresh)
            read |= fresh.keys()
            # The server may have found a block in the meantime: ask once more, and claim only an unchanged list.
            again = self._listed(self.put(_FEATURES, _history("history", address, key)))
            if again == listed:
                self.put(_FEATURES, _history("history-whole", address, key))
                return
            listed = again
        raise Error(
            "history-changing",
            f"The history of {address} changes while it is read.",
            f"After {_ROUNDS} rounds the server still listed others.",
            "Run again later; what was read is kept, and is not claimed to be whole.",
        )

    def details(self, tx: str) -> None:
        """One transaction, what it spends, and its place in a block if it is confirmed."""
        try:
            (found,) = self.raws([tx], first=True)
        except Error as error:
            if error.code == "server-refused" and _UNKNOWN in error.why:
                raise Absent(error.code, error.what, error.why, error.todo) from error
            raise
        height = self._height(found)
        if height <= 0:
            raise fields.unconfirmed(tx, NAME)
        self.prove([found], {tx: height})

    def spend(self, tx: str, index: int) -> None:
        """The transaction that spent an output; where there is none, the history of its script shows it."""
        (made,) = self.raws([tx], first=True)
        if index >= len(made.outputs):
            raise Error(
                "no-such-output",
                f"Transaction {tx} has no output {index}.",
                f"It has {len(made.outputs)}.",
                "Correct the ask.",
            )
        listed = self._listed(self._script_history(f"{tx}:{index}", made.outputs[index].script))
        others = self.raws([each for each in listed if each != tx])
        self.prove([each for each in others if any((i.tx, i.vout) == (tx, index) for i in each.inputs)], listed)

    def balance(self, address: str) -> None:
        """What the address holds, as the server says."""
        key = _key(self._script(address))
        self.begin(
            Call(purpose="balance", subject=address, method="blockchain.scripthash.get_balance", params=(key,))
        )

    def raws(self, listed: Sequence[str], *, first: bool = False) -> list[Tx]:
        """Transactions by their ids."""
        found: list[Tx] = []
        for at in range(0, len(listed), _TOGETHER):
            asked = [_get("raw", tx) for tx in listed[at : at + _TOGETHER]]
            answers = self.begin(*asked) if first else self.put(*asked)
            for answer in answers.listed:
                raw = fields.data(answer, answer.result, "the transaction")
                found.append(proofs.parse(self.network, answer, raw))
        return found

    def prove(self, listed: Sequence[Tx], heights: dict[str, int]) -> None:
        """Transactions of known heights, with their Merkle paths, their headers, and what they spend."""
        for part in _parts(listed):
            try:
                self._prove_together(part, heights)
            except Error as error:
                if error.code != "server-refused" or "large" not in error.why:
                    raise
                self._prove_apart(part, heights)

    def _prove_together(self, part: Sequence[Tx], heights: dict[str, int]) -> None:
        here = {tx.id for tx in part}
        wanted = [call for tx in part for call in _place(tx.id, heights[tx.id])]
        self.put(*wanted, *(_get("spent", tx) for tx in _spends(part) if tx not in here))

    def _prove_apart(self, part: Sequence[Tx], heights: dict[str, int]) -> None:
        """The same in small batches, where the answers together are longer than the server sends at once."""
        for tx in part:
            self.put(*_place(tx.id, heights[tx.id]))
        for spent in _spends(part):
            self.put(_get("made", spent))  # a confirmed one spends it, so that it stands in a block

    def _height(self, tx: Tx) -> int:
        """Where a transaction stands, by the history of one of its scripts; 0 when it is not confirmed.

        Raises Error where no script's history names it: then nobody has said whether it is.
        """
        refusal: Error | None = None
        for each in self._scripts(tx):
            try:
                answers = self._script_history(tx.id, each)
            except Error as error:
                if error.code != "server-refused" or "large" not in error.why:
                    raise
                refusal = error  # a script with a very long history: another one of it may have a short one
                continue
            (answer,) = answers.all("history")
            found = dict(entries(answer))
            if tx.id in found:
                return max(0, found[tx.id])
        raise refusal or Error(
            "place-unknown",
            f"The Electrum server gave transaction {tx.id}, and does not say whether a block holds it.",
            "No history of its scripts names it.",
            "Ask a node or another server; until one says so, nothing counts as moved by it.",
        )

    def _scripts(self, tx: Tx) -> Iterator[bytes]:
        """The scripts that it pays, those that hold data aside, then that of its first input: a few of them."""
        yield from [out.script for out in tx.outputs if out.script[:1] != b"\x6a"][:_SCRIPTS]
        if not tx.is_coinbase:
            first = tx.inputs[0]
            (answer,) = self.put(_get("spent", first.tx), _FEATURES).all("spent")
            made = proofs.parse(self.network, answer, fields.data(answer, answer.result, "the transaction"))
            yield made.outputs[first.vout].script

    def _script_history(self, subject: str, program: bytes) -> Answers:
        answers = self.put(_FEATURES, _history("history", subject, _key(program)))
        return Answers(chain=answers.chain, listed=answers.listed[1:])

    def _listed(self, answers: Answers) -> dict[str, int]:
        """The confirmed transactions of a history and their heights."""
        (answer,) = answers.all("history")
        return {tx: height for tx, height in entries(answer) if height > 0}

    def _script(self, address: str) -> bytes:
        try:
            return script.address(self.network, address)
        except ValueError as error:
            raise Error(
                "not-an-address",
                f"{address[:100]} is no address of {self.network.title}.",
                f"{error}.",
                "Correct the ask.",
            ) from error


def entries(answer: Answer) -> list[tuple[str, int]]:
    """(transaction, height) of a history; heights of 0 and below are unconfirmed."""
    found = []
    for each in fields.listed(answer, answer.result, "the history"):
        tx = fields.tx_id(answer, fields.named(answer, each, "tx_hash"), "tx_hash")
        found.append((tx, fields.number(answer, fields.named(answer, each, "height"), "height", -1)))
    return found


def _key(program: bytes) -> str:
    """The script hash by which the protocol knows an address: SHA-256, reversed."""
    return sha256(program).digest()[::-1].hex()


def _history(purpose: str, subject: str, key: str) -> Call:
    return Call(purpose=purpose, subject=subject, method="blockchain.scripthash.get_history", params=(key,))


def _get(purpose: str, tx: str) -> Call:
    return Call(purpose=purpose, subject=tx, method="blockchain.transaction.get", params=(tx,))


def _place(tx: str, height: int) -> list[Call]:
    return [
        _get("raw", tx),
        Call(purpose="proof", subject=tx, method="blockchain.transaction.get_merkle", params=(tx, height)),
        Call(purpose="header", subject=tx, method="blockchain.block.header", params=(height,)),
    ]


def _spends(part: Sequence[Tx]) -> list[str]:
    """The transactions whose outputs these spend, each once."""
    return list({i.tx: None for tx in part if not tx.is_coinbase for i in tx.inputs})


def _parts(listed: Sequence[Tx]) -> Iterator[list[Tx]]:
    part: list[Tx] = []
    inputs = 0
    for tx in listed:
        if part and (len(part) >= _TOGETHER or inputs + len(tx.inputs) > _SPENT):
            yield part
            part, inputs = [], 0
        part.append(tx)
        inputs += len(tx.inputs)
    if part:
        yield part
