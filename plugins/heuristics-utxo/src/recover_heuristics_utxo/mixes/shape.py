"""One transaction as the detectors of collaborative transactions look at it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from recover_heuristics_utxo.coins import Coins


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`inputs` and `outputs` are values in base units (-1: not shown), spendable outputs only, in their order.

    `payers` and `payees` are address codes, unknown payers each their own negative number. `returns` counts the
    outputs nobody can spend. `repeated` are (value, how often) of outputs that occur more than once, the most
    frequent first, larger values before smaller. `height` is -1 where not known; `served` says that an input
    belongs to a labelled service.
    """

    tx: int
    chain: str
    height: int
    inputs: tuple[int, ...]
    payers: tuple[int, ...]
    paying: tuple[str, ...]
    outputs: tuple[int, ...]
    payees: tuple[int, ...]
    paid: tuple[str, ...]
    names: tuple[str, ...]
    returns: int
    repeated: tuple[tuple[int, int], ...]
    served: bool

    @property
    def known(self) -> bool:
        """Whether the value of every input is shown."""
        return min(self.inputs) >= 0

    @property
    def fee(self) -> int:
        return sum(self.inputs) - sum(self.outputs)

    def equal(self, value: int) -> tuple[int, ...]:
        """The addresses paid exactly this value, once for each output."""
        return tuple(a for a, v in zip(self.payees, self.outputs, strict=True) if v == value)

    def others(self, value: int) -> tuple[int, ...]:
        """The values of the outputs that are not `value`."""
        return tuple(v for v in self.outputs if v != value)


def look(coins: Coins, tx: int) -> Shape:
    """Transaction `tx` as plain numbers."""
    into = slice(int(coins.inputs.first[tx]), int(coins.inputs.first[tx + 1]))
    out = slice(int(coins.outputs.first[tx]), int(coins.outputs.first[tx + 1]))
    payees = coins.outputs.address[out]
    can = payees >= 0
    outputs = tuple(coins.outputs.value[out][can].tolist())
    counted = [(value, count) for value, count in Counter(outputs).items() if count > 1]
    held = tuple(payees[can].tolist())
    payers = coins.inputs.address[into]
    return Shape(
        tx=tx,
        chain=coins.chain,
        height=int(coins.height[tx]),
        inputs=tuple(coins.inputs.value[into].tolist()),
        payers=tuple(a if a >= 0 else -1 - n for n, a in enumerate(payers.tolist())),
        paying=_named(coins, coins.inputs.script[into].tolist()),
        outputs=outputs,
        payees=held,
        paid=_named(coins, coins.outputs.script[out][can].tolist()),
        names=tuple(coins.names[a].as_py() for a in held),
        returns=int((~can).sum()),
        repeated=tuple(sorted(counted, key=lambda item: (-item[1], -item[0]))),
        served=bool(coins.service[payers[payers >= 0]].any()),
    )


def _named(coins: Coins, codes: Iterable[int]) -> tuple[str, ...]:
    return tuple(coins.scripts[code] if code >= 0 else "" for code in codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a detector says of one transaction. `label` is the class; `rules` are those that fired.

    `role`: `definite` stops a trace and blocks every merge; `possible` only blocks merges; `entry` (a Tx0) and
    `shape` (a PayJoin-like one) block no co-spend merge. `confidence` is the rule's own, 0 to 100, no probability.
    `shown` of `coming` inputs were seen to come out of the mix's own pool (Whirlpool).
    """

    tx: int
    label: str
    role: Literal["definite", "possible", "entry", "shape"]
    confidence: int
    rules: tuple[str, ...]
    denomination: int
    equal: int
    least: int
    shown: int | None = None
    coming: int | None = None


@lru_cache(maxsize=8)
def data(name: str) -> Any:
    """A dated data file of this package, parsed."""
    text = files("recover_heuristics_utxo").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)
