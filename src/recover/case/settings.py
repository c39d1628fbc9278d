"""`case.toml`: who, authority, losses, rule, limits. Read strictly, written in one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import tomli_w

from recover.case import checks, many
from recover.sdk.errors import Error
from recover.sdk.records import Grade
from recover.sdk.view import Loss

UNREADABLE = "case-toml"

MERGE = ("common-input",)
LEAST: Grade = "C"
"""What joins addresses unless the case says otherwise: spending together, at least moderately sure."""


DUST = 10
"""Parts per million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elected:
    """A claimant's election: what `tx` moved of `asset` was paid with the value of `loss` (Re Oatway).

    `to` is the one receiver that is meant, None for all that the transaction moved of the asset.
    """

    loss: str
    tx: str
    asset: str
    reason: str
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The examiner's choices. Amounts in base units.

    `sources` may be asked over the network (none by default: the case is worked offline), if the user's own
    configuration allows it too: where and how much to ask is never a matter of the case. `ignored` are sources for
    which an older case says where to ask, `limited` that it says how much; neither counts.
    `parameters` override a heuristic's defaults: heuristic id -> name -> value. A plugin named in `plugins` must
    load. `dust`: what concerns no more than this part of what began in an asset, in parts per million, is folded
    and does not change the exit code. `merge` are the heuristics whose assertions of ownership join addresses
    into one entity, from the grade `least` upwards. `base`: an installed
    base of labels that knows an address of the case is pinned in it. `second`: a review
    counts only once two persons agree.
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
    elections: tuple[Elected, ...] = ()
    sources: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()
    dust: int = DUST
    merge: tuple[str, ...] = MERGE
    least: Grade = LEAST
    base: bool = True
    second: bool = False
    ignored: tuple[str, ...] = field(default=(), compare=False)
    limited: bool = field(default=False, compare=False)

    def chosen(self, heuristic: str, defaults: Mapping[str, int]) -> Mapping[str, int]:
        """The parameters of a heuristic as this case has them."""
        return {**defaults, **self.parameters.get(heuristic, {})}

    def with_loss(self, loss: Loss) -> Settings:
        """The same settings with one loss more."""
        return replace(self, losses=(*self.losses, loss))

    def without_loss(self, name: str) -> Settings:
        """The same settings without the loss of this id."""
        return replace(self, losses=tuple(loss for loss in self.losses if loss.id != name))

    def overruled(self) -> list[str]:
        """What an older case says of asking, which only its user may say."""
        found = []
        if self.ignored:
            named = ", ".join(name[:60] for name in self.ignored[:10])
            found.append(
                f"case.toml says where to ask {named}. A case may only name sources: nothing is sent there. Where "
                "to ask stands in your own recover.toml, or after --source."
            )
        if self.limited:
            found.append("case.toml says how much to ask. It counts for nothing: your own recover.toml says that.")
        return found


def traced(settings: Settings) -> Settings:
    """What of the settings a trace reads: losses, elections and the rule."""
    return replace(
        Settings(title="", examiner="", agency="", rule=settings.rule, opened=settings.opened),
        losses=settings.losses,
        elections=settings.elections,
    )


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
        "collect": {"sources": list(settings.sources)},
        **({"find": {"dust": settings.dust}} if settings.dust != DUST else {}),
        **({"review": {"second": True}} if settings.second else {}),
        "link": {
            "merge": list(settings.merge),
            "least": settings.least,
            **({} if settings.base else {"base": False}),
        },
        "parameters": {k: dict(sorted(v.items())) for k, v in sorted(settings.parameters.items())},
    }
    lost = [_loss_table(loss) for loss in settings.losses]
    if not settings.elections and lost and (body := many.written(lost)) is not None:
        return tomli_w.dumps(head) + body
    head["loss"] = lost
    if settings.elections:
        head["election"] = [_election_table(one) for one in settings.elections]
    return tomli_w.dumps(head)


def decoded(data: bytes) -> str:
    """The file's text. Raises Error when it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(f"not UTF-8 at byte {error.start}") from error


# A run reads the same texts of the journal again and again.
@lru_cache(maxsize=64)
def parse(data: str) -> Settings:
    """Raises Error that lists every key that is missing, unknown or of the wrong type."""
    try:
        # ValueError also where an integer has more digits than Python reads.
        return _settings(many.read(data))
    except (ValueError, TypeError, RecursionError) as error:
        raise _bad(f"not TOML: {error}") from error


def _settings(raw: dict[str, Any]) -> Settings:
    if type(raw.get("format")) is not int or raw["format"] != 1:
        raise _bad("`format` is not 1")
    found = checks.problems(raw)
    if found:
        raise _bad("; ".join(found[:_LISTED]) + (f"; and {len(found) - _LISTED} more" * (len(found) > _LISTED)))
    collect, link = raw.get("collect", {}), raw.get("link", {})
    return Settings(
        **{name: raw[name] for name in _PLAIN if name in raw},
        plugins=tuple(raw.get("plugins", ())),
        losses=tuple(_loss(table) for table in raw.get("loss", ())),
        elections=tuple(Elected(**table) for table in raw.get("election", ())),
        sources=tuple(collect.get("sources", ())),
        ignored=tuple(collect["endpoints"] if isinstance(collect.get("endpoints"), dict) else ()),
        limited=_limits(collect),
        parameters={k: dict(v) for k, v in raw.get("parameters", {}).items()},
        dust=raw.get("find", {}).get("dust", DUST),
        merge=tuple(link.get("merge", MERGE)),
        least=link.get("least", LEAST),
        base=link.get("base", True),
        second=raw.get("review", {}).get("second", False),
    )


_PLAIN = ("title", "examiner", "agency", "rule", "opened", "reference", "language", "note")
_LISTED = 20


def _limits(collect: Mapping[str, Any]) -> bool:
    """Whether an older case says how much to ask; what older versions wrote by themselves was nobody's choice."""
    return (collect.get("requests", 200), collect.get("rounds", 5)) != (200, 5)


_ELECTION = ("loss", "tx", "asset", "reason")


def _election_table(one: Elected) -> dict[str, str]:
    found = {name: getattr(one, name) for name in _ELECTION}
    return found if one.to is None else {**found, "to": one.to}


def _loss_table(loss: Loss) -> dict[str, Any]:
    found: dict[str, Any] = {"id": loss.id, "chain": loss.chain}
    for name in ("address", "memo", "tx", "since", "until"):
        if getattr(loss, name) is not None:
            found[name] = getattr(loss, name)
    if loss.amount is not None:
        found["amount"] = str(loss.amount)  # text, since TOML integers end at 64 bits
    if loss.output is not None:
        found["output"] = loss.output
    if loss.assets:
        found["assets"] = list(loss.assets)
    if loss.label:
        found["label"] = loss.label
    return found


def _loss(table: Mapping[str, Any]) -> Loss:
    amount = None if table.get("amount") is None else int(table["amount"])
    # An unknown key was refused: the fields of `Loss` are the keys that there are.
    return Loss(**{**table, "amount": amount, "assets": tuple(table.get("assets", ()))})


def _bad(why: str) -> Error:
    return Error(
        UNREADABLE,
        "case.toml cannot be read.",
        why + ".",
        "Mend the file; `recover open --help` lists the settings, and the journal holds the last good text.",
    )
