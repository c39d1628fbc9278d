"""Build the base of labels again: python tools/label_base.py FOLDER, where FOLDER holds `attribution/`.

`packs.toml` says of every list whether it goes in, and why not. A list goes in by its origin, not by the licence
of the repository in which a copy lies. Addresses are spelt as their chain spells them; what no chain here knows is
left out and counted. The same lists give the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from recover.linking.ladder import CONFIDENCES as STEPS
from recover.plugins import registry
from recover.sdk import Address, Exhibit, NotRecognised
from recover.sdk.identity import Spelling
from recover_label_base.reader import COLUMNS, FIRST

HERE = Path(__file__).parents[1] / "plugins/label-base"
BASE = HERE / "src/recover_label_base/base"
VERSION = "2026-11-29"


@dataclass(slots=True)
class Made:
    rows: set[tuple[str, ...]] = field(default_factory=set)
    left: Counter[str] = field(default_factory=Counter)
    packs: list[dict[str, Any]] = field(default_factory=list)


def main(folder: Path) -> None:
    plan = tomllib.loads((HERE / "packs.toml").read_text("utf-8"))
    plugins = registry.load()
    spelling = Spelling(chains=plugins.chains)
    made = Made()
    for pack in plan["pack"]:
        taken = 0
        for path in sorted(folder.glob(pack["file"])):
            before = len(made.rows)
            for row in decoded(plugins, path, pack["reader"]):
                take(row, pack, plan, spelling, made)
            taken += len(made.rows) - before
        assert taken, f"{pack['file']} gave nothing"
        made.packs.append({**{k: pack[k] for k in ("file", "repository", "licence", "origin")}, "rows": taken})
    write(made, plan)


def decoded(plugins: registry.Plugins, path: Path, reader: str) -> list[dict[str, Any]]:
    data = path.read_bytes()
    exhibit = Exhibit(
        digest=hashlib.sha256(data).hexdigest(),
        name=path.name,
        media="",
        captured=datetime(2026, 11, 29, tzinfo=UTC),
        sources=(reader,),
        data=data,
    )
    batches = plugins.source(reader).decode(exhibit)
    return [row for b in batches if b.assertions is not None for row in b.assertions.to_pylist()]


def take(row: dict[str, Any], pack: dict[str, Any], plan: dict[str, Any], spelling: Spelling, made: Made) -> None:
    host = urlsplit(row["origin"]).hostname or ""
    if any(host == one or host.endswith("." + one) for one in plan["explorers"]):
        made.left[f"rows whose own source is {host}, in {Path(pack['file']).name}"] += 1
        return
    if row["chain"] not in spelling.chains:
        made.left[f"rows of {row['chain']}, a chain that no member here reads"] += 1
        return
    spelt = spelling.name(row["chain"], row["address"], Address)
    if isinstance(spelt, NotRecognised):
        made.left["rows that are no address of their chain"] += 1
        return
    step = pack.get("step") or STEPS.get(json.loads(row["params"]).get("confidence", ""), "P8")
    asserted = row["asserted"] or pack.get("as_of", "")
    note = row["note"] or ("" if row["asserted"] else pack.get("as_of_is", ""))
    cells = {**row, "address": spelt, "step": step, "asserted": asserted, "note": note}
    cells |= {"source": row["source"] or pack["origin"], "until": "", "withdrawn": "", "why": ""}
    made.rows.add(tuple(" ".join(str(cells[name] or "").split())[:400] for name in COLUMNS))


def write(made: Made, plan: dict[str, Any]) -> None:
    text = io.StringIO()
    text.write(FIRST.decode() + f"\n#version: {VERSION}\n")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(sorted(made.rows))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        file.write(text.getvalue().encode())
    BASE.mkdir(exist_ok=True)
    (BASE / "labels.csv.gz").write_bytes(packed.getvalue())
    chains = Counter(row[0] for row in made.rows)
    services = len({row[2] for row in made.rows if row[2]})
    about = {
        "id": "label-base",
        "title": "Base of labels",
        "version": VERSION,
        "file": "labels.csv.gz",
        "source": "label-base",
        "sha256": hashlib.sha256(packed.getvalue()).hexdigest(),
        "rows": len(made.rows),
        "services": services,
        "chains": dict(sorted(chains.items())),
        "pack": made.packs,
        "excluded": [{"what": one["file"], "why": one["why"]} for one in plan["left_out"]]
        + [{"what": f"{count} {what}", "why": "see packs.toml"} for what, count in sorted(made.left.items())],
    }
    (BASE / "base.toml").write_text(tomli_w.dumps(about), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
