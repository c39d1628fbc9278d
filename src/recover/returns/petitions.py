"""Data for a petition or an application for return: what the case knows, and a blank for what a person must
say."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.returns import leaves
from recover.sdk.errors import Error
from recover.victims import known, settled
from recover.victims.known import Victim


@cache
def forms() -> Mapping[str, Mapping[str, Any]]:
    """Every form, by its id."""
    return tomllib.loads(files(__package__).joinpath("petitions.toml").read_text("utf-8"))


def write(case: Case, plugins: Plugins, name: str, form: str, sealed: Mapping[str, Any], out: Path) -> list[Path]:
    """One JSON file. `sealed` is the opened identity, empty where it stays sealed: then its fields are blanks.

    Raises Error for an unknown victim or form.
    """
    settled.itself(case, name)
    victim = settled.every(case).get(name)
    if victim is None or form not in forms():
        raise Error(
            "no-victim" if victim is None else "no-form",
            f"The case has no victim {name!r}." if victim is None else f"There is no form {form!r}.",
            f"Forms: {', '.join(forms())}.",
            "`recover victim list CASE` shows the pseudonyms.",
        )
    said = forms()[form]
    answers = [_answer(one, victim, sealed) for one in said["fields"]]
    data = {
        **{key: said[key] for key in ("title", "source", "as_of")},
        "form": form,
        "verified": False,
        "reference": case.settings.reference,
        "head": case.head[0],
        "fields": answers,
        "blanks": [blank for one in answers for blank in _blanks(one["id"], one["value"])],
    }
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    if sealed:
        leaves.outside(case, out)
    return leaves.write(case, plugins, out, {f"{form}-{name}.json": text}, opened=bool(sealed))


def _answer(one: Mapping[str, str], victim: Victim, sealed: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        "id": victim.id,
        "payments": [_payment(p, one.get("valued", "")) for p in victim.payments] or None,
        "received": {asset: str(n) for asset, n in sorted(victim.received.items())} or None,
        "banks": [list(bank) for bank in victim.banks] or None,
    }
    key = one.get("from", "")
    return {"id": one["id"], "says": one["says"], "value": own.get(key, sealed.get(key)) if key else None}


def _blanks(ident: str, value: object) -> Iterator[str]:
    """What a person has to say: a field, or of each payment what it was worth and who says so."""
    if value is None:
        yield ident
    for row in value if isinstance(value, list) else ():
        if isinstance(row, dict):
            blank = (key for key in row if key.startswith("value_") and row[key] is None)
            yield from (f"{ident}.{row['id']}.{key}" for key in blank)


def _payment(one: known.Payment, currency: str) -> dict[str, str | None]:
    # What it was worth in money on that day is a person's entry, with its source: nothing here prices it.
    texts = {name: getattr(one, name) or None for name in ("id", "chain", "tx", "asset", "time", "state")}
    sums = {name: None if (n := getattr(one, name)) is None else str(n) for name in ("claimed", "shown")}
    return {**texts, **sums, **({f"value_{currency}": None, "value_source": None} if currency else {})}
