"""`private/`: victims' identities. The journal, which others receive, has a digest that tells nothing of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recover.case.confined import Files
from recover.case.journal import Entry

if TYPE_CHECKING:
    from recover.case.folder import Case

IDENTITIES = "identities.txt"
SALT = "private/.salt"
"""Random bytes that stay in `private/`: without them nobody can try names against the digest."""


def digest(files: Files) -> str:
    """Over the names and contents of the files in `private/`; empty where there is none, or no salt."""
    names = [name for name in files.below("private") if name != SALT]
    if not names or not files.size(SALT):
        return ""
    found = hmac.new(files.read(SALT), digestmod=hashlib.sha256)
    for name in names:
        data = files.read(name)
        found.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape") + hashlib.sha256(data).digest())
    return found.hexdigest()


def noted(entries: Sequence[Entry]) -> str:
    """What the journal last said; empty where it never did."""
    return next((str(e.body.get("digest", "")) for e in reversed(entries) if e.kind == "private"), "")


def note(case: Case) -> None:
    """Journal the digest where it changed. A case that was handed on without `private/` says nothing new."""
    names = [name for name in case.files.below("private") if name != SALT]
    if not names:
        return
    if not case.files.size(SALT):
        case.files.write(SALT, secrets.token_bytes(32))
    found = digest(case.files)
    if found != noted(case.entries):
        case.note("private", {"digest": found, "files": len(names)})


def identities(case: Case) -> tuple[str, ...]:
    """The names in `private/identities.txt`, one a line: no paper may hold one of them."""
    name = f"private/{IDENTITIES}"
    kept = case.evidence  # of a rebuild elsewhere too: a paper that was stopped must be stopped there
    lines = kept.read(name).decode("utf-8", "replace").splitlines() if kept.size(name) is not None else []
    return tuple(dict.fromkeys(line.strip() for line in lines if len(line.strip()) > 2))
