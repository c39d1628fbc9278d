"""Decoding in a fresh process: another hash seed, another time zone, an empty folder, other exhibits before it.

`main` is that process: a pickled `Task` is read from its folder, what decoding gave is put there.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from recover.sdk import Error, Exhibit, Source

Tables = list[dict[str, list[dict[str, Any]]]]

WAYS = (
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Bangkok"},
    {"PYTHONHASHSEED": "2", "TZ": "America/New_York"},
)
"""Two surroundings that differ in all that decoding must not depend on; the second takes the examples backward."""


_TASK, _GIVEN = "task.pickle", "given.pickle"


@dataclass(frozen=True, slots=True)
class Task:
    """`modules` are (name, file) of what stands in no installed package; `kit` is where the source is found."""

    modules: tuple[tuple[str, str], ...]
    source: bytes
    kit: str
    examples: tuple[Exhibit, ...]
    backward: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What decoding one example gave, in the order of the batches, and what it reached for."""

    tables: Tables
    error: str
    reached: tuple[str, ...]


def answers(kit: type, source: Source, examples: Sequence[Exhibit]) -> list[list[Answer]]:
    """What each way gave, example by example. Raises AssertionError where a process could not be had."""
    try:
        pickled = pickle.dumps(source)
    except (pickle.PicklingError, AttributeError, TypeError):
        pickled = b""  # made again from the kit's own module
    modules = (_module(type(source)),) if pickled else (_module(type(source)), _module(kit))
    named = f"{kit.__module__}:{kit.__qualname__}"
    with tempfile.TemporaryDirectory(prefix="recover-alone-") as spot:
        folders = [Path(spot) / str(at) for at in range(len(WAYS))]
        for at, folder in enumerate(folders):
            folder.mkdir()
            task = Task(modules, pickled, named, tuple(examples), bool(at))
            (folder / _TASK).write_bytes(pickle.dumps(task))
        # Both at once: they are the slowest test of the kit.
        running = [_start(folder, way) for folder, way in zip(folders, WAYS, strict=True)]
        told = [process.communicate()[1] for process in running]
        for process, text in zip(running, told, strict=True):
            assert process.returncode == 0, (
                f"the source cannot be used in a process of its own:\n{text.decode(errors='replace')[-2000:]}"
            )
        return [pickle.loads((folder / _GIVEN).read_bytes()) for folder in folders]


def _start(folder: Path, way: dict[str, str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **way, "HOME": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", "from recover.testing import alone; alone.main()"]
    # Whatever a plugin prints is no answer: that stands in a file.
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE
    )


def _module(each: type) -> tuple[str, str]:
    return each.__module__, getattr(sys.modules.get(each.__module__), "__file__", None) or ""


def tables(source: Source, example: Exhibit) -> Tables:
    """Every row of every batch, in the order in which they come."""
    return [{name: t.to_pylist() for name, t in b.tables().items()} for b in source.decode(example)]


def main() -> None:
    """The fresh process itself."""
    from recover.testing.guards import watched

    here = Path.cwd()
    task: Task = pickle.loads((here / _TASK).read_bytes())
    source = _source(task)
    own = _own(type(source).__module__)
    found: list[Answer] = []
    for example in reversed(task.examples) if task.backward else task.examples:
        error, batches = "", []
        with watched(*own) as seen:
            try:
                batches = list(source.decode(example))
            except Error as raised:
                error = str(raised)
        made = [{name: t.to_pylist() for name, t in b.tables().items()} for b in batches]
        found.append(Answer(made, error, tuple(dict.fromkeys(seen))))
    (here / _GIVEN).write_bytes(pickle.dumps(found[::-1] if task.backward else found))


def _source(task: Task) -> Source:
    for name, file in task.modules:
        _load(name, file)
    if task.source:
        made: Source = pickle.loads(task.source)
        return made
    module, _, name = task.kit.partition(":")
    held: Source = getattr(sys.modules[module], name).source
    return held


def _load(name: str, file: str) -> None:
    """A module that is no part of an installed package, such as a test's, under the name it had there."""
    parts, path = name.split("."), Path(file)
    if tuple(parts) == path.with_suffix("").parts[-len(parts) :]:
        # pytest names a test by its folders, and makes packages of them: so one may import another.
        for depth in range(1, len(parts)):
            package = ModuleType(".".join(parts[:depth]))
            package.__path__ = [str(path.parents[len(parts) - 1 - depth])]
            sys.modules.setdefault(package.__name__, package)
    try:
        importlib.import_module(name)
    except ImportError:
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])


def _own(module: str) -> tuple[Path, ...]:
    """The folder of the source's package: its data are part of its version."""
    top = sys.modules.get(module.split(".")[0])
    file = getattr(top, "__file__", None)
    return (Path(file).parent.resolve(),) if file and Path(file).name == "__init__.py" else ()
