"""What people type and paste: a short name before a colon, an explorer's link whole; written as CHAIN:TEXT."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from recover.sdk.errors import NotRecognised
from recover.sdk.plugin import Chain

_LINK = re.compile(r"https?://", re.IGNORECASE)
_LONGEST = 2048  # characters of a link, as browsers keep them
_SHOWN = 90
_NAME = re.compile(r"[0-9A-Za-z]{25,}")  # no address and no id is shorter; no word of a path is as long


def written(chains: Iterable[Chain], text: str) -> str:
    """A text as CHAIN:TEXT where it names its chain by a short name or is a link; any other as it is.

    Nothing is decided here on what the text itself means: that is the chain's `parse` alone. Raises NotRecognised
    for a link whose form no chain gives.
    """
    bare = text.strip(" \t\r\n")
    listed = list(chains)
    if _LINK.match(bare):
        return _linked(listed, bare)
    if "/" in bare and bare.partition("/")[0].lower().removeprefix("www.") in _hosts(listed):
        return _linked(listed, f"https://{bare}")  # as browsers show it
    if any(bare.startswith(f"{chain.info.id}:") for chain in listed):
        return bare
    name, colon, rest = bare.partition(":")
    named = [chain.info.id for chain in listed if colon and name.casefold() in chain.info.short]
    # A wallet's payment link (BIP 21, EIP-681) carries an amount and a message behind the address.
    # A further colon stands in CAIP-10, where the chain's own name is meant and not this short one.
    plain = rest and ":" not in rest.partition("?")[0]
    return f"{named[0]}:{rest.partition('?')[0].strip()}" if len(named) == 1 and plain else text


def _linked(chains: list[Chain], text: str) -> str:
    place = _split(text)
    found = {
        (chain.info.id, name)
        for chain in chains
        for form in chain.info.links
        if place is not None and (name := _named(form, place))
    }
    if len(found) == 1:
        chain, name = found.pop()
        return f"{chain}:{name}"
    known = place is not None and _host(place) in _hosts(chains)
    ids = _NAME.findall(text)
    raise NotRecognised(
        "link-unknown",
        f"{text[:_SHOWN]!a} is a link whose form is not known here.",
        "The explorer is known, and this page of it shows no single address or transaction."
        if known
        else "No chain here lists an explorer with this name. Explorers of test networks count as others.",
        f"Write the chain, a colon and the address or id{f', such as {ids[-1][:_SHOWN]}' if ids else ''}; "
        "`recover plugins` lists the chains.",
    )


def _hosts(chains: Iterable[Chain]) -> set[str]:
    return {form.partition("/")[0] for chain in chains for form in chain.info.links}


def _split(text: str) -> SplitResult | None:
    """The parts of a link; None where it is none, or holds what no explorer's link does: a user, a port."""
    try:
        place = urlsplit(text)
        plain = len(text) <= _LONGEST and text.isascii() and place.username is None and place.port is None
    except ValueError:
        return None
    return place if plain else None


def _host(place: SplitResult) -> str:
    return (place.hostname or "").removeprefix("www.")


def _named(form: str, place: SplitResult) -> str | None:
    """What stands in a link where its form has `{}`, None where it is not of that form.

    A form may name one field of the query, `?a={}`: all others, and a further anchor on the page, say nothing.
    """
    path, question, query = form.partition("?")
    if question:
        field = query.partition("=")[0]
        return next(iter(parse_qs(place.query).get(field, ())), None) if _walk(path, place) is not None else None
    return _walk(path, place) or None


def _walk(form: str, place: SplitResult) -> str | None:
    """The segment at `{}` ("" where the form has none), None where any other segment differs."""
    path, anchor = place.path, place.fragment.partition("?")[0]
    if "#" in form:
        path += f"#{anchor}"
    given = [part for part in f"{_host(place)}{path}".split("/") if part]
    wanted = form.split("/")
    # Behind the name a page may have parts of its own (`/transfers`), before it none are guessed.
    if len(given) < len(wanted):
        return None
    found = ""
    for part, want in zip(given, wanted, strict=False):
        if want == "{}":
            found = unquote(part)
        elif part.casefold() != want:
            return None
    return found
