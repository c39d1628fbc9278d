"""The list of forms that are read, made from what the sources say: `python tests/house/test_forms_read.py`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recover.plugins import registry
from recover.testing import exhibit

FILE = Path(__file__).parents[2] / "docs" / "examiner" / "forms.md"

HEAD = """# Forms that are read

Each file that `recover import` takes, and each server that can be asked, by the source that reads it. A file is
known by its content, whatever its name; where a form can only be told by its name, it says so. `recover plugins`
shows the same for what is installed. Other known forms are refused by name, with what to export instead. Files
that one writes oneself are described at the end.

| source | what it is | what is read | asked live | limits |
|---|---|---|---|---|
"""
WRITTEN = "\n## Files that are written by hand\n"


def text() -> str:
    """The table as the sources say it, and what stands below it as it is."""
    rows = []
    for name, source in sorted(registry.load().sources.items()):
        info = source.info
        cells = (f"`{name}`", info.title, info.media, ", ".join(info.asks) or "no", info.limits or "")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return HEAD + "\n".join(rows) + "\n" + WRITTEN + FILE.read_text("utf-8").partition(WRITTEN)[2]


def examples() -> list[str]:
    return re.findall(r"```csv\n(.+?)```", FILE.read_text("utf-8"), re.S)


def test_every_form_that_is_read_is_listed() -> None:
    assert FILE.read_text("utf-8") == text(), "run: python tests/house/test_forms_read.py"


@pytest.mark.parametrize("source", ["labels-csv", "transfers", "prices"])
def test_the_example_of_each_form_that_is_written_by_hand_is_read_whole(source: str) -> None:
    reader = registry.load().sources[source]
    found = [each for each in examples() if reader.recognises("x.csv", each.encode())]
    assert len(found) == 1
    lines = [line for line in found[0].splitlines() if not line.startswith("#")]
    tables = [batch.tables() for batch in reader.decode(exhibit("x.csv", found[0].encode()))]
    kinds = {"labels-csv": "assertions", "transfers": "transactions", "prices": "prices"}
    assert sum(len(each[kinds[source]]) for each in tables if kinds[source] in each) >= len(lines) - 1


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8", newline="\n")
