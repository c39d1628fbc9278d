"""Common-input ownership: addresses that sign one transaction together have one owner, with its guards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recover.sdk import Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_utxo.asserted import batch, canonical, parameters, picked, wanted
from recover_heuristics_utxo.cards import card
from recover_heuristics_utxo.coins import Coins, read
from recover_heuristics_utxo.memo import once
from recover_heuristics_utxo.mixes import find
from recover_heuristics_utxo.segments import Codes, Mask, heads, total

# Bitcoin Core's dust limits: 546 for a P2PKH output, 330 for a P2TR one.
_DUST, _DUST_P2TR = 546, 330
_MASS = 10
_CAP = 1000
_SHARED = ("p2wsh", "p2tr", "multi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of addresses that were spent together: `one` is the address that the ledger shows first.

    Pair p rests on `transactions[ends[p]:ends[p + 1]]`, in the ledger's order; `weak` pairs rest only on
    transactions that two owners may have made together.
    """

    one: Codes
    other: Codes
    transactions: Codes
    ends: Codes
    weak: Mask


def dusted(coins: Coins, mass: int = _MASS) -> Mask:
    """Inputs that a mass-dust transaction made, or whose making is not shown: they prove nothing."""
    limit = np.where(coins.inputs.script == coins.script("p2tr"), _DUST_P2TR, _DUST)
    small = (coins.inputs.value >= 0) & (coins.inputs.value <= limit)
    made = total(coins.outputs.first, coins.spendable & (coins.outputs.value <= _DUST)) >= mass
    shown = coins.origin >= 0
    maker = np.where(shown, coins.outputs.owner[np.where(shown, coins.origin, 0)] if len(made) else 0, 0)
    found: Mask = small & (~shown | (made[maker] if len(made) else False))
    return found


def shared(coins: Coins) -> Mask:
    """Transactions that two owners may have signed: PayJoin-like, or inputs of scripts that hide several."""
    codes = [code for name in _SHARED if (code := coins.script(name)) >= 0]
    hidden = total(coins.inputs.first, np.isin(coins.inputs.script, codes)) > 0
    found: Mask = find(coins).payjoin | hidden
    return found


def pairs(coins: Coins, mass: int = _MASS) -> Pairs:
    """The star of each transaction that no guard stops: its first address with each of the others."""
    sound = coins.whole & ~coins.coinbase & ~find(coins).no_cospend
    use = sound[coins.inputs.owner] & (coins.inputs.address >= 0) & ~dusted(coins, mass)
    owner, address = coins.inputs.owner[use], coins.inputs.address[use]
    first = np.searchsorted(owner, np.arange(len(coins) + 1)).astype(np.int64)
    hub = heads(first, address)[owner]
    other = hub != address
    low, high = np.minimum(hub, address)[other], np.maximum(hub, address)[other]
    triple = np.unique(np.stack((low, high, owner[other])), axis=1) if other.any() else np.zeros((3, 0), np.int64)
    new = np.ones(triple.shape[1], np.bool_)
    new[1:] = (triple[:2, 1:] != triple[:2, :-1]).any(axis=0)
    starts = np.flatnonzero(new)
    ends = np.append(starts, triple.shape[1]).astype(np.int64)
    weak = total(ends, ~shared(coins)[triple[2]]) == 0
    return Pairs(one=triple[0][starts], other=triple[1][starts], transactions=triple[2], ends=ends, weak=weak)


@once
def clusters(coins: Coins) -> Codes:
    """For each address the smallest address number that co-spends join it to; itself where none do.

    Labels fall to the smallest along all pairs at once, and jump to their label's label, until nothing changes.
    """
    found = pairs(coins)
    label = np.arange(len(coins.names), dtype=np.int64)
    while True:
        before = label.copy()
        low = np.minimum(label[found.one], label[found.other])
        for side in (label[found.one], label[found.other], found.one, found.other):
            np.minimum.at(label, side, low)
        label = label[label]
        if np.array_equal(label, before):
            return label


def _capped(found: Pairs, cap: int) -> Pairs:
    """Each pair with its first `cap` transactions."""
    place = np.arange(len(found.transactions)) - np.repeat(found.ends[:-1], np.diff(found.ends))
    ends = np.append(0, np.cumsum(np.minimum(np.diff(found.ends), cap))).astype(np.int64)
    return Pairs(
        one=found.one,
        other=found.other,
        transactions=found.transactions[place < cap],
        ends=ends,
        weak=found.weak,
    )


def chosen(found: Pairs, keep: Mask) -> Pairs:
    """The pairs that `keep` marks."""
    counts = np.diff(found.ends)
    return Pairs(
        one=found.one[keep],
        other=found.other[keep],
        transactions=found.transactions[np.repeat(keep, counts)],
        ends=np.append(0, np.cumsum(counts[keep])).astype(np.int64),
        weak=found.weak[keep],
    )


class CommonInput:
    """Asserts `same-owner` for addresses that were spent in one transaction."""

    info = HeuristicInfo(
        id="common-input",
        version="1",
        title="Common-input ownership",
        models=("utxo",),
        asserts=("same-owner",),
        citation="S. Nakamoto, Bitcoin, 2008, section 10; S. Meiklejohn et al., A Fistful of Bitcoins, IMC 2013, "
        "heuristic 1",
        fails=(
            "a collaborative transaction that no detector sees merges strangers",
            "a PayJoin and a dual-funded channel look like one owner's payment",
            "the wallets of an exchange, custodian or payment processor are its own, not its customers'",
            "keys that were sold, imported, swept, seized or guessed have had several owners over time",
        ),
        parameters={
            "dust": (_MASS, "outputs: a transaction with so many of at most 546 units dusts"),
            "cap": (_CAP, "transactions: at most so many are listed for one pair"),
        },
        card=card("common-input"),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a pair, in order of the two addresses' first appearance; `params` has transactions.

        Grade B; C where every transaction behind the pair may have had two owners (PayJoin-like shape, or inputs
        of P2WSH, P2TR or bare multisig scripts). Not whole transactions and coinbases prove nothing here.
        """
        terms = parameters(self.info, scope)
        for coins in read(ledger):
            asked = wanted(coins, scope)
            found = pairs(coins, terms["dust"])
            found = chosen(found, asked[found.one] | asked[found.other])
            if len(found.one):
                yield _batch(coins, found, terms["cap"])


def _batch(coins: Coins, found: Pairs, cap: int) -> Batch:
    counts = np.diff(found.ends)
    numbers, codes = np.unique(counts, return_inverse=True)
    texts = [canonical({"transactions": n}) for n in numbers.tolist()]
    listed = _capped(found, cap)
    weak = found.weak.astype(np.int64)
    notes = ("Both signed the same transactions.", "Both signed, but two owners may have made the transaction.")
    return batch(
        CommonInput.info,
        coins,
        "same-owner",
        address=found.one,
        other=found.other,
        transactions=listed.transactions,
        ends=listed.ends,
        grade=picked(("B", "C"), weak),
        params=picked(texts, codes.astype(np.int64)),
        note=picked(notes, weak),
    )
