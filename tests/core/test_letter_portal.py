"""What is pasted into a portal: never longer than its field, and what it leaves out is where it says."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.test_letter_desk import cells
from tests.core.test_letter_pages import police
from tests.core.test_letter_rules import SENDER, letter

from recover.letters import front, measured, paper, renderings, reporting
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
    assert (one["payer"], one["payee"], one["traced_amount"], one["raw_amount"]) == ("payer-7", "thief", "7", "9")
    acted = {(row["address"], row["asked"]) for row in rows if row["direction"] == "loss"}
    assert acted == {("", "nothing")}, "a desk that loads the column of addresses would hold who was robbed"
    assert not {row["counterparty"] for row in rows if row["direction"] == "loss"} - {""}
    intro = next(line for line in renderings.plain(m, paper.brief(m)).decode().splitlines() if "(loss)" in line)
    assert f" {len(rows)} " in intro


@pytest.mark.parametrize("language", ["en", "th"])
def test_every_form_of_a_hold_has_the_amount_of_each_address(language: str) -> None:
    """Desks take text or a spreadsheet, and act by the amount of each address."""
    m = service(2, language=language, kind="freeze")
    rows = [row for row in reporting.listed(m) if row.direction == "hold"]
    assert [(row.address, row.asset, row.traced_amount) for row in rows] == [
        (r.address, r.asset, str(measured.most(r))) for r in m.ramps
    ]
    assert ({row.asked for row in rows}, sum(int(row.raw_amount) for row in rows)) == (
        {"hold"}, sum(measured.summed(m.ramps).values()),
    )  # fmt: skip
    head, *places = ([cell[2] for cell in line] for line in cells(renderings.xlsx(m, paper.brief(m)), 2))
    at = head.index(m.texts.say("sheet.hold"))
    assert [line[at] for line in places] == [row.amount for row in rows]
    assert m.texts.say("table.holds") in renderings.plain(m, paper.brief(m)).decode()
    assert all(f"{row.address}" in pasted(m) for row in rows)
    plain = service(2, language=language)
    assert not [row for row in reporting.listed(plain) if row.direction == "hold"], "it asks to hold nothing"
    assert m.texts.say("sheet.hold") not in str(cells(renderings.xlsx(plain, paper.brief(plain)), 2)[0])
    assert m.texts.say("table.holds") not in renderings.plain(plain, paper.brief(plain)).decode()


def test_a_field_shows_the_accounts_to_hold_before_what_else_can_give_way() -> None:
    m = service(60, kind="freeze")
    ramps = tuple(replace(m.ramps[0], address=f"0x{n:040x}", through=f"0x{n:040x}") for n in range(15))
    many = replace(m, ramps=ramps)
    many.__dict__["losses"] = m.losses
    text = pasted(many)
    assert len(text) <= front.FIELD
    assert [r.address for r in ramps if r.address not in text] == []


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
