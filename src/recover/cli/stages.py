"""collect, decode, link, trace, find, write, each alone, and run: all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recover.cli import asks, papers, progress, screen
from recover.cli.options import CasePath, Compare, Edition, Json, Language, Pack, Sources, Stale, given
from recover.cli.screen import Column
from recover.exits import Exit
from recover.sdk.outside import typed

if TYPE_CHECKING:
    from recover.capture.own import Own
    from recover.case import Case
    from recover.plugins.registry import Plugins
    from recover.stages import Outcome, Progress

    Run = Callable[[Case, Plugins, Progress], Outcome]


def collect(case: CasePath, source: Sources = None, compare: Compare = False, json: Json = False) -> None:
    """Ask allowed sources what is still open.

    A source is asked when the case names it and your own recover.toml allows it, or when --source names it.
    Without one, the open questions are listed, with the sources that could answer them.
    """
    from recover.case import open_for_reading
    from recover.findings.affected import at_stake
    from recover.plugins import registry
    from recover.stages.collect import ask
    from recover.trails.asks import opened as open_asks

    plugins = registry.load()
    mine = replace(_own(plugins, source), compare=compare)
    opened = open_for_reading(case)
    if mine.given or any(mine.place(opened.id, name, opened.path) for name in opened.settings.sources):
        _alone(case, "collect", lambda c, p, t: ask(c, p, t, mine), json, plugins)
    found = open_asks(opened, plugins, ())
    wanted = asks.wanted(found, plugins)
    screen.answer(wanted, json, lambda: asks.table(wanted))
    if wanted and not json:
        screen.remark(_nobody(opened.settings.sources))
    raise typer.Exit(Exit.GAPS if at_stake(opened, found.asks) else Exit.DONE)


def _own(plugins: Plugins, source: list[str] | None) -> Own:
    """What the user allows. Raises Error for a source that there is not."""
    from recover.capture import own

    named = given(source)
    for name in named:
        plugins.source(name)
    return own.load(named)


def _nobody(sources: Sequence[str]) -> str:
    if not sources:
        return "No source may be asked: the case names none, and no --source was given."
    return (
        f"No source may be asked: the case names {', '.join(sources)}, and you have not allowed it; nothing was "
        "sent. Allow it for this call with --source, or in your own recover.toml."
    )


def decode(case: CasePath, json: Json = False) -> None:
    """Read the exhibits into transactions and transfers."""
    from recover.stages.decode import run

    _alone(case, "decode", run, json)


def link(case: CasePath, json: Json = False) -> None:
    """Say which addresses belong together and to whom, with grades."""
    from recover.stages.link import run

    _alone(case, "link", run, json)


def trace(
    case: CasePath,
    rule: Annotated[
        str,
        typer.Option(
            metavar="R", help="Show another rule's figures; the declared rule stays.", show_default=False
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Follow the losses under the declared rule.

    All other rules run beside it, for comparison.
    """
    from recover.stages.trace import run

    if rule:
        from recover.cli.ruled import compare

        compare(case, rule, json)
    else:
        _alone(case, "trace", run, json)


def find(case: CasePath, json: Json = False) -> None:
    """State off-ramps, value that no exhibit shows leaving, and what was not examined."""
    from recover.stages.find import run

    _alone(case, "find", run, json)


def write(
    case: CasePath,
    edition: Edition = "",
    pack: Pack = "",
    language: Language = "",
    stale: Stale = False,
    json: Json = False,
) -> None:
    """Write the report and the letters, as drafts.

    Refused where the results have not seen all that the case holds; with --stale every page says so. What is
    chosen is journaled, and stays until something else is.
    """
    from recover.stages.write import run

    def chosen(c: Case, p: Plugins, t: Progress) -> Outcome:
        papers.choose(c, p, edition, pack, language)
        return run(c, p, t, stale=stale)

    _alone(case, "write", chosen, json)


def run_(
    case: CasePath,
    until: Annotated[str, typer.Option(metavar="STAGE", help="Stop after this stage.")] = "write",
    source: Sources = None,
    compare: Compare = False,
    json: Json = False,
) -> None:
    """Run every stage; what is unchanged is skipped."""
    _staged(until)
    finish(case, *everything(case, until, json, source, compare), json)


def everything(
    case: Path, until: str, quiet: bool, source: list[str] | None = None, compare: bool = False
) -> tuple[list[Outcome], str, list[str]]:
    """All stages up to `until`: their outcomes, the journal's head, and the documents there are."""
    from recover.cli.writing import open_for_writing
    from recover.linking import installed
    from recover.plugins import registry
    from recover.stages.run import everything as stages

    plugins = registry.load()
    mine = replace(_own(plugins, source), compare=compare)
    with open_for_writing(case, "run") as opened, progress.watch(quiet) as tell:
        decoded = _named(opened, plugins, tell, until)
        outcomes = stages(opened, plugins, tell, until, mine)
        # What was collected meanwhile may hold the first address that a base knows.
        if until != "collect" and installed.pin(opened, plugins):
            outcomes = stages(opened, plugins, tell, until, mine)
        outcomes = [decoded if decoded and o.stage == "decode" and not o.done else o for o in outcomes]
        return outcomes, opened.head[0], papers.listed(opened.out)


def _named(case: Case, plugins: Plugins, tell: Progress, until: str) -> Outcome | None:
    """Decode, and pin the installed base of labels that knows an address there; None where nothing is here yet."""
    from recover.linking import installed
    from recover.stages.decode import run

    if not case.exhibits() or until == "collect":
        return None
    outcome = run(case, plugins, tell)
    if installed.pin(case, plugins):
        # What was decoded before it was pinned was decoded in this run as well.
        outcome = replace(run(case, plugins, tell), done=True)
    return outcome if outcome.done else None


def finish(case: Path, outcomes: Sequence[Outcome], head: str, files: Sequence[str], json: bool) -> None:
    """Print what stages did and where the documents are; exit 5 when missing evidence can change a figure."""
    result = {"stages": [plain(o) for o in outcomes], "head": head, "documents": files, "case": str(case)}
    screen.answer(result, json, lambda: _told(case, outcomes, head, files))
    last = {o.stage: o.gaps if o.moving is None else o.moving for o in outcomes}  # earlier rounds may be filled
    # What a source did not answer is told apart from gaps: the journal lists it, and another run may bring it.
    unanswered = last.pop("collect", 0)
    if "find" in last:
        last = {name: last[name] for name in ("find", "write") if name in last}  # `find` has those before it
    if not json and any(last.values()):
        _remark(case, [o for o in outcomes if o.stage == "find"], last)
    elif not json and unanswered and not any(o.gaps for o in outcomes if o.stage == "collect"):
        screen.remark(f"Done, and asks are open still: recover status {typed(case)}")
    elif not json and unanswered:
        screen.remark(
            f"Done, and not all was answered: `recover show {typed(case)} journal` has each ask, and why."
        )
    raise typer.Exit(Exit.GAPS if unanswered or any(last.values()) else Exit.DONE)


def unexamined(outcomes: Sequence[Outcome]) -> bool:
    """Whether something missing can change a figure, as the last of these stages has it."""
    last = {o.stage: o.gaps if o.moving is None else o.moving for o in outcomes}
    if "find" in last:
        last = {name: last[name] for name in ("find", "write") if name in last}
    return any(last.values())


def _remark(case: Path, found: Sequence[Outcome], last: Mapping[str, int]) -> None:
    """Says that something is missing; where it is known what it can change, names the largest."""
    if last.get("write"):
        screen.remark(f"Papers not made, since a sentence or a name in them breaks a rule: {last['write']:,}.")
        screen.remark(f"Each file in {case / 'out' / 'stopped'} says which rule, and where.")
        if not last.get("find"):
            return
    if not found or found[-1].moving is None:
        screen.remark(f"Done, with gaps: `recover show {typed(case)} gaps` lists what was not examined, and why.")
        return
    from recover.case import derived, open_for_reading
    from recover.cli import listings, pictures
    from recover.findings.affected import moving

    opened = open_for_reading(case)
    row = moving(derived.read(opened, "gaps"), opened.settings.dust).slice(0, 1).to_pylist()[0]
    largest = pictures.concerned(listings.gap(row), listings.assets(opened))
    count = f"{last['find']:,} of them can change a figure"
    screen.remark(f"Done, with gaps; {count}. The largest{largest}:")
    screen.remark("  {code}, {subject}: {why} {effect}".format(**row), indent="  ")
    screen.remark(f"`recover show {typed(case)} gaps` lists what was not examined, and why.")


def plain(outcome: Outcome) -> dict[str, object]:
    """An outcome as JSON gives it."""
    counts = dict(outcome.counts)
    return {"stage": outcome.stage, "done": outcome.done, "counts": counts, "gaps": outcome.gaps, "ms": outcome.ms}


def table(outcomes: Sequence[Outcome]) -> None:
    """Outcomes, one stage a line."""
    columns = (
        Column(title="Stage"),
        Column(title="Did"),
        Column(title="Seconds", right=True),
        Column(title="Gaps", right=True),
        Column(title="Result", prose=True),
    )
    rows = [
        [
            o.stage,
            "ran" if o.done else "unchanged",
            f"{o.ms // 1000}.{o.ms % 1000:03d}",
            f"{o.gaps:,}",
            ", ".join(f"{number:,} {name}" for name, number in o.counts),
        ]
        for o in outcomes
    ]
    screen.table(columns, rows, "no stage")


def _staged(name: str) -> None:
    from difflib import get_close_matches

    from recover.sdk.errors import Error
    from recover.stages.run import STAGES

    if name not in STAGES:
        # Before the case is locked and plugins are loaded: a slip of the finger costs nothing.
        near = get_close_matches(name, STAGES, n=1, cutoff=0.5)
        raise Error(
            "no-stage",
            f"There is no stage called {name!r}.",
            f"The stages are {', '.join(STAGES)}.",
            f"Did you mean {near[0]}?" if near else "Name one of these.",
        )


def _alone(case: Path, name: str, stage: Run, json: bool, plugins: Plugins | None = None) -> None:
    from recover.cli.writing import open_for_writing
    from recover.plugins import registry

    found = plugins or registry.load()
    with open_for_writing(case, name) as opened, progress.watch(json) as tell:
        outcome = stage(opened, found, tell)
        head = opened.head[0]
        files = papers.listed(opened.out) if name == "write" else []
    finish(case, [outcome], head, files, json)


def _told(case: Path, outcomes: Sequence[Outcome], head: str, files: Sequence[str]) -> None:
    table(outcomes)
    if files:
        papers.show(case / "out", files)
    screen.say("")
    screen.facts([("journal head", head)])
