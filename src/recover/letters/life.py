"""The life of letters, as the journal tells it: drafted, issued, sent, acknowledged, answered, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from recover.case import Case
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
    that the addressee may warn the account's holder. `facts`, `urgent` and `claim` are the sender's own words, as
    they are. `provision` is the paragraph of the basis, `leave` the court's leave for it, `report` the number of a
    report to the police or of another office. `law` is the entry of the basis in the agency's own register, as it
    was then, none where it rests on an installed one.
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
    number: int = 0
    time: datetime | None = None

    @property
    def state(self) -> str:
        """The state of which its sender is; empty where the settings say none."""
        return self.sender.get("state", "")

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
        return any(a.act == "withdraw" for a in self.acts)

    @property
    def dropped(self) -> bool:
        """Whether it was dropped before it went out, and not drafted again since."""
        last = max((a.number for a in self.acts if a.act == "drop"), default=0)
        return last > (self.choice.number if self.choice else 0)

    @property
    def went(self) -> tuple[int, ...]:
        """The versions that went out, as far as anybody said."""
        return tuple(a.version for a in self.acts if a.act in ("sent", *_RECEIVED))

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
        done = [a.act for a in self.acts if a.version == last or a.act == "withdraw"] if last else []
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
        back = found.get(f"{one.id}-withdrawal")
        told = one.withdrawn and back is not None and any(a.act == "sent" for a in back.acts)
        one.ended = told or (one.dropped and not one.went)
    return found


def laws(found: Iterable[Letter]) -> dict[str, str]:
    """By basis, the entry of an agency's own register that the last draft on it took from there."""
    drafts = sorted((one for letter in found for one in letter.drafts), key=lambda one: one.number)
    last = {one.basis: one.law for one in drafts if one.basis}
    return {name: text for name, text in sorted(last.items()) if text}


def closed(known: Mapping[str, Letter], letter: Letter) -> bool:
    """Whether it was withdrawn or dropped, or asks after one that was: only the withdrawal is still written."""
    of = letter.choice.of.rpartition("-v")[0] if letter.choice else ""
    after = (
        of in known and known[of].withdrawn and letter.choice is not None and letter.choice.kind != "withdrawal"
    )
    return letter.gone or after


def _choice(body: Mapping[str, Any], number: int, time: datetime) -> Choice:
    kept = {name: body[name] for name in _KEPT if name in body}
    fixed: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in kept.items()}
    return Choice(**fixed, sender=dict(body.get("sender", {})), number=number, time=time)


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
    if one and one.withdrawn and act != "answer":
        raise over(ident)
    drafts = _telling(case, ident) if act in TOLD else []
    kept = {k: v for k, v in said.items() if v}
    case.note(
        ENTRY, {"act": act, "id": ident, "version": version, **kept, **({"drafts": drafts} if drafts else {})}
    )


def asked(letter: Letter) -> None:
    """Raises Error where nobody was asked by a letter, so that there is nothing to take back."""
    if not letter.went:
        raise Error(
            "letter-not-sent",
            f"The letter {letter.id} was issued and not sent, as far as anybody said.",
            "Nobody was asked by it, so that there is nothing to take back.",
            f"`recover letter drop CASE {letter.id} --by NAME --reason WHY` drops it; where it went out, "
            f"`recover letter sent CASE {letter.id} --by NAME --at TIME` comes first.",
        )


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


TOLD = ("sent", "acknowledge", "answer")
"""Acts of which a letter that follows tells."""


def _telling(case: Case, ident: str) -> list[str]:
    """The drafts that tell of what is done with a letter: they are written again."""
    found = [one for one in letters(case).values() if one.choice and one.choice.of.rpartition("-v")[0] == ident]
    return [
        one.id
        for one in found
        if one.choice and all(done.number < one.choice.number for done in one.acts if done.act == "issue")
    ]


def over(ident: str, how: str = "withdrawn") -> Error:
    """What is said where more is to be done with a letter that was withdrawn, or dropped."""
    return Error(
        f"letter-{how}",
        f"The letter {ident} was {how}.",
        "Its life ended there, and nothing more is asked on it.",
        "`recover letter draft` begins another.",
    )


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
        if issued and moment < issued.moment():
            raise Error(
                "letter-before-issue",
                f"Version {version} of {letter.id} was issued on {issued.moment().isoformat()}, after "
                f"{moment.isoformat()}.",
                "A letter cannot be sent or received before it was issued, and clocks would start too early.",
                "Give the moment with --at or --received, with its zone.",
            )
        if sent and act in _RECEIVED and moment < sent.moment():
            raise Error(
                "letter-before-sent",
                f"Version {version} of {letter.id} was sent on {sent.moment().isoformat()}, after "
                f"{moment.isoformat()}.",
                "Nothing can be received or answered before it was sent.",
                "Give the moment with --at or --received; if the sending stands wrong, "
                "`recover letter sent` with its --at puts it right.",
            )
    if act == "sent":
        came = [a for a in letter.acts if a.version == version and a.act in _RECEIVED]
        first = min((a.reached() for a in came), default=None)
        if first and given.get("at", now) > first:
            raise Error(
                "letter-sent-late",
                f"Version {version} of {letter.id} was received on {first.isoformat()}, before "
                f"{given.get('at', now).isoformat(timespec='seconds')}.",
                "It was sent before it was received.",
                "Name the moment of sending with --at.",
            )


_RECEIVED = ("acknowledge", "answer")
"""Acts of the addressee, which follow the sending."""

_DONE = {
    "sent": "sent",
    "acknowledge": "acknowledged",
    "answer": "answered",
    "follow-up": "followed up",
    "withdraw": "withdrawn",
}


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
