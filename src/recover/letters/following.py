"""The draft of a letter that follows another: a follow-up or a withdrawal of the version that is out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from recover.case import Case
from recover.declared import decisions
from recover.letters import delivery, drafts, follows, gates, life, lived, paper, released, rules
from recover.letters.desks import Desk
from recover.letters.life import Choice
from recover.sdk import Error


def draft(case: Case, desk: Desk, kind: str, known: Mapping[str, life.Letter], asked: Mapping[str, Any]) -> Choice:
    """A letter that follows another: to the same addressee, from the same sender, on the same basis."""
    life.known(known, asked["of"])
    former = known[asked["of"]]
    version = former.standing
    first = former.chosen(version)  # what was drafted since is not what its addressee has
    if not version or first is None:
        raise Error(
            "letter-not-issued",
            f"The letter {former.id} was never issued by a named sender.",
            "There is nothing to follow up or to take back.",
            f"`recover letter draft` names the sender; `recover letter issue CASE {former.id} --by NAME`.",
        )
    if former.withdrawn:
        raise life.over(former.id)
    lived.asked(former, kind)
    called = paper.called(first, case.settings.reference, f"{former.id}-v{version}")
    told = desk.layered(desk.kind(first), (asked.get("language") or first.language or "en").split("+")[0])
    asked_it = {"former_called": called, "former_asked": told.say("doc.title")}
    spoken = (asked.get("language") or first.language or case.settings.language).split("+")
    asked_it |= {
        f"former_user_{one}": desk.layered(desk.kind(first), one).say("care.user")
        for one in spoken if one in desk.languages()
    }  # fmt: skip
    asked_it |= {"former_until": first.until, "former_by": first.reply_by}
    sender = {**first.sender, **delivery.when(former, version), **asked_it}
    choice = Choice(
        id=f"{former.id}-{kind}",
        kind=kind,
        service=first.service,
        name=first.name,
        entity=first.entity,
        addressee=first.addressee,
        role=first.role,
        basis=first.basis,
        language=asked.get("language") or first.language,
        sender=sender,
        offence=first.offence,
        report=first.report,
        instructed_by=first.instructed_by,
        losses=first.losses,
        states=first.states,
        forms=first.forms,
        of=f"{former.id}-v{version}",
        why=asked.get("why", ""),
        reply_by=asked.get("reply_by", ""),
        about=_looked_up(case, former, version),
        law=first.law,
        treaty=first.treaty,
        found=True,
        template=desk.shipped[kind].digest(desk.common.folder),
    )
    drafts.told(desk.shipped[kind], choice.language or case.settings.language)
    assert case.now is not None
    wrong = rules.days(choice, case.now())
    asking, basis = follows.asking(known, desk, choice), desk.basis(choice)
    wrong += rules.said(choice, asking, basis, [], decisions.passed(case))
    if wrong:
        raise gates.refused(wrong)
    case.note(life.ENTRY, choice.body())
    return choice


def _looked_up(case: Case, former: life.Letter, version: int) -> tuple[str, ...]:
    """What the letter that went out names: what follows it is found by that."""
    first, done = former.chosen(version), former.at("issue", version)
    by_hand = first.about if first else ()
    if done and done.said.get("named"):
        return tuple(dict.fromkeys((*by_hand, *done.said["named"])))
    file = f"issued/{former.id}-v{version}.csv"  # an older version kept them nowhere else
    size = 0 if by_hand else case.files.size(file)
    rows = csv.DictReader(io.StringIO(case.files.read(file).decode())) if size else ()
    return by_hand or tuple(dict.fromkeys(row["address"] for row in rows if row.get("address")))[: released.NAMED]
