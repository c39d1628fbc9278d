"""The demo: a recipe is followed to the letter, continued where it stopped, and never mixed with another case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import recover_chain_toy

from recover.cli import main as program
from recover.cli import recipe
from recover.plugins import registry
from recover.sdk import Error
from recover.stages import run

RECIPE = """
title = "Toy wallets"
examiner = "Demonstration"
agency = "Demonstration"
rule = "fifo"

[[import]]
file = "p.txt"
source = "toy-payments"

[[loss]]
address = "toy-bob"
label = "wallet named in order 1"
assets = ["toy:1/slip44:1"]

[[loss]]
tx = "3"
amount = "0.10"
assets = ["TOY"]

[[loss]]
address = "toy-zoe"
from = 2024-05-01
to = "2024-05-02"
"""
load = registry.load


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A shipped case of the toy chain, whose documents nobody writes."""
    made = tmp_path / "shipped"
    made.mkdir()
    (made / "demo.toml").write_text(RECIPE)
    (made / "p.txt").write_text(
        "# toy payments\n1 toy-ann toy-bob 250\n2 toy-bob toy-eve 100\n3 toy-ann toy-zoe 50\n"
    )
    monkeypatch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy]))
    monkeypatch.setattr(recipe, "find", lambda name="": recipe.read(made / "demo.toml"))
    stages = {name: stage for name, stage in run.STAGE.items() if name != "write"}
    monkeypatch.setattr(run, "STAGE", {**stages, "write": stages["find"]})
    monkeypatch.chdir(tmp_path)
    return made


def demo(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = program.main(["demo", "--out", "d", "--json"])
    return code, json.loads(capsys.readouterr().out)


def rows(what: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert program.main(["show", "d", what, "--json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_a_recipe_is_followed_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, first = demo(capsys)
    assert code == 5
    assert [(x["address"], x["tx"], x["amount"]) for x in rows("losses", capsys)] == [
        ("toy-bob", None, None),
        (None, "3", "10"),
        ("toy-zoe", None, None),
    ]
    assert rows("losses", capsys)[2]["until"] == "2024-05-02T23:59:59.999999+00:00"
    assert [(x["name"], x["sources"]) for x in rows("exhibits", capsys)] == [("p.txt", ["toy-payments"])]
    code, second = demo(capsys)
    assert code == 5
    assert first["head"] == second["head"]
    assert not any(stage["done"] for stage in second["stages"])  # type: ignore[attr-defined]
    assert len(rows("losses", capsys)) == 3


def test_a_demo_that_was_cut_off_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened = ("--title", "Toy wallets", "--examiner", "Demonstration", "--agency", "Demonstration")
    assert program.main(["open", "d", *opened, "--rule", "fifo"]) == 0
    assert program.main(["import", "d", str(folder / "p.txt")]) == 0
    assert demo(capsys)[0] == 5
    assert len(rows("exhibits", capsys)) == 1
    assert len(rows("losses", capsys)) == 3


@pytest.mark.parametrize("change", ["title", "loss", "exhibit", "folder"])
def test_anything_else_in_the_folder_is_refused(
    change: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if change == "folder":
        Path("d").mkdir()
        Path("d/letter.txt").write_text("mine")
    else:
        demo(capsys)
    if change == "title":
        (folder / "demo.toml").write_text(RECIPE.replace("Toy wallets", "Others"))
    elif change == "loss":
        program.main(["loss", "d", "--address", "toy-eve"])
    elif change == "exhibit":
        Path("q.txt").write_text("# toy payments\n9 toy-ann toy-bob 1\n")
        program.main(["import", "d", "q.txt"])
    code, result = demo(capsys)
    assert code == 2
    assert result["error"]["code"] == ("case-exists" if change == "folder" else "demo-other")  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["title = ", 'title = "T"', RECIPE + "\ncolour = 1\n", RECIPE.replace("p.txt", "absent.txt")]
)
def test_a_broken_recipe_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("x")
    (tmp_path / "demo.toml").write_text(text)
    with pytest.raises(Error) as caught:
        recipe.read(tmp_path / "demo.toml")
    assert caught.value.code == "demo-recipe"


def test_an_unknown_case_names_the_shipped_ones() -> None:
    with pytest.raises(Error) as caught:
        recipe.find("nothing")
    assert "casefiles" in caught.value.why
