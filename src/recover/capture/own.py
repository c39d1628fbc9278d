"""The user's own `recover.toml`: which sources may be asked, where, by which proxy, and with which keys.

A case comes from others and only names sources. What leaves this computer, and where it goes, its user alone says:
here, or with `--source` on a command.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from recover.sdk.errors import Error

NAME = "recover.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a source asks; empty: its usual place. `proxy` is an HTTP proxy's address, empty for none."""

    endpoint: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What the user allows: for every case, for one case by its id, and for this call alone."""

    sources: Mapping[str, Place] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    given: Mapping[str, Place] = field(default_factory=dict)

    def place(self, case: str, source: str) -> Place | None:
        """Where this source may ask for this case; None where the user never said that it may."""
        for said in (self.given, self.cases.get(case, {}), self.sources):
            if source in said:
                return said[source]
        return None


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
    problems = [f"`{key}` is not a setting" for key in raw if key not in ("sources", "case", "keys", "sender")]
    sources = _places(raw.get("sources", {}), "sources", problems)
    cases = {}
    for name, table in _tables(raw.get("case", {}), "case", problems).items():
        cases[name] = _places(table.get("sources", {}), f"case.{name}.sources", problems)
    keys = raw.get("keys", {})
    if not isinstance(keys, dict) or not all(isinstance(v, str) for v in keys.values()):
        problems.append("`keys` is not a table of name = text")
        keys = {}
    if problems:
        raise _bad(problems)
    said = {name: Place(endpoint=url) for name, url in (given or {}).items()}
    wrong = [f"{name}: {why}" for name, place in said.items() if (why := unfit(place.endpoint))]
    if wrong:
        raise _unfit(wrong)
    return Own(sources=sources, cases=cases, keys=keys, given=said)


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


def _places(given: Any, where: str, problems: list[str]) -> dict[str, Place]:
    found = {}
    for name, table in _tables(given, where, problems).items():
        problems += [f"`{where}.{name}.{k}` is not a setting" for k in table if k not in ("endpoint", "proxy")]
        endpoint, proxy = table.get("endpoint", ""), table.get("proxy", "")
        if not isinstance(endpoint, str) or not isinstance(proxy, str):
            problems.append(f"`{where}.{name}` holds something that is not text")
            continue
        why = unfit(endpoint)
        problems += [f"`{where}.{name}.endpoint`: {why}"] if why else []
        if proxy and not proxy.startswith(("http://", "https://")):
            problems.append(f"`{where}.{name}.proxy` is no http or https address")
        found[name] = Place(endpoint=endpoint, proxy=proxy)
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
