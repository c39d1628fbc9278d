"""Amounts in compiled code: 64-bit integers, or 128-bit ones where an asset's amounts do not fit.

The kernels are written once. An array of int64 holds narrow amounts, one of uint64 wide ones (two limbs, the low
one first, two's complement); by the array's type numba picks what `fetch` and `store` do, and `Wide` has the
operators that the kernels use. A wide amount lives in registers as LLVM's i128, whose sums and products processors
have; its quotients are taken by digits in `quotas`, since no processor divides so wide.
"""

# mypy: disallow-untyped-decorators=False, disable-error-code="misc"

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types

# Names without types: what numba makes of these functions is not what their signatures say.
intrinsic: Any = extending.intrinsic
overload: Any = extending.overload
register_model: Any = extending.register_model
_OPTIONS: dict[str, Any] = {"forceinline": True, "no_cpython_wrapper": True, "_nrt": False}

_I128, _I64 = ir.IntType(128), ir.IntType(64)


class Wide(types.Type):
    """numba's type of a signed 128-bit amount. It never crosses into Python."""

    def __init__(self) -> None:
        super().__init__("Wide")


WIDE: Any = Wide()


@register_model(Wide)
class _Model(extending.models.PrimitiveModel):
    def __init__(self, manager: Any, type_: Any) -> None:
        super().__init__(manager, type_, _I128)  # type: ignore[no-untyped-call]


def _grown(builder: Any, value: Any, type_: Any) -> Any:
    if type_ == WIDE:
        return value
    if isinstance(type_, types.Boolean):
        return builder.zext(value, _I128)
    return builder.sext(value, _I128) if type_.signed else builder.zext(value, _I128)


def _made(emit: Callable[[Any, Any, Any], Any], result: Any) -> Any:
    @intrinsic
    def operation(context: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            one, two = (_grown(builder, v, t) for v, t in zip(given, signature.args, strict=True))
            return emit(builder, one, two)

        return result(a, b), generate

    return operation


def _offer(symbol: Any, operation: Any) -> None:
    @overload(symbol, strict=False, jit_options=_OPTIONS)
    def chosen(a: Any, b: Any) -> Any:
        if WIDE in (a, b) and all(t == WIDE or isinstance(t, types.Integer | types.Boolean) for t in (a, b)):
            return lambda a, b: operation(a, b)
        return None


_SUMS = {
    ("add", "iadd"): lambda b, x, y: b.add(x, y),
    ("sub", "isub"): lambda b, x, y: b.sub(x, y),
    ("mul", "imul"): lambda b, x, y: b.mul(x, y),
    ("lshift", "ilshift"): lambda b, x, y: b.shl(x, y),
    # Arithmetic, not logical: amounts are signed.
    ("rshift", "irshift"): lambda b, x, y: b.ashr(x, y),
}
for _names, _emit in _SUMS.items():
    for _name in _names:
        _offer(getattr(operator, _name), _made(_emit, WIDE))


def _compared(sign: str) -> Callable[[Any, Any, Any], Any]:
    return lambda b, x, y: b.icmp_signed(sign, x, y)


for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    _offer(getattr(operator, _name), _made(_compared(_sign), types.boolean))


@intrinsic
def _joined(context: Any, low: Any, high: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        # Extended by zeros: as a signed limb the lower one would fill the upper with ones.
        lower, upper = (builder.zext(limb, _I128) for limb in given)
        return builder.or_(lower, builder.shl(upper, ir.Constant(_I128, 64)))

    return WIDE(low, high), generate


@intrinsic
def _lower(context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.trunc(given[0], _I64)

    return types.uint64(value), generate


@intrinsic
def _upper(context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.trunc(builder.lshr(given[0], ir.Constant(_I128, 64)), _I64)

    return types.uint64(value), generate


@intrinsic
def short(context: Any, value: Any) -> Any:
    """A wide amount that is known to fit 64 bits, as int64."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.trunc(given[0], _I64)

    return types.int64(value), generate


@intrinsic
def _widened(context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return _grown(builder, given[0], signature.args[0])

    return WIDE(value), generate


def _narrow(array: Any) -> bool:
    return bool(array.dtype == types.int64)


def fetch(array: Any, at: int) -> Any:
    """The amount at a place of a column of amounts."""


def store(array: Any, at: int, amount: Any) -> None:
    """Puts an amount at a place of a column of amounts."""


def read(rows: Any, at: int) -> Any:
    """The amount of a pool's or a node's row, which begins at its column 1; column 0 holds links."""


def write(rows: Any, at: int, amount: Any) -> None:
    """Puts the amount of a pool's or a node's row."""


def nothing(array: Any) -> Any:
    """Zero, as an amount of this array."""


def least(a: Any, b: Any) -> Any:
    """The smaller of two amounts."""


@overload(fetch, strict=False, jit_options=_OPTIONS)
def _fetch(array: Any, at: Any) -> Any:
    if _narrow(array):
        return lambda array, at: array[at]
    return lambda array, at: _joined(array[at, 0], array[at, 1])


@overload(store, strict=False, jit_options=_OPTIONS)
def _store(array: Any, at: Any, amount: Any) -> Any:
    if _narrow(array):

        def narrow(array: Any, at: Any, amount: Any) -> None:
            array[at] = amount

        return narrow

    def wide(array: Any, at: Any, amount: Any) -> None:
        array[at, 0] = _lower(amount)
        array[at, 1] = _upper(amount)

    return wide


@overload(read, strict=False, jit_options=_OPTIONS)
def _read(rows: Any, at: Any) -> Any:
    if _narrow(rows):
        return lambda rows, at: rows[at, 1]
    return lambda rows, at: _joined(rows[at, 1], rows[at, 2])


@overload(write, strict=False, jit_options=_OPTIONS)
def _write(rows: Any, at: Any, amount: Any) -> Any:
    if _narrow(rows):

        def narrow(rows: Any, at: Any, amount: Any) -> None:
            rows[at, 1] = amount

        return narrow

    def wide(rows: Any, at: Any, amount: Any) -> None:
        rows[at, 1] = _lower(amount)
        rows[at, 2] = _upper(amount)

    return wide


@overload(nothing, strict=False, jit_options=_OPTIONS)
def _nothing(array: Any) -> Any:
    if _narrow(array):
        return lambda array: 0
    return lambda array: _widened(0)


@overload(least, strict=False, jit_options=_OPTIONS)
def _least(a: Any, b: Any) -> Any:
    return lambda a, b: a if a < b else b
