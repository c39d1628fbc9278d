"""The list of forms that are read, made from what the sources say: `python tests/house/test_forms_read.py`."""

from __future__ import annotations

from pathlib import Path

from recover.plugins import registry

FILE = Path(__file__).parents[2] / "docs" / "examiner" / "forms.md"

HEAD = """# Forms that are read

Each file that `recover import` takes, and each server that can be asked, by the source that reads it. A file is
known by its content, whatever its name; where a form can only be told by its name, it says so. `recover plugins`
shows the same for what is installed. Other known forms are refused by name, with what to export instead.

| source | what it is | what is read | asked live | limits |
|---|---|---|---|---|
"""


def text() -> str:
    rows = []
    for name, source in sorted(registry.load().sources.items()):
        info = source.info
        cells = (f"`{name}`", info.title, info.media, ", ".join(info.asks) or "no", info.limits or "")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return HEAD + "\n".join(rows) + "\n"


def test_every_form_that_is_read_is_listed() -> None:
    assert FILE.read_text("utf-8") == text(), "run: python tests/house/test_forms_read.py"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8", newline="\n")
