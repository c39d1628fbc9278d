"""What a change of a sample's files is, and the plain ones: other text, other values, other lines, other files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Files: TypeAlias = dict[str, bytes]
"""The files of a case by name, in the order in which they are imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a variant changes: its files, the chain that is said, the loss that is declared (None: as the sample).

    `more` are further files of the sample's folder, `names` what the table leaves to whoever makes the variant.
    """

    make: Callable[[Files], Files] = dict
    chain: str | None = None
    loss: Sequence[str] | None = None
    more: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def text(name: str, *pairs: tuple[str, str]) -> Change:
    """The file with some text in place of other text, which must be there."""

    def made(files: Files) -> Files:
        whole = files[name].decode("utf-8")
        for old, new in pairs:
            assert old in whole, f"{name} has no {old!r}"
            whole = whole.replace(old, new)
        return {**files, name: whole.encode()}

    return Change(make=made)


def parsed(name: str, change: Callable[[Any], Any]) -> Change:
    """The file's JSON, changed in place or by what the function returns."""

    def made(files: Files) -> Files:
        value = json.loads(files[name])
        done = change(value)
        return {**files, name: json.dumps(value if done is None else done).encode()}

    return Change(make=made)


def only(*names: str) -> Change:
    """Some of the files, in this order."""
    return Change(make=lambda files: {name: files[name] for name in names})


def beside(name: str, data: str, **more: Any) -> Change:
    """One more file, after the others."""
    return Change(make=lambda files: {**files, name: data.encode()}, **more)


def whole(name: str, data: str | bytes, **more: Any) -> Change:
    """Another file in a file's place."""
    return Change(make=lambda files: {**files, name: data.encode() if isinstance(data, str) else data}, **more)


def encoded(name: str, change: Callable[[bytes], bytes]) -> Change:
    return Change(make=lambda files: {**files, name: change(files[name])})


def rows(name: str, change: Callable[[list[str]], list[str]]) -> Change:
    """The lines of a file, changed."""
    return encoded(name, lambda data: ("\n".join(change(data.decode().splitlines())) + "\n").encode())
