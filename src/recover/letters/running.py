"""The clocks of a case's letters: by the law, by the letter, and by its addressee's own rules or answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from recover.case import Case
from recover.declared import overlay
from recover.letters import clocks, folders, holds
from recover.letters.clocks import Term
from recover.letters.life import Letter, laws, letters
from recover.plugins.registry import Plugins
from recover.registers import addressees, bases
from recover.registers.bases import LegalBasis
from recover.sdk import Addressee


def terms(case: Case, plugins: Plugins) -> list[Term]:
    """The clocks of all issued letters, the first that lapses first."""
    register, desk = register_of(plugins, letters(case).values()), Own(case, plugins)
    found = [
        replace(term, to=one.choice.name if one.choice else "", word=_word(term))
        for one in letters(case).values()
        for term in (*by_law(one, register), *desk.terms(one))
    ]
    return sorted(found, key=lambda term: (term.due, term.letter, term.version))


def over(case: Case, plugins: Plugins) -> list[Term]:
    """The clocks that ran after some act on a letter, and run no more: a calendar may still have them."""
    register, desk = register_of(plugins, letters(case).values()), Own(case, plugins)
    found: dict[tuple[str, int, str], Term] = {}
    for one in letters(case).values():
        for most in range(len(one.acts) + 1):
            then = replace(one, acts=one.acts[:most], ended=False)
            for term in (*by_law(then, register), *desk.terms(then)):
                to = one.choice.name if one.choice else ""
                found[term.event] = replace(term, to=to, word=_word(term), over=True)
        for term in (*by_law(one, register), *desk.terms(one)):
            found.pop(term.event, None)
    return sorted(found.values(), key=lambda term: (term.due, term.letter, term.version))


def home(case: Case) -> clocks.Home:
    """The case as its calendar tells of it: by its file number, else by its folder."""
    first, last = case.entries[0], case.entries[-1]
    name = " ".join(filter(None, [case.path.resolve().name, case.settings.reference]))
    return clocks.Home(key=first.hash[:16], name=name, number=last.number, stamp=last.time)


def clock(term: Term) -> str:
    """What a clock is called for a reader: its kind, and of a hold whether its addressee said so, or grants it."""
    if term.kind != "hold":
        return term.kind
    return "answer" if term.start == "answer" else "hold" if term.granted else "ungranted"


def _word(term: Term) -> str:
    return _SUMMARY[clock(term)]


_SUMMARY = {
    "lapses": "the term by law ends",
    "until": "last day until which the letter asks",
    "reply_by": "an answer is asked for",
    "hold": "a hold by its own rules ends",
    "ungranted": "a hold by its own rules ends, if it holds at all",
    "answer": "the hold that its answer named ends",
    "records": "records kept by its own rules are kept no longer",
    "report": "it wants a report to the police by now",
}
"""What stands in a calendar, for who does not know this program."""


class Own:
    """What addressees hold by their own rules, as the register of this case says."""

    def __init__(self, case: Case, plugins: Plugins) -> None:
        self.entries = overlay.entries(case, plugins)
        self._services = addressees.services(plugins.templates, self.entries)
        self._bases = register_of(plugins, letters(case).values())
        listed = plugins.templates.values()
        self._asks = {kind.id: kind.asks for kind in folders.load(list(listed)).values()}

    def entry(self, name: str) -> Addressee | None:
        return addressees.meant(name, self.entries, self._services)

    def terms(self, letter: Letter) -> list[Term]:
        entry = self.entry(letter.choice.name) if letter.choice and letter.choice.name else None
        last = max((a.version for a in letter.acts if a.act == "answer"), default=0)
        found = (
            one
            for n in letter.issued
            for one in holds.terms(letter, n, entry, self._what(letter, n), self._force(letter, n))
        )
        # What an answer says of an earlier version holds until the next one is answered.
        stands = (n for n in found if n.version == letter.standing or (n.start == "answer" and n.version == last))
        return [replace(one, basis=_says(one)) for one in stands]

    def _force(self, letter: Letter, version: int) -> bool:
        """Whether the basis of a version compels."""
        basis = self._bases.get(basis_of(letter, version))
        return basis is not None and basis.force == "binding"

    def _what(self, letter: Letter, version: int) -> str:
        """What a version asks for; an older one kept its kind alone."""
        done = letter.at("issue", version)
        return (done.text("asks") or self._asks.get(done.text("kind"), "")) if done else ""


def _says(term: Term) -> str:
    return "as its answer says" if term.confirmed else f"as the register says of {term.basis}, unconfirmed"


def register_of(plugins: Plugins, found: Iterable[Letter]) -> Mapping[str, LegalBasis]:
    """The register of legal bases, with the agency's own entries on which these letters rest."""
    template = plugins.templates.get("legal-bases")
    return bases.load(template, laws(found)) if template else {}


def by_law(letter: Letter, register: Mapping[str, LegalBasis]) -> list[Term]:
    """By what each version was issued on: a later draft of the letter changes no clock of one that went out."""
    found: list[Term] = []
    for version in letter.issued:
        basis, done = register.get(basis_of(letter, version)), letter.at("issue", version)
        asks = done.text("asks") if done else ""
        if basis is not None and asks and asks not in basis.kind:
            basis = None  # a letter that asks after another has no term of its own by law
        found += (term for term in clocks.terms(letter, basis) if term.version == version)
    return found


def basis_of(letter: Letter, version: int) -> str:
    """The basis on which a version was issued, else that of the draft."""
    done, choice = letter.at("issue", version), letter.chosen(version)
    drafted = choice.basis if choice else ""
    return (done.text("basis") if done else "") or drafted
