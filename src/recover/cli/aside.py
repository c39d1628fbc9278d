"""set-aside: let nothing rest on an exhibit, with a reason that every report prints; or take that back."""

from __future__ import annotations

from typing import Annotated

import typer

from recover.cli import screen
from recover.cli.options import CasePath, Json
from recover.sdk.outside import typed


def set_aside(
    case: CasePath,
    exhibit: Annotated[int, typer.Argument(metavar="N", help="The exhibit's number.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="WHY", help="Why; every report prints it.", show_default=False)],
    back: Annotated[bool, typer.Option("--back", help="Use it again.", show_default=False)] = False,
    json: Json = False,
) -> None:
    """Let no result rest on an exhibit, or use it again.

    The exhibit stays in the case. Every report lists it with the reason and with the traced value that rested on
    it.
    """
    from recover.cli.writing import open_for_writing
    from recover.declared.decisions import set_aside as decide

    with open_for_writing(case, "set-aside") as opened:
        made = decide(opened, exhibit=exhibit, reason=reason, back=back)
        head = opened.head[0]
    value = [{"loss": loss, "asset": asset, "amount": n} for loss, asset, n in (made.value if made else ())]
    result = {"exhibit": exhibit, "set_aside": made is not None, "reason": reason, "value": value, "head": head}
    lines = [(k, str(v)) for k, v in result.items() if k != "value"]
    lines += [(f"rested on it, {one['loss']}", f"{one['amount']:,} of {one['asset']}") for one in value]
    screen.answer(result, json, lambda: screen.facts(lines))
    if not json:
        screen.remark(f"The results have not seen this yet: recover run {typed(case)}")
