"""Materials relied on (section R5): the exhibits, their periods, what can be recomputed, what was set aside."""

from __future__ import annotations

from collections.abc import Sequence

from recover.report import extent, figures, obtaining
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts, moment
from recover.sdk import ExhibitFacts, View
from recover.sdk.outside import visible

LISTED = 40
"""More exhibits than this are summed up by source; the hash list then names each."""


def materials(view: View, t: Texts) -> list[Block]:
    count = Para(text=figures.counted(t, "materials.intro", len(view.exhibits)))
    listed = _by_source(view, t) if len(view.exhibits) > LISTED else _listed(view, t)
    return [
        count,
        listed,
        *_proofs(view, t),
        *aside(view, t),
        Para(text=t.say("none.section", what=t.say("materials.unrelied")), style="blank"),
    ]


def _proofs(view: View, t: Texts) -> list[Block]:
    """How many transactions have which proof, the strongest first."""
    if "transactions" not in view.tables:
        return []
    grades = view.tables["transactions"]().column("proof").value_counts().to_pylist()
    counts = {row["values"]: row["counts"] for row in grades}
    rows = [
        (t.own(name), t.say(f"proof.{name}"), f"{counts[name]:,}") for name in figures.PROOFS if name in counts
    ]
    if not rows:
        return []
    return [table(t.say("materials.proofs"), columns(t, "proof", "shown", "transactions:number"), rows)]


def _by_source(view: View, t: Texts) -> Block:
    groups: dict[tuple[str, str], list[ExhibitFacts]] = {}
    for e in view.exhibits:
        groups.setdefault((", ".join(e.sources), e.name if e.method == "import" else ""), []).append(e)
    rows = [
        (
            visible(source, 80),
            visible(name, 160) or "–",
            f"{len(found):,}",
            t.joined(_spans([e.number for e in found])),
            f"{moment(found[0].captured)}\n{moment(found[-1].captured)}",
            f"{sum(e.size for e in found):,}",
            f"{sum(e.records for e in found):,}",
        )
        for (source, name), found in groups.items()
    ]
    names = ("source", "name", "count:number", "exhibits", "captured:mono", "size:number", "records:number")
    return table(t.say("materials.by_source"), columns(t, *names), rows)


def _spans(numbers: Sequence[int]) -> list[str]:
    """1, 2, 3, 7 as 1–3 and 7."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1][-1:] = [number] if len(found[-1]) > 1 else [found[-1][0], number]
        else:
            found.append([number])
    return ["–".join(map(str, span)) for span in found]


def _listed(view: View, t: Texts) -> Block:
    heads = columns(t, "number:exhibits", "name", "covers:mono", "obtained", "records:number", "source")
    rows = [
        (
            str(e.number),
            obtaining.named(e) + "\n" + e.digest,
            _covers(view, t, e),
            _obtained(t, e),
            f"{e.records:,}",
            visible(", ".join(e.sources), 80) + "\n" + visible(e.method, 40),
        )
        for e in view.exhibits
    ]
    return table(t.say("materials.caption"), heads, rows, anchor="exhibit")


def _covers(view: View, t: Texts, e: ExhibitFacts) -> str:
    """The period of an exhibit's content, and whether the exhibit states it or it is what was seen."""
    if e.until is None:
        return "–"
    word = t.say("materials.stated" if e.stated else "materials.seen")
    return f"{extent.shown(view, t, e, e.since)}\n{extent.shown(view, t, e, e.until)}\n{word}"


def _obtained(t: Texts, e: ExhibitFacts) -> str:
    """How an exhibit was obtained, as a person says, and when it was imported or captured."""
    said = [moment(e.obtained)] if e.obtained else []
    said += [t.say("materials.by", by=visible(e.by, 80))] if e.by else []
    said += [t.say("materials.from", origin=visible(e.origin, 120))] if e.origin else []
    said = said or ([obtaining.said(t, e)] if obtaining.asked(e) else [])
    size = t.say("materials.size", size=f"{e.size:,}")
    return "\n".join([*(said or [t.say("materials.unsaid")]), moment(e.captured), size])


def aside(view: View, t: Texts) -> list[Block]:
    """The exhibits that were set aside: never left out, so that nothing adverse can be buried."""
    if not view.set_aside:
        return []
    names = columns(t, "number:exhibits", "name", "aside_by", "aside_reason", "aside_value")
    rows = [
        (
            str(one.number),
            visible(one.name, 160),
            f"{visible(one.by, 80)}\n{moment(one.at)}",
            visible(one.reason, 400),
            "\n".join(_rested(view, t, *each) for each in one.value) or t.say("materials.aside_unknown"),
        )
        for one in view.set_aside
    ]
    return [table(t.say("materials.aside"), names, rows)]


def _rested(view: View, t: Texts, loss: str, asset: str, amount: int) -> str:
    known = view.assets.get(asset)
    shown = t.both(amount, known) if known else f"{amount:,} {visible(asset, 80)}"
    return t.say("materials.aside_rested", loss=visible(loss, 40), amount=shown)
