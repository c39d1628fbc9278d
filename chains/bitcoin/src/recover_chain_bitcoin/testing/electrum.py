"""A real ElectrumX over a real node: an address index that speaks the Electrum protocol."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from recover_chain_bitcoin.testing import tools
from recover_chain_bitcoin.testing.node import Node, Refused


@dataclass(slots=True, kw_only=True)
class Electrum:
    """A running server."""

    port: int
    node: Node
    process: Popen[bytes]

    @property
    def endpoint(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def call(self, method: str, *params: Any) -> Any:
        """One call on a connection of its own. Raises Refused for its errors, OSError without an answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as server:
            listed: list[tuple[str, tuple[Any, ...]]] = [
                ("server.version", ("recover-testing", "1.4")),
                (method, params),
            ]
            answer: dict[str, Any] = {}
            with server.makefile("rwb") as lines:
                for number, (name, given) in enumerate(listed):
                    asked = {"jsonrpc": "2.0", "id": number, "method": name, "params": given}
                    lines.write(json.dumps(asked).encode() + b"\n")
                    lines.flush()
                    answer = json.loads(lines.readline() or b"{}", parse_float=str)
        if not answer:
            raise ConnectionError(f"{method}: the server closed the connection")
        if "error" in answer:
            raise Refused(method, answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    def follow(self) -> None:
        """Wait until the index has reached the node's tip. Raises Error after 30 seconds."""
        tip = self.node.rpc("getblockheader", self.node.rpc("getbestblockhash"), False)
        tools.wait(lambda: self._tip() == tip, "ElectrumX's tip", process=self.process)

    def _tip(self) -> str:
        try:
            header: str = self.call("blockchain.headers.subscribe")["hex"]
        except OSError:
            return ""
        return header


@contextmanager
def start(node: Node, folder: Path, **settings: str) -> Iterator[Electrum]:
    """A server that has caught up with `node`; `settings` are variables of ElectrumX. Stopped by its own pid.

    Raises Error when ElectrumX is not here, or is not ready within 30 seconds.
    """
    program = tools.find("electrumx_server", "electrumx")
    folder.mkdir(parents=True, exist_ok=True)
    port = tools.port()
    wanted = {
        "ALLOW_ROOT": "1",
        "COIN": "Bitcoin",
        "NET": "regtest",
        "DB_DIRECTORY": str(folder),
        "DB_ENGINE": "leveldb",
        "DAEMON_URL": f"http://{node.secret}@127.0.0.1:{node.port}/",
        "SERVICES": f"tcp://127.0.0.1:{port}",
        "PEER_DISCOVERY": "off",
        "PEER_ANNOUNCE": "",
        "COST_SOFT_LIMIT": "0",
        "COST_HARD_LIMIT": "0",
        **settings,
    }
    # It watches its own address family only where a proxy is named in the environment: none is handed on.
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    with (folder / "electrumx.log").open("wb") as log:
        process = Popen([program], env=inherited | wanted, stdout=log, stderr=log, cwd=folder)
    try:
        server = Electrum(port=port, node=node, process=process)
        server.follow()
        yield server
    finally:
        tools.stop(process)
