"""Named placeholders for keys: logged as `{name}`, filled in on the way out, and taken out of what comes back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from recover.capture import echoes
from recover.sdk.errors import Error
from recover.sdk.values import Request

_NAME = re.compile(r"\{([a-z][a-z0-9-]*)\}")

LEAST = 16
"""Shorter keys are refused: a short text can stand in an answer by chance, and evidence would be struck out."""


def names(request: Request) -> tuple[str, ...]:
    """The placeholders in a request's URL and header values."""
    texts = [request.url, *(value for _, value in request.headers)]
    return tuple(sorted({name for text in texts for name in _NAME.findall(text)}))


def fill(text: str, values: Mapping[str, str]) -> str:
    return _NAME.sub(lambda match: values[match[1]], text)


def fill_url(text: str, values: Mapping[str, str]) -> str:
    """Filled in, quoting what means something in a URL, but for the colon of `user:password`."""
    return fill(text, {name: quote(value, safe=":") for name, value in values.items()})


def values(wanted: Iterable[str], own: Mapping[str, str] | None = None) -> dict[str, str]:
    """From the environment, else from the user's own keys: `{trongrid-key}` is RECOVER_TRONGRID_KEY.

    Raises Error naming what is missing, or what cannot be a key; the message never holds any of it.
    """
    found = {name: os.environ.get(variable(name), "") or (own or {}).get(name, "") for name in wanted}
    missing = [variable(name) for name, value in found.items() if not value]
    if missing:
        raise Error(
            "secret-missing",
            f"A key is needed that is not set: {', '.join(missing)}.",
            "Keys are never written to a case; they are read when a request leaves.",
            f"Set {missing[0]} in the environment, or the key below [keys] in recover.toml, and run again.",
        )
    for name, value in found.items():
        usable(name, value)
    return found


def mask(data: bytes, values: Iterable[str]) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The data with `*` for each byte of a key, however it is written there, and the ranges (start, length).

    How a key may be written, and which parts of one are found: `echoes.py`.
    """
    ranges: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        ranges += echoes.found(data, value)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    clean = bytearray(data)
    for start, end in merged:
        clean[start:end] = b"*" * (end - start)
    return bytes(clean), tuple((start, end - start) for start, end in merged)


def clean(text: str, values: Iterable[str]) -> str:
    """A text that is to be printed or journaled, without any of the keys."""
    return mask(text.encode("utf-8", "backslashreplace"), values)[0].decode("utf-8", "replace")


def variable(name: str) -> str:
    """The environment's variable for a placeholder."""
    return "RECOVER_" + name.replace("-", "_").upper()


def usable(name: str, value: str) -> None:
    """Raises Error for a text that cannot be a key; the message never holds any of it."""
    why = ""
    if len(value) < LEAST:
        why = f"It has fewer than {LEAST} characters, so that it could stand in an answer by chance."
    elif not all(" " <= character <= "~" for character in value) or value != value.strip():
        why = "It holds a line end, a space at an end, or a character outside printable ASCII."
    if why:
        raise Error(
            "secret-unusable",
            f"The key {variable(name)} cannot be used.",
            why,
            "Set it again, without line ends, or ask the service for a longer one.",
        )
