"""Confirmations: a named person's word that a channel is the service's own, and of which channel it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from recover.registers import asked
from recover.sdk.addressee import Addressee, Channel, Confirmed
from recover.sdk.errors import Error
from recover.sdk.outside import visible

_UNREAD = ("address removed", "address not in")  # a stored page that hides its mailbox


def standing(said: Sequence[tuple[Confirmed, bool]]) -> list[Confirmed]:
    """Of confirmations and those taken back, in order, what stands."""
    last = {(one.id, one.kind, one.value, one.who, one.source): (one, back) for one, back in said}
    return [one for one, back in last.values() if not back]


def confirm(
    known: Mapping[str, Addressee], name: str, number: int, *, by: str, on: str, today: date, how: str = ""
) -> Confirmed:
    """A person's word that channel `number` (from 1) of an entry is the service's own, as the register has it now.

    Raises Error without an entry, a channel or a person, on a day that cannot be, and where the register has no
    address: a letter would name what no register has.
    """
    channel = asked.channel(known, name, number)
    if unread(channel):
        raise Error(
            "confirm-unread",
            f"Channel {number} of {name} has no address: {channel.value}.",
            f"The source that was read hides it ({channel.source}).",
            "Read it on the service's own page, and bring it with that source in an entry of your own: "
            f"`recover register show {name} --toml`, then `recover register add FILE`.",
        )
    _said_by(name, by, on, today, _since(known[name], channel), "The register has the channel as of")
    about = {"kind": channel.kind, "value": channel.value, "who": channel.who, "source": channel.source}
    return Confirmed(id=name, by=by.strip(), on=on, how=how, **about)


def taken_back(
    said: Sequence[Confirmed],
    known: Mapping[str, Addressee],
    name: str,
    number: int,
    value: str,
    *,
    by: str,
    on: str,
    today: date,
    how: str = "",
) -> list[Confirmed]:
    """The standing confirmations of this channel, or of this very address though the register has it no more, as
    taken back by a person. Raises Error where none stands.
    """
    channel = asked.channel(known, name, number) if number else None
    wanted = channel.value if channel else value.strip()
    found = [one for one in said if (one.id, one.value) == (name, wanted)]
    if channel is not None:
        found = [one for one in found if (one.kind, one.who) == (channel.kind, channel.who)]
    if not found:
        listed = "; ".join(visible(one.value, 120) for one in said if one.id == name) or "none"
        raise Error(
            "confirm-none",
            f"No confirmation of {visible(wanted, 120) or 'this channel'} stands for {visible(name, 60)}.",
            f"What stands: {listed}.",
            "`recover register show ID` lists them.",
        )
    _said_by(name, by, on, today, max(one.on for one in found), "It was confirmed on")
    return [replace(one, by=by.strip(), on=on, how=how) for one in found]


def in_force(said: Sequence[Confirmed], known: Mapping[str, Addressee]) -> list[Confirmed]:
    """The confirmations of a channel that the register has now; of a changed or removed channel none is left."""
    return [one for one in said if (e := known.get(one.id)) is not None and any(of(one, c, e) for c in e.channels)]


def unread(channel: Channel) -> bool:
    """Whether the register has no address here: the page that was read hides it."""
    return channel.value.startswith(_UNREAD)


def of(said: Confirmed, channel: Channel, entry: Addressee) -> bool:
    """Whether a confirmation is of this channel as it stands, and not from before its source."""
    whole = (said.id, said.kind, said.value, said.who, said.source)
    return whole == (entry.id, channel.kind, channel.value, channel.who, channel.source) and (
        said.on >= _since(entry, channel)
    )


def _since(entry: Addressee, channel: Channel) -> str:
    """From which day on a channel can be confirmed: a month or a year alone sorts before each of its days."""
    return channel.as_of or entry.looked


def _said_by(name: str, by: str, on: str, today: date, least: str, why: str) -> None:
    """Raises Error without a person, and on a day that has not come or is before `least`."""
    if not by.strip():
        raise Error(
            "confirm-by",
            f"A channel of {name} is confirmed by nobody.",
            "A letter prints who confirmed the channel, and on which day.",
            "Say who with --by NAME.",
        )
    try:
        day = date.fromisoformat(on)
    except ValueError:
        day = None
    if day is None or len(on) != 10:
        raise Error(
            "confirm-on",
            f"{visible(on, 40)!r} is no day.",
            "A letter prints on which day the channel was confirmed.",
            "Write it like 2026-11-28, with --on.",
        )
    if day > today or on < least:
        raise Error(
            "confirm-on",
            f"{on} has not come." if day > today else f"On {on} nobody can have said so.",
            f"Today is {today} (UTC)." if day > today else f"{why} {least}, which is later.",
            "Give the day on which it was done.",
        )
