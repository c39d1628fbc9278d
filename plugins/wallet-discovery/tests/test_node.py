"""Every kind of descriptor held to a real bitcoind's `deriveaddresses`; no block and no network is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recover_wallet_discovery import derive, descriptor, lines

pytestmark = pytest.mark.nodes
XPUB = (
    "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcL"
    "teoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ"
)
TPUB = (
    "tpubDC5FSnBiZDMmhiuCmWAYsLwgLYrrT9rAqvTySfuCCrgsWz8wxMXUS9Tb"
    "9iVMvcRbvFcAHGkMD5Kx8koh4GquNGNTfohfk7pgjhaPCdXpoba"
)
FORMS = ("pkh({})", "wpkh({})", "sh(wpkh({}))", "tr({})")
Ask = Callable[..., Any]


def program(name: str) -> Path:
    roots = [os.environ.get("RECOVER_TOOLS", ""), str(Path(__file__).parents[3] / ".tools")]
    found = [path for root in roots if root and (path := Path(root) / "bitcoind" / "bin" / name).is_file()]
    other = shutil.which(name)
    found += [Path(other)] if other else []
    if not found:
        why = f"{name} is not here: run `make nodes`; no derivation was held to a node"
        if os.environ.get("RECOVER_REQUIRE_NODES") == "1":
            pytest.fail(f"RECOVER_REQUIRE_NODES=1, and {why}", pytrace=False)
        pytest.skip(why)
    return found[0]


@pytest.fixture(scope="module", params=["main", "regtest"])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Ask]]:
    """(chain, how to ask) of a bitcoind that talks to nobody, on a port that the system picked."""
    folder = tmp_path_factory.mktemp(f"node-{request.param}")
    shared = [f"-datadir={folder}", f"-chain={request.param}", f"-rpcport={_port()}"]
    quiet = ["-networkactive=0", "-listen=0", "-dnsseed=0", "-disablewallet", "-printtoconsole=0"]
    with subprocess.Popen([program("bitcoind"), *shared, *quiet]) as process:

        def ask(*words: str) -> Any:
            ran = subprocess.run(
                [program("bitcoin-cli"), *shared, *words], capture_output=True, text=True, check=False
            )
            assert ran.returncode == 0, ran.stderr
            return json.loads(ran.stdout)

        for _ in range(600):
            try:
                ask("getblockcount")
                break
            except AssertionError:
                time.sleep(0.1)
        yield request.param, ask
        process.terminate()


def _port() -> int:
    import socket

    with socket.socket() as picked:
        picked.bind(("127.0.0.1", 0))
        return int(picked.getsockname()[1])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", ["/0/*", "/1/*", "/7/*", "/*", "/3/11", ""])
def test_the_node_derives_the_same(form: str, path: str, node: tuple[str, Ask]) -> None:
    chain, ask = node
    text = form.format(f"[d34db33f/86h/0h/0h]{XPUB if chain == 'main' else TPUB}{path}")
    whole = f"{text}#{descriptor.checksum(text)}"
    told = ask("deriveaddresses", whole, *(["[0,24]"] if "*" in path else []))
    options = "gap=25" if chain == "main" else "gap=25 network=regtest"
    (wallet,) = lines.read("keys.txt", f"{whole} {options}".encode())
    assert [each.address for each in derive.addresses(wallet)] == told
    assert len(told) == (25 if "*" in path else 1)


def test_the_node_agrees_on_checksums(node: tuple[str, Ask]) -> None:
    _, ask = node
    text = "wpkh(0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c)"
    assert ask("getdescriptorinfo", text)["checksum"] == descriptor.checksum(text)
