"""A command that tells as it goes, run as a process of its own, and what it told."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PATIENCE = 90
"""Seconds that a test waits for an event: far more than it takes, on a machine that does much else."""


class Told:
    """A running `recover`, and what it tells."""

    def __init__(self, where: Path, *args: str, **secrets: str) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith("RECOVER_")}
        env |= {"RECOVER_CONFIG": str(where / "recover.toml")}
        env |= {f"RECOVER_{name.upper()}": value for name, value in secrets.items()}
        command = [sys.executable, "-c", "from recover_forensics import run; run()", *args, "--json"]
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.said = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with suppress(ValueError):  # another command's result stands over several lines
                self.events.put(json.loads(line))

    def until(self, kind: str) -> tuple[dict[str, Any], float]:
        """The next event of a kind, and when it came."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                event = self.events.get(timeout=1)
            except queue.Empty:
                continue
            assert "event" in event, event
            if event["event"] == kind:
                return event, time.monotonic()
        raise AssertionError(f"no {kind} in {PATIENCE} s: {self.stop()}")

    def all(self, seconds: float) -> tuple[list[dict[str, Any]], str]:
        """Everything that it tells until it ends by itself, and its standard error."""
        self.process.wait(seconds)
        said = self.stop()
        found = []
        while True:
            try:
                found.append(self.events.get(timeout=0.5))
            except queue.Empty:
                return [event for event in found if isinstance(event, dict) and "event" in event], said

    def stop(self) -> str:
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stderr is not None
        assert self.process.stdout is not None
        if not self.process.stderr.closed:
            self.said = self.process.stderr.read()[-2000:]
            self.process.stderr.close()
            self.reader.join(20)
            self.process.stdout.close()
        return self.said


@contextmanager
def running(where: Path, *args: str, **secrets: str) -> Iterator[Told]:
    told = Told(where, *args, **secrets)
    try:
        yield told
    finally:
        told.stop()


def configured(where: Path, name: str, endpoint: str) -> None:
    (where / "recover.toml").write_text(
        f'[defaults]\nexaminer = "N"\nagency = "A"\nrule = "fifo"\n[sources.{name}]\nendpoint = "{endpoint}"\n'
    )
