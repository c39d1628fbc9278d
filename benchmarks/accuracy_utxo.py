"""How often are the coin-chain heuristics right? Measured where the owners, or the mixes, are known.

Run from the repository's root, with the evaluation data beside the checkout and a bitcoind on the path:

    .venv/bin/python benchmarks/accuracy_utxo.py

About a minute and a half; 40 rounds and seed 1 unless others are given. `--farm FOLDER` reads a harvest instead of
playing it, and writes it there if it is not there yet; `--write` puts the counts into the cards of the heuristics.
Truths:

- farm: wallets on a real node whose script says who owns every output and which one is change. The wallets' habits
  and the mix of transactions are made up: rates here show that a rule works, not how often it does on the chain.
- emulation: real Wasabi 2 clients on regtest, ten wallets with known addresses, twelve rounds.
- lists: Whirlpool's mixes and Tx0s of March 2024, as another detector (Dumplings) listed them with lineage. The
  list is a part: a hit that is not on it is not shown to be wrong, so false positives are not measured there. Its
  list of other CoinJoins of June 2024 holds marketplace trades and payouts: agreement with it is no accuracy.
- ids: curated lists of Wasabi rounds and of false hits name transactions without their bytes, so that no detector
  can be run on them; only whether they overlap with the other sets can be said.

Pairs inside one cluster are not independent: the intervals (Wilson, 95 percent) are over pairs, so they are too
narrow for pairs; over transactions they are not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from recover.sdk import Assertion, Card, Error, Grade
from recover.testing import joined
from recover_heuristics_utxo import recover_heuristics
from recover_heuristics_utxo.cards import FILE
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.owners import clusters

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that a script by path finds the modules beside it
from benchmarks.truths import farm, lists
from benchmarks.truths.cards import table, tallies, text
from benchmarks.truths.coinsets import SETS
from benchmarks.truths.counts import asserted, blocking, detected, entities, line, of, stars
from benchmarks.truths.farm import ABOUT, MIXES, SCRIPT, Deed, Farm
from benchmarks.truths.measures import rate


def owned(world: Farm) -> Card:
    """common-input: pairs asserted against the owners; missed are pairs of one owner in one transaction's star."""
    heuristic = next(h for h in recover_heuristics() if h.info.id == "common-input")
    said: dict[tuple[str, str], Grade] = {}
    for r in asserted(world.ledger, heuristic):
        pair = r["address"], r["other"]
        said[pair] = min(r["grade"], said.get(pair, "E"))
    every = {pair for coins in read(world.ledger) for pair in stars(coins, guarded=False)}
    true = {pair for pair in every if world.owners[pair[0]] == world.owners[pair[1]]}
    return Card(
        population=f"{ABOUT}; each pair of addresses that one transaction spends together is one trial",
        truth=SCRIPT,
        grades=tallies((grade, world.owners[a] == world.owners[b]) for (a, b), grade in said.items()),
        n=len(every | said.keys()),
        fn=len(true - said.keys()),
        abstain=len(every - said.keys()),
        tn=len(every - true - said.keys()),
    )


def deposited(world: Farm) -> Card:
    """deposit-sweep: the service's hot wallet is labelled; which addresses does it say are deposit addresses?"""
    (coins,) = read(world.ledger)
    label = Assertion(
        kind="label",
        chain=coins.chain,
        address=world.hot,
        grade="B",
        method="script",
        version="1",
        service="Exchange",
        role="hot-wallet",
    )
    known = replace(world.ledger, named=joined(labels=[label]).labels())
    heuristic = next(h for h in recover_heuristics() if h.info.id == "deposit-sweep")
    said: dict[str, Grade] = {}
    for row in asserted(known, heuristic):
        said[row["address"]] = min(row["grade"], said.get(row["address"], "E"))
    return Card(
        population=f"{ABOUT}; every address is one trial, those of other services and private wallets among them",
        truth=SCRIPT,
        grades=tallies((grade, address in world.deposits) for address, grade in said.items()),
        n=len(coins.names),
        fn=len(world.deposits - said.keys()),
        abstain=len(coins.names) - len(said),
        tn=len({str(name) for name in coins.names.to_pylist()} - world.deposits - said.keys()),
    )


def errors(world: Farm) -> str:
    """What stands behind common-input's errors."""
    heuristic = next(h for h in recover_heuristics() if h.info.id == "common-input")
    rows = asserted(world.ledger, heuristic)
    wrong = [r for r in rows if world.owners[r["address"]] != world.owners[r["other"]]]
    kinds = sorted({world.deeds[tx].kind for r in wrong for tx in r["transactions"]})
    return f"common-input (farm): every error comes of: {', '.join(kinds)}"


def tied(world: Farm) -> str:
    """The links that definite mixes call certain: do input and output have one owner?"""
    right = said = 0
    for heuristic in (h for h in recover_heuristics() if "mix" in h.info.asserts):
        for row in asserted(world.ledger, heuristic):
            links = json.loads(row["params"]).get("links", {})
            deed = world.deeds[row["transactions"][0]]
            pairs = links["certain"] if isinstance(links, dict) and links else []
            said += len(pairs)
            right += sum(1 for one, other in pairs if deed.inputs[one] == deed.outputs[other])
    return f"links called certain (farm): right {rate(right, said)}"


def by_kind(world: Farm) -> Iterator[str]:
    """The combined change rule by kind of transaction: the mix of kinds is the script's, not the chain's."""
    heuristic = next(h for h in recover_heuristics() if h.info.id == "change")
    for kind in sorted({d.kind for d in world.deeds.values()} - set(MIXES)):
        part = changed(world, heuristic, _of_kind(kind))
        if part.n:
            yield f"change (farm), {kind}: {line(part)}"


def _of_kind(kind: str) -> Callable[[Deed], bool]:
    return lambda deed: deed.kind == kind


def by_cospend(world: Farm) -> Iterator[str]:
    """Change rules against a second kind of label, made without the script (Moeser and Narayanan's recipe).

    The change of a two-output transaction is the output whose address later co-spends join to the payer; none
    where both are joined, or where the address is paid again. Such labels favour rules that read the spender.
    """
    (coins,) = read(world.ledger)
    label, out = clusters(coins), coins.outputs
    paid = np.bincount(out.address[out.address >= 0], minlength=len(coins.names))
    truth: dict[str, str] = {}
    for tx in np.flatnonzero((out.count == 2) & ~coins.coinbase & ~find(coins).no_change).tolist():
        payers = coins.inputs.address[coins.inputs.first[tx] : coins.inputs.first[tx + 1]].tolist()
        held = out.address[out.first[tx] : out.first[tx + 1]].tolist()
        back = [a for a in held if a >= 0 and label[a] == label[payers[0]]]
        if len(back) == 1 and paid[back[0]] == 1 and back[0] not in payers:
            truth[str(coins.ids[tx].as_py())] = str(coins.names[back[0]].as_py())
    right = sum(1 for tx, address in truth.items() if _is_change(world, coins, tx, address))
    yield f"co-spend labels (farm): {len(truth)}, of them right by the script {rate(right, len(truth))}"
    for heuristic in recover_heuristics():
        if "change" in heuristic.info.asserts:
            said = {r["transactions"][0]: r["other"] for r in asserted(world.ledger, heuristic)}
            told = {tx: said[tx] for tx in truth if tx in said}
            right = sum(1 for tx, address in told.items() if address == truth[tx])
            if told:
                yield f"{heuristic.info.id} (farm, co-spend labels): precision {rate(right, len(told))}"


def _is_change(world: Farm, coins: Any, tx: str, address: str) -> bool:
    return tx in world.deeds and address in _change(coins, int(coins.ids.index(tx).as_py()), world.deeds[tx])


def _any(deed: Deed) -> bool:
    return True


def changed(world: Farm, heuristic: Any, chosen: Callable[[Deed], bool] = _any) -> Card:
    """A change rule on every scripted transaction chosen, with two or more spendable outputs, that is no mix."""
    (coins,) = read(world.ledger)
    ids = coins.ids.to_pylist()
    at = {tx: n for n, tx in enumerate(ids)}
    several = np.bincount(coins.outputs.owner[coins.spendable], minlength=len(coins)) >= 2
    judged = {ids[t] for t in np.flatnonzero(several).tolist() if ids[t] in world.deeds}
    judged = {tx for tx in judged if world.deeds[tx].kind not in MIXES and chosen(world.deeds[tx])}
    truth = {tx: _change(coins, at[tx], world.deeds[tx]) for tx in judged}
    said: dict[str, set[str]] = {}
    grades: dict[str, Grade] = {}
    for row in asserted(world.ledger, heuristic):
        (tx,) = row["transactions"]
        said.setdefault(tx, set()).add(row["other"])
        grades[tx] = max(row["grade"], grades.get(tx, "A"))
    return Card(
        population=f"{ABOUT}; each transaction with two or more outputs is one trial, mixes left out",
        truth=SCRIPT,
        grades=tallies((grades[tx], said[tx] <= truth[tx]) for tx in judged if said.get(tx)),
        n=len(judged),
        fn=sum(1 for tx in judged if truth[tx] and not (said.get(tx) and said[tx] <= truth[tx])),
        abstain=sum(1 for tx in judged if not said.get(tx)),
        tn=sum(1 for tx in judged if not truth[tx] and not said.get(tx)),
    )


def _change(coins: Any, tx: int, deed: Deed) -> set[str]:
    first = int(coins.outputs.first[tx])
    return {str(coins.names[coins.outputs.address[first + n]].as_py()) for n in deed.change}


def farmed(world: Farm) -> Iterator[tuple[str, str, Card]]:
    """Everything that the farm's truth can decide."""
    kinds = {
        kind: {d.tx for d in world.deeds.values() if d.kind == kind}
        for kind in (*MIXES, "whirlpool-tx0", "payjoin", "batch")
    }
    yield "common-input", "farm", owned(world)
    yield "deposit-sweep", "farm", deposited(world)
    for heuristic in recover_heuristics():
        if "change" in heuristic.info.asserts:
            yield heuristic.info.id, "farm", changed(world, heuristic)
    for id, label, true in (
        ("mix-joinmarket", of("joinmarket", "definite"), kinds["joinmarket"]),
        ("mix-whirlpool", of("whirlpool_mix"), kinds["whirlpool"]),
        ("mix-whirlpool-tx0", of("whirlpool_tx0"), kinds["whirlpool-tx0"]),
        ("mix-payjoin-shape", of("payjoin_possible"), kinds["payjoin"]),
        ("any block", blocking, kinds["joinmarket"] | kinds["whirlpool"]),
    ):
        yield id, "farm", detected(world.ledger, true, ABOUT, SCRIPT, label)


def world_of(options: argparse.Namespace) -> Farm | None:
    """The farm, or None, said aloud, where no node is here to play it on."""
    try:
        world = farm.read(options.farm, options.seed, options.rounds)
    except Error as error:
        print(f"farm: NOT MEASURED: {error.what} {error.why}")
        return None
    kinds = Counter(deed.kind for deed in world.deeds.values())
    print(f"farm, seed {options.seed}: " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    return world


def run(options: argparse.Namespace) -> dict[str, Card]:
    """Print everything; the counts for the cards, by heuristic."""
    cards: dict[str, Card] = {}
    world = world_of(options)
    parts = [lists.whirlpool(), lists.wasabi()] if SETS.is_dir() else []
    if not SETS.is_dir():
        print("emulation, lists, ids: NOT MEASURED: the evaluation data is not beside the checkout")
    # The first measurement of a heuristic goes on its card: real data before the farm's.
    for measured in (*parts, *([farmed(world)] if world else [])):
        for id, where, card in measured:
            print(f"{id} ({where}): {line(card)}")
            cards.setdefault(id, card)
    if world:
        mixes = {d.tx for d in world.deeds.values() if d.kind in MIXES}
        for label, result in entities("farm", world.ledger, world.owners, mixes):
            print(f"{label}: {result.text}")
        print("\n".join((errors(world), tied(world), *by_kind(world), *by_cospend(world))))
    if SETS.is_dir():
        print("\n".join((*lists.joinmarket(), *lists.samples(), *lists.ids_only())))
    known = {h.info.id for h in recover_heuristics()}
    for id in sorted(known - set(cards)):
        print(f"{id}: not measured")
    return {id: card for id, card in sorted(cards.items()) if id in known}


BY = "benchmarks/accuracy_utxo.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--farm", type=Path, help="a harvest's folder, read or made")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--write", action="store_true", help="put the counts into the cards")
    parser.add_argument("--measured", default=datetime.now(UTC).date().isoformat(), help="the date for the cards")
    options = parser.parse_args()
    cards = {id: replace(card, measured=options.measured, by=BY) for id, card in run(options).items()}
    print(f"\n{table(cards)}")
    if options.write:
        FILE.write_text(text(cards, BY), "utf-8")


if __name__ == "__main__":
    main()
