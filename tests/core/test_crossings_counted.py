"""What a crossing is worth where it stands open, and where the loss itself begins by it."""

from __future__ import annotations

from pathlib import Path

from tests.core.scripted import GOLD, THERE, World, cross, pay
from tests.core.test_crossings import KNOWN, SAME, codes, over, world
from tests.core.test_crossings_told import REPORT

from recover.case import derived
from recover.findings import view
from recover.findings.affected import moving, shares
from recover.pursuit import reached
from recover.report import answer, summary
from recover.report.elements import Table
from recover.report.texts import Texts
from recover.sealing import recover_verify as outside

SOUGHT = [{"contract": "abridge", "topics": ["0x01", None]}]
OPEN = cross("tout", "athief", (GOLD, 100), "", "afar", (THERE, 0), expected="98", sought=SOUGHT)


def test_an_open_crossing_counts_with_what_of_it_is_traced(tmp_path: Path) -> None:
    found = world(tmp_path, *over(), said=[OPEN])
    case = found.case()
    (gap,) = moving(derived.read(case, "gaps"), case.settings.dust).to_pylist()
    # It is asked for on the other chain, and concerns what went in on this one.
    assert (gap["code"], gap["affects"], gap["share"]) == ("crossing-open", f'{{"{GOLD.id}":"60"}}', 1_000_000)
    assert shares(case)[gap["fill"]] == 1_000_000
    (sums,) = reached.resolved(case)
    assert (sums["resolved"], sums["open"], sums["percent"]) == ("0", "60", "0")


def test_a_crossing_open_in_part_counts_with_that_part(tmp_path: Path) -> None:
    said = [cross("tout", "athief", (GOLD, 80), "tin", "afar", (THERE, 99), whole="100")]
    found = world(tmp_path, *over(), said=said)
    gaps = {g["code"]: g for g in derived.read(found.case(), "gaps").to_pylist()}
    assert gaps["crossing-open"]["affects"] == f'{{"{GOLD.id}":"12"}}'
    assert gaps["crossing-open"]["share"] == 200_000


def test_page_one_says_once_to_get_the_other_side(tmp_path: Path) -> None:
    seen = view.load((found := world(tmp_path, *over(), said=[OPEN])).case(), found.plugins)
    for language, told in (
        ("en", "Ask toy for the other side of 1 payment of traced value into its bridge (tout)"),
        ("th", "สอบถาม toy ถึงอีกด้านหนึ่ง"),
    ):
        tables = [b for b in summary._actions(seen, Texts.load(REPORT, language), ()) if isinstance(b, Table)]
        (row,) = [row for block in tables for row in block.rows if "tout" in str(row)]
        assert all(part in str(row) for part in (told, "60 GOLD"))


def declared(folder: Path, *records: object, said: list[object]) -> World:
    """The victim's own payment into the bridge is the loss; the contract burns or passes on what it was paid."""
    rows = [pay("tclean", (None, "avictim", 100, GOLD), minute=1), *records, *KNOWN]
    return World(folder, rows, said=said).lose(tx="bank:1:tout", assets=(GOLD.id,)).run()  # type: ignore[arg-type]


def test_a_loss_that_begins_by_its_payment_into_the_bridge_crosses(tmp_path: Path) -> None:
    out = pay("tout", ("avictim", "abridge", 100, GOLD), ("abridge", None, 100, GOLD), minute=3)
    records = [
        out,
        pay("tin", ("arelayer", "afar", 99, THERE), minute=5),
        pay("ton", ("afar", "aend", 99, THERE), minute=6),
    ]
    found = declared(tmp_path, *records, said=[cross("tout", "avictim", *SAME, fee="1")])
    for rule in ("fifo", "lifo", "prorata"):
        assert found.ends(rule) == {
            ("gold", "avictim", "crossed"): 99,
            ("gold", "avictim", "bridge_fee"): 1,
            ("gilt", "aend", "rest"): 99,
        }, rule
    assert not codes(found)
    found.run("write")
    assert [row for row in outside.check(str(found.path)) if row[1] == outside.FAILS] == []


def test_such_a_payment_whose_other_side_is_open_stops_at_the_bridge_each_unit_once(tmp_path: Path) -> None:
    out = pay("tout", ("avictim", "abridge", 100, GOLD), ("abridge", "avault", 100, GOLD), minute=3)
    said = [cross("tout", "avictim", (GOLD, 100), "", "afar", (THERE, 0))]
    found = declared(tmp_path, out, said=list(said))
    # Each unit once: what the contract passed on in the same transaction is what came in.
    assert found.ends() == {("gold", "abridge", "bridge"): 100}
    assert codes(found) == {"crossing-open"}


def test_what_came_over_a_bridge_is_not_said_to_have_begun_as_loss(tmp_path: Path) -> None:
    said = [cross("tout", "athief", (GOLD, 100), "tin", "afar", (THERE, 99), fee="1")]
    seen = view.load((found := world(tmp_path, *over(), said=said)).case(), found.plugins)
    for language, began, over_ in (
        ("en", "In all: what began as loss", "In all: what came in by exchange or bridge"),
        ("th", "รวมทั้งหมด: ที่เริ่มเป็นความเสียหาย", "รวมทั้งหมด: ที่เข้ามาโดยการแลกหรือสะพานข้ามเชน"),
    ):
        tables = [b for b in answer.blocks(seen, Texts.load(REPORT, language)) if isinstance(b, Table)]
        sums = {table.rows[-1][1]: table.rows[-1][0] for table in tables}
        assert sums == {"60 GOLD": began, "59 GILT": over_}
