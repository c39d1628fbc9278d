"""The five ways to share a pool, side by side. Which of them is the law is for the court to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from recover.allocation.levels import Part, share
from recover.sdk.errors import Error


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """One claim as numbers in base units. `rank` 1 is paid first. `traced` is what a rule follows into the
    pool."""

    claimant: str
    amount: int
    received: int = 0
    traced: int = 0
    rank: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one claimant gets. `open` is what remains of the claim after what came back, `before` and `share`."""

    claimant: str
    claimed: int
    received: int
    before: int
    share: int
    open: int


@dataclass(slots=True, kw_only=True)
class _Sum:
    """All that one claimant claims: claims are added up first, so that merging or splitting them changes
    nothing."""

    claimed: int = 0
    received: int = 0
    traced: int = 0
    before: int = 0

    @property
    def net(self) -> int:
        return max(0, self.claimed - self.received)

    @property
    def left(self) -> int:
        """What may still be paid: nobody gets more than was lost, whatever the rule."""
        return max(0, self.net - self.before)


Sums = Mapping[str, _Sum]
Paid = Mapping[str, int]


def allocate(mode: str, pool: int, stakes: Sequence[Stake], before: Paid | None = None) -> list[Share]:
    """Shares of `pool` under a mode, by claimant in the order of their names.

    `before` is what earlier distributions paid each claimant: the whole is shared as if it were one distribution,
    and who was paid more than that by an earlier one gives nothing back. Raises Error for an unknown mode, and for
    amounts below zero.
    """
    _check(mode, pool, stakes)
    paid = before or {}
    sums = _sums(stakes, paid)
    found = MODES[mode].share(pool, sums, stakes)
    return [
        Share(
            claimant=name,
            claimed=one.claimed,
            received=one.received,
            before=one.before,
            share=found.get(name, 0),
            open=one.left - found.get(name, 0),
        )
        for name, one in sums.items()
    ]


def _sums(stakes: Sequence[Stake], paid: Paid) -> dict[str, _Sum]:
    found: dict[str, _Sum] = {name: _Sum() for name in sorted({stake.claimant for stake in stakes})}
    for stake in stakes:
        one = found[stake.claimant]
        one.claimed += stake.amount
        one.received += stake.received
        one.traced += stake.traced
    for name, one in found.items():
        one.before = paid.get(name, 0)
    return found


def _given(pool: int, parts: Sequence[Part]) -> dict[str, int]:
    return dict(zip((part.name for part in parts), share(pool, parts), strict=True))


def _by_loss(pool: int, sums: Sums, stakes: Sequence[Stake]) -> dict[str, int]:
    return _given(pool, [Part(name=n, weight=s.claimed, before=s.before, cap=s.left) for n, s in sums.items()])


def _by_net(pool: int, sums: Sums, stakes: Sequence[Stake]) -> dict[str, int]:
    return _given(pool, [Part(name=n, weight=s.net, before=s.before, cap=s.left) for n, s in sums.items()])


def _tide(pool: int, sums: Sums, stakes: Sequence[Stake]) -> dict[str, int]:
    # What came back from the fraud counts as a first payment: who had most of it waits until the rest have as
    # much.
    return _given(
        pool,
        [Part(name=n, weight=s.claimed, before=s.received + s.before, cap=s.left) for n, s in sums.items()],
    )


def _traced(pool: int, sums: Sums, stakes: Sequence[Stake]) -> dict[str, int]:
    first, then = [], []
    for name, one in sums.items():
        own = min(one.traced, one.net)
        paid = min(one.before, own)
        first.append(Part(name=name, weight=own, before=paid, cap=own - paid))
        rest, over = one.net - own, one.before - paid
        then.append(Part(name=name, weight=rest, before=over, cap=max(0, rest - over)))
    return _in_turn(pool, [first, then])


def _ranked(pool: int, sums: Sums, stakes: Sequence[Stake]) -> dict[str, int]:
    ranks = {
        rank: _sums([stake for stake in stakes if stake.rank == rank], {})
        for rank in sorted({stake.rank for stake in stakes})
    }
    # Who had more back on a claim of one rank than was claimed there has it set off in the others as well.
    over = {
        name: sum(max(0, mine[name].received - mine[name].claimed) for mine in ranks.values() if name in mine)
        for name in sums
    }
    left = {name: one.before for name, one in sums.items()}
    turns = []
    for mine in ranks.values():
        parts = []
        for name, one in mine.items():
            off = min(over[name], one.net)
            over[name] -= off
            paid = min(left[name], one.net - off)
            left[name] -= paid
            parts.append(Part(name=name, weight=one.net - off, before=paid, cap=one.net - off - paid))
        turns.append(parts)
    return _in_turn(pool, turns)


def _in_turn(pool: int, turns: Sequence[Sequence[Part]]) -> dict[str, int]:
    """Each turn shares what those before it leave."""
    found: dict[str, int] = {}
    for parts in turns:
        for name, amount in _given(pool, parts).items():
            found[name] = found.get(name, 0) + amount
            pool -= amount
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to share: what it is called, what it does in one sentence, and when a court may not use it."""

    id: str
    title: str
    does: str
    unless: str
    share: Callable[[int, Sums, Sequence[Stake]], dict[str, int]]


MODES: Mapping[str, Mode] = {
    mode.id: mode
    for mode in (
        Mode(
            id="prorata_loss",
            title="Pro rata by loss",
            does="In proportion to what each claims; nobody gets more than is still open.",
            unless="It favours who was paid out early, since what came back does not lower the share.",
            share=_by_loss,
        ),
        Mode(
            id="prorata_net",
            title="Pro rata by net loss",
            does="In proportion to what each claims less what came back.",
            unless="Who was paid out early keeps that in full, and shares in the rest as well.",
            share=_by_net,
        ),
        Mode(
            id="rising_tide",
            title="Rising tide",
            does="What came back counts as a first payment; the rest is shared so that all rise to one level.",
            unless="Who had more back than that level gets nothing; a forum may refuse that.",
            share=_tide,
        ),
        Mode(
            id="traced_first",
            title="Traced first",
            does="First what the case's rule traces to the pool for each claimant; the rest in proportion.",
            unless="Only where the forum allows a proprietary claim; tracing rewards chance.",
            share=_traced,
        ),
        Mode(
            id="statutory_priority",
            title="Statutory priority",
            does="By rank: each rank in full before the next, and in proportion within a rank.",
            unless="The ranks are what each claimant asserts, until a court has settled them.",
            share=_ranked,
        ),
    )
}


def _check(mode: str, pool: int, stakes: Sequence[Stake]) -> None:
    if mode not in MODES:
        raise unknown(mode)
    for stake in stakes:
        if min(stake.amount, stake.received, stake.traced) < 0 or pool < 0:
            raise Error(
                "allocation-negative",
                "A pool, a claim or what came back is below zero.",
                f"The pool is {pool}; {stake.claimant} claims {stake.amount} and had {stake.received} back.",
                "Each is zero or more: what came back is given apart from the claim.",
            )


def unknown(mode: str) -> Error:
    """There is no such mode."""
    from difflib import get_close_matches

    near = get_close_matches(mode, MODES, n=1)
    return Error(
        "mode-unknown",
        f"There is no way to share called {mode!r}." + (f" The nearest is {near[0]}." if near else ""),
        f"The modes are {', '.join(MODES)}.",
        "Name one or more of these with --mode.",
    )
