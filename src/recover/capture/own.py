"""The user's own `recover.toml`: which sources may be asked, where, by which proxy, and with which keys.

A case comes from others and only names sources. What leaves this computer, and where it goes, its user alone says:
here, or with `--source` on a command.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from recover.capture import fields
from recover.sdk.errors import Error

NAME = "recover.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a source asks; empty: its usual place. `proxy` is an HTTP proxy's address, empty for none.

    `more` are further places that are asked where the first gives no answer. `per_second` and `at_once` say how
    often, and how many requests at a time; 0: what is usual.
    """

    endpoint: str = ""
    proxy: str = ""
    more: tuple[str, ...] = ()
    per_second: int = 0
    at_once: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a case is opened with where its command does not say: empty or None where the user does not either."""

    examiner: str = ""
    agency: str = ""
    rule: str = ""
    zone: str = ""
    dust: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What the user allows: for every case, for one case by its id, and for this call alone.

    `compare`: every source that can answer is asked, and not the first that does.
    """

    sources: Mapping[str, Place] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    keys: Mapping[str, str | Sequence[str]] = field(default_factory=dict, repr=False)
    given: Mapping[str, Place] = field(default_factory=dict)
    offline: bool = False
    compare: bool = False
    proxy: str = ""
    defaults: Defaults = field(default_factory=Defaults)

    def place(self, case: str, source: str) -> Place | None:
        """Where this source may ask for this case; None where the user never said that it may."""
        for said in (self.given, self.cases.get(case, {}), self.sources):
            if source in said:
                return self._whole(said[source], self.sources.get(source, Place()))
        return None

    def _whole(self, place: Place, usual: Place) -> Place:
        """With what the user says of the source anywhere: how often, and through which proxy."""
        # The pace at one place says nothing of another.
        same = place.endpoint in ("", usual.endpoint)
        return replace(
            place,
            endpoint=place.endpoint or usual.endpoint,
            more=place.more or (usual.more if not place.endpoint else ()),
            proxy=place.proxy or usual.proxy or self.proxy,
            per_second=place.per_second or (usual.per_second if same else 0),
            at_once=place.at_once or (usual.at_once if same else 0),
        )


def path() -> Path:
    """The file: named by RECOVER_CONFIG, else in the platform's folder for a user's settings."""
    named = os.environ.get("RECOVER_CONFIG")
    if named:
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("recover", appauthor=False) / NAME


def load(given: Mapping[str, str] | None = None) -> Own:
    """What the file says; nothing where there is none. `given` is what the command says: source id -> URL or "".

    Raises Error that lists all that is wrong with either.
    """
    file = path()
    try:
        raw = tomllib.loads(file.read_bytes().decode())
    except FileNotFoundError:
        raw = {}
    except (OSError, ValueError, RecursionError) as error:
        raise _bad([str(error)]) from error
    problems = [f"`{key}` is not a setting" for key in raw if key not in _TOP]
    sources = _places(raw.get("sources", {}), "sources", problems)
    cases = {}
    for name, table in _tables(raw.get("case", {}), "case", problems).items():
        cases[name] = _places(table.get("sources", {}), f"case.{name}.sources", problems)
    keys = fields.keys(raw.get("keys", {}), problems)
    offline, proxy = raw.get("offline", False), raw.get("proxy", "")
    if not isinstance(offline, bool):
        problems.append("`offline` is neither true nor false")
    if not isinstance(proxy, str) or (proxy and not proxy.startswith(("http://", "https://"))):
        problems.append("`proxy` is no http or https address")
    defaults = Defaults(**fields.defaults(raw.get("defaults", {}), problems))
    if problems:
        raise _bad(problems)
    said = {name: Place(endpoint=url) for name, url in (given or {}).items()}
    wrong = [f"{name}: {why}" for name, place in said.items() if (why := unfit(place.endpoint))]
    if wrong:
        raise _unfit(wrong)
    return Own(
        sources=sources,
        cases=cases,
        keys=keys,
        given=said,
        offline=offline,
        proxy=proxy,
        defaults=defaults,
    )


def keep(case: str, said: Mapping[str, str]) -> None:
    """Add to the file that these sources may be asked for this case: source id -> URL, or "" for the usual place.

    Raises Error for a URL that cannot be one, before anything is written.
    """
    wrong = [f"{name}: {why}" for name, url in said.items() if (why := unfit(url))]
    if wrong:
        raise _unfit(wrong)
    load()
    table = {"case": {case: {"sources": {name: {"endpoint": url} if url else {} for name, url in said.items()}}}}
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # it may hold keys
    with os.fdopen(handle, "ab") as out:
        out.write(("\n" if file.stat().st_size else "").encode() + tomli_w.dumps(table).encode())


def unfit(url: str) -> str:
    """Why a text cannot say where to ask; empty where it can."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"it is no address ({error})"
    if parts.scheme not in ("http", "https", "tcp", "ssl") or not parts.hostname:
        return "it is no http, https, tcp or ssl address"
    if parts.scheme in ("tcp", "ssl") and port is None:
        return "it names no port"
    if "@" in parts.netloc and not _PLACEHOLDER.fullmatch(parts.netloc.rpartition("@")[0]):
        return "it holds a password; write {name} instead, and set RECOVER_NAME to user:password"
    return ""


_PLACEHOLDER = re.compile(r"\{[a-z][a-z0-9-]*\}")


_TOP = ("sources", "case", "keys", "sender", "offline", "proxy", "defaults")
_PLACE = ("endpoint", "endpoints", "proxy", "per_second", "at_once")


def _places(given: Any, where: str, problems: list[str]) -> dict[str, Place]:
    found = {}
    for name, table in _tables(given, where, problems).items():
        problems += [f"`{where}.{name}.{k}` is not a setting" for k in table if k not in _PLACE]
        endpoint, proxy = table.get("endpoint", ""), table.get("proxy", "")
        more = table.get("endpoints", [])
        if not isinstance(more, list) or not all(isinstance(one, str) for one in (endpoint, proxy, *more)):
            problems.append(f"`{where}.{name}` holds something that is not text")
            continue
        listed = tuple(dict.fromkeys([*([endpoint] if endpoint or not more else []), *more]))
        problems += [f"`{where}.{name}.endpoint`: {why}" for one in listed if (why := unfit(one))]
        if proxy and not proxy.startswith(("http://", "https://")):
            problems.append(f"`{where}.{name}.proxy` is no http or https address")
        rates = {key: fields.number(table, key, f"{where}.{name}", problems) for key in ("per_second", "at_once")}
        found[name] = Place(endpoint=listed[0], proxy=proxy, more=listed[1:], **rates)
    return found


def _tables(given: Any, where: str, problems: list[str]) -> dict[str, dict[str, Any]]:
    if not isinstance(given, dict) or not all(isinstance(table, dict) for table in given.values()):
        problems.append(f"`{where}` is not a table of tables")
        return {}
    return given


def _bad(problems: list[str]) -> Error:
    return Error(
        "own-config",
        f"{NAME} cannot be read.",
        "; ".join(problems) + ".",
        f"Mend it: it is your own file, {path()}.",
    )


def _unfit(problems: list[str]) -> Error:
    return Error(
        "endpoint-unfit",
        "A source cannot be asked there.",
        "; ".join(problems) + ".",
        "Write --source ID=URL with an address such as http://127.0.0.1:8332/.",
    )
