"""Option values without pydantic: typer reads each through it, and importing it takes a tenth of a second.

The commands take only text, paths, whole numbers and flags, singly or as lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperOption

_READ = {str: str, Path: Path, int: int, bool: bool}


@dataclass(frozen=True, slots=True)
class Plain:
    """What typer asks of a parameter: `coerce`. `many` for a list of `kind`."""

    kind: type
    many: bool

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value of one parameter; raises BadParameter when it is none of its kind."""
        if self.many:
            return [self._one(item, param, ctx) for item in value or ()]
        return None if value is None else self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            return _READ[self.kind](value)
        except ValueError:
            raise typer.BadParameter(f"{value!r} is not a whole number.", ctx=ctx, param=param) from None


def lighten() -> None:
    """Let every parameter of this program read its value by `Plain`; a kind it does not know is left to typer."""
    for each in (TyperArgument, TyperOption):
        _lighten(each)


def _lighten(parameter: type[TyperArgument] | type[TyperOption]) -> None:
    theirs = parameter.get_runtime_param

    def ours(self: Any) -> Any:
        annotation = self.type_descriptor.annotation
        many = get_origin(annotation) is list
        kind = get_args(annotation)[0] if many else annotation
        return Plain(kind, many) if kind in _READ else theirs(self)

    # typer has no setting for this, so its method is replaced; a house test holds what the first answer may load.
    parameter.get_runtime_param = ours  # type: ignore[method-assign]
