"""Wallets that exchanges published for proof of reserves, as (exchange_slug, chain, address) rows."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from recover.sdk import Ask, Batch, Exhibit, Gap, Recorder, SourceInfo
from recover.sdk.counts import counted
from recover_labels.lists import text
from recover_labels.networks import DATA, Unplaced, find
from recover_labels.rows import HOPELESS, MOST_LINE, Label, batches, bounded, fault, refuse

HEADER = "exchange_slug,chain,address"


@cache
def _skipped() -> dict[str, str]:
    data = tomllib.loads((DATA / "slugs.toml").read_text(encoding="utf-8"))
    return dict(data["skip"])


@dataclass(slots=True, kw_only=True)
class Reading:
    """Problems by line, and counts that become gaps."""

    problems: list[str] = field(default_factory=list)
    unplaced: Unplaced = field(default_factory=Unplaced)
    skipped: dict[str, list[int]] = field(default_factory=dict)

    def gaps(self) -> Iterator[Gap]:
        yield from self.unplaced.gaps()
        for slug, (count, line) in sorted(self.skipped.items()):
            yield Gap(
                code="label-not-an-exchange",
                subject=slug,
                why=f"{counted(count, 'row')} of {slug}: {_skipped()[slug]}.",
                effect="These addresses have no label from this exhibit.",
                place=line,
            )


class ExchangeWallets:
    """Reads the three-column list; each row is a wallet that the exchange itself controls."""

    info = SourceInfo(
        id="exchange-wallets",
        version="1",
        title="Exchange wallets published for proof of reserves (CSV)",
        chains=("*",),
        place="line",
        media="text/csv",
        terms="as the list's publisher states; the addresses themselves are facts that the exchanges published",
        limits="64 MiB, UTF-8; published without a signature, so grade B; hot and cold wallets are not told apart",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """The first line names exactly the three columns."""
        first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        return first.rstrip(b"\r") == HEADER.encode()

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: lists are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """One label a line; `place` is the line, from 1. Raises Error naming every bad line (up to 20)."""
        lines = text("exchange-wallets", exhibit.name, bounded("exchange-wallets", exhibit.name, exhibit.data))
        reading = Reading()
        if lines[0].rstrip("\r") != HEADER:
            reading.problems.append(f"line 1: {lines[0][:60]!r} instead of {HEADER!r}")
        labels = list(_rows(lines, reading))
        if reading.problems:
            refuse("exchange-wallets", exhibit.name, reading.problems, "Correct these lines, and import it again.")
        yield from batches(self.info.id, self.info.version, labels, reading.gaps())


def _rows(lines: list[str], reading: Reading) -> Iterator[Label]:
    for number, line in enumerate(lines[1:], 2):
        if len(reading.problems) == HOPELESS:
            return
        bare = line.rstrip("\r")
        if not bare and number == len(lines):
            continue
        if len(bare) > MOST_LINE:
            reading.problems.append(f"line {number}: it has {len(bare):,} characters")
            continue
        try:
            cells = next(csv.reader([bare], strict=True), [])
        except csv.Error as error:
            reading.problems.append(f"line {number}: {error}")
            continue
        label = _label([c.strip() for c in cells], number, reading)
        if label is not None:
            yield label


def _label(cells: list[str], line: int, reading: Reading) -> Label | None:
    wrong = f"{len(cells)} cells instead of 3" if len(cells) != 3 else fault(cells[2])
    if wrong is None and not cells[0]:
        wrong = "the exchange is empty"
    if wrong is not None:
        reading.problems.append(f"line {line}: {wrong}")
        return None
    slug, network, address = cells
    if slug in _skipped():
        reading.skipped.setdefault(slug, [0, line])[0] += 1
        return None
    chain = find(network, address)
    if chain is None:
        reading.unplaced.add(network, line)
        return None
    return Label(
        chain=chain,
        address=address,
        grade="B",
        place=line,
        service=slug,
        label=f"{slug} wallet (proof of reserves)",
        role="hot-wallet",
        category="exchange",
        source=f"{slug}, wallets published for proof of reserves",
        origin=f"proof of reserves: {slug}",
    )
