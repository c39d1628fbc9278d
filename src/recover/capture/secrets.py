"""Named placeholders for keys: logged as `{name}`, filled in only on the way out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from urllib.parse import quote

from recover.sdk.errors import Error
from recover.sdk.values import Request

_NAME = re.compile(r"\{([a-z][a-z0-9-]*)\}")


def names(request: Request) -> tuple[str, ...]:
    """The placeholders in a request's URL and header values."""
    texts = [request.url, *(value for _, value in request.headers)]
    return tuple(sorted({name for text in texts for name in _NAME.findall(text)}))


def fill(text: str, values: dict[str, str]) -> str:
    """The text with each placeholder replaced by its value."""
    return _NAME.sub(lambda match: values[match[1]], text)


def fill_url(text: str, values: dict[str, str]) -> str:
    """Filled in, quoting what means something in a URL, but for the colon of `user:password`."""
    return fill(text, {name: quote(value, safe=":") for name, value in values.items()})


def values(wanted: Iterable[str]) -> dict[str, str]:
    """From the environment: `{trongrid-key}` is RECOVER_TRONGRID_KEY. Raises Error naming what is missing."""
    found = {name: os.environ.get(_variable(name), "") for name in wanted}
    missing = [_variable(name) for name, value in found.items() if not value]
    if missing:
        raise Error(
            "secret-missing",
            f"A key is needed that is not set: {', '.join(missing)}.",
            "Keys are never written to a case; they are read from the environment when a request leaves.",
            f"Set {missing[0]} in the environment and run again.",
        )
    return found


def refuse(data: bytes, values: Iterable[str]) -> None:
    """Raises Error when an answer repeats a key: such bytes are not stored."""
    # Shorter values occur by chance in ordinary data.
    if any(len(value) >= 8 and value.encode() in data for value in values):
        raise Error(
            "secret-echoed",
            "An answer repeats the key that was sent.",
            "A key may never stand in a stored byte, and evidence may not be changed, so nothing was stored.",
            "Use another source, or a key that is withdrawn afterwards.",
        )


def _variable(name: str) -> str:
    return "RECOVER_" + name.replace("-", "_").upper()
