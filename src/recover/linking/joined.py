"""How two addresses are one entity: the shortest chain of co-spends, or why there is none that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case import Case, derived
from recover.ledger import read
from recover.linking import policy
from recover.linking.clustering import route
from recover.linking.ownership import COUNTS, MIXED, NOT_MERGED, REFUSED, SPLIT, TOO_WEAK, Web, flattened, webs
from recover.plugins.registry import Plugins
from recover.recognise.names import split
from recover.sdk.errors import Error
from recover.sdk.identity import Spelling
from recover.sdk.values import Address

_WHY = {
    COUNTS: "",
    NOT_MERGED: "the case does not merge by this heuristic",
    TOO_WEAK: "its grade is below the least that the case merges by",
    MIXED: "its transactions mix, or may: their inputs can have many owners",
    REFUSED: "it would join two services that labels keep apart",
    SPLIT: "a person set one of the two apart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One assertion of common ownership between two addresses. `why` says why it does not count, if so."""

    one: str
    two: str
    kind: str
    heuristic: str
    version: str
    grade: str
    transactions: tuple[str, ...]
    exhibit: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Two addresses of one chain. `joined`: a chain of steps that all count leads from `one` to `two`.

    Where they are not joined, `steps` is the shortest chain of everything asserted, whether it counts or not, and
    `why` says what it lacks. `entity` and `service` are those of both, None where they are not in one entity.
    """

    one: str
    two: str
    chain: str
    joined: bool
    entity: str | None
    service: str | None
    steps: tuple[Step, ...]
    why: str


def between(case: Case, plugins: Plugins, one: str, two: str) -> list[Between]:
    """One answer for each chain that has both addresses, each in any form of its chain, alone or as CAIP-10.

    Raises Error for an address that no chain here has.
    """
    resolved, asserted = policy.evidence(case)
    found = _chains(case, Spelling(chains=plugins.chains), one, two)
    made = {web.chain: web for web in webs(resolved, asserted, policy.last(case))}
    entities = derived.read(case, "entities", ["id", "service", "chain", "addresses"])
    return [_answer(chain, made.get(chain), entities, *names) for chain, names in found.items()]


def _chains(case: Case, spelling: Spelling, one: str, two: str) -> dict[str, tuple[str, str]]:
    """The chains that have both addresses, each with the two as it spells them."""
    moved = derived.read(case, "transfers", ["chain", "src", "dst"])
    known = sorted(moved.column("chain").unique().to_pylist())
    found: list[dict[str, str]] = []
    for text in (one, two):
        chain, name = split(text, known)
        found.append(_there(moved, spelling, [c for c in known if chain in (None, c)], name))
        if not found[-1]:
            raise _unknown(text, read.places(moved).column("address").to_pylist())
    both = sorted(set(found[0]) & set(found[1]))
    if not both:
        raise Error(
            "addresses-apart",
            f"{one} and {two} are on different chains.",
            "Nobody spends coins of two chains in one transaction.",
            "Name two addresses of one chain.",
        )
    return {chain: (found[0][chain], found[1][chain]) for chain in both}


def _there(moved: pa.Table, spelling: Spelling, chains: Sequence[str], name: str) -> dict[str, str]:
    """Those of `chains` on which the ledger has the address, each with its spelling there."""
    found = {}
    for chain in chains:
        spelt = spelling.name(chain, name, Address) if chain in spelling.chains else name
        if not isinstance(spelt, str):
            continue
        rows = moved.filter(pc.equal(moved.column("chain"), chain))
        # Kleene: a movement without a payer or without a payee has a null side, and null or true is true.
        there = pc.or_kleene(pc.equal(rows.column("src"), spelt), pc.equal(rows.column("dst"), spelt))
        if pc.any(there).as_py():
            found[chain] = spelt
    return found


def _unknown(name: str, known: Sequence[str]) -> Error:
    near = get_close_matches(name, known, n=3, cutoff=0.8)
    return Error(
        "address-unknown",
        f"{name} is in no transaction of this case.",
        "Each chain here was asked how it spells it, and the ledger has no such place.",
        f"Did you mean {', '.join(near)}?" if near else "Check the address, or import the exhibit that has it.",
    )


def _answer(chain: str, web: Web | None, entities: pa.Table, one: str, two: str) -> Between:
    entity, service = _entity(entities, chain, one, two)
    steps, joined = ((), False) if web is None else _steps(web, one, two)
    return Between(
        one=one,
        two=two,
        chain=chain,
        joined=joined,
        entity=entity,
        service=service,
        steps=steps,
        why=_why(steps, joined, entity, service),
    )


def _entity(entities: pa.Table, chain: str, one: str, two: str) -> tuple[str | None, str | None]:
    """Id and service of an entity that has both."""
    table = entities.filter(pc.equal(entities.column("chain"), chain))
    names, parents = flattened(table.column("addresses"))
    held = [set(parents[np.asarray(pc.equal(names, name))].tolist()) for name in (one, two)]
    for row in sorted(held[0] & held[1]):
        return table.column("id")[row].as_py(), table.column("service")[row].as_py()
    return None, None


def _steps(web: Web, one: str, two: str) -> tuple[tuple[Step, ...], bool]:
    """The shortest chain that counts, and True; or the shortest of all, and False."""
    ends = pc.index_in(pa.array([one, two]), value_set=web.names).to_pylist()
    if None in ends:
        return (), False
    joined = bool(web.root[ends[0]] == web.root[ends[1]])
    rows = web.counting()
    # Of their own cluster, where what counts leads; else of everything asserted, to show what is lacking.
    rows = rows[web.root[web.one[rows]] == web.root[ends[0]]] if joined else np.arange(web.rows.num_rows)
    found = route(web.one[rows], web.two[rows], *ends)
    return (_told(web, rows[found], ends[0]) if found else ()), joined


def _told(web: Web, rows: NDArray[np.int64], start: int) -> tuple[Step, ...]:
    steps = []
    for row, said in zip(rows.tolist(), web.rows.take(pa.array(rows)).to_pylist(), strict=True):
        end = int(web.one[row]) + int(web.two[row]) - start
        steps.append(
            Step(
                one=web.names[start].as_py(),
                two=web.names[end].as_py(),
                kind=said["kind"],
                heuristic=said["method"],
                version=said["version"],
                grade=said["grade"],
                transactions=tuple(said["transactions"]),
                exhibit=said["exhibit"],
                why=_WHY[int(web.state[row])],
            )
        )
        start = end
    return tuple(steps)


def _why(steps: Sequence[Step], joined: bool, entity: str | None, service: str | None) -> str:
    if joined:
        return "" if entity else "They are of one owner, and yet labels give them to different services."
    also = f" Labels and sweeps alone make them one entity: {service}." if service else ""
    if not steps:
        return "Nothing is asserted that would join them, however weak." + also
    missing = [str(n) for n, step in enumerate(steps, 1) if step.why]
    said = f"step {missing[0]} of the shortest chain does" if len(missing) == 1 else ""
    said = said or f"steps {', '.join(missing)} of the shortest chain do"
    return f"Not joined: {said} not count." + also
