"""A channel of the register as a person asked for it; what is not there is told with what is near."""

from __future__ import annotations

from collections.abc import Mapping

from recover.sdk.addressee import Addressee, Channel
from recover.sdk.errors import Error
from recover.sdk.outside import visible


def channel(known: Mapping[str, Addressee], name: str, number: int) -> Channel:
    """Channel `number` (from 1) of an entry. Raises Error where there is none."""
    entry = known.get(name)
    if entry is None:
        raise unknown(name, known)
    if not number:
        raise Error(
            "no-channel",
            "Which channel is confirmed is not said.",
            f"The register has {len(entry.channels)} of {entry.brand}.",
            f"`recover register show {name}` numbers them: --channel N.",
        )
    if not 1 <= number <= len(entry.channels):
        raise Error(
            "no-channel",
            f"{entry.brand} has no channel {number}.",
            f"The register has {len(entry.channels)} of it, looked for on {entry.looked}.",
            f"`recover register show {name}` numbers them; `recover register add FILE` brings one of your own.",
        )
    return entry.channels[number - 1]


def unknown(name: str, known: Mapping[str, Addressee]) -> Error:
    """There is no such entry; the nearest are named."""
    from difflib import get_close_matches

    called = {text.casefold(): e.id for e in known.values() for text in (e.id, e.brand, *e.aliases)}
    near = [called[text] for text in get_close_matches(name.casefold(), called, n=3, cutoff=0.75)]
    return Error(
        "no-addressee",
        f"The register has no entry {visible(name, 80)!r}.",
        f"The nearest: {', '.join(dict.fromkeys(near))}." if near else "No name in it is like this one.",
        "`recover register show` lists them all.",
    )
