"""open: a case under one rule, declared before anything is traced."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recover.capture import own
from recover.capture.own import Limits
from recover.case import Settings, folder, open_for_reading, settings
from recover.case.folder import Clock, clock
from recover.declared.admissible import declarable
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error


def create(
    path: Path,
    *,
    title: str,
    examiner: str,
    agency: str,
    rule: str,
    reference: str = "",
    note: str = "",
    language: str = "en",
    second: bool = False,
    sources: Sequence[str] = (),
    limits: Limits | None = None,
    plugins: Plugins | None = None,
    now: Clock = clock,
) -> None:
    """A new case under one declared rule. Raises Error when the rule cannot be declared, or the path is taken.

    `sources` may be asked over the network, each as ID or ID=URL; `plugins` says which there are. The case names
    them; that they may be asked for this case, where, and how often (`limits`), is kept in the user's own
    configuration.
    """
    # The rule is declared before there is anything to trace, so that it cannot have been chosen for its result.
    declared = declarable(rule)
    named = [text.partition("=")[::2] for text in sources]
    if plugins is not None:
        for name, _ in named:
            plugins.source(name)
    mine = own.load(dict(named))  # raises Error for an address that cannot be one
    own.limited(limits or Limits())
    blank = [
        name for name, text in (("title", title), ("examiner", examiner), ("agency", agency)) if not text.strip()
    ]
    if blank:
        raise Error(
            "blank-setting",
            f"{' and '.join(blank)} must not be empty.",
            "A case says who asked, and for whom.",
            "Give each of --title, --examiner and --agency.",
        )
    opened = now().replace(microsecond=0)
    chosen = Settings(
        title=title,
        examiner=examiner,
        agency=agency,
        rule=declared.id,
        opened=opened,
        reference=reference,
        language=language,
        note=note,
        second=second,
        sources=tuple(dict.fromkeys(name for name, _ in named)),
    )
    settings.parse(settings.text(chosen))  # what could not be read again is not written
    folder.create(path, chosen, now)
    if mine.given or limits is not None:
        said = {name: place.endpoint for name, place in mine.given.items()}
        own.keep(open_for_reading(path).id, path, said, limits)
