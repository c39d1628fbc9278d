"""How often are two accounts tied by chance, that TRON's records tie? Measured on real blocks.

Run from the repository's root, with the evaluation data beside the checkout:

    .venv/bin/python benchmarks/placebo_tron.py

Blocks 0 to 10,000 are TRON's first hours, in which the first payment to an account made it. Two accounts are tied
where one made the other, and share a maker where one third account made both. A pair taken at random is so
tied as often as is printed; that is the rate at which such a lead would be found where nothing is to be found.
Loans of resources and changes of permissions do not occur in these blocks, nor in block 50,000,011: their rate
is not measured, and not zero.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

BLOCKS = Path(__file__).parents[1] / ".." / "shared" / "data" / "tron-blocks"
LIMITS = (0, 100, 20, 10, 3)


def makers() -> dict[str, str]:
    """Who made each account: the payer of its first payment, of accounts that had not paid before."""
    rows = [json.loads(line) for line in (BLOCKS / "tron_0-10000" / "transactions.json").open()]
    rows.sort(key=lambda row: (row["blockId"], row["transactionIndex"]))
    made: dict[str, str] = {}
    before: set[str] = set()
    for row in rows:
        src, dst = row.get("fromAddress"), row.get("toAddress")
        if src and dst and src != dst and row["value"] and dst not in before and dst not in made:
            made[dst] = src
        before |= {src} if src else set()
    return made


def lent() -> Counter[str]:
    """How often each kind of transaction stands in block 50,000,011, by the number of its contract."""
    rows = map(json.loads, (BLOCKS / "tron_50000011" / "transactions.jsonl").open())
    return Counter(str(row["transaction_type"]) for row in rows)


def chance(part: int, whole: int) -> str:
    return f"{part:>9,} of {whole:,} pairs, {part * 1_000_000 // whole:>7,} in a million"


def main() -> None:
    made = makers()
    count = Counter(made.values())
    names = set(made) | set(made.values())
    pairs, sharing = len(names) * (len(names) - 1) // 2, len(made) * (len(made) - 1) // 2
    print(f"{len(made):,} accounts made by {len(count)} others, {len(names):,} accounts in all")
    for most in LIMITS:
        kept = [n for n in count.values() if not most or n <= most]
        print(f"makers of at most {most:,}:" if most else "all makers:")
        print("  one made the other   ", chance(sum(kept), pairs))
        print("  one maker made both  ", chance(sum(n * (n - 1) // 2 for n in kept), sharing))
    kinds = lent()
    print(
        "block 50,000,011:",
        kinds["57"] + kinds["58"],
        "loans of resources,",
        kinds["46"],
        "changes of permissions",
    )


if __name__ == "__main__":
    main()
