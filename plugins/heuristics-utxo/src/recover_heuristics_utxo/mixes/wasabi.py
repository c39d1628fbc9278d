"""Wasabi 1 (one denomination near 0.1 BTC, and its doublings) and Wasabi 2 (many standard denominations)."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import pairwise

from recover_heuristics_utxo.mixes.shape import Shape, Verdict, data

INPUTS = 50
SMALL = 20
SHARE = 80
_SEGWIT = {"p2wpkh", "p2tr"}
_ROUND = {n * 1_000_000 for n in range(8, 13)}


@lru_cache(maxsize=1)
def denominations() -> frozenset[int]:
    """The standard denominations of Wasabi 2: 78 values, computed by the wallet's own rule.

    Powers of 2 and 3, twice the powers of 3, and 1, 2 and 5 times the powers of 10, within the stated bounds.
    """
    least, most = data("wasabi")["least"], data("wasabi")["most"]
    found = {2**n for n in range(64)}
    found |= {k * 3**n for n in range(40) for k in (1, 2)}
    found |= {k * 10**n for n in range(19) for k in (1, 2, 5)}
    return frozenset(value for value in found if least <= value <= most)


def _since(shape: Shape, name: str) -> bool:
    """Whether the form of `name` can stand at this height; only the main chain's heights are dated."""
    return shape.height < 0 or shape.chain != data("wasabi")["chain"] or shape.height >= data("wasabi")[name]


def wasabi1(shape: Shape) -> Verdict | None:
    """A round of Wasabi 1: definite by the coordinator's address or by the strict later form, else possible."""
    if not shape.repeated or not _since(shape, "first_height"):
        return None
    near = _denomination(shape)
    tests = (("dumplings-coordinator", _coordinator), ("dumplings-unmarked", _unmarked))
    strict = [name for name, test in tests if test(shape)]
    loose = [name for name, test in (("graphsense-1.0", _single), ("graphsense-1.1", _levels)) if test(shape)]
    if not strict and not loose:
        return None
    value, count = shape.repeated[0] if near is None else near
    paid = set(shape.equal(value))
    doubted = _doubted(shape, value, count)
    sure = bool(strict) and (not doubted or "dumplings-coordinator" in strict)
    return Verdict(
        tx=shape.tx,
        label="wasabi1",
        role="definite" if sure else "possible",
        confidence=90 if sure and len(strict) + len(loose) > 1 else 70 if sure else 40,
        rules=(*strict, *loose, *(("stuetz-filter",) if doubted else ())),
        denomination=value,
        equal=count,
        least=len(paid),
    )


def _denomination(shape: Shape) -> tuple[int, int] | None:
    """The most frequent repeated value within 20 percent of 0.1 BTC."""
    centre = data("wasabi")["denomination"]
    return next(((v, n) for v, n in shape.repeated if abs(v - centre) * 5 <= centre), None)


def _coordinator(shape: Shape) -> bool:
    """Before the addresses were given up: pays the coordinator, and some value stands more than twice."""
    known = data("wasabi")
    early = shape.height < 0 or shape.height < known["unmarked_height"]
    return early and shape.repeated[0][1] > 2 and not set(shape.names).isdisjoint(known["coordinators"])


def _unmarked(shape: Shape) -> bool:
    """Native SegWit only, ten or more equal outputs near 0.1 BTC, as many inputs, two or more values once."""
    near = _denomination(shape)
    if near is None or not _since(shape, "unmarked_height"):
        return False
    once = sum(1 for n in Counter(shape.outputs).values() if n == 1)
    native = set(shape.paying) | set(shape.paid) <= {"p2wpkh"}
    return native and near[1] >= 10 and len(shape.inputs) >= near[1] and once >= 2


def _crowded(shape: Shape, fewest: int) -> bool:
    """Many inputs, none of whose addresses holds more than a tenth, and no address paid twice."""
    if len(shape.inputs) < fewest or len(set(shape.payees)) != len(shape.payees):
        return False
    return max(Counter(shape.payers).values()) * 10 <= len(shape.inputs)


def _single(shape: Shape) -> bool:
    """GraphSense-lib, Wasabi 1.0: one denomination within 5 percent of 0.1 BTC."""
    near, centre = _denomination(shape), data("wasabi")["denomination"]
    if near is None or abs(near[0] - centre) * 20 > centre or not _crowded(shape, 10):
        return False
    count, payers = near[1], len(set(shape.payers))
    if count < 3 or count * 2 < len(shape.outputs) - 1 or not count <= payers <= 7 * count:
        return False
    # A small round whose other outputs are one equal split is somebody's payout.
    rest = shape.others(near[0])
    return len(shape.inputs) >= SMALL or len(rest) < 2 or len(set(rest)) > 1


def _levels(shape: Shape) -> bool:
    """GraphSense-lib, Wasabi 1.1: two or more levels of 0.1 BTC doubled, each within 5 percent, each repeated."""
    centre = data("wasabi")["denomination"]
    if not _crowded(shape, 10):
        return False
    found = {
        level
        for value, _ in shape.repeated
        for level in range(12)
        if abs(value - centre * 2**level) * 20 <= centre * 2**level
    }
    return 0 in found and 1 in found


def _doubted(shape: Shape, value: int, count: int) -> bool:
    """The filters of Stuetz et al. against false hits: reused addresses, exactly round values, far from 0.1."""
    reused = len(set(shape.payees)) < len(shape.payees) or not set(shape.payees).isdisjoint(shape.payers)
    gambling = any(name.startswith(("1dice", "1lucky")) for name in shape.names)
    far = abs(value - data("wasabi")["denomination"]) > 1_500_000
    return reused or gambling or far or (value in _ROUND and count >= 10)


def wasabi2(shape: Shape, inputs: int = INPUTS) -> Verdict | None:
    """A round of Wasabi 2: definite by Dumplings' rule with at least `inputs` inputs, possible by GraphSense's.

    A consolidation of standard coins into one or two standard amounts passes Dumplings' rule too; in a round some
    output stands at least twice, so that is asked as well.
    """
    if not _since(shape, "wabisabi_height") or not shape.outputs:
        return None
    strict, loose = _wabisabi(shape, inputs) and bool(shape.repeated), _tiers(shape)
    if not strict and not loose:
        return None
    value, count = shape.repeated[0] if shape.repeated else (0, 0)
    rules = (("dumplings-wabisabi",) if strict else ()) + (("graphsense-wabisabi",) if loose else ())
    return Verdict(
        tx=shape.tx,
        label="wasabi2",
        role="definite" if strict else "possible",
        confidence=90 if strict and loose else 70 if strict else 40,
        rules=rules,
        denomination=value,
        equal=count,
        least=len(set(shape.equal(value))) if count else 1,
    )


def _wabisabi(shape: Shape, inputs: int) -> bool:
    if len(shape.inputs) < inputs or not shape.known or not set(shape.paying) <= _SEGWIT:
        return False
    if not _falling(shape.inputs) or not _falling(shape.outputs) or shape.returns:
        return False
    standard = sum(1 for value in shape.outputs if value in denominations())
    return standard * 100 > SHARE * len(shape.outputs)


def _falling(values: tuple[int, ...]) -> bool:
    return all(a >= b for a, b in pairwise(values))


def _tiers(shape: Shape) -> bool:
    if not _crowded(shape, SMALL) or min(shape.outputs) < data("wasabi")["least"]:
        return False
    repeated = sum(count for _, count in shape.repeated)
    standard = {value for value in shape.outputs if value in denominations()}
    odd = any(value not in denominations() for value in shape.outputs)
    return repeated * 2 >= len(shape.outputs) - 1 and odd and len(standard) >= 3
