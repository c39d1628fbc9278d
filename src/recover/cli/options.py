"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

CasePath: TypeAlias = Annotated[Path, typer.Argument(metavar="CASE", help="The case folder.", show_default=False)]

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON.", show_default=False)]
