"""Deposit addresses on coin chains: an address whose coins are only ever swept to one service's labelled wallets.

It says which service to ask, never who the customer is: the customer may be a service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope
from recover.sdk.counts import counted
from recover_heuristics_utxo.asserted import canonical, parameters, wanted
from recover_heuristics_utxo.cards import card
from recover_heuristics_utxo.coins import Coins, read
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.segments import Codes, Mask, every, most

_NOBODY = -1


@dataclass(slots=True)
class _Address:
    """What one address gave to sweeps: transactions in order, base units, the most addresses that one gathers."""

    service: int
    transactions: list[int] = field(default_factory=list)
    swept: int = 0
    gathered: int = 0


class DepositSweep:
    """Asserts `deposit-address`: every coin of the address that was spent went to one service's own wallets.

    Grade C from `sweeps` separate sweeps on; D from one sweep that gathers the coins of `addresses` addresses.
    `params`: {"hot_wallets": [addresses], "swept": text}. Source: step P4 of the evidence ladder, read on coins.
    """

    info = HeuristicInfo(
        id="deposit-sweep",
        version="1",
        title="Deposit address by sweeps to a service's wallets",
        models=("utxo",),
        asserts=("deposit-address",),
        citation="The rule of F. Victor, Address Clustering Heuristics for Ethereum, FC 2020, carried over to "
        "transactions that spend outputs; thresholds and grades are rules of this project",
        fails=(
            "A person who sells all coins of several addresses to one service looks the same.",
            "A processor that collects for its clients and forwards to an exchange looks like the exchange.",
            "Sweeps to wallets of the service that no source labels are not seen.",
        ),
        parameters={
            "sweeps": (2, "least separate sweeps for grade C"),
            "addresses": (3, "least addresses that one sweep gathers, for grade D"),
        },
        card=card("deposit-sweep"),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        labels = ledger.labels().select(["chain", "address", "service"]).to_pylist()
        for coins in read(ledger):
            named = {
                row["address"]: row["service"] for row in labels if row["chain"] == coins.chain and row["service"]
            }
            asset = _asset(ledger, coins.chain)
            found = _found(coins, asset, named, parameters(self.info, scope), wanted(coins, scope))
            if found:
                yield Batch.of(*found)


def _found(
    coins: Coins, asset: str, named: Mapping[str, str], limits: Mapping[str, int], asked: Mask
) -> list[Assertion]:
    info = DepositSweep.info
    services = sorted(set(named.values()))
    names = coins.names.to_pylist()
    service = np.array([services.index(named[n]) if n in named else _NOBODY for n in names], np.int64)
    sweeps = _sweeps(coins, service)
    found: list[Assertion] = []
    for number, held in sorted(_addresses(coins, service, sweeps).items()):
        grade = _grade(held, limits)
        if grade is None or not asked[number]:
            continue
        hot = _hot(coins, held.transactions)
        found.append(
            Assertion(
                kind="deposit-address",
                chain=coins.chain,
                address=names[number],
                other=names[hot[0]],
                asset=asset,
                grade=grade,
                method=info.id,
                version=info.version,
                source="recover",
                service=services[held.service],
                role="deposit",
                transactions=tuple(coins.ids[t].as_py() for t in held.transactions),
                params=canonical({"hot_wallets": [names[n] for n in hot], "swept": str(held.swept)}),
                note=f"all that was spent went to wallets of {services[held.service]}, in "
                f"{counted(len(held.transactions), 'sweep')}",
                height=coins.tip,
            )
        )
    return found


def _sweeps(coins: Coins, service: Codes) -> Codes:
    """By transaction the service that all its outputs belong to, -1 where they do not; mixes are none."""
    outputs = coins.outputs
    padded = np.append(service, _NOBODY)  # an output that nobody can spend reads the last cell
    whose = padded[outputs.address]
    one = most(outputs.first, whose)
    sound = coins.whole & ~coins.coinbase & ~find(coins).no_cospend & (one >= 0)
    same = every(outputs.first, whose == one[outputs.owner])
    found: Codes = np.where(sound & same, one, _NOBODY)
    return found


def _addresses(coins: Coins, service: Codes, sweeps: Codes) -> dict[int, _Address]:
    """Unlabelled addresses all of whose spends here are sweeps to one service."""
    inputs = coins.inputs
    to = sweeps[inputs.owner]
    rows = np.flatnonzero((inputs.address >= 0) & (to >= 0))
    rows = rows[service[inputs.address[rows]] < 0]
    mixed = _disagreeing(inputs.address, to, len(coins.names))
    found: dict[int, _Address] = {}
    gathered: dict[int, set[int]] = {}
    for row in rows.tolist():
        gathered.setdefault(int(inputs.owner[row]), set()).add(int(inputs.address[row]))
    for row in rows.tolist():
        number, t = int(inputs.address[row]), int(inputs.owner[row])
        if mixed[number]:
            continue
        held = found.setdefault(number, _Address(service=int(to[row])))
        if not held.transactions or held.transactions[-1] != t:
            held.transactions.append(t)
        held.swept += int(inputs.value[row])
        held.gathered = max(held.gathered, len(gathered[t]))
    return found


def _disagreeing(address: Codes, to: Codes, size: int) -> Mask:
    """Addresses with a spend that is no sweep, or with sweeps to two services."""
    low = np.full(size, np.iinfo(np.int64).max)
    high = np.full(size, np.iinfo(np.int64).min)
    known = address >= 0
    np.minimum.at(low, address[known], to[known])
    np.maximum.at(high, address[known], to[known])
    found: Mask = low != high
    return found


def _grade(held: _Address, limits: Mapping[str, int]) -> Grade | None:
    if len(held.transactions) >= limits["sweeps"]:
        return "C"
    return "D" if held.gathered >= limits["addresses"] else None


def _hot(coins: Coins, transactions: list[int]) -> list[int]:
    """The wallets that the sweeps paid, by number: the order of the ledger."""
    outputs = coins.outputs
    spans = (outputs.address[outputs.first[t] : outputs.first[t + 1]] for t in transactions)
    return sorted({int(n) for span in spans for n in span.tolist() if n >= 0})


def _asset(ledger: Ledger, chain: str) -> str:
    """The coin of a chain, as its outputs name it."""
    moved = ledger.transfers().select(["chain", "kind", "asset"])
    here = pc.and_(pc.equal(moved["chain"], chain), pc.equal(moved["kind"], "output"))
    return str(moved["asset"].filter(here)[0].as_py())
