"""The detectors as heuristics: each asserts `mix` about the transactions of its own classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from recover.sdk import Batch, Grade, HeuristicInfo, Ledger, Scope
from recover_heuristics_utxo import boltzmann, conservation
from recover_heuristics_utxo.asserted import batch, canonical, parameters
from recover_heuristics_utxo.cards import card
from recover_heuristics_utxo.coins import Coins, read
from recover_heuristics_utxo.mixes import candidates, find, joinmarket, stonewall, wasabi
from recover_heuristics_utxo.mixes.shape import Shape, Verdict, data, look

EFFECTS: Mapping[str, tuple[str, ...]] = {
    "definite": ("blocks_change", "blocks_cospend", "scores_mixing", "stops_taint"),
    "possible": ("blocks_change", "blocks_cospend"),
    "entry": ("blocks_change",),
    "shape": (),
}
_NOT_COMPUTED = "not computed"
_SHOWN = 20


class Detector:
    """Asserts `mix`: `label` the class, `role` definite or possible (entry for a Tx0, shape for a PayJoin-like).

    `params`: confidence, rules, denomination, n_equal, anon_min, effects; for a definite mix also links (mappings
    and certain [input, output] pairs, or "not computed") and forced ([payer, value, outputs] that the others could
    not have funded); for Whirlpool lineage; for a Stonewall-like one alike (what has the same shape). The scope's
    addresses are not read: it speaks of transactions.
    """

    def __init__(self, info: HeuristicInfo, *labels: str) -> None:
        self.info = info
        self.labels = frozenset(labels)

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a transaction and class, in the ledger's order."""
        for coins in read(ledger):
            found = [v for v in self._verdicts(coins, scope) if v.label in self.labels]
            if found:
                yield _batch(self.info, coins, found)

    def _verdicts(self, coins: Coins, scope: Scope) -> list[Verdict]:
        fewest = parameters(self.info, scope).get("inputs", wasabi.INPUTS)
        if fewest == wasabi.INPUTS:
            return list(find(coins).verdicts)
        shapes = (look(coins, tx) for tx in candidates(coins).tolist())
        return [v for one in shapes if (v := wasabi.wasabi2(one, fewest)) is not None]


def _batch(info: HeuristicInfo, coins: Coins, found: list[Verdict]) -> Batch:
    return batch(
        info,
        coins,
        "mix",
        address=None,
        other=None,
        transactions=np.array([v.tx for v in found], np.int64),
        ends=np.arange(len(found) + 1),
        grade=[graded(v) for v in found],
        params=[_params(coins, v) for v in found],
        note=[_note(v) for v in found],
        label=[v.label for v in found],
        role=[v.role for v in found],
    )


def graded(verdict: Verdict) -> Grade:
    """How sure a verdict is."""
    if verdict.role in ("definite", "entry"):
        return "B" if verdict.confidence >= 90 else "C"
    return "D" if verdict.confidence >= 40 else "E"


def _note(verdict: Verdict) -> str:
    if verdict.role == "definite":
        return f"{verdict.equal} outputs of {verdict.denomination} cannot be told apart; a trace stops here."
    if verdict.role == "entry":
        return "One owner's preparation for a Whirlpool mix: inputs and change are one owner's."
    if verdict.role == "shape":
        return "A co-spend here may be a PayJoin; most transactions of this shape are not."
    if verdict.label == stonewall.LABEL:
        return stonewall.NOTE
    return "It has the shape of a CoinJoin: its inputs join no addresses, and it says nothing of anybody."


def _params(coins: Coins, verdict: Verdict) -> str:
    said: dict[str, object] = {
        "anon_min": verdict.least,
        "confidence": verdict.confidence,
        # A round of many denominations has none: every output is a way out.
        "denomination": None if verdict.label == "wasabi2" else str(verdict.denomination),
        "effects": list(EFFECTS[verdict.role]),
        "n_equal": verdict.equal,
        "rules": list(verdict.rules),
    }
    if verdict.shown is not None:
        said["lineage"] = {"shown": verdict.shown, "of": verdict.coming}
    if verdict.label.startswith("wasabi1"):
        said["as_of"] = data("wasabi")["as_of"]
    if verdict.label.startswith("whirlpool"):
        said["as_of"] = data("whirlpool")["as_of"]
    if verdict.label == stonewall.LABEL:
        said["alike"] = list(stonewall.ALIKE)
    if verdict.role == "definite":
        one = look(coins, verdict.tx)
        said["links"] = _links(one, verdict)
        said["forced"] = forced(coins, one)
    return canonical(said)


def _links(one: Shape, verdict: Verdict) -> object:
    """Whirlpool's groups lose the miner's fee and no more; JoinMarket's pay each other. Wasabi's pay a third."""
    if not one.known or one.fee < 0 or verdict.label not in ("whirlpool_mix", "joinmarket"):
        return _NOT_COMPUTED
    gained = 0
    if verdict.label == "joinmarket":
        gained = joinmarket.EARNED + verdict.denomination * joinmarket.EARNED_PER_MILLE // 1000
    lost = one.fee + gained * (verdict.equal - 1)
    found = boltzmann.links(one.inputs, one.outputs, lost=lost, gained=gained)
    if found is None:
        return _NOT_COMPUTED
    certain = [list(pair) for pair in found.certain]
    return {"certain": certain, "gained": str(gained), "lost": str(lost), "mappings": str(found.mappings)}


def forced(coins: Coins, one: Shape) -> list[list[object]]:
    """[payer, value, outputs]: outputs of a value that the other payers could not have funded (the first 20)."""
    if not one.known:
        return []
    held: dict[int, int] = {}
    for payer, amount in zip(one.payers, one.inputs, strict=True):
        held[payer] = held.get(payer, 0) + amount
    whole = sum(held.values())
    found: list[list[object]] = []
    for payer in (p for p in held if p >= 0):
        for value in sorted(set(one.outputs), reverse=True):
            count = len(one.equal(value))
            if value > 0 and (least := conservation.bound(whole - held[payer], count, value).forced):
                found.append([str(coins.names[payer].as_py()), str(value), least])
    return found[:_SHOWN]


def _info(id: str, title: str, citation: str, *fails: str, **parameters: tuple[int, str]) -> HeuristicInfo:
    made = HeuristicInfo(
        id=id,
        version="1",
        title=title,
        models=("utxo",),
        asserts=("mix",),
        citation=citation,
        fails=fails,
        parameters=parameters,
    )
    return replace(made, card=card(id))


DUMPLINGS = "Dumplings (nopara73/Dumplings)"
GRAPHSENSE = "GraphSense-lib, CoinJoin detectors"


def detectors() -> list[Detector]:
    """All detectors, each with its own id."""
    return [
        Detector(
            _info(
                "mix-whirlpool",
                "Whirlpool mix",
                f"{GRAPHSENSE}; {DUMPLINGS}; Stockinger et al.; lineage after crocs-muni coinjoin-analysis",
                "a pool that is not in the dated list is not seen",
                "without lineage in the evidence only the shape speaks",
            ),
            "whirlpool_mix",
        ),
        Detector(
            _info(
                "mix-whirlpool-tx0",
                "Whirlpool Tx0",
                GRAPHSENSE,
                "coordinator fees are dated; other fees are not recognised, nor pools without a known fee",
                "a cascaded Tx0 takes part of its coins from another one",
                "a Tx0 of two owners exists and looks the same",
            ),
            "whirlpool_tx0",
        ),
        Detector(
            _info(
                "mix-wasabi1",
                "Wasabi 1 round",
                f"{DUMPLINGS}; {GRAPHSENSE}; filters after Stuetz, Stockinger, Moreno-Sanchez, Haslhofer, Maffei",
                "rounds with few equal outputs are not seen",
                "payouts of equal amounts near 0.1 BTC look alike; they are called possible",
            ),
            "wasabi1",
        ),
        Detector(
            _info(
                "mix-wasabi2",
                "Wasabi 2 round",
                f"{DUMPLINGS}; {GRAPHSENSE}; denominations computed by the wallet's rule",
                "rounds below `inputs` inputs are at most possible, and below 20 inputs not seen",
                "consolidations with standard amounts look alike",
                inputs=(wasabi.INPUTS, "inputs: at least so many in a definite round"),
            ),
            "wasabi2",
        ),
        Detector(
            _info(
                "mix-joinmarket",
                "JoinMarket round",
                f"crocs-muni coinjoin-analysis; {DUMPLINGS}; {GRAPHSENSE}; "
                "definite by the makers' arithmetic (a rule of this project)",
                "batch payouts of equal amounts have the same outputs; they are called possible",
                "rounds whose makers used three or more addresses each are called possible",
            ),
            "joinmarket",
        ),
        Detector(
            _info(
                "mix-stonewall",
                "Stonewall-like transaction",
                GRAPHSENSE,
                "one owner's decoy, two owners and a JoinMarket round of two look alike: it only blocks a merge",
                "ordinary payments of two equal amounts look alike",
            ),
            stonewall.LABEL,
        ),
        Detector(
            _info(
                "mix-payjoin-shape",
                "PayJoin-like shape",
                "BIP 78; unnecessary input heuristic 2 (A. Gibson)",
                "no reliable detector exists: most transactions of this shape are ordinary payments",
                "a PayJoin built to avoid the shape is not seen",
            ),
            "payjoin_possible",
        ),
        Detector(
            _info(
                "mix-generic",
                "Equal outputs, possibly a CoinJoin",
                "H. Kalodner et al., BlockSci, USENIX Security 2020: is_coinjoin, is_possible_coinjoin",
                "ordinary batch payments of equal amounts fire it, so it is never definite",
                "it misses every round whose outputs are all equal",
            ),
            "generic",
            "possible",
        ),
    ]
