"""All forms of the feed as files, and the folder that holds them and nothing older."""

from __future__ import annotations

import json
from pathlib import Path

from recover.case.folder import replace
from recover.case.warc import sha256
from recover.prevention import bulk, misp, stix, wallets
from recover.prevention.published import Feed
from recover.sdk.errors import Error
from recover.sdk.outside import typed

MANIFEST = "manifest.json"


def files(feed: Feed) -> dict[str, bytes]:
    """Every form by its name, and the digest of each: the same feed gives the same bytes."""
    found = {name: data for one in (bulk, misp, stix, wallets) for name, data in one.files(feed)}
    found = dict(sorted(found.items()))
    said = {
        "as_of": f"{feed.at:%Y-%m-%dT%H:%M:%SZ}",
        "files": {name: sha256(data) for name, data in found.items()},
    }
    return {**found, MANIFEST: json.dumps(said, indent=1).encode() + b"\n"}


def write(feed: Feed, out: Path) -> list[Path]:
    """Write every form. Raises Error for a folder that holds anything else, which a reader would take too."""
    made = files(feed)
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir()}
    if other := sorted(there - made.keys()):
        raise Error(
            "feed-folder",
            f"{typed(out)} holds what is not of the feed: {', '.join(other[:3])}.",
            "Whoever takes the folder takes all of it.",
            "Choose an empty folder, or the one of the last build.",
        )
    for name, data in made.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        replace(out / name, data)
    return [out / name for name in made]
