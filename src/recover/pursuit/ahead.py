"""Ahead: what is known and what is asked next, worked out in memory as soon as answers are here.

Between two rounds nothing may wait for tables to be written, sealed and noted. The same code makes the same tables
as the stages do, and keeps none of them: the stages make them again, to stay, when papers are drafted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived, looked
from recover.declared.admissible import declarable
from recover.findings import accounts, contradicted, offramp
from recover.findings.evidence import Evidence
from recover.findings.material import Material
from recover.findings.whereabouts import AT_REST, Holding, standings
from recover.ledger import joining, parts
from recover.ledger.read import places
from recover.linking import installed
from recover.linking.installed import Base
from recover.linking.linked import linked
from recover.plugins.pins import pin
from recover.plugins.registry import Plugins
from recover.sdk.ends import recorded
from recover.sdk.view import OffRamp
from recover.stages import decode, trace


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
    _of: int = -1
    _supposed: bool = False
    _rests: frozenset[Holding] | None = None
    _known: set[str] = field(default_factory=set)
    _texts: Callable[[], Mapping[str, bytes]] = dict
    _bases: list[tuple[Base, pa.Array]] | None = None

    def __post_init__(self) -> None:
        declarable(self.case.settings.rule)
        pin(self.case, self.plugins)  # first: the journal must say which code decodes what comes
        self.look = looked.at(self.case)
        derived.apart(self.look)  # papers are made beside it, and make the tables again

    def begin(self) -> None:
        """Read what the case holds already."""
        self.settled()

    def add(self, answers: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> None:
        """Suppose and decode what came in, as the journal will have it."""
        number = len(self.look.exhibits())
        looked.suppose(
            self.look, "exhibit", [{**one, "number": number + n} for n, one in enumerate(answers, start=1)]
        )
        looked.suppose(self.look, "asked", asked)
        self._supposed = True
        self._decode()

    def settled(self) -> None:
        """What was supposed stands in the journal now, in its own order; what it holds besides is decoded."""
        same = not self._supposed and self._of == len(self.case.exhibits())
        looked.follow(self.look, self.case)
        self._supposed, of = False, self._of
        self._decode()
        self._of = of if same else -1

    def work(self) -> None:
        """Join, name and trace what is here. Raises Error as the stages do."""
        found = parts.parts(self.look, self.plugins)
        seen = decode.seen(self.look, self.plugins, found)
        tables, noted = joining.joined(self.look, self.plugins, found, seen)
        derived.hold(self.look, "decode", tables, {**seen, "joined": noted})
        derived.hold(self.look, "link", linked(self.look, self.plugins, _quiet))
        rows, self._texts = trace.tables(self.look, self.plugins, _quiet)
        derived.hold(self.look, "trace", rows)
        self._rests = None
        self.worked, self._of = True, -1 if self._supposed else len(self.look.exhibits())

    def named(self) -> list[Base]:
        """The installed bases of labels that know an address here and are not pinned yet; each is given once."""
        if self._bases is None:
            self._bases = installed.unpinned(self.case, self.plugins)
        if not self._bases:
            return []
        here = places(derived.read(self.look, "transfers", ["chain", "src", "dst"])).column("address").unique()
        found = [base for base, known in self._bases if pc.any(pc.is_in(here, value_set=known)).as_py()]
        self._bases = [one for one in self._bases if one[0] not in found]
        return found

    @property
    def may_be_named(self) -> bool:
        """Whether an installed base may still come to know an address of the case."""
        return bool(self._bases)

    def resting(self) -> frozenset[Holding]:
        """Where value is at rest, as `find` would state it: worked out once for what is here."""
        if self._rests is None:
            material = Material.of(self.look)
            every, read = parts.parts(self.look, self.plugins), partial(parts.read, self.look)
            disputes = contradicted.found(material, every, read)
            stands = standings(material, Evidence.of(self.look, self.plugins, material), disputes)
            self._rests = frozenset((one.address, one.asset) for one in stands if one.word in AT_REST)
        return self._rests

    def offramps(self) -> tuple[OffRamp, ...]:
        """Where traced value has come to a service, as `find` would state it; none where it came to none."""
        ends = recorded(derived.read(self.look, "ends"), self.case.settings.rule)
        if not {"service", "hub"} & set(ends.column("reason").to_pylist()):
            return ()
        material = Material.of(self.look)
        ramps = offramp.find(material)
        return tuple(accounts.attach(ramps, accounts.close(material, ramps)))

    def unwritten(self) -> parts.Ready:
        """What was decoded and has to be written, once: all of it must be acknowledged."""
        found, self.ready = self.ready, {}
        return found

    def tables(self) -> Mapping[str, Any]:
        """By stage, what it would make of what the journal holds now; nothing where more came since."""
        if self._of != len(self.case.exhibits()):
            return {}
        made = {stage: derived.held(self.look, stage) for stage in ("decode", "link", "trace")}
        noted = derived.stamp(self.look, "ledger")["joined"]
        return made | {"decode": (made["decode"], noted), "trace": (made["trace"], self._texts)}

    def here(self) -> bool:
        """Whether anything came that a source can read."""
        return any(one.sources for one in self.look.used())

    @property
    def shown(self) -> bool:
        """Whether a transaction is shown: of web pages, refusals and empty answers alone no paper is made."""
        return self.worked and bool(derived.read(self.look, "transactions", ["id"]).num_rows)

    def _decode(self) -> None:
        self.ready |= parts.ahead(self.look, self.plugins, self._known)
        self._of = -1


def _quiet(stage: str, done: int, total: int) -> None:
    """What is worked out between two rounds tells nothing of its own."""
