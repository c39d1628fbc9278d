"""The kinds of letter: each a folder of data that an agency copies and changes."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from recover.letters import identified
from recover.report.texts import Texts, flattened
from recover.sdk import Error, Template
from recover.sdk.outside import visible

ADDRESSEES = (
    *("vasp", "issuer", "chain", "bridge", "swapper", "p2p"),
    *("bank", "platform", "isp", "registrar", "police", "front-end"),
)
ABOUT = ("service", "named", "letter", "case")
PARTS = (
    *(
        "ask",
        "table",
        "crossed",
        "given",
        "records",
        "period",
        "victim",
        "chronology",
        "flow",
        "facts",
        "holding",
        "former",
        "hold",
        "reached",
        "worth",
    ),
    *("link", "against", "urgent", "enquiry", "claim", "care", "exhibits", "sign"),
)
ASKS = ("preserve", "freeze", "disclose", "enquiry", "notice", "report", "follow-up", "withdrawal")
FILE = "kind.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of letter.

    `asks` is the act that its basis must back; follow-up and withdrawal rest on the letter that they follow.
    `about` says where its facts come from: what the trace found of a `service`, identifiers that a person gives of
    a `named` addressee, another `letter`, or the whole `case`. `parts` stand in the order of reading. `records`
    are the keys of what is asked for, by kind of addressee. `template` holds its texts and its layout.
    `names` is the form in which a person names what its addressee looks up, empty where any will do.
    `drafts`: `recover write` drafts it by itself to each service that value reached, as far as the case allows.
    `files` are those of an agency's own kind, as texts by name: a draft keeps them, and is made of them alone.
    """

    id: str
    asks: str
    about: str
    addressees: tuple[str, ...]
    parts: tuple[str, ...]
    records: Mapping[str, tuple[str, ...]]
    template: Template
    drafts: bool = False
    names: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """Whether it is an agency's, and brought by no plugin."""
        return bool(self.files)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it has words."""
        found = [Path(name) for name in self.files] or [*self.template.folder.glob("??.toml")]
        return tuple(sorted(one.stem for one in found if one.suffix == ".toml" and len(one.stem) == 2))

    def words(self, language: str) -> Mapping[str, str]:
        """Its sentences in a language by dotted key; none where it has no words in it."""
        if language not in self.languages:
            return {}
        if self.own:
            return _words(self.files[f"{language}.toml"])
        return Texts.load(self.template.folder, language).entries

    def kept(self) -> str:
        """What a draft keeps of it: the files of one's own, none of what a plugin brings."""
        return json.dumps(self.files, sort_keys=True, ensure_ascii=False) if self.own else ""

    def digest(self, common: Path) -> str:
        """Of all words of its letters, with those that all kinds share."""
        made = hashlib.sha256()
        here = {} if self.own else {one.name: one.read_text("utf-8") for one in _there(self.template.folder)}
        shared = {f"common/{one.name}": one.read_text("utf-8") for one in _there(common)}
        for name, text in sorted({**self.files, **here, **shared}.items()):
            made.update(f"{name}\0{text}\0".encode())
        return made.hexdigest()

    def listed(self, addressee: str) -> tuple[str, ...]:
        """What it asks for of this kind of addressee."""
        return self.records.get(addressee, self.records.get("any", ()))


def load(templates: Iterable[Template]) -> dict[str, Kind]:
    """Every letter template as a kind, by id. Raises Error naming the folder and all that is wrong with it."""
    return {t.id: read(t) for t in templates if t.kind == "letter"}


def read(template: Template, files: Mapping[str, str] | None = None) -> Kind:
    """One folder, or the `files` that a draft kept of one's own. A letter without `kind.toml` asks to preserve, as
    the plainest letter does."""
    file = template.folder / FILE
    try:
        if files is not None:
            raw = tomllib.loads(files.get(FILE, ""))
        else:
            raw = tomllib.loads(file.read_text("utf-8")) if file.exists() else dict(_PLAIN)
        for name in files or {}:
            if name != FILE and name.endswith(".toml"):
                _words((files or {})[name])
    except (OSError, ValueError) as error:
        raise _bad(template, [f"it is not TOML: {error}"]) from error
    problems = list(_problems(raw))
    if problems:
        raise _bad(template, problems)
    return Kind(
        id=template.id,
        asks=raw["asks"],
        about=raw["about"],
        addressees=tuple(raw["addressees"]),
        parts=tuple(raw["parts"]),
        records={name: tuple(keys) for name, keys in raw.get("records", {}).items()},
        template=template,
        drafts=raw.get("drafts", False),
        names=raw.get("names", ""),
        files=files or {},
    )


@lru_cache(maxsize=64)
def _words(text: str) -> Mapping[str, str]:
    return dict(flattened(tomllib.loads(text)))


def _there(folder: Path) -> list[Path]:
    return [one for one in sorted(folder.iterdir()) if one.suffix in (".toml", ".typ")]


def own(path: Path) -> Kind:
    """A folder of one's own, read once and whole. Raises Error naming all that is wrong with it."""
    template = folder(path)
    try:
        files = {one.name: one.read_text("utf-8") for one in _there(path) if one.suffix == ".toml"}
    except (OSError, ValueError) as error:
        raise _bad(template, [f"it cannot be read: {error}"]) from error
    return read(template, files)


@lru_cache(maxsize=64)
def bound(ident: str, kept: str) -> Kind:
    """The kind as a draft kept it (`Kind.kept`). Raises Error where that is no kind."""
    return read(folder(Path(ident)), json.loads(kept))


def taken(ident: str) -> Error:
    """What is said of a folder of one's own that is named as a kind which a plugin brings."""
    return Error(
        "letter-kind-taken",
        f"There is a kind of letter {visible(ident, 60)} already, and your own folder bears its name.",
        "One name would stand for two letters: what was read could be the one, and what goes out the other.",
        "Rename the folder: its name is the kind's. Its drafts are drafted again.",
    )


_PLAIN: Mapping[str, Any] = {
    "asks": "preserve",
    "about": "service",
    "drafts": True,
    "addressees": ["vasp"],
    "parts": ["ask", "table", "records", "period", "facts", "link", "urgent", "care", "exhibits", "sign"],
    "records": {"any": ["kyc", "assignment", "ledger", "moves", "links", "logs", "travel", "trades", "support"]},
}


def _problems(raw: Mapping[str, Any]) -> Iterable[str]:
    for key in ("asks", "about", "addressees", "parts"):
        if key not in raw:
            yield f"no {key}"
            return
    yield from (f"unknown key {visible(key, 40)}" for key in sorted(set(raw) - {*_PLAIN, "names"}))
    yield from _one(raw, "asks", ASKS)
    yield from _one(raw, "about", ABOUT)
    yield from _some(raw, "addressees", ADDRESSEES)
    yield from _some(raw, "parts", PARTS)
    if raw.get("names", "") not in ("", *identified.FORMS):
        yield f"names is not one of {', '.join(identified.FORMS)}"
    if not isinstance(raw.get("drafts", False), bool):
        yield "drafts is neither true nor false"
    records = raw.get("records", {})
    if not isinstance(records, dict) or not all(_texts(keys) for keys in records.values()):
        yield "records is no table of lists"
    elif set(records) - {"any", *ADDRESSEES}:
        yield f"records knows no {', '.join(sorted(set(records) - {'any', *ADDRESSEES}))}"


def _one(raw: Mapping[str, Any], key: str, known: tuple[str, ...]) -> Iterable[str]:
    if raw[key] not in known:
        yield f"{key} is not one of {', '.join(known)}"


def _some(raw: Mapping[str, Any], key: str, known: tuple[str, ...]) -> Iterable[str]:
    if not _texts(raw[key]) or not raw[key]:
        yield f"{key} is no list of texts"
    else:
        yield from (f"{key} knows no {visible(one, 40)}" for one in raw[key] if one not in known)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _bad(template: Template, problems: list[str]) -> Error:
    return Error(
        "letter-kind",
        f"The letter template {visible(template.id, 60)} cannot be used.",
        "; ".join(problems) + ".",
        f"Mend {FILE} and its texts in its folder; `recover template check FOLDER` tells all that is wrong.",
    )


def folder(path: Path) -> Template:
    """A folder of one's own as a template. Its name is its id."""
    return Template(id=path.name, kind="letter", version="own", title=path.name, folder=path)
