"""register: who can act, as the register says; an agency's own entries; channels that a person confirms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recover.cli import filling, screen
from recover.cli.options import Json
from recover.cli.screen import Column
from recover.sdk.counts import counted

if TYPE_CHECKING:
    from recover.sdk.addressee import Addressee, Confirmed, Measure, Power, Standing

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def register(context: typer.Context, json: Json = False) -> None:
    """Who can act: services, issuers, chains and desks, with channels, sources and dates.

    Nobody has checked a channel that is not marked as confirmed. It stands on the examiner's delivery sheet, and
    in a letter only after a named person has confirmed it.
    """
    if context.invoked_subcommand is None:
        show(json=json)


@app.command("show")
def show(
    name: Annotated[
        str, typer.Argument(metavar="[ID]", help="One entry, with all that is known.", show_default=False)
    ] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="Only this kind.", show_default=False)] = "",
    toml: Annotated[
        bool, typer.Option("--toml", help="The entry as its file has it, to write one's own from.")
    ] = False,
    json: Json = False,
) -> None:
    """List the register by kind, or show one entry."""
    from recover.declared import overlay
    from recover.plugins import registry
    from recover.sdk.addressee import KINDS

    if kind and kind not in KINDS:
        raise typer.BadParameter(f"--kind is one of {', '.join(KINDS)}.")
    if toml and not name:
        raise typer.BadParameter("--toml is of one entry: name it.")
    plugins = registry.load()
    known, confirmed = overlay.directory(plugins), overlay.confirmations()
    chosen = [overlay.meant(plugins, name, known)] if name else [e for e in known.values() if kind in ("", e.kind)]
    if toml:
        screen.say(overlay.source(plugins, chosen[0].id).read_text("utf-8").rstrip())
        return
    rows = [_row(entry, confirmed) for entry in chosen]
    screen.answer(rows, json, lambda: _one(chosen[0], confirmed) if name else _all(chosen, confirmed))


@app.command("check")
def check(json: Json = False) -> None:
    """Read every entry strictly; say how much is filled, what is old, and what nobody has confirmed."""
    from recover.declared import confirming, overlay
    from recover.plugins import registry
    from recover.registers import addressees

    known, confirmed = overlay.directory(registry.load()), overlay.confirmations()
    old = [one for entry in known.values() for one in addressees.old(entry, _today())]
    late = [one for one in confirmed if (addressees.age(one.on, _today()) or 0) > addressees.OLD]
    found = {
        "entries": len(known),
        "own": len(overlay.mine()),
        "kinds": filling.kinds(list(known.values())),
        "deposits_unknown": addressees.unsaid(known.values()),
        "channels": sum(len(entry.channels) for entry in known.values()),
        "confirmed": len(confirming.in_force(confirmed, known)),
        "not_in_register": [one for one in confirmed if one not in confirming.in_force(confirmed, known)],
        "old_after_days": addressees.OLD,
        "old": old,
        "old_confirmations": late,
    }
    screen.answer(found, json, lambda: _checked(list(known.values()), found, old))


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One entry as TOML.", show_default=False)],
    json: Json = False,
) -> None:
    """Take an entry into your own register; it stands in place of the installed one of the same id."""
    from recover.declared import overlay
    from recover.plugins import registry
    from recover.registers import addressees

    plugins = registry.load()
    installed = addressees.load(plugins.templates.get("addressees"))
    made = overlay.add(file, plugins, _today())
    result = {"id": made.id, "kind": made.kind, "channels": len(made.channels), "entities": len(made.entities)}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items()]))
    if made.id in installed:
        was = installed[made.id]
        screen.remark(
            f"It stands in place of the installed {was.brand}, which has "
            f"{counted(len(was.channels), 'channel')}, {counted(len(was.entities), 'entity', 'entities')} and "
            f"{counted(len(was.asks), 'thing')} that it asks for; yours has "
            f"{len(made.channels)}, {len(made.entities)} and {len(made.asks)}. "
            f"`recover register remove {made.id}` takes yours out again."
        )
    _lapsed(_gone(made.id, {made.id: made}))


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(metavar="ID", help="Which entry of your own.", show_default=False)],
    case: Annotated[
        Path | None, typer.Option(metavar="CASE", help="Out of this case alone.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Take an entry of your own out of your register, or one that a case brought out of the case.

    An installed one of the same id stands again.
    """
    from recover.cli.writing import open_for_writing
    from recover.declared import overlay
    from recover.plugins import registry

    if case is not None:
        with open_for_writing(case, "register remove") as opened:
            overlay.drop(opened, name)
    else:
        overlay.remove(name)
    result = {"id": name, "removed": True}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items()]))
    if case is None:
        screen.remark("Cases that took it in take it out at their next `recover run`.")
        _lapsed(_gone(name, overlay.directory(registry.load())))


def _gone(name: str, known: Mapping[str, Addressee]) -> list[Confirmed]:
    """The confirmations of an entry that count no more."""
    from recover.declared import confirming, overlay

    mine = [one for one in overlay.confirmations() if one.id == name]
    counted = confirming.in_force(mine, known)
    return [one for one in mine if one not in counted]


@app.command("confirm")
def confirm(
    name: Annotated[str, typer.Argument(metavar="ID", help="The entry.", show_default=False)],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who confirms it.", show_default=False)],
    on: Annotated[str, typer.Option(metavar="DAY", help="On which day, like 2026-11-28.", show_default=False)],
    channel: Annotated[
        int, typer.Option(metavar="N", help="Which of its channels, as `show` numbers them.", show_default=False)
    ] = 0,
    how: Annotated[
        str, typer.Option(metavar="WHERE", help="Where it was read, or who was called.", show_default=False)
    ] = "",
    value: Annotated[
        str,
        typer.Option(metavar="TEXT", help="With --back: the address, also one that is gone.", show_default=False),
    ] = "",
    case: Annotated[
        Path | None, typer.Option(metavar="CASE", help="For this case alone.", show_default=False)
    ] = None,
    back: Annotated[
        bool,
        typer.Option("--back", help="Take a confirmation back; --value says which, where the channel is gone."),
    ] = False,
    json: Json = False,
) -> None:
    """Confirm that a channel is the service's own, so that letters may name it.

    Without --case it holds for all of your cases, and each that uses it journals it.
    """
    from recover.cli.writing import open_for_writing
    from recover.declared import confirming, overlay
    from recover.plugins import registry

    if value and not back:
        raise typer.BadParameter(
            "--value is for --back. A channel is confirmed as the register has it; `recover register add FILE` "
            "brings another with its source."
        )
    plugins, about = registry.load(), {"by": by, "on": on, "how": how}

    def said(standing: Sequence[Confirmed], known: Mapping[str, Addressee]) -> list[Confirmed]:
        # What is taken back may be of an entry that is gone.
        id = name if back and name in {one.id for one in standing} else overlay.meant(plugins, name, known).id
        if back:
            return confirming.taken_back(standing, known, id, channel, value, today=_today(), **about)
        return [confirming.confirm(known, id, channel, today=_today(), **about)]

    if case is None:
        made = said(overlay.confirmations(), overlay.directory(plugins))
        for one in made:
            overlay.keep(one, back)
    else:
        with open_for_writing(case, "register confirm") as opened:
            made = said(overlay.heard(opened), {**overlay.entries(opened, plugins), **overlay.mine()})
            for one in made:
                overlay.note(opened, one, back)
    result = {n: getattr(made[0], n) for n in ("id", "kind", "value", "who", "source", "by", "on", "how")}
    result |= {"back": back}
    screen.answer(result, json, lambda: screen.facts([(k, str(v)) for k, v in result.items() if v != ""]))
    if not how and not back:
        screen.remark("It does not say where the channel was read, or who was called: say so with --how.")


def _today() -> Any:
    from recover.case.folder import clock

    return clock().date()


def _row(entry: Addressee, confirmed: Sequence[Confirmed]) -> dict[str, Any]:
    """An entry with its channels numbered, and who confirmed which."""
    from recover.cli import codec
    from recover.declared import confirming, overlay

    plain = codec.plain(entry)
    assert isinstance(plain, dict)
    mine = [one for one in confirmed if one.id == entry.id]
    for number, (channel, row) in enumerate(zip(entry.channels, plain["channels"], strict=True), 1):  # type: ignore[arg-type]
        assert isinstance(row, dict)
        row["for"] = row.pop("who")
        words = [{"by": o.by, "on": o.on, "how": o.how} for o in mine if confirming.of(o, channel, entry)]
        row["number"], row["confirmed"] = number, words[-1] if words else None  # type: ignore[assignment]
    plain["none_found"] = not entry.channels
    plain["own"] = entry.id in overlay.mine()
    plain["not_in_register"] = [one.value for one in mine if not confirming.in_force([one], {entry.id: entry})]
    return plain


def _all(entries: Sequence[Addressee], confirmed: Sequence[Confirmed]) -> None:
    from recover.declared import confirming, overlay

    filling.show(entries)
    screen.say("")
    columns = (
        Column(title="Kind"),
        Column(title="Id"),
        Column(title="Brand"),
        Column(title="Status", prose=True),
        Column(title="Channels", right=True),
        Column(title="Confirmed", right=True, rank=2),
        Column(title="Entities", right=True, rank=1),
        Column(title="Looked for", rank=3),
    )
    counted = confirming.in_force(confirmed, {entry.id: entry for entry in entries})
    counts = {entry.id: sum(one.id == entry.id for one in counted) for entry in entries}
    own = overlay.mine()
    rows = [
        [
            *(entry.kind, entry.id, entry.brand + (" (your own entry)" if entry.id in own else ""), _state(entry)),
            str(len(entry.channels)) if entry.channels else "none found",
            str(counts[entry.id]),
            str(len(entry.entities)),
            entry.looked,
        ]
        for entry in sorted(entries, key=lambda e: (e.kind, e.id))
    ]
    screen.table(columns, rows, "no entries")
    screen.remark("Nobody has checked a channel that is not confirmed; `register show ID` gives its source.")


def _state(entry: Addressee) -> str:
    told = entry.status.text or entry.status.value or "unknown"
    return "; ".join([told, *(measure.what for measure in entry.measures)])


def _one(entry: Addressee, confirmed: Sequence[Confirmed]) -> None:
    from recover.declared import confirming, overlay

    mine = [one for one in confirmed if one.id == entry.id]
    head = [("id", entry.id), ("kind", entry.kind), ("brand", entry.brand), ("status", _state(entry))]
    if entry.id in overlay.mine():
        head.append(("entry", f"your own, in {overlay.folder()}"))
    if entry.status.value:
        head.append(("as the source says", _fact(entry.status)))
    head += [("measure", f"{one.what}, since {one.since or '?'}: {_fact(one)}") for one in entry.measures]
    head += [
        ("also", ", ".join(entry.aliases)),
        ("domains", ", ".join(entry.domains)),
        ("looked for", entry.looked),
    ]
    if entry.freeze:
        head += [
            ("can freeze", entry.freeze.can),
            ("how", entry.freeze.how),
            ("on whose order", entry.freeze.order),
            ("as the source says", _fact(entry.freeze)),
        ]
    screen.facts(head)
    screen.heading("Channels")
    columns = (
        Column(title="No.", right=True),
        Column(title="Kind"),
        Column(title="Channel", prose=True),
        Column(title="For", prose=True),
        Column(title="Confirmed"),
        Column(title="As of"),
        Column(title="Confidence"),
        Column(title="Source", prose=True, rank=1),
    )
    rows = [
        [
            *(str(n), c.kind, c.value, c.who + (f" [senders of {', '.join(c.states)}]" if c.states else "")),
            "; ".join(_word(one) for one in mine if confirming.of(one, c, entry)) or "no",
            *(_since(c.as_of), c.confidence, c.source),
        ]
        for n, c in enumerate(entry.channels, 1)
    ]
    screen.table(columns, rows, f"no channel was found on {entry.looked}")
    _lapsed([one for one in mine if not confirming.in_force([one], {entry.id: entry})])
    bodies = [[b.name, b.country, b.role, _since(b.as_of), b.confidence, b.source] for b in entry.entities]
    _told("Legal entities", ("Name", "Country", "For what", "As of", "Confidence", "Source"), bodies)
    told = [[d.told, d.chain or "every chain", _since(d.as_of), d.confidence, d.source] for d in entry.deposits]
    _told("Deposits are told apart by", ("By", "Chain", "As of", "Confidence", "Source"), told)
    filling.unsaid([entry])
    forms = [[f.form, f.of, f.takes, f.what, _since(f.as_of), f.confidence, f.source] for f in entry.forms]
    _told("Forms that it takes", ("Form", "Of", "Takes", "In its words", "As of", "Confidence", "Source"), forms)
    asked = [
        [s.what, s.value, _since(s.as_of), s.confidence, s.source]
        for s in (*entry.asks, *entry.times, *entry.notes)
    ]
    _told("What it asks, how long it takes, notes", ("What", "Value", "As of", "Confidence", "Source"), asked)


def _fact(said: Standing | Power | Measure) -> str:
    return f"{_since(said.as_of)}, {said.confidence}, {said.source}"


def _word(said: Confirmed) -> str:
    return f"by {said.by} on {said.on}: {said.how or 'where it was read is not said'}"


def _lapsed(words: Sequence[Confirmed]) -> None:
    """Says of each that it counts no more, and how it is taken back."""
    for one in words:
        screen.remark(
            f"{one.by} confirmed {one.value} of {one.id} on {one.on}. That counts no more, and no letter names "
            "it: the register has no such channel now, or another source of it, or one of a later day. Confirm "
            f"what it has, or take this back: `recover register confirm {one.id} --back --value {one.value} --by "
            "NAME --on DAY`."
        )


def _since(as_of: str) -> str:
    """A source's date, marked where it is old: what it says may have changed."""
    from recover.registers import addressees

    days = addressees.age(as_of, _today())
    return "no date" if days is None else f"{as_of}, old" if days > addressees.OLD else as_of


def _told(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        screen.heading(title)
        screen.table([Column(title=name, prose=True) for name in names], rows)


def _checked(entries: Sequence[Addressee], found: Mapping[str, Any], old: Sequence[Any]) -> None:
    filling.show(entries)
    names = ("entries", "own", "channels", "confirmed")
    screen.facts([(name, str(found[name])) for name in names])
    undated = sum(one.days is None for one in old)
    days = found["old_after_days"]
    screen.remark(
        f"{len(old) - undated} facts are older than {days} days, and {undated} have no date: `--json` lists each, "
        "and `register show ID` marks them."
    )
    _lapsed(found["not_in_register"])
    for one in found["old_confirmations"]:
        screen.remark(f"The channel {one.value} of {one.id} was confirmed on {one.on}: confirm it again.")
