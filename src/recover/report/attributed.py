"""Whose the addresses are said to be: the labels that a case rests on, by source and grade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.resolve import endings
from recover.report import figures
from recover.report.elements import Block, Para, columns, table
from recover.report.tabled import foremost_rows, more_rows, service_name
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.outside import visible

_LABELS = 12

COLUMNS = (
    "chain",
    "address",
    "kind",
    "label",
    "service",
    "source",
    "asserted",
    "method",
    "version",
    "grade",
    "ended",
)
"""What is known of a claimed name."""


def attribution(view: View, t: Texts) -> list[Block]:
    """R10: who is said to hold each address, how well founded that is, and who says so."""
    grades = ", ".join(t.grade(g) for g in "ABCDE")
    out: list[Block] = [Para(text=t.say("attribution.intro", grades=grades), style="note")]
    held = [r for r in view.offramps if figures.edge(r) != "plain"]
    out += _founded(view, t, held, "attribution.caption") or [Para(text=t.say("none.rows"))]
    if private := {figures.spot(r) for r in _private(view)}:
        count = figures.counted(t, "summary.endpoints", len(private))
        out.append(Para(text=t.say("attribution.private", addresses=count), style="note"))
    return [*out, *_labels(view, t)]


def paying(view: View, t: Texts) -> list[Block]:
    """R9: of addresses that are attributed to nobody, on what it rests whom each pays."""
    return _founded(view, t, _private(view), "attribution.pays")


def _private(view: View) -> list[OffRamp]:
    """The rows of addresses that are called no deposit addresses of the service or hub which they pay."""
    return [r for r in view.offramps if figures.edge(r) == "plain"]


def _founded(view: View, t: Texts, held: Sequence[OffRamp], caption: str) -> list[Block]:
    """A row for each address and service, with what ties them; those with most value where there are many."""
    held = sorted(held, key=lambda r: (r.service is None, r.service or "", r.address, r.asset))
    kept = foremost_rows(held, [(False, r.amount) for r in held])
    rows = [
        (
            f"{visible(r.address)}\n{visible(r.chain, 60)}",
            f"{service_name(view, t, r)}\n{t.grade(r.grade)}",
            visible(t.own(r.basis), 400),
            t.listed(r.exhibits),
        )
        for r in kept
    ]
    heads = columns(t, "address:mono", "service", "basis", "exhibits:exhibits")
    more = more_rows(t, len(held) - len(kept), "annex/offramps.csv")
    return [table(t.say(caption), heads, rows), *more] if rows else []


def _doubted(view: View) -> frozenset[tuple[str, str, str]]:
    """Addresses, each with a service, that a method may call its deposit addresses and this report does not."""
    called = {(*figures.spot(r), r.service or "") for r in view.offramps if r.deposit}
    return frozenset({(*figures.spot(r), r.service or "") for r in view.offramps} - called)


def named(view: View) -> set[tuple[str, str]]:
    """The addresses whose names matter: those of off-ramps, and those where value ended.

    Also where no name counts: a label that a person withdrew, or that another contradicts, is printed too.
    """
    found = {(r.chain, a) for r in view.offramps for a in (r.address, *r.hot_wallets)}
    return found | {(rest.asset.split("/", 1)[0], rest.address) for rest in figures.rests(view) if rest.address}


def _labels(view: View, t: Texts) -> list[Block]:
    found = claimed(view)
    # Those of the addresses through which most went come first; the annex has all in the order of addresses.
    most: dict[tuple[str, str], int] = {}
    for r in view.offramps:
        for address in (r.address, *r.hot_wallets):
            most[r.chain, address] = max(most.get((r.chain, address), 0), r.amount)
    shown = sorted(found, key=lambda r: -most.get((r["chain"], r["address"]), 0))
    # What methods say of an address alike, of one transaction after the other, is one row.
    alike: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for row in shown:
        alike.setdefault((_note(row), *(row[name] for name in COLUMNS if name not in _METHOD)), []).append(row)
    groups = [*alike.values()][:_LABELS]
    # A note that many labels of one list carry is printed with the first.
    first = {id(r) for r in {group[0]["note"]: group[0] for group in reversed(groups)}.values()}
    doubted = _doubted(view)
    listed = [
        label(t, *group, noted=id(group[0]) in first, doubted=tuple(group[0][n] or "" for n in _WHOSE) in doubted)
        for group in groups
    ]
    if not listed:
        return []
    heads = columns(t, "address:mono", "label", "origin", "grade")
    out: list[Block] = [table(t.say("attribution.labels"), heads, listed)]
    if left := len(found) - sum(map(len, groups)):
        out.append(Para(text=t.say("attribution.more", count=left), style="note"))
    return out


_METHOD = ("method", "version")
_WHOSE = ("chain", "address", "service")


def _note(row: dict[str, Any]) -> str:
    """What the source of a label says beside it: a method's own says on what it rests, in R10."""
    return str(row["note"] or "") if row["kind"] == "label" else ""


def claimed(view: View) -> list[dict[str, Any]]:
    """Every label and assertion about an address whose name matters, by address."""
    wanted, source = named(view), view.tables.get("assertions")
    if source is None or not wanted:
        return []
    rows = source()
    here = pc.is_in(rows.column("address"), value_set=pa.array(sorted({a for _, a in wanted}), pa.string()))
    found = [r for r in rows.filter(here).to_pylist() if (r["chain"], r["address"]) in wanted]
    found = judged(view, found)
    return sorted(found, key=lambda r: (r["address"], r["chain"], r["kind"], r["source"], r["label"], r["method"]))


def label(
    t: Texts, row: dict[str, Any], *same: dict[str, Any], noted: bool = True, doubted: bool = False
) -> tuple[str, ...]:
    """One claimed name: of what, which, by whom, how well founded. `same` say it again, or by other methods; of an
    address that is `doubted` what a method calls it is not what this report does."""
    kind = visible(t.own(row["kind"]), 40)
    named = row["label"] or row["service"]
    said = visible(named, 120) if named else kind
    if row["kind"] == "deposit-address":
        said = said if named else t.say("flows.unlabelled")
        kind += f"\n{t.say('attribution.not_called')}" if doubted else ""
    methods = dict.fromkeys((r["method"], r["version"]) for r in (row, *same))
    by = ", ".join(
        t.say("attribution.by_method", method=visible(method, 60), version=visible(version, 20))
        for method, version in methods
    )
    by += f" {t.say('attribution.times', count=f'{1 + len(same):,}')}" if len(same) >= len(methods) else ""
    origin = " ".join(visible(part, 120) for part in (row["source"], row["asserted"]) if part)
    note = f"\n{visible(t.own(_note(row)), 160)}" if noted and _note(row) else ""
    # A label that holds no more stands beside what ends it, or it would read as one that does.
    ended = t.say("attribution.ended", why=visible(t.own(row["ended"]), 240)) if row["ended"] else ""
    return (
        f"{visible(row['address'])}\n{visible(row['chain'], 60)}",
        "\n".join(filter(None, [*dict.fromkeys([said, kind]), note.strip("\n"), ended])),
        f"{origin}\n{by}",
        t.grade(row["grade"]),
    )


def judged(view: View, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows, each with what ends it as `ended`; empty where nothing does."""
    rows = list(rows)
    moved = view.tables["transfers"]() if "transfers" in view.tables else None
    return [{**row, "ended": why} for row, (_, why) in zip(rows, endings(rows, moved), strict=True)]


def warned(view: View, t: Texts) -> list[Block]:
    """What the first page says of results that have not seen all that the case holds."""
    return [Para(text=visible(t.own(view.stale), 400), style="warning")] if view.stale else []
