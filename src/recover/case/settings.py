"""`case.toml`: who, authority, losses, rule, limits. Read strictly, written in one order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import tomli_w

from recover.sdk.errors import Error
from recover.sdk.plugin import GRADES
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
    configuration allows it too: where to ask is never a matter of the case. `requests` and `rounds` bound what
    `recover run` may ask. `ignored` are sources for which an older case says where to ask; nothing is sent there.
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
    requests: int = 200
    rounds: int = 5
    parameters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()
    dust: int = DUST
    merge: tuple[str, ...] = MERGE
    least: Grade = LEAST
    base: bool = True
    second: bool = False
    ignored: tuple[str, ...] = field(default=(), compare=False)

    def with_loss(self, loss: Loss) -> Settings:
        """The same settings with one loss more."""
        return replace(self, losses=(*self.losses, loss))

    def without_loss(self, name: str) -> Settings:
        """The same settings without the loss of this id."""
        return replace(self, losses=tuple(loss for loss in self.losses if loss.id != name))

    @property
    def next_loss(self) -> str:
        """The id of the next loss: one more than the highest there is."""
        return f"L{max((int(loss.id[1:]) for loss in self.losses if loss.id[1:].isdigit()), default=0) + 1}"


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
        **({"find": {"dust": settings.dust}} if settings.dust != DUST else {}),
        **({"review": {"second": True}} if settings.second else {}),
        "link": {
            "merge": list(settings.merge),
            "least": settings.least,
            **({} if settings.base else {"base": False}),
        },
        "parameters": {k: dict(sorted(v.items())) for k, v in sorted(settings.parameters.items())},
        "loss": [_loss_table(loss) for loss in settings.losses],
    }
    if settings.elections:
        head["election"] = [_election_table(one) for one in settings.elections]
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
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _bad(f"not TOML: {error}") from error
    try:
        return _settings(raw)
    except (TypeError, ValueError, AttributeError) as error:
        raise _bad(f"a value is not of the kind that its setting takes: {error}") from error


def _settings(raw: dict[str, Any]) -> Settings:
    if raw.pop("format", None) != 1:
        raise _bad("`format` is not 1")
    collect = raw.pop("collect", {})
    # Strict: a misspelt key that is passed over would be a choice of the examiner that silently did not count. All
    # problems are told at once, since the file is mended by hand.
    problems = [f"`{k}` is missing" for k in ("title", "examiner", "agency", "rule", "opened") if k not in raw]
    known = {"title", "examiner", "agency", "rule", "opened", "reference", "language", "note", "plugins"}
    losses = raw.pop("loss", [])
    elections = raw.pop("election", [])
    parameters = raw.pop("parameters", {})
    link = raw.pop("link", {})
    dust = raw.pop("find", {})
    review = raw.pop("review", {})
    problems += [f"`{k}` is not a setting" for k in raw if k not in known]
    problems += [f"`collect.{k}` is not a setting" for k in collect if k not in _COLLECT]
    problems += _link(link)
    problems += _dust(dust)
    if (
        not isinstance(review, dict)
        or set(review) - {"second"}
        or review.get("second", False) not in (True, False)
    ):
        problems.append("`review` has other than `second`, true or false")
    problems += _elections(elections, losses)
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
        elections=tuple(Elected(**table) for table in elections),
        sources=tuple(collect.get("sources", ())),
        ignored=tuple(map(str, collect["endpoints"] if isinstance(collect.get("endpoints"), dict) else ())),
        requests=int(collect.get("requests", 200)),
        rounds=int(collect.get("rounds", 5)),
        parameters={k: {n: int(v) for n, v in t.items()} for k, t in parameters.items()},
        dust=dust.get("dust", DUST),
        merge=tuple(link.get("merge", MERGE)),
        least=link.get("least", LEAST),
        base=link.get("base", True),
        second=bool(review.get("second", False)),
    )


_COLLECT = frozenset({"sources", "requests", "rounds", "endpoints"})


def _link(given: Any) -> list[str]:
    """What is wrong with `link`."""
    if not isinstance(given, dict):
        return ["`link` is not a table"]
    problems = [f"`link.{k}` is not a setting" for k in given if k not in ("merge", "least", "base")]
    if not isinstance(given.get("base", True), bool):
        problems.append("`link.base` is neither true nor false")
    merge = given.get("merge", [])
    if not isinstance(merge, list) or not all(isinstance(name, str) and name for name in merge):
        problems.append("`link.merge` is not a list of heuristics")
    elif len(set(merge)) < len(merge):
        problems.append("`link.merge` names a heuristic twice")
    least = given.get("least", LEAST)
    if not isinstance(least, str) or least not in GRADES:
        problems.append(f"`link.least` is not a grade: one of {', '.join(GRADES)}")
    return problems


def _dust(given: Any) -> list[str]:
    """What is wrong with `find`."""
    if not isinstance(given, dict):
        return ["`find` is not a table"]
    problems = [f"`find.{k}` is not a setting" for k in given if k != "dust"]
    dust = given.get("dust", DUST)
    if not isinstance(dust, int) or isinstance(dust, bool) or not 0 <= dust <= 1_000_000:
        problems.append("`find.dust` is not a number of parts per million, from 0 to 1000000")
    return problems


def _elections(given: Any, losses: Any) -> list[str]:
    """What is wrong with the elections."""
    if not isinstance(given, list) or not all(isinstance(table, dict) for table in given):
        return ["`election` is not a list of tables: write [[election]]"]
    declared = {loss.get("id") for loss in losses if isinstance(loss, dict)}
    problems = []
    for n, table in enumerate(given, start=1):
        problems += [f"`election` {n} has no `{k}`" for k in _ELECTION if k not in table]
        problems += [f"`election.{k}` is not a setting" for k in table if k not in (*_ELECTION, "to")]
        wrong = [k for k, v in table.items() if not isinstance(v, str) or not v.strip()]
        problems += [f"`election.{k}` of election {n} is not text" for k in wrong]
        if "loss" in table and table["loss"] not in declared:
            problems.append(f"election {n} names loss {table['loss']!r}, which is not declared")
        if table in given[: n - 1]:
            problems.append(f"election {n} is there twice")
    return problems


_ELECTION = ("loss", "tx", "asset", "reason")


def _election_table(one: Elected) -> dict[str, str]:
    found = {name: getattr(one, name) for name in _ELECTION}
    return found if one.to is None else {**found, "to": one.to}


def _loss_table(loss: Loss) -> dict[str, Any]:
    found: dict[str, Any] = {"id": loss.id, "chain": loss.chain}
    for name in ("address", "tx", "since", "until"):
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


def _loss(number: int, table: dict[str, Any]) -> Loss:
    try:
        amount = None if table.get("amount") is None else int(table["amount"])
        # An unknown key is refused here: the fields of `Loss` are the keys that there are.
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
