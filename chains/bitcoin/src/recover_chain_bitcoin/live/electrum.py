"""Electrum servers (ElectrumX, Fulcrum, electrs): an address index behind a line protocol.

Source: Electrum protocol 1.4 to 1.6. Batches begin with `server.version`, which a server wants first on every
connection; one that says that it was sent already has been told before, and that is no refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recover.sdk import (
    Ask,
    Batch,
    Block,
    Coverage,
    Details,
    Exhibit,
    Gap,
    History,
    Nothing,
    Recorder,
    SourceInfo,
    Spend,
    Status,
)
from recover.sdk import State as Held
from recover_chain_bitcoin import networks
from recover_chain_bitcoin.live import calls, fields, proofs
from recover_chain_bitcoin.live.calls import Answer, Answers
from recover_chain_bitcoin.live.core import CHAINS
from recover_chain_bitcoin.live.indexed import Indexed, entries
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.records import Columns

_SCHEMES: Final = ("tcp://", "ssl://")


class Electrum:
    """Transactions with their proofs, histories, spends and balances. `place` is the call's number in its batch.

    Ids are recomputed from bytes, what inputs spend from the transactions that made it, and each confirmed
    transaction's Merkle path leads to a header that meets its proof of work. That a history leaves nothing out is
    the server's word; it is claimed by the last exhibit, which repeats the list after all of it was read.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="bitcoin-electrum",
            version="1",
            title="Electrum server: histories and proofs",
            chains=CHAINS,
            place="item",
            media="JSON lines, answers of an Electrum server to a batch of questions",
            terms="The server's own terms; it learns which addresses are of interest, so prefer one of one's own",
            asks=("History", "Details", "Spend", "Status"),
            limits="Servers refuse histories that are too long for them. Unconfirmed transactions are named, not "
            "shown. The height of the chain's tip is not recorded.",
            primary=False,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return name.startswith(_SCHEMES) and head.lstrip()[:1] == b"[" and b'"jsonrpc"' in head

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Raises Error when the server refuses, lies, is on another network, or whose list keeps changing."""
        chain = ask.chain
        if chain not in CHAINS:
            return
        indexed = Indexed(recorder=recorder, network=networks.of(chain), check=self.decode)
        if isinstance(ask, Details):
            indexed.details(ask.tx.text)
        elif isinstance(ask, Spend):
            indexed.spend(ask.tx.text, ask.index)
        elif isinstance(ask, Status) and ask.asset in (None, indexed.network.native.id):
            indexed.balance(ask.address.text)
        elif isinstance(ask, History) and ask.asset in (None, indexed.network.native.id):
            indexed.history(ask.address.text)
        yield from indexed.taken

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error where an answer is odd or a recomputed id differs, NotRecognised for what is no answer."""
        answers = calls.read(exhibit)
        network = networks.of(answers.chain)
        columns = Columns(network)
        for each in answers.refused:
            if each.call.purpose != "version":
                columns.gap(calls.gap(each))
        _transactions(columns, network, answers)
        for each in answers.all("features"):
            genesis = fields.tx_id(each, fields.named(each, each.result, "genesis_hash"), "genesis_hash")
            columns.block(Block(chain=network.id, id=genesis, height=0, place=each.place))
        for each in (*answers.all("history"), *answers.all("history-whole")):
            for gap in _unconfirmed(each):
                columns.gap(gap)
        for each in answers.all("balance"):
            if waiting := _waiting(each):
                columns.gap(_changed(each, waiting))
        yield columns.batch()
        yield Batch.of(*_balances(network, answers), *_claims(network, answers))
        if answers.all("raw") and not answers.all("proof"):
            yield Batch.of(Nothing(why="Its transactions are shown with no block: they count with their proofs."))


def _transactions(columns: Columns, network: Network, answers: Answers) -> None:
    """What stands in a block moves value; bytes alone do not say whether any block holds them (BIP 125)."""
    made = [(a, proofs.parse(network, a, _bytes(a))) for a in answers.all("made")]
    raws = [(a, proofs.parse(network, a, _bytes(a))) for a in answers.all("raw")]
    known = {tx.id: tx for _, tx in raws}
    for answer in answers.all("spent"):
        known[answer.call.subject] = proofs.parse(network, answer, _bytes(answer))
    places = {}
    for answer in answers.all("proof"):
        tx = known.get(answer.call.subject)
        head = answers.of("header", answer.call.subject)
        if tx is not None and head is not None:
            places[tx.id] = proofs.of_electrum(answer, head, tx)
    proofs.fill(columns, [*made, *((a, tx) for a, tx in raws if tx.id in places)], known, {}, places)


def _bytes(answer: Answer) -> bytes:
    return fields.data(answer, answer.result, "the transaction")


def _unconfirmed(answer: Answer) -> Iterator[Gap]:
    """Said once: by the list that closes a history, of the one transaction that was asked for, or of an output."""
    output = ":" in answer.call.subject
    for tx, height in entries(answer):
        if height <= 0 and (answer.call.purpose == "history-whole" or output or answer.call.subject == tx):
            yield Gap(
                code="unconfirmed",
                subject=tx,
                why="The server knows this transaction, and no block of its chain holds it.",
                effect="It may never be confirmed: it is not followed as if it were.",
                place=answer.place,
            )


def _waiting(answer: Answer) -> int:
    """By how much transactions in no block would change a balance."""
    return fields.number(answer, fields.named(answer, answer.result, "unconfirmed"), "unconfirmed", -(2**62))


def _changed(answer: Answer, waiting: int) -> Gap:
    return Gap(
        code="unconfirmed",
        subject=answer.call.subject,
        why=f"Transactions in no block would change what it holds by {waiting} base units, the server says.",
        effect="They may never be confirmed: the balance is that of confirmed transactions.",
        place=answer.place,
    )


def _balances(network: Network, answers: Answers) -> Iterator[Held]:
    for answer in answers.all("balance"):
        waiting = _waiting(answer)
        yield Held(
            kind="balance",
            chain=network.id,
            address=answer.call.subject,
            amount=fields.number(answer, fields.named(answer, answer.result, "confirmed"), "confirmed"),
            asset=network.native.id,
            facts=f'{{"unconfirmed":"{waiting}"}}',
            place=answer.place,
        )


def _claims(network: Network, answers: Answers) -> Iterator[Coverage]:
    for answer in answers.all("history-whole"):
        yield Coverage(chain=network.id, address=answer.call.subject, place=answer.place)
