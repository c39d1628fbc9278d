"""Lists of real CoinJoins, the Wasabi 2 emulation and single samples: what each can decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from benchmarks.truths.cards import tallies
from benchmarks.truths.coinsets import dumplings, emulations, listed, sample
from benchmarks.truths.counts import blocking, detected, entities, names, of, partition, stars
from benchmarks.truths.measures import rate

from recover.sdk import Card, Ledger, Scope
from recover.testing import joined
from recover_heuristics_utxo import recover_heuristics
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.mixes.joinmarket import neighbours

MAINNET = "bip122:000000000019d6689c085ae165831e93"


def whirlpool() -> Iterator[tuple[str, str, Card]]:
    """Whirlpool's lists of March 2024: the mixes listed, and the Tx0s listed that carry an OP_RETURN."""
    names = ("SamouraiTx0s", "SamouraiCoinJoins", "SamouraiPostMixTxs")
    sets = {name: dumplings("dumplings__sw_202403.zip", name) for name in names}
    mixes = {t.id for t in sets["SamouraiCoinJoins"]}
    marked = {t.id for t in sets["SamouraiTx0s"] if any(leg.address is None for leg in t.legs)}
    held = {t.id: t for each in sets.values() for t in each}
    ledger = joined(*held.values())
    said, why = "Whirlpool, mainnet, March 2024", "Dumplings' list, made with lineage from the first mixes"
    for id, label, true in (
        ("mix-whirlpool", "whirlpool_mix", mixes),
        ("mix-whirlpool-tx0", "whirlpool_tx0", marked),
    ):
        card = detected(ledger, true, f"{said}: the {len(true)} listed", why, of(label))
        beside = card.fp
        # The list is a part: what it does not have is not shown to be wrong, nor silence on it to be right.
        listed_ = [replace(one, wrong=None, unknown=one.wrong or 0, chain=MAINNET) for one in card.grades]
        yield id, "lists", replace(card, n=len(true), tn=None, grades=tuple(listed_), chains=(MAINNET,))
        print(
            f"{id} (lists): {beside} hits beside the list, {_near(ledger, label, true, mixes)} of them "
            "spending from a listed mix or spent in one"
        )
    (coins,) = read(ledger)
    taken = {str(coins.ids[v.tx].as_py()) for v in find(coins).verdicts if blocking(v)} & marked
    print(f"lists: Tx0s whose co-spend a verdict blocks: {rate(len(taken), len(marked))}")
    label_of = partition(stars(coins, guarded=True))
    crossing = sum(1 for tx in sorted(mixes) if _joined(coins, tx, label_of))
    print(f"lists: mixes with two inputs that common-input joins elsewhere: {rate(crossing, len(mixes))}")


def _near(ledger: Ledger, label: str, true: set[str], mixes: set[str]) -> int:
    (coins,) = read(ledger)
    ids = coins.ids.to_pylist()
    return sum(
        1
        for v in find(coins).verdicts
        if v.label == label and ids[v.tx] not in true and any(ids[tx] in mixes for tx in neighbours(coins, v.tx))
    )


def _joined(coins: Any, tx: str, label: Mapping[str, str]) -> bool:
    number = int(coins.ids.index(tx).as_py())
    held = coins.inputs.address[coins.inputs.first[number] : coins.inputs.first[number + 1]]
    roots = [label.get(name, name) for name in names(coins, held)]
    return len(set(roots)) < len(roots)


def joinmarket() -> Iterator[str]:
    """What each verdict says on a list that holds real rounds, marketplace trades and payouts alike."""
    (name, after) = ("OtherCoinJoins", "OtherCoinJoinPostMixTxs")
    sets = {n: dumplings("dumplings__jm_202406.zip", n) for n in (name, after)}
    (coins,) = read(joined(*(t for held in sets.values() for t in held)))
    ids = coins.ids.to_pylist()
    said: dict[str, set[str]] = {}
    for v in find(coins).verdicts:
        said.setdefault(ids[v.tx], set()).add(f"{v.label} {v.role}")
    for n, held in sets.items():
        total = len(held)
        kinds = ("joinmarket definite", "joinmarket possible", "generic possible", "stonewall_like possible")
        told = {kind: sum(1 for t in held if kind in said.get(t.id, ())) for kind in kinds}
        blocked = sum(1 for t in held if any(k.endswith(("definite", "possible")) for k in said.get(t.id, ())))
        listed_ = "; ".join(f"{kind} {rate(count, total)}" for kind, count in told.items())
        yield f"Dumplings {n} (agreement, not accuracy): {listed_}; any block {rate(blocked, total)}"


def wasabi() -> Iterator[tuple[str, str, Card]]:
    """The emulation: the rounds are the transactions whose inputs belong to several wallets."""
    total: list[Card] = []
    for name, records, owners in emulations():
        ledger = joined(*records)
        (coins,) = read(ledger)
        rounds = {str(coins.ids[t].as_py()) for t in range(len(coins)) if len(_owners(coins, t, owners)) > 1}
        for label, result in entities(f"emulation {name[:16]}", ledger, owners, rounds):
            print(f"{label}: {result.text}")
        said = "Wasabi 2 rounds of 13 to 36 inputs, real clients on regtest, two runs"
        counts = detected(ledger, rounds, said, "the clients' own wallets", of("wasabi2"))
        total.append(counts)
        blocked = len(rounds) - (detected(ledger, rounds, said, "", blocking).fn or 0)
        print(f"emulation {name[:16]}: rounds that any verdict blocks: {rate(blocked, len(rounds))}")
        few = next(h for h in recover_heuristics() if h.info.id == "mix-wasabi2")
        hits = [
            row["transactions"][0]
            for batch in few.assertions(ledger, Scope(parameters={"inputs": 10}))
            for row in batch.tables()["assertions"].to_pylist()
            if row["role"] == "definite"
        ]
        print(
            f"emulation {name[:16]}: definite at inputs=10: {rate(len(rounds & set(hits)), len(rounds))}, "
            f"others {len(set(hits) - rounds)}"
        )
    yield "mix-wasabi2", "emulation", _summed(total)


def _owners(coins: Any, tx: int, owners: Mapping[str, str]) -> set[str]:
    held = coins.inputs.address[coins.inputs.first[tx] : coins.inputs.first[tx + 1]]
    return {owners[name] for name in names(coins, held[held >= 0]) if name in owners}


def _summed(parts: list[Card]) -> Card:
    def add(name: str) -> int:
        return sum(getattr(part, name) for part in parts)

    grades = [one for part in parts for one in part.grades]
    said = [(one.grade, right) for one in grades for right in [True] * one.right + [False] * (one.wrong or 0)]
    return replace(parts[0], grades=tallies(said), n=add("n"), fn=add("fn"), tn=add("tn"), abstain=add("abstain"))


def samples() -> Iterator[str]:
    """Single real transactions, with what is known of each."""
    known = {
        "whirlpool-coinjoin": "whirlpool_mix",
        "joinmarket-coinjoin": "joinmarket",
        "wabisabi-coinjoin": "wasabi2",
        "batch-withdrawal-143": "",
        "dust-attack-555": "",
        "simple-legacy-p2pkh": "",
        "bare-multisig": "",
    }
    for name, label in known.items():
        (coins,) = read(joined(sample(name)))
        said = [f"{v.label} {v.role} {v.confidence}" for v in find(coins).verdicts]
        yield f"sample {name} (is {label or 'no mix'}): {', '.join(said) or 'nothing'}"


def ids_only() -> Iterator[str]:
    """What can be said of lists without bytes: their sizes, and whether they overlap with sets that have bytes."""
    held = {
        t.id
        for name in ("OtherCoinJoins", "OtherCoinJoinPostMixTxs")
        for t in dumplings("dumplings__jm_202406.zip", name)
    }
    held |= {
        t.id
        for name in ("SamouraiTx0s", "SamouraiCoinJoins", "SamouraiPostMixTxs")
        for t in dumplings("dumplings__sw_202403.zip", name)
    }
    rounds = set().union(*listed("wasabi2_txid_coordinator").values())
    for name in ("wasabi1_false_cjtxs", "wasabi2_false_cjtxs"):
        false = set().union(*listed(name).values())
        yield (
            f"list {name}: {len(false)} ids, no bytes: not measured; {len(false & held)} are in the sets with "
            f"bytes, {len(false & rounds)} in the coordinators' list of {len(rounds)}"
        )
    yield f"list wasabi2_txid_coordinator: {len(rounds)} ids, no bytes: not measured; {len(rounds & held)} in sets"
