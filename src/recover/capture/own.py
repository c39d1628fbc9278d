"""The user's own `recover.toml`: which sources may be asked, where, by which proxy, how often, with which keys.

A case comes from others and only names sources. What leaves this computer, where it goes and how much of it, its
user alone says: here, or with `--source` on a command.
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
class Limits:
    """How much one run may ask: requests in a round, and rounds (about one hop each)."""

    requests: int = 200
    rounds: int = 5


MOST = Limits(requests=1_000_000, rounds=1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What the user allows: for every case, for one case by its id, and for this call alone.

    `compare`: every source that can answer is asked, and not the first that does.
    """

    sources: Mapping[str, Place] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    bounds: Mapping[str, Limits] = field(default_factory=dict)
    """By the id of a case, "" for every other one."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """By the id of a case, where it lay when its sources were allowed."""
    keys: Mapping[str, str | Sequence[str]] = field(default_factory=dict, repr=False)
    unset: Mapping[str, str] = field(default_factory=dict)
    """By key, the variable of the environment that was chosen for it, and that is not set."""
    given: Mapping[str, Place] = field(default_factory=dict)
    offline: bool = False
    compare: bool = False
    proxy: str = ""
    defaults: Defaults = field(default_factory=Defaults)
    calendars: tuple[str, ...] = ()
    """OpenTimestamps calendars that a seal may be given to."""
    clocks: tuple[str, ...] = ()
    """Servers that this computer's clock may be measured against."""

    def place(self, case: str, source: str, folder: Path | None = None) -> Place | None:
        """Where this source may ask for this case; None where the user never said that it may.

        A copy in another `folder` has the same id: it may come back from others, with other addresses in it.
        """
        here = folder is None or self.folders.get(case) in (None, str(folder.resolve()))
        for said in (self.given, self.cases.get(case, {}) if here else {}, self.sources):
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

    def limits(self, case: str) -> Limits:
        """How much one run of this case may ask."""
        return self.bounds.get(case) or self.bounds.get("") or Limits()


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
        if file.exists() and not file.is_file():
            raise _bad(["it is no file, but a folder, a device or a pipe"])
        raw = tomllib.loads(file.read_bytes().decode())
    except FileNotFoundError:
        raw = {}
    except (OSError, ValueError, RecursionError) as error:
        raise _bad([str(error)]) from error
    problems = [f"`{key}` is not a setting" for key in raw if key not in _TOP]
    sources = _places(raw.get("sources", {}), "sources", problems)
    every = _limits(raw.get("limits", {}), "limits", Limits(), problems)
    cases, bounds, folders = {}, {"": every}, {}
    for name, table in _tables(raw.get("case", {}), "case", problems).items():
        problems += [
            f"`case.{name}.{k}` is not a setting" for k in table if k not in ("sources", "limits", "folder")
        ]
        cases[name] = _places(table.get("sources", {}), f"case.{name}.sources", problems)
        bounds[name] = _limits(table.get("limits", {}), f"case.{name}.limits", every, problems)
        if "folder" in table:
            folders[name] = _folder(table["folder"], f"case.{name}.folder", problems)
    keys = fields.keys(raw.get("keys", {}), problems)
    offline, proxy = raw.get("offline", False), raw.get("proxy", "")
    if not isinstance(offline, bool):
        problems.append("`offline` is neither true nor false")
    if not isinstance(proxy, str) or (proxy and not proxy.startswith(("http://", "https://"))):
        problems.append("`proxy` is no http or https address")
    calendars = _listed(raw, "seal", "calendars", ("https://", "http://"), problems)
    clocks = _listed(raw, "clock", "servers", ("https://", "http://", "ntp://"), problems)
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
        bounds=bounds,
        folders=folders,
        keys=keys,
        unset=fields.unset(raw.get("keys", {})),
        given=said,
        offline=offline,
        proxy=proxy,
        defaults=defaults,
        calendars=calendars,
        clocks=clocks,
    )


def _listed(
    raw: Mapping[str, Any], table: str, key: str, schemes: tuple[str, ...], problems: list[str]
) -> tuple[str, ...]:
    """A table that names some servers and says nothing else."""
    said = raw.get(table, {})
    found = said.get(key, []) if isinstance(said, dict) else None
    known = isinstance(said, dict) and set(said) <= {key} and isinstance(found, list)
    if not known or not all(isinstance(one, str) and one.startswith(schemes) for one in found or ()):
        words = " or ".join(scheme.removesuffix("://") for scheme in schemes)
        problems.append(f"`{table}` may say `{key}`, a list of {words} addresses, and nothing else")
        return ()
    return tuple(found or ())


def limited(limits: Limits) -> None:
    """Raises Error for a number of requests or rounds that cannot be meant."""
    problems: list[str] = []
    _limits({"requests": limits.requests, "rounds": limits.rounds}, "", Limits(), problems)
    if problems:
        raise Error(
            "limits",
            "So much cannot be asked.",
            "; ".join(problems) + ".",
            "Give --requests and --rounds as whole numbers in these bounds.",
        )


def keep(case: str, folder: Path, said: Mapping[str, str], limits: Limits | None = None) -> None:
    """Add to the file that these sources may be asked for this case: source id -> URL, or "" for the usual place.

    A place that was kept for one of them before is replaced. It counts in this folder alone. Where `limits` are
    given they are kept too. Raises Error before anything is written: for a URL that cannot be one, and where the
    file could not be read afterwards; OSError where it cannot be written.
    """
    wrong = [f"{name}: {why}" for name, url in said.items() if (why := unfit(url))]
    if wrong:
        raise _unfit(wrong)
    mine = load()
    kept: dict[str, Any] = {"sources": {name: {"endpoint": url} if url else {} for name, url in said.items()}}
    if case not in mine.folders:
        kept["folder"] = {"path": str(folder.resolve())}
    if limits is not None:
        kept["limits"] = {"requests": limits.requests, "rounds": limits.rounds}
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.read_bytes() if file.exists() else b""
    before = _without(whole, [f"[case.{case}.sources.{name}]" for name in said])
    more = (b"\n" if before else b"") + tomli_w.dumps({"case": {case: kept}}).encode()
    try:
        tomllib.loads((before + more).decode())
    except ValueError as error:
        raise _bad([f"what is to be added to it would not fit ({error})"]) from error
    if before != whole:
        beside = file.with_name(f"{file.name}.new")
        beside.unlink(missing_ok=True)
        _append(beside, before + more)
        beside.replace(file)
        return
    _append(file, more)


def _without(text: bytes, tables: Sequence[str]) -> bytes:
    """The same without these tables, as `keep` writes them: all else stays as its user wrote it."""
    lines, dropped = list[bytes](), False
    for line in text.splitlines(keepends=True):
        if line.startswith(b"["):
            dropped = line.strip() in {table.encode() for table in tables}
        if not dropped:
            lines.append(line)
    return b"".join(lines)


def _append(file: Path, text: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # it may hold keys
    with os.fdopen(handle, "ab") as out:
        out.write(text)


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


_TOP = ("sources", "case", "keys", "limits", "sender", "offline", "proxy", "defaults", "seal", "clock")
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


def _folder(given: Any, where: str, problems: list[str]) -> str:
    """Where a case lies: nowhere that there is, where that cannot be read."""
    if isinstance(given, dict) and set(given) == {"path"} and isinstance(given["path"], str):
        return str(given["path"])
    problems.append(f"`{where}` is not a table with one path")
    return "\0"


def _limits(given: Any, where: str, usual: Limits, problems: list[str]) -> Limits:
    if not isinstance(given, dict):
        problems.append(f"`{where}` is not a table")
        return usual
    names = Limits.__slots__
    problems += [f"`{where}.{key}` is not a setting" for key in given if key not in names]
    found = {name: given.get(name, getattr(usual, name)) for name in names}
    for name, number in found.items():
        most = getattr(MOST, name)
        if type(number) is not int or not 0 <= number <= most:
            problems.append(f"`{f'{where}.{name}'.lstrip('.')}` is not a whole number from 0 to {most}")
    return Limits(**found)


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
