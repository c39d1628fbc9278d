"""What a compliance desk and a duty lawyer stumbled over: whose letter, which day, which chain, whole figures."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from pypdf import PdfReader
from tests.core.test_letter_read import small, tool, written
from tests.core.test_letter_rules import SENDER, choice, desk, letter
from tests.core.test_statements import Tool, tx, who

from recover.letters import (
    clocks,
    covered,
    delivery,
    editable,
    found,
    front,
    paper,
    profile,
    renderings,
    reporting,
    rules,
    sections,
    sheeted,
)
from recover.letters.life import Act, Letter
from recover.report import elements, extent, figures, render, worth
from recover.report.identifiers import Row
from recover.report.texts import moment
from recover.sdk import Error

__all__ = ["small", "tool"]

BUREAU = {
    "name": "Bureau 4", "address": "120 Road", "phone": "+66", "email": "u@example.go.th", "state": "TH",
    "website": "https://example.go.th", "reference": "{reference}/{letter}", "zone": "Asia/Bangkok",
    "controller": "B",
}  # fmt: skip
OFFICER = {"name": "Capt. A", "role": "competent_authority"}
LONG = "12.345678901234567890"
HASH = "0x" + "a1b2c3d4" * 8


# who sends


def test_a_private_person_bears_nothing_of_the_body_whose_settings_these_are() -> None:
    mine = {"name": "Mr V", "role": "victim", "email": "v@mail.example"}
    said = profile.Profile(said=BUREAU, officers=(OFFICER, mine)).sender("victim")
    assert said == {"name": "Mr V", "officer": "Mr V", "email": "v@mail.example"}
    own = profile.Profile(said={**BUREAU, "name": "Mr V"}, officers=(mine,)).sender("victim")
    assert (own["website"], own["email"]) == ("https://example.go.th", "v@mail.example")


def test_counsel_says_for_whom_where_the_settings_are_an_authoritys() -> None:
    her = {"name": "Ms C", "role": "counsel"}
    with pytest.raises(Error, match="Ms C sends as counsel"):
        profile.Profile(said=BUREAU, officers=(OFFICER, her)).sender("counsel")
    firm = profile.Profile(said=BUREAU, officers=(OFFICER, {**her, "organisation": "Firm"})).sender("counsel")
    assert {*firm} == {"name", "officer"}
    alone = {name: text for name, text in BUREAU.items() if name != "state"}
    assert profile.Profile(said=alone, officers=(her,)).sender("counsel")["email"] == "u@example.go.th"


def test_a_title_that_the_name_bears_is_not_said_twice() -> None:
    said = {**SENDER, "officer": "Mr V", "title": "Mr", "name": "Mr V"}
    head = {name: value for name, value, _ in paper.first(letter(sender=said, role="victim"))}
    assert head["Sender"].startswith("Mr V (writes as: Victim)\n1 Street")
    assert "Offence, as the sender names it" in head


# one transaction, one reference, one day


def test_the_police_read_the_moment_of_the_transaction_that_is_named(tool: Tool) -> None:
    text = written(tool, "--facts", "F.", kind="police-report", to="the police", as_="victim")
    (sheet,) = (tool.case / "out/letters").glob("the-police*-v1.csv")
    rows = list(csv.DictReader(io.StringIO(sheet.read_text())))
    (paid,) = [row for row in rows if row["tx_hash"] == tx(4)]
    assert f"{who('dep')}; {tx(4)}; {paid['block_time_utc']}" in text
    # The places without a service stand in the table too, and what there is nothing of is not spelt out.
    assert {row["address"] for row in rows if row["direction"] == "left"} >= {who("rest"), who("mule")}
    assert "0.000000 USDT" not in text


def test_what_follows_a_letter_cites_it_as_it_called_itself() -> None:
    one = choice(role="victim", sender={**SENDER, "reference": "{reference}/{letter}"})
    assert paper.called(one, "ON-77", "acme-freeze-v1") == "ON-77/acme-freeze-v1"
    after = letter(
        kind="follow-up", of="acme-freeze-v1", sender={**SENDER, "former_called": "ON-77/acme-freeze-v1"}
    )
    assert "the letter ON-77/acme-freeze-v1" in renderings.plain(after, paper.brief(after)).decode()


def test_the_day_of_the_answer_is_a_clock_until_the_answer_comes() -> None:
    at = datetime(2026, 11, 29, tzinfo=UTC)
    said = {"reply_by": "2026-12-05", "until": "2027-02-28"}
    one = Letter("a", choice=choice(), acts=[Act(act="issue", number=9, time=at, version=1, said=said)])
    assert {t.kind: t.due.date() for t in clocks.terms(one, None)} == {
        "reply_by": date(2026, 12, 6), "until": date(2027, 3, 1),
    }  # fmt: skip
    one.acts.append(Act(act="answer", number=10, time=at, version=1, said={}))
    assert [t.kind for t in clocks.terms(one, None)] == ["until"]


def test_a_day_is_printed_as_one_day() -> None:
    said = [value for _, value, _ in front.rows(letter(sender={**SENDER, "zone": "Asia/Bangkok"}))]
    assert [one for one in said if "2027" in one] == ["2027-01-31, to the end of that day (UTC+07:00)"]
    assert clocks.offset(date(2027, 1, 31), "") == "UTC"


@pytest.mark.parametrize("asks", ["disclose", "enquiry"])
def test_an_answer_is_asked_for_by_one_day(asks: str) -> None:
    kind = desk().kinds[asks]
    made = rules.answering(choice(until="2027-01-01"), kind)
    assert (made.reply_by, made.until) == ("2027-01-01", "")
    with pytest.raises(Error, match="PL10"):
        rules.answering(choice(until="2027-01-01", reply_by="2027-01-02"), kind)
    # The first page says by when, on a draft by a blank; an enquiry is not issued without it.
    for day in ("2027-01-01", ""):
        m = letter(kind=asks, until="", reply_by=day)
        (said,) = [(value, style) for name, value, style in front.rows(m) if name == "Answer by"]
        assert said[0].startswith("2027-01-01" if day else "[to be completed: ")
        assert (said[1] == "blank") is (not day)
        if asks == "enquiry":
            told = [block.text for block in sections.PARTS["care"](m) if isinstance(block, elements.Para)]
            assert any("answer by 2027-01-01" in one or "day by which an answer" in one for one in told)


def test_a_day_until_which_nothing_is_asked_for_is_refused() -> None:
    for ident, kind in desk().kinds.items():
        if "period" in kind.parts:
            assert rules.answering(choice(until="2027-01-01"), kind), ident
        elif kind.asks not in rules.ANSWERED:
            with pytest.raises(Error, match="PL10") as wrong:
                rules.answering(choice(until="2027-01-01"), kind)
            assert f"of the kind {ident} asks for nothing" in wrong.value.why


def test_data_is_asked_for_by_one_day() -> None:
    asked = letter(kind="disclose", basis="th.cca18", role="competent_authority", until="", reply_by="2027-01-01")
    assert {name: style for name, _, style in sections.period(asked)}["Answer asked for by"] == "text"


# figures and identifiers stand whole


def wide() -> elements.Table:
    names = (("A", "mono"), ("B", "number"), ("C", "number"), ("D", "number"), ("Word of a head", "text"))
    row = (HASH, f"{LONG}\n{LONG.replace('.', '')}", LONG, LONG, f"Went on: {LONG} ETH")
    return elements.table("T", names, [row])  # type: ignore[arg-type]


def test_an_edited_table_gives_each_figure_and_identifier_one_line() -> None:
    given, sizes = editable._shared(wide().columns, wide().rows)
    assert sum(given) <= editable._WIDE + 1
    for width, size, text in zip(given, sizes, wide().rows[0][:4], strict=False):
        longest = max(map(len, text.split()))
        assert longest * 0.6 * size / 2 <= width - 10.8, text


def test_a_printed_table_breaks_no_figure_and_no_identifier() -> None:
    m = letter()
    brief = paper.brief(m)
    facts = elements.Facts(rows=(("Look up, in a name that is as long as two", f"{HASH} {LONG} ETH", "mono"),))
    brief = replace(brief, cover=(facts,), sections=(replace(brief.sections[0], blocks=(wide(),)),))
    pdf = render.pdf(desk().common, brief)
    words = [w for page in PdfReader(io.BytesIO(pdf)).pages for w in page.extract_text().split()]
    assert (words.count(HASH), words.count(LONG)) == (2, 5)


def test_a_sheet_can_be_read_and_summed() -> None:
    row = Row(**dict.fromkeys(Row.__dataclass_fields__, "") | {"amount": LONG, "traced": "1.5", "symbol": "ETH"})
    m = letter()
    data = renderings.xlsx(replace(m, rows=(row,)), paper.brief(m))
    book = zipfile.ZipFile(io.BytesIO(data))
    first, third = (book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 3))
    assert first.count('customHeight="1"') > 5
    texts = book.read("xl/sharedStrings.xml").decode()
    assert [one for one in (LONG, "no statutory force", "Amount (number)", "Acme") if one not in texts] == []
    assert "<v>12.3456789012346</v>" in third


@pytest.mark.parametrize(
    ("unswept", "bounds", "shown", "number"),
    [
        (700, (700, 700), "7.00\n700", "7.00"),
        (300, (300, 300), "3.00\n300", "3.00"),
        (0, (0, 0), "0", "0.00"),
        (None, (100, 300), "1.00 X to 3.00 X, by which value the payments from there took first", ""),
        (None, None, "–", ""),  # no exhibit holds its whole history
    ],
)
def test_what_is_still_there_is_what_the_row_of_the_place_says(
    unswept: int | None, bounds: tuple[int, int] | None, shown: str, number: str
) -> None:
    m = letter()
    told = {"": dict(zip(("least", "most"), bounds, strict=True))} if bounds else {}
    ramp = replace(m.ramps[0], hot_wallets=(m.ramps[0].through,), amount=700, credited=700, elsewhere=0)
    ramp = replace(ramp, unswept=unswept, unswept_bounds=told)
    m = replace(m, ramps=(ramp,))
    symbol = figures.asset(m.view, ramp.asset).symbol
    for printed in (found.accounts(m)[0], reporting.reached(m)[0]):
        assert printed.rows[0][3].startswith(shown.replace("X", symbol))  # type: ignore[union-attr]
    (row,) = renderings._places(m)
    assert row["unswept"] == number
    private = replace(ramp, hot_wallets=("hot",), unswept=5, unswept_bounds={})
    assert (private.still(False), private.resting) == (5, 5), "of what is followed the trace says it"
    assert replace(private, unfollowed=1).still(False) is None, "not of what is not followed"
    assert ramp.resting == 0, "where it stops that is a part of the amount, and counts once"


# what the desk looks for


def test_a_chain_is_named_wherever_something_is_looked_up() -> None:
    m = letter()
    name = extent.chain(m.view, m.ramps[0].chain)
    assert all(name in one for one in front.places(m))
    assert name in found.accounts(m)[0].rows[0][0]  # type: ignore[union-attr]


def test_who_paid_stands_before_whom() -> None:
    row = Row(**dict.fromkeys(Row.__dataclass_fields__, "") | {"address": "dep", "counterparty": "x"})
    assert found._sides(replace(row, direction="in")) == ("x", "→ dep")
    assert found._sides(replace(row, direction="out")) == ("dep", "→ x")


def test_a_field_of_a_portal_names_the_losers_own_payment(tool: Tool) -> None:
    block = written(tool, "--facts", "F.", kind="freeze", ending="-portal.txt")
    assert [part for part in (tx(1), who("victim"), who("mule"), tx(3)) if part not in block] == []


def test_an_exhibit_that_reaches_further_than_the_last_movement_says_so() -> None:
    m = letter()
    until, ramp = max(one.captured for one in m.view.exhibits), m.ramps[0]
    rows = {"chain": [ramp.chain], "address": [ramp.address], "asset": [None], "until": [until], "exhibit": [1]}
    view = replace(m.view, tables={**m.view.tables, "coverage": lambda: pa.table(rows)})
    place = (ramp.chain, ramp.address, ramp.asset)
    said = covered.told(replace(m, view=view), "chronology.end_shown", [place])
    assert (f"{moment(until)} (exhibit 1)" in said, covered.told(m, "chronology.end_shown", [place])) == (
        True,
        "",
    )


def test_a_notice_says_who_claims_what() -> None:
    notice = {"kind": "notice", "basis": "civ.hold", "court": "High Court"}
    assert [left for _, left in sections.claimed(letter(**notice))][:2] == [True, True]
    said = sections.claimed(
        letter(**notice, instructed_by="V-1A2B3C", claim="a proprietary claim against persons unknown")
    )
    assert (any(left for _, left in said), "V-1A2B3C" in said[0][0], "persons unknown" in said[1][0]) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("role", "needed", "suits"),
    [
        ("competent_authority", "verified law-enforcement agency request; a seizure order", "_request"),
        ("counsel", "verified law-enforcement agency request; a seizure order", ""),
        ("competent_authority", "a US court's legal order", ""),
    ],
)
def test_an_authority_is_not_told_that_nothing_stands_behind_its_request(
    role: str, needed: str, suits: str
) -> None:
    assert delivery._suits(letter(role=role), needed) == suits


def test_what_has_no_price_takes_one_row() -> None:
    m = letter()
    claim = worth.Claim(
        what="Loss L1", rule="loss", asset=m.ramps[0].asset, parts=((5, datetime(2026, 1, 1, tzinfo=UTC)),)
    )
    (row,) = worth._rows(m.view, m.texts, claim, worth.USUAL)
    assert row[1] == "– THB\n– USD"


def cells(book: bytes, sheet: int) -> list[list[tuple[str, str, str]]]:
    """By row, the place, the face and the text of each cell."""
    named = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    read = zipfile.ZipFile(io.BytesIO(book)).read
    shared = ["".join(one.itertext()) for one in ElementTree.fromstring(read("xl/sharedStrings.xml"))]
    root = ElementTree.fromstring(read(f"xl/worksheets/sheet{sheet}.xml"))
    found = []
    for row in root.iterfind(".//m:row", named):
        texts = [("".join(one.itertext()), one) for one in row]
        found.append(
            [(c.attrib["r"], c.attrib["s"], shared[int(t)] if c.get("t") == "s" else t) for t, c in texts]
        )
    assert root.find("m:dimension", named).attrib["ref"].endswith(found[-1][-1][0])  # type: ignore[union-attr]
    return found


def test_a_sheet_with_many_rows_says_what_a_short_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = dict.fromkeys(Row.__dataclass_fields__, "")
    given = [
        plain
        | {"amount": f"{n}.25" if n % 3 else "", "traced": "1e-7", "memo": f" <{n}> & 'ü'\t", "symbol": "ETH"}
        for n in range(1, 8)
    ]
    m = replace(letter(), rows=tuple(Row(**one) for one in given))
    whole = cells(renderings.xlsx(m, paper.brief(m)), 3)
    monkeypatch.setattr(sheeted, "LONG", 2)
    assert cells(renderings.xlsx(m, paper.brief(m)), 3) == whole
    # The head, the seven, and the payment with which the loss began.
    assert (len(whole), whole[4][-2][2], whole[7][-1][2]) == (9, "4.25", "1E-07")
