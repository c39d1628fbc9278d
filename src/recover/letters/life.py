"""The life of letters, as the journal tells it: drafted, issued, sent, acknowledged, answered, withdrawn."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from recover.case import Case
from recover.registers.bases import TREATIES
from recover.sdk import Error

ENTRY = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person chose for one letter; `number` and `time` are of the journal's entry.

    `service` is the key of the service that the trace found, empty for an addressee that only `name` names.
    `entity` is the legal entity, `addressee` its kind, `role` one of the register of legal bases. `sender` is
    what the user's own settings say of the sender at that moment, so that the paper can be made again. `about`
    are identifiers given by hand. `forms` are those asked for beside what the register chooses. `losses` are
    those of the instructing party, none for all. `of` is the letter that this one follows. `until` is the day
    until which records are asked to be kept, `since` from when, for a letter about what no trace reached;
    `reply_by` the day by which an answer is asked for. `found`: `about` is what the trace found, and nobody
    named it by hand. `tell_user`: whether the addressee may tell its customer. `risk` is who accepts, and why,
    that the addressee may warn the account's holder. `facts`, `urgent`, `claim` and `application` (when one is
    intended, and what cost is offered) are the sender's own words, as they are. `address` is the addressee's.
    `provision` is the paragraph of the basis, `leave` the court's leave for it, `report` the number of a report to
    the police or of another office. `law` is the entry of the basis in the agency's own register, as it was then,
    and `treaty` the one that it stands in, where the agency keeps its Parties; none where it rests on installed
    ones. `words` are the files of the agency's own kind of letter, none for a kind that a plugin brings, and
    `template` the digest of all words that the letter was drafted in.
    """

    id: str
    kind: str
    service: str = ""
    name: str = ""
    entity: str = ""
    addressee: str = "vasp"
    role: str = ""
    basis: str = ""
    language: str = ""
    sender: Mapping[str, str] = field(default_factory=dict)
    offence: str = ""
    court: str = ""
    provision: str = ""
    leave: str = ""
    report: str = ""
    address: str = ""
    application: str = ""
    instructed_by: str = ""
    about: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    of: str = ""
    until: str = ""
    since: str = ""
    reply_by: str = ""
    tell_user: bool = False
    states: tuple[str, ...] = ()
    risk: tuple[str, str] = ("", "")
    why: str = ""
    facts: str = ""
    urgent: str = ""
    claim: str = ""
    found: bool = False
    template: str = ""
    law: str = ""
    treaty: str = ""
    words: str = ""
    number: int = 0
    time: datetime | None = None

    @property
    def state(self) -> str:
        """The state of which its sender is; empty where the settings say none."""
        return self.sender.get("state", "")

    def treaties(self) -> dict[str, str]:
        """The treaty that its draft kept, as `treaties/ID`; none where it rests on no own one."""
        return {f"{TREATIES}/{tomllib.loads(self.treaty)['id']}": self.treaty} if self.treaty else {}

    def body(self) -> dict[str, Any]:
        """The journal's entry of the draft."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return {
            "act": "draft",
            **{name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()},
            "sender": dict(self.sender),
        }


_KEPT = tuple(f.name for f in fields(Choice) if f.name not in ("sender", "number", "time"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing done with a letter: which, when, in which entry, and what was said of it."""

    act: str
    number: int
    time: datetime
    version: int
    said: Mapping[str, Any]

    def moment(self) -> datetime:
        """When it was done, as the person says, else when it was entered."""
        at = self.said.get("at")
        return datetime.fromisoformat(at) if at else self.time

    def reached(self) -> datetime:
        """When the letter was there at the latest, as this act says."""
        received = self.said.get("received")
        return datetime.fromisoformat(received) if received else self.moment()

    def text(self, name: str) -> str:
        value = self.said.get(name, "")
        return value if isinstance(value, str) else ""


@dataclass(slots=True)
class Letter:
    """One letter through all its versions."""

    id: str
    choice: Choice | None = None
    acts: list[Act] = field(default_factory=list)
    ended: bool = False  # it was withdrawn, and the letter that says so was sent: until then it stands
    drafts: list[Choice] = field(default_factory=list)
    restored: int = 0  # the entry by which its withdrawal was dropped, which was sent to nobody

    @property
    def issued(self) -> tuple[int, ...]:
        """The versions that were issued."""
        return tuple(a.version for a in self.acts if a.act == "issue")

    @property
    def newest(self) -> int:
        """The last version that was issued; 0 before any."""
        return max(self.issued, default=0)

    @property
    def version(self) -> int:
        """The version that would be drafted now: one after the last that was issued. A draft has no number."""
        return self.newest + 1

    @property
    def standing(self) -> int:
        """The version that its addressee has: the last that was sent, or that it received; 0 before any issue.

        Where nothing says that one was sent it is the last that was issued.
        """
        return max(self.went, default=self.newest)

    @property
    def withdrawn(self) -> bool:
        """Whether it is taken back; not by a withdrawal that was dropped: its addressee never heard of it."""
        return any(a.act == "withdraw" and a.number > self.restored for a in self.acts)

    @property
    def dropped(self) -> bool:
        """Whether it was dropped before it went out, and not drafted again since."""
        last = max((a.number for a in self.acts if a.act == "drop"), default=0)
        return last > (self.choice.number if self.choice else 0)

    @property
    def went(self) -> tuple[int, ...]:
        """The versions that went out, as far as anybody said."""
        return tuple(a.version for a in self.acts if a.act in ("sent", *RECEIVED))

    @property
    def gone(self) -> bool:
        """Whether nobody is to be asked by it any more: it was taken back, or dropped."""
        return self.withdrawn or self.dropped

    @property
    def state(self) -> str:
        """The furthest that the version has come that its addressee has; `draft` where none was issued."""
        return self.state_of(self.standing)

    def state_of(self, last: int) -> str:
        """The furthest that a version has come; 0 is a draft."""
        done = [a.act for a in self.acts if a.version == last and a.act != "withdraw"] if last else []
        done += ["withdraw"] if last and self.withdrawn else []
        for act, word in _STATES:
            if act in done:
                return word
        return "draft"

    def chosen(self, version: int) -> Choice | None:
        """What a version was issued from: a draft since then is of the next one. Before any issue, the draft."""
        done = self.at("issue", version)
        known = [*self.drafts, *([self.choice] if self.choice else [])]
        if done is None:
            return self.choice
        return next((one for one in reversed(known) if one.number < done.number), None)

    def at(self, act: str, version: int) -> Act | None:
        """The last such act on a version."""
        return next((a for a in reversed(self.acts) if a.act == act and a.version == version), None)


_STATES = (
    ("withdraw", "withdrawn"),
    ("drop", "dropped"),
    ("answer", "answered"),
    ("acknowledge", "acknowledged"),
    ("sent", "sent"),
    ("issue", "issued"),
)


def letters(case: Case) -> dict[str, Letter]:
    """Every letter that the journal knows, by id, in the order of their first entry."""
    found: dict[str, Letter] = {}
    for entry in case.entries:
        if entry.kind != ENTRY:
            continue
        body = entry.body
        one = found.setdefault(body["id"], Letter(body["id"]))
        if body["act"] == "draft":
            one.choice = _choice(body, entry.number, entry.time)
            one.drafts.append(one.choice)
        else:
            version = body.get("version", one.version)
            one.acts.append(Act(act=body["act"], number=entry.number, time=entry.time, version=version, said=body))
    for one in found.values():
        back = found.get(f"{one.id}-withdrawal", Letter(""))
        if not back.went:
            one.restored = max((a.number for a in back.acts if a.act == "drop"), default=0)
        told = one.withdrawn and bool(back.went)
        one.ended = told or (one.dropped and not one.went)
    for one in found.values():
        if (former := found.get(followed(one))) is not None:
            one.ended |= former.ended  # nobody asks after a letter that was taken back
    return found


def followed(letter: Letter) -> str:
    """The letter after which it asks; none for one that takes a letter back."""
    choice = letter.choice
    return choice.of.rpartition("-v")[0] if choice and choice.kind != "withdrawal" else ""


def laws(found: Iterable[Letter]) -> dict[str, str]:
    """By basis, the entry of an agency's own register that the last draft on it took from there, and so its
    treaties, as `treaties/ID`."""
    drafts = sorted((one for letter in found for one in letter.drafts), key=lambda one: one.number)
    last = {one.basis: one.law for one in drafts if one.basis}
    for one in drafts:
        last |= one.treaties()
    return {name: text for name, text in sorted(last.items()) if text}


def closed(known: Mapping[str, Letter], letter: Letter) -> bool:
    """Whether it was withdrawn or dropped, or asks after one that was: only the withdrawal is still written."""
    of = followed(letter)
    return letter.gone or (of in known and known[of].withdrawn)


def _choice(body: Mapping[str, Any], number: int, time: datetime) -> Choice:
    kept = {name: body[name] for name in _KEPT if name in body}
    fixed: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in kept.items()}
    return Choice(**fixed, sender=dict(body.get("sender", {})), number=number, time=time)


TOLD = ("sent", "acknowledge", "answer")
"""Acts of which a letter that follows tells."""

RECEIVED = ("acknowledge", "answer")
"""Acts of the addressee, which follow the sending."""


def over(ident: str, how: str = "withdrawn") -> Error:
    """What is said where more is to be done with a letter that was withdrawn, or dropped."""
    return Error(
        f"letter-{how}",
        f"The letter {ident} was {how}.",
        "Its life ended there, and nothing more is asked on it.",
        "`recover letter draft` begins another.",
    )


def known(found: Iterable[str], ident: str) -> None:
    """Raises Error for a letter that there is not."""
    names = sorted(found)
    if ident not in names:
        raise Error(
            "no-letter",
            f"The case has no letter {ident}.",
            f"It has: {', '.join(names[:12]) or 'none'}.",
            "`recover letter list CASE` lists them; `recover write CASE` drafts what the case allows.",
        )
