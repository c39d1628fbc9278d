"""What taking victims in shares: answers typed or piped, the exhibits read first, and what is told of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from recover.cli import screen, victims_rows, victims_shown
from recover.cli.codec import Row
from recover.cli.unlocking import opened

if TYPE_CHECKING:
    from recover.case import Case
    from recover.plugins.registry import Plugins
    from recover.victims.intake import Taken
    from recover.victims.vault import Vault


def asked() -> dict[str, str]:
    from recover.victims.questions import FIELDS

    if not sys.stdin.isatty():
        lines = [line.strip() for line in sys.stdin if line.strip() and not line.startswith("#")]
        return dict(line.partition("=")[::2] for line in lines)
    said: dict[str, str] = {}
    block = ""
    for field in FIELDS:
        if field.block != block:
            block = field.block
            screen.remark(f"-- {block}: leave empty what is not known or not needed")
        text = typer.prompt(field.asks, default="", show_default=False, err=True)
        if text.strip():
            said[field.name] = text
    return said


def take(case: Path, rows: Any, victim: str, by: str, keys: tuple[Any, Any, Any], json: bool) -> None:
    import secrets

    from recover.cli.writing import open_for_writing
    from recover.declared.handing import working
    from recover.plugins import registry
    from recover.victims import intake, leaks, spelled

    plugins = registry.load()
    with open_for_writing(case, "victim") as writing:
        # First: a passphrase takes a gigabyte while it is stretched, and a wrong one is told at once.
        vault = opened(writing, *keys)
        if writing.exhibits():
            _read(writing, plugins)
        taken = intake.take(
            writing, plugins, vault, rows, by=by or working(writing), choose=secrets.choice, victim=victim
        )
        own = spelled.own(plugins.templates.values())
        leaked = leaks.find(writing, taken.sealed.items(), papers=True, own=own)
        result = _taken(writing, taken) | {"leaks": [{"file": f, "victim": v} for f, v in leaked]}
        screen.answer(result, json, lambda: victims_shown.say(result))
        for file, name in leaked:
            screen.remark(
                f"warning: {file} holds what tells who {name} is. Nobody outside may receive it as it is."
            )
        named(writing, vault, taken.sealed)


def named(writing: Case, vault: Vault, just: Mapping[str, Any] | None = None) -> None:
    """Hold names of files against the identities while these are open, and say which papers leave out.

    `just` are records that were sealed a moment ago: they are not opened again.
    """
    from recover.victims import withheld

    new = just or {}
    records = dict([*new.items(), *vault.each(name for name in vault.names() if name not in new)])
    withheld.note(writing, sorted(records.items()))
    told = [str(number) for number, fields in withheld.of(writing).items() if "name" in fields]
    if told:
        screen.remark(
            f"note: the file names of exhibits {', '.join(told)} tell who a victim is; papers leave them out. The "
            "journal keeps them: import a copy under another name into a case that is handed on."
        )


def _read(writing: Case, plugins: Plugins) -> None:
    from recover.cli import progress
    from recover.stages import decode

    with progress.watch(True) as tell:
        decode.run(writing, plugins, tell)


def _taken(case: Case, taken: Taken) -> Row:
    from recover.victims import known, missing_payments

    every = known.every(case)
    claims = missing_payments.claims(case) if len(taken.payments) <= 100 else None
    names = [*taken.new, *taken.again]
    return {
        "new": list(taken.new),
        "again": list(taken.again),
        "payments": [victims_rows.payment(case, p, claims) for p in taken.payments],
        "told": list(taken.told),
        "do_now": {name: victims_rows.steps(every[name]) for name in names[:20]},
    }
