"""What people see: outputs named, approvals without limit, limits ranked, stopped exchanges, whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import typer
from tests.core.test_evidence import SOLD, SWAP, USD, beside, end

from recover.cli import given, pictures, stages
from recover.findings import exchanges
from recover.plugins import registry
from recover.report import brief, figures, limitations, schedules
from recover.report.elements import Table, strings, table
from recover.report.page import html
from recover.report.sentences import points
from recover.report.texts import Texts
from recover.sdk import SCHEMAS, UINT256, Event, Finding, Gap, Loss, OffRamp, View
from recover.sdk.batch import Batch
from recover.stages import Outcome
from recover.testing import sample

TX = "ab" * 32


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts.load(registry.load().templates["report"].folder, "en")


def with_losses(*losses: Loss) -> View:
    view = sample.view()
    return replace(view, case=replace(view.case, losses=losses))


def test_one_output_is_named_in_the_report_with_what_of_it_was_lost(texts: Texts) -> None:
    one = Loss(id="L1", chain="coin:1", tx=TX, output=7)
    said = strings(brief.report(with_losses(one, Loss(id="L2", chain="coin:1", tx=TX)), texts))
    assert f"{TX}:7\noutput" in said
    assert f"{TX}\ntransaction" in said
    assert {"all of output 7", "all of it"} <= {text.split("\n")[0] for text in said}


@pytest.mark.parametrize(
    ("loss", "shown"),
    [
        (Loss(id="L1", chain="c", address="a"), ("address", "a")),
        (Loss(id="L1", chain="c", tx="t"), ("tx", "t")),
        (Loss(id="L1", chain="c", tx="t", output=0), ("output", "t:0")),
    ],
)
def test_a_loss_is_spelt_as_it_is_declared(
    loss: Loss, shown: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (loss.kind, loss.place) == shown
    given.losses([loss])
    assert capsys.readouterr().out.splitlines()[1].split()[1:3] == list(shown)


def row(**cells: Any) -> dict[str, Any]:
    names = ("time", "src", "dst", "asset", "excluded", "spends_tx", "spends_index", "amount")
    return {**dict.fromkeys(names), "chain": "coin:1", "tx": TX, "leg": 0, **cells}


@pytest.mark.parametrize(
    ("kind", "amount", "shown"),
    [
        ("approve", UINT256, "unlimited"),
        ("permit", UINT256, "unlimited"),
        ("approve", UINT256 - 1, f"{UINT256 - 1:,}"),
        ("spend", UINT256, f"{UINT256:,}"),
        ("approve", 2**96 - 1, f"{2**96 - 1:,}"),
    ],
)
def test_only_an_approval_of_all_that_a_word_holds_is_unlimited(kind: str, amount: int, shown: str) -> None:
    cells = {
        field.column.title: field.cell(row(kind=kind, amount=amount), {}) for field in pictures.FIELDS["events"]
    }
    assert cells["Amount"] == shown


def test_coins_show_their_kind_and_their_output_and_accounts_stay(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recover.cli.listings.assets", lambda case: {})
    rows = [
        row(kind="input", src="payer", amount="9", spends_tx="cd" * 32, spends_index=3),
        row(kind="output", amount="8", leg=1),
        row(kind="fee", amount="1"),
        row(kind="transfer", chain="toy:1", src="a", dst="b", amount="5"),
    ]
    pictures.show(None, "transfers", rows)  # type: ignore[arg-type]
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert (lines[0][2:4], lines[1][1:3]) == (["From", "To"], ["a", "b"])
    assert [(line[1], line[5]) for line in lines[3:]] == [
        ("input", f"{'cd' * 32}:3"),
        ("output", f"{TX}:1"),
        ("fee", TX),
    ]


def test_blocks_say_yes_and_no() -> None:
    cells = {f.column.title: f.cell({"sealed": True, "stale": False}, {}) for f in pictures.FIELDS["blocks"][3:5]}
    assert cells == {"Sealed": "yes", "Stale": "no"}


def with_gaps(*gaps: Gap) -> View:
    view, found = sample.view(), Batch.of(*gaps).gaps
    assert found is not None
    return replace(view, tables={**view.tables, "gaps": lambda: found})


def test_what_traced_value_met_is_the_first_limit(texts: Texts) -> None:
    many = [Gap(code="odd", subject=f"s{n}", why="w") for n in range(9)]
    view = with_gaps(
        *many,
        Gap(code="met", subject="deposit", why="near"),
        Gap(code="met", subject="a-stranger", why="far"),
        Gap(code="contradiction", subject="toy:1:t2", why="followed"),
        Gap(code="contradiction", subject="toy:1:other", why="elsewhere"),
        Gap(code="opening-balance", subject="x", why="o"),
    )
    found = [(x.gap.code, x.met, x.gap.count, x.gap.why) for x in limitations.ranked(view)]
    assert found == [
        ("contradiction", 1, 2, "followed"),  # t2 pays out of an address that held traced value
        ("opening-balance", 1, 1, "o"),
        ("met", 1, 2, "near"),
        ("odd", 0, 9, "w"),
    ]
    said = strings(brief.report(view, texts))
    assert "t2: followed (1 of 2 such gaps is where traced value went; code contradiction.)" in said


def test_left_out_assets_fill_five_rows_and_the_rest_is_counted(texts: Texts) -> None:
    spam = [
        Finding(id=f"F{n}", kind="left-out", subject="unlisted asset", grade="",
                slots={"asset": f"toy:1/token:{n}", "symbol": "X", "transfers": n}, exhibits=())
        for n in range(1, 31)
    ]  # fmt: skip
    own = replace(spam[0], id="F31", slots={"asset": sample.COIN.id, "symbol": "COIN", "transfers": 1})
    out = schedules.flows(replace(sample.view(), findings=(*spam, own)), texts)
    (left,) = [b for b in out if isinstance(b, Table) and b.caption == texts.say("flows.left_out")]
    assert [r[0] for r in left.rows] == ["F31", *(f"F{n}" for n in range(30, 26, -1))]
    assert any(
        "Rows that are not printed: 26 (transfers: 351)" in text for b in out for text in [getattr(b, "text", "")]
    )


def test_assets_are_named_without_an_off_ramp_and_no_table_is_empty(texts: Texts) -> None:
    view = replace(sample.view(), offramps=())
    title = texts.say("method.assets")
    assert title in strings(brief.report(view, texts))  # value ended in it
    assert title not in strings(brief.report(replace(view, assets={}), texts))


def test_a_services_own_wallet_is_no_deposit_address(texts: Texts) -> None:
    def ramp(hot: str, deposit: bool = True) -> OffRamp:
        return replace(sample.view().offramps[0], address="hot", hot_wallets=(hot,), deposit=deposit)

    def counted(role: str) -> str:
        view = replace(sample.view(), offramps=(ramp("hot"),))
        texts_of = dict.fromkeys((f.name for f in SCHEMAS["assertions"] if not f.nullable), "")
        said = {
            **texts_of,
            "kind": "label",
            "chain": sample.CHAIN,
            "address": "hot",
            "role": role,
            "place": 0,
            "grade": "B",
        }
        listed = pa.Table.from_pylist([said], schema=SCHEMAS["assertions"])
        view = replace(view, tables={**view.tables, "assertions": lambda: listed})
        return figures.addresses(view, texts, view.offramps)

    assert (counted("hot-wallet"), counted("deposit")) == ("1 address", "1 deposit address")
    rows = (ramp("another"), replace(ramp("third", deposit=False), service="another service"))
    plain = replace(sample.view(), offramps=rows)
    assert figures.addresses(plain, texts, rows[:1]) == "1 deposit address"
    # What one row calls so, the row of another service that it pays does not.
    assert figures.addresses(plain, texts, rows[1:]) == "1 address"
    assert figures.addresses(plain, texts, rows) == "1 address"


def test_numbers_are_never_broken_and_captions_may_be(texts: Texts) -> None:
    columns = (("A", "mono"), ("H", "mono"), ("N", "number"), ("W", "text"))
    made = table("Caption", columns, [("a" * 34, "h" * 64, "1" * 78, "w " * 40)])  # type: ignore[arg-type]
    report = brief.report(sample.view(), texts)
    page = html(replace(report, cover=(made,)), "").decode()
    for name in ("mono address", "mono long", "number", "text prose"):
        assert f'<td class="{name}" data-head=' in page
    assert "<caption><span>Caption</span></caption>" in page
    style = (registry.load().templates["report"].folder / "page.css").read_text("utf-8")
    assert "td.number{white-space:nowrap}" in style


def outcome(stage: str, gaps: int) -> Outcome:
    return Outcome(stage=stage, done=True, counts=(), gaps=gaps, ms=0)


@pytest.mark.parametrize(
    ("ran", "code", "said"),
    [
        ([("collect", 3), ("trace", 2), ("collect", 0), ("trace", 0), ("find", 0)], 0, ""),
        ([("trace", 0), ("find", 1)], 5, "with gaps"),
        ([("collect", 0), ("trace", 0), ("collect", 1), ("find", 0)], 5, "journal"),
    ],
)
def test_only_the_last_round_counts(
    ran: Sequence[tuple[str, int]], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as left:
        stages.finish(Path("c"), [outcome(*one) for one in ran], "head", [], json=False)
    told = capsys.readouterr().err
    assert left.value.exit_code == code
    assert said in told
    assert (told == "") == (said == "")


POOL = Event(kind="swap", chain="toy:1", tx="S", contract="p", address="u")


def stopped(*ends: dict[str, Any], asserted: Sequence[dict[str, Any]] = ()) -> list[Any]:
    held = beside(moves=SOLD, ends=ends, events=[POOL], asserted=asserted, flows={0: 40})
    ended = pa.array(["end"] * held.flows.num_rows)
    at = held.flows.schema.get_field_index("event")
    return [
        r for r in exchanges.made(replace(held, flows=held.flows.set_column(at, "event", ended))) if r[0] != "swap"
    ]


def test_value_that_entered_a_pool_unexplained_is_a_finding() -> None:
    (found,) = stopped(end("p", 40, "swap"))
    assert found[:3] == ("swap-stopped", "p", "")
    assert found[3] == {"asset": USD, "amount": 40, "transactions": ("S",), "count": 1}


def test_value_at_a_pool_that_an_exchange_explains_is_none() -> None:
    assert stopped(end("u", 40, "swap"), asserted=[SWAP]) == []
    assert stopped(end("p", 40, "rest")) == []


def test_the_summary_tells_what_stopped_from_what_went_on(texts: Texts) -> None:
    (found,) = stopped(end("p", 40, "swap"))
    view = sample.view()
    columns = view.tables["ends"]().schema
    usual = {"rule": "fifo", "ties": "as recorded", "loss": "L1", "asset": USD, "reason": "swap"}
    rows = [{**usual, "address": "p", "amount": 40}, {**usual, "address": "u", "amount": 9}]
    ends = pa.Table.from_pylist(rows, schema=columns)
    finding = Finding(id="F1", kind=found[0], subject=found[1], grade="", slots=found[3], exhibits=())
    view = replace(view, findings=(finding,), tables={**view.tables, "ends": lambda: ends})
    assert [(r.reason, r.amount) for r in figures.by_reason(figures.rests(view))] == [
        ("swap", 9),
        ("swap-stopped", 40),
    ]
    stopped_there = texts.say("reason.swap-stopped")
    assert any(said.startswith(stopped_there) for said in strings(brief.report(view, texts)))
    (said,) = points(view, texts)
    assert "entered p, a contract at which assets are exchanged (transactions: 1)" in said.text
