"""Habits of paying one service, where exhibits disagree on payments: these stand in no share of what left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from recover.findings.contradicted import Contradiction
from recover.findings.material import NEARLY, Habit, Material
from recover.findings.payments import Holding
from recover.linking.ladder import OPPOSED
from recover.sdk.plugin import GRADES
from recover.sdk.view import OffRamp

_OUT = "Payments on which exhibits disagree are left out of this share."
_LESS = "By a version of them, too much went elsewhere for it to be called a deposit address."
_WHOLE = 1_000_000


def weighed(material: Material, ramps: Sequence[OffRamp], disputes: Sequence[Contradiction]) -> list[OffRamp]:
    """The off-ramps; of a habit beside which payments are in dispute the basis says so. What would pay the service
    less than nearly all by some version of these is called no deposit address, but where a source calls it one,
    and on its habit alone is tied no better than a payment ties it."""
    at: dict[Holding, list[Contradiction]] = {}
    for one in disputes:
        at.setdefault(one.holding, []).append(one)
    return [_one(material, ramp, at) for ramp in ramps]


def _one(material: Material, ramp: OffRamp, at: Mapping[Holding, Sequence[Contradiction]]) -> OffRamp:
    open_ = at.get((ramp.through, ramp.asset), ())
    habit = material.habits.get((ramp.through, ramp.asset, ramp.service or ""))
    if not open_ or habit is None or habit.basis.removesuffix(".") not in ramp.basis:
        return ramp
    basis = f"{ramp.basis.removesuffix('.')}. {_OUT}"
    numbers = {*ramp.exhibits, *(n for one in open_ for n in one.exhibits)}
    made = replace(ramp, basis=basis, exhibits=tuple(sorted(numbers)))
    if (ramp.chain, ramp.through) in material.labels or not _less(ramp, habit, open_):
        return made
    alone = ramp.basis == habit.basis
    grade = next(one for one in GRADES if one == max(ramp.grade, OPPOSED)) if alone else ramp.grade
    return replace(made, basis=f"{basis} {_LESS}", grade=grade, deposit=False)


def _less(ramp: OffRamp, habit: Habit, open_: Sequence[Contradiction]) -> bool:
    """Whether by some version of each the service has less than nearly all of what left, in parts per million."""
    left = ramp.swept * _WHOLE // habit.share_ppm if habit.share_ppm else ramp.swept
    over = ramp.swept * _WHOLE - left * NEARLY
    for one in open_:
        over += min((v.paid.get(ramp.service or "", 0) * _WHOLE - v.out * NEARLY for v in one.versions), default=0)
    return over < 0
