"""Putting one ask to a source that the case names and its user allows, through the recorder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from recover.capture import Live, secrets
from recover.capture.own import Own, Place
from recover.case import Case
from recover.plugins import call
from recover.sdk.batch import ask_text
from recover.sdk.errors import Error, PluginFailed
from recover.sdk.plugin import Source
from recover.sdk.values import Ask, Request


def answered_by_any(allowed: Sequence[Source], wanted: Ask) -> bool:
    """Whether any of these sources says that it answers such an ask on its chain."""
    return any(answers(source, wanted) for source in allowed)


def allowed(case: Case, mine: Own) -> dict[str, Place]:
    """The sources that may be asked and where, in order: what this call names, then what the case names if its
    user allows it.

    A case comes from others. What it names and its user never allowed is not asked, and that is said.
    """
    found = {}
    for name in dict.fromkeys((*mine.given, *case.settings.sources)):
        place = mine.place(case.id, name)
        if place is not None:
            found[name] = place
            continue
        line = (
            f"The case names the source {name}, and you have not allowed it: nothing is sent there. Allow it "
            f"for this call with --source {name}, or in your own recover.toml below [sources.{name}]."
        )
        if line not in case.told:
            case.told.append(line)
    return found


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


def ask_each(
    case: Case,
    places: Sequence[tuple[Source, Place]],
    keys: Mapping[str, str],
    wanted: Ask,
    file: str,
    budget: int,
) -> tuple[list[str], int]:
    """Ask one source after the other until one answers: why each failed (empty: it answered), and requests sent.

    Each attempt is journaled, with the proxy that it went through. `keys` are the user's own. Raises PluginFailed
    when a source fails as a plugin before it has asked anything.
    """
    said: list[str] = []
    sent = 0
    for source, place in places:
        if not answers(source, wanted) or sent >= budget:
            continue
        endpoint = endpoint_of(source, place)
        live = Live(
            case=case,
            source=source.info.id,
            file=file,
            budget=budget - sent,
            endpoint=endpoint,
            proxy=place.proxy,
            fills=frozenset({*source.info.secrets, *secrets.names(Request(url=endpoint))}),
            keys=keys,
        )
        try:
            said.append(_put(live, source, wanted))
        finally:
            live.close()
        sent += live.sent
        # Also a failure is noted, with its reason: it becomes the gap `not-answered`, and not a history without
        # entries.
        through = {"proxy": urlsplit(place.proxy).hostname} if place.proxy else {}
        case.note("asked", {"ask": ask_text(wanted), "source": source.info.id, "why": said[-1], **through})
        if not said[-1]:
            break
    return said, sent


def _put(live: Live, source: Source, wanted: Ask) -> str:
    try:
        call.everything(source.info.id, lambda: source.collect(wanted, live))
    except Error as error:
        if isinstance(error, PluginFailed) and not live.sent:
            raise  # no answer of anybody's brought it down, and the case names this source
        return f"{error.what} {error.why}"
    return ""
