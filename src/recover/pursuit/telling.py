"""What happens in a pursuit, as it happens: the same events for the screen, for a file and as lines of JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Tell = Callable[["Event"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`kind` is one of `KINDS`, `said` a sentence for a person, and `facts` the same for a machine."""

    kind: str
    at: datetime
    said: str
    facts: Mapping[str, Any]


KINDS: Mapping[str, str] = {
    "case": "a case was made, or is gone on with",
    "chain": "on which chain something is, and how that was found",
    "loss": "a loss was declared",
    "labels": "an installed list of labels knows addresses of the case, and was made an exhibit of it",
    "warning": "something that a reader must know before the figures",
    "progress": "asks, requests and hosts at this moment, and how much of the loss is resolved",
    "failure": "a source gave no answer, and why",
    "large": "an address with so long a history that it is not paged through",
    "off-ramp": "traced value was credited at a service or an unlabelled hub",
    "freezable": "traced value rests at an address, or came where a balance lies, and an issuer can freeze it",
    "last-seen": "traced value went to addresses whose histories nobody has answered for yet",
    "looked": "a look at what rests is over: how many places could be looked at",
    "moved": "what rested at an address has moved on",
    "sighted": "a transaction that no block holds yet",
    "reorganised": "a block that was relied on is no longer there",
    "papers": "drafts were written, or written again",
    "done": "the pursuit stopped, and why",
}
