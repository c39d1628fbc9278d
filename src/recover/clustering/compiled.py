"""The same loops, compiled. numba is optional: the extra `fast` brings it."""

from __future__ import annotations

from typing import Any

from numba import njit

from recover.clustering import kernels

# No kernel makes an array, so none needs reference counts.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
_jit = njit(cache=True, **_OPTIONS)

unite = _jit(kernels.unite)
unite_noting = _jit(kernels.unite_noting)
unite_apart = _jit(kernels.unite_apart)
flatten = _jit(kernels.flatten)
breadth = _jit(kernels.breadth)
hang = _jit(kernels.hang)
