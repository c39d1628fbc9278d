"""Names of hosts as machines and people read them, and names that thousands share and nobody may block."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from recover.sdk.errors import Error
from recover.sdk.outside import visible

_SHARED = Path(__file__).with_name("shared_hosts.toml")


def host(text: str) -> str:
    """A name of a host in its machine form: small letters, Punycode (IDNA 2008, UTS 46), no dot at the end.

    What was made harmless for people (`shop[.]example`, `hxxps://`) is read too. Raises Error for anything else.
    """
    import idna

    plain = fanged(text).strip().rstrip(".")
    try:
        if not plain or re.search(r"[\s/@:?#\\]", plain):
            raise idna.IDNAError("it is no bare name of a host")
        found = idna.encode(plain, uts46=True).decode().lower()
        if "." not in found or found.rpartition(".")[2].isdigit():
            raise idna.IDNAError("it has no top-level domain")
    except (idna.IDNAError, UnicodeError) as error:
        raise Error(
            "domain-unreadable",
            f"{visible(text, 120)!r} is no domain.",
            f"{visible(str(error), 120)}.",
            "Write it as shop.example, without a scheme, a port or a path; a page is --type url.",
        ) from None
    return found


def shown(name: str) -> str:
    """The same name in Unicode, where it has another form than that for machines."""
    import idna

    try:
        return idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return name


def url(text: str) -> str:
    """A page's address: its host as machines read it, without a fragment. Raises Error for what is no page's."""
    plain = fanged(text).strip()
    try:
        parts = urlsplit(plain)
        number = parts.port
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ValueError("it has no scheme http or https, no host, or names a user")
        name = _literal(parts.hostname) or host(parts.hostname)
    except (ValueError, Error) as error:
        why = error.why if isinstance(error, Error) else f"{visible(str(error), 120)}."
        raise Error(
            "url-unreadable",
            f"{visible(text, 120)!r} is no address of a page.",
            why,
            "Write it whole, as https://shop.example/login.",
        ) from None
    at = f"[{name}]" if ":" in name else name
    return urlunsplit((parts.scheme, f"{at}:{number}" if number else at, parts.path or "/", parts.query, ""))


def of_url(text: str) -> str:
    """The host of an address that `url` gave."""
    return urlsplit(text).hostname or ""


def _literal(text: str) -> str:
    """An IP address that stands for a host; empty for a name."""
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def fanged(text: str) -> str:
    """What was made harmless for people, as machines read it."""
    plain = re.sub(r"\[(?:\.|dot)\]|\((?:\.|dot)\)", ".", text, flags=re.IGNORECASE)
    plain = plain.replace("[:]", ":").replace("[://]", "://").replace("[/]", "/")
    return re.sub(r"^\s*hxxp(s?)(?=:)", r"http\1", plain, flags=re.IGNORECASE)


def defanged(text: str) -> str:
    """For people: nothing in it can be clicked. Never in what a machine reads."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        return text.replace(".", "[.]")
    return scheme.replace("http", "hxxp") + mark + rest.replace(".", "[.]")


def shared(name: str) -> str:
    """Why a host is not blocked as a whole: a public suffix, or a platform of thousands; or empty."""
    if _literal(name):
        return "an address of a computer, on which many sites can stand"
    if _suffixes().publicsuffix(name) in (name, None):
        return "a public suffix: whoever is registered below it would be blocked too"
    below, apex = _platforms()
    bare = name.removeprefix("www.")
    if bare in apex or any(bare == one or bare.endswith(f".{one}") for one in below):
        return "a platform that many share: name the page or the account there"
    if name.startswith("www.") and _suffixes().publicsuffix(bare) == bare:
        return "the front page of a platform that many share"
    return ""


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@lru_cache(maxsize=1)
def _platforms() -> tuple[tuple[str, ...], frozenset[str]]:
    read = tomllib.loads(_SHARED.read_text("utf-8"))
    return tuple(read["below"]), frozenset(read["apex"])
