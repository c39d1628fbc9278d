"""Differences: which figures of a case another version of the program gives, and the one cause of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias, TypeVar

from recover.case import Case
from recover.case.journal import Entry
from recover.findings.causes import CHANGES, THROUGH, UNKNOWN, Cause, Causes, Spot
from recover.findings.results import Results
from recover.sdk import amounts
from recover.sdk.ends import recorded
from recover.sdk.identity import Spelling
from recover.sdk.plugin import Chain

T = TypeVar("T", str, Spot)

Figure: TypeAlias = tuple[str, str, str]
"""(what is counted, whose it is, asset)."""

Figures: TypeAlias = Mapping[Figure, Mapping[Spot, int]]
"""Each figure by its parts, in base units; their sum is the figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that is not as it was; None where there was none, or is none any more.

    `cause` is the change of the format that explains it: where several do, the one that explains most.
    """

    figure: str
    subject: str
    asset: str
    before: int | None
    after: int | None
    cause: str
    why: str


_READ = frozenset({"exhibit", "reading", "settings", "decision", "set-aside"})


def late(entries: Sequence[Entry]) -> tuple[str, ...]:
    """What was added to a case after its last results were made, in words; empty where they had seen all."""
    ran = [e.number for e in entries if e.kind == "ran" and e.body.get("stage") in ("decode", "trace", "find")]
    after = [e for e in entries if ran and e.number > ran[-1] and e.kind in _READ]
    found = []
    for entry in after:
        if entry.kind == "exhibit" and entry.body.get("sources"):
            found.append(f"exhibit {entry.body['number']} ({entry.body['name']})")
        elif entry.kind == "reading":
            found.append(f"another reading of exhibit {entry.body['number']}")
        elif entry.kind == "settings":
            found.append(f"the settings of entry {entry.number} (losses, rule or policy)")
        elif entry.kind != "exhibit":
            found.append(f"the {entry.kind} of entry {entry.number}")
    return tuple(found)


def since(case: Case, chains: Mapping[str, Chain], kept: str) -> tuple[list[Difference], tuple[str, ...]]:
    """What differs from the results that an upgrade kept, and which of these are not there or cannot be read."""
    spelling = Spelling(chains=chains)
    before = Results(case=case, folder=case.path / kept / "derived", spelling=spelling)
    after = Results(case=case, folder=case.derived, spelling=spelling)
    rule = case.settings.rule
    old, new = figures(before, rule), figures(after, rule)
    # What the former version did not reach has no figure; what it had and cannot be read would all look new.
    unread = sorted({*before.damaged, *(name for name in before.missing if name not in after.missing)})
    if unread:
        return [], tuple(unread)
    causes = Causes(before=before, after=after, rule=rule, losses=tuple(case.settings.losses))
    return compared(old, new, causes), ()


def figures(results: Results, rule: str) -> Figures:
    """Off-ramps, totals of services, and where value ended under the declared rule, as one version has them."""
    found: dict[Figure, Counter[Spot]] = {}
    for row in results.rows("offramps"):
        service, amount = row["service"] or "", int(row["amount"])
        asset, address = results.asset(row["asset"]), results.address(row["asset"], row["address"])
        wallets = {results.address(row["asset"], wallet) for wallet in row["hot_wallets"] or ()}
        spot = (asset, (address, *sorted(wallets - {address})))
        place = f"{address}, memo {row['memo']}" if row.get("memo") else address
        named = f"{service or 'unlabelled hub'} through {place}"
        found.setdefault(("off-ramp", named, asset), Counter())[spot] += amount
        if service:
            found.setdefault(("service", service, asset), Counter())[spot] += amount
    ends = results.table("ends")
    for row in () if ends is None else recorded(ends, rule).to_pylist():
        asset, address = results.part(row["asset"], row["address"])
        amount = amounts.join(row["amount"], row["wide"])
        found.setdefault(("ended", row["reason"], asset), Counter())[asset, (address,)] += amount
    return found


def compared(before: Figures, after: Figures, causes: Causes) -> list[Difference]:
    """Every figure that differs, with the cause that explains most of the difference."""
    totals = [{key: sum(parts.values()) for key, parts in one.items()} for one in (before, after)]
    keys = sorted(key for key in {*before, *after} if totals[0].get(key) != totals[1].get(key))
    parts = {key: _changed(before.get(key, {}), after.get(key, {})) for key in keys}
    found = causes.of({part for changed in parts.values() for part in changed})
    moved = _elsewhere(before, after)
    made = []
    for key in keys:
        listed = moved.get(key)
        cause, why = _explained(parts[key], dict.fromkeys(parts[key], listed) if listed else found)
        made.append(
            Difference(
                figure=key[0],
                subject=key[1],
                asset=key[2],
                before=totals[0].get(key),
                after=totals[1].get(key),
                cause=cause,
                why=why,
            )
        )
    return made


def _elsewhere(before: Figures, after: Figures) -> dict[Figure, Cause]:
    """Off-ramps that the versions list under different addresses, with the same value in all."""
    sums: list[Counter[tuple[str, str, str]]] = [Counter(), Counter()]
    ends: dict[Figure, set[tuple[str, str, str]]] = {}
    for one, total in zip((before, after), sums, strict=True):
        for key, parts in one.items():
            if key[0] == "off-ramp":
                for (asset, places), amount in parts.items():
                    end = (key[1].partition(" through ")[0], asset, places[-1])
                    total[end] += amount
                    ends.setdefault(key, set()).add(end)
    return {
        key: Cause(code=THROUGH, where=sorted(end)[0][2])
        for key, end in ends.items()
        if (key in before) is not (key in after) and all(sums[0][one] == sums[1][one] for one in end)
    }


def _changed(before: Mapping[Spot, int], after: Mapping[Spot, int]) -> dict[Spot, int]:
    changes = {part: after.get(part, 0) - before.get(part, 0) for part in dict.fromkeys((*before, *after))}
    return {part: change for part, change in changes.items() if change}


def _explained(changed: Mapping[Spot, int], found: Mapping[Spot, Cause]) -> tuple[str, str]:
    """The cause behind most of what changed, where it works, and what else there is."""
    shares: Counter[str] = Counter()
    for part, change in changed.items():
        shares[found[part].code] += change
    # What only went from one place to another within a figure is no part of its difference.
    shares = Counter({code: abs(share) for code, share in shares.items() if share})
    # What is unexplained never hides behind a cause that is known, but where it is all there is.
    known = [code for code, _ in _ranked(shares.items()) if code != UNKNOWN]
    code = (known or [UNKNOWN])[0]
    here = _ranked((part, abs(change)) for part, change in changed.items() if found[part].code == code)
    where = list(dict.fromkeys(found[part].where for part, _ in here))
    why = CHANGES[code].sentence
    if where and where[0]:
        more = f" and {len(where) - 1:,} more" if len(where) > 1 else ""
        why += f" Here: {where[0]}{more}."
    whole = shares.total()
    others = [f"{each} ({share * 100 // whole} %)" for each, share in _ranked(shares.items()) if each != code]
    return code, why + (f" Part of what changed has another cause: {', '.join(others)}." if others else "")


def _ranked(items: Iterable[tuple[T, int]]) -> Sequence[tuple[T, int]]:
    return sorted(items, key=lambda item: (-item[1], item[0]))


def noted(found: Iterable[Difference]) -> list[dict[str, str | None]]:
    """The differences as the journal holds them: every figure as text."""
    return [{name: value if value is None else str(value) for name, value in asdict(one).items()} for one in found]
