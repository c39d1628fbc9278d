"""Custody of the evidence, as papers say it: who worked, whose clock, who held exhibits before, and hand-overs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from recover.report.elements import Block, columns, table
from recover.report.texts import Texts, moment
from recover.sdk import CustodyFacts, View
from recover.sdk.moments import seconds
from recover.sdk.outside import visible


def annex(view: View, t: Texts) -> list[Block]:
    """A table for each kind of which the journal says anything; all of it up to the head that the paper prints."""
    return [*_worked(view, t), *_clock(view, t), *_held(view, t), *_given(view, t)]


def _of(view: View, kind: str) -> list[CustodyFacts]:
    return [one for one in view.custody if one.kind == kind]


def _worked(view: View, t: Texts) -> Iterator[Block]:
    rows = [
        (
            str(one.number),
            moment(one.at),
            visible(one.about["by"], 80),
            t.say("custody.from" if n else "custody.opened"),
        )
        for n, one in enumerate(_of(view, "examiner"))
    ]
    if rows:
        yield table(t.say("custody.worked"), columns(t, "number:number", "time:mono", "by", "handed_what"), rows)


def _clock(view: View, t: Texts) -> Iterator[Block]:
    rows = [
        (
            str(one.number),
            moment(one.at),
            visible(one.about["source"], 200),
            _apart(t, one.about["offset"]),
            t.say("custody.by_hand")
            if one.about["method"] == "said"
            else t.say("custody.within", seconds=seconds(one.about["within"])),
            visible(one.about["by"], 80),
        )
        for one in _of(view, "offset")
    ]
    if rows:
        names = ("number:number", "time:mono", "reference_clock", "this_clock", "sure", "by")
        yield table(t.say("custody.clock"), columns(t, *names), rows)


def _held(view: View, t: Texts) -> Iterator[Block]:
    """By exhibit and time: the chain in its own order, whenever it was entered."""
    found = sorted(_of(view, "held"), key=lambda one: (one.about["number"], one.about["at"], one.number))
    rows = [
        (
            str(one.about["number"]),
            moment(datetime.fromisoformat(one.about["at"])),
            visible(one.about["holder"], 120),
            visible(one.about["place"], 120),
            "\n".join(
                [t.say("custody.stated" if one.about["sha256"] else "custody.unstated")]
                + ([visible(one.about["how"], 300)] if one.about["how"] else [])
            ),
            visible(one.about["by"], 80),
        )
        for one in found
    ]
    if rows:
        yield table(
            t.say("custody.held"),
            columns(t, "exhibit:exhibits", "time:mono", "holder", "place", "handed_what", "by"),
            rows,
        )


def _given(view: View, t: Texts) -> Iterator[Block]:
    found = _of(view, "handed")
    late = {one.about["id"]: one.about for one in found if one.about["act"] == "receipt"}
    rows = [
        (
            one.about["id"],
            one.about["at"],
            t.say(
                "custody.from_to",
                giver=visible(one.about["giver"], 120),
                receiver=visible(one.about["receiver"], 120),
            ),
            visible(one.about["purpose"], 300),
            _what(t, one.about),
            _receipt(t, late.get(one.about["id"], one.about)),
        )
        for one in found
        if one.about["act"] == "given"
    ]
    if rows:
        names = ("number", "when_zoned:mono", "handed", "purpose", "handed_what", "receipt")
        yield table(t.say("custody.given"), columns(t, *names), rows)


def _what(t: Texts, about: Mapping[str, Any]) -> str:
    slots = {"upto": f"{about['upto']:,}", "name": visible(about["name"], 120)}
    counts = {"count": f"{about['exhibits']:,}", "head": about["head"], "entry": f"{about['entry']:,}"}
    lines = [t.say(f"custody.{about['what']}", **slots), t.say("custody.exhibits", **counts)]
    return "\n".join([*lines, f"SHA-256 {about['digest']}"])


def _receipt(t: Texts, about: Mapping[str, Any]) -> str:
    known = about.get("receipt")
    said = [t.say("custody.unsigned") if known is None else t.say("custody.receipt", exhibit=str(known))]
    if about.get("reference"):
        said.append(t.say("custody.reference", reference=visible(about["reference"], 120)))
    return "\n".join(said)


def _apart(t: Texts, micros: int) -> str:
    if not micros:
        return t.say("custody.same")
    return t.say("custody.behind" if micros > 0 else "custody.ahead", seconds=seconds(micros))
