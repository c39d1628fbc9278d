"""How a case stands, or each case of a folder: asks open by value, places moved, clocks, papers. It only reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from recover.capture import own, vain
from recover.capture.asking import places
from recover.capture.own import Own
from recover.case import Case, derived, open_for_reading
from recover.case.journal import FILE
from recover.case.manifest import MANIFEST
from recover.findings.affected import WHOLE, moving, shares
from recover.plugins import pins, registry
from recover.plugins.registry import Plugins
from recover.pursuit import reached
from recover.pursuit.booked import booked
from recover.sdk.batch import ask_text
from recover.sdk.errors import Error
from recover.sdk.values import Address, TxId
from recover.sdk.view import OffRamp
from recover.trails import asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One case. `open` are asks with the part of a loss that each concerns, in parts per million, largest first.

    `moved` are places from which value has moved on since it rested there, `clocks` moments that matter, `papers`
    the drafts in `out/`. `beside` says what is asked that none of the sources answers that may be asked, and on
    which no figure hangs. `sought` is what was looked for last, and found nowhere. `problem` is why a case could
    not be read; then nothing else is known. What is not known is None, and never 0. `missing`: a figure can differ
    by what is not examined, or nothing was examined.
    """

    case: str
    title: str = ""
    rule: str = ""
    losses: int | None = None
    exhibits: int | None = None
    open: tuple[dict[str, Any], ...] = ()
    open_count: int | None = None
    beside: str = ""
    resolved: tuple[dict[str, str], ...] = ()
    moved: tuple[dict[str, Any], ...] = ()
    clocks: tuple[dict[str, Any], ...] = ()
    papers: int | None = None
    letters: int | None = None
    offramps: int | None = None
    gaps: int | None = None
    behind: tuple[str, ...] = ()
    problem: str = ""
    missing: bool = True
    sought: tuple[str, ...] = ()


def standings(path: Path, now: datetime) -> list[Standing]:
    """The case at a path, or every case directly below it. Raises Error where there is none."""
    plugins, mine = registry.load(), own.load()  # what a gap asks for may be of a kind that a plugin defines
    if (path / FILE).exists():
        return [standing(path, now, plugins, mine)]
    found = sorted(one.parent for one in path.glob(f"*/{FILE}")) if path.is_dir() else []
    if not found:
        raise Error(
            "no-case",
            f"{path} is no case, and no case lies in it.",
            "Looked for a journal.jsonl there and one folder deeper.",
            "Name a case folder, or the folder that your cases lie in.",
        )
    return [standing(one, now, plugins, mine) for one in found]


def standing(path: Path, now: datetime, plugins: Plugins, mine: Own) -> Standing:
    """How one case stands. A case that cannot be read is told with its reason, beside the others."""
    try:
        case = open_for_reading(path)
        return _of(case, now, plugins, mine)
    except Error as error:
        return Standing(case=str(path), problem=f"{error.what} {error.why} {error.todo}")


def _of(case: Case, now: datetime, plugins: Plugins, mine: Own) -> Standing:
    traced, stated = current(case, "trace"), current(case, "find")
    made = (case.derived / "trace" / "ends.parquet").exists()
    worth = shares(case) if traced else {}
    known = traced or not made  # what is open is not known before it is traced under this version
    found = asks.opened(case, plugins, [one for one, _ in places(case, plugins, mine)]) if known else None
    wanted = found.asks if found is not None else ()
    listed = [(worth.get(ask_text(one), WHOLE if not worth else 0), one) for one in wanted]
    listed.sort(key=lambda pair: (-pair[0], ask_text(pair[1])))
    ramps = [ramp for ramp in reached.offramps(case) if reached.came(ramp)] if stated else []
    timed = [
        (ramp, one.last) for ramp, one in zip(ramps, booked(case, ramps), strict=True) if one.last is not None
    ]
    gaps = moving(derived.read(case, "gaps", ["code", "share"]), case.settings.dust).num_rows if stated else None
    behind = tuple(pins.behind(case)) if traced else ("made by another version",) if made else ()
    drafted = list((case.out / "letters").glob("*.pdf")) if (case.out / "letters").is_dir() else []
    return Standing(
        case=str(case.path),
        title=case.settings.title,
        rule=case.settings.rule,
        losses=len(case.settings.losses),
        exhibits=len(case.exhibits()),
        open=tuple(_ask(value, one) for value, one in listed),
        open_count=len(listed) if known else None,
        beside="" if found is None else found.said,
        resolved=tuple(reached.resolved(case)) if traced else (),
        moved=tuple(_alerts(case)),
        clocks=tuple(_clocks(timed, now)),
        papers=sum(1 for one in case.out.rglob("*") if one.is_file() and one.name != MANIFEST),
        letters=len(drafted),
        offramps=len(ramps) if stated else None,
        gaps=gaps,
        behind=behind,
        sought=tuple(vain.sought(case).get("texts", ())),
        missing=gaps is None or gaps > 0 or bool(behind) or found is None or bool(found.able),
    )


def current(case: Case, stage: str) -> bool:
    """Whether a stage has run, and under this version: tables of another can have other columns."""
    return derived.stamp(case, stage).get("core") == pins.core()


def _ask(value: int, wanted: object) -> dict[str, Any]:
    about = getattr(wanted, "address", None) or getattr(wanted, "tx", None)
    place = about.text if isinstance(about, Address | TxId) else ""
    chain = about.chain if isinstance(about, Address | TxId) else ""
    return {"ask": type(wanted).__name__, "chain": chain, "about": place, "share": value}


def _alerts(case: Case) -> Iterator[dict[str, Any]]:
    """What `watch` saw move, the latest first."""
    for entry in reversed(case.entries):
        if entry.kind == "alert":
            yield {"at": entry.time, "kind": entry.body.get("kind", ""), "said": entry.body.get("said", "")}


def _clocks(ramps: Iterable[tuple[OffRamp, datetime]], now: datetime) -> Iterator[dict[str, Any]]:
    """Moments that matter: when each service was paid last, and until when it can most likely still be held."""
    for ramp, last in ramps:
        by = last + reached.WINDOW
        what = f"{reached.who(ramp)}, {reached.where(ramp)}"
        named = {"service": ramp.service, **reached.named(ramp)}
        yield {"what": what, "credited": last, "by": by, "over": by <= now, **named}
