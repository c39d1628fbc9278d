"""collect: the only verb that takes in bytes, from files or, where the case allows it, from the network."""

from __future__ import annotations

import mimetypes
import os
import stat
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from recover.capture import Live, own, secrets
from recover.capture.own import Own, Place
from recover.case import Case, Stored, tables, warc
from recover.registry import Plugins
from recover.sdk import amounts
from recover.sdk.batch import ask_of, ask_text
from recover.sdk.errors import Error, PluginFailed
from recover.sdk.plugin import Source
from recover.sdk.values import Address, Ask, Details, Exhibit, History, Request, Spend, Status, TxId, WhoIs
from recover.stages import Outcome, Progress, call, decode, likeness, since

LARGEST = 2**32


def files(
    case: Case, plugins: Plugins, paths: Sequence[Path], sources: Sequence[str], progress: Progress
) -> list[Stored]:
    """Import files as exhibits. Every file is read and decoded before the first is stored.

    Raises Error naming every file that cannot be read or that its source cannot decode; then nothing is stored.
    """
    named = [plugins.source(name) for name in sources]
    ready: list[tuple[Exhibit, list[Source]]] = []
    problems: list[Error] = []
    for done, path in enumerate(paths):
        progress("import", done, len(paths))
        try:
            data = _read(path)
            chosen = named or [_recognise(plugins, path, data)]
            exhibit = _exhibit(case, path, data)
            for source in chosen:
                decode.part(case, replace(exhibit, sources=(source.info.id,)), source)
            ready.append((exhibit, chosen))
        except Error as error:
            problems.append(error)
    if problems:
        decode.drop(case, plugins)
        raise _all(problems)
    file = case.next_file()
    stored = [_store(case, file, exhibit, chosen) for exhibit, chosen in ready]
    progress("import", len(paths), len(paths))
    return stored


def ask(case: Case, plugins: Plugins, progress: Progress, mine: Own | None = None) -> Outcome:
    """Put the open asks to the sources that the case names and its user allows; by default it puts none."""
    began = time.monotonic_ns()
    mine = mine or own.load()
    places = allowed_places(case, mine)
    allowed = [plugins.source(name) for name in places]
    open_asks = [one for one in _open(case) if not isinstance(one, Status) or _any(allowed, one)]
    answered = failed = unanswered = 0
    file, budget = case.next_file(), case.settings.requests
    for done, wanted in enumerate(open_asks):
        progress("collect", done, len(open_asks))
        why = ""
        for source in allowed:
            if not _answers(source, wanted) or budget <= 0:
                continue
            live = _live(case, source, file, budget, places[source.info.id], mine)
            why = _put(live, source, wanted)
            budget -= live.sent
            live.close()
            about = {"ask": ask_text(wanted), "source": source.info.id, "why": why}
            through = {"proxy": urlsplit(live.proxy).hostname} if live.proxy else {}
            case.note("asked", {**about, **through})
            answered += not why
            failed += bool(why)
            if not why:
                break
        unanswered += bool(why)  # what one source could not answer, and the next one did, is no gap
    counts = (("open asks", len(open_asks)), ("answered", answered), ("failed", failed))
    return Outcome(stage="collect", done=answered + failed > 0, counts=counts, gaps=unanswered, ms=since(began))


def _any(allowed: Sequence[Source], wanted: Ask) -> bool:
    return any(_answers(source, wanted) for source in allowed)


def allowed_places(case: Case, mine: Own) -> dict[str, Place]:
    """The sources that may be asked and where, in order: what the case names, if its user allows it, and the user's.

    A case comes from others. What it names and its user never allowed is not asked, and that is said.
    """
    found = {}
    for name in dict.fromkeys((*mine.given, *case.settings.sources)):
        place = mine.place(case.id, name)
        if place is not None:
            found[name] = place
            continue
        line = (
            f"The case names the source {name}, and you have not allowed it: nothing is sent there. Allow it for this "
            f"call with --source {name}, or in your own recover.toml below [sources.{name}]."
        )
        if line not in case.told:
            case.told.append(line)
    return found


def _live(case: Case, source: Source, file: str, budget: int, place: Place, mine: Own) -> Live:
    """What asks for one source. Raises Error for a source that is allowed, and that has no place to ask."""
    endpoint = place.endpoint or source.info.endpoint
    if not endpoint:
        raise Error(
            "endpoint-missing",
            f"{source.info.id} is allowed, and nothing says where it is to ask.",
            "It has no usual place: it asks a server of one's own.",
            f"Name it on the command: --source {source.info.id}=http://127.0.0.1:PORT; or in your recover.toml.",
        )
    in_place = secrets.names(Request(url=endpoint))
    return Live(
        case=case,
        source=source.info.id,
        file=file,
        budget=budget,
        endpoint=endpoint,
        proxy=place.proxy,
        fills=frozenset({*source.info.secrets, *in_place}),
        keys=mine.keys,
    )


def _answers(source: Source, wanted: Ask) -> bool:
    chain = wanted.tx.chain if isinstance(wanted, Details | Spend) else wanted.address.chain
    return type(wanted).__name__ in source.info.asks and bool({chain, "*"} & set(source.info.chains))


def _put(live: Live, source: Source, wanted: Ask) -> str:
    try:
        call.everything(source.info.id, lambda: source.collect(wanted, live))
    except Error as error:
        if isinstance(error, PluginFailed) and not live.sent:
            raise  # no answer of anybody's brought it down, and the case names this source
        return f"{error.what} {error.why}"
    return ""


def _open(case: Case) -> list[Ask]:
    """The asks that gaps carry, in order, then how what is at rest stands; without those that were answered."""
    path = case.derived / "trace" / "gaps.parquet"
    done = {e.body["ask"] for e in case.entries if e.kind == "asked" and not e.body["why"]}
    if not path.exists():
        return [wanted for wanted in _lost(case) if ask_text(wanted) not in done]
    fills = tables.load(case, path, "trace", ["fill"]).column("fill").to_pylist()
    fills += [ask_text(wanted) for wanted in _resting(case)]
    asks = (ask_of(fill) for fill in dict.fromkeys(fills) if fill is not None and fill not in done)
    return [wanted for wanted in asks if not isinstance(wanted, WhoIs)]


def _lost(case: Case) -> list[Ask]:
    """What the losses name: all that there is to ask before anything was traced."""
    found: list[Ask] = []
    for loss in case.settings.losses:
        if loss.tx:
            found.append(Details(tx=TxId(chain=loss.chain, text=loss.tx)))
        elif loss.address:
            found.append(History(address=Address(chain=loss.chain, text=loss.address)))
    return found


def _resting(case: Case) -> list[Status]:
    """One ask for each address at which value rests under the declared rule, the largest first."""
    ends = tables.read(case, "ends")
    held: dict[tuple[str, str], int] = {}
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        if row["rule"] == case.settings.rule and row["reason"] == "rest" and row["ties"] == "as recorded":
            key = (row["address"], row["asset"])
            held[key] = held.get(key, 0) + amount
    places = sorted(held, key=lambda key: (-held[key], key))
    return [Status(address=Address(chain=a.split("/", 1)[0], text=name), asset=a) for name, a in places]


def _read(path: Path) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Error(
                "file-unreadable",
                f"{_name(path)} is no file.",
                "It is a folder, a device or a pipe, which has no end or no fixed content.",
                "Name a file. What comes from a pipe can be saved to one first.",
            )
        if found.st_size > LARGEST:
            raise Error(
                "file-too-large",
                f"{_name(path)} is larger than 4 GiB.",
                "A file is held in memory while it is hashed and stored.",
                "Split the export by period, and import the parts.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise Error(
            "file-unreadable",
            f"{_name(path)} cannot be read.",
            f"The system says: {error.strerror or error}.",
            "Check the path and its permissions.",
        ) from error
    if not data:
        raise Error("file-empty", f"{_name(path)} is empty.", "It holds no byte of evidence.", "Export it again.")
    return data


def _recognise(plugins: Plugins, path: Path, data: bytes) -> Source:
    head = data[: likeness.HEAD]
    primary = [s for s in plugins.sources.values() if s.info.primary]
    found = [s for s in primary if call.everything(s.info.id, lambda s=s: [s.recognises(_name(path), head)])[0]]  # type: ignore[misc]
    if len(found) == 1:
        return found[0]
    if not found:
        raise likeness.refused(_name(path), data, plugins.sources.values())
    kinds = "; ".join(f"{s.info.id}: {s.info.media}" for s in found)
    raise Error(
        "file-ambiguous", f"{_name(path)} could be read by several sources.", f"{kinds}.", "Name one with --as."
    )


def _exhibit(case: Case, path: Path, data: bytes) -> Exhibit:
    """The file as its sources will see it; not yet stored, so the moment of capture is not known."""
    return Exhibit(
        digest=warc.sha256(data),
        name=_name(path),
        media=_media(path),
        captured=case.settings.opened,
        sources=(),
        data=data,
    )


def _store(case: Case, file: str, read: Exhibit, chosen: Sequence[Source]) -> Stored:
    known = next((s for s in case.exhibits() if s.digest == read.digest), None)
    if known is not None:
        for source in chosen:
            if source.info.id not in known.sources:
                case.note("reading", {"number": known.number, "source": source.info.id})
        return case.exhibits()[known.number - 1]
    assert case.now is not None
    packed = warc.of_file(read.name, read.media, read.data, case.now())
    about = {
        "digest": read.digest,
        "name": read.name,
        "media": read.media,
        "size": len(read.data),
        "method": "import",
        "sources": [source.info.id for source in chosen],
    }
    return case.store(packed, file, about)


def _name(path: Path) -> str:
    """The file's name as text; bytes of it that are not UTF-8 are written out, as \\xff."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def _media(path: Path) -> str:
    known = {
        ".csv": "text/csv",
        ".json": "application/json",
        ".yaml": "application/yaml",
        ".yml": "application/yaml",
    }
    return (
        known.get(path.suffix.lower())
        or mimetypes.guess_type(path.name, strict=True)[0]
        or "application/octet-stream"
    )


def _all(problems: Sequence[Error]) -> Error:
    if len(problems) == 1:
        return problems[0]
    worst = max(problems, key=lambda p: p.exit)
    return type(worst)(
        "several-files",
        "\n".join(problem.what for problem in problems),
        "\n        ".join(problem.why for problem in problems),
        "\n        ".join(dict.fromkeys(problem.todo for problem in problems)) + " Nothing was stored.",
    )
