"""GraphSense TagPacks: YAML lists of attribution tags, with fields that tags inherit from the header."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import pyarrow as pa

from recover.sdk import Ask, Batch, Exhibit, Gap, NotRecognised, Recorder, SourceInfo
from recover.sdk.counts import counted
from recover_labels import columns, documents
from recover_labels.alike import spread
from recover_labels.columns import Tags
from recover_labels.documents import Lines, Node
from recover_labels.networks import DATA, Unplaced, find
from recover_labels.rows import MOST_TEXT, Label, batches, bounded, canonical, fault, refuse, slices

INHERITED = (
    "abuse",
    "actor",
    "category",
    "concepts",
    "confidence",
    "context",
    "currency",
    "is_cluster_definer",
    "label",
    "lastmod",
    "network",
    "source",
    "tag_type",
)
_KEPT = ("abuse", "actor", "concepts", "confidence", "context", "is_cluster_definer", "tag_type")
_HEADER = re.compile(rb"^(title|creator)[ \t]*:", re.MULTILINE)
_TAGS = re.compile(rb"^tags[ \t]*:", re.MULTILINE)
_PERSONS = frozenset(("user", "person", "individual"))
"""Categories and concepts of tags that are about somebody and not about a service."""
_ANYBODY = "B"
"""The best grade of what a pack says that anybody can write: an unsigned list (P1 of `recover.linking.ladder`)."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The data files: confidence id -> grade, category -> (role, whether it names a service)."""

    grades: dict[str, str]
    categories: dict[str, tuple[str, bool]]
    absent: str


@cache
def _published() -> frozenset[str]:
    told = tomllib.loads((DATA / "published.toml").read_text(encoding="utf-8"))
    return frozenset(told["packs"])


@cache
def _tables() -> Tables:
    grades = tomllib.loads((DATA / "confidence.toml").read_text(encoding="utf-8"))
    roles = tomllib.loads((DATA / "categories.toml").read_text(encoding="utf-8"))
    return Tables(
        grades={k: v["grade"] for k, v in grades.items() if isinstance(v, dict)},
        categories={k: (v["role"], v["service"]) for k, v in roles.items() if isinstance(v, dict)},
        absent=grades["absent"],
    )


@dataclass(slots=True, kw_only=True)
class Reading:
    """What is learned while the tags of one pack are read: problems, and counts that become gaps."""

    problems: list[str] = field(default_factory=list)
    unplaced: Unplaced = field(default_factory=Unplaced)
    confidences: dict[str, list[int]] = field(default_factory=dict)
    about_transactions: int = 0
    persons: int = 0
    listed: bool = False
    """Whether the pack is one of those that were published, byte for byte: its word has the grade it says."""
    odd: list[tuple[str, int]] = field(default_factory=list)

    def gaps(self) -> Iterator[Gap]:
        """What of the pack was not taken over as it stands."""
        yield from self.unplaced.gaps()
        if self.about_transactions:
            yield Gap(
                code="label-transaction-tags",
                subject="tx_hash",
                why=f"{self.about_transactions} tags are about transactions; labels are about addresses.",
                effect="These transactions have no label from this exhibit.",
            )
        if self.persons:
            yield Gap(
                code="label-person",
                subject="persons",
                why=f"{counted(self.persons, 'tag')} of persons: no person is a label of an address.",
                effect="These addresses have no label from this exhibit.",
            )
        for why, place in self.odd:
            yield Gap(
                code="label-address",
                subject=f"tag {place}",
                why=f"It cannot be an address: {why}.",
                effect="This tag labels nothing.",
                place=place,
            )
        for name, (count, place) in sorted(self.confidences.items()):
            yield Gap(
                code="label-confidence",
                subject=name,
                why=f"{counted(count, 'tag')} of the confidence {name!r}, which is not a TagPack confidence.",
                effect="They are graded E, unverified.",
                place=place,
            )


class TagPack:
    """Reads a TagPack and asserts one label per address tag."""

    info = SourceInfo(
        id="tagpack",
        version="1",
        title="GraphSense TagPack",
        chains=("*",),
        place="item",
        media="application/yaml",
        terms="as the pack's publisher states; the public GraphSense packs are under the MIT licence",
        limits="64 MiB, no aliases, at most 12 levels; grade B at best unless it is a published pack that is "
        "listed here; tags of transactions are counted, not read",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """A pack has a title or creator, and tags, at the first level; an actor pack has no tags."""
        return bool(_HEADER.search(head) and _TAGS.search(head))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: packs are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Labels in the order of the tags; `place` is the tag's index, from 0.

        Raises NotRecognised for a file that is no pack, Error for YAML that cannot be read or bad tags.
        """
        data = bounded("tagpack-size", exhibit.name, exhibit.data)
        try:
            bulk = columns.read(data)
            root = documents.read(data) if bulk is None else bulk.head
        except documents.Malformed as error:
            refuse(
                "tagpack-yaml", exhibit.name, [str(error)], "Correct the file where it says, and import it again."
            )
        tags = root.get("tags") if isinstance(root, Lines) else None
        if not isinstance(root, Lines) or not isinstance(tags, list):
            raise NotRecognised(
                "tagpack-shape",
                f"{exhibit.name} is no TagPack.",
                "A TagPack is a YAML mapping with a list under `tags`.",
                "Import the pack itself, or name the right source with --as.",
            )
        listed = hashlib.sha256(data).hexdigest() in _published()
        if bulk is not None:
            reading = Reading(listed=listed)
            found = _alike(bulk, reading)
            if found is not None and not reading.problems:
                yield from slices(self.info.id, self.info.version, found, reading.gaps())
                return
            tags = bulk.tree()
        reading = Reading(listed=listed)
        labels = list(_labels(root, tags, reading))
        if reading.problems:
            refuse(
                "tagpack-tags", exhibit.name, reading.problems, "Correct these tags, and import the pack again."
            )
        yield from batches(self.info.id, self.info.version, labels, reading.gaps())


def _alike(bulk: Tags, reading: Reading) -> dict[str, pa.Array] | None:
    """The labels of a bulk list in columns; None where a tag that stands for others has anything to remark."""
    said, header = _header(bulk.head)
    scratch = Reading(listed=reading.listed)

    def first(tag: Lines, place: int) -> Label | None:
        label = _label({**header, **tag}, tag.line, place, said, scratch)
        return None if scratch.problems or scratch.confidences or scratch.persons else label

    def alone(tag: Lines, place: int) -> Label | None:
        return _label({**header, **tag}, tag.line, place, said, reading)

    return spread(bulk, first, alone)


def _header(root: Lines) -> tuple[str, dict[str, Node]]:
    """Who says it, and the fields that tags inherit."""
    said = f"TagPack {_text(root.get('title'))} by {_text(root.get('creator'))}"
    return said, {name: root[name] for name in INHERITED if name in root}


def _labels(root: Lines, tags: list[Node], reading: Reading) -> Iterator[Label]:
    said, header = _header(root)
    for place, tag in enumerate(tags):
        if not isinstance(tag, Lines):
            reading.problems.append(f"tag {place}: it is no mapping")
        elif "address" not in tag and "tx_hash" in tag:
            reading.about_transactions += 1
        else:
            label = _label({**header, **tag}, tag.line, place, said, reading)
            if label is not None:
                yield label


def _label(tag: dict[str, Node], line: int, place: int, said: str, reading: Reading) -> Label | None:
    plain = {name: _text(value) for name, value in tag.items() if name not in ("concepts", "context")}
    address = plain.get("address", "")
    wrong = _long(plain) if address else "it has neither an address nor a tx_hash"
    if wrong is not None:
        reading.problems.append(f"tag {place} (line {line}): {wrong}")
        return None
    # Published packs hold a few addresses with remarks in them; they cost their own label, not the whole pack.
    if (odd := fault(address)) is not None:
        reading.odd.append((odd, place))
        return None
    network = plain.get("network") or plain.get("currency", "")
    chain = find(network, address)
    if chain is None:
        reading.unplaced.add(network, place)
        return None
    category, concepts = plain.get("category", ""), tag.get("concepts", [])
    if category in _PERSONS or any(one in _PERSONS for one in concepts if isinstance(one, str)):
        reading.persons += 1
        return None
    role, service = _role(plain, concepts)
    stated = _grade(plain.get("confidence", ""), place, reading)
    grade = stated if reading.listed else max(stated, _ANYBODY)
    return Label(
        chain=chain,
        address=address,
        grade=grade,
        place=place,
        service=service,
        label=plain.get("label") or plain.get("actor", ""),
        role=role,
        category=category or plain.get("abuse", ""),
        source=said,
        origin=plain.get("source") or said,
        asserted=m[0] if (m := _DATE.match(plain.get("lastmod", ""))) else "",
        params=canonical({name: tag[name] for name in _KEPT if name in tag}),
    )


def _grade(confidence: str, place: int, reading: Reading) -> str:
    tables = _tables()
    name = confidence or tables.absent
    if name not in tables.grades:
        reading.confidences.setdefault(name, [0, place])[0] += 1
        name = tables.absent
    return tables.grades[name]


def _role(plain: dict[str, str], concepts: Node) -> tuple[str, str]:
    """(role, service). A mention is no attribution, so it names no service and has no role."""
    if plain.get("tag_type") == "mention":
        return "other", ""
    ids = [plain.get("category", ""), plain.get("abuse", "")]
    ids += [c for c in concepts if isinstance(c, str)] if isinstance(concepts, list) else []
    known = [_tables().categories[i] for i in ids if i in _tables().categories]
    role, named = known[0] if known else ("other", False)
    label = plain.get("label", "")
    if role == "hot-wallet" and "deposit" in label.lower():
        role = "deposit"
    return role, (plain.get("actor") or label) if named else ""


def _text(value: Node | None) -> str:
    return value.strip() if isinstance(value, str) else ""


def _long(plain: dict[str, str]) -> str | None:
    name = next((name for name, text in plain.items() if len(text) > MOST_TEXT), None)
    return None if name is None else f"the field {name} has more than {MOST_TEXT} characters"
