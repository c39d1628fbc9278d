"""A letter that follows another says what has become of that one: until it goes out, as the journal has it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from recover.letters import delivery, lived
from recover.letters.desks import Desk
from recover.letters.folders import Kind
from recover.letters.life import TOLD, Choice, Letter
from recover.sdk import Error


def told(known: Mapping[str, Letter], choice: Choice) -> Choice:
    """The choice with the life of the letter that it follows. What went out already keeps what was so then."""
    ident, _, version = choice.of.rpartition("-v")
    former = known.get(ident)
    if former is None or not version.isdecimal():
        return choice
    last = _out(known.get(choice.id), choice)
    acts = [one for one in former.acts if last is None or one.number < last]
    sender = {name: said for name, said in choice.sender.items() if name not in delivery.LIFE}
    return replace(choice, sender=sender | delivery.when(replace(former, acts=acts), int(version)))


def asking(known: Mapping[str, Letter], desk: Desk, choice: Choice) -> Kind:
    """The letter's kind as its sender's words are held to it: what follows another asks for no more than that one,
    and for nothing where that one is unknown."""
    kind = desk.kind(choice)
    if kind.asks not in ("follow-up", "withdrawal"):
        return kind
    ident, _, version = choice.of.rpartition("-v")
    former = known[ident].chosen(int(version)) if ident in known and version.isdecimal() else None
    done = known[ident].at("issue", int(version)) if former else None
    asked = done.text("asks") if done else ""
    return replace(kind, asks=asked or (desk.kind(former).asks if former else "preserve"))


def _out(letter: Letter | None, choice: Choice) -> int | None:
    """The entry of its issue, where it went out since it was drafted."""
    issued = [one.number for one in letter.acts if one.act == "issue"] if letter else []
    return max((number for number in issued if number > choice.number), default=None)


def acts(known: Mapping[str, Letter], choice: Choice) -> Iterator[int]:
    """The entries of what was done with the letter that it follows: it rests on them."""
    former = known.get(choice.of.rpartition("-v")[0])
    yield from (one.number for one in former.acts if one.act in TOLD) if former else ()


def standing(known: Mapping[str, Letter], choice: Choice) -> None:
    """Raises Error where the one that it follows was never sent, or another version took its place since."""
    ident, _, version = choice.of.rpartition("-v")
    if ident in known:  # a draft can be older than this rule
        lived.asked(known[ident], choice.kind)
    last = known[ident].standing if ident in known else 0
    if version.isdecimal() and last > int(version):
        raise Error(
            "letter-superseded",
            f"{choice.id} follows version {version} of {ident}, and version {last} went out since.",
            "It would ask after a letter that another took the place of.",
            f"`recover letter follow-up CASE {ident}` drafts it again."
            if choice.kind == "follow-up"
            else f"`recover letter withdraw CASE {ident}` drafts it again.",
        )
