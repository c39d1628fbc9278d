"""The feed as a STIX 2.1 bundle: an indicator an entry, revoked where withdrawn, under its TLP 2.0 marking.

The core specification has no wallet, so an address is a pattern on `cryptocurrency-wallet` of the public extension
(`stix2extensions`), whose definition stands in the bundle. Its value is the address alone: the chain is in
words and a label.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from recover.prevention.indicators import CATEGORIES
from recover.prevention.misp import identifier
from recover.prevention.published import Feed, Row

_WALLET = "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7"
_TLP_DEFINITION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_MARKS: Mapping[str, str] = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""TLP 2.0 as FIRST and OASIS published it."""
_BORN = "2022-10-01T00:00:00.000Z"


def files(feed: Feed) -> Iterator[tuple[str, bytes]]:
    """`stix/bundle.json`."""
    author = f"identity--{identifier(feed, 'stix', 'identity')}"
    at = f"{feed.at:%Y-%m-%dT%H:%M:%S}.000Z"
    objects: list[dict[str, Any]] = [
        {
            "type": "identity",
            "spec_version": "2.1",
            "id": author,
            "created": at,
            "modified": at,
            "name": feed.agency,
            "identity_class": "organization",
        },
        *(_mark(mark) for mark in sorted({row["tlp"] for row in feed.rows.values()})),
    ]
    if any(row["type"] == "address" for row in feed.rows.values()):
        objects.append(_definition(author, at))
    objects += [_indicator(feed, row, author, at) for row in feed.rows.values()]
    bundle = {"type": "bundle", "id": f"bundle--{identifier(feed, 'stix', 'bundle', at)}", "objects": objects}
    yield "stix/bundle.json", json.dumps(bundle, indent=1, ensure_ascii=False).encode() + b"\n"


def _mark(mark: str) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _MARKS[mark],
        "created": _BORN,
        "name": f"TLP:{mark.upper()}",
        "extensions": {_TLP_DEFINITION: {"extension_type": "property-extension", "tlp_2_0": mark}},
    }


def _definition(author: str, at: str) -> dict[str, Any]:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": _WALLET,
        "created_by_ref": author,
        "created": at,
        "modified": at,
        "name": "Cryptocurrency Wallet",
        "description": "A wallet address as an observable; `value` is the address.",
        "schema": "https://raw.githubusercontent.com/muchdogesec/stix2extensions/main/automodel_generated/schemas/"
        "scos/cryptocurrency-wallet.json",
        "version": "1.0",
        "extension_types": ["new-sco"],
    }


def _indicator(feed: Feed, row: Row, author: str, at: str) -> dict[str, Any]:
    named = (row["type"], row["chain"], row["indicator"])
    until = max(row["valid_until"], row["first_seen"] or row["valid_until"])
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{identifier(feed, 'stix', *named)}",
        "created_by_ref": author,
        "created": at if not row["first_seen"] else f"{row['first_seen'][:-1]}.000Z",
        "modified": f"{row['withdrawn'][:-1]}.000Z" if row["withdrawn"] else at,
        "name": row["indicator"],
        "description": _told(row),
        "indicator_types": ["malicious-activity"],
        "pattern": _pattern(row),
        "pattern_type": "stix",
        "valid_from": f"{row['first_seen'][:-1]}.000Z" if row["first_seen"] else at,
        "valid_until": f"{until[:-1]}.000Z",
        "labels": [row["category"], f"grade-{row['grade'].lower()}", *([row["chain"]] if row["chain"] else [])],
        "revoked": bool(row["withdrawn"]),
        "object_marking_refs": [_MARKS[row["tlp"]]],
    }


def _told(row: Row) -> str:
    parts = [CATEGORIES[row["category"]], f"grade {row['grade']}", f"sources: {row['source_count']}"]
    parts += [row["chain"]] if row["chain"] else []
    state = f" Withdrawn {row['withdrawn']}." if row["withdrawn"] else ""
    return f"{'; '.join(parts)}. Wrongly listed: {row['false_positive_contact']}.{state}"


def _pattern(row: Row) -> str:
    value = row["indicator"].replace("\\", "\\\\").replace("'", "\\'")
    if row["type"] == "account":
        named = "display_name" if "://" not in row["indicator"] else "account_login"
        return f"[user-account:{named} = '{value}']"
    path = {"domain": "domain-name:value", "url": "url:value", "address": "cryptocurrency-wallet:value"}
    return f"[{path[row['type']]} = '{value}']"
