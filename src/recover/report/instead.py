"""Instead: what figures come to if what exhibits leave open were answered otherwise; parts of sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recover.report import figures
from recover.report.texts import Texts
from recover.sdk import Asset, Finding, View
from recover.sdk.outside import visible

VERSIONS = ("by-version", "left-by-version")
"""The kinds of what services get, and what is left at places, by answers."""

OPEN = "unsettled"
"""The kind of what exhibits leave open, with how much hangs on it."""

_NAMED = 5
"""So many transactions or places are named in a sentence."""

Key = tuple[tuple[str, ...], str, str]
"""One question: its transactions, how it is open, and the exhibit that lacks them, where one does."""


def said(view: View, t: Texts, finding: Finding, asset: Asset | None) -> dict[str, str]:
    """Further slots of a finding of these kinds; none for others."""
    if finding.kind == OPEN:
        return _open(t, finding, asset, view.case.rule)
    if finding.kind in VERSIONS:
        kinds = _kinds(finding)
        here = "history" if kinds == ("history",) else "none" if "history" not in kinds else "both"
        return {**version(t, finding, asset), "here": t.say(f"version.here_{here}")}
    return {}


def texts(finding: Finding, name: str) -> tuple[str, ...]:
    """A slot of several texts; none where it is absent."""
    value = finding.slots.get(name)
    return value if isinstance(value, tuple) else ()


def _kinds(f: Finding) -> tuple[str, ...]:
    return texts(f, "by") or ("version",)


def version(t: Texts, f: Finding, asset: Asset | None) -> dict[str, str]:
    """What is supposed of which transactions, by how many combinations, and between what figures these come."""
    least, most = (t.units(figures.number(f, name), asset) if asset else "–" for name in ("least", "most"))
    runs, refused = f"{figures.number(f, 'runs'):,}", figures.number(f, "refused")
    itself = _kinds(f) == ("version",) and len(f.exhibits) == 1
    ways = ("itself",) if itself else _kinds(f)
    return {
        "transactions": named(t, f),
        "who": who(t, f.exhibits) if itself else t.say("version.who_any"),
        "supposed": t.joined(t.say(f"version.if_{way}") for way in ways),
        "combinations": t.say(f"version.{'all' if f.slots.get('tried') == 'all' else 'some'}", runs=runs),
        "span": t.say("version.one" if least == most else "version.span", least=least, most=most),
        "refused": t.say("version.refused", count=refused) if refused else "",
    }


def _open(t: Texts, f: Finding, asset: Asset | None, rule: str) -> dict[str, str]:
    silent = str(f.slots.get("silent") or "")
    exhibits = [n for n in f.exhibits if str(n) != silent]
    slots = {
        "transactions": named(t, f),
        "places": few(t, texts(f, "places")),
        "silent": silent,
        "shown": t.listed(exhibits),
        "who": who(t, exhibits),
    }
    amount, between = (t.units(figures.number(f, name), asset) if asset else "–" for name in ("amount", "between"))
    return {
        "open": t.say(f"version.open_{f.slots.get('by')}", **slots),
        "moves": t.say(f"version.moves_{f.slots.get('moves')}", amount=amount, between=between, rule=rule),
    }


def who(t: Texts, exhibits: Sequence[int]) -> str:
    """That these exhibits disagree, or that the one contradicts itself."""
    key = "version.who" if len(exhibits) > 1 else "version.who_itself"
    return t.say(key, exhibits=t.listed(exhibits))


_LISTS = {
    "version": ("version.list", "version.list_none"),
    "against": ("against.list", "against.list_none"),
}
"""How a list of an exhibit is called: that of an address, and that of none."""


def relied(t: Texts, f: Finding, section: str = "version") -> str:
    """The exhibit of a finding on what a person relied on, with whose list of it where it is one list alone."""
    of = f.slots.get("list")
    return reading(t, str(f.slots["exhibit"]) + ("" if of is None else f"|{of}"), section)


def shown(t: Texts, f: Finding, section: str = "version") -> str:
    """All exhibits, and lists of one, that show what it was."""
    found = texts(f, "exhibits_shown")
    if all(one.isdigit() for one in found):
        return t.listed(map(int, found))
    return t.joined(reading(t, one, section) for one in found)


def reading(t: Texts, said: str, section: str) -> str:
    """An exhibit, or one list of it, as slots hold it: the number, and whose list after `|`."""
    number, one, address = said.partition("|")
    key = _LISTS[section][not address]
    return t.say(key, exhibit=number, address=visible(address)) if one else number


def named(t: Texts, f: Finding) -> str:
    """The first transactions of a finding, and how many more there are."""
    return few(t, texts(f, "transactions"), figures.number(f, "count"))


def few(t: Texts, names: tuple[str, ...], count: int = 0) -> str:
    """The first of many names, and how many more there are; `count` of them in all, where these are not all."""
    more = max(count, len(names)) - _NAMED
    told = [visible(name, 120) for name in names[:_NAMED]]
    return t.joined([*told, t.say("version.more", count=f"{more:,}")] if more > 0 else told)


def key(f: Finding) -> Key:
    return texts(f, "transactions"), str(f.slots.get("by")), str(f.slots.get("silent") or "")


@figures.settled
def stakes(view: View) -> Mapping[Key, Mapping[str, int]]:
    """By question of which figures hang, and asset, how much of traced value does at most; of one for which that
    was not worked out, nothing."""
    found: dict[Key, dict[str, int]] = {}
    for f in figures.of_kind(view, OPEN):
        if f.slots.get("moves") != "none":
            sums = found.setdefault(key(f), {})
            if f.slots.get("asset"):
                sums[str(f.slots["asset"])] = figures.number(f, "amount")
    return found


@figures.settled
def beside(view: View) -> frozenset[Key]:
    """The questions of which figures hang under rules beside the declared one alone."""
    return frozenset(key(f) for f in figures.of_kind(view, OPEN) if f.slots.get("moves") == "beside")


@figures.settled
def worked(view: View) -> frozenset[str]:
    """The transactions of which it was worked out what hangs on them."""
    return frozenset(tx for f in figures.of_kind(view, OPEN) for tx in texts(f, "transactions"))


def unmoved(view: View) -> list[Finding]:
    """What exhibits leave open and no figure of traced value hangs on."""
    return [f for f in figures.of_kind(view, OPEN) if f.slots.get("moves") == "none"]


@figures.settled
def idle(view: View) -> frozenset[str]:
    """The transactions on which exhibits disagree, and by which no figure of traced value changes."""
    mine = (f for f in unmoved(view) if f.slots.get("by") != "history")
    return frozenset(tx for f in mine for tx in texts(f, "transactions"))


@figures.settled
def still(view: View) -> frozenset[str]:
    """The transactions, and of histories the addresses, of which nothing that is open moves a figure."""
    listed = figures.of_kind(view, OPEN)
    found = {name for f in unmoved(view) for name in texts(f, "places") or texts(f, "transactions")}
    return frozenset(
        found - {name for f in listed if f.slots.get("moves") != "none" for name in texts(f, "places")}
    )


@figures.settled
def moving(view: View) -> frozenset[tuple[str, str]]:
    """The services ("" for hubs) and the places, each with its asset, of which an answer moves the figure."""
    reached = {
        (str(f.slots.get("service")), str(f.slots.get("asset"))) for f in figures.of_kind(view, VERSIONS[0])
    }
    return frozenset(
        reached | {(f.subject, str(f.slots.get("asset"))) for f in figures.of_kind(view, VERSIONS[1])}
    )
