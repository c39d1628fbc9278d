"""Change by the habits of a whole co-spend cluster (Kappos et al., 2022), each transaction's own part left out."""

from __future__ import annotations

import numpy as np

from recover_heuristics_utxo.change.ground import Ground
from recover_heuristics_utxo.change.rule import Rule, Terms
from recover_heuristics_utxo.change.spending import locktime
from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.owners import clusters
from recover_heuristics_utxo.segments import Codes, Mask, heads, total

_FINAL, _ALMOST = 0xFFFFFFFF, 0xFFFFFFFE
_SPAN = 2**16


def features(coins: Coins) -> Codes:
    """(sequence class, lock-time policy, version) of each transaction as one code; -1 where one is not shown."""
    first, count = coins.inputs.first, coins.inputs.count
    final = total(first, coins.sequence == _FINAL) == count
    almost = total(first, coins.sequence >= _ALMOST) == count
    kind = np.where(final, 0, np.where(almost, 1, 2))
    known = (total(first, coins.sequence < 0) == 0) & (coins.locktime >= 0) & (coins.version >= 0)
    held = known & (coins.version < _SPAN // 8)
    return np.where(held, kind * 2 + locktime(coins) + 6 * coins.version, -1).astype(np.int64)


class _Table:
    """How often each (cluster, code) stands: a sorted list of keys and their counts."""

    def __init__(self, cluster: Codes, code: Codes) -> None:
        use = (cluster >= 0) & (code >= 0)
        self.keys, self.counts = np.unique(cluster[use] * _SPAN + code[use], return_counts=True)

    def count(self, cluster: Codes, code: Codes) -> Codes:
        wanted = np.where((cluster >= 0) & (code >= 0), cluster * _SPAN + code, -1)
        found = np.zeros(len(wanted), np.int64)
        if len(self.keys):
            at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            hit = self.keys[at] == wanted
            found[hit] = self.counts[at[hit]]
        return found


def cluster_habit(base: Ground, terms: Terms) -> Mask:
    """Spent outputs at the cluster's usual place, of a type it pays to, whose spender has features of its own.

    The counts leave out the transaction itself, and its spender: a spender that is the wallet's next transaction
    would otherwise agree with itself.
    """
    coins, out = base.coins, base.coins.outputs
    label = clusters(coins)
    payer = heads(coins.inputs.first, coins.inputs.address)
    sound = coins.whole & ~coins.coinbase
    group = np.where(sound & (payer >= 0), label[np.maximum(payer, 0)] if len(label) else -1, -1)
    feature = features(coins)
    mine = group[base.owner]
    spender = np.maximum(base.spent, 0)
    theirs = np.where(base.spent >= 0, feature[spender] if len(feature) else -1, -1)
    seen = _Table(group, feature).count(mine, theirs)
    seen = seen - (feature[base.owner] == theirs) - ((group[spender] == mine) & (base.spent != base.owner))
    kinds = _Table(mine, out.script).count(mine, out.script) - _own_kinds(base)
    found: Mask = (base.spent >= 0) & (theirs >= 0) & (seen > 0) & (kinds > 0) & _placed(base, group, label)
    return found


def _own_kinds(base: Ground) -> Codes:
    """How many outputs of its own transaction have each output's type."""
    out = base.coins.outputs
    return _Table(base.owner, out.script).count(base.owner, out.script)


def _placed(base: Ground, group: Codes, label: Codes) -> Mask:
    """Whether an output stands where its cluster's other change stands: first, last, either, or anywhere."""
    out = base.coins.outputs
    usable = base.usable
    back = np.zeros(len(out.address), np.bool_)
    back[usable] = label[out.address[usable]] == group[base.owner[usable]]
    one = back & (base.count(back) == 1)[base.owner]
    position = np.arange(len(out.address)) - out.first[base.owner]
    first, last = position == 0, position == out.count[base.owner] - 1
    mine, size = group[base.owner], int(group.max(initial=0)) + 1
    allowed = np.ones(len(out.address), np.bool_)
    decided = np.zeros(len(out.address), np.bool_)
    known = _others(base, one, mine, size)
    for place in (first, last, first | last):
        always = (known > 0) & (_others(base, one & place, mine, size) == known) & ~decided
        allowed[always] = place[always]
        decided |= always
    return allowed


def _others(base: Ground, mask: Mask, mine: Codes, size: int) -> Codes:
    """How many marked outputs each output's cluster has in other transactions."""
    use = mask & (mine >= 0)
    whole = np.bincount(mine[use], minlength=size)
    found: Codes = np.where(mine >= 0, whole[np.maximum(mine, 0)] - base.count(mask)[base.owner], 0)
    return found


RULES = (
    Rule(
        id="change-cluster-habit",
        title="One output's spender has the habits of the payer's cluster",
        family="cluster",
        find=cluster_habit,
        citation="G. Kappos et al., How to Peel a Million, USENIX Security 2022 (findNext)",
        fails=(
            "clusters of one habit, as those of one popular wallet, cannot be told apart",
            "it abstains for a payer with a single transaction",
        ),
        dynamic=True,
    ),
)
