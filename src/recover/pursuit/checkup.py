"""What each source can answer, where and at what pace it would be asked, and what is not set up. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from recover.capture import keyring, own, secrets
from recover.capture.own import Own, Place
from recover.capture.pace import Pace
from recover.plugins.registry import Plugins
from recover.sdk.plugin import Source
from recover.sdk.values import Details, Request

_LOOKUP = Details.__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One source. `ready`: a new case could ask it. `lacking` is what is not set up, and `todo` what to write
    where. `cases` are the folders of cases that alone may ask it."""

    source: str
    title: str
    chains: tuple[str, ...]
    asks: tuple[str, ...]
    allowed: bool
    ready: bool
    endpoints: tuple[str, ...]
    per_second: int
    at_once: int
    proxy: str
    keys: Mapping[str, int]
    lacking: tuple[str, ...]
    todo: str
    cases: tuple[str, ...]
    terms: str
    limits: str


def checkup(plugins: Plugins, mine: Own) -> list[Health]:
    """Every source that can be asked live: those that the user chose first, then the others."""
    live = [source for _, source in sorted(plugins.sources.items()) if source.info.asks]
    found = [_health(source, plugins, mine) for source in live]
    return sorted(found, key=lambda one: (not one.allowed, not one.cases, one.source))


def lookups(found: Sequence[Health]) -> tuple[str, ...]:
    """The chains on which a source that would be asked looks up a transaction by its id."""
    able = (one for one in found if one.ready and _LOOKUP in one.asks)
    return tuple(dict.fromkeys(chain for one in able for chain in one.chains))


def could(found: Sequence[Health]) -> tuple[str, ...]:
    """The sources that look up a transaction by its id, were they set up."""
    return tuple(one.source for one in found if _LOOKUP in one.asks)


def unknown(plugins: Plugins, mine: Own) -> tuple[str, ...]:
    """Sources that the user's file names and that are not installed."""
    named = {*mine.sources, *(name for table in mine.cases.values() for name in table)}
    return tuple(sorted(named - set(plugins.sources)))


def _health(source: Source, plugins: Plugins, mine: Own) -> Health:
    info = source.info
    given = mine.sources.get(info.id)
    # What one call named is kept for its case, and tells nothing of what another one may ask.
    kept = {case: table[info.id] for case, table in mine.cases.items() if info.id in table and given is None}
    place = mine.place("", info.id) or (list(kept.values())[-1] if kept else Place())
    endpoints = tuple(one for one in (place.endpoint or info.endpoint, *place.more) if one)
    # A source answers without an optional key only where it leaves it out itself: not in what was written here.
    written = {n for one in endpoints for n in secrets.names(Request(url=one))}
    names, optional = sorted({*info.secrets, *written}), tuple(n for n in info.optional if n not in written)
    keys = {name: len(keyring.found(name, mine.keys)) for name in names}
    lacking = tuple(_lacking(endpoints, keys, optional))
    allowed = given is not None
    pace = Pace(host=_host(endpoints), per_second=place.per_second, at_once=place.at_once)
    return Health(
        source=info.id,
        title=info.title,
        chains=_titles(info.chains, plugins),
        asks=info.asks,
        allowed=allowed,
        ready=allowed and not lacking and not mine.offline,
        endpoints=endpoints,
        per_second=pace.per_second,
        at_once=pace.at_once,
        proxy=place.proxy,
        keys=keys,
        lacking=lacking,
        todo=_todo(info.id, allowed, () if kept else endpoints, keys, optional, mine.unset),
        cases=tuple(sorted(mine.folders.get(case, case) for case in kept)),
        terms=info.terms,
        limits=info.limits,
    )


def _lacking(endpoints: tuple[str, ...], keys: Mapping[str, int], optional: tuple[str, ...]) -> Iterator[str]:
    if not endpoints:
        yield "where it is to ask: it has no usual place"
    for key, count in keys.items():
        if not count and key not in optional:
            yield f"the key {secrets.variable(key)}"


def _todo(
    name: str,
    allowed: bool,
    endpoints: tuple[str, ...],
    keys: Mapping[str, int],
    optional: tuple[str, ...],
    unset: Mapping[str, str],
) -> str:
    """What to write where, so that it would be asked; empty where nothing is missing."""
    steps = []
    if not allowed or not endpoints:
        where = "" if endpoints else ' with endpoint = "http://127.0.0.1:PORT"'
        steps.append(f"write [sources.{name}]{where} in {own.path()}, or name it with --source {name}=URL")
    for key, count in keys.items():
        if not count and key in unset:
            steps.append(f"the variable {unset[key]}, which your recover.toml names for {key}, is not set: set it")
        elif not count and key not in optional:
            steps.append(f"set {secrets.variable(key)} in the environment, or {key} below [keys]")
        elif not count:
            steps.append(f"it answers without a key, if more slowly; {secrets.variable(key)} sets one")
    return "; ".join(steps)


def _host(endpoints: tuple[str, ...]) -> str:
    return (urlsplit(endpoints[0]).hostname or "") if endpoints else ""


def _titles(chains: tuple[str, ...], plugins: Plugins) -> tuple[str, ...]:
    known = {name: chain.info.title for name, chain in plugins.chains.items()}
    return tuple("every chain" if chain == "*" else known.get(chain, chain) for chain in chains)
