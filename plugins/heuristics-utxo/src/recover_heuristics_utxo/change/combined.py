"""The answer that two independent families of change rules give, or a return to an input's own address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from recover.sdk import Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_utxo.asserted import batch, canonical, parameters, wanted
from recover_heuristics_utxo.cards import card
from recover_heuristics_utxo.change import addresses, habits, peel, spending, values
from recover_heuristics_utxo.change.ground import Ground, ground
from recover_heuristics_utxo.change.rule import Change, Family, Rule
from recover_heuristics_utxo.coins import Coins, read
from recover_heuristics_utxo.memo import once
from recover_heuristics_utxo.segments import Codes

RULES: tuple[Rule, ...] = (*values.RULES, *addresses.RULES, *spending.RULES, *habits.RULES, *peel.RULES)
FAMILIES: tuple[Family, ...] = ("value", "address", "spender", "cluster")

_VOTING = tuple(rule for rule in RULES if rule.votes)


def _lowr(coins: Coins) -> Codes:
    return coins.lowr


_AXES: tuple[tuple[str, Callable[[Coins], Codes]], ...] = (
    ("lowr", _lowr),
    ("locktime", spending.locktime),
    ("rbf", spending.replaceable),
    ("version", spending.version),
)
_NOBODY, _TORN = -1, -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """Per transaction: the output that each voting rule chooses, and each family (-1: none, -2: they differ)."""

    rules: tuple[Codes, ...]
    families: tuple[Codes, ...]
    self: Codes


@once
def votes(coins: Coins) -> Votes:
    """Every voting rule at its defaults; a family speaks only where all its rules that answer agree."""
    base = ground(coins)
    chosen = tuple(_choice(base, rule.answers(base, rule.defaults())) for rule in _VOTING)
    families = []
    for family in FAMILIES:
        ours = np.full(len(coins), _NOBODY, np.int64)
        for rule, choice in zip(_VOTING, chosen, strict=True):
            if rule.family == family:
                differ = (ours != _NOBODY) & (choice != _NOBODY) & (ours != choice)
                ours = np.where(differ | (ours == _TORN), _TORN, np.maximum(ours, choice))
        families.append(ours)
    own = next(c for rule, c in zip(_VOTING, chosen, strict=True) if rule.family == "self")
    return Votes(rules=chosen, families=tuple(families), self=own)


def _choice(base: Ground, outputs: Codes) -> Codes:
    found = np.full(len(base.coins), _NOBODY, np.int64)
    found[base.owner[outputs]] = outputs
    return found


def agreed(coins: Coins, least: int) -> Codes:
    """The output that `least` families choose and none contradicts, or the one that returns; -1 for no answer."""
    said = votes(coins)
    best = np.full(len(coins), _NOBODY, np.int64)
    for choice in said.families:
        best = np.maximum(best, choice)
    support = sum((choice == best).astype(np.int64) for choice in said.families)
    against = sum(((choice >= 0) & (choice != best)).astype(np.int64) for choice in said.families)
    found = np.where((best >= 0) & (support >= least) & (against == 0), best, _NOBODY)
    return np.where(said.self >= 0, said.self, found).astype(np.int64)


def prints(coins: Coins, outputs: Codes) -> Codes:
    """Wallet fingerprints of each output's maker and spender, two bits an axis: 0 not shown, 1 agree, 2 differ."""
    base = ground(coins)
    maker, spender = base.owner[outputs], base.spent[outputs]
    found = np.zeros(len(outputs), np.int64)
    for place, (_, axis) in enumerate(_AXES):
        code = axis(coins)
        a, b = code[maker], np.where(spender >= 0, code[np.maximum(spender, 0)], -1)
        found |= np.where((a < 0) | (b < 0), 0, np.where(a == b, 1, 2)) << (2 * place)
    return found


def _differing(found: Codes) -> Codes:
    differing = np.zeros_like(found)
    for n in range(len(_AXES)):
        differing += found >> (2 * n) & 3 == 2
    return differing


class Combined:
    """Asserts `change` where two independent families agree, or an output returns to an input's address."""

    info = HeuristicInfo(
        id="change",
        version="1",
        title="Change by two independent families of rules (height-dependent)",
        models=("utxo",),
        asserts=("change",),
        citation="A rule of this project over published rules: value, address, spender, cluster",
        fails=(
            "families are independent by what they read, not proven so",
            "a payment to oneself has no change, and may be called one",
            "Bitcoin Core's own habits are what most rules were made for; other wallets differ",
        ),
        parameters={
            "families": (2, "families: at least so many choose the output, and none another"),
            "refuse": (2, "fingerprints: the answer is withheld where so many differ between maker and spender"),
        },
        card=card("change"),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a transaction, grade C. `height` is the tip at evaluation.

        `params`: {"families", "rules", "fingerprint": {"agree", "differ"}, "self"}. Fingerprints (version, lock
        time, replacement, low-R signatures) support or withhold an answer; they never make one.
        """
        terms = parameters(self.info, scope)
        for coins in read(ledger):
            base, asked = ground(coins), wanted(coins, scope)
            found = agreed(coins, terms["families"])
            found = found[found >= 0]
            marks = prints(coins, found)
            own = votes(coins).self[base.owner[found]] >= 0
            payer, other = base.payer[base.owner[found]], coins.outputs.address[found]
            keep = (own | (_differing(marks) < terms["refuse"])) & (asked[payer] | asked[other])
            if keep.any():
                yield self._batch(base, found[keep], marks[keep])

    def _batch(self, base: Ground, found: Codes, marks: Codes) -> Batch:
        coins, owner = base.coins, base.owner[found]
        said = votes(coins)
        bits = marks
        for place, choice in enumerate(said.rules):
            bits = bits | (choice[owner] == found).astype(np.int64) << (2 * len(_AXES) + place)
        kinds, codes = np.unique(bits, return_inverse=True)
        texts = np.array([_params(int(k)) for k in kinds], object)
        return batch(
            self.info,
            coins,
            "change",
            address=base.payer[owner],
            other=coins.outputs.address[found],
            transactions=owner,
            ends=np.arange(len(found) + 1),
            grade="C",
            params=list(texts[codes]),
            note="Independent rules choose this output, or it returns to an address that pays in.",
            height=coins.tip,
        )


def _params(bits: int) -> str:
    states = sorted((name, bits >> (2 * n) & 3) for n, (name, _) in enumerate(_AXES))
    chosen = [rule for n, rule in enumerate(_VOTING) if bits >> (2 * len(_AXES) + n) & 1]
    families = sorted({rule.family for rule in chosen})
    return canonical(
        {
            "families": families,
            "fingerprint": {
                "agree": [name for name, state in states if state == 1],
                "differ": [name for name, state in states if state == 2],
            },
            "rules": sorted(rule.id for rule in chosen),
            "self": "self" in families,
        }
    )


def single() -> list[Change]:
    """Every rule as a heuristic of its own."""
    return [Change(rule) for rule in RULES]
