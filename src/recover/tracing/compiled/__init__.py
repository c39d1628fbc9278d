"""When a trace takes the compiled path, and the door to it. numba is optional: the extra `fast` brings it."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from recover.tracing.claims import Claims, Wants
from recover.tracing.limits import Limits
from recover.tracing.lots import CLEAN
from recover.tracing.moves import Moves, ints
from recover.tracing.result import Trace
from recover.tracing.rule import Rule
from recover.tracing.transactions import Coins

MOVES = 200_000
"""Below this many moves the plain path is as quick: to load the compiled one takes a second, and to compile it,
once for each installation, about ten."""

SMALL = 1_000
"""Of runs below this many moves none is worth the arrays that the compiled path begins with."""

REPEATED = 60_000
"""So many moves in runs that are not small take the plain path as long as it takes to load the compiled one: a
trace is run once for each rule and for each order of simultaneous movements, fifty times and more."""

FIRST = 10 * REPEATED
"""The same where this installation has nothing compiled yet."""

_plain = 0
"""Moves that this process has traced in runs that are not small."""

RULES = ("fifo", "lifo", "prorata", "libr", "libr-fifo", "tainted_first", "poison")
"""The rules that have a compiled path, by the number that `kernels` gives them."""

# A step of `quotas.part` is below 2 * sum * 2**bits. With sums below 2**61 it is below 2**63 for digits of one bit
# or more; with wide sums below 2**117, below 2**127 for nine bits or more, so that a division takes few steps.
_ROOM, _WIDE_ROOM = 2**61, 2**117
"""Every balance and every sum has to stay below this, in 64-bit integers and in two limbs."""

_BITS = 63
"""Exposure keeps one bit for each loss."""

_BLOCK = 1 << 18
"""So many amounts are summed at once, their last 20 bits rounded up, so that the sum fits 64 bits whatever they
are."""


def worth(moves: int) -> bool:
    """Whether to take the compiled path for so many moves: for one long run, or for one more of many."""
    global _plain
    if moves >= MOVES:
        return True
    _plain += moves if moves >= SMALL else 0
    return moves >= SMALL and _plain > (REPEATED if _compiled() else FIRST)


@cache
def _compiled() -> bool:
    """Whether an earlier process left compiled code beside this file, as numba does where it may write."""
    return next((Path(__file__).parent / "__pycache__").glob("*.nbi"), None) is not None


def missing(moves: int) -> bool:
    """Whether so many moves would be traced faster if numba were installed."""
    return moves >= MOVES and find_spec("numba") is None


def fits(moves: Moves, claims: Claims, rule: Rule) -> bool:
    """Whether the compiled path can take this run: it is installed, knows the rule, and no sum can overflow.

    Wide amounts of 18-decimal tokens fit two limbs; above 117 bits, and for exposure, the plain path is taken.
    """
    if rule.id not in RULES or claims.turns or not _rising(claims) or find_spec("numba") is None:
        return False
    if isinstance(moves.amount, list):
        return rule.conserves and sum(moves.amount) < _WIDE_ROOM
    if not rule.conserves and claims.losses > _BITS:
        return False
    # A bound, not the sum itself: an int64 sum of the amounts could overflow before it is compared. 43 bits of
    # each amount, 2**18 times, stay below 2**61.
    blocks = (moves.amount[i : i + _BLOCK] for i in range(0, len(moves), _BLOCK))
    return sum((int((block >> 20).sum()) + len(block)) << 20 for block in blocks) < _ROOM


def _rising(claims: Claims) -> bool:
    """Whether on every move the claims are by loss: lots that an exchange brought have an order of their own."""
    return not claims.exchanged or (claims.losses == 1 and all(c.loss != CLEAN for c in claims.exchanged))


def fits_coins(coins: Coins, claims: Claims, rule: Rule) -> bool:
    """The same of coins."""
    if rule.id not in RULES or claims.turns or not _rising(claims) or not rule.conserves:
        return False
    if find_spec("numba") is None:
        return False
    wide = isinstance(coins.amount, list) or isinstance(coins.paid, list)
    # In Python's integers, exact: no figure of a coin run exceeds all outputs, or all inputs.
    most = max(sum(ints(coins.amount)), sum(ints(coins.paid)))
    return most < (_WIDE_ROOM if wide else _ROOM)


def run_coins(coins: Coins, claims: Claims, wants: Wants, limits: Limits, rule: Rule, *, flows: bool) -> Trace:
    """The same result as the plain path of `coins.trace`, for input that fits and fees that are not followed."""
    # Here and not above: numba loads only for a run that takes this path.
    from recover.tracing.compiled.purse import Purse

    purse = Purse(coins, claims, wants, limits, RULES.index(rule.id), flows)
    purse.work()
    return purse.trace(rule.id, rule.conserves)


def run(moves: Moves, claims: Claims, limits: Limits, rule: Rule, *, flows: bool) -> Trace:
    """The same result as `account.run` over `account.prepare`, for input that `fits`."""
    from recover.tracing.compiled.buffers import Sweep

    sweep = Sweep(moves, claims, limits, RULES.index(rule.id), flows)
    sweep.work()
    return sweep.trace(rule.id, rule.conserves)
