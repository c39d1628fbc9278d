"""New members: a folder that runs, with its tests, from the data in `members/`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import recover
from recover.sdk.errors import Error

KINDS: Mapping[str, str] = {
    "chain": "a chain, and a source of files of it",
    "source": "a source that answers questions for histories",
    "heuristic": "what asserts something of addresses",
    "export": "a format that a case can leave in",
    "letter": "a letter, as a folder of data",
    "bridge": "a heuristic that ties both sides of a bridge by their event logs",
}
"""What can be made -> what it is."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_SUFFIX = ".txt"  # so that no tool takes the data for code of this package
_LONGEST = 40


def make(kind: str, name: str, out: Path) -> Path:
    """Write a member of a kind into a new folder of `out`. Raises Error where it cannot be, before it writes."""
    if kind not in KINDS:
        raise Error(
            "no-kind",
            f"There is no kind of member called {kind!r}.",
            f"Known: {', '.join(KINDS)}.",
            "Name one of them: recover plugins new KIND NAME.",
        )
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise Error(
            "name-unusable",
            f"{name!r} cannot be the name of a member.",
            "It becomes the name of a distribution, of a package and of an id: small letters, digits and hyphens, "
            f"a letter first, at most {_LONGEST} characters.",
            "Choose another, such as my-chain.",
        )
    words = _words(kind, name)
    folder = out / words["distribution"]
    if folder.exists():
        raise Error(
            "folder-exists",
            f"{folder} is there already.",
            "A new member is never written over something that somebody may have worked on.",
            "Choose another name, or another folder with --out.",
        )
    for path, text in _files(kind, words):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="\n")
    if kind == "letter":
        _words_of_a_letter(folder / "src" / words["package"] / words["module"])
    return folder


def _words_of_a_letter(folder: Path) -> None:
    """The tables of the plainest kind that is installed: every text that a letter needs, to be changed."""
    from recover.plugins import registry

    like = registry.load().templates.get("preserve")
    if like is None:
        raise Error(
            "no-letters",
            "A letter begins from one that is there, and none is.",
            "The kind `preserve` is brought by recover-letters, which is not installed.",
            "Install recover-letters, or the extra `standard`.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(like.folder.glob("*.toml")):
        (folder / file.name).write_bytes(file.read_bytes())


def _words(kind: str, name: str) -> dict[str, str]:
    """What is filled in, by the word that stands between two @ in the data."""
    module = name.replace("-", "_")
    chain = kind == "chain"
    # CAIP-2: a namespace has three to eight characters.
    caip2 = name.replace("-", "")[:8].ljust(3, "0")
    return {
        "name": name,
        "module": module,
        "kind": kind,
        "title": name.replace("-", " ").capitalize(),
        "class": "".join(word.capitalize() for word in name.split("-")),
        "package": f"recover_chain_{module}" if chain else f"recover_{module}",
        "distribution": f"recover-chain-{name}" if chain else f"recover-{name}",
        "caip2": caip2,
        "version": recover.__version__,
    }


def _files(kind: str, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(path, text) of every file of a kind, those that all kinds share first."""
    members = files("recover.plugins") / "members"
    for name in ("common", kind):
        for path, text in _walk(members / name, ""):
            yield _filled(path.removesuffix(_SUFFIX), words), _filled(text, words)


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for each in sorted(folder.iterdir(), key=lambda e: e.name):
        path = f"{above}{each.name}"
        if each.is_dir():
            yield from _walk(each, f"{path}/")
        elif each.name.endswith(_SUFFIX):
            yield path, each.read_text("utf-8")


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text
