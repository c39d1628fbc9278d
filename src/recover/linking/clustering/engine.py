"""Which of the two ways a loop runs: compiled where that pays, else as plain Python over lists."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from numpy.typing import NDArray

from recover.linking.clustering import loops

LARGE = 500_000
"""Below this many steps plain Python is done before the compiler is loaded, which takes a second."""

_COMPILED = "recover.linking.clustering.fast"


def run(name: str, rows: int, reads: Sequence[NDArray[Any] | int], writes: Sequence[NDArray[Any]]) -> None:
    """The loop `name` over `reads`, then `writes`, which it changes in place; `rows` is how much there is to do.

    Both ways give the same result.
    """
    if fast(rows):
        getattr(import_module(_COMPILED), name)(*reads, *writes)
        return
    # As lists: plain Python reads the cells of an array more slowly.
    lists = [array.tolist() for array in writes]
    getattr(loops, name)(*(r if isinstance(r, int) else r.tolist() for r in reads), *lists)
    for array, cells in zip(writes, lists, strict=True):
        array[:] = cells


def fast(rows: int, large: int = LARGE) -> bool:
    """Whether to run compiled: always once it is loaded, and where numba is installed and `rows` are many."""
    return _COMPILED in sys.modules or (rows >= large and find_spec("numba") is not None)
