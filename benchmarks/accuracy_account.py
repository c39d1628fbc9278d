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
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from recover.sdk import Scope
from recover_heuristics_account.cards import FILE
from recover_heuristics_account.deposits import DepositAddress
from recover_heuristics_account.hubs import Hub

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that a script by path finds the modules beside it
from benchmarks.truths.exchanges import ABOUT, CROWDS, SCRIPT, crowds, world

BY = "benchmarks/accuracy_account.py"


def measure(seed: int = 1) -> tuple[dict[str, int], dict[str, Counter[str]]]:
    """The four counts over all addresses, and the same by kind of address."""
    made = world(seed)
    named: dict[str, str] = {}
    for batch in DepositAddress().assertions(made.ledger, Scope()):
        for row in batch.tables()["assertions"].to_pylist():
            named[row["address"]] = named.get(row["address"]) or row["service"]
    kinds: dict[str, Counter[str]] = {}
    for address, owner in made.owners.items():
        said = named.get(address, "")
        word = ("tp" if said == owner else "fp") if said else ("fn" if owner else "tn")
        kinds.setdefault(made.kinds[address], Counter())[word] += 1
    counts = {name: sum(of[name] for of in kinds.values()) for name in ("tp", "fp", "fn", "tn")}
    abstain = sum(1 for address in made.owners if not named.get(address))
    return {"n": sum(counts.values()), **counts, "abstain": abstain}, kinds


def measure_hubs(seed: int = 1) -> tuple[dict[str, int], dict[str, Counter[str]]]:
    """The same of `hub`: true where a service collects, called where the rule speaks of a hub."""
    made = crowds(seed)
    called = {
        row["address"]
        for batch in Hub().assertions(made.ledger, Scope())
        for row in batch.tables()["assertions"].to_pylist()
    }
    kinds: dict[str, Counter[str]] = {}
    for address, owner in made.owners.items():
        word = ("tp" if owner else "fp") if address in called else ("fn" if owner else "tn")
        kinds.setdefault(made.kinds[address], Counter())[word] += 1
    counts = {name: sum(of[name] for of in kinds.values()) for name in ("tp", "fp", "fn", "tn")}
    return {"n": sum(counts.values()), **counts, "abstain": len(made.owners.keys() - called)}, kinds


def text(found: dict[str, tuple[str, dict[str, int]]], day: str) -> str:
    """The cards as the file holds them."""
    lines = ["# Written by benchmarks/accuracy_account.py --write. See recover.sdk.Card."]
    for name, (about, counts) in found.items():
        rows = {"population": about, "truth": SCRIPT, **counts, "measured": day, "by": BY}
        lines += ["", f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in rows.items())]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    cards = {}
    for name, about, of_it in (("deposit-address", ABOUT, measure), ("hub", CROWDS, measure_hubs)):
        found, by_kind = of_it(chosen.seed)
        cards[name] = about, found
        print(name, json.dumps(found))
        for kind, of in sorted(by_kind.items()):
            print(f"  {kind:10} {dict(sorted(of.items()))}")
    if chosen.write:
        FILE.write_text(text(cards, f"{datetime.now(UTC):%Y-%m-%d}"), "utf-8")
