"""A double of TronGrid's TRC-20 histories on loopback: a made world of wallets, a latency, a limit, faults.

No TRON node can be had, so this stands for one: the documented shape of `v1/accounts/ADDRESS/transactions/trc20`
(newest first unless `order_by=block_timestamp,asc`, 200 items a page at most, `meta.fingerprint` for the next),
with transactions that nobody signed. It is a process of its own, so that its work is not the tool's:

    python tests/live/grid.py --world tree --latency 200 --rate 50
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TOKEN = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BEGAN = 1_700_000_000_000
UNIT = 10**6


def account(number: int) -> str:
    """A valid address whose key nobody has: base58check of the number."""
    payload = b"\x41" + number.to_bytes(20, "big")
    payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    value, text = int.from_bytes(payload, "big"), ""
    while value:
        value, digit = divmod(value, 58)
        text = _ALPHABET[digit] + text
    return text


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer of the token; `at` is in milliseconds since 1970."""

    tx: str
    at: int
    src: str
    dst: str
    amount: int


@dataclass(slots=True)
class World:
    """Who paid whom. `start` is where what was stolen arrived first, `service` a wallet that a label names."""

    transfers: list[Transfer] = field(default_factory=list)
    start: str = ""
    service: str = ""
    _number: int = 1
    _at: int = BEGAN

    def wallet(self) -> str:
        self._number += 1
        return account(self._number)

    def pay(self, src: str, dst: str, amount: int, at: int | None = None) -> None:
        self._at += 3000
        tx = hashlib.sha256(f"{src} {dst} {self._at} {len(self.transfers)}".encode()).hexdigest()
        self.transfers.append(Transfer(tx, self._at if at is None else at, src, dst, amount))

    def by_wallet(self) -> dict[str, list[Transfer]]:
        found: dict[str, list[Transfer]] = {}
        for one in sorted(self.transfers, key=lambda t: t.at):
            for who in dict.fromkeys((one.src, one.dst)):
                found.setdefault(who, []).append(one)
        return found


def tree(hops: int = 8, wallets: int = 400) -> World:
    """Stolen money that spreads over `hops` hops to `wallets` wallets; of every fifth last one into a service."""
    world = World()
    world.start, world.service, victim = world.wallet(), world.wallet(), world.wallet()
    world.pay(victim, world.start, wallets * 1000 * UNIT)
    layer, left = [(world.start, wallets * 1000 * UNIT)], wallets - 1
    for hop in range(1, hops):
        width = min(left, 3**hop if hop < hops - 1 else left)
        left -= width
        fresh = [world.wallet() for _ in range(width)]
        shares = [width // len(layer) + (n < width % len(layer)) for n in range(len(layer))]
        following, place = [], 0
        for (src, held), count in zip(layer, shares, strict=True):
            for dst in fresh[place : place + count]:
                world.pay(src, dst, held // count)
                following.append((dst, held // count))
            place += count
        layer = following or layer
    for number, (src, held) in enumerate(layer):
        if number % 5 == 0:
            deposit = src
            world.pay(deposit, world.service, held // 2)
            world.pay(deposit, world.service, held - held // 2)
    return world


def fan(wallets: int = 1169, crowd: int = 300_000) -> World:
    """One hop into many wallets, and beside it one into a wallet that everybody uses."""
    world = World()
    world.start, world.service, victim = world.wallet(), world.wallet(), world.wallet()
    world.pay(victim, world.start, (wallets + 100) * 1000 * UNIT)
    market = world.wallet()
    world.pay(world.start, market, 100_000 * UNIT)
    for number in range(wallets):
        fresh = world.wallet()
        world.pay(world.start, fresh, 1000 * UNIT)
        if number % 50 == 0:
            world.pay(fresh, world.service, 600 * UNIT)
            world.pay(fresh, world.service, 400 * UNIT)
    users = [account(10_000_000 + n) for n in range(3000)]
    for number in range(crowd):
        other = users[number % len(users)]
        pair = (other, market) if number % 2 else (market, other)
        world.pay(*pair, 5 * UNIT, at=BEGAN - 10**9 + number * 10_000)
    return world


WORLDS: Mapping[str, Callable[[], World]] = {"tree": tree, "fan": fan, "small": lambda: tree(4, 25)}


@dataclass(slots=True)
class Double:
    """The server: `latency` in milliseconds, `rate` in requests a second, above which it answers 429."""

    world: World
    latency: int = 0
    rate: int = 0
    log: Path | None = None
    started: list[float] = field(default_factory=list)
    served: int = 0
    refused: int = 0
    open: int = 0
    began: float = 0.0
    ended: float = 0.0
    _pages: dict[str, list[Transfer]] = field(default_factory=dict)

    async def serve(self, port: int) -> None:
        self._pages = self.world.by_wallet()
        server = await asyncio.start_server(self._client, "127.0.0.1", port, backlog=512)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        async with server:
            await server.serve_forever()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                if len(words := line.decode().split()) < 2:
                    break  # whoever asked left in the middle of it
                status, body = await self._answer(words[1])
                more = "Retry-After: 1\r\n" if status == 429 else ""
                head = (
                    f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {len(body)}"
                )
                writer.write(head.encode() + b"\r\n\r\n" + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str) -> tuple[int, bytes]:
        now = time.monotonic()
        if path == "/stats":
            took = int(1000 * (self.ended - self.began))
            said = {"served": self.served, "refused": self.refused, "connections": self.open, "took_ms": took}
            return 200, json.dumps(said).encode()
        self.began = self.began or now
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(path + "\n")
        self.started = [at for at in self.started if at > now - 1]
        if self.rate and len(self.started) >= self.rate:
            self.refused += 1
            return 429, b'{"Error":"request rate exceeded"}'
        self.started.append(now)
        await asyncio.sleep(self.latency / 1000)
        self.served += 1
        self.ended = time.monotonic()
        return 200, page(self._pages, path)


def page(pages: Mapping[str, Sequence[Transfer]], path: str) -> bytes:
    """One page, as TronGrid documents it."""
    parts = urlsplit(path)
    said = {name: values[0] for name, values in parse_qs(parts.query).items()}
    found = re.match(r"/v1/accounts/([^/]+)/transactions/trc20", parts.path)
    rows = list(pages.get(found[1] if found else "", ()))
    least, most = int(said.get("min_timestamp", 0)), int(said.get("max_timestamp", 1 << 60))
    rows = [one for one in rows if least <= one.at <= most]
    if said.get("order_by") != "block_timestamp,asc":
        rows.reverse()
    start = int(said.get("fingerprint", "p0")[1:])
    limit = min(int(said.get("limit", 20)), 200)
    meta: dict[str, object] = {"at": BEGAN + 10**9, "page_size": len(rows[start : start + limit])}
    if start + limit < len(rows):
        meta["fingerprint"] = f"p{start + limit}"
    data = [_item(one) for one in rows[start : start + limit]]
    return json.dumps({"data": data, "success": True, "meta": meta}).encode()


def _item(one: Transfer) -> dict[str, object]:
    info = {"symbol": "USDT", "address": TOKEN, "decimals": 6, "name": "Tether USD"}
    return {
        "transaction_id": one.tx,
        "token_info": info,
        "block_timestamp": one.at,
        "from": one.src,
        "to": one.dst,
        "type": "Transfer",
        "value": str(one.amount),
    }


def labels(world: World) -> str:
    """A label file that names the world's service."""
    return (
        "#recover-labels 1\n#source: a list made for this test\n#grade: B\n"
        "chain,address,service,label,role,category\n"
        f"tron:0x2b6653dc,{world.service},Kraken,Kraken hot wallet,hot-wallet,exchange\n"
    )


@contextmanager
def serving(world: str, latency: int = 0, rate: int = 0, log: Path | None = None) -> Iterator[str]:
    """The double in a process of its own: where it answers."""
    command = [sys.executable, __file__, "--world", world]
    command += ["--latency", str(latency), "--rate", str(rate), *(["--log", str(log)] if log else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", choices=sorted(WORLDS), default="tree")
    parser.add_argument("--latency", type=int, default=0, help="milliseconds")
    parser.add_argument("--rate", type=int, default=0, help="requests a second, 0 for no limit")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    chosen = parser.parse_args()
    double = Double(WORLDS[chosen.world](), chosen.latency, chosen.rate, chosen.log)
    asyncio.run(double.serve(chosen.port))


if __name__ == "__main__":
    main()
