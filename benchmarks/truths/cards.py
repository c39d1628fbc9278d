"""What a measurement puts on a heuristic's card: counts by grade, and the file that holds the cards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from recover.sdk import Card, Grade, Tally

_FIELDS = ("population", "truth", "n", "fn", "tn", "abstain", "measured", "by")


def tallies(said: Iterable[tuple[Grade, bool | None]], chain: str = "", judged: bool = True) -> tuple[Tally, ...]:
    """(grade, whether it was so) of each thing said, counted by grade; None where the truth says nothing of it.

    Not `judged`: the truth is a list that shows what is right and never what is wrong.
    """
    found = Counter(said)
    return tuple(
        Tally(
            grade=grade,
            right=found[grade, True],
            wrong=found[grade, False] if judged else None,
            unknown=found[grade, None],
            chain=chain,
        )
        for grade in sorted({grade for grade, _ in found})
    )


def text(cards: Mapping[str, Card], by: str) -> str:
    """The cards as the file holds them, in order of id; what was not measured is left out."""
    lines = [f"# Written by {by} --write. One table a heuristic; see recover.sdk.Card.", ""]
    for id, card in sorted(cards.items()):
        rows = {name: getattr(card, name) for name in _FIELDS}
        lines += [
            f"[{id}]",
            *(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in rows.items() if v not in (None, "")),
        ]
        lines += [f"chains = {json.dumps(list(card.chains))}"] if card.chains else []
        lines += ["grades = [", *(f"  {_row(one)}," for one in card.grades), "]", ""]
    return "\n".join(lines)


def _row(one: Tally) -> str:
    counts = {name: getattr(one, name) for name in ("right", "wrong", "unknown")}
    said = {"grade": one.grade, **counts, "chain": one.chain or None, "met": list(one.met) or None}
    return "{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in said.items() if v is not None) + " }"


def table(cards: Mapping[str, Card]) -> str:
    """What each card has by grade, as the accuracy document shows it."""
    heads = ("rule", "chain", "grade", "right", "wrong", "unknown", "n")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for id, card in sorted(cards.items()):
        for one in card.grades:
            cells = (getattr(one, name) for name in heads[3:])
            told = " | ".join("not measured" if cell is None else str(cell) for cell in cells)
            lines.append(f"| `{id}` | {one.chain or 'made up'} | {one.grade} | {told} |")
        if not card.grades:
            lines.append(f"| `{id}` | {', '.join(card.chains) or 'made up'} | none | 0 | 0 | 0 | 0 |")
    return "\n".join(lines)
