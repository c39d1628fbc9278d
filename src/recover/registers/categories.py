"""Categories: what a label's words mean for action, whatever the trace says.

The words are those of the INTERPOL taxonomy as tag packs use it, with the spellings met in other lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

NO_LETTER: frozenset[str] = frozenset(
    {
        *("market", "darknet_market", "darkweb_market", "marketplace", "shop", "drug_vendor"),
        *("mixing_service", "mixer", "coinjoin", "tumbler"),
        *("scam", "phishing", "ransomware", "ponzi_scheme", "extortion", "hack", "fraud"),
    }
)
"""A service of these keeps no records of customers that it would give to anybody, and a letter warns it."""

ALERTS: Mapping[str, frozenset[str]] = {
    "sanctions": frozenset({"sanction", "sanctioned", "sanctions"}),
    "terrorism": frozenset({"terrorism", "terrorist", "terrorist_financing", "terrorism_financing", "extremism"}),
    "abuse": frozenset({"child_abuse", "csam", "csae", "child_sexual_abuse", "child_sexual_abuse_material"}),
    "agency": frozenset({"agency", "law_enforcement", "police", "seizure", "government_seizure"}),
}
"""What an examiner is told of an address, by kind, though no figure depends on it."""

STRONG = ("A", "B")
"""Only a label that speaks of the service itself, at one of these grades, keeps a letter from it."""


def words(label: Mapping[str, Any]) -> frozenset[str]:
    """All words by which a label says what kind of thing an address is."""
    try:
        more = json.loads(label.get("params") or "{}")
    except ValueError:
        more = {}
    concepts = more.get("concepts", []) if isinstance(more, dict) else []
    abuse = more.get("abuse", "") if isinstance(more, dict) else ""
    said = [label["category"], label["role"], abuse, *(concepts if isinstance(concepts, list) else [])]
    return frozenset(word.casefold().replace("-", "_").replace(" ", "_") for word in said if isinstance(word, str))


def alerts(label: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of `ALERTS` that a label is of."""
    said = words(label)
    return tuple(kind for kind, known in ALERTS.items() if said & known)


def unwritable(label: Mapping[str, Any], beside: str = "") -> str:
    """The word by which a label keeps a letter from its service; empty where none does.

    Only a strong one does, or one no weaker than the label (of grade `beside`) that names the service.
    """
    if label["grade"] not in STRONG and not (beside and label["grade"] <= beside):
        return ""
    return min(words(label) & NO_LETTER, default="")
