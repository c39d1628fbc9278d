"""Edits in any order: what a partial run leaves is what a full run makes, also where it was killed on the way.

`make edits` tries a thousand; here a few, with another seed for each of them when RECOVER_EDITS says more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from recover.case import Case, derived, elsewhere, folder, settings
from recover.case.folder import open_for_writing
from recover.declared import losses
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.stages import collect, run
from recover.trails import recalled

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "casefiles" / "tron-seizure-orders-example"
EDITS = int(os.environ.get("RECOVER_EDITS", "8"))
KILLS = int(os.environ.get("RECOVER_EDIT_KILLS", "2"))
USDT = "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
READS = {
    "decode": {"decode"},
    "link": {"decode", "link"},
    "trace": {"decode", "link", "trace"},
    "find": {"decode", "link", "trace", "find"},
}
"""What each stage declares: the tables of these stages, and no others."""


def quiet(*_: object) -> None: ...


class Editor:
    """Random edits of one case, each of which `run` has to take up."""

    def __init__(self, path: Path, dice: random.Random, plugins: Plugins) -> None:
        self.path, self.dice, self.plugins, self.count = path, dice, plugins, 0
        lines = (EXAMPLE / "transfers.csv").read_text().splitlines()
        body = next(n for n, line in enumerate(lines) if not line.startswith("#"))
        self.head, self.rows = lines[: body + 1], lines[body + 1 :]
        self.wallets: list[str] = []  # whose movements the case shows
        self.known = sorted({row.split(",")[5] for row in self.rows[:400]})

    def edit(self, case: Case) -> str:
        self.count += 1
        chosen = self.dice.choice([self.exhibit, self.exhibit, self.label, self.loss, self.drop, self.policy])
        chosen(case)
        return chosen.__name__

    def exhibit(self, case: Case) -> None:
        # Rows overlap with those of other exhibits, so that some transactions are joined again.
        rows: list[str] = []
        for first in self.dice.sample(range(0, len(self.rows) - 60, 30), 3):
            rows += self.rows[first : first + self.dice.randrange(1, 60)]
        self.wallets = sorted({*self.wallets, *(row.split(",", 1)[0] for row in rows)})
        self._import(case, "late", [*self.head, *dict.fromkeys(rows)])

    def label(self, case: Case) -> None:
        head = ["#recover-labels 1", "#source: edits", "#grade: B", "#licence: CC0-1.0", "#url: https://x.invalid"]
        who, name = self.dice.choice(self.known), self.dice.choice(["One", "Two"])
        row = f"tron:0x2b6653dc,{who},{name},{self.count},hot-wallet,exchange"
        self._import(case, "labels", [*head, "chain,address,service,label,role,category", row])

    def loss(self, case: Case) -> None:
        taken = {one.address for one in case.settings.losses}
        free = [wallet for wallet in self.wallets if wallet not in taken]
        if free:
            losses.declare(case, self.plugins, address=self.dice.choice(free), assets=[USDT])

    def drop(self, case: Case) -> None:
        if len(case.settings.losses) > 1:
            losses.drop(case, self.dice.choice(case.settings.losses).id)

    def policy(self, case: Case) -> None:
        least = self.dice.choice([grade for grade in "BCD" if grade != case.settings.least])
        case.save(
            settings.parse(
                settings.text(case.settings).replace(f'least = "{case.settings.least}"', f'least = "{least}"')
            )
        )

    def _import(self, case: Case, name: str, lines: list[str]) -> None:
        file = self.path.parent / f"{name}-{self.count}.csv"
        file.write_text("\n".join(lines) + "\n")
        collect.files(case, self.plugins, [file], (), quiet)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return registry.load()


def begun(path: Path, dice: random.Random, plugins: Plugins) -> Editor:
    chosen = settings.Settings(title="Edits", examiner="N", agency="A", rule="fifo", opened=folder.clock())
    folder.create(path, chosen)
    editor = Editor(path, dice, plugins)
    with open_for_writing(path, "test") as case:
        editor.exhibit(case)
        editor.loss(case)
    return editor


def made(case: Case) -> list[tuple[str, str]]:
    """Each table with the digest of its rows."""
    return sorted(
        (name, digest) for stage in derived.FOLDERS for name, digest in derived.made(case, stage).items()
    )


def full(case: Case, spot: Path, plugins: Plugins) -> list[tuple[str, str]]:
    """What a run makes that has nothing to go by but what is kept."""
    spot.mkdir()
    again = elsewhere(case, spot)
    run.everything(again, plugins, quiet, "find")
    return made(again)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where a stage reads the tables of one that it does not declare."""
    now: list[str] = []
    load = derived.load
    made_by = {name: stage for stage, name in derived.FOLDERS.items()}

    def loaded(case: Case, path: Path | str, stage: str, columns: list[str] | None = None) -> pa.Table:
        place = Path(path)
        if now and place.parent.name in made_by:
            assert made_by[place.parent.name] in READS[now[-1]], (
                f"{now[-1]} reads {place.parent.name}/{place.name}"
            )
        return load(case, path, stage, columns)

    def wrapped(stage: str, real: object) -> object:
        def step(*given: object) -> object:
            now.append(stage)
            try:
                return real(*given)  # type: ignore[operator]
            finally:
                now.pop()

        return step

    monkeypatch.setattr(derived, "load", loaded)
    steps = {name: wrapped(name, step) if name in READS else step for name, step in run.STAGE.items()}
    monkeypatch.setattr(run, "STAGE", steps)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of few movements are recalled too, or none would be in cases of this size."""
    monkeypatch.setattr(recalled, "LEAST", 5)


def passes(case: Case) -> set[str]:
    """What the last trace noted of its parts, by the digests of what they were given."""
    return {*derived.load(case, "derived/trace/passes.parquet", "trace")["key"].to_pylist()}


@pytest.mark.usefixtures("watched", "small")
@pytest.mark.parametrize("seed", range(max(1, EDITS // 8)))
def test_a_partial_run_comes_to_what_a_full_run_makes(seed: int, tmp_path: Path, plugins: Plugins) -> None:
    editor = begun(tmp_path / "case", random.Random(seed), plugins)
    skipped, again, noted = 0, 0, set[str]()
    for number in range(min(EDITS, 8)):
        with open_for_writing(editor.path, "test") as case:
            what = editor.edit(case)
            outcomes = run.everything(case, plugins, quiet, "find")
            skipped += sum(not outcome.done for outcome in outcomes)
            traced = any(outcome.stage == "trace" and outcome.done for outcome in outcomes)
            noted, before = passes(case), noted
            again += len(noted & before) if traced else 0
            assert made(case) == full(case, tmp_path / f"full{number}", plugins), f"edit {number}: {what}"
    assert skipped, "or nothing would be partial here"
    assert again, "parts that an edit left as they are were not followed again"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_in_a_partial_run_the_next_one_mends_it(seed: int, tmp_path: Path, plugins: Plugins) -> None:
    dice = random.Random(1000 + seed)
    editor = begun(tmp_path / "case", dice, plugins)
    start = "from recover_forensics import run; from recover.trails import recalled; recalled.LEAST = 5; run()"
    words = [sys.executable, "-c", start, "run", str(editor.path)]
    words += ["--until", "find"]
    began = time.monotonic()
    subprocess.run(words, check=False, capture_output=True)
    takes = time.monotonic() - began
    for _ in range(2):
        with open_for_writing(editor.path, "test") as case:
            editor.edit(case)
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.2, 1) * takes)
        child.send_signal(signal.SIGKILL)
        child.wait()
    with open_for_writing(editor.path, "test") as case:
        run.everything(case, plugins, quiet, "find")
        assert made(case) == full(case, tmp_path / "full", plugins)
