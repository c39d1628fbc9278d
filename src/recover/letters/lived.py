"""What is recorded of a letter: each act an entry of the journal, refused where it cannot have been so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recover.case import Case
from recover.letters.life import ENTRY, RECEIVED, TOLD, Letter, letters, over
from recover.sdk import Error


def note(case: Case, act: str, ident: str, version: int, said: Mapping[str, Any]) -> None:
    """Record what was done with a letter. Raises Error where that cannot be so."""
    one = letters(case).get(ident)
    have = one.issued if one else ()
    if act != "issue" and version not in have:
        raise Error(
            "letter-not-issued",
            f"Version {version} of the letter {ident} was never issued."
            if version
            else f"{ident} was never issued.",
            f"Before it is issued it is a draft, and nothing can be {_DONE.get(act, act)}.",
            f"`recover letter issue CASE {ident} --by NAME` issues it.",
        )
    if act == "issue" and version in have:
        raise Error(
            "letter-issued",
            f"Version {version} of the letter {ident} was issued already.",
            "What was issued never changes.",
            "`recover write` drafts the next version, which supersedes it.",
        )
    if act != "issue" and one:
        _order(case, one, act, version, said)
    if one and one.withdrawn and not (act == "answer" or (act == "acknowledge" and not one.ended)):
        raise over(ident)
    drafts = _telling(case, ident) if act in TOLD else []
    kept = {k: v for k, v in said.items() if v}
    case.note(
        ENTRY, {"act": act, "id": ident, "version": version, **kept, **({"drafts": drafts} if drafts else {})}
    )


def asked(letter: Letter, kind: str) -> None:
    """Raises Error where nobody was asked by a letter, so that there is nothing to take back or to ask after."""
    if not letter.went:
        raise Error(
            "letter-not-sent",
            f"The letter {letter.id} was issued and not sent, as far as anybody said.",
            f"Nobody was asked by it, so that there is nothing to {_LACKING.get(kind, 'ask after')}.",
            f"Where it went out, `recover letter sent CASE {letter.id} --by NAME --at TIME` comes first; else "
            f"`recover letter drop CASE {letter.id} --by NAME --reason WHY` drops it.",
        )


_LACKING = {"withdrawal": "take back"}


def drop(case: Case, ident: str, said: Mapping[str, Any]) -> None:
    """Record that a draft, or a version that was issued and not sent, is dropped. Raises Error for one that went
    out: whoever was asked has to be told."""
    one = letters(case).get(ident, Letter(ident))
    if one.withdrawn:
        raise over(ident)
    drafted = one.choice is not None and all(one.choice.number > a.number for a in one.acts if a.act == "issue")
    if one.dropped or (one.newest in one.went and not drafted):
        raise Error(
            "letter-nothing-to-drop",
            f"Of the letter {ident} there is neither a draft nor a version that was issued and not sent.",
            "It was dropped already." if one.dropped else "What went out is taken back, and not dropped.",
            "`recover letter list CASE` shows how it stands; `recover letter withdraw` takes one back.",
        )
    version = one.newest if one.newest not in one.went else one.version
    case.note(ENTRY, {"act": "drop", "id": ident, "version": version, **{k: v for k, v in said.items() if v}})


def _telling(case: Case, ident: str) -> list[str]:
    """The drafts that tell of what is done with a letter, its own next version too: they are written again."""
    every = letters(case).values()
    found = [one for one in every if one.choice and ident in (one.id, one.choice.of.rpartition("-v")[0])]
    return [
        one.id
        for one in found
        if one.choice and all(done.number < one.choice.number for done in one.acts if done.act == "issue")
    ]


def _order(case: Case, letter: Letter, act: str, version: int, said: Mapping[str, Any]) -> None:
    """Raises Error for a moment that has not come, or that lies before what it follows: terms count from these."""
    assert case.now is not None
    now = case.now()
    given = {name: datetime.fromisoformat(said[name]) for name in ("at", "received") if said.get(name)}
    for name, moment in given.items():
        if moment > now:
            raise Error(
                "letter-after-now",
                f"--{name} is {moment.isoformat()}, and it is {now.isoformat(timespec='seconds')}.",
                "What has not come cannot have been done.",
                f"Give the moment at which it was, or leave --{name} out for now.",
            )
    moments = [given["received"]] if "received" in given else [given.get("at", now)]
    issued, sent = letter.at("issue", version), letter.at("sent", version)
    for moment in sorted({*moments, *given.values()}):
        # A report to the police is no act on the letter: many are made before it.
        if issued and act != "filed" and moment < issued.moment():
            raise Error(
                "letter-before-issue",
                f"Version {version} of {letter.id} was issued on {issued.moment().isoformat()}, after "
                f"{moment.isoformat()}.",
                "A letter cannot be sent or received before it was issued, and clocks would start too early.",
                "Give the moment with --at or --received, with its zone.",
            )
        if sent and act in RECEIVED and moment < sent.moment():
            raise Error(
                "letter-before-sent",
                f"Version {version} of {letter.id} was sent on {sent.moment().isoformat()}, after "
                f"{moment.isoformat()}.",
                "Nothing can be received or answered before it was sent.",
                "Give the moment with --at or --received; if the sending stands wrong, "
                "`recover letter sent` with its --at puts it right.",
            )
    if act == "sent":
        came = [a for a in letter.acts if a.version == version and a.act in RECEIVED]
        first = min((a.reached() for a in came), default=None)
        if first and given.get("at", now) > first:
            raise Error(
                "letter-sent-late",
                f"Version {version} of {letter.id} was received on {first.isoformat()}, before "
                f"{given.get('at', now).isoformat(timespec='seconds')}.",
                "It was sent before it was received.",
                "Name the moment of sending with --at.",
            )


_DONE = {
    "sent": "sent",
    "acknowledge": "acknowledged",
    "answer": "answered",
    "follow-up": "followed up",
    "withdraw": "withdrawn",
}
