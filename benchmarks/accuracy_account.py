"""How often are `deposit-address` and `hub` right? Measured on made-up wallets whose script is the truth.

Run from the repository's root; a second. `--write` puts the counts into the heuristic's card, `--seed` makes
another world:

    .venv/bin/python benchmarks/accuracy_account.py

Each address of the script is one trial. It is *true* where an exchange gave it to a customer, *called* where the
rule names an exchange for it, at any grade; a call that names another exchange, or where none gave it, is a false
positive. `accuracy_deposit.py` measures the same rule on real wallets; those are 20, too few for a rate.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from recover.findings.cards import reasons
from recover.sdk import Card, Grade, Scope
from recover_heuristics_account.cards import FILE
from recover_heuristics_account.deposits import DepositAddress
from recover_heuristics_account.hubs import Hub

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that a script by path finds the modules beside it
from benchmarks.truths.cards import table, tallies, text
from benchmarks.truths.counts import line
from benchmarks.truths.exchanges import ABOUT, CROWDS, SCRIPT, World, crowds, world

BY = "benchmarks/accuracy_account.py"


def measure(seed: int = 1) -> tuple[Card, dict[str, Counter[str]]]:
    """The card of `deposit-address`, and its four counts by kind of address."""
    made = world(seed)
    named: dict[str, tuple[Grade, str]] = {}
    met: dict[Grade, set[str]] = {}
    for batch in DepositAddress().assertions(made.ledger, Scope()):
        for row in batch.tables()["assertions"].to_pylist():
            if row["service"]:
                named[row["address"]] = min((row["grade"], row["service"]), named.get(row["address"], ("E", "~")))
                met.setdefault(row["grade"], set()).update(reasons(row["note"]))
    card, kinds = _card(ABOUT, made, named)
    return replace(
        card, grades=tuple(replace(one, met=tuple(sorted(met[one.grade]))) for one in card.grades)
    ), kinds


def measure_hubs(seed: int = 1) -> tuple[Card, dict[str, Counter[str]]]:
    """The same of `hub`, which names nobody: true where a service collects, called where the rule speaks."""
    made = crowds(seed)
    called = {
        row["address"]: (row["grade"], made.owners[row["address"]])
        for batch in Hub().assertions(made.ledger, Scope())
        for row in batch.tables()["assertions"].to_pylist()
    }
    return _card(CROWDS, made, called)


def _card(
    about: str, made: World, called: Mapping[str, tuple[Grade, str]]
) -> tuple[Card, dict[str, Counter[str]]]:
    """What was called against what is; what was called something that nothing is, is wrong."""
    kinds: dict[str, Counter[str]] = {}
    said: list[tuple[Grade, bool | None]] = []
    for address, owner in made.owners.items():
        right = False
        if address in called:
            grade, name = called[address]
            right = bool(owner) and name == owner
            said.append((grade, right))
        word = ("tp" if right else "fp") if address in called else ("fn" if owner else "tn")
        kinds.setdefault(made.kinds[address], Counter())[word] += 1
    rightly = sum(right is True for _, right in said)
    card = Card(
        population=f"{about}; each address is one trial",
        truth=SCRIPT,
        grades=tallies(said),
        n=len(made.owners),
        fn=sum(bool(owner) for owner in made.owners.values()) - rightly,
        tn=sum(of["tn"] for of in kinds.values()),
        abstain=len(made.owners) - len(said),
    )
    return card, kinds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    cards, day = {}, f"{datetime.now(UTC):%Y-%m-%d}"
    for name, of_it in (("deposit-address", measure), ("hub", measure_hubs)):
        found, by_kind = of_it(chosen.seed)
        cards[name] = replace(found, measured=day, by=BY)
        print(f"{name}: {line(found)}")
        for kind, of in sorted(by_kind.items()):
            print(f"  {kind:10} {dict(sorted(of.items()))}")
    print(f"\n{table(cards)}")
    if chosen.write:
        FILE.write_text(text(cards, BY), "utf-8")
