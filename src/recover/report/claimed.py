"""One sentence that papers say, with the condition under which it is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recover.sdk import View

Holds = Callable[[View], bool]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the report: its key in the texts, and when it is true, in words and as a test."""

    key: str
    when: str
    holds: Holds
