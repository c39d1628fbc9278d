"""In vain: what is said where no source showed a transaction: what each one answered, or why it did not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.capture.asking import answering, plain, remedy
from recover.case import Case
from recover.plugins.registry import Plugins
from recover.sdk.batch import ask_of
from recover.sdk.errors import Error
from recover.sdk.values import Address, Ask, TxId
from recover.sdk.view import Loss

_SHOWN = 8
_NOBODY = "No source that may be asked answers for the chains of its losses."


def nothing(case: Case, plugins: Plugins, why: str = "") -> Error:
    """Each source's answer or reason, and what to do; that one answered is never said to be no answer. `why`: why
    nothing was asked of the sources that may be; empty where none may.
    """
    asked = [entry.body for entry in case.entries if entry.kind == "asked"]
    failed = (_failed(body, plugins) for body in asked if body["why"])
    empty = _empty(case)
    said = dict.fromkeys([*failed, *empty, *case.told])
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
    if why and not said:
        todo = f"Give it more: recover now {case.typed} --within SECONDS"
    elif case.settings.losses:
        todo = f"{todo.removesuffix('.')}. {mistyped(case, case.settings.losses)}"
    return Error(
        "nothing-collected",
        f"{what} for the case {case.typed}: there is nothing to report.",
        " ".join(shown) or (f"Nothing was asked yet: {why}." if why else _NOBODY),
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


def _failed(body: Mapping[str, Any], plugins: Plugins) -> str:
    source, why = str(body["source"]), str(body["why"])
    named = "" if why.startswith(source) else f"{source}: "
    known = plugins.sources.get(source)
    keys = known.info.secrets if known is not None else ()
    return f"{named}{plain(why)} {remedy(why, keys, absent=bool(body.get('absent')))}".strip()


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
