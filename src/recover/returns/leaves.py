"""A paper of the return: its words, its frame, and the files that it becomes. Pure but for writing the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import recover
from recover.case import Case
from recover.case.folder import replace
from recover.case.private import identities
from recover.plugins.registry import Plugins
from recover.recognise.assets import registered, shown
from recover.report import render
from recover.report.elements import Block, Brief, Para, Section, strings
from recover.report.texts import Texts
from recover.sdk import Template, amounts
from recover.sdk.errors import Error
from recover.sdk.outside import visible

LAYOUT = "letters-common"

Units = Mapping[str, tuple[str, int | None]]
"""Asset id -> (symbol, decimals)."""


@cache
def words(language: str) -> Texts:
    """The words of the papers in one language."""
    return Texts.load(Path(__file__).parent / "words", language)


def units(case: Case, plugins: Plugins) -> Units:
    """How amounts are shown: by the chains' registers, then as the exhibits say."""
    found = {asset.id: (asset.symbol, asset.decimals) for asset in registered(plugins).values()}
    return found | {name: said for name, said in shown(case).items() if said[1] is not None}


def said(asset: str, amount: int | None, known: Units, unknown: str = "–") -> str:
    """An amount with its symbol, or with the asset's id where it has none."""
    if amount is None:
        return unknown
    symbol, decimals = known.get(asset, ("", None))
    return f"{amounts.decimal(amount, decimals)} {visible(symbol, 20) or asset}"


def brief(
    case: Case,
    t: Texts,
    title: str,
    subtitle: str,
    cover: Sequence[Block],
    parts: Sequence[tuple[str, Sequence[Block]]],
) -> Brief:
    """A whole paper, as of the case's last entry. It is a draft: a person checks and signs it."""
    day = case.entries[-1].time
    warned = (Para(text=t.say("doc.unverified"), style="warning"),)
    return Brief(
        language=t.language,
        title=title,
        subtitle=subtitle,
        author=visible(case.settings.agency, 120),
        mark=t.say("doc.mark"),
        running=t.say("doc.running", reference=visible(case.settings.reference, 60) or "–"),
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


def write(case: Case, plugins: Plugins, out: Path, files: Mapping[str, Brief | bytes]) -> list[Path]:
    """Write papers into a folder outside the case: PDF of a brief, bytes as they are.

    Raises Error where a paper holds an identity of `private/identities.txt`; then nothing is written.
    """
    made: dict[str, bytes] = {}
    for name, one in files.items():
        texts = [one.decode("utf-8", "replace")] if isinstance(one, bytes) else strings(one)
        if any(who.casefold() in text.casefold() for who in identities(case) for text in texts):
            raise Error(
                "paper-identity",
                f"{name} holds an identity of this case.",
                "It stands in a basis, a note or an authority that somebody typed.",
                "Take it out there: papers name people by pseudonym.",
            )
        made[name] = one if isinstance(one, bytes) else render.pdf(_layout(plugins), one)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        replace(out / name, data)
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
