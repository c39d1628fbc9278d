"""Bad input, as a user would meet it: what is said, the exit code, and that nothing was lost."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from recover.cli import main as program

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "casefiles" / "tron-seizure-orders-example"
WALLET = "TXPggkiHzYZofVqpzMDS19ePG6qmcnu3gq"
LINES = (EXAMPLE / "transfers.csv").read_text().splitlines(keepends=True)
BODY = next(n for n, line in enumerate(LINES) if not line.startswith("#"))
HEAD, ROWS = LINES[: BODY + 1], LINES[BODY + 1 : BODY + 40]
EXPORT = (
    "wallet,timestamp,tx_id,risk_tx,status,from_address,from_tag,to_address,to_tag,quant,token_id,token_abbr,"
    "token_name,token_decimal,token_type,token_level,contract_return,result\n"
)
ROW = (
    "TDX3tFFdWFwhBP7Cf5gJRpADpUNxQsys6m,1650176103000,{tx},False,0,TS2oMCWeBsYmMFWsXFx5u7M96KDF8BZDyG,{tag},"
    "TDX3tFFdWFwhBP7Cf5gJRpADpUNxQsys6m,,{amount},TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,USDT,Tether USD,6,trc20,2,"
    "SUCCESS,SUCCESS\n"
)
TX = "99e53c29e7c429aaf5150dc5586f5d3cd143c111c62f5b5deebd000aedacb842"


def tool(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One call, in a process of its own only where its environment is another one."""
    command = [sys.executable, "-c", "from recover_forensics import run; run()", *words]
    if more:
        environment = {**os.environ, **more}
        return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = program.main(list(words))
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())


def export(tx: str = TX, amount: str = "65290000", tag: str = "") -> str:
    return EXPORT + ROW.format(tx=tx, amount=amount, tag=tag)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case"
    made = tool("open", str(path), "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    assert made.returncode == 0, made.stderr
    return path


@pytest.mark.parametrize(
    ("content", "named", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", [], "no kind of file"),
        (b"a,b,c\n1,2,3\n", [], "no kind of file"),
        (b"", [], "is empty"),
        ("".join(HEAD).replace("amount", "sum").encode() + "".join(ROWS).encode(), [], "amount"),
        ("".join(HEAD + ROWS)[:-40].encode(), [], f"line {BODY + 1 + len(ROWS)}"),
        (export(amount="65.29").encode(), [], "line 2"),
        (export(amount="-5").encode(), [], "line 2"),
        (export(tx="zz" * 32).encode(), [], "line 2"),
        (export().replace("TS2oMCWeBs", "TS2oMCWeBt").encode(), [], "line 2"),
        (export().encode(), ["tagpack"], ""),
        (export().encode(), ["tron-explorer-trc2"], "tron-explorer-trc20"),
    ],
    ids=[
        "not-a-csv",
        "another-csv",
        "empty",
        "wrong-columns",
        "half-a-line",
        "decimal-point",
        "negative",
        "no-transaction-id",
        "bad-checksum",
        "wrong-source",
        "misspelt-source",
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_nothing_is_stored(
    content: bytes, named: list[str], said: str, case: Path, tmp_path: Path
) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(content)
    journal = (case / "journal.jsonl").read_bytes()
    done = tool("import", str(case), str(file), *(word for name in named for word in ("--as", name)))
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "why:" in done.stderr
    assert "Traceback" not in done.stderr
    assert (case / "journal.jsonl").read_bytes() == journal
    assert file.read_bytes() == content


def test_every_bad_row_of_a_file_is_named_at_once(case: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    bad = ROW.format(tx="nonsense", amount="1", tag="")
    file.write_text(EXPORT + ROW.format(tx=TX, amount="1", tag="") + bad + bad)
    done = tool("import", str(case), str(file))
    assert done.returncode == 2
    assert "line 3" in done.stderr
    assert "line 4" in done.stderr


@pytest.mark.parametrize(
    ("rule", "said"),
    [("poison", "exposure"), ("pari_passu", "shares out"), ("fif", "fifo"), ("", "fifo")],
)
def test_a_rule_that_cannot_be_declared(rule: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "case"
    done = tool("open", str(path), "--title", "T", "--examiner", "N", "--agency", "A", "--rule", rule)
    assert done.returncode == 2
    assert said in done.stderr
    assert not path.exists()


def test_a_rule_for_coins_is_refused_on_balances(tmp_path: Path) -> None:
    path = tmp_path / "case"
    tool("open", str(path), "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    toml = (path / "case.toml").read_text().replace('rule = "fifo"', 'rule = "highest_out"')
    (path / "case.toml").write_text(toml)
    (tmp_path / "export.csv").write_text(export())
    tool("import", str(path), str(tmp_path / "export.csv"))
    tool("loss", str(path), "--tx", TX)
    done = tool("run", str(path), "--until", "trace")
    assert done.returncode == 2
    assert "highest_out" in done.stderr


def test_a_file_that_is_not_there(case: Path, tmp_path: Path) -> None:
    done = tool("import", str(case), str(tmp_path / "none.csv"))
    assert done.returncode == 2
    assert "none.csv" in done.stderr


def test_two_files_that_disagree_are_a_gap_naming_both_and_neither_is_followed(case: Path, tmp_path: Path) -> None:
    for name, amount in (("one.csv", "65290000"), ("two.csv", "65290001")):
        (tmp_path / name).write_text(export(amount=amount))
        assert tool("import", str(case), str(tmp_path / name)).returncode == 0
    tool("loss", str(case), "--address", "TDX3tFFdWFwhBP7Cf5gJRpADpUNxQsys6m", "--asset", "USDT")
    assert tool("run", str(case), "--until", "find").returncode == 5
    gaps = json.loads(tool("show", str(case), "gaps", "--json").stdout)
    (gap,) = [g for g in gaps if g["code"] == "contradiction"]
    assert "Exhibits 1 and 2" in gap["why"]
    assert TX in gap["subject"]
    assert json.loads(tool("show", str(case), "flows", "--json").stdout) == []
    why = ("--reason", "the exchange confirmed it")
    for wrong, exhibit, code in (
        ("00" * 32, "2", "decision-of-what"),
        (TX, "9", "no-exhibit"),
        ("TDX3tFFdWFwhBP7Cf5gJRpADpUNxQsys6m", "2", "decision-kind"),
        (TX[:-1], "2", "not-recognised"),
    ):
        refused = tool("decide", str(case), wrong, "--exhibit", exhibit, *why, "--json")
        assert refused.returncode == 2
        assert json.loads(refused.stdout or refused.stderr)["error"]["code"] == code, refused
    # In another spelling, and with its chain: the id is written down as its chain spells it.
    named = f"tron:0x2b6653dc:{TX.upper()}"
    settled = tool("decide", str(case), named, "--exhibit", "2", *why, "--json")
    assert settled.returncode == 0, settled.stderr
    said = json.loads(settled.stdout)
    assert (said["chain"], said["tx"]) == ("tron:0x2b6653dc", TX)
    tool("run", str(case), "--until", "find")
    flows = json.loads(tool("show", str(case), "flows", "--json").stdout)
    assert {flow["amount"] for flow in flows} == {"65290001"}
    again = tool("decide", str(case), named, "--exhibit", "1", *why, "--json")
    assert again.returncode == 0, "a decision can be changed"


@pytest.mark.parametrize(
    "words", [("run",), ("verify",), ("show", "gaps"), ("import", "x.csv"), ("loss", "--tx", TX)]
)
def test_a_missing_case_is_never_created(words: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / "none"
    done = tool(words[0], str(place), *words[1:])
    assert done.returncode == 2
    assert "is not a case" in done.stderr
    assert not place.exists()


def test_a_read_only_case_says_so(case: Path) -> None:
    done = read_only(case, "run", str(case))
    assert done.returncode == 2, done.stderr
    assert "cannot be written to" in done.stderr


def test_a_case_without_a_write_bit_is_left_alone_even_by_root(case: Path) -> None:
    case.chmod(0o555)
    before = (case / "journal.jsonl").read_bytes()
    done = tool("loss", str(case), "--address", WALLET)
    case.chmod(0o755)
    assert done.returncode == 2
    assert "cannot be written to" in done.stderr
    assert (case / "journal.jsonl").read_bytes() == before


def read_only(case: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run with the case on a read-only mount, which holds for root too, or without write permission."""
    if os.geteuid():
        for place in (case / "journal.jsonl", case):
            place.chmod(0o555)
        return tool(*words)
    inner = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    code = "from recover_forensics import run; run()"
    command = ["unshare", "--mount", "sh", "-c", inner, "sh", str(case), sys.executable, "-c", code, *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "mount" in done.stderr and "permission" in done.stderr.lower():
        pytest.skip(f"this system lets nobody mount, so no read-only case can be made for root: {done.stderr}")
    return done


def test_a_hostile_label_is_shown_and_never_obeyed(case: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    hostile = "\u202eecnaniB\x1b[31m[red]x[/red]"
    file.write_text(export(tag=hostile))
    both = ("--as", "tron-explorer-trc20", "--as", "tron-explorer-tags")
    done = tool("import", str(case), str(file), *both)
    assert done.returncode == 0, done.stderr
    tool("run", str(case), "--until", "find")
    shown = tool("show", str(case), "assertions").stdout
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    assert "202E" in shown.upper()
    assert "[red]" in shown


def test_a_plugin_that_raises_on_load_is_named_and_the_rest_works(tmp_path: Path) -> None:
    (tmp_path / "recover_lame.py").write_text("raise RuntimeError('no such library')\n")
    info = tmp_path / "recover_lame-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: recover-lame\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[recover]\nlame = recover_lame\n")
    done = tool("plugins", "--json", PYTHONPATH=str(tmp_path))
    listed = json.loads(done.stdout)
    assert [b["name"] for b in listed["broken"]] == ["lame"]
    assert "no such library" in listed["broken"][0]["reason"]
    assert listed["chains"]
    made = tmp_path / "case"
    tool("open", str(made), "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    toml = (made / "case.toml").read_text().replace("plugins = []", 'plugins = ["lame"]')
    (made / "case.toml").write_text(toml)
    (tmp_path / "export.csv").write_text(export())
    assert tool("import", str(made), str(tmp_path / "export.csv"), PYTHONPATH=str(tmp_path)).returncode == 0
    needed = tool("run", str(made), PYTHONPATH=str(tmp_path))
    assert needed.returncode == 4
    assert "no such library" in needed.stderr


def test_a_loss_larger_than_its_transaction_is_refused(case: Path, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export())
    tool("import", str(case), str(tmp_path / "export.csv"))
    done = tool("loss", str(case), "--tx", TX, "--amount", "65.290001", "--asset", "USDT")
    assert done.returncode == 2
    assert TX in done.stderr
    assert "code: loss-too-large" in done.stderr
    assert json.loads(tool("show", str(case), "losses", "--json").stdout) == []


def test_a_case_with_nothing_to_examine_does_not_end_well(case: Path) -> None:
    done = tool("run", str(case), "--until", "find")
    assert done.returncode != 0, done.stdout


@pytest.mark.parametrize("amount", ["-5", "-0.5", "0", "0.0"])
@pytest.mark.parametrize("asset", [(), ("--asset", "USDT")])
def test_an_amount_must_be_above_zero(amount: str, asset: tuple[str, ...], case: Path) -> None:
    done = tool("loss", str(case), "--tx", TX_HERE, "--amount", amount, *asset)
    assert done.returncode == 2
    assert "above zero" in done.stderr
    assert "code: loss-amount" in done.stderr
    assert json.loads(tool("show", str(case), "losses", "--json").stdout) == []


TX_HERE = "tron:0x2b6653dc:" + TX


def test_a_loss_that_another_loss_has_wholly_names_its_own_asset(case: Path, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export())
    tool("import", str(case), str(tmp_path / "export.csv"))
    for part in ((), ("--amount", "5", "--asset", "USDT")):
        assert tool("loss", str(case), "--tx", TX_HERE, *part).returncode == 0
    tool("run", str(case), "--until", "find")
    found = json.loads(tool("show", str(case), "findings", "--json").stdout)
    losses = {one["slots"]["loss"]: one["slots"] for one in found if one["kind"] == "loss"}
    assert int(losses["L2"]["began"]) == 0
    assert losses["L2"]["asset"] == losses["L1"]["asset"]


@pytest.mark.parametrize("inside", [True, False])
def test_a_hint_names_the_case_as_it_was_named(case: Path, monkeypatch: pytest.MonkeyPatch, inside: bool) -> None:
    spaced = case.rename(case.parent / "the case; (2)")
    monkeypatch.chdir(spaced if inside else spaced.parent.parent)
    named = Path() if inside else spaced.relative_to(Path.cwd())
    said = tool("run", str(named)).stderr
    command = shlex.split(said.split("`")[1])
    assert command[:2] == ["recover", "import"]
    assert Path(command[2]).resolve() == spaced
