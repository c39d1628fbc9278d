"""The loops of `loops.py`, compiled. numba is optional: the extra `fast` brings it."""

from __future__ import annotations

from typing import Any

from numba import njit

from recover.linking.clustering import loops

# No loop makes an array, so none needs reference counts.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
_jit = njit(cache=True, **_OPTIONS)

unite = _jit(loops.unite)
unite_noting = _jit(loops.unite_noting)
unite_apart = _jit(loops.unite_apart)
flatten = _jit(loops.flatten)
breadth = _jit(loops.breadth)
hang = _jit(loops.hang)
