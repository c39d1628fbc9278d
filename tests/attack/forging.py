"""A bundle in memory, changed by somebody who makes every digest, hash and head fit again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recover.sealing import recover_verify as outside

CASE = "data/case/"
SEAL = "seal/manifest.json"
LEGS = CASE + "derived/trace/legs.jsonl"
RESULT = CASE + "out/result.json"
LISTED = CASE + "out/manifest.json"
JOURNAL = CASE + "journal.jsonl"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Bundle:
    """The files of a bundle by name; `found` is what the outside verifier says of them."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)

    @classmethod
    def at(cls, folder: Path) -> Bundle:
        return cls({p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()})

    @property
    def sizes(self) -> dict[str, int]:
        return {name: len(data) for name, data in self.files.items()}

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        data = self.files[name]
        return data[offset:] if length is None else data[offset : offset + length]

    def found(self) -> outside.Found:
        found: outside.Found = []
        try:
            outside.check_tree(self, found)
        except outside.Broken as error:
            found.append(("bundle", outside.FAILS, str(error)))
        return found

    def answer(self) -> str:
        order = (outside.HOLDS, outside.UNKNOWN, outside.FAILS)
        return max((answer for _, answer, _ in self.found()), key=order.index)

    def named(self, answer: str = outside.FAILS) -> set[str]:
        return {name for name, given, _ in self.found() if given == answer}

    # What is changed.

    def result(self, change: Callable[[Any], Any], columns: bool = False) -> None:
        """result.json, and the table of totals with it where its rows are changed."""
        made = json.loads(self.files[RESULT])
        change(made)
        self.files[RESULT] = json.dumps(made, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        if columns:
            out = io.StringIO(newline="")
            writer = csv.DictWriter(out, outside.SHEETS["totals.csv"], lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(made["totals"])
            self.files[CASE + "out/totals.csv"] = out.getvalue().encode()

    def legs(self, change: Callable[[list[Any]], Any]) -> None:
        """legs.jsonl, with every figure in it made to follow from what is changed."""
        rows = [json.loads(line) for line in self.files[LEGS].splitlines()]
        change(rows)
        base = [row for row in rows if not set(row) & {"end", "arrival", "flow"}]
        legs = outside.Legs(lines(base))
        made: list[Any] = []
        elected = any(asset.elected for asset in legs.assets.values())
        for rule in (rule for rule in outside.RULES if rule != "oatway" or elected):
            for name, traced in legs.run(rule).items():
                asset = legs.assets[name]
                for (loss, place, why), n in traced.ends.items():
                    at = outside.whose(asset, asset.text(place), why)
                    made += [{"end": [rule, loss, name, at, why, str(n)]}] if n else []
                if rule not in outside.NO_CLAIM:
                    came = outside.arrivals(asset, traced, rule, legs.losses)
                    made += [{"arrival": [rule, key[0], name, *key[1:], str(n)]} for key, n in came.items() if n]
                if rule == legs.head["rule"]:
                    made += [{"flow": [seq, loss, event, str(n)]} for seq, event, loss, n in traced.flows]
        self.files[LEGS] = lines(base + made)

    def entries(self, change: Callable[[list[Any]], list[Any] | None]) -> None:
        made = [json.loads(line) for line in self.files[JOURNAL].splitlines()]
        self.files[JOURNAL] = lines(change(made) or made)

    # What is made to fit.

    def fitted(self, seal: Callable[[Any], Any] = lambda seal: None) -> Bundle:
        """The same with journal, heads, manifests and seal made anew; `seal` changes what the seal says."""
        self._journal()
        entries = [json.loads(line) for line in self.files[JOURNAL].splitlines()]
        made = json.loads(self.files[SEAL])
        made["head"], made["entry"] = outside.head_of(entries)
        made["case"] = entries[0]["hash"]
        data = {name: body for name, body in self.files.items() if name.startswith("data/")}
        octets = f"{sum(map(len, data.values()))}.{len(data)}".encode()
        if "bag-info.txt" in self.files:
            info = re.sub(rb"(?<=Payload-Oxum: ).*", octets, self.files["bag-info.txt"])
            self.files["bag-info.txt"] = re.sub(rb"(?<=Identifier: ).*", made["case"].encode(), info)
        told = json.loads(self.files[SEAL])
        seal(told)
        self._clerk(made["head"], sum(one["kind"] == "exhibit" for one in entries), told)
        for kind in ("sha256", "sha512"):
            self.files[f"manifest-{kind}.txt"] = listed(kind, data)
        own = re.compile(r"seal/manifest\.json|tagmanifest-")
        made["files"] = [
            {
                "path": name,
                "bytes": len(body),
                "sha256": digest(body),
                "sha512": hashlib.sha512(body).hexdigest(),
            }
            for name, body in sorted(self.files.items())
            if not own.match(name)
        ]
        seal(made)
        self.files[SEAL] = outside.canonical(made) + b"\n"
        return self.tagged()

    def tagged(self) -> Bundle:
        tags = {name: body for name, body in self.files.items() if not name.startswith(("data/", "tagmanifest-"))}
        for kind in ("sha256", "sha512"):
            self.files[f"tagmanifest-{kind}.txt"] = listed(kind, tags)
        return self

    def _clerk(self, head: str, exhibits: int, seal: Any) -> None:
        page = self.files.get("clerk.html", b"")
        if isinstance(seal.get("put"), dict) and {"p7s", "tsr", "ots"} <= set(seal["put"]):
            page = re.sub(rb"(?<=of the seal</dt><dd>)[^<]*", outside.closing(seal["put"]).encode(), page)
        page = re.sub(rb"(?<=<dd><code>)[0-9a-f]*(?=</code></dd>)", head.encode(), page)
        page = re.sub(rb"(?<=<dt>Exhibits</dt><dd>)[^<]*", str(exhibits).encode(), page)
        if page:
            self.files["clerk.html"] = page

    def _journal(self) -> None:
        entries = [json.loads(line) for line in self.files[JOURNAL].splitlines()]
        # The papers name a head, the journal names their digest: what comes later in it is fitted after.
        for _ in range(2):
            was = [entry["hash"] for entry in entries]
            chained(entries)
            heads = dict(zip(was, (entry["hash"] for entry in entries), strict=True))
            for name in (one for one in (RESULT, LISTED) if one in self.files):
                for old, new in heads.items():
                    self.files[name] = self.files[name].replace(old.encode(), new.encode())
            if LISTED in self.files:
                said = json.loads(self.files[LISTED])
                for row in said["files"]:
                    row["sha256"] = digest(self.files.get(CASE + "out/" + row["name"], b""))
                self.files[LISTED] = json.dumps(said).encode()
            for entry in entries:
                body = entry["body"]
                if "manifest" in body and entry["kind"] in ("writing", "ran"):
                    body["manifest"] = digest(self.files[LISTED])
                for folder, files in body.get("sealed", {}).items():
                    for name in files:
                        place = f"{CASE}{folder}/{name}"
                        files[name] = digest(self.files[place]) if place in self.files else files[name]
                if entry["kind"] in ("opened", "settings"):
                    body["sha256"] = digest(body["text"].encode())
        chained(entries)
        self.files[JOURNAL] = lines(entries)
        texts = [entry["body"]["text"] for entry in entries if entry["kind"] in ("opened", "settings")]
        self.files[CASE + "case.toml"] = texts[-1].encode()


def listed(kind: str, files: dict[str, bytes]) -> bytes:
    return "".join(
        f"{hashlib.new(kind, body).hexdigest()}  {name}\n" for name, body in sorted(files.items())
    ).encode()


def lines(rows: list[Any]) -> bytes:
    return b"".join(outside.canonical(row) + b"\n" for row in rows)


def chained(entries: list[Any]) -> None:
    before = outside.GENESIS
    for number, entry in enumerate(entries, start=1):
        entry.pop("hash", None)
        entry.update(n=number, prev=before)
        entry["hash"] = before = digest(outside.canonical(entry) + b"\n")
