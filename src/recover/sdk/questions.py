"""Asks as text: canonical JSON, the form that gaps store and the journal names them by."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from recover.sdk.errors import Error
from recover.sdk.values import Address, Ask, TxId


def ask_text(ask: Ask) -> str:
    """An ask as canonical JSON, the form that gaps store."""

    def plain(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat()
        if isinstance(value, Address | TxId):
            return [value.chain, value.text]
        return value

    # Keys sorted, times in UTC: one ask is one text, whoever made it.
    slots = {f.name: plain(getattr(ask, f.name)) for f in fields(ask)}  # type: ignore[arg-type]
    return json.dumps({"ask": type(ask).__name__, **slots}, sort_keys=True, separators=(",", ":"))


def ask_of(text: str) -> Ask:
    """The ask that `ask_text` wrote. Raises Error for a kind that no installed plugin defines."""
    slots: dict[str, Any] = json.loads(text)
    name = slots.pop("ask")
    kind = Ask.kinds.get(name)
    if kind is None:
        raise Error(
            "ask-unknown",
            f"A gap asks for {name!r}, which nothing here defines.",
            f"Known kinds: {', '.join(sorted(Ask.kinds))}.",
            "Install the plugin that wrote it, or run the case again without it.",
        )
    made = {f.name: _slot(str(f.type), slots[f.name]) for f in fields(kind) if f.name in slots}  # type: ignore[arg-type]
    return kind(**made)


def _slot(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind.startswith("Address"):
        return Address(chain=value[0], text=value[1])
    if kind.startswith("TxId"):
        return TxId(chain=value[0], text=value[1])
    return datetime.fromisoformat(value) if kind.startswith("datetime") else value
