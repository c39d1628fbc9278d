"""The door to a node: every batch of calls goes through the recorder, and is answered from the stored bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from recover.sdk import Exhibit, Recorder
from recover_chain_evm.live import wire


@dataclass(slots=True, kw_only=True)
class Provider:
    """Captures each batch before anything reads the answer. `captured` are the exhibits that came, in order."""

    recorder: Recorder
    captured: list[Exhibit] = field(default_factory=list)

    def ask(self, calls: Sequence[wire.Call]) -> tuple[wire.Answer, ...]:
        """Raises the recorder's Error when nothing came, and the wire's when what came is no answer."""
        exhibit = self.recorder.capture(wire.request(self.recorder.endpoint, calls))
        self.captured.append(exhibit)
        return wire.answers(exhibit)
