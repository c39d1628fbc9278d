"""The language of documents: words that a report must not use, and what must stand beside a traced figure.

A finding that overstates is worse than none. The rules are checked against every text of a template and against
what documents say; text from outside is quoted as it is, and is not held to them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from recover.report import accusing, refused_words
from recover.report.texts import Texts
from recover.victims import spelled

_BANNED: tuple[tuple[str, str], ...] = (
    # A court finds who did what; no paper here may call anybody so before.
    ("person", r"\b(?:hacker|thief|scammer|fraudster|launderer|criminal|culprit)(?:'s|’s)?\b"),
    ("certainty", r"\b(?:prove[sdn]?|proof that|certainly|undoubtedly|beyond (?:any )?doubt|guarantee[sd]?)\b"),
    # A rule says which value is traced. The coins themselves have no such quality.
    ("coins", r"\b(?:dirty|tainted|clean|stolen|laundered) (?:coins?|money|funds?|tokens?|value)\b"),
    ("percent", r"\b100 ?%"),
    # Only an exhibit of the event can say so, and then as a finding of its own kind.
    ("recovered", r"\b(?:recovered|seized|frozen)\b"),
    (
        # An address is attributed, with a grade and a basis, and never stated to be somebody's.
        "ownership",
        r"\b(?:owned by|is the (?:wallet|address) of|(?:wallet|address|account) (?:belongs to|is owned))\b",
    ),
)
# What a letter without a court's or a statute's force must not say: words that compel (PL02), a request to hand
# over in a letter that asks to keep (PL03), freezing value in a letter about keeping data, which is another act by
# another power (PL04), guilt (PL06), silence as an order without a provision (PL07), and bodies that set policy or
# pass on requests, cited as if they gave a power (PL12).
_FORCE = (
    "PL02",
    r"you are required|failure to comply|18 U\.?S\.?C|\border\b|\bwarrant\b|\bsubpoena\b|\bcontempt\b",
)
_HANDING = ("PL03", r"\b(?:produce|disclose|hand over|provide us)\b")
_HOLDING = ("PL04", r"\b(?:freeze|frozen|freezing|restrain|block the account)\b")
_KEEPING = ("PL04", r"\bkeep (?:the |all )?records\b")
_LETTER: tuple[tuple[str, str], ...] = (
    ("PL06", r"\b(?:guilty|liable|laundering|offender)\b"),
    ("PL07", r"(?:must not|shall not|may not) (?:tell|inform|disclose|notify)"),
    ("PL12", r"\b(?:IC-GPOS|FATF|Egmont|I-GRIP)\b"),
)
_FIGURE = re.compile(r"\d[\d,]*\.\d|\d{1,3}(?:,\d{3})+")
_VALUE = re.compile(r"\btraced (?:value|amount|figure)\b|\{traced\}", re.IGNORECASE)


# Slots that hold a figure of traced value: a rule made it, and is named in the same sentence.
_TRACED = ("{traced}", "{credited}", "{unswept}", "{elsewhere}", "{unfollowed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One place where a text says what it must not, or leaves out what it must say."""

    rule: str
    where: str
    text: str


def _rules(force: bool, asks: str) -> Iterator[tuple[str, str]]:
    """The rules of a letter by what it asks for: keeping data, holding value and handing over are three acts by
    three powers, and a letter that mixes them is refused by its reader."""
    yield from _LETTER
    yield from refused_words.ALWAYS
    if not force:
        yield _FORCE
        yield from refused_words.FORCE
    if asks in ("preserve", "freeze"):
        yield from (_HANDING, *refused_words.HANDING)
    if asks in ("preserve", "disclose", "enquiry"):
        yield from (_HOLDING, *refused_words.HOLDING)
    if asks == "freeze":
        yield from (_KEEPING, *refused_words.KEEPING)


def words(
    texts: Mapping[str, str], letter: bool = False, force: bool = False, asks: str = "preserve"
) -> list[Breach]:
    """Breaches in the texts of a template, by key; `letter` adds the rules for letters.

    `force`: its basis binds its addressee. `asks`: what the letter asks for.
    """
    found = []
    for key, text in sorted(texts.items()):
        found += [Breach(rule=r, where=key, text=text) for r in banned(text, letter, force, asks)]
        if any(slot in text for slot in _TRACED) and "{rule}" not in text:
            found.append(Breach(rule="rule beside figure", where=key, text=text))
    return found


def banned(text: str, letter: bool = False, force: bool = False, asks: str = "preserve") -> list[str]:
    """The names of the rules that a text breaks by a word."""
    rules = (*_BANNED, *_rules(force, asks)) if letter else _BANNED
    # Denials are taken out first, not exempted whole: the rest of the same text is still held to the rules.
    said = refused_words.DENIED.sub("", refused_words.folded(text))
    found = [name for name, pattern in rules if re.search(pattern, said, re.IGNORECASE)]
    return [*dict.fromkeys([*found, *(["PL06"] if letter and accusing.accuses(said) else [])])]


def figures(texts: Iterable[str], rules: Collection[str]) -> list[Breach]:
    """Sentences of a document that give a figure of traced value and name none of `rules` beside it."""
    named = re.compile("|".join(rf"\b{re.escape(rule)}\b" for rule in sorted(rules)))
    return [
        Breach(rule="rule beside figure", where="document", text=text)
        for text in texts
        if _VALUE.search(text) and _FIGURE.search(text) and not named.search(text)
    ]


def written(
    texts: Texts, said: Iterable[str], kind: str, names: Sequence[str], force: bool = False, asks: str = "preserve"
) -> list[Breach]:
    """Breaches of one written document of `kind` (report or letter).

    Our own sentences are checked as the template has them: what fills a slot is quoted from outside and is exempt,
    but for `names`, identities that no document may hold wherever they stand.
    """
    own = {key: texts.entries[key] for key in sorted(texts.used)}
    found = words(own, kind == "letter", force, asks)
    sought = spelled.Names(names)
    found += [Breach(rule=IDENTITY, where=kind, text="") for text in said for _ in sought.inside(text)]
    return found


IDENTITY = "identity"
"""The one rule that nobody may override: what is found is never repeated."""

NUMBERS = {
    "ownership": "PL05",
    "person": "PL06",
    "identity": "PL11",
    "coins": "PL14",
    "rule beside figure": "PL14",
    "recovered": "PL20",
}
"""The rules of words by the number that they have for letters."""
