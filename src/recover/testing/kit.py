"""What every kit shares: tests that a subclass cannot replace, and the forms of ids."""

from __future__ import annotations

import re
from typing import ClassVar

CAIP2 = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")
CAIP10 = re.compile(CAIP2.pattern + r":[-.%a-zA-Z0-9]{1,128}")
CAIP19 = re.compile(CAIP2.pattern + r"/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}")
PLUGIN_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Kit:
    """The root of the kits. Replacing a kit's test, by whatever value, fails while the class is being made."""

    needs: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # The kits themselves need no subject.
        if cls.__module__.startswith("recover.testing."):
            return
        # A plugin that replaced the test it fails would still be said to conform.
        replaced = sorted(_kit_tests(cls) & _own_tests(cls))
        if replaced:
            raise TypeError(
                f"{cls.__name__} replaces tests of the conformance kit: {', '.join(replaced)}. "
                "Give the test you add another name; what the kit asks holds for every plugin."
            )
        missing = [name for name in cls.needs if not hasattr(cls, name)]
        if missing:
            raise TypeError(f"{cls.__name__} must set: {', '.join(missing)}.")


def _kit_tests(cls: type) -> set[str]:
    kits = [base for base in cls.__mro__ if base.__module__.startswith("recover.testing.")]
    return {name for base in kits for name in vars(base) if name.startswith("test")}


def _own_tests(cls: type) -> set[str]:
    owned = [base for base in cls.__mro__ if not base.__module__.startswith("recover.testing.")]
    return {name for base in owned for name in vars(base)}


def check_texts(subject: str, **texts: str) -> None:
    """Every text says something. Used on what a plugin tells of itself."""
    silent = [name for name, text in texts.items() if not text.strip()]
    assert not silent, f"{subject}: {', '.join(silent)} must say something"


def check_id(text: str) -> None:
    """Fails unless the text is an id as plugins have them."""
    assert PLUGIN_ID.fullmatch(text), f"{text!r} is no plugin id: lower-case words joined by hyphens"
