"""Show every source inputs that are nearly right, for as long as it is told, and report what it did not expect.

    python tests/fuzz/run.py --minutes 120            # all sources in turn; a report at the end
    python tests/fuzz/run.py --minutes 1 --source ofac --seed 7

A source may refuse an input with an Error of its own. Counted as faults are any other exception, more than 5
seconds of the processor for one input (the large ones have 50 MB) or 60 of the clock, and more memory than the
bound. Each fault is kept once by source, exception and place, with the smallest input that showed it, in `.fuzz/`,
with the report, as soon as it is found. Ends with 1 when there is any.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import multiprocessing
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))
mutated = importlib.import_module("mutate").mutated  # an installed package may be called `tests` as well

SECONDS = 5
"""Of the processor: what else the machine does at the same time is no fault of a source."""
CLOCK = 60
"""Of the clock, for what waits instead of working."""
RIGHT = 60
"""Seconds for 50 MB of an example again and again: most of it is as it should be, and is read."""
LARGE = 50 * 10**6
MEMORY = 6 * 2**30
SLICE = 20
"""Seconds in which one source has its turn."""


@dataclass(slots=True)
class Found:
    """What the inputs of one source came to."""

    inputs: int = 0
    refused: int = 0
    slowest: float = 0
    worked: float = 0
    faults: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def add(self, other: Found) -> None:
        self.inputs += other.inputs
        self.refused += other.refused
        self.slowest = max(self.slowest, other.slowest)
        self.worked += other.worked
        for place, (said, data) in other.faults.items():
            kept = self.faults.get(place)
            if kept is None or len(data) < len(kept[1]):
                self.faults[place] = (said, data)


class Slow(BaseException):
    """The time for one input is up. No source can mistake it for an error of its own."""


def kits() -> dict[str, list[Any]]:
    """By source, the examples of its conformance tests: (source, exhibits) as the members' own tests have them."""
    from recover.testing import SourceKit

    for file in sorted([*ROOT.glob("chains/*/tests/test_*.py"), *ROOT.glob("plugins/*/tests/test_*.py")]):
        if "SourceKit" not in file.read_text("utf-8"):
            continue
        name = f"fuzzed_{file.parts[-3]}_{file.stem}".replace("-", "_")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        sys.path.insert(0, str(file.parent))
        spec.loader.exec_module(module)
    found: dict[str, list[Any]] = {}
    left = [SourceKit]
    while left:
        kit = left.pop()
        left += kit.__subclasses__()
        source, examples = getattr(kit, "source", None), getattr(kit, "examples", ())
        if source is not None and examples:
            found.setdefault(source.info.id, [source]).extend(examples)
    return dict(sorted(found.items()))


def large(example: bytes) -> Iterator[tuple[str, bytes]]:
    """50 MB of what readers stumble over, bare and after the beginning of an example that is right."""
    head = example[: example.find(b"\n") + 1] or example[:200]
    for name, unit in (
        *(("commas", b","), ("quotes", b'"'), ("brackets", b"["), ("braces", b'{"a":'), ("digits", b"9")),
        *(("line ends", b"\n"), ("nothing", b"\0"), ("spaces", b" "), ("high bytes", b"\xff"), ("cells", b"a,\n")),
        *(("aliases", b"- &a [*a]\n"), ("hex", b"00"), ("lines", b"x\n")),
    ):
        yield name, unit * (LARGE // len(unit))
        yield f"{name} after a beginning", head + unit * (LARGE // len(unit))
    if example:
        yield "the example again and again", example * (LARGE // len(example) + 1)


def tried(source: Any, shown: Any, data: bytes, found: Found, label: str = "") -> None:
    """One input to the recogniser and the decoder of a source."""
    from dataclasses import replace

    from recover.sdk import Error

    digest = hashlib.sha256(data).hexdigest()
    given = replace(shown, data=data, digest=digest)
    began = time.process_time()
    # What is right takes its time; what is not must be refused soon.
    bound = RIGHT if label.startswith("the example") else SECONDS
    signal.setitimer(signal.ITIMER_PROF, bound)
    signal.setitimer(signal.ITIMER_REAL, max(CLOCK, 4 * bound))
    found.inputs += 1
    try:
        source.recognises(given.name, data[:65_536])
        for batch in source.decode(given):
            batch.tables()
    except Error:
        found.refused += 1
    except Slow:
        _fault(found, f"slow {label}".strip(), f"not done after {bound} s", data)
    except MemoryError:
        _fault(found, f"memory {label}".strip(), "more memory than the bound", data)
    except Exception as error:
        trace = error.__traceback__
        place = ""
        while trace is not None:
            code = trace.tb_frame.f_code
            if "recover" in code.co_filename:
                place = f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}"
            trace = trace.tb_next
        _fault(found, f"{type(error).__name__} at {place}", str(error)[:200], data)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    found.slowest = max(found.slowest, time.process_time() - began)


def _fault(found: Found, place: str, said: str, data: bytes) -> None:
    one = Found(faults={place: (said, data)})
    found.add(one)


def _alarm(number: int, frame: Any) -> None:
    raise Slow


def turn(name: str, seed: int, seconds: float, with_large: bool, queue: Any) -> None:
    """One source's turn, in a process of its own: what it takes down is only itself."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _alarm)
    signal.signal(signal.SIGPROF, _alarm)
    source, *examples = kits()[name]
    found, rng = Found(), random.Random(f"{seed} {name}")
    if with_large:
        for label, data in large(examples[0].data):
            tried(source, examples[0], data, found, label)
    seeds = [example.data for example in examples if example.data]
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        shown = rng.choice(examples)
        tried(source, shown, mutated(rng, seeds), found)
    found.worked = time.process_time()
    queue.put(found)


def rounds(names: Sequence[str], minutes: float, seed: int) -> dict[str, Found]:
    """All sources in turn until the time is up; each has 50 MB inputs in its first turn."""
    total = {name: Found() for name in names}
    began, number = time.monotonic(), 0
    ends = began + minutes * 60
    share = min(SLICE, minutes * 60 / max(1, len(names)))
    while number == 0 or time.monotonic() < ends:
        for name in names:
            if number and time.monotonic() >= ends:
                break
            total[name].add(_one(name, seed + number, share, number == 0))
            sys.stderr.write(f"{name}: {total[name].inputs} inputs, {sorted(total[name].faults)}\n")
            report(total, (time.monotonic() - began) / 60, seed)
        number += 1
    return total


def _one(name: str, seed: int, seconds: float, with_large: bool) -> Found:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=turn, args=(name, seed, seconds, with_large, queue))
    child.start()
    ends = time.monotonic() + 4 * (seconds + (SECONDS + 2) * 40 * with_large + 120)
    said = "beyond all bounds: it hangs in native code"
    while time.monotonic() < ends:
        try:
            found: Found = queue.get(timeout=1)
        except Empty:
            if child.is_alive():
                continue
            said = f"the process ended with {child.exitcode}"
            break
        child.join(10)
        return found
    child.kill()
    child.join(10)
    return Found(faults={"process": (said, b"")})


def report(total: dict[str, Found], spent: float, seed: int) -> str:
    """What came of it so far, in `.fuzz/report.txt`, with an input for each fault beside it."""
    folder = ROOT / ".fuzz"
    folder.mkdir(exist_ok=True)
    lines = []
    for name, found in total.items():
        lines.append(
            f"{name:28} {found.inputs:8} inputs  {found.refused:8} refused  slowest {found.slowest:5.1f} s"
        )
        for place, (said, data) in sorted(found.faults.items()):
            digest = hashlib.sha256(data).hexdigest()[:12]
            (folder / f"{name}-{digest}").write_bytes(data[: 1 << 22])
            lines.append(f"    FAULT {place}: {said!r} ({len(data)} bytes, .fuzz/{name}-{digest})")
    faults = sum(len(found.faults) for found in total.values())
    inputs = sum(found.inputs for found in total.values())
    worked = sum(found.worked for found in total.values()) / 60
    lines.append(
        f"{len(total)} sources, {inputs} inputs, {faults} faults, {worked:.1f} minutes of the processor, "
        f"{spent:.1f} of the clock, seed {seed}"
    )
    text = "\n".join(lines) + "\n"
    (folder / "report.txt").write_text(text, "utf-8")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--source", action="append", default=[])
    chosen = parser.parse_args()
    names = chosen.source or list(kits())
    began = time.monotonic()
    total = rounds(names, chosen.minutes, chosen.seed)
    sys.stdout.write(report(total, (time.monotonic() - began) / 60, chosen.seed))
    return 1 if any(found.faults for found in total.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
