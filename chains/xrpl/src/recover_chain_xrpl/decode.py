"""Records from an exhibit: pure, and every fault of it named at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from recover.sdk import (
    AssetSeen,
    Batch,
    Block,
    Coverage,
    Details,
    Error,
    Exhibit,
    Gap,
    Leg,
    Listed,
    Nothing,
    NotRecognised,
    Transaction,
    TxId,
)
from recover.sdk.batch import Record
from recover.sdk.outside import visible
from recover_chain_xrpl.addresses import read
from recover_chain_xrpl.answers import Item, history, item, results, single, when
from recover_chain_xrpl.assets import CHAIN, SCALE, XRP, symbol
from recover_chain_xrpl.coverage import coverage
from recover_chain_xrpl.events import events
from recover_chain_xrpl.legs import legs
from recover_chain_xrpl.metadata import changes, entries
from recover_chain_xrpl.reading import Fault, Json, digest, inner, listed, load, text, whole
from recover_chain_xrpl.states import states, unsettled

SHOWN = 20


@dataclass(slots=True, kw_only=True)
class Found:
    """What was read so far, and what could not be."""

    records: list[Record] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    assets: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def decode(exhibit: Exhibit) -> Iterator[Batch]:
    """Raises NotRecognised, and Error that names every unreadable place."""
    found = Found()
    try:
        given = results(load(exhibit.data))
    except Fault as fault:
        raise _unreadable(exhibit, [str(fault)]) from None
    for place, result in enumerate(given):
        try:
            _result(exhibit, result, place, found)
        except Fault as fault:
            found.faults.append(str(fault))
    if found.faults:
        raise _unreadable(exhibit, found.faults)
    if not found.records:
        found.records.append(Nothing(why="The file holds no answers."))
    yield Batch.of(*found.records)


def _unreadable(exhibit: Exhibit, faults: list[str]) -> Error:
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    return Error(
        "xrpl-unreadable",
        f"{exhibit.name} cannot be read as an answer of an XRP Ledger server.",
        "; ".join(faults[:SHOWN]) + more,
        "Save the server's answer again, whole and as JSON.",
    )


def _refusal(error: str, place: int) -> Nothing | Gap:
    """What an error says: that the server knows nothing of it, or that it would not answer."""
    if error.endswith("NotFound"):
        return Nothing(why=f"The server answered with an error: {error}.", place=place)
    return Gap(
        code="xrpl-refused",
        subject="",
        why=f"The server did not answer: {error}.",
        effect="What was asked is not known; it is no sign that there is nothing.",
        place=place,
    )


def _result(exhibit: Exhibit, result: Json, place: int, found: Found) -> None:
    if "error" in result:
        found.records.append(_refusal(visible(str(result["error"]), 80), place))
    elif isinstance(result.get("transactions"), list) and "account" in result:
        _history(exhibit, result, found)
    elif isinstance(result.get("ledger"), dict):
        _ledger(result, found)
    elif any(name in result for name in ("account_data", "lines", "node")):
        found.records.extend(states(result))
    elif single(result):
        _item(item(result, place), found)
    else:
        raise NotRecognised(
            "xrpl-not-recognised",
            f"{exhibit.name} is no answer of an XRP Ledger server that is read here.",
            "It is none of tx, account_tx, ledger, account_info, account_lines and ledger_entry.",
            "Name the source of the file with --as, or ask the server by one of these methods.",
        )


def _history(exhibit: Exhibit, result: Json, found: Found) -> None:
    items = list(history(result))
    for each in items:
        _item(each, found)
    if not items:
        found.records.append(Nothing(why="The server lists no transactions of this account in the range asked."))
    found.records.extend(coverage(exhibit, result, items, found.legs))


def _ledger(result: Json, found: Found) -> None:
    ledger = inner(result, "ledger")
    validated = result.get("validated") is True
    named = next((each for each in (result, ledger) if "ledger_hash" in each), None)
    if named is None or not validated:
        found.records.append(unsettled(visible(str(ledger.get("ledger_index", "ledger")), 80)))
        return
    block, height = digest(named, "ledger_hash"), whole({**ledger, **result}, "ledger_index")
    parent = digest(ledger, "parent_hash") if "parent_hash" in ledger else None
    found.records.append(Block(chain=CHAIN, id=block, parent=parent, height=height, time=when(ledger)))
    around = {"ledger_index": height, "ledger_hash": block}
    around |= {name: ledger[name] for name in ("close_time", "close_time_iso") if name in ledger}
    given = listed(ledger, "transactions")
    for place, each in enumerate(given):
        if isinstance(each, str):
            found.records.append(Listed(chain=CHAIN, tx=digest({"hash": each}, "hash"), place=place))
        elif isinstance(each, dict):
            _item(item({**around, **each}, place, validated), found)
        else:
            raise Fault(f"transaction {place} is no record")
    if "transactions" in ledger and all(isinstance(each, dict) for each in given):
        found.records.append(Coverage(chain=CHAIN, address=None, since_height=height, until_height=height))


def _item(each: Item, found: Found) -> None:
    try:
        _transaction(each, found)
    except Fault as fault:
        found.faults.append(f"item {each.place} ({each.id}): {fault}")


def _transaction(each: Item, found: Found) -> None:
    if not each.validated:
        found.records.append(unsettled(each.id))
        return
    if not each.meta:
        found.records.extend(_untold(each))
        return
    if "NetworkID" in each.tx and each.network:
        raise Fault(f"it stands on network {each.network}, another ledger with the same addresses")
    if each.network:
        found.records.append(_elsewhere(each))
    changed = changes(each.meta)
    made = legs(each.tx, changed)
    outcome = text(each.meta, "TransactionResult")
    found.records.append(
        Transaction(
            chain=CHAIN,
            id=each.id,
            place=each.place,
            legs=tuple(made.legs),
            time=each.time,
            height=each.height,
            index=whole(each.meta, "TransactionIndex"),
            failed=not outcome.startswith("tes"),
            whole=not made.faults,
            block=each.block,
            facts=_facts(each, outcome),
        )
    )
    found.legs.extend(made.legs)
    found.records.extend(events(each))
    found.records.extend(_assets(each, made.legs, found.assets))
    if made.faults:
        found.records.append(
            Gap(
                code="xrpl-not-whole",
                subject=each.id,
                why="; ".join(made.faults[:SHOWN]),
                effect="What this transaction moved of it is not followed, or its other side is not shown.",
                place=each.place,
            )
        )


def _elsewhere(each: Item) -> Gap:
    return Gap(
        code="xrpl-other-network",
        subject=each.id,
        why=f"The answer's compact id (CTID) names network {each.network}; the main network is 0.",
        effect="It is read as of the main network. On a test network, with the same addresses, coins are worth "
        "nothing: find out which server gave this answer before relying on it.",
        place=each.place,
    )


def _untold(each: Item) -> Iterator[Record]:
    yield Gap(
        code="xrpl-no-metadata",
        subject=each.id,
        why="The answer shows what was ordered and not what was done: it has no metadata.",
        effect="Nothing of this transaction is followed. A payment may deliver less than it names, or fail.",
        fill=Details(tx=TxId(chain=CHAIN, text=each.id)),
        place=each.place,
    )
    # It exists and touches these, so that no history without it counts as whole.
    for name in ("Account", "Destination"):
        if name in each.tx:
            yield Listed(chain=CHAIN, tx=each.id, address=read(text(each.tx, name))[0], place=each.place)


def _facts(each: Item, outcome: str) -> str:
    """What an examiner may want beside the legs: what was ordered, against what was delivered."""
    tx = each.tx
    said = {name: tx[name] for name in ("SourceTag", "DestinationTag", "Sequence") if type(tx.get(name)) is int}
    said |= {
        name: tx[name] for name in ("Amount", "DeliverMax", "SendMax") if isinstance(tx.get(name), str | dict)
    }
    said |= {"TransactionType": str(tx.get("TransactionType"))[:40], "TransactionResult": outcome[:40]}
    # `from` is what the heuristics of account chains call the sender by: without it, they see no exchange.
    said["from"] = read(text(tx, "Account"))[0]
    for name in ("delivered_amount", "DeliveredAmount"):
        if isinstance(each.meta.get(name), str | dict):
            said[name] = each.meta[name]
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def _assets(each: Item, made: list[Leg], seen: set[str]) -> Iterator[AssetSeen]:
    scales = {
        entry.fields.get("Issuer"): entry.fields.get("AssetScale", 0)
        for entry in entries(each.meta)
        if entry.kind == "MPTokenIssuance"
    }
    for asset in sorted({leg.asset for leg in made} - seen - {XRP.id}):
        seen.add(asset)
        space, _, reference = asset.split("/", 1)[1].partition(":")
        if space == "xls20":
            yield AssetSeen(asset=asset, symbol="NFT", decimals=0, place=each.place)
        elif space == "xls33":
            scale = next(iter(scales.values()), None) if len(scales) == 1 else None
            told = scale if type(scale) is int and 0 <= scale <= 255 else None
            yield AssetSeen(asset=asset, symbol="MPT", decimals=told, place=each.place)
        else:
            currency, _, issuer = reference.rpartition(".")
            spelt = symbol(unquote(currency))
            yield AssetSeen(
                asset=asset, symbol=spelt, decimals=SCALE, name=f"{spelt} issued by {issuer}", place=each.place
            )
