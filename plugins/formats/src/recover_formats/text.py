"""Text that all formats share: exact numbers in JSON, ids that stay the same, and what README.txt says."""

from __future__ import annotations

import json
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from recover.sdk import GRADES, View, amounts
from recover.sdk.outside import visible
from recover.sdk.shareable import Move, Name, Shareable

_MOST = 2000


@dataclass(frozen=True, slots=True)
class Number:
    """A number of JSON as its digits: a float would round it."""

    digits: str


def dumps(value: Any, indent: int = 0) -> str:
    """JSON in the order given, one line an object of the outermost list; whole numbers and `Number` exact."""
    if isinstance(value, Number):
        return value.digits
    if isinstance(value, Mapping):
        return (
            "{" + ",".join(f"{json.dumps(str(k), ensure_ascii=False)}:{dumps(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        mark = ",\n" if indent else ","
        return "[" + mark.join(dumps(one) for one in value) + "]"
    if value is not None and not isinstance(value, str | int):
        raise TypeError(f"{type(value).__name__} is no exact value")
    return json.dumps(value, ensure_ascii=False)


def clean(text: str) -> str:
    """Text from outside, on one line and bounded, with what cannot be seen named."""
    return visible(text, _MOST)


def stamp(time: datetime) -> str:
    """A moment in UTC, to the millisecond (RFC 3339)."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def named(*parts: str) -> str:
    """A UUID that is the same for the same parts: version 4 in form, as validators ask, and not random."""
    return str(uuid.UUID(bytes=sha256("\0".join(parts).encode()).digest()[:16], version=4))


def case_id(view: View) -> str:
    """What makes the ids of one case its own: when it was opened, and what it is called by."""
    return f"{view.case.opened.isoformat()} {view.case.agency} {view.case.reference}"


def decimal(view: View, asset: str, amount: int) -> str:
    """The amount with its decimal point, empty where no exhibit says how many decimals the asset has."""
    known = view.assets.get(asset)
    if known is None or known.decimals is None:
        return ""
    return amounts.decimal(amount, known.decimals, grouped=False)


def symbol(view: View, asset: str) -> str:
    """What people call an asset; its id where nobody says."""
    known = view.assets.get(asset)
    return clean(known.symbol.split(" (")[0]) if known and known.symbol else asset


def said(name: Name, chain: str) -> dict[str, Any]:
    """Everything that a name says, for formats that hold less: what is empty is left out."""
    told: dict[str, Any] = {
        "chain": chain,
        "label": clean(name.label),
        "service": clean(name.service),
        "role": name.role,
        "category": clean(name.category),
        "grade": name.grade,
        "method": name.method,
        "source": clean(name.source),
        "origin": clean(name.origin),
        "asserted": clean(name.asserted),
        "until": clean(name.until),
        "exhibit": name.exhibit or None,
        "place": name.place if name.exhibit else None,
    }
    return {key: one for key, one in told.items() if one not in ("", None)}


def sentence(name: Name) -> str:
    """A name in words, as every one has to be read: who says it, and how sure it is."""
    told = f"attributed to {clean(name.service)}" if name.service else f"called {clean(name.label)}"
    return f"{told}, grade {name.grade} ({GRADES[name.grade]}), by {name.method}, source: {clean(name.source)}"


def exact(view: View, move: Move) -> dict[str, Any]:
    """A movement's amounts as text: base units, the same with its point, and what of it was traced."""
    return {
        "asset": move.asset,
        "amount": str(move.amount),
        "amount_decimal": decimal(view, move.asset, move.amount),
        "traced": str(move.traced),
        "traced_decimal": decimal(view, move.asset, move.traced),
        "rule": view.case.rule,
        "exhibit": str(move.exhibit),
        "place": str(move.place),
    }


@cache
def words() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def readme(view: View, shared: Shareable, form: str, more: Iterable[tuple[str, int]] = ()) -> tuple[str, bytes]:
    """README.txt: what the files are, what the format cannot hold and where that stands, and what is left out."""
    told, every = words()[form], words()["every"]
    head = [told["title"], "", *every["reading"], *told["elsewhere"], ""]
    head += [
        f"Case: {clean(view.case.reference) or 'without a reference'}; agency: {clean(view.case.agency)}",
        f"Rule of tracing: {view.case.rule}; edition: {view.edition}; recover {view.version}",
        f"Journal: entry {view.entries}, head {view.head}",
        f"Addresses: {len(shared.holders)}; movements that carried traced value: {len(shared.moves)}",
        "",
        every["left_out"],
    ]
    left = [*((f"edition: {kind}", n) for kind, n in view.left_out), *shared.left_out, *more]
    lines = [f"  {count:>6}  {what}" for what, count in left if count] or [f"  {every['nothing']}"]
    return "README.txt", "\n".join([*head, *lines, ""]).encode()
