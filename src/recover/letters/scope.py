"""Whose letter it is: for which losses it speaks, and which letters it supersedes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from recover.case import Case
from recover.letters import gates, matter, typed
from recover.letters.folders import Kind
from recover.letters.gates import Refusal
from recover.letters.life import Choice, Letter
from recover.report import refused_words
from recover.sdk import View
from recover.sdk.counts import counted
from recover.victims import known as victims
from recover.victims import settled
from recover.victims.known import PSEUDONYM, Victim

ALL = "all"
"""Said in place of losses: every loss that the case has now is the party's."""


def spoken(case: Case, view: View, kind: Kind, choice: Choice) -> Choice:
    """The choice with the losses that it speaks for, written out for a private sender.

    Written out also where they are all that there are: a loss that is declared later is another's until its party
    says so. Unchanged where they are not known, which `unsaid` refuses.
    """
    every = tuple(loss.id for loss in view.case.losses)
    if ALL in choice.losses:
        return replace(choice, losses=every)
    if choice.losses or not _private(kind, choice):
        return choice
    heads = settled.standing(case)
    party = settled.people(case).get(heads.get(choice.instructed_by, ""))
    if party is not None:
        # Also where a payment was taken in again under another pseudonym of the same person.
        mine = {p.loss for v in victims.every(case).values() if heads[v.id] == party.id for p in v.payments}
        return replace(choice, losses=tuple(loss for loss in every if loss in mine))
    return replace(choice, losses=every) if _one(case, every) else choice


def unsaid(view: View, kind: Kind, choice: Choice) -> list[Refusal]:
    """A private sender speaks for its own losses alone: refused where nobody said which of several they are."""
    every = [loss.id for loss in view.case.losses]
    if choice.losses or not _private(kind, choice) or len(every) < 2:
        return []
    some = ", ".join(every[:8]) + (" ..." if len(every) > 8 else "")
    why = f"The case has {counted(len(every), 'loss')} ({some}), and nobody said which are its sender's party's."
    todo = "Name each with --loss; `--loss all` says that all of them are, and is kept in the journal."
    return [Refusal(rule="loss", why=why, todo=todo)]


def named(case: Case, choice: Choice, passed: Collection[tuple[str, str]]) -> list[Refusal]:
    """Where victims were taken in, a private sender's letter names its party by pseudonym (PL11)."""
    pseudonyms = victims.every(case)
    who = choice.instructed_by
    if choice.role not in gates.PRIVATE or not who or not pseudonyms:
        return []
    if who in pseudonyms or ("letter", "PL11") in passed:
        return []
    why = "--instructed-by is no pseudonym of this case: beside the losses it would tell whose they are."
    todo = (
        "Name the pseudonym, as `recover victim list` has it, or let a named person pass it: "
        "`recover decide CASE --paper letter --rule PL11`."
    )
    return [Refusal(rule="PL11", why=why, todo=todo)]


def others(case: Case, view: View, choice: Choice, passed: Collection[tuple[str, str]]) -> list[Refusal]:
    """A private sender's words tell of no other victim: neither pseudonym nor figure of its loss (PL11)."""
    if choice.role not in gates.PRIVATE or ("letter", "PL11") in passed:
        return []
    every, heads = victims.every(case), settled.standing(case)
    mine = {name for name, head in heads.items() if head == heads.get(choice.instructed_by)}
    sums = _sums(view, every.values(), choice, mine)
    found = []
    for name, text in typed.texts(choice):
        said = refused_words.folded(text)
        if {*PSEUDONYM.findall(said)} & {*every} - mine:
            found.append(f"{typed.flag(name)} names another victim's pseudonym")
        if {_plain(one) for one in _NUMBER.findall(said)} & sums:
            found.append(f"{typed.flag(name)} gives the figure of a loss that is not its party's")
    why = "{}: what is another victim's is no matter of this letter."
    todo = "Leave it out, or let a named person pass it: `recover decide CASE --paper letter --rule PL11`."
    return [Refusal(rule="PL11", why=why.format(one), todo=todo) for one in found]


_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.]*\d)")
_TELLING = 4
"""So many digits make a figure one loss's own: a shorter one is a day, an hour or a section too."""


def _plain(figure: str) -> str:
    """A figure without separators and without zeros that say nothing."""
    whole, dot, part = figure.replace(",", "").partition(".")
    return (whole.lstrip("0") or "0") + (dot + part).rstrip("0").rstrip(".")


def _sums(view: View, every: Iterable[Victim], choice: Choice, party: Collection[str]) -> set[str]:
    """The figures of others' losses that are none of the party's own."""
    mine, theirs = set[str](), set[str]()
    for loss in view.case.losses:
        if loss.amount is not None and len(loss.assets) == 1:
            kept = mine if not choice.losses or loss.id in choice.losses else theirs
            kept.add(_figure(view, loss.assets[0], loss.amount))
    for victim in every:
        for one in victim.payments:
            own = victim.id in party or not choice.losses or one.loss in choice.losses
            (mine if own else theirs).update(
                _figure(view, one.asset, n) for n in (one.claimed, one.shown) if n is not None and one.asset
            )
    return {one for one in theirs - mine if sum(c.isdigit() for c in one) >= _TELLING}


def _figure(view: View, asset: str, amount: int) -> str:
    found = view.assets.get(asset)
    places = found.decimals if found is not None and found.decimals is not None else 0
    digits = str(amount).rjust(places + 1, "0")
    return _plain(f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _private(kind: Kind, choice: Choice) -> bool:
    tells = kind.about in ("service", "case") or "facts" in kind.parts
    return choice.role in gates.PRIVATE and tells and kind.about != "letter"


def _one(case: Case, losses: Sequence[str]) -> bool:
    """Whether all losses are known to be one person's."""
    owners = {p.loss: v.id for v in settled.people(case).values() for p in v.payments if p.loss}
    return len(losses) == 1 or (all(one in owners for one in losses) and len({*owners.values()}) == 1)


def whole(view: View, choice: Choice) -> Choice:
    """The choice without its losses where they are all that the case has: then nothing is to be left out."""
    every = {loss.id for loss in view.case.losses}
    return replace(choice, losses=()) if choice.losses and every <= set(choice.losses) else choice


def ident(choice: Choice, base: str, known: Mapping[str, Letter]) -> str:
    """The letter's id: that of the letter which this draft supersedes, else one that no letter has.

    A draft supersedes one of the same sender, addressee, legal entity, kind and losses; no other.
    """
    names = [base, f"{base}-{_said(choice)}"]
    names += [f"{names[1]}-{n}" for n in range(2, len(known) + 3)]
    # One kind can be asked for by two words, which make two ids.
    others = (name for name, one in known.items() if one.choice is not None and name not in names)
    mine = (name for name in (*names, *others) if name in known and _same(known[name], choice))
    return next(mine, "") or next(name for name in names if name not in known)


def _same(letter: Letter, choice: Choice) -> bool:
    former = letter.choice
    if former is None:
        return True  # acts of a letter that was drafted by itself: nobody sends it yet
    bodies = {one.sender.get("name", "") for one in (former, choice)} - {""}
    return (
        not letter.withdrawn
        and len(bodies) < 2  # a name that was left blank is filled, and makes no other sender
        and _scope(former) == _scope(choice)
    )


def _scope(choice: Choice) -> tuple[object, ...]:
    entity = matter.plain(choice.entity) or choice.entity
    return choice.role, choice.kind, choice.service, choice.name, entity, frozenset(choice.losses)


def _said(choice: Choice) -> str:
    """Who sends it for which losses, as part of a file's name."""
    role = next((word for word, meant in gates.SENDERS.items() if meant == choice.role), choice.role)
    losses = "-".join(matter.plain(one) for one in choice.losses)
    if len(losses) > 24:
        losses = hashlib.sha256("\n".join(sorted(choice.losses)).encode()).hexdigest()[:8]
    return "-".join(filter(None, (matter.plain(role), losses)))
