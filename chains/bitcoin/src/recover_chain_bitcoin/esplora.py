"""The JSON of Esplora (Blockstream's, mempool.space's): transactions, lists of them, and address summaries.

Shapes: Esplora's `API.md`. A transaction's JSON holds every field of its bytes, so the bytes are built again and
the id recomputed: a server that changes a script, a value or a number is caught by the id. What inputs spent is
the server's word; it cannot be checked from one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover.sdk import Batch, Error, Gap, State
from recover_chain_bitcoin import networks, origin, script, transaction
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.node import Node
from recover_chain_bitcoin.records import Columns
from recover_chain_bitcoin.transaction import Input, Output, Tx

_LISTED = 20


def is_transaction(top: Node) -> bool:
    """Whether a JSON value is a transaction as Esplora writes it."""
    return top.has("txid", "vin", "vout") and any(each.has("scriptpubkey") for each in _outputs(top))


def is_summary(top: Node) -> bool:
    return top.has("address", "chain_stats")


def network_of(top: Node) -> Network:
    """The network of the addresses shown; Bitcoin where none is."""
    listed = list(top.items()) if isinstance(top.value, list) else [top]
    texts = [tx.value["address"] for tx in listed if is_summary(tx) and isinstance(tx.value["address"], str)]
    for tx in listed:
        texts += _addresses(tx)
    return origin.of_text(texts) or networks.of("mainnet")


def batch(network: Network, top: Node) -> Batch:
    """A transaction, a list of them, or an address summary as records; `place` is the number in the list.

    Raises Error naming up to 20 transactions that cannot be read or whose id is not that of their content.
    """
    if is_summary(top):
        return Batch.of(summary(network, top))
    columns = Columns(network)
    problems: list[Error] = []
    seen: set[str] = set()
    waiting: list[tuple[Tx, int]] = []
    listed = list(enumerate(top.items() if isinstance(top.value, list) else [top]))
    for place, each in listed:
        try:
            if in_block(each):
                add(columns, each, place, seen)
            elif (tx := read(each)).id not in seen:
                seen.add(tx.id)
                waiting.append((tx, place))
        except Error as error:
            problems.append(error)
    report(problems)
    for gap in _unconfirmed(waiting, [read(each) for _, each in listed if waiting and in_block(each)]):
        columns.gap(gap)
    return columns.batch()


def in_block(each: Node) -> bool:
    """Whether a transaction stands in a block. What does not say is taken to: only a server's status tells."""
    if not (each.has("status") and each.at("status").has("confirmed")):
        return True
    return each.at("status").at("confirmed").flag()


def _unconfirmed(waiting: list[tuple[Tx, int]], mined: list[Tx]) -> Iterator[Gap]:
    """A transaction in no block has moved nothing: it may never, and another can spend the same coin (BIP 125)."""
    spent = {(i.tx, i.vout): tx.id for tx in mined for i in tx.inputs}
    claims: dict[tuple[str, int], list[str]] = {}
    for tx, place in waiting:
        other = next((spent[i.tx, i.vout] for i in tx.inputs if (i.tx, i.vout) in spent), None)
        for each in tx.inputs:
            claims.setdefault((each.tx, each.vout), []).append(tx.id)
        if other is not None:
            why, effect = f"Its coin was spent by {other}, which stands in a block.", "It never happened."
            yield Gap(code="replaced", subject=tx.id, why=why, effect=effect, place=place)
        else:
            yield Gap(
                code="unconfirmed",
                subject=tx.id,
                why="The server says that it stands in no block.",
                effect="It is kept and not followed; ask again whether a block holds it.",
                place=place,
            )
    for (tx_id, vout), ids in claims.items():
        if len(ids) > 1:
            yield Gap(
                code="double-spend",
                subject=f"{tx_id}:{vout}",
                why=f"{len(ids)} transactions in no block spend this output: {', '.join(ids[:5])}.",
                effect="At most one of them can ever stand in a block.",
            )


def add(columns: Columns, each: Node, place: int, seen: set[str]) -> None:
    """One transaction, unless it was seen before. Raises Error when its id is not that of its content."""
    tx = read(each)
    if tx.id in seen:
        return
    seen.add(tx.id)
    status = each.at("status") if each.has("status") else Node(value={})
    confirmed = status.has("confirmed") and status.at("confirmed").flag()
    columns.add(
        tx,
        place=place,
        spent=list(_spent(columns.network, each)),
        block=status.at("block_hash").hash() if confirmed and status.has("block_hash") else None,
        height=status.at("block_height").number() if confirmed and status.has("block_height") else None,
        time=status.at("block_time").number(0, 2**32 - 1) if confirmed and status.has("block_time") else None,
    )
    for output in _outputs(each):
        _check_address(columns.network, output)


def read(each: Node) -> Tx:
    """A transaction built again from its fields. Raises Error when its id is not the one that is stated."""
    tx = transaction.build(
        each.at("version").number(-(2**31), 2**32 - 1),
        [_input(vin) for vin in each.at("vin").items()],
        [_output(vout) for vout in each.at("vout").items()],
        each.at("locktime").number(0, 2**32 - 1),
    )
    check_id(tx, each.at("txid"))
    return tx


def check_id(tx: Tx, said: Node) -> None:
    """Raises Error unless the id that a server states is the one recomputed from what it states."""
    if tx.id != said.hash():
        raise Error(
            "txid-differs",
            f"Transaction {said.hash()} is not what the server says it is.",
            f"At {said.path}: what is listed has the id {tx.id}.",
            "Do not rely on this server or file; ask another, or get the transaction's raw bytes.",
        )


def summary(network: Network, top: Node) -> State:
    """An address's confirmed balance: what it was paid, less what it spent."""
    stats = top.at("chain_stats")
    return State(
        kind="balance",
        chain=network.id,
        address=_address(network, top.at("address")),
        amount=stats.at("funded_txo_sum").number() - stats.at("spent_txo_sum").number(),
        asset=network.native.id,
    )


def report(problems: list[Error]) -> None:
    """Raises one Error for all transactions that could not be read, naming up to 20."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Error(
            problems[0].code,
            f"{len(problems)} transactions cannot be relied on.",
            " ".join(each.why for each in problems[:_LISTED]),
            problems[0].todo,
        )


def _input(vin: Node) -> Input:
    items = vin.at("witness").items() if vin.has("witness") else ()
    return Input(
        vin.at("txid").hash(),
        vin.at("vout").number(0, 2**32 - 1),
        vin.at("scriptsig").bytes() if vin.has("scriptsig") else b"",
        vin.at("sequence").number(0, 2**32 - 1),
        tuple(item.bytes() for item in items),
    )


def _output(vout: Node) -> Output:
    return Output(vout.at("value").number(), vout.at("scriptpubkey").bytes())


def _spent(network: Network, each: Node) -> Iterator[Output | None]:
    for vin in each.at("vin").items():
        if not vin.has("prevout"):
            yield None
            continue
        _check_address(network, vin.at("prevout"))
        yield _output(vin.at("prevout"))


def _newer(network: Network, text: str) -> str | None:
    """The form in which addresses are written now; None for what is no address here."""
    try:
        return script.lock(network, script.address(network, text)).address
    except ValueError:
        return None


def _check_address(network: Network, output: Node) -> None:
    if not output.has("scriptpubkey_address"):
        return
    said = output.at("scriptpubkey_address")
    found = script.lock(network, output.at("scriptpubkey").bytes()).address
    if said.text() != found and _newer(network, said.text()) != found:
        raise Error(
            "address-differs",
            f"The address {said.text()[:90]!a} is not that of its script.",
            f"At {said.path}: on {network.title} the script has the address {found}.",
            "Do not rely on this server or file; ask another, or get the transaction's raw bytes.",
        )


def _address(network: Network, said: Node) -> str:
    try:
        found = script.lock(network, script.address(network, said.text())).address
    except ValueError as error:
        said.fail(f"is no address of {network.title} ({error})")
    return found or said.fail("is no address")


def _addresses(tx: Node) -> list[str]:
    named = [each.value.get("scriptpubkey_address") for each in _outputs(tx)]
    return [each for each in named if isinstance(each, str)]


def _outputs(tx: Node) -> list[Node]:
    """Outputs and spent outputs of what may be a transaction."""
    if not isinstance(tx.value, dict):
        return []
    listed = [each for name in ("vout", "vin") for each in _listed(tx.value.get(name))]
    spent = [each["prevout"] for each in listed if "prevout" in each]
    return [Node(value=each) for each in [*listed, *spent] if isinstance(each, dict)]


def _listed(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
