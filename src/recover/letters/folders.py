"""The kinds of letter: each a folder of data that an agency copies and changes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recover.letters import identified
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

    def listed(self, addressee: str) -> tuple[str, ...]:
        """What it asks for of this kind of addressee."""
        return self.records.get(addressee, self.records.get("any", ()))


def load(templates: Iterable[Template]) -> dict[str, Kind]:
    """Every letter template as a kind, by id. Raises Error naming the folder and all that is wrong with it."""
    return {t.id: read(t) for t in templates if t.kind == "letter"}


def read(template: Template) -> Kind:
    """One folder. A letter without `kind.toml` asks to preserve, as the plainest letter does."""
    file = template.folder / FILE
    try:
        raw = tomllib.loads(file.read_text("utf-8")) if file.exists() else dict(_PLAIN)
    except (OSError, ValueError) as error:
        raise _bad(template, [f"{FILE} is not TOML: {error}"]) from error
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
        f"Mend {FILE} in its folder; `recover template check FOLDER` tells all that is wrong.",
    )


def folder(path: Path) -> Template:
    """A folder of one's own as a template. Its name is its id."""
    return Template(id=path.name, kind="letter", version="own", title=path.name, folder=path)
