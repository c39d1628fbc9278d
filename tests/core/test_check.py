"""Flows that others state, held against small cases: what is shown, what is contradicted, what nobody can say."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from tests.core.test_statements import CHAIN, USDT, Tool, export, tool, tx, who

from recover.cli import main as program
from recover.recognise import handed
from recover.sdk import Error
from recover.stated.flow import moment

__all__ = ["tool"]

MOVES = [("x", "a", 50), ("a", "b", 20), ("a", "c", 30), ("x", "y", 7)]


def claims(tool: Tool, stated: object, name: str = "c.json") -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    path = tool.folder / name
    path.write_bytes(stated if isinstance(stated, bytes) else json.dumps(stated).encode())
    code, out, _ = tool("check", str(path), "--json")
    given = json.loads(out)
    return code, given.get("claims", []), given


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a the whole history is here, as far as the day of its last movement; of x and y one movement."""
    folder = tmp_path_factory.mktemp("check")
    (folder / "0.csv").write_text(export(MOVES, ["a"]) + _failed() + "\n")
    case = str(folder / "c")
    said = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    assert program.main(["open", case, *said]) == 0
    assert program.main(["import", case, str(folder / "0.csv")]) == 0
    assert program.main(["loss", case, "--tx", tx(1), "--asset", "USDT"]) == 0
    assert program.main(["run", case]) in (0, 5)
    return folder


@pytest.fixture
def opened(worked: Path, capsys: pytest.CaptureFixture[str]) -> Tool:
    """Nothing is written there."""
    return Tool(worked, capsys)


def _failed() -> str:
    return f",{CHAIN},{tx(9)},2022-03-09T10:00:00.000Z,{who('x')},{who('y')},{USDT},{9 * 10**6},6,USDT,failed"


def ready(tool: Tool, *files: str) -> None:
    tool.open(*files)
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run")[0] in (0, 5)


def flow(number: int = 0, src: str = "", dst: str = "", **more: str) -> dict[str, str]:
    said = {"tx": tx(number) if number else "", "from": who(src) if src else "", "to": who(dst) if dst else ""}
    return {key: value for key, value in (said | {"chain": CHAIN} | more).items() if value}


def usdt(amount: str) -> dict[str, str]:
    return {"asset": "USDT", "amount": amount}


@pytest.mark.parametrize(
    ("stated", "verdict", "reason"),
    [
        (flow(2, "a", "b", **usdt("20")), "shown", "movement"),
        (flow(2, "a", "b", asset=USDT, units="20000000"), "shown", "movement"),
        (flow(2, "a", "b", **usdt("20"), time="2022-03-02T10:00:00Z"), "shown", "movement"),
        (flow(2), "shown", "transaction"),
        (flow(0, "a", "b", **usdt("20.000000")), "shown", "movement"),
        (flow(0, "a", "b", time="2022-03-02"), "shown", "movement"),
        (flow(2, "a", "b", **usdt("20.000001")), "contradicted", "history"),
        (flow(2, "a", "c", **usdt("20")), "contradicted", "history"),
        (flow(2, "b", "a", **usdt("20")), "contradicted", "history"),
        (flow(2, "a", "b", **usdt("20"), time="2022-03-03"), "contradicted", "moment"),
        (flow(9, "x", "y", **usdt("9")), "contradicted", "failed"),
        (flow(0, "a", "b", **usdt("21"), time="2022-03-02"), "contradicted", "history"),
        # Of x and y a part is here: another amount may have moved beside it.
        (flow(4, "x", "y", **usdt("7")), "shown", "movement"),
        (flow(4, "x", "y", **usdt("8")), "not in the exhibits", "part"),
        (flow(4, "x", "z", **usdt("7")), "not in the exhibits", "part"),
        (flow(77, "a", "b", **usdt("20")), "not in the exhibits", "unknown"),
        (flow(0, "x", "z", **usdt("1"), time="2022-03-02"), "not in the exhibits", "absent"),
        # No export holds what came after it, and no time is stated here, or a later one.
        (flow(0, "a", "b", **usdt("21")), "not in the exhibits", "timeless"),
        (flow(0, "a", "b", **usdt("20"), time="2023-01-01"), "not in the exhibits", "absent"),
    ],
)
def test_each_flow_has_its_verdict(opened: Tool, stated: dict[str, str], verdict: str, reason: str) -> None:
    code, (row,), _ = claims(opened, [stated])
    assert (row["verdict"], row["reason"], code) == (verdict, reason, 0 if verdict == "shown" else 5)


def test_a_verdict_names_what_stands_there_with_exhibit_and_place(opened: Tool) -> None:
    _, (row,), _ = claims(opened, [flow(2, "a", "b", **usdt("21"))])
    (there,) = row["movements"]
    assert (there["amount"], there["exhibit"], row["history"]) == ("20000000", 1, who("a"))
    assert row["exhibits"][0]["number"] == 1
    assert len(row["exhibits"][0]["sha256"]) == 64
    (opened.folder / "c.csv").write_text(f"tx,from,to,units\n{tx(2)},{who('a')},{who('b')},21000000\n")
    code, out, _ = opened("check", str(opened.folder / "c.csv"))
    assert code == 5
    assert "Exhibit 1, record" in out
    assert "20.000000 USDT" in out


def test_movements_that_sum_to_what_is_stated_show_it(tool: Tool) -> None:
    legs = export([("a", "b", 20), ("a", "b", 30), ("a", "b", 1)], ["a"]).replace(tx(2), tx(1))
    ready(tool, legs.replace("2022-03-02", "2022-03-01"))
    _, rows, _ = claims(
        tool, [flow(1, "a", "b", **usdt("50")), flow(1, "a", "b", **usdt("49")), flow(0, "a", "b", **usdt("51"))]
    )
    assert [row["reason"] for row in rows] == ["sum", "history", "sum"]
    assert [len(row["movements"]) for row in rows] == [2, 2, 3]


def test_exhibits_that_contradict_each_other_show_nothing(tool: Tool) -> None:
    ready(tool, export([("a", "b", 20)], ["a"]), export([("a", "b", 21)], ["a"]))
    _, rows, _ = claims(tool, [flow(1, "a", "b", **usdt("20")), flow(0, "a", "b", **usdt("20"))])
    assert [row["verdict"] for row in rows] == ["contradicted", "not in the exhibits"]
    assert rows[0]["reason"] == "disputed"
    assert {one["number"] for one in rows[0]["exhibits"]} == {1, 2}


def test_what_cannot_be_read_is_told_and_the_rest_is_checked(opened: Tool) -> None:
    bad = [
        flow(2, "a", "b", **usdt("1,5")),
        flow(2, "a", "b", amount="20"),
        {"tx": tx(2) + "0"},
        flow(2, "a", "b", time="yesterday"),
        flow(2, "a", "b", time="2565-03-02"),
        flow(0, "a"),
        {"tx": who("a"), "chain": CHAIN},
        flow(2, "a", "b", chain="tron:0x2b6653dc"),
        {"note": "nothing"},
    ]
    code, rows, given = claims(opened, [*bad, flow(2, "a", "b", **usdt("20"))])
    assert [row["verdict"] for row in rows] == ["unreadable"] * len(bad) + ["shown"]
    assert all(row["why"] for row in rows)
    assert (code, given["ignored"]) == (2, ["note"])


def test_digits_are_kept_from_json_and_from_a_workbook(opened: Tool) -> None:
    text = json.dumps([flow(2, "a", "b", asset="USDT")]).replace("}]", ', "amount": 20.00000000000000000001}]')
    _, (row,), _ = claims(opened, text.encode())
    assert row["verdict"] == "unreadable", "more digits than the asset has, and none was rounded away"
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for n, cells in enumerate(
            (["Tx Hash", "From", "To", "Amount", "Token"], [tx(2), who("a"), who("b"), 20, USDT])
        ):
            sheet.write_row(n, 0, cells)
    _, (row,), _ = claims(opened, file.getvalue(), "c.xlsx")
    assert row["verdict"] == "shown"


@pytest.mark.parametrize(
    "given",
    [
        b"\n",
        b"[]",
        b"{}",
        b"[1]",
        b"a,b\n1,2\n",
        b"tx,hash\n1,2\n",
        b"tx,tx\n1,2\n",
        b'{"a":[],"b":[]}',
        b"\xff\xfe\x00",
    ],
)
def test_what_holds_no_flows_is_refused_whole(opened: Tool, given: bytes) -> None:
    code, _, said = claims(opened, given)
    assert (code, said["error"]["code"]) == (2, "claims-unreadable")


def test_nothing_is_stored_and_results_that_are_behind_are_refused(
    opened: Tool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = Tool(tmp_path, capsys)
    shutil.copytree(opened.case, tool.case)
    before = (tool.case / "journal.jsonl").read_bytes()
    claims(tool, [flow(2)])
    assert (tool.case / "journal.jsonl").read_bytes() == before
    (tmp_path / "more.csv").write_text(export([("b", "z", 3)], []))
    tool("import", str(tmp_path / "more.csv"))
    code, _, said = claims(tool, [flow(2)])
    assert (code, said["error"]["code"]) == (2, "stale")


def test_a_stated_moment_spans_what_it_says() -> None:
    spans = {text: (b - a).total_seconds() for text in TIMES for a, b in [moment(text)]}
    assert spans == {**dict.fromkeys(TIMES, 1), TIMES[0]: 86400, TIMES[1]: 60}
    assert moment(TIMES[3])[0] == moment(TIMES[4])[0] == moment(TIMES[5])[0]


TIMES = (
    *("2022-03-02", "2022-03-02 10:00", "2022-03-02T10:00:05Z", "2022-03-02T17:00:00+07:00"),
    *("1646215200", "1646215200123"),
)


def test_a_table_of_many_forms_is_read_by_one_reader() -> None:
    def refused(name: str, why: str) -> Error:
        return Error("no", name, why, "")

    assert handed.rows("t", b"a;b\n1;2\n\n3;4\n", refused) == [
        (2, {"a": "1", "b": "2"}),
        (4, {"a": "3", "b": "4"}),
    ]
    with pytest.raises(Error, match="no"):
        handed.rows("t", b"a,b\n1,2,3\n", refused)
