"""A paper of the return: its words, its frame, and the files that it becomes. Pure but for writing the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import recover
from recover.case import Case, folder
from recover.case.private import identities
from recover.plugins.registry import Plugins
from recover.recognise.assets import Units, coin, told
from recover.report import phrases, render
from recover.report.elements import Block, Brief, Para, Section, strings
from recover.report.texts import Texts
from recover.sdk import Template
from recover.sdk.errors import Error
from recover.sdk.outside import visible
from recover.tracing import rules

LAYOUT = "letters-common"

JOINED = "-\u2060"
"""A hyphen at which no line breaks."""


def words(language: str, plugins: Plugins) -> Texts:
    """The words of the papers in one language, in which a rule is called by its title."""
    made = Texts.load(Path(__file__).parent / "words", language, phrases.folders(list(plugins.templates.values())))
    return replace(made, titles={rule.id: rule.title for rule in rules.RULES.values()})


def said(asset: str, amount: int | None, known: Units, unknown: str = "–") -> str:
    """An amount with its symbol, or with the asset's id where it has none."""
    if amount is None:
        return unknown
    return told(asset, amount, known)


def in_coin(place: str, fee: int | None, known: Units) -> str:
    """A fee at a CAIP-10 place, in units of its chain's own coin; a dash for none."""
    return "–" if fee is None else said(coin(place.rpartition(":")[0], known), fee, known)


def brief(
    case: Case,
    t: Texts,
    title: str,
    subtitle: str,
    cover: Sequence[Block],
    parts: Sequence[tuple[str, Sequence[Block]]],
    titled: bool = True,
) -> Brief:
    """A whole paper, as of the case's last entry. It is a draft: a person checks and signs it.

    `titled` papers bear the case's title, which may name somebody: one that leaves the house does not.
    """
    day = case.entries[-1].time
    warned = (Para(text=t.say("doc.unverified"), style="warning"),)
    return Brief(
        language=t.language,
        title=title,
        subtitle=subtitle,
        author=visible(case.settings.agency, 120),
        mark=t.say("doc.mark"),
        running=" · ".join(_running(case, t, titled)),
        footer=t.say("doc.footer", head=case.head[0][:12], version=recover.__version__),
        page=t.entries["doc.page"],
        contents="",
        exhibit="{numbers}",
        exhibits="{numbers}",
        date=(day.year, day.month, day.day),
        cover=(*warned, *cover),
        sections=tuple(Section(id=str(n), title=head, blocks=tuple(b)) for n, (head, b) in enumerate(parts, 1)),
        letterhead=(visible(case.settings.agency, 120),),
    )


def _running(case: Case, t: Texts, titled: bool) -> Iterator[str]:
    """Which case it is of: title and reference, as far as they are there; else the day on which it was opened."""
    title, reference = visible(case.settings.title, 80) if titled else "", visible(case.settings.reference, 60)
    if title:
        yield title
    if reference:
        yield t.say("doc.running", reference=reference)
    elif not title:
        yield t.say("doc.opened", day=f"{case.entries[0].time:%Y-%m-%d}", hash=case.entries[0].hash[:12])


def outside(case: Case, out: Path) -> None:
    """Raises Error for a folder below the case: what names a person does not stand where the case is handed on."""
    if out.resolve().is_relative_to(case.path.resolve()):
        raise Error(
            "paper-inside",
            f"{out} is inside the case.",
            "This paper names a person, and whoever gets the case would get it too.",
            "Name a folder outside, with --out.",
        )


def write(
    case: Case, plugins: Plugins, out: Path, files: Mapping[str, Brief | bytes], *, opened: bool = False
) -> list[Path]:
    """Write papers into a folder outside the case: PDF of a brief, bytes as they are.

    Raises Error where a paper holds an identity of `private/identities.txt`; then nothing is written. `opened` are
    papers that name a person on purpose.
    """
    made: dict[str, bytes] = {}
    named = () if opened else identities(case)
    for name, one in files.items():
        texts = [one.decode("utf-8", "replace")] if isinstance(one, bytes) else strings(one)
        if any(who.casefold() in text.casefold() for who in named for text in texts):
            raise Error(
                "paper-identity",
                f"{name} holds an identity of this case.",
                "It stands in a basis, a note or an authority that somebody typed.",
                "Take it out there: papers name people by pseudonym.",
            )
        made[name] = one if isinstance(one, bytes) else render.pdf(_layout(plugins), one)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        folder.replace(out / name, data)
    return [out / name for name in made]


def _layout(plugins: Plugins) -> Template:
    found = plugins.templates.get(LAYOUT)
    if found is None:
        raise Error(
            "no-layout",
            "There is no layout for papers.",
            f"The template {LAYOUT} is not installed.",
            "Install recover-letters, which brings it.",
        )
    return found
