"""In vain: what is said where no source showed a transaction: what each one answered, or why it did not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.capture.asking import answering, plain, remedy, unsettled
from recover.case import Case
from recover.case.settings import parse
from recover.plugins.registry import Plugins
from recover.sdk.batch import ask_of
from recover.sdk.errors import Error
from recover.sdk.values import Address, Ask, TxId
from recover.sdk.view import Loss

_SHOWN = 8
_NOBODY = "No source that may be asked answers for the chains of its losses."


def nothing(case: Case, plugins: Plugins, why: str = "", beside: str = "") -> Error:
    """Each source's answer or reason, and what to do; that one answered is never said to be no answer. `why`: why
    nothing was asked of the sources that may be; empty where none may. `beside` is said after what they said.
    """
    asked = [entry.body for entry in case.entries if entry.kind == "asked"]
    # What matters most stands first: that a payment is there, and waits for a block.
    failed = [body for body in asked if body["why"] and not body.get("elsewhere")]
    failed.sort(key=lambda body: not (body.get("absent") and unsettled(str(body["why"]))))
    empty = _empty(case)
    said = dict.fromkeys(
        [*(_failed(body, plugins) for body in failed), *empty, *_elsewhere(asked, plugins), *case.told]
    )
    shown = [*list(said)[:_SHOWN], *([f"And {len(said) - _SHOWN} more."] if len(said) > _SHOWN else [])]
    what = "No source showed a transaction" if empty else "Nothing was collected"
    todo = "`recover doctor` says what each source can answer and what is not set up. Or import a file."
    if empty:
        put = sorted(_put(case))
        others = {name for _, wanted, _ in _standing(case) for name in answering(plugins, wanted)} - {*put}
        more = f"; not asked yet: {', '.join(sorted(others))}" if others else ""
        todo = (
            f"Check the id and its chain, or import a file. To ask again, of {', '.join(put)} or another source"
            f"{more}: recover now {case.typed} --source ID"
        )
    if sought(case):
        again = f"What was typed is kept, and asked for again by: recover now {case.typed}"
        todo = f"{todo.removesuffix('.')}. {again}. If it was mistyped, type the right id behind that"
    if why and not said:
        todo = f"Give it more: recover now {case.typed} --within SECONDS"
    elif case.settings.losses:
        again = "" if empty else f" To ask again: recover now {case.typed}."
        todo = f"{todo.removesuffix('.')}.{again} {mistyped(case, case.settings.losses)}"
    return Error(
        "nothing-collected",
        f"{what} for the case {case.typed}: there is nothing to report.",
        " ".join(filter(None, [*shown, beside])) or (f"Nothing was asked yet: {why}." if why else _NOBODY),
        todo,
    )


def mistyped(case: Case, lost: Sequence[Loss]) -> str:
    """How losses are taken back whose transaction or address nobody has: each by its own id."""
    drop = f"take the loss back: recover loss {case.typed} --drop"
    if len(lost) == 1:
        return f"If the id was mistyped, {drop} {lost[0].id}"
    named = ", ".join(f"{one.id} ({one.tx or one.address})" for one in lost)
    return f"If one of these was mistyped, {drop} ID, of {named}"


def about(wanted: Ask) -> str:
    """The address or transaction that an ask is about, as text; empty where it is about neither."""
    one = getattr(wanted, "address", None) or getattr(wanted, "tx", None)
    return one.text if isinstance(one, Address | TxId) else ""


def read(text: str | None) -> Ask | None:
    """An ask as a journal names it; none where its plugin is not here, or somebody else wrote it."""
    try:
        return ask_of(text or "")
    except (Error, ValueError, LookupError, TypeError, AttributeError):
        return None


def _failed(body: Mapping[str, Any], plugins: Plugins) -> str:
    source, why = str(body["source"]), str(body["why"])
    named = "" if why.startswith(source) else f"{source}: "
    known = plugins.sources.get(source)
    keys = known.info.secrets if known is not None else ()
    return f"{named}{plain(why)} {remedy(why, keys, absent=bool(body.get('absent')))}".strip()


def _elsewhere(asked: Sequence[Mapping[str, Any]], plugins: Plugins) -> list[str]:
    """Of which chains a source could be asked nothing, since its server is of another one: a sentence a source."""
    found: dict[str, dict[str, str]] = {}
    for body in asked:
        if body.get("elsewhere"):
            found.setdefault(str(body["source"]), {})[_chain(str(body["ask"]))] = str(body["why"])
    said = []
    for source, chains in found.items():
        titles = [plugins.chains[one].info.title if one in plugins.chains else one for one in chains]
        why = plain(next(iter(chains.values())))
        said.append(f"{source}: {why} So nobody was asked about {', '.join(titles)}.")
    return said


def sought(case: Case) -> Mapping[str, Any]:
    """What was looked for last where no loss came of it: `texts`, `amount` and `asset` as they were typed; empty
    where there is nothing of the kind."""
    for entry in reversed(case.entries if not case.settings.losses else ()):
        if entry.kind == "settings" and parse(entry.body["text"]).losses:
            return {}  # it was found, and taken back by a person
        if entry.kind == "collecting" and entry.body.get("sought"):
            found: Mapping[str, Any] = entry.body["sought"]
            return found
    return {}


def _chain(text: str) -> str:
    wanted = read(text)
    return "" if wanted is None else wanted.chain


def _empty(case: Case) -> list[str]:
    """What sources answered that shows nothing, one sentence an ask."""
    return [
        f"{source} answered for {about(wanted)}, and its answer shows no transfer"
        + (f" (exhibit {numbers[-1]})." if numbers else ".")
        for source, wanted, numbers in _standing(case)
    ]


def answered(case: Case) -> Iterator[tuple[str, str, list[int]]]:
    """Source, ask as gaps store it, and the numbers of the exhibits, of each ask that a source answered."""
    came: dict[str, list[int]] = {}
    for entry in case.entries:
        if entry.kind == "exhibit" and entry.body.get("request"):
            came.setdefault(entry.body.get("ask", ""), []).append(entry.body["number"])
        elif entry.kind == "asked" and not entry.body["why"]:
            # A journal of before asks stood beside their answers says only that these were among all.
            yield str(entry.body["source"]), entry.body["ask"], came.get(entry.body["ask"]) or came.get("", [])


def _standing(case: Case) -> list[tuple[str, Ask, list[int]]]:
    """The same, of what was not set aside; the last answer of each source."""
    aside = case.set_aside().keys()
    found = {(source, name): numbers for source, name, numbers in answered(case)}
    return [(source, ask_of(name), n) for (source, name), n in found.items() if not aside & set(n)]


def _put(case: Case) -> set[str]:
    """The sources that were asked."""
    return {str(entry.body["source"]) for entry in case.entries if entry.kind == "asked"}
