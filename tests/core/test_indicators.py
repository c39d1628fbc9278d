"""Indicators: what was used enters with its capture, in one spelling, and no person ever does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, Tool, export, labels, tool, tx, who

from recover.case import open_for_reading
from recover.cli import main as program
from recover.letters import identified
from recover.prevention import indicators
from recover.registers import hosts
from recover.sdk import Error

__all__ = ["tool"]

MOVES = [("x", "a", 50), ("a", "hot", 50)]


def indicator(tool: Tool, value: str, type: str, *more: str, capture: bool = True) -> tuple[int, Any, str]:
    page = tool.folder / "capture.html"
    page.write_text(f"<p>{value}</p>", "utf-8")
    said = ("--category", "fake-exchange", "--by", "A. Analyst", "--reason", "seen in two statements")
    dated = ("--first-seen", "2022-03-01", "--last-seen", "2022-03-05")
    kept = ("--capture", str(page)) if capture else ()
    words = ["indicator", "add", str(tool.case), value, "--type", type, *said, *dated, *kept, *more, "--json"]
    code = program.main(words)
    out, err = tool.capsys.readouterr()
    return code, json.loads(out) if code == 0 else {}, err


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was run once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("indicators")
    (folder / "0.csv").write_text(export(MOVES, ["a"]))
    (folder / "1.csv").write_text(labels(EXCHANGE))
    case = str(folder / "c")
    said = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    assert program.main(["open", case, *said]) == 0
    assert program.main(["import", case, str(folder / "0.csv"), str(folder / "1.csv")]) == 0
    assert program.main(["loss", case, "--tx", tx(1), "--asset", "USDT"]) == 0
    assert program.main(["run", case]) in (0, 5)
    return folder / "c"


@pytest.fixture
def ready(tool: Tool, worked: Path) -> Tool:
    shutil.copytree(worked, tool.case)
    return tool


def listed(tool: Tool) -> list[dict[str, Any]]:
    assert program.main(["indicator", "list", str(tool.case), "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(tool.capsys.readouterr()[0])
    return found


def test_an_indicator_stands_on_its_capture_and_is_never_entered_twice(ready: Tool) -> None:
    code, made, _ = indicator(ready, "Shop.Example.", "domain")
    assert (code, made["id"], made["value"], made["told"]) == (0, "I1", "shop.example", "shop[.]example")
    (stored,) = [e for e in ready.show("exhibits") if e["number"] == made["exhibit"]]
    assert (stored["name"], stored["digest"], stored["sources"]) == ("capture.html", made["digest"], [])
    code, _, err = indicator(ready, "hxxp://x", "domain")
    assert code == 2
    assert "no domain" in err
    before = len(ready.show("journal"))
    code, _, err = indicator(ready, "shop[.]example", "domain")
    assert code == 2
    assert "I1 already" in err
    assert len(ready.show("journal")) == before
    code, made, _ = indicator(ready, who("a"), "address", "--exhibit", "1", capture=False)
    assert (code, made["chain"], made["value"], made["exhibit"]) == (0, CHAIN, who("a"), 1)
    assert ready("verify")[0] in (0, 5)


def test_a_name_in_another_script_stands_in_punycode_for_machines_and_in_its_letters_for_people(
    ready: Tool,
) -> None:
    _, made, _ = indicator(ready, "https://ตัวอย่าง.example/login?a=1#x", "url")
    assert made["value"] == "https://xn--72c1a1bt4awk9o.example/login?a=1"
    assert made["told"] == "hxxps://xn--72c1a1bt4awk9o[.]example/login?a=1 (ตัวอย่าง[.]example)"


@pytest.mark.parametrize(
    ("value", "more"),
    [
        ("anna@example.org", ()),
        ("@trader", ("--source", "told by +49 30 1234567")),
        ("@trader", ("--reason", "he gave passport AB1234567")),
        ("@trader", ("--source", "told by Anna Beispielfrau")),
        ("@anna-beispielfrau", ()),
    ],
)
def test_no_person_enters(ready: Tool, value: str, more: tuple[str, ...]) -> None:
    (ready.case / "private").mkdir(exist_ok=True)
    (ready.case / "private/identities.txt").write_text("Anna Beispielfrau\n")
    before = (ready.case / "journal.jsonl").read_text().count('"kind":"indicator"')
    exhibits = len(ready.show("exhibits"))
    code, _, err = indicator(ready, value, "account", "--platform", "Chat", *more)
    assert code == 2
    assert "Nothing was noted" in err
    assert "Beispielfrau" not in err
    assert (ready.case / "journal.jsonl").read_text().count('"kind":"indicator"') == before
    assert len(ready.show("exhibits")) == exhibits, "not even its capture"


def test_one_is_undone_by_a_named_person_and_stays_in_the_journal(ready: Tool) -> None:
    indicator(ready, "shop.example", "domain")
    assert ready("undo", "I1", "--by", "B", "--reason", "another case's")[0] == 0
    (row,) = listed(ready)
    assert row["undone"] == "B: another case's"
    assert ready("undo", "I1", "--by", "B", "--reason", "again")[0] == 2
    assert ready("undo", "Ix", "--by", "B", "--reason", "again")[0] == 2
    assert indicator(ready, "shop.example", "domain")[1]["id"] == "I2"


def test_a_review_of_an_indicator_is_of_its_very_words(ready: Tool) -> None:
    indicator(ready, "shop.example", "domain", "--grade", "B")
    for name in ("Ann", "Bob"):
        assert ready("review", "I1", "--accept", "--by", name, "--reason", "capture read")[0] == 0
    (row,) = listed(ready)
    assert (row["review"], row["reviewers"]) == ("accepted", ["Ann", "Bob"])
    ready("undo", "I1", "--by", "B", "--reason", "graded wrongly")
    indicator(ready, "shop.example", "domain", "--grade", "A")
    assert [one["review"] for one in listed(ready)] == ["accepted", None]


def test_a_letter_names_it_as_its_addressee_looks_it_up(ready: Tool) -> None:
    indicator(ready, "https://a.shop.example/x", "url")
    indicator(ready, "https://chat.example/u/7", "account", "--platform", "Chat", "--user-id", "77")
    indicator(ready, "203.0.113.7:51234 2022-03-01T12:00:05Z", "line")
    found = indicators.standing(open_for_reading(ready.case))
    asked = [
        (one, to, found[one].asked(to)) for one, to in (("I1", "platform"), ("I2", "platform"), ("I3", "isp"))
    ]
    assert asked == [
        ("I1", "platform", "https://a.shop.example/x; user_id=unknown"),
        ("I2", "platform", "https://chat.example/u/7; user_id=77"),
        ("I3", "isp", "203.0.113.7:51234 2022-03-01T12:00:05Z"),
    ]
    assert all(
        not identified.lacking(form, text)
        for form, (_, _, text) in zip(("profile", "profile", "line"), asked, strict=True)
    )
    whom = ("--kind", "preserve", "--to", "Net One Ltd", "--addressee", "registrar", "--as", "victim")
    words = ["letter", "draft", str(ready.case), *whom, "--since", "2022-02-01", "--indicator"]
    code = program.main([*words, "I1"])
    assert code in (0, 5), ready.capsys.readouterr()[1]
    ready.capsys.readouterr()
    (entry,) = [e for e in ready.show("journal") if e["kind"] == "letter"]
    assert entry["body"]["about"] == ["a.shop.example"]
    assert program.main([*words, "I7"]) == 2
    assert "no indicator I7" in ready.capsys.readouterr()[1]


@pytest.mark.parametrize(
    ("name", "stopped"),
    [
        ("facebook.com", True),
        ("m.facebook.com", True),
        ("github.io", True),
        ("www.github.io", True),
        ("scam.github.io", False),
        ("co.uk", True),
        ("wordpress.com", True),
        ("scam.wordpress.com", False),
        ("shop.example.com", False),
        ("203.0.113.7", True),
        ("notfacebook.com", False),
    ],
)
def test_a_name_that_many_share_is_known(name: str, stopped: bool) -> None:
    assert bool(hosts.shared(name)) == stopped


@pytest.mark.parametrize(
    "text", ["", "shop", "shop.example/x", "a b.example", "shop.example:80", "1.2.3.4", "..", "-a.b"]
)
def test_what_is_no_name_of_a_host_is_refused(text: str) -> None:
    with pytest.raises(Error):
        hosts.host(text)
