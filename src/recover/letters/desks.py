"""What letters are written with: kinds, bases and the texts that they share, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from recover.letters import filled, folders, gates
from recover.letters.folders import Kind
from recover.letters.life import Choice
from recover.registers import bases
from recover.registers.bases import LegalBasis
from recover.report import phrases
from recover.report.texts import Texts
from recover.sdk import Error, Template

PLAIN = "preserve"
"""The kind that is drafted by itself to each service that value reached."""

COMMON = "letters-common"
"""The register whose folder holds the sentences and the layout that all letters share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`shipped` are the kinds that plugins bring, `mine` the agency's own, `broken` why one of these cannot be
    used: it stops its own letters, and no other."""

    shipped: Mapping[str, Kind]
    bases: Mapping[str, LegalBasis]
    register: Template
    common: Template
    phrases: phrases.Folders = ()
    mine: Mapping[str, Kind] = field(default_factory=dict)
    broken: Mapping[str, Error] = field(default_factory=dict)

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind by id. No two have one name."""
        return {**self.mine, **self.shipped}

    def kind(self, choice: Choice) -> Kind:
        """The kind of a letter: as its draft kept it, where it is an agency's own. Raises Error for one that is
        not here, or cannot be used."""
        if choice.words:
            return folders.bound(choice.kind, choice.words)
        found = self.shipped.get(choice.kind) or self.mine.get(choice.kind)
        if found is not None:
            return found
        if choice.kind in self.broken:
            raise self.broken[choice.kind]
        raise Error(
            "letter-kind-missing",
            f"There is no kind of letter {choice.kind!r} here, and the letter {choice.id} is of it.",
            f"Here there are: {', '.join(sorted(self.kinds))}.",
            "Install the plugin that brings it, or name your own folder of letters in recover.toml.",
        )

    def basis(self, choice: Choice) -> LegalBasis:
        """What a letter rests on: as its draft kept it, where it is an agency's own. Raises Error for none."""
        own = {**({choice.basis: choice.law} if choice.law else {}), **choice.treaties()}
        found = _kept(self.register, tuple(own.items())) if own else self.bases
        if choice.basis not in found:
            raise Error(
                "legal-basis-missing",
                f"The register of legal bases has no entry {choice.basis!r}.",
                f"The letter {choice.id} rests on it.",
                "Draft it again on another basis.",
            )
        return found[choice.basis]

    def usable(self, choice: Choice) -> Kind:
        """As `kind`. Raises Error too where its texts cannot be filled."""
        found = self.kind(choice)
        if found.own:
            filled.held(found, self.shipped.values(), self.common.folder)
        return found

    def foreign(self, choice: Choice) -> bool:
        """Whether a letter is of a kind that no plugin brings: what is wrong with it is its author's to mend."""
        return choice.kind not in self.shipped or bool(choice.words)

    def same(self, choice: Choice) -> None:
        """Raises Error where the words of a letter's kind are not those that it was drafted in."""
        now = self.mine.get(choice.kind) if choice.words else self.shipped.get(choice.kind)
        if choice.words and now is None and choice.kind not in self.broken and choice.kind not in self.shipped:
            now = self.kind(choice)  # its folder is on another machine, and the draft kept it
        if choice.template and (now is None or now.digest(self.common.folder) != choice.template):
            raise Error(
                "letter-words-changed",
                f"The words of the kind {choice.kind} were changed since {choice.id} was drafted.",
                "What goes out has to be what was read, and the draft is in other words.",
                "Draft it again, read it, and issue that.",
            )

    def layered(self, kind: Kind, language: str) -> Texts:
        shared = Texts.layered((self.common.folder,), language, self.phrases)
        own = kind.words(language)
        mine = {key: own[key] for key in own if not filled.fixed(key)} if kind.own else own
        return replace(shared, entries={**shared.entries, **mine}, file=f"{kind.id}/{language}.toml")

    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(p.stem for p in self.common.folder.glob("??.toml")))


def desk(
    templates: Sequence[Template], own: Path | None = None, laws: Mapping[str, str] = MappingProxyType({})
) -> Desk:
    """Read the templates; `own` is the agency's folder of letter folders, `laws` its legal bases. Raises Error."""
    found = {(t.kind, t.id): t for t in templates}
    for kind, ident in (("register", "legal-bases"), ("register", COMMON), ("letter", PLAIN)):
        if (kind, ident) not in found:
            raise Error(
                "template-missing",
                f"No plugin brings the {kind} template {ident!r}.",
                "Letters rest on it.",
                "Install recover-letters, or the extra `standard`.",
            )
    register = bases.load(found["register", "legal-bases"], laws)
    # Which basis a sender may use depends on the sender, whom only a person can name. A plain draft claims none.
    if gates.VOLUNTARY not in register:
        raise Error(
            "legal-basis-missing",
            f"The register of legal bases has no entry {gates.VOLUNTARY}.",
            "A draft rests on it until a person names another basis.",
            "Install recover-letters again.",
        )
    kinds, common = folders.load(templates), found["register", COMMON]
    mine, broken = _own(own, kinds)
    return Desk(
        shipped=kinds,
        bases=register,
        register=found["register", "legal-bases"],
        common=common,
        phrases=phrases.folders(templates),
        mine=mine,
        broken=broken,
    )


@lru_cache(maxsize=16)
def _kept(register: Template, own: tuple[tuple[str, str], ...]) -> Mapping[str, LegalBasis]:
    """The register with the entries that a draft kept."""
    return bases.load(register, dict(own))


def _own(place: Path | None, shipped: Mapping[str, Kind]) -> tuple[dict[str, Kind], dict[str, Error]]:
    """The kinds of an agency's own folder, and why each of the others there cannot be used."""
    mine, broken = dict[str, Kind](), dict[str, Error]()
    for path in sorted(place.iterdir()) if place and place.is_dir() else ():
        if not (path / folders.FILE).is_file():
            continue
        if path.name in shipped:
            broken[path.name] = folders.taken(path.name)
            continue
        try:
            mine[path.name] = folders.own(path)
        except Error as error:
            broken[path.name] = error
    return mine, broken
