"""The commands, and the last line of the program: where every error becomes a reason and an exit code."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Annotated, Any

import typer

from recover.cli import reasons, screen
from recover.cli.allocate import allocate
from recover.cli.aside import set_aside
from recover.cli.claimants import app as claims
from recover.cli.compare import compare
from recover.cli.custody import app as custody
from recover.cli.decide import decide
from recover.cli.demo import demo
from recover.cli.doctor import doctor
from recover.cli.elect import elect
from recover.cli.explain import explain
from recover.cli.export import export
from recover.cli.handover import app as evidence
from recover.cli.hands import assert_, join, review, split, undo
from recover.cli.imports import import_
from recover.cli.letter import app as letter
from recover.cli.lists import labels
from recover.cli.loss import loss
from recover.cli.now import now
from recover.cli.open import open_
from recover.cli.parameters import lighten
from recover.cli.places import why
from recover.cli.plan import app as plan
from recover.cli.plugins import app as plugins
from recover.cli.register import app as register
from recover.cli.seal import seal, verifier
from recover.cli.show import show
from recover.cli.sign import sign
from recover.cli.stages import collect, decode, find, link, run_, trace, write
from recover.cli.status import status
from recover.cli.sums import figures
from recover.cli.template import app as template
from recover.cli.upgrade import upgrade
from recover.cli.verify import verify
from recover.cli.victim import app as victim
from recover.cli.watch import watch
from recover.exits import Exit

# Before typer builds the first parameter.
lighten()

# Typer's own rich help costs 0.1 s at every start; its plain help says the same.
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


@app.callback(invoke_without_command=True)
def recover(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", show_default=False)] = False,
) -> None:
    """Follow stolen value from a loss to the services it reached, on stored evidence, offline.

    Exit codes: 0 done; 2 usage; 3 a hash or the journal does not hold; 4 a plugin failed; 5 done, with gaps
    that can change a figure; 6 made with other versions, not comparable; 70 an error of recover's own.
    """
    if version:
        from recover import __version__

        screen.say(__version__)
    elif context.invoked_subcommand is None:
        screen.write(context.get_help() + "\n")


app.command("now")(now)
app.command("watch")(watch)
app.command("status")(status)
app.command("doctor")(doctor)
app.command("open")(open_)
app.command("import")(import_)
app.command("loss")(loss)
app.command("decide")(decide)
app.command("set-aside")(set_aside)
app.command("elect")(elect)
app.command("assert")(assert_)
app.command("review")(review)
app.command("split")(split)
app.command("join")(join)
app.command("undo")(undo)
app.command("collect")(collect)
app.command("decode")(decode)
app.command("link")(link)
app.command("trace")(trace)
app.command("find")(find)
app.command("write")(write)
app.command("run")(run_)
app.command("verify")(verify)
app.command("upgrade")(upgrade)
app.command("seal")(seal)
app.command("sign")(sign)
app.command("verifier")(verifier)
app.command("compare")(compare)
app.command("show")(show)
app.command("explain")(explain)
app.command("why")(why)
app.command("export")(export)
app.command("labels")(labels)
app.add_typer(letter, name="letter")
app.add_typer(victim, name="victim")
app.add_typer(plan, name="plan")
app.add_typer(custody, name="custody")
app.add_typer(evidence, name="evidence")
app.add_typer(claims, name="claims")
app.command("allocate")(allocate)
app.command("figures")(figures)
app.add_typer(template, name="template")
app.add_typer(plugins, name="plugins")
app.add_typer(register, name="register")
app.command("demo")(demo)


def run() -> None:
    """The console script."""
    code = main(sys.argv[1:])
    screen.finish()
    sys.exit(code)


@cache
def _built() -> Any:
    """The commands as typer builds them, which takes as long as a small command itself: once in a process."""
    return typer.main.get_command(app)


def main(arguments: list[str]) -> int:
    """One command; returns its exit code."""
    # Looked for by hand, as the error may be that the arguments cannot be read at all.
    as_json = "--json" in arguments
    try:
        # Not standalone: typer would otherwise print its own errors and exit with codes of its own.
        code = _built()(arguments, prog_name="recover", standalone_mode=False)
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except Exception as error:  # the last line of the program: a named reason, never a traceback
        if os.environ.get("RECOVER_DEBUG") == "1":
            raise
        return _reason(error, as_json)
    return reasons.interrupted() if code == Exit.INTERRUPTED else int(code or Exit.DONE)


def _reason(error: Exception, as_json: bool) -> int:
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        return reasons.usage(error.format_message(), as_json, context.command_path if context else "recover")
    from recover.sdk.errors import Error

    if isinstance(error, Error):
        return reasons.stopped(error, as_json)
    if isinstance(error, OSError):
        return reasons.refused(error, as_json)
    return reasons.bug(error, as_json)
