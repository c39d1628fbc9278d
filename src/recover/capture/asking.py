"""Which sources may be asked, where, and which of them answers an ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

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


def nothing(case: Case) -> Error:
    """What is said where no source gave anything that can be read: each one's reason, and what to do."""
    asked = (e.body for e in case.entries if e.kind == "asked" and e.body["why"])
    told = (f"{body['source']}: {body['why']} {remedy(str(body['why']))}" for body in asked)
    said = dict.fromkeys([*told, *case.told])
    shown = [*list(said)[:_SHOWN], *([f"And {len(said) - _SHOWN} more."] if len(said) > _SHOWN else [])]
    return Error(
        "nothing-collected",
        f"Nothing was collected for the case {case.typed}: there is nothing to report.",
        " ".join(shown) or "No allowed source answers for the chains of its losses.",
        "`recover doctor` says what each source can answer and what is not set up. Or import a file.",
    )


_SHOWN = 8

_REMEDIES = (
    (("ConnectError", "ConnectTimeout", "refused", "No route"), "Check its address, and that it is running."),
    (("HTTP 401", "HTTP 403"), "Check the key for it, and whether it lets you ask this."),
    (("HTTP 429", "too often", "rate"), "Give it fewer requests (`per_second`), or a further key."),
    (("HTTP 404", "HTTP 400"), "Check its address: it may be another kind of server, or of another chain."),
    (("HTTP 5", "RemoteProtocolError", "ReadError"), "It is out of order: ask again later, or name another."),
    (("ReadTimeout", "not whole after"), "It is slow: ask again later, or name another."),
    (("key is needed", "RECOVER_"), ""),
)
"""What helps against what a source says, by words in it; the first that fits."""


def remedy(why: str) -> str:
    """What to do about why a source gave no answer, in a sentence."""
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
    return said if said.endswith((".", "!", "?", ")")) or not said else f"{said}."


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


def answers(source: Source, wanted: Ask) -> bool:
    """Whether a source says that it answers such an ask on its chain."""
    return type(wanted).__name__ in source.info.asks and bool({wanted.chain, "*"} & set(source.info.chains))
