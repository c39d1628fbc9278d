"""YAML read as plain text: no types, no aliases, bounded depth.

A tag pack needs neither numbers nor dates from YAML: an unquoted 0x address would become a number, and a date
would get a time zone. So the tree is built from the parser's events, every scalar stays the text that was
written, and what could be used for an attack (aliases that multiply, nesting, tags that build objects) has no
way in.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml
from yaml.reader import ReaderError

Node: TypeAlias = "str | list[Node] | dict[str, Node]"

_DEEPEST = 12
MOST = 4_000_000  # texts, lists and mappings: twice what the largest list of the permitted size holds
EMPTY = frozenset({"", "~", "null", "Null", "NULL"})
# The C parser gives the same events as the pure Python one, some twenty times faster.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Malformed(ValueError):
    """The text is not YAML of the accepted kind; the message says where."""


class Lines(dict[str, Node]):
    """A mapping that knows the line it starts at, from 1."""

    __slots__ = ("line",)
    line: int


def read(data: bytes) -> Node:
    """The one document in `data`. Raises Malformed with the line."""
    try:
        return _build(data)
    except ReaderError as error:
        # The reader counts bytes or characters from the start; a person looks for a line.
        line = data.count(b"\n", 0, error.position) + 1
        raise Malformed(f"about line {line}: {' '.join(str(error).split())}") from error
    except yaml.YAMLError as error:
        raise Malformed(" ".join(str(error).split())) from error


def _build(data: bytes) -> Node:
    stack: list[list[Node] | Lines] = []
    keys: list[str | None] = []
    roots: list[Node] = []
    for number, event in enumerate(yaml.parse(data, Loader=_LOADER)):
        if number == MOST:
            raise Malformed(f"line {_line(event)}: more than {MOST:,} texts, lists and mappings")
        if not stack and isinstance(event, yaml.SequenceStartEvent):
            raise Malformed(f"line {_line(event)}: a list, and not a mapping, is the whole document")
        if isinstance(event, yaml.ScalarEvent):
            value: Node = "" if event.implicit[0] and event.value in EMPTY else str(event.value)
            _place(value, stack, keys, roots, event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(stack) >= _DEEPEST:
                raise Malformed(f"line {_line(event)}: nested deeper than {_DEEPEST} levels")
            opened: list[Node] | Lines = [] if isinstance(event, yaml.SequenceStartEvent) else Lines()
            if isinstance(opened, Lines):
                opened.line = _line(event)
            _place(opened, stack, keys, roots, event)
            stack.append(opened)
            keys.append(None)
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            raise Malformed(f"line {_line(event)}: aliases (*{event.anchor}) are not accepted")
    if len(roots) != 1:
        raise Malformed(f"{len(roots)} documents instead of one")
    return roots[0]


def _place(
    value: Node, stack: list[list[Node] | Lines], keys: list[str | None], roots: list[Node], event: Any
) -> None:
    if not stack:
        roots.append(value)
        return
    top = stack[-1]
    if isinstance(top, list):
        top.append(value)
    elif keys[-1] is None:
        if not isinstance(value, str):
            raise Malformed(f"line {_line(event)}: a key that is no text")
        if value in top:
            raise Malformed(f"line {_line(event)}: the key {value!r} stands twice")
        keys[-1] = value
    else:
        top[keys[-1]] = value
        keys[-1] = None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
