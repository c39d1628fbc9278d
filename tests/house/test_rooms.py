"""The rooms of the core: which may import which, how large they are, and names that mean one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pytest

Trees = dict[str, ast.Module]

TWINS = {
    "asks": "the table that `collect --asks` prints of what trails leave open",
    "compare": "the command of the stage",
    "explain": "the screen of the arithmetic that trails work out",
    "imports": "the command that stores files, and the capture behind it",
    "open": "the command of the stage",
    "ranges": "the screen of the ranges that findings work out",
    "upgrade": "the command of the stage",
    "verify": "the command of the stage",
    "view": "the shape that the contract publishes, and the room that fills it",
}
"""Names that modules of two rooms share, with the reason why they are one idea."""

LONGEST = 80  # lines of a stage: a verb reads, calls and notes; what it does lives in a room of its own
LARGEST = 17  # percent of the core's lines that one room may have


def picture(root: Path) -> dict[str, int]:
    """Room -> floor, as drawn in the architecture."""
    text = (root / "docs/design/architecture.md").read_text("utf-8")
    floors = re.findall(r"^floor (\d+) +(.+)$", text, re.MULTILINE)
    return {room: int(floor) for floor, rooms in floors for room in rooms.split()}


def room(name: str) -> str:
    """The room of a file of the core; empty for the package itself."""
    parts = PurePosixPath(name).parts[2:]
    return parts[0] if len(parts) > 1 else ""


def imported(tree: ast.Module) -> set[tuple[int, str]]:
    """(line, room) of everything of the core that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "recover":
                names = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
                found |= {(node.lineno, one) for one in names}
        elif isinstance(node, ast.Import):
            found |= {(node.lineno, a.name.split(".")[1]) for a in node.names if a.name.startswith("recover.")}
    return found


def test_the_picture_shows_every_room(core: Trees, root: Path) -> None:
    assert set(picture(root)) == {room(name) for name in core} - {""}


def test_a_room_imports_only_from_floors_below(core: Trees, root: Path) -> None:
    floors = picture(root)
    found = [
        f"{name}:{line} imports {other} (floor {floors[other]}) from {room(name)} (floor {floors[room(name)]})"
        for name, tree in core.items()
        for line, other in sorted(imported(tree))
        if other in floors and other != room(name) and floors[other] >= floors[room(name)]
    ]
    assert not found, "\n".join(["", *found])


def test_the_table_describes_every_room(root: Path) -> None:
    text = (root / "docs/design/architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert [name for name, *_ in rows if name in picture(root)] == sorted(
        picture(root), key=[name for name, *_ in rows].index
    )
    core = root / "src/recover"
    for name, _, where in rows:
        for file in re.findall(r"`(\w+\.py)`", where):
            assert (core / name / file).is_file(), f"{name}: {file} is not there"


def test_two_rooms_share_no_name_unless_it_is_one_idea(core: Trees) -> None:
    rooms = defaultdict(set)
    for name in core:
        stem = PurePosixPath(name).stem
        if stem != "__init__":
            rooms[stem].add(str(PurePosixPath(name).parent))
    shared = {stem: sorted(where) for stem, where in rooms.items() if len(where) > 1}
    assert set(shared) == set(TWINS), f"{shared}\nlisted: {sorted(TWINS)}"


def test_stages_are_thin(core: Trees, root: Path) -> None:
    long = {
        name: lines
        for name in core
        if room(name) == "stages" and (lines := len((root / name).read_text("utf-8").splitlines())) >= LONGEST
    }
    assert not long, f"a stage has {LONGEST} lines or more: {long}"


def test_no_room_is_half_the_house(core: Trees, root: Path) -> None:
    lines: dict[str, int] = defaultdict(int)
    for name in core:
        lines[room(name)] += len((root / name).read_text("utf-8").splitlines())
    total = sum(lines.values())
    large = {name: f"{100 * n / total:.1f} %" for name, n in lines.items() if 100 * n > LARGEST * total}
    assert not large, f"larger than {LARGEST} % of the core: {large}"


@pytest.mark.parametrize(
    ("text", "rooms"),
    [
        ("from recover.case import Case", {"case"}),
        ("from recover import case", {"case"}),
        ("import recover.case.warc", {"case"}),
        ("def f():\n    from recover.stages import run", {"stages"}),
        ("from pathlib import Path", set()),
    ],
)
def test_every_way_to_import_is_seen(text: str, rooms: set[str]) -> None:
    assert {other for _, other in imported(ast.parse(text))} == rooms
