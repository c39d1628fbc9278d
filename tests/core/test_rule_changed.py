"""A change of the rule moves value from one loss to another though the sums stay: papers give both, by loss."""

from __future__ import annotations

import re

from tests.core.test_letters import letter
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

__all__ = ["tool"]

NAMED = ("--kind", "--to", "--as")
TWO = [("v1", "own", 100), ("v2", "own", 50), ("own", "hot", 60), ("own", "dep", 50), ("dep", "hot", 20)]


def test_the_figures_under_two_rules_stand_by_loss_and_what_is_left_is_not_called_at_rest(tool: Tool) -> None:
    tool.open(export(TWO, ["own", "dep"]), labels(EXCHANGE))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', 'rule = "lifo"'))
    tool("run")
    page, letter = tool.text("report.html"), tool.text("letters/binance-preserve-v1.txt")
    for paper, old, new in ((page, "fifo", "lifo"), (letter, "‘First in, first out’", "‘Last in, first out’")):
        assert f"Binance: 80.000000 USDT under rule {old}, 80.000000 USDT under rule {new} (by loss: " in paper
        assert f"L1: 80.000000 USDT under rule {old}, 30.000000 USDT under rule {new}" in paper
        assert f"L2: 0.000000 USDT under rule {old}, 50.000000 USDT under rule {new}" in paper
    low = page.casefold().replace("at rest</em>", "").replace("are not called at rest", "")
    assert not re.search(r"\bat rest\b", low)
    assert "Not shown leaving" in page
    assert "Left there" in page


def test_a_report_lists_every_paper_beside_it_and_names_none_as_to_be_sent_but_what_asks_to_keep(
    tool: Tool,
) -> None:
    tool.open(export(TWO, ["own", "dep"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    for said in (("police-report", "City Police", "victim"), ("freeze", "Binance", "authority")):
        assert letter(tool, "draft", *(x for pair in zip(NAMED, said, strict=True) for x in pair))[0] == 0
    tool("run")
    page = (tool.case / "out/report.html").read_text()
    files = sorted(p.relative_to(tool.case / "out") for p in (tool.case / "out/letters").iterdir())
    # The register's one mailbox of Binance is for agencies of other states than this sender's.
    assert len(files) == 8 + 2 * 7, (
        "three letters, each in every form that its addressee takes, with its delivery sheet"
    )
    for file in files:
        stem, end = str(file).split("-v1")
        row = page.split(f"{stem}-v1</td>")[1].split("</tr>")[0]
        assert end in row, file
    assert "Report to the police: City Police" in page
    assert page.count("Complete, issue and send") == 1
    assert "‘letters/binance-preserve-v1.pdf’" in page
