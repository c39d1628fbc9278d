"""A real bitcoind on regtest, started on ports that the system picked, in a folder of the caller's."""

from __future__ import annotations

import http.client
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any, Final

from recover.sdk import Error
from recover_chain_bitcoin.testing import tools

USER: Final = "recover"
PASSWORD: Final = "only-on-loopback"
KINDS: Final = ("legacy", "p2sh-segwit", "bech32", "bech32m")
BEGIN: Final = 1_700_000_000
"""The moment that mocked clocks begin at: 2023-11-14 22:13:20 UTC."""

# Knots has a policy of its own on what it relays, and legacy addresses by default: both as in Core here.
_SETTINGS: Final = (
    "server=1",
    "listen=0",
    "dnsseed=0",
    "rest=1",
    "fallbackfee=0.0002",
    "keypool=20",
    "unsafesqlitesync=1",  # wallets of a folder that is deleted need not survive a power cut
    "corepolicy=1",
    "addresstype=bech32",
    "rpcbind=127.0.0.1",
    "rpcallowip=127.0.0.1",
    f"rpcuser={USER}",
    f"rpcpassword={PASSWORD}",
)
INDEXES: Final = ("txindex=1", "blockfilterindex=1", "coinstatsindex=1")


class Refused(Exception):
    """The node answered a call with an error."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"{method}: {message} ({code})")
        self.code = code


@dataclass(slots=True, kw_only=True)
class Node:
    """A running node. Amounts of its RPC are decimals: `rpc` reads them as text, so that none becomes a float."""

    folder: Path
    port: int
    process: Popen[bytes]

    @property
    def endpoint(self) -> str:
        """Where a source asks, without the password."""
        return f"http://{{bitcoin-rpc}}@127.0.0.1:{self.port}/"

    @property
    def secret(self) -> str:
        """What stands for `{bitcoin-rpc}`."""
        return f"{USER}:{PASSWORD}"

    def rpc(self, method: str, *params: Any, wallet: str = "") -> Any:
        """One call. Raises Refused for the node's own errors, OSError when it does not answer."""
        (answer,) = self.batch([(method, params)], wallet)
        return answer

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]], wallet: str = "") -> list[Any]:
        """Many calls in one request, in order. Raises Refused for the first that the node refused."""
        listed = [
            {"jsonrpc": "2.0", "id": n, "method": method, "params": list(params)}
            for n, (method, params) in enumerate(calls)
        ]
        body = self._ask("POST", f"/wallet/{wallet}" if wallet else "/", json.dumps(listed).encode())
        answers = sorted(json.loads(body, parse_float=str), key=lambda answer: answer["id"])
        for (method, _), answer in zip(calls, answers, strict=True):
            if answer.get("error"):
                raise Refused(method, answer["error"]["code"], answer["error"]["message"])
        return [answer["result"] for answer in answers]

    def answer(self, method: str, *params: Any) -> bytes:
        """The body of one call's answer, unread."""
        asked = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
        return self._ask("POST", "/", json.dumps(asked).encode())

    def rest(self, path: str) -> bytes:
        """The body of `/rest/PATH`. Raises OSError for a refusal."""
        return self._ask("GET", f"/rest/{path}", b"")

    @property
    def height(self) -> int:
        height: int = self.rpc("getblockcount")
        return height

    def mine(self, count: int = 1, address: str = "") -> list[str]:
        """Mine blocks, the clock going on ten minutes each if it is mocked; their ids. To nobody unless named."""
        descriptor = f"addr({address})" if address else "raw(51)"
        sealed: str = self.rpc("getdescriptorinfo", descriptor)["descriptor"]
        mined: list[str] = self.rpc("generatetodescriptor", count, sealed)
        self.settle()
        return mined

    def settle(self) -> None:
        """Wait until wallets and indexes have heard of the newest block."""
        self.rpc("syncwithvalidationinterfacequeue")

    def wallet(self, name: str) -> str:
        """Make a wallet with keys of its own; its name."""
        self.rpc("createwallet", name)
        return name

    def address(self, wallet: str, kind: str = "bech32") -> str:
        """A fresh address of one of KINDS."""
        fresh: str = self.rpc("getnewaddress", "", kind, wallet=wallet)
        return fresh

    def fund(self, wallet: str, kind: str = "bech32", coins: int = 1) -> str:
        """An address of the wallet with coinbases, mined here with the hundred blocks that mature them."""
        address = self.address(wallet, kind)
        self.mine(coins, address)
        self.mine(100)
        return address

    def pay(self, wallet: str, address: str, amount: str) -> str:
        """Pay a decimal amount, the wallet choosing coins; the transaction's id."""
        tx: str = self.rpc("sendtoaddress", address, amount, wallet=wallet)
        return tx

    def send(self, inputs: Sequence[tuple[str, int]], outputs: Sequence[tuple[str, int]], *wallets: str) -> str:
        """Spend exactly these coins to exactly these (address, base units), signed by each wallet; its id.

        Raises Error when a signature is still missing.
        """
        spent = [{"txid": tx, "vout": index} for tx, index in inputs]
        paid = [{address: _decimal(amount)} for address, amount in outputs]
        raw: str = self.rpc("createrawtransaction", spent, paid)
        signed: dict[str, Any] = {}
        for wallet in wallets:
            signed = self.rpc("signrawtransactionwithwallet", raw, wallet=wallet)
            raw = signed["hex"]
        if not signed.get("complete"):
            raise Error(
                "not-signed", f"{wallets} cannot sign this.", str(signed.get("errors")), "Name its owners."
            )
        tx: str = self.rpc("sendrawtransaction", raw, 0)
        return tx

    def reorganise(self, depth: int) -> list[str]:
        """Replace the last `depth` blocks by `depth` + 1 others, empty of what they held; the stale ids."""
        tip = self.height
        stale = [self.rpc("getblockhash", height) for height in range(tip - depth + 1, tip + 1)]
        self.rpc("invalidateblock", stale[0])
        # To another script than `mine` pays: the same block mined again would be refused as known to be invalid.
        sealed = self.rpc("getdescriptorinfo", "raw(52)")["descriptor"]
        for _ in range(depth + 1):
            self.rpc("generateblock", sealed, [])
        self.rpc("reconsiderblock", stale[0])
        self.settle()
        return stale

    def _ask(self, method: str, path: str, body: bytes) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        token = b64encode(self.secret.encode()).decode()
        try:
            connection.request(method, path, body or None, {"Authorization": f"Basic {token}"})
            answer = connection.getresponse()
            data = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"{path}: {error!r}") from error
        finally:
            connection.close()
        if answer.status >= 400:
            raise ConnectionError(f"{path}: HTTP {answer.status} {data[:200]!r}")
        return data


@contextmanager
def start(folder: Path, *settings: str, indexes: Sequence[str] = INDEXES) -> Iterator[Node]:
    """A node with its data in `folder`; `settings` are lines of bitcoin.conf. Stopped by its own pid.

    Raises Error when bitcoind is not here, or does not answer within 30 seconds.
    """
    program = tools.find("bitcoind", "bitcoind")
    folder.mkdir(parents=True, exist_ok=True)
    port = tools.port()
    lines = ["regtest=1", "[regtest]", f"rpcport={port}", *_SETTINGS, *indexes, *settings]
    (folder / "bitcoin.conf").write_text("\n".join(lines) + "\n", "utf-8")
    process = Popen([program, f"-datadir={folder}"], stdout=DEVNULL, stderr=DEVNULL)
    try:
        node = Node(folder=folder, port=port, process=process)
        tools.wait(lambda: _answers(node), "bitcoind's answer", process=process)
        yield node
    finally:
        tools.stop(process)


def _answers(node: Node) -> bool:
    try:
        node.rpc("getblockcount")
    except (OSError, Refused):
        return False
    return True


def _decimal(amount: int) -> str:
    return f"{amount // 10**8}.{amount % 10**8:08d}"
