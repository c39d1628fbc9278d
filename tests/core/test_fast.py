"""numba is optional: where it is missing a large case says so, and a small one does not."""

from __future__ import annotations

import pytest

from recover.tracing import compiled


def test_only_a_large_trace_misses_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compiled.missing(compiled.MOVES)
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    assert compiled.missing(compiled.MOVES)
    assert not compiled.missing(compiled.MOVES - 1)


@pytest.mark.parametrize(("ready", "least"), [(True, compiled.REPEATED), (False, compiled.FIRST)])
def test_many_runs_that_are_not_small_are_worth_loading_it(
    ready: bool, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_plain", 0)
    monkeypatch.setattr(compiled, "_compiled", lambda: ready)
    assert compiled.worth(compiled.MOVES)
    assert not any(compiled.worth(compiled.SMALL - 1) for _ in range(1000))
    plain = least // compiled.SMALL
    assert [compiled.worth(compiled.SMALL) for _ in range(plain + 1)] == [False] * plain + [True]
    assert not compiled.worth(compiled.SMALL - 1)
