"""Bulk lists in columns: half a million tags, one text a line, read without an object a tag."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover_labels import documents
from recover_labels.documents import EMPTY, MOST, Lines, Node

# A list of plain mappings, one text a line, as bulk lists are written. Whatever is not of this form, in any line,
# is left to the parser of YAML: both ways give the same tree.
_TAGS = re.compile(rb"^tags:[ ]*\n(?=- )", re.MULTILINE)
_KEYS = 64  # more than any pack has: each is a column of the whole list
_QUOTED = r"'(?:[^'\x00-\x1f\x7f]|'')*'"
_INSIDE = r"""[A-Za-z0-9_./+@&(),;'"=!?*%$-]"""
_PLAIN = rf"[A-Za-z0-9](?:{_INSIDE}|:[A-Za-z0-9/]| {_INSIDE})* *"
_LINE = rf"^(?:- |  )[a-z_]+: (?:{_QUOTED}|{_PLAIN})$"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tags:
    """The tags of a bulk list: a column of texts by key, null where a tag has no such key; `lines` says at which
    line each begins, from 1. `head` is the document with no tag in it.
    """

    head: Lines
    columns: Mapping[str, pa.Array]
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lines)

    def one(self, place: int) -> Lines:
        """One tag as the parser would give it."""
        found = Lines(
            (key, text) for key, column in self.columns.items() if (text := column[place].as_py()) is not None
        )
        found.line = int(self.lines[place])
        return found

    def tree(self) -> list[Node]:
        """All tags as the parser would give them."""
        found = [Lines() for _ in range(len(self))]
        for tag, line in zip(found, self.lines.tolist(), strict=True):
            tag.line = line
        for key, column in self.columns.items():
            for tag, text in zip(found, column.to_pylist(), strict=True):
                if text is not None:
                    tag[key] = text
        return [*found]


def read(data: bytes) -> Tags | None:
    """The document, if its last key is a long list of plain mappings; None for any other.

    Raises Malformed where its head is none.
    """
    found = _TAGS.search(data)
    if found is None or not data.endswith(b"\n") or not data.isascii():
        return None
    if data.count(b"\n") > MOST or 4 * data.count(b"\n- ") > MOST:
        return None  # more than the parser takes: it says so
    lines = pc.list_flatten(pc.split_pattern(pa.array([data[found.end() : -1].decode()]), "\n"))
    if not pc.all(pc.match_substring_regex(lines, _LINE)).as_py():
        return None
    begins = pc.starts_with(lines, "- ").to_numpy(zero_copy_only=False)
    columns = _columns(lines, np.cumsum(begins) - 1, int(begins.sum()))
    if columns is None:
        return None
    head = documents.read(data[: found.start()] + b"tags: []\n")
    if not isinstance(head, Lines) or list(head)[-1] != "tags":
        return None
    return Tags(head=head, columns=columns, lines=np.flatnonzero(begins) + 1 + data.count(b"\n", 0, found.end()))


def _columns(lines: pa.Array, rows: NDArray[np.int64], size: int) -> Mapping[str, pa.Array] | None:
    """The texts by key; None where a tag has a key twice, so that the parser says where, or for too many keys."""
    halves = pc.list_flatten(pc.split_pattern(lines, ": ", max_splits=1))
    keys = pc.utf8_slice_codeunits(halves.take(pa.array(np.arange(0, len(halves), 2))), 2).dictionary_encode()
    texts = halves.take(pa.array(np.arange(1, len(halves), 2)))
    quoted = pc.starts_with(texts, "'")
    inner = pc.replace_substring(pc.utf8_slice_codeunits(texts, 1, -1), "''", "'")
    plain = pc.ascii_rtrim(texts, " ")
    plain = pc.if_else(pc.is_in(plain, value_set=pa.array(sorted(EMPTY), pa.string())), "", plain)
    texts = pc.if_else(quoted, inner, plain)
    codes = keys.indices.to_numpy()
    if len(keys.dictionary) > _KEYS:
        return None
    found = {}
    for code, key in enumerate(keys.dictionary.to_pylist()):
        at = np.flatnonzero(codes == code)
        if (np.diff(rows[at]) == 0).any():
            return None
        which = np.full(size, -1)
        which[rows[at]] = at
        found[key] = texts.take(pa.array(which, mask=which < 0))
    return found
