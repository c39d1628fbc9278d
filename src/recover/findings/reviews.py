"""Acts and reviews as papers see them: each act in words, and by finding what its reviews come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recover.case import Case
from recover.declared.deeds import Act, every, reviewed
from recover.sdk.facts import ActFacts
from recover.sdk.view import Finding


def acts(case: Case) -> tuple[ActFacts, ...]:
    """Every act, in order."""
    return tuple(
        ActFacts(id=a.id, act=a.act, by=a.by, reason=a.reason, at=a.at, about=_about(a), undone=a.undone)
        for a in every(case)
    )


def reviews(case: Case, findings: Sequence[Finding]) -> dict[str, tuple[str, str]]:
    """By finding: accepted, rejected or open, and by whom, why and when."""
    found = {}
    for finding in findings:
        state, said = reviewed(case, finding)
        if state:
            found[finding.id] = (state, "; ".join(_said(act) for act in said) + ".")
    return found


def _said(act: Act) -> str:
    word = "accepted" if act.body["accept"] else "rejected"
    return f"{act.by} ({word} on {act.at.date().isoformat()}, act {act.id}): {act.reason.rstrip('.')}"


def _about(act: Act) -> str:
    body: dict[str, Any] = dict(act.body)
    if act.act == "assert":
        word = f"not {body['withdraw']}" if body["withdraw"] else f"{body['service']}, {body['role']}"
        source = f", from {body['source']}" if body["source"] else ""
        grade = "" if body["withdraw"] else f", grade {body['grade']}"
        return f"{body['chain']}:{body['address']}: {word}{grade}{source}"
    if act.act in ("split", "join"):
        return f"{body['chain']}: {', '.join(body['addresses'])}"
    if act.act == "review":
        word = "accepted" if body["accept"] else "rejected"
        return f"{body['finding']} ({body['kind']}, {body['subject']}): {word}"
    return f"act {body['of']}"
