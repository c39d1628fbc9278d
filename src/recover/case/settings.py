"""`case.toml`: who, authority, losses, rule, limits. Read strictly, written in one order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import tomli_w

from recover.sdk.errors import Error
from recover.sdk.view import Loss

UNREADABLE = "case-toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The examiner's choices. Amounts in base units.

    `sources` may be asked over the network (none by default: the case is worked offline). `requests` and
    `rounds` bound what `recover run` may ask. `parameters` override a heuristic's defaults: heuristic id ->
    name -> value. A plugin named in `plugins` must load.
    """

    title: str
    examiner: str
    agency: str
    rule: str
    opened: datetime
    reference: str = ""
    language: str = "en"
    note: str = ""
    losses: tuple[Loss, ...] = ()
    sources: tuple[str, ...] = ()
    requests: int = 200
    rounds: int = 5
    parameters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()

    def with_loss(self, loss: Loss) -> Settings:
        return replace(self, losses=(*self.losses, loss))


def text(settings: Settings) -> str:
    """The file's text: the same settings give the same text."""
    head: dict[str, Any] = {
        "format": 1,
        "title": settings.title,
        "examiner": settings.examiner,
        "agency": settings.agency,
        "reference": settings.reference,
        "note": settings.note,
        "rule": settings.rule,
        "language": settings.language,
        "opened": settings.opened.astimezone(UTC),
        "plugins": list(settings.plugins),
        "collect": {
            "sources": list(settings.sources),
            "requests": settings.requests,
            "rounds": settings.rounds,
        },
        "parameters": {k: dict(sorted(v.items())) for k, v in sorted(settings.parameters.items())},
        "loss": [_loss_table(loss) for loss in settings.losses],
    }
    return tomli_w.dumps(head)


def decoded(data: bytes) -> str:
    """The file's text. Raises Error when it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(f"not UTF-8 at byte {error.start}") from error


def parse(data: str) -> Settings:
    """Raises Error that lists every key that is missing, unknown or of the wrong type."""
    try:
        raw = tomllib.loads(data)
    except tomllib.TOMLDecodeError as error:
        raise _bad(f"not TOML: {error}") from error
    if raw.pop("format", None) != 1:
        raise _bad("`format` is not 1")
    collect = raw.pop("collect", {})
    problems = [f"`{k}` is missing" for k in ("title", "examiner", "agency", "rule", "opened") if k not in raw]
    known = {"title", "examiner", "agency", "rule", "opened", "reference", "language", "note", "plugins"}
    losses = raw.pop("loss", [])
    parameters = raw.pop("parameters", {})
    problems += [f"`{k}` is not a setting" for k in raw if k not in known]
    problems += [f"`collect.{k}` is not a setting" for k in collect if k not in ("sources", "requests", "rounds")]
    problems += [
        f"`{k}` is not text" for k in known - {"opened", "plugins"} if k in raw and not isinstance(raw[k], str)
    ]
    if "opened" in raw and not (isinstance(raw["opened"], datetime) and raw["opened"].tzinfo):
        problems.append("`opened` is not a time with a zone")
    if problems:
        raise _bad("; ".join(problems))
    raw["plugins"] = tuple(raw.get("plugins", ()))
    return Settings(
        **raw,
        losses=tuple(_loss(n, table) for n, table in enumerate(losses, start=1)),
        sources=tuple(collect.get("sources", ())),
        requests=int(collect.get("requests", 200)),
        rounds=int(collect.get("rounds", 5)),
        parameters={k: {n: int(v) for n, v in t.items()} for k, t in parameters.items()},
    )


def _loss_table(loss: Loss) -> dict[str, Any]:
    found: dict[str, Any] = {"id": loss.id, "chain": loss.chain}
    for name in ("address", "tx", "since", "until"):
        if getattr(loss, name) is not None:
            found[name] = getattr(loss, name)
    if loss.amount is not None:
        found["amount"] = str(loss.amount)  # text, since TOML integers end at 64 bits
    if loss.assets:
        found["assets"] = list(loss.assets)
    if loss.label:
        found["label"] = loss.label
    return found


def _loss(number: int, table: dict[str, Any]) -> Loss:
    try:
        amount = None if table.get("amount") is None else int(table["amount"])
        loss = Loss(**{**table, "amount": amount, "assets": tuple(table.get("assets", ()))})
    except (TypeError, ValueError) as error:
        raise _bad(f"loss {number}: {error}") from error
    if (loss.address is None) == (loss.tx is None):
        raise _bad(f"loss {number} needs an address or a tx, and not both")
    return loss


def _bad(why: str) -> Error:
    return Error(
        UNREADABLE,
        "case.toml cannot be read.",
        why + ".",
        "Mend the file; `recover open --help` lists the settings, and the journal holds the last good text.",
    )
