"""How many labels of published lists can match an address of a ledger. Needs the evaluation data.

    python benchmarks/labels.py [FOLDER] [--json]

Every file below FOLDER that a source of labels recognises is decoded, and each label's address is given to the
`parse` of its chain. `as it stands`: the text is the chain's own spelling already, and so matches where texts are
compared as they come. `spelt`: the chain reads it, and so matches where every name enters by `parse`. `refused`:
no such address, as a wrong checksum; it labels nothing. `no chain`: of a chain that no plugin here has. Every
label counts. It runs on older versions of the program too: what they give as it stands is what could match there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from recover.sdk import Address, Error, Exhibit, NotRecognised

DATA = Path(__file__).parents[1] / ".." / "shared" / "data" / "attribution"
SOURCES = ("exchange-wallets", "labels-csv", "ofac", "tagpack")
HEAD = 1 << 16


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("folder", nargs="?", type=Path, default=DATA)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    room = "recover.plugins.registry" if find_spec("recover.plugins") else "recover.registry"
    plugins = import_module(room).load()
    found: dict[str, Counter[str]] = {}
    read: dict[tuple[str, str], str] = {}
    for file in sorted(path for path in chosen.folder.rglob("*") if path.is_file()):
        data = file.read_bytes()
        for name in SOURCES:
            source = plugins.sources.get(name)
            if source is None or not source.recognises(file.name, data[:HEAD]):
                continue
            for chain, text in _labels(source, file.name, data):
                if (chain, text) not in read:
                    read[chain, text] = _answer(plugins.chains.get(chain), text)
                found.setdefault(chain, Counter())[read[chain, text]] += 1
    kinds = ("as it stands", "spelt", "refused", "no chain")
    rows = {
        chain: [counts[k] + (counts[kinds[0]] if k == "spelt" else 0) for k in kinds]
        for chain, counts in found.items()
    }
    rows = {**dict(sorted(rows.items())), "all": [sum(row[n] for row in rows.values()) for n in range(len(kinds))]}
    if chosen.json:
        print(json.dumps({name: dict(zip(kinds, row, strict=True)) for name, row in rows.items()}))
        return
    print("chain".ljust(44), *(kind.rjust(13) for kind in kinds))
    for name, row in rows.items():
        print(name.ljust(44), *(f"{count:13,}" for count in row))


def _labels(source: object, name: str, data: bytes) -> list[tuple[str, str]]:
    exhibit = Exhibit(
        digest=hashlib.sha256(data).hexdigest(),
        name=name,
        media="",
        captured=datetime(2026, 1, 1, tzinfo=UTC),
        sources=(),
        data=data,
    )
    try:
        batches = list(source.decode(exhibit))  # type: ignore[attr-defined]
    except Error:
        return []
    tables = [t for batch in batches if (t := batch.tables().get("assertions")) is not None]
    return [
        pair for t in tables for pair in zip(*(t.column(c).to_pylist() for c in ("chain", "address")), strict=True)
    ]


def _answer(chain: object, text: str) -> str:
    if chain is None:
        return "no chain"
    try:
        found = chain.parse(text)  # type: ignore[attr-defined]
    except NotRecognised:
        return "refused"
    if not isinstance(found, Address):
        return "refused"
    return "as it stands" if found.text == text else "spelt"


if __name__ == "__main__":
    main()
