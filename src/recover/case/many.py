"""The losses of a `case.toml` as this program writes them, read and written at once: a case has up to 100,000.

Whatever stands there in another way is read by the library alone: what is here decides nothing on its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

_TEXT = r'"([^"\\\x00-\x1f\x7f]+)"'
_LOSS = re.compile(
    rf"\[\[loss\]\]\nid = {_TEXT}\nchain = {_TEXT}\ntx = {_TEXT}\n(?:amount = {_TEXT}\n)?"
    rf"(?:output = (0|[1-9]\d{{0,9}})\n)?assets = \[\n    {_TEXT},\n\]\n(?:label = {_TEXT}\n)?(?:\n(?=\[\[)|\Z)"
)
_START = "\n[[loss]]\n"
_NAMES = ("id", "chain", "tx", "amount", "output", "assets", "label")
_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f]+')


def read(text: str) -> dict[str, Any]:
    """The tables of a text, as `tomllib` reads them. Raises what it raises."""
    at = text.find(_START) + 1
    if not at or '"""' in text or "'''" in text:
        return tomllib.loads(text)
    tables, end = [], at
    while (found := _LOSS.match(text, end)) is not None:
        tables.append(_table(found.groups()))
        end = found.end()
    # What stands before and behind has to be whole by itself; else the losses stood inside something else.
    rest, head = text[end:], text[:at]
    if not tables or not _apart(rest):
        return tomllib.loads(text)
    try:
        before, behind = tomllib.loads(head), tomllib.loads(rest)
    except ValueError:
        return tomllib.loads(text)
    if {*before, "loss"} & {*behind} or "loss" in before:
        return tomllib.loads(text)
    return {**before, "loss": tables, **behind}


def _apart(rest: str) -> bool:
    return not rest or rest.startswith("[[election]]\n")


def _table(groups: Sequence[str | None]) -> dict[str, Any]:
    found: dict[str, Any] = {name: text for name, text in zip(_NAMES, groups, strict=True) if text is not None}
    if "output" in found:
        found["output"] = int(found["output"])
    return {**found, "assets": [found["assets"]]}


def written(tables: Sequence[Mapping[str, Any]]) -> str | None:
    """The same tables as the library writes them, each behind an empty line; None for others' forms."""
    out = []
    for one in tables:
        texts = [one.get(name) for name in ("id", "chain", "tx", "amount", "label")]
        assets = one.get("assets", ())
        if {*one} - {*_NAMES} or len(assets) != 1 or not all(map(_plain, (*texts[:3], *assets))):
            return None
        if not all(text is None or _plain(text) for text in texts[3:]):
            return None
        id_, chain, tx, amount, label = texts
        out.append(
            f'\n[[loss]]\nid = "{id_}"\nchain = "{chain}"\ntx = "{tx}"\n'
            + ("" if amount is None else f'amount = "{amount}"\n')
            + (f"output = {one['output']}\n" if "output" in one else "")
            + f'assets = [\n    "{assets[0]}",\n]\n'
            + ("" if label is None else f'label = "{label}"\n')
        )
    return "".join(out)


def _plain(text: object) -> bool:
    return isinstance(text, str) and _PLAIN.fullmatch(text) is not None
