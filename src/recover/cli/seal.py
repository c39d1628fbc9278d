"""seal: a bundle that others check and open without this program; verifier: the file that checks it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import screen
from recover.cli.options import CasePath, Json
from recover.cli.phrase import phrase
from recover.exits import Exit

if TYPE_CHECKING:
    from recover.sealing.bundle import Put, Sealed, Signer


def seal(
    case: CasePath,
    out: Annotated[
        Path,
        typer.Option(
            metavar="BUNDLE", help="The folder to make; an archive where it ends in .zip.", show_default=False
        ),
    ],
    sign: Annotated[
        Path | None,
        typer.Option(
            metavar="P12", help="Your certificate with its key; the pass phrase is asked for.", show_default=False
        ),
    ] = None,
    tsa: Annotated[
        str, typer.Option(metavar="URL", help="A time-stamping authority (RFC 3161) to ask.", show_default=False)
    ] = "",
    ots: Annotated[
        bool,
        typer.Option("--ots", help="Ask the OpenTimestamps calendars of recover.toml.", show_default=False),
    ] = False,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="The whole case, also what the edition of its papers leaves out.", show_default=False
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Close a case in a bundle: its evidence, results, papers and the verifier, under one sealed manifest.

    Of papers of edition V2 or defence the bundle holds the papers alone, unless --whole says otherwise. Nothing
    is signed and nobody is asked unless an option says so; only a digest leaves this computer. private/ is left
    out. A case that does not hold is refused (exit code 3).
    """
    from recover.cli.writing import open_for_writing
    from recover.sealing import bundle

    put, by = _puts(sign, tsa, ots)
    with open_for_writing(case, "seal") as opened:
        made = bundle.seal(opened, out, opened.mind_clock(), put, by, whole)
        said = {"put": list(made.put), "by": by.name, "holds": made.holds.holds, "edition": made.holds.edition}
        opened.note("seal", {"bundle": out.name, "manifest": made.manifest, **said, "whole": whole})
    result = {"bundle": str(out), "files": made.files, "manifest": made.manifest, **said}
    screen.answer({**result, "unchecked": made.unchecked}, json, lambda: _told(made, by.name))
    raise typer.Exit(Exit.GAPS if made.unchecked else Exit.DONE)


def _puts(sign: Path | None, tsa: str, ots: bool) -> tuple[dict[str, Put], Signer]:
    """What is put to the manifest, by ending; and whose certificate signs."""
    from recover.case.folder import clock
    from recover.sealing import certificates, stamping
    from recover.sealing.bundle import NOBODY, Signer

    put: dict[str, Put] = {}
    by = NOBODY
    if sign is not None:
        who = certificates.identity(sign, phrase(f"Pass phrase of {sign.name}, to sign the seal"))
        certificates.sealable(who, clock())
        by = Signer(name=who.name, certificate=who.digest)
        put["p7s"] = lambda data: certificates.signature(who, data)
    if tsa or ots:
        _online()
    if tsa:
        put["tsr"] = lambda data: stamping.authority(tsa, data)[0]
    if ots:
        from recover.capture import own

        named = own.load().calendars
        put["ots"] = lambda data: stamping.calendars(named, data)
    return put, by


def _online() -> None:
    """Raises Error where the user's own settings say that nothing is asked of anybody."""
    from recover.capture import own
    from recover.sdk.errors import Error

    if own.load().offline:
        raise Error(
            "offline",
            "A time stamp is asked for over the network.",
            "Your recover.toml says offline = true.",
            "Seal without --tsa and --ots, or change that setting.",
        )


def _told(made: Sealed, by: str) -> None:
    rows = [
        ("Bundle", str(made.path)),
        ("Holds", made.holds.told()),
        ("Files", f"{made.files:,}"),
        ("SHA-256 of its manifest", made.manifest),
        ("Signature", by or "NOT SIGNED"),
        ("Time stamp", "by the authority" if "tsr" in made.put else "none"),
        ("OpenTimestamps", "PENDING: a calendar's promise" if "ots" in made.put else "none"),
    ]
    screen.facts(rows)
    for line in made.unchecked:
        screen.remark(f"not checked: {line}")
    if made.path.is_dir():
        screen.remark(f"Anybody can check it: python3 -I {made.path}/recover-verify.py {made.path}")
        return
    # Lines that run as they stand: the verifier lies in the archive that it checks.
    screen.remark(f"Anybody can check it: python3 -m zipfile -e {made.path} unpacked")
    screen.remark(f"                      python3 -I unpacked/recover-verify.py {made.path}")


def verifier(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it.", show_default=False)],
    json: Json = False,
) -> None:
    """Write the verifier: one file that checks a case or a bundle with Python 3.9 or newer and nothing else."""
    import hashlib

    from recover.case.folder import replace
    from recover.sdk.errors import Error
    from recover.sealing import bundle

    if out.exists():
        raise Error("file-exists", f"{out.name} is there already.", "It is not replaced.", "Name another file.")
    data = bundle.verifier()
    replace(out, data)
    digest = hashlib.sha256(data).hexdigest()
    screen.answer({"file": str(out), "sha256": digest}, json, lambda: screen.facts([(str(out), digest)]))
