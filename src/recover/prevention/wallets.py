"""Forms for wallets and browsers, and for name servers: bare names of hosts, and nothing that thousands share.

What people make public is public: the wallets' list has entries of TLP:CLEAR alone, the name servers' lists those
that may leave the receiving organisation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from recover.prevention.published import Feed, Row

_LEAVES = ("clear", "green", "amber")


def files(feed: Feed) -> Iterator[tuple[str, bytes]]:
    """`wallets/` and `dns/`. A withdrawn host is named where a consumer that blocked it looks for it."""
    clear = [row for row in feed.standing("domain") if row["tlp"] == "clear"]
    gone = [row for row in feed.withdrawn("domain") if row["tlp"] == "clear"]
    # Levenshtein distances of the `fuzzylist` hit names of nobody's; and a `whitelist` would vouch for a host.
    config = {
        "version": 2,
        "tolerance": 2,
        "fuzzylist": [],
        "whitelist": [],
        "blacklist": [row["indicator"] for row in clear],
    }
    yield "wallets/config.json", json.dumps(config, indent=2).encode() + b"\n"
    yield "wallets/revoked.txt", _lines([row["indicator"] for row in gone])
    leaving = [row for row in feed.standing("domain") if row["tlp"] in _LEAVES]
    back = [row for row in feed.withdrawn("domain") if row["tlp"] in _LEAVES]
    yield "dns/domains.txt", _commented(feed, "#", leaving, back, "{}")
    yield "dns/hosts", _commented(feed, "#", leaving, back, "0.0.0.0 {}")
    yield "dns/rpz.zone", _zone(feed, leaving, back)


def _zone(feed: Feed, rows: list[Row], gone: list[Row]) -> bytes:
    """A response policy zone: a name, and all below it, do not exist. Its serial is the last change's moment."""
    head = [
        "$TTL 3600",
        f"@ IN SOA localhost. root.localhost. {int(feed.at.timestamp())} 3600 600 86400 3600",
        "@ IN NS localhost.",
    ]
    return "\n".join(head).encode() + b"\n" + _commented(feed, ";", rows, gone, "{} CNAME .\n*.{} CNAME .")


def _commented(feed: Feed, mark: str, rows: list[Row], gone: list[Row], form: str) -> bytes:
    head = [f"{mark} as of {feed.at:%Y-%m-%dT%H:%M:%SZ}"]
    for row in rows:
        head.append(f"{mark} until {row['valid_until']} TLP:{row['tlp'].upper()} {row['false_positive_contact']}")
        head.append(form.replace("{}", row["indicator"]))
    head += [f"{mark} revoked {row['withdrawn']} {row['indicator']}" for row in gone]
    return _lines(head)


def _lines(rows: list[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()
