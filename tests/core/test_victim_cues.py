"""Who is paid as people are who may be forced to work: in no letter, plan or feed before a person screened."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_statements import CHAIN, EXCHANGE, USDT, Tool, labels, tool, tx, who

from recover.case import derived, looked, open_for_reading
from recover.cli import main as program
from recover.plugins import registry
from recover.prevention import exempt
from recover.sealing import recover_verify as outside
from recover.victims import cues

__all__ = ["tool"]

Paid = tuple[int, str, str, int]
WORKERS = [f"work{n}" for n in range(9)]
WAGES: list[Paid] = [(7 * week + 1, "boss", w, 100 + n) for week in range(4) for n, w in enumerate(WORKERS)]
OUT: list[Paid] = [
    *[(30, "work0", "own0", 200), (31, "own0", "hot", 200)],  # the account of one of them
    *[(30, "work5", "own1", 120), (33, "own1", "own2", 20)],  # a wallet of another, and what that alone paid
    *[(32, f"work{n}", "levy", 150) for n in (2, 3, 4)],  # what is taken from several is where it is collected
    *[(33, "levy", "hot", 450), (34, "boss", "hot", 20_000), (30, "work1", "hot", 100)],
]
HELD = sorted([*WORKERS, "own0", "own1", "own2"])


def export(moves: list[Paid]) -> str:
    lines = ["#recover-transfers 1", "#source: a test", "#licence: none needed", "#history: complete"]
    lines.append("view,chain,tx,time,from,to,asset,amount,decimals,symbol,status")
    known = {name for _, src, dst, _ in moves for name in (src, dst)} - {"hot", "victim"}
    for number, (day, src, dst, amount) in enumerate(moves, 1):
        at = datetime(2022, 3, 1, 10, tzinfo=UTC) + timedelta(days=day, minutes=number)
        for view in [who(name) for name in (src, dst) if name in known] or [""]:
            row = (view, CHAIN, tx(number), f"{at:%Y-%m-%dT%H:%M:%S.000Z}", who(src), who(dst), USDT)
            lines.append(",".join([*row, str(amount * 10**6), "6", "USDT", "ok"]))
    return "\n".join(lines) + "\n"


def opened(tool: Tool, moves: list[Paid], *more: tuple[str, str, str, str], until: str = "find") -> None:
    paid: list[Paid] = [(0, "victim", "boss", 100_000), *moves]
    tool.open(export(sorted(paid, key=lambda one: one[0])), labels(EXCHANGE, *more))
    tool("loss", "--tx", f"{CHAIN}:{tx(1)}", "--asset", "USDT")
    tool("run", "--until", until)


def listed(tool: Tool, *arguments: str) -> Any:
    code = program.main(["victim", "cues", str(tool.case), *arguments, "--json"])
    out, _ = tool.capsys.readouterr()
    return json.loads(out) if code == 0 else json.loads(out)["error"]["code"]


def held(tool: Tool) -> list[str]:
    found = listed(tool)
    rows = [row for row in found["cues"] if row["kept_back"]] + found["along"]
    return sorted(bytes.fromhex(row["address"][2:].lstrip("0")).decode() for row in rows)


def texts(folder: Path) -> list[str]:
    """What a folder's files hold, whatever their form."""
    texts = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(path) as packed:
                texts += [packed.read(name).decode("utf-8", "replace") for name in packed.namelist()]
        elif path.suffix == ".pdf":
            from pypdf import PdfReader

            texts += ["".join(page.extract_text().split()) for page in PdfReader(path).pages]
        elif path.is_file():
            texts.append(path.read_text("utf-8"))
    return texts


def named(tool: Tool, folder: Path) -> set[str]:
    """Those of the held that a folder's files name."""
    return {name for name in HELD for text in texts(folder) if who(name)[-16:] in text}


def looked_up(tool: Tool, folder: Path) -> set[str]:
    """The transactions of the held that a folder's files name: each tells its payer and its payee."""
    moved = derived.read(open_for_reading(tool.case), "transfers", ["tx", "src", "dst"]).to_pylist()
    hidden = {who(name) for name in HELD}
    told = {row["tx"] for row in moved if {row["src"], row["dst"]} & hidden}
    return {one for one in told for text in texts(folder) if one in text}


def listed_services(tool: Tool) -> str:
    assert program.main(["victim", "list", str(tool.case), "--services"]) == 0
    return tool.capsys.readouterr()[1]


def test_letters_plans_and_feeds_name_none_before_a_trained_person_lifts_it(tool: Tool) -> None:
    opened(tool, [*WAGES, *OUT], until="write")
    assert held(tool) == HELD
    letters, report = tool.case / "out/letters", tool.text("report.html")
    assert named(tool, letters) == set()
    stated = (letters / "binance-preserve-v1.txt").read_text()
    assert "are not all that this case has found" in stated
    assert who("levy") in stated, "what several paid is where it is collected"
    assert "counts in the sum of that, and has no row" in stated
    assert "450.000000" in stated, "all that was collected there"
    assert looked_up(tool, letters) == set(), "a transaction tells who paid"
    sheet = (letters / "binance-preserve-v1-delivery.txt").read_text()
    assert "12 addresses of this case are in no letter, and no row of one is a payment of them" in sheet
    assert who("work0") in report, "the court's report is made of the whole"
    assert "12 addresses held back" in listed_services(tool)
    totals = (tool.case / "out/result.json").read_bytes()
    code = program.main(["plan", "show", str(tool.case), "--out", str(tool.folder / "plan"), "--json"])
    shown = json.loads(tool.capsys.readouterr().out)
    assert (code, shown["screen_first"] > 0, named(tool, tool.folder / "plan")) == (0, True, set())
    assert {who("boss"), who("levy")} <= {place["address"] for place in shown["places"]}
    kept = exempt.addresses(open_for_reading(tool.case), registry.load())
    assert all(kept.why(CHAIN, who(name)) for name in HELD)
    assert all(kept.why(CHAIN, who(name)).startswith(exempt.WORKER) for name in ("work5", "own1", "own2"))
    for form in ("stix", "graphml"):  # whichever edition is asked for: they are for colleagues
        assert tool("export", "--as", form, "--edition", "V1", "--out", str(tool.folder / form))[0] == 0
        assert named(tool, tool.folder / form) == set()
    assert tool("verify")[0] == 0

    assert listed(tool, who("own0"), "--lift", "--by", "N", "--reason", "R", "--trained") == "no-cue"
    assert listed(tool, who("work0"), "--lift", "--by", "N", "--reason", "R") == "screening-untrained"
    said = ("--by", "N. Trained", "--reason", "screened", "--trained")
    assert listed(tool, who("work0"), "--lift", *said)["lifted"]
    assert held(tool) == sorted({*HELD} - {"work0", "own0"})
    tool("run")
    assert named(tool, letters) == {"work0", "own0"}
    assert json.loads((tool.case / "out/result.json").read_bytes())["totals"] == json.loads(totals)["totals"]
    assert tool("verify")[0] == 0
    assert listed(tool, who("work0"), "--hold", "--by", "N. Trained", "--reason", "again", "--trained")
    tool("run")
    assert (held(tool), named(tool, letters)) == (HELD, set())
    bundle = tool.folder / "b.zip"
    assert tool("seal", "--out", str(bundle))[0] in (0, 5)
    assert outside.main([str(bundle)]) == 0


def test_the_police_learn_how_much_is_there_and_what_a_sender_types_stops_the_letter(tool: Tool) -> None:
    opened(tool, [*WAGES, *OUT])
    police = ("--kind", "police-report", "--to", "police", "--as", "authority", "--facts", "They met.")
    assert program.main(["letter", "draft", str(tool.case), *police, "--offence", "Fraud, s. 1"]) in (0, 5)
    words = ("letter", "draft", str(tool.case), "--kind", "preserve", "--to", "binance", "--as", "counsel")
    assert program.main([*words, "--facts", f"Look at {who('work3')}.", "--loss", "L1"]) in (0, 5)
    tool("run")
    text = next((tool.case / "out/letters").glob("police-*-v1.txt")).read_text()
    assert "are not all that this case has found" in text
    assert re.search(r"^–; .* \| left there", text, re.MULTILINE), "in one sum, under no name"
    (stopped,) = (tool.case / "out/stopped").iterdir()
    assert stopped.read_text().startswith(f"screening\t{who('work3')}\ta trained person screens first")
    assert named(tool, tool.case / "out/letters") == set()


@pytest.mark.parametrize(
    ("moves", "label"),
    [
        # Whom a label names as a service's own; who is paid by an exchange; whose payer is a victim.
        (WAGES, [(w, "Kraken", "hot-wallet", "exchange") for w in WORKERS]),
        ([(day, "two" if src == "boss" else src, dst, n) for day, src, dst, n in WAGES]
         + [(0, "boss", "two", 50_000)], [("two", "Kraken", "hot-wallet", "exchange")]),
        ([(day, "victim", dst, n) for day, _, dst, n in WAGES], []),
    ],
)  # fmt: skip
def test_services_and_whom_victims_paid_are_not_hidden_from_a_freeze(
    tool: Tool, moves: list[Paid], label: list[tuple[str, str, str, str]]
) -> None:
    opened(tool, moves, *label)
    found = listed(tool)
    assert len(found["cues"]) == len(WORKERS)
    assert all(row["spared"] and not row["kept_back"] for row in found["cues"])
    assert held(tool) == []


@pytest.mark.parametrize("days", [(1, 2, 3, 4), (1, 8, 50, 60)])
def test_at_no_regular_times_it_is_a_cue_and_keeps_nothing_back(tool: Tool, days: tuple[int, ...]) -> None:
    opened(tool, [(day, "boss", w, 100) for day in days for w in WORKERS] + OUT[-2:-1])
    found = listed(tool)
    assert [row["regular"] for row in found["cues"]] == [False] * len(WORKERS)
    assert held(tool) == []


def test_fewer_or_others_are_none(tool: Tool) -> None:
    opened(tool, [one for one in WAGES if one[2] in WORKERS[: cues.PAID - 1]])
    assert listed(tool)["cues"] == []


def test_tables_that_stand_in_memory_hold_them_back_too(tool: Tool) -> None:
    """A first draft is of what was joined a moment ago, before any table of it is on the disk."""
    opened(tool, [*WAGES, *OUT])
    look = looked.at(open_for_reading(tool.case))
    held: dict[str, dict[str, Any]] = {}
    for stage, folder in (("decode", "ledger"), ("link", "link"), ("trace", "trace")):
        files = (tool.case / "derived" / folder).glob("*.parquet")
        held[stage] = {f.stem: derived.load(look, f"derived/{folder}/{f.stem}.parquet", stage) for f in files}
    look.held = {}
    for stage, tables in held.items():
        derived.hold(look, stage, tables)
    shutil.rmtree(tool.case / "derived")
    assert len(cues.held(look)) == len(HELD)
