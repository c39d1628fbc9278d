"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

CasePath: TypeAlias = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder.", show_default=False)]

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON.", show_default=False)]

Sources: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="ID[=URL]",
        help="A source that may be asked for this call, and where; may be repeated.",
        show_default=False,
    ),
]

KeptSources: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="ID[=URL]",
        help="A source that may be asked, and where; kept for this case; may be repeated.",
        show_default=False,
    ),
]

Compare: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--compare", help="Ask every source that can answer, and not the first that does.", show_default=False
    ),
]

Stale: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--stale",
        help="Also where the results have not seen the case's last input; it is said.",
        show_default=False,
    ),
]


Edition: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="E",
        help="For whom the report is: V0 (sealed file), V1 (court, lead agency), V2 (partner, service, issuer) or "
        "defence.",
        show_default=False,
    ),
]

Pack: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="P", help="Sections and declarations as used in: us, ew, th or generic.", show_default=False
    ),
]

Language: TypeAlias = Annotated[
    str, typer.Option(metavar="L", help="The language of the papers, as a code.", show_default=False)
]


def given(sources: list[str] | None) -> dict[str, str]:
    """What `--source` names: id -> where to ask, or "" for its usual place."""
    return {name: url for name, _, url in (text.partition("=") for text in sources or ())}
