"""What is pasted into a portal: never longer than its field, and what it leaves out is where it says."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.test_letter_pages import police
from tests.core.test_letter_rules import SENDER, letter

from recover.letters import front, paper, renderings, reporting
from recover.letters.matter import Hop, Matter
from recover.report.elements import Facts
from recover.sdk import Loss

ASSET = "eip155:1/slip44:60"


class Begun:
    """The ways of a letter, of which each loss began with so many payments."""

    def __init__(self, ways: Any, count: int) -> None:
        self._ways, self._count = ways, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ways, name)

    def begun(self, loss: str) -> list[tuple[str, Hop]]:
        at = datetime(2022, 3, 1, tzinfo=UTC)
        return [
            (ASSET, Hop(seq=n, tx=f"tx-{loss}-{n}", time=at, height=None, src=f"payer-{n}", dst="thief", amount=9,
                        began=n, came=0, traced=n))
            for n in range(1, self._count + 1)
        ]  # fmt: skip


def service(count: int, **more: Any) -> Matter:
    m = letter(**more)
    made = replace(m, ways=Begun(m.ways, count))  # type: ignore[arg-type]
    made.__dict__["losses"] = tuple(Loss(id=f"L{n}", chain="eip155:1", tx="x", assets=()) for n in (1, 2))
    return replace_files(made)


def replace_files(m: Matter) -> Matter:
    made = replace(m, files={f"{m.file}.csv": "0" * 64})
    made.__dict__["losses"] = m.losses
    return made


def pasted(m: Matter) -> str:
    return front.block(m, Facts(rows=tuple(paper.first(m))), m.files).decode()


@pytest.mark.parametrize("language", ["en", "th"])
def test_the_payments_that_a_portal_leaves_out_are_in_the_file_that_it_names(language: str) -> None:
    m = service(20, language=language)
    text = pasted(m)
    assert f"{m.file}.csv" in text
    rows = list(csv.DictReader(io.StringIO(renderings.sheet(m).decode())))
    lost = {row["tx_hash"]: row for row in rows if row["direction"] == "loss"}
    assert set(lost) == {f"tx-L{k}-{n}" for k in (1, 2) for n in range(1, 21)}
    one = lost["tx-L1-7"]
    assert (one["address"], one["counterparty"], one["traced_amount"], one["raw_amount"]) == (
        "payer-7", "thief", "7", "9",
    )  # fmt: skip
    intro = next(line for line in renderings.plain(m, paper.brief(m)).decode().splitlines() if "(loss)" in line)
    assert f" {len(rows)} " in intro


def test_the_police_find_every_payment_too() -> None:
    m = police(3, 20)
    made = replace(m, view=m.view)
    made.__dict__["losses"] = m.losses
    assert sum(row.direction == "loss" for row in reporting.listed(made)) == 60


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("longer", [0, 200, 1_000])
def test_a_portals_text_is_never_longer_than_its_field(language: str, longer: int) -> None:
    sender = SENDER | {"address": "Long Road " * 30, "controller": "c" * 300}
    court = {"court": "x" * min(longer, 200), "instructed_by": "y" * min(longer, 290)}
    about = tuple(f"0x{n:0198x}" for n in range(longer))
    m = service(20, language=language, sender=sender, offence="Fraud 1 " * 37, about=about, **court)
    text = pasted(m)
    assert len(text) <= front.FIELD
    assert paper.brief(m).title in text
    files = replace(m, files={f"{'f' * 150}-{n}.csv": "0" * 64 for n in range(9)})
    files.__dict__["losses"] = m.losses
    text = pasted(files)
    assert len(text) <= front.FIELD
    assert f"{m.file}.pdf" in text
    assert ("letter attached" in text or "หนังสือที่แนบ" in text) is True
