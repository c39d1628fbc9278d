"""The feed as one MISP event: attributes for sites, `coin-address` objects for addresses, deleted where withdrawn.

Types and templates as MISP/misp-objects has them (June 2026): an address of any chain stands in `address-crypto`,
a text, since `address` is of one chain's form alone. No victim and no person is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from recover.prevention.indicators import CATEGORIES
from recover.prevention.published import Feed, Row

_SPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace of STIX 2.1 for identifiers out of content; the seed of the case keeps two cases apart."""
_TYPES: Mapping[str, tuple[str, str]] = {
    "domain": ("domain", "Network activity"),
    "url": ("url", "Network activity"),
    "account": ("text", "Social network"),
}
_TEMPLATE = ("d0e6997e-78da-4815-a6a1-cfc1c1cb8a46", "7", "coin-address", "financial")


def identifier(feed: Feed, *parts: str) -> str:
    """A UUIDv5 of these parts in this case: the same case names the same thing alike, whenever it is asked."""
    return str(uuid5(_SPACE, "\x1f".join((feed.seed, *parts))))


def files(feed: Feed) -> Iterator[tuple[str, bytes]]:
    """`misp/event.json`."""
    at = str(int(feed.at.timestamp()))
    tags = [{"name": f"tlp:{mark}"} for mark in sorted({row["tlp"] for row in feed.rows.values()})]
    event: dict[str, Any] = {
        "uuid": identifier(feed, "misp", "event"),
        "info": "Indicators of fraud, reviewed",
        "date": f"{feed.at:%Y-%m-%d}",
        "threat_level_id": "2",
        "analysis": "2",
        "distribution": "0",
        "published": False,
        "timestamp": at,
        "Orgc": {"name": feed.agency, "uuid": identifier(feed, "misp", "org")},
        "Tag": tags,
        "Attribute": [_attribute(feed, row) for row in feed.rows.values() if row["type"] != "address"],
        "Object": [_object(feed, row) for row in feed.rows.values() if row["type"] == "address"],
    }
    yield "misp/event.json", json.dumps({"Event": event}, indent=1, ensure_ascii=False).encode() + b"\n"


def _attribute(feed: Feed, row: Row) -> dict[str, Any]:
    kind, category = _TYPES[row["type"]]
    return {
        **_common(feed, row, "attribute"),
        "type": kind,
        "category": category,
        "value": row["indicator"] if row["type"] != "account" else f"{row['chain']}: {row['indicator']}",
        "to_ids": kind != "text" and not row["withdrawn"],
        "comment": _told(row),
        "Tag": [{"name": f"tlp:{row['tlp']}"}],
    }


def _object(feed: Feed, row: Row) -> dict[str, Any]:
    template, version, name, meta = _TEMPLATE
    cells = [
        ("address-crypto", "text", row["indicator"], not row["withdrawn"]),
        ("symbol", "text", row["chain"], False),
        ("first-seen", "datetime", row["first_seen"], False),
        ("last-seen", "datetime", row["last_seen"], False),
        ("text", "text", _told(row), False),
    ]
    return {
        **_common(feed, row, "object"),
        "name": name,
        "meta-category": meta,
        "template_uuid": template,
        "template_version": version,
        "comment": row["category"],
        "Attribute": [
            {
                **_common(feed, row, f"object {relation}"),
                "object_relation": relation,
                "type": kind,
                "category": "Financial fraud" if relation == "address-crypto" else "Other",
                "value": value,
                "to_ids": acts,
                "comment": "",
                "Tag": [{"name": f"tlp:{row['tlp']}"}],
            }
            for relation, kind, value, acts in cells
            if value
        ],
    }


def _common(feed: Feed, row: Row, what: str) -> dict[str, Any]:
    at = datetime.fromisoformat(row["withdrawn"] or f"{feed.at:%Y-%m-%dT%H:%M:%SZ}")
    seen = {name: row[name] for name in ("first_seen", "last_seen") if row[name]}
    return {
        "uuid": identifier(feed, "misp", what, row["type"], row["chain"], row["indicator"]),
        "timestamp": str(int(at.timestamp())),
        "distribution": "5",
        "deleted": bool(row["withdrawn"]),
        **seen,
    }


def _told(row: Row) -> str:
    state = f"Withdrawn {row['withdrawn']}." if row["withdrawn"] else f"Valid until {row['valid_until']}."
    return (
        f"{CATEGORIES[row['category']]}; grade {row['grade']}; sources: {row['source_count']}. {state} "
        f"Wrongly listed: {row['false_positive_contact']}."
    )
