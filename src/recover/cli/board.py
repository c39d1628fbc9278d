"""A pursuit on the screen: what is found as lines that stay, and below them how far it has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from recover.cli import codec, outlet, screen
from recover.cli.escape import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from recover.pursuit.telling import Event, Tell

_EVERY = 5.0
"""Seconds between two lines of progress where no terminal shows a view that stays in place."""

_MARKS: Mapping[str, tuple[str, str]] = {
    "off-ramp": ("OFF-RAMP", "bold red"),
    "freezable": ("CAN BE FROZEN", "bold cyan"),
    "last-seen": ("LAST SEEN", "bold cyan"),
    "moved": ("MOVED", "bold magenta"),
    "sighted": ("SIGHTED", "bold magenta"),
    "reorganised": ("REORGANISED", "bold yellow"),
    "warning": ("WARNING", "bold yellow"),
    "failure": ("FAILED", "yellow"),
    "large": ("LARGE", "yellow"),
    "papers": ("PAPERS", "bold green"),
    "done": ("STOPPED", "bold"),
}


@contextmanager
def watch(as_json: bool) -> Iterator[Tell]:
    """What takes each event: as a line of JSON, as plain lines, or on a terminal under a view that stays."""
    if as_json:
        yield lambda event: screen.write(line(event))
        outlet.finish()
    elif screen.terminal_out():
        with _live() as tell:
            yield tell
    else:
        yield _plain()


def line(event: Event) -> str:
    """An event as one line of JSON."""
    return codec.text({**event.facts, "event": event.kind, "at": event.at, "said": event.said})


def told(event: Event) -> str:
    """An event as one line for a person."""
    mark = _MARKS.get(event.kind, ("", ""))[0]
    return f"{event.at:%H:%M:%S} {mark + ': ' if mark else ''}{event.said}"


def _plain() -> Tell:
    last = [-_EVERY]

    def tell(event: Event) -> None:
        if event.kind != "progress":
            screen.say(told(event))
        elif time.monotonic() - last[0] >= _EVERY:
            last[0] = time.monotonic()
            screen.remark(f"{event.at:%H:%M:%S} {_short(event.facts)}")

    return tell


def _short(facts: Mapping[str, Any]) -> str:
    from recover.pursuit.reached import summed

    asks = f"{facts['asks_answered']} asks answered, {facts['asks_open']} under way, {facts['requests']} requests"
    return f"{summed(facts['resolved']) or 'nothing traced yet'}; {asks}"


@contextmanager
def _live() -> Iterator[Tell]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(markup=False, highlight=False, emoji=False)
    state = _State(console)
    with Live(state, console=console, refresh_per_second=4, transient=True) as live:

        def tell(event: Event) -> None:
            if event.kind == "progress":
                state.facts = event.facts
            else:
                if event.kind == "looked":
                    # A watch waits now, and what followed a movement is over.
                    state.facts, state.idle = {}, "waiting for the next look"
                if event.kind == "failure":
                    state.failures = [*state.failures, event.said][-3:]
                mark, style = _MARKS.get(event.kind, ("", ""))
                text = Text(f"{event.at:%H:%M:%S} ", style="dim")
                if mark:
                    text.append(f"{mark}  ", style=style)
                text.append(visible(event.said))
                live.console.print(text)
            live.refresh()

        yield tell


class _State:
    """What stands below the lines: drawn again whenever the terminal asks."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self.console, self.now = console, now
        self.facts: Mapping[str, Any] = {}
        self.failures: Sequence[str] = ()
        self.idle = "starting"
        self.began = now()

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        room = max(40, self.console.width)
        rule = Text("─" * room, style="dim")
        rows = [Text(one if len(one) <= room else f"{one[: room - 1]}…") for one in self._lines(room)]
        return Group(rule, *rows)

    def _lines(self, room: int) -> Iterator[str]:
        seconds = int(self.now() - self.began)
        facts = self.facts
        if not facts:
            yield f"{seconds // 60}:{seconds % 60:02d}  {self.idle}"
            return
        asks = f"asks: {facts['asks_open']} under way, {facts['asks_answered']} answered"
        more = f"requests: {facts['requests']}   off-ramps: {facts['offramps']}"
        yield f"{seconds // 60}:{seconds % 60:02d}  {asks}   {more}"
        if facts["drafting"]:
            more = "" if facts["asks_open"] else "nothing is being asked, and "
            yield f"{more}papers are being made"
        for one in facts["resolved"]:
            wide = max(10, min(40, room - 60))
            full = wide * int(one["percent"]) // 100
            yield f"{'█' * full}{'░' * (wide - full)} {one['percent']:>3} %  {visible(one['shown'])} resolved"
        for host in facts["hosts"]:
            pace = f"{host['per_second']}/s" if host["per_second"] else "no bound"
            told = f", asked to slow down {host['limited']} times" if host["limited"] else ""
            failed = f", {host['failed']} failed" if host["failed"] else ""
            yield f"{visible(host['host'])}: {host['sent']} requests, {pace}{failed}{told}"
        for why in self.failures:
            yield visible(f"failed: {why}")
