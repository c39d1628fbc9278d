"""The tree as a whole: one version, one licence, nothing of the machine it was written on, no file too long."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from tests.house.conftest import OUTSIDE

import recover

LONGEST = 400
# Written in pieces, so that this file does not name what it looks for.
MACHINE = re.compile(
    "|".join(("/" + "work/", "/" + "home/[a-z]", "/" + "root/", "/" + "Users/[A-Za-z]", "file:" + "///"))
)
REGISTRY = re.compile(
    "|".join(("pypi" + r"\.org", "python" + "hosted", "registry\\." + "npm", "deb" + r"\.debian"))
)
LICENCES = re.compile(
    r"Apache-2\.0|MIT|ISC|CC0-1\.0|CC-BY-4\.0|BSD-[23]-Clause|public domain|facts of the chain", re.IGNORECASE
)

APART = {"wallet-discovery": "AGPL-3.0-or-later"}
"""Members under another licence: not in the extra `standard`, so that nobody gets them without naming them."""


def project(path: Path) -> dict[str, object]:
    table: dict[str, object] = tomllib.loads(path.read_text("utf-8"))["project"]
    return table


def pyprojects(root: Path) -> list[Path]:
    return [
        root / "pyproject.toml",
        *sorted(root.glob("chains/*/pyproject.toml")),
        *sorted(root.glob("plugins/*/pyproject.toml")),
    ]


def test_versions_are_equal(root: Path) -> None:
    versions = {path.parent.name: project(path)["version"] for path in pyprojects(root)}
    assert {name: v for name, v in versions.items() if v != recover.__version__} == {}


def test_members_depend_on_this_very_version(root: Path) -> None:
    wanted = f"recover-forensics=={recover.__version__}"
    missing = [
        path.parent.name for path in pyprojects(root)[1:] if wanted not in _list(project(path)["dependencies"])
    ]
    assert not missing, "\n".join(["", *missing])


def test_the_standard_extra_names_every_member(root: Path) -> None:
    extras = project(root / "pyproject.toml")["optional-dependencies"]
    assert isinstance(extras, dict)
    paths = [path for path in pyprojects(root)[1:] if path.parent.name not in APART]
    members = {f"{project(path)['name']}=={recover.__version__}" for path in paths}
    assert set(extras["standard"]) == members


def test_members_under_another_licence_say_so_in_every_file(root: Path) -> None:
    for name, licence in APART.items():
        member = root / "plugins" / name
        assert licence in (member / "README.md").read_text("utf-8")
        silent = [
            file.name
            for file in sorted(member.glob("src/*/*.py"))
            if f"SPDX-License-Identifier: {licence}" not in file.read_text("utf-8")
        ]
        assert silent == []


def test_members_are_whole(root: Path) -> None:
    faults = []
    for path in pyprojects(root)[1:]:
        table, member = project(path), path.parent
        packages = [init.parent for init in (member / "src").glob("*/__init__.py")]
        faults += [f"{member.name}: {p.name} has no py.typed" for p in packages if not (p / "py.typed").exists()]
        points = table.get("entry-points")
        known = points.get("recover") if isinstance(points, dict) else None
        faults += [] if known else [f"{member.name}: no entry point in the group recover"]
        licence = APART.get(member.name, "Apache-2.0")
        faults += [] if table.get("license") == licence else [f"{member.name}: another licence than {licence}"]
        faults += [] if any(member.glob("tests/test_*.py")) else [f"{member.name}: no tests of its own"]
    assert not faults, "\n".join(["", *faults])


def test_nothing_tells_of_the_machine(root: Path, files: tuple[str, ...]) -> None:
    found = []
    for name in files:
        text = (root / name).read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if match := MACHINE.search(line) or REGISTRY.search(line):
                found.append(f"{name}:{number} {match[0]!r}")
    assert not found, "\n".join(["", *found])


def test_the_lock_covers_what_is_declared(root: Path) -> None:
    locked = re.findall(r"^([a-z0-9-]+)==", (root / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    declared = {text for path in pyprojects(root) for text in _list(project(path)["dependencies"])}
    declared |= set(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["dev"])
    names = {re.split(r"[^A-Za-z0-9_.-]", text)[0].lower() for text in declared}
    assert sorted(n for n in names if not n.startswith("recover-") and n not in locked) == [], "run: make lock"


def test_no_file_is_too_long(everything: dict[str, ast.Module], root: Path) -> None:
    lengths = {name: len((root / name).read_text("utf-8").splitlines()) for name in everything if name != OUTSIDE}
    assert {name: count for name, count in lengths.items() if count > LONGEST} == {}


def test_every_case_file_states_its_licence(root: Path, files: tuple[str, ...]) -> None:
    """Each file of an example is named, with its licence on the same line, in the example's README.md."""
    unlicensed = []
    for name in files:
        parts = Path(name).parts
        if parts[0] != "casefiles" or len(parts) < 3 or parts[2:] == ("README.md",):
            continue
        readme = root / parts[0] / parts[1] / "README.md"
        lines = readme.read_text("utf-8").splitlines() if readme.exists() else []
        inside = "/".join(parts[2:])
        if not any(inside in line and LICENCES.search(line) for line in lines):
            unlicensed.append(name)
    assert not unlicensed, "\n".join(["", *unlicensed])


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value
