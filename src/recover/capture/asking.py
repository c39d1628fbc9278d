"""Putting one ask to a source that the case allows, through the recorder."""

from __future__ import annotations

from collections.abc import Sequence

from recover.capture import Live
from recover.case import Case
from recover.plugins import call
from recover.sdk.batch import ask_text
from recover.sdk.errors import Error, PluginFailed
from recover.sdk.plugin import Source
from recover.sdk.values import Ask


def answered_by_any(allowed: Sequence[Source], wanted: Ask) -> bool:
    """Whether any of these sources says that it answers such an ask on its chain."""
    return any(answers(source, wanted) for source in allowed)


def endpoint_of(case: Case, source: Source) -> str:
    """Where to ask. Raises Error for a source that the case allows, and that has no place to ask."""
    endpoint = case.settings.endpoints.get(source.info.id, source.info.endpoint)
    if not endpoint:
        raise Error(
            "endpoint-missing",
            f"{source.info.id} is allowed by the case, and nothing says where it is to ask.",
            "It has no usual place: it asks a server of one's own.",
            f'Name it in case.toml: [collect.endpoints] {source.info.id} = "http://127.0.0.1:PORT".',
        )
    return endpoint


def answers(source: Source, wanted: Ask) -> bool:
    """Whether a source says that it answers such an ask on its chain."""
    return type(wanted).__name__ in source.info.asks and bool({wanted.chain, "*"} & set(source.info.chains))


def ask_each(case: Case, allowed: Sequence[Source], wanted: Ask, file: str, budget: int) -> tuple[list[str], int]:
    """Ask one source after the other until one answers: why each failed (empty: it answered), and requests sent.

    Each attempt is journaled. Raises PluginFailed when a source fails as a plugin.
    """
    said: list[str] = []
    sent = 0
    for source in allowed:
        if not answers(source, wanted) or sent >= budget:
            continue
        endpoint = endpoint_of(case, source)
        live = Live(case=case, source=source.info.id, file=file, budget=budget - sent, endpoint=endpoint)
        try:
            said.append(_put(live, source, wanted))
        finally:
            live.close()
        sent += live.sent
        # Also a failure is noted, with its reason: it becomes the gap `not-answered`, and not a history without
        # entries.
        case.note("asked", {"ask": ask_text(wanted), "source": source.info.id, "why": said[-1]})
        if not said[-1]:
            break
    return said, sent


def _put(live: Live, source: Source, wanted: Ask) -> str:
    try:
        call.everything(source.info.id, lambda: source.collect(wanted, live))
    except PluginFailed:
        raise  # the case names this source, so its failure is not passed over
    except Error as error:
        # What a server does not answer is no reason to stop the other asks.
        return f"{error.what} {error.why}"
    return ""
