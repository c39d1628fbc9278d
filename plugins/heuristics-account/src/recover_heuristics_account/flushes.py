"""Deposit addresses that are contracts: forwarders that one caller flushes to the wallets of one service.

It speaks only where the history is not here: otherwise `deposit-address` knows better.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import Act, acts, contracts, keys, plain
from recover_heuristics_account.cards import card
from recover_heuristics_account.forwards import covered
from recover_heuristics_account.hubs import Field
from recover_heuristics_account.wallets import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush:
    """What one transaction moved out of a contract in one asset to one wallet of a service."""

    tx: str
    caller: str
    asset: str
    amount: int
    to: str
    wallet: Wallet


class ContractForwarder:
    """Asserts `deposit-address`: a contract all of whose payments one caller makes to wallets of one service."""

    info = HeuristicInfo(
        id="contract-forwarder",
        version="1",
        card=card("contract-forwarder"),
        title="Deposit address by flushes of a contract",
        models=("account",),
        asserts=("deposit-address",),
        citation="A rule of this project, beside F. Victor, Address Clustering Heuristics for Ethereum, FC 2020, "
        "which leaves contracts out; not measured",
        fails=(
            "a person's own contract wallet that pays only one service looks the same",
            "a contract of many owners (a shared wallet, a splitter) looks the same",
            "other payments of the contract are not seen where its history is not here",
            "it is no better than the labels behind it: stale, sold and shared hot wallets mislead it",
        ),
        parameters={"flushes": (2, "transactions to the service's wallets needed for grade C")},
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a contract and asset, in that order; `other` is the wallet that got most.

        `transactions` are the flushes. `params`: {"caller": address, "hot_wallets": [addresses, largest first],
        "siblings": how many contracts the same caller flushes to the service, "sweeps": n, "swept": text}.
        """
        least = scope.parameters.get("flushes", self.info.parameters["flushes"][0])
        field = Field.of(ledger)
        found = _flushed(ledger, field)
        whole = {(*field.name(node), asset) for node, asset in covered(field)}
        siblings: dict[tuple[str, str, str], int] = {}
        for (chain, _), listed in found.items():
            key = (chain, listed[0].caller, listed[0].wallet.service)
            siblings[key] = siblings.get(key, 0) + 1
        made = []
        for (chain, name), listed in found.items():
            if scope.addresses and name not in scope.addresses:
                continue
            others = siblings[chain, listed[0].caller, listed[0].wallet.service]
            for asset in sorted({f.asset for f in listed}):
                if (chain, name, asset) not in whole:
                    part = [f for f in listed if f.asset == asset]
                    made.append(_assertion(chain, name, part, others, least))
        if made:
            yield Batch.of(*made)


def _flushed(ledger: Ledger, field: Field) -> dict[tuple[str, str], list[Flush]]:
    """(chain, contract) -> its flushes in order; only where every payment of it is one, by one caller."""
    hot = {field.name(node): wallet for node, wallet in field.labelled.hot.items()}
    own = {field.name(node) for node in field.labelled.own}
    machines = contracts(ledger)
    if not machines:
        return {}
    moved = ledger.transfers()
    texts = {name for _, name in machines}
    names = [n for n in moved["src"].unique().to_pylist() if n is not None and plain(n) in texts]
    part = moved.filter(pc.is_in(moved["src"], value_set=pa.array(sorted(names), pa.string())))
    found: dict[tuple[str, str], list[Flush] | None] = {}
    for act in acts(ledger, keys(part)):
        for key, flush in _paid(act, machines, hot):
            before = found.setdefault(key, [])
            if flush is None or before is None or key in own or (before and _differ(before[0], flush)):
                found[key] = None
            else:
                before.append(flush)
    return {key: listed for key, listed in sorted(found.items()) if listed}


def _differ(one: Flush, two: Flush) -> bool:
    return (one.caller, one.wallet.service) != (two.caller, two.wallet.service)


def _paid(
    act: Act, machines: set[tuple[str, str]], hot: dict[tuple[str, str], Wallet]
) -> Iterator[tuple[tuple[str, str], Flush | None]]:
    """Each payment by a contract in one transaction, None where it is no flush to a service."""
    for move in act.moves:
        if move.src is None or (act.chain, plain(move.src)) not in machines or move.excluded is not None:
            continue
        wallet = hot.get((act.chain, move.dst or ""))
        flush = None
        if wallet is not None and move.dst is not None and act.sender is not None:
            flush = Flush(
                tx=act.tx, caller=act.sender, asset=move.asset, amount=move.amount, to=move.dst, wallet=wallet
            )
        yield (act.chain, move.src), flush


def _assertion(chain: str, name: str, listed: list[Flush], siblings: int, least: int) -> Assertion:
    by_wallet: dict[str, int] = {}
    for f in listed:
        by_wallet[f.to] = by_wallet.get(f.to, 0) + f.amount
    largest = sorted(by_wallet, key=lambda to: (-by_wallet[to], to))
    behind = max(f.wallet.grade for f in listed)
    transactions = tuple(dict.fromkeys(f.tx for f in listed))
    weak = behind > "B" or len(transactions) < least or any(f.wallet.contested for f in listed)
    grade: Grade = "E" if behind == "E" else "D" if weak else "C"
    service, swept = listed[0].wallet.service, sum(by_wallet.values())
    params = {
        "caller": listed[0].caller,
        "hot_wallets": largest,
        "siblings": siblings,
        "sweeps": len(transactions),
        "swept": str(swept),
    }
    return Assertion(
        kind="deposit-address",
        chain=chain,
        address=name,
        grade=grade,
        method=ContractForwarder.info.id,
        version=ContractForwarder.info.version,
        service=service,
        source="recover",
        other=largest[0],
        asset=listed[0].asset,
        transactions=transactions,
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note=f"A contract: {listed[0].caller} sent every payment of it that is here, all to wallets labelled "
        f"{service} (transactions: {len(transactions)}; contracts that it flushes there: {siblings}).",
    )
