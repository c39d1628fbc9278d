"""Which sources may be asked, where, and which of them answers an ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from recover.capture import secrets
from recover.capture.own import Own, Place
from recover.case import Case
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.sdk.plugin import Source
from recover.sdk.values import Ask


def answered_by_any(allowed: Sequence[Source], wanted: Ask) -> bool:
    """Whether any of these sources says that it answers such an ask on its chain."""
    return any(answers(source, wanted) for source in allowed)


def allowed(case: Case, mine: Own) -> dict[str, Place]:
    """The sources that may be asked and where, in order: what this call names, then what the case names if its
    user allows it.

    A case comes from others. What it names and its user never allowed is not asked, and that is said.
    """
    found: dict[str, Place] = {}
    if mine.offline and not mine.given:
        line = "Your own recover.toml says offline = true: nothing is asked of anybody."
        if line not in case.told:
            case.told.append(line)
        return found
    for name in dict.fromkeys((*mine.given, *case.settings.sources)):
        place = mine.place(case.id, name, case.path)
        if place is not None:
            found[name] = place
            continue
        elsewhere = " for this folder" * (mine.place(case.id, name) is not None)
        line = (
            f"The case names the source {name}, and you have not allowed it{elsewhere}: nothing is sent there. "
            f"Allow it for this call with --source {name}, or in your own recover.toml below [sources.{name}]."
        )
        if line not in case.told:
            case.told.append(line)
    return found


def places(case: Case, plugins: Plugins, mine: Own) -> list[tuple[Source, Place]]:
    """The allowed sources with their places, in order; one that has several places is asked at each in turn."""
    found = []
    for name, place in allowed(case, mine).items():
        source = plugins.source(name)
        found += [(source, replace(place, endpoint=one, more=())) for one in (place.endpoint, *place.more)]
    return found


_KEYS = ("HTTP 401", "HTTP 403", "API key", "API Key", "api key", "apikey")

_REMEDIES = (
    (
        ("ConnectError", "ConnectTimeout", "Connection refused", "No route"),
        "Check its address, and that it is running.",
    ),
    (("HTTP 429", "too often", "rate"), "Give it fewer requests (`per_second`), or a further key."),
    (("HTTP 404", "HTTP 400"), "Check its address: it may be another kind of server, or of another chain."),
    (("HTTP 5", "RemoteProtocolError", "ReadError"), "It is out of order: ask again later, or name another."),
    (("ReadTimeout", "not whole after"), "It is slow: ask again later, or name another."),
)
"""What helps against what a source says, by words in it; the first that fits."""

_UNSETTLED = ("no block", "no receipt", "no validated ledger")
"""By these words a source knows a transaction that does not stand yet."""


def unsettled(why: str) -> bool:
    """Whether a source knows the transaction, and no block holds it yet."""
    return any(word in why for word in _UNSETTLED)


def remedy(why: str, keys: Sequence[str] = (), *, absent: bool = False) -> str:
    """What to do about why a source gave no answer, in a sentence.

    `keys` are those that it takes; `absent`: it was asked, and has no such transaction.
    """
    if absent:
        if unsettled(why):
            return "Ask again in a minute."
        return "Compare the id with where it was copied from: it may be mistyped, of another chain, or too new."
    if any(word in why for word in ("key is needed", "RECOVER_")):
        return ""
    if any(word in why for word in _KEYS):
        set_by = " or ".join(f"{secrets.variable(name)} in the environment, {name} below [keys]" for name in keys)
        if not keys:
            return "It lets nobody ask this so: see whether it wants a key in its address, or name another source."
        return f"Check the key for it ({set_by}): it may be unset, mistyped, withdrawn, spent, or not for this."
    fits = (todo for words, todo in _REMEDIES if any(word in why for word in words))
    return next(fits, "Ask again later, or another source.")


_BROKEN = (
    ("ConnectError", "nobody answers there"),
    ("ConnectTimeout", "nobody answers there"),
    ("ReadTimeout", "no answer came in time"),
    ("ReadError", "the connection was broken off"),
    ("WriteError", "the connection was broken off"),
    ("RemoteProtocolError", "it broke off in the middle of its answer"),
)
"""What libraries call a failure, and what that is."""

_QUERY = re.compile(r"(https?://[^\s?#]+)[?#][^\s]*[^\s.]")


def plain(why: str) -> str:
    """Why a source gave no answer, as a person reads it: the address without its query, and in words."""
    said = _QUERY.sub(r"\1", why).strip()
    for name, words in _BROKEN:
        said = said.replace(f"{name}: ", f"{words[0].upper()}{words[1:]} ({name}): ")
    said = said.replace("HTTP 429 (stored)", "It wants fewer requests (HTTP 429, stored).")
    return said if said.endswith((".", "!", "?")) or not said else f"{said}."


def endpoint_of(source: Source, place: Place) -> str:
    """Where to ask. Raises Error for a source that is allowed, and that has no place to ask."""
    endpoint = place.endpoint or source.info.endpoint
    if not endpoint:
        raise Error(
            "endpoint-missing",
            f"{source.info.id} is allowed, and nothing says where it is to ask.",
            "It has no usual place: it asks a server of one's own.",
            f"Name it on the command: --source {source.info.id}=http://127.0.0.1:PORT; or in your recover.toml.",
        )
    return endpoint


def answering(plugins: Plugins, wanted: Ask) -> list[str]:
    """The ids of the installed sources that answer such an ask on its chain; others need not learn of it."""
    return [name for name, source in plugins.sources.items() if answers(source, wanted)]


def answers(source: Source, wanted: Ask) -> bool:
    """Whether a source says that it answers such an ask on its chain."""
    return type(wanted).__name__ in source.info.asks and bool({wanted.chain, "*"} & set(source.info.chains))
