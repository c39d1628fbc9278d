"""numba is optional: where it is missing a large case says so, and a small one does not."""

from __future__ import annotations

import pytest

from recover.tracing import compiled


def test_only_a_large_trace_misses_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compiled.missing(compiled.MOVES)
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    assert compiled.missing(compiled.MOVES)
    assert not compiled.missing(compiled.MOVES - 1)
