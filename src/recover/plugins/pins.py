"""Which code made the results: recorded in the journal before anything is derived, again only when it changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib import metadata
from platform import python_implementation, python_version
from typing import Any

import recover
from recover.case import FORMAT, Case, derived, seals
from recover.case.journal import INPUTS, Entry
from recover.case.journal import PAPERS as TOLD
from recover.plugins.registry import Origin, Plugins, files_hash
from recover.sdk.errors import Error


def pin(case: Case, plugins: Plugins) -> None:
    """Note the core's and the plugins' versions and file hashes. Raises PluginFailed if a named one is broken."""
    if case.format < FORMAT:
        raise Error(
            "case-older",
            f"The case {case.typed} is of format {case.format}, and this program's is {FORMAT}.",
            "The same exhibits can give other figures now, and nobody would see that they changed."
            if case.unfinished is None
            else "An upgrade was begun and cut off; what differs has not been said yet.",
            f"`recover upgrade {case.typed}` runs it again, and says which figures differ and why.",
        )
    # First: a result made without a plugin that the case names must not come to be.
    plugins.need(case.settings.plugins)
    found = origins(plugins)
    # Before the next: the head that papers print is that of the `plugins` entry, and stands for what precedes it.
    if libraries() != last(case, "libraries").get("versions"):
        case.note("libraries", {"versions": libraries()})
    # `plugins` entries move the journal's head, so an unchanged set is not noted again: papers would change.
    if found != recorded(case):
        if case.bringing is None and last(case, "ran"):
            case.told.append(
                "Another version of the program or of a plugin made the results that were here: figures can "
                "differ. Its papers are kept when new ones are written; "
                f"`recover upgrade {case.typed}` instead keeps the results too, and says what differs."
            )
        broken = [{"name": b.name, "reason": b.reason} for b in plugins.broken]
        case.note("plugins", {"origins": [[o.name, o.version, o.sha256] for o in found], "broken": broken})


@cache
def core() -> str:
    """SHA-256 over the core's own files: what a stage notes, so that changed code makes it run again."""
    return files_hash(recover)


def origins(plugins: Plugins) -> list[Origin]:
    """The core, then every plugin."""
    return [Origin(name="recover", version=recover.__version__, sha256=core()), *plugins.origins]


def recorded(case: Case) -> list[Origin]:
    """What the journal last said; empty before the first run."""
    for entry in reversed(case.entries):
        if entry.kind == "plugins":
            return [Origin(name=n, version=v, sha256=h) for n, v, h in entry.body["origins"]]
    return []


def foreign(case: Case, plugins: Plugins) -> bool:
    """Whether another version of the program or of a plugin made the results that are here."""
    return bool(last(case, "ran")) and recorded(case) != origins(plugins)


def others(case: Case, plugins: Plugins) -> bool:
    """Whether another version of the program or of a plugin wrote the papers that are here."""
    wrote = max((entry.number for entry in case.entries if entry.kind == "writing"), default=0)
    said = [entry for entry in case.entries[:wrote] if entry.kind == "plugins"]
    now = [[one.name, one.version, one.sha256] for one in origins(plugins)]
    return bool(said) and [list(one) for one in said[-1].body["origins"]] != now


ORDER = ("decode", "link", "trace", "find", "write")
"""The stages whose results rest on each other, in order."""


PAPERS = frozenset({"draft", "issue", "withdraw", "drop"})
"""What of the life of letters changes the papers that `write` makes."""


def _chooses(entry: Entry) -> bool:
    if entry.kind == "letter":
        return entry.body["act"] in PAPERS or bool(entry.body.get("drafts"))
    if entry.kind == "victim":  # whose a loss is: papers say it, and no figure rests on it
        claimed = any(said.get("rival") for said in entry.body.get("payments", ()))
        return claimed or entry.body["act"] in ("settle", "reopen", "lift", "hold")
    return entry.kind == "papers"


def chosen(case: Case) -> int:
    """The last entry by which a person chose what papers are written, and how; 0 where there is none."""
    return max((entry.number for entry in case.entries if _chooses(entry)), default=0)


def ran(case: Case, stage: str, made: dict[str, str] | None = None) -> None:
    """Note that a stage has run, with the digests of what it made; or, where nothing had changed, that it still
    fits.

    A stage that was skipped is noted only where the case has a newer input: then its results are known to be as
    they would be if it were run.
    """
    if made is not None:
        sealed = seals.of(case, f"derived/{derived.FOLDERS[stage]}")
        case.note("ran", {"stage": stage, "tables": made, "sealed": sealed})
    elif stage in behind(case) and not set(ORDER[: ORDER.index(stage)]) & set(behind(case)):
        case.note("ran", {"stage": stage, "unchanged": True})


def written(case: Case, head: str, digest: str) -> None:
    """Note that papers were written, with the digest of their manifest."""
    case.note(
        "ran", {"stage": "write", "head": head, "manifest": digest, "sealed": seals.of(case, "derived/write")}
    )


def behind(case: Case, until: str = "find", apart: Collection[str] = ()) -> tuple[str, ...]:
    """The stages up to one whose results have not seen the last input, but of the kinds `apart`.

    What was asked, only `find` reads.
    """
    ran_at = dict.fromkeys(ORDER, 0)
    read = needed = papers = 0
    for entry in case.entries:
        if entry.kind == "ran" and entry.body["stage"] in ran_at:
            ran_at[entry.body["stage"]] = entry.number
        elif _chooses(entry):
            papers = entry.number
        elif entry.kind == "asked":
            read = entry.number
        elif entry.kind == "clock":
            read = (
                entry.number + 2
            )  # it may stand right before the entry of the very run that could not know of it
        elif entry.kind in TOLD:
            papers = entry.number
        elif entry.kind in apart:
            continue
        elif entry.kind in INPUTS and (entry.kind != "exhibit" or entry.body["sources"]):
            needed = entry.number
    asks = {"find": max(read, needed), "write": max(read, needed, papers)}
    stages = ORDER[: ORDER.index(until) + 1]
    return tuple(name for name in stages if ran_at[name] < asks.get(name, needed))


def stated(case: Case, plugins: Plugins, stale: bool | None) -> str:
    """What a paper must say of results that have not seen all that the case holds; empty where they have.

    Raises Error for such results unless the examiner asked for them; None is a command where nobody can.
    """
    why = ""
    if recorded(case) != origins(plugins):
        why = "The results were made with other versions of the program or its plugins than these."
    elif late := behind(case):
        why = f"The case holds what these results have not seen: {', '.join(late)} ran before it came in."
    if why and not stale:
        raise Error(
            "stale",
            f"The results of {case.typed} are older than the case.",
            why,
            f"`recover run {case.typed}` brings them up to date"
            + ("." if stale is None else "; --stale gives them as they are, and says so."),
        )
    return f"STALE: {why}" if why else ""


def last(case: Case, kind: str) -> Mapping[str, Any]:
    """The body of the last journal entry of a kind; empty where there is none."""
    return next((entry.body for entry in reversed(case.entries) if entry.kind == kind), {})


@cache
def libraries() -> dict[str, str]:
    """The versions of Python and of every library that the core and its members ask for, and theirs in turn."""
    members = {point.dist.name for point in metadata.entry_points(group="recover") if point.dist}
    left = ["recover-forensics", "numba", *sorted(members)]
    seen: set[str] = set()
    found = {python_implementation(): python_version()}
    while left:
        name = left.pop().casefold().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            one = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # asked for on other systems only, or not installed
        if not name.startswith("recover-"):
            found[name] = one.version
        asked = (_NAMED.match(text) for text in one.requires or () if "extra ==" not in text)
        left += [match[0] for match in asked if match]
    return dict(sorted(found.items()))


_NAMED = re.compile(r"[A-Za-z0-9._-]+")


def other_versions(case: Case, plugins: Plugins) -> tuple[str, ...]:
    """What of the program and its plugins is not what the journal says made the results."""
    made, now = recorded(case), origins(plugins)
    if not made or made == now:
        return ()
    return tuple(sorted({o.name for o in set(made) ^ set(now)}))


def other_libraries(case: Case) -> tuple[str, ...]:
    """What of the libraries is of another version than the journal says."""
    made, now = last(case, "libraries").get("versions", {}), libraries()
    if not made:
        return ()
    return tuple(
        sorted(
            f"{n} {made.get(n, 'absent')}, here {now.get(n, 'absent')}" for n in dict(made.items() ^ now.items())
        )
    )
