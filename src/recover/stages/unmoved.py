"""Unmoved: what exhibits leave open and no figure hangs on under the declared rule, tried under every other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from recover.case import Case
from recover.findings.material import Material
from recover.findings.undecided import Answer
from recover.findings.versioned import Figures, Pick, Worked, alone, apart, choice, whole
from recover.plugins.registry import Plugins
from recover.stages.supposed import work


class Found(TypedDict):
    """The questions that move no figure under any rule, and how much the others move, by asset."""

    same: frozenset[int]
    beside: dict[int, dict[str, int]]


def beside(
    made: Worked,
    few: Sequence[int],
    looks: Mapping[Answer, Case],
    plugins: Plugins,
) -> Found:
    """Of some questions, which move no figure under any rule, whatever else is answered or left open; and how much
    the others move under the rules beside the declared one. `looks` hold the ledgers joined for choices."""
    known, here = dict[Pick, Material | None](), made.material

    def ruled(pick: Pick) -> Material | None:
        if pick not in known:
            said = choice(made.questions, pick)
            look = looks.get(tuple(sorted(said.items())))
            known[pick] = None if look is None else work(look, plugins, join=False, link=False, ruled=True)
        return known[pick]

    same, moved = set(), dict[int, dict[str, int]]()
    tried = {pick: one for pick in made.tried if (one := ruled(pick)) is not None}
    figures_of = {pick: whole(one) for pick, one in tried.items()}
    for n in few:
        first = {pick: (*pick[:n], 0, *pick[n + 1 :]) for pick in figures_of if pick[n] is not None}
        alike = all(figures_of[pick] == figures_of.get(other) for pick, other in first.items())
        if alike and made.every and len(tried) == len(made.tried):
            by_itself = (ruled(pick) for pick in alone(made.questions) if pick[n] is not None)
            if all(one is not None and whole(one) == whole(here) for one in by_itself):
                same.add(n)
                continue
        sums = moved.setdefault(n, {})
        for rule in here.ran:
            for asset, amount in apart({pick: Figures.of(one, rule) for pick, one in tried.items()}, n).items():
                sums[asset] = max(amount, sums.get(asset, 0))
    return {"same": frozenset(same), "beside": moved}
