"""Collecting while the money moves: `recover now` at a server with a latency and a limit, beside the least time.

    python benchmarks/collect.py [--fan] [--beside]

The server is a double of TronGrid on loopback (tests/live/grid.py): 8 hops to 400 wallets, 200 ms an answer, 50
requests a second and 429 above that. The least time that a program could need is the larger of hops x latency and
requests / limit. Processor time is that of `recover now` alone. `--fan`: one hop into 1,169 wallets, with a wallet
of 300,000 transfers among them. `--beside`: crypttrace (PyPI), installed into a folder of its own, on the same
server.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LATENCY, RATE, HOPS = 200, 50, 8

BESIDE = """
import sys, time
from crypttrace.fetchers import http, tron
from crypttrace import config, assets, trace, prices
config.CACHE_DB = sys.argv[3]
tron.BASE = sys.argv[1]
http.MIN_INTERVAL["127.0.0.1"] = 1 / 50
prices.price = lambda *a, **k: None
began = time.monotonic()
trace.build_tree(sys.argv[2], "tron", 9, 400, assets.resolve_asset("USDT", "tron"))
print(time.monotonic() - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fan", action="store_true")
    parser.add_argument("--beside", action="store_true")
    chosen = parser.parse_args()
    grid = double()
    with tempfile.TemporaryDirectory(prefix="recover-bench-") as spot:
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; {speed()}")
        report("8 hops, 400 wallets", *followed(grid, Path(spot) / "tree", "tree"), HOPS)
        if chosen.fan:
            report("1,169 wallets beside 300,000 transfers", *followed(grid, Path(spot) / "fan", "fan"), 2)
        if chosen.beside:
            beside(grid, Path(spot))


def speed() -> str:
    """How quick a processor is at this moment: on a machine that others use a second of its time holds less."""
    began, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number
    return f"5 million additions take {time.process_time() - began:.2f} s of processor time"


def double() -> Any:
    """The module of the server, which is no part of a package that is installed."""
    found = importlib.util.spec_from_file_location("grid", ROOT / "tests" / "live" / "grid.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["grid"] = module
    found.loader.exec_module(module)
    return module


def followed(grid: Any, where: Path, name: str) -> tuple[list[dict[str, Any]], dict[str, int], float]:
    """The events of one `recover now`, each with when it came; what the server counted; processor time."""
    where.mkdir()
    world = grid.WORLDS[name]()
    (where / "labels.csv").write_text(grid.labels(world))
    env = {**os.environ, "RECOVER_CONFIG": str(where / "recover.toml")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that is installed has its byte code
    with grid.serving(name, latency=LATENCY, rate=RATE) as url:
        (where / "recover.toml").write_text(
            '[defaults]\nexaminer = "N"\nagency = "A"\nrule = "fifo"\n'
            f'[sources.trongrid-trc20]\nendpoint = "{url}"\nper_second = {RATE}\n'
        )
        words = ["--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo"]
        run(env, "open", str(where / "case"), *words, "--source", f"trongrid-trc20={url}")
        run(env, "import", str(where / "case"), str(where / "labels.csv"))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        command = program("now", str(where / "case"), f"tron:{world.start}", "--json")
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            events = [
                {**json.loads(line), "after": time.monotonic() - began, "spent": spent(process.pid)}
                for line in process.stdout
            ]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        with urllib.request.urlopen(f"{url}/stats") as answer:
            served = json.load(answer)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return events, served, used


def spent(pid: int) -> float:
    """Processor seconds of a process so far, which others on the machine hardly change; 0 where nobody tells."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def program(*words: str) -> list[str]:
    return [sys.executable, "-c", "from recover_forensics import run; run()", *words]


def run(env: dict[str, str], *words: str) -> None:
    subprocess.run(program(*words), env=env, check=True, capture_output=True)


def report(name: str, events: list[dict[str, Any]], served: dict[str, int], used: float, hops: int) -> None:
    least = max(hops * LATENCY / 1000, served["served"] / RATE)
    took = served["took_ms"] / 1000
    papers = [event for event in events if event["event"] == "papers"]
    ramps = [event for event in events if event["event"] == "off-ramp"]
    print(f"{name}:")
    print(
        f"  requests answered {served['served']}, refused {served['refused']}, connections {served['connections']}"
    )
    print(f"  first request to last answer {took:.1f} s; the least is {least:.1f} s: {took / least:.2f} times")
    for what, found in (("off-ramp", ramps), ("draft", papers)):
        if found:
            after, cost = found[0]["after"], found[0]["spent"]
            print(f"  first {what} after {after:.1f} s, with {cost:.1f} s of processor time so far")
    print(f"  all after {events[-1]['after']:.1f} s, {used:.1f} s of processor time; {events[-1]['said']}")


def beside(grid: Any, spot: Path) -> None:
    folder = spot / "beside"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "crypttrace==0.29.0"], check=True)
    world = grid.WORLDS["tree"]()
    with grid.serving("tree", latency=LATENCY, rate=RATE) as url:
        script = [python, "-c", BESIDE, url, world.start, str(spot / "cache.sqlite")]
        done = subprocess.run(script, capture_output=True, text=True, check=False, timeout=1200)
        with urllib.request.urlopen(f"{url}/stats") as answer:
            served = json.load(answer)
    print("crypttrace 0.29.0 on the same tree (trace alone: no exhibit is stored, no paper is written):")
    print(f"  requests answered {served['served']}, refused {served['refused']}; {served['took_ms'] / 1000:.1f} s")
    if done.returncode:
        print(f"  it ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")


if __name__ == "__main__":
    main()
