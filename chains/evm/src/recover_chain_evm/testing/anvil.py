"""A real EVM node for tests: anvil on loopback, on a port that the system picked, the same chain every time."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

START = 1_700_000_000
INTERVAL = 12
_LINES = 1000
_SECONDS = 60


class RpcFailed(Exception):
    """The node answered a staging call with an error: its `code`, and what it `said`."""

    def __init__(self, said: str, code: int = 0) -> None:
        super().__init__(said)
        self.said = said
        self.code = code


@dataclass(slots=True)
class Anvil:
    """A running node. `accounts` are unlocked, and the same on every start. It mines only when told to.

    `call` is for staging and for looking at the truth; what is under test asks through a recorder.
    """

    port: int
    pid: int
    accounts: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def call(self, method: str, *params: Any) -> Any:
        """The result of one call. Raises RpcFailed with the node's own words."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise RpcFailed(f"{method}: {answer['error']['message']}", answer["error"]["code"])
        return answer["result"]


def program() -> Path | None:
    """The anvil program: RECOVER_ANVIL, else .tools/anvil of the checkout, else the one on PATH; None if none."""
    named = os.environ.get("RECOVER_ANVIL")
    if named:
        return Path(named)
    for folder in Path(__file__).resolve().parents:
        found = folder / ".tools" / "anvil" / "bin" / "anvil"
        if found.exists():
            return found
    on_path = shutil.which("anvil")
    return None if on_path is None else Path(on_path)


@contextmanager
def node(*, chain: int = 1, accounts: int = 60, more: Sequence[str] = ()) -> Iterator[Anvil]:
    """A fresh node with chain id `chain`, stopped at the end by its own process id. Raises FileNotFoundError."""
    binary = program()
    if binary is None:
        raise FileNotFoundError("anvil is not here: run tools/anvil.sh, or name it in RECOVER_ANVIL")
    with TemporaryDirectory(prefix="anvil-") as folder:
        command = [str(binary), "--host", "127.0.0.1", "--port", "0", "--chain-id", str(chain)]
        command += ["--accounts", str(accounts), "--timestamp", str(START), "--steps-tracing", "--no-mining"]
        command += ["--cache-path", str(Path(folder) / "cache"), *more]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
        ) as running:
            try:
                yield _ready(running)
            finally:
                running.terminate()
                running.wait(_SECONDS)


def _ready(running: subprocess.Popen[str]) -> Anvil:
    """Read what the node says until it listens; after that, a thread reads on, so that its pipe never fills."""
    assert running.stdout is not None
    said: list[str] = []
    for line in running.stdout:
        said.append(line)
        if line.startswith("Listening on "):
            found = Anvil(port=int(line.rsplit(":", 1)[1]), pid=running.pid)
            threading.Thread(target=_drain, args=(running.stdout,), daemon=True).start()
            found.accounts = tuple(found.call("eth_accounts"))
            found.call("anvil_setBlockTimestampInterval", INTERVAL)
            return found
        if len(said) > _LINES:
            break
    raise RpcFailed("anvil did not start: " + "".join(said[-5:]))


def _drain(lines: Iterator[str]) -> None:
    try:
        for _ in lines:
            pass
    except ValueError:
        return  # the pipe was closed under it: the node has stopped
