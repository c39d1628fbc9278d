"""How an exhibit was obtained: what a person says of it, or that this program asked a server for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from recover.report.texts import Texts
from recover.sdk import ExhibitFacts
from recover.sdk.outside import visible


def asked(e: ExhibitFacts) -> bool:
    """Whether this program asked a server for it: the exhibit is the answer, and its record holds the request."""
    return e.method != "import"


def known(e: ExhibitFacts) -> bool:
    return asked(e) or bool(e.by or e.origin or e.obtained)


def said(t: Texts, e: ExhibitFacts) -> str:
    """Whom it was obtained from and by whom, in one part of a sentence; empty where nobody says."""
    by = t.say("materials.by", by=visible(e.by, 60)) if e.by else ""
    origin = visible(e.origin, 80)
    if asked(e) and not origin:
        # An edition without names of files has no address of a server either: what read the answer stands then.
        origin = t.say("materials.asked", host=visible(_host(e) or ", ".join(e.sources), 80))
    return " ".join(part for part in (origin, by) if part)


def named(e: ExhibitFacts) -> str:
    """What an exhibit is called: its file, or what was asked for at the server that `said` names."""
    host = _host(e)
    return visible(e.name.partition(host)[2] if asked(e) and host else e.name, _NAME)


_NAME = 80


def _host(e: ExhibitFacts) -> str:
    try:
        return urlsplit(e.name).netloc.rpartition("@")[2]
    except ValueError:
        return ""
