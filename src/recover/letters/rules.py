"""What a letter must state and must not, rule by rule: each refusal names its rule and what would mend it.

PL01, PL08 and PL17 stand in `gates`, the rules on the template's words in `report/lint`. Here is what depends on
what a person said of this letter: its own words, its term, its identifiers, and what its basis must state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from ipaddress import ip_address

from recover.letters import matter, narrowed, paper, words
from recover.letters.folders import Kind
from recover.letters.gates import PRIVATE, Refusal
from recover.letters.life import Choice
from recover.letters.matter import Matter
from recover.registers.bases import LegalBasis
from recover.report import figures, lint
from recover.sdk import Chain, Error, View
from recover.sdk.outside import visible

_OWN_WORDS: Mapping[str, str] = {"ownership": "PL05", "recovered": "PL20"}
"""Rules for words that a sender's own text is held to beside those that bear their number."""

_FREE: tuple[tuple[str, tuple[str, ...], bool, str], ...] = (
    ("PL02", (), False, r"\byou must\b|\bmust (?:freeze|block|stop|keep|hand|give|act)\b|\boffence to\b"),
    ("PL02", (), False, r"ท่านต้อง|มิฉะนั้น|ฝ่าฝืน|มีความผิด|มีโทษ|ตามหมาย|คำสั่งศาล"),
    (
        "PL03",
        ("preserve", "freeze"),
        True,
        r"\b(?:send|give|forward|supply|share with) us\b|\bfuture (?:data|trans)",
    ),
    ("PL03", ("preserve", "freeze"), True, r"ส่งมอบ|เปิดเผย|ส่งข้อมูล|ส่งสำเนา|ให้ข้อมูล"),
    ("PL04", ("preserve", "disclose", "enquiry"), True, r"\bblock (?:all|any|the|its|his|her|their|every|with)"),
    (
        "PL04",
        ("preserve", "disclose", "enquiry"),
        True,
        r"\b(?:suspend|lock|seize|hold) (?:the|all|any|its|their)\b",
    ),
    ("PL04", ("preserve", "disclose", "enquiry"), True, r"อายัด|ระงับ|ยึด|หยุดการถอน|ห้ามถอน"),
    ("PL06", (), True, r"ฟอกเงิน|คนร้าย|โจร|ฉ้อโกงโดย|ผู้กระทำความผิด|ผู้กระทำผิด|มีความผิดฐาน"),
    ("PL07", (), True, r"ห้ามแจ้ง|ห้ามเปิดเผย|ต้องไม่แจ้ง"),
    (
        "PL14",
        (),
        True,
        r"\b(?:victim|client|claimant|customer)(?:'s|’s|s'|s’) (?:own )?(?:coins?|tokens?|money|funds?)\b",
    ),
    ("PL14", (), True, r"(?:เหรียญ|เงิน)ของ(?:ผู้เสียหาย|ลูกความ)"),
    ("PL20", (), True, r"ยึดคืน|ได้คืนแล้ว|อายัดแล้ว"),
)
"""Rules for words that only a sender's own text can break, in English and Thai: (rule, what is asked for, every
`asks` where empty; whether it holds for a basis with force too; the words)."""

_IDENTIFYING: tuple[tuple[str, str], ...] = (
    ("an e-mail address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("an identity or account number", r"(?<![\w.])\d(?:[ -]?\d){11,18}(?![\w.])"),
    ("a number of a passport", r"\b[A-Z]{1,2}\d{6,9}\b"),
    (
        "a telephone number",
        r"\+\d{1,3}(?:[ -]?\d){7,12}(?![\w.])|(?<![\w.])0\d{1,2}[- ]\d{3}[- ]?\d{3,4}(?![\w.])",
    ),
    ("an IBAN", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}"),
)


def said(
    choice: Choice, kind: Kind, basis: LegalBasis, chains: Sequence[Chain], passed: Collection[tuple[str, str]]
) -> list[Refusal]:
    """Reasons against a draft that lie in what its sender said. `passed` are rules that a person let pass."""
    found = [*_own_words(choice, kind, basis, passed), *_identifiers(choice, chains), *_badge(choice)]
    return [*found, *_long(choice)]


_MOST: Mapping[str, int] = {
    "facts": 20_000, "urgent": 4_000, "why": 300, "offence": 300, "court": 200, "instructed_by": 300,
    "entity": 160,
}  # fmt: skip
"""How many characters of what a sender says a letter prints."""


def _long(choice: Choice) -> Iterator[Refusal]:
    for name, most in _MOST.items():
        flag = "--reason" if name == "why" else f"--{name.replace('_', '-')}"
        if len(text := getattr(choice, name)) > most:
            yield Refusal(
                rule="length",
                why=f"{flag} has {len(text):,} characters, and a letter prints {most:,} of them.",
                todo=f"Say it in fewer words with {flag}.",
            )


def _own_words(
    choice: Choice, kind: Kind, basis: LegalBasis, passed: Collection[tuple[str, str]]
) -> Iterator[Refusal]:
    for flag, text in (("--facts", choice.facts), ("--urgent", choice.urgent), ("--reason", choice.why)):
        free = (name for name, asks, always, words in _FREE if _hit(text, asks, always, words, kind, basis))
        told = lint.banned(text, letter=True, force=basis.force != "voluntary", asks=kind.asks)
        for name in dict.fromkeys([*told, *free]):
            rule = _OWN_WORDS.get(name, name if name.startswith("PL") else "")
            if rule and ("letter", name) not in passed:
                yield Refusal(
                    rule=rule,
                    why=f"The words of {flag} break it: {visible(text, 120)}",
                    todo="Put it in other words, or let a named person pass it: "
                    f"`recover decide CASE --paper letter --rule {name}`.",
                )
        for what, pattern in _IDENTIFYING:
            if found := re.search(pattern, text):
                yield Refusal(
                    rule="PL11",
                    why=f"The words of {flag} hold what looks like {what}: {visible(found[0][:4], 8)}...",
                    todo="Leave it out: a letter names those concerned by pseudonyms.",
                )


def _hit(text: str, asks: tuple[str, ...], always: bool, words: str, kind: Kind, basis: LegalBasis) -> bool:
    held = (not asks or kind.asks in asks) and (always or basis.force == "voluntary")
    return held and re.search(words, text, re.IGNORECASE) is not None


def _identifiers(choice: Choice, chains: Sequence[Chain]) -> Iterator[Refusal]:
    for text in choice.about:
        why = []
        for chain in chains:
            try:
                chain.parse(text)
            except Error as error:
                why.append(f"{error.what} {error.why}")
            else:
                break
        else:
            if bad := next((one for one in why if "checksum" in one), ""):
                yield Refusal(
                    rule="PL13",
                    why=f"{visible(text, 80)} is no valid address: {visible(bad, 200)}",
                    todo="Copy the identifier again from where it stands.",
                )


def days(choice: Choice, today: date) -> list[Refusal]:
    """Reasons against the days that a sender named: gone by, too far off, or in the wrong order."""
    found = []
    for flag, text in (("--until", choice.until), ("--reply-by", choice.reply_by)):
        said = date.fromisoformat(text) if text else today
        if said < today:
            why = f"{flag} names {text}, and it is {today}: what goes out later cannot ask for it."
            found.append(Refusal(rule="PL10", why=why, todo=f"Name a later day with {flag}."))
        elif said.year > today.year + _YEARS:
            why = f"{flag} names {text}: no request is answered for more than {_YEARS} years."
            found.append(Refusal(rule="PL10", why=why, todo=f"Name an earlier day with {flag}."))
    if choice.since and datetime.fromisoformat(choice.since).date() > today:
        why = f"--since names {choice.since}, which has not come: there are no records of then."
        found.append(Refusal(rule="PL10", why=why, todo="Name the moment from which records are meant."))
    return found


_YEARS = 10


def lines(choice: Choice, kind: Kind) -> list[Refusal]:
    """A network address without port and second names no subscriber: many share it at one time (A.3)."""
    if choice.addressee != "isp" or "given" not in kind.parts or kind.about != "named":
        return []
    bare = [
        one for one in choice.about if _address(one.split()[0] if one.split() else "") and len(one.split()) < 2
    ]
    bare += [one for one in choice.about if one not in bare and _address(one.split()[0]) == "no port"]
    return [
        Refusal(
            rule="PL13",
            why=f"{visible(one, 80)} names no port, or no second at which it was used.",
            todo='Name address, port and moment in one: --about "203.0.113.7:51234 2026-11-01T12:00:05Z".',
        )
        for one in bare
    ]


def _address(text: str) -> str:
    """Whether a text is an IP address: `no port`, `port`, or empty where it is none."""
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        host, _, port = text.rpartition(":")
        try:
            ip_address(host.strip("[]"))
        except ValueError:
            return ""
        return "port" if port.isdigit() else ""
    return "no port"


def _badge(choice: Choice) -> Iterator[Refusal]:
    if choice.role in PRIVATE and choice.sender.get("badge"):
        yield Refusal(
            rule="PL15",
            why="A private sender's letter bears a badge.",
            todo="Take `badge` out of this officer in recover.toml; a lawyer's number is `bar`.",
        )


def there(choice: Choice, kind: Kind, view: View) -> list[Refusal]:
    """Reasons against a letter about losses that are not in the case, or have nothing where it goes."""
    named = choice.losses
    told = ", ".join(named)
    empty = "holding" in kind.parts and not choice.about and not matter.holdings(view, choice.name, (), {})
    if empty:
        why = f"The exhibits show nothing at rest in assets of {visible(choice.name, 80)}, and no place is named."
        todo = "Name each place with --about ADDRESS, or collect what `recover show CASE gaps` says is missing."
        return [Refusal(rule="PL13", why=why, todo=todo)]
    if unknown := sorted(set(named) - {loss.id for loss in view.case.losses}):
        known = ", ".join(loss.id for loss in view.case.losses[:12]) + (" ..." if view.case.losses[12:] else "")
        return [_gone(f"The case has no loss {', '.join(unknown)}.", f"It has: {known}. Name one with --loss.")]
    if not named or kind.about in ("letter", "case"):
        return []
    leave = "Name another loss, or leave --loss out where the sender may speak for all losses."
    if kind.about == "service":
        mine = narrowed.narrowed(view, figures.at_stake(view, choice.service), (), named)
        return [] if mine else [_gone(f"Nothing of {told} is at stake at {visible(choice.name, 80)}.", leave)]
    if kind.asks != "freeze":
        return []
    at = narrowed.places(view, named)
    held = matter.holdings(view, choice.name, named, {}) if "holding" in kind.parts else ()
    if not held and not any(one in at for one in choice.about):
        return [
            _gone(f"The exhibits show nothing of {told} that is left where {choice.name} could stop it.", leave)
        ]
    wrong = [visible(one, 80) for one in choice.about if one not in at]
    return [_gone(f"The exhibits show nothing of {told} at {one}.", "Leave it out. " + leave) for one in wrong]


def _gone(why: str, todo: str) -> Refusal:
    return Refusal(rule="loss", why=why, todo=todo)


def issued(m: Matter, day: date) -> list[Refusal]:
    """Reasons against a letter's going out on a day."""
    return [*_stated(m), *_term(m, day), *_amounts(m), *_force(m)]


_MUST: Mapping[str, tuple[Callable[[Matter], bool], str, str]] = {
    "L05": (lambda m: _has(m, "name", "address", "email"), "name, address and e-mail of the sender", "[sender]"),
    "L06": (lambda m: _has(m, "officer"), "who signs", "[[sender.officer]] in recover.toml"),
    "L07": (lambda m: paper.addressed(m), "the addressee's legal entity", "--entity"),
    "L08": (lambda m: bool(paper.reference(m)), "a reference", "`reference` of [sender]"),
    "L11": (
        lambda m: m.choice.role in PRIVATE or any(c.isdigit() for c in m.choice.offence),
        "the offence with its provision",
        "--offence",
    ),
    "L13": (
        lambda m: bool(m.rows or m.choice.about or m.holdings or m.kind.about in ("letter", "case")),
        "an identifier to look up",
        "--about",
    ),
    "L14": (
        lambda m: "records" not in m.kind.parts or bool(m.kind.listed(m.choice.addressee)),
        "which records are asked for",
        "the kind's records",
    ),
    "L15": (
        lambda m: "period" not in m.kind.parts or m.kind.asks == "freeze" or bool(m.first or m.choice.since),
        "the period",
        "--since",
    ),
    "L17": (lambda m: "urgent" not in m.kind.parts or bool(m.choice.urgent), "why it is urgent", "--urgent"),
    "L18": (lambda m: bool(m.choice.until or m.basis.clock), "until when", "--until"),
    "L19": (lambda m: bool(m.choice.court), "the process that follows", "--court"),
    "L20": (lambda m: "care" in m.kind.parts, "confidentiality", "the part `care`"),
    "L21": (lambda m: "care" in m.kind.parts, "whether the user may be told", "the part `care`"),
    "L22": (lambda m: "care" in m.kind.parts, "what to acknowledge", "the part `care`"),
    "L23": (
        lambda m: _has(m, "controller"),
        "controller and retention",
        "`controller` of [sender] or of the officer",
    ),
    "L24": (lambda m: bool(words.limits(m)), "its limits", "the text ask.limits"),
    "L25": (lambda m: "exhibits" in m.kind.parts or bool(m.files) or not m.ramps, "exhibits", "`exhibits`"),
}
"""Fields that depend on what was said: whether they stand there, what they are, and what gives them."""


def _has(m: Matter, *names: str) -> bool:
    return all(m.choice.sender.get(name) for name in names)


def _stated(m: Matter) -> Iterator[Refusal]:
    """PL09: what the basis says that a letter on it must state."""
    for field in m.basis.must_state:
        if field in _MUST and m.kind.about != "letter":
            holds, what, flag = _MUST[field]
            if not holds(m):
                why = f"{field}: {m.basis.id} must state it, and it is not there: {what}."
                yield Refusal(rule="PL09", why=why, todo=f"Give it with {flag}, and draft it again.")


def _term(m: Matter, day: date) -> Iterator[Refusal]:
    """PL10: a day until which it asks that lies before the letter, or after what its basis permits."""
    if m.choice.reply_by and date.fromisoformat(m.choice.reply_by) < day:
        why = f"It asks for an answer by {m.choice.reply_by}, and goes out on {day}."
        yield Refusal(rule="PL10", why=why, todo="Name a later day with --reply-by, and draft it again.")
    until = date.fromisoformat(m.choice.until) if m.choice.until else None
    if until is None:
        return
    if until < day:
        why = f"It asks until {until}, and goes out on {day}."
        yield Refusal(rule="PL10", why=why, todo="Name a later day with --until, and draft it again.")
    clock = m.basis.clock
    days = int(clock.get("days", 0)) + int(clock.get("renewals", 0)) * int(clock.get("renewal_days", 0))
    if "days" in clock and until > day + timedelta(days=days):
        why = f"{m.basis.id} permits {days} days with all renewals, until {day + timedelta(days=days)}."
        yield Refusal(rule="PL10", why=why, todo="Name an earlier day with --until, and draft it again.")


def _amounts(m: Matter) -> Iterator[Refusal]:
    bare = sorted({row.symbol for row in m.rows if row.raw_amount and not row.decimals})
    if bare:
        yield Refusal(
            rule="PL13",
            why=f"Amounts stand without decimals: {', '.join(bare)}.",
            todo="Import an exhibit that gives the decimals of the asset.",
        )


_NONE = {"en": "no statutory force", "th": "ไม่มีผลบังคับตามกฎหมาย"}
"""The plain sentence that a private letter without force must hold (PL18), by language."""


def _force(m: Matter) -> Iterator[Refusal]:
    private = m.choice.role in PRIVATE and m.basis.force == "voluntary" and m.kind.asks in ("preserve", "freeze")
    if private and _NONE.get(m.texts.language, "") not in " ".join(words.limits(m)).casefold():
        yield Refusal(
            rule="PL18",
            why="It does not say plainly that it has no statutory force.",
            todo="Say so in `limits` of [ask] in the kind's texts.",
        )
