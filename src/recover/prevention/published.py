"""What was published: the entries of the feed as the journal has them, and what a change of the case does to them.

The forms are made of this and of nothing else, so that the same case gives the same bytes. An entry that no longer
passes the gate is withdrawn, and stays in every form as withdrawn: whoever blocked it has to learn of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from recover.case import Case
from recover.prevention.gated import Candidate, Key
from recover.sdk.errors import Error
from recover.sdk.outside import visible

KIND = "feed"
LASTS: Mapping[str, timedelta] = {"address": timedelta(days=180)}
_LASTS = timedelta(days=90)
TLP = ("clear", "green", "amber", "amber+strict", "red")
"""The Traffic Light Protocol 2.0, from the widest to the narrowest."""

FIELDS = (
    *("indicator", "type", "chain", "category", "grade", "first_seen", "last_seen", "source_count"),
    *("valid_until", "tlp", "false_positive_contact", "withdrawn"),
)
"""What each form can tell of an entry. Why one was withdrawn is told to nobody: the reason can be a victim."""

_CONTACT = re.compile(r"[A-Za-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+|https://[\w.-]+(?:/[\w./-]*)?")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The feed as it stands. `rows` by key, in their order; `at` is the moment of the last change of it."""

    rows: Mapping[Key, Row]
    at: datetime
    agency: str
    seed: str

    def standing(self, *types: str) -> list[Row]:
        """Entries that count, of these types or of all."""
        return [row for row in self.rows.values() if not row["withdrawn"] and (not types or row["type"] in types)]

    def withdrawn(self, *types: str) -> list[Row]:
        return [row for row in self.rows.values() if row["withdrawn"] and (not types or row["type"] in types)]


def feed(case: Case) -> Feed | None:
    """The feed as the journal has it; None where nothing was ever published."""
    rows: dict[Key, Row] = {}
    at: datetime | None = None
    for entry in case.entries:
        if entry.kind == KIND and entry.body["act"] == "build":
            at = datetime.fromisoformat(entry.body["at"])
            rows |= {_key(row): row for row in entry.body["entries"]}
    if at is None:
        return None
    return Feed(rows=dict(sorted(rows.items())), at=at, agency=case.settings.agency, seed=case.entries[0].hash)


def kept_back(case: Case) -> dict[tuple[str, str], str]:
    """(chain, value) that a named person keeps from the feed, with who and why."""
    found: dict[tuple[str, str], str] = {}
    for entry in case.entries:
        if entry.kind == KIND and entry.body["act"] in ("withhold", "release"):
            place = entry.body["chain"], entry.body["value"]
            found.pop(place, None)
            if entry.body["act"] == "withhold":
                found[place] = f"{entry.body['by']}, {entry.body['reason']}"
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Who builds, and the two persons whose word it rests on; empty names reuse what was cleared before.

    `covert` says that no covert work is open about any entry, `clearance` that the law allows their publication.
    """

    by: str
    covert: str = ""
    clearance: str = ""
    contact: str = ""
    tlp: str = "amber"

    @property
    def given(self) -> bool:
        return bool(self.covert.strip() and self.clearance.strip() and self.contact.strip())


def check(said: Cleared) -> None:
    """Raises Error where a name is lacking, where the clearance is given in part, or for another TLP."""
    parts = (said.covert.strip(), said.clearance.strip(), said.contact.strip())
    if not said.by.strip() or (any(parts) and not all(parts)):
        raise Error(
            "feed-nameless",
            "A feed needs the names of those who answer for it, and a contact for who was listed wrongly.",
            "Somebody builds it, somebody says that no covert work is open, somebody clears it by law.",
            "Say --by; and --no-covert-by, --cleared-by and --contact together.",
        )
    if said.contact.strip() and not _CONTACT.fullmatch(said.contact.strip()):
        raise Error(
            "feed-contact",
            f"{visible(said.contact, 80)!r} is no contact that everybody can use.",
            "Every entry carries it: whoever was listed wrongly writes there.",
            "Name a mailbox of the agency, or a page: appeals@agency.example, https://agency.example/appeal.",
        )
    if said.tlp not in TLP:
        raise Error(
            "feed-tlp", f"There is no mark {visible(said.tlp, 20)}.", f"Marks: {', '.join(TLP)}.", "Name one."
        )


def changed(
    case: Case, found: Sequence[Candidate], said: Cleared, now: datetime
) -> tuple[dict[Key, Row], set[Key]]:
    """(rows that differ from what was published, what is fit and not cleared). Nothing is noted here."""
    before = feed(case)
    old = dict(before.rows) if before else {}
    fresh: dict[Key, Row] = {}
    waiting: set[Key] = set()
    fit = {one.key: one for one in found if not one.reasons}
    for key, one in fit.items():
        known = old.get(key)
        stands = known is not None and not known["withdrawn"] and known["valid_until"] > _stamp(now)
        same = known is not None and (known["category"], known["grade"]) == (one.category, one.grade)
        if said.given:
            _loosened(known, said.tlp)
            fresh[key] = _row(one, said, now)
        elif known is not None and stands and same:
            fresh[key] = {**known, **_seen(one)}
        else:
            waiting.add(key)
    for key, row in old.items():
        if key not in fresh and not row["withdrawn"]:
            fresh[key] = {**row, "withdrawn": _stamp(now)}
    return {key: row for key, row in sorted(fresh.items()) if old.get(key) != row}, waiting


def note(case: Case, rows: Mapping[Key, Row], said: Cleared, now: datetime) -> None:
    """Journal a change of the feed."""
    names = {"covert": said.covert.strip(), "cleared": said.clearance.strip(), "contact": said.contact.strip()}
    body = {"act": "build", "id": f"B{_count(case) + 1}", "by": said.by.strip(), "tlp": said.tlp, **names}
    case.note(KIND, {**body, "at": now.isoformat(timespec="seconds"), "entries": [dict(r) for r in rows.values()]})


def keep(case: Case, chain: str, value: str, *, by: str, reason: str, back: bool) -> None:
    """Journal that a named person keeps a value from the feed, or lets it go again. Raises Error."""
    if not by.strip() or not reason.strip():
        raise Error(
            "feed-nameless",
            "To keep something from the feed, or let it go, needs a name and a reason.",
            "Both are kept in the journal; no reader of the feed learns the reason.",
            "Say them with --by and --reason.",
        )
    if back is not ((chain, value) in kept_back(case)):
        word = "is not kept back" if back else "is kept back already"
        raise Error(
            "feed-kept", f"{visible(value, 120)} {word}.", "Nothing would change.", "See `recover feed list CASE`."
        )
    act = "release" if back else "withhold"
    said = {"act": act, "id": f"B{_count(case) + 1}", "by": by.strip(), "reason": reason.strip()}
    case.note(KIND, {**said, "chain": chain, "value": value})


def due(feed: Feed, found: Sequence[Candidate], now: datetime) -> list[str]:
    """Published values that no longer pass the gate, or whose day is over: the next build withdraws them."""
    fit = {one.key: (one.category, one.grade) for one in found if not one.reasons}
    return [
        row["indicator"]
        for key, row in feed.rows.items()
        if not row["withdrawn"]
        and (fit.get(key) != (row["category"], row["grade"]) or row["valid_until"] <= _stamp(now))
    ]


def taken(case: Case, chain: str, value: str, now: datetime) -> dict[Key, Row]:
    """The published entries of a value, withdrawn now."""
    before = feed(case)
    rows = before.rows if before else {}
    return {
        key: {**row, "withdrawn": _stamp(now)}
        for key, row in rows.items()
        if (row["chain"], row["indicator"]) == (chain, value) and not row["withdrawn"]
    }


def _count(case: Case) -> int:
    return sum(entry.kind == KIND for entry in case.entries)


def _row(one: Candidate, said: Cleared, now: datetime) -> Row:
    until = now + LASTS.get(one.type, _LASTS)
    return {
        "indicator": one.value,
        "type": one.type,
        "chain": one.chain,
        "category": one.category,
        "grade": one.grade,
        **_seen(one),
        "valid_until": _stamp(until),
        "tlp": said.tlp,
        "false_positive_contact": said.contact.strip(),
        "withdrawn": "",
    }


def _seen(one: Candidate) -> Row:
    return {"first_seen": one.first_seen, "last_seen": one.last_seen, "source_count": str(one.sources)}


def _loosened(known: Row | None, tlp: str) -> None:
    if known is not None and not known["withdrawn"] and TLP.index(tlp) > TLP.index(known["tlp"]):
        raise Error(
            "feed-narrower",
            f"{visible(known['indicator'], 120)} was published as TLP:{known['tlp'].upper()}.",
            f"What went out more widely cannot be called back by the mark TLP:{tlp.upper()}.",
            "Revoke it with `recover feed revoke` first, or keep the mark.",
        )


def _key(row: Row) -> Key:
    return row["type"], row["chain"], row["indicator"]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
