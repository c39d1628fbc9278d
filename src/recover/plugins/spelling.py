"""Names that are nearly right: a hook that would never be called, a method that the core would not find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from recover.sdk import hooks

HOOKS = tuple(sorted(name for name in vars(hooks) if name.startswith("recover_")))

NEEDED: Mapping[str, tuple[str, ...]] = {
    "chains": ("info", "parse"),
    "sources": ("info", "recognises", "collect", "decode"),
    "heuristics": ("info", "assertions"),
    "exporters": ("info", "files"),
    "templates": ("id", "kind", "version", "title", "folder"),
}
"""What each kind of member must have; a test holds this to the protocols."""

_OPTIONAL: Mapping[str, tuple[str, ...]] = {"chains": ("forms", "memo")}
_NEAR = 0.75  # likeness from which a name is taken for a misspelling of another


def hooks_missed(plugin: object) -> Iterator[str]:
    """One sentence for each function of a plugin that looks like a hook and is none."""
    for name, value in sorted(vars(plugin).items()):
        if not callable(value) or isinstance(value, type) or name.startswith("_"):
            continue
        marked = hasattr(value, "recover_impl")
        if name in HOOKS and not marked:
            yield f"{name} is not marked with @plugin, so it is never called."
        elif name not in HOOKS and not marked and (near := _nearest(name, HOOKS)):
            yield f"{name} is no hook, so it is never called. Did you mean {near}?"


def lacks(kind: str, member: object) -> str:
    """What a member of a kind lacks, in one sentence; empty if it has all."""
    told = []
    for name in NEEDED[kind]:
        if not hasattr(member, name):
            near = _nearest(name, [own for own in _public(member) if own not in NEEDED[kind]])
            told.append(f"{name}" + (f" (it has {near}: did you mean {name}?)" if near else ""))
    return f"{type(member).__name__} lacks {', '.join(told)}" if told else ""


def methods_missed(kind: str, member: object) -> Iterator[str]:
    """One sentence for each name that looks like an optional method and is none."""
    for name in _OPTIONAL.get(kind, ()):
        if not hasattr(member, name) and (
            near := _nearest(name, [n for n in _public(member) if n not in NEEDED[kind]])
        ):
            yield f"{type(member).__name__}.{near} is never called. Did you mean {name}?"


def _nearest(name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=_NEAR)
    return near[0] if near else ""


def _public(member: object) -> list[str]:
    return [name for name in dir(member) if not name.startswith("_")]
