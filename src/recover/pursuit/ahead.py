"""Ahead: what is known and what is asked next, worked out in memory as soon as answers are here.

Between two rounds nothing may wait for tables to be written, sealed and noted. The same code makes the same tables
as the stages do, and keeps none of them: the stages make them again, to stay, when papers are drafted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recover.case import Case, derived, looked
from recover.declared.admissible import declarable
from recover.findings import accounts, offramp
from recover.findings.material import Material
from recover.ledger import parts
from recover.plugins.pins import pin
from recover.plugins.registry import Plugins
from recover.sdk.ends import recorded
from recover.sdk.view import OffRamp
from recover.stages import decode, link, trace


@dataclass(slots=True, kw_only=True)
class Ahead:
    """A case as it would stand now. `look` supposes what came in, and has ledger, labels and trace in memory.

    `ready` is what was decoded of it and not written yet.
    """

    case: Case
    plugins: Plugins
    look: Case = field(init=False)
    ready: parts.Ready = field(default_factory=dict)
    worked: bool = False

    def __post_init__(self) -> None:
        declarable(self.case.settings.rule)
        pin(self.case, self.plugins)  # first: the journal must say which code decodes what comes
        self.look = looked.at(self.case)

    def begin(self) -> None:
        """Read what the case holds already."""
        looked.follow(self.look, self.case)
        self._decode()

    def add(self, answers: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> None:
        """Suppose and decode what came in, as the journal will have it."""
        number = len(self.look.exhibits())
        looked.suppose(
            self.look, "exhibit", [{**one, "number": number + n} for n, one in enumerate(answers, start=1)]
        )
        looked.suppose(self.look, "asked", asked)
        self._decode()

    def settled(self) -> None:
        """What was supposed stands in the journal now, in its own order."""
        looked.follow(self.look, self.case)

    def work(self) -> None:
        """Join, name and trace what is here. Raises Error as the stages do."""
        found = parts.parts(self.look, self.plugins)
        derived.hold(self.look, "decode", decode.tables(self.look, self.plugins, found))
        derived.hold(self.look, "link", link.tables(self.look, self.plugins, _quiet))
        derived.hold(self.look, "trace", trace.tables(self.look, self.plugins, _quiet))
        self.worked = True

    def offramps(self) -> tuple[OffRamp, ...]:
        """Where traced value has come to a service, as `find` would state it; none where it came to none."""
        ends = recorded(derived.read(self.look, "ends"), self.case.settings.rule)
        if not {"service", "hub"} & set(ends.column("reason").to_pylist()):
            return ()
        material = Material.of(self.look)
        ramps = offramp.find(material)
        return tuple(accounts.attach(ramps, accounts.close(material, ramps)))

    def here(self) -> bool:
        """Whether anything came that a source can read."""
        return any(one.sources for one in self.look.used())

    def _decode(self) -> None:
        self.ready |= parts.ahead(self.look, self.plugins, self.look.used())


def _quiet(stage: str, done: int, total: int) -> None:
    """What is worked out between two rounds tells nothing of its own."""
