"""Opening the identities of a case: a passphrase that is typed or read from a file, or a recipient's key."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from recover.case import Case
    from recover.victims.vault import Opener, Vault

PassphraseFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="The passphrase of the identities is the first line of this file.", show_default=False
    ),
]
Identity: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="An age key that opens the identities.", show_default=False),
]
Recipients: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--recipient",
        metavar="AGE1",
        help="The first time: who may read identities, in place of a passphrase; may be repeated.",
        show_default=False,
    ),
]

VARIABLE = "RECOVER_PASSPHRASE"


def opener(phrase: Path | None, identity: Path | None, *, ask: bool, twice: bool = False) -> Opener:
    """What opens: from the files that are named, the environment, or typed where a person sits there."""
    from recover.capture.imports import taken
    from recover.victims.vault import Opener

    if identity is not None:
        return Opener(identity=taken(identity).decode("utf-8", "replace"))
    if phrase is not None:
        return Opener(passphrase=taken(phrase).decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r"))
    if found := os.environ.get(VARIABLE, ""):
        return Opener(passphrase=found)
    if ask and sys.stdin.isatty():
        return Opener(
            passphrase=typer.prompt("Passphrase of the identities", hide_input=True, confirmation_prompt=twice)
        )
    return Opener()


def unused(opens: bool, needs: str, phrase: Path | None, identity: Path | None) -> None:
    """Say that nothing was opened, where a passphrase or key was named and the call opens nothing."""
    from recover.cli import screen

    if not opens and (phrase is not None or identity is not None):
        screen.remark(f"Nothing sealed was opened: the passphrase or key is used with {needs} alone.")


def opened(case: Case, phrase: Path | None, identity: Path | None, recipients: list[str] | None = None) -> Vault:
    """The vault of a case; a new one where there is none. Raises Error where nothing opens it."""
    from recover.sdk.errors import Error
    from recover.victims import vault

    if vault.exists(case):
        if recipients:
            raise Error(
                "vault-there",
                "The case has identities already.",
                "Who may read them was settled when the first was sealed.",
                "Leave out --recipient.",
            )
        return vault.unlock(case, opener(phrase, identity, ask=True))
    if recipients:
        return vault.create(case, recipients=recipients)
    found = opener(phrase, None, ask=True, twice=True)
    return vault.create(case, passphrase=found.passphrase)


def sealed(
    case: Case, phrase: Path | None, identity: Path | None, *, must: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(wallets, what tells persons) of the sealed records. Raises Error where they are locked and `must`."""
    from recover.cli import screen
    from recover.prevention import exempt
    from recover.sdk.errors import Error
    from recover.victims import known, leaks, vault

    if not vault.exists(case) and not known.every(case):
        return (), ()
    key = opener(phrase, identity, ask=must)
    if vault.exists(case) and (key.passphrase or key.identity):
        held = vault.unlock(case, key)
        records = [*held.each(held.names())]
        return exempt.texts(records), tuple(sorted({text for _, one in records for text in leaks.telling(one)}))
    if must:
        raise Error(
            "identities-locked",
            "The identities of the case are locked or elsewhere, so nothing leaves it.",
            "A victim's own wallet could not be told from a scam's.",
            f"Open them: --passphrase-file FILE, --identity FILE, or {VARIABLE} in the environment.",
        )
    screen.remark("The identities are locked: victims' own wallets were not looked for.")
    return (), ()
