"""Record again what the live sources' tests replay.

    make nodes && python chains/bitcoin/tests/record_live.py

Starts fresh servers, plays the scene, puts every ask to every source, and writes each exchange once to `recorded`.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from recover.sdk import Absent, Request, Source
from recover.testing import Exchange, save
from recover_chain_bitcoin import live
from recover_chain_bitcoin.testing import scene
from recover_chain_bitcoin.testing.scene import PLACES, Servers

RECORDED = Path(__file__).parent / "recorded"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, scene.servers(Path(folder)) as servers:
        text = json.dumps(asdict(servers.scene), indent=1, sort_keys=True) + "\n"
        (RECORDED / "scene.json").write_text(text, "utf-8")
        for source in live.sources():
            save(RECORDED / f"{source.info.id}.json", exchanges(servers, source))


def exchanges(servers: Servers, source: Source) -> list[Exchange]:
    """Each exchange of all asks once, under the usual port."""
    tape = servers.tape(source.info.id)
    for ask in servers.scene.asks:
        with suppress(Absent):  # what no block holds
            list(source.collect(ask, tape))
    found: dict[tuple[str, bytes], Exchange] = {}
    for each in tape.taken:
        asked = each.request
        request = Request(
            url=asked.url.replace(tape.endpoint, PLACES[source.info.id]),
            method=asked.method,
            headers=asked.headers,
            body=asked.body,
        )
        exchange = Exchange(request=request, answer=each.answer, media=each.media, status=each.status)
        found.setdefault((request.url, request.body), exchange)
    return list(found.values())


if __name__ == "__main__":
    main()
