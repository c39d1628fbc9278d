"""The contracts of the staged case as committed: code to deploy, calls as data. `tools/contracts.py` made them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

FILE = Path(__file__).with_name("contracts") / "compiled.json"

Value: TypeAlias = "int | str | bytes | Sequence[int | str]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """`code` creates it, `runtime` is what then stands at its address; both hex without 0x."""

    name: str
    code: str
    runtime: str
    methods: tuple[tuple[str, str], ...]
    abi: tuple[Any, ...]

    def create(self, *values: Value) -> str:
        """The data of the transaction that creates it."""
        return f"0x{self.code}{encode(values).hex()}"

    def call(self, method: str, *values: Value) -> str:
        """The data of a call. `method` is its bare name; KeyError for one that it has not."""
        selectors = {signature.partition("(")[0]: selector for signature, selector in self.methods}
        return f"0x{selectors[method]}{encode(values).hex()}"


@cache
def contract(name: str) -> Contract:
    """One of the committed contracts by its name in Solidity."""
    made = json.loads(FILE.read_text("utf-8"))[name]
    return Contract(
        name=name,
        code=made["code"],
        runtime=made["runtime"],
        methods=tuple(sorted(made["methods"].items())),
        abi=tuple(made["abi"]),
    )


def encode(values: Sequence[Value]) -> bytes:
    """Solidity's ABI for what these contracts take: integers, addresses, 32 bytes, texts and flat arrays."""
    head, tail = b"", b""
    for value in values:
        if isinstance(value, int | bytes) or _address(value):
            head += _word(value)
            continue
        head += _word(32 * len(values) + len(tail))
        if isinstance(value, str):
            raw = value.encode()
            tail += _word(len(raw)) + raw + bytes(-len(raw) % 32)
        else:
            tail += _word(len(value)) + b"".join(_word(each) for each in value)
    return head + tail


def _address(value: object) -> bool:
    return isinstance(value, str) and value.startswith("0x") and len(value) == 42


def _word(value: int | str | bytes | Sequence[int | str]) -> bytes:
    if isinstance(value, int):
        return value.to_bytes(32, "big")
    if isinstance(value, str):
        return bytes(12) + bytes.fromhex(value[2:])
    assert isinstance(value, bytes)
    return value.rjust(32, b"\0")
