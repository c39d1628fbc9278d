"""The services that letters go to, by what the figures of a case reach."""

from __future__ import annotations

from recover.report import operators
from recover.report.figures import at_stake
from recover.sdk import Service, View


def services(view: View) -> list[tuple[str, Service]]:
    """The services that letters go to, by the key that off-ramps use. An unlabelled hub never gets one."""
    keys = sorted({r.service for r in view.offramps if r.service and at_stake(view, r.service)})
    return [(key, view.services.get(key) or unlisted(key)) for key in keys]


def bridges(view: View) -> dict[str, Service]:
    """The operators of bridges at which the trace stopped, by each name that they go by here."""
    found: dict[str, Service] = {}
    for payments in operators.opened(view).values():
        for protocol in dict.fromkeys(one.protocol for one in payments):
            one = operators.operator(view, protocol)
            found |= dict.fromkeys((protocol, one.id, one.name), one)
    return found


def unlisted(key: str) -> Service:
    """A service, or another addressee, that no register knows."""
    return Service(
        id=key, name=key, category="", aliases=(), uri="", jurisdictions=(), legal={}, source="–", as_of=""
    )
