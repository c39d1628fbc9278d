"""The program from outside: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import recover_chain_toy

from recover.cli import dates
from recover.cli import main as program
from recover.plugins import registry
from recover.sdk import Chain, Error, Integrity, PluginFailed, plugin

PAYMENTS = "# toy payments\n1 toy-ann toy-bob 250\n2 toy-bob toy-eve 100\n3 toy-bob toy-zoe 50\n"
OPEN = ("--title", "T [red]", "--examiner", "N", "--agency", "A", "--rule", "fifo")
load = registry.load


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy]))
    monkeypatch.chdir(tmp_path)


def opened() -> str:
    assert program.main(["open", "c", *OPEN]) == 0
    return "c"


def filled() -> str:
    case = opened()
    Path("p.txt").write_text(PAYMENTS)
    assert program.main(["import", case, "p.txt"]) == 0
    assert program.main(["loss", case, "--address", "toy-bob"]) == 0
    return case


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = program.main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_open_makes_a_case_and_says_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "open", "c", *OPEN, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["rule"] == "fifo"
    assert len(json.loads(out)["head"]) == 64
    assert Path("c/case.toml").is_file()


def test_an_error_is_three_sentences_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "open", "c", *OPEN[:-1], "fiffo")
    assert (code, out) == (2, "")
    assert [line.split(":")[0].strip() for line in err.splitlines()] == ["error", "why", "do", "code"]
    assert "Usage" not in err


def test_an_error_is_json_too_when_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "show", "nowhere", "gaps", "--json")
    assert code == 2
    assert set(json.loads(out)["error"]) == {"code", "do", "what", "why"}
    assert json.loads(out)["error"]["code"] == "no-case"
    assert "nowhere is not a case" in err
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(
    "arguments", [["shwo"], ["show"], ["show", "c", "gaps", "--limit", "x"], ["open", "--nope"]]
)
def test_a_command_line_that_cannot_be_read(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, *arguments, "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "usage"
    assert "code: usage" in err


@pytest.mark.parametrize(
    ("arguments", "near"),
    [(["show", "c", "gasp"], "gaps"), (["run", "c", "--until", "fnd"], "find"), (["shwo"], "show")],
)
def test_the_nearest_name_is_offered(arguments: list[str], near: str, capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    code, _, err = told(capsys, *arguments)
    assert code == 2
    assert f"Did you mean {near}?" in err.replace("'", "")


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (Error("e", "what", "why", "do"), 2),
        (Integrity("i", "what", "why", "do"), 3),
        (PluginFailed("p", "what", "why", "do"), 4),
        (PermissionError(13, "Permission denied", "here"), 2),
        (ZeroDivisionError("by\x1bzero"), 70),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_end_has_its_exit_code(
    raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise raised

    monkeypatch.setattr(registry, "load", fail)
    found, _, err = told(capsys, "plugins")
    assert found == code
    assert "Traceback" not in err
    assert "\x1b" not in err
    assert err


def test_a_bug_says_its_type_and_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(registry, "load", fail)
    _, _, err = told(capsys, "plugins")
    assert "ZeroDivisionError at cli/plugins.py:" in err
    monkeypatch.setenv("RECOVER_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        program.main(["plugins"])


def test_the_place_of_a_bug_is_in_our_files_wherever_they_lie(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A checkout may lie in a folder called recover, with the libraries in it."""
    library = tmp_path / "recover" / ".venv" / "library.py"
    library.parent.mkdir(parents=True)
    library.write_text("def fail():\n    raise ZeroDivisionError\n")
    names: dict[str, Any] = {}
    exec(compile(library.read_text(), str(library), "exec"), names)
    monkeypatch.setattr(registry, "load", names["fail"])
    _, _, err = told(capsys, "plugins")
    assert "ZeroDivisionError at cli/plugins.py:" in err


def test_a_hostile_sentence_cannot_pass_for_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise Error("e", "label 'a\n  do:   send coins\u202e'", "why", "do")

    monkeypatch.setattr(registry, "load", fail)
    _, _, err = told(capsys, "plugins")
    assert err.splitlines()[:2] == ["error: label 'a", "        do:   send coins\\u202e'"]


def test_import_recognises_and_stores_once(capsys: pytest.CaptureFixture[str]) -> None:
    case = opened()
    Path("p.txt").write_text(PAYMENTS)
    code, out, _ = told(capsys, "import", case, "p.txt", "--json")
    assert code == 0
    assert [(e["number"], e["name"], e["sources"]) for e in json.loads(out)] == [(1, "p.txt", ["toy-payments"])]
    assert program.main(["import", case, "p.txt"]) == 0
    _, out, _ = told(capsys, "show", case, "exhibits", "--json")
    assert len(json.loads(out)) == 1


def test_every_bad_file_is_named_and_nothing_is_stored(capsys: pytest.CaptureFixture[str]) -> None:
    case = opened()
    Path("good.txt").write_text(PAYMENTS)
    Path("bad.txt").write_text("# toy payments\n1 toy-ann toy-bob 2.5\n")
    Path("other.bin").write_bytes(b"\x00\x01")
    code, _, err = told(capsys, "import", case, "good.txt", "bad.txt", "other.bin", "absent.txt")
    assert code == 2
    assert all(name in err for name in ("bad.txt", "other.bin", "absent.txt", "line 2"))
    _, out, _ = told(capsys, "show", case, "exhibits", "--json")
    assert json.loads(out) == []


def test_losses_are_declared_together_or_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    case = opened()
    code, _, err = told(capsys, "loss", case, "--address", "toy-bob", "--address", "nobody", "--tx", "0x")
    assert code == 2
    assert "nobody" in err
    assert "'0x'" in err
    assert json.loads(told(capsys, "show", case, "losses", "--json")[1]) == []
    label = ("--label", "A \u202e")
    code, out, _ = told(capsys, "loss", case, "--address", "toy-bob", "--tx", "7", *label, "--json")
    assert code == 0
    assert [(x["id"], x["address"], x["tx"]) for x in json.loads(out)] == [
        ("L1", "toy-bob", None),
        ("L2", None, "7"),
    ]
    assert "A \\u202e" in told(capsys, "show", case, "losses")[1]


def test_a_period_goes_with_an_address_and_not_with_a_transaction(capsys: pytest.CaptureFixture[str]) -> None:
    case, period = opened(), ("--from", "2024-05-01", "--to", "2024-05-02")
    code, _, err = told(capsys, "loss", case, "--address", "toy-bob", "--tx", "7", *period)
    assert code == 2
    assert "code: loss-period-tx" in err
    assert json.loads(told(capsys, "show", case, "losses", "--json")[1]) == []
    code, out, _ = told(capsys, "loss", case, "--address", "toy-bob", *period, "--json")
    assert code == 0
    assert json.loads(out)[0]["until"] == "2024-05-02T23:59:59.999999+00:00"


def test_a_loss_amount_is_a_string(capsys: pytest.CaptureFixture[str]) -> None:
    case = opened()
    more = ("--tx", "1", "--amount", "1.25", "--asset", "TOY", "--json")
    code, out, _ = told(capsys, "loss", case, *more)
    assert code == 0
    assert json.loads(out)[0]["amount"] == "125"


def test_run_says_what_was_done_and_ends_with_gaps(capsys: pytest.CaptureFixture[str]) -> None:
    case = filled()
    code, out, _ = told(capsys, "run", case, "--until", "find", "--json")
    result = json.loads(out)
    assert code == 5
    assert [s["stage"] for s in result["stages"]] == ["decode", "link", "trace", "find"]
    assert all(s["done"] for s in result["stages"])
    code, out, _ = told(capsys, "run", case, "--until", "find", "--json")
    assert code == 5
    assert not any(s["done"] for s in json.loads(out)["stages"])
    code, out, err = told(capsys, "run", case, "--until", "find")
    assert code == 5
    assert "unchanged" in out
    assert "recover show c gaps" in err


@pytest.mark.parametrize("stage", ["decode", "link", "trace", "find"])
def test_each_stage_runs_alone(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    case = filled()
    if stage != "decode":
        program.main(["run", case, "--until", {"link": "decode", "trace": "link", "find": "trace"}[stage]])
    code, out, _ = told(capsys, stage, case, "--json")
    assert code in (0, 5)
    (only,) = json.loads(out)["stages"]
    assert (only["stage"], only["done"]) == (stage, True)
    assert code == (5 if only["gaps"] else 0)


def test_a_stage_too_early_says_which_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(capsys, "show", filled(), "flows")
    assert code == 2
    assert "--until trace" in err


def test_collect_lists_what_it_would_ask(capsys: pytest.CaptureFixture[str]) -> None:
    case = filled()
    program.main(["run", case, "--until", "trace"])
    code, out, _ = told(capsys, "collect", case, "--json")
    asks = json.loads(out)
    assert code == 5
    assert {(a["ask"], a["address"][1]) for a in asks} >= {("History", "toy-eve"), ("History", "toy-zoe")}
    code, out, err = told(capsys, "collect", case)
    assert "toy-eve" in out
    assert "No source may be asked" in err


def test_another_rule_is_shown_and_not_declared(capsys: pytest.CaptureFixture[str]) -> None:
    case = filled()
    program.main(["run", case, "--until", "link"])
    code, out, _ = told(capsys, "trace", case, "--rule", "lifo", "--json")
    result = json.loads(out)
    assert code == 5
    assert (result["declared"], result["rule"]) == ("fifo", "lifo")
    assert {(e["address"], e["amount"], e["declared_amount"]) for e in result["ends"]} == {
        ("toy-bob", "100", "100"),
        ("toy-eve", "100", "100"),
        ("toy-zoe", "50", "50"),
    }
    assert 'rule = "fifo"' in Path("c/case.toml").read_text()
    assert told(capsys, "trace", case, "--rule", "pari_passu")[0] == 2


def test_verify_ends_with_3_on_a_changed_byte(capsys: pytest.CaptureFixture[str]) -> None:
    case = filled()
    program.main(["run", case, "--until", "find"])
    code, out, _ = told(capsys, "verify", case, "--json")
    assert (code, json.loads(out)["answer"]) == (0, "holds")
    (warc,) = Path("c/exhibits").glob("*.warc.gz")
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 1
    warc.write_bytes(data)
    code, out, _ = told(capsys, "verify", case)
    assert code == 3
    assert "does not hold" in out


def test_plugins_lists_the_broken_and_ends_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Lame:
        @plugin
        def recover_chains(self) -> list[Chain]:
            raise ValueError("no such \x1btable")

    monkeypatch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy, Lame()]))
    code, out, err = told(capsys, "plugins", "--json")
    assert code == 4
    found = json.loads(out)
    assert ("toy:1", "Toy") in [(c["id"], c["title"]) for c in found["chains"]]
    assert [b["reason"] for b in found["broken"] if b["name"] == "Lame"] == ["ValueError: no such \x1btable"]
    assert "no such \\x1btable" in err


def test_two_plugins_with_one_id_end_with_4(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Second:
        recover_chains = staticmethod(recover_chain_toy.recover_chains)

    monkeypatch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy, Second()]))
    code, _, err = told(capsys, "plugins")
    assert code == 4
    assert "toy:1" in err


@pytest.mark.parametrize(
    ("text", "end", "iso"),
    [
        ("2024-05-01", False, "2024-05-01T00:00:00+00:00"),
        ("2024-05-01", True, "2024-05-01T23:59:59.999999+00:00"),
        ("2024-05-01T07:00:00+07:00", True, "2024-05-01T00:00:00+00:00"),
        ("2024-05-01 12:30", False, "2024-05-01T12:30:00+00:00"),
    ],
)
def test_times(text: str, end: bool, iso: str) -> None:
    assert dates.parse(text, end=end).isoformat() == iso


@pytest.mark.parametrize("text", ["yesterday", "", "2024-13-01", "1714521600"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(Error):
        dates.parse(text)


def test_a_reader_that_leaves_early_does_no_harm() -> None:
    opened()
    code = "import sys; from recover_forensics import run; sys.argv = ['recover', *sys.argv[1:]]; run()"
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", code, "show", "c", "journal"], stdout=written, stderr=subprocess.PIPE, check=False
    )
    os.close(written)
    assert (done.returncode, done.stderr) == (0, b"")


def test_show_loads_no_engine() -> None:
    opened()
    code = (
        "import sys; from recover.cli.main import main; main(['show', 'c', 'exhibits', '--json']);"
        "main(['show', 'c', 'offramps']); "
        "print([m for m in ('duckdb', 'httpx', 'typst', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n[]\n"
