"""Indicators of a case: sites, pages, accounts at platforms, lines and addresses that a named person enters.

Each stands on a capture that is an exhibit. They are evidence of what was used, never of who used it: no name of a
person, no telephone number and no e-mail address enters. One that was undone stays in the journal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from recover.capture.imports import kept
from recover.case import Case, Stored, warc
from recover.case.folder import clock
from recover.case.private import identities
from recover.plugins.registry import Plugins
from recover.recognise.names import here, recognise
from recover.registers import hosts
from recover.report import refused_words
from recover.sdk.errors import Error
from recover.sdk.outside import visible
from recover.sdk.plugin import GRADES
from recover.sdk.records import Grade
from recover.sdk.values import Address
from recover.sdk.view import Finding
from recover.victims import spelled

KIND = "indicator"
TYPES = ("domain", "url", "account", "line", "address")

CATEGORIES: Mapping[str, str] = {
    "phishing": "Phishing",
    "impersonation": "Impersonation",
    "fake-exchange": "Fake project",
    "romance": "Pig butchering",
    "rug-pull": "Rug pull",
    "pump-and-dump": "Pump and dump",
    "giveaway": "Donation impersonation and giveaway",
    "ransomware": "Ransomware",
    "sextortion": "Sextortion and blackmail",
    "drainer": "Contract exploit and drainer",
    "other": "Other",
}
"""What a site or an address was used for, and how public reports call it (as seen in clients' code, November 2026;
the receiving service's own list is what counts)."""

_MOST = 2_000
_TYPED = ("platform", "user_id", "source", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator. `value` is as machines read it; `exhibit` is its capture; moments are ISO 8601 in UTC.

    `platform` and `user_id` are of an account, `chain` of an address. `undone` is empty, or who took it back, why.
    """

    id: str
    type: str
    value: str
    chain: str = ""
    platform: str = ""
    user_id: str = ""
    category: str
    grade: str
    source: str = ""
    exhibit: int
    digest: str
    first_seen: str
    last_seen: str
    by: str
    reason: str
    at: datetime
    undone: str = ""

    @property
    def host(self) -> str:
        """The host of a domain or a page; empty for what has none."""
        return self.value if self.type == "domain" else hosts.of_url(self.value) if "://" in self.value else ""

    @property
    def told(self) -> str:
        """For people: nothing in it can be clicked, and a name in another script stands in its own letters too."""
        if self.type not in ("domain", "url", "account"):
            return self.value
        plain = hosts.defanged(self.value) if self.host else self.value
        letters = hosts.shown(self.host) if self.host else ""
        return plain if letters == self.host else f"{plain} ({hosts.defanged(letters)})"

    def asked(self, addressee: str) -> str:
        """As a letter names it with --about: a registrar looks up the host, a platform the account."""
        if addressee in ("registrar", "registry", "host") and self.host:
            return self.host
        profile = self.type == "account" or (self.type == "url" and addressee == "platform")
        return f"{self.value}; user_id={self.user_id or 'unknown'}" if profile else self.value

    @property
    def finding(self) -> Finding:
        """What is reviewed: all that it says. A person's review of it is of these very words."""
        said = {name: getattr(self, name) for name in _SAID}
        return Finding(
            id=self.id,
            kind=KIND,
            subject=self.value,
            grade=cast(Grade, self.grade),
            slots=said,
            exhibits=(self.exhibit,),
        )


_SAID = (
    *("type", "chain", "platform", "user_id", "category", "source", "digest"),
    *("first_seen", "last_seen", "by"),
)


def every(case: Case) -> list[Indicator]:
    """Every indicator of a case, in order; those that were undone say so."""
    noted = [entry for entry in case.entries if entry.kind == KIND]
    undone = {e.body["id"]: f"{e.body['by']}: {e.body['reason']}" for e in noted if e.body["act"] == "undo"}
    names = [one.name for one in fields(Indicator) if one.name not in ("at", "undone")]
    return [
        Indicator(
            **{name: e.body[name] for name in names if name in e.body},
            at=e.time,
            undone=undone.get(e.body["id"], ""),
        )
        for e in noted
        if e.body["act"] == "add"
    ]


def standing(case: Case) -> dict[str, Indicator]:
    """The indicators that count, by id."""
    return {one.id: one for one in every(case) if not one.undone}


def named(case: Case, ident: str) -> Indicator:
    """One that counts. Raises Error where there is none of this id."""
    found = standing(case)
    if ident not in found:
        raise Error(
            "no-indicator",
            f"The case has no indicator {visible(ident, 20)} that counts.",
            f"It has {', '.join(found) or 'none'}.",
            "`recover indicator list CASE` lists them.",
        )
    return found[ident]


def add(
    case: Case,
    plugins: Plugins,
    *,
    type: str,
    value: str,
    capture: tuple[str, bytes] | int,
    first_seen: datetime,
    last_seen: datetime,
    by: str,
    reason: str,
    category: str,
    grade: str = "C",
    platform: str = "",
    user_id: str = "",
    source: str = "",
) -> Indicator:
    """Journal an indicator with its capture: a file's name and bytes, stored first, or the number of an exhibit.

    Raises Error for a value of another form, for what tells a person, without a name, and for one that is here.
    """
    said = {"platform": platform, "user_id": user_id, "source": source, "reason": reason, "by": by}
    _words(type, category, grade, by, reason)
    if (type == "account") != bool(platform):
        raise Error(
            "indicator-platform",
            "An account is at a platform, and nothing else is.",
            f"--type {type} was given {'with' if platform else 'without'} --platform.",
            "Name the platform of an account: --type account --platform NAME.",
        )
    text, chain = read(case, plugins, type, value)
    if first_seen > last_seen or last_seen > clock():
        raise Error(
            "indicator-days",
            "It was seen last before it was seen first, or after today.",
            f"First {first_seen:%Y-%m-%dT%H:%M:%SZ}, last {last_seen:%Y-%m-%dT%H:%M:%SZ}.",
            "Mend --first-seen or --last-seen.",
        )
    unnamed(case, {"value": text, **said})
    if known := [
        one.id for one in standing(case).values() if (one.type, one.value, one.chain) == (type, text, chain)
    ]:
        raise Error(
            "indicator-twice",
            f"{visible(text, 120)} is {known[0]} already.",
            "One thing is one indicator: two would count as two sources.",
            f"`recover undo CASE {known[0]}` takes it back, where it is to be said otherwise.",
        )
    body: dict[str, Any] = {"act": "add", "id": f"I{len(every(case)) + 1}", "type": type, "value": text}
    body |= {"chain": chain, "category": category, "grade": grade, **{k: v.strip() for k, v in said.items()}}
    body |= {"first_seen": first_seen.isoformat(), "last_seen": last_seen.isoformat()}
    case.minds(body)  # before the capture is stored: what is refused leaves nothing behind
    stored = _captured(case, capture)
    case.note(KIND, {**body, "exhibit": stored.number, "digest": stored.digest})
    return every(case)[-1]


def undo(case: Case, ident: str, *, by: str, reason: str) -> Indicator:
    """Take an indicator back; the journal keeps both. Raises Error where there is none that counts."""
    named(case, ident)
    _signed(by, reason)
    case.note(KIND, {"act": "undo", "id": ident, "by": by.strip(), "reason": reason.strip()})
    return next(one for one in every(case) if one.id == ident)


def read(case: Case, plugins: Plugins, type: str, value: str) -> tuple[str, str]:
    """(the value as machines read it, its chain where it has one). Raises Error for a value of another form."""
    match type:
        case "domain":
            return hosts.host(value), ""
        case "url":
            return hosts.url(value), ""
        case "address":
            _, found = recognise(plugins, value, here(case))
            if not isinstance(found, Address):
                raise Error(
                    "indicator-address", f"{value} is a transaction id.", "An address is meant.", "Name it."
                )
            return found.text, found.chain
        case _:
            plain = " ".join(value.split())
            if not plain or len(plain) > _MOST or visible(plain, _MOST) != plain:
                raise Error(
                    "indicator-text",
                    "The value is empty, too long, or has characters that cannot be seen.",
                    f"At most {_MOST} characters are kept, and each must show what it is.",
                    "Type it as the platform shows it.",
                )
            return (hosts.url(plain) if "://" in plain else plain), ""


def unnamed(case: Case, said: Mapping[str, str]) -> None:
    """Raises Error where a text tells a person: as in the typed words of a letter (PL11), or by name."""
    names = spelled.Names(identities(case))
    for name, text in said.items():
        folded = refused_words.folded(text)
        # A number in a link or an account is how the platform knows it; in words it would be somebody's.
        looked = refused_words.IDENTIFYING if name in _TYPED and name != "user_id" else _REACHED
        for what, pattern in looked:
            if re.search(pattern, folded):
                raise Error(
                    "indicator-person",
                    f"`{name}` holds what looks like {what}.",
                    "An indicator tells what was used, never a person: it goes to many, and the journal keeps it.",
                    "Leave it out. A telephone number belongs into a letter to its operator. Nothing was noted.",
                )
        if names.inside(text):
            raise Error(
                "indicator-person",
                f"`{name}` holds a name that stands in private/identities.txt.",
                "No name of a person enters an indicator.",
                "Write the pseudonym, or leave it out. Nothing was noted.",
            )


_REACHED = tuple(one for one in refused_words.IDENTIFYING if one[0] in ("an e-mail address", "a telephone number"))


def _words(type: str, category: str, grade: str, by: str, reason: str) -> None:
    _signed(by, reason)
    for given, known, what in (
        (type, TYPES, "type"),
        (category, CATEGORIES, "category"),
        (grade, GRADES, "grade"),
    ):
        if given not in known:
            raise Error(
                "indicator-word",
                f"The {what} {visible(given, 40)!r} is not known.",
                f"It is one of {', '.join(known)}.",
                "Name one of these.",
            )


def _signed(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise Error(
            "indicator-nameless",
            "An indicator needs the name of who enters it or takes it back, and a reason.",
            "It can reach thousands of wallets and networks, and somebody answers for it.",
            "Say them with --by and --reason.",
        )


def _captured(case: Case, capture: tuple[str, bytes] | int) -> Stored:
    if isinstance(capture, int):
        return case.exhibit(capture)
    name, data = capture
    digest = warc.sha256(data)
    known = (one for one in case.exhibits() if one.digest == digest)
    return next(known, None) or kept(case, case.next_file(), name, data, "capture")
