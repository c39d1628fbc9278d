"""compare: each difference between two states of a case names the act that made it."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from typing import Any

from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

from recover.cli import main as program

__all__ = ["tool"]

MOVES = [("x", "own", 30), ("victim", "own", 50), ("own", "hot", 40), ("own", "two", 40)]


def compared(tool: Tool, old: str, new: str) -> dict[str, Any]:
    assert program.main(["compare", old, new, "--json"]) == 0
    found: dict[str, Any] = json.loads(tool.capsys.readouterr()[0])
    return found


def head(tool: Tool) -> str:
    line = (tool.case / "journal.jsonl").read_text().strip().splitlines()[-1]
    return str(json.loads(line)["hash"])


def test_a_label_a_rule_and_a_late_exhibit_are_each_named_as_the_cause(tool: Tool) -> None:
    tool.open(export(MOVES[:3], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT")
    tool("run")
    before, first = tool.folder / "before", head(tool)
    shutil.copytree(tool.case, before)
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', 'rule = "lifo"'))
    tool("run")
    assert compared(tool, str(before), str(before))["figures"] == []
    found = compared(tool, str(before), str(tool.case))
    assert [s["cause"] for s in found["steps"]] == ["rule"]
    (service,) = [f for f in found["figures"] if f["figure"] == "service"]
    # fifo: 30 clean, then 10 of 50; lifo: 40 of the loss.
    assert (service["before"], service["after"], service["causes"]) == ("10000000", "40000000", ["rule"])
    # A second service's label, and a payment that came to light late, one after the other.
    for name, text in (
        ("l.csv", labels(("two", "OKX", "hot-wallet", "exchange"))),
        ("e.csv", export(MOVES, ["own"])),
    ):
        (tool.folder / name).write_text(text)
        tool("import", str(tool.folder / name))
    tool("run")
    found = compared(tool, first, str(tool.case))
    assert [s["cause"] for s in found["steps"]] == ["rule", "label", "exhibit"]
    causes = {f["subject"]: f["causes"] for f in found["figures"] if f["figure"] == "service"}
    assert causes["OKX"] == ["exhibit"], "the label alone moves nothing before a payment is shown"
    assert "rule" in causes["Binance"]
    # A bundle of the first state stands for it; one that was changed is refused.
    bundle = tool.folder / "old.zip"
    assert program.main(["seal", str(before), "--out", str(bundle)]) == 0
    tool.capsys.readouterr()
    assert compared(tool, str(bundle), str(tool.case))["figures"] == found["figures"]
    zipfile.ZipFile(bundle).extractall(tool.folder / "changed")
    (tool.folder / "changed/data/case/out/totals.csv").write_bytes(b"")
    assert program.main(["compare", str(tool.folder / "changed"), str(tool.case)]) == 3
    bundle.write_bytes(bundle.read_bytes().replace(b"Bagging-Date: 20", b"Bagging-Date: 21"))
    assert program.main(["compare", str(bundle), str(tool.case)]) == 3
    assert "bundle-broken" in tool.capsys.readouterr()[1]
    assert program.main(["compare", first, first]) == 2
    assert program.main(["compare", "0" * 64, str(tool.case)]) == 2
    # The later state first: told backwards, each act would be the cause of its opposite.
    assert refused(tool, str(tool.case), str(before)) == "compare-order"
    assert refused(tool, str(tool.case), first) == "compare-order"
    begun = str(json.loads((tool.case / "journal.jsonl").read_text().splitlines()[0])["hash"])
    assert refused(tool, begun, str(tool.case)) == "compare-empty"
    assert refused(tool, str(tool.case / "case.toml"), str(tool.case)) == "compare-no-case"
    cut = tool.folder / "cut.zip"
    cut.write_bytes(bundle.read_bytes()[:2000])
    assert program.main(["compare", str(cut), str(tool.case)]) == 3


def refused(tool: Tool, old: str, new: str) -> str:
    assert program.main(["compare", old, new]) == 2
    said = tool.capsys.readouterr()[1]
    assert "recover-compare-" not in said, "no folder of the program's own"
    return str(re.findall(r"code: (\S+)", said)[-1])


def test_two_cases_that_do_not_follow_from_each_other_are_told_as_such(tool: Tool) -> None:
    """That nothing differs does not make them one case."""
    folders = []
    for name, moves in (("a", MOVES), ("b", MOVES), ("c", [("victim", "own", 7), ("own", "hot", 7)])):
        tool.case = tool.folder / name
        tool.open(export(moves, ["own"]), labels(EXCHANGE))
        tool("loss", "--tx", tx(1), "--asset", "USDT")
        tool("run")
        folders.append(str(tool.case))
    apart = "case: two cases that do not follow from each other."
    tool.capsys.readouterr()
    for other, differs in ((folders[1], False), (folders[2], True)):
        assert program.main(["compare", folders[0], other]) == 0
        said = tool.capsys.readouterr()[0]
        assert apart in said
        assert ("No figure differs." in said) is not differs
