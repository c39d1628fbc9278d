"""What a sender types into a letter: how long it may be, what it may not say, and what it may not tell of people.

The rules of language hold for every field that a letter prints. In those that name a law, a court, an entity or an
identifier the names of laws and bodies are no breach: `Money laundering` as an offence says nothing of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from recover.letters.folders import Kind
from recover.letters.gates import Refusal
from recover.letters.life import Choice
from recover.registers.bases import LegalBasis
from recover.report import lint, refused_words
from recover.sdk.outside import visible
from recover.victims import spelled
from recover.victims.known import PSEUDONYM

_MOST: Mapping[str, int] = {
    "facts": 20_000, "urgent": 4_000, "why": 300, "offence": 300, "court": 200, "claim": 300, "instructed_by": 300,
    "entity": 160, "provision": 200, "leave": 200, "report": 200,
    "address": 300, "application": 300,
}  # fmt: skip
"""How many characters of what a sender says a letter prints."""

_FREE = tuple(_MOST)
"""What a sender writes as it likes, and a letter prints."""

_WORDS = ("facts", "urgent", "claim", "application", "why")
"""Those in which it writes sentences; the others name something."""

_NAMING = ("PL02", "PL03", "PL06", "PL11")
"""The rules for what names something: it compels nobody, asks for no disclosure, and says nothing of a person."""

_CALLED = re.compile(
    r"\bcriminal (?=(?:code|court|procedure|law|offen[cs]e|act|complaint|case|justice|division|investigation)\b)"
    r"|\b(?:money[- ])?laundering\b|\bpublic order\b|การกระทำ(?:ความ)?ผิด|ฟอกเงิน"
    r"|(?:^|[;,]\s*)(?:ฉ้อโกง|ยักยอก|ลัก|ปล้น|กรรโชก|รีดเอา)(?:ทรัพย์|ประชาชน)?(?=$|[;,\s])",
    re.IGNORECASE,
)
"""Names of laws and bodies."""

_LOOKED_UP = re.compile(
    r"\border (?:(?:no\.?|id|number) ?)?[#:]? ?[\w-]*\d[\w-]*|\bhttps?://[^\s;]+", re.IGNORECASE
)
"""Of an identifier: the number of an order for goods, and a link."""

_POWER = re.compile(
    r"\b(?:courts?|tribunal|judges?|police|ministry|prosecutors?)\b|ศาล|ตำรวจ|อัยการ", re.IGNORECASE
)


def long(choice: Choice) -> Iterator[Refusal]:
    """Reasons against more than a letter prints."""
    for name, most in _MOST.items():
        if len(text := getattr(choice, name)) > most:
            yield Refusal(
                rule="length",
                why=f"{flag(name)} has {len(text):,} characters, and a letter prints {most:,} of them.",
                todo=f"Say it in fewer words with {flag(name)}.",
            )


def worded(
    choice: Choice, kind: Kind, basis: LegalBasis, passed: Collection[tuple[str, str]]
) -> Iterator[Refusal]:
    """Words that break a rule of language, in any field; `passed` are rules that a named person let pass."""
    force = basis.force != "voluntary"
    for name, text in texts(choice):
        said = text if name in _WORDS else _CALLED.sub(" ", text)
        said = _LOOKED_UP.sub(" ", said) if name == "about" else said
        for one in lint.banned(said, letter=True, force=force, asks=kind.asks):
            rule = lint.NUMBERS.get(one, one if one.startswith("PL") else "")
            if rule and (name in _WORDS or rule in _NAMING) and ("letter", one) not in passed:
                yield Refusal(
                    rule=rule,
                    why=f"The words of {flag(name)} break it: {visible(text, 120)}",
                    todo="Put it in other words, or let a named person pass it: "
                    f"`recover decide CASE --paper letter --rule {one}`.",
                )


def texts(choice: Choice) -> Iterator[tuple[str, str]]:
    """(field, text) of all that its sender typed; an identifier that the trace found is nobody's word."""
    yield from ((name, getattr(choice, name)) for name in _FREE)
    if not choice.found:
        yield from (("about", one) for one in choice.about)


def unbacked(choice: Choice, kind: Kind, basis: LegalBasis) -> Iterator[Refusal]:
    """PL02: what lends a letter a force that it has not: a provision, a court's leave or a power of the state
    behind a request of one's own will, and a court where none is to be applied to."""
    own = f"{basis.id} is no law and gives no power"
    for name in ("provision", "leave") if basis.force == "voluntary" else ():
        if getattr(choice, name):
            yield _lent(
                f"{flag(name)} is given, and {own}.", f"Leave {flag(name)} out: it belongs to a basis that is law."
            )
    if choice.court and "claim" not in kind.parts and "L19" not in basis.must_state:
        why = f"--court is given, and a letter of the kind {kind.id} on {basis.id} goes before no application."
        yield _lent(why, "Leave --court out; a notice names the court of an intended application.")
    if choice.role == "victim" and _POWER.search(refused_words.folded(choice.instructed_by)):
        why = "--instructed-by names a power of the state, and the sender is a victim."
        yield _lent(why, "Leave --instructed-by out, or name the pseudonym of the party.")


def _lent(why: str, todo: str) -> Refusal:
    return Refusal(rule="PL02", why=why, todo=todo)


def telling(choice: Choice) -> Iterator[Refusal]:
    """PL11: what tells a person. No decision lets it pass, at the draft or at issue."""
    for name in _FREE:
        # A pseudonym of six digits has the form of a passport's number, and tells nobody.
        text = PSEUDONYM.sub(" ", refused_words.folded(getattr(choice, name)))
        for what, pattern in refused_words.IDENTIFYING:
            if found := re.search(pattern, text):
                yield Refusal(
                    rule="PL11",
                    why=f"The words of {flag(name)} hold what looks like {what}: {visible(found[0][:4], 8)}...",
                    todo="Leave it out: a letter names those concerned by pseudonyms.",
                )


def naming(choice: Choice, names: Sequence[str]) -> list[str]:
    """The options in whose words one of these names stands."""
    told = {flag(name): getattr(choice, name) for name in _FREE} | {"--about": "\n".join(choice.about)}
    sought = spelled.Names(names)
    return [option for option, text in told.items() if sought.inside(text)]


def flag(name: str) -> str:
    """The option that gives a field."""
    return "--reason" if name == "why" else f"--{name.replace('_', '-')}"
