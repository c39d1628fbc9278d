"""A prompt for trained persons: was this person forced to offend? Nothing here decides it, and nothing counts.

What is asked stands in ILO's indicators of forced labour and in what was seen at scam centres. The answers, and
the status that a person gives, are sealed with the identity: they are for the court and the lead agency alone
(V1), and stand in no journal, paper, list or feed. Status is a person's word; the tool neither proposes nor
derives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from recover.sdk.errors import Error
from recover.victims.vault import Vault

PROMPTS: Mapping[str, str] = {
    "vulnerability": "Was a position of need used: no papers, no language, debts, youth?",
    "deception": "Was the work another than the one that was promised, for example in an advertisement?",
    "movement": "Could the person leave the place? Were there guards, fences, locked doors?",
    "isolation": "Was contact with family or others kept from the person?",
    "violence": "Was there physical or sexual violence, to the person or in front of the person?",
    "threats": "Were there threats: of violence, of sale to another place, of denunciation?",
    "documents": "Were passport or telephone taken, for example on arrival?",
    "wages": "Was pay withheld, or set off against a debt or a fine?",
    "debt": "Was there a debt, a fee to leave, or a ransom asked of the family?",
    "conditions": "Were the conditions of living and working degrading?",
    "hours": "Were the hours excessive, or the targets enforced by punishment?",
}
"""The eleven indicators of the International Labour Organization, as questions, with what scam centres add."""

STATUSES = ("unknown", "suspected_offender", "potential_trafficking_victim", "referred", "victim_identified")

WORDING = (
    "Screen before treating as suspect. A victim of trafficking is not to be punished for acts that are a direct "
    "consequence of being trafficked; refer to the national referral mechanism."
)


def enter(
    vault: Vault, name: str, *, status: str, answers: Mapping[str, str], by: str, trained: bool, at: datetime
) -> dict[str, Any]:
    """Seal a trained person's screening. Raises Error without a name, without training, and for other words."""
    if not by.strip() or not trained:
        raise Error(
            "screening-untrained",
            "A screening is done by a person who is trained for it.",
            "Untrained questions harm, and their answers are worth nothing.",
            "Name that person with --by, and confirm the training with --trained.",
        )
    wrong = [key for key in answers if key not in PROMPTS]
    if status not in STATUSES or wrong:
        raise Error(
            "screening-word",
            f"{(wrong or [status])[0]!r} is not known.",
            f"A status is one of {', '.join(STATUSES)}; prompts are {', '.join(PROMPTS)}.",
            "Use these words.",
        )
    record = dict(vault.read(name))
    entry = {"at": at.isoformat(), "by": by.strip(), "status": status, "answers": dict(answers)}
    record["screenings"] = [*record.get("screenings", ()), entry]
    vault.add({name: record}, {name: [tag for tag, of in vault.known().items() if of == name]})
    return entry


def last(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The latest screening of a record, None where there was none."""
    found: Sequence[Mapping[str, Any]] = record.get("screenings", ())
    return found[-1] if found else None
