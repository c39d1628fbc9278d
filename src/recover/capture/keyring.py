"""The keys that fill placeholders in; where there are several for one name, the next when one is spent."""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recover.capture import secrets
from recover.sdk.errors import Error

Own = Mapping[str, str | Sequence[str]]
"""The user's own keys, by the name of their placeholder."""

_RESTS = 60.0
_MOST = 20


@dataclass(slots=True)
class Keys:
    """Which key fills a placeholder at this moment. Any thread may ask."""

    own: Own = field(default_factory=dict, repr=False)
    clock: Callable[[], float] = time.monotonic
    _listed: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _rest: dict[tuple[str, int], float] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def values(self, names: Iterable[str]) -> dict[str, str]:
        """One key for each name. Raises Error naming what is not set, or cannot be a key."""
        with self._lock:
            return {name: self._every(name)[self._place(name)] for name in names}

    def every(self, names: Iterable[str]) -> list[str]:
        """All keys of these names: none of them may stand in a stored byte, whichever was sent."""
        with self._lock:
            return [key for name in names for key in self._every(name)]

    def missing(self, names: Iterable[str]) -> frozenset[str]:
        """Those of these names that have no key."""
        return frozenset(name for name in names if not found(name, self.own))

    def spent(self, used: Mapping[str, str], wait: float) -> bool:
        """The service takes these keys no more, for now: whether another one is left for any of them."""
        fresh = False
        with self._lock:
            for name, key in used.items():
                listed = self._every(name)
                now = self.clock()
                self._rest[name, listed.index(key)] = now + max(wait, _RESTS)
                fresh = fresh or any(self._rest.get((name, n), 0.0) <= now for n in range(len(listed)))
        return fresh

    def _every(self, name: str) -> tuple[str, ...]:
        if name not in self._listed:
            listed = found(name, self.own)
            secrets.values([name], {name: listed[0] if listed else ""})
            for key in listed:
                secrets.usable(name, key)
            self._listed[name] = listed
        return self._listed[name]

    def _place(self, name: str) -> int:
        """The first key that is not spent; where all are, the one that rests the shortest."""
        now = self.clock()
        ends = [(max(self._rest.get((name, n), 0.0), now), n) for n in range(len(self._listed[name]))]
        return min(ends)[1]


def found(name: str, own: Own) -> tuple[str, ...]:
    """Every key of a name: RECOVER_NAME, RECOVER_NAME_2 and so on, then the user's own."""
    variable = secrets.variable(name)
    listed = [os.environ.get(variable, "")]
    listed += [os.environ.get(f"{variable}_{number}", "") for number in range(2, _MOST)]
    mine = own.get(name, ())
    listed += [mine] if isinstance(mine, str) else mine
    return tuple(dict.fromkeys(key for key in listed if key))


def kept(service: str, name: str) -> str:
    """A key out of the system's own store of passwords. Raises Error where it cannot be had."""
    try:
        store: Any = importlib.import_module("keyring")  # a library of its own, which most do without
    except ImportError:
        raise Error(
            "keyring-missing",
            f"The key {name} is to come from the system's store of passwords, and cannot.",
            "The library `keyring` is not installed.",
            "Install it (`pip install keyring`), or set the key in the environment.",
        ) from None
    try:
        value = store.get_password(service, name)
    except store.errors.KeyringError as error:
        value, why = None, f"The store says: {type(error).__name__}."
    else:
        why = f"The store has no entry {name} under {service}."
    if not value:
        raise Error(
            "keyring-empty",
            f"The key {name} is to come from the system's store of passwords, and is not there.",
            why,
            f"Put it there: `keyring set {service} {name}`. Or set {secrets.variable(name)} in the environment.",
        )
    return str(value)
